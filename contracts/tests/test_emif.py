"""EMIF XML: the same series as the JSON form gives, and nothing that a document should not be able to do."""

from __future__ import annotations

import contextlib
import gzip
import random
from datetime import UTC, datetime
from decimal import Decimal

import emif_given as given_
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from contracts import door, packed, values
from contracts.emif import acknowledging, quantities, reading
from contracts.message import Refused
from contracts.meter_ingest.v1 import Acknowledgement, Series, StatusRun

pytestmark = pytest.mark.unit

POINT = values.make_gsrn(1)


def only(raw: bytes) -> reading.Payload:
    (found,) = reading.read(raw).payloads
    return found


def test_a_payload_is_the_series_that_json_gives() -> None:
    raw = given_.document(
        given_.payload(
            POINT,
            resolution="PT1H",
            end="<a:End>2026-01-05T03:00:00.000+01:00</a:End>",
            direction="In",
            observations=given_.observation(1, "10.456")
            + given_.observation(2, "15", "Estimated", Quality="56", EstimationCode="E001", ValidationCode="V002")
            + given_.observation(3, "34.5", "Temporary", ValidationCode="V002", EstimationCode="E004"),
        )
    )
    found = reading.read(raw)
    assert (found.id, found.sender, found.faults) == (given_.DOCUMENT, "7080000000012", ())
    assert found.payloads == (
        reading.Payload(
            given_.payload_id(1),
            Series.model_validate_json(
                f"""{{"metering_point_id": "{POINT}", "direction": "production", "resolution": "PT60M",
                "start": "2026-01-04T23:00:00Z", "end": "2026-01-05T02:00:00Z", "values_wh": [10456, 15000, 34500],
                "statuses": [{{"status": "metered", "count": 1}}, {{"status": "estimated", "count": 1}},
                {{"status": "temporary", "count": 1}}], "registered_at": "2026-01-05T05:00:00Z"}}"""
            ),
        ),
    )


def test_one_status_for_all_is_no_run() -> None:
    series = only(given_.document(given_.payload(POINT, ["1", "2"]))).series
    assert series is not None
    assert (series.status, series.statuses) == ("metered", ())


def test_prefixes_and_elements_that_are_not_known_make_no_difference() -> None:
    plain = given_.document(given_.payload(POINT))
    other = (
        given_.document(given_.payload(POINT, extra="<a:Later><a:Deep>1</a:Deep></a:Later><x:Own xmlns:x='urn:x'/>"))
        .replace(b"<c:", b"<rsm:")
        .replace(b"</c:", b"</rsm:")
        .replace(b"xmlns:c=", b"xmlns:rsm=")
        .replace(b"<a:Observation ", b"<!-- said here --><?and here?>\n\t<a:Observation Later='1' ")
    )
    assert reading.read(other) == reading.read(plain)


def test_observations_are_by_sequence_not_by_place() -> None:
    raw = given_.document(given_.payload(POINT, observations=given_.observation(2, "2") + given_.observation(1, "1.5")))
    series = only(raw).series
    assert series is not None
    assert series.values_wh == (1500, 2000)


@pytest.mark.parametrize(
    ("text", "wh"),
    [("0", 0), ("15", 15_000), ("10.456", 10_456), (" 1.5\n", 1500), ("+0007.1000", 7100), (".5", 500), ("5.", 5000)],
)
def test_energy_is_read_as_xml_schema_has_it(text: str, wh: int) -> None:
    assert quantities.energy(text) == wh


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("1,5", "a number with a decimal point"),
        ("1 000", "a number with a decimal point"),
        ("", "a number with a decimal point"),
        ("1e3", "a number with a decimal point"),
        ("NaN", "a number with a decimal point"),
        ("\N{ARABIC-INDIC DIGIT FIVE}", "a number with a decimal point"),
        ("-0.001", "minInclusive 0"),
        ("1.0005", "fractionDigits 3"),
        ("1000000000000", "totalDigits 15"),
    ],
)
def test_what_is_no_energy_says_why(text: str, limit: str) -> None:
    with pytest.raises(quantities.Unfit) as caught:
        quantities.energy(text)
    assert caught.value.limit == limit


@given(st.decimals(0, 999_999_999_999, places=3))
def test_every_energy_of_three_decimals_is_exact(kwh: Decimal) -> None:
    assert quantities.energy(f"{kwh:f}") == int(kwh * 1000)


