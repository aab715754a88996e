"""What follows for members when what their points are becomes another thing (D16, E8, E20)."""

import pytest

from contracts.registry import v1
from contracts.values import Role
from registry import store

pytestmark = pytest.mark.unit


@pytest.fixture
def grouped(world, register):
    """A group in NO3 of points 1 to 4, 5 kW each, since 5 January; 5 stands beside it."""
    register.given(*world.points(range(1, 6)))
    form(world, register, (1, 2, 3, 4))
    return register


def form(world, register, numbers, *, zone="NO3", number=100, at=None):
    wish = v1.FormGroup(zone=zone, metering_points=world.ids(*numbers))
    return register.when(wish, subject=world.uuid(number), sender=world.BSP, at=at or world.midnight(1, 5))


def add(world, register, *numbers, at):
    wish = v1.AddMembers(metering_points=world.ids(*numbers))
    return register.when(wish, subject=world.uuid(100), sender=world.BSP, at=at)


def record(world, register, number, *, valid_from, at, **said):
    said = {"grid_area": world.AREA, "substation": "Moholt"} | said
    wish = v1.RecordMeteringPoint(resolution="PT15M", agreed_power_w=20_000, valid_from=valid_from, **said)
    return register.when(wish, subject=world.point(number), sender=world.DATAHUB, role=Role.DATAHUB, at=at)


def moves_away(world, register, number, *, valid_from, at):
    return record(world, register, number, grid_area=world.AREA_ELSEWHERE, valid_from=valid_from, at=at)


def members(world, register):
    return sorted(register.state(store.GROUP, world.uuid(100)).members)


# Another bidding zone


def test_a_member_that_will_lie_in_another_zone_leaves_at_that_midnight(world, grouped):
    _, announced = moves_away(world, grouped, 1, valid_from=world.midnight(4, 15), at=world.noon(4, 1)).then_only(
        v1.MeteringPointRecorded, v1.MembershipEndAnnounced
    )

    assert announced == v1.MembershipEndAnnounced(
        group_id=world.uuid(100),
        metering_point_id=world.point(1),
        bsp=world.BSP,
        dso=world.DSO,
        valid_to=world.midnight(4, 15),
        because="zone",
        declared_up_w=15_000,
        declared_down_w=0,
    )
    grouped.until(world.noon(4, 14)).then()
    (ended,) = grouped.until(world.midnight(4, 15)).then_only(v1.MembershipEnded)
    assert (ended.because, ended.valid_to) == ("zone", world.midnight(4, 15))


def test_a_member_that_has_long_lain_in_another_zone_is_out_at_once_from_then(world, grouped):
    since = world.midnight(2, 1)
    _, announced, ended = moves_away(world, grouped, 1, valid_from=since, at=world.noon(4, 1)).then_only(
        v1.MeteringPointRecorded, v1.MembershipEndAnnounced, v1.MembershipEnded
    )

    assert (announced.valid_to, ended.valid_to, ended.because) == (since, since, "zone")
    assert ended.declared_up_w == 15_000
    # A second one with the same date is out in the same way: nothing waits for a deadline that was decided before.
    moves_away(world, grouped, 2, valid_from=since, at=world.noon(4, 2)).then_only(
        v1.MeteringPointRecorded, v1.MembershipEndAnnounced, v1.MembershipEnded
    )
    grouped.until(world.midnight(6, 1)).then()
    assert members(world, grouped) == list(world.ids(3, 4))


def test_a_member_that_never_lay_in_the_zone_was_none_and_may_join_again_at_the_same_moment(world, grouped):
    _, announced, _ = moves_away(world, grouped, 1, valid_from=world.midnight(1, 1), at=world.midnight(1, 5)).then_only(
        v1.MeteringPointRecorded, v1.MembershipEndAnnounced, v1.MembershipEnded
    )
    assert announced.valid_to == world.midnight(1, 5)
    record(world, grouped, 1, valid_from=world.midnight(1, 1), at=world.midnight(1, 5))
    add(world, grouped, 1, at=world.midnight(1, 5)).then_only(v1.MemberJoined)

    point = grouped.state(store.METERING_POINT, world.point(1))
    rows = list(store.METERING_POINT.rows[store.MEMBERSHIP_ROWS](world.point(1), point))
    assert rows == [(world.point(1), world.uuid(100), world.midnight(1, 5), None)]


