"""Values of one point as an answer: day by day, what counts, how it was made, and in which messages it came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis import loading
from chassis.door.gate import Caller, Once
from contracts.calendar import Resolution
from meter_ingest import delivering, permission
from meter_ingest.domain import asked, days
from meter_ingest.domain.asked import Delivered
from meter_ingest.domain.spans import Span
from meter_ingest.out import fresh, rights
from meter_ingest.permission import Read, Reader

MOST_DAYS: Final = 31
"""Local days in one answer; of a longer period the answer says where to go on."""
LONGEST: Final = 366
"""Local days that a request may be about."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Values of one line of a point."""

    point: str
    line: str
    start: datetime
    end: datetime
    resolution: Resolution | None = None
    as_of: datetime | None = None
    days: int = MOST_DAYS
    end_user: str = ""
    """On whose behalf; empty: the caller's own."""

    @property
    def page_end(self) -> datetime:
        """Where this answer ends: at most so many local days on."""
        touched = days.days(self.start, self.end)
        return min(self.end, touched[self.days - 1].end) if len(touched) > self.days else self.end


async def values(engine: AsyncEngine, caller: Caller, what: Asked, once: Once | None = None) -> dict[str, Any] | None:
    """The answer; None where the caller may read nothing of it. Noted, as a rule with the use of its proof.

    Raises `UnableToRead`, and `Turned` where the proof was used before.
    """
    ahead = delivering.ahead(what.point, what.line, what.start, what.page_end, what.resolution, what.as_of)
    connection, at, stamp = await rights.at_once(engine, caller, what.point, what.line, ahead)
    try:
        found, reads = await _told(connection, caller, what, at, stamp)
    except loading.NotHeld:
        # A grant, or a period's volume: what it goes by shows only while one reads.
        if once is not None:
            await once.use()
        async with rights.answering(engine, caller, what.point, what.line) as (connection, at, stamp):
            found, reads = await _told(connection, caller, what, at, stamp)
            await rights.note(connection, reads, at=at)
    else:
        await permission.noted_at_once(engine, reads, at=at, once=once)
    return found


async def _told(
    connection: AsyncConnection, caller: Caller, what: Asked, at: datetime, stamp: fresh.Stamp
) -> tuple[dict[str, Any] | None, Mapping[Reader, Sequence[Read]]]:
    """The answer, and what is to be noted of it."""
    end = what.page_end
    may = await rights.of(connection, caller.party, caller.roles, [what.point], at=at, end_user=what.end_user)
    if not may.spans(what.point, what.line, what.start, what.end):
        return None, {}
    spans = may.spans(what.point, what.line, what.start, end)
    _, told = await days_of(connection, what, spans, stamp)
    return told, may.reads(what.point, what.line, spans)


async def days_of(
    connection: AsyncConnection, what: Asked, spans: Sequence[Span], stamp: fresh.Stamp
) -> tuple[Sequence[Delivered], dict[str, Any]]:
    """What there is of a page within what may be read, and its answer."""
    end = what.page_end
    found: Sequence[Delivered] = ()
    if spans:
        all_ = await delivering.of_points(
            connection,
            [what.point],
            start=what.start,
            end=end,
            line=what.line,
            resolution=what.resolution,
            as_of=what.as_of,
        )
        found = [asked.within(one, spans) for one in all_[what.point] if _any_in(one, spans)]
    messages = await delivering.messages(connection, found)
    numbers = {name: number for number, name in enumerate(messages)}
    return found, {
        "metering_point_id": what.point,
        "line": what.line,
        "from": what.start,
        "to": end,
        "as_of": what.as_of,
        "fresh": stamp.told(),
        "periods": [{"start": first, "end": last} for first, last in spans],
        "messages": list(messages.values()),
        "days": [day(one, numbers) for one in found],
    }


def _any_in(one: Delivered, spans: Sequence[Span]) -> bool:
    end = one.start + len(one.values.wh) * one.step
    return any(first < end and one.start < last for first, last in spans)


def day(one: Delivered, numbers: Mapping[str, int]) -> dict[str, Any]:
    """A day: its values, and run by run how they were made and from what."""
    return {
        "date": one.date,
        "start": one.start,
        "resolution": one.values.resolution,
        "counts": one.settled.counts,
        "settlement": one.settled.settlement,
        "method": one.settled.method,
        "grid_area": one.settled.grid_area,
        "values_wh": one.values.wh,
        "runs": list(_runs(one, numbers)),
    }


def _runs(one: Delivered, numbers: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    each = zip(one.values.status, one.values.origin, one.values.profile, map(id, one.sources), strict=True)
    at = 0
    for (status, origin, profile, _), some in groupby(each):
        steps = sum(1 for _ in some)
        yield {
            "steps": steps,
            "status": status,
            "origin": origin,
            "profile": profile,
            "messages": [numbers[source.name] for source in one.sources[at]],
        }
        at += steps
