"""What was read of whose values, by whom and on what ground: kept for the end user, never the values.

The log is written with the answer it is of, and stands in the database alone: no event says who read what, for a
topic is kept for ever. It is by month of reading; `keeping` drops what is older than the policy has it kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.loading import single
from contracts import calendar, policies
from meter_ingest import queries, store
from meter_ingest.domain import blocks, lines, reach, supplied
from meter_ingest.domain.retention import after, month_of
from meter_ingest.domain.spans import Span

if TYPE_CHECKING:
    from chassis.door.gate import Once

_LOCK = text("LOCK TABLE private.read_log IN SHARE UPDATE EXCLUSIVE MODE")
"""A table's own lock, for with it the server sees which months others have made meanwhile."""
_PATIENCE = text("SET LOCAL lock_timeout = '500ms'")
_IS_THERE = text("SELECT to_regclass(:name)")
_THERE = text(
    "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
    " WHERE i.inhparent = CAST('private.read_log' AS regclass) ORDER BY 1"
)
_WRITE = (
    'INSERT INTO private.read_log (at, metering_point_id, line, start, "end", ground, about, party, role)'
    " SELECT $2::timestamptz, u.* FROM unnest($3::bigint[], $4::smallint[], $5::timestamptz[], $6::timestamptz[],"
    " $7::text[], $8::text[], $9::text[], $10::text[]) AS u WHERE to_regclass($1::text) IS NOT NULL"
)
"""Nothing, where the month of reading is not there yet."""
_WRITTEN = f"{_WRITE} RETURNING 1"
_READ = text(
    'SELECT at, line, start, "end", party, role, ground, about FROM private.read_log'
    ' WHERE metering_point_id = :point AND start < :until AND "end" > :since'
    " ORDER BY at, line, start, party, role"
)


@dataclass(frozen=True, slots=True)
class Read:
    """What was read: a line of a point, half-open, on what ground."""

    point: str
    line: str
    start: datetime
    end: datetime
    ground: str
    about: str = ""

    @classmethod
    def on(
        cls, some: Sequence[reach.Readable], point: str, line: str, start: datetime, end: datetime
    ) -> Iterator[Read]:
        """What is read of a line when a period is asked for that these may be read of; nothing twice."""
        done: list[Span] = []
        for one in some:
            if not one.has(line):
                continue
            for first, last in reach.without((max(start, one.start), min(end, one.end or end)), done):
                yield cls(point, line, first, last, one.ground, one.about)
                done.append((first, last))


@dataclass(frozen=True, slots=True)
class Noted:
    """That something was read, as the end user is told."""

    at: datetime
    line: str
    start: datetime
    end: datetime
    party: str
    role: str
    ground: str
    about: str


async def noted(connection: AsyncConnection, reader: reach.Reader, reads: Iterable[Read], *, at: datetime) -> None:
    """Write down what is read, in the transaction at hand: the answer is given once that is committed."""
    if (values := _values({reader: reads}, at)) is None:
        return
    raw: Any = (await connection.get_raw_connection()).driver_connection
    if not raw.is_in_transaction():
        # SQLAlchemy begins it with the first statement that goes through it.
        await connection.execute(text("SELECT 1"))
    if not await raw.fetch(_WRITTEN, *values):
        await _ensure(connection, month_of(calendar.local_date(at)))
        await raw.fetch(_WRITTEN, *values)


async def noted_at_once(
    engine: AsyncEngine, reads: Mapping[reach.Reader, Iterable[Read]], *, at: datetime, once: Once | None
) -> None:
    """Write down what is read, and commit it; with it the proof is used that it is read on.

    Raises `Turned` where that was used before: then nothing is read, nor written down.
    """
    if (values := _values(reads, at)) is None:
        return
    if once is not None and not once.is_used:
        done = await once.use_with(_WRITE, *values)
    else:
        async with single(engine) as raw:
            done = len(await raw.fetch(_WRITTEN, *values))
    if not done:
        async with engine.begin() as connection:
            await _ensure(connection, month_of(calendar.local_date(at)))
        async with single(engine) as raw:
            await raw.fetch(_WRITTEN, *values)


def _values(reads: Mapping[reach.Reader, Iterable[Read]], at: datetime) -> tuple[Any, ...] | None:
    """The parameters of `_WRITE`; None where nothing is read."""
    rows = [
        (int(one.point), lines.code(one.line), one.start, one.end, one.ground, one.about, reader.party, reader.role)
        for reader, some in reads.items()
        for one in some
    ]
    leaf = f"private.{_leaf(month_of(calendar.local_date(at)))}"
    return (leaf, at, *map(list, zip(*rows, strict=True))) if rows else None


async def reads_of(
    connection: AsyncConnection, end_user: str, point: str, *, start: datetime, end: datetime
) -> list[Noted]:
    """Who read what of a point's values of a period, as far as this end user stood behind the point then."""
    block = blocks.block_of(point)
    timeline = supplied.of_point(await queries.documents_of(connection, store.SUPPLY, [block]), point)
    own = [
        (max(since, start), min(until or end, end))
        for who, since, until in supplied.spells(timeline, supplied.end_user)
        if who == end_user
    ]
    found: list[Noted] = []
    for since, until in own:
        if since < until:
            rows = await connection.execute(_READ, {"point": int(point), "since": since, "until": until})
            found += (
                Noted(
                    row.at,
                    lines.of_code(row.line),
                    max(row.start, since),
                    min(row.end, until),
                    row.party,
                    row.role,
                    row.ground,
                    row.about,
                )
                for row in rows
            )
    return sorted(found, key=lambda one: (one.at, one.line, one.start, one.party))


async def drop_expired(engine: AsyncEngine, *, at: datetime) -> list[str]:
    """Drop the months of reading that are kept no longer at a moment, by the policy; which they were."""
    async with engine.begin() as connection:
        opened = await queries.document(connection, store.POLICIES, policies.ID)
        if opened is None:
            return []
        changed = await queries.document(connection, store.CHANGED_POLICIES, policies.ID)
        years = policies.known(opened, changed).whole("retention.read-log-years", at=at)
        month = month_of(calendar.local_date(at))
        first = _leaf(month.replace(year=month.year - years))
        gone = [name for name in (await connection.execute(_THERE)).scalars() if name < first]
        if gone:
            await connection.execute(_PATIENCE)
            await connection.execute(_LOCK)
        for name in gone:
            await connection.execute(text(f"DROP TABLE IF EXISTS private.{name}"))
    return gone


async def _ensure(connection: AsyncConnection, month: date) -> None:
    name = _leaf(month)
    if await connection.scalar(_IS_THERE, {"name": f"private.{name}"}) is not None:
        return
    await connection.execute(_LOCK)
    # Another may have made it meanwhile.
    if await connection.scalar(_IS_THERE, {"name": f"private.{name}"}) is None:
        bounds = f"FROM ('{calendar.midnight(month)}') TO ('{calendar.midnight(after(month))}')"
        await connection.execute(text(f"CREATE TABLE private.{name} (LIKE private.read_log INCLUDING ALL)"))
        await connection.execute(
            text(f"ALTER TABLE private.read_log ATTACH PARTITION private.{name} FOR VALUES {bounds}")
        )


def _leaf(month: date) -> str:
    return f"read_log_{month:%Y_%m}"
