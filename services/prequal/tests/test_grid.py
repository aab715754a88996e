"""What DSOs are asked when a group changes, limits on more than a point, and a group that grows."""

from __future__ import annotations

from typing import Any

import pytest

from contracts import values
from contracts.prequal import v1
from contracts.registry import v1 as registry
from prequal import store

pytestmark = pytest.mark.unit

STATION = "01900000-0000-7000-8000-00000000aaaa"
ASKED = v1.GridAssessmentRequested


@pytest.fixture
def group(world: Any) -> str:
    """Approved for 2,000 kW: four points of 500 kW, two of them at a station."""
    world.cap(3_000_000)
    group = world.group(world.id(1))
    for n in range(4):
        world.join(group, n, up_w=500_000, substation=STATION if n < 2 else None)
    world.apply(world.id(2), group, 2_000_000)
    world.assess(world.id(2), world.DSO_1)
    world.decide(world.id(2), up_w=2_000_000).then_only(
        v1.PrequalificationDecided, v1.VolumeReserved, v1.BiddableChanged
    )
    return group


def changed_area(world: Any, area: str, dso: str, parent: str | None, valid_from: Any) -> registry.GridAreaChanged:
    return registry.GridAreaChanged(
        grid_area=area, name="Area", zone=world.ZONE, dso=dso, parent=parent, valid_from=valid_from, freeze_days=14
    )


# Who is asked about what


def test_only_what_is_new_is_asked_and_until_it_is_answered_what_was_answered_counts(world: Any, group: str) -> None:
    at = world.oslo(2, 10)
    asked, told = world.scenario.when(world.counts(group, 0, up_w=700_000), at=at).then_only(ASKED, v1.BiddableChanged)
    assert (told.deliverable_up_w, told.unassessed_up_w) == (2_000_000, 200_000)
    assert (asked.because, asked.due_at) == ("grown", world.oslo(3, 11))
    assert [(point.metering_point_id, point.up_w) for point in asked.points] == [(world.point(0), 700_000)]

    answer = world.assess(world.id(2), world.DSO_1, at=world.oslo(2, 11))
    assessed, changed = answer.then_only(v1.GridAssessed, v1.BiddableChanged)
    assert (assessed.points, assessed.below_minimum, assessed.minimum_w) == ((world.point(0),), False, 1_000_000)
    assert changed.deliverable_up_w == 2_200_000


def test_a_point_that_was_assessed_for_more_is_not_asked_about_again(world: Any, group: str) -> None:
    world.scenario.when(world.counts(group, 0, up_w=400_000), at=world.oslo(2, 10)).then_only(v1.BiddableChanged)
    world.scenario.when(world.counts(group, 0, up_w=500_000), at=world.oslo(2, 11)).then_only(v1.BiddableChanged)


@pytest.mark.rule("ANSWER_WHICH_POINTS")
@pytest.mark.rule("POINT_NOT_ASKED")
def test_what_came_in_meanwhile_is_not_answered_unseen(world: Any, group: str) -> None:
    for n in (7, 8):
        world.scenario.when(world.joined(group, n, up_w=500_000), at=world.oslo(2, 10)).then_only(ASKED)
    at = world.oslo(2, 11)
    world.assess(world.id(2), world.DSO_1, at=at).refused("ANSWER_WHICH_POINTS", path="/points", actual=2)
    world.assess(world.id(2), world.DSO_1, points=[world.point(7), world.point(0)], at=at).refused(
        "POINT_NOT_ASKED", path="/points/1", actual=world.point(0)
    )
    assessed, changed = world.assess(world.id(2), world.DSO_1, points=[world.point(7)], at=at).then_only(
        v1.GridAssessed, v1.BiddableChanged
    )
    assert (assessed.still_asked, changed.deliverable_up_w) == ((world.DSO_1,), 2_500_000)


def test_one_answer_is_to_all_that_was_asked_until_a_moment(world: Any, group: str) -> None:
    for n, hour in ((7, 1), (8, 2), (9, 3)):
        world.scenario.when(world.joined(group, n, up_w=500_000), at=world.oslo(2, 10, hour)).then_only(ASKED)
    at = world.oslo(2, 11)
    early = world.oslo(2, 9)
    world.assess(world.id(2), world.DSO_1, at=at, asked_until=early).refused("DSO_ALREADY_ANSWERED")
    assessed, _ = world.assess(world.id(2), world.DSO_1, at=at, asked_until=world.oslo(2, 10, 2)).then_only(
        v1.GridAssessed, v1.BiddableChanged
    )
    assert assessed.points == (world.point(7), world.point(8)), "the third came later"
    late = world.assess(world.id(2), world.DSO_1, at=at, asked_until=world.oslo(2, 10, 2), points=[world.point(9)])
    late.refused("DSO_ALREADY_ANSWERED", path="/asked_until")
    assert world.assess(world.id(2), world.DSO_1, at=at).events[0].still_asked == (), "one question is left"


