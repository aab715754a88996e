"""Chunks of segments as rows of CSV: words that are copied to where they belong, one column at a time."""

from __future__ import annotations

import functools
from typing import Any, Final

import numpy as np

from meter_ingest.out import by_column
from meter_ingest.out.segments import Chunk, Segment

_QUARTER: Final = 900
_FOUR: Final = 10_000
_ROOM: Final = 20
"""Bytes of the longest number of 64 bits."""


def text(chunk: Chunk, *, versions: bool) -> tuple[int, Any]:
    """How many rows of CSV, and their bytes: words that are copied to where they belong, one column at a time."""
    some = chunk.segments
    lengths = by_column.lengths_of(chunk)
    start = by_column.starts(chunk, lengths, 1)
    if not len(start):
        return 0, b""
    points = _words([f"{chunk.points[one.point]},{chunk.line},".encode() for one in some])
    quarters = start // _QUARTER
    first = int(quarters.min())
    times = _times(first, int(quarters.max()))
    endings = [_ending(one, versions).encode() for one in some]
    behind = np.fromiter(map(len, endings), np.int64, len(endings))
    before = points.itemsize + times.itemsize
    widths, numbers = _numbers(by_column.wh_of(chunk, lengths))
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
