"""What the incoming BSP says of resources before its midnight: kept until then, decided then, or it lapses (D26)."""

import pytest

from chassis.work import DeadlinePending
from contracts.registry import v1
from registry import store
from registry.domain.power import Power

pytestmark = pytest.mark.unit

POINT = 1
"""Passes from one BSP to the other on 15 April; 5 kW stand behind it."""
NEW = 500
"""The id of a resource that the incoming BSP registers."""


@pytest.fixture
def start(world):
    return world.midnight(4, 15)


@pytest.fixture
def passing(world, register, start):
    register.given(*world.points((1, 2)), *world.points((11, 12), bsp=world.OTHER_BSP))
    world.form(register, 1, 2)
    return register.given(world.switched(world.point(POINT), start), at=world.noon(4, 1))


@pytest.fixture
def there(world):
    """The id of what stands behind the point already."""
    return world.resource(world.point(POINT)).resource_id


@pytest.fixture
def say(world, passing):
    def said(wish, subject, *, sender="", at=None):
        return passing.when(wish, subject=subject, sender=sender or world.OTHER_BSP, at=at or world.noon(4, 2))

    return said


def registering(world, *, up_w=7_000, serial="S", **fields):
    devices = (v1.Device(make="Acme", model="X1", serial=serial),)
    return v1.RegisterResource(
        metering_point_id=world.point(POINT), technology="battery", up_w=up_w, down_w=0, devices=devices, **fields
    )


def point(world, scenario):
    return scenario.state(store.METERING_POINT, world.point(POINT))


@pytest.mark.rule("RESOURCE_COMMAND_LATER")
def test_a_resource_is_registered_at_the_midnight_and_is_said_to_before(world, passing, say, start):
    outcome = say(registering(world), world.uuid(NEW))

    (announced,) = outcome.then_only(v1.ResourceCommandAnnounced)
    assert (announced.bsp, announced.dso, announced.valid_from) == (world.OTHER_BSP, world.DSO, start)
    assert (announced.behind_up_w, announced.wish.register_resource.up_w) == (12_000, 7_000)
    assert [(each.code, each.limit) for each in outcome.reasons] == [("RESOURCE_COMMAND_LATER", "2026-04-14T22:00:00Z")]
    assert point(world, passing).behind == Power(5_000, 0)
    assert passing.state(store.RESOURCE, world.uuid(NEW)) is None

    events = passing.until(start).events
    assert [type(event) for event in events] == [
        v1.MembershipEnded,
        v1.ResourceRegistered,
        v1.ResourceCommandTookEffect,
    ]
    assert (events[1].bsp, events[1].held_from, events[1].behind_up_w) == (world.OTHER_BSP, start, 12_000)
    assert point(world, passing).coming == ()


def test_what_is_said_of_one_that_is_there_takes_effect_then(world, passing, say, start, there):
    say(v1.UpdateResource(up_w=4_000), there).then_only(v1.ResourceCommandAnnounced)
    say(v1.ChangeDevices(add=(v1.Device(make="Acme", model="X1", serial="S"),)), there)
    say(v1.PauseResource(reason="Repair"), there)
    (last,) = say(v1.ActivateResource(), there).then_only(v1.ResourceCommandAnnounced)
    assert last.behind_up_w == 4_000
    # What the present BSP still does stands, and what follows is decided on it.
    assert isinstance(say(v1.UpdateResource(up_w=3_000), there, sender=world.BSP).events[0], v1.ResourceUpdated)

    done = [event for event in passing.until(start).events if not isinstance(event, v1.MembershipEnded)]
    effect = v1.ResourceCommandTookEffect
    assert [type(event) for event in done] == [
        *(v1.ResourceUpdated, effect, v1.DevicesChanged, effect, v1.ResourcePaused, effect),
        *(v1.ResourceActivated, effect),
    ]
    assert point(world, passing).behind == Power(4_000, 0)


def test_more_is_said_of_one_that_is_only_to_come(world, passing, say, start):
    say(registering(world), world.uuid(NEW))
    say(v1.ChangeDevices(add=(v1.Device(make="Acme", model="X1", serial="T"),)), world.uuid(NEW))
    (last,) = say(v1.TerminateResource(reason="Sold"), world.uuid(NEW)).then_only(v1.ResourceCommandAnnounced)
    assert last.behind_up_w == 5_000
    say(v1.PauseResource(reason="no"), world.uuid(NEW)).refused("RESOURCE_STATUS_DIFFERENT")

    passing.until(start)
    assert passing.state(store.RESOURCE, world.uuid(NEW)).status == "terminated"


def test_it_lapses_when_the_switch_is_cancelled(world, passing, say, start, there):
    say(registering(world), world.uuid(NEW))
    say(v1.PauseResource(reason="Repair"), there)
    cancelled = passing.when(world.unswitched(world.point(POINT), start))

    lapsed = [event for event in cancelled.events if isinstance(event, v1.ResourceCommandLapsed)]
    assert [(each.resource_id, each.because, each.code) for each in lapsed] == [
        (world.uuid(NEW), "control", None),
        (there, "control", None),
    ]
    passing.until(world.midnight(6, 1)).then()
    say(v1.PauseResource(reason="no"), world.uuid(NEW)).refused("RESOURCE_NOT_YOURS")
    say(registering(world), world.uuid(NEW), sender=world.BSP)
    assert passing.state(store.RESOURCE, world.uuid(NEW)) is not None, "the id and the device are free"


