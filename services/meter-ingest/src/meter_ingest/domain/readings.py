"""What was read of many points, by column: a row for each point, a column for each quarter that was read.

A verification looks at some twenty days of five hundred points, and adds them up again and again: objects of each point
and version would cost more than to fetch them. Whoever asks for one point is given its `Reading`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from meter_ingest.domain.left_out import LeftOut
from meter_ingest.domain.values import Quality, Reading

WORST: Final[tuple[Quality, ...]] = ("missing", "derived", "estimated", "measured")
RANK: Final = {quality: rank for rank, quality in enumerate(WORST)}
Ints = NDArray[np.int64]
_MOST_SERIES: Final = 32768
_SHARDS: Final = 32768
_NAMED: Final = [("point", "S18")]
_BEHIND: Final = [("day", "S11"), ("record", "S27"), ("series", "S5"), ("end", "S1")]


@dataclass(frozen=True, slots=True, eq=False)
class Used:
    """The versions that something counts by, by column."""

    row: Ints
    """Of which point."""
    day: Ints
    """Place in `days`."""
    days: tuple[str, ...]
    """In order."""
    shard: Ints
    position: Ints
    series: Ints
    salts: NDArray[Any]

    def of(self, row: int) -> Iterator[tuple[str, bytes]]:
        """Behind point and line, what a point's versions are called, and their salts."""
        here = np.flatnonzero(self.row == row)
        for at, salt in zip(here.tolist(), self.salts[here].tolist(), strict=True):
            name = f"{self.days[self.day[at]]}|{self.shard[at]}/{self.position[at]}|{self.series[at]}"
            yield name, salt


@dataclass(frozen=True, eq=False)
class Lined:
    """What was read of one line."""

    line: str
    points: tuple[str, ...]
    wh: Ints
    """0 where nothing came."""
    rank: NDArray[np.int8]
    """Quality, as a place in `WORST`."""
    used: Used | tuple[Reading, ...]
    """The versions; or what they are called, where no more is known of them."""
    left_out: tuple[LeftOut, ...] = ()
    """The days of points of which something came in another resolution than counts."""

    @cached_property
    def rows(self) -> dict[str, int]:
        """By point."""
        return {point: row for row, point in enumerate(self.points)}

    def reading(self, point: str) -> Reading:
        """Of one point."""
        row = self.rows[point]
        if not isinstance(self.used, Used):
            return self.used[row]
        ranks = self.rank[row].tolist()
        named = list(self.used.of(row))
        return Reading(
            tuple(wh if rank else None for wh, rank in zip(self.wh[row].tolist(), ranks, strict=True)),
            tuple(WORST[rank] for rank in ranks),
            tuple(sorted(f"{point}|{self.line}|{name}" for name, _ in named)),
            tuple(sorted({salt for _, salt in named})),
        )

    @property
    def salts(self) -> Iterable[bytes]:
        """Of all versions; neighbours that have the same are said once."""
        if isinstance(self.used, Used):
            return self.used.salts[changes(self.used.salts)].tolist()
        return chain.from_iterable(one.salts for one in self.used)


class Readings(Mapping[tuple[str, str], Reading]):
    """What was read, by point and line; all over the same quarters."""

    def __init__(self, lines: Iterable[Lined]) -> None:
        self.lines = {one.line: one for one in lines}

    def __getitem__(self, key: tuple[str, str]) -> Reading:
        point, line = key
        return self.lines[line].reading(point)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((point, line) for line, one in self.lines.items() for point in one.points)

    def __len__(self) -> int:
        return sum(len(one.points) for one in self.lines.values())

    def __contains__(self, key: object) -> bool:
        return isinstance(key, tuple) and key[1] in self.lines and key[0] in self.lines[key[1]].rows

    def salts(self) -> list[bytes]:
        """Of all versions that something counts by, sorted."""
        return sorted({salt for one in self.lines.values() for salt in one.salts})

    def names(self, held: Sequence[tuple[str, str]], others: Sequence[str]) -> bytes:
        """What all versions are called, sorted, a line each.

        With those of `held` (point and what is said of it, as `point:said`), and the others, which begin with a letter.
        """
        used = [(one, one.used) for one in self.lines.values() if isinstance(one.used, Used)]
        if len(used) < len(self.lines):
            plain = [name for one in self.values() for name in one.revisions]
            plain += [f"{point}:{said}" for point, said in held]
            return "\n".join(sorted((*plain, *others))).encode()
        return b"\n".join((*_listed(used, held), *(one.encode() for one in sorted(others))))