def test_a_dso_that_is_silent_about_a_new_point_is_late_once(world: Any, group: str) -> None:
    world.scenario.given(world.joined(group, 7, up_w=500_000), at=world.oslo(2, 10))
    (overdue,) = world.scenario.until(world.oslo(12, 31)).then_only(v1.GridAssessmentOverdue)
    assert overdue.bsp == world.BSP_A, "it is told what its application waits for"
    assert (overdue.dso, overdue.due_at, overdue.still_asked) == (world.DSO_1, world.oslo(3, 11), ())
    assert world.assess(world.id(2), world.DSO_1, at=world.oslo(12, 31)).events[0].late


def test_who_leaves_takes_its_question_along(world: Any, group: str) -> None:
    world.scenario.given(world.joined(group, 7, up_w=500_000), at=world.oslo(2, 10))
    left = world.left(group, 7, world.oslo(2, 12))
    (released,) = world.scenario.when(left, at=world.oslo(2, 12)).then_only(v1.GridAssessmentReleased)
    assert (released.points, released.concerned, released.still_asked) == ((world.point(7),), True, ())
    world.scenario.until(world.oslo(12, 31)).then()


def test_a_dso_that_comes_to_stand_above_an_area_is_asked_about_the_groups_below(world: Any, group: str) -> None:
    world.scenario.given(world.area(world.AREA_ABOVE, world.DSO_2))
    change = changed_area(world, world.AREA_1, world.DSO_1, world.AREA_ABOVE, world.oslo(2, 20))
    asked, *_, changed = world.scenario.when(change, at=world.oslo(2, 20)).then_only(ASKED, v1.BiddableChanged)
    assert (asked.dso, asked.because, len(asked.points)) == (world.DSO_2, "hierarchy", 4)
    assert (changed.deliverable_up_w, changed.below_minimum) == (0, True)
    world.assess(world.id(2), world.DSO_2, at=world.oslo(2, 21)).then_only(v1.GridAssessed, v1.BiddableChanged)

    # Two levels up, told at the area between.
    change = changed_area(world, world.AREA_ABOVE, world.DSO_ABOVE, None, world.oslo(2, 25))
    released, asked, changed = world.scenario.when(change, at=world.oslo(2, 25)).then_only(
        v1.GridAssessmentReleased, ASKED, v1.BiddableChanged
    )
    assert (released.dso, released.concerned, asked.dso) == (world.DSO_2, False, world.DSO_ABOVE)
    assert len(released.points) == 4
    assert changed.dsos == (world.DSO_1, world.DSO_ABOVE)


# Limits on a place, and points that move


OTHER, ABOVE, UPPER = (f"01900000-0000-7000-8000-00000000{n}" for n in ("bbbb", "cccc", "dddd"))


def moved(world: Any, n: int, substation: str | None, **over: Any) -> registry.MemberRelocated:
    """A member is found to lie at another substation of the same DSO."""
    fields = {"dso": world.DSO_1, "grid_area": world.AREA_1, "valid_from": world.oslo(2, 1)} | over
    return registry.MemberRelocated(
        group_id=world.id(1), metering_point_id=world.point(n), bsp=world.BSP_A, substation=substation, **fields
    )


def limited(world: Any, *limits: v1.GridLimit, up_w: int = 1_000_000) -> str:
    """A group of four points of 500 kW at a station, in the grids of two DSOs; the lower one has said so."""
    world.cap(3_000_000)
    world.scenario.given(
        world.area(world.AREA_ABOVE, world.DSO_ABOVE),
        world.area(world.AREA_1, world.DSO_1, parent=world.AREA_ABOVE),
        world.substation(ABOVE, parent=UPPER),
        world.substation(STATION, parent=ABOVE),
        world.substation(OTHER),
        registry.SubstationDefined(
            substation_id=UPPER, name="Upper", voltage_v=132_000, grid_area=world.AREA_ABOVE, dso=world.DSO_ABOVE,
            parent=None,
        ),
    )  # fmt: skip
    group = world.group(world.id(1))
    for n in range(4):
        world.join(group, n, up_w=500_000, substation=STATION)
    world.apply(world.id(2), group, 2_000_000)
    for dso in (world.DSO_1, world.DSO_ABOVE):
        own = [one for one in limits if (one.substation == UPPER) == (dso == world.DSO_ABOVE)]
        world.assess(world.id(2), dso, "limited" if own else "approved", limits=own)
    world.decide(world.id(2), up_w=up_w)
    return group


