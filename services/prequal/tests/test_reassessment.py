"""What is approved is assessed again: after five years, or when requirements or equipment change (E22)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from contracts import calendar
from contracts.prequal import v1
from contracts.registry import v1 as registry
from prequal import store

pytestmark = pytest.mark.unit

FIVE_YEARS = calendar.midnight(date(2031, 1, 28))
"""The end of 27 January 2031; it was approved on that day of 2026."""


@pytest.fixture
def application(world: Any) -> str:
    """1,200 kW, approved on 27 January."""
    group = world.group(world.id(1), points=range(3), up_w=500_000)
    world.cap(9_000_000)
    world.apply(world.id(2), group, 1_200_000)
    world.assess(world.id(2), world.DSO_1)
    world.decide(world.id(2), up_w=1_200_000)
    return world.id(2)


def midnight(*day: int) -> Any:
    """The beginning of a day."""
    return calendar.midnight(date(*day))


def test_it_is_due_after_five_years_and_reminded_of_six_months_before(world: Any, application: str) -> None:
    world.scenario.until(midnight(2030, 7, 27)).then()
    (soon,) = world.scenario.until(midnight(2030, 7, 28)).then_only(v1.ApplicationReminded)
    assert (soon.clock, soon.owed_by, soon.due_at) == ("reassessment", "tso", FIVE_YEARS)
    (overdue,) = world.scenario.until(midnight(2040, 1, 1)).then_only(v1.ApplicationOverdue)
    assert (overdue.clock, overdue.due_at) == ("reassessment", FIVE_YEARS)
    assert world.scenario.state(store.APPLICATION, application).status == "admitted"


def test_where_the_policy_says_so_the_approval_ends(world: Any, application: str) -> None:
    world.scenario.given(
        registry.PolicySet(key="prequalification.reassess-overdue", value="stop", unit=None,
                           valid_from=world.oslo(2, 1), source="E22", reason="x", owner="prequal", former="keep")
    )  # fmt: skip
    *_, ended, _ = world.scenario.until(FIVE_YEARS).then_only(
        v1.ApplicationReminded, v1.ApplicationOverdue, v1.ApprovalEnded, v1.BiddableChanged
    )
    assert ended.because == "not-reassessed"


def test_one_that_is_renewed_has_as_long_once_more(world: Any, application: str) -> None:
    at = midnight(2030, 12, 1)
    world.scenario.until(at)
    (again,) = world.tso(application, v1.ReassessApproval(outcome="renewed", text="Fine."), at=at).then_only(
        v1.ApprovalReassessed
    )
    assert [(one.clock, one.due_at) for one in again.clocks] == [("reassessment", midnight(2035, 12, 2))]
    assert [(one.clock, one.outcome) for one in again.stopped] == [("reassessment", "kept")]
    world.scenario.until(midnight(2035, 6, 1)).then()


def test_one_that_does_not_hold_ends_and_frees_its_volume(world: Any, application: str) -> None:
    again, ended, nothing = world.tso(
        application, v1.ReassessApproval(outcome="ended", text="It does not deliver."), at=world.oslo(5, 1)
    ).then_only(v1.ApprovalReassessed, v1.ApprovalEnded, v1.BiddableChanged)
    assert (again.outcome, ended.because, nothing.up_w) == ("ended", "reassessed", 0)
    assert world.scenario.state(store.ZONE, world.ZONE).used_w == 0


@pytest.mark.rule("DUE_DATE_PAST")
def test_a_change_of_requirements_makes_it_due_sooner_never_later(world: Any, application: str) -> None:
    def wish(due_on: date) -> v1.RequireReassessment:
        return v1.RequireReassessment(because="technical-requirements", text="A faster response.", due_on=due_on)

    world.tso(application, wish(date(2026, 4, 1)), at=world.oslo(4, 2)).refused("DUE_DATE_PAST", path="/due_on")
    (required,) = world.tso(application, wish(date(2026, 10, 25)), at=world.oslo(4, 2)).then_only(
        v1.ReassessmentRequired
    )
    # The day on which the clocks are moved back has 25 hours.
    assert required.due_at == world.oslo(10, 26)
    (later,) = world.tso(application, wish(date(2027, 1, 1)), at=world.oslo(4, 3)).then_only(v1.ReassessmentRequired)
    assert later.due_at == world.oslo(10, 26)
    soon, overdue = world.scenario.until(world.oslo(12, 1)).then_only(v1.ApplicationReminded, v1.ApplicationOverdue)
    assert (soon.due_at, overdue.due_at) == (world.oslo(10, 26), world.oslo(10, 26))


def test_an_application_for_more_takes_the_clock_of_the_one_it_replaces(world: Any, application: str) -> None:
    world.apply(world.id(3), world.id(1), 1_500_000, at=world.oslo(6, 1, 9))
    world.assess(world.id(3), world.DSO_1, at=world.oslo(6, 1, 10))
    world.decide(world.id(3), up_w=1_500_000, at=world.oslo(6, 2, 9))
    assert world.scenario.state(store.APPLICATION, application).clocks == ()
    (soon,) = world.scenario.until(midnight(2031, 6, 1)).then_only(v1.ApplicationReminded)
    assert soon.application_id == world.id(3)


def test_an_application_for_more_that_waits_needs_all_of_it_when_the_approval_ends(
    world: Any, application: str
) -> None:
    world.cap(1_400_000)
    world.apply(world.id(3), world.id(1), 1_500_000, at=world.oslo(6, 1, 9))
    world.assess(world.id(3), world.DSO_1, at=world.oslo(6, 1, 10))
    _, queued = world.decide(world.id(3), up_w=1_500_000, at=world.oslo(6, 2, 9)).then_only(
        v1.PrequalificationDecided, v1.ApplicationQueued
    )
    assert queued.requested_w == 300_000
    *_, told = world.tso(application, v1.ReassessApproval(outcome="ended", text="?"), at=world.oslo(6, 3)).then_only(
        v1.ApprovalReassessed, v1.ApprovalEnded, v1.BiddableChanged, v1.ApplicationQueued
    )
    assert told.requested_w == 1_500_000
    assert world.scenario.state(store.ZONE, world.ZONE).used_w == 0, "1,500 kW do not fit under 1,400"
    world.cap(1_500_000, at=world.oslo(6, 4)).then_only(v1.ZoneCapSet, v1.VolumeReserved, v1.BiddableChanged)
