"""Consents that are withdrawn or run out, and what rests on them."""

import pytest

from bsp_switch import store
from contracts.bsp_switch import v1
from contracts.registry import v1 as registry
from contracts.values import Role

pytestmark = pytest.mark.unit


def withdraw(world, scenario, consent, *, at="01-10", hour=12, sender="", role=Role.BSP):
    return scenario.when(
        v1.WithdrawConsent(),
        subject=world.uuid(consent),
        sender=sender or world.bsp_a,
        role=role,
        at=world.day(at, hour),
    )


def record(world, scenario, consent, *, at="01-10", hour=12, bsp="", **fields):
    wish = v1.RecordConsent.model_validate(
        {
            "metering_point_id": world.point,
            "end_user": world.end_user,
            "proof_sha256": world.proof,
            "valid_from": world.day("01-05"),
            **fields,
        }
    )
    return scenario.when(wish, subject=world.uuid(consent), sender=bsp or world.bsp_a, at=world.day(at, hour))


def claimed(world, **fields):
    """A point that A holds since 01-05 on a consent of its end user."""
    return world.scenario().given(world.consent(world.uuid(1), **fields), world.claimed(consent_id=world.uuid(1)))


def switching(world, start="04-15"):
    scenario = world.held()
    wish = v1.RequestSwitch(metering_points=(world.point,), start=world.day(start))
    scenario.when(wish, subject=world.uuid(1), sender=world.bsp_b, at=world.day("04-01", 12))
    return scenario


def ended(world, valid_to, **fields):
    return v1.ControlEndAnnounced.model_validate(
        {
            "metering_point_id": world.point,
            "bsp": world.bsp_a,
            "dso": world.dso,
            "brps": (world.brp,),
            "valid_from": world.day("01-05"),
            "valid_to": world.day(valid_to),
            "because": "consent",
            "consent_id": world.uuid(1),
            **fields,
        }
    )


def holdings(world, scenario):
    state = scenario.state(store.POINT, world.point)
    return [row[1:] for row in store.POINT.rows[store.HOLDING_ROWS](world.point, state)]


# Withdrawn


@pytest.mark.parametrize("hour", [0, 23])
def test_control_ends_at_the_next_midnight(world, hour):
    withdrawn, end = withdraw(world, claimed(world), 1, at="01-10", hour=hour or 1).then_only(
        v1.ConsentWithdrawn, v1.ControlEndAnnounced
    )
    assert (withdrawn.valid_to, withdrawn.by) == (world.day("01-10", hour or 1), world.bsp_a)
    assert end == ended(world, "01-11")


def test_on_the_day_that_lacks_an_hour_too(world):
    _, end = withdraw(world, claimed(world), 1, at="03-29", hour=4).then_only(
        v1.ConsentWithdrawn, v1.ControlEndAnnounced
    )
    assert end.valid_to == world.day("03-30")


def test_the_tso_withdraws_on_the_end_users_behalf(world):
    withdrawn, _ = withdraw(world, claimed(world), 1, sender=world.operator, role=Role.TSO).then_only(
        v1.ConsentWithdrawn, v1.ControlEndAnnounced
    )
    assert (withdrawn.bsp, withdrawn.by) == (world.bsp_a, world.operator)


@pytest.mark.rule("CONSENT_UNKNOWN")
def test_anothers_consent_and_none_are_one_answer(world):
    scenario = claimed(world)
    answers = {
        withdraw(world, scenario, 1, sender=world.bsp_b).refused("CONSENT_UNKNOWN").model_dump_json(),
        withdraw(world, scenario, 77).refused("CONSENT_UNKNOWN").model_dump_json(),
    }
    assert len(answers) == 1


@pytest.mark.rule("CONSENT_ENDED")
def test_what_has_ended_is_not_withdrawn(world):
    scenario = claimed(world)
    withdraw(world, scenario, 1)

    withdraw(world, scenario, 1, at="01-12").refused("CONSENT_ENDED", actual="2026-01-10T11:00:00Z")


def test_a_consent_that_nothing_rests_on_is_just_withdrawn(world):
    withdraw(world, world.held(), 2000, sender=world.bsp_b).then_only(v1.ConsentWithdrawn)


def test_with_another_consent_of_the_same_end_user_control_goes_on_and_rests_on_that_one(world):
    scenario = claimed(world)
    record(world, scenario, 2, at="01-09").then_only(v1.ConsentRecorded)

    _, changed = withdraw(world, scenario, 1).then_only(v1.ConsentWithdrawn, v1.ControlConsentChanged)
    assert (changed.valid_from, changed.consent_id) == (world.day("01-05"), world.uuid(2))
    _, end = withdraw(world, scenario, 2, at="01-20").then_only(v1.ConsentWithdrawn, v1.ControlEndAnnounced)
    assert end == ended(world, "01-21", consent_id=world.uuid(2))


