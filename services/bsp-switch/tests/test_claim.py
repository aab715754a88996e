"""Claims of points that no BSP holds."""

import pytest

from bsp_switch import store
from contracts.bsp_switch import v1
from contracts.registry import v1 as registry
from contracts.values import Role

pytestmark = pytest.mark.unit


def claim(world, scenario, *, start="01-05", at="01-05", hour=10, bsp="", point=""):
    return scenario.when(
        v1.ClaimControl(start=world.day(start)),
        subject=point or world.point,
        sender=bsp or world.bsp_a,
        at=world.day(at, hour),
    )


def test_a_free_point_is_claimed_with_the_end_users_consent(world):
    scenario = world.scenario().given(world.consent())

    claim(world, scenario).then(world.claimed())
    (holding,) = scenario.state(store.POINT, world.point).holdings
    assert (holding.bsp, holding.valid_from, holding.valid_to) == (world.bsp_a, world.day("01-05"), None)


def test_an_unknown_grid_area_does_not_hinder_a_claim(world):
    scenario = world.opened().given(world.registered(dso=None), world.supply(), world.consent())

    claim(world, scenario).then_only(v1.ControlClaimed)


@pytest.mark.rule("CLAIM_WINDOW")
@pytest.mark.parametrize(
    ("start", "limit", "actual"), [("02-23", -7, -8), ("03-02", None, None), ("02-24", None, None)]
)
def test_a_claim_reaches_seven_days_back(world, start, limit, actual):
    outcome = claim(world, world.scenario().given(world.consent()), start=start, at="03-03", hour=23)

    if limit is None:
        outcome.then_only(v1.ControlClaimed)
    else:
        outcome.refused("CLAIM_WINDOW", path="/start", limit=limit, actual=actual, unit="days")


@pytest.mark.rule("CLAIM_WINDOW")
def test_a_claim_reaches_less_than_twenty_eight_days_ahead_counted_in_local_days(world):
    scenario = world.scenario().given(world.consent())

    # Across the 23-hour day: 28 local days are an hour less than 28 x 24.
    claim(world, scenario, at="03-03", start="03-31", hour=0).refused("CLAIM_WINDOW", limit=28, actual=28)
    claim(world, scenario, at="03-03", start="03-30", hour=0).then_only(v1.ControlClaimed)


@pytest.mark.rule("CONSENT_MISSING")
def test_without_a_right_consent_every_point_gives_the_same_answer(world):
    wrong_end_user = world.consent(world.uuid(2), end_user=world.other_end_user)
    unknown_point = world.opened().given(wrong_end_user)
    without_supply = world.opened().given(world.registered(), wrong_end_user)
    incomplete = world.opened().given(world.registered(), world.supply(supplier=world.stranger), wrong_end_user)
    only_supply = world.opened().given(world.supply(), wrong_end_user)
    held = world.held().given(world.consent(world.uuid(2), bsp=world.bsp_c, end_user=world.other_end_user))

    answers = {
        claim(world, scenario, bsp=bsp).refused("CONSENT_MISSING").model_dump_json()
        for scenario, bsp in [
            (unknown_point, world.bsp_a),
            (without_supply, world.bsp_a),
            (incomplete, world.bsp_a),
            (only_supply, world.bsp_a),
            (world.scenario(), world.bsp_a),
            (held, world.bsp_c),
        ]
    }

    assert len(answers) == 1


@pytest.mark.rule("CONSENT_MISSING")
def test_another_bsps_consent_does_not_help(world):
    scenario = world.scenario().given(world.consent(bsp=world.bsp_b))

    claim(world, scenario).refused("CONSENT_MISSING", limit="2026-01-05")


@pytest.mark.rule("CONSENT_MISSING")
def test_the_consent_is_valid_at_the_start(world):
    scenario = world.scenario().given(
        world.consent(world.uuid(1), valid_to=world.day("01-20")),
        world.consent(world.uuid(2), valid_from=world.day("01-21")),
    )

    claim(world, scenario, start="01-20").refused("CONSENT_MISSING")
    claim(world, scenario, start="01-21").then(world.claimed(start="01-21", consent_id=world.uuid(2)))


@pytest.mark.rule("CONSENT_MISSING")
def test_the_end_user_behind_the_point_at_the_start_decides(world):
    scenario = world.scenario().given(
        world.supply(end_user=world.other_end_user, valid_from=world.day("01-20")),
        world.consent(world.uuid(1)),
    )

    claim(world, scenario, start="01-20").refused("CONSENT_MISSING")
    scenario.given(world.consent(world.uuid(2), end_user=world.other_end_user))
    claim(world, scenario, start="01-20").then(world.claimed(start="01-20", consent_id=world.uuid(2)))


@pytest.mark.rule("CONSENT_MISSING")
def test_a_former_end_users_consent_does_not_claim_back_over_the_move_out(world):
    scenario = world.scenario().given(
        world.supply(end_user=world.other_end_user, valid_from=world.day("02-08")), world.consent()
    )

    claim(world, scenario, start="02-05", at="02-10").refused("CONSENT_MISSING")


