"""What points would have consumed without an activation: six methods, each a pure function (D20, `metering.md` §6).

`docs/baselines.md` has each one's formula, source and worked examples. Energies are whole Wh; a result is consumption,
production counting negative. Consumption and production are computed apart, each rounded down, then put together, so
that a point that only produces is rounded as one that only consumes.

No method reads a quarter of the activation itself. What is estimated or made from hours counts as what it says; that it
is no evidence, the verification says (D19). What is missing is never zero: a method that lacks something says what.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Literal

from contracts import calendar, working_days
from contracts.meter_ingest.v1 import BaselineMethod
from meter_ingest.domain import days
from meter_ingest.domain.shares import split_exactly

Method = BaselineMethod
METHODS: tuple[Method, ...] = ("meter-before", "meter-before-and-after", "sliding-window", "plan", "reported", "zero")

QUARTERS = 4
"""How many complete quarters before, and after, a flat baseline is the mean of (D20)."""
LOOKED_AT = 16
"""How many quarters on a side are looked at for these: what was longer ago says nothing of now."""
NEIGHBOURS = 1
"""Quarters on each side of an activation that its ramps reach into (§6.3)."""
LIKE_DAYS = 5
"""Days of a sliding window."""
DAYS_BACK = 28
"""How far back they are looked for."""

Sums = Mapping[datetime, int | None]
"""Wh by the start of a quarter; None, or nothing, where a point's value is missing."""
Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Given:
    """What is known of one set of points that counts in the same quarters, and of its group."""

    start: datetime
    end: datetime
    """Of the quarters that the activation touches, half-open."""
    consumption: Sums | None = None
    """None: no point of the set has such a line."""
    production: Sums | None = None
    """As metered, not negative."""
    plan: Mapping[datetime, int] = field(default_factory=dict[datetime, int])
    """Of the whole group, as it counts for this activation (`baseline_series.agreed`); production negative."""
    reported: Mapping[datetime, int] = field(default_factory=dict[datetime, int])
    covered: Collection[datetime] = frozenset()
    """The quarters that other activations of the group touch."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """Why there is no baseline by a method: never a zero."""

    why: Literal["missing", "covered", "too-few-days", "not-submitted", "points-missing"]
    quarters: tuple[datetime, ...] = ()
    """Those that are missing."""


def required(method: Method, start: datetime, end: datetime, *, covered: Collection[datetime] = ()) -> list[datetime]:
    """The quarters that a point needs for a baseline, beside the activation's own; a sliding window does without."""
    first, last = days.quarter_floor(start), days.quarter_ceil(end)
    if method == "meter-before":
        return _before(first, covered)
    if method == "meter-before-and-after":
        return [*_apart_before(first, covered), *_apart_after(last, covered)]
    return []


def windows(
    methods: Iterable[Method], start: datetime, end: datetime, *, covered: Collection[datetime] = ()
) -> tuple[Window, ...]:
    """The quarters of which values are read, beside the activation's own and in order, as half-open periods.

    Those that `beside` reads, too.
    """
    first, last = days.quarter_floor(start), days.quarter_ceil(end)
    found: set[datetime] = set()
    for method in methods:
        found |= set(required(method, start, end, covered=covered))
        if method == "sliding-window":
            for period in ((first - days.QUARTER, first), (first, last), (last, last + days.QUARTER)):
                found |= {quarter for like in like_days(*period, covered=covered) for day in like for quarter in day}
    return tuple(_joined(sorted(found)))


def compute(method: Method, given: Given) -> tuple[int, ...] | Lacking:
    """One Wh per quarter of the activation."""
    return _METHODS[method](given)


def beside(method: Method, given: Given) -> tuple[int, int] | Lacking:
    """The same of the quarters right before and right after the activation, which its ramps reach into (§6.3)."""
    flat = _FLAT.get(method)
    if flat is not None:
        level = _flat(given, flat(given), 1)
        return level if isinstance(level, Lacking) else (level[0], level[0])
    around = replace(given, covered={*given.covered, *_quarters(given)})
    before = compute(method, replace(around, start=given.start - days.QUARTER, end=given.start))
    after = compute(method, replace(around, start=given.end, end=given.end + days.QUARTER))
    if isinstance(before, Lacking):
        return before
    return after if isinstance(after, Lacking) else (before[0], after[0])


