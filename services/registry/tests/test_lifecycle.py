"""The life of a resource: what is changed about it, whether it counts, and who may say so."""

import pytest

from contracts.registry import v1
from registry import store
from registry.domain import resource
from registry.domain.power import Power

pytestmark = pytest.mark.unit

RESOURCE = 1


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

    def said(wish, *, number=RESOURCE, sender="", at=None):
        return held.when(wish, subject=world.uuid(number), sender=sender or world.BSP, at=at or world.noon(1, 6))

    return said


@pytest.fixture
def register_it(world, say):
    def said(*devices, number=RESOURCE, point=1, up_w=5_000, down_w=0, **fields):
        wish = v1.RegisterResource(
            metering_point_id=world.point(point),
            technology=fields.pop("technology", "ev-charger"),
            up_w=up_w,
            down_w=down_w,
            devices=devices if devices or "empty" in fields else (device(),),
            **{name: value for name, value in fields.items() if name != "empty"},
        )
        return say(wish, number=number)

    return said


@pytest.fixture
def state(world, held):
    return lambda number=RESOURCE: held.state(store.RESOURCE, world.uuid(number))


@pytest.fixture
def behind(world, held):
    return lambda number=1: held.state(store.METERING_POINT, world.point(number)).behind


# Which status allows what


PAUSE, ACTIVATE, TERMINATE = (
    v1.PauseResource(reason="Repair"),
    v1.ActivateResource(),
    v1.TerminateResource(reason="Sold"),
)
UPDATE, DEVICES = v1.UpdateResource(up_w=7_000), v1.ChangeDevices(add=(device("S2"),))
REACHED_BY = {"new": (), "active": (ACTIVATE,), "paused": (ACTIVATE, PAUSE), "terminated": (TERMINATE,)}


@pytest.mark.rule("RESOURCE_STATUS_DIFFERENT")
@pytest.mark.parametrize(
    ("status", "wish", "then"),
    [
        ("new", UPDATE, "new"),
        ("new", DEVICES, "new"),
        ("new", ACTIVATE, "active"),
        ("new", PAUSE, None),
        ("new", TERMINATE, "terminated"),
        ("active", UPDATE, "active"),
        ("active", DEVICES, "active"),
        ("active", ACTIVATE, None),
        ("active", PAUSE, "paused"),
        ("active", TERMINATE, "terminated"),
        ("paused", UPDATE, "paused"),
        ("paused", DEVICES, "paused"),
        ("paused", ACTIVATE, "active"),
        ("paused", PAUSE, None),
        ("paused", TERMINATE, "terminated"),
        ("terminated", UPDATE, None),
        ("terminated", DEVICES, None),
        ("terminated", ACTIVATE, None),
        ("terminated", PAUSE, None),
        ("terminated", TERMINATE, None),
    ],
    ids=lambda value: value if isinstance(value, str) else getattr(value, "type", "refused").split(".")[-2:][0],
)
def test_each_status_allows_what_it_allows(register_it, say, state, behind, status, wish, then):
    register_it(activate=False)
    for step in REACHED_BY[status]:
        assert not say(step).rejected
    assert state().status == status

    outcome = say(wish)

    if then is None:
        outcome.refused("RESOURCE_STATUS_DIFFERENT", actual=status)
    else:
        assert len(outcome.events) == 1, outcome
    assert state().status == (then or status)
    size_w = 7_000 if wish is UPDATE and then else 5_000
    assert behind().size_w == (size_w if state().status == "active" else 0)


def test_every_command_about_a_resource_stands_in_the_table(world):
    about = {each for each in world.SERVICE.commands if each.__module__.endswith("resources")}
    assert about - {v1.RegisterResource} == {type(each) for each in (UPDATE, DEVICES, ACTIVATE, PAUSE, TERMINATE)}


# Registering


def test_what_is_registered_says_what_follows_from_it(register_it):
    (event,) = register_it(up_w=50_000, technology="heat-pump", ramp_w_per_min=600).then_only(v1.ResourceRegistered)

    assert (event.status, event.category, event.small) == ("active", ("consumption",), True)
    assert (event.ramp_w_per_min, event.small_limit_w) == (600, 50_000)
    (larger,) = register_it(device("S2"), number=2, up_w=0, down_w=50_001).events
    assert larger.small is False


def test_a_resource_may_be_registered_as_new(register_it, state, behind):
    outcome = register_it(activate=False)

    (event,) = outcome.then_only(v1.ResourceRegistered)
    assert (event.status, event.behind_up_w, outcome.reasons) == ("new", 0, ())
    assert (state().status, behind()) == ("new", Power())


