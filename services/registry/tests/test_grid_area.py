"""Grid areas in time: what becomes of them, and how their points learn of it."""

from datetime import timedelta

import pytest

from contracts import values
from contracts.registry import v1
from contracts.values import BiddingZone, Role
from registry import store
from registry.domain import area_points

pytestmark = pytest.mark.unit

SECOND = timedelta(seconds=1)


def change(world, register, *, grid_area="", role=Role.TSO, at=None, **wish):
    wish = {"valid_from": world.midnight(2, 1)} | wish
    sender = world.TSO if role == Role.TSO else world.OPERATOR
    return register.when(
        v1.ChangeGridArea(**wish), subject=grid_area or world.AREA, sender=sender, role=role, at=at or world.START
    )


def define(world, register, grid_area, **wish):
    wish = {"name": "Area", "zone": "NO3", "dso": world.DSO} | wish
    return register.when(v1.DefineGridArea(**wish), subject=grid_area, sender=world.TSO, role=Role.TSO)


def facts(register, gsrn):
    return [(f.valid_from, f.zone, f.dso, f.carried) for f in register.state(store.METERING_POINT, gsrn).facts]


def versions(register, grid_area):
    return [(each.valid_from, each.zone, each.dso) for each in register.state(store.GRID_AREA, grid_area).versions]


def eic(number):
    return values.make_eic_y(f"AREA-{number}")


@pytest.fixture
def other_dso(world, register):
    gln = values.make_gln(50)
    register.given(world.onboarded(gln, Role.DSO))
    return gln


# What becomes of an area


def test_a_change_is_valid_from_its_midnight_and_what_is_left_out_stays(world, register, other_dso):
    outcome = change(world, register, zone="NO1", dso=other_dso)

    outcome.then(
        v1.GridAreaChanged(
            grid_area=world.AREA,
            name="Area",
            zone="NO1",
            dso=other_dso,
            former_dso=world.DSO,
            valid_from=world.midnight(2, 1),
            freeze_days=14,
        )
    )
    area = register.state(store.GRID_AREA, world.AREA)
    before, after = area.at(world.midnight(2, 1) - timedelta(microseconds=1)), area.at(world.midnight(2, 1))
    assert (before.zone, before.dso) == (BiddingZone.NO3, world.DSO)
    assert (after.zone, after.dso) == (BiddingZone.NO1, other_dso)


def test_the_same_change_again_says_nothing_new(world, register):
    change(world, register, zone="NO1").then_only(v1.GridAreaChanged)
    change(world, register, zone="NO1").then()
    change(world, register, zone="NO1", valid_from=world.midnight(3, 1)).then()


def test_a_late_change_goes_on_in_the_later_ones_as_far_as_they_did_not_change_the_same(world, register, other_dso):
    change(world, register, dso=other_dso, valid_from=world.midnight(3, 1))
    change(world, register, zone="NO5", valid_from=world.midnight(4, 1))

    changed = change(world, register, zone="NO1", valid_from=world.midnight(2, 1)).then_only(*[v1.GridAreaChanged] * 2)

    assert [(each.valid_from, each.former_dso) for each in changed] == [
        (world.midnight(2, 1), None),
        (world.midnight(3, 1), world.DSO),
    ]
    assert versions(register, world.AREA)[1:] == [
        (world.midnight(2, 1), BiddingZone.NO1, world.DSO),
        (world.midnight(3, 1), BiddingZone.NO1, other_dso),
        (world.midnight(4, 1), BiddingZone.NO5, other_dso),
    ]


def test_an_area_may_come_to_stand_under_no_other(world, register):
    change(world, register, parent=world.AREA_ELSEWHERE)
    (changed,) = change(world, register, no_parent=True, valid_from=world.midnight(3, 1)).then_only(v1.GridAreaChanged)

    assert changed.parent is None
    assert register.state(store.GRID_AREA, world.AREA).at(world.midnight(2, 1)).parent == world.AREA_ELSEWHERE


@pytest.mark.rule("GRID_AREA_NOT_DEFINED")
def test_only_what_is_defined_and_valid_then_can_be_changed(world, register):
    change(world, register, grid_area=world.NO_AREA, zone="NO1").refused("GRID_AREA_NOT_DEFINED", path="/subject")

    define(world, register, eic(1), valid_from=world.midnight(3, 1))
    outcome = change(world, register, grid_area=eic(1), zone="NO1")
    outcome.refused("GRID_AREA_NOT_DEFINED", path="/valid_from", limit="2026-02-28T23:00:00Z")


