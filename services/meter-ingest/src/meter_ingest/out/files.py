"""Chunks of segments as files, a row per value: CSV packed by gzip or zstd, and Parquet. Vectors, no object per value.

The same chunks give the same bytes: no time stands in a file, and what it is written with has fixed settings.
"""

from __future__ import annotations

import functools
import hashlib
import io
import zlib
from collections.abc import Iterable
from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pa_parquet
import zstandard

from meter_ingest.out.jobs import PART
from meter_ingest.out.order import Format
from meter_ingest.out.segments import Chunk, Segment

_LEVEL: Final = 1
"""Of gzip and zstd: the next ones take twice the time for a twentieth of the size."""
_BATCH: Final = 1 << 15
"""Values that are encoded at once."""
_QUARTER: Final = 900
_FOUR: Final = 10_000
_ROWS: Final = 1 << 16
_ROOM: Final = 20
"""Bytes of the longest number of 64 bits."""
_TIME: Final = pa.timestamp("ms", "UTC")
_WORD: Final = pa.dictionary(pa.int32(), pa.string())
_VALUES: Final = [
    ("metering_point_id", _WORD),
    ("line", _WORD),
    ("start", _TIME),
    ("wh", pa.int64()),
    ("minutes", pa.int16()),
    ("status", _WORD),
    ("origin", _WORD),
]
_MICROS: Final = pa.timestamp("us", "UTC")
_RECEIVED: Final = [("version", _WORD), ("received_at", _MICROS), ("registered_at", _MICROS)]
COLUMNS: Final = {
    versions: pa.schema([pa.field(name, type_, nullable=False) for name, type_ in columns])
    for versions, columns in ((False, _VALUES), (True, [*_VALUES, *_RECEIVED]))
}
"""By whether each value says which version it is of. Nothing is null: what is not there has no row."""


class Writer(Protocol):
    """Writes chunks into a file. What is laid out while it is written is another's piece."""

    def pieces(self, chunk: Chunk) -> Iterable[Chunk]:
        """A chunk as it is laid out, piece by piece."""
        ...

    def lay(self, piece: Chunk) -> Any:
        """A piece as it is to be written; the writer stays as it is."""
        ...

    def write(self, laid: Any) -> int:
        """Write the next piece; how many values it has."""
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
    lengths = _lengths(chunk)

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
        pa.array(_starts(chunk, lengths, 1000)).view(_TIME),
        pa.array(_wh(chunk, lengths)),
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


