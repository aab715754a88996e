"""What becomes of members: switches, BRP changes, leave dates."""

import pytest

from chassis.work import DeadlinePending
from contracts.registry import v1
from registry import store

pytestmark = pytest.mark.unit


def form(world, scenario, numbers, *, number=100):
    return scenario.when(
        v1.FormGroup(zone="NO3", metering_points=world.ids(*numbers)),
        subject=world.uuid(number),
        sender=world.BSP,
        at=world.midnight(1, 5),
    )


def add(world, scenario, *numbers, at, number=100):
    return scenario.when(
        v1.AddMembers(metering_points=world.ids(*numbers)), subject=world.uuid(number), sender=world.BSP, at=at
    )


@pytest.fixture
def grouped(world, register):
    """A group of points 1 to 4, 5 kW each; 5 stands beside it."""
    register.given(*world.points(range(1, 6)))
    form(world, register, range(1, 5))
    return register


def sums(event):
    return event.declared_up_w, event.declared_down_w


# Switches


def test_a_switch_ends_the_membership_at_its_midnight_with_the_sums_from_then(world, grouped):
    start = world.midnight(4, 15)
    at = world.midnight(4, 1)

    (first,) = grouped.when(world.switched(world.point(1), start), at=at).then_only(v1.MembershipEndAnnounced)
    (second,) = grouped.when(world.switched(world.point(2), start), at=at).then_only(v1.MembershipEndAnnounced)

    assert (first.valid_to, first.because, first.dso) == (start, "switch", world.DSO)
    assert (sums(first), sums(second)) == ((15_000, 0), (10_000, 0))
    # Until then they count.
    state = grouped.state(store.GROUP, world.uuid(100))
    assert (state.power.up_w, len(state.members)) == (20_000, 4)

    ended = grouped.until(start).then_only(v1.MembershipEnded, v1.MembershipEnded)
    assert [(e.metering_point_id, e.valid_to, e.because, sums(e)) for e in ended] == [
        (world.point(1), start, "switch", (10_000, 0)),
        (world.point(2), start, "switch", (10_000, 0)),
    ]
    state = grouped.state(store.GROUP, world.uuid(100))
    assert (state.power.up_w, len(state.members), state.ends) == (10_000, 2, {})
    (past,) = grouped.state(store.METERING_POINT, world.point(1)).past
    assert (past.group_id, past.valid_from, past.valid_to) == (world.uuid(100), world.midnight(1, 5), start)


def test_the_story_of_60_points_that_go(world, register):
    register.given(*world.points(range(1, 421)))
    form(world, register, range(1, 421))
    announced = [
        register.when(world.switched(world.point(n), world.midnight(4, 15)), at=world.midnight(4, 1)).events
        for n in range(1, 61)
    ]
    assert sums(announced[-1][0]) == (1_800_000, 0)

    ended = register.until(world.midnight(4, 15)).then_only(*[v1.MembershipEnded] * 60)
    assert {sums(event) for event in ended} == {(1_800_000, 0)}


def test_a_switch_told_after_its_midnight_ends_a_later_membership_where_it_began(world, grouped):
    joined = world.noon(1, 20)
    add(world, grouped, 5, at=joined)
    switched = world.switched(world.point(5), world.midnight(1, 12))
    announced, ended = grouped.when(switched, at=world.noon(1, 21)).then_only(
        v1.MembershipEndAnnounced, v1.MembershipEnded
    )
    assert announced.valid_to == joined
    grouped.when(switched, at=world.noon(1, 21)).then()
    assert (ended.metering_point_id, ended.valid_to) == (world.point(5), joined)


def test_a_switch_announced_again_says_nothing_new(world, grouped):
    grouped.given(world.switched(world.point(1), world.midnight(4, 15)))
    grouped.when(world.switched(world.point(1), world.midnight(4, 15))).then()


def test_a_switch_of_a_point_in_no_group_ends_nothing(world, grouped):
    grouped.when(world.switched(world.point(5), world.midnight(4, 15))).then()


