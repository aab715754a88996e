"""Substations: the TSO's in all areas, a DSO's in its own."""

import pytest
from pydantic import ValidationError

from contracts.registry import v1
from contracts.values import Role
from registry import store

pytestmark = pytest.mark.unit


def define(world, register, number, *, sender="", role=Role.DSO, **wish):
    wish = {"name": "Moholt", "voltage_v": 22_000, "grid_area": world.AREA} | wish
    return register.when(v1.DefineSubstation(**wish), subject=world.uuid(number), sender=sender or world.DSO, role=role)


def change(world, register, number, *, sender="", role=Role.DSO, **wish):
    return register.when(v1.ChangeSubstation(**wish), subject=world.uuid(number), sender=sender or world.DSO, role=role)


def test_a_dso_defines_a_substation_in_its_grid(world, register):
    position = v1.Position(latitude_microdeg=63_430_500, longitude_microdeg=10_395_100)
    define(world, register, 1, position=position).then(
        v1.SubstationDefined(
            substation_id=world.uuid(1),
            name="Moholt",
            voltage_v=22_000,
            grid_area=world.AREA,
            dso=world.DSO,
            position=position,
        )
    )


@pytest.mark.parametrize(("latitude", "longitude"), [(57_899_999, 10_000_000), (60_000_000, 31_600_001), (0, 0)])
def test_a_position_lies_in_norway(latitude, longitude):
    with pytest.raises(ValidationError):
        v1.Position(latitude_microdeg=latitude, longitude_microdeg=longitude)


@pytest.mark.rule("ID_NOT_AVAILABLE")
def test_a_substation_is_defined_once(world, register):
    define(world, register, 1)
    define(world, register, 1).refused("ID_NOT_AVAILABLE")


@pytest.mark.rule("GRID_AREA_NOT_YOURS")
def test_only_the_tso_defines_in_the_area_of_another(world, register):
    define(world, register, 1, sender=world.BRP).refused("GRID_AREA_NOT_YOURS", path="/grid_area", actual=world.AREA)
    (defined,) = define(world, register, 1, sender=world.TSO, role=Role.TSO).then_only(v1.SubstationDefined)
    assert defined.dso == world.DSO


@pytest.mark.rule("GRID_AREA_NOT_DEFINED")
def test_it_stands_in_an_area_that_is_defined(world, register):
    define(world, register, 1, grid_area=world.NO_AREA).refused("GRID_AREA_NOT_DEFINED", path="/grid_area")


def test_whose_area_it_is_changes_with_the_area(world, register):
    other = world.values.make_gln(50)
    register.given(world.onboarded(other, Role.DSO))
    wish = v1.ChangeGridArea(valid_from=world.midnight(1, 5), dso=other)
    register.when(wish, subject=world.AREA, sender=world.TSO, role=Role.TSO)

    define(world, register, 1).refused("GRID_AREA_NOT_YOURS")
    define(world, register, 1, sender=other).then_only(v1.SubstationDefined)


def test_a_correction_changes_what_it_names(world, register):
    define(world, register, 1)
    (changed,) = change(world, register, 1, voltage_v=11_000).then_only(v1.SubstationChanged)
    assert (changed.name, changed.voltage_v, changed.grid_area) == ("Moholt", 11_000, world.AREA)
    change(world, register, 1, voltage_v=11_000).then()
    assert register.state(store.SUBSTATION, world.uuid(1)).voltage_v == 11_000


@pytest.mark.rule("SUBSTATION_NOT_YOURS")
def test_anothers_and_an_unknown_one_are_answered_alike(world, register):
    define(world, register, 1)
    theirs = change(world, register, 1, sender=world.BRP, name="Mine").refused("SUBSTATION_NOT_YOURS")
    assert change(world, register, 9, name="Mine").refused("SUBSTATION_NOT_YOURS") == theirs
    change(world, register, 9, role=Role.TSO, name="Mine").refused("SUBSTATION_NOT_YOURS")
    change(world, register, 1, role=Role.TSO, sender=world.TSO, name="Ours").then_only(v1.SubstationChanged)


@pytest.mark.rule("PARENT_SUBSTATION_UNKNOWN")
@pytest.mark.rule("PARENT_CYCLE")
def test_what_feeds_it_is_known_and_not_itself(world, register):
    define(world, register, 1, parent=world.uuid(9)).refused("PARENT_SUBSTATION_UNKNOWN", path="/parent")
    define(world, register, 1)
    define(world, register, 2, parent=world.uuid(1))
    define(world, register, 3, parent=world.uuid(2))
    change(world, register, 1, parent=world.uuid(3)).refused("PARENT_CYCLE", actual=world.uuid(1))
    change(world, register, 1, parent=world.uuid(1)).refused("PARENT_CYCLE")


@pytest.mark.rule("PARENT_TOO_DEEP")
def test_the_feeding_has_an_end(world, register):
    define(world, register, 0)
    for number in range(1, 11):
        define(world, register, number, parent=world.uuid(number - 1)).then_only(v1.SubstationDefined)
    define(world, register, 11, parent=world.uuid(10)).refused("PARENT_TOO_DEEP", limit=10)
