"""Members that go from one group to another at once."""

from datetime import timedelta

import pytest

from chassis.work import DeadlinePending
from contracts.registry import v1
from registry import store
from registry.domain.power import Power

pytestmark = pytest.mark.unit


def group(world, scenario, number):
    return scenario.state(store.GROUP, world.uuid(number))


def move(world, scenario, *numbers, to=101, source=100, mode="all", at=None, sender=""):
    wish = v1.MoveMembers(from_group=world.uuid(source), metering_points=world.ids(*numbers), mode=mode)
    return world.tell(scenario, wish, number=to, at=at, sender=sender or world.BSP)


@pytest.fixture
def two(world, register):
    """Points 1 to 4 in one group, 11 and 12 in another, 5 kW each; 5 stands beside them."""
    register.given(*world.points((1, 2, 3, 4, 5, 11, 12)))
    world.form(register, 1, 2, 3, 4)
    world.form(register, 11, 12, number=101)
    return register


def test_members_leave_one_group_and_join_the_other_in_the_same_moment(world, two):
    at = world.noon(1, 6)

    left, also_left, joined, also_joined = move(world, two, 1, 2, at=at).then_only(
        v1.MembershipEnded, v1.MembershipEnded, v1.MemberJoined, v1.MemberJoined
    )

    assert (left.group_id, left.because, left.valid_to) == (world.uuid(100), "moved", at)
    assert (left.declared_up_w, also_left.declared_up_w) == (10_000, 10_000)
    assert (joined.group_id, joined.valid_from, joined.from_group) == (world.uuid(101), at, world.uuid(100))
    assert (joined.declared_up_w, also_joined.declared_up_w) == (15_000, 20_000)
    assert (joined.substation, joined.held_from, joined.group_max_w) == ("Moholt", world.START, 5_000_000)
    point = two.state(store.METERING_POINT, world.point(1))
    assert point.membership.group_id == world.uuid(101)
    assert [(one.group_id, one.valid_to) for one in point.past] == [(world.uuid(100), at)]
    assert (group(world, two, 100).power, group(world, two, 101).power) == (Power(10_000, 0), Power(20_000, 0))


@pytest.mark.rule("NOT_A_MEMBER")
@pytest.mark.rule("METERING_POINT_REPEATED")
def test_only_members_of_the_one_group_are_moved(world, two):
    outcome = move(world, two, 1, 5, 11, 8, 1)

    outcome.refused("NOT_A_MEMBER", path="/metering_points")
    outcome.refused_rows((1, "NOT_A_MEMBER"), (2, "NOT_A_MEMBER"), (3, "NOT_A_MEMBER"), (4, "METERING_POINT_REPEATED"))
    assert two.state(store.METERING_POINT, world.point(1)).membership.group_id == world.uuid(100)
    move(world, two, 1, 5, mode="each").refused_rows((1, "NOT_A_MEMBER")).then_only(v1.MembershipEnded, v1.MemberJoined)
    move(world, two, 5, mode="each").refused("NOT_A_MEMBER")


@pytest.mark.rule("GROUP_NOT_YOURS")
@pytest.mark.rule("GROUP_REPEATED")
def test_both_groups_are_the_senders_and_two(world, two):
    two.given(*world.points((21, 22), bsp=world.OTHER_BSP))
    theirs = v1.FormGroup(zone="NO3", metering_points=world.ids(21, 22))
    world.tell(two, theirs, number=102, sender=world.OTHER_BSP)

    move(world, two, 1, to=102).refused("GROUP_NOT_YOURS", path="")
    others = move(world, two, 21, source=102).refused("GROUP_NOT_YOURS", path="/from_group")
    assert others == move(world, two, 1, source=777).refused("GROUP_NOT_YOURS")
    move(world, two, 1, to=100).refused("GROUP_REPEATED", path="/from_group")


@pytest.mark.rule("METERING_POINT_WRONG_ZONE")
@pytest.mark.rule("BRP_DIFFERENT")
def test_what_joining_asks_is_asked(world, two):
    two.given(*world.points((31, 32), zone="NO1"), *world.points((41, 42), brp=world.OTHER_BRP))
    world.form(two, 31, 32, number=103, zone="NO1")
    world.form(two, 41, 42, number=104)

    move(world, two, 1, to=103).refused("METERING_POINT_WRONG_ZONE", limit="NO1", actual="NO3")
    move(world, two, 1, to=104).refused("BRP_DIFFERENT", limit=world.OTHER_BRP, actual=world.BRP)


