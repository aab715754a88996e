"""EMIF XML on the value shard's topic: let in as JSON is, decided as JSON is, and acknowledged in its own codes."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import emif_given
import pytest
import zstandard

from chassis.record import Record
from chassis.service import Decision, Incoming, Kind
from chassis.work import Document, Key, Work
from contracts import values
from contracts.message import RefusedRow
from contracts.meter_ingest.v1 import Acknowledgement, Receipt, Series
from contracts.parties import Party
from contracts.values import Role
from meter_ingest import app, door, emif, shard, store
from meter_ingest.domain import rules

pytestmark = pytest.mark.unit

DSO, OTHER = values.make_gln(3), values.make_gln(4)
POINT = values.make_gsrn(1)
TOPIC = f"ingress.{DSO}.meter-values.v1"


def opened(raw: bytes) -> Any:
    (found,) = door.open_values(Record(TOPIC, 0, 0, 0, raw))
    return found


def document(*changes: dict[str, Any], sender: str = DSO, **changed: str) -> bytes:
    payloads = [emif_given.payload(POINT, serial=serial, **one) for serial, one in enumerate(changes or ({},), 1)]
    return emif_given.document(*payloads, sender=sender, **changed)


class Case:
    """A connection that knows where the case shard stands, and nothing else."""

    async def scalar(self, _statement: object) -> int:
        return 7


def taken(
    monkeypatch: pytest.MonkeyPatch, *raw: bytes, decides: Decision | None = None, party: Party | None = None
) -> list[Receipt]:
    """The receipts of records, where the shard decides each command so."""

    async def take(_connection: Any, _work: Any, incoming: Sequence[Incoming[Any]], **_: Any) -> list[Decision]:
        return [decides or Decision() for _ in incoming]

    async def fetch(wanted: Iterable[tuple[Kind[Any], Sequence[str]]]) -> Mapping[Key, Document]:
        known = Document(party or Party((Role.DSO,)), 1)
        return {("party", DSO): known} if any(kind is store.PARTY for kind, _ in wanted) else {}

    monkeypatch.setattr(shard, "take", take)
    work = Work(app.value_shard(sandbox=False), fetch)
    work.begin(deadlines_before=None)
    incoming: list[Incoming[Any]] = []
    for offset, one in enumerate(raw):
        (found,) = door.open_values(Record(TOPIC, 0, offset, 0, one))
        at = datetime(2026, 1, 5, tzinfo=UTC)
        incoming.append(
            Incoming(found.data, found.type, found.id, found.source, "", at, 1, DSO, "", ingressposition=found.position)
        )
    decided = asyncio.run(door.take(cast("Any", Case()), work, incoming, salt=lambda _: b""))
    return [cast("Receipt", one.receipt) for one in decided]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
def test_a_document_is_let_in_whatever_it_is_packed_with(pack: Any) -> None:
    found = opened(pack(document()))
    assert (found.type, found.id, found.subject) == (door.TYPE, emif_given.DOCUMENT, emif_given.DOCUMENT)
    assert (found.source, found.position) == (f"/parties/{DSO}", f"{TOPIC}/0/0")
    assert found.data.command.series[0].values_wh == (1000,)
    assert found.data.contenthash == opened(document()).data.contenthash


@pytest.mark.rule("EMIF_DOCUMENT_INVALID")
@pytest.mark.rule("NOT_XML")
@pytest.mark.rule("UNPACKED_INVALID")
@pytest.mark.rule("MESSAGE_TOO_LARGE")
@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (document() + document(), "PARCEL_TOO_LARGE"),
        (document(sender=OTHER), "SOURCE_NOT_SENDER"),
        (document(process="BRS-NO-312"), "EMIF_DOCUMENT_INVALID"),
        (document()[:-3], "NOT_XML"),
        (gzip.compress(document())[:-9], "UNPACKED_INVALID"),
        (document() + b" " * 1024 * 1024, "MESSAGE_TOO_LARGE"),
    ],
)
def test_what_is_no_document_of_the_sender_is_refused_as_a_whole(raw: bytes, code: str) -> None:
    found = opened(raw)
    assert found.type == door.REFUSED
    assert found.data.reasons[0].code == code


@pytest.mark.rule("EMIF_SERIES_INVALID")
def test_rows_reasons_and_acknowledgements_stand_at_their_places_in_the_document(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raw = document({}, {"unit": "kvarh"}, {}, {"observations": ""}, {})
    decides = Decision(
        reasons=(rules.SERIES_POINT_UNKNOWN.reason(path="/series/1/metering_point_id"),),
        rows=(RefusedRow(row=1, code="SERIES_POINT_UNKNOWN"),),
    )
    (receipt,) = taken(monkeypatch, raw, decides=decides)
    assert receipt.status == "partly-accepted"
    assert [(row.row, row.code, row.actual) for row in receipt.rows] == [
        (1, "EMIF_SERIES_INVALID", "E73"),
        (2, "SERIES_POINT_UNKNOWN", None),
        (3, "EMIF_SERIES_INVALID", "E87"),
    ]
    assert [(reason.code, reason.path) for reason in receipt.reasons] == [
        ("SERIES_POINT_UNKNOWN", "/PayloadEnergyTimeSeries/2/MeteringPointUsedDomainLocation/Identification"),
        ("EMIF_SERIES_INVALID", "/PayloadEnergyTimeSeries/1/ProductIncludedProductCharacteristics/UnitType"),
        ("EMIF_SERIES_INVALID", "/PayloadEnergyTimeSeries/3/Observation"),
    ]
    assert receipt.acknowledgements == (
        Acknowledgement(status="39"),
        Acknowledgement(payload=emif_given.payload_id(2), status="41", reasons=("E73",)),
        Acknowledgement(payload=emif_given.payload_id(3), status="41", reasons=("E10",)),
        Acknowledgement(payload=emif_given.payload_id(4), status="41", reasons=("E87",)),
    )


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("values_wh", "/Observation"),
        ("values_wh/7", "/Observation/8"),
        ("start", "/ObservationPeriodTimeSeriesPeriod/Start"),
        ("resolution", "/ObservationPeriodTimeSeriesPeriod/ResolutionDuration"),
        ("registered_at", "/RegistrationDateTime"),
        ("status", "/Observation"),
    ],
)
def test_a_path_is_one_that_the_document_has(monkeypatch: pytest.MonkeyPatch, field: str, path: str) -> None:
    decides = Decision(reasons=(rules.SERIES_COUNT_WRONG.reason(path=f"/series/1/{field}", limit=24, actual=23),))
    (receipt,) = taken(monkeypatch, document({}, {"unit": "kvarh"}, {}), decides=decides)
    assert receipt.reasons[0].path == f"/PayloadEnergyTimeSeries/2{path}"


@pytest.mark.parametrize(
    ("wrong", "nb", "en"),
    [
        (
            {"values": ["NaN"]},
            "NaN, forventet et tall med desimalpunktum",
            "NaN, expected a number with a",
        ),
        ({"values": ["-1"]}, "-1, forventet minst 0", "-1, expected at least 0"),
        ({"values": ["1.0005"]}, "1.0005, forventet høyst 3 desimaler", "1.0005, expected at most 3 decimals"),
        ({"observations": ""}, "0 observasjoner, forventet 1, 2, 3 … uten hull", "0 observations, expected 1, 2, 3 …"),
        ({"product": ""}, "ingenting, forventet 8716867000030", "nothing, expected 8716867000030"),
    ],
)
def test_what_is_wrong_is_told_in_one_language_at_a_time(
    monkeypatch: pytest.MonkeyPatch, wrong: dict[str, Any], nb: str, en: str
) -> None:
    (receipt,) = taken(monkeypatch, document({}, wrong))
    (reason,) = receipt.reasons
    assert nb in reason.text_nb
    assert en in reason.text_en


def test_every_field_of_a_series_has_its_place_in_a_document() -> None:
    named = set(Series.model_fields) - {"confirmed", "own"}
    assert {name for name in named if emif.reading.path_of(name, None)} == named


def test_a_document_without_one_whole_series_is_answered_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    (receipt,) = taken(monkeypatch, document({"unit": "MWh"}))
    assert (receipt.status, [row.row for row in receipt.rows]) == ("rejected", [0])
    assert receipt.acknowledgements == (
        Acknowledgement(payload=emif_given.payload_id(1), status="41", reasons=("E73",)),
    )


def test_a_document_that_is_wrong_as_a_whole_has_one_acknowledgement() -> None:
    item = emif.item(
        document(role='<a:EnergyBusinessProcessRole listAgencyIdentifier="6">DDQ</a:EnergyBusinessProcessRole>')
    )
    assert item.emif is not None
    said = emif.acknowledgements(item.emif, (), rejected=True, reasons=item.reasons)
    assert said == (Acknowledgement(status="41", reasons=("EH013",)),)


def test_who_may_not_send_is_acknowledged_with_e55(monkeypatch: pytest.MonkeyPatch) -> None:
    (receipt,) = taken(monkeypatch, document(), party=Party((Role.BRP,)))
    assert [reason.code for reason in receipt.reasons] == ["ROLE_MISSING"]
    assert receipt.acknowledgements == (Acknowledgement(status="41", reasons=("E55",)),)


def test_what_is_kept_aside_is_not_acknowledged_as_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    aside = RefusedRow(row=0, code=rules.SERIES_QUARANTINED.key, actual="spike")
    (receipt,) = taken(monkeypatch, document(), decides=Decision(rows=(aside,)))
    assert (receipt.status, [one.status for one in receipt.acknowledgements]) == ("partly-accepted", ["41"])
    assert receipt.acknowledgements[0].reasons == ("E86",)
    (receipt,) = taken(monkeypatch, document({}, {}), decides=Decision(rows=(aside,)))
    assert [one.status for one in receipt.acknowledgements] == ["39", "41"]


def test_a_document_that_comes_twice_is_answered_twice_the_same_and_decided_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, again = taken(monkeypatch, document(), zstandard.compress(document()))
    assert (first.duplicate, again.duplicate, again.acknowledgements) == (False, True, first.acknowledgements)
    _, other = taken(monkeypatch, document(), document({}, {}))
    assert [reason.code for reason in other.reasons] == ["ID_REUSED"]
    assert other.acknowledgements[0].status == "41"