@pytest.mark.parametrize("other", ["other_end_user", "bsp_b"])
def test_a_consent_of_another_end_user_or_bsp_does_not_help(world, other):
    scenario = claimed(world)
    fields = {"bsp": world.bsp_b} if other == "bsp_b" else {"end_user": world.other_end_user}
    record(world, scenario, 2, at="01-09", **fields)

    withdraw(world, scenario, 1).then_only(v1.ConsentWithdrawn, v1.ControlEndAnnounced)


def test_a_later_consent_that_covers_again_takes_the_end_back_before_it_comes(world):
    scenario = claimed(world)
    withdraw(world, scenario, 1)

    _, kept, changed = record(world, scenario, 2, hour=20, valid_from=world.day("01-10", 20)).then_only(
        v1.ConsentRecorded, v1.ControlEndCancelled, v1.ControlConsentChanged
    )
    assert (kept.because, kept.valid_to, changed.consent_id) == ("consent", None, world.uuid(2))
    assert holdings(world, scenario) == [(world.day("01-05"), None, world.bsp_a)]


def test_a_consent_that_comes_after_the_end_does_not_give_back_what_is_past_but_a_claim_takes_it_anew(world):
    scenario = claimed(world)
    withdraw(world, scenario, 1)

    record(world, scenario, 2, at="01-11", hour=1).then_only(v1.ConsentRecorded)
    wish = v1.ClaimControl(start=world.day("01-11"))
    scenario.when(wish, subject=world.point, sender=world.bsp_a, at=world.day("01-12")).then_only(v1.ControlClaimed)
    assert holdings(world, scenario) == [
        (world.day("01-05"), world.day("01-11"), world.bsp_a),
        (world.day("01-11"), None, world.bsp_a),
    ]


# Run out


def test_control_ends_at_the_midnight_after_the_consent_and_everyone_knows_the_day_before(world):
    scenario = claimed(world, valid_to=world.day("03-01", 10))

    scenario.until(world.day("02-28", 23)).then()
    expired, end = scenario.until(world.day("03-01")).then_only(v1.ConsentExpired, v1.ControlEndAnnounced)
    assert expired.valid_to == world.day("03-01", 10)
    assert end == ended(world, "03-02")
    scenario.until(world.day("12-01")).then()


def test_a_consent_that_ends_at_a_midnight_carries_control_to_just_there(world):
    scenario = claimed(world, valid_to=world.day("03-01"))

    _, end = scenario.until(world.day("02-28")).then_only(v1.ConsentExpired, v1.ControlEndAnnounced)
    assert end == ended(world, "03-01")


def test_the_bsp_is_warned_before(world):
    scenario = world.scenario()
    (recorded,) = record(world, scenario, 1, valid_to=world.day("03-01", 10)).then_only(v1.ConsentRecorded)
    assert recorded.warn_at == world.day("02-02")
    wish = v1.ClaimControl(start=world.day("01-11"))
    scenario.when(wish, subject=world.point, sender=world.bsp_a, at=world.day("01-10", 13))

    scenario.until(world.day("02-01", 23)).then()
    scenario.until(world.day("02-02")).then(
        v1.ConsentExpiryApproached(
            consent_id=world.uuid(1),
            metering_point_id=world.point,
            bsp=world.bsp_a,
            valid_to=world.day("03-01", 10),
        )
    )
    scenario.until(world.day("03-01")).then_only(v1.ConsentExpired, v1.ControlEndAnnounced)


def test_how_long_before_is_a_policy(world):
    scenario = world.scenario().given(
        registry.PolicySet(
            key="consent.warn-days",
            value=7,
            unit="days",
            valid_from=world.day("01-06"),
            source="R31",
            reason="x",
            owner="bsp-switch",
            former=28,
        )
    )
    (recorded,) = record(world, scenario, 1, valid_to=world.day("03-01")).then_only(v1.ConsentRecorded)
    assert recorded.warn_at == world.day("02-22")


@pytest.mark.parametrize(("at", "end"), [("02-10", "03-01"), ("02-01", "03-01"), ("02-27", "03-01")])
def test_a_consent_that_runs_out_sooner_than_the_warning_is_warned_of_at_once_and_only_then(world, at, end):
    scenario = world.scenario()
    recorded, warned = record(world, scenario, 1, at=at, valid_to=world.day(end)).then_only(
        v1.ConsentRecorded, v1.ConsentExpiryApproached
    )
    assert recorded.warn_at is None
    assert (warned.consent_id, warned.bsp, warned.valid_to) == (world.uuid(1), world.bsp_a, world.day(end))
    scenario.until(world.day(end)).then_only(v1.ConsentExpired)


