"""Chunks of segments by column: vectors, no object per value.

Mostly a chunk is laid out as the last was, whole months of the same step: all but its values is kept until a file ends.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import pyarrow as pa

from meter_ingest.out.segments import Chunk

_TIME: Final = pa.timestamp("ms", "UTC")
WORD: Final = pa.dictionary(pa.int32(), pa.string())
_VALUES: Final = [
    ("metering_point_id", WORD),
    ("line", WORD),
    ("start", _TIME),
    ("wh", pa.int64()),
    ("minutes", pa.int16()),
    ("status", WORD),
    ("origin", WORD),
]
_MICROS: Final = pa.timestamp("us", "UTC")
_RECEIVED: Final = [("version", WORD), ("received_at", _MICROS), ("registered_at", _MICROS)]
COLUMNS: Final = {
    versions: pa.schema([pa.field(name, type_, nullable=False) for name, type_ in columns])
    for versions, columns in ((False, _VALUES), (True, [*_VALUES, *_RECEIVED]))
}
"""By whether each value says which version it is of. Nothing is null: what is not there has no row."""


def batch(chunk: Chunk, *, versions: bool) -> pa.RecordBatch:
    """A chunk by column."""
    some = chunk.segments
    lengths = lengths_of(chunk)

    def repeated(each: Iterable[Any], type_: Any) -> Any:
        return pa.array(_repeated(np.fromiter(each, type_, len(some)).tobytes(), type_, lengths.tobytes()))

    def words(each: Iterable[int], known: Iterable[str]) -> pa.DictionaryArray:
        # Its types know of no such argument. The numbers are places in what is known.
        made: Any = pa.DictionaryArray.from_arrays
        return made(repeated(each, np.int32), pa.array(known, pa.string()), safe=False)

    def alike(each: Iterable[str]) -> pa.DictionaryArray:
        known: dict[str, int] = {}
        numbers = [known.setdefault(one, len(known)) for one in each]
        return words(numbers, list(known))

    columns: list[Any] = [
        words((one.point for one in some), chunk.points),
        words((0 for _ in some), [chunk.line]),
        pa.array(starts(chunk, lengths, 1000)).view(_TIME),
        pa.array(wh_of(chunk, lengths)),
        repeated((one.minutes for one in some), np.int16),
        alike(one.status for one in some),
        alike(one.origin for one in some),
    ]
    if versions:
        columns += [
            alike(one.version for one in some),
            repeated((one.received for one in some), np.int64).view(_MICROS),
            repeated((one.registered for one in some), np.int64).view(_MICROS),
        ]
    return pa.RecordBatch.from_arrays(columns, schema=COLUMNS[versions])


def lengths_of(chunk: Chunk) -> Any:
    """How many values each segment has."""
    return np.fromiter((len(one.wh) // one.width for one in chunk.segments), np.int64, len(chunk.segments))


def starts(chunk: Chunk, lengths: Any, parts: int) -> Any:
    """When the step of each value begins, in so many parts of a second since 1970."""
    some = chunk.segments
    begins = np.fromiter((one.start * parts for one in some), np.int64, len(some))
    steps = np.fromiter((one.minutes * 60 * parts for one in some), np.int64, len(some))
    return _stepped(begins.tobytes(), steps.tobytes(), lengths.tobytes())


@functools.lru_cache(maxsize=2)
def _stepped(begins: bytes, steps: bytes, lengths: bytes) -> Any:
    begin, step, length = (np.frombuffer(one, np.int64) for one in (begins, steps, lengths))
    # Of each value: its segment's start and step, and how many there are before it in the segment.
    found = np.repeat(begin - (np.cumsum(length) - length) * step, length)
    places = np.arange(len(found), dtype=np.int64)
    found += places * (step[0] if _alike(step) else np.repeat(step, length))
    found.flags.writeable = False
    return found


@functools.lru_cache(maxsize=8)
def _repeated(some: bytes, type_: Any, lengths: bytes) -> Any:
    """What is said of each segment, for each of its values."""
    found = np.repeat(np.frombuffer(some, type_), np.frombuffer(lengths, np.int64))
    found.flags.writeable = False
    return found


def forget() -> None:
    """Keep nothing between files."""
    _stepped.cache_clear()
    _repeated.cache_clear()


def _alike(some: Any) -> bool:
    return len(some) > 0 and bool((some == some[0]).all())


def wh_of(chunk: Chunk, lengths: Any) -> Any:
    """All values in their order: nearly always the bytes of the store, one behind the other."""
    some = chunk.segments
    if all(one.width == 4 for one in some):
        return np.frombuffer(b"".join([one.wh for one in some]), "<i4").astype(np.int64)
    wh = np.empty(int(lengths.sum()), np.int64)
    at = 0
    for one in some:
        found = np.frombuffer(one.wh, "<i4" if one.width == 4 else "<i8")
        wh[at : at + len(found)] = found
        at += len(found)
    return wh
