"""What `prequal` knows of the grid and of members, as `registry` says it."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.prequal import v1
from contracts.registry import v1 as registry
from prequal import store
from prequal.domain import known

pytestmark = pytest.mark.unit


def changed(world: Any, area: str, dso: str, *, valid_from: Any, parent: str | None = None) -> registry.GridAreaChanged:
    return registry.GridAreaChanged(
        grid_area=area,
        name="Area",
        zone=world.ZONE,
        dso=dso,
        parent=parent,
        valid_from=valid_from,
        freeze_days=14,
    )


def asked(world: Any, application: str, group: str, *, at: Any) -> dict[str, int]:
    """Which DSO is asked about how many points."""
    _, *requests = world.apply(application, group, 1_000_000, at=at).events
    return {one.dso: len(one.points) for one in requests}


def test_the_dsos_of_an_area_are_those_of_the_day_of_the_application(world: Any) -> None:
    world.scenario.given(
        world.area(world.AREA_ABOVE, world.DSO_ABOVE),
        # Told out of order: the first one is the later.
        changed(world, world.AREA_1, world.DSO_2, valid_from=world.oslo(3, 1)),
        changed(world, world.AREA_1, world.DSO_1, valid_from=world.oslo(2, 1), parent=world.AREA_ABOVE),
    )
    for number, (moment, dsos) in enumerate(
        [
            (world.oslo(1, 31, 12), {world.DSO_1: 2}),
            (world.oslo(2, 1), {world.DSO_1: 2, world.DSO_ABOVE: 2}),
            (world.oslo(3, 1), {world.DSO_2: 2}),
        ]
    ):
        group = world.group(world.id(10 + number), points=(10 * number, 10 * number + 1), up_w=500_000)
        assert asked(world, world.id(20 + number), group, at=moment) == dsos


def test_an_area_that_is_not_valid_yet_leaves_a_point_to_the_dso_of_its_membership(world: Any) -> None:
    area = world.area(world.AREA_1, world.DSO_2)
    areas = {world.AREA_1: known.evolve_grid_area(None, area.model_copy(update={"valid_from": world.oslo(3, 1)}))}

    assert known.dsos_above(world.AREA_1, areas, at=world.oslo(2, 1)) == []
    assert known.dsos_above(world.AREA_1, areas, at=world.oslo(3, 1)) == [world.DSO_2]


@pytest.fixture
def group(world: Any) -> str:
    """Approved for 3,000 kW up: six points of 500 kW."""
    world.cap(3_000_000)
    group = world.group(world.id(1), points=range(6), up_w=500_000)
    world.apply(world.id(2), group, 3_000_000)
    world.assess(world.id(2), world.DSO_1)
    world.decide(world.id(2), up_w=3_000_000)
    return group


def relocated(world: Any, group: str, n: int, *, valid_from: Any) -> registry.MemberRelocated:
    return registry.MemberRelocated(
        group_id=group,
        metering_point_id=world.point(n),
        bsp=world.BSP_A,
        dso=world.DSO_2,
        former_dso=world.DSO_1,
        grid_area=world.AREA_2,
        substation="T9",
        valid_from=valid_from,
    )


def test_a_member_that_lies_elsewhere_is_asked_about_there(world: Any) -> None:
    group = world.group(world.id(1), points=range(3), up_w=500_000)
    world.scenario.given(relocated(world, group, 1, valid_from=world.oslo(1, 6)))

    _, *requests = world.apply(world.id(2), group, 1_000_000).then_only(
        v1.ApplicationReceived, *[v1.GridAssessmentRequested] * 2
    )
    assert {one.dso: [(each.metering_point_id, each.substation) for each in one.points] for one in requests} == {
        world.DSO_1: [(world.point(0), None), (world.point(2), None)],
        world.DSO_2: [(world.point(1), "T9")],
    }


def test_a_member_that_lies_in_another_dsos_grid_counts_nothing_until_that_one_has_answered(
    world: Any, group: str
) -> None:
    released, asked, changed = world.scenario.when(
        relocated(world, group, 0, valid_from=world.oslo(2, 1)), at=world.oslo(2, 1)
    ).then_only(v1.GridAssessmentReleased, v1.GridAssessmentRequested, v1.BiddableChanged)
    assert (released.dso, released.points, released.concerned) == (world.DSO_1, (world.point(0),), True)
    assert (asked.dso, asked.because) == (world.DSO_2, "relocated")
    assert changed.deliverable_up_w == 2_500_000


def test_of_several_ends_the_first_counts_and_each_is_taken_back_by_itself(world: Any, group: str) -> None:
    def stay() -> known.Membership:
        return world.scenario.state(store.GROUP, group).members[world.point(0)][-1]

    world.scenario.given(world.leaves(group, 0, world.oslo(3, 10)), at=world.oslo(2, 1))
    zone = world.leaves(group, 0, world.oslo(3, 20)).model_copy(update={"because": "zone"})
    world.scenario.when(zone, at=world.oslo(2, 2)).then()
    assert stay().valid_to == world.oslo(3, 10)

    cancelled = registry.MembershipEndCancelled(
        group_id=group,
        metering_point_id=world.point(0),
        bsp=world.BSP_A,
        dso=world.DSO_1,
        because="switch",
        valid_to=world.oslo(3, 20),
    )
    world.scenario.when(cancelled, at=world.oslo(2, 3))
    assert stay().valid_to == world.oslo(3, 20)
    world.scenario.when(zone.model_copy(update={"valid_to": world.oslo(3, 25)}), at=world.oslo(2, 4))
    assert stay().valid_to == world.oslo(3, 25)


def test_a_membership_that_by_a_late_fact_never_was_one_counts_no_more(world: Any, group: str) -> None:
    joined_at = world.oslo(1, 5)
    (told,) = world.scenario.when(world.leaves(group, 0, joined_at), at=world.oslo(2, 1)).then_only(v1.BiddableChanged)
    assert told.deliverable_up_w == 2_500_000

    world.scenario.when(world.left(group, 0, joined_at), at=world.oslo(2, 1)).then()
    assert world.point(0) not in world.scenario.state(store.GROUP, group).members
