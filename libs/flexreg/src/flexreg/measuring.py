"""Files of meter values as records: JSON, EMIF XML or Arrow, packed or not, by their content. Pure, but for new ids.

What is sent knows which series it holds, so that a receipt's rows can be told series by series.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import zstandard

from contracts import door, packed
from contracts.emif import acknowledging, reading
from contracts.message import Refused
from contracts.meter_ingest.v1 import Acknowledgement
from contracts.values import time_text
from flexreg import outgoing, types
from flexreg.outgoing import Head, Outgoing
from flexreg.problem import Problem

MOST: Final = 512 * 1024 * 1024
"""What a file may hold, unpacked: all of it is read before anything is sent."""
QUARANTINED: Final = "SERIES_QUARANTINED"
"""The code of a series that is kept aside."""
SERIES: Final = 1000
"""Of one record."""
_ARROW: Final = (b"ARROW1", b"\xff\xff\xff\xff")
"""How an Arrow file begins, and a stream."""
_FORMS: Final = "give JSON, JSON lines, EMIF XML or Arrow, packed or not"
_PLACE: Final = re.compile(r"(?:/data)?/(?:series|PayloadEnergyTimeSeries)/([0-9]+)(?:/|$)").match
"""How a reason's path names a series."""
_ITS_PLACE: Final = re.compile(r"^((?:/data)?/(?:series|PayloadEnergyTimeSeries)/)[0-9]+").sub
_NAMED: Final = ("metering_point_id", "direction", "product", "resolution", "start", "end")


class UnableToRead(Problem):
    """A file holds no meter values."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One record and the series in it."""

    record: Outgoing
    file: str
    series: tuple[dict[str, Any], ...]
    """What each is of: point, direction, resolution, period; in the order of the receipt's rows."""
    document: reading.Document | None = None
    """Of XML, for its acknowledgements."""


def records(name: str, raw: bytes, *, gln: str, at: datetime, confirmed: bool = False) -> Iterator[Sent]:
    """The records of a file. `confirmed`: the sender stands by every series in it. Raises `UnableToRead`."""
    try:
        content = packed.unpack(raw, most=MOST)
    except Refused as refused:
        raise UnableToRead(f"{name}: {refused.reasons[0].text_en}", refused.reasons[0].fix_en) from None
    if not content.strip():
        raise UnableToRead(f"{name} is empty", _FORMS)
    if len(content) > MOST:
        raise UnableToRead(f"{name} holds more than {MOST} bytes", "divide it")
    if reading.is_xml(content):
        for part in reading.split(content):
            if confirmed:
                yield from _as_json(name, {"data": {"series": _confirmed(name, part, at)}}, gln=gln, at=at)
            else:
                yield _document(name, part)
        return
    if content.startswith(_ARROW):
        yield from _by_column(name, content, gln=gln, at=at, confirmed=confirmed)
        return
    for found in _parsed(name, content):
        yield from _as_json(name, found, gln=gln, at=at, confirmed=confirmed)


def _as_json(name: str, found: Any, *, gln: str, at: datetime, confirmed: bool = False) -> Iterator[Sent]:
    for command in _commands(name, found):
        series = command["data"]["series"]
        if confirmed:
            series = [{**one, "confirmed": True} if isinstance(one, dict) else one for one in series]
            command = {**command, "data": {**command["data"], "series": series}}  # noqa: PLW2901 - the same, confirmed
        record = outgoing.single(outgoing.filled(command, gln=gln, at=at))
        if len(record.body) > door.MAX_BYTES:
            error = f"{name}: a message of {len(record.body)} bytes is too large for a record; divide it"
            record = replace(record, error=error)
        yield Sent(record, name, tuple(_named(one) for one in series))


def _confirmed(name: str, raw: bytes, at: datetime) -> list[dict[str, Any]]:
    """A document's series, to be sent as JSON, which can say that they are confirmed; EMIF cannot."""
    try:
        found = reading.read(raw)
    except Refused as refused:
        raise UnableToRead(f"{name}: {refused.reasons[0].text_en}", refused.reasons[0].fix_en) from None
    wrong = [*found.faults, *(one.fault for one in found.payloads if one.fault is not None)]
    if wrong:
        first = wrong[0]
        raise UnableToRead(
            f"{name}: what is wrong cannot be confirmed ({first.code}, {first.path}: {first.actual})",
            "send it without --confirmed, or mend it",
        )
    whole = ((one.series, one.registered) for one in found.payloads if one.series is not None)
    said = (one if registered else one.model_copy(update={"registered_at": at}) for one, registered in whole)
    return [one.model_dump(mode="json") | {"confirmed": True} for one in said]


