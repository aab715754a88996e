"""How metering points and groups are at a moment."""

from datetime import timedelta

import pytest
from pydantic_core import to_jsonable_python

from chassis.asking import in_force
from contracts import policies
from contracts.registry import v1
from registry import store
from registry.domain.power import Power

pytestmark = pytest.mark.unit

MOMENT = timedelta(microseconds=1)


@pytest.fixture
def grouped(world, register):
    """A group of points 1 to 4 since January 5th, 5 kW each; 5 stands beside it."""
    register.given(*world.points(range(1, 6)))
    register.when(
        v1.FormGroup(zone="NO3", metering_points=world.ids(1, 2, 3, 4)),
        subject=world.uuid(100),
        sender=world.BSP,
        at=world.midnight(1, 5),
    )
    return register


def point_at(world, scenario, number, at):
    return scenario.view(store.METERING_POINT, world.point(number), at)


def group_at(world, scenario, at):
    return scenario.view(store.GROUP, world.uuid(100), at)


def growing(world, number, kw):
    return v1.RegisterResource(
        metering_point_id=world.point(number),
        technology="battery",
        up_w=kw * 1000,
        down_w=0,
        devices=(v1.Device(make="Acme", model="X1", serial="one more"),),
    )


# Metering points


def test_a_point_is_what_the_fact_in_force_says(world, register):
    later = world.recorded(world.point(1)).model_copy(
        update={"substation": "Strinda", "valid_from": world.midnight(3, 1)}
    )
    register.given(world.recorded(world.point(1)), later)

    def substation(at):
        fact = point_at(world, register, 1, at).fact
        return fact.substation if fact else None

    assert substation(world.midnight(1, 1) - MOMENT) is None
    assert substation(world.midnight(3, 1) - MOMENT) == "Moholt"
    assert substation(world.midnight(3, 1)) == "Strinda"


def test_a_point_is_in_the_group_whose_membership_covers_the_moment(world, grouped):
    start = world.midnight(4, 15)
    grouped.when(world.switched(world.point(1), start), at=world.midnight(4, 1))
    ahead = point_at(world, grouped, 1, start)
    grouped.until(start)
    grouped.given(world.claimed(world.point(1), at=world.midnight(4, 16)))
    grouped.when(
        v1.AddMembers(metering_points=world.ids(1)),
        subject=world.uuid(100),
        sender=world.BSP,
        at=world.midnight(4, 20),
    ).then_only(v1.MemberJoined)

    def since(at):
        membership = point_at(world, grouped, 1, at).membership
        return membership.valid_from if membership else None

    assert ahead.membership is None, "an announced end is known ahead"
    assert since(world.midnight(1, 5) - MOMENT) is None
    assert since(world.midnight(1, 5)) == since(start - MOMENT) == world.midnight(1, 5)
    assert since(start) is None
    assert since(world.midnight(4, 20)) == world.midnight(4, 20)


def test_a_point_that_must_leave_is_out_from_its_leave_date(world, grouped):
    (mark,) = grouped.when(
        world.supplied(world.point(1), world.OTHER_BRP, world.midnight(3, 1)), at=world.midnight(2, 20)
    ).then_only(v1.MemberMustLeave)

    assert point_at(world, grouped, 1, mark.leave_by - MOMENT).membership.group_id == world.uuid(100)
    assert point_at(world, grouped, 1, mark.leave_by).membership is None
    assert world.point(1) not in group_at(world, grouped, mark.leave_by).members


# Groups


def test_a_group_has_its_former_members_when_they_were_members(world, grouped):
    start = world.midnight(4, 15)
    grouped.when(world.switched(world.point(1), start), at=world.midnight(4, 1))
    grouped.until(start)
    assert world.point(1) not in grouped.state(store.GROUP, world.uuid(100)).members

    before, then = group_at(world, grouped, start - MOMENT), group_at(world, grouped, start)
    assert list(before.members) == list(world.ids(1, 2, 3, 4))
    assert (before.members[world.point(1)].valid_to, before.members[world.point(1)].because) == (start, "switch")
    assert before.members[world.point(2)].valid_to is None
    assert list(then.members) == list(world.ids(2, 3, 4))
    assert (before.power, then.power) == (Power(20_000), Power(15_000))
    assert group_at(world, grouped, world.midnight(1, 5) - MOMENT).members == {}


