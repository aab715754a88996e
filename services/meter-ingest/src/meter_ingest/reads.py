"""All that was read of an end user's values, page by page: every point that it ever stood behind, in its own time.

In the order of points, and of each in that in which it was read. A page is found from where the last one ended: what is
read meanwhile stands behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from meter_ingest import queries, store
from meter_ingest.domain import blocks, lines, supplied

POINTS_AT_ONCE: Final = 500
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FOREVER: Final = datetime(2300, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_READ: Final = text(
    "SELECT s.since, s.until, r.ctid::text AS place, r.at, r.metering_point_id, r.line, r.start,"
    ' r."end", r.party, r.role, r.ground, r.about'
    " FROM unnest(CAST(:points AS bigint[]), CAST(:since AS timestamptz[]), CAST(:until AS timestamptz[]))"
    " WITH ORDINALITY AS s(point, since, until, number)"
    " CROSS JOIN LATERAL (SELECT *, ctid FROM private.read_log l WHERE l.metering_point_id = s.point"
    ' AND l.start < s.until AND l."end" > s.since'
    " AND (s.number > 1 OR CAST(:at AS timestamptz) IS NULL"
    " OR (l.at, l.ctid) > (:at, CAST(CAST(:place AS text) AS tid)))"
    " ORDER BY l.at, l.ctid LIMIT :most OFFSET 0) AS r"
    " ORDER BY s.number, r.at, r.ctid LIMIT :most"
)
"""All reads of one moment are in one month's table, in which each has a place that does not change."""

Spell = tuple[str, datetime, datetime]
"""A point, and from when to when somebody stood behind it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: of which point and stay, which read."""

    point: str
    since: datetime
    at: datetime
    page: int
    item: int

    @classmethod
    def parse(cls, given: str) -> Self:
        """As it was written. Raises `ValueError`."""
        point, *numbers = given.split(".")
        since, at, page, item = (int(one, 16) for one in numbers)
        if not (len(point) == 18 and point.isascii() and point.isdecimal()) or min(page, item) < 0:
            raise ValueError(given)
        if max(page, item) >= 2**31 or max(abs(since), abs(at)) >= 2**53:
            raise ValueError(given)
        return cls(point, _BEGINNING + since * _MICROSECOND, _BEGINNING + at * _MICROSECOND, page, item)

    def __str__(self) -> str:
        """In at most 64 characters."""
        since, at = ((one - _BEGINNING) // _MICROSECOND for one in (self.since, self.at))
        return f"{self.point}.{since:x}.{at:x}.{self.page:x}.{self.item:x}"


@dataclass(frozen=True, slots=True)
class Asked:
    """Reads of whose values, of one point or all, metered in which period; behind which to go on."""

    end_user: str
    point: str = ""
    start: datetime | None = None
    end: datetime | None = None
    after: Place | None = None
    most: int = 500


async def page(connection: AsyncConnection, asked: Asked) -> tuple[list[dict[str, Any]], str]:
    """What was read, by whom, in which role and on what ground; and where the next page begins, if there is one."""
    found: list[dict[str, Any]] = []
    last: Place | None = None
    spells = await _spells(connection, asked)
    for begin in range(0, len(spells), POINTS_AT_ONCE):
        some = spells[begin : begin + POINTS_AT_ONCE]
        for row in await _rows(connection, some, asked, most=asked.most - len(found) + 1, goes_on=not begin):
            if len(found) == asked.most:
                return found, str(last)
            number, item = row.place.strip("()").split(",")
            last = Place(str(row.metering_point_id), row.since, row.at, int(number), int(item))
            found.append(_told(row))
    return found, ""


async def _rows(
    connection: AsyncConnection, some: Sequence[Spell], asked: Asked, *, most: int, goes_on: bool
) -> Sequence[Any]:
    after = asked.after if goes_on and asked.after and some[0][:2] == (asked.after.point, asked.after.since) else None
    points, since, until = map(list, zip(*some, strict=True))
    said: Mapping[str, Any] = {
        "points": list(map(int, points)),
        "since": since,
        "until": until,
        "at": after and after.at,
        "place": f"({after.page},{after.item})" if after else "(0,0)",
        "most": most,
    }
    return (await connection.execute(_READ, said)).all()


async def _spells(connection: AsyncConnection, asked: Asked) -> list[Spell]:
    """When it stood behind which points, from where the last page ended."""
    behind = await queries.document(connection, store.BEHIND, asked.end_user)
    points = sorted(one for one in (behind.points if behind else ()) if asked.point in {"", one})
    supplies = await queries.documents_of(connection, store.SUPPLY, list(blocks.by_block(points)))
    found = (each for point in points for each in _own(asked, point, supplied.of_point(supplies, point)))
    return [one for one in found if asked.after is None or one[:2] >= (asked.after.point, asked.after.since)]


def _own(asked: Asked, point: str, timeline: tuple[supplied.Supply, ...]) -> Iterator[Spell]:
    for who, since, until in supplied.spells(timeline, supplied.end_user):
        if who != asked.end_user:
            continue
        first, last = max(since, asked.start or since), min(until or _FOREVER, asked.end or _FOREVER)
        if first < last:
            yield point, first, last


def _told(row: Any) -> dict[str, Any]:
    said = {name: getattr(row, name) for name in ("at", "party", "role", "ground", "about")}
    return {
        **said,
        "metering_point_id": str(row.metering_point_id),
        "line": lines.of_code(row.line),
        "start": max(row.start, row.since),
        "end": min(row.end, row.until),
    }