def test_who_joins_while_a_switch_is_announced_is_in_until_its_midnight(world, grouped):
    grouped.given(world.switched(world.point(5), world.midnight(4, 15)))

    (joined,) = add(world, grouped, 5, at=world.midnight(4, 2)).then_only(v1.MemberJoined)
    assert joined.valid_to == world.midnight(4, 15)
    (ended,) = grouped.until(world.midnight(4, 15)).then_only(v1.MembershipEnded)
    assert (ended.metering_point_id, ended.because) == (world.point(5), "switch")


@pytest.mark.rule("GROUP_ABOVE_MAX")
def test_room_that_becomes_free_can_be_used_when_the_midnight_has_come(world, register):
    register.given(*world.points(range(1, 6), kw=900), *world.points((6,), kw=500), *world.points((7,), kw=900))
    form(world, register, range(1, 7))
    start = world.midnight(4, 15)
    register.given(world.switched(world.point(1), start))

    add(world, register, 7, at=world.midnight(4, 14)).refused("GROUP_ABOVE_MAX", actual=5_900_000)
    with pytest.raises(DeadlinePending):
        add(world, register, 7, at=start)
    register.until(start)
    assert add(world, register, 7, at=start).events[0].declared_up_w == 5_000_000


@pytest.mark.rule("METERING_POINT_ALREADY_IN_GROUP")
def test_an_announced_end_does_not_free_a_point_before_its_midnight(world, grouped):
    start = world.midnight(4, 15)
    grouped.given(world.switched(world.point(1), start), *world.points((8, 9)))
    form(world, grouped, (8, 9), number=101)

    add(world, grouped, 1, number=101, at=world.midnight(4, 14)).refused("METERING_POINT_ALREADY_IN_GROUP")
    with pytest.raises(DeadlinePending):
        add(world, grouped, 1, number=101, at=start)


# Balance responsible parties


def brp_changes(world, scenario, number, *, brp="", valid_from, at):
    return scenario.when(world.supplied(world.point(number), brp or world.OTHER_BRP, at=valid_from), at=at)


def test_another_brp_makes_a_member_leave_by_a_date_and_until_then_it_counts(world, grouped):
    outcome = brp_changes(world, grouped, 1, valid_from=world.midnight(4, 22), at=world.midnight(4, 20))

    outcome.then(
        v1.MemberMustLeave(
            group_id=world.uuid(100),
            metering_point_id=world.point(1),
            bsp=world.BSP,
            dso=world.DSO,
            because="brp",
            since=world.midnight(4, 22),
            leave_by=world.midnight(5, 20),
            brp_consumption=world.OTHER_BRP,
            brp_production=world.OTHER_BRP,
            proposal="leave",
            must_leave_days=28,
        )
    )
    assert grouped.state(store.GROUP, world.uuid(100)).power.up_w == 20_000
    assert grouped.state(store.METERING_POINT, world.point(1)).membership.leave_by == {"brp": world.midnight(5, 20)}

    grouped.until(world.midnight(5, 19)).then()
    (ended,) = grouped.until(world.midnight(5, 20)).then_only(v1.MembershipEnded)
    assert (ended.because, sums(ended)) == ("must-leave", (15_000, 0))


def test_a_group_of_the_same_bsp_with_that_brp_and_room_is_proposed(world, grouped):
    grouped.given(
        *world.points((11, 12), brp=world.OTHER_BRP, zone="NO1"),
        *world.points(range(21, 27), brp=world.OTHER_BRP, kw=833),
        *world.points((31, 32), brp=world.OTHER_BRP),
        *world.points((41, 42), brp=world.OTHER_BRP),
    )
    grouped.when(v1.FormGroup(zone="NO1", metering_points=world.ids(11, 12)), subject=world.uuid(101), sender=world.BSP)
    form(world, grouped, range(21, 27), number=102)  # 4,998 kW: no room for 5
    form(world, grouped, (31, 32), number=103)
    form(world, grouped, (41, 42), number=104)

    (leave,) = brp_changes(world, grouped, 1, valid_from=world.midnight(4, 22), at=world.midnight(4, 20)).then_only(
        v1.MemberMustLeave
    )
    assert (leave.proposal, leave.proposed_group_id) == ("move", world.uuid(103))


