"""What the operator reads of points' values where it asks for something else: noted for the end users, too.

    asks={"settlement": noting(settlement_asked, of_settlement), …}

What is read is told by the answer itself: by whoever asked is another's sums, prices and hashes are nobody's values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.service import Ask
from chassis.work import Work
from contracts import values
from contracts.values import Role
from meter_ingest import permission, queries
from meter_ingest.domain import days, evidence
from meter_ingest.domain.spans import Span, joined
from meter_ingest.permission import Read, Reader

GROUND: Final = "operator"
_HOUR: Final = timedelta(hours=1)
_Piece = tuple[str, str, datetime, datetime]
"""A point and a line, from when to when."""


def noting(ask: Ask, pieces: Callable[[Mapping[str, Any]], Iterable[_Piece]]) -> Ask:
    """The same answer, given once it is noted what of points' values is in it."""

    async def answer(connection: AsyncConnection, work: Callable[[], Work], asked: Mapping[str, Any]) -> Any:
        found = await ask(connection, work, asked)
        await note(connection, pieces(found), about=str(asked.get("as") or ""))
        return found

    return answer


async def note(connection: AsyncConnection, pieces: Iterable[_Piece], *, about: str = "") -> None:
    """Write it down beside the snapshot that is read from. `about`: as whom it was looked at, or what for."""
    spans: dict[tuple[str, str], list[Span]] = {}
    for point, line, start, end in pieces:
        spans.setdefault((point, line), []).append((start, end))
    reads = [
        Read(point, line, start, end, GROUND, about)
        for (point, line), some in spans.items()
        for start, end in joined(sorted(some))
    ]
    if reads:
        async with connection.engine.begin() as writing:
            at = await queries.now(writing)
            await permission.noted(writing, Reader("", Role.OPERATOR), reads, at=at)


def of_settlement(found: Mapping[str, Any]) -> Iterator[_Piece]:
    """Rows of a run, of the line that differs; rows of an adjustment, made of both; the hours of a point's day."""
    for row in found.get("rows", ()):
        point = row.get("metering_point_id") or row["point"]
        for line in [row["line"]] if "line" in row else evidence.LINES:
            yield point, line, row["start"], row["start"] + days.QUARTER
    if found.get("metering_point_id"):
        for hour in found["hours"]:
            yield found["metering_point_id"], queries.DEFAULT_LINE, hour["start"], hour["start"] + _HOUR


def of_allocation(found: Mapping[str, Any]) -> Iterator[_Piece]:
    """What points delivered: of the quarters of the activation, from both lines."""
    starts = [values.parse_time(one["start"]) for one in found["run"]["quarters"]] if found.get("points") else []
    for one in found.get("points", ()) if starts else ():
        for line in evidence.LINES:
            yield one["metering_point_id"], line, starts[0], starts[-1] + days.QUARTER


def of_validation(found: Mapping[str, Any]) -> Iterator[_Piece]:
    """Examples, which say what was metered: of the day."""
    effect = found.get("effect")
    if effect is None:
        return
    day = days.day(values.parse_date(effect["date"]))
    for dso in effect["dsos"]:
        for one in dso["examples"]:
            yield one["metering_point_id"], one["line"], day.start, day.end
