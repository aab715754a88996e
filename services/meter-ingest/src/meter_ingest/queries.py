"""What came, laid over each other, by point, resource or group; and who changed it when. Reads only, on any connection.

    async with queries.reading_only(engine) as connection:
        found = await queries.of_points(connection, [point], start=start, end=end)

`as_of`: what had come by a moment, by time of receipt (MV-14). Values are those of `transform.Derived`: each says how
it was made. A window has whole quarters. Which of it counts, and in the resolution that one chooses: `delivering`.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis import store as documents
from chassis.service import Kind, State
from meter_ingest import store, value_store
from meter_ingest.domain import blocks, days, lines, reading, values
from meter_ingest.domain import spans as spans_
from meter_ingest.domain.reading import Came
from meter_ingest.domain.spans import Span
from meter_ingest.domain.transform import Derived
from meter_ingest.domain.values import Version

DEFAULT_LINE = lines.line("consumption")

# By plain SQL on the driver's connection: of five thousand rows SQLAlchemy's would cost more than reading them.
_OF = (
    " FROM private.value_version WHERE metering_point_id = ANY($1::bigint[]) AND line = $2 AND day BETWEEN $4 AND $5"
    " AND ($3::timestamptz IS NULL OR received_at <= $3)"
)
_CAME = (
    f"SELECT metering_point_id, day - $4::date, minutes, first, status, width, wh{_OF}"
    " ORDER BY metering_point_id, day, registered_at, received_at, part, off, series"
)
_AT_ONCE = (
    "SELECT metering_point_id, min(status), string_agg(wh, ''::bytea ORDER BY day)"
    f"{_OF} GROUP BY metering_point_id HAVING count(*) = $6 AND count(DISTINCT day) = $6 AND max(first) = 0"
    " AND max(minutes) = 15 AND min(status) = max(status) AND max(width) = 4 AND sum(length(wh)) = $7"
)
"""Points of which every day came once, whole, in quarters and with one status, as nearly all do: one row each."""
_NOW = text("SELECT passed_until FROM engine.writer WHERE shard = 'case'")
_SENT = (
    "SELECT i.shard, i.position, i.topic, i.part, i.off FROM unnest($1::text[], $2::bigint[]) AS u(shard, position)"
    " CROSS JOIN LATERAL (SELECT * FROM engine.inbox WHERE shard = u.shard AND position = u.position OFFSET 0) AS i"
)


class UnableToRead(Exception):
    """What is asked for cannot be read so; the text says why."""


@dataclass(frozen=True, slots=True)
class Change:
    """A quarter of a version: what counted before it (None: nothing had come), what counts with it, what it says."""

    start: datetime
    before_wh: int | None
    wh: int | None
    sent_wh: int


@dataclass(frozen=True, slots=True)
class Revision:
    """A version of a point's day: who said so, when, in which record, and whether it counted when it came."""

    day: date
    version: str
    sender: str
    record: str
    """`topic/partition/offset`: the message that it came in."""
    received_at: datetime
    registered_at: datetime
    status: str
    minutes: int
    counts: bool
    """False: it was registered before what counts, or does not count in its resolution (`other`)."""
    changes: tuple[Change, ...]
    other: bool = False
    """Whether values of that day count in another resolution."""


@contextlib.asynccontextmanager
async def reading_only(engine: AsyncEngine) -> AsyncGenerator[AsyncConnection]:
    """A connection that nothing can be written with, and all of whose answers are of one moment."""
    async with engine.connect() as connection:
        await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        yield connection


async def of_points(
    connection: AsyncConnection,
    points: Sequence[str],
    *,
    start: datetime,
    end: datetime,
    line: str = DEFAULT_LINE,
    as_of: datetime | None = None,
) -> dict[str, Derived]:
    """What came of points, by point, as it came; one that nothing came of has nothing in it."""
    window = _window(start, end)
    raw: Any = (await connection.get_raw_connection()).driver_connection
    first, last = window.touched[0].date, window.touched[-1].date
    asked = (lines.code(line), as_of, first, last)
    whole = (len(window.touched), 4 * window.quarters)
    found: dict[int, Derived] = {
        point: reading.whole(window, status, wh)
        for point, status, wh in await raw.fetch(_AT_ONCE, list(map(int, points)), *asked, *whole)
    }
    came: dict[int, list[Came]] = {}
    if others := [point for point in map(int, points) if point not in found]:
        for point, day, minutes, first_, status, width, wh in await raw.fetch(_CAME, others, *asked):
            came.setdefault(point, []).append(Came(day, minutes, first_, status, width, wh))
        found |= {point: reading.counted(window, came.get(point, ())) for point in others}
    return {point: found[int(point)] for point in points}


async def of_group(
    connection: AsyncConnection,
    group: str,
    *,
    start: datetime,
    end: datetime,
    line: str = DEFAULT_LINE,
    as_of: datetime | None = None,
) -> dict[str, tuple[list[Span], Derived]]:
    """What came of a group's members, by point: in which parts of the period it was a member, and its values there.

    Elsewhere its values are not the group's: there they are None. An unknown group has no members.
    """
    stays = await members(connection, group, start=start, end=end)
    found = await of_points(connection, list(stays), start=start, end=end, line=line, as_of=as_of)
    everywhere = [(start, end)]
    return {
        point: (spans, found[point] if spans == everywhere else within(found[point], spans, start=start))
        for point, spans in stays.items()
    }


