"""What each point of a verified activation delivered: the group's baseline, divided in proportion to the points' own.

Points that count in the same quarters have one baseline together (`domain.verification`); each quarter of it is divided
by what each point used in the baseline's own quarters, by largest remainder, so that the parts add up to the group's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from meter_ingest.domain.activation import BASELINE_QUARTERS, Activation
from meter_ingest.domain.shares import split_exactly
from meter_ingest.domain.values import Reading

_SIGNS = (("consumption", 1), ("production", -1))


def upwards(
    state: Activation, readings: Mapping[tuple[str, str], Reading], held: Mapping[str, tuple[bool, ...]]
) -> dict[str, tuple[int | None, ...]]:
    """Wh delivered upwards per quarter, by point; None in a quarter in which it does not count.

    `readings`, `held`: as `verification.decide_verified` takes them. A point that misses anything delivers nothing.
    """
    there = [point for point in state.points if point in held and _is_whole(point, readings)]
    found = {point: [0] * len(held[point]) for point in there}
    for quarters in dict.fromkeys(held[point] for point in there):
        for line, sign in _SIGNS:
            some = [point for point in there if held[point] == quarters and (point, line) in readings]
            for point, parts in zip(some, _baselines([readings[point, line].wh for point in some]), strict=True):
                metered = readings[point, line].wh[BASELINE_QUARTERS:]
                for place, (was, is_) in enumerate(zip(parts, metered, strict=True)):
                    found[point][place] += sign * (was - (is_ or 0))
    return {
        point: tuple(wh if counts else None for wh, counts in zip(figures, held[point], strict=True))
        for point, figures in found.items()
    }


def _is_whole(point: str, readings: Mapping[tuple[str, str], Reading]) -> bool:
    own = [readings[point, line] for line, _ in _SIGNS if (point, line) in readings]
    return bool(own) and all("missing" not in one.quality for one in own)


def _baselines(some: Sequence[Sequence[int | None]]) -> list[list[int]]:
    """Per point its part of each quarter of the baseline that they have together."""
    if not some:
        return []
    weights = [sum(wh or 0 for wh in one[:BASELINE_QUARTERS]) for one in some]
    count = len(some[0]) - BASELINE_QUARTERS
    whole = split_exactly(sum(weights) * count // BASELINE_QUARTERS, [1] * count)
    by_quarter = [split_exactly(one, weights) for one in whole]
    return [list(parts) for parts in zip(*by_quarter, strict=True)]