def at_station(substation: str, up_w: int = 1_000_000, **over: Any) -> v1.GridLimit:
    return grid_limit(scope="substation", substation=substation, up_w=up_w, **over)


def asked_of(events: list[Any]) -> dict[str, tuple[list[str], bool, str]]:
    """By DSO: what it is asked about, whether anew, and why."""
    return {
        one.dso: ([point.metering_point_id for point in one.points], one.anew, one.because)
        for one in events
        if isinstance(one, ASKED)
    }


@pytest.mark.parametrize("station", [STATION, ABOVE])
def test_a_point_that_moves_from_a_limited_place_counts_nothing_until_its_dso_has_answered(
    world: Any, station: str
) -> None:
    group = limited(world, at_station(station))
    asked, changed = world.scenario.when(moved(world, 0, OTHER), at=world.oslo(2, 1)).then_only(
        ASKED, v1.BiddableChanged
    )

    assert asked_of([asked]) == {world.DSO_1: ([world.point(0)], True, "relocated")}
    assert (asked.points[0].substation, asked.due_at) == (OTHER, world.oslo(3, 2))
    # The other three still share what the place takes.
    assert (changed.deliverable_up_w, changed.unassessed_up_w, changed.up_w) == (1_000_000, 500_000, 1_000_000)
    assert v1.Less(why="unassessed", up_w=500_000, down_w=0) in changed.reasons
    world.apply(world.id(3), group, 1_500_000, at=world.oslo(2, 2))
    world.decide(world.id(3), up_w=1_500_000, at=world.oslo(2, 3)).refused("DSO_ANSWER_MISSING", actual=world.DSO_1)

    *_, changed = world.assess(world.id(3), world.DSO_1, at=world.oslo(2, 4)).then_only(
        v1.GridAssessed, v1.BiddableChanged
    )
    assert (changed.deliverable_up_w, changed.unassessed_up_w) == (1_500_000, 0)


def test_who_moves_to_a_limited_place_is_asked_about_too(world: Any) -> None:
    limited(world, at_station(STATION))
    world.scenario.when(moved(world, 0, None), at=world.oslo(2, 1))
    world.assess(world.id(2), world.DSO_1, at=world.oslo(2, 2))
    asked, changed = world.scenario.when(moved(world, 0, STATION), at=world.oslo(2, 3)).then_only(
        ASKED, v1.BiddableChanged
    )

    assert asked_of([asked]) == {world.DSO_1: ([world.point(0)], True, "relocated")}
    assert changed.unassessed_up_w == 500_000


def test_each_dso_is_asked_whose_own_answer_rests_on_the_place(world: Any) -> None:
    limited(world, at_station(UPPER))
    (above, _) = world.scenario.when(moved(world, 0, OTHER), at=world.oslo(2, 1)).then_only(ASKED, v1.BiddableChanged)
    assert asked_of([above]) == {world.DSO_ABOVE: ([world.point(0)], True, "relocated")}


def test_both_are_asked_where_both_limit_the_place(world: Any) -> None:
    limited(world, at_station(STATION), at_station(UPPER, 1_200_000))
    events = world.scenario.when(moved(world, 0, OTHER), at=world.oslo(2, 1)).events
    assert asked_of(events) == dict.fromkeys((world.DSO_1, world.DSO_ABOVE), ([world.point(0)], True, "relocated"))


@pytest.mark.parametrize("over", [{"scope": "part", "up_w": 1_500_000}, {"metering_point": 0, "up_w": 400_000}, None])
def test_a_move_changes_nothing_where_no_place_is_limited(world: Any, over: dict[str, Any] | None) -> None:
    fields = dict(over or {})
    if (n := fields.pop("metering_point", None)) is not None:
        fields["metering_point_id"] = world.point(n)
    limited(world, *([grid_limit(**fields)] if over else []))
    world.scenario.when(moved(world, 0, OTHER), at=world.oslo(2, 1)).then()


def test_a_move_at_the_same_station_and_a_limit_that_is_over_ask_nobody(world: Any) -> None:
    limited(world, at_station(STATION, valid_from=world.oslo(1, 28), valid_to=world.oslo(1, 29)))
    world.scenario.until(world.oslo(2, 1))
    world.scenario.when(moved(world, 0, OTHER), at=world.oslo(2, 1)).then()
    world.scenario.when(moved(world, 0, OTHER), at=world.oslo(2, 2)).then()


