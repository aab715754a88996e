"""Who is balance responsible where the datahub names nobody for a point: it follows from supplier and area."""

from __future__ import annotations

import itertools
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bsp_switch import store
from bsp_switch.domain import responsibility, supply
from contracts.bsp_switch import v1
from contracts.values import Role

pytestmark = pytest.mark.unit

OTHER_AREA = "50Y1A2B3C4D5E6F5"
BOTH = ("consumption", "production")


def record(world, scenario, *, area="", **fields):
    return scenario.when(world.record_responsibility(**fields), subject=area or world.grid_area, role=Role.DATAHUB)


def derived(world, scenario, point="", **fields):
    fact = world.record_supply(**{"brp_consumption": None, "brp_production": None, **fields})
    return scenario.when(fact, subject=point or world.point, role=Role.DATAHUB)


def responsible(world, *points):
    """Points at their place, and a BRP for the supplier there in both directions."""
    scenario = world.opened().given(*(world.registered(point) for point in points or (world.point,)))
    for direction in BOTH:
        record(world, scenario, direction=direction)
    return scenario


def brps(world, scenario, *, at: datetime | str, point=""):
    state = scenario.state(store.POINT, point or world.point)
    found = supply.in_force(state.supplies, at=world.day(at) if isinstance(at, str) else at)
    return found and (found.brp_consumption, found.brp_production)


def test_a_fact_that_names_no_brp_has_the_one_responsible_in_its_area(world):
    derived(world, responsible(world), brp_production=world.other_brp).then(
        world.supply(brp_production=world.other_brp, derived=("consumption",), grid_area=world.grid_area)
    )


@pytest.mark.rule("RESPONSIBILITY_UNKNOWN")
def test_where_nobody_is_known_to_be_responsible_the_fact_is_incomplete_and_completed_later(world):
    scenario = world.opened().given(world.registered())
    outcome = derived(world, scenario)
    assert [(one.code, one.path, one.actual) for one in outcome.reasons] == [
        ("RESPONSIBILITY_UNKNOWN", "/brp_consumption", world.supplier),
        ("RESPONSIBILITY_UNKNOWN", "/brp_production", world.supplier),
    ]
    outcome.then(world.supply(brp_consumption=None, brp_production=None, derived=BOTH, grid_area=world.grid_area))

    said = record(world, scenario).then_only(
        v1.BrpResponsibilityRecorded, v1.SupplyRecorded, v1.PointsOfResponsibilityUpdated
    )
    assert (said[1].brp_consumption, said[1].brp_production, said[1].carried) == (world.brp, None, False)
    assert (said[2].points, said[2].next_at) == (1, None)


@pytest.mark.rule("SUPPLY_INCOMPLETE")
def test_nobody_claims_a_point_whose_brp_is_unknown(world):
    scenario = world.opened().given(world.registered(), world.consent())
    derived(world, scenario)
    claim = v1.ClaimControl(start=world.day("01-06"))
    scenario.when(claim, subject=world.point, sender=world.bsp_a, at=world.day("01-06", 12)).refused(
        "SUPPLY_INCOMPLETE", actual="brp_consumption, brp_production"
    )


def test_a_change_of_responsibility_changes_all_points_from_that_midnight_and_no_others(world):
    named, other = world.gsrn(3), world.gsrn(4)
    scenario = responsible(world, world.point, world.other_point, named, other)
    for point in (world.point, world.other_point):
        derived(world, scenario, point)
    scenario.given(world.supply(named), world.supply(other, supplier=world.stranger))

    said = record(world, scenario, brp=world.other_brp, valid_from=world.day("03-01")).events
    assert said[0].former_brp == world.brp
    assert [(one.metering_point_id, one.valid_from, one.carried) for one in said[1:-1]] == [
        (point, world.day("03-01"), True) for point in sorted((world.point, world.other_point))
    ]
    assert brps(world, scenario, at="02-28") == (world.brp, world.brp)
    assert brps(world, scenario, at="03-01") == (world.other_brp, world.brp)
    assert brps(world, scenario, at="03-01", point=named) == (world.brp, world.brp)


@pytest.mark.parametrize("day", ["01-01", "03-01"])
def test_a_correction_of_the_brp_alone_takes_effect(world, day):
    """Defect 7 of the peer, where the BRP is derived: same supplier, same area, same start."""
    scenario = responsible(world)
    derived(world, scenario)
    record(world, scenario, brp=world.stranger, valid_from=world.day(day))
    record(world, scenario, brp=world.other_brp, valid_from=world.day(day))
    assert brps(world, scenario, at="03-01") == (world.other_brp, world.brp)


