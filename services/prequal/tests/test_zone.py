"""The cap of a zone, and its queue."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.prequal import v1
from prequal import store

pytestmark = pytest.mark.unit

ENTERED = (v1.PrequalificationDecided, v1.VolumeReserved, v1.BiddableChanged)
QUEUED = (v1.PrequalificationDecided, v1.ApplicationQueued)


def prepare(world: Any, n: int, size_w: int) -> str:
    """A group of one point, applied for and assessed: the n-th that was complete."""
    group = world.group(world.id(100 + n), points=[n], up_w=size_w)
    world.apply(world.id(200 + n), group, size_w, at=world.oslo(1, 6, 9, n))
    world.assess(world.id(200 + n), world.DSO_1)
    return world.id(200 + n)


def entered(events: list[Any]) -> list[str]:
    """The applications that entered, in order."""
    return [event.application_id for event in events if isinstance(event, v1.VolumeReserved)]


@pytest.mark.rule("CAP_REASON_MISSING")
def test_a_cap_is_justified(world: Any) -> None:
    world.cap(1_000_000, reasons=()).refused("CAP_REASON_MISSING", path="/reasons")
    world.cap(1_000_000, assessment=" ").refused("CAP_REASON_MISSING", path="/assessment")


def test_the_order_is_when_it_was_complete_not_when_it_was_approved(world: Any) -> None:
    world.cap(0)
    first, second, third = (prepare(world, n, 1_000_000) for n in range(3))
    (_, place_of_third) = world.decide(third, up_w=1_000_000).then_only(*QUEUED)
    assert place_of_third.place == 1
    (_, place_of_first, place_of_third) = world.decide(first, up_w=1_000_000).then_only(*QUEUED, v1.ApplicationQueued)
    assert [(one.application_id, one.place) for one in (place_of_first, place_of_third)] == [(first, 1), (third, 2)]
    world.decide(second, up_w=1_000_000).then_only(*QUEUED, v1.ApplicationQueued)

    events = world.cap(2_000_000, at=world.oslo(2, 1)).events
    assert entered(events) == [first, second]
    last = events[-1]
    assert (last.application_id, last.place, last.used_w, last.free_w) == (third, 1, 2_000_000, 0)


def test_a_smaller_one_never_passes_a_larger_one(world: Any) -> None:
    world.cap(3_000_000)
    larger, smaller = prepare(world, 0, 4_000_000), prepare(world, 1, 1_000_000)
    world.decide(larger, up_w=4_000_000).then_only(*QUEUED)
    (_, queued) = world.decide(smaller, up_w=1_000_000).then_only(*QUEUED)
    assert (queued.place, queued.free_w) == (2, 3_000_000)
    assert entered(world.cap(4_999_999, at=world.oslo(2, 1)).events) == [larger]
    assert entered(world.cap(5_000_000, at=world.oslo(2, 2)).events) == [smaller]


def test_one_that_was_complete_before_those_who_wait_enters_if_it_fits(world: Any) -> None:
    world.cap(1_000_000)
    early, late = prepare(world, 0, 1_000_000), prepare(world, 1, 2_000_000)
    world.decide(late, up_w=2_000_000).then_only(*QUEUED)
    world.decide(early, up_w=1_000_000).then_only(*ENTERED)
    zone = world.scenario.state(store.ZONE, world.ZONE)
    assert [one.application_id for one in zone.waiting] == [late]


def test_lowering_the_cap_takes_nothing_away(world: Any) -> None:
    world.cap(3_000_000)
    world.decide(prepare(world, 0, 3_000_000), up_w=3_000_000).then_only(*ENTERED)
    (lowered,) = world.cap(1_000_000, at=world.oslo(2, 1)).then_only(v1.ZoneCapSet)
    assert (lowered.used_w, lowered.free_w, lowered.deficit_w, lowered.waiting) == (3_000_000, 0, 2_000_000, 0)
    (_, queued) = world.decide(prepare(world, 1, 1_000_000), up_w=1_000_000, at=world.oslo(2, 1)).then_only(*QUEUED)
    assert (queued.place, queued.free_w, queued.deficit_w) == (1, 0, 2_000_000)


def test_at_one_moment_the_position_decides(world: Any) -> None:
    world.cap(0)
    for n in range(2):
        group = world.group(world.id(100 + n), points=[n], up_w=1_000_000)
        world.apply(world.id(200 + n), group, 1_000_000, at=world.oslo(1, 6))
        world.assess(world.id(200 + n), world.DSO_1)
    world.decide(world.id(201), up_w=1_000_000)
    world.decide(world.id(200), up_w=1_000_000)
    zone = world.scenario.state(store.ZONE, world.ZONE)
    assert [one.application_id for one in zone.waiting] == [world.id(200), world.id(201)]


def test_who_falls_below_the_minimum_while_it_waits_leaves_the_queue_at_that_midnight(world: Any) -> None:
    world.cap(1_000_000)
    group = world.group(world.id(1), points=range(4), up_w=300_000)
    world.apply(world.id(2), group, 1_200_000)
    world.assess(world.id(2), world.DSO_1)
    world.decide(world.id(2), up_w=1_200_000).then_only(*QUEUED)
    behind = prepare(world, 50, 1_000_000)
    world.decide(behind, up_w=1_000_000).then_only(*QUEUED)

    midnight = world.oslo(2, 10)
    (told,) = world.scenario.when(world.leaves(group, 0, midnight), at=world.oslo(2, 1)).then_only(v1.ApplicationQueued)
    assert (told.place, told.lapses_at) == (1, midnight)
    lapsed, reserved, _ = world.scenario.until(midnight).then_only(
        v1.ApplicationLapsed, v1.VolumeReserved, v1.BiddableChanged
    )
    assert (lapsed.application_id, lapsed.deliverable_up_w, lapsed.minimum_w) == (world.id(2), 900_000, 1_000_000)
    assert reserved.application_id == behind
    world.scenario.when(world.left(group, 0, midnight), at=midnight).then()
    assert world.scenario.state(store.APPROVAL, group).under_way is None


STEPS = st.lists(
    st.one_of(st.tuples(st.just("approve"), st.integers(0, 5)), st.tuples(st.just("cap"), st.integers(0, 9))),
    min_size=1,
    max_size=14,
)


@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(1_000_000, 4_000_000), min_size=6, max_size=6), steps=STEPS)
def test_the_cap_holds_and_nobody_is_overtaken_in_any_order(
    another_world: Any, sizes: list[int], steps: list[tuple[str, int]]
) -> None:
    world = another_world()
    world.qualified(world.BSP_A)
    world.cap(4_000_000)
    ids = [prepare(world, n, size) for n, size in enumerate(sizes)]
    undecided = set(range(6))
    waiting: set[int] = set()
    used = 0
    for what, n in steps:
        if what == "cap":
            events = world.cap(n * 1_000_000).events
        elif n in undecided:
            events = world.decide(ids[n], up_w=sizes[n]).events
            undecided.remove(n)
            waiting.add(n)
        else:
            continue
        for application_id in entered(events):
            one = ids.index(application_id)
            assert one == min(waiting), "it overtook one that was complete before"
            waiting.remove(one)
            used += sizes[one]
            assert used <= world.scenario.state(store.ZONE, world.ZONE).cap_w, "it entered without room"
        zone = world.scenario.state(store.ZONE, world.ZONE)
        assert zone.used_w == used
        assert [ids.index(one.application_id) for one in zone.waiting] == sorted(waiting)
        assert not waiting or sizes[min(waiting)] > zone.free_w, "the first in the queue waits although there is room"