@pytest.mark.rule("RESOURCE_NEEDS_DEVICE")
@pytest.mark.rule("RESOURCE_NEEDS_POWER")
def test_what_has_no_device_or_no_power_yet_is_new_with_a_notice(register_it, say, state):
    outcome = register_it(empty=True, up_w=0)

    outcome.then_only(v1.ResourceRegistered)
    assert [(reason.code, reason.path) for reason in outcome.reasons] == [
        ("RESOURCE_NEEDS_DEVICE", "/devices"),
        ("RESOURCE_NEEDS_POWER", "/up_w"),
    ]
    refused = say(ACTIVATE)
    refused.refused("RESOURCE_NEEDS_DEVICE")
    refused.refused("RESOURCE_NEEDS_POWER")
    say(v1.ChangeDevices(add=(device(),))).then_only(v1.DevicesChanged)
    say(ACTIVATE).refused("RESOURCE_NEEDS_POWER")
    say(v1.UpdateResource(down_w=4_000)).then_only(v1.ResourceUpdated)
    (active,) = say(ACTIVATE).then_only(v1.ResourceActivated)
    assert (active.down_w, active.behind_down_w, state().status) == (4_000, 4_000, "active")


# Changing what is stated


def test_only_what_is_given_changes_and_the_event_has_both(world, register_it, say):
    register_it(name="Garasjen", up_w=40_000, down_w=2_000)
    register_it(device("S2"), number=2, up_w=1_000)

    (event,) = say(v1.UpdateResource(up_w=60_000, ramp_w_per_min=900)).then_only(v1.ResourceUpdated)

    before = v1.Particulars(
        name="Garasjen",
        technology="ev-charger",
        category=("consumption",),
        up_w=40_000,
        down_w=2_000,
        ramp_w_per_min=None,
        small=True,
    )
    assert event.before == before
    assert event.after == before.model_copy(update={"up_w": 60_000, "ramp_w_per_min": 900, "small": False})
    assert (event.behind_up_w, event.behind_down_w) == (61_000, 2_000)
    assert (event.dso, event.held_from) == (world.DSO, world.START)


def test_a_name_can_be_taken_away_and_another_technology_brings_its_category(register_it, say):
    register_it(name="Garasjen")
    (event,) = say(v1.UpdateResource(name="", technology="vehicle-to-grid")).then_only(v1.ResourceUpdated)
    assert (event.after.name, event.after.category) == ("", ("energy-storage",))


@pytest.mark.parametrize("wish", [v1.UpdateResource(), v1.UpdateResource(up_w=5_000), v1.ChangeDevices()])
def test_nothing_new_is_no_change(register_it, say, wish):
    register_it()
    say(wish).then()


@pytest.mark.rule("RESOURCE_NEEDS_POWER")
def test_an_active_resource_keeps_some_power_and_a_paused_one_need_not(register_it, say):
    register_it()
    say(v1.UpdateResource(up_w=0)).refused("RESOURCE_NEEDS_POWER", path="/up_w")
    say(v1.UpdateResource(up_w=0, down_w=1)).then_only(v1.ResourceUpdated)
    say(PAUSE)
    say(v1.UpdateResource(down_w=0)).then_only(v1.ResourceUpdated)


def test_what_is_changed_while_paused_counts_when_it_is_active_again(register_it, say, behind):
    register_it()
    say(PAUSE)
    (changed,) = say(v1.UpdateResource(up_w=9_000)).then_only(v1.ResourceUpdated)
    assert (changed.behind_up_w, behind()) == (0, Power())
    say(ACTIVATE)
    assert behind() == Power(9_000)


# Power


@pytest.mark.rule("RESOURCE_ABOVE_DEVICES")
def test_a_resource_is_never_larger_than_its_devices_if_all_are_rated(register_it, say):
    register_it(device("S1", rated_w=4_999)).refused(
        "RESOURCE_ABOVE_DEVICES", path="/up_w", limit=4_999, actual=5_000, unit="W"
    )
    register_it(device("S1", rated_w=2_000), device("S2", rated_w=3_000)).then_only(v1.ResourceRegistered)
    say(v1.UpdateResource(down_w=5_001)).refused("RESOURCE_ABOVE_DEVICES", path="/down_w", limit=5_000, actual=5_001)
    say(v1.ChangeDevices(remove=(plate("S1"),))).refused("RESOURCE_ABOVE_DEVICES", limit=3_000, actual=5_000)
    say(v1.ChangeDevices(add=(device("S3", rated_w=1),))).then_only(v1.DevicesChanged)
    say(v1.UpdateResource(down_w=5_001)).then_only(v1.ResourceUpdated)