def test_a_question_that_stands_open_is_asked_again_where_the_point_lies_now(world: Any, group: str) -> None:
    world.scenario.given(world.joined(group, 7, up_w=500_000, substation=STATION), at=world.oslo(2, 10))
    (asked,) = world.scenario.when(moved(world, 7, OTHER), at=world.oslo(2, 11)).then_only(ASKED)
    assert asked_of([asked]) == {world.DSO_1: ([world.point(7)], False, "relocated")}
    assert asked.points[0].substation == OTHER


# Limits on more than a point


def grid_limit(**over: Any) -> v1.GridLimit:
    return v1.GridLimit(**{"reason_code": "transformer", "up_w": 0} | over)


@pytest.fixture
def asked(world: Any) -> str:
    """An application for four points of 500 kW, two of them at a station."""
    world.cap(3_000_000)
    group = world.group(world.id(1))
    for n in range(4):
        world.join(group, n, up_w=500_000, down_w=100_000, substation=STATION if n < 2 else None)
    world.apply(world.id(2), group, 2_000_000)
    return world.id(2)


def test_a_station_a_part_and_a_point_are_limited_together(world: Any, asked: str) -> None:
    limits = [
        grid_limit(metering_point_id=world.point(0), up_w=400_000),
        grid_limit(scope="substation", substation=STATION, up_w=600_000, down_w=50_000),
        grid_limit(scope="part", up_w=1_500_000),
    ]
    (assessed,) = world.assess(asked, world.DSO_1, "limited", limits=limits).then_only(v1.GridAssessed)
    # 400 + 500 at the station, capped at 600; with 1,000 elsewhere 1,600, capped at 1,500. Down: 50 + 200.
    assert (assessed.deliverable_up_w, assessed.deliverable_down_w) == (1_500_000, 250_000)
    *_, changed = world.decide(asked, up_w=1_500_000).events
    assert [(one.scope, one.key, one.up_w, one.down_w) for one in changed.lowered] == [
        ("substation", None, 300_000, 150_000),
        ("part", None, 100_000, 0),
    ]


def test_a_limit_for_a_period_is_published_ahead(world: Any, asked: str) -> None:
    begin, end = world.oslo(3, 1, 6), world.oslo(3, 1, 10)
    limits = [grid_limit(scope="substation", substation=STATION, valid_from=begin, valid_to=end)]
    world.assess(asked, world.DSO_1, "limited", limits=limits)
    steps = [event for event in world.decide(asked, up_w=2_000_000).events if type(event) is v1.BiddableChanged]
    assert [(step.valid_from, step.up_w, len(step.lowered)) for step in steps] == [
        (world.oslo(1, 27, 9), 2_000_000, 0),
        (begin, 1_000_000, 1),
        (end, 2_000_000, 0),
    ]
    world.scenario.until(world.oslo(4, 1)).then()


@pytest.mark.rule("LIMIT_SCOPE_UNCLEAR")
@pytest.mark.parametrize(
    "limit",
    [
        {"scope": "substation"},
        {"scope": "metering-point"},
        {"scope": "part", "substation": STATION},
        {"scope": "part", "up_w": None},
    ],
)
def test_a_limit_says_what_it_is_on_and_limits_something(world: Any, asked: str, limit: dict[str, Any]) -> None:
    outcome = world.assess(asked, world.DSO_1, "limited", limits=[grid_limit(**limit)])
    outcome.refused("LIMIT_SCOPE_UNCLEAR", path="/limits/0/scope", actual=limit["scope"])


@pytest.mark.rule("LIMIT_OFF_QUARTER")
def test_a_limit_begins_and_ends_on_a_quarter(world: Any, asked: str) -> None:
    limit = grid_limit(scope="part", valid_from=world.oslo(3, 1, 12, 7), valid_to=world.oslo(3, 1, 13))
    world.assess(asked, world.DSO_1, "limited", limits=[limit]).refused(
        "LIMIT_OFF_QUARTER",
        path="/limits/0/valid_from",
        actual=values.time_text(world.oslo(3, 1, 12, 7)),
        limit=values.time_text(world.oslo(3, 1, 12)),
    )