@pytest.mark.rule("METERING_POINT_UNKNOWN")
def test_who_has_the_right_consent_is_told_that_the_register_does_not_know_the_point(world):
    scenario = world.opened().given(world.supply(), world.consent())

    claim(world, scenario).refused("METERING_POINT_UNKNOWN", retryable=True)


@pytest.mark.rule("SUPPLY_INCOMPLETE")
def test_an_unknown_supplier_or_brp_hinders_a_claim_until_it_is_known(world):
    scenario = world.opened().given(
        world.registered(), world.supply(supplier=world.stranger, brp_production=world.stranger), world.consent()
    )

    reason = claim(world, scenario).refused("SUPPLY_INCOMPLETE", actual="supplier, brp_production")
    assert world.stranger not in reason.model_dump_json()
    scenario.given(registry.PartyOnboarded(party=world.stranger, name="Ny", roles=(Role.SUPPLIER, Role.BRP)))
    claim(world, scenario).then_only(v1.ControlClaimed)


@pytest.mark.rule("SUPPLY_INCOMPLETE")
def test_a_brp_that_may_not_act_hinders_a_claim_until_it_may(world):
    scenario = world.scenario().given(world.consent())
    stopped = {"party": world.brp, "before": "active", "after": "suspended", "reason": "x", "roles": (Role.BRP,)}
    scenario.given(registry.PartyStatusChanged.model_validate(stopped))

    claim(world, scenario).refused("SUPPLY_INCOMPLETE", actual="brp_consumption, brp_production")
    back = {**stopped, "before": "suspended", "after": "active"}
    scenario.given(registry.PartyStatusChanged.model_validate(back))
    claim(world, scenario).then_only(v1.ControlClaimed)


@pytest.mark.rule("SUPPLY_INCOMPLETE")
def test_a_brp_that_lost_its_role_hinders_a_claim(world):
    scenario = world.scenario().given(world.consent())
    scenario.given(
        registry.PartyRolesChanged(party=world.brp, before=(Role.BRP,), after=(Role.SUPPLIER,), status="active")
    )
    claim(world, scenario).refused("SUPPLY_INCOMPLETE", actual="brp_consumption, brp_production")


@pytest.mark.rule("METERING_POINT_ALREADY_YOURS")
@pytest.mark.parametrize("start", ["01-05", "01-20"])
def test_a_point_is_claimed_once(world, start):
    claim(world, world.held(), start=start).refused("METERING_POINT_ALREADY_YOURS", actual="2026-01-05")


@pytest.mark.rule("METERING_POINT_ALREADY_YOURS")
def test_an_own_claim_dated_ahead_is_known_as_such(world):
    scenario = world.scenario().given(world.consent(), world.claimed(start="01-20"))

    claim(world, scenario, start="01-10").refused("METERING_POINT_ALREADY_YOURS", actual="2026-01-20")


@pytest.mark.rule("METERING_POINT_HELD_BY_OTHER")
@pytest.mark.parametrize("start", ["01-01", "01-05", "01-20"])
def test_a_held_point_is_not_claimed_and_who_holds_it_is_not_said(world, start):
    reason = claim(world, world.held(), start=start, bsp=world.bsp_b).refused("METERING_POINT_HELD_BY_OTHER")

    assert world.bsp_a not in reason.model_dump_json()


@pytest.mark.rule("SWITCH_PENDING")
@pytest.mark.parametrize("start", ["01-10", "01-20", "01-25"])
def test_of_two_claims_ahead_the_first_wins_whatever_midnight_the_second_wants(world, start):
    scenario = world.scenario().given(
        world.consent(), world.consent(world.uuid(2), bsp=world.bsp_b), world.claimed(start="01-20")
    )

    reason = claim(world, scenario, start=start, bsp=world.bsp_b).refused("SWITCH_PENDING")
    assert world.bsp_a not in reason.model_dump_json()


def test_the_consents_of_others_and_of_other_points_are_not_mixed_up(world):
    scenario = world.scenario(world.point, world.other_point).given(world.consent(point=world.other_point))

    claim(world, scenario).refused("CONSENT_MISSING")
    claim(world, scenario, point=world.other_point).then_only(v1.ControlClaimed)


@pytest.mark.rule("CLAIM_WINDOW")
def test_a_window_that_was_changed_is_followed_from_its_moment(world):
    scenario = world.scenario().given(world.consent())
    scenario.given(
        registry.PolicySet(
            key="claim.ahead-days",
            value=10,
            unit="days",
            valid_from=world.day("02-01"),
            source="D13",
            reason="x",
            owner="bsp-switch",
            former=28,
        )
    )

    claim(world, scenario, at="02-01", start="02-11").refused("CLAIM_WINDOW", limit=10, actual=10)
    claim(world, scenario, at="01-31", start="02-11").then_only(v1.ControlClaimed)
