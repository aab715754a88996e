"""What may be bid when members come and go."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.prequal import v1
from prequal import store

pytestmark = pytest.mark.unit


@pytest.fixture
def group(world: Any) -> str:
    """Approved for 3,000 kW up: six points of 500 kW."""
    world.cap(3_000_000)
    group = world.group(world.id(1), points=range(6), up_w=500_000)
    world.apply(world.id(2), group, 3_000_000)
    world.assess(world.id(2), world.DSO_1)
    world.decide(world.id(2), up_w=3_000_000)
    return group


def changes(events: list[Any]) -> list[tuple[Any, int, int]]:
    return [
        (event.valid_from, event.up_w, event.deliverable_up_w) for event in events if type(event) is v1.BiddableChanged
    ]


def test_an_earlier_leave_is_counted_in_the_later_ones_already_told(world: Any, group: str) -> None:
    late, early = world.oslo(3, 10), world.oslo(3, 1)
    told = world.scenario.when(world.leaves(group, 0, late), at=world.oslo(2, 1)).events
    assert changes(told) == [(late, 2_000_000, 2_500_000)]
    told = world.scenario.when(world.leaves(group, 1, early), at=world.oslo(2, 2)).events
    assert changes(told) == [(early, 2_000_000, 2_500_000), (late, 2_000_000, 2_000_000)]


def test_the_same_leave_told_again_changes_nothing(world: Any, group: str) -> None:
    for _ in range(2):
        outcome = world.scenario.when(world.leaves(group, 0, world.oslo(3, 10)), at=world.oslo(2, 1))
    outcome.then()


def test_an_end_that_moves_takes_back_what_was_told(world: Any, group: str) -> None:
    world.scenario.given(world.leaves(group, 0, world.oslo(3, 10)), at=world.oslo(2, 1))
    told = world.scenario.when(world.leaves(group, 0, world.oslo(3, 20)), at=world.oslo(2, 2)).events
    assert changes(told) == [
        (world.oslo(3, 10), 3_000_000, 3_000_000),
        (world.oslo(3, 20), 2_000_000, 2_500_000),
    ]


def test_a_stay_that_ends_where_it_began_counts_nothing(world: Any, group: str) -> None:
    began = world.oslo(1, 5)
    told = world.scenario.when(world.leaves(group, 0, began), at=world.oslo(2, 1)).events
    assert changes(told) == [(world.oslo(2, 1), 2_000_000, 2_500_000)]


def test_an_end_that_is_taken_back_is_bid_again(world: Any, group: str) -> None:
    midnight = world.oslo(3, 10)
    world.scenario.given(world.leaves(group, 0, midnight), at=world.oslo(2, 1))
    told = world.scenario.when(world.stays(group, 0), at=world.oslo(2, 2)).events
    assert changes(told) == [(midnight, 3_000_000, 3_000_000)]


def test_a_member_that_shrinks_counts_less_at_once_and_one_that_grows_no_more_than_was_assessed(
    world: Any, group: str
) -> None:
    told = world.scenario.when(world.counts(group, 0, up_w=400_000), at=world.oslo(2, 1)).events
    assert changes(told) == [(world.oslo(2, 1), 2_000_000, 2_900_000)]
    told = world.scenario.when(world.counts(group, 0, up_w=900_000), at=world.oslo(2, 2)).events
    assert changes(told) == [(world.oslo(2, 2), 3_000_000, 3_000_000)]


def test_a_new_member_counts_nothing_until_it_is_assessed(world: Any, group: str) -> None:
    (asked,) = world.scenario.when(world.joined(group, 9, up_w=500_000), at=world.oslo(2, 1)).then_only(
        v1.GridAssessmentRequested
    )
    assert (asked.because, [point.metering_point_id for point in asked.points]) == ("joined", [world.point(9)])


def test_a_point_that_comes_back_counts_as_it_was_assessed(world: Any, group: str) -> None:
    world.scenario.given(world.leaves(group, 0, world.oslo(3, 1)), at=world.oslo(2, 1))
    again = world.joined(group, 0, up_w=800_000, valid_from=world.oslo(3, 20))
    told = world.scenario.when(again, at=world.oslo(2, 10)).events
    assert changes(told) == [(world.oslo(3, 20), 3_000_000, 3_000_000)]


def test_a_member_that_must_leave_counts_until_it_ends(world: Any, group: str) -> None:
    from contracts.registry import v1 as registry

    mark = registry.MemberMustLeave(
        group_id=group, metering_point_id=world.point(0), bsp=world.BSP_A, dso=world.DSO_1, because="brp",
        since=world.oslo(4, 22), leave_by=world.oslo(5, 20), brp_consumption=world.BSP_B, brp_production=world.BSP_B,
        proposal="leave",
    )  # fmt: skip
    world.scenario.when(mark, at=world.oslo(4, 20)).then()
    assert world.scenario.state(store.GROUP, group).members[world.point(0)][0].leave_by == world.oslo(5, 20)
    stay = registry.MemberMayStay(
        group_id=group, metering_point_id=world.point(0), bsp=world.BSP_A, dso=world.DSO_1, because="brp"
    )
    world.scenario.when(stay, at=world.oslo(4, 21)).then()
    assert world.scenario.state(store.GROUP, group).members[world.point(0)][0].leave_by is None
    told = world.scenario.when(world.left(group, 0, world.oslo(5, 20)), at=world.oslo(5, 20)).events
    assert changes(told) == [(world.oslo(5, 20), 2_000_000, 2_500_000)]


def fall(world: Any, group: str, midnight: Any) -> v1.BiddableChanged:
    """Five of the six points leave: 500 kW are left."""
    told = [world.scenario.when(world.leaves(group, n, midnight), at=world.oslo(2, 1)).events for n in range(5)]
    return told[-1][-1]


def test_below_the_minimum_nothing_may_be_bid_and_after_the_grace_period_the_approval_ends(
    world: Any, group: str
) -> None:
    midnight, ends_at = world.oslo(3, 15), world.oslo(4, 12)
    told = fall(world, group, midnight)
    assert (told.up_w, told.below_minimum, told.approval_ends_at) == (0, True, ends_at)
    behind = world.group(world.id(5), points=[50], up_w=1_000_000)
    world.apply(world.id(6), behind, 1_000_000)
    world.assess(world.id(6), world.DSO_1, at=world.oslo(1, 20))
    world.decide(world.id(6), up_w=1_000_000, at=world.oslo(2, 2)).then_only(
        v1.PrequalificationDecided, v1.ApplicationQueued
    )
    for n in range(5):
        world.scenario.when(world.left(group, n, midnight), at=midnight).then()

    ended, stopped, reserved, _ = world.scenario.until(ends_at).then_only(
        v1.ApprovalEnded, v1.BiddableChanged, v1.VolumeReserved, v1.BiddableChanged
    )
    assert (ended.released_w, stopped.approved_up_w, stopped.up_w) == (3_000_000, 0, 0)
    assert (reserved.application_id, reserved.used_w) == (world.id(6), 1_000_000)
    world.scenario.until(world.oslo(12, 31)).then()
    assert world.scenario.state(store.APPLICATION, world.id(2)).status == "ended"
    world.scenario.when(world.left(group, 5, world.oslo(5, 1)), at=world.oslo(5, 1)).then()


def test_who_comes_back_within_the_grace_period_keeps_its_approval(world: Any, group: str) -> None:
    fall(world, group, world.oslo(3, 15))
    again = world.joined(group, 0, up_w=500_000, valid_from=world.oslo(4, 12))
    (told,) = world.scenario.when(again, at=world.oslo(4, 1)).then_only(v1.BiddableChanged)
    assert (told.valid_from, told.up_w, told.below_minimum) == (world.oslo(4, 12), 1_000_000, False)
    world.scenario.until(world.oslo(12, 31)).then()


def test_the_grace_period_is_counted_from_when_it_fell_not_from_what_happens_in_it(world: Any, group: str) -> None:
    fall(world, group, world.oslo(3, 15))
    told = world.scenario.when(world.left(group, 5, world.oslo(3, 20)), at=world.oslo(3, 20)).events
    released, *changed = told
    assert (type(released), released.concerned) == (v1.GridAssessmentReleased, False)
    assert [event.approval_ends_at for event in changed] == [world.oslo(4, 12)]
