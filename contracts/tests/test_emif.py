"""EMIF XML: the same series as the JSON form gives, and nothing that a document should not be able to do."""

from __future__ import annotations

import contextlib
import gzip
import random
import re
from datetime import UTC, datetime
from decimal import Decimal

import emif_given as given_
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from contracts import door, packed, values
from contracts.emif import acknowledging, bulk, names, quantities, reading
from contracts.message import Refused
from contracts.meter_ingest.v1 import Acknowledgement, Series, StatusRun

pytestmark = pytest.mark.unit

POINT = values.make_gsrn(1)


def product(code: str) -> str:
    return f'<a:Identification schemeAgencyIdentifier="9">{code}</a:Identification>'


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
        ({"product": product("8716867000047")}, "E73", "/ProductIncludedProductCharacteristics/UnitType"),
        ({"product": product("4700000000201")}, "EH072", "/ProductIncludedProductCharacteristics"),
        ({"product": ""}, "EH072", "/ProductIncludedProductCharacteristics"),
        ({"characteristics": ""}, "EH072", "/ProductIncludedProductCharacteristics"),
        ({"agency": "89"}, "E10", "/MeteringPointUsedDomainLocation/Identification/@schemeAgencyIdentifier"),
        ({"direction": "Up"}, "E10", "/MPDetailMeasurementMeteringPointCharacteristic/Direction"),
        ({"start": "<a:Start>2026-01-05T00:00:00</a:Start>"}, "EH032", "/ObservationPeriodTimeSeriesPeriod/Start"),
        ({"start": ""}, "EH032", "/ObservationPeriodTimeSeriesPeriod/Start"),
        ({"end": "<a:End>yesterday</a:End>"}, "EH032", "/ObservationPeriodTimeSeriesPeriod/End"),
        (
            {"start": "<a:Start>2026-01-05T00:00:00.0001+01:00</a:Start>"},
            "EH032",
            "/ObservationPeriodTimeSeriesPeriod/S",
        ),
        (
            {"start": "<a:Start>2026-01-05T05:00:00+06:00</a:Start>"},
            "EH032",
            "/ObservationPeriodTimeSeriesPeriod/Start",
        ),
        ({"period": ""}, "EH032", "/ObservationPeriodTimeSeriesPeriod"),
        (
            {"stands": "<a:MeterReadingStart>1</a:MeterReadingStart>"},
            "EH066",
            "/ObservationPeriodTimeSeriesPeriod/Meter",
        ),
        ({"stands": "<a:MeterReadingEnd/>"}, "EH066", "/ObservationPeriodTimeSeriesPeriod/MeterReadingEnd"),
        ({"resolution": "PT30M"}, "EH075", "/ObservationPeriodTimeSeriesPeriod/ResolutionDuration"),
        ({"resolution": "P1D"}, "EH075", "/ObservationPeriodTimeSeriesPeriod/ResolutionDuration"),
        ({"registered": "<a:RegistrationDateTime/>"}, "E50", "/RegistrationDateTime"),
        ({"registered": "<a:RegistrationDateTime>soon</a:RegistrationDateTime>"}, "E50", "/RegistrationDateTime"),
        ({"id": "7"}, "EH055", "/Identification"),
        ({"observations": ""}, "E87", "/Observation"),
        ({"observations": given_.observation(1, "1") + given_.observation(3, "1")}, "E87", "/Observation"),
        ({"observations": given_.observation(1, "1") * 2}, "E87", "/Observation/1"),
        ({"observations": given_.observation(0, "1")}, "E87", "/Observation"),
        ({"observations": '<a:Observation Sequence="1"/>'}, "E86", "/Observation/1"),
        ({"observations": given_.observation(1, "1,5")}, "E86", "/Observation/1"),
        ({"observations": given_.observation(1, "5", "Calculated")}, "E86", "/Observation/1"),
        ({"observations": given_.observation(1, "1") + given_.observation(2, "1.0005")}, "E86", "/Observation/2"),
        ({"observations": given_.observation(1, "1") + given_.observation(2, "-1")}, "E86", "/Observation/2"),
        ({"observations": given_.observation(1, "1") + '<a:Observation Sequence="2"/>'}, "E86", "/Observation/2"),
        (
            {"observations": given_.observation(1, "1") + given_.observation(2, "1", "Temporary")},
            "E86",
            "/Observation/2",
        ),
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
    ("code", "unit", "said", "meant"),
    [
        ("8716867000030", "kWh", "In", ("active", "production")),
        ("8716867000047", "kvarh", "Out", ("reactive", "consumption")),
        ("8716867000047", "kvarh", "In", ("reactive", "production")),
        ("8716867000139", "kvarh", "In", ("capacitive", "consumption")),
        ("8716867000146", "kvarh", "nowhere", ("inductive", "consumption")),
    ],
)
def test_each_product_has_its_code_and_unit_and_two_have_no_direction(
    code: str, unit: str, said: str, meant: tuple[str, str]
) -> None:
    series = only(given_.document(given_.payload(POINT, product=product(code), unit=unit, direction=said))).series
    assert series is not None
    assert (series.product, series.direction) == meant