def of_group(
    method: Method, sets: Sequence[tuple[Given, Sequence[bool]]], *, missing_points: int
) -> tuple[int, ...] | Lacking:
    """A whole group's: each set's in the quarters in which it counts, per quarter of the activation.

    What was submitted is of the whole group, so it counts once, and stands for nothing as long as a point is missing:
    what the others metered is not to be held against the baseline of all.
    """
    if method in ("plan", "reported"):
        if missing_points or not sets:
            return Lacking("points-missing")
        return compute(method, sets[0][0])
    if not sets:
        return Lacking("missing")
    total: list[int] = []
    for given, counts in sets:
        found = compute(method, given)
        if isinstance(found, Lacking):
            return found
        own = [wh if counting else 0 for wh, counting in zip(found, counts, strict=True)]
        total = [a + b for a, b in zip(total, own, strict=True)] if total else own
    return tuple(total)


def _quarters(given: Given) -> list[datetime]:
    count = (given.end - given.start) // days.QUARTER
    return [given.start + index * days.QUARTER for index in range(count)]


# Flat: the mean of some quarters beside the activation


def _before(first: datetime, covered: Collection[datetime]) -> list[datetime]:
    """The last four complete quarters before the activation in which no other of the group was active, in time."""
    looked = (first - (1 + index) * days.QUARTER for index in range(LOOKED_AT))
    return [quarter for quarter in looked if quarter not in covered][QUARTERS - 1 :: -1]


def _apart_before(first: datetime, covered: Collection[datetime]) -> list[datetime]:
    """The same, but for quarters that a ramp reaches into."""
    return _before(first - NEIGHBOURS * days.QUARTER, _with_neighbours(covered))


def _apart_after(last: datetime, covered: Collection[datetime]) -> list[datetime]:
    ramped = _with_neighbours(covered)
    looked = (last + (NEIGHBOURS + index) * days.QUARTER for index in range(LOOKED_AT))
    return [quarter for quarter in looked if quarter not in ramped][:QUARTERS]


def _meter_before(given: Given) -> list[datetime] | None:
    found = _before(given.start, given.covered)
    return found if len(found) == QUARTERS else None


def _meter_before_and_after(given: Given) -> list[datetime] | None:
    before, after = _apart_before(given.start, given.covered), _apart_after(given.end, given.covered)
    return [*before, *after] if len(before) == len(after) == QUARTERS else None


_FLAT: Mapping[Method, Callable[[Given], list[datetime] | None]] = {
    "meter-before": _meter_before,
    "meter-before-and-after": _meter_before_and_after,
}


