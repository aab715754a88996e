"""Local days, their quarters, and the deadlines that follow from them (`metering.md` §4.5, §4.6).

Everything is keyed on UTC; a local day has 92, 96 or 100 quarters, and the n-th begins n · 15 minutes after its UTC
start.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from contracts import calendar

QUARTER = calendar.STEP["PT15M"]
MINUTES = {"PT1M": 1, "PT5M": 5, "PT15M": 15, "PT60M": 60}
"""The length of a step per resolution; of less than a quarter only where an own meter's values are sent."""


@dataclass(frozen=True, slots=True)
class Day:
    """A local day as a UTC period, and how many quarters it has."""

    date: date
    start: datetime
    end: datetime
    quarters: int


@lru_cache(maxsize=8192)
def day(local: date) -> Day:
    """The day with this local date."""
    start, end = calendar.usage_day(local)
    return Day(local, start, end, (end - start) // QUARTER)


@lru_cache(maxsize=65536)
def day_at(moment: datetime) -> Day:
    """The local day that a moment lies in."""
    return day(calendar.local_date(moment))


def days(start: datetime, end: datetime) -> list[Day]:
    """The local days that a half-open period touches."""
    found = [day_at(start)]
    while found[-1].end < end:
        found.append(day(found[-1].date + calendar.DAY))
    return found


def step_start(of: Day, resolution: str, sequence: int) -> datetime:
    """When the n-th step of a day begins, counted from 1 as in EMIF (MV-07, MV-08)."""
    return of.start + (sequence - 1) * timedelta(minutes=MINUTES[resolution])


def complete_by(local: date) -> datetime:
    """When all values of a day are due: 07:00 the next day (BRS-NO-313, `metering.md` §4.6)."""
    return calendar.at_local(local + calendar.DAY, "07:00")


def verify_by(local: date) -> datetime:
    """When an activation is verified with what there is: 09:00 the next day (`metering.md` §4.6)."""
    return calendar.at_local(local + calendar.DAY, "09:00")


def quarter_floor(moment: datetime) -> datetime:
    """The start of the quarter that a moment lies in."""
    return moment - timedelta(minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond)


def hour_floor(moment: datetime) -> datetime:
    """The start of the hour that a moment lies in; the same by UTC and by Oslo time."""
    return moment.replace(minute=0, second=0, microsecond=0)


def quarter_ceil(moment: datetime) -> datetime:
    """The first start of a quarter at or after a moment."""
    floor = quarter_floor(moment)
    return floor if floor == moment else floor + QUARTER


def mask(of: Day, start: datetime, end: datetime) -> int:
    """The quarters of a day that lie in a period of whole quarters, as bits (bit 0 is the day's first quarter)."""
    first = max(0, (start - of.start) // QUARTER)
    last = min(of.quarters, (end - of.start) // QUARTER)
    return ((1 << (last - first)) - 1) << first if last > first else 0
