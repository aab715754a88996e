"""Who gets a point at a midnight to come lets it join ahead; at the midnight it fits, or the joining lapses (D26)."""

import pytest

from chassis.work import DeadlinePending
from contracts.registry import v1
from registry import store

pytestmark = pytest.mark.unit

POINT = 1
"""Passes from one BSP to the other on 15 April; the other has 11 and 12 in its group 200."""


@pytest.fixture
def start(world):
    return world.midnight(4, 15)


@pytest.fixture
def passing(world, register, start):
    """Point 1 is in a group of its BSP's and passes to the other."""
    register.given(*world.points((1, 2, 3)), *world.points((11, 12), bsp=world.OTHER_BSP))
    world.form(register, 1, 2, 3)
    theirs = v1.FormGroup(zone="NO3", metering_points=world.ids(11, 12))
    world.tell(register, theirs, number=200, sender=world.OTHER_BSP)
    return register.given(world.switched(world.point(POINT), start), at=world.noon(4, 1))


@pytest.fixture
def tell(world, passing):
    """What the incoming BSP says of its group."""

    def told(wish, *, at=None, number=200):
        return world.tell(passing, wish, number=number, sender=world.OTHER_BSP, at=at or world.noon(4, 2))

    return told


def add(world, *numbers, mode="all"):
    return v1.AddMembers(metering_points=world.ids(*numbers), mode=mode)


def members(world, scenario, number=200):
    return set(scenario.state(store.GROUP, world.uuid(number)).members)


@pytest.mark.rule("METERING_POINT_JOINS_LATER")
def test_it_joins_at_the_midnight_and_is_said_to_before(world, passing, tell, start):
    outcome = tell(add(world, POINT))

    (announced,) = outcome.then_only(v1.JoinAnnounced)
    assert (announced.valid_from, announced.bsp, announced.up_w) == (start, world.OTHER_BSP, 5_000)
    assert [(reason.code, reason.path) for reason in outcome.reasons] == [
        ("METERING_POINT_JOINS_LATER", "/metering_points/0")
    ]
    assert members(world, passing) == set(world.ids(11, 12))

    ended, joined = passing.until(start).then_only(v1.MembershipEnded, v1.MemberJoined)
    assert (ended.group_id, ended.valid_to) == (world.uuid(100), start)
    assert (joined.group_id, joined.valid_from, joined.held_from) == (world.uuid(200), start, start)
    assert members(world, passing) == set(world.ids(1, 11, 12))
    point = passing.state(store.METERING_POINT, world.point(POINT))
    assert (point.joining, point.membership.group_id, len(point.past)) == (None, world.uuid(200), 1)
    passing.until(world.midnight(6, 1)).then()


@pytest.mark.rule("METERING_POINT_NOT_HELD")
def test_where_nothing_happens_nobody_is_told_that_it_joins_later(world, passing, tell):
    refused = tell(add(world, POINT, 99))
    assert [reason.code for reason in refused.reasons] == ["METERING_POINT_NOT_HELD"]

    partly = tell(add(world, POINT, 99, mode="each"))
    partly.then_only(v1.JoinAnnounced)
    assert {reason.code for reason in partly.reasons} == {"METERING_POINT_NOT_HELD", "METERING_POINT_JOINS_LATER"}


@pytest.mark.parametrize("theirs", [50, 200])
def test_which_group_is_called_first_at_the_midnight_makes_no_difference(world, register, start, theirs):
    register.given(*world.points((1, 2, 3)), world.switched(world.point(1), start))
    world.form(register, 1, 2, 3)
    draft = v1.FormGroup(zone="NO3", metering_points=world.ids(1), activate=False)
    world.tell(register, draft, number=theirs, sender=world.OTHER_BSP).then_only(v1.GroupFormed, v1.JoinAnnounced)

    register.until(start).then_only(v1.MembershipEnded, v1.MemberJoined)
    assert members(world, register, theirs) == {world.point(1)}


