"""Estimated annual volume of a point and direction, from its values (seed 002, EI-270; BRS-NO-317).

A whole year of values is its own estimate. A part of one is scaled up: by the days, or by the share of the year that
those days are in a published shape. What is missing is never taken as zero.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal

Method = Literal["year", "shape", "days"]

YEAR_DAYS = 365
FEWEST_DAYS = 30
"""With fewer, nothing is estimated: what the grid company said stands."""
MOVED_BASIS_POINTS = 500
"""A new estimate is published from this difference on (5 %)."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a year's volume falls on its months, as weights; published, so it has a name."""

    name: str
    months: tuple[int, ...]

    def weight(self, local: date) -> Fraction:
        """Of one day: its month's, divided by the month's days."""
        return Fraction(self.months[local.month - 1], monthrange(local.year, local.month)[1])


@dataclass(frozen=True, slots=True)
class AnnualVolume:
    """An estimate in Wh, how it was made, as of which day (exclusive), from how many days' values."""

    wh: int
    method: Method
    as_of: date
    days: int
    shape: str | None = None


def estimate(
    by_day: Mapping[date, int], *, as_of: date, since: date | None = None, shape: Shape | None = None
) -> AnnualVolume | None:
    """The estimate from whole days of values before `as_of`, in Wh; nothing from fewer than 30 of them.

    `since`: days before it do not count: when the end user moved in, or the grid company last stated the volume.
    """
    year = [as_of - timedelta(days=back) for back in range(1, YEAR_DAYS + 1)]
    used = [day for day in year if day in by_day and (since is None or day >= since)]
    total = sum(by_day[day] for day in used)
    if len(used) == YEAR_DAYS:
        return AnnualVolume(total, "year", as_of, YEAR_DAYS)
    if len(used) < FEWEST_DAYS:
        return None
    seen = sum((shape.weight(day) for day in used), Fraction()) if shape else Fraction()
    if shape and seen:
        whole = sum((shape.weight(day) for day in year), Fraction())
        return AnnualVolume(_rounded(total * whole / seen), "shape", as_of, len(used), shape.name)
    return AnnualVolume(_rounded(Fraction(total * YEAR_DAYS, len(used))), "days", as_of, len(used))


def moved(before: int | None, now: int, *, by_basis_points: int = MOVED_BASIS_POINTS) -> bool:
    """Whether an estimate differs so much from the published one that it is published anew."""
    if before is None:
        return True
    return abs(now - before) * 10_000 >= by_basis_points * before and now != before


def _rounded(wh: Fraction) -> int:
    """Half up."""
    return (2 * wh.numerator + wh.denominator) // (2 * wh.denominator)