def test_a_fact_that_corrects_it_in_time_takes_the_end_back(world, grouped):
    moves_away(world, grouped, 1, valid_from=world.midnight(4, 15), at=world.noon(4, 1))
    _, cancelled = record(world, grouped, 1, valid_from=world.midnight(4, 15), at=world.noon(4, 2)).then_only(
        v1.MeteringPointRecorded, v1.MembershipEndCancelled
    )

    assert (cancelled.because, cancelled.valid_to) == ("zone", None)
    grouped.until(world.midnight(6, 1)).then()


def test_an_end_that_is_moved_is_announced_anew(world, grouped):
    moves_away(world, grouped, 1, valid_from=world.midnight(4, 15), at=world.noon(4, 1))
    # Earlier at first, and then, as the first date is corrected, later.
    _, earlier = moves_away(world, grouped, 1, valid_from=world.midnight(4, 10), at=world.noon(4, 2)).then_only(
        v1.MeteringPointRecorded, v1.MembershipEndAnnounced
    )
    assert earlier.valid_to == world.midnight(4, 10)
    _, later = record(world, grouped, 1, valid_from=world.midnight(4, 10), at=world.noon(4, 3)).then_only(
        v1.MeteringPointRecorded, v1.MembershipEndAnnounced
    )
    assert later.valid_to == world.midnight(4, 15)

    (ended,) = grouped.until(world.midnight(6, 1)).then_only(v1.MembershipEnded)
    assert ended.valid_to == world.midnight(4, 15)


def test_who_is_back_in_the_zone_later_has_left_all_the_same(world, grouped):
    moves_away(world, grouped, 1, valid_from=world.midnight(4, 15), at=world.noon(4, 1))
    record(world, grouped, 1, valid_from=world.midnight(4, 20), at=world.noon(4, 2)).then_only(v1.MeteringPointRecorded)

    (ended,) = grouped.until(world.midnight(6, 1)).then_only(v1.MembershipEnded)
    assert ended.valid_to == world.midnight(4, 15)


def test_the_same_fact_again_says_nothing_new(world, grouped):
    fact = {"valid_from": world.midnight(4, 15), "at": world.noon(4, 1)}
    moves_away(world, grouped, 1, **fact)
    moves_away(world, grouped, 1, **fact).then()


def test_of_a_switch_and_a_zone_the_first_ends_the_membership(world, grouped):
    grouped.given(world.switched(world.point(1), world.midnight(4, 10)))
    moves_away(world, grouped, 1, valid_from=world.midnight(4, 15), at=world.noon(4, 1))

    (ended,) = grouped.until(world.midnight(6, 1)).then_only(v1.MembershipEnded)
    assert (ended.because, ended.valid_to) == ("switch", world.midnight(4, 10))


def test_a_member_whose_area_becomes_unknown_stays(world, grouped):
    record(world, grouped, 1, grid_area=world.NO_AREA, valid_from=world.midnight(4, 15), at=world.noon(4, 1)).then_only(
        v1.MeteringPointRecorded
    )
    grouped.until(world.midnight(6, 1)).then()


def test_a_point_in_no_group_loses_nothing(world, grouped):
    moves_away(world, grouped, 5, valid_from=world.midnight(4, 15), at=world.noon(4, 1)).then_only(
        v1.MeteringPointRecorded
    )


# An area that comes to lie in another zone (E8)


