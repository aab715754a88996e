"""Sums of a point's line as an answer, read and computed when they are asked for: as fresh as the values themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.door.gate import Caller
from meter_ingest import delivering
from meter_ingest.domain import aggregate, asked, days
from meter_ingest.domain.aggregate import OfDay, Size
from meter_ingest.domain.spans import Span
from meter_ingest.domain.values import Version
from meter_ingest.out import rights

LONGEST: Final = 3 * 366
"""Local days that a request may be about."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Sums of one line of a point, over whole local periods in [first, last)."""

    point: str
    line: str
    first: date
    last: date
    size: Size
    as_of: datetime | None = None
    end_user: str = ""
    """On whose behalf; empty: the caller's own."""


async def sums(engine: AsyncEngine, caller: Caller, what: Asked) -> dict[str, Any] | None:
    """The answer; None where the caller may read nothing of it. Noted."""
    start, end = days.day(what.first).start, days.day(what.last).start
    async with rights.answering(engine, caller, what.point, what.line) as (connection, at, stamp):
        may = await rights.of(connection, caller.party, caller.roles, [what.point], at=at, end_user=what.end_user)
        spans = may.spans(what.point, what.line, start, end)
        if not spans:
            return None
        found = await of_days(connection, what, spans)
        await rights.note(connection, may.reads(what.point, what.line, spans), at=at)
    return {
        "metering_point_id": what.point,
        "line": what.line,
        "by": what.size,
        "from": what.first,
        "to": what.last,
        "as_of": what.as_of,
        "fresh": stamp.told(),
        "periods": [{"start": first, "end": last} for first, last in spans],
        "sums": [
            {
                "from": one.first,
                "to": one.last,
                "wh": one.wh,
                "quarters": one.quarters,
                "expected_quarters": one.expected,
                "estimated_quarters": one.estimated,
                "complete": one.complete,
            }
            for one in aggregate.sums(found, what.first, what.last, what.size)
        ],
    }


async def of_days(connection: AsyncConnection, what: Asked, spans: Sequence[Span]) -> dict[date, OfDay]:
    """What is there of each local day, in some parts of the period: nearly all are one array each, added up."""
    touched = days.days(days.day(what.first).start, days.day(what.last).start)
    (is_,) = (await delivering.settled(connection, [what.point], what.line, touched, as_of=what.as_of)).values()
    by_day = await delivering.versions(connection, what.point, what.line, touched, as_of=what.as_of)
    found: dict[date, OfDay] = {}
    apart: list[days.Day] = []
    for day in touched:
        if not any(first < day.end and day.start < last for first, last in spans):
            continue
        some, settled = by_day.get(day.date, ()), is_.days[day.date]
        whole = None
        if settled.settlement != "profiled" and any(first <= day.start and day.end <= last for first, last in spans):
            resolution = settled.resolution or asked.said(some)
            whole = aggregate.of_whole(some, day.date, days.MINUTES[resolution])
        if whole is not None:
            found[day.date] = whole
        elif some or settled.settlement == "profiled":
            apart.append(day)
    found |= await _step_by_step(connection, what, spans, apart, by_day, is_)
    return found


async def _step_by_step(
    connection: AsyncConnection,
    what: Asked,
    spans: Sequence[Span],
    apart: Sequence[days.Day],
    by_day: Mapping[date, Sequence[Version]],
    is_: delivering.OfPoint,
) -> dict[date, OfDay]:
    """Days that came in parts, are cut by what may be read, or whose values a period's volume is."""
    found: dict[date, OfDay] = {}
    profiled = [day for day in apart if is_.days[day.date].settlement == "profiled"]
    for day in apart:
        if day not in profiled:
            (one,) = asked.own(by_day, start=day.start, end=day.end, settled=is_.days, as_of=what.as_of)
            found[day.date] = aggregate.of_delivered(asked.within(one, spans))
    for start, end in _together(profiled):
        delivered = await delivering.of_points(
            connection, [what.point], start=start, end=end, line=what.line, as_of=what.as_of
        )
        for one in delivered[what.point]:
            found[one.date] = aggregate.of_delivered(asked.within(one, spans))
    return found


def _together(some: Sequence[days.Day]) -> list[tuple[datetime, datetime]]:
    """Days that follow each other, as one period."""
    made: list[tuple[datetime, datetime]] = []
    for day in some:
        if made and made[-1][1] == day.start and day.end - made[-1][0] <= timedelta(days=93):
            made[-1] = (made[-1][0], day.end)
        else:
            made.append((day.start, day.end))
    return made