@pytest.mark.parametrize("end", ["01-10", "01-07"])
def test_a_consent_recorded_on_its_last_day_or_after_has_run_out_at_once(world, end):
    scenario = world.scenario()
    record(world, scenario, 1, valid_to=world.day(end, 18)).then_only(v1.ConsentRecorded, v1.ConsentExpired)
    scenario.until(world.day("12-01")).then()


def test_what_is_claimed_on_the_last_day_ends_with_it(world):
    scenario = world.scenario()
    record(world, scenario, 1, valid_to=world.day("01-10", 18))
    wish = v1.ClaimControl(start=world.day("01-08"))

    _, end = scenario.when(wish, subject=world.point, sender=world.bsp_a, at=world.day("01-10", 12)).then_only(
        v1.ControlClaimed, v1.ControlEndAnnounced
    )
    assert end == ended(world, "01-11", valid_from=world.day("01-08"))


@pytest.mark.rule("CONSENT_MISSING")
def test_a_claim_in_the_past_needs_a_consent_that_has_lasted_since(world):
    scenario = world.scenario().given(
        world.consent(world.uuid(1), valid_to=world.day("01-07")),
        world.consent(world.uuid(2), valid_from=world.day("01-09")),
    )
    wish = v1.ClaimControl(start=world.day("01-06"))
    scenario.when(wish, subject=world.point, sender=world.bsp_a, at=world.day("01-10", 12)).refused("CONSENT_MISSING")


def test_one_consent_after_the_other_carries_control(world):
    scenario = claimed(world, valid_to=world.day("02-01", 9))
    record(world, scenario, 2, at="01-20", valid_from=world.day("02-01", 9), valid_to=world.day("03-01"))

    _, changed, _ = scenario.until(world.day("02-10")).then_only(
        v1.ConsentExpired, v1.ControlConsentChanged, v1.ConsentExpiryApproached
    )
    assert changed.consent_id == world.uuid(2)
    _, end = scenario.until(world.day("04-01")).then_only(v1.ConsentExpired, v1.ControlEndAnnounced)
    assert end == ended(world, "03-01", consent_id=world.uuid(2))


# Switches


def test_an_incoming_consent_that_ends_first_cancels_the_switch(world):
    scenario = switching(world)

    _, cancelled = withdraw(world, scenario, 2000, at="04-10", sender=world.bsp_b).then_only(
        v1.ConsentWithdrawn, v1.SwitchCancelled
    )
    assert (cancelled.because, cancelled.valid_to) == ("consent", None)
    assert holdings(world, scenario) == [(world.day("01-05"), None, world.bsp_a)]
    scenario.until(world.day("06-01")).then()


def test_not_where_another_of_the_same_end_user_is_valid_at_its_midnight(world):
    scenario = switching(world)
    record(world, scenario, 7, at="04-02", bsp=world.bsp_b)

    withdraw(world, scenario, 2000, at="04-10", sender=world.bsp_b).then_only(
        v1.ConsentWithdrawn, v1.ControlConsentChanged
    )


def test_an_outgoing_consent_that_ends_first_leaves_the_point_to_nobody_until_the_switch(world):
    scenario = switching(world)

    _, end = withdraw(world, scenario, 1000, at="04-10").then_only(v1.ConsentWithdrawn, v1.ControlEndAnnounced)
    assert end == ended(world, "04-11", consent_id=world.uuid(1000))
    assert holdings(world, scenario) == [
        (world.day("01-05"), world.day("04-11"), world.bsp_a),
        (world.day("04-15"), None, world.bsp_b),
    ]
    # Not even in the gap does anyone else get it.
    scenario.given(world.consent(world.uuid(3), bsp=world.bsp_c))
    wish = v1.ClaimControl(start=world.day("04-11"))
    scenario.when(wish, subject=world.point, sender=world.bsp_c, at=world.day("04-11", 9)).refused("SWITCH_PENDING")
    (effect,) = scenario.until(world.day("04-15")).then_only(v1.SwitchTookEffect)
    assert effect.points == 1


def test_an_end_that_came_before_the_switch_was_cancelled_stands(world):
    scenario = switching(world)
    withdraw(world, scenario, 1000, at="04-10")

    (cancelled,) = scenario.when(
        v1.CancelSwitch(), subject=world.uuid(1), sender=world.bsp_b, at=world.day("04-12")
    ).then_only(v1.SwitchCancelled)
    assert cancelled.valid_to == world.day("04-11")


def test_the_table_has_every_consent_with_its_end(world):
    scenario = claimed(world)
    withdraw(world, scenario, 1)

    rows = list(store.CONSENT.rows[store.CONSENT_ROWS](world.uuid(1), scenario.state(store.CONSENT, world.uuid(1))))
    assert rows == [
        (world.uuid(1), world.point, world.bsp_a, world.end_user, world.day("01-01"), world.day("01-10", 12))
    ]
    assert len(rows[0]) == len(store.CONSENT_ROWS.columns)
