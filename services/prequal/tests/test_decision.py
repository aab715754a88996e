"""The TSO's decision."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.prequal import v1
from prequal import store

pytestmark = pytest.mark.unit


@pytest.fixture
def application(world: Any) -> str:
    """1,500 kW up and 600 kW down, applied for in full."""
    group = world.group(world.id(1), points=range(3), up_w=500_000, down_w=200_000)
    world.apply(world.id(2), group, 1_500_000, 600_000)
    return world.id(2)


@pytest.mark.rule("APPLICATION_UNKNOWN")
def test_an_unknown_application(world: Any) -> None:
    world.decide(world.id(2), "rejected").refused("APPLICATION_UNKNOWN")


@pytest.mark.rule("DSO_ANSWER_MISSING")
@pytest.mark.parametrize("decision", ["approved", "rejected"])
def test_the_dsos_are_waited_for(world: Any, application: str, decision: str) -> None:
    world.cap(5_000_000)
    world.decide(application, decision, 1_500_000).refused("DSO_ANSWER_MISSING", actual=world.DSO_1, retryable=True)


@pytest.mark.rule("APPROVED_ABOVE_APPLIED")
def test_no_more_than_applied_for(world: Any, application: str) -> None:
    world.cap(5_000_000)
    world.assess(application, world.DSO_1)
    world.decide(application, up_w=1_500_001).refused("APPROVED_ABOVE_APPLIED", limit=1_500_000, path="/up_w")
    world.decide(application, up_w=1_500_000, down_w=600_001).refused("APPROVED_ABOVE_APPLIED", path="/down_w")


@pytest.mark.rule("APPROVED_ABOVE_DELIVERABLE")
def test_no_more_than_the_dsos_leave(world: Any, application: str) -> None:
    world.cap(5_000_000)
    world.assess(application, world.DSO_1, "limited", limits=[world.limit(0, 100_000, 0)])
    world.decide(application, up_w=1_200_000, down_w=400_000).refused(
        "APPROVED_ABOVE_DELIVERABLE", limit=1_100_000, actual=1_200_000, unit="W", path="/up_w"
    )
    world.decide(application, up_w=1_100_000, down_w=400_001).refused("APPROVED_ABOVE_DELIVERABLE", path="/down_w")
    world.decide(application, up_w=1_100_000, down_w=400_000).then_only(
        v1.PrequalificationDecided, v1.VolumeReserved, v1.BiddableChanged
    )


@pytest.mark.rule("APPROVED_BELOW_MINIMUM")
def test_no_less_than_the_minimum(world: Any, application: str) -> None:
    world.cap(5_000_000)
    world.assess(application, world.DSO_1)
    world.decide(application, up_w=999_999).refused("APPROVED_BELOW_MINIMUM", limit=1_000_000, actual=999_999)


@pytest.mark.rule("APPROVED_ABOVE_MAXIMUM")
def test_no_more_than_the_maximum(world: Any) -> None:
    world.cap(9_000_000)
    group = world.group(world.id(1), points=range(11), up_w=500_000)
    world.apply(world.id(2), group, 5_500_000)
    world.assess(world.id(2), world.DSO_1)
    world.decide(world.id(2), up_w=5_000_001).refused("APPROVED_ABOVE_MAXIMUM", limit=5_000_000, actual=5_000_001)
    world.decide(world.id(2), up_w=5_000_000).then_only(
        v1.PrequalificationDecided, v1.VolumeReserved, v1.BiddableChanged
    )


@pytest.mark.rule("ZONE_CAP_MISSING")
def test_a_zone_without_a_cap_takes_nobody(world: Any, application: str) -> None:
    world.assess(application, world.DSO_1)
    world.decide(application, up_w=1_500_000).refused("ZONE_CAP_MISSING", actual="NO3")


@pytest.mark.rule("NOT_UNDER_DECISION")
def test_it_is_decided_once_and_after_a_rejection_the_group_may_apply_again(world: Any, application: str) -> None:
    world.assess(application, world.DSO_1)
    (decided,) = world.decide(application, "rejected").then_only(v1.PrequalificationDecided)
    assert (decided.up_w, decided.deliverable_up_w, decided.minimum_w) == (0, 1_500_000, 1_000_000)
    world.decide(application, "rejected").refused("NOT_UNDER_DECISION", actual="rejected")
    world.apply(world.id(3), world.id(1), 1_000_000).then_only(v1.ApplicationReceived, v1.GridAssessmentRequested)


def test_three_months_without_a_decision_are_told_once(world: Any, application: str) -> None:
    world.assess(application, world.DSO_1)
    world.cap(5_000_000)
    told = world.scenario.until(world.oslo(12, 31)).events
    (overdue,) = [event for event in told if isinstance(event, v1.PrequalificationOverdue)]
    assert overdue.decide_by == world.oslo(4, 7)
    world.decide(application, up_w=1_500_000, at=world.oslo(12, 31)).then_only(
        v1.PrequalificationDecided, v1.VolumeReserved, v1.BiddableChanged
    )
    assert world.scenario.state(store.APPLICATION, application).status == "admitted"


def test_each_direction_is_floored_on_its_own(world: Any) -> None:
    world.cap(5_000_000)
    group = world.group(world.id(1), points=range(3), up_w=500_000, down_w=900_000)
    world.apply(world.id(2), group, 1_500_000, 2_700_000)
    world.assess(world.id(2), world.DSO_1)
    _, reserved, biddable = world.decide(world.id(2), up_w=1_500_000, down_w=2_700_000).then_only(
        v1.PrequalificationDecided, v1.VolumeReserved, v1.BiddableChanged
    )
    assert reserved.reserved_w == 2_700_000
    assert (biddable.up_w, biddable.down_w) == (1_000_000, 2_000_000)


@pytest.mark.rule("DECISION_REASONS_MISSING")
@pytest.mark.parametrize("decision", ["approved", "rejected"])
def test_every_decision_has_reasons(world: Any, decision: str) -> None:
    group = world.group(world.id(1), points=range(3), up_w=500_000)
    world.cap(5_000_000)
    world.apply(world.id(2), group, 1_200_000)
    world.assess(world.id(2), world.DSO_1)
    world.decide(world.id(2), decision, up_w=1_200_000, reasons=" ").refused(
        "DECISION_REASONS_MISSING", path="/reasons"
    )
