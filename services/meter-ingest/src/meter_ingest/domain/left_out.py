"""The days of points of which what came in another resolution than counts was left out, as whoever read them says it.

A run, or a documentation, names them so that it can be made again the same when the fact has changed once more. A point
is named once for each stretch of days on which one resolution counted, however many days of that something came of: so
what is said grows with the points, and with how often what they are was said otherwise, not with the days read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from contracts.calendar import Resolution
from contracts.meter_ingest.v1 import ReadAs
from meter_ingest.domain import days
from meter_ingest.domain.values import Minutes


class LeftOut(NamedTuple):
    """A stretch of the local days that were read of a point."""

    point: str
    first: date
    last: date
    minutes: int
    """Of a step that counted."""


def stretches(found: Iterable[tuple[str, date]], local: Sequence[date], minutes: Minutes) -> tuple[LeftOut, ...]:
    """Those of the days of points of which something was left out. `local`: all that were read, in order.

    Between the first and the last of a stretch there may be days of which nothing was: they count alike.
    """
    by_point: dict[str, set[date]] = {}
    for point, day in found:
        by_point.setdefault(point, set()).add(day)
    told: list[LeftOut] = []
    for point in sorted(by_point):
        now: LeftOut | None = None
        for day in local:
            counted = minutes(point, day)
            if now is not None and counted != now.minutes:
                told.append(now)
                now = None
            if day in by_point[point] and counted is not None:
                now = LeftOut(point, now.first if now else day, day, counted)
        if now is not None:
            told.append(now)
    return tuple(told)


def said(by_line: Mapping[str, Iterable[LeftOut]]) -> tuple[ReadAs, ...]:
    """As an event has it: points of which it is the same stretch stand together."""
    found: dict[tuple[str, date, date, int], list[str]] = {}
    for line, some in by_line.items():
        for one in some:
            found.setdefault((line, one.first, one.last, one.minutes), []).append(one.point)
    return tuple(
        ReadAs.model_validate(
            {
                "line": line,
                "date": first,
                "through": last if last != first else None,
                "resolution": _NAMED[minutes],
                "metering_points": tuple(sorted(points)),
            }
        )
        for (line, first, last, minutes), points in sorted(found.items())
    )


def steps(told: Iterable[ReadAs]) -> dict[tuple[str, str, date], int]:
    """The same as it is read by, by point, line and day."""
    return {
        (point, one.line, one.date + timedelta(days=number)): days.MINUTES[one.resolution]
        for one in told
        for number in range(((one.through or one.date) - one.date).days + 1)
        for point in one.metering_points
    }


_NAMED: Final[Mapping[int, Resolution]] = {15: "PT15M", 60: "PT60M"}
