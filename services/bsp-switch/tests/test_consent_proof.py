"""What proves and limits a consent: its purpose, its document, the BSP's attestation, an end user's future points."""

import pytest

from bsp_switch import store
from contracts.bsp_switch import v1
from contracts.gateway import v1 as gateway

pytestmark = pytest.mark.unit

OLD, NEW = "01-05", "06-01"


def record(world, scenario, consent=1, *, at="01-06", bsp="", **fields):
    wish = v1.RecordConsent.model_validate(
        {
            "metering_point_id": world.point,
            "end_user": world.end_user,
            "proof_sha256": world.proof,
            "valid_from": world.day("01-05"),
            **fields,
        }
    )
    return scenario.when(wish, subject=world.uuid(consent), sender=bsp or world.bsp_a, at=world.day(at, 12))


def claim(world, scenario, point, start, *, at):
    wish = v1.ClaimControl(start=world.day(start))
    return scenario.when(wish, subject=point, sender=world.bsp_a, at=world.day(at, 12))


# Purpose


@pytest.mark.rule("CONSENT_MISSING")
def test_a_consent_to_read_what_was_metered_is_none_to_control(world):
    scenario = world.scenario()
    record(world, scenario, purpose="meter-history").then_only(v1.ConsentRecorded)

    claim(world, scenario, world.point, "01-10", at="01-06").refused("CONSENT_MISSING")
    record(world, scenario, 2)
    (claimed,) = claim(world, scenario, world.point, "01-10", at="01-06").then_only(v1.ControlClaimed)
    assert claimed.consent_id == world.uuid(2)


# The document


def received(world, party="", sha256=""):
    return v1.DocumentReceived(
        document_id=world.uuid(50),
        party=party or world.bsp_a,
        sha256=sha256 or world.proof,
        size_bytes=9,
        media_type="application/pdf",
    )


def test_a_consent_names_the_document_that_the_bsp_has_brought_in(world):
    scenario = world.scenario().given(received(world))

    (recorded,) = record(world, scenario, proof_document_id=world.uuid(50)).then_only(v1.ConsentRecorded)
    assert recorded.proof_document_id == world.uuid(50)
    assert scenario.state(store.DOCUMENT, world.uuid(50)).referred
    assert scenario.state(store.END_USER, world.end_user).documents == (world.uuid(50),)


@pytest.mark.rule("CONSENT_DOCUMENT_UNKNOWN")
def test_anothers_document_one_taken_back_and_none_are_one_answer(world):
    gone = v1.DocumentDiscarded(document_id=world.uuid(50), party=world.bsp_a, sha256=world.proof)
    scenarios = (
        world.scenario(),
        world.scenario().given(received(world, world.bsp_b)),
        world.scenario().given(received(world), gone),
    )
    answers = {
        record(world, scenario, proof_document_id=world.uuid(50))
        .refused("CONSENT_DOCUMENT_UNKNOWN", path="/proof_document_id")
        .model_dump_json()
        for scenario in scenarios
    }
    assert len(answers) == 1


@pytest.mark.rule("CONSENT_DOCUMENT_DIFFERS")
def test_the_hash_is_the_documents(world):
    scenario = world.scenario().given(received(world, sha256="cd" * 32))

    record(world, scenario, proof_document_id=world.uuid(50)).refused(
        "CONSENT_DOCUMENT_DIFFERS", path="/proof_sha256", limit="cd" * 32, actual=world.proof
    )


# The attestation


def attested(world, day="01-05"):
    return {"version": "2026-1", "attested_at": world.day(day), "signer": world.uuid(60)}


def required(world, scenario):
    value = gateway.PolicyValue(
        key="consent.attestation",
        value="required",
        unit=None,
        valid_from=world.day("01-01"),
        source="R30",
        owner="bsp-switch",
    )
    return scenario.given(gateway.PoliciesAdded(operator=world.operator, policies=(value,)))


def test_the_bsp_attests_that_it_is_lawful(world):
    (recorded,) = record(world, world.scenario(), attestation=attested(world)).then_only(v1.ConsentRecorded)
    assert recorded.attestation.signer == world.uuid(60)


