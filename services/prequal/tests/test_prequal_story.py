"""The story's steps 5, 6 and 9, with its figures."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.prequal import v1
from prequal import store

pytestmark = pytest.mark.unit


def test_two_groups_a_full_zone_and_sixty_points_that_leave(world: Any) -> None:
    oslo = world.oslo
    group_a, group_b, of_a, of_b = world.id(1), world.id(2), world.id(3), world.id(4)
    world.group(group_a, points=range(420), in_area_2=range(300, 420))
    world.group(group_b, bsp=world.BSP_B, points=range(1000, 1320))
    world.cap(3_000_000)

    received, *asked = world.apply(of_a, group_a, 2_000_000, at=oslo(1, 6, 9)).then_only(
        v1.ApplicationReceived, v1.GridAssessmentRequested, v1.GridAssessmentRequested
    )
    assert (received.declared_up_w, received.declared_down_w) == (2_100_000, 0)
    assert received.complete_at == oslo(1, 6, 9)
    assert received.decide_by == oslo(4, 7)
    assert [(one.dso, len(one.points), one.due_at) for one in asked] == [
        (world.DSO_1, 300, oslo(2, 4)),
        (world.DSO_2, 120, oslo(2, 4)),
    ]

    (first,) = world.assess(of_a, world.DSO_1, at=oslo(1, 20, 9)).then_only(v1.GridAssessed)
    assert (first.deliverable_up_w, first.still_asked) == (1_500_000, (world.DSO_2,))
    limits = [world.limit(n, 3_000) for n in range(300, 330)] + [world.limit(n, 0) for n in range(330, 334)]
    (second,) = world.assess(of_a, world.DSO_2, "limited", limits=limits, at=oslo(1, 20, 10)).then_only(v1.GridAssessed)
    assert (second.deliverable_up_w, second.still_asked) == (2_020_000, ())
    world.apply(of_b, group_b, 1_600_000, bsp=world.BSP_B, at=oslo(1, 20, 12))

    decided, reserved, biddable = world.decide(of_a, up_w=2_000_000, at=oslo(1, 27, 9)).then_only(
        v1.PrequalificationDecided, v1.VolumeReserved, v1.BiddableChanged
    )
    assert decided.dsos == (world.DSO_1, world.DSO_2)
    assert (reserved.reserved_w, reserved.cap_w, reserved.used_w, reserved.free_w) == (
        2_000_000, 3_000_000, 2_000_000, 1_000_000,
    )  # fmt: skip
    assert (biddable.up_w, biddable.down_w, biddable.valid_from) == (2_000_000, 0, oslo(1, 27, 9))
    assert (biddable.approved_up_w, biddable.deliverable_up_w) == (2_000_000, 2_020_000)

    world.assess(of_b, world.DSO_1, at=oslo(2, 2, 9)).then_only(v1.GridAssessed)
    _, queued = world.decide(of_b, up_w=1_600_000, at=oslo(2, 2, 12)).then_only(
        v1.PrequalificationDecided, v1.ApplicationQueued
    )
    assert (queued.place, queued.requested_w, queued.cap_w, queued.used_w, queued.free_w) == (
        1, 1_600_000, 3_000_000, 2_000_000, 1_000_000,
    )  # fmt: skip
    assert queued.complete_at == oslo(1, 20, 12)

    raised, entered, may_bid = world.cap(4_000_000, at=oslo(2, 16, 9)).then_only(
        v1.ZoneCapSet, v1.VolumeReserved, v1.BiddableChanged
    )
    assert (raised.used_w, raised.free_w, raised.waiting) == (2_000_000, 2_000_000, 1)
    assert (entered.application_id, entered.used_w, entered.free_w) == (of_b, 3_600_000, 400_000)
    assert (may_bid.group_id, may_bid.up_w, may_bid.deliverable_up_w) == (group_b, 1_000_000, 1_600_000)

    midnight = oslo(4, 15)
    announced = [
        world.scenario.when(world.leaves(group_a, n, midnight), at=oslo(4, 1, 9)).then_only(v1.BiddableChanged)[0]
        for n in range(60)
    ]
    assert {event.valid_from for event in announced} == {midnight}
    last = announced[-1]
    assert (last.deliverable_up_w, last.up_w, last.approved_up_w) == (1_720_000, 1_000_000, 2_000_000)
    assert not last.below_minimum

    world.scenario.until(midnight).then()
    for n in range(60):
        world.scenario.when(world.left(group_a, n, midnight), at=midnight).then()
    standing = world.scenario.state(store.APPROVAL, group_a)
    assert [(step.valid_from, step.biddable.up_w) for step in standing.steps] == [
        (oslo(1, 27, 9), 2_000_000),
        (midnight, 1_000_000),
    ]
    assert world.scenario.state(store.ZONE, world.ZONE).used_w == 3_600_000
