"""A point is closed (E20): what stands behind it sleeps from then, and wakes when that is corrected."""

import pytest

from contracts.registry import v1
from registry import store

pytestmark = pytest.mark.unit


@pytest.fixture
def record(world, register):
    """The datahub says of point 1 whether it is in operation from a moment."""
    register.given(*world.points((1,)))

    def said(*, active, since, at=None):
        fact = v1.RecordMeteringPoint(
            grid_area=world.AREA, resolution="PT15M", agreed_power_w=20_000, active=active, valid_from=since
        )
        outcome = register.when(
            fact, subject=world.point(1), sender=world.DATAHUB, role="datahub", at=at or world.START
        )
        return [event for event in outcome.events if isinstance(event, v1.ResourceSleepChanged)]

    return said


def closed(since, until=None):
    return v1.Unheld(valid_from=since, valid_to=until, because="closed")


def test_active_resources_sleep_from_the_moment_it_is_closed(world, register, record):
    since = world.midnight(2, 1)
    (told,) = record(active=False, since=since)

    assert told.periods == (closed(since),)
    assert (told.resource_id, told.bsp, told.dso) == (world.resource(world.point(1)).resource_id, world.BSP, world.DSO)
    assert register.view(store.METERING_POINT, world.point(1), world.midnight(1, 31)).resources
    assert register.view(store.METERING_POINT, world.point(1), since).resources == {}
    assert record(active=False, since=since) == [], "it is said once"


def test_they_wake_when_the_closing_is_corrected(world, register, record):
    since = world.midnight(1, 2)
    record(active=False, since=since, at=world.noon(1, 6))
    (told,) = record(active=True, since=since, at=world.noon(1, 7))

    assert told.periods == ()
    assert register.view(store.METERING_POINT, world.point(1), world.noon(1, 6)).resources


def test_one_that_is_in_operation_again_was_closed_between(world, record):
    record(active=False, since=world.midnight(2, 1))
    (told,) = record(active=True, since=world.midnight(3, 1))

    assert told.periods == (closed(world.midnight(2, 1), world.midnight(3, 1)),)


def test_who_holds_it_when_is_told_beside(world, register, record):
    record(active=False, since=world.midnight(2, 1))
    (told,) = register.when(world.control_ends(world.point(1), world.midnight(2, 15))).then_only(
        v1.ResourceSleepChanged
    )

    assert told.periods == (closed(world.midnight(2, 1)), v1.Unheld(valid_from=world.midnight(2, 15)))
    asleep = register.state(store.METERING_POINT, world.point(1)).asleep
    assert [each.because for each in asleep] == ["closed", "nobody"]


def test_what_becomes_active_before_it_learns_of_it(world, register, record):
    record(active=False, since=world.midnight(2, 1))
    wish = v1.RegisterResource(
        metering_point_id=world.point(1),
        technology="battery",
        up_w=1_000,
        down_w=0,
        devices=(v1.Device(make="Acme", model="X", serial="new"),),
    )
    _, told = world.tell(register, wish, number=1).then_only(v1.ResourceRegistered, v1.ResourceSleepChanged)

    assert told.periods == (closed(world.midnight(2, 1)),)
