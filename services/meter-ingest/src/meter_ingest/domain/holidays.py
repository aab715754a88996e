"""Norwegian public holidays: on them, as at weekends, another load is usual than on working days."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

_FIXED = ((1, 1), (5, 1), (5, 17), (12, 25), (12, 26))
_FROM_EASTER = (-3, -2, 0, 1, 39, 49, 50)
"""Maundy Thursday, Good Friday, Easter Day and Monday, Ascension Day, Whit Sunday and Monday: days from Easter Day."""
_SATURDAY = 5


def is_working_day(day: date) -> bool:
    """Monday to Friday, and no public holiday."""
    return day.weekday() < _SATURDAY and day not in _of_year(day.year)


@lru_cache(maxsize=64)
def _of_year(year: int) -> frozenset[date]:
    easter = easter_day(year)
    return frozenset(
        (
            *(date(year, month, day) for month, day in _FIXED),
            *(easter + timedelta(days=days) for days in _FROM_EASTER),
        )
    )


def easter_day(year: int) -> date:
    """Easter Day of a Gregorian year (the anonymous computus)."""
    century, in_century = divmod(year, 100)
    leap, rest = divmod(century, 4)
    moon = (19 * (year % 19) + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * rest + 2 * (in_century // 4) - moon - in_century % 4) % 7
    late = (year % 19 + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
