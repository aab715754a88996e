"""What may be activated where: for each DSO concerned, summed over all groups (R29)."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.prequal import v1
from contracts.registry import v1 as registry
from prequal import store

pytestmark = pytest.mark.unit

HERE, THERE = (f"0190aaaa-0000-7000-8000-00000000000{n}" for n in range(2))


@pytest.fixture
def world(world: Any) -> Any:
    """Area 1 lies under another; two groups of four points of 500 kW: two here, one there, one without a substation."""
    world.scenario.given(
        world.area(world.AREA_ABOVE, world.DSO_ABOVE), world.area(world.AREA_1, world.DSO_1, parent=world.AREA_ABOVE),
        world.substation(HERE), world.substation(THERE),
    )  # fmt: skip
    world.cap(9_000_000)
    for n in (1, 2):
        group = world.group(world.id(n))
        for point, substation in enumerate((HERE, HERE, THERE, None)):
            world.join(group, 10 * n + point, up_w=500_000, substation=substation)
        world.apply(world.id(10 + n), group, 2_000_000)
        world.assess(world.id(10 + n), world.DSO_1)
        world.assess(world.id(10 + n), world.DSO_ABOVE)
    world.decide(world.id(11), up_w=2_000_000)
    return world


def told(outcome: Any) -> dict[tuple[str, str], list[tuple[Any, int]]]:
    """By DSO and place: what may be activated there from when on."""
    found = [event for event in outcome.beside if isinstance(event, v1.LocationReadinessChanged)]
    assert len({event.location for event in found}) == len(found)
    return {
        (event.dso, event.substation or event.grid_area): [(step.valid_from, step.up_w) for step in event.steps]
        for event in found
    }


def now(world: Any, place: str, dso: str | None = None) -> int:
    """What is published of a place now."""
    return world.scenario.state(store.LOCATION, f"{dso or world.DSO_1}/{place}").slices[-1].power.up_w


def test_each_dso_concerned_is_told_of_each_place(world: Any) -> None:
    at = world.oslo(1, 28)
    of = told(world.decide(world.id(12), up_w=2_000_000, at=at))
    each = {HERE: 2_000_000, THERE: 1_000_000, world.AREA_1: 4_000_000}
    above = {(world.DSO_ABOVE, world.AREA_ABOVE): [(at, 4_000_000)]}
    assert of == above | {
        (dso, place): [(at, w)] for dso in (world.DSO_1, world.DSO_ABOVE) for place, w in each.items()
    }


def test_many_groups_are_told_as_one(world: Any) -> None:
    world.decide(world.id(12), up_w=2_000_000, at=world.oslo(1, 28))
    outcome = world.limit_for_a_time(world.id(50), HERE, up_w=300_000)
    six, ten = world.oslo(2, 10, 6), world.oslo(2, 10, 10)
    # 150 kW for each of the two groups; the rest of each group stays, but 2 MW in all become 1.
    of = told(outcome)
    area = [(world.oslo(2, 1), 4_000_000), (six, 2_000_000), (ten, 4_000_000)]
    assert of.pop((world.DSO_ABOVE, world.AREA_ABOVE)) == area
    assert [of.pop((dso, world.AREA_1)) for dso in (world.DSO_1, world.DSO_ABOVE)] == [area, area]
    assert of == {
        (dso, HERE): [(world.oslo(2, 1), 2_000_000), (six, 300_000), (ten, 2_000_000)]
        for dso in (world.DSO_1, world.DSO_ABOVE)
    }
    assert told(world.scenario.until(world.oslo(3, 1))) == {}


def test_nothing_where_the_group_may_not_be_bid_and_never_more_than_may_be(world: Any) -> None:
    assert now(world, HERE) == 1_000_000
    limit = v1.SetTemporaryLimit(
        scope="group", group_id=world.id(1), up_w=900_000, valid_to=world.oslo(2, 2), reason_code="line"
    )
    of = told(world.restrict(limit, world.id(50), sender=world.TSO))
    assert of[world.DSO_1, HERE] == [(world.oslo(2, 1), 0), (world.oslo(2, 2), 1_000_000)]
    assert of[world.DSO_1, THERE] == [(world.oslo(2, 1), 0), (world.oslo(2, 2), 500_000)]


def test_a_member_that_moves_is_counted_where_it_lies(world: Any) -> None:
    moved = registry.MemberRelocated(
        group_id=world.id(1), metering_point_id=world.point(10), bsp=world.BSP_A, dso=world.DSO_1,
        grid_area=world.AREA_1, substation=THERE, valid_from=world.oslo(2, 1),
    )  # fmt: skip
    outcome = world.scenario.when(moved, at=world.oslo(2, 1))
    outcome.then()
    assert {place: steps[0][1] for (dso, place), steps in told(outcome).items() if dso == world.DSO_1} == {
        HERE: 500_000, THERE: 1_000_000,
    }  # fmt: skip


def test_a_leave_is_told_ahead_and_an_approval_that_ends_takes_all(world: Any) -> None:
    midnight = world.oslo(3, 1)
    for n in (10, 11):
        outcome = world.scenario.when(world.leaves(world.id(1), n, midnight), at=world.oslo(2, 1))
    assert told(outcome)[world.DSO_1, HERE] == [(world.oslo(2, 1), 1_000_000), (midnight, 0)]
    outcome = world.scenario.when(world.leaves(world.id(1), 12, midnight), at=world.oslo(2, 2))
    # Below the minimum nothing of it may be activated anywhere.
    assert told(outcome)[world.DSO_1, world.AREA_1] == [(world.oslo(2, 2), 2_000_000), (midnight, 0)]
    assert told(world.scenario.until(world.oslo(3, 29))) == {}
    assert now(world, world.AREA_1) == 0


def test_the_sum_of_the_places_is_what_the_groups_have_there(world: Any) -> None:
    world.decide(world.id(12), up_w=2_000_000, at=world.oslo(1, 28))
    world.limit_for_a_time(world.id(50), HERE, up_w=300_000, valid_from=None)
    world.scenario.given(world.leaves(world.id(2), 22, world.oslo(2, 8)), at=world.oslo(2, 5))
    for place in (HERE, THERE, world.AREA_1):
        of_groups = [
            own.slices
            for n in (1, 2)
            for own in world.scenario.state(store.GROUP_LOCATIONS, world.id(n)).own.values()
            if own.location.id == f"{world.DSO_1}/{place}"
        ]
        total = world.scenario.state(store.LOCATION, f"{world.DSO_1}/{place}").slices
        for moment in (world.oslo(2, 6), world.oslo(2, 8), world.oslo(2, 20)):
            assert at(total, moment) == sum(at(slices, moment) for slices in of_groups)


def test_a_place_above_is_told_to_those_alone_whose_it_is(world: Any) -> None:
    top = "0190aaaa-0000-7000-8000-000000000009"
    of_above = world.substation(top).model_copy(update={"grid_area": world.AREA_ABOVE, "dso": world.DSO_ABOVE})
    world.scenario.given(of_above, world.substation(HERE, parent=top), world.substation(THERE, parent=top))
    of = told(world.decide(world.id(12), up_w=2_000_000, at=world.oslo(1, 28)))
    # Group 1 was told of before its substations were defined with one above them.
    assert of[world.DSO_ABOVE, top] == [(world.oslo(1, 28), 1_500_000)]
    assert of[world.DSO_ABOVE, world.AREA_ABOVE] == [(world.oslo(1, 28), 4_000_000)]
    assert (world.DSO_1, top) not in of
    assert (world.DSO_1, world.AREA_ABOVE) not in of


def test_stations_of_the_same_name_in_two_areas_are_two(world: Any) -> None:
    world.scenario.given(world.area(world.AREA_2, world.DSO_2, parent=world.AREA_ABOVE))
    group = world.group(world.id(3))
    world.join(group, 30, up_w=600_000, substation="Fjell 1")
    world.join(group, 31, up_w=900_000, substation="Fjell 1", area=world.AREA_2, dso=world.DSO_2)
    world.apply(world.id(13), group, 1_000_000)
    for dso in (world.DSO_1, world.DSO_2, world.DSO_ABOVE):
        world.assess(world.id(13), dso)
    outcome = world.decide(world.id(13), up_w=1_000_000, at=world.oslo(1, 28))
    found = {
        event.location: event.steps[0].up_w
        for event in outcome.beside
        if isinstance(event, v1.LocationReadinessChanged) and event.substation == "Fjell 1"
    }
    assert found == {
        f"{world.DSO_1}/Fjell 1/{world.AREA_1}": 600_000,
        f"{world.DSO_2}/Fjell 1/{world.AREA_2}": 900_000,
        f"{world.DSO_ABOVE}/Fjell 1/{world.AREA_1}": 600_000,
        f"{world.DSO_ABOVE}/Fjell 1/{world.AREA_2}": 900_000,
    }


def at(slices: Any, moment: Any) -> int:
    return next((each.power.up_w for each in reversed(slices) if each.valid_from <= moment), 0)
