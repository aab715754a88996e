"""Norwegian working days: Monday to Friday, but no public holiday. Deadlines end with the last such day (D24)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from contracts import calendar

_FIXED: Final = ((1, 1), (5, 1), (5, 17), (12, 25), (12, 26))
_AFTER_EASTER: Final = (-3, -2, 0, 1, 39, 49, 50)
"""Maundy Thursday, Good Friday, Easter, Easter Monday, Ascension, Whit Sunday and Monday."""


def is_working_day(day: date) -> bool:
    """Whether a date is one. Christmas and New Year's Eve are, unless they fall on a weekend."""
    return day.weekday() < 5 and day not in holidays(day.year)


def after_working_days(at: datetime, count: int) -> datetime:
    """The deadline so many working days after this moment: the end of that local day (D24)."""
    day = calendar.local_date(at)
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return calendar.end_of_local_day(day)


@lru_cache(maxsize=64)
def holidays(year: int) -> frozenset[date]:
    """The public holidays of a year."""
    sunday = easter(year)
    fixed = (date(year, month, day) for month, day in _FIXED)
    return frozenset((*fixed, *(sunday + timedelta(days=days) for days in _AFTER_EASTER)))


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Astronomical Algorithms, ch. 8)."""
    century, rest = divmod(year, 100)
    golden = year % 19
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    correction = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * correction + 114, 31)
    return date(year, month, day + 1)
