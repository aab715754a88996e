"""National identity numbers: in no text that is sent, though in what was once taken."""

from __future__ import annotations

from typing import Any

import pytest

from contracts import national_id, values
from contracts.bsp_switch.v1 import ConsentRecorded, ObjectToSwitch, RecordConsent, ResolveObjection
from contracts.prequal.v1 import WriteComment
from contracts.registry.v1 import RegisterResource
from contracts.validation import validate_command

pytestmark = pytest.mark.unit

UUID = "0192f000-0000-7000-8000-000000000001"
WRITTEN = (
    "01015012345",
    "010150 12345",
    "010150  12345",
    "010150_12345",
    "01.01.50-12345",
    "01/01/50 / 12345",
    "01 01 50 123 45",
    "410150-12345",
    "014150-12345",
    "018150 12345",
    "2026-01-19 01015012345",
    "7080088000010 010150 12345",
    "010150\u00a012345",
    "12345678901",
)


@pytest.mark.parametrize("written", WRITTEN)
def test_it_is_seen_however_it_is_written(written: str) -> None:
    assert national_id.stands_in(f"Gjelder {written} Ola Nordmann")


@pytest.mark.parametrize(
    "said",
    [
        values.make_gsrn(1),
        f"{values.make_gsrn(1)} og {values.make_gln(1)}",
        "7070 5750 0000 0000 18",
        "fra 19.01.2026 150 kW",
        "2026-01-19 13:00 til 2026-02-02 14:00",
        "+47 22 22 22 22",
        "1234.56.78901",
        "10 000 000 000 kr",
        "0101501234",
        "010150123456",
        "010150\n12345",
        UUID,
    ],
)
def test_other_numbers_are_none(said: str) -> None:
    assert not national_id.stands_in(said)


def test_a_name_has_not_eleven_digits_anyhow() -> None:
    assert national_id.may_be("Ola 12-34-56-78 9 0 1")
    assert not national_id.may_be("Ola Nordmann 2")


def _object(text: str) -> dict[str, Any]:
    point = values.make_gsrn(1)
    return {"switch_id": UUID, "metering_points": [point], "ground": "other", "text": text}


def _consent(text: str) -> dict[str, Any]:
    attested = {"attested_at": "2026-01-01T00:00:00Z", "version": text, "signer": UUID}
    return {
        "metering_point_id": values.make_gsrn(1),
        "end_user": UUID,
        "proof_sha256": "ab" * 32,
        "valid_from": "2026-01-05T00:00:00Z",
        "attestation": attested,
    }


@pytest.mark.rule("TEXT_HAS_NATIONAL_ID")
@pytest.mark.parametrize(
    ("command", "data", "path"),
    [
        (ObjectToSwitch, _object, "/data/text"),
        (ResolveObjection, lambda text: {"outcome": "upheld", "reason": text}, "/data/reason"),
        (RecordConsent, _consent, "/data/attestation/version"),
        (WriteComment, lambda text: {"text": text, "to": []}, "/data/text"),
    ],
)
def test_a_text_that_is_sent_has_none_and_the_refusal_does_not_repeat_it(command: Any, data: Any, path: str) -> None:
    refused = validate_command(command.type, UUID, data("Ola 010150 12345"))

    assert isinstance(refused, tuple)
    [reason] = [each for each in refused if each.path == path]
    assert (reason.code, reason.actual) == ("TEXT_HAS_NATIONAL_ID", None)
    assert "12345" not in reason.model_dump_json()
    fine = validate_command(command.type, UUID, data("Gjelder " + values.make_gsrn(1)))
    assert not isinstance(fine, tuple) or all(each.path != path for each in fine)


@pytest.mark.parametrize("text", ["<b>Ola 010150 12345", "Ola 010150 12345" + " " * 60 + "x" * 200])
def test_no_other_refusal_repeats_it(text: str) -> None:
    refused = validate_command(ObjectToSwitch.type, UUID, _object(text))

    assert isinstance(refused, tuple)
    assert "12345" not in "".join(each.model_dump_json() for each in refused)


def test_a_refusal_does_not_repeat_what_anybody_might_have_written_about_a_person() -> None:
    """It is on the log for ever. Fields that no type has, and texts, may say who lives where."""

    def told(**more: Any) -> list[tuple[str, object]]:
        refused = validate_command(ObjectToSwitch.type, UUID, _object("Flyttet") | more)
        assert isinstance(refused, tuple)
        assert not any(word in each.model_dump_json() for each in refused for word in ("Ola", "1957", "12345"))
        return [(each.path, each.actual) for each in refused]

    both = [("/data/…", None), ("/data/…", None)]
    assert sorted(told(end_user_name="Ola Nordmann", birth_date="1957-09-02")) == both
    assert told(text="<b>Ola Nordmann") == [("/data/text", None)]
    assert told(text="fnr 010150\n12345\u202e") == [("/data/text", None)]
    assert told(text="Ola \u202e Nordmann") == [("/data/text", None)]
    assert told(text="Ola Nordmann " * 1000) == [("/data/text", "13000")]
    assert told(ground="fnr 010150\n12345") == [("/data/ground", None)]
    assert told(ground="Ola f. 02.09.1957") == [("/data/ground", None)]
    assert told(switch_id="Ola Nordmann") == [("/data/switch_id", None)]
    assert told(metering_points=["Ola Nordmann"]) == [("/data/metering_points/0", None)]
    assert told(metering_points=[2091957]) == [("/data/metering_points/0", None)]
    assert told(**{"Ola Nordmann": 1}) == [("/data/…", None)]
    refused = validate_command(ObjectToSwitch.type, "Ola Nordmann", _object("Flyttet"))
    assert [(each.path, each.actual) for each in refused] == [("/subject", "…")]
    point = values.make_gsrn(1)
    near = point[:-1] + str((int(point[-1]) + 1) % 10)
    # What can hardly be a person's is said again.
    assert told(metering_points=[near]) == [("/data/metering_points/0", near)]
    assert told(switch_id=point) == [("/data/switch_id", point)]


def test_a_serial_number_may_have_eleven_digits() -> None:
    device = {"make": "Høiax", "model": "200", "serial": "01015012345"}
    data = {
        "metering_point_id": values.make_gsrn(1),
        "technology": "water-heater",
        "up_w": 1000,
        "down_w": 0,
        "devices": [device],
    }

    assert isinstance(validate_command(RegisterResource.type, UUID, data), RegisterResource)
    assert isinstance(validate_command(RegisterResource.type, UUID, data | {"name": "01015012345"}), tuple)


def test_what_was_once_taken_is_read() -> None:
    said = {
        "consent_id": UUID,
        "metering_point_id": values.make_gsrn(1),
        "bsp": values.make_gln(1),
        "end_user": UUID,
        "purpose": "flexibility",
        "proof_sha256": "ab" * 32,
        "valid_from": "2026-01-05T00:00:00Z",
        "attestation": {"attested_at": "2026-01-01T00:00:00Z", "version": "010150 12345", "signer": UUID},
    }

    assert ConsentRecorded.model_validate(said).attestation is not None
