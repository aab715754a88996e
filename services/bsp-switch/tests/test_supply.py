"""Who stands behind a metering point."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bsp_switch import store
from bsp_switch.domain import supply
from contracts.bsp_switch import v1
from contracts.registry import v1 as registry
from contracts.values import Role

pytestmark = pytest.mark.unit


def test_a_fact_is_recorded(world):
    world.opened().when(world.record_supply(), subject=world.point).then(world.supply())


@pytest.mark.rule("PARTY_UNKNOWN")
def test_a_fact_that_names_unknown_parties_is_accepted_as_incomplete_with_a_notice_for_each(world):
    outcome = world.opened().when(
        world.record_supply(supplier=world.stranger, brp_production=world.stranger), subject=world.point
    )

    assert [(reason.code, reason.path, reason.actual) for reason in outcome.reasons] == [
        ("PARTY_UNKNOWN", "/supplier", world.stranger),
        ("PARTY_UNKNOWN", "/brp_production", world.stranger),
    ]
    outcome.then(world.supply(supplier=world.stranger, brp_production=world.stranger, unknown=(world.stranger,)))


@pytest.mark.rule("PARTY_UNKNOWN")
def test_a_party_that_is_known_in_another_role_only_is_unknown_here(world):
    outcome = world.opened().when(world.record_supply(brp_consumption=world.supplier), subject=world.point)

    outcome.then(world.supply(brp_consumption=world.supplier, unknown=(world.supplier,)))
    assert outcome.reasons[0].path == "/brp_consumption"


@pytest.mark.rule("PARTY_UNKNOWN")
@pytest.mark.parametrize("status", ["suspended", "terminated"])
def test_a_party_that_may_not_act_is_unknown_here(world, status):
    scenario = world.opened().given(
        registry.PartyStatusChanged(
            party=world.supplier, before="active", after=status, reason="x", roles=(Role.SUPPLIER,)
        )
    )
    scenario.when(world.record_supply(), subject=world.point).then(world.supply(unknown=(world.supplier,)))


@pytest.mark.rule("PARTY_UNKNOWN")
def test_a_party_that_has_lost_the_role_is_unknown_in_it(world):
    scenario = world.opened().given(
        registry.PartyRolesChanged(party=world.brp, before=(Role.BRP,), after=(Role.SUPPLIER,), status="active")
    )
    scenario.when(world.record_supply(), subject=world.point).then(world.supply(unknown=(world.brp,)))


@pytest.mark.rule("SUPPLY_UNCHANGED")
def test_a_repeated_fact_changes_nothing_and_the_receipt_says_so(world):
    outcome = world.scenario().when(world.record_supply(), subject=world.point)

    outcome.then()
    assert [(reason.code, reason.actual) for reason in outcome.reasons] == [("SUPPLY_UNCHANGED", "2026-01-01")]


@pytest.mark.rule("SUPPLY_UNCHANGED")
def test_a_repeat_after_the_missing_party_was_onboarded_completes_the_fact(world):
    scenario = world.opened()
    scenario.when(world.record_supply(supplier=world.stranger), subject=world.point)
    scenario.given(registry.PartyOnboarded(party=world.stranger, name="Ny", roles=(Role.SUPPLIER,)))

    outcome = scenario.when(world.record_supply(supplier=world.stranger), subject=world.point)

    outcome.then(world.supply(supplier=world.stranger))
    assert outcome.reasons == ()


def test_a_fact_of_the_same_moment_corrects_the_former(world):
    scenario = world.scenario()
    scenario.when(world.record_supply(brp_production=world.other_brp), subject=world.point)

    (only,) = scenario.state(store.POINT, world.point).supplies
    assert only.brp_production == world.other_brp


def test_a_fact_that_confirms_what_is_in_force_still_marks_its_moment(world):
    scenario = world.scenario()
    scenario.when(world.record_supply(valid_from=world.day("02-01")), subject=world.point).then(
        world.supply(valid_from=world.day("02-01"))
    )


@given(facts=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 3)), max_size=20))
def test_facts_in_whatever_order_give_one_timeline_in_which_the_last_word_on_each_moment_counts(world, facts):
    timeline = ()
    last_word = {}
    for day, end_user in facts:
        last_word[day] = world.uuid(end_user)
        command = world.record_supply(valid_from=world.day(f"03-0{day}"), end_user=world.uuid(end_user))
        events, _ = supply.decide_record(timeline, supply.stated(command), metering_point_id=world.point, parties={})
        for event in events:
            timeline = supply.evolve(timeline, event)

    found = [(fact.valid_from, fact.end_user) for fact in timeline]
    assert found == [(world.day(f"03-0{day}"), end_user) for day, end_user in sorted(last_word.items())]
    for (moment, end_user), (following, _) in pairwise((*found, (world.day("12-31"), ""))):
        assert supply.in_force(timeline, at=moment).end_user == end_user
        assert supply.in_force(timeline, at=following - timedelta(seconds=1)).end_user == end_user
    assert supply.in_force(timeline, at=world.day("02-28")) is None


def test_the_table_holds_each_fact_until_the_next_begins(world):
    scenario = world.scenario()
    scenario.when(world.record_supply(valid_from=world.day("03-01")), subject=world.point)
    scenario.when(world.record_supply(valid_from=world.day("02-01")), subject=world.point)

    rows = list(store.POINT.rows[store.SUPPLY_ROWS](world.point, scenario.state(store.POINT, world.point)))
    assert [row[1:3] for row in rows] == [
        (world.day("01-01"), world.day("02-01")),
        (world.day("02-01"), world.day("03-01")),
        (world.day("03-01"), None),
    ]
    assert all(len(row) == len(store.SUPPLY_ROWS.columns) for row in rows)


def test_the_supplier_alone_is_sent_a_fact():
    assert [audience.field for audience in v1.SupplyRecorded.audience] == ["supplier"]
