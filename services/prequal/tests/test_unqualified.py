"""What is approved for a BSP that is not qualified any more does not keep its volume for ever (R41)."""

from __future__ import annotations

from typing import Any

import pytest
from prequal_qualifying import Case

from chassis.testing import Outcome
from contracts.prequal import v1
from contracts.registry import v1 as registry
from prequal import store

pytestmark = pytest.mark.unit


@pytest.fixture
def group(world: Any) -> str:
    """1,200 kW approved, of BSP A."""
    group = world.group(world.id(1), points=range(3), up_w=500_000)
    world.cap(1_500_000)
    world.apply(world.id(2), group, 1_200_000)
    world.assess(world.id(2), world.DSO_1)
    world.decide(world.id(2), up_w=1_200_000)
    return group


def revoke(world: Any) -> Outcome:
    command = v1.RevokeQualification(reasons="It does not answer.")
    return world.tso(world.id(900), command, at=world.oslo(2, 6, 12))


def named(outcome: Outcome, kind: type) -> list[Any]:
    return [event for event in outcome.events if isinstance(event, kind)]


def open_tasks(world: Any) -> set[str]:
    names = (f"regain-qualification/{world.id(2)}/{world.BSP_A}", f"review-unqualified-approval/{world.id(2)}/tso")
    return {name.split("/")[0] for name in names if world.scenario.state(store.TASK, name)}


def test_it_is_told_when_the_approval_ends_and_then_it_does(world: Any, group: str) -> None:
    (told,) = named(revoke(world), v1.ApprovalEndAnnounced)
    end = world.oslo(5, 8)
    assert (told.group_id, told.application_id, told.bsp, told.days) == (group, world.id(2), world.BSP_A, 90)
    assert told.ends_at == end, "90 days from the next midnight"
    assert open_tasks(world) == {"regain-qualification", "review-unqualified-approval"}
    assert world.scenario.state(store.ZONE, world.ZONE).used_w == 1_200_000

    assert named(world.scenario.until(world.oslo(5, 7)), v1.ApprovalEnded) == []
    (ended,) = named(world.scenario.until(end), v1.ApprovalEnded)
    assert (ended.because, ended.released_w) == ("not-qualified", 1_200_000)
    assert world.scenario.state(store.ZONE, world.ZONE).used_w == 0
    assert open_tasks(world) == set()


def test_qualified_again_it_goes_on(world: Any, group: str) -> None:
    revoke(world)
    outcome = Case(world, 950).qualify(world.oslo(3, 2))
    (cancelled,) = named(outcome, v1.ApprovalEndCancelled)
    assert (cancelled.group_id, cancelled.because) == (group, "not-qualified")
    assert open_tasks(world) == set()
    assert named(world.scenario.until(world.oslo(12, 31)), v1.ApprovalEnded) == []


def test_the_days_are_policy_and_what_is_told_stands(world: Any, group: str) -> None:
    world.scenario.given(
        registry.PolicySet(
            key="approval.unqualified-days", value=10, unit="days", valid_from=world.oslo(2, 1), source="ours",
            owner="prequal", reason="A try.", by=world.TSO, former=90,
        )
    )  # fmt: skip
    (told,) = named(revoke(world), v1.ApprovalEndAnnounced)
    assert told.ends_at == world.oslo(2, 17)
    again = world.scenario.when(world.counts(group, 1, up_w=400_000), at=world.oslo(2, 8))
    assert named(again, v1.ApprovalEndAnnounced) == []