@pytest.mark.rule("DSO_UNKNOWN")
def test_an_area_goes_to_a_dso_alone(world, register):
    change(world, register, dso=world.BSP).refused("DSO_UNKNOWN", path="/dso")


@pytest.mark.rule("TIMELINE_FROZEN")
@pytest.mark.parametrize(("role", "reason"), [(Role.TSO, "Wrong plan."), (Role.OPERATOR, "")])
def test_the_closed_past_is_changed_by_the_operator_alone_with_a_reason(world, register, role, reason):
    # On 10 April the clocks have been moved; 14 local days before noon it was noon.
    at = world.noon(4, 10)
    frozen = {"zone": "NO1", "valid_from": world.midnight(3, 27), "at": at}

    change(world, register, role=role, reason=reason, **frozen).refused(
        "TIMELINE_FROZEN", path="/valid_from", limit="2026-03-27T11:00:00Z"
    )
    change(world, register, role=role, zone="NO1", valid_from=world.midnight(3, 28), at=at).then_only(
        v1.GridAreaChanged
    )
    told = change(world, register, role=Role.OPERATOR, reason="Wrong plan.", **frozen).events
    assert [each.reason for each in told] == ["Wrong plan."]


# The hierarchy


@pytest.mark.rule("PARENT_CYCLE")
def test_no_area_stands_above_itself_at_any_time(world, register):
    define(world, register, eic(1))
    define(world, register, eic(2), parent=eic(1))
    define(world, register, eic(3), parent=eic(2))

    change(world, register, grid_area=eic(1), parent=eic(1)).refused("PARENT_CYCLE", path="/parent", actual=eic(1))
    change(world, register, grid_area=eic(1), parent=eic(3)).refused("PARENT_CYCLE")
    # Once the one between has gone, they may change places; before that midnight they may not.
    change(world, register, grid_area=eic(3), no_parent=True, valid_from=world.midnight(3, 1))
    change(world, register, grid_area=eic(1), parent=eic(3), valid_from=world.midnight(2, 1)).refused("PARENT_CYCLE")
    change(world, register, grid_area=eic(1), parent=eic(3), valid_from=world.midnight(3, 1)).then_only(
        v1.GridAreaChanged
    )
    change(world, register, grid_area=eic(3), parent=eic(2), valid_from=world.midnight(4, 1)).refused("PARENT_CYCLE")


@pytest.mark.rule("PARENT_TOO_DEEP")
def test_the_hierarchy_has_an_end(world, register):
    define(world, register, eic(0))
    for number in range(1, 11):
        define(world, register, eic(number), parent=eic(number - 1)).then_only(v1.GridAreaDefined)

    define(world, register, eic(11), parent=eic(10)).refused("PARENT_TOO_DEEP", path="/parent", limit=10)


@pytest.mark.rule("PARENT_GRID_AREA_UNKNOWN")
def test_an_area_comes_to_stand_under_a_known_one(world, register):
    change(world, register, parent=world.NO_AREA).refused("PARENT_GRID_AREA_UNKNOWN", path="/parent")


# Its points


def steps(events):
    return [event for event in events if isinstance(event, v1.PointsOfAreaUpdated)]


def test_the_points_of_an_area_have_its_new_zone_and_dso_from_that_midnight(world, register, other_dso):
    register.given(world.recorded(world.point(1)), world.recorded(world.point(2), grid_area=world.AREA_ELSEWHERE))

    _, told, step = change(world, register, zone="NO1", dso=other_dso).then_only(
        v1.GridAreaChanged, v1.MeteringPointRecorded, v1.PointsOfAreaUpdated
    )

    assert told == world.recorded(world.point(1)).model_copy(
        update={"zone": BiddingZone.NO1, "dso": other_dso, "valid_from": world.midnight(2, 1), "carried": True}
    )
    assert (step.points, step.last, step.next_at) == (1, world.point(1), None)
    register.until(world.midnight(6, 1)).then()