async def members(connection: AsyncConnection, group: str, *, start: datetime, end: datetime) -> dict[str, list[Span]]:
    """Which points were in a group in which parts of a period."""
    known_as = await document(connection, store.GROUP, group)
    found: dict[str, list[Span]] = {}
    if known_as is None:
        return found
    for point in sorted(known_as.members):
        if len(known_as.members[point]) == 1:
            (stay,) = known_as.members[point]
            if stay.valid_from <= start and (stay.valid_to is None or stay.valid_to >= end):
                found[point] = [(start, end)]
                continue
        stays = ((stay.valid_from, stay.valid_to or end) for stay in known_as.members[point])
        if spans := spans_.joined(sorted(spans_.both(stays, [(start, end)]))):
            found[point] = spans
    return found


async def point_of(connection: AsyncConnection, resource: str) -> str | None:
    """The metering point that a resource stands behind."""
    found = await document(connection, store.RESOURCE, resource)
    return found.metering_point_id if found else None


async def is_known(connection: AsyncConnection, point: str) -> bool:
    """Whether the registry ever recorded such a point."""
    if len(point) != 18 or not (point.isascii() and point.isdigit()):
        return False
    found = await document(connection, store.POINTS, blocks.block_of(point))
    return found is not None and blocks.place_of(point) in found.places


async def now(connection: AsyncConnection) -> datetime:
    """As the register has it."""
    return await connection.scalar(_NOW) or datetime.now(UTC)


async def revisions(
    connection: AsyncConnection,
    point: str,
    *,
    start: datetime,
    end: datetime,
    line: str = DEFAULT_LINE,
    as_of: datetime | None = None,
    minutes: Mapping[date, int | None] | None = None,
) -> list[Revision]:
    """Every version that came for the local days of a period, day by day, in the order in which they came.

    `minutes`: of the steps that count, by day.
    """
    window = _window(start, end)
    by_day = await value_store.standing(connection, [(point, line, day.date) for day in window.touched])
    steps = minutes or {}
    found = [
        (day, came)
        for day in window.touched
        for came in values.revisions(
            _by(by_day.get((point, line, day.date), ()), as_of), 0, day.quarters, steps.get(day.date)
        )
    ]
    sent = await records(connection, {(came.version.shard, came.version.position) for _, came in found})
    return [
        Revision(
            day=version.day,
            version=version.name,
            sender=sender,
            record=record,
            received_at=version.received_at,
            registered_at=version.registered_at,
            status=version.status,
            minutes=version.minutes,
            counts=came.counts,
            other=came.other,
            changes=tuple(
                Change(day.start + at * days.QUARTER, before, after, said) for at, before, after, said in came.quarters
            ),
        )
        for day, came in found
        for version in (came.version,)
        for sender, record in (sent.get((version.shard, version.position), ("", "")),)
    ]


def within(found: Derived, spans: Sequence[Span], *, start: datetime) -> Derived:
    """Values in some parts of their period alone."""
    step = timedelta(minutes=days.MINUTES[found.resolution])
    parts = [((first - start) // step, -(-(last - start) // step)) for first, last in spans]
    if parts == [(0, len(found.wh))]:
        return found
    there = [False] * len(found.wh)
    for first, last in parts:
        there[first:last] = [True] * (last - first)

    def cut(some: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(one if is_ else None for one, is_ in zip(some, there, strict=True))

    return Derived(found.resolution, cut(found.wh), cut(found.origin), cut(found.status), cut(found.profile))


async def document(connection: AsyncConnection, kind: Kind[State], id_: str) -> State | None:
    """One document's state."""
    return (await documents_of(connection, kind, [id_])).get(id_)


async def documents_of(connection: AsyncConnection, kind: Kind[State], ids: Sequence[str]) -> dict[str, State | None]:
    """Documents' states, by id."""
    found = await documents.loader(connection)([(kind, ids)])
    return {id_: one.state for (_, id_), one in found.items()}


def _window(start: datetime, end: datetime) -> reading.Window:
    if end <= start:
        raise UnableToRead("the end is behind the start")
    if days.quarter_floor(start) != start or days.quarter_floor(end) != end:
        raise UnableToRead("a period begins and ends with a quarter of an hour")
    return reading.window(start, end)


def _by(versions: Iterable[Version], as_of: datetime | None) -> Iterable[Version]:
    return versions if as_of is None else values.as_of(versions, as_of)


async def records(
    connection: AsyncConnection, wanted: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], tuple[str, str]]:
    """Of shards' positions: who sent the record there, and where it stands."""
    some = list(wanted)
    if not some:
        return {}
    raw: Any = (await connection.get_raw_connection()).driver_connection
    rows = await raw.fetch(_SENT, [shard for shard, _ in some], [position for _, position in some])
    return {(shard, position): record(*where) for shard, position, *where in rows}


def record(topic: str, part: int, off: int) -> tuple[str, str]:
    """Who sent a record, and where it stands."""
    return topic.split(".")[1], f"{topic}/{part}/{off}"