def test_a_point_that_took_part_alone_joins_the_incomings_group_if_it_has_shrunk(world, register, start):
    register.given(*world.points((1,), kw=999), *world.points((2,), kw=1_000))
    register.given(world.switched(world.point(2), start))
    world.tell(register, v1.FormRegulationObject(metering_point_id=world.point(2)), number=300)
    less = v1.UpdateResource(up_w=900_000)
    register.when(less, subject=world.resource(world.point(2)).resource_id, sender=world.BSP)
    draft = v1.FormGroup(zone="NO3", metering_points=world.ids(2), activate=False)
    world.tell(register, draft, number=50, sender=world.OTHER_BSP).then_only(v1.GroupFormed, v1.JoinAnnounced)

    register.until(start).then_only(v1.RegulationObjectEnded, v1.MemberJoined)


def test_a_cancelled_switch_lets_it_lapse(world, passing, tell, start):
    tell(add(world, POINT))

    restored, lapsed = passing.when(world.unswitched(world.point(POINT), start), at=world.noon(4, 3)).then_only(
        v1.MembershipEndCancelled, v1.JoinLapsed
    )
    assert restored.group_id == world.uuid(100)
    assert (lapsed.group_id, lapsed.because, lapsed.code, lapsed.valid_from) == (
        world.uuid(200),
        "control",
        None,
        start,
    )
    passing.until(start).then()
    assert members(world, passing, 100) == set(world.ids(1, 2, 3))


def test_a_switch_that_is_moved_lets_it_lapse_and_it_may_be_added_again(world, passing, tell, start):
    tell(add(world, POINT))
    later = world.midnight(4, 20)
    at = world.noon(4, 3)
    passing.given(world.unswitched(world.point(POINT), start), world.switched(world.point(POINT), later), at=at)

    (announced,) = tell(add(world, POINT), at=at).then_only(v1.JoinAnnounced)
    assert announced.valid_from == later
    passing.until(later).then_only(v1.MembershipEnded, v1.MemberJoined)


@pytest.mark.rule("METERING_POINT_TOO_LARGE_FOR_GROUP")
def test_what_the_outgoing_bsp_does_meanwhile_stands_and_it_lapses_where_it_no_longer_fits(world, passing, tell, start):
    tell(add(world, POINT))
    grown = v1.UpdateResource(up_w=1_200_000)
    subject = world.resource(world.point(POINT)).resource_id
    passing.when(grown, subject=subject, sender=world.BSP, at=world.noon(4, 14))

    _, lapsed = passing.until(start).then_only(v1.MembershipEnded, v1.JoinLapsed)
    assert (lapsed.because, lapsed.code, lapsed.limit, lapsed.actual, lapsed.unit) == (
        "no-fit",
        "METERING_POINT_TOO_LARGE_FOR_GROUP",
        1_000_000,
        1_200_000,
        "W",
    )
    assert passing.state(store.METERING_POINT, world.point(POINT)).joining is None
    passing.until(world.midnight(6, 1)).then()


@pytest.mark.rule("GROUP_ABOVE_MAX")
def test_who_joins_later_keeps_no_room_from_others_and_gets_none_twice(world, passing, tell, start):
    passing.given(*world.points(range(21, 27), kw=990, bsp=world.OTHER_BSP))
    tell(add(world, 21, 22, 23, 24, 25))  # 4,960 kW with 11 and 12
    more = v1.UpdateResource(up_w=40_000)
    passing.when(more, subject=world.resource(world.point(POINT)).resource_id, sender=world.BSP, at=world.noon(4, 1))
    passing.given(world.switched(world.point(2), start))
    tell(add(world, POINT)).then_only(v1.JoinAnnounced)

    # Those who join then must fit together.
    tell(add(world, 2)).refused("GROUP_ABOVE_MAX", actual=5_005_000)
    # Who joins now is not asked.
    passing.given(*world.points((13,), bsp=world.OTHER_BSP, kw=10))
    tell(add(world, 13)).then_only(v1.MemberJoined)
    _, _, lapsed = passing.until(start).then_only(v1.MembershipEnded, v1.MembershipEnded, v1.JoinLapsed)
    assert (lapsed.code, lapsed.actual) == ("GROUP_ABOVE_MAX", 5_010_000)


@pytest.mark.rule("METERING_POINT_ALREADY_IN_GROUP")
def test_it_joins_one_group_once(world, tell):
    tell(add(world, POINT))

    tell(add(world, POINT)).refused("METERING_POINT_ALREADY_IN_GROUP")
    other = v1.FormGroup(zone="NO3", metering_points=world.ids(POINT), activate=False)
    tell(other, number=201).refused("METERING_POINT_ALREADY_IN_GROUP")


