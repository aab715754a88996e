"""Values for a gap, such that no energy appears or is lost (VEE, `metering.md` §4.4).

What passed in the gap is the difference between the meter's stands at its ends, as long as there are any; the shape is
that of the same hours before. Which of these were at hand, each estimate says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from meter_ingest.domain.shares import split_exactly

Basis = Literal["hour", "stands-and-history", "stands", "history", "annual-volume"]
"""What an estimate rests on; `hour`: its hour came in the other resolution. A period's volume is as good as stands."""
CODE: dict[Basis, str] = {"stands-and-history": "E001"}
"""Elhub's estimation code, where its meaning is published: the real volume with a historic profile."""


class UnableToEstimate(Exception):
    """There is nothing to go by, or what there is contradicts itself."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Values for every step of a gap, in Wh, and what they rest on."""

    wh: tuple[int, ...]
    basis: Basis


def estimate(
    steps: int,
    *,
    stands_wh: tuple[int, int] | None = None,
    history_wh: Sequence[int] | None = None,
    annual_wh: int | None = None,
    steps_of_year: int = 0,
) -> Estimate:
    """Values for a gap of so many steps. `history_wh`: as many earlier values of the same local hours.

    With stands their difference is what the values add up to; without, history stands as it is; else the annual volume
    is spread evenly over `steps_of_year`. Raises `UnableToEstimate`.
    """
    if history_wh is not None and len(history_wh) != steps:
        raise UnableToEstimate("history has another length than the gap", len(history_wh), steps)
    if history_wh is not None and min(history_wh, default=0) < 0:
        raise UnableToEstimate("history is negative")
    if stands_wh is not None:
        total = stands_wh[1] - stands_wh[0]
        if total < 0:
            raise UnableToEstimate("the meter's stand has fallen", *stands_wh)
        if total and not steps:
            raise UnableToEstimate("the stands say that more passed than was measured, and nothing is missing", total)
        if history_wh and sum(history_wh):
            return Estimate(tuple(split_exactly(total, history_wh)), "stands-and-history")
        return Estimate(tuple(split_exactly(total, [1] * steps)), "stands")
    if history_wh:
        return Estimate(tuple(history_wh), "history")
    if annual_wh is not None and steps_of_year:
        return Estimate(tuple(split_exactly(annual_wh * steps // steps_of_year, [1] * steps)), "annual-volume")
    raise UnableToEstimate("neither stands nor history nor an annual volume")


def fill(
    wh: Sequence[int | None], *, stands_wh: tuple[int, int], history_wh: Sequence[int] | None = None
) -> tuple[Estimate, tuple[int, ...]]:
    """A series with holes between two stands, filled: all of it adds up to the difference of the stands.

    What was measured stands. Raises `UnableToEstimate`, also where more was measured than the stands allow.
    """
    holes = [index for index, one in enumerate(wh) if one is None]
    measured = sum(one for one in wh if one is not None)
    shape = [history_wh[index] for index in holes] if history_wh else None
    found = estimate(len(holes), stands_wh=(stands_wh[0] + measured, stands_wh[1]), history_wh=shape)
    put = iter(found.wh)
    return found, tuple(next(put) if one is None else one for one in wh)
