"""A portfolio: one switch of more points than one command may name, part by part, each row with its result."""

import pytest

from bsp_switch import store
from contracts.bsp_switch import v1

pytestmark = pytest.mark.unit


def request(world, scenario, *points, at="04-01", start="04-15", mode="each"):
    wish = v1.RequestSwitch(metering_points=points, start=world.day(start), mode=mode)
    return scenario.when(wish, subject=world.uuid(1), sender=world.bsp_b, at=world.day(at, 12))


def extend(world, scenario, *points, at="04-01", bsp="", mode="each", switch=1):
    wish = v1.ExtendSwitch(metering_points=points, mode=mode)
    return scenario.when(wish, subject=world.uuid(switch), sender=bsp or world.bsp_b, at=world.day(at, 13))


def test_further_points_are_announced_for_the_same_midnight_and_take_effect_with_the_others(world):
    first, second, third = (world.gsrn(n) for n in (1, 2, 3))
    scenario = world.held(first, second, third)
    request(world, scenario, first)

    extended, one, other = extend(world, scenario, second, third).then_only(
        v1.SwitchExtended, v1.SwitchAnnounced, v1.SwitchAnnounced
    )

    assert (extended.points, extended.waiting, extended.in_all) == (2, 0, 3)
    assert (one.start, one.notice_days) == (other.start, other.notice_days) == (world.day("04-15"), 14)
    (effect,) = scenario.until(world.day("04-15")).then_only(v1.SwitchTookEffect)
    assert effect.points == 3


def test_each_part_says_which_of_its_own_rows_are_refused(world):
    first, second, strange = (world.gsrn(n) for n in (1, 2, 9))
    scenario = world.held(first, second)
    request(world, scenario, first)

    outcome = extend(world, scenario, strange, second, first)

    assert outcome.then_only(v1.SwitchExtended, v1.SwitchAnnounced)[0].in_all == 2
    outcome.refused_rows((0, "CONSENT_MISSING"), (2, "SWITCH_PENDING"))


def test_a_part_of_which_nothing_passes_changes_nothing(world):
    scenario = world.held()
    request(world, scenario, world.point)
    before = scenario.state(store.SWITCH, world.uuid(1))

    extend(world, scenario, world.point).refused("SWITCH_PENDING")
    extend(world, scenario, world.gsrn(8), mode="all").refused("CONSENT_MISSING")
    assert scenario.state(store.SWITCH, world.uuid(1)) == before


@pytest.mark.rule("SWITCH_NOTICE")
def test_further_points_are_given_the_notice_of_a_new_switch(world):
    scenario = world.held(world.point, world.other_point)
    request(world, scenario, world.point)

    extend(world, scenario, world.other_point, at="04-02").refused("SWITCH_NOTICE", limit=14, actual=13)


@pytest.mark.rule("SWITCH_UNKNOWN")
@pytest.mark.rule("SWITCH_NOT_ANNOUNCED")
def test_only_ones_own_switch_that_has_not_passed_is_extended(world):
    scenario = world.held(world.point, world.other_point)
    request(world, scenario, world.point)

    other = extend(world, scenario, world.other_point, bsp=world.bsp_c)
    nothing = extend(world, scenario, world.other_point, switch=5)
    assert other.refused("SWITCH_UNKNOWN") == nothing.refused("SWITCH_UNKNOWN")
    scenario.until(world.day("04-15"))
    extend(world, scenario, world.other_point, at="04-15").refused("SWITCH_NOT_ANNOUNCED", actual="effective")


@pytest.mark.rule("SWITCH_FULL")
def test_a_switch_has_at_most_ten_thousand_points(world, monkeypatch):
    assert v1.MOST_POINTS == 10_000
    monkeypatch.setattr(v1, "MOST_POINTS", 2)
    first, second, third = (world.gsrn(n) for n in (1, 2, 3))
    scenario = world.held(first, second, third)
    request(world, scenario, first)

    extend(world, scenario, second, third).refused("SWITCH_FULL", path="/metering_points", limit=2, actual=3)
    extend(world, scenario, second).then_only(v1.SwitchExtended, v1.SwitchAnnounced)


def test_what_waits_in_a_further_part_waits_as_long_as_what_waits_already(world):
    late = {"supplier": world.stranger, "valid_from": world.day("04-10")}
    points = (world.point, world.other_point)
    scenario = world.held(*points).given(*(world.supply(point, **late) for point in points))
    request(world, scenario, world.point)

    extended, stalled = extend(world, scenario, world.other_point).then_only(v1.SwitchExtended, v1.SwitchStalled)
    assert (extended.waiting, stalled.lapses_at) == (1, world.day("04-08"))
    scenario.until(world.day("04-08")).then_only(v1.SwitchLapsed, v1.SwitchLapsed)
