"""Temporary limits: who may set them, whom they hit, and what may be bid then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts import values
from contracts.prequal import v1
from contracts.registry import v1 as registry
from prequal import store

pytestmark = pytest.mark.unit

NEAR, FAR, FED = (f"0190aaaa-0000-7000-8000-00000000000{n}" for n in range(3))


@pytest.fixture
def group(world: Any) -> str:
    """Approved for 3,000 kW up: three points of 500 kW at each of two substations of DSO 1; one feeds a third."""
    for substation in (NEAR, FAR):
        world.scenario.given(world.substation(substation))
    world.scenario.given(world.substation(FED, parent=NEAR))
    group = world.group(world.id(1))
    for n in range(6):
        world.join(group, n, up_w=500_000, substation=NEAR if n < 3 else FAR)
    world.cap(3_000_000)
    world.apply(world.id(2), group, 3_000_000)
    world.assess(world.id(2), world.DSO_1)
    world.decide(world.id(2), up_w=3_000_000)
    return group


def steps(events: list[Any]) -> list[tuple[Any, int]]:
    return [(event.valid_from, event.up_w) for event in events if type(event) is v1.BiddableChanged]


def test_a_limit_of_nothing_for_some_hours_takes_what_lies_there_out_of_them(world: Any, group: str) -> None:
    set_, hit, now, then = world.limit_for_a_time(
        world.id(50), NEAR, up_w=0, valid_from=world.oslo(2, 10, 6), valid_to=world.oslo(2, 10, 10)
    ).then_only(v1.TemporaryLimitSet, v1.GroupRestricted, v1.BiddableChanged, v1.BiddableChanged)
    assert (set_.dsos, set_.max_days) == ((world.DSO_1,), 28)
    assert (hit.group_id, hit.bsp, hit.dsos, hit.places) == (group, world.BSP_A, (world.DSO_1,), (NEAR,))
    assert steps([now, then]) == [(world.oslo(2, 10, 6), 1_000_000), (world.oslo(2, 10, 10), 3_000_000)]
    assert [(one.kind, one.key, one.limit_id, one.up_w) for one in now.lowered] == [
        ("temporary-limit", None, world.id(50), 1_500_000)
    ]
    assert [(one.why, one.up_w) for one in now.reasons] == [("temporary-limit", 1_500_000), ("whole-steps", 500_000)]
    ended, released = world.scenario.until(world.oslo(2, 10, 10)).then_only(
        v1.TemporaryLimitEnded, v1.GroupRestrictionEnded
    )
    assert (ended.limit_id, released.group_id, released.because) == (world.id(50), group, "ended")
    assert world.scenario.state(store.APPROVAL, group).restrictions == {}
    world.scenario.until(world.oslo(12, 1)).then()


def test_what_is_out_for_hours_does_not_begin_the_grace_period(world: Any, group: str) -> None:
    told = world.limit_for_a_time(world.id(50), scope="part", group_id=group, up_w=0).events[-2]
    assert (told.up_w, told.below_minimum, told.approval_ends_at) == (0, True, None)


def test_a_limit_of_28_days_on_all_of_it_leaves_the_approval(world: Any, group: str) -> None:
    world.limit_for_a_time(
        world.id(50), scope="part", group_id=group, up_w=0, valid_from=None, valid_to=world.oslo(3, 1)
    )
    world.limit_for_a_time(
        world.id(51), scope="part", group_id=group, up_w=0, valid_from=world.oslo(3, 1), valid_to=world.oslo(3, 29),
    )  # fmt: skip
    world.scenario.until(world.oslo(3, 29)).then_only(
        v1.TemporaryLimitEnded, v1.GroupRestrictionEnded, v1.TemporaryLimitEnded, v1.GroupRestrictionEnded
    )
    assert world.scenario.state(store.APPROVAL, group).admitted == world.id(2)
    last = world.scenario.log[-1]
    assert last.unavailable_days == 56


def test_a_dso_above_limits_below_it_and_all_under_its_own_area(world: Any, group: str) -> None:
    world.scenario.given(
        world.area(world.AREA_ABOVE, world.DSO_ABOVE),
        world.area(world.AREA_1, world.DSO_1, parent=world.AREA_ABOVE),
        at=world.oslo(1, 30),
    )
    set_, _, hit, *_ = world.limit_for_a_time(
        world.id(50), scope="grid-area", grid_area=world.AREA_ABOVE, up_w=1_200_000, sender=world.DSO_ABOVE
    ).events
    assert (set_.dsos, hit.places, hit.dsos) == ((world.DSO_ABOVE,), (world.AREA_1,), (world.DSO_1, world.DSO_ABOVE))
    assert world.biddable(group, world.oslo(2, 10, 6)).deliverable.up_w == 1_200_000
    world.limit_for_a_time(world.id(51), NEAR, up_w=0, sender=world.DSO_ABOVE).then_only(
        v1.TemporaryLimitSet, v1.GroupRestricted, v1.BiddableChanged
    )


def test_overlapping_limits_are_the_smallest_and_each_says_what_it_takes(world: Any, group: str) -> None:
    world.limit_for_a_time(world.id(50), NEAR, up_w=700_000)
    world.limit_for_a_time(world.id(51), scope="metering-point", metering_point_id=world.point(0), up_w=100_000)
    world.limit_for_a_time(world.id(52), scope="group", group_id=group, up_w=2_100_000, sender=world.TSO)
    now = world.biddable(group, world.oslo(2, 10, 6))
    assert now.deliverable.up_w == 2_100_000
    assert [(one.limit_id, one.up_w) for one in now.lowered] == [
        (world.id(51), 400_000), (world.id(50), 400_000), (world.id(52), 100_000),
    ]  # fmt: skip
    assert now.biddable.up_w == 2_000_000


def test_a_limit_holds_below_the_substation_and_for_who_joins_later(world: Any, group: str) -> None:
    world.limit_for_a_time(world.id(50), NEAR, up_w=0)
    hit, *_ = world.scenario.when(world.joined(group, 7, up_w=500_000, substation=FED), at=world.oslo(2, 2)).then_only(
        v1.GroupRestricted, v1.GridAssessmentRequested, *[v1.BiddableChanged] * 3
    )
    assert hit.places == (NEAR, FED)
    world.assess(world.id(2), world.DSO_1, at=world.oslo(2, 3))
    assert world.biddable(group, world.oslo(2, 10, 6)).deliverable.up_w == 1_500_000
    assert world.biddable(group, world.oslo(2, 10, 10)).deliverable.up_w == 3_500_000
    world.scenario.when(world.joined(group, 8, up_w=500_000, substation=FED), at=world.oslo(2, 4)).then_only(
        v1.GridAssessmentRequested
    )


def test_who_moves_under_a_limit_is_under_it(world: Any, group: str) -> None:
    world.limit_for_a_time(world.id(50), FED, up_w=100_000).then_only(v1.TemporaryLimitSet, v1.TemporaryLimitShared)
    moved = registry.MemberRelocated(
        group_id=group, metering_point_id=world.point(5), bsp=world.BSP_A, dso=world.DSO_1, grid_area=world.AREA_1,
        substation=FED, valid_from=world.oslo(2, 2),
    )  # fmt: skip
    world.scenario.when(moved, at=world.oslo(2, 2)).then_only(
        v1.GroupRestricted, v1.BiddableChanged, v1.BiddableChanged
    )
    # It was not there when the limit was shared.
    assert world.biddable(group, world.oslo(2, 10, 6)).deliverable.up_w == 2_500_000


def test_a_limit_on_a_point_goes_with_it_to_another_group(world: Any, group: str) -> None:
    world.limit_for_a_time(world.id(50), scope="metering-point", metering_point_id=world.point(0), up_w=0)
    world.scenario.given(world.left(group, 0, world.oslo(2, 2)), at=world.oslo(2, 2))
    other = world.group(world.id(5), points=[20, 21])
    (hit,) = world.scenario.when(world.joined(other, 0), at=world.oslo(2, 2)).then_only(v1.GroupRestricted)
    assert (hit.group_id, hit.scope, hit.key) == (other, "metering-point", world.point(0))


def test_a_limit_is_changed_and_lifted_and_each_time_every_group_follows(world: Any, group: str) -> None:
    world.limit_for_a_time(world.id(50), NEAR, up_w=0)
    command = v1.ChangeTemporaryLimit(up_w=600_000, valid_to=world.oslo(2, 10, 8))
    changed, _, hit, *told = world.restrict(command, world.id(50)).events
    assert (changed.up_w, changed.down_w, hit.up_w, hit.valid_to) == (600_000, None, 600_000, world.oslo(2, 10, 8))
    assert [(step[0], step[1]) for step in steps(told)] == [
        (world.oslo(2, 10, 6), 2_000_000),
        (world.oslo(2, 10, 8), 3_000_000),
    ]
    lifted, released, *told = world.restrict(v1.LiftTemporaryLimit(), world.id(50), at=world.oslo(2, 10, 7)).events
    assert (lifted.had_begun, released.because) == (True, "lifted")
    assert steps(told)[0] == (world.oslo(2, 10, 7), 3_000_000)
    world.scenario.until(world.oslo(12, 1)).then()


@pytest.mark.rule("LIMIT_CHANGES_NOTHING")
@pytest.mark.rule("RESTRICTION_UNKNOWN")
@pytest.mark.rule("RESTRICTION_IS_OVER")
def test_only_who_set_it_changes_it_while_it_stands(world: Any, group: str) -> None:
    world.limit_for_a_time(world.id(50), NEAR, up_w=0)
    change, lift = v1.ChangeTemporaryLimit(up_w=1), v1.LiftTemporaryLimit()
    world.restrict(change, world.id(50), sender=world.TSO).refused("RESTRICTION_UNKNOWN")
    world.restrict(lift, world.id(51)).refused("RESTRICTION_UNKNOWN")
    world.restrict(v1.LiftSuspension(), world.id(50)).refused("RESTRICTION_UNKNOWN")
    world.restrict(v1.ChangeTemporaryLimit(), world.id(50)).refused("LIMIT_CHANGES_NOTHING")
    world.restrict(v1.ChangeTemporaryLimit(valid_to=world.oslo(1, 1)), world.id(50)).refused("LIMIT_WINDOW_INVALID")
    off = v1.ChangeTemporaryLimit(valid_to=world.oslo(2, 10, 8, 1))
    world.restrict(off, world.id(50)).refused("LIMIT_OFF_QUARTER", path="/valid_to")
    lifted, *_ = world.restrict(lift, world.id(50)).events
    assert not lifted.had_begun
    world.restrict(change, world.id(50)).refused("RESTRICTION_IS_OVER")


@pytest.mark.rule("RESTRICTION_UNCLEAR")
@pytest.mark.rule("RESTRICTION_NOT_FOR_ROLE")
@pytest.mark.rule("RESTRICTION_TEXT_REQUIRED")
@pytest.mark.rule("LIMIT_WINDOW_INVALID")
@pytest.mark.rule("LIMIT_OFF_QUARTER")
@pytest.mark.rule("LIMIT_TOO_LONG")
@pytest.mark.rule("NOT_IN_YOUR_GRID")
@pytest.mark.parametrize(
    ("wish", "code", "path"),
    [
        ({"up_w": None}, "RESTRICTION_UNCLEAR", "/scope"),
        ({"substation": None}, "RESTRICTION_UNCLEAR", "/scope"),
        ({"metering_point_id": values.make_gsrn(1)}, "RESTRICTION_UNCLEAR", "/scope"),
        ({"scope": "group", "substation": None, "group_id": FAR}, "RESTRICTION_NOT_FOR_ROLE", "/scope"),
        ({"reason_code": "other"}, "RESTRICTION_TEXT_REQUIRED", "/text"),
        ({"valid_from": -900}, "LIMIT_WINDOW_INVALID", "/valid_from"),
        ({"valid_from": 900, "valid_to": 900}, "LIMIT_WINDOW_INVALID", "/valid_to"),
        ({"valid_from": 0, "valid_to": 28 * 86400 + 900}, "LIMIT_TOO_LONG", "/valid_to"),
        ({"valid_from": 420}, "LIMIT_OFF_QUARTER", "/valid_from"),
        ({"valid_to": 86400 - 1}, "LIMIT_OFF_QUARTER", "/valid_to"),
        ({"sender": "DSO_2"}, "NOT_IN_YOUR_GRID", "/substation"),
        ({"substation": "0190aaaa-0000-7000-8000-000000000099"}, "NOT_IN_YOUR_GRID", "/substation"),
        ({"scope": "part", "substation": None, "group_id": FAR}, "NOT_IN_YOUR_GRID", "/group_id"),
        ({"scope": "metering-point", "substation": None, "metering_point_id": values.make_gsrn(99)},
         "NOT_IN_YOUR_GRID", "/metering_point_id"),
        ({"scope": "grid-area", "substation": None, "grid_area": "AREA_2"}, "NOT_IN_YOUR_GRID", "/grid_area"),
    ],
)  # fmt: skip
def test_what_is_no_temporary_limit_of_ones_own(
    world: Any, group: str, wish: dict[str, Any], code: str, path: str
) -> None:
    at = world.oslo(2, 1)
    for name, value in list(wish.items()):
        if isinstance(value, int) and name.startswith("valid"):
            wish[name] = at + timedelta(seconds=value)
        elif isinstance(value, str) and value.isupper() and hasattr(world, value):
            wish[name] = getattr(world, value)
    world.limit_for_a_time(world.id(50), **({"substation": NEAR, "up_w": 0} | wish)).refused(code, path=path)


def test_an_id_is_used_once(world: Any, group: str) -> None:
    world.limit_for_a_time(world.id(2), NEAR, up_w=0).refused("ID_NOT_AVAILABLE")
    world.limit_for_a_time(world.id(50), NEAR, up_w=0)
    world.limit_for_a_time(world.id(50), NEAR, up_w=0).refused("ID_NOT_AVAILABLE")


def test_the_night_that_has_25_hours_is_one_of_the_28_days(world: Any, group: str) -> None:
    at = world.oslo(10, 20)
    world.limit_for_a_time(world.id(50), NEAR, up_w=0, valid_from=at, valid_to=world.oslo(11, 17), at=at)
    told = world.scenario.log
    assert world.biddable(group, world.oslo(11, 16, 23)).biddable.up_w == 1_000_000
    assert world.biddable(group, world.oslo(11, 17)).biddable.up_w == 3_000_000
    assert any(isinstance(event, v1.TemporaryLimitSet) for event in told)


def test_a_limit_on_all_groups_of_an_area_hits_those_alone_that_have_members_there(world: Any, group: str) -> None:
    elsewhere = world.group(world.id(5), points=[20, 21], in_area_2=[20, 21])
    *_, hit, _, _ = world.limit_for_a_time(
        world.id(50), scope="grid-area", grid_area=world.AREA_1, up_w=0, down_w=0
    ).then_only(v1.TemporaryLimitSet, v1.GroupRestricted, v1.BiddableChanged, v1.BiddableChanged)
    assert hit.group_id == group != elsewhere
    world.scenario.until(world.oslo(2, 11))
    world.scenario.when(world.joined(elsewhere, 22), at=world.oslo(2, 11)).then()


def test_a_group_that_lies_partly_under_it_waits_on_in_its_place(world: Any, group: str) -> None:
    other = world.group(world.id(5), points=[20, 21], up_w=500_000)
    world.apply(world.id(6), other, 1_000_000, at=world.oslo(1, 28))
    world.assess(world.id(6), world.DSO_1, at=world.oslo(1, 29))
    world.decide(world.id(6), up_w=1_000_000, at=world.oslo(1, 30)).then_only(
        v1.PrequalificationDecided, v1.ApplicationQueued
    )
    world.limit_for_a_time(world.id(50), scope="part", group_id=other, up_w=0, valid_from=None).then_only(
        v1.TemporaryLimitSet, v1.GroupRestricted
    )
    assert world.scenario.state(store.APPLICATION, world.id(6)).status == "queued"


def test_no_dso_is_told_of_a_point_in_another_s_grid(world: Any, group: str) -> None:
    world.scenario.when(world.joined(group, 9, up_w=500_000, area=world.AREA_2, dso=world.DSO_2), at=world.oslo(1, 28))
    told = world.limit_for_a_time(world.id(50), scope="metering-point", metering_point_id=world.point(0), up_w=0).events
    [hit] = [event for event in told if type(event) is v1.GroupRestricted]
    assert (hit.key, hit.dsos) == (world.point(0), (world.DSO_1,))
    for_all = [event for event in told if world.DSO_2 in getattr(event, "dsos", ())]
    assert [one.limit_id for event in for_all for one in getattr(event, "lowered", ())] == [world.id(50)]
    assert not any(world.point(0) in event.model_dump_json() for event in for_all)
