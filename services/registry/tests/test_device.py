"""Devices: in one resource at a time, exchanged, freed, recognised however they are written."""

import pytest

from contracts.registry import v1
from registry import store

pytestmark = pytest.mark.unit

PAUSE, ACTIVATE, TERMINATE = (
    v1.PauseResource(reason="Repair"),
    v1.ActivateResource(),
    v1.TerminateResource(reason="Sold"),
)


def device(serial="S1", *, make="Acme", model="X1", rated_w=None, device_type=None):
    return v1.Device(make=make, model=model, serial=serial, rated_w=rated_w, device_type=device_type)


def plate(serial="S1", *, make="Acme", model="X1"):
    return v1.Nameplate(make=make, model=model, serial=serial)


@pytest.fixture
def held(world, register):
    """Points 1 and 2, held; nothing behind them."""
    for number in (1, 2):
        register.given(world.recorded(world.point(number)), world.claimed(world.point(number)))
    return register


@pytest.fixture
def say(world, held):
    """Say something about a resource, as the BSP that holds its point."""
    return lambda wish, *, number=1: held.when(wish, subject=world.uuid(number), sender=world.BSP, at=world.noon(1, 6))


@pytest.fixture
def register_it(world, say):
    def said(*devices, number=1, point=1):
        wish = v1.RegisterResource(
            metering_point_id=world.point(point),
            technology="ev-charger",
            up_w=5_000,
            down_w=0,
            devices=devices or (device(),),
        )
        return say(wish, number=number)

    return said


@pytest.fixture
def state(world, held):
    return lambda: held.state(store.RESOURCE, world.uuid(1))


def test_devices_come_and_go_at_once(world, held, register_it, say, state):
    register_it(device("S1"), device("S2"))

    (event,) = say(
        v1.ChangeDevices(add=(device("S3", rated_w=7_000, device_type="socket"),), remove=(plate(" s1 ", make="ACME"),))
    ).then_only(v1.DevicesChanged)

    assert event.removed == (device("S1"),)
    assert event.devices == (device("S2"), device("S3", rated_w=7_000, device_type="socket")) == state().devices
    assert held.state(store.DEVICE, "acme|x1|s1") is None
    assert held.state(store.DEVICE, "acme|x1|s3").resource_id == world.uuid(1)


def test_a_device_in_both_lists_is_replaced(held, register_it, say, state):
    register_it()
    say(v1.ChangeDevices(add=(device(rated_w=8_000),), remove=(plate(),))).then_only(v1.DevicesChanged)
    assert state().devices == (device(rated_w=8_000),)
    assert held.state(store.DEVICE, "acme|x1|s1") is not None
    assert held.state(store.SERIAL, "s1").devices == 1
    say(v1.ChangeDevices(add=(device(rated_w=8_000),), remove=(plate(),))).then()


@pytest.mark.rule("RESOURCE_NEEDS_DEVICE")
def test_the_last_device_of_an_active_resource_may_be_replaced_but_not_taken_out(register_it, say, state):
    register_it()
    say(v1.ChangeDevices(remove=(plate(),))).refused("RESOURCE_NEEDS_DEVICE", path="/remove")
    say(v1.ChangeDevices(add=(device("S2"),), remove=(plate(),))).then_only(v1.DevicesChanged)
    say(PAUSE)
    say(v1.ChangeDevices(remove=(plate("S2"),))).then_only(v1.DevicesChanged)
    assert state().devices == ()
    say(ACTIVATE).refused("RESOURCE_NEEDS_DEVICE")


@pytest.mark.rule("DEVICE_NOT_IN_RESOURCE")
@pytest.mark.parametrize("remove", [(plate("S2"),), (plate("S9"),), (plate(), plate())])
def test_what_is_not_in_the_resource_cannot_be_taken_out(register_it, say, remove):
    register_it()
    register_it(device("S2"), number=2)
    last = f"/remove/{len(remove) - 1}"
    say(v1.ChangeDevices(remove=remove)).refused("DEVICE_NOT_IN_RESOURCE", path=last, actual=remove[-1].serial)


@pytest.mark.rule("DEVICE_ALREADY_REGISTERED")
@pytest.mark.parametrize("serial", ["S1", "S2", "S9"])
def test_a_device_is_found_wherever_it_is_registered_already(register_it, say, serial):
    """In this resource, in another one, in the same message."""
    register_it()
    register_it(device("S2"), number=2, point=2)
    say(v1.ChangeDevices(add=(device("S9"), device(serial)))).refused("DEVICE_ALREADY_REGISTERED", path="/add/1")


@pytest.mark.rule("DEVICE_ALREADY_REGISTERED")
def test_the_devices_of_a_paused_resource_are_not_free(register_it, say):
    register_it()
    say(PAUSE)
    register_it(device("S1"), number=2, point=2).refused("DEVICE_ALREADY_REGISTERED", path="/devices/0")


@pytest.mark.rule("DEVICE_ALREADY_REGISTERED")
@pytest.mark.rule("RESOURCE_IS_TERMINATED")
def test_a_terminated_resource_frees_its_devices_but_not_its_id(world, held, register_it, say):
    register_it(device("S1"), device("S2"))
    (gone,) = say(TERMINATE).then_only(v1.ResourceTerminated)
    assert (gone.reason, gone.devices, gone.behind_up_w) == ("Sold", (device("S1"), device("S2")), 0)
    assert held.state(store.SERIAL, "s1") is None

    register_it(device("S1")).refused("RESOURCE_IS_TERMINATED", path="/subject")
    outcome = register_it(device("S1"), number=2, point=2)
    outcome.then_only(v1.ResourceRegistered)
    assert outcome.reasons == ()
    assert held.state(store.DEVICE, "acme|x1|s1").resource_id == world.uuid(2)


@pytest.mark.rule("RESOURCE_HAS_TOO_MANY_DEVICES")
def test_a_resource_has_no_more_devices_than_it_could_be_registered_with(register_it, say):
    register_it(*(device(f"S{number}") for number in range(100)))
    say(v1.ChangeDevices(add=(device("S100"),))).refused("RESOURCE_HAS_TOO_MANY_DEVICES", limit=100, actual=101)
    say(v1.ChangeDevices(add=(device("S100"),), remove=(plate("S0"),))).then_only(v1.DevicesChanged)


@pytest.mark.rule("DEVICE_SERIAL_SEEN")
def test_a_serial_number_that_is_seen_again_is_noticed(register_it, say):
    def noticed(outcome):
        assert not outcome.rejected
        return [(reason.code, reason.path, reason.actual) for reason in outcome.reasons]

    assert noticed(register_it(device("AB-12"))) == []
    assert noticed(register_it(device("S2"), device("ab 12", make="Acme AS"), number=2, point=2)) == [
        ("DEVICE_SERIAL_SEEN", "/devices/1", "ab 12")
    ]
    again = v1.ChangeDevices(add=(device("AB12", model="X-1"), device("S9"), device("S9", model="Y")))
    # Two of them: each text once, without a figure.
    assert noticed(say(again, number=2)) == [("DEVICE_SERIAL_SEEN", "/add", None)]


@pytest.mark.rule("DEVICE_SERIAL_SEEN")
def test_a_device_that_is_written_better_is_not_suspected_of_being_itself(register_it, say):
    register_it(device("S1", make="Acm"))
    outcome = say(v1.ChangeDevices(add=(device("S1"),), remove=(plate("S1", make="Acm"),)))
    outcome.then_only(v1.DevicesChanged)
    assert outcome.reasons == ()
