"""Members that their BSP lets leave, and those it keeps after all."""

import pytest

from chassis.work import DeadlinePending
from contracts.registry import v1
from registry import store

pytestmark = pytest.mark.unit


@pytest.fixture
def grouped(world, register):
    """A group of points 1 to 4, 5 kW each; 5 stands beside it."""
    register.given(*world.points(range(1, 6)))
    world.form(register, 1, 2, 3, 4)
    return register


def remove(world, scenario, *numbers, valid_to=None, mode="all", at=None, number=100):
    wish = v1.RemoveMembers(metering_points=world.ids(*numbers), valid_to=valid_to, mode=mode)
    return world.tell(scenario, wish, at=at, number=number)


def keep(world, scenario, *numbers, mode="all", at=None):
    return world.tell(scenario, v1.KeepMembers(metering_points=world.ids(*numbers), mode=mode), at=at)


def test_members_leave_at_the_next_midnight_and_count_until_then(world, grouped):
    first, second = remove(world, grouped, 1, 2).then_only(v1.MembershipEndAnnounced, v1.MembershipEndAnnounced)

    end = world.midnight(1, 7)
    assert [(e.metering_point_id, e.because, e.valid_to) for e in (first, second)] == [
        (world.point(1), "left", end),
        (world.point(2), "left", end),
    ]
    assert (first.declared_up_w, second.declared_up_w) == (15_000, 10_000)
    assert grouped.state(store.GROUP, world.uuid(100)).power.up_w == 20_000

    ended = grouped.until(end).then_only(v1.MembershipEnded, v1.MembershipEnded)
    assert {(e.because, e.valid_to, e.declared_up_w) for e in ended} == {("left", end, 10_000)}
    world.tell(grouped, v1.AddMembers(metering_points=world.ids(1)), at=end).then_only(v1.MemberJoined)


def test_said_again_it_moves_the_date(world, grouped):
    early, late = world.midnight(1, 10), world.midnight(1, 20)
    remove(world, grouped, 1, valid_to=late)

    (moved,) = remove(world, grouped, 1, valid_to=early).then_only(v1.MembershipEndAnnounced)
    assert (moved.valid_to, moved.declared_up_w) == (early, 15_000)
    remove(world, grouped, 1, valid_to=early).then()
    remove(world, grouped, 1, valid_to=late).then_only(v1.MembershipEndAnnounced)
    grouped.until(early).then()
    grouped.until(late).then_only(v1.MembershipEnded)


def test_of_leaving_and_a_switch_the_first_ends_the_membership(world, grouped):
    grouped.given(world.switched(world.point(1), world.midnight(1, 20)))

    (announced,) = remove(world, grouped, 1, valid_to=world.midnight(1, 25)).then_only(v1.MembershipEndAnnounced)
    assert announced.declared_up_w == 15_000
    (ended,) = grouped.until(world.midnight(1, 30)).then_only(v1.MembershipEnded)
    assert (ended.because, ended.valid_to) == ("switch", world.midnight(1, 20))


@pytest.mark.rule("LEAVE_DATE_NOT_AHEAD")
def test_the_midnight_that_is_now_is_not_ahead(world, grouped):
    at = world.midnight(1, 7)
    remove(world, grouped, 1, valid_to=at, at=at).refused("LEAVE_DATE_NOT_AHEAD", path="/valid_to")
    remove(world, grouped, 1, valid_to=world.midnight(1, 8), at=at).then_only(v1.MembershipEndAnnounced)


@pytest.mark.rule("LEAVE_DATE_TOO_FAR")
def test_an_end_is_not_said_for_another_age(world, grouped):
    at, far = world.noon(1, 6), world.calendar.midnight(world.date(2199, 1, 1))
    last = world.calendar.midnight(world.date(2028, 1, 9))

    remove(world, grouped, 1, valid_to=far, at=at).refused("LEAVE_DATE_TOO_FAR", path="/valid_to")
    world.tell(grouped, v1.EndGroup(valid_to=far), at=at).refused("LEAVE_DATE_TOO_FAR", limit="2028-01-08T23:00:00Z")
    assert not world.tell(grouped, v1.EndGroup(valid_to=last), at=at).rejected


@pytest.mark.rule("NOT_A_MEMBER")
@pytest.mark.rule("METERING_POINT_REPEATED")
def test_rows_that_are_no_members_are_refused_each(world, grouped):
    outcome = remove(world, grouped, 1, 5, 1, 8)

    outcome.refused("NOT_A_MEMBER", path="/metering_points")
    outcome.refused("METERING_POINT_REPEATED", path="/metering_points/2")
    outcome.refused_rows((1, "NOT_A_MEMBER"), (2, "METERING_POINT_REPEATED"), (3, "NOT_A_MEMBER"))
    assert len(outcome.reasons) == 2
    remove(world, grouped, 1, 5, mode="each").refused_rows((1, "NOT_A_MEMBER")).then_only(v1.MembershipEndAnnounced)
    remove(world, grouped, 5, mode="each").refused("NOT_A_MEMBER")


def test_a_member_is_kept_until_its_midnight(world, grouped):
    remove(world, grouped, 1, 2)

    (kept,) = keep(world, grouped, 1, at=world.noon(1, 6)).then_only(v1.MembershipEndCancelled)
    assert (kept.metering_point_id, kept.because, kept.valid_to) == (world.point(1), "left", None)
    assert grouped.state(store.METERING_POINT, world.point(1)).membership.valid_to is None
    end = world.midnight(1, 7)
    with pytest.raises(DeadlinePending):
        keep(world, grouped, 2, at=end)
    (ended,) = grouped.until(end).then_only(v1.MembershipEnded)
    assert ended.metering_point_id == world.point(2)
    keep(world, grouped, 2, at=end).refused("NOT_A_MEMBER")


def test_what_else_ends_it_stands(world, grouped):
    start = world.midnight(1, 25)
    grouped.given(world.switched(world.point(1), start))
    remove(world, grouped, 1)

    (kept,) = keep(world, grouped, 1).then_only(v1.MembershipEndCancelled)
    assert kept.valid_to == start
    grouped.until(start).then_only(v1.MembershipEnded)


@pytest.mark.rule("MEMBER_NOT_LEAVING")
def test_who_does_not_leave_is_not_kept(world, grouped):
    grouped.given(world.switched(world.point(2), world.midnight(1, 25)))
    remove(world, grouped, 1)

    keep(world, grouped, 1, 2, 3).refused_rows((1, "MEMBER_NOT_LEAVING"), (2, "MEMBER_NOT_LEAVING"))
    keep(world, grouped, 2, 5, mode="each").refused("MEMBER_NOT_LEAVING")
    keep(world, grouped, 2, 1, mode="each").refused_rows((0, "MEMBER_NOT_LEAVING")).then_only(v1.MembershipEndCancelled)
