"""A BSP that is to be taken over: from then on what may be bid follows the successor's qualification, also ahead."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from prequal_qualifying import Case

from contracts.prequal import v1
from contracts.registry import v1 as registry
from prequal import store

pytestmark = pytest.mark.unit


@pytest.fixture
def world(world: Any) -> Any:
    """BSP B is not qualified after 5 February."""
    revoked = v1.RevokeQualification(reasons="It does not answer.")
    world.group(world.id(1), points=range(3), up_w=500_000)
    world.cap(1_500_000)
    world.apply(world.id(2), world.id(1), 1_200_000)
    world.assess(world.id(2), world.DSO_1)
    world.decide(world.id(2), up_w=1_200_000)
    world.tso(world.id(901), revoked, at=world.oslo(2, 5))
    return world


def announced(world: Any, **over: Any) -> Any:
    """BSP A's group is to be B's from 1 March."""
    fields = {"start": world.oslo(3, 1)} | over
    event = registry.GroupSuccessionAnnounced(
        group_id=world.id(1), merger_id=world.id(70), bsp=world.BSP_A, successor=world.BSP_B, **fields
    )
    return world.scenario.when(event, at=world.oslo(2, 10))


def passed(world: Any) -> Any:
    event = registry.GroupPassed(
        group_id=world.id(1), merger_id=world.id(70), bsp=world.BSP_A, successor=world.BSP_B, start=world.oslo(3, 1)
    )
    world.scenario.until(world.oslo(3, 1))
    return world.scenario.when(event, at=world.oslo(3, 1))


def steps(outcome: Any) -> list[tuple[Any, int]]:
    return [(one.valid_from, one.up_w) for one in outcome.events if isinstance(one, v1.BiddableChanged)]


def named(outcome: Any, kind: type) -> list[Any]:
    return [one for one in (*outcome.events, *outcome.beside) if isinstance(one, kind)]


def bid(world: Any, at: Any) -> int:
    return world.biddable(world.id(1), at).biddable.up_w


def test_nothing_may_be_bid_from_then_on_for_who_is_not_qualified_and_that_is_told_ahead(world: Any) -> None:
    outcome = announced(world)
    assert steps(outcome) == [(world.oslo(3, 1), 0)]
    (then,) = named(outcome, v1.BiddableChanged)
    assert [(one.kind, one.by, one.reason_code) for one in then.lowered] == [
        ("qualification", world.BSP_B, "not-qualified")
    ]
    (warned,) = named(outcome, v1.MegawattStepWarned)
    assert (warned.lost_at, warned.then_w) == (world.oslo(3, 1), 0)
    assert bid(world, world.oslo(2, 28, 23)) == 1_000_000
    # Nothing ends before it is theirs.
    assert named(outcome, v1.ApprovalEndAnnounced) == []
    at_midnight = passed(world)
    assert steps(at_midnight) == []
    (ending,) = named(at_midnight, v1.ApprovalEndAnnounced)
    assert (ending.bsp, ending.days) == (world.BSP_B, 90)


def test_where_the_successor_is_qualified_nothing_changes(world: Any) -> None:
    Case(world, 950, bsp=world.BSP_B).qualify(world.oslo(2, 6))
    announced(world).then()
    passed(world).then_only(v1.ApplicationPassed)
    assert bid(world, world.oslo(3, 2)) == 1_000_000


def test_the_successor_is_qualified_before_or_after_the_midnight(world: Any) -> None:
    announced(world)
    outcome = Case(world, 950, bsp=world.BSP_B).qualify(world.oslo(2, 12), last_day="2026-03-09")
    assert steps(outcome) == [(world.oslo(3, 1), 1_000_000), (world.oslo(3, 10), 0)]
    # What it loses before the midnight is told ahead, too.
    revoked = world.tso(world.id(950), v1.RevokeQualification(reasons="No."), at=world.oslo(2, 13))
    assert steps(revoked) == [(world.oslo(3, 1), 0)]
    passed(world)
    assert steps(Case(world, 951, bsp=world.BSP_B).qualify(world.oslo(3, 5))) == [
        (world.oslo(3, 5) + timedelta(seconds=2), 1_000_000),
        # It had been told that there was nothing from its last day on.
        (world.oslo(3, 10), 1_000_000),
    ]


def test_what_the_former_bsp_loses_counts_until_the_midnight_alone(world: Any) -> None:
    Case(world, 950, bsp=world.BSP_B).qualify(world.oslo(2, 6))
    announced(world)
    at = world.oslo(2, 20)
    revoked = world.tso(world.id(900), v1.RevokeQualification(reasons="No contract."), at=at)
    assert steps(revoked) == [(at, 0), (world.oslo(3, 1), 1_000_000)]
    (cancelled,) = named(passed(world), v1.ApprovalEndCancelled)
    assert cancelled.group_id == world.id(1)


def test_what_is_called_off_is_as_it_was(world: Any) -> None:
    announced(world)
    event = registry.GroupSuccessionCancelled(
        group_id=world.id(1), merger_id=world.id(70), bsp=world.BSP_A, successor=world.BSP_B
    )
    outcome = world.scenario.when(event, at=world.oslo(2, 15))
    assert steps(outcome) == [(world.oslo(3, 1), 1_000_000)]
    (cleared,) = named(outcome, v1.MegawattStepWarningCleared)
    assert cleared.because == "recovered"
    assert world.scenario.state(store.GROUP, world.id(1)).succession is None
    # What becomes of who was to be its BSP does not concern it.
    assert Case(world, 950, bsp=world.BSP_B).qualify(world.oslo(2, 16)).beside == []


@pytest.mark.parametrize("over", [{"target": "bsp"}, {"target": "bsp-product", "product": "mFRR"}])
def test_a_suspension_of_the_former_bsp_does_not_reach_what_has_passed(world: Any, over: dict[str, Any]) -> None:
    Case(world, 950, bsp=world.BSP_B).qualify(world.oslo(2, 6))
    announced(world)
    passed(world)
    command = v1.SetSuspension(bsp=world.BSP_A, reason_code="system-issues", **over)
    world.restrict(command, world.id(60), sender=world.TSO, at=world.oslo(3, 2)).then_only(v1.SuspensionSet)
    command = v1.SetSuspension(bsp=world.BSP_B, reason_code="system-issues", **over)
    world.restrict(command, world.id(61), sender=world.TSO, at=world.oslo(3, 3)).then_only(
        v1.SuspensionSet, v1.GroupRestricted, v1.BiddableChanged
    )
    assert bid(world, world.oslo(3, 3)) == 0
