"""Resources behind metering points, and their devices."""

import pytest

from contracts.registry import v1
from registry import store

pytestmark = pytest.mark.unit


@pytest.fixture
def held(world, register):
    return register.given(world.recorded(world.point(1)), world.claimed(world.point(1)))


def register_resource(
    world,
    scenario,
    *,
    number=1,
    point=1,
    up_w=5_000,
    down_w=0,
    serials=("S1",),
    sender="",
    at=None,
    technology="ev-charger",
):
    wish = v1.RegisterResource(
        metering_point_id=world.point(point),
        technology=technology,
        up_w=up_w,
        down_w=down_w,
        devices=tuple(v1.Device(make="Acme", model="X1", serial=serial) for serial in serials),
    )
    return scenario.when(wish, subject=world.uuid(number), sender=sender or world.BSP, at=at or world.midnight(1, 5))


def test_a_resource_stands_behind_its_point_with_the_sums(world, held):
    register_resource(world, held, number=1, up_w=5_000, down_w=1_000)
    (event,) = register_resource(world, held, number=2, up_w=2_000, serials=("S2", "S3")).then_only(
        v1.ResourceRegistered
    )

    assert (event.behind_up_w, event.behind_down_w) == (7_000, 1_000)
    assert (event.bsp, event.dso, event.held_from) == (world.BSP, world.DSO, world.midnight(1, 5))
    assert held.state(store.DEVICE, "acme|x1|s3").resource_id == world.uuid(2)


def test_the_size_behind_a_point_never_hinders_registering(world, held):
    register_resource(world, held, up_w=500_000)
    register_resource(world, held, number=2, up_w=500_000, serials=("S2",)).then_only(v1.ResourceRegistered)


@pytest.mark.rule("ID_NOT_AVAILABLE")
def test_the_id_of_another_resource_is_not_available(world, held):
    held.given(world.recorded(world.point(2)), world.claimed(world.point(2), world.OTHER_BSP))
    register_resource(world, held)
    register_resource(world, held, point=2, sender=world.OTHER_BSP).refused("ID_NOT_AVAILABLE", path="/subject")
    register_resource(world, held, sender=world.OTHER_BSP).refused("ID_NOT_AVAILABLE", path="/subject")


@pytest.mark.rule("RESOURCE_ALREADY_REGISTERED")
def test_a_resource_that_is_said_again_just_as_it_stands_is_there(world, held):
    register_resource(world, held, serials=("S1", "S2"))
    again = register_resource(world, held, serials=("s2", "S1"), at=world.midnight(1, 9))
    assert (again.rejected, again.events) == (False, [])
    assert [(reason.code, reason.actual) for reason in again.reasons] == [("RESOURCE_ALREADY_REGISTERED", "active")]


@pytest.mark.rule("RESOURCE_REGISTERED_OTHERWISE")
@pytest.mark.parametrize(
    ("otherwise", "path", "limit", "actual"),
    [
        ({"up_w": 6_000}, "/up_w", 5_000, 6_000),
        ({"technology": "battery"}, "/technology", "ev-charger", "battery"),
        ({"serials": ("S1", "S2")}, "/devices", 1, 2),
    ],
)
def test_a_resource_that_is_said_otherwise_is_refused_with_what_to_do(world, held, otherwise, path, limit, actual):
    register_resource(world, held)
    reason = register_resource(world, held, **otherwise).refused(
        "RESOURCE_REGISTERED_OTHERWISE", path=path, limit=limit, actual=actual
    )
    assert "update-resource" in reason.fix_en


def test_what_was_refused_is_decided_anew(world, register):
    register.given(world.recorded(world.point(1)))
    register_resource(world, register).refused("METERING_POINT_NOT_HELD")
    register.given(world.claimed(world.point(1)))
    register_resource(world, register).then_only(v1.ResourceRegistered)


@pytest.mark.rule("METERING_POINT_NOT_HELD")
def test_a_point_of_another_and_an_unknown_one_are_answered_alike(world, held):
    others = register_resource(world, held, sender=world.OTHER_BSP).refused("METERING_POINT_NOT_HELD")
    unknown = register_resource(world, held, point=7).refused(
        "METERING_POINT_NOT_HELD", path="/metering_point_id", limit=None, actual=None
    )
    assert others == unknown


@pytest.mark.rule("METERING_POINT_NOT_HELD_YET")
def test_behind_a_point_that_is_not_recorded_nothing_is_kept(world, register):
    register.given(world.claimed(world.point(1), at=world.midnight(1, 8)))

    register_resource(world, register, at=world.midnight(1, 7)).refused(
        "METERING_POINT_NOT_HELD_YET", path="/metering_point_id", limit="2026-01-07T23:00:00Z"
    )


