"""Large metering points that take part individually."""

import pytest

from chassis.work import DeadlinePending
from contracts.gateway import v1 as gateway
from contracts.registry import v1
from contracts.values import Role
from registry import store

pytestmark = pytest.mark.unit


def alone(world, scenario, number=1, *, subject=300, sender="", at=None):
    wish = v1.FormRegulationObject(name="Kjel", metering_point_id=world.point(number))
    return world.tell(scenario, wish, number=subject, sender=sender or world.BSP, at=at)


def end(world, scenario, *, subject=300, sender="", at=None, valid_to=None):
    wish = v1.EndRegulationObject(valid_to=valid_to)
    return world.tell(scenario, wish, number=subject, sender=sender or world.BSP, at=at)


def register_resource(world, scenario, *, kw, number=900, at=None):
    wish = v1.RegisterResource(
        metering_point_id=world.point(1),
        technology="battery",
        up_w=kw * 1000,
        down_w=0,
        devices=(v1.Device(make="Acme", model="X1", serial=f"S{number}"),),
    )
    return world.tell(scenario, wish, number=number, at=at)


@pytest.fixture
def large(world, register):
    """Point 1 has 1,000 kW behind it, 2 and 3 have 5 kW."""
    return register.given(*world.points((1,), kw=1000), *world.points((2, 3)))


def test_a_large_point_takes_part_by_itself(world, large):
    at = world.noon(1, 6)

    (formed,) = alone(world, large, at=at).then_only(v1.RegulationObjectFormed)

    assert (formed.kind, formed.metering_point_id, formed.bsp) == ("single-point", world.point(1), world.BSP)
    assert (formed.up_w, formed.down_w, formed.point_limit_w) == (1_000_000, 0, 1_000_000)
    assert (formed.valid_from, formed.valid_to, formed.held_from) == (at, None, world.START)
    assert (formed.zone, formed.grid_area, formed.dso, formed.substation) == ("NO3", world.AREA, world.DSO, "Moholt")
    assert formed.station_group == world.uuid(300)
    assert large.state(store.METERING_POINT, world.point(1)).regulation_object == world.uuid(300)


@pytest.mark.rule("METERING_POINT_TOO_SMALL_ALONE")
@pytest.mark.parametrize(("kw", "refused"), [(999, True), (1_000, False), (1_001, False)])
def test_from_1000_kw_on_a_point_takes_part_alone(world, register, kw, refused):
    """E1, D1."""
    register.given(*world.points((1,), kw=kw))

    outcome = alone(world, register)
    assert outcome.rejected is refused
    if refused:
        outcome.refused("METERING_POINT_TOO_SMALL_ALONE", limit=1_000_000, actual=999_000, unit="W")


@pytest.mark.rule("METERING_POINT_NOT_HELD")
@pytest.mark.rule("METERING_POINT_INCOMPLETE")
@pytest.mark.rule("METERING_POINT_HAS_NO_RESOURCE")
def test_the_point_is_the_senders_complete_and_has_resources(world, large):
    large.given(world.recorded(world.point(5), grid_area=world.NO_AREA, zone=None), world.claimed(world.point(5)))
    large.given(world.recorded(world.point(6)), world.claimed(world.point(6)))

    others = alone(world, large, sender=world.OTHER_BSP).refused("METERING_POINT_NOT_HELD")
    assert others == alone(world, large, 8).refused("METERING_POINT_NOT_HELD", path="/metering_point_id")
    alone(world, large, 5).refused("METERING_POINT_INCOMPLETE")
    alone(world, large, 6).refused("METERING_POINT_HAS_NO_RESOURCE")


@pytest.mark.rule("ID_NOT_AVAILABLE")
def test_groups_and_objects_share_their_ids(world, large):
    world.form(large, 2, 3, number=100)
    alone(world, large, subject=100).refused("ID_NOT_AVAILABLE")
    alone(world, large)
    alone(world, large).refused("ID_NOT_AVAILABLE")
    world.form(large, 2, 3, number=300).refused("ID_NOT_AVAILABLE")
    split = v1.SplitGroup(into=(v1.NewGroup(group_id=world.uuid(300), metering_points=world.ids(2, 3)),))
    world.tell(large, split).refused("ID_NOT_AVAILABLE")


