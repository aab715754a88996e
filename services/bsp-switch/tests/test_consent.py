"""Consents."""

import pytest

from bsp_switch.domain.consent import Consent, Consents
from contracts.bsp_switch import v1

pytestmark = pytest.mark.unit


def command(world, **fields):
    return v1.RecordConsent.model_validate(
        {
            "metering_point_id": world.point,
            "end_user": world.end_user,
            "proof_sha256": world.proof,
            "valid_from": world.day("01-05", 10),
            **fields,
        }
    )


def test_a_consent_is_recorded(world):
    world.opened().when(command(world), subject=world.uuid(1), sender=world.bsp_a).then(
        world.consent(world.uuid(1), valid_from=world.day("01-05", 10))
    )


def test_a_consent_for_a_point_that_nobody_knows_is_recorded_all_the_same_and_so_tells_nothing(world):
    strange = command(world, metering_point_id=world.gsrn(999), end_user=world.other_end_user)

    outcome = world.scenario().when(strange, subject=world.uuid(1), sender=world.bsp_a)

    outcome.then_only(v1.ConsentRecorded)
    assert outcome.reasons == ()


@pytest.mark.rule("CONSENT_PERIOD_INVALID")
@pytest.mark.parametrize("hour", [9, 10])
def test_a_consent_ends_after_it_starts(world, hour):
    wrong = command(world, valid_to=world.day("01-05", hour))

    world.opened().when(wrong, subject=world.uuid(1), sender=world.bsp_a).refused(
        "CONSENT_PERIOD_INVALID", path="/valid_to"
    )


@pytest.mark.rule("ID_NOT_AVAILABLE")
@pytest.mark.parametrize("sender", ["bsp_a", "bsp_b"])
def test_a_consents_id_is_new_whoever_has_taken_it(world, sender):
    scenario = world.opened().given(world.consent(world.uuid(1)))

    scenario.when(command(world), subject=world.uuid(1), sender=getattr(world, sender)).refused(
        "ID_NOT_AVAILABLE", actual=None, limit=None
    )


def test_a_consent_covers_its_half_open_period_for_its_end_user_only(world):
    start, end = world.day("02-01"), world.day("03-01")
    consent = Consent(
        consent_id=world.uuid(1),
        metering_point_id=world.point,
        bsp=world.bsp_a,
        end_user=world.end_user,
        purpose="flexibility",
        proof_sha256=world.proof,
        valid_from=start,
        valid_to=end,
    )
    consents = Consents((consent,))

    assert consents.covering(end_user=world.end_user, at=start) is consent
    assert consents.covering(end_user=world.end_user, at=world.day("01-31", 23)) is None
    assert consents.covering(end_user=world.end_user, at=end) is None
    assert consents.covering(end_user=world.other_end_user, at=start) is None