def test_what_a_rule_refuses_then_lapses_with_it_and_the_rest_goes_on(world, passing, say, start):
    say(registering(world, serial="taken"), world.uuid(NEW))
    say(registering(world, serial="free"), world.uuid(NEW + 1))
    theirs = registering(world, serial="taken").model_copy(update={"metering_point_id": world.point(2)})
    say(theirs, world.uuid(NEW + 2), sender=world.BSP)

    done = [event for event in passing.until(start).events if not isinstance(event, v1.MembershipEnded)]
    lapsed, registered, _ = done
    assert (lapsed.because, lapsed.code, lapsed.actual) == ("refused", "DEVICE_ALREADY_REGISTERED", "taken")
    assert registered.resource_id == world.uuid(NEW + 1)


def test_what_cannot_be_is_refused_at_once(world, passing, say, start):
    say(registering(world), world.uuid(NEW))

    say(registering(world), world.uuid(NEW + 1)).refused("DEVICE_ALREADY_REGISTERED")
    say(registering(world, up_w=1), world.uuid(NEW)).refused("RESOURCE_REGISTERED_OTHERWISE")
    again = say(registering(world), world.uuid(NEW))
    assert (again.events, [each.code for each in again.reasons]) == ([], ["RESOURCE_ALREADY_REGISTERED"])
    elsewhere = registering(world, serial="T").model_copy(update={"metering_point_id": world.point(12)})
    assert say(elsewhere, world.uuid(NEW + 3)).events, "a point that it holds"
    assert [event.actual for event in passing.until(start).events if isinstance(event, v1.ResourceCommandLapsed)] == []


@pytest.mark.rule("RESOURCE_COMMANDS_WAIT")
def test_so_many_may_wait(world, say, there):
    for number in range(50):
        say(v1.PauseResource(reason=f"{number}"), there)
        say(v1.ActivateResource(), there)

    say(v1.UpdateResource(up_w=1), there).refused("RESOURCE_COMMANDS_WAIT", limit=100)


def test_whoever_gets_nothing_is_answered_as_before(world, say, there):
    nobody = world.values.make_gln(77)

    say(v1.PauseResource(reason="no"), there, sender=nobody).refused("RESOURCE_NOT_YOURS")
    say(registering(world), world.uuid(NEW), sender=nobody).refused("METERING_POINT_NOT_HELD")
    say(registering(world), there).refused("ID_NOT_AVAILABLE")


def test_another_cannot_use_an_id_that_is_to_come_to_learn_of_it(world, say):
    say(registering(world), world.uuid(NEW))

    say(v1.PauseResource(reason="no"), world.uuid(NEW), sender=world.BSP).refused("RESOURCE_NOT_YOURS")


def test_a_command_of_that_day_waits_for_what_was_said_before(world, passing, say, start, there):
    say(v1.PauseResource(reason="Repair"), there)

    with pytest.raises(DeadlinePending):
        say(v1.ActivateResource(), there, at=start)
    passing.until(start)
    say(v1.ActivateResource(), there, at=start).then_only(v1.ResourceActivated)


def test_a_point_with_nothing_behind_it_joins_with_what_is_to_come(world, passing, say, start, there):
    say(v1.TerminateResource(reason="Sold"), there, sender=world.BSP)
    say(registering(world), world.uuid(NEW))
    passing.until(world.midnight(4, 3)).then_only(v1.MembershipEnded)
    world.tell(
        passing,
        v1.FormGroup(zone="NO3", metering_points=world.ids(POINT, 11, 12)),
        number=200,
        sender=world.OTHER_BSP,
        at=world.noon(4, 3),
    )
    assert passing.state(store.GROUP, world.uuid(200)).joining[world.point(POINT)].power == Power(7_000, 0)

    events = passing.until(start).events
    assert [event.up_w for event in events if isinstance(event, v1.MemberJoined)] == [7_000]
    assert [type(event) for event in events][-2:] == [v1.ResourceCommandTookEffect, v1.MemberJoined]


def test_what_grows_past_the_limit_ahead_does_not_join(world, passing, say, start):
    world.tell(
        passing,
        v1.FormGroup(zone="NO3", metering_points=world.ids(POINT, 11, 12)),
        number=200,
        sender=world.OTHER_BSP,
        at=world.noon(4, 3),
    )
    say(registering(world, up_w=995_000), world.uuid(NEW))

    (lapsed,) = [event for event in passing.until(start).events if isinstance(event, v1.JoinLapsed)]
    assert (lapsed.code, lapsed.actual) == ("METERING_POINT_TOO_LARGE_FOR_GROUP", 1_000_000)


def test_a_claim_for_a_day_to_come_is_the_same(world, register):
    day = world.midnight(1, 8)
    register.given(world.recorded(world.point(1)), world.claimed(world.point(1), at=day))
    register.when(registering(world), subject=world.uuid(NEW), sender=world.BSP, at=world.noon(1, 7)).then_only(
        v1.ResourceCommandAnnounced
    )

    register.until(day).then_only(v1.ResourceRegistered, v1.ResourceCommandTookEffect)
