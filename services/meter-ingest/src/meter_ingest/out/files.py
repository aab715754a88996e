"""Chunks of segments as files, a row per value: CSV packed by gzip or zstd, and Parquet. Vectors, no object per value.

The same chunks give the same bytes: no time stands in a file, and what it is written with has fixed settings.
"""

from __future__ import annotations

import hashlib
import io
import zlib
from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet
import zstandard

from meter_ingest.out.jobs import PART
from meter_ingest.out.order import Format
from meter_ingest.out.segments import Chunk

_LEVEL: Final = 1
"""Of gzip and zstd: the next ones take twice the time for a twentieth of the size."""
_QUARTER: Final = 900
_TIME: Final = pa.timestamp("ms", "UTC")
_WORD: Final = pa.dictionary(pa.int32(), pa.string())
_VALUES: Final = [
    ("metering_point_id", _WORD),
    ("line", _WORD),
    ("start", _TIME),
    ("minutes", pa.int16()),
    ("wh", pa.int64()),
    ("status", _WORD),
    ("origin", _WORD),
]
_MICROS: Final = pa.timestamp("us", "UTC")
_RECEIVED: Final = [("version", _WORD), ("received_at", _MICROS), ("registered_at", _MICROS)]
COLUMNS: Final = {False: pa.schema(_VALUES), True: pa.schema([*_VALUES, *_RECEIVED])}
"""By whether each value says which version it is of."""


class Writer(Protocol):
    """Writes chunks into a file."""

    def write(self, chunk: Chunk) -> int:
        """Write a chunk; how many values it has."""
        ...

    def close(self) -> None:
        """Write what ends the file."""
        ...


class Sink(io.RawIOBase):
    """What is written, hashed and cut into parts of one size."""

    def __init__(self) -> None:
        self.size = 0
        self._left = bytearray()
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """Of all that was written."""
        return self._digest.hexdigest()

    def writable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """How much was written."""
        return self.size

    def write(self, some: Any, /) -> int:
        """Take some bytes."""
        view = memoryview(some).cast("B")
        self.size += len(view)
        self._digest.update(view)
        self._left += view
        return len(view)

    def taken(self, *, last: bool = False) -> list[bytes]:
        """The whole parts that there are; at last what is left, too."""
        parts: list[bytes] = []
        while len(self._left) >= PART or (last and self._left):
            parts.append(bytes(self._left[:PART]))
            del self._left[:PART]
        return parts


def writer(format_: Format, sink: Sink, *, versions: bool) -> Writer:
    """A writer into a sink. `versions`: each value says which version it is of."""
    if format_ == "parquet":
        return _Parquet(sink, versions=versions)
    return _Csv(sink, format_, versions=versions)


def batch(chunk: Chunk, *, versions: bool) -> pa.RecordBatch:
    """A chunk by column."""
    some = chunk.segments
    lengths = np.fromiter((len(one.wh) // one.width for one in some), np.int64, len(some))
    count = int(lengths.sum())
    minutes = np.fromiter((one.minutes for one in some), np.int16, len(some))
    begins = np.fromiter((one.start for one in some), np.int64, len(some))
    seconds = minutes.astype(np.int64) * 60
    # Of each value: its segment's start and step, and how many there are before it in the segment.
    offsets = np.cumsum(lengths) - lengths
    start = np.repeat(begins - offsets * seconds, lengths)
    start += np.arange(count, dtype=np.int64) * (seconds[0] if _alike(minutes) else np.repeat(seconds, lengths))
    start *= 1000

    def words(each: Any) -> pa.DictionaryArray:
        known: dict[str, int] = {}
        numbers = np.fromiter((known.setdefault(one, len(known)) for one in each), np.int32, len(some))
        return pa.DictionaryArray.from_arrays(pa.array(np.repeat(numbers, lengths)), pa.array(list(known), pa.string()))

    places = np.fromiter((one.point for one in some), np.int32, len(some))
    columns: list[Any] = [
        pa.DictionaryArray.from_arrays(pa.array(np.repeat(places, lengths)), pa.array(chunk.points, pa.string())),
        pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), pa.array([chunk.line], pa.string())),
        pa.array(start).view(_TIME),
        pa.array(np.repeat(minutes, lengths)),
        pa.array(_wh(chunk, lengths)),
        words(one.status for one in some),
        words(one.origin for one in some),
    ]
    if versions:
        received = np.fromiter((one.received for one in some), np.int64, len(some))
        registered = np.fromiter((one.registered for one in some), np.int64, len(some))
        columns += [
            words(one.version for one in some),
            pa.array(np.repeat(received, lengths)).view(_MICROS),
            pa.array(np.repeat(registered, lengths)).view(_MICROS),
        ]
    return pa.RecordBatch.from_arrays(columns, schema=COLUMNS[versions])