def _flat(given: Given, read: list[datetime] | None, count: int) -> tuple[int, ...] | Lacking:
    """The mean over all quarters rounded down once, then divided equally, the remainder to the earliest."""
    if read is None:
        return Lacking("covered")
    total = [0] * count
    for sign, sums in _lines(given):
        known = [wh for wh in map(sums.get, read) if wh is not None]
        if len(known) != len(read):
            return Lacking("missing", tuple(quarter for quarter in read if _misses(given, quarter)))
        shares = split_exactly(sum(known) * count // len(read), [1] * count)
        total = [wh + sign * share for wh, share in zip(total, shares, strict=True)]
    return tuple(total)


# Sliding window: the same quarters of like days


def _sliding_window(given: Given) -> tuple[int, ...] | Lacking:
    """Per quarter the mean of the last five like days, rounded down."""
    total: list[int] = []
    for like in like_days(given.start, given.end, covered=given.covered):
        whole = (day for day in like if not any(_misses(given, quarter) for quarter in day))
        found = [day for _, day in zip(range(LIKE_DAYS), whole, strict=False)]
        if len(found) < LIKE_DAYS:
            return Lacking("too-few-days")
        total += [
            sum(sign * (sum(sums[one] or 0 for one in column) // LIKE_DAYS) for sign, sums in _lines(given))
            for column in zip(*found, strict=True)
        ]
    return tuple(total)


def like_days(
    start: datetime, end: datetime, *, covered: Collection[datetime] = ()
) -> tuple[tuple[tuple[datetime, ...], ...], ...]:
    """Of the quarters of each local date of a period: the same ones on the like days before, the latest first."""
    return _like_days(start, end, frozenset(covered))


@lru_cache(maxsize=512)
def _like_days(
    start: datetime, end: datetime, covered: frozenset[datetime]
) -> tuple[tuple[tuple[datetime, ...], ...], ...]:
    """Kept: a whole evening's activations ask for few."""
    barred = _barred(start, end, covered)
    return tuple(tuple(_like(some, barred)) for some in _by_date(start, end))


def _by_date(start: datetime, end: datetime) -> Iterator[list[datetime]]:
    """The quarters of a period, those of each local date together."""
    for day in days.days(start, end):
        first, last = max(start, day.start), min(end, day.end)
        yield [first + index * days.QUARTER for index in range((last - first) // days.QUARTER)]


def _like(some: Sequence[datetime], barred: Collection[datetime]) -> Iterator[tuple[datetime, ...]]:
    """The same times of day on the like days before, the latest first, where none of these is barred.

    A day on which one of them does not exist is passed over; of a time that occurs twice it is the first.
    """
    local = calendar.local_date(some[0])
    clocks = [quarter.astimezone(calendar.OSLO).time() for quarter in some]
    for back in range(1, DAYS_BACK + 1):
        if working_days.is_working_day(local - back * calendar.DAY) != working_days.is_working_day(local):
            continue
        found = tuple(calendar.add_local_days(quarter, -back) for quarter in some)
        there = [quarter.astimezone(calendar.OSLO).time() for quarter in found]
        if there == clocks and not any(quarter in barred for quarter in found):
            yield found


def _barred(start: datetime, end: datetime, covered: Collection[datetime]) -> set[datetime]:
    """What an activation, this one too, or its ramps reach into."""
    own = (start + index * days.QUARTER for index in range((end - start) // days.QUARTER))
    return _with_neighbours({*covered, *own})


# What was submitted, and what was agreed


def _plan(given: Given) -> tuple[int, ...] | Lacking:
    return _submitted(given, given.plan)


def _reported(given: Given) -> tuple[int, ...] | Lacking:
    return _submitted(given, given.reported)


def _submitted(given: Given, series: Mapping[datetime, int]) -> tuple[int, ...] | Lacking:
    """As it was said, where it was said of every quarter."""
    quarters = _quarters(given)
    if without := tuple(quarter for quarter in quarters if quarter not in series):
        return Lacking("not-submitted", without)
    return tuple(series[quarter] for quarter in quarters)


def _zero(given: Given) -> tuple[int, ...]:
    """At rest, as agreed."""
    return (0,) * len(_quarters(given))


_METHODS: Mapping[Method, Callable[[Given], tuple[int, ...] | Lacking]] = {
    "meter-before": lambda given: _flat(given, _meter_before(given), len(_quarters(given))),
    "meter-before-and-after": lambda given: _flat(given, _meter_before_and_after(given), len(_quarters(given))),
    "sliding-window": _sliding_window,
    "plan": _plan,
    "reported": _reported,
    "zero": _zero,
}


def _lines(given: Given) -> Iterator[tuple[int, Sums]]:
    if given.consumption is not None:
        yield 1, given.consumption
    if given.production is not None:
        yield -1, given.production


def _misses(given: Given, quarter: datetime) -> bool:
    return any(sums.get(quarter) is None for _, sums in _lines(given))


def _with_neighbours(quarters: Iterable[datetime]) -> set[datetime]:
    reach = range(-NEIGHBOURS, NEIGHBOURS + 1)
    return {quarter + index * days.QUARTER for quarter in quarters for index in reach}


def _joined(quarters: Sequence[datetime]) -> Iterator[Window]:
    start: datetime | None = None
    for index, quarter in enumerate(quarters):
        if start is None:
            start = quarter
        if index + 1 == len(quarters) or quarters[index + 1] != quarter + days.QUARTER:
            yield start, quarter + days.QUARTER
            start = None
