"""Chunks of segments as files, a row per value: CSV packed by gzip or zstd, and Parquet. Vectors, no object per value.

The same chunks give the same bytes: no time stands in a file, and what it is written with has fixed settings.
"""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, Protocol

import pyarrow as pa
import pyarrow.parquet as pa_parquet
import zstandard

from meter_ingest.out import by_column, by_row
from meter_ingest.out.jobs import PART
from meter_ingest.out.order import Format
from meter_ingest.out.segments import Chunk, Segment

_LEVEL: Final = 1
"""Of gzip and zstd: the next ones take twice the time for a twentieth of the size."""
_BATCH: Final = 1 << 15
"""Values that are encoded at once."""
_ROWS: Final = 1 << 16


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


class _Parquet:
    def __init__(self, sink: Sink, *, versions: bool) -> None:
        self._versions = versions
        words = [field.name for field in by_column.COLUMNS[versions] if field.type == by_column.WORD]
        numbers = [field.name for field in by_column.COLUMNS[versions] if field.name not in words]
        # Its types know of neither that columns may be named, nor of encodings.
        made: Any = pa_parquet.ParquetWriter
        # Else each page waits for whoever is reading to let go of the interpreter.
        self._through = pa.BufferedOutputStream(pa.PythonFile(sink, mode="w"), 4 * PART)
        # Bytes must not hang on which version of the library writes its schema.
        self._to = made(
            self._through,
            by_column.COLUMNS[versions],
            compression="zstd",
            compression_level=_LEVEL,
            use_dictionary=words,
            # Minutes are nearly always alike: packing them by difference takes longer, and makes them no smaller.
            column_encoding={one: "PLAIN" if one == "minutes" else "DELTA_BINARY_PACKED" for one in numbers},
            write_statistics=["metering_point_id", "start"],
            store_schema=False,
            write_batch_size=_BATCH,
        )

    def write(self, chunk: Chunk) -> int:
        found = by_column.batch(chunk, versions=self._versions)
        if found.num_rows:
            self._to.write_batch(found, row_group_size=found.num_rows)
        return found.num_rows

    def close(self) -> None:
        self._to.close()
        self._through.flush()
        by_column.forget()


class _Csv:
    def __init__(self, sink: Sink, format_: Format, *, versions: bool) -> None:
        self._versions = versions
        packed: Any = zlib.compressobj(_LEVEL, zlib.DEFLATED, 31)
        if format_ == "csv.zst":
            packed = zstandard.ZstdCompressor(level=_LEVEL).compressobj()
        self._packed, self._sink = packed, sink
        self._beside = ThreadPoolExecutor(1, "csv")
        self._sink.write(packed.compress((",".join(by_column.COLUMNS[versions].names) + "\n").encode()))

    def write(self, chunk: Chunk) -> int:
        count = 0
        for rows, some in self._texts(chunk):
            self._sink.write(self._packed.compress(some))
            count += rows
        return count

    def _texts(self, chunk: Chunk) -> Iterator[tuple[int, Any]]:
        """Piece by piece; the next is made while one is packed, which takes longer."""
        under_way: Future[tuple[int, Any]] | None = None
        for piece in _pieces(chunk):
            following = self._beside.submit(by_row.text, piece, versions=self._versions)
            if under_way is not None:
                yield under_way.result()
            under_way = following
        if under_way is not None:
            yield under_way.result()

    def close(self) -> None:
        self._sink.write(self._packed.flush())
        self._beside.shutdown()
        by_column.forget()


def _pieces(chunk: Chunk) -> Iterator[Chunk]:
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