def test_the_members_in_an_area_whose_zone_changes_leave_at_its_midnight(world, grouped):
    change = v1.ChangeGridArea(valid_from=world.midnight(4, 15), zone="NO1")
    told = grouped.when(change, subject=world.AREA, sender=world.TSO, role=Role.TSO, at=world.noon(4, 1)).events

    ends = [event for event in told if isinstance(event, v1.MembershipEndAnnounced)]
    assert [(end.metering_point_id, end.because, end.declared_up_w) for end in ends] == [
        (world.point(1), "zone", 15_000),
        (world.point(2), "zone", 10_000),
        (world.point(3), "zone", 5_000),
        (world.point(4), "zone", 0),
    ]
    grouped.until(world.midnight(4, 15)).then_only(*[v1.MembershipEnded] * 4)
    assert members(world, grouped) == []

    # The operator finds that it was wrong: who is out stays out; nobody else would have to leave.
    back = v1.ChangeGridArea(valid_from=world.midnight(4, 15), zone="NO3")
    told = grouped.when(back, subject=world.AREA, sender=world.TSO, role=Role.TSO, at=world.noon(4, 16)).events
    assert not [event for event in told if isinstance(event, (v1.MembershipEndAnnounced, v1.MembershipEndCancelled))]


def test_a_member_in_an_area_that_is_virtual_does_not_fit(world, grouped):
    define = v1.DefineGridArea(name="Shared", zone="NO3", dso=world.DSO, virtual=True)
    grouped.when(define, subject=world.NO_AREA, sender=world.TSO, role=Role.TSO)
    _, announced = record(
        world, grouped, 1, grid_area=world.NO_AREA, valid_from=world.midnight(4, 15), at=world.noon(4, 1)
    ).then_only(v1.MeteringPointRecorded, v1.MembershipEndAnnounced)
    assert announced.because == "virtual"


# A point that is closed (E20)


def test_a_member_whose_point_is_closed_leaves_then(world, grouped):
    _, announced, _ = record(
        world, grouped, 1, active=False, valid_from=world.midnight(4, 15), at=world.noon(4, 1)
    ).then_only(v1.MeteringPointRecorded, v1.MembershipEndAnnounced, v1.ResourceSleepChanged)
    assert (announced.because, announced.valid_to) == ("deactivated", world.midnight(4, 15))

    _, cancelled, _ = record(world, grouped, 1, valid_from=world.midnight(4, 15), at=world.noon(4, 2)).then_only(
        v1.MeteringPointRecorded, v1.MembershipEndCancelled, v1.ResourceSleepChanged
    )
    assert cancelled.because == "deactivated"


def test_a_point_that_is_closed_and_elsewhere_leaves_for_both_and_each_is_taken_back_by_itself(world, grouped):
    away = {"grid_area": world.AREA_ELSEWHERE, "at": world.noon(4, 1)}
    record(world, grouped, 1, active=False, valid_from=world.midnight(4, 15), **away).then_only(
        v1.MeteringPointRecorded, v1.MembershipEndAnnounced, v1.MembershipEndAnnounced, v1.ResourceSleepChanged
    )
    _, cancelled, _ = record(world, grouped, 1, valid_from=world.midnight(4, 15), **away).then_only(
        v1.MeteringPointRecorded, v1.MembershipEndCancelled, v1.ResourceSleepChanged
    )
    assert (cancelled.because, cancelled.valid_to) == ("deactivated", world.midnight(4, 15))


# Who joins


@pytest.mark.rule("METERING_POINT_INACTIVE")
@pytest.mark.rule("METERING_POINT_VIRTUAL")
def test_what_is_closed_or_virtual_does_not_join(world, grouped):
    grouped.given(world.recorded(world.point(5)).model_copy(update={"active": False}))
    add(world, grouped, 5, at=world.noon(4, 1)).refused("METERING_POINT_INACTIVE")
    grouped.given(world.recorded(world.point(5)).model_copy(update={"virtual": True}))
    add(world, grouped, 5, at=world.noon(4, 1)).refused("METERING_POINT_VIRTUAL")


def test_who_joins_before_a_change_that_is_known_is_in_until_then(world, grouped):
    moves_away(world, grouped, 5, valid_from=world.midnight(4, 15), at=world.noon(4, 1))

    joined, announced = add(world, grouped, 5, at=world.noon(4, 2)).then_only(
        v1.MemberJoined, v1.MembershipEndAnnounced
    )
    assert joined.metering_point_id == world.point(5)
    assert (announced.because, announced.valid_to) == ("zone", world.midnight(4, 15))
