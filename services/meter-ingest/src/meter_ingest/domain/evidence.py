"""What each point of an activation is evidence of, quarter by quarter (`metering.md` §6.6, D19, MV-23).

In a quarter of the activation a point is as good as the worst of that quarter and of the quarters that its baseline is
made from. It is looked at in the quarters in which its BSP holds it, and counts in those of them in which it misses
nothing; never as zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from meter_ingest.domain.values import Quality, Reading

LINES = ("consumption", "production")
"""Only active energy, at the settlement meter."""
WORST: tuple[Quality, ...] = ("missing", "derived", "estimated", "measured")
_RANK = {quality: rank for rank, quality in enumerate(WORST)}


@dataclass(frozen=True, slots=True)
class Places:
    """Where in what was read stand the activation's quarters, the one after, and those that its baseline needs."""

    own: range
    after: int
    needed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One point. Wh of consumption, production counting negative."""

    point: str
    lines: tuple[Reading | None, Reading | None]
    wh: tuple[int | None, ...]
    """The activation's quarters."""
    after: int | None
    quality: tuple[Quality | None, ...]
    """Of each quarter of the activation; None in those in which it is not looked at."""
    counts: tuple[bool, ...]
    baseline_energy: int
    """All that is known of its baseline's quarters, whether or not it counts (MV-23); of its own, where it has none."""

    @property
    def worst(self) -> Quality:
        """What it is as a whole."""
        return WORST[min(_RANK[one] for one in self.quality if one is not None)]


def of_point(point: str, readings: Mapping[tuple[str, str], Reading], held: Sequence[bool], places: Places) -> Evidence:
    """From what was read of its lines, in the quarters that its BSP holds it."""
    consumed, produced = lines = (readings.get((point, "consumption")), readings.get((point, "production")))
    there = [one for one in lines if one is not None]
    if not there:
        quality: tuple[Quality | None, ...] = tuple("missing" if each else None for each in held)
        return Evidence(point, lines, (None,) * len(held), None, quality, (False,) * len(held), 0)
    baseline = 3
    energy = 0
    for reading in there:
        baseline = min((baseline, *(_RANK[reading.quality[place]] for place in places.needed)))
        energy += sum(reading.wh[place] or 0 for place in places.needed or places.own)
    ranks = [min((baseline, *(_RANK[reading.quality[place]] for reading in there))) for place in places.own]
    return Evidence(
        point,
        lines,
        tuple(net(consumed, produced, place) for place in places.own),
        net(consumed, produced, places.after),
        tuple(WORST[rank] if each else None for rank, each in zip(ranks, held, strict=True)),
        tuple(each and rank > 0 for rank, each in zip(ranks, held, strict=True)),
        energy,
    )


def net(consumed: Reading | None, produced: Reading | None, place: int) -> int | None:
    """What a point used in one of the quarters read, production counting negative; None where one misses."""
    used = consumed.wh[place] if consumed is not None else 0
    made = produced.wh[place] if produced is not None else 0
    return None if used is None or made is None else used - made
