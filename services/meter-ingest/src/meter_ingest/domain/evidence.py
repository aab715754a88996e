"""What each point of an activation is evidence of, quarter by quarter (`metering.md` §6.6, D19, MV-23).

In a quarter of the activation a point is as good as the worst of that quarter and of the quarters that its baseline is
made from. It is looked at in the quarters in which its BSP holds it, and counts in those of them in which it misses
nothing; never as zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meter_ingest.domain.readings import RANK, WORST, Ints, Lined, Readings
from meter_ingest.domain.values import Quality

LINES = ("consumption", "production")
"""Only active energy, at the settlement meter."""
_BEST = RANK["measured"]


@dataclass(frozen=True, slots=True)
class Places:
    """Where in what was read stand the activation's quarters, and those that its baseline needs; of how many."""

    own: range
    needed: tuple[int, ...]
    count: int


@dataclass(slots=True)
class Evidence:
    """One point. Wh of consumption, production counting negative."""

    point: str
    row: int
    """Its place among those that are looked at."""
    wh: tuple[int | None, ...]
    """The activation's quarters."""
    before: int | None
    after: int | None
    quality: tuple[Quality | None, ...]
    """Of each quarter of the activation; None in those in which it is not looked at."""
    counts: tuple[bool, ...]
    baseline_energy: int
    """All that is known of its baseline's quarters, whether or not it counts (MV-23); of its own, where it has none."""

    @property
    def worst(self) -> Quality:
        """What it is as a whole."""
        return WORST[min(RANK[one] for one in self.quality if one is not None)]


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What was read of points, a row each in their order, and what each is evidence of."""

    points: list[Evidence]
    lines: tuple[NDArray[np.bool_], ...]
    """Which points have each of `LINES`."""
    wh: tuple[Ints, ...]
    """0 where a point misses a quarter, or has no such line."""
    rank: tuple[NDArray[np.int8], ...]
    """Quality by line, as a place in `WORST`; the best where a point has no such line."""
    worst: NDArray[np.int8]
    """Of both."""


def of_points(found: Readings, held: Mapping[str, Sequence[bool]], places: Places) -> Looked:
    """From what was read of points' lines, in the quarters that their BSP holds them. `held` in the order asked."""
    named = tuple(held)
    read = [_aligned(found.lines.get(line), named, places.count) for line in LINES]
    lines, wh, rank = (tuple(each) for each in zip(*read, strict=True))
    worst = np.where((lines[0] | lines[1])[:, None], np.minimum(*rank), RANK["missing"]).astype(np.int8)
    points = _points(named, held, wh, worst, places) if named else []
    return Looked(points, lines, wh, rank, worst)


def _aligned(
    lined: Lined | None, points: tuple[str, ...], count: int
) -> tuple[NDArray[np.bool_], Ints, NDArray[np.int8]]:
    """Whether the points have a line, and what was read of it."""
    if lined is None:
        shape = (len(points), count)
        return np.zeros(len(points), bool), np.zeros(shape, np.int64), np.full(shape, _BEST, np.int8)
    if lined.points == points:
        return np.ones(len(points), bool), lined.wh, lined.rank
    rows = np.array([lined.rows.get(point, -1) for point in points], np.int64)
    there = (rows >= 0)[:, None]
    return rows >= 0, np.where(there, lined.wh[rows], 0), np.where(there, lined.rank[rows], _BEST).astype(np.int8)


def _points(
    named: Sequence[str],
    held: Mapping[str, Sequence[bool]],
    wh: tuple[Ints, ...],
    worst: NDArray[np.int8],
    places: Places,
) -> list[Evidence]:
    own, needed = slice(places.own.start, places.own.stop), list(places.needed)
    there = np.array([held[point] for point in named], bool)
    ranks = worst[:, own]
    if needed:
        ranks = np.minimum(ranks, worst[:, needed].min(axis=1, keepdims=True))
    energy = sum((one[:, needed or own].sum(axis=1) for one in wh), start=np.zeros(len(named), np.int64))
    around = slice(own.start - 1, own.stop + 1)
    nets: list[Any] = (wh[0][:, around] - wh[1][:, around]).tolist()
    for row, at in np.argwhere(worst[:, around] == RANK["missing"]).tolist():
        nets[row][at] = None
    # Of hundreds of points nearly all are alike.
    said: dict[bytes, tuple[tuple[Quality | None, ...], tuple[bool, ...]]] = {}
    found: list[Evidence] = []
    for row, (point, net, key, base) in enumerate(
        zip(named, nets, map(bytes, np.where(there, ranks, _BEST + 1).astype(np.uint8)), energy.tolist(), strict=True)
    ):
        if (same := said.get(key)) is None:
            quality: tuple[Quality | None, ...] = tuple(WORST[rank] if rank <= _BEST else None for rank in key)
            same = said[key] = quality, tuple(0 < rank <= _BEST for rank in key)
        found.append(Evidence(point, row, tuple(net[1:-1]), net[0], net[-1], *same, base))
    return found