@pytest.mark.rule("LAWFULNESS_ATTESTATION_MISSING")
def test_where_the_tso_requires_it_there_is_no_consent_without(world):
    scenario = required(world, world.scenario())

    record(world, scenario).refused("LAWFULNESS_ATTESTATION_MISSING", path="/attestation")
    record(world, scenario, attestation=attested(world)).then_only(v1.ConsentRecorded)


@pytest.mark.rule("ATTESTATION_DATED_AHEAD")
def test_nobody_attests_ahead(world):
    record(world, world.scenario(), attestation=attested(world, "01-07")).refused(
        "ATTESTATION_DATED_AHEAD", path="/attestation/attested_at"
    )


# An end user's future points


def moving(world, *, to="06-01"):
    """Points that others live at; the end user comes to stand behind the second one."""
    scenario = world.scenario(world.point)
    scenario.given(
        world.registered(world.other_point),
        world.supply(world.other_point, end_user=world.other_end_user),
        world.supply(world.other_point, valid_from=world.day(to)),
    )
    return scenario


def test_a_consent_for_future_points_covers_the_one_that_the_end_user_moves_to(world):
    scenario = moving(world)
    record(world, scenario, future_points=True)

    claimed, extended = claim(world, scenario, world.other_point, NEW, at="06-02").then_only(
        v1.ControlClaimed, v1.ConsentExtended
    )
    assert claimed.consent_id == extended.consent_id == world.uuid(1)
    assert (extended.end_user, extended.metering_point_id) == (world.end_user, world.other_point)


@pytest.mark.rule("CONSENT_MISSING")
@pytest.mark.parametrize("fields", [{}, {"future_points": True, "valid_from": "06-02"}])
def test_one_for_a_point_does_not_nor_does_one_given_when_the_end_user_was_there_already(world, fields):
    scenario = moving(world)
    if "valid_from" in fields:
        fields = {**fields, "valid_from": world.day(fields["valid_from"])}
    record(world, scenario, at="06-03", **fields)

    claim(world, scenario, world.other_point, "06-05", at="06-03").refused("CONSENT_MISSING")


@pytest.mark.rule("CONSENT_MISSING")
def test_nor_does_one_given_to_another_bsp(world):
    scenario = moving(world)
    record(world, scenario, bsp=world.bsp_b, future_points=True)

    claim(world, scenario, world.other_point, NEW, at="06-02").refused("CONSENT_MISSING")


def extended(world, **fields):
    scenario = moving(world)
    record(world, scenario, future_points=True, **fields)
    claim(world, scenario, world.point, "01-06", at="01-06")
    claim(world, scenario, world.other_point, NEW, at="06-02").then_only(v1.ControlClaimed, v1.ConsentExtended)
    return scenario


def ends(events):
    return [(each.metering_point_id, each.because, each.valid_to) for each in events]


def test_withdrawn_it_ends_control_of_all_its_points(world):
    scenario = extended(world)

    withdrawn, *ended, followed = scenario.when(
        v1.WithdrawConsent(), subject=world.uuid(1), sender=world.bsp_a, at=world.day("07-01", 12)
    ).then_only(v1.ConsentWithdrawn, v1.ControlEndAnnounced, v1.ControlEndAnnounced, v1.EndUserFollowed)
    assert withdrawn.end_user == world.end_user
    assert ends(ended) == [(point, "consent", world.day("07-02")) for point in (world.point, world.other_point)]
    assert followed.points == 2


def test_run_out_it_does_too_and_says_so_as_its_last_day_begins(world):
    scenario = extended(world, valid_to=world.day("07-10"))

    outcome = scenario.until(world.day("07-09"))
    ended = [event for event in outcome.events if isinstance(event, v1.ControlEndAnnounced)]
    assert ends(ended) == [(point, "consent", world.day("07-10")) for point in (world.point, world.other_point)]


def test_with_another_consent_for_a_single_point_control_there_goes_on(world):
    scenario = extended(world)
    record(world, scenario, 2, at="06-20", metering_point_id=world.other_point, valid_from=world.day(NEW))

    outcome = scenario.when(v1.WithdrawConsent(), subject=world.uuid(1), sender=world.bsp_a, at=world.day("07-01", 12))
    assert [type(event) for event in outcome.events] == [
        v1.ConsentWithdrawn, v1.ControlEndAnnounced, v1.ControlConsentChanged, v1.EndUserFollowed,
    ]  # fmt: skip
    assert outcome.events[1].metering_point_id == world.point