def of(readings: Mapping[tuple[str, str], Reading]) -> Readings:
    """The same by column."""
    if isinstance(readings, Readings):
        return readings
    by_line: dict[str, dict[str, Reading]] = {}
    for (point, line), one in readings.items():
        by_line.setdefault(line, {})[point] = one
    return Readings(
        Lined(
            line,
            tuple(some),
            np.array([[wh or 0 for wh in one.wh] for one in some.values()], np.int64),
            np.array([[RANK[quality] for quality in one.quality] for one in some.values()], np.int8),
            tuple(some.values()),
        )
        for line, some in by_line.items()
    )


# Names: tens of thousands of texts, which are only hashed


def _listed(used: Sequence[tuple[Lined, Used]], held: Sequence[tuple[str, str]]) -> Iterator[bytes]:
    """All in one text, sorted: as rows of texts of fixed length, of which the padding is taken out at the end.

    What is sorted are numbers: the texts are taken in their order. Behind them stands what is held, which comes first
    of a point.
    """
    lines = sorted(used, key=lambda one: one[0].line)
    some = [one for _, one in lines]
    if not held and not any(len(one.row) for one in some):
        return
    of_line = [*(one.points for one, _ in lines), [point for point, _ in held]]
    points, rank = np.unique(np.array([point for each in of_line for point in each], "S18"), return_inverse=True)
    ranks = np.split(rank, np.cumsum([len(each) for each in of_line[:-1]]))
    none = np.zeros(len(held), np.int64)
    point = np.concatenate([*(by[one.row] for by, one in zip(ranks[:-1], some, strict=True)), ranks[-1]])
    place = np.repeat(np.arange(len(some) + 1), [*(len(one.row) for one in some), len(held)])
    day = np.concatenate([*(one.day for one in some), none])
    record = np.concatenate([*(one.position * _SHARDS + one.shard for one in some), none])
    series = np.concatenate([*(one.series for one in some), none])
    days = max((one.days for one in some), key=len, default=())
    key = (point * (len(some) + 1) + (place + 1) % (len(some) + 1)) * (len(days) + 1) + day
    order = ordered(key)
    key = key[order]
    said = [f"|{one.line}|".encode() for one, _ in lines]
    made = np.zeros(len(key), [*_NAMED, ("line", f"S{_widest(lines, held)}"), *_BEHIND])
    made["point"] = points[point[order]]
    made["line"] = np.array([*said, b""])[place[order]]
    made["day"] = np.array([*(f"{one}|" for one in days), ""], "S11")[day[order]]
    made["record"] = _records(record)[order]
    made["series"] = _digits()[series[order]]
    made["end"] = b"\n"
    _tails(made, np.flatnonzero(key[1:] == key[:-1]))
    if held:
        # In the order in which they were given, of points that are all others.
        at = np.empty(len(key), np.int64)
        at[order] = np.arange(len(key))
        for name in ("day", "record", "series"):
            made[name][at[-len(held) :]] = b""
        made["line"][at[-len(held) :]] = [f":{one}".encode() for _, one in held]
    yield made.tobytes().translate(None, b"\0")[:-1]


def _widest(lines: Sequence[tuple[Lined, Used]], held: Sequence[tuple[str, str]]) -> int:
    return max((*(len(one.line) + 2 for one, _ in lines), *(len(said) + 1 for _, said in held)))


def _records(record: Ints) -> NDArray[Any]:
    """`shard/position|`: of few records, mostly, and neighbours of the same."""
    first = changes(record)
    met, which = np.unique(record[first], return_inverse=True)
    texts = np.array([f"{one % _SHARDS}/{one // _SHARDS}|" for one in met.tolist()] or ("",), "S27")
    return texts[which[np.cumsum(first) - 1]]


def changes(some: NDArray[Any]) -> NDArray[np.bool_]:
    """Where one is another than the one before it."""
    return np.concatenate((np.ones(min(1, len(some)), bool), some[1:] != some[:-1]))


def ordered(key: Ints) -> Ints:
    """The places of what has the least keys first, of equal ones in their order."""
    # Of small numbers numpy sorts without comparing.
    return np.argsort(key.astype(np.uint16) if key.max() <= np.iinfo(np.uint16).max else key, kind="stable")


@cache
def _digits() -> NDArray[Any]:
    return np.arange(_MOST_SERIES).astype("S5")


def _tails(made: NDArray[Any], twice: Ints) -> None:
    """Put in order, as texts, what stands behind a name that the next one has, too: several versions of one day."""
    at = 0
    while at < len(twice):
        first = last = int(twice[at])
        while at < len(twice) and twice[at] == last:
            last += 1
            at += 1
        some = made[first : last + 1]
        tails = np.strings.add(some["record"], some["series"])
        made[first : last + 1] = some[np.argsort(tails, kind="stable")]