def _lengths(chunk: Chunk) -> Any:
    """How many values each segment has."""
    return np.fromiter((len(one.wh) // one.width for one in chunk.segments), np.int64, len(chunk.segments))


def _starts(chunk: Chunk, lengths: Any, parts: int) -> Any:
    """When the step of each value begins, in so many parts of a second since 1970."""
    some = chunk.segments
    begins = np.fromiter((one.start * parts for one in some), np.int64, len(some))
    steps = np.fromiter((one.minutes * 60 * parts for one in some), np.int64, len(some))
    return _stepped(begins.tobytes(), steps.tobytes(), lengths.tobytes())


@functools.lru_cache(maxsize=2)
def _stepped(begins: bytes, steps: bytes, lengths: bytes) -> Any:
    """From where each segment begins, step by step. One chunk of whole months is laid out as the last was."""
    begin, step, length = (np.frombuffer(one, np.int64) for one in (begins, steps, lengths))
    # Of each value: its segment's start and step, and how many there are before it in the segment.
    found = np.repeat(begin - (np.cumsum(length) - length) * step, length)
    places = np.arange(len(found), dtype=np.int64)
    found += places * (step[0] if _alike(step) else np.repeat(step, length))
    found.flags.writeable = False
    return found


@functools.lru_cache(maxsize=8)
def _repeated(some: bytes, type_: Any, lengths: bytes) -> Any:
    """A number of each segment for each of its values. Mostly as in the last chunk: there is one status, and one step."""
    found = np.repeat(np.frombuffer(some, type_), np.frombuffer(lengths, np.int64))
    found.flags.writeable = False
    return found


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
            # Minutes are nearly always alike: packing them by difference takes longer, and makes them no smaller.
            column_encoding={one: "PLAIN" if one == "minutes" else "DELTA_BINARY_PACKED" for one in numbers},
            write_statistics=["metering_point_id", "start"],
            store_schema=False,
            write_batch_size=_BATCH,
        )

    def pieces(self, chunk: Chunk) -> Iterable[Chunk]:
        return (chunk,)

    def lay(self, piece: Chunk) -> pa.RecordBatch:
        return batch(piece, versions=self._versions)

    def write(self, laid: pa.RecordBatch) -> int:
        if laid.num_rows:
            self._to.write_batch(laid, row_group_size=laid.num_rows)
        return laid.num_rows

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

    def pieces(self, chunk: Chunk) -> Iterable[Chunk]:
        """So few segments at once that what is made of them stays in the processor's cache."""
        some: list[Segment] = []
        count = 0
        for one in chunk.segments:
            some.append(one)
            count += len(one.wh) // one.width
            if count >= _ROWS:
                yield Chunk(chunk.line, chunk.points, some)
                some, count = [], 0
        if some:
            yield Chunk(chunk.line, chunk.points, some)

    def lay(self, piece: Chunk) -> tuple[int, Any]:
        return _text(piece, versions=self._versions)

    def write(self, laid: tuple[int, Any]) -> int:
        count, some = laid
        self._sink.write(self._packed.compress(some))
        return count

    def close(self) -> None:
        self._sink.write(self._packed.flush())


def _text(chunk: Chunk, *, versions: bool) -> tuple[int, Any]:
    """How many rows of CSV, and their bytes: words that are copied to where they belong, one column at a time."""
    some = chunk.segments
    lengths = _lengths(chunk)
    start = _starts(chunk, lengths, 1)
    if not len(start):
        return 0, b""
    points = _words([f"{chunk.points[one.point]},{chunk.line},".encode() for one in some])
    quarters = start // _QUARTER
    first = int(quarters.min())
    times = _times(first, int(quarters.max()))
    endings = [_ending(one, versions).encode() for one in some]
    behind = np.fromiter(map(len, endings), np.int64, len(endings))
    before = points.itemsize + times.itemsize
    widths, numbers = _numbers(_wh(chunk, lengths))
    ends = np.cumsum(np.repeat(behind + before, lengths) + widths)
    size = int(ends[-1])
    out: Any = np.empty(size + _ROOM, np.uint8)
    ends -= np.repeat(behind, lengths)
    # What stands in a word behind its number is written over by what comes after it in the row, and in the next.
    for places, at, words in numbers:
        _put(out, (ends - widths if places is None else ends[places] - widths[places]) + at, words)
    for length in np.unique(behind):
        alike = behind == length
        words = _words([one for one, is_ in zip(endings, alike, strict=True) if is_])
        each = words[:1] if (words == words[0]).all() else np.repeat(words, lengths[alike])
        _put(out, ends if alike.all() else ends[np.repeat(alike, lengths)], each)
    ends -= widths
    ends -= before
    _put(out, ends, np.repeat(points, lengths))
    ends += points.itemsize
    _put(out, ends, times[quarters - first])
    return len(start), memoryview(out)[:size]


def _put(out: Any, places: Any, words: Any) -> None:
    """Copy words of one length, each to its place."""
    size = words.dtype.itemsize
    # Every place at which a word could begin: each a byte behind the last.
    np.ndarray((len(out) - size + 1,), f"V{size}", out, strides=(1,))[places] = words


def _words(words: list[bytes]) -> Any:
    """Words of one length, as bytes to be copied."""
    return np.array(words).view(f"V{len(words[0])}")


def _numbers(wh: Any) -> tuple[Any, list[tuple[Any, Any, Any]]]:
    """Whole numbers as text: how long each is; and which of them (None: all) begin how far in with which words.

    Nearly all have up to four digits, and nearly all others up to eight: two words of four.
    """
    small, padded, widths = _fours()
    if wh.min() >= 0 and wh.max() < _FOUR:
        return widths[wh], [(None, 0, small[wh])]
    high, low = np.divmod(wh, _FOUR)
    large = np.flatnonzero(high)
    low, high = low[large], high[large]
    head = wh.copy()
    head[large] = np.where((high < 0) | (high >= _FOUR), 0, high)
    width = widths[head]
    pieces = [(None, 0, small[head]), (large, width[large], padded[low])]
    width[large] += 4
    if len(rare := np.flatnonzero((wh < 0) | (wh >= _FOUR * _FOUR))):
        words = wh[rare].astype(f"S{_ROOM}")
        width[rare] = np.char.str_len(words)
        pieces.append((rare, 0, words.view(f"V{_ROOM}")))
    return width, pieces


@functools.lru_cache(maxsize=8)
def _times(first: int, last: int) -> Any:
    """The moments of so many quarters since 1970, as words."""
    some = (np.arange(first, last + 1) * _QUARTER).astype("datetime64[s]")
    return _words([f"{one}Z,".encode() for one in np.datetime_as_string(some)])


@functools.cache
def _fours() -> tuple[Any, Any, Any]:
    """The numbers of up to four digits as words of four, as they are and with zeros before; and how long they are."""
    small = np.array([str(n).encode() for n in range(_FOUR)], "S4")
    padded = np.array([b"%04d" % n for n in range(_FOUR)], "S4")
    return small.view("V4"), padded.view("V4"), np.char.str_len(small)


def _ending(one: Segment, versions: bool) -> str:
    """What stands behind the value, which is the same of all values of a segment."""
    said = f",{one.minutes},{one.status},{one.origin}"
    if versions:
        said += f",{one.version},{_moment(one.received)},{_moment(one.registered)}"
    return said + "\n"


def _moment(micros: int) -> str:
    return f"{np.datetime64(micros, 'us')}Z"