def test_who_comes_back_was_not_there_in_between(world, grouped):
    start = world.midnight(4, 15)
    grouped.when(world.switched(world.point(1), start), at=world.midnight(4, 1))
    grouped.until(start)
    grouped.given(world.claimed(world.point(1), at=world.midnight(4, 16)))
    grouped.when(
        v1.AddMembers(metering_points=world.ids(1)), subject=world.uuid(100), sender=world.BSP, at=world.midnight(4, 20)
    ).then_only(v1.MemberJoined)

    days = [world.midnight(4, day) for day in (14, 15, 19, 20)]
    assert [world.point(1) in group_at(world, grouped, at).members for at in days] == [True, False, False, True]


def test_a_member_counts_what_it_counted_then(world, grouped):
    at = world.noon(2, 1)
    grouped.when(growing(world, 2, 7), subject=world.uuid(7), sender=world.BSP, at=at).then_only(
        v1.ResourceRegistered, v1.MemberPowerChanged
    )
    powers = [group_at(world, grouped, moment).members[world.point(2)].power for moment in (at - MOMENT, at)]
    assert powers == [Power(5_000), Power(12_000)]
    assert group_at(world, grouped, at).power == grouped.state(store.GROUP, world.uuid(100)).power


def test_an_emptied_group_had_other_brps_before(world, grouped):
    start = world.midnight(4, 15)
    for number in range(1, 5):
        grouped.when(world.switched(world.point(number), start), at=world.midnight(4, 1))
    grouped.until(start)
    grouped.given(*world.points((6, 7), brp=world.OTHER_BRP))
    joins = world.midnight(4, 20)
    grouped.when(
        v1.AddMembers(metering_points=world.ids(6, 7)), subject=world.uuid(100), sender=world.BSP, at=joins
    ).then_only(v1.MemberJoined, v1.MemberJoined)

    brps = [group_at(world, grouped, at).brps.consumption for at in (joins - MOMENT, joins)]
    assert brps == [world.BRP, world.OTHER_BRP]


def test_now_a_group_is_what_its_document_says(world, grouped):
    grouped.when(growing(world, 3, 2), subject=world.uuid(7), sender=world.BSP, at=world.noon(2, 1))
    grouped.when(world.switched(world.point(1), world.midnight(4, 15)), at=world.midnight(4, 1))
    grouped.until(world.midnight(4, 15))

    state, view = grouped.state(store.GROUP, world.uuid(100)), group_at(world, grouped, world.midnight(4, 15))
    assert (view.bsp, view.name, view.zone, view.brps, view.power) == (
        state.bsp,
        state.name,
        state.zone,
        state.brps,
        state.power,
    )
    assert {gsrn: member.power for gsrn, member in view.members.items()} == {
        gsrn: member.power for gsrn, member in state.members.items()
    }
    assert list(view.members) == list(state.members)


# Control


def test_who_holds_a_point_and_whether_what_is_behind_it_sleeps(world, register):
    end, again = world.midnight(2, 1), world.midnight(2, 10)
    register.given(*world.points((1,)), world.control_ends(world.point(1), end))
    register.given(world.claimed(world.point(1), world.OTHER_BSP, again))
    known = to_jsonable_python(register.state(store.RESOURCE, world.resource(world.point(1)).resource_id))

    def then(at):
        control = register.view(store.HOLDER, world.point(1), at).control
        behind = point_at(world, register, 1, at).resources
        return control.bsp if control else None, len(in_force(known, at)["asleep"]), len(behind)

    assert [then(at) for at in (end - MOMENT, end, again - MOMENT, again)] == [
        (world.BSP, 0, 1),
        (None, 1, 0),
        (None, 1, 0),
        (world.OTHER_BSP, 0, 1),
    ]


# Policies


def test_of_each_policy_the_value_in_force_is_shown(world, register):
    again = world.opened().policies[0].model_copy(update={"value": 2000, "valid_from": world.midnight(3, 1)})
    register.given(world.gateway.PoliciesAdded(operator=world.OPERATOR, policies=(again,)))

    known = to_jsonable_python(register.state(store.POLICIES, policies.ID))

    def value(at):
        [one] = in_force(known, at)["by_key"][again.key]
        return one["value"]

    assert (value(world.midnight(3, 1) - MOMENT), value(world.midnight(3, 1))) == (1000, 2000)
    assert set(in_force(known, world.midnight(3, 1))["by_key"]) == set(world.POLICIES)
