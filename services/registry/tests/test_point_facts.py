"""Facts about metering points: what else is said of them, and what follows however late it comes."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from chassis.testing import Documents
from contracts.registry import v1
from contracts.values import BiddingZone, Role
from registry import store
from registry.domain import nace

pytestmark = pytest.mark.unit

MANY = {
    "settlement_method": "interval",
    "production_type": "B16",
    "consumption_type": "A04",
    "voltage_level_v": 230,
    "fuse_a": 63,
    "shared_production": True,
}


def record(world, register, *, role=Role.DATAHUB, sender="", valid_from=None, at=None, **said):
    said = {"grid_area": world.AREA, "substation": "Moholt", "agreed_power_w": 20_000} | said
    wish = v1.RecordMeteringPoint(resolution="PT15M", valid_from=valid_from or world.midnight(1, 1), **said)
    return register.when(
        wish, subject=world.point(1), sender=sender or world.DATAHUB, role=role, at=at or world.noon(1, 10)
    )


def facts(world, register):
    return register.state(store.METERING_POINT, world.point(1)).facts


def codes(outcome):
    return [reason.code for reason in outcome.reasons]


def test_what_else_is_said_is_kept_and_told(world, register):
    outcome = record(world, register, active=False, **MANY)

    outcome.then(world.recorded(world.point(1)).model_copy(update={"active": False, **MANY}))
    assert not outcome.reasons
    (fact,) = facts(world, register)
    assert (fact.active, fact.traits.production_type, fact.traits.fuse_a) == (False, "B16", 63)
    record(world, register, active=False, **MANY).then()


@pytest.mark.parametrize("wrong", [{"production_type": "B21"}, {"consumption_type": "A05"}, {"fuse_a": 0}])
def test_codes_are_those_of_the_lists(world, register, wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        record(world, register, **wrong)


def test_of_datahub_and_dso_the_last_word_counts_for_each_moment(world, register):
    record(world, register, agreed_power_w=1)
    record(world, register, role=Role.DSO, sender=world.DSO, agreed_power_w=2)
    record(world, register, agreed_power_w=3, valid_from=world.midnight(2, 1))

    assert [fact.agreed_power_w for fact in facts(world, register)] == [2, 3]


def test_the_table_has_whether_a_point_is_in_operation(world, register):
    record(world, register)
    record(world, register, active=False, valid_from=world.midnight(2, 1))

    rows = store.METERING_POINT.rows[store.METERING_POINT_ROWS]
    found = rows(world.point(1), register.state(store.METERING_POINT, world.point(1)))
    names = [column.name for column in store.METERING_POINT_ROWS.columns]
    assert [dict(zip(names, row, strict=True))["active"] for row in found] == [True, False]


# Norgespris


@pytest.mark.rule("NORGESPRIS_DATAHUB_ONLY")
def test_norgespris_is_the_datahubs_word_and_a_dso_does_not_touch_it(world, register):
    norgespris = v1.Norgespris(valid_from=world.midnight(1, 1))
    (told,) = record(world, register, norgespris=norgespris).then_only(v1.MeteringPointRecorded)
    assert told.norgespris == norgespris

    dso = {"role": Role.DSO, "sender": world.DSO}
    other = v1.Norgespris(valid_from=world.midnight(2, 1))
    outcome = record(world, register, norgespris=other, agreed_power_w=1, **dso)
    assert codes(outcome) == ["NORGESPRIS_DATAHUB_ONLY"]
    record(world, register, agreed_power_w=2, valid_from=world.midnight(2, 1), **dso)
    assert [fact.traits.norgespris for fact in facts(world, register)] == [norgespris, norgespris]

    record(world, register)
    assert facts(world, register)[0].traits.norgespris is None


# Industrial classification


@pytest.fixture
def table(monkeypatch):
    """Three codes of SN2007: one that became one, two that became the same one, one that became two."""
    for old, new in {"01.110": ("01.110",), "02.100": ("02.900",), "02.200": ("02.900",)}.items():
        monkeypatch.setitem(nace.TABLE, old, new)
    monkeypatch.setitem(nace.TABLE, "35.111", ("35.121", "35.122"))


def coded(code, standard="SN2007"):
    return v1.Nace(code=code, standard=standard)


def decide(world, register, sn2007="35.111", sn2025="35.121", *, sender="", role=Role.DSO):
    wish = v1.DecideNace(sn2007=sn2007, sn2025=sn2025)
    return register.when(wish, subject=world.point(1), sender=sender or world.DSO, role=role, at=world.noon(1, 11))


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("code", "standard", "becomes", "how"),
    [
        ("01.110", "SN2007", "01.110", "mapped"),
        ("02.100", "SN2007", "02.900", "mapped"),
        ("02.200", "SN2007", "02.900", "mapped"),
        ("35.111", "SN2007", None, "waiting"),
        ("99.999", "SN2007", None, "waiting"),
        ("35.121", "SN2025", "35.121", "given"),
    ],
)
@pytest.mark.rule("NACE_WAITS")
def test_what_became_one_is_mapped_and_the_rest_waits_for_a_person(world, register, code, standard, becomes, how):
    outcome = record(world, register, nace=coded(code, standard))

    (told,) = outcome.then_only(v1.MeteringPointRecorded)
    assert (told.nace_sn2025, told.nace_mapping) == (becomes, how)
    assert codes(outcome) == (["NACE_WAITS"] if how == "waiting" else [])


@pytest.mark.usefixtures("table")
def test_a_person_decides_for_every_fact_with_the_code_and_for_those_that_come(world, register):
    record(world, register, nace=coded("35.111"))
    record(world, register, nace=coded("35.111"), valid_from=world.midnight(2, 1))

    decided = decide(world, register).then_only(v1.MeteringPointRecorded, v1.MeteringPointRecorded)
    assert {(each.nace_sn2025, each.nace_mapping) for each in decided} == {("35.121", "given")}
    decide(world, register).then()
    outcome = record(world, register, nace=coded("35.111"), valid_from=world.midnight(3, 1))
    assert (outcome.events[0].nace_sn2025, outcome.reasons) == ("35.121", ())
    # It may be corrected.
    decide(world, register, sn2025="35.122", sender=world.OPERATOR, role=Role.OPERATOR).then_only(
        *[v1.MeteringPointRecorded] * 3
    )


@pytest.mark.usefixtures("table")
@pytest.mark.rule("NACE_NOT_WAITING")
@pytest.mark.rule("NACE_NOT_POSSIBLE")
def test_a_person_decides_only_what_waits_and_among_what_is_possible(world, register):
    record(world, register, nace=coded("35.111"))
    record(world, register, nace=coded("01.110"), valid_from=world.midnight(2, 1))

    decide(world, register, sn2007="01.110").refused("NACE_NOT_WAITING", path="/sn2007", actual="01.110")
    decide(world, register, sn2007="02.100").refused("NACE_NOT_WAITING")
    decide(world, register, sn2025="99.999").refused(
        "NACE_NOT_POSSIBLE", path="/sn2025", limit="35.121, 35.122", actual="99.999"
    )


@pytest.mark.rule("METERING_POINT_NOT_IN_YOUR_GRID")
def test_anothers_point_and_an_unknown_one_are_answered_alike(world, register):
    unknown = decide(world, register).refused("METERING_POINT_NOT_IN_YOUR_GRID", path="/subject")
    record(world, register, nace=coded("35.111"))
    assert decide(world, register, sender=world.BRP).refused("METERING_POINT_NOT_IN_YOUR_GRID") == unknown
    decide(world, register, role=Role.OPERATOR).then_only(v1.MeteringPointRecorded)


def test_the_table_that_is_shipped_has_the_form_of_codes():
    for old, new in nace.TABLE.items():
        assert new
        for code in (old, *new):
            v1.Nace(code=code, standard="SN2007")


# However late


def change(world, register, *, zone, valid_from):
    wish = v1.ChangeGridArea(valid_from=valid_from, zone=zone)
    return register.when(wish, subject=world.AREA, sender=world.TSO, role=Role.TSO, at=world.noon(1, 10))


def test_a_late_fact_goes_on_over_a_change_of_its_area_to_the_next_fact(world, register):
    record(world, register)
    change(world, register, zone="NO2", valid_from=world.midnight(3, 1))
    record(world, register, agreed_power_w=3, valid_from=world.midnight(4, 1))

    late = record(world, register, agreed_power_w=2, valid_from=world.midnight(2, 1)).events
    assert [(each.valid_from, each.zone, each.carried) for each in late] == [
        (world.midnight(2, 1), "NO3", False),
        (world.midnight(3, 1), "NO2", True),
    ]
    assert [(each.agreed_power_w, each.zone) for each in facts(world, register)] == [
        (20_000, "NO3"),
        (2, "NO3"),
        (2, "NO2"),
        (3, "NO2"),
    ]


def test_what_is_stated_at_the_moment_of_a_change_is_stated(world, register):
    record(world, register)
    change(world, register, zone="NO2", valid_from=world.midnight(3, 1))
    (told,) = record(world, register, valid_from=world.midnight(3, 1)).then_only(v1.MeteringPointRecorded)
    assert not told.carried
    # From now on an earlier fact does not go on over it.
    record(world, register, agreed_power_w=2, valid_from=world.midnight(2, 1)).then_only(v1.MeteringPointRecorded)


def test_a_point_that_goes_to_another_area_does_not_follow_the_one_it_left(world, register):
    record(world, register)
    change(world, register, zone="NO2", valid_from=world.midnight(3, 1))
    record(world, register, grid_area=world.AREA_ELSEWHERE, valid_from=world.midnight(2, 1)).then_only(
        v1.MeteringPointRecorded, v1.MeteringPointRecorded
    )
    assert [each.zone for each in facts(world, register)] == ["NO3", "NO1", "NO1"]

    assert not [
        each
        for each in change(world, register, zone="NO5", valid_from=world.midnight(4, 1)).events
        if isinstance(each, v1.MeteringPointRecorded)
    ]


def test_the_order_in_which_facts_and_changes_come_means_nothing(world, register):
    def fact(valid_from: Any, **said: Any) -> Any:
        return lambda scenario: record(world, scenario, valid_from=valid_from, **said)

    def becomes(zone: str, valid_from: Any) -> Any:
        return lambda scenario: change(world, scenario, zone=zone, valid_from=valid_from)

    steps = [
        fact(world.midnight(1, 1), agreed_power_w=1),
        fact(world.midnight(2, 15), agreed_power_w=2),
        fact(world.midnight(4, 1), agreed_power_w=4, grid_area=world.AREA_ELSEWHERE),
        becomes("NO1", world.midnight(2, 1)),
        becomes("NO5", world.midnight(3, 1)),
    ]
    moments = [world.noon(month, day) for month in range(1, 6) for day in (1, 20)]
    found = set()
    for order in permutations(steps):
        scenario = world.Scenario(world.SERVICE, documents=Documents(register.documents))
        for step in order:
            step(scenario)
        point = scenario.state(store.METERING_POINT, world.point(1))
        found.add(tuple((point.fact(at).agreed_power_w, point.fact(at).zone) for at in moments))

    assert found == {
        (
            *[(1, BiddingZone.NO3)] * 2,
            (1, BiddingZone.NO1),
            (2, BiddingZone.NO1),
            *[(2, BiddingZone.NO5)] * 2,
            *[(4, BiddingZone.NO1)] * 4,
        )
    }


# Whose point it is


@pytest.mark.rule("METERING_POINT_NOT_IN_YOUR_GRID")
@pytest.mark.parametrize("said", [{"active": False}, {"substation": "Elsewhere"}, {"grid_area": "own"}, {"late": True}])
def test_a_dso_says_nothing_of_a_point_in_anothers_grid(world, register, said):
    other, own = world.OTHER_BRP, world.values.make_eic_y("OTHERS")
    register.given(v1.GridAreaDefined(grid_area=own, name="Own", zone="NO3", dso=other))
    assert not record(world, register, role=Role.DSO, sender=world.DSO).rejected
    said = {**said, **({"grid_area": own} if "grid_area" in said else {})}
    since = world.midnight(1, 1) if not said.pop("late", False) else world.midnight(1, 1).replace(year=2024)

    record(world, register, role=Role.DSO, sender=other, valid_from=since, **{"grid_area": own, **said}).refused(
        "METERING_POINT_NOT_IN_YOUR_GRID", path="/subject"
    )
    assert len(facts(world, register)) == 1
    assert not record(world, register, valid_from=world.midnight(3, 1), grid_area=own).rejected, "the datahub moves it"
    later = {"role": Role.DSO, "grid_area": own, "active": False}
    assert not record(world, register, sender=other, valid_from=world.midnight(3, 1), **later).rejected
    record(world, register, role=Role.DSO, sender=world.DSO, valid_from=world.midnight(3, 1)).refused(
        "METERING_POINT_NOT_IN_YOUR_GRID"
    )
    assert not record(world, register, role=Role.DSO, sender=world.DSO, agreed_power_w=1).rejected


@pytest.mark.rule("GRID_AREA_NOT_YOURS")
def test_a_dso_puts_no_point_into_anothers_grid_but_into_an_unknown_area(world, register):
    other = {"role": Role.DSO, "sender": world.OTHER_BRP}
    record(world, register, **other).refused("GRID_AREA_NOT_YOURS", path="/grid_area", actual=world.AREA)
    assert codes(record(world, register, grid_area=world.NO_AREA, **other)) == ["GRID_AREA_UNKNOWN"]
    own = {"role": Role.DSO, "sender": world.DSO}
    assert not record(world, register, **own).rejected, "it was incomplete: nobody's so far"
    record(world, register, grid_area=world.NO_AREA, **other).refused("METERING_POINT_NOT_IN_YOUR_GRID")
