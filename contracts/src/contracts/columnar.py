"""Meter values by column: one Apache Arrow IPC stream a record, which means what `send-meter-values` in JSON means.

A column for each field of a series, a row for each series: `metering_point_id` (text, or 64-bit integers), `start`,
`end`, `registered_at` (timestamps with a time zone), `resolution` (text) and `values_wh` (lists of 32- or 64-bit
integers); and, where they are not as in JSON when left out, `direction`, `product`, `status` (text), `statuses`
(lists of {status, count}), `confirmed` (booleans) and `own` (structs, null where values are of the settlement meter).
Texts may be dictionary-encoded. Nothing else is null. The envelope's attributes stand in the schema's metadata, as
`ce_id`, `ce_source` and so on.

The stream's own compression is refused, because it tells only afterwards how much becomes of it: a record is packed as
a whole (`packed`). What is read is checked before it is looked at, and nothing is copied that need not be.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, get_args

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import ipc

from contracts import door_rules as rules
from contracts.columns import Columns as Columns  # noqa: PLC0414 - handed on
from contracts.columns import Common as Common  # noqa: PLC0414
from contracts.columns import Group as Group  # noqa: PLC0414
from contracts.columns import Whole as Whole  # noqa: PLC0414
from contracts.message import Refused
from contracts.meter_ingest.v1 import EnergyDirection, OwnMeter, Product, SentResolution, Series, StatusRun, ValueStatus
from contracts.validation import part_fault

MAX_SERIES: Final = 10_000
"""Of one record."""
MAX_VALUES: Final = 9999
"""Of one series."""

_STREAM: Final = b"\xff\xff\xff\xff"
_PREFIX: Final = b"ce_"
_DIGITS: Final = 18
_OWN: Final = pa.struct(
    [
        ("resource_id", pa.utf8()),
        ("device_id", pa.utf8()),
        ("clock_offset_ms", pa.int32()),
        ("missing", pa.list_(pa.struct([("first", pa.int32()), ("count", pa.int32())]))),
    ]
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
YEARS: Final = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))
"""Between which every moment lies that is worth looking at."""
TEXTS: Final[Mapping[str, tuple[Sequence[str], str | None]]] = {
    "resolution": (get_args(SentResolution), None),
    "direction": (get_args(EnergyDirection), "consumption"),
    "product": (get_args(Product), "active"),
    "status": (get_args(ValueStatus), "metered"),
}
"""What a text column may say, and what it says when it is left out."""
MOMENTS: Final = ("start", "end", "registered_at")
_NORSK: Final = (
    ("damaged or cut off", "skadet eller avkortet"),
    ("an Arrow IPC stream", "en Arrow IPC-strøm"),
    ("a stream without compression of its own", "en strøm uten egen komprimering"),
    ("compressed buffers", "komprimerte buffere"),
    ("a field of send-meter-values, once", "et felt i send-meter-values, én gang"),
    ("unknown or repeated", "ukjent eller gjentatt"),
    ("a value in every row", "en verdi i hver rad"),
    ("a whole number everywhere", "et helt tall overalt"),
    ("a whole number", "et helt tall"),
    ("a column", "en kolonne"),
    ("none", "ingen"),
    ("timestamps with a time zone", "tidspunkter med tidssone"),
    ("another year", "et annet år"),
    ("text or 64-bit integers", "tekst eller 64-bits heltall"),
    ("lists of 32- or 64-bit integers", "lister av 32- eller 64-bits heltall"),
    ("lists of {status, count}", "lister av {status, count}"),
    ("booleans", "boolske verdier"),
    ("text", "tekst"),
    ("at most", "høyst"),
    (" to ", " til "),
    (" values", " verdier"),
    (" series", " serier"),
    (" runs", " løp"),
)
DAMAGED: Final = (pa.ArrowException, struct.error, LookupError, OSError, MemoryError, RecursionError, ValueError)
"""What reading what is no stream, or no longer one, may raise."""
_TENS: Final = 10 ** np.arange(_DIGITS - 1, -1, -1, dtype=np.int64)
_COLUMNS: Final = frozenset({"metering_point_id", "values_wh", "statuses", "confirmed", "own", *TEXTS, *MOMENTS})


def is_arrow(content: bytes) -> bool:
    """Whether a record's content is an Arrow stream, by its first bytes."""
    return content.startswith(_STREAM)


def read(content: bytes) -> Columns:
    """The series of a stream. Raises `Refused` where it is none, or not as it should be: then nothing of it counts."""
    return of_table(opened(content))