@pytest.mark.rule("GROUP_ABOVE_MAX")
@pytest.mark.parametrize(("kw", "refused"), [(500, False), (501, True)])
def test_5000_kw_pass_and_one_kw_more_does_not(world, register, kw, refused):
    register.given(*world.points((1,), kw=kw), *world.points((2, 3), kw=5), *world.points(range(11, 16), kw=900))
    world.form(register, 1, 2, 3)
    world.form(register, *range(11, 16), number=101)

    outcome = move(world, register, 1)
    assert outcome.rejected is refused
    if refused:
        outcome.refused("GROUP_ABOVE_MAX", limit=5_000_000, actual=5_001_000, path="/metering_points")
        move(world, register, 1, 2, mode="each").refused_rows((0, "GROUP_ABOVE_MAX"))
        assert world.point(2) in group(world, register, 101).members


@pytest.mark.rule("GROUP_ABOVE_MAX")
def test_the_room_that_becomes_free_can_be_used_at_once(world, register):
    register.given(*world.points(range(1, 7), kw=833), *world.points((11, 12, 7), kw=800))
    world.form(register, *range(1, 7))
    world.form(register, 11, 12, number=101)
    add = v1.AddMembers(metering_points=world.ids(7))

    world.tell(register, add).refused("GROUP_ABOVE_MAX", actual=5_798_000)
    move(world, register, 1)
    world.tell(register, add).then_only(v1.MemberJoined)


@pytest.mark.rule("BRP_DIFFERENT")
def test_a_move_mends_what_a_change_of_brp_broke(world, two):
    two.given(*world.points((41, 42), brp=world.OTHER_BRP))
    world.form(two, 41, 42, number=104)
    change = world.midnight(1, 20)
    two.when(world.supplied(world.point(1), world.OTHER_BRP, at=change), at=world.noon(1, 6)).then_only(
        v1.MemberMustLeave
    )

    # Until then it has its former BRP.
    move(world, two, 1, to=104, at=world.noon(1, 19)).refused("BRP_DIFFERENT")
    move(world, two, 1, to=104, at=change).then_only(v1.MembershipEnded, v1.MemberJoined)
    assert group(world, two, 104).members[world.point(1)].must_leave == {}
    assert group(world, two, 100).ends == {}
    two.until(world.midnight(6, 1)).then()


@pytest.mark.rule("METERING_POINT_TOO_LARGE_FOR_GROUP")
def test_who_has_grown_too_large_is_not_moved(world, two):
    wish = v1.RegisterResource(
        metering_point_id=world.point(1),
        technology="battery",
        up_w=995_000,
        down_w=0,
        devices=(v1.Device(make="Acme", model="X1", serial="S1"),),
    )
    world.tell(two, wish, number=900).then_only(v1.ResourceRegistered, v1.MemberMustLeave)

    move(world, two, 1).refused("METERING_POINT_TOO_LARGE_FOR_GROUP", limit=1_000_000, actual=1_000_000)


# Switches and other ends


def test_a_switch_announced_before_the_move_ends_the_new_membership(world, two):
    start = world.midnight(4, 15)
    two.given(world.switched(world.point(1), start), at=world.noon(4, 1))

    left, joined = move(world, two, 1, at=world.noon(4, 1)).then_only(v1.MembershipEnded, v1.MemberJoined)
    assert (left.valid_to, joined.valid_to) == (world.noon(4, 1), start)
    assert group(world, two, 100).ends == {}
    (ended,) = two.until(start).then_only(v1.MembershipEnded)
    assert (ended.group_id, ended.because) == (world.uuid(101), "switch")


def test_a_switch_announced_after_the_move_ends_the_new_membership_too(world, two):
    start = world.midnight(4, 15)
    move(world, two, 1, at=world.noon(4, 1))

    (announced,) = two.when(world.switched(world.point(1), start), at=world.noon(4, 1)).then_only(
        v1.MembershipEndAnnounced
    )
    assert (announced.group_id, announced.valid_to) == (world.uuid(101), start)
    (ended,) = two.until(start).then_only(v1.MembershipEnded)
    assert ended.group_id == world.uuid(101)


@pytest.mark.rule("NOT_A_MEMBER")
def test_at_the_very_midnight_of_its_end_a_member_is_not_moved(world, two):
    start = world.midnight(4, 15)
    two.given(world.switched(world.point(1), start), at=world.noon(4, 1))

    with pytest.raises(DeadlinePending):
        move(world, two, 1, at=start)
    two.until(start).then_only(v1.MembershipEnded)
    move(world, two, 1, at=start).refused("NOT_A_MEMBER")


