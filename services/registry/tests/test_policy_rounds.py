"""A policy that those who take part are held against reaches them all from its moment, some at a time (D1)."""

from datetime import timedelta

import pytest

from contracts.registry import v1
from registry import store
from registry.domain import policy_round

pytestmark = pytest.mark.unit

LIMIT = "metering-point.group-limit-kw"
SECOND = timedelta(seconds=1)


def steps(outcome):
    """How far the round has come."""
    return [event for event in outcome.beside if isinstance(event, v1.GroupsReached)]


@pytest.fixture
def put(world, register):
    """Set a policy on 5 January, from 1 February if nothing else is said."""

    def said(value, key=LIMIT, *, valid_from=None, at=None):
        wish = v1.SetPolicy(value=value, valid_from=valid_from or world.midnight(2, 1), reason="Smaller", source="8a")
        return register.when(wish, subject=key, sender=world.TSO, role="tso", at=at or world.noon(1, 5))

    return said


@pytest.fixture
def grouped(world, register):
    """A group of three points of 600 kW, and one of three points of 400 kW."""
    register.given(*world.points(range(1, 4), kw=600), *world.points(range(11, 14), kw=400))
    world.form(register, 1, 2, 3, number=100)
    world.form(register, 11, 12, 13, number=101)
    return register


def test_members_at_a_lowered_limit_must_leave_from_the_moment_it_is_valid(world, grouped, put):
    (ahead,) = steps(put(500))
    assert (ahead.change, ahead.next_at) == (f"{LIMIT}/2026-01-31T23:00:00Z", world.midnight(2, 1))
    grouped.until(world.midnight(2, 1) - SECOND).then()

    outcome = grouped.until(world.midnight(2, 1))
    marks = outcome.then_only(v1.MemberMustLeave, v1.MemberMustLeave, v1.MemberMustLeave)
    (step,) = steps(outcome)

    assert [mark.metering_point_id for mark in marks] == [*world.ids(1, 2, 3)]
    assert {(mark.because, mark.leave_by, mark.point_limit_w) for mark in marks} == {
        ("size", world.midnight(3, 1), 500_000)
    }
    assert (step.groups, step.next_at) == (2, None)
    assert grouped.state(store.POLICY_ROUND, step.change) is None


def test_a_value_from_now_on_is_followed_with_the_command(world, grouped, put):
    now = world.noon(1, 6)

    put(500, valid_from=now, at=now).then_only(v1.PolicySet, *3 * [v1.MemberMustLeave])


def test_members_under_a_raised_limit_may_stay_again(world, grouped, put):
    put(500)
    grouped.until(world.midnight(2, 1))
    put(700, valid_from=world.midnight(2, 10), at=world.noon(2, 2))

    events = grouped.until(world.midnight(2, 10)).then_only(*3 * [v1.MemberMayStay])

    assert [event.because for event in events] == ["size"] * 3
    grouped.until(world.midnight(4, 1)).then()


def test_who_has_grown_meanwhile_counts_all_it_can_when_it_may_stay_and_only_with_room(world, grouped, put):
    put(500)
    grouped.until(world.midnight(2, 1))
    for number, kw in ((1, 900), (2, 4000)):
        subject = world.resource(world.point(number)).resource_id
        wish = v1.UpdateResource(up_w=kw * 1000)
        grouped.when(wish, subject=subject, sender=world.BSP, at=world.noon(2, 2))
    put(4500, valid_from=world.midnight(2, 10), at=world.noon(2, 3))

    grouped.until(world.midnight(2, 10))

    members = grouped.state(store.GROUP, world.uuid(100)).members
    assert [members[each].power.up_w for each in world.ids(1, 2, 3)] == [900_000, 600_000, 600_000]
    assert [set(members[each].must_leave) for each in world.ids(1, 2, 3)] == [set(), {"size"}, set()]


def test_a_point_by_itself_is_warned_when_the_limit_rises_above_it(world, register, put):
    register.given(*world.points((1,), kw=1200))
    wish = v1.FormRegulationObject(metering_point_id=world.point(1), name="Smelter")
    world.tell(register, wish, at=world.midnight(1, 5))
    put(1500)

    (warned,) = register.until(world.midnight(2, 1)).then_only(v1.RegulationObjectWarned)

    assert (warned.up_w, warned.point_limit_w) == (1_200_000, 1_500_000)


