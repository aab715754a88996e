"""`flexreg meter send`: what a file is by its content, and what came of every series."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import emif_given
import pyarrow as pa
import pytest
import zstandard
from lxml import etree
from pyarrow import ipc
from typer.testing import CliRunner, Result

from contracts import columnar, door, packed, values
from contracts.meter_ingest.v1 import Series
from flexreg import measuring, terminal
from flexreg.cli import app
from flexreg.measuring import Sent
from flexreg.outgoing import Outgoing
from flexreg.sending import Answer

pytestmark = pytest.mark.unit

DSO = values.make_gln(3)
POINT = values.make_gsrn(1)
AT = datetime(2026, 1, 6, 8, tzinfo=UTC)
SERIES = {
    "metering_point_id": POINT,
    "resolution": "PT15M",
    "start": "2026-01-04T23:00:00Z",
    "end": "2026-01-04T23:15:00Z",
    "values_wh": [1000],
    "registered_at": "2026-01-05T05:00:00Z",
}
XML = emif_given.document(emif_given.payload(POINT), sender=DSO)
FORMS = {
    "one series": json.dumps(SERIES),
    "series": json.dumps([SERIES]),
    "data": json.dumps({"series": [SERIES]}, indent=2),
    "envelope": json.dumps({"data": {"series": [SERIES]}}),
}


def read(raw: bytes, name: str = "a.bin") -> list[Sent]:
    return list(measuring.records(name, raw, gln=DSO, at=AT))


def arrow(rows: int, *, codec: str | None, file: bool) -> bytes:
    """Some days of values as an Arrow file or stream, as other software writes them."""
    some = [Series.model_validate(SERIES | {"metering_point_id": values.make_gsrn(one + 1)}) for one in range(rows)]
    table = ipc.open_stream(columnar.write(some, {})).read_all().replace_schema_metadata({"pandas": "{}"})
    sink = pa.BufferOutputStream()
    with (ipc.new_file if file else ipc.new_stream)(
        sink, table.schema, options=ipc.IpcWriteOptions(compression=codec)
    ) as written:
        written.write_table(table)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize("codec", [None, "lz4"])
@pytest.mark.parametrize("file", [True, False])
def test_an_arrow_file_becomes_what_the_door_takes(codec: str | None, file: bool) -> None:
    (sent,) = read(arrow(3, codec=codec, file=file))
    columns = columnar.read(sent.record.body)
    assert (len(columns), columns.attributes["source"]) == (3, f"/parties/{DSO}")
    assert columns.attributes["id"] == sent.record.heads[0].id
    assert [one["metering_point_id"] for one in sent.series] == [values.make_gsrn(number) for number in (1, 2, 3)]
    assert sent.series[0]["start"] == SERIES["start"]


def test_an_arrow_file_of_any_length_is_cut_into_records() -> None:
    sent = read(arrow(25_000, codec="zstd", file=True))
    assert all(len(one.record.body) <= door.MAX_BYTES and not one.record.error for one in sent)
    assert [len(columnar.read(packed.unpack(one.record.body))) for one in sent] == [10_000, 10_000, 5_000]
    assert sum(len(one.series) for one in sent) == 25_000


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
@pytest.mark.parametrize("form", FORMS)
def test_json_in_any_form_becomes_what_the_door_takes(form: str, pack: Callable[[bytes], bytes]) -> None:
    (sent,) = read(pack(FORMS[form].encode()))
    (item,) = door.open_record(sent.record.body)
    assert item.reasons == ()
    assert item.command is not None
    assert sent.record.meter_values
    assert sent.series == ({name: SERIES[name] for name in ("metering_point_id", "resolution", "start", "end")},)


def test_lines_are_records_each() -> None:
    assert len(read(b"\n".join(json.dumps(SERIES).encode() for _ in range(3)))) == 3


def test_many_series_are_divided_by_the_thousand_and_by_size() -> None:
    found = read(json.dumps([SERIES] * 2500).encode())
    assert [len(sent.series) for sent in found] == [1000, 1000, 500]
    large = {**SERIES, "values_wh": [123_456] * 9999}
    found = read(json.dumps([large] * 40).encode())
    assert sum(len(sent.series) for sent in found) == 40
    assert all(len(sent.record.body) <= door.MAX_BYTES for sent in found)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
def test_xml_documents_in_a_row_are_sent_each_as_they_are(pack: Callable[[bytes], bytes]) -> None:
    first, second = read(pack(XML + b"\n" + XML))
    assert (first.record.body, second.record.body) == (XML, XML)
    assert first.record.meter_values
    assert first.series[0]["metering_point_id"] == POINT


def test_a_large_document_is_packed_and_one_that_is_too_large_is_not_sent() -> None:
    (sent,) = read(emif_given.document(emif_given.payload(POINT), sender=DSO + " " * door.MAX_BYTES))
    assert len(sent.record.body) < door.MAX_BYTES
    assert packed.unpack(sent.record.body).startswith(b"<?xml")
    (sent,) = read(emif_given.document(emif_given.payload(POINT), sender=DSO + " " * packed.MAX_UNPACKED))
    assert "divide" in sent.record.error


HOSTILE = {
    "empty": b"",
    "blank": b" \n",
    "a picture": b"GIF89a",
    "something else": b"{}",
    "numbers": b"[1]",
    "a name twice": b'{"values_wh": 1, "values_wh": 2}',
    "gzip that is cut off": gzip.compress(XML)[:-4],
    "zstd that is cut off": zstandard.compress(XML)[:-4],
    "a line that is wrong": b"{}\n{]",
    "JSON that is cut off": FORMS["series"].encode()[:-9],
    "another encoding": FORMS["series"].encode("utf-16"),
    "XML in another encoding": XML.decode().encode("utf-16"),
    "a bomb": gzip.compress(bytes(2_000_000)),
    "a zstd bomb": zstandard.compress(bytes(2_000_000)),
    "too deep": b"[" * 200_000,
    "too deep, line by line": b"{}\n" + b'{"a":' * 200_000,
    "a number without end": b'[{"values_wh": ' + b"9" * 5000 + b"}]",
    "a line without end": b"x" * 900_000,
    "Arrow that is cut off": b"ARROW1\0\0" + b"\xff" * 40,
    "an Arrow stream that is none": b"\xff\xff\xff\xff\x10\0\0\0garbage",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_holds_no_values_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, what: str) -> None:
    monkeypatch.setattr(measuring, "MOST", 1_000_000)
    file = tmp_path / "values"
    file.write_bytes(HOSTILE[what])
    with pytest.raises(measuring.UnableToRead) as caught:
        read(HOSTILE[what], file.name)
    assert caught.value.what.startswith("values")
    assert "\n" not in caught.value.what
    assert len(caught.value.what) < 300
    result, lines = run(monkeypatch, {"status": "accepted"}, str(file))
    assert (result.exit_code, lines) == (2, [])
    assert "this should not have happened" not in result.output


@pytest.mark.parametrize("cut", [100, -200, -9])
def test_an_arrow_file_that_is_cut_off_is_said_to_be(cut: int) -> None:
    for raw in (arrow(3, codec="zstd", file=True), arrow(3, codec=None, file=False)):
        with pytest.raises(measuring.UnableToRead):
            read(raw[:cut])


def test_a_file_that_is_larger_than_what_is_read_is_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "values"
    file.write_bytes(XML)
    monkeypatch.setattr(measuring, "MOST", 100)
    result, lines = run(monkeypatch, {"status": "accepted"}, str(file))
    assert (result.exit_code, lines) == (2, [])
    with pytest.raises(measuring.UnableToRead):
        read(XML)


def test_an_envelope_that_is_too_large_for_a_record_is_not_sent() -> None:
    (sent,) = read(json.dumps({"data": {"series": [SERIES]}, "subject": "x" * door.MAX_BYTES}).encode())
    assert "divide" in sent.record.error


def test_an_xml_document_that_is_cut_off_is_sent_for_the_door_to_refuse() -> None:
    (sent,) = read(XML[:-30])
    assert sent.record.body == XML[:-30]


# Confirmed


def commands(sent: list[Sent]) -> list[Any]:
    return [json.loads(one.record.body)["data"]["series"] for one in sent]


@pytest.mark.parametrize("form", FORMS)
def test_json_is_confirmed_series_by_series(form: str) -> None:
    ((series,),) = commands(list(measuring.records("a", FORMS[form].encode(), gln=DSO, at=AT, confirmed=True)))
    assert series == SERIES | {"confirmed": True}


def test_xml_is_confirmed_as_json_and_only_where_it_is_whole() -> None:
    raw = emif_given.document(emif_given.payload(POINT), emif_given.payload(POINT, serial=2, registered=""), sender=DSO)
    sent = list(measuring.records("a", raw + raw, gln=DSO, at=AT, confirmed=True))
    assert [len(one.series) for one in sent] == [2, 2]
    (item,) = door.open_record(sent[0].record.body)
    assert item.reasons == ()
    first, second = item.command.series  # type: ignore[union-attr]
    assert (first.confirmed, second.confirmed, second.registered_at) == (True, True, AT)
    for wrong in (emif_given.payload(POINT, unit="MWh"), emif_given.payload(POINT, serial=1) * 2):
        with pytest.raises(measuring.UnableToRead, match="confirmed"):
            list(measuring.records("a", emif_given.document(wrong, sender=DSO), gln=DSO, at=AT, confirmed=True))
    with pytest.raises(measuring.UnableToRead):
        list(measuring.records("a", raw[:-5], gln=DSO, at=AT, confirmed=True))


def test_columns_are_confirmed_row_by_row() -> None:
    (sent,) = measuring.records("a", arrow(3, codec="lz4", file=True), gln=DSO, at=AT, confirmed=True)
    assert columnar.read(sent.record.body).confirmed == {0, 1, 2}


class Answering:
    """A register that says a prepared receipt of everything."""

    def __init__(self, receipt: dict[str, Any] | None) -> None:
        self.receipt = receipt
        self.sent: list[Outgoing] = []

    async def now(self) -> datetime:
        return AT

    async def stream(self, _gln: str, records: Any, **_: object) -> AsyncIterator[Answer]:
        async for record in records:
            self.sent.append(record)
            yield Answer(record.heads[0], "", self.receipt, record.error)


def run(monkeypatch: pytest.MonkeyPatch, receipt: dict[str, Any] | None, *args: str) -> tuple[Result, list[Any]]:
    import contextlib

    @contextlib.asynccontextmanager
    async def register() -> AsyncIterator[Answering]:
        yield Answering(receipt)

    monkeypatch.setattr(terminal, "register", register)
    result = CliRunner().invoke(app, ["meter", "send", "--as", DSO, *args])
    return result, [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


def test_every_series_has_a_result_and_xml_its_acknowledgements(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "values.txt"
    payloads = [emif_given.payload(POINT, serial=serial) for serial in (1, 2)]
    file.write_bytes(gzip.compress(emif_given.document(*payloads, sender=DSO)))
    receipt = {
        "status": "partly-accepted",
        "reasons": [{"code": "SERIES_POINT_UNKNOWN", "text_en": "unknown"}],
        "rows": [{"row": 1, "code": "SERIES_POINT_UNKNOWN", "actual": None}],
        "acknowledgements": [
            {"payload": "", "status": "39", "reasons": []},
            {"payload": emif_given.payload_id(2), "status": "41", "reasons": ["E10"]},
        ],
    }
    result, lines = run(monkeypatch, receipt, str(file), "--acknowledgements", str(tmp_path / "acks"))
    assert result.exit_code == 1
    assert [(line["row"], line["status"], line["metering_point_id"]) for line in lines] == [
        (0, "accepted", POINT),
        (1, "rejected", POINT),
    ]
    assert lines[1]["reasons"][0]["code"] == "SERIES_POINT_UNKNOWN"
    assert [line.get("elhub") for line in lines] == [None, ["E10"]]
    written = sorted((tmp_path / "acks").iterdir())
    said = [etree.parse(one).findtext(".//{*}StatusType") for one in written]
    assert said == ["39", "41"]
    assert etree.parse(written[1]).findtext(".//{*}OriginalPayloadReference") == emif_given.payload_id(2)


def test_a_warning_is_told_with_the_series_it_is_about(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(json.dumps([SERIES, SERIES, SERIES]))
    receipt = {
        "status": "partly-accepted",
        "reasons": [
            {"code": "SERIES_ZERO_RUN", "path": "/data/series/1/values_wh", "text_en": "zero"},
            {"code": "SERIES_SPIKE", "path": "/data/series/2/values_wh/0", "text_en": "spike"},
            {"code": "SERIES_QUARANTINED", "path": "/data/series/2/values_wh", "limit": "2026-02-05"},
        ],
        "rows": [{"row": 2, "code": "SERIES_QUARANTINED", "actual": "spike"}],
    }
    result, lines = run(monkeypatch, receipt, str(file))
    assert (result.exit_code, [line["status"] for line in lines]) == (1, ["accepted", "accepted", "quarantined"])
    assert [one["code"] for one in lines[1]["warnings"]] == ["SERIES_ZERO_RUN"]
    assert "warnings" not in lines[0]
    assert (lines[2]["reasons"][0]["actual"], lines[2]["reasons"][0]["limit"]) == ("spike", "2026-02-05")
    assert "2 series accepted" in result.stderr
    assert "1 series with warnings" in result.stderr


@pytest.mark.parametrize(
    ("receipt", "status", "code"),
    [
        ({"status": "accepted"}, "accepted", 0),
        ({"status": "rejected", "reasons": [{"code": "ROLE_MISSING"}]}, "rejected", 1),
        (None, "unanswered", 2),
    ],
)
def test_the_exit_code_says_the_worst(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, receipt: dict[str, Any] | None, status: str, code: int
) -> None:
    file = tmp_path / "a.json"
    file.write_text(FORMS["series"])
    result, lines = run(monkeypatch, receipt, str(file), str(file))
    assert (result.exit_code, [line["status"] for line in lines]) == (code, [status, status])


def test_a_file_that_is_not_there_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    result, lines = run(monkeypatch, None, str(tmp_path / "none"))
    assert (result.exit_code != 0, lines) == (True, [])