def opened(content: bytes) -> Any:
    """The table of a stream. Raises `Refused` where it is none."""
    try:
        return _table(content)
    except DAMAGED:
        raise _unreadable() from None


def _unreadable() -> Refused:
    # Arrow's own words speak of its buffers.
    return _invalid("", "an Arrow IPC stream", "damaged or cut off")


def attributes_of(table: Any) -> dict[str, str]:
    """The envelope's attributes."""
    return {
        name.removeprefix(_PREFIX).decode("utf-8", "replace"): value.decode("utf-8", "replace")
        for name, value in (table.schema.metadata or {}).items()
        if name.startswith(_PREFIX)
    }


def of_table(table: Any) -> Columns:
    """The series of a table. Raises `Refused` where one is not as it should be."""
    try:
        return _of(table)
    except DAMAGED:
        raise _unreadable() from None


def _of(table: Any) -> Columns:
    count = table.num_rows
    if not 0 < count <= MAX_SERIES:
        raise _invalid("", f"1 to {MAX_SERIES} series", count)
    for name in table.column_names:
        if name not in _COLUMNS or table.column_names.count(name) > 1:
            raise _invalid(name[:100], "a field of send-meter-values, once", "unknown or repeated")
    texts = {name: _text(table, name, allowed, default) for name, (allowed, default) in TEXTS.items()}
    moments = {name: _moments(table, name) for name in MOMENTS}
    values, offsets = _values(table)
    return Columns(
        attributes=attributes_of(table),
        points=_points(_column(table, "metering_point_id")),
        values=values,
        offsets=offsets,
        groups=tuple(_groups(texts, moments, count)),
        statuses=dict(_statuses(table)),
        own=dict(_own(table)),
        confirmed=_confirmed(table),
    )


def write(series: Iterable[Series], attributes: Mapping[str, str]) -> bytes:
    """The same series by column."""
    found = list(series)
    stamp = pa.timestamp("us", tz="UTC")
    text = pa.dictionary(pa.int8(), pa.utf8())
    wide = any(one.values_wh and max(map(abs, one.values_wh)) > 2**31 - 1 for one in found)
    columns: dict[str, Any] = {
        "metering_point_id": pa.array([one.metering_point_id for one in found], pa.utf8()),
        "values_wh": pa.array([one.values_wh for one in found], pa.list_(pa.int64() if wide else pa.int32())),
    }
    for name in TEXTS:
        columns[name] = pa.array([getattr(one, name) for one in found], pa.utf8()).dictionary_encode().cast(text)
    for name in MOMENTS:
        columns[name] = pa.array([getattr(one, name) for one in found], stamp)
    if any(one.statuses for one in found):
        runs = [[run.model_dump() for run in one.statuses] for one in found]
        columns["statuses"] = pa.array(runs, pa.list_(pa.struct([("status", pa.utf8()), ("count", pa.int32())])))
    if any(one.own for one in found):
        own = [one.own.model_dump() if one.own else None for one in found]
        columns["own"] = pa.array(own, _OWN)
    if any(one.confirmed for one in found):
        columns["confirmed"] = pa.array([one.confirmed for one in found], pa.bool_())
    return packed_up(pa.table(columns), attributes)


def packed_up(table: Any, attributes: Mapping[str, str]) -> bytes:
    """A table as a stream, with an envelope's attributes."""
    table = table.replace_schema_metadata({f"ce_{name}": value for name, value in attributes.items()})
    sink = pa.BufferOutputStream()
    with ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


# The stream


def _table(content: bytes) -> Any:
    for message in _messages(content):
        if _compressed(message.metadata.to_pybytes()):
            raise _invalid("", "a stream without compression of its own", "compressed buffers")
    table = ipc.open_stream(content).read_all()
    table.validate(full=True)
    return table


def _messages(content: bytes) -> Iterator[Any]:
    reader = ipc.MessageReader.open_stream(content)
    while True:
        try:
            yield reader.read_next_message()
        except StopIteration:
            return


def _compressed(metadata: bytes) -> bool:
    """Whether a message's record batch says a compression; its metadata is a FlatBuffer (Arrow's `Message.fbs`)."""
    message = _Flat.root(metadata)
    kind = message.byte(1)
    header = message.table(2)
    if kind == _DICTIONARY_BATCH and header is not None:
        header = header.table(1)
        kind = _RECORD_BATCH
    return kind == _RECORD_BATCH and header is not None and header.table(3) is not None


_DICTIONARY_BATCH: Final = 2
_RECORD_BATCH: Final = 3


