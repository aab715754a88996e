"""Less of an approval, or none any more: what becomes free serves the queue."""

from __future__ import annotations

from typing import Any

import pytest
from zones_given import approved, end, entered_by, reduce, zone

from contracts.prequal import v1
from contracts.registry import v1 as registry

pytestmark = pytest.mark.unit

REDUCED = (v1.ApprovalReduced, v1.BiddableChanged)
ENDED = (v1.ApprovalEnded, v1.BiddableChanged)


def test_less_is_approved_and_what_is_free_serves_the_queue(world: Any) -> None:
    world.cap(3_000_000)
    approved(world, 0, 3_000_000, 1_000_000)
    approved(world, 1, 2_000_000)
    reduced, biddable, entered, _ = reduce(world, 0, 1_000_000, 1_000_000).then_only(
        *REDUCED, v1.VolumeReserved, v1.BiddableChanged
    )
    assert (reduced.former_up_w, reduced.released_w, reduced.reserved_w, reduced.by) == (
        3_000_000,
        2_000_000,
        1_000_000,
        world.BSP_A,
    )
    assert (biddable.up_w, biddable.down_w, biddable.approved_up_w) == (1_000_000, 1_000_000, 1_000_000)
    assert (entered.application_id, entered.used_w) == (world.id(201), 3_000_000)


def test_one_direction_alone_may_release_nothing(world: Any) -> None:
    world.cap(3_000_000)
    approved(world, 0, 3_000_000, 2_000_000)
    reduced, _ = reduce(world, 0, 3_000_000, 0).then_only(*REDUCED)
    assert (reduced.released_w, zone(world).used_w) == (0, 3_000_000)


def test_the_tso_reduces_any_group(world: Any) -> None:
    world.cap(3_000_000)
    approved(world, 0, 2_000_000)
    reduced, _ = reduce(world, 0, 1_000_000, sender=world.TSO).then_only(*REDUCED)
    assert reduced.by == world.TSO


@pytest.mark.rule("APPROVAL_UNKNOWN")
def test_another_bsp_learns_nothing(world: Any) -> None:
    world.cap(3_000_000)
    approved(world, 0, 2_000_000)
    known, unknown = reduce(world, 0, 1_000_000, sender=world.BSP_B), reduce(world, 7, 1_000_000, sender=world.BSP_B)
    assert known.refused("APPROVAL_UNKNOWN") == unknown.refused("APPROVAL_UNKNOWN")
    end(world, 0, sender=world.BSP_B).refused("APPROVAL_UNKNOWN")
    world.group(world.id(108), points=[8])
    end(world, 8, sender=world.TSO).refused("APPROVAL_UNKNOWN")


@pytest.mark.rule("NOT_A_REDUCTION")
def test_a_reduction_is_no_growth(world: Any) -> None:
    world.cap(3_000_000)
    approved(world, 0, 2_000_000, 1_000_000)
    reduce(world, 0, 2_000_000, 1_000_000).refused("NOT_A_REDUCTION", limit=2_000_000)
    reduce(world, 0, 1_000_000, 1_000_001).refused("NOT_A_REDUCTION", path="/down_w", limit=1_000_000)


@pytest.mark.rule("REDUCED_BELOW_MINIMUM")
def test_what_stays_is_at_least_the_minimum(world: Any) -> None:
    world.cap(3_000_000)
    approved(world, 0, 2_000_000)
    reduce(world, 0, 999_999).refused("REDUCED_BELOW_MINIMUM", limit=1_000_000, actual=999_999)
    reduce(world, 0, 1_000_000).then_only(*REDUCED)


@pytest.mark.rule("APPROVAL_REASON_MISSING")
def test_it_is_said_why(world: Any) -> None:
    world.cap(3_000_000)
    approved(world, 0, 2_000_000)
    reduce(world, 0, 1_000_000, reasons=" ").refused("APPROVAL_REASON_MISSING", path="/reasons")
    end(world, 0, reasons="\n").refused("APPROVAL_REASON_MISSING", path="/reasons")