def told(sent: Sent, receipt: Mapping[str, Any] | None, error: str) -> Iterator[dict[str, Any]]:
    """What came of each series: the receipt's status, or that of its row, with the reason.

    A receipt says each warning once with its figures, at the first series that it is about: there it is told.
    """
    reasons: Sequence[dict[str, Any]] = (receipt or {}).get("reasons", ())
    rows = {row["row"]: row for row in (receipt or {}).get("rows", ())}
    warnings: dict[int, list[dict[str, Any]]] = {}
    for reason in reasons:
        if (named := _PLACE(reason.get("path") or "")) is not None:
            warnings.setdefault(int(named[1]), []).append(reason)
    whole: dict[str, Any] = {"status": "not-sent" if error else "unanswered"} | ({"error": error} if error else {})
    if receipt is not None:
        refused = receipt["status"] == "rejected" and not rows
        whole = {"status": "rejected", "reasons": list(reasons)} if refused else {"status": "accepted"}
    payloads = sent.document.payloads if sent.document is not None else ()
    codes = {one["payload"]: one["reasons"] for one in (receipt or {}).get("acknowledgements", ())}
    for place, series in enumerate(sent.series or ({},)):
        said = {"file": sent.file, "id": sent.record.heads[0].id, "row": place, **series}
        if place < len(payloads) and (elhub := codes.get(payloads[place].id)):
            said["elhub"] = elhub
        row = rows.get(place)
        if row is None:
            seen = warnings.get(place) if whole["status"] == "accepted" else None
            yield said | whole | ({"warnings": seen} if seen else {})
            continue
        fault = payloads[place].fault if place < len(payloads) else None
        reason = _reason(row, reasons) if fault is None else _of_payload(fault)
        status = "quarantined" if row["code"] == QUARANTINED else "rejected"
        yield said | {"status": status, "reasons": [reason | {"code": row["code"], "actual": row.get("actual")}]}


