"""Whatever BSPs do with their groups: every point is in one at a time, and what is summed up is what is there."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.registry import v1
from registry import store
from registry.domain.power import Power

pytestmark = pytest.mark.unit

POINTS = st.lists(st.integers(1, 9), min_size=1, max_size=5)
GROUPS = st.integers(100, 104)
DAYS = st.none() | st.integers(1, 4)
STEPS = st.one_of(
    st.tuples(st.just("form"), GROUPS, POINTS, st.booleans()),
    st.tuples(st.just("add"), GROUPS, POINTS),
    st.tuples(st.just("remove"), GROUPS, POINTS, DAYS),
    st.tuples(st.just("keep"), GROUPS, POINTS),
    st.tuples(st.just("move"), GROUPS, GROUPS, POINTS),
    st.tuples(st.just("split"), GROUPS, GROUPS, POINTS),
    st.tuples(st.just("merge"), GROUPS, GROUPS),
    st.tuples(st.just("end"), GROUPS, DAYS),
    st.tuples(st.just("switch"), st.integers(1, 9), st.integers(1, 6)),
    st.tuples(st.just("wait"), st.integers(0, 50)),
)


def wish_of(world, step, at):
    """The command, and the group that it is about."""
    name, number, *rest = step

    def after(days):
        return None if days is None else world.midnight(1, at.day + days + 1)

    match name:
        case "form":
            wish = v1.FormGroup(zone="NO3", metering_points=world.ids(*rest[0]), mode="each", activate=rest[1])
        case "add":
            wish = v1.AddMembers(metering_points=world.ids(*rest[0]), mode="each")
        case "remove":
            wish = v1.RemoveMembers(metering_points=world.ids(*rest[0]), mode="each", valid_to=after(rest[1]))
        case "keep":
            wish = v1.KeepMembers(metering_points=world.ids(*rest[0]), mode="each")
        case "move":
            wish = v1.MoveMembers(from_group=world.uuid(rest[0]), metering_points=world.ids(*rest[1]), mode="each")
        case "split":
            part = v1.NewGroup(group_id=world.uuid(rest[0]), metering_points=world.ids(*rest[1]))
            wish = v1.SplitGroup(into=(part,))
        case "merge":
            wish = v1.MergeGroups(groups=(world.uuid(rest[0]),))
        case _:
            wish = v1.EndGroup(valid_to=after(rest[0]))
    return wish, number


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=25))
def test_every_point_is_in_one_group_and_the_sums_are_right(world, steps):
    scenario = world.Scenario(world.SERVICE).given(
        world.opened(), world.onboarded(world.DSO, world.Role.DSO), world.area()
    )
    scenario.given(*world.points(range(1, 10), kw=700))
    world.form(scenario, 1, 2, 3, 4)
    world.form(scenario, 5, 6, number=101)
    at = world.noon(1, 6)
    for step in steps:
        scenario.until(at)
        if step[0] == "wait":
            at = min(at + timedelta(hours=step[1]), world.noon(1, 24))
        elif step[0] == "switch":
            scenario.when(world.switched(world.point(step[1]), world.midnight(1, at.day + step[2])), at=at)
        else:
            wish, number = wish_of(world, step, at)
            world.tell(scenario, wish, number=number, at=at)
        hold(world, scenario)
    scenario.until(world.midnight(3, 1))
    hold(world, scenario)


def hold(world, scenario):
    groups = {number: scenario.state(store.GROUP, world.uuid(number)) for number in range(100, 105)}
    groups = {world.uuid(number): group for number, group in groups.items() if group is not None}
    for group in groups.values():
        assert group.power == sum((member.power for member in group.members.values()), Power())
        assert group.power.size_w <= 5_000_000
        leaving = {each: end for end, some in group.ends.items() for each in some.metering_points}
        assert leaving == {each: one.over[0] for each, one in group.members.items() if one.over is not None}
        assert group.status != "ended" or not group.members
        assert group.status != "ending" or set(leaving) == set(group.members) != set()
    for number in range(1, 10):
        point = scenario.state(store.METERING_POINT, world.point(number))
        holding = [group_id for group_id, group in groups.items() if world.point(number) in group.members]
        assert holding == ([point.membership.group_id] if point.membership else [])
        stays = [*point.past, *([point.membership] if point.membership else [])]
        for stay, following in pairwise(stays):
            assert stay.valid_from < stay.valid_to <= following.valid_from
        if point.membership is not None:
            member = groups[point.membership.group_id].members[world.point(number)]
            assert point.membership.ends == member.ends
    measured = {}
    for event in scenario.log:
        if isinstance(event, v1.GroupMeasured):
            measured[event.group_id] = event
    for group_id, group in groups.items():
        told = measured[group_id]
        assert (told.members, told.declared_up_w) == (len(group.members), group.power.up_w)
