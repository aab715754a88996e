"""Whatever is said of resources, in whatever order: what is always true."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.testing import Scenario
from contracts.registry import v1
from registry import store
from registry.domain.power import Power

pytestmark = pytest.mark.unit

KW = 1000
PAUSE, ACTIVATE, TERMINATE = (
    v1.PauseResource(reason="Repair"),
    v1.ActivateResource(),
    v1.TerminateResource(reason="Sold"),
)
POINTS = (1, 2, 3)
RESOURCES = st.integers(0, 5)
"""Which of those there are; three are there from the beginning, one behind each point, each with its device."""
KILOWATTS = st.sampled_from([0, 1, 300, 600, 999, 1_000])


def changed_devices(add, remove):
    plates = tuple(v1.Nameplate(make=each.make, model=each.model, serial=each.serial) for each in remove)
    return v1.ChangeDevices(add=add, remove=plates)


def registered(world, point, up, down, devices, activate):
    return v1.RegisterResource(
        metering_point_id=world.point(point),
        technology="battery",
        up_w=up * KW,
        down_w=down * KW,
        devices=devices,
        activate=activate,
    )


def said(world):
    """What may be said of a resource; "join" and "next day" are of none."""
    pool = [*world.resource(world.point(1)).devices, *world.resource(world.point(2)).devices]
    pool += [v1.Device(make="Acme", model="X1", serial=f"S{number}", rated_w=700 * KW) for number in range(3)]
    devices = st.lists(st.sampled_from(pool), max_size=2).map(tuple)
    register = st.tuples(st.sampled_from(POINTS), KILOWATTS, KILOWATTS, devices, st.booleans())
    return st.one_of(
        register,
        st.builds(lambda up: v1.UpdateResource(up_w=up * KW), KILOWATTS),
        st.builds(lambda down: v1.UpdateResource(down_w=down * KW), KILOWATTS),
        st.builds(changed_devices, devices, devices),
        st.sampled_from([PAUSE, ACTIVATE, ACTIVATE, TERMINATE]),
        st.sampled_from([PAUSE, ACTIVATE, ACTIVATE, "join", "next day"]),
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_said_the_sums_are_right(world, data):
    scenario = Scenario(world.SERVICE).given(
        world.opened(group__max_kw=1_700), world.onboarded(world.DSO, world.Role.DSO), world.area()
    )
    scenario.given(*world.points(POINTS, kw=1))
    subjects = [world.resource(world.point(number)).resource_id for number in POINTS]
    scenario.when(
        v1.FormGroup(zone="NO3", metering_points=world.ids(*POINTS)), subject=world.uuid(100), sender=world.BSP
    )
    day = 6
    for number, saying in data.draw(st.lists(st.tuples(RESOURCES, said(world)), min_size=10, max_size=40)):
        if saying == "next day":
            day += 1
            scenario.until(world.midnight(1, day))
            continue
        wish, subject = saying, subjects[number % len(subjects)]
        if saying == "join":
            wish, subject = v1.AddMembers(metering_points=world.ids(*POINTS), mode="each"), world.uuid(100)
        elif isinstance(saying, tuple):
            wish, subject = registered(world, *saying), world.uuid(len(subjects))
            subjects.append(subject)
        scenario.when(wish, subject=subject, sender=world.BSP, at=world.noon(1, day))
        check(world, scenario)


def check(world, scenario):
    """What is always true."""
    found = {id_: document.state for (kind, id_), document in scenario.documents.items() if kind == "resource"}
    for number in POINTS:
        behind = [
            state.power
            for state in found.values()
            if (state.metering_point_id, state.status) == (world.point(number), "active")
        ]
        assert scenario.state(store.METERING_POINT, world.point(number)).behind == sum(behind, Power())
    for state in found.values():
        assert state.status != "active" or (state.devices and state.power.size_w)
        assert state.rated_w is None or state.power.size_w <= state.rated_w
    keys = [row[1] for id_, state in found.items() for row in store.RESOURCE.rows[store.DEVICE_ROWS](id_, state)]
    assert len(keys) == len(set(keys))
    devices = {id_: document.state for (kind, id_), document in scenario.documents.items() if kind == "device"}
    assert sorted(keys) == sorted(id_ for id_, state in devices.items() if state is not None)
    check_group(world, scenario)


def check_group(world, scenario):
    state = scenario.state(store.GROUP, world.uuid(100))
    assert state.power == sum((member.power for member in state.members.values()), Power())
    assert state.power.size_w <= 1_700 * KW
    last = {}
    for event in scenario.log:
        if isinstance(event, v1.MemberJoined | v1.MemberPowerChanged):
            last = {"power": Power(event.declared_up_w, event.declared_down_w)}
        elif isinstance(event, v1.MembershipEnded):
            last = {}
    assert last.get("power", state.power) == state.power
    for id_, member in state.members.items():
        behind = scenario.state(store.METERING_POINT, id_).behind
        large = behind.size_w >= 1_000 * KW
        assert ("size" in member.must_leave) == large
        assert ("no-resource" in member.ends) == (not behind.size_w)
        assert member.power == behind or (
            large and max(member.power.up_w - behind.up_w, member.power.down_w - behind.down_w) <= 0
        )