@dataclass(frozen=True, slots=True)
class _Flat:
    """A table of a FlatBuffer: its fields are found through offsets, and left out where these are 0."""

    raw: bytes
    at: int

    @classmethod
    def root(cls, raw: bytes) -> _Flat:
        return cls(raw, struct.unpack_from("<I", raw)[0])

    def _field(self, number: int) -> int:
        vtable = self.at - struct.unpack_from("<i", self.raw, self.at)[0]
        if vtable < 0:
            raise IndexError(vtable)
        size = struct.unpack_from("<H", self.raw, vtable)[0]
        place = 4 + 2 * number
        return struct.unpack_from("<H", self.raw, vtable + place)[0] if place < size else 0

    def byte(self, number: int) -> int:
        offset = self._field(number)
        return self.raw[self.at + offset] if offset else 0

    def table(self, number: int) -> _Flat | None:
        offset = self._field(number)
        if not offset:
            return None
        place = self.at + offset
        return _Flat(self.raw, place + struct.unpack_from("<I", self.raw, place)[0])


# Its columns


def _invalid(column: str, limit: str, actual: str | int) -> Refused:
    rule = rules.COLUMNS_INVALID
    reason = rule.reason(path=f"/{column}" if column else "", limit=limit, actual=actual)
    norwegian = rule.text_nb.format(limit=norsk(limit), actual=norsk(str(actual)))
    return Refused(reason.model_copy(update={"text_nb": norwegian}))


def norsk(expected: str) -> str:
    """What was expected of a column, or what stands there, in Norwegian; names and figures as they are."""
    for english, norwegian in _NORSK:
        expected = expected.replace(english, norwegian)
    return expected


def _column(table: Any, name: str) -> Any:
    if name not in table.column_names:
        raise _invalid(name, "a column", "none")
    found = table.column(name)
    if found.null_count:
        raise _invalid(name, "a value in every row", "null")
    return found.combine_chunks() if found.num_chunks != 1 else found.chunk(0)


def _text(table: Any, name: str, allowed: Sequence[str], default: str | None) -> Whole:
    """A text column as places in what is allowed."""
    if name not in table.column_names and default is not None:
        return np.full(table.num_rows, allowed.index(default), np.int64)
    column = _column(table, name)
    if not pa.types.is_dictionary(column.type):
        if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
            raise _invalid(name, "text", str(column.type)[:100])
        column = column.dictionary_encode()
    if not (pa.types.is_string(column.type.value_type) or pa.types.is_large_string(column.type.value_type)):
        raise _invalid(name, "text", str(column.type)[:100])
    if column.dictionary.null_count:
        raise _invalid(name, "a value in every row", "null")
    places = np.full(max(1, len(column.dictionary)), -1, np.int64)
    for place, said in enumerate(column.dictionary.to_pylist()):
        if said in allowed:
            places[place] = allowed.index(said)
    found = places[column.indices.to_numpy(zero_copy_only=False).astype(np.int64)]
    if found.min() < 0:
        wrong = column[int(np.argmin(found))].as_py()
        raise _invalid(name, ", ".join(allowed), str(wrong)[:100])
    return found


def _moments(table: Any, name: str) -> Whole:
    """A column of moments as microseconds since 1970."""
    column = _column(table, name)
    if not pa.types.is_timestamp(column.type) or column.type.tz is None:
        raise _invalid(name, "timestamps with a time zone", str(column.type)[:100])
    found = column.view(pa.int64()).to_numpy()
    per = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}[column.type.unit]
    first, last = (int((moment - _EPOCH).total_seconds()) * per for moment in YEARS)
    if found.min() < first or found.max() >= last:
        raise _invalid(name, f"{YEARS[0].year} to {YEARS[1].year - 1}", "another year")
    return found // 1_000 if per > 1_000_000 else found * (1_000_000 // per)


def _points(column: Any) -> Whole:
    """Metering point ids as numbers; 0 for what is none."""
    if column.type == pa.int64():
        found = column.to_numpy()
        return np.where((found > 0) & (found < 10**_DIGITS), found, 0)
    if column.type not in (pa.utf8(), pa.large_utf8()):
        raise _invalid("metering_point_id", "text or 64-bit integers", str(column.type)[:100])
    _, offsets, raw = column.buffers()
    width = np.int32 if column.type == pa.utf8() else np.int64
    places = np.frombuffer(offsets, width)[column.offset : column.offset + len(column) + 1]
    if raw is not None and (np.diff(places) == _DIGITS).all():
        digits = np.frombuffer(raw, np.uint8)[places[0] : places[-1]].reshape(-1, _DIGITS) - ord("0")
        return np.where((digits <= 9).all(axis=1), digits @ _TENS, 0)
    said = (text if len(text) == _DIGITS and text.isascii() and text.isdigit() else "0" for text in column.to_pylist())
    return np.fromiter(map(int, said), np.int64, len(column))