def _reason(row: Mapping[str, Any], reasons: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The reason of a row: its own, or the one with its figures, which is about other series as well.

    Where a receipt has too many to say each, it is one of the same code, without the figures.
    """
    of_code = [one for one in reasons if one["code"] == row["code"]]
    for one in of_code:
        if (named := _PLACE(one.get("path") or "")) is not None and int(named[1]) == row["row"]:
            return one
    alike = next((one for one in of_code if len(of_code) == 1 or one.get("actual") == row.get("actual")), None)
    if alike is not None:
        return alike | {"path": _ITS_PLACE(rf"\g<1>{row['row']}", alike.get("path") or "")}
    return {name: of_code[0][name] for name in ("rule", "fix_nb", "fix_en") if name in of_code[0]} if of_code else {}


def _of_payload(fault: reading.Fault) -> dict[str, Any]:
    """What is wrong with a payload, as a receipt says it where there are not too many."""
    reason = door.EMIF_SERIES_INVALID.reason(path=fault.path, limit=fault.limit, actual=fault.actual)
    return reason.model_dump(mode="json")


def acknowledgements(sent: Sent, receipt: Mapping[str, Any], *, at: datetime) -> Iterator[bytes]:
    """A receipt's acknowledgements as EMIF documents, from whom the document was for to whom it was from."""
    if sent.document is None:
        return
    for one in receipt.get("acknowledgements", ()):
        yield acknowledging.acknowledgement(
            Acknowledgement.model_validate(one),
            id_=outgoing.new_id(),
            document=sent.document.id,
            sender=sent.document.recipient,
            recipient=sent.document.sender,
            at=at,
        )


def _by_column(name: str, content: bytes, *, gln: str, at: datetime, confirmed: bool = False) -> Iterator[Sent]:
    """As many rows a record as fit into one, whatever the file was made of."""
    import pyarrow as pa  # noqa: PLC0415 - large, and needed only where columns are sent
    from pyarrow import ipc  # noqa: PLC0415

    from contracts import columnar  # noqa: PLC0415

    try:
        table = (ipc.open_file if content.startswith(_ARROW[0]) else ipc.open_stream)(content).read_all()
        table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        why = str(error).partition("\n")[0][:200]
        raise UnableToRead(f"{name}: {why}", "give an Arrow file or stream that is whole") from None
    if confirmed:
        others = table.drop_columns(["confirmed"]) if "confirmed" in table.column_names else table
        table = others.append_column("confirmed", pa.array([True] * table.num_rows, pa.bool_()))
    named = [column for column in _NAMED if column in table.column_names]
    first, rows = 0, columnar.MAX_SERIES
    while first < table.num_rows:
        part = table.slice(first, rows)
        head = outgoing.filled({"type": types.METER_VALUES, "subject": name[:200], "data": {}}, gln=gln, at=at)
        attributes = {key: value for key, value in head.items() if isinstance(value, str) and key != "datacontenttype"}
        body = columnar.packed_up(part, attributes)
        if len(body) > door.MAX_BYTES:
            body = zstandard.compress(body) if len(body) <= packed.MAX_UNPACKED else body
        if len(body) > door.MAX_BYTES and part.num_rows > 1:
            rows = part.num_rows // 2
            continue
        error = f"{name}: a series is too large for a record" if len(body) > door.MAX_BYTES else ""
        series = tuple({key: _said(value) for key, value in row.items()} for row in part.select(named).to_pylist())
        record = Outgoing(
            body, (Head(head["id"], types.METER_VALUES, head["subject"]),), meter_values=True, error=error
        )
        yield Sent(record, name, series)
        first += part.num_rows


def _said(value: Any) -> Any:
    return time_text(value) if isinstance(value, datetime) else value


def _document(name: str, raw: bytes) -> Sent:
    """A document as it is, packed where it would be too large otherwise."""
    body = raw if len(raw) <= door.MAX_BYTES else gzip.compress(raw, mtime=0)
    error = ""
    if len(raw) > packed.MAX_UNPACKED or len(body) > door.MAX_BYTES:
        error = f"{name}: a document of {len(raw)} bytes is too large; divide it"
    try:
        found = reading.read(raw)
    except Refused:
        # The door says why, in a receipt.
        return Sent(Outgoing(body, (Head("", types.METER_VALUES),), meter_values=True, error=error), name, ())
    series = tuple(
        _named(one.series.model_dump(mode="json")) if one.series is not None else {"payload": one.id}
        for one in found.payloads
    )
    head = Head(found.id, types.METER_VALUES, found.id)
    return Sent(Outgoing(body, (head,), meter_values=True, error=error), name, series, found)


def _parsed(name: str, content: bytes) -> Iterator[Any]:
    """One JSON text, or one a line."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnableToRead(f"{name} is not text in UTF-8, nor XML, Arrow, gzip or zstd", _FORMS) from None
    try:
        found = _json(text)
    except ValueError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise UnableToRead(f"{name} is neither JSON nor XML ({error})", _FORMS) from None
    else:
        yield found
        return
    for number, line in enumerate(lines, 1):
        try:
            yield _json(line)
        except ValueError as error:
            raise UnableToRead(f"{name}, line {number}: {error}", "give one JSON object a line") from None


def _json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _commands(name: str, found: Any) -> Iterator[dict[str, Any]]:
    """An envelope as it is; series, however they are wrapped, by the thousand."""
    if (
        isinstance(found, dict)
        and isinstance(found.get("data"), dict)
        and isinstance(found["data"].get("series"), list)
    ):
        yield {"type": types.METER_VALUES, "subject": name, **found}
        return
    series = found.get("series", [found]) if isinstance(found, dict) else found
    if not isinstance(series, list) or not all(isinstance(one, dict) and "values_wh" in one for one in series):
        raise UnableToRead(f"{name} holds something else than series of values", "`flexreg types send-meter-values`")
    for part in _parts(series):
        yield {"type": types.METER_VALUES, "subject": name[:200], "data": {"series": part}}


def _parts(series: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    part: list[dict[str, Any]] = []
    size = 0
    for one in series:
        more = len(json.dumps(one))
        if part and (len(part) == SERIES or size + more > door.MAX_BYTES - 2000):
            yield part
            part, size = [], 0
        part.append(one)
        size += more + 1
    if part:
        yield part


def _named(series: Any) -> dict[str, Any]:
    return {name: series[name] for name in _NAMED if name in series} if isinstance(series, dict) else {}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found