def test_the_same_fact_again_marks_once_and_a_point_in_no_group_is_not_marked(world, grouped):
    change = {"valid_from": world.midnight(4, 22), "at": world.midnight(4, 20)}

    brp_changes(world, grouped, 1, **change).then_only(v1.MemberMustLeave)
    brp_changes(world, grouped, 1, **change).then()
    brp_changes(world, grouped, 5, **change).then()


def test_a_change_of_supplier_with_the_same_brp_means_nothing(world, grouped):
    brp_changes(world, grouped, 1, brp=world.BRP, valid_from=world.midnight(4, 22), at=world.midnight(4, 20)).then()


def test_a_fact_so_late_that_its_date_is_past_means_the_next_midnight(world, grouped):
    at = world.noon(4, 20)
    (leave,) = brp_changes(world, grouped, 1, valid_from=world.midnight(2, 1), at=at).then_only(v1.MemberMustLeave)

    assert (leave.since, leave.leave_by) == (world.midnight(2, 1), world.midnight(4, 21))


def test_a_difference_before_it_was_a_member_counts_from_when_it_joined(world, grouped):
    at = world.midnight(1, 7)
    (leave,) = brp_changes(world, grouped, 1, valid_from=world.midnight(1, 1), at=at).then_only(v1.MemberMustLeave)

    assert (leave.since, leave.leave_by) == (world.midnight(1, 5), world.midnight(2, 2))


def test_a_corrected_fact_lets_the_member_stay(world, grouped):
    brp_changes(world, grouped, 1, valid_from=world.midnight(4, 22), at=world.midnight(4, 20))
    outcome = brp_changes(world, grouped, 1, brp=world.BRP, valid_from=world.midnight(4, 22), at=world.midnight(4, 21))

    outcome.then(
        v1.MemberMayStay(
            group_id=world.uuid(100), metering_point_id=world.point(1), bsp=world.BSP, dso=world.DSO, because="brp"
        )
    )
    grouped.until(world.midnight(6, 1)).then()


def test_a_difference_that_is_over_before_the_leave_date_makes_nobody_leave(world, grouped):
    brp_changes(world, grouped, 1, valid_from=world.midnight(4, 22), at=world.midnight(4, 20))
    brp_changes(world, grouped, 1, brp=world.BRP, valid_from=world.midnight(5, 1), at=world.midnight(4, 21)).then_only(
        v1.MemberMayStay
    )


def test_who_leaves_by_a_switch_before_the_change_is_not_marked(world, grouped):
    grouped.given(world.switched(world.point(1), world.midnight(4, 15)))
    brp_changes(world, grouped, 1, valid_from=world.midnight(4, 22), at=world.midnight(4, 1)).then()


def test_of_a_switch_and_a_leave_date_the_first_ends_the_membership(world, grouped):
    brp_changes(world, grouped, 1, valid_from=world.midnight(4, 1), at=world.midnight(4, 1))
    (announced,) = grouped.when(
        world.switched(world.point(1), world.midnight(5, 10)), at=world.midnight(4, 26)
    ).then_only(v1.MembershipEndAnnounced)
    # By then it has had to leave anyway: it is in the sums no more.
    assert sums(announced) == (15_000, 0)

    (ended,) = grouped.until(world.midnight(5, 10)).then_only(v1.MembershipEnded)
    assert (ended.because, ended.valid_to) == ("must-leave", world.midnight(4, 29))


def test_what_the_incoming_bsp_has_taken_over_is_not_ended_again(world, grouped):
    start = world.midnight(4, 15)
    grouped.given(world.switched(world.point(1), start))
    grouped.until(start)
    brp_changes(world, grouped, 1, valid_from=world.midnight(4, 22), at=world.midnight(4, 20)).then()
    grouped.until(world.midnight(6, 1)).then()