@pytest.mark.rule("EMIF_SERIES_INVALID")
@pytest.mark.parametrize(
    ("changed", "code", "path"),
    [
        ({"unit": "kvarh"}, "E73", "/ProductIncludedProductCharacteristics/UnitType"),
        ({"product": "<a:Identification>8716867000047</a:Identification>"}, "EH072", "/ProductIncludedProductChara"),
        ({"direction": "Up"}, "E10", "/MPDetailMeasurementMeteringPointCharacteristic/Direction"),
        ({"start": "<a:Start>2026-01-05T00:00:00</a:Start>"}, "EH032", "/ObservationPeriodTimeSeriesPeriod/Start"),
        ({"start": ""}, "EH032", "/ObservationPeriodTimeSeriesPeriod/Start"),
        ({"end": "<a:End>yesterday</a:End>"}, "EH032", "/ObservationPeriodTimeSeriesPeriod/End"),
        ({"registered": ""}, "E50", "/RegistrationDateTime"),
        ({"id": "7"}, "EH055", "/Identification"),
        ({"observations": ""}, "E87", "/Observation"),
        ({"observations": given_.observation(1, "1") + given_.observation(3, "1")}, "E87", "/Observation"),
        ({"observations": given_.observation(1, "1") * 2}, "E87", "/Observation/1"),
        ({"observations": given_.observation(0, "1")}, "E87", "/Observation"),
        ({"observations": '<a:Observation Sequence="1"/>'}, "E86", "/Observation/1"),
        ({"observations": given_.observation(1, "1,5")}, "E86", "/Observation/1"),
        ({"observations": given_.observation(1, "5", "Calculated")}, "E86", "/Observation/1"),
    ],
)
def test_a_payload_that_is_wrong_says_so_and_does_not_sink_the_others(
    changed: dict[str, str], code: str, path: str
) -> None:
    raw = given_.document(
        given_.payload(POINT, serial=1),
        given_.payload(POINT, serial=2, **changed),
        given_.payload(POINT, serial=3),
    )
    found = reading.read(raw)
    assert found.faults == ()
    assert [one.series is not None for one in found.payloads] == [True, False, True]
    fault = found.payloads[1].fault
    assert fault is not None
    assert fault.code == code
    assert fault.path.startswith(f"/PayloadEnergyTimeSeries/1{path}")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-05T00:00:00Z", "2026-01-05T00:00:00+00:00"),
        ("2026-01-05T06:00:00.123456789+02:00", "2026-01-05T04:00:00.123456+00:00"),
        ("2026-01-05T24:00:00+01:00", "2026-01-05T23:00:00+00:00"),
    ],
)
def test_moments_may_have_nine_decimals_and_a_day_may_end_at_24(text: str, moment: str) -> None:
    raw = given_.document(given_.payload(POINT, registered=f"<a:RegistrationDateTime>{text}</a:RegistrationDateTime>"))
    series = only(raw).series
    assert series is not None
    assert series.registered_at == datetime.fromisoformat(moment)


def test_documents_in_a_row_are_told_apart() -> None:
    first, second = (given_.document(given_.payload(POINT, [kwh])) for kwh in ("1", "2"))
    parts = reading.split(first + b"\n\n" + second)
    assert parts == [first, second]
    assert [only(part).series for part in parts] == [only(first).series, only(second).series]
    assert reading.split(first) == [first]
    assert reading.split(first + first + b"rest") == [first, first, b"rest"]


@pytest.mark.rule("EMIF_DOCUMENT_INVALID")
def test_a_document_without_a_name_or_payloads_or_with_one_payload_twice_is_refused_as_a_whole() -> None:
    for raw in (
        given_.document(given_.payload(POINT), id="one"),
        given_.document(),
        given_.document(given_.payload(POINT), given_.payload(POINT)),
        given_.document(*(given_.payload(POINT, serial=number) for number in range(1, 1002))),
        b"<CollectedData/>",
        b"<x xmlns='urn:no:elhub:emif:metering:CollectedData:v2'><CollectedData/></x>",
    ):
        assert [fault.code for fault in reading.read(raw).faults] == ["EH055"]


def test_what_is_wrong_with_a_document_says_where() -> None:
    wrong = {"type": '<a:DocumentType listAgencyIdentifier="6">E13</a:DocumentType>', "process": "BRS-NO-312"}
    found = reading.read(given_.document(given_.payload(POINT), **wrong))
    assert [(fault.code, fault.path) for fault in found.faults] == [
        ("EH055", "/ProcessEnergyContext/EnergyBusinessProcess"),
        ("EH025", "/Header/DocumentType/@listAgencyIdentifier"),
    ]


BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'