def _alike(some: Any) -> bool:
    return len(some) > 0 and bool((some == some[0]).all())


def _wh(chunk: Chunk, lengths: Any) -> Any:
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


class _Parquet:
    def __init__(self, sink: Sink, *, versions: bool) -> None:
        self._versions = versions
        words = [field.name for field in COLUMNS[versions] if field.type == _WORD]
        numbers = [field.name for field in COLUMNS[versions] if field.name not in words]
        # Its types know of neither that columns may be named, nor of encodings.
        made: Any = pa_parquet.ParquetWriter
        # Bytes must not hang on which version of the library writes its schema.
        self._to = made(
            pa.PythonFile(sink, mode="w"),
            COLUMNS[versions],
            compression="zstd",
            compression_level=_LEVEL,
            use_dictionary=words,
            column_encoding=dict.fromkeys(numbers, "DELTA_BINARY_PACKED"),
            write_statistics=["metering_point_id", "start"],
            store_schema=False,
        )

    def write(self, chunk: Chunk) -> int:
        found = batch(chunk, versions=self._versions)
        if found.num_rows:
            self._to.write_batch(found, row_group_size=found.num_rows)
        return found.num_rows

    def close(self) -> None:
        self._to.close()


class _Csv:
    def __init__(self, sink: Sink, format_: Format, *, versions: bool) -> None:
        self._versions = versions
        packed: Any = zlib.compressobj(_LEVEL, zlib.DEFLATED, 31)
        if format_ == "csv.zst":
            packed = zstandard.ZstdCompressor(level=_LEVEL).compressobj()
        self._packed, self._sink = packed, sink
        self._sink.write(packed.compress((",".join(COLUMNS[versions].names) + "\n").encode()))

    def write(self, chunk: Chunk) -> int:
        found = batch(chunk, versions=self._versions)
        if found.num_rows:
            text = io.BytesIO()
            columns = [_text(column) for column in found.columns]
            options = pa_csv.WriteOptions(include_header=False, quoting_style="none", batch_size=64 * 1024)
            pa_csv.write_csv(pa.RecordBatch.from_arrays(columns, names=found.schema.names), text, options)
            self._sink.write(self._packed.compress(text.getbuffer()))
        return found.num_rows

    def close(self) -> None:
        self._sink.write(self._packed.flush())


def _text(column: Any) -> Any:
    """A column as CSV writes it fast: words and quarters are looked up, not made one by one."""
    if column.type == _WORD:
        return _looked_up(column.indices.to_numpy(), [word.as_py().encode() for word in column.dictionary])
    if column.type == _TIME:
        quarters = column.view(pa.int64()).to_numpy() // (1000 * _QUARTER)
        first = int(quarters.min())
        reach = np.arange(first, int(quarters.max()) + 1) * _QUARTER
        written = np.datetime_as_string(reach.astype("datetime64[s]"), unit="s")
        return _looked_up(quarters - first, [f"{one}Z".encode() for one in written])
    if pa.types.is_timestamp(column.type):
        moments, numbers = np.unique(column.view(pa.int64()).to_numpy(), return_inverse=True)
        written = np.datetime_as_string(moments.astype("datetime64[us]"), unit="us")
        return _looked_up(numbers, [f"{one}Z".encode() for one in written])
    return column


def _looked_up(numbers: Any, words: list[bytes]) -> Any:
    """Words by their numbers; those of one length, as nearly all are, by copying bytes alone."""
    if len({len(word) for word in words}) != 1:
        return pa.array([word.decode() for word in words]).take(pa.array(numbers))
    width = len(words[0])
    found = np.array(words, f"S{width}")[numbers]
    offsets = np.arange(0, (len(found) + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(len(found), pa.py_buffer(offsets), pa.py_buffer(found))