def test_a_moment_before_it_is(world, two):
    start = world.midnight(4, 15)
    two.given(world.switched(world.point(1), start), at=world.noon(4, 1))
    before = start - timedelta(microseconds=1)

    move(world, two, 1, at=before).then_only(v1.MembershipEnded, v1.MemberJoined)
    (ended,) = two.until(start).then_only(v1.MembershipEnded)
    assert (ended.group_id, ended.valid_to) == (world.uuid(101), start)


def test_a_deadline_of_the_other_group_comes_first_too(world, two):
    start = world.midnight(4, 15)
    two.given(world.switched(world.point(11), start), at=world.noon(4, 1))

    with pytest.raises(DeadlinePending):
        move(world, two, 1, at=start)


def test_to_leave_the_one_group_is_not_to_leave_the_other(world, two):
    world.tell(two, v1.RemoveMembers(metering_points=world.ids(1)))

    move(world, two, 1).then_only(v1.MembershipEnded, v1.MemberJoined)
    two.until(world.midnight(2, 1)).then()
    assert world.point(1) in group(world, two, 101).members


def test_a_membership_that_ends_for_another_reason_does_so_in_the_other_group(world, two):
    gone = world.midnight(1, 20)
    two.given(
        v1.MembershipEndAnnounced(
            group_id=world.uuid(100),
            metering_point_id=world.point(1),
            bsp=world.BSP,
            dso=world.DSO,
            valid_to=gone,
            because="no-resource",
            declared_up_w=15_000,
            declared_down_w=0,
        )
    )

    *_, end = move(world, two, 1, 2).then_only(
        v1.MembershipEnded, v1.MembershipEnded, v1.MemberJoined, v1.MemberJoined, v1.MembershipEndAnnounced
    )
    assert (end.group_id, end.because, end.valid_to, end.declared_up_w) == (
        world.uuid(101),
        "no-resource",
        gone,
        15_000,
    )
    (ended,) = two.until(gone).then_only(v1.MembershipEnded)
    assert ended.group_id == world.uuid(101)


def test_a_zone_to_come_ends_the_membership_of_whoever_joins(world, two):
    moved = world.midnight(2, 1)
    fact = world.recorded(world.point(5), grid_area=world.AREA_ELSEWHERE, zone="NO1")
    two.given(fact.model_copy(update={"valid_from": moved}))

    _, end = world.tell(two, v1.AddMembers(metering_points=world.ids(5))).then_only(
        v1.MemberJoined, v1.MembershipEndAnnounced
    )
    assert (end.because, end.valid_to, end.declared_up_w) == ("zone", moved, 20_000)
    two.until(moved).then_only(v1.MembershipEnded)


def test_members_are_moved_out_of_a_group_that_ends(world, two):
    world.tell(two, v1.EndGroup())

    *_, ended = move(world, two, 1, 2, 3, 4, at=world.noon(1, 6)).then_only(
        *[v1.MembershipEnded] * 4, *[v1.MemberJoined] * 4, v1.GroupEnded
    )
    assert (ended.group_id, ended.valid_to, ended.because) == (world.uuid(100), world.noon(1, 6), "left")
    assert len(group(world, two, 101).members) == 6


def test_to_and_fro_in_the_same_moment_leaves_no_trace_between(world, two):
    at = world.noon(1, 6)
    move(world, two, 1, at=at)
    move(world, two, 1, source=101, to=100, at=at)
    move(world, two, 1, at=at)

    point = two.state(store.METERING_POINT, world.point(1))
    assert point.membership.group_id == world.uuid(101)
    assert [(one.group_id, one.valid_from, one.valid_to) for one in point.past] == [
        (world.uuid(100), world.midnight(1, 5), at)
    ]


def test_2000_points_are_moved_in_one_decision(world, register):
    numbers = range(1, 2001)
    register.given(*world.points(numbers, kw=2), *world.points((3001, 3002), kw=5))
    world.form(register, *numbers)
    world.form(register, 3001, 3002, number=101)

    outcome = move(world, register, *numbers)

    outcome.then_only(*[v1.MembershipEnded] * 2000, *[v1.MemberJoined] * 2000)
    assert outcome.events[-1].declared_up_w == 4_010_000
    assert group(world, register, 100).power == Power()
    assert len(group(world, register, 101).members) == 2002
    assert [type(event) for event in outcome.beside].count(v1.GroupMeasured) == 2
