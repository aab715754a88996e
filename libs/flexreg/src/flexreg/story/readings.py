"""The meter values of 28 and 29 March 2026: ordinary days, but for what the two activations do to them.

A member consumes the same in each of the four quarters before its activation, so that its baseline is plain to see, and
falls by so much during the activation that the groups' sums are round.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from contracts import calendar
from contracts.meter_ingest.v1 import SendMeterValues
from contracts.values import time_text
from flexreg.story.cast import HOURLY

if TYPE_CHECKING:
    from flexreg.story.cast import Cast, Point
    from flexreg.story.messages import Wish

Series = dict[str, Any]

ORDINARY_DAY: Final = date(2026, 3, 28)
SHORT_DAY: Final = date(2026, 3, 29)
"""23 hours."""
START_A: Final = calendar.at_local(SHORT_DAY, "10:00")
START_B: Final = calendar.at_local(SHORT_DAY, "12:00")
QUARTER: Final = timedelta(minutes=15)

LEVEL_WH: Final = 1500
"""What a point consumes in a quarter before its activation, more or less."""
FALL_A_WH: Final = (1200, 1225)
"""How much a member of A falls in the first and in the second quarter: 4.8 and 4.9 kW."""
FALL_LIMITED_WH: Final = (720, 735)
"""The same for one that DSO 2 limits to 3 kW: 2.88 and 2.94 kW."""
IDLE: Final = 4
"""So many of A's unlimited members do not answer; neither do those that DSO 2 rejected."""
FALL_B_WH: Final = (780, 780)
FALL_HOURLY_WH: Final = 1520
"""How much an hourly point of B falls over the hour that begins with the activation."""

MISSING: Final = 0
"""Which of B's points is missing at first."""
CORRECTED: Final = 1
"""Which of B's points is said to have done nothing in the first quarter, and is corrected later."""
SERIES_A_RECORD: Final = 100


def records(series: Sequence[Series], *, title: str) -> list[Wish]:
    """Series as records of at most a hundred."""
    parts = [series[first : first + SERIES_A_RECORD] for first in range(0, len(series), SERIES_A_RECORD)]
    return [
        {"type": SendMeterValues.type, "subject": f"{title} {number}/{len(parts)}", "data": {"series": part}}
        for number, part in enumerate(parts, 1)
    ]


def of_dso_1(cast: Cast, day: date) -> list[Series]:
    """A's members behind DSO 1."""
    return list(_of_a(cast, cast.near, day))


def of_dso_2(cast: Cast, day: date) -> list[Series]:
    """A's members behind DSO 2, then all of B's."""
    by_hour = (hourly(point, day) for point in cast.hourly)
    return [*_of_a(cast, cast.far, day), *_of_b(cast, day), *by_hour]


def as_first_sent(cast: Cast) -> list[Series]:
    """What DSO 2 sends of the short day at first: one series is missing, one has an hour too many, one is wrong."""
    series = of_dso_2(cast, SHORT_DAY)
    behind = len(cast.far)
    series[behind + CORRECTED] = _wrong(cast)
    by_hour = series[-HOURLY]
    by_hour["values_wh"] = [*by_hour["values_wh"], by_hour["values_wh"][-1]]
    del series[behind + MISSING]
    return series


def afterwards(cast: Cast) -> list[Series]:
    """What was missing, and what had been refused."""
    return [quarters(cast.of_b[MISSING], SHORT_DAY, _of_b_at(MISSING, SHORT_DAY)), hourly(cast.hourly[0], SHORT_DAY)]


def correction(cast: Cast, *, registered_at: datetime) -> Series:
    """The one quarter that was wrong."""
    point = cast.of_b[CORRECTED]
    right = LEVEL_WH - FALL_B_WH[0]
    return _series(point.id, START_B, START_B + QUARTER, "PT15M", [right], registered_at=registered_at)


def quarters(point: Point, day: date, at: dict[int, int]) -> Series:
    """A day of a point by the quarter; `at` says what must be in which quarter, the rest is an ordinary day."""
    start, end = calendar.usage_day(day)
    count = calendar.steps(start, end, "PT15M")
    values = [at.get(index, 900 + 4 * wobble) for index, wobble in enumerate(_wobble(point, day, count))]
    return _series(point.id, start, end, "PT15M", values)


def hourly(point: Point, day: date) -> Series:
    """A day of one of B's hourly points."""
    start, end = calendar.usage_day(day)
    count = calendar.steps(start, end, "PT60M")
    values = [3600 + 16 * wobble for wobble in _wobble(point, day, count)]
    if day == SHORT_DAY:
        first = (START_B - start) // timedelta(hours=1)
        values[first - 1] = 4 * LEVEL_WH
        values[first] = 4 * LEVEL_WH - FALL_HOURLY_WH
    return _series(point.id, start, end, "PT60M", values)


def _of_a(cast: Cast, points: Iterable[Point], day: date) -> Iterator[Series]:
    places = {point.id: place for place, point in enumerate(cast.members)}
    limited, rejected = set(cast.limited), set(cast.rejected)
    idle = set(cast.near[-IDLE:]) | rejected
    for point in points:
        place = places[point.id]
        # One is as much above the level as the next one is below it.
        level = LEVEL_WH + (1 if place % 2 else -1) * (place // 2 * 37 % 200)
        falls = (0, 0) if point in idle else FALL_LIMITED_WH if point in limited else FALL_A_WH
        yield quarters(point, day, _activated(day, START_A, level, falls))


def _of_b(cast: Cast, day: date) -> Iterator[Series]:
    for place, point in enumerate(cast.of_b[:-HOURLY]):
        yield quarters(point, day, _of_b_at(place, day))


def _of_b_at(place: int, day: date) -> dict[int, int]:
    off = (1 if place % 2 else -1) * (place // 2 * 23 % 150)
    return _activated(day, START_B, LEVEL_WH + off, FALL_B_WH)


def _wrong(cast: Cast) -> Series:
    at = _of_b_at(CORRECTED, SHORT_DAY)
    at[min(at) + 4] = LEVEL_WH
    return quarters(cast.of_b[CORRECTED], SHORT_DAY, at)


def _activated(day: date, start: datetime, level: int, falls: tuple[int, int]) -> dict[int, int]:
    """Four quarters at the level, then the activation's two."""
    if day != SHORT_DAY:
        return {}
    first = (start - calendar.midnight(day)) // QUARTER
    before = dict.fromkeys(range(first - 4, first), level)
    return before | {first + place: level - fall for place, fall in enumerate(falls)}


def _wobble(point: Point, day: date, count: int) -> list[int]:
    """Numbers in [0, 128), always the same for a point and day."""
    return [byte >> 1 for byte in hashlib.shake_128(f"{point.id}/{day}".encode()).digest(count)]


def _series(
    point: str,
    start: datetime,
    end: datetime,
    resolution: str,
    values: list[int],
    *,
    registered_at: datetime | None = None,
) -> Series:
    """Registered at 05:30 on the day after it ends, if nothing else is said."""
    registered_at = registered_at or calendar.at_local(calendar.local_date(end), "05:30")
    return {
        "metering_point_id": point,
        "direction": "consumption",
        "resolution": resolution,
        "start": time_text(start),
        "end": time_text(end),
        "values_wh": values,
        "status": "metered",
        "registered_at": time_text(registered_at),
    }