@pytest.mark.rule("NOT_XML")
@pytest.mark.parametrize(
    ("raw", "actual"),
    [
        (BOMB + given_.document(given_.payload("&c;"), declaration=""), "a DTD"),
        (OUTSIDE + given_.document(given_.payload("&b;"), declaration=""), "a DTD"),
        (given_.document(given_.payload("&b;")), ""),
        (given_.document(given_.payload(POINT))[:-5], ""),
        (given_.document(given_.payload(POINT)) + b"<more/>", "Extra content"),
        (given_.document(given_.payload("\xff"), declaration="").replace(b"\xc3\xbf", b"\xff"), "not UTF-8"),
        (given_.document(declaration='<?xml version="1.0" encoding="ISO-8859-1"?>'), "encoding ISO-8859-1"),
        (given_.document(given_.payload(POINT, extra="<a:x>" * 300 + "</a:x>" * 300)), "depth"),
    ],
)
def test_what_is_no_xml_that_is_taken_is_refused(raw: bytes, actual: str) -> None:
    with pytest.raises(Refused) as refused:
        reading.read(raw)
    (reason,) = refused.value.reasons
    assert (reason.code, actual in str(reason.actual)) == ("NOT_XML", True)


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 2**32))
def test_damage_is_refused_or_read_and_never_anything_else(seed: int) -> None:
    chance = random.Random(seed)
    raw = bytearray(given_.document(given_.payload(POINT, ["1", "2"])))
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(raw))
        raw[at : at + chance.randint(0, 3)] = bytes(chance.choices(b"<>&;/\"'=a0 \x00\xff", k=chance.randint(0, 3)))
    with contextlib.suppress(Refused):
        reading.read(bytes(raw))


# Packed


def test_what_a_record_is_packed_with_is_told_by_its_first_bytes() -> None:
    raw = given_.document(given_.payload(POINT))
    zstd = zstandard.compress(raw)
    assert [packed.unpack(one) for one in (raw, gzip.compress(raw), zstd)] == [raw] * 3
    assert packed.unpack(gzip.compress(raw) + gzip.compress(b"x")) == raw + b"x"
    assert packed.unpack(zstd + zstandard.compress(b"x")) == raw + b"x"


@pytest.mark.rule("UNPACKED_INVALID")
@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_what_is_damaged_is_not_unpacked(pack: object) -> None:
    whole = pack(random.Random(1).randbytes(5000))  # type: ignore[operator]
    for raw in (whole[:-1], whole[: len(whole) // 2], whole[:5], whole + b"rest"):
        with pytest.raises(Refused) as refused:
            packed.unpack(raw)
        assert refused.value.reasons[0].code == "UNPACKED_INVALID"


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_no_more_is_unpacked_than_is_allowed(pack: object) -> None:
    bomb = pack(bytes(4 * packed.MAX_UNPACKED))  # type: ignore[operator]
    assert len(bomb) < door.MAX_BYTES
    with pytest.raises(Refused) as refused:
        packed.unpack(bomb)
    assert refused.value.reasons[0].code == "MESSAGE_TOO_LARGE"
    assert packed.unpack(pack(b"12345"), most=5) == b"12345"  # type: ignore[operator]


# Acknowledged


def test_an_acknowledgement_says_39_or_41_of_whom_and_why() -> None:
    raw = acknowledging.acknowledgement(
        Acknowledgement(payload=given_.payload_id(2), status="41", reasons=("E10", "E87")),
        id_=given_.payload_id(9),
        document=given_.DOCUMENT,
        sender="7080000000012",
        recipient="7080012345675",
        at=datetime(2026, 1, 5, 6, tzinfo=UTC),
    )
    said = [(etree.QName(one).localname, one.text) for one in etree.fromstring(raw).iter() if one.text]
    assert said == [
        ("Identification", given_.payload_id(9)),
        ("DocumentType", "294"),
        ("Creation", "2026-01-05T06:00:00Z"),
        ("Identification", "7080000000012"),
        ("Identification", "7080000000012"),
        ("Identification", "7080012345675"),
        ("EnergyBusinessProcess", "BRS-NO-313"),
        ("EnergyBusinessProcessRole", "DDE"),
        ("EnergyIndustryClassification", "23"),
        ("StatusType", "41"),
        ("ResponseReasonType", "E10"),
        ("ResponseReasonType", "E87"),
        ("OriginalBusinessDocumentReference", given_.DOCUMENT),
        ("OriginalPayloadReference", given_.payload_id(2)),
    ]


def test_statuses_are_counted_run_by_run() -> None:
    estimated = {"Quality": "81", "ValidationCode": "V001", "EstimationCode": "E001"}
    some = [given_.observation(place, "1", "Estimated", **estimated) for place in (3, 4)]
    some += [given_.observation(place, "1") for place in (1, 2, 5, 6)]
    raw = given_.document(given_.payload(POINT, observations="".join(some)))
    series = only(raw).series
    assert series is not None
    assert series.statuses == (
        StatusRun(status="metered", count=2),
        StatusRun(status="final-estimated", count=2),
        StatusRun(status="metered", count=2),
    )