@pytest.mark.rule("METERING_POINT_NOT_HELD")
def test_at_the_midnight_of_a_switch_the_incoming_bsp_takes_over(world, held):
    held.given(world.switched(world.point(1), world.midnight(4, 15)))
    eve, day = world.midnight(4, 14), world.midnight(4, 15)

    register_resource(world, held, number=1, at=eve).then_only(v1.ResourceRegistered)
    register_resource(world, held, number=2, serials=("S2",), at=day).refused("METERING_POINT_NOT_HELD")
    register_resource(world, held, number=2, serials=("S2",), sender=world.OTHER_BSP, at=day).then_only(
        v1.ResourceRegistered
    )


@pytest.mark.rule("METERING_POINT_INCOMPLETE")
def test_behind_an_incomplete_point_nothing_is_registered(world, register):
    register.given(world.recorded(world.point(1), grid_area=world.NO_AREA, zone=None), world.claimed(world.point(1)))

    register_resource(world, register).refused("METERING_POINT_INCOMPLETE", path="/metering_point_id")


@pytest.mark.rule("METERING_POINT_INACTIVE")
def test_behind_a_closed_point_nothing_is_registered_and_nothing_begins_to_count(world, held):
    register_resource(world, held)
    held.when(v1.PauseResource(reason="Repair"), subject=world.uuid(1), sender=world.BSP, at=world.noon(1, 6))
    closed = {"active": False, "valid_from": world.midnight(1, 20)}
    held.given(world.recorded(world.point(1)).model_copy(update=closed))

    later = world.midnight(1, 20)
    register_resource(world, held, number=2, serials=("S2",), at=world.midnight(1, 19)).then_only(
        v1.ResourceRegistered, v1.ResourceSleepChanged
    )
    register_resource(world, held, number=3, serials=("S3",), at=later).refused(
        "METERING_POINT_INACTIVE", path="/metering_point_id"
    )
    activate = v1.ActivateResource()
    held.when(activate, subject=world.uuid(1), sender=world.BSP, at=later).refused("METERING_POINT_INACTIVE")


@pytest.mark.rule("DEVICE_ALREADY_REGISTERED")
@pytest.mark.parametrize("serial", ["S1", " s1 "])
def test_a_device_is_registered_once_however_it_is_written(world, held, serial):
    register_resource(world, held)
    register_resource(world, held, number=2, serials=("S2", serial)).refused(
        "DEVICE_ALREADY_REGISTERED", path="/devices/1"
    )


@pytest.mark.rule("DEVICE_ALREADY_REGISTERED")
def test_a_device_stands_once_in_a_command(world, held):
    register_resource(world, held, serials=("S1", "S1")).refused("DEVICE_ALREADY_REGISTERED", path="/devices/1")


@pytest.fixture
def grouped(world, register):
    """A group of ten members of 480 kW: 4,800 kW."""
    register.given(*world.points(range(1, 11), kw=480))
    register.when(
        v1.FormGroup(zone="NO3", metering_points=world.ids(*range(1, 11))),
        subject=world.uuid(100),
        sender=world.BSP,
        at=world.midnight(1, 6),
    )
    return register


def test_growth_of_a_member_counts_at_once(world, grouped):
    outcome = register_resource(world, grouped, up_w=200_000, at=world.midnight(1, 7))

    grown = outcome.then_only(v1.ResourceRegistered, v1.MemberPowerChanged)[1]
    assert (grown.up_w, grown.declared_up_w) == (680_000, 5_000_000)
    assert (grown.group_max_w, grown.point_limit_w) == (5_000_000, 1_000_000)
    assert grouped.state(store.GROUP, world.uuid(100)).power.up_w == 5_000_000


@pytest.mark.rule("GROUP_ABOVE_MAX")
def test_growth_that_takes_the_group_over_its_limit_is_refused(world, grouped):
    register_resource(world, grouped, up_w=201_000, at=world.midnight(1, 7)).refused(
        "GROUP_ABOVE_MAX", limit=5_000_000, actual=5_001_000, unit="W"
    )


def test_growth_to_the_limit_of_a_point_is_accepted_and_makes_it_leave(world, grouped):
    at = world.noon(1, 7)
    outcome = register_resource(world, grouped, up_w=520_000, at=at)

    leave = outcome.then_only(v1.ResourceRegistered, v1.MemberMustLeave)[1]
    assert (leave.because, leave.since, leave.proposal) == ("size", at, "leave")
    # 28 days, to the end of the last local day.
    assert leave.leave_by == world.midnight(2, 5)
    assert leave.point_limit_w == 1_000_000
    # It counts at its former value until then, and is marked once.
    assert grouped.state(store.GROUP, world.uuid(100)).power.up_w == 4_800_000
    register_resource(world, grouped, number=2, serials=("S2",), at=at).then_only(v1.ResourceRegistered)

    (ended,) = grouped.until(world.midnight(2, 5)).then_only(v1.MembershipEnded)
    assert (ended.because, ended.valid_to, ended.declared_up_w) == ("must-leave", world.midnight(2, 5), 4_320_000)
