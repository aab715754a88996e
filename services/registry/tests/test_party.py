"""Parties, grid areas."""

import pytest

from contracts.registry import v1
from contracts.values import BiddingZone, Role

pytestmark = pytest.mark.unit


def test_a_party_is_onboarded_with_its_roles(world, register):
    outcome = register.when(v1.OnboardParty(name="Kraft", roles=(Role.BRP, Role.BRP)), subject=world.BRP)

    outcome.then(v1.PartyOnboarded(party=world.BRP, name="Kraft", roles=(Role.BRP,)))


@pytest.mark.rule("ID_NOT_AVAILABLE")
def test_a_party_is_onboarded_once(world, register):
    register.when(v1.OnboardParty(name="Nett", roles=(Role.DSO,)), subject=world.DSO).refused("ID_NOT_AVAILABLE")


def define(world, register, *, grid_area="", dso="", parent=None):
    wish = v1.DefineGridArea(name="Område", zone=BiddingZone.NO3, dso=dso or world.DSO, parent=parent)
    return register.when(wish, subject=grid_area or world.NO_AREA)


def test_a_grid_area_is_defined(world, register):
    define(world, register, parent=world.AREA).then(
        v1.GridAreaDefined(
            grid_area=world.NO_AREA, name="Område", zone=BiddingZone.NO3, dso=world.DSO, parent=world.AREA
        )
    )


@pytest.mark.rule("ID_NOT_AVAILABLE")
def test_a_grid_area_is_defined_once(world, register):
    define(world, register, grid_area=world.AREA).refused("ID_NOT_AVAILABLE")


@pytest.mark.rule("DSO_UNKNOWN")
@pytest.mark.parametrize("who", ["BSP", "OTHER_BRP"])
def test_a_grid_area_belongs_to_a_dso(world, register, who):
    define(world, register, dso=getattr(world, who)).refused("DSO_UNKNOWN", path="/dso", actual=getattr(world, who))


@pytest.mark.rule("PARENT_GRID_AREA_UNKNOWN")
def test_a_parent_area_must_be_defined_first(world, register):
    define(world, register, grid_area=world.values.make_eic_y("CHILD"), parent=world.NO_AREA).refused(
        "PARENT_GRID_AREA_UNKNOWN", path="/parent"
    )


def test_a_defined_area_completes_the_points_that_waited_for_it(world, register):
    waiting = [world.recorded(world.point(n), grid_area=world.NO_AREA, zone=None) for n in (1, 2)]
    register.given(*waiting)

    _, *told, step = define(world, register).then_only(
        v1.GridAreaDefined, v1.MeteringPointRecorded, v1.MeteringPointRecorded, v1.PointsOfAreaUpdated
    )
    assert told == [fact.model_copy(update={"zone": BiddingZone.NO3, "dso": world.DSO}) for fact in waiting]
    assert step == v1.PointsOfAreaUpdated(grid_area=world.NO_AREA, points=2, last=world.point(2), next_at=None)


@pytest.mark.rule("PARTY_NEEDS_NAME")
@pytest.mark.parametrize("name", ["", "  "])
def test_a_party_has_a_name(world, register, name):
    register.when(v1.OnboardParty(name=name, roles=(Role.BRP,)), subject=world.BRP).refused(
        "PARTY_NEEDS_NAME", path="/name"
    )