def test_what_does_not_say_when_it_was_registered_is_whole() -> None:
    found = only(given_.document(given_.payload(POINT, registered="")))
    assert (found.fault, found.registered) == (None, False)
    assert only(given_.document(given_.payload(POINT))).registered


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
        given_.document(*(given_.payload(POINT, serial=number) for number in range(1, 10_001))),
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
    said = reason.text_nb.removeprefix("Innholdet er ikke XML slik det tas imot: ").removesuffix(".")
    assert said in {
        "en DTD",
        "noe mer bak dokumentet",
        "elementer i for mange nivåer",
        "byte som ikke er UTF-8",
        "tegnkoding ISO-8859-1",
    } or re.fullmatch(r"linje \d+, kolonne \d+", said)


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


# In bulk and element by element


STATUSES = (
    ("Metered", {}),
    ("Estimated", {"Quality": "56", "ValidationCode": "V002", "EstimationCode": "E001"}),
    ("Estimated", {"Quality": "81", "ValidationCode": "V002", "EstimationCode": "E001"}),
    ("Temporary", {"ValidationCode": "V002", "EstimationCode": "E004"}),
)
ODD = (
    "<a:Observation Sequence='{n}'><a:Metered>1</a:Metered></a:Observation>",
    '<a:Observation  Sequence="{n}"><a:Metered>1</a:Metered></a:Observation>',
    '<a:Observation Sequence="{n}" Later="1"><a:Metered>1</a:Metered></a:Observation>',
    '<a:Observation Sequence="{n}"><a:Metered Later="1">1</a:Metered></a:Observation>',
    '<a:Observation Sequence="{n}"><a:Metered>1%b</a:Metered></a:Observation>',
    '<a:Observation Sequence="{n}"><a:Metered>1,5</a:Metered></a:Observation>',
    '<a:Observation Sequence="{n}"><a:Metered>1<!-- 2 --></a:Metered></a:Observation>',
    '<a:Observation Sequence="{n}"><a:Metered><![CDATA[1]]></a:Metered></a:Observation>',
    '<a:Observation Sequence="{n}"><a:Metered>&#49;</a:Metered></a:Observation>',
    '<a:Observation Sequence="{n}"><b:Metered xmlns:b="urn:b">1</b:Metered></a:Observation>',
    '<b:Observation xmlns:b="{entities}" Sequence="{n}"><b:Metered>1</b:Metered></b:Observation>',
    '<a:Observation xmlns:a="urn:b" Sequence="{n}"><a:Metered>1</a:Metered></a:Observation>',
    '<a:Observation Sequence="{n}"/>',
    '<a:Observation Sequence="{n}"><a:Estimated Quality="56" Quality="56">1</a:Estimated></a:Observation>',
    '<a:Observation Sequence="{n}"><a:Estimated xmlns="56">1</a:Estimated></a:Observation>',
    '<a:Later><a:Observation Sequence="{n}"><a:Metered>1</a:Metered></a:Observation></a:Later>',
    '<!-- <a:Observation Sequence="{n}"><a:Metered>1</a:Metered></a:Observation> -->',
    "</a:Observation>",
    '<a:Observation observations-read-before="0"/>',
    "<?and here?>",
)
"""Each once in a while, in the place of an ordinary one."""


@st.composite
def some_documents(draw: st.DrawFn) -> bytes:
    made: list[str] = []
    space = draw(st.sampled_from(("", "\n", "\r\n    ")))
    for serial in range(1, draw(st.integers(1, 3)) + 1):
        which = draw(st.lists(st.integers(0, 40), max_size=6))
        one_status = draw(st.booleans())
        observations = ""
        for place, kind in enumerate(which, 1):
            if kind < len(ODD):
                text = ODD[kind].replace("{n}", str(place)).replace("{entities}", names.ENTITIES)
            else:
                status, said = STATUSES[0 if one_status else kind % 4]
                figure = draw(st.sampled_from(("0", "1.5", "10.456", "007", "1.0005", "-1", "1e3", ".5")))
                text = given_.observation(place, figure, status, **said)
            observations += text.replace("><", f">{space}<") + space
        made.append(given_.payload(POINT, observations=observations, serial=serial))
    return given_.document(*made)


@settings(deadline=None, max_examples=400)
@given(some_documents())
def test_reading_in_bulk_is_reading_element_by_element(raw: bytes) -> None:
    assert read_either_way(raw, in_bulk=True) == read_either_way(raw, in_bulk=False)


def read_either_way(raw: bytes, *, in_bulk: bool) -> object:
    with pytest.MonkeyPatch.context() as patched:
        if not in_bulk:
            patched.setattr(bulk, "taken_out", lambda raw: (raw, []))
        try:
            return reading.read(raw)
        except Refused as refused:
            return refused.reasons


@pytest.mark.parametrize("space", [b"", b"\n  "])
def test_what_is_usual_is_read_in_bulk(space: bytes) -> None:
    mixed = [
        given_.observation(place, f"{place}.25", *[STATUSES[place % 4][0]], **STATUSES[place % 4][1])
        for place in range(1, 9)
    ]
    raw = given_.document(
        given_.payload(POINT, ["1", "2.5"]),
        given_.payload(POINT, observations="".join(mixed), serial=2),
        given_.payload(POINT, [], serial=3),
    ).replace(b"><", b">" + space + b"<")
    rest, runs = bulk.taken_out(raw)
    assert [run.wh for run in runs] == [(1000, 2500), tuple(place * 1000 + 250 for place in range(1, 9))]
    assert rest.count(b"Sequence") == 0
    assert [len(run.statuses) for run in runs] == [1, 8]


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
