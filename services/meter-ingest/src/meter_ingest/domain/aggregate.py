"""Sums of a line over local days, months and years, computed from its days when they are asked for.

Whole watt-hours. A sum says how much of its period it is over: quarters that may be read and are there, of those there
could be, and how many of them nobody measured. An hour is four quarters; a day has 92, 96 or 100.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from meter_ingest.domain import days
from meter_ingest.domain.asked import Delivered
from meter_ingest.domain.values import Version, energy_of_whole

Size = Literal["day", "month", "year"]


@dataclass(frozen=True, slots=True)
class OfDay:
    """What is there of a local day."""

    wh: int = 0
    quarters: int = 0
    estimated: int = 0
    """Quarters that are not metered."""


@dataclass(frozen=True, slots=True)
class Sum:
    """A period of whole local days, half-open, and what is there of it."""

    first: date
    last: date
    wh: int | None
    """None where nothing is there."""
    quarters: int
    """Of which a value is there."""
    expected: int
    """That the period has."""
    estimated: int

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return self.quarters == self.expected


def periods(first: date, last: date, size: Size) -> list[tuple[date, date]]:
    """The whole local days, months or years in [first, last); raises `ValueError` where it has parts of some."""
    found: list[tuple[date, date]] = []
    if begin(first, size) != first or begin(last, size) != last:
        raise ValueError(size)
    while first < last:
        following = after(first, size)
        found.append((first, following))
        first = following
    return found


def begin(local: date, size: Size) -> date:
    """The first day of the period that a day lies in."""
    return local if size == "day" else local.replace(day=1) if size == "month" else local.replace(month=1, day=1)


def after(first: date, size: Size) -> date:
    """The first day behind a period."""
    reach = {"day": 1, "month": 31, "year": 366}[size]
    return begin(first + timedelta(days=reach), size)


def of_whole(versions: Iterable[Version], local: date, minutes: int) -> OfDay | None:
    """A day of which the newest version in its resolution is all: no other of them counts. Else None."""
    newest = max((one for one in versions if one.minutes == minutes), key=lambda one: one.order, default=None)
    if newest is None:
        return None
    wh = energy_of_whole(local, newest.minutes, newest.first, newest.width, newest.wh)
    if wh is None:
        return None
    quarters = days.day(local).quarters
    return OfDay(wh, quarters, 0 if newest.status == "metered" else quarters)


def of_delivered(one: Delivered) -> OfDay:
    """A day step by step."""
    per_step = 4 if one.values.resolution == "PT60M" else 1
    there = [(wh, status) for wh, status in zip(one.values.wh, one.values.status, strict=True) if wh is not None]
    estimated = sum(status != "metered" for _, status in there)
    return OfDay(sum(wh for wh, _ in there), len(there) * per_step, estimated * per_step)


def sums(found: Mapping[date, OfDay], first: date, last: date, size: Size) -> list[Sum]:
    """The sums over the periods in [first, last); a day that is not among those found has nothing."""
    made: list[Sum] = []
    for start, end in periods(first, last, size):
        local = [start + timedelta(days=number) for number in range((end - start).days)]
        there = [one for one in map(found.get, local) if one is not None]
        quarters = sum(one.quarters for one in there)
        made.append(
            Sum(
                start,
                end,
                sum(one.wh for one in there) if quarters else None,
                quarters,
                sum(days.day(day).quarters for day in local),
                sum(one.estimated for one in there),
            )
        )
    return made
