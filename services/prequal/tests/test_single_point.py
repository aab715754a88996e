"""A regulation object of one large point goes the same way as a group, but for the cap and the sizes of groups."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.prequal import v1
from contracts.registry import v1 as registry
from prequal import store

pytestmark = pytest.mark.unit


def formed(world: Any, n: int, *, up_w: int, substation: str | None = None) -> str:
    """The n-th object."""
    world.scenario.given(
        registry.RegulationObjectFormed(
            object_id=world.id(n), name="Kjelen", metering_point_id=world.point(n), bsp=world.BSP_A, dso=world.DSO_1,
            zone=world.ZONE, grid_area=world.AREA_1, substation=substation, station_group=world.id(n), up_w=up_w,
            down_w=0, valid_from=world.oslo(1, 5), held_from=world.oslo(1, 5), point_limit_w=1_000_000,
        )
    )  # fmt: skip
    return world.id(n)


def powered(world: Any, n: int, up_w: int) -> registry.RegulationObjectPowerChanged:
    """What stands behind it has changed."""
    return registry.RegulationObjectPowerChanged(
        object_id=world.id(n), metering_point_id=world.point(n), bsp=world.BSP_A, dso=world.DSO_1, up_w=up_w,
        down_w=0, since=world.oslo(2, 1), point_limit_w=1_000_000,
    )  # fmt: skip


@pytest.mark.rule("GROUP_NOT_YOURS")
def test_it_is_applied_for_by_who_holds_it_and_its_dso_is_asked(world: Any) -> None:
    object_id = formed(world, 1, up_w=8_000_000)
    world.apply(world.id(2), object_id, 8_000_000, bsp=world.BSP_B).refused("GROUP_NOT_YOURS")
    received, asked = world.apply(world.id(2), object_id, 8_000_000).then_only(
        v1.ApplicationReceived, v1.GridAssessmentRequested
    )
    assert (received.kind, received.group_id, received.declared_up_w) == ("single-point", object_id, 8_000_000)
    assert [point.metering_point_id for point in asked.points] == [world.point(1)]


@pytest.mark.rule("OBJECT_BELOW_MINIMUM")
def test_a_point_below_the_least_bid_takes_part_in_a_group_or_not_at_all(world: Any) -> None:
    object_id = formed(world, 1, up_w=999_999)
    world.apply(world.id(2), object_id, 1_000_000).refused(
        "OBJECT_BELOW_MINIMUM", limit=1_000_000, actual=999_999, rule="R3"
    )
    world.apply(world.id(2), formed(world, 3, up_w=1_000_000), 1_000_000).then_only(
        v1.ApplicationReceived, v1.GridAssessmentRequested
    )


def test_the_cap_and_the_largest_size_are_for_groups(world: Any) -> None:
    object_id = formed(world, 1, up_w=8_500_000)
    world.apply(world.id(2), object_id, 8_000_000)
    world.assess(world.id(2), world.DSO_1)
    _, admitted, biddable = world.decide(world.id(2), up_w=8_000_000).then_only(
        v1.PrequalificationDecided, v1.SinglePointAdmitted, v1.BiddableChanged
    )
    assert (admitted.approved_up_w, biddable.up_w, biddable.group_id) == (8_000_000, 8_000_000, object_id)
    assert world.scenario.state(store.ZONE, world.ZONE) is None


def test_its_dso_is_told_what_may_be_activated_where_it_lies(world: Any) -> None:
    object_id = formed(world, 1, up_w=8_000_000)
    world.apply(world.id(2), object_id, 8_000_000)
    world.assess(world.id(2), world.DSO_1)
    at = world.oslo(2, 1)
    decided = world.decide(world.id(2), up_w=8_000_000, at=at)
    (where,) = (event for event in decided.beside if isinstance(event, v1.LocationReadinessChanged))
    assert (where.dso, where.grid_area, [(step.valid_from, step.up_w) for step in where.steps]) == (
        world.DSO_1,
        world.AREA_1,
        [(at, 8_000_000)],
    )


def test_it_passes_a_queue_of_groups(world: Any) -> None:
    world.cap(0)
    group = world.group(world.id(5), points=range(10, 13), up_w=500_000)
    world.apply(world.id(6), group, 1_000_000)
    world.assess(world.id(6), world.DSO_1)
    world.decide(world.id(6), up_w=1_000_000).then_only(v1.PrequalificationDecided, v1.ApplicationQueued)
    world.apply(world.id(2), formed(world, 1, up_w=2_000_000), 2_000_000)
    world.assess(world.id(2), world.DSO_1)
    world.decide(world.id(2), up_w=2_000_000).then_only(
        v1.PrequalificationDecided, v1.SinglePointAdmitted, v1.BiddableChanged
    )
    zone = world.scenario.state(store.ZONE, world.ZONE)
    assert (zone.used_w, len(zone.waiting)) == (0, 1)


def test_what_may_be_bid_follows_what_is_behind_the_point(world: Any) -> None:
    object_id = formed(world, 1, up_w=3_000_000)
    world.apply(world.id(2), object_id, 3_000_000)
    world.assess(world.id(2), world.DSO_1)
    world.decide(world.id(2), up_w=3_000_000)
    (less,) = world.scenario.when(powered(world, 1, 1_900_000), at=world.oslo(2, 1)).then_only(v1.BiddableChanged)
    assert (less.up_w, less.deliverable_up_w, less.approved_up_w) == (1_000_000, 1_900_000, 3_000_000)
    below, *_ = world.scenario.when(powered(world, 1, 900_000), at=world.oslo(2, 2)).then_only(v1.BiddableChanged)
    assert (below.up_w, below.below_minimum) == (0, True)
    (asked, _) = world.scenario.when(powered(world, 1, 3_500_000), at=world.oslo(2, 3)).then_only(
        v1.GridAssessmentRequested, v1.BiddableChanged
    )
    assert (asked.because, asked.points[0].up_w) == ("grown", 3_500_000)
    (ended, _) = world.tso(world.id(2), v1.ReassessApproval(outcome="ended", text="?"), at=world.oslo(2, 4)).events[1:]
    assert (ended.because, ended.released_w) == ("reassessed", 0)


def test_one_that_ends_lapses_its_application_and_one_that_is_approved_may_bid_nothing_then(world: Any) -> None:
    of_point = {"metering_point_id": world.point(1), "bsp": world.BSP_A, "dso": world.DSO_1}
    object_id = formed(world, 1, up_w=3_000_000)
    world.apply(world.id(2), object_id, 3_000_000)
    announced = registry.RegulationObjectEndAnnounced(
        object_id=object_id, valid_to=world.oslo(3, 1), because="switch", **of_point
    )
    world.scenario.when(announced, at=world.oslo(1, 10)).then()
    world.assess(world.id(2), world.DSO_1)
    _, _, now, then = world.decide(world.id(2), up_w=3_000_000).then_only(
        v1.PrequalificationDecided, v1.SinglePointAdmitted, v1.BiddableChanged, v1.BiddableChanged
    )
    assert [(one.valid_from, one.up_w) for one in (now, then)] == [
        (world.oslo(1, 27, 9), 3_000_000), (world.oslo(3, 1), 0),
    ]  # fmt: skip
    cancelled = registry.RegulationObjectEndCancelled(object_id=object_id, because="switch", **of_point)
    (back,) = world.scenario.when(cancelled, at=world.oslo(1, 28)).then_only(v1.BiddableChanged)
    assert (back.valid_from, back.up_w) == (world.oslo(3, 1), 3_000_000)
    other = formed(world, 3, up_w=2_000_000)
    world.apply(world.id(4), other, 2_000_000)
    ended = registry.RegulationObjectEnded(
        object_id=other, valid_to=world.oslo(2, 1), because="left", **{**of_point, "metering_point_id": world.point(3)}
    )
    released, lapsed = world.scenario.when(ended, at=world.oslo(2, 1)).then_only(
        v1.GridAssessmentReleased, v1.ApplicationLapsed
    )
    assert (released.dso, released.concerned, lapsed.because) == (world.DSO_1, False, "group-ended")


@pytest.mark.rule("SPLIT_OF_SINGLE_POINT")
def test_it_cannot_be_split(world: Any) -> None:
    world.apply(world.id(2), formed(world, 1, up_w=3_000_000), 3_000_000)
    demand = v1.RequireSplit(reason="?", due_on=world.oslo(3, 1).date())
    world.tso(world.id(2), demand).refused("SPLIT_OF_SINGLE_POINT")


def approved(world: Any, n: int, *, up_w: int, substation: str | None = None) -> str:
    """The n-th object, approved for all that is behind it."""
    object_id = formed(world, n, up_w=up_w, substation=substation)
    world.apply(world.id(n + 100), object_id, up_w)
    world.assess(world.id(n + 100), world.DSO_1)
    world.decide(world.id(n + 100), up_w=up_w)
    return object_id


def relocated(world: Any, n: int, substation: str) -> registry.RegulationObjectRelocated:
    """It lies at another substation."""
    return registry.RegulationObjectRelocated(
        object_id=world.id(n), metering_point_id=world.point(n), bsp=world.BSP_A, dso=world.DSO_1,
        grid_area=world.AREA_1, substation=substation, valid_from=world.oslo(2, 5),
    )  # fmt: skip


def test_a_limit_on_its_substation_hits_it(world: Any) -> None:
    station = world.id(50)
    world.scenario.given(world.substation(station))
    object_id = approved(world, 1, up_w=2_000_000, substation=station)

    world.limit_for_a_time(world.id(60), station, up_w=0)

    assert world.biddable(object_id, world.oslo(2, 10, 5)).biddable.up_w == 2_000_000
    assert world.biddable(object_id, world.oslo(2, 10, 7)).biddable.up_w == 0


def test_a_limit_that_stands_already_hits_one_that_is_formed_after_it(world: Any) -> None:
    station = world.id(50)
    world.scenario.given(world.substation(station))
    other = world.group(world.id(5), points=range(10, 13))
    world.join(other, 13, substation=station)
    world.limit_for_a_time(world.id(60), station, up_w=0, at=world.oslo(1, 5))
    arrived = registry.RegulationObjectFormed(
        object_id=world.id(1), name="Kjelen", metering_point_id=world.point(1), bsp=world.BSP_A, dso=world.DSO_1,
        zone=world.ZONE, grid_area=world.AREA_1, substation=station, station_group=world.id(1), up_w=2_000_000,
        down_w=0, valid_from=world.oslo(1, 6), held_from=world.oslo(1, 5), point_limit_w=1_000_000,
    )  # fmt: skip

    (hit,) = world.scenario.when(arrived, at=world.oslo(1, 6)).then_only(v1.GroupRestricted)

    assert (hit.group_id, hit.restriction_id) == (world.id(1), world.id(60))


def test_a_limit_on_a_substation_hits_one_that_is_found_to_lie_there(world: Any) -> None:
    station = world.id(50)
    world.scenario.given(world.substation(station))
    object_id = approved(world, 1, up_w=2_000_000)
    at_station = approved(world, 3, up_w=2_000_000, substation=station)
    world.limit_for_a_time(world.id(60), station, up_w=0)
    assert world.biddable(at_station, world.oslo(2, 10, 7)).biddable.up_w == 0
    assert world.biddable(object_id, world.oslo(2, 10, 7)).biddable.up_w == 2_000_000

    world.scenario.when(relocated(world, 1, station), at=world.oslo(2, 5))

    assert world.biddable(object_id, world.oslo(2, 10, 7)).biddable.up_w == 0
    assert world.biddable(object_id, world.oslo(2, 10, 11)).biddable.up_w == 2_000_000