@pytest.mark.rule("LIMIT_NOT_YOUR_SUBSTATION")
@pytest.mark.rule("LIMIT_PERIOD_INVALID")
def test_a_limit_is_on_ones_own_and_ends_after_it_begins(world: Any, asked: str) -> None:
    other = "01900000-0000-7000-8000-00000000bbbb"
    noon = world.oslo(3, 1, 12)
    outcome = world.assess(
        asked,
        world.DSO_1,
        "limited",
        limits=[
            grid_limit(scope="substation", substation=other),
            grid_limit(scope="part", valid_from=noon, valid_to=noon),
        ],
    )
    outcome.refused("LIMIT_NOT_YOUR_SUBSTATION", path="/limits/0/substation", actual=other)
    outcome.refused("LIMIT_PERIOD_INVALID", path="/limits/1/valid_to")
    outcome.refused_rows((0, "LIMIT_NOT_YOUR_SUBSTATION"), (1, "LIMIT_PERIOD_INVALID"))


# Growth


def grow(world: Any, group: str, up_w: int) -> str:
    """Two points more, assessed, and an application for more."""
    for n in (7, 8):
        world.scenario.given(world.joined(group, n, up_w=500_000), at=world.oslo(2, 10))
    points = [world.point(7), world.point(8)]
    world.assess(world.id(2), world.DSO_1, points=points, at=world.oslo(2, 11))
    received, more = world.apply(world.id(3), group, up_w, at=world.oslo(2, 12)).then_only(
        v1.ApplicationReceived, ASKED
    )
    assert (received.extends, more.more_power, more.applied_up_w) == (world.id(2), True, up_w)
    world.assess(world.id(3), world.DSO_1, at=world.oslo(2, 12, 12)).then_only(v1.GridAssessed)
    return world.id(3)


def test_growth_takes_the_difference_and_replaces_the_approval(world: Any, group: str) -> None:
    growth = grow(world, group, 3_000_000)
    decided, reserved, replaced, changed = world.decide(growth, up_w=3_000_000, at=world.oslo(2, 13)).then_only(
        v1.PrequalificationDecided, v1.VolumeReserved, v1.ApplicationReplaced, v1.BiddableChanged
    )
    assert (reserved.reserved_w, reserved.used_w, reserved.free_w) == (3_000_000, 3_000_000, 0)
    assert (replaced.application_id, replaced.replaced_by) == (world.id(2), growth)
    assert (changed.up_w, changed.approved_up_w) == (3_000_000, 3_000_000)
    assert world.scenario.state(store.APPLICATION, world.id(2)).status == "replaced"
    assert decided.decision == "approved"


def test_growth_that_finds_no_room_waits_and_the_approval_stands(world: Any, group: str) -> None:
    world.cap(2_500_000, at=world.oslo(2, 1))
    growth = grow(world, group, 3_000_000)
    _, queued = world.decide(growth, up_w=3_000_000, at=world.oslo(2, 13)).then_only(
        v1.PrequalificationDecided, v1.ApplicationQueued
    )
    assert (queued.place, queued.requested_w, queued.free_w) == (1, 1_000_000, 500_000)
    (changed,) = world.scenario.when(world.leaves(group, 0, world.oslo(3, 1)), at=world.oslo(2, 14)).events
    assert (changed.approved_up_w, changed.up_w) == (2_000_000, 2_000_000)
    _, reserved, _, *steps = world.cap(3_000_000, at=world.oslo(2, 20)).then_only(
        v1.ZoneCapSet, v1.VolumeReserved, v1.ApplicationReplaced, v1.BiddableChanged, v1.BiddableChanged
    )
    assert reserved.used_w == 3_000_000
    assert [step.up_w for step in steps] == [3_000_000, 2_000_000]


def test_growth_that_is_rejected_leaves_the_approval_as_it_was(world: Any, group: str) -> None:
    growth = grow(world, group, 3_000_000)
    world.decide(growth, "rejected", at=world.oslo(2, 13)).then_only(v1.PrequalificationDecided)
    standing = world.scenario.state(store.APPROVAL, group)
    assert (standing.under_way, standing.admitted) == (None, world.id(2))
    # The DSOs go on being asked, and the BSP may try again.
    world.scenario.when(world.joined(group, 9, up_w=1_000), at=world.oslo(2, 14)).then_only(ASKED)
    # They have answered on more.
    world.apply(world.id(4), group, 2_500_000, at=world.oslo(2, 15)).then_only(v1.ApplicationReceived)


@pytest.mark.rule("APPLICATION_UNDER_WAY")
def test_two_growths_at_a_time_are_one_too_many(world: Any, group: str) -> None:
    grow(world, group, 3_000_000)
    world.apply(world.id(4), group, 2_500_000, at=world.oslo(2, 15)).refused("APPLICATION_UNDER_WAY")