def test_groups_are_warned_by_the_new_limits(world, grouped, put):
    put(1500, "group.min-kw")
    put(2000, "group.max-kw")

    grouped.until(world.midnight(2, 1))

    warned = {number: grouped.state(store.GROUP, world.uuid(number)).warned for number in (100, 101)}
    assert warned == {100: (), 101: ("below-minimum",)}
    put(1800, "group.max-kw", valid_from=world.midnight(2, 2), at=world.noon(2, 1))
    grouped.until(world.midnight(2, 2))
    assert "near-maximum" in grouped.state(store.GROUP, world.uuid(100)).warned


def test_members_with_other_brps_must_leave_when_groups_may_no_longer_be_mixed(world, grouped, put):
    put("warn", "group.brp", valid_from=world.noon(1, 5))
    grouped.given(world.supplied(world.point(1), world.OTHER_BRP, at=world.midnight(1, 10)), at=world.noon(1, 6))
    put("single", "group.brp", at=world.noon(1, 20))

    (mark,) = grouped.until(world.midnight(2, 1)).then_only(v1.MemberMustLeave)

    assert (mark.metering_point_id, mark.because) == (world.point(1), "brp")
    put("warn", "group.brp", valid_from=world.noon(2, 3), at=world.noon(2, 3))
    assert not grouped.state(store.GROUP, world.uuid(100)).members[world.point(1)].must_leave


def test_an_end_user_with_several_points_is_flagged_by_the_lowered_limit(world, register, put):
    register.given(*world.points(range(1, 4), kw=400))
    user = world.END_USER
    register.given(*(world.supplied(each, end_user=user) for each in world.ids(1, 2)))
    world.form(register, 1, 2, 3)
    put(700)

    register.until(world.midnight(2, 1) - SECOND)
    assert register.state(store.POSSIBLE_EVASION, user) is None
    register.until(world.midnight(2, 1))
    assert register.state(store.POSSIBLE_EVASION, user).metering_points == world.ids(1, 2)


@pytest.mark.parametrize(("step", "bound"), [(1, 1_000), (50, 2)])
def test_a_round_goes_along_the_groups_a_second_apart(world, grouped, put, monkeypatch, step, bound):
    monkeypatch.setattr(policy_round, "GROUPS_A_STEP", step)
    monkeypatch.setattr(policy_round, "MEMBERS_A_STEP", bound)
    put(300)
    at = world.midnight(2, 1)

    outcomes = [grouped.until(moment) for moment in (at, at + 9 * SECOND)]

    marks = [mark for outcome in outcomes for mark in outcome.then_only(*3 * [v1.MemberMustLeave])]
    (one,), (two,) = map(steps, outcomes)
    assert [one.last, one.next_at] == [world.uuid(100), at + SECOND]
    assert [two.last, two.next_at] == [world.uuid(101), None]
    assert [event.metering_point_id for event in marks] == [*world.ids(1, 2, 3, 11, 12, 13)]


def test_who_leaves_at_that_moment_is_not_told_to_leave(world, grouped, put):
    put(500)
    wish = v1.RemoveMembers(metering_points=world.ids(1), valid_to=world.midnight(2, 1))
    world.tell(grouped, wish)

    events = grouped.until(world.midnight(2, 1)).events

    assert [event.metering_point_id for event in events if isinstance(event, v1.MemberMustLeave)] == [*world.ids(2, 3)]
    assert [event.metering_point_id for event in events if isinstance(event, v1.MembershipEnded)] == [*world.ids(1)]


def test_a_group_that_has_ended_and_a_policy_nobody_is_held_against_begin_nothing(world, grouped, put):
    put(40, "resource.small-kw").then_only(v1.PolicySet)
    world.tell(grouped, v1.EndGroup(valid_to=world.midnight(1, 20)))
    grouped.until(world.midnight(1, 20))
    put(500, at=world.noon(1, 21))
    outcome = grouped.until(world.midnight(2, 1))

    outcome.then()
    (step,) = steps(outcome)

    assert (step.groups, step.last) == (1, world.uuid(101))