def test_a_brp_that_is_named_for_the_point_wins(world):
    scenario = responsible(world)
    derived(world, scenario, brp_consumption=world.other_brp)
    record(world, scenario, brp=world.stranger, valid_from=world.day("03-01"))
    assert brps(world, scenario, at="03-01") == (world.other_brp, world.brp)


def test_a_late_fact_takes_what_is_carried_with_it(world):
    """The supplier was another already before the responsibility of the former one changed."""
    scenario = responsible(world)
    derived(world, scenario)
    record(world, scenario, brp=world.other_brp, valid_from=world.day("03-01"))
    record(world, scenario, supplier=world.stranger, brp=world.stranger)
    said = derived(world, scenario, supplier=world.stranger, valid_from=world.day("02-01")).events

    assert [(one.valid_from, one.supplier, one.carried) for one in said] == [
        (world.day("02-01"), world.stranger, False),
        (world.day("03-01"), world.stranger, True),
    ]
    assert brps(world, scenario, at="03-01") == (world.stranger, None)


def test_a_point_that_comes_to_lie_elsewhere_has_the_brp_of_there(world):
    scenario = responsible(world)
    derived(world, scenario)
    record(world, scenario, area=OTHER_AREA, brp=world.other_brp)
    moved = world.registered().model_copy(update={"grid_area": OTHER_AREA, "valid_from": world.day("04-01")})
    (said,) = scenario.when(moved).then_only(v1.SupplyRecorded)

    assert (said.valid_from, said.grid_area, said.carried) == (world.day("04-01"), OTHER_AREA, True)
    assert brps(world, scenario, at="04-01") == (world.other_brp, None)
    # And follows that area from then on.
    record(world, scenario, area=OTHER_AREA, direction="production", brp=world.other_brp)
    assert brps(world, scenario, at="04-01") == (world.other_brp, world.other_brp)
    assert brps(world, scenario, at="03-31") == (world.brp, world.brp)


def test_a_point_that_is_told_of_later_has_its_brp_then(world):
    scenario = world.opened()
    for direction in BOTH:
        record(world, scenario, direction=direction)
    derived(world, scenario)
    assert brps(world, scenario, at="03-01") == (None, None)
    scenario.when(world.registered())
    assert brps(world, scenario, at="03-01") == (world.brp, world.brp)


@pytest.mark.rule("RESPONSIBILITY_UNCHANGED")
def test_what_stands_already_is_not_said_again(world):
    scenario = responsible(world)
    outcome = record(world, scenario)
    outcome.then()
    assert [one.code for one in outcome.reasons] == ["RESPONSIBILITY_UNCHANGED", "GRID_AREA_NOT_KNOWN"]


@pytest.mark.rule("PARTY_UNKNOWN")
@pytest.mark.rule("GRID_AREA_NOT_KNOWN")
def test_who_and_what_is_unknown_is_told_to_the_sender_and_the_fact_counts(world):
    scenario = world.opened()
    outcome = record(world, scenario, brp=world.stranger)
    assert [(one.code, one.path) for one in outcome.reasons] == [
        ("PARTY_UNKNOWN", "/brp"),
        ("GRID_AREA_NOT_KNOWN", "/subject"),
    ]
    (said,) = outcome.then_only(v1.BrpResponsibilityRecorded)
    assert said.unknown == (world.stranger,)


def test_points_follow_in_rounds_that_end_where_they_should(world, monkeypatch):
    monkeypatch.setattr(responsibility, "POINTS_A_STEP", 2)
    points = [world.gsrn(serial) for serial in (1, 150, 1200, 30_000, 450_000)]
    scenario = responsible(world, *points)
    for point in points:
        derived(world, scenario, point)

    at = world.day("01-20", 12)
    change = world.record_responsibility(brp=world.other_brp, valid_from=world.day("03-01"))
    first = scenario.when(change, subject=world.grid_area, role=Role.DATAHUB, at=at).events
    assert first[-1].next_at is not None
    # A second change while the first goes on begins it again; the last word counts for all.
    last = world.record_responsibility(brp=world.stranger, valid_from=world.day("03-01"))
    scenario.when(last, subject=world.grid_area, role=Role.DATAHUB, at=at)
    said = scenario.until(world.day("01-21")).events

    assert said[-1].next_at is None
    assert {brps(world, scenario, at="03-01", point=point) for point in points} == {(world.stranger, world.brp)}
    assert {brps(world, scenario, at="02-28", point=point) for point in points} == {(world.brp, world.brp)}


