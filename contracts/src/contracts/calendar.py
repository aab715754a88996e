"""The calendar of the business: days and midnights of Europe/Oslo, as pure functions on aware moments.

A usage day is `[local midnight, next local midnight)`: 23, 24 or 25 hours. Results are in UTC; periods are half-open.
Deadlines in days, weeks and months end at the end of the last local day (D24).
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib import resources
from typing import Final, Literal, overload
from zoneinfo import ZoneInfo

Resolution = Literal["PT15M", "PT60M"]

DAY: Final = timedelta(days=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
STEP: Final[dict[str, timedelta]] = {"PT15M": timedelta(minutes=15), "PT60M": timedelta(minutes=60)}


def _oslo() -> ZoneInfo:
    # From the pinned package, not from the machine: a replay elsewhere must find the same midnights.
    with resources.files("tzdata.zoneinfo").joinpath("Europe", "Oslo").open("rb") as file:
        return ZoneInfo.from_file(file, key="Europe/Oslo")


OSLO: Final = _oslo()


def local_date(at: datetime) -> date:
    """The date in Oslo at this moment."""
    return _local(at).date()


def local_text(at: datetime) -> str:
    """A moment in Norwegian time, as people are told of it: `2026-03-29T01:15:00+01:00`."""
    return _local(at).isoformat()


@lru_cache(maxsize=4096)
def midnight(day: date) -> datetime:
    """The moment at which this date begins in Oslo."""
    return datetime(day.year, day.month, day.day, tzinfo=OSLO).astimezone(UTC)


def is_midnight(at: datetime) -> bool:
    """Whether a date begins in Oslo at this moment."""
    return midnight(local_date(at)) == at


def next_midnight(at: datetime) -> datetime:
    """The first Oslo midnight strictly after this moment."""
    return midnight(local_date(at) + DAY)


def end_of_local_day(day: date) -> datetime:
    """The end of this date in Oslo, exclusive: the midnight at which the next one begins."""
    return midnight(day + DAY)


@overload
def add_local_days(at: datetime, days: int) -> datetime: ...
@overload
def add_local_days(at: date, days: int) -> date: ...
def add_local_days(at: datetime | date, days: int) -> datetime | date:
    """The same time of day in Oslo so many dates later (or earlier); of a date, just that date.

    From a midnight to a midnight. A time of day that does not exist there means as much later as the clocks were moved;
    one that occurs twice means the first.
    """
    if not isinstance(at, datetime):
        return at + timedelta(days=days)
    wall = _local(at).replace(tzinfo=None, fold=0) + timedelta(days=days)
    return wall.replace(tzinfo=OSLO).astimezone(UTC)


def days_between(first: date, second: date) -> int:
    """How many dates `second` lies after `first`; negative if before. Of moments, take `local_date` first."""
    if isinstance(first, datetime) or isinstance(second, datetime):
        raise TypeError("days_between counts dates: take local_date of the moments")
    return (second - first).days


def after_days(at: datetime, days: int) -> datetime:
    """The deadline so many days after this moment: the end of that local day (D24)."""
    return end_of_local_day(local_date(at) + timedelta(days=days))


def after_weeks(at: datetime, weeks: int) -> datetime:
    """The deadline so many weeks after this moment: the end of that local day (D24)."""
    return after_days(at, 7 * weeks)


def after_months(at: datetime, months: int) -> datetime:
    """The deadline so many months after this moment: the end of the local day with the same number (D24).

    Where that month is too short, the end of its last day: one month after 31 January is the end of 28 February.
    """
    day = local_date(at)
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return end_of_local_day(date(year, month + 1, min(day.day, last)))


def usage_day(day: date) -> tuple[datetime, datetime]:
    """The half-open period of this date in Oslo: 23, 24 or 25 hours."""
    return midnight(day), end_of_local_day(day)


def steps(start: datetime, end: datetime, resolution: Resolution) -> int:
    """How many values of this resolution fill `[start, end)`; `ValueError` unless it is a whole number above 0."""
    count, rest = divmod(_aware(end) - _aware(start), STEP[resolution])
    if rest or count < 1:
        raise ValueError(f"[{start.isoformat()}, {end.isoformat()}) is no whole number of steps of {resolution}")
    return count


def quarter_of(moment: datetime) -> datetime:
    """The start of the quarter of an hour that a moment lies in; the same by UTC and by Oslo time."""
    return moment - (_aware(moment) - _EPOCH) % STEP["PT15M"]


def is_quarter(moment: datetime) -> bool:
    """Whether a quarter of an hour begins at a moment."""
    return quarter_of(moment) == moment


def quarter_starts(day: date) -> tuple[datetime, ...]:
    """The starts of the quarters of this date in Oslo: 92, 96 or 100."""
    start, end = usage_day(day)
    return tuple(start + n * STEP["PT15M"] for n in range(steps(start, end, "PT15M")))


def at_local(day: date, clock: str, *, second: bool = False) -> datetime:
    """This date at `"09:45"` Oslo time; of a time that occurs twice the first, or the `second`.

    Raises `ValueError` for a time that does not exist (the hour that is skipped in spring).
    """
    local = datetime.combine(day, time.fromisoformat(clock), tzinfo=OSLO).replace(fold=int(second))
    at = local.astimezone(UTC)
    if at.astimezone(OSLO).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValueError(f"{day.isoformat()} {clock} does not exist in Oslo: the clocks were moved forward")
    return at


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"a moment needs its offset: {at.isoformat()}")
    return at


def _local(at: datetime) -> datetime:
    return _aware(at).astimezone(OSLO)