@pytest.mark.rule("METERING_POINT_TAKES_PART_ALONE")
@pytest.mark.rule("METERING_POINT_ALREADY_IN_GROUP")
def test_a_point_is_in_a_group_or_alone_and_once(world, large):
    world.form(large, 2, 3)
    alone(world, large)
    alone(world, large, subject=301).refused("METERING_POINT_TAKES_PART_ALONE", path="/metering_point_id")
    # A member that has grown too large: it leaves first (E5).
    grown = world.resource(world.point(2), kw=1000, number=1)
    large.given(grown)
    alone(world, large, 2, subject=302).refused("METERING_POINT_ALREADY_IN_GROUP")
    # One that has become small is still alone.
    raised = gateway.PolicyValue(
        key="metering-point.group-limit-kw", value=2000, valid_from=world.midnight(1, 1), source="test", owner="x"
    )
    large.given(gateway.PoliciesAdded(operator=world.OPERATOR, policies=(raised,)))
    join = v1.AddMembers(metering_points=world.ids(1))
    world.tell(large, join).refused("METERING_POINT_TAKES_PART_ALONE", path="/metering_points/0")


@pytest.mark.rule("METERING_POINT_TAKES_PART_ALONE")
def test_it_ends_at_a_midnight_and_then_the_point_is_free(world, large):
    alone(world, large)
    midnight = world.midnight(1, 7)

    (announced,) = end(world, large, at=world.noon(1, 6)).then_only(v1.RegulationObjectEndAnnounced)
    assert (announced.valid_to, announced.because) == (midnight, "left")
    alone(world, large, subject=301, at=world.noon(1, 6)).refused("METERING_POINT_TAKES_PART_ALONE")
    with pytest.raises(DeadlinePending):
        alone(world, large, subject=301, at=midnight)
    (ended,) = large.until(midnight).then_only(v1.RegulationObjectEnded)
    assert (ended.valid_to, ended.because) == (midnight, "left")
    alone(world, large, subject=301, at=midnight).then_only(v1.RegulationObjectFormed)


def test_said_again_it_moves_the_date(world, large):
    alone(world, large)
    end(world, large, valid_to=world.midnight(2, 1))
    end(world, large, valid_to=world.midnight(2, 1)).then()
    end(world, large, valid_to=world.midnight(3, 1)).then_only(v1.RegulationObjectEndAnnounced)
    large.until(world.midnight(2, 28)).then()
    large.until(world.midnight(3, 1)).then_only(v1.RegulationObjectEnded)


@pytest.mark.rule("LEAVE_DATE_NOT_AHEAD")
@pytest.mark.rule("REGULATION_OBJECT_NOT_YOURS")
def test_who_ends_it_and_when(world, large):
    alone(world, large)
    at = world.midnight(1, 7)

    end(world, large, valid_to=at, at=at).refused("LEAVE_DATE_NOT_AHEAD")
    others = end(world, large, sender=world.OTHER_BSP).refused("REGULATION_OBJECT_NOT_YOURS")
    assert others == end(world, large, subject=777).refused("REGULATION_OBJECT_NOT_YOURS")
    end(world, large)
    large.until(at)
    end(world, large, at=at).refused("REGULATION_OBJECT_NOT_YOURS")


def test_a_switch_ends_it_at_its_midnight(world, large):
    alone(world, large)
    start = world.midnight(4, 15)

    (announced,) = large.when(world.switched(world.point(1), start), at=world.noon(4, 1)).then_only(
        v1.RegulationObjectEndAnnounced
    )
    assert (announced.valid_to, announced.because) == (start, "switch")
    large.when(world.switched(world.point(1), start), at=world.noon(4, 1)).then()
    (ended,) = large.until(start).then_only(v1.RegulationObjectEnded)
    assert ended.because == "switch"
    alone(world, large, subject=301, sender=world.OTHER_BSP, at=start).then_only(v1.RegulationObjectFormed)