def test_the_table_has_one_brp_at_a_time_in_each_direction(world):
    scenario = responsible(world)
    record(world, scenario, brp=world.other_brp, valid_from=world.day("03-01"))
    key = f"{world.supplier}|{world.grid_area}"
    rows = list(store.RESPONSIBILITY.rows[store.RESPONSIBILITY_ROWS](key, scenario.state(store.RESPONSIBILITY, key)))
    assert [row[2:] for row in rows] == [
        ("consumption", world.day("01-01"), world.day("03-01"), world.brp),
        ("consumption", world.day("03-01"), None, world.other_brp),
        ("production", world.day("01-01"), None, world.brp),
    ]
    assert all(len(row) == len(store.RESPONSIBILITY_ROWS.columns) for row in rows)


FACTS = st.lists(
    st.one_of(
        st.tuples(st.just("responsible"), st.integers(0, 1), st.integers(0, 1), st.integers(1, 6), st.integers(21, 24)),
        st.tuples(st.just("supply"), st.integers(0, 1), st.integers(0, 2), st.integers(1, 6), st.integers(0, 2)),
        st.tuples(st.just("lies"), st.integers(0, 1), st.just(0), st.integers(1, 6), st.just(0)),
    ),
    max_size=8,
    unique_by=lambda one: (one[0], one[3]) if one[0] != "responsible" else one[:4],
)


def plain(world, facts, at):
    """The BRPs at a moment, straight from what was told."""

    def last(kind, *which):
        found = [
            one for one in facts if one[0] == kind and one[1 : 1 + len(which)] == which and at >= day_of(world, one)
        ]
        return max(found, key=lambda one: one[3], default=None)

    stands = last("supply")
    if stands is None:
        return None
    places = [one for one in facts if one[0] == "lies"]
    place = last("lies") or min(places, key=lambda one: one[3], default=None)
    _, supplier, left_out, _, _ = stands
    found = []
    for number, _direction in enumerate(BOTH):
        if left_out not in {number, 2}:
            found.append(world.brp)
            continue
        names = [one for one in facts if one[0] == "responsible" and place and one[1] == supplier and one[2] == number]
        names = [one for one in names if day_of(world, one) <= at and area_of(world, one) == area_of(world, place)]
        newest = max(names, key=lambda one: one[3], default=None)
        found.append(world.gln(newest[4]) if newest else None)
    return tuple(found)


def day_of(world, fact):
    return world.day(f"03-0{fact[3]}")


def area_of(world, fact):
    if fact[0] == "lies":
        return (world.grid_area, OTHER_AREA)[fact[1]]
    return (world.grid_area, OTHER_AREA)[fact[4] % 2]


def tell(world, scenario, fact):
    kind, first, second, _, fourth = fact
    day = day_of(world, fact)
    supplier = (world.supplier, world.stranger)[first]
    if kind == "responsible":
        fields = {"supplier": supplier, "direction": BOTH[second], "brp": world.gln(fourth), "valid_from": day}
        record(world, scenario, area=area_of(world, fact), **fields)
    elif kind == "supply":
        stated = {
            name: world.brp
            for number, name in enumerate(("brp_consumption", "brp_production"))
            if second not in {number, 2}
        }
        derived(world, scenario, supplier=supplier, valid_from=day, end_user=world.uuid(100 + fourth), **stated)
    else:
        scenario.when(world.registered().model_copy(update={"grid_area": area_of(world, fact), "valid_from": day}))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=FACTS, data=st.data())
def test_whatever_the_order_late_twice_or_not_the_brps_are_those_that_follow(world, facts, data):
    order = data.draw(st.permutations([*facts, *facts[:3]]))
    scenario = world.opened()
    for fact in order:
        tell(world, scenario, fact)
    scenario.until(world.day("12-31"))
    if scenario.state(store.POINT, world.point) is None:
        return
    for day in range(1, 8):
        assert brps(world, scenario, at=f"03-0{day}") == plain(world, facts, world.day(f"03-0{day}"))


def test_told_in_every_order_it_ends_the_same(world):
    facts = [("responsible", 0, 0, 1, 22), ("responsible", 0, 0, 4, 24), ("supply", 0, 2, 2, 0), ("lies", 0, 0, 1, 0)]
    ends = set()
    for order in itertools.permutations(facts):
        scenario = world.opened()
        for fact in order:
            tell(world, scenario, fact)
        ends.add(tuple(brps(world, scenario, at=f"03-0{day}") for day in range(1, 8)))
    assert ends == {(None, *[(world.gln(22), None)] * 2, *[(world.gln(24), None)] * 4)}