def test_a_boundary_on_the_days_when_the_clocks_are_moved_is_the_local_midnight(world, register):
    register.given(world.recorded(world.point(1)))

    for month, day in ((3, 29), (3, 30), (10, 25), (10, 26)):
        change(world, register, name=f"{day}.{month}.", zone="NO1", valid_from=world.midnight(month, day))

    assert [values.time_text(start) for start, *_ in facts(register, world.point(1))[1:]] == [
        "2026-03-28T23:00:00Z",
        "2026-03-29T22:00:00Z",
        "2026-10-24T22:00:00Z",
        "2026-10-25T23:00:00Z",
    ]


def test_many_points_follow_some_at_a_time_with_other_decisions_between(world, register, monkeypatch):
    monkeypatch.setattr(area_points, "POINTS_A_STEP", 2)
    # In three blocks of one beginning, and one far away.
    numbers = [1, 2, 3, 101, 201, 7_000_001]
    register.given(*(world.recorded(world.point(n)) for n in numbers))
    at = world.START

    _, *first, step = change(world, register, zone="NO1").events
    assert [event.metering_point_id for event in first] == list(map(world.point, (1, 2, 3)))
    assert (step.points, step.last, step.next_at) == (3, world.point(3), at + SECOND)
    register.until(at).then()
    # A fact of a point that has not had its turn is derived from the area as it is now; its turn finds nothing to say.
    wish = v1.RecordMeteringPoint(
        grid_area=world.AREA, resolution="PT15M", agreed_power_w=1, valid_from=world.midnight(1, 1)
    )
    register.when(wish, subject=world.point(101), at=at).then_only(v1.MeteringPointRecorded, v1.MeteringPointRecorded)

    second, step = register.until(at + SECOND).then_only(v1.MeteringPointRecorded, v1.PointsOfAreaUpdated)
    assert (second.metering_point_id, step.points) == (world.point(201), 2)
    third, step = register.until(at + 9 * SECOND).then_only(v1.MeteringPointRecorded, v1.PointsOfAreaUpdated)
    assert (third.metering_point_id, step.next_at) == (world.point(7_000_001), None)
    for number in numbers:
        assert facts(register, world.point(number))[-1][:2] == (world.midnight(2, 1), BiddingZone.NO1)


def test_a_change_during_a_round_begins_a_new_one(world, register, monkeypatch):
    monkeypatch.setattr(area_points, "POINTS_A_STEP", 1)
    register.given(*(world.recorded(world.point(n)) for n in (1, 101, 201)))
    at = world.START
    change(world, register, zone="NO1")
    register.until(at + SECOND)
    (again,) = steps(change(world, register, zone="NO2", at=at + SECOND).events)
    assert (again.last, again.next_at) == (world.point(1), at + 2 * SECOND)

    assert [(step.last, step.next_at) for step in steps(register.until(at + 9 * SECOND).events)] == [
        (world.point(101), at + 3 * SECOND),
        (world.point(201), at + 4 * SECOND),
        (None, None),
    ]
    for number in (1, 101, 201):
        assert facts(register, world.point(number))[-1][1] == BiddingZone.NO2


def test_a_point_that_waits_for_an_area_is_complete_only_from_when_the_area_is_valid(world, register):
    register.given(world.recorded(world.point(1), grid_area=world.NO_AREA, zone=None))
    define(world, register, world.NO_AREA, valid_from=world.midnight(3, 1))

    assert facts(register, world.point(1)) == [
        (world.midnight(1, 1), None, None, False),
        (world.midnight(3, 1), BiddingZone.NO3, world.DSO, True),
    ]


def test_an_area_is_not_virtual_unless_it_is_said_to_be(world, register):
    define(world, register, eic(1), virtual=True)
    register.when(
        v1.RecordMeteringPoint(
            grid_area=eic(1),
            resolution="PT15M",
            agreed_power_w=0,
            settlement_method="not-settled",
            valid_from=world.midnight(1, 1),
        ),
        subject=world.point(1),
    )
    register.given(world.recorded(world.point(2)))

    assert register.state(store.METERING_POINT, world.point(1)).facts[0].virtual
    assert not register.state(store.METERING_POINT, world.point(2)).facts[0].virtual


@pytest.mark.rule("GRID_AREA_UNCHANGED")
def test_a_change_that_changes_nothing_is_noticed(world, register):
    outcome = change(world, register)
    outcome.then()
    assert [reason.code for reason in outcome.reasons] == ["GRID_AREA_UNCHANGED"]