def test_one_that_is_formed_while_a_switch_is_announced_lasts_until_its_midnight(world, large):
    start = world.midnight(4, 15)
    large.given(world.switched(world.point(1), start))

    (formed,) = alone(world, large).then_only(v1.RegulationObjectFormed)
    assert formed.valid_to == start
    large.until(start).then_only(v1.RegulationObjectEnded)


def test_under_the_limit_it_is_warned_of_and_cleared_when_it_is_above(world, large):
    alone(world, large)
    raised = gateway.PolicyValue(
        key="metering-point.group-limit-kw", value=1200, valid_from=world.midnight(1, 1), source="test", owner="x"
    )
    large.given(gateway.PoliciesAdded(operator=world.OPERATOR, policies=(raised,)))

    grown = (v1.ResourceRegistered, v1.RegulationObjectPowerChanged)
    _, power, told = register_resource(world, large, kw=50).then_only(*grown, v1.RegulationObjectWarned)
    assert (power.up_w, power.point_limit_w) == (1_050_000, 1_200_000)
    assert (told.up_w, told.point_limit_w) == (1_050_000, 1_200_000)
    register_resource(world, large, kw=50, number=901).then_only(*grown)
    _, _, cleared = register_resource(world, large, kw=100, number=902).then_only(
        *grown, v1.RegulationObjectWarningCleared
    )
    assert cleared.up_w == 1_200_000
    register_resource(world, large, kw=1, number=903).then_only(*grown)


def located(world, scenario, substation, *, at):
    wish = v1.RecordLocation(substation_id=substation, nominal_voltage_v=22_000, quality="confirmed")
    return scenario.when(wish, subject=world.point(1), sender=world.DSO, role=Role.DSO, at=at)


def test_it_lies_where_a_member_would_not_where_the_datahub_says(world, large):
    """What limits a substation must hit it (R19, R38)."""
    located(world, large, world.uuid(7), at=world.noon(1, 5))

    (formed,) = alone(world, large, at=world.noon(1, 6)).then_only(v1.RegulationObjectFormed)
    assert formed.substation == world.uuid(7)


def test_where_it_lies_is_told_again_when_that_becomes_another(world, large):
    alone(world, large, at=world.noon(1, 6))

    _, moved = located(world, large, world.uuid(8), at=world.noon(1, 10)).then_only(
        v1.LocationRecorded, v1.RegulationObjectRelocated
    )
    assert (moved.object_id, moved.metering_point_id, moved.bsp) == (world.uuid(300), world.point(1), world.BSP)
    assert (moved.dso, moved.former_dso, moved.grid_area) == (world.DSO, None, world.AREA)
    assert (moved.substation, moved.valid_from) == (world.uuid(8), world.noon(1, 10))
    located(world, large, world.uuid(8), at=world.noon(1, 11)).then()


def test_a_place_that_a_fact_says_ahead_is_told_at_its_moment(world, large):
    alone(world, large, at=world.noon(1, 6))
    to_come = {"substation": "Tiller", "valid_from": world.midnight(2, 1)}
    ahead = world.recorded(world.point(1)).model_copy(update=to_come)
    large.given(ahead)

    large.until(world.midnight(1, 31)).then()
    (moved,) = large.until(world.midnight(2, 1)).then_only(v1.RegulationObjectRelocated)
    assert (moved.substation, moved.valid_from) == ("Tiller", world.midnight(2, 1))


def test_one_that_is_over_is_told_nothing(world, large):
    alone(world, large, at=world.noon(1, 6))
    end(world, large, at=world.noon(1, 7))
    large.until(world.midnight(1, 8)).then_only(v1.RegulationObjectEnded)

    located(world, large, world.uuid(8), at=world.noon(1, 10)).then_only(v1.LocationRecorded)