def _values(table: Any) -> tuple[NDArray[np.int32] | Whole, Whole]:
    column = _column(table, "values_wh")
    if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)) or column.type.value_type not in (
        pa.int32(),
        pa.int64(),
    ):
        raise _invalid("values_wh", "lists of 32- or 64-bit integers", str(column.type)[:100])
    inner = column.values
    offsets = column.offsets.to_numpy().astype(np.int64)
    if inner.null_count:
        raise _invalid("values_wh", "a whole number everywhere", "null")
    lengths = np.diff(offsets)
    if lengths.max() > MAX_VALUES:
        raise _invalid("values_wh", f"at most {MAX_VALUES} values", int(lengths.max()))
    return inner.to_numpy(), offsets


def _statuses(table: Any) -> Iterator[tuple[int, tuple[StatusRun, ...]]]:
    if "statuses" not in table.column_names:
        return
    for row, runs in enumerate(_column(table, "statuses").to_pylist()):
        if (wrong := wrong_runs(runs)) is not None:
            raise _invalid("statuses", *wrong)
        if runs:
            yield row, tuple(StatusRun.model_validate(run) for run in runs)


def wrong_runs(runs: Any) -> tuple[str, str] | None:
    """What is wrong with the statuses of one row: what was expected, and what stands there."""
    allowed = TEXTS["status"][0]
    if not isinstance(runs, list):
        return "lists of {status, count}", str(runs)[:100]
    if len(runs) > MAX_VALUES:
        return f"at most {MAX_VALUES} runs", str(len(runs))
    for run in runs:
        status, count = (run.get("status"), run.get("count")) if isinstance(run, dict) else (None, None)
        if status not in allowed or type(count) is not int or not 1 <= count <= MAX_VALUES or len(run) > 2:
            return "lists of {status, count}", str(run)[:100]
    return None


def _own(table: Any) -> Iterator[tuple[int, OwnMeter]]:
    if "own" not in table.column_names:
        return
    column = table.column("own")
    if not pa.types.is_struct(column.type):
        raise _invalid("own", "structs", str(column.type)[:100])
    for row, said in enumerate(column.to_pylist()):
        if said is not None:
            meter = own_meter(said)
            if meter is None:
                raise _invalid("own", "{resource_id, device_id, clock_offset_ms, missing}", str(said)[:100])
            yield row, meter


def own_meter(said: dict[str, Any]) -> OwnMeter | None:
    """The own meter that a struct names, as JSON does; what is null in it is left out. None where it names none."""
    given = {name: value for name, value in said.items() if value is not None}
    return None if part_fault(OwnMeter, given) is not None else OwnMeter.model_validate(given)


def _confirmed(table: Any) -> frozenset[int]:
    if "confirmed" not in table.column_names:
        return frozenset()
    column = _column(table, "confirmed")
    if column.type != pa.bool_():
        raise _invalid("confirmed", "booleans", str(column.type)[:100])
    return frozenset(np.flatnonzero(column.to_numpy(zero_copy_only=False)).tolist())


def _groups(texts: Mapping[str, Whole], moments: Mapping[str, Whole], count: int) -> Iterator[Group]:
    """Rows by what they have in common, in the order of their first."""
    keys = [*texts.values(), *moments.values()]
    if all(column[0] == column.min() == column.max() for column in keys):
        yield Group(_common(texts, moments, 0), np.arange(count))
        return
    _, first, which = np.unique(np.stack(keys, axis=1), axis=0, return_index=True, return_inverse=True)
    which = which.reshape(-1)
    order = np.argsort(which, kind="stable")
    bounds = np.searchsorted(which[order], np.arange(len(first) + 1))
    for group in np.argsort(first):
        rows = order[bounds[group] : bounds[group + 1]]
        yield Group(_common(texts, moments, int(rows[0])), rows)


def _common(texts: Mapping[str, Whole], moments: Mapping[str, Whole], row: int) -> Common:
    said: dict[str, Any] = {name: TEXTS[name][0][int(column[row])] for name, column in texts.items()}
    when: dict[str, Any] = {name: _EPOCH + timedelta(microseconds=int(column[row])) for name, column in moments.items()}
    return Common(**said, **when)