@pytest.mark.parametrize(("sender", "because"), [("BSP_A", "given-up"), ("TSO", "tso")])
def test_an_approval_that_ends_frees_its_volume(world: Any, sender: str, because: str) -> None:
    world.cap(2_000_000)
    approved(world, 0, 2_000_000)
    approved(world, 1, 2_000_000)
    ended, nothing, entered, _ = end(world, 0, sender=getattr(world, sender)).then_only(
        *ENDED, v1.VolumeReserved, v1.BiddableChanged
    )
    assert (ended.because, ended.by, ended.reasons) == (because, getattr(world, sender), "No more.")
    assert (ended.released_w, nothing.up_w, nothing.approved_up_w) == (2_000_000, 0, 0)
    assert entered.application_id == world.id(201)
    end(world, 0).refused("APPROVAL_UNKNOWN")
    world.apply(world.id(300), world.id(100), 2_000_000, at=world.oslo(2, 2)).then_only(
        v1.ApplicationReceived, v1.GridAssessmentRequested
    )


# A group that ends in `registry`


def group_ended(world: Any, n: int) -> registry.GroupEnded:
    return registry.GroupEnded(
        group_id=world.id(100 + n), bsp=world.BSP_A, zone=world.ZONE, valid_to=world.oslo(2, 1), because="left"
    )


def test_with_its_group_an_approval_ends_at_once_without_a_grace_period(world: Any) -> None:
    world.cap(2_000_000)
    approved(world, 0, 2_000_000)
    approved(world, 1, 1_000_000)
    at = world.oslo(2, 1)
    below = world.scenario.when(world.left(world.id(100), 0, at), at=at).events[-1]
    assert (below.below_minimum, zone(world).used_w) == (True, 2_000_000), "while it may recover, it stays reserved"
    ended, *rest = world.scenario.when(group_ended(world, 0), at=at).events
    assert (ended.because, ended.by, ended.released_w) == ("group-ended", None, 2_000_000)
    assert entered_by(rest) == [world.id(201)]
    assert world.scenario.until(world.oslo(4, 1)).events == [], "nothing is left of its grace period"


def test_one_that_waits_with_its_group_at_an_end_leaves_the_queue(world: Any) -> None:
    world.cap(0)
    approved(world, 0, 2_000_000)
    approved(world, 1, 1_000_000)
    at = world.oslo(2, 1)
    events = world.scenario.when(world.left(world.id(100), 0, at), at=at).events
    lapsed, moved = (event for event in events if isinstance(event, v1.ApplicationLapsed | v1.ApplicationQueued))
    assert (lapsed.application_id, moved.application_id, moved.place) == (world.id(200), world.id(201), 1)
    world.scenario.when(group_ended(world, 0), at=at).then()


# A border that is moved (E8, D16)


def test_what_a_moved_border_takes_from_a_group_stays_reserved_until_somebody_reduces_it(world: Any) -> None:
    world.cap(3_000_000)
    group = world.group(world.id(100))
    for n in range(2):
        world.join(group, n, up_w=1_500_000)
    world.apply(world.id(200), group, 3_000_000)
    world.assess(world.id(200), world.DSO_1)
    world.decide(world.id(200), up_w=3_000_000)
    approved(world, 1, 1_000_000)
    moves = world.oslo(2, 10)
    announced = registry.MembershipEndAnnounced(
        group_id=group, metering_point_id=world.point(0), bsp=world.BSP_A, dso=world.DSO_1, valid_to=moves,
        because="zone", declared_up_w=0, declared_down_w=0,
    )  # fmt: skip
    (told,) = world.scenario.when(announced, at=world.oslo(2, 1)).then_only(v1.BiddableChanged)
    assert (told.valid_from, told.up_w, told.deliverable_up_w, told.approved_up_w) == (
        moves,
        1_000_000,
        1_500_000,
        3_000_000,
    )
    world.scenario.until(moves)
    assert zone(world).used_w == 3_000_000
    entered = reduce(world, 0, 1_500_000, sender=world.TSO, at=moves).events[-2]
    assert (entered.application_id, entered.used_w) == (world.id(201), 2_500_000)