@pytest.mark.rule("METERING_POINT_WRONG_ZONE")
@pytest.mark.rule("BRP_DIFFERENT")
def test_it_must_fit_as_it_will_be_then(world, passing, tell, start):
    elsewhere = world.recorded(world.point(POINT), grid_area=world.AREA_ELSEWHERE, zone="NO1")
    moves = elsewhere.model_copy(update={"valid_from": start})
    passing.given(moves)
    tell(add(world, POINT)).refused("METERING_POINT_WRONG_ZONE", actual="NO1")

    passing.given(world.switched(world.point(2), start), world.supplied(world.point(2), world.OTHER_BRP, at=start))
    tell(add(world, 2)).refused("BRP_DIFFERENT")


@pytest.mark.rule("METERING_POINT_NOT_HELD")
def test_who_neither_holds_it_nor_will_is_told_nothing(world, passing):
    draft = v1.FormGroup(zone="NO3", metering_points=world.ids(POINT), activate=False)
    stranger = world.tell(passing, draft, number=201, sender=world.TSO).refused("METERING_POINT_NOT_HELD", limit=None)
    unknown = draft.model_copy(update={"metering_points": world.ids(99)})
    assert stranger == world.tell(passing, unknown, number=201, sender=world.TSO).refused("METERING_POINT_NOT_HELD")


@pytest.mark.rule("GROUP_NEEDS_SEVERAL_POINTS")
def test_who_joins_later_makes_no_group_yet(world, passing, tell):
    for mode in ("all", "each"):
        wish = v1.FormGroup(zone="NO3", metering_points=world.ids(POINT, 11), mode=mode)
        tell(wish, number=201).refused("GROUP_NEEDS_SEVERAL_POINTS", actual=1 if mode == "all" else 0)


@pytest.mark.rule("NOT_A_MEMBER")
def test_the_incoming_bsp_takes_it_back(world, passing, tell, start):
    tell(add(world, POINT))

    late = v1.RemoveMembers(metering_points=world.ids(POINT), valid_to=world.midnight(4, 20))
    tell(late).refused("NOT_A_MEMBER")
    (lapsed,) = tell(v1.RemoveMembers(metering_points=world.ids(POINT))).then_only(v1.JoinLapsed)
    assert (lapsed.because, lapsed.code) == ("left", None)
    passing.until(start).then_only(v1.MembershipEnded)


@pytest.mark.rule("GROUP_ENDED")
def test_into_a_group_that_has_ended_nobody_joins(world, passing, tell, start):
    tell(add(world, POINT))
    tell(v1.EndGroup())

    events = passing.until(start).events
    (lapsed,) = [event for event in events if isinstance(event, v1.JoinLapsed)]
    assert (lapsed.because, lapsed.code) == ("no-fit", "GROUP_ENDED")


def test_a_claim_ahead_joins_ahead_and_never_where_control_never_begins(world, register):
    begins = world.midnight(2, 1)
    register.given(*world.points((1,)))
    register.given(world.control_ends(world.point(1), world.midnight(1, 10)))
    register.given(world.claimed(world.point(1), world.OTHER_BSP, begins))
    draft = v1.FormGroup(zone="NO3", metering_points=world.ids(1), activate=False)
    world.tell(register, draft, sender=world.OTHER_BSP).then_only(v1.GroupFormed, v1.JoinAnnounced)

    outcome = register.when(
        world.control_ends(world.point(1), begins, bsp=world.OTHER_BSP, since=begins), at=world.noon(1, 20)
    )
    assert [event.because for event in outcome.events if isinstance(event, v1.JoinLapsed)] == ["control"]


def test_what_is_said_at_the_midnight_waits_until_it_has_joined(world, passing, tell, start):
    tell(add(world, POINT))
    subject = world.resource(world.point(POINT)).resource_id
    wish = v1.UpdateResource(up_w=6_000)

    with pytest.raises(DeadlinePending):
        passing.when(wish, subject=subject, sender=world.OTHER_BSP, at=start)
    passing.until(start)
    passing.when(wish, subject=subject, sender=world.OTHER_BSP, at=start).then_only(
        v1.ResourceUpdated, v1.MemberPowerChanged
    )