@pytest.mark.rule("RESOURCE_ABOVE_DEVICES")
def test_where_a_device_says_nothing_of_its_power_nothing_is_compared(register_it, say):
    register_it(device("S1", rated_w=1), device("S2")).then_only(v1.ResourceRegistered)
    say(v1.UpdateResource(up_w=9_000)).then_only(v1.ResourceUpdated)
    say(v1.ChangeDevices(remove=(plate("S2"),))).refused("RESOURCE_ABOVE_DEVICES", limit=1, actual=9_000)


@pytest.mark.rule("RESOURCES_ABOVE_AGREED_POWER")
def test_more_than_the_agreed_power_of_the_point_is_noticed_and_accepted(register_it, say):
    def noticed(outcome):
        assert not outcome.rejected
        return [(reason.code, reason.limit, reason.actual) for reason in outcome.reasons]

    assert noticed(register_it(up_w=20_000)) == []
    above = [("RESOURCES_ABOVE_AGREED_POWER", 20_000, 20_001)]
    assert noticed(register_it(device("S2"), number=2, up_w=1)) == above
    assert noticed(say(v1.UpdateResource(down_w=5))) == []  # no more than before
    assert noticed(say(PAUSE)) == []
    assert noticed(say(ACTIVATE)) == above
    assert noticed(say(v1.UpdateResource(up_w=20_001))) == [("RESOURCES_ABOVE_AGREED_POWER", 20_000, 20_002)]


# Who may


@pytest.mark.rule("RESOURCE_NOT_YOURS")
@pytest.mark.parametrize("wish", [UPDATE, DEVICES, ACTIVATE, PAUSE, TERMINATE])
def test_a_resource_of_another_and_an_unknown_one_are_answered_alike(world, register_it, say, wish):
    register_it()
    others = say(wish, sender=world.OTHER_BSP).refused("RESOURCE_NOT_YOURS", limit=None, actual=None)
    assert others == say(wish, number=77).refused("RESOURCE_NOT_YOURS")


@pytest.mark.rule("RESOURCE_NOT_YOURS")
def test_a_resource_goes_with_its_point(world, held, register_it, say):
    register_it()
    day = world.midnight(4, 15)
    held.given(world.switched(world.point(1), day))

    say(UPDATE, at=world.noon(4, 14)).then_only(v1.ResourceUpdated)
    say(PAUSE, at=day).refused("RESOURCE_NOT_YOURS")
    (paused,) = say(PAUSE, sender=world.OTHER_BSP, at=day).then_only(v1.ResourcePaused)
    assert (paused.bsp, paused.held_from, paused.reason) == (world.OTHER_BSP, day, "Repair")
    say(TERMINATE, sender=world.OTHER_BSP, at=day).then_only(v1.ResourceTerminated)


@pytest.mark.rule("METERING_POINT_INCOMPLETE")
def test_behind_a_point_that_is_no_longer_complete_nothing_begins_to_count(world, held, register_it, say):
    register_it()
    unknown = world.recorded(world.point(1), grid_area=world.NO_AREA, zone=None)
    held.given(unknown.model_copy(update={"valid_from": world.midnight(1, 2)}))

    (paused,) = say(PAUSE).then_only(v1.ResourcePaused)
    assert paused.dso is None
    say(ACTIVATE).refused("METERING_POINT_INCOMPLETE")
    say(TERMINATE).then_only(v1.ResourceTerminated)


def test_what_was_registered_before_there_was_a_status_is_active(world, held):
    earlier = world.resource(world.point(1))
    held.given(v1.ResourceRegistered.model_validate(earlier.model_dump(exclude={"status", "category", "small"})))

    held.when(PAUSE, subject=earlier.resource_id, sender=world.BSP).then_only(v1.ResourcePaused)


def test_an_event_about_an_unknown_resource_stops_the_fold(world, held):
    event = v1.DevicesChanged(
        resource_id=world.uuid(5),
        metering_point_id=world.point(1),
        bsp=world.BSP,
        dso=None,
        added=(),
        removed=(),
        devices=(),
        held_from=world.START,
    )
    with pytest.raises(LookupError, match="never registered"):
        resource.evolve(None, event)
