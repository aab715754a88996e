"""What was read of whose values, by whom and on what ground: kept for the end user, never the values.

The log is written with the answer it is of, and stands in the database alone: no event says who read what, for a
topic is kept for ever. It is by month of reading; `keeping` drops what is older than the policy has it kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from contracts import calendar, policies
from meter_ingest import queries, store
from meter_ingest.domain import blocks, lines, reach, supplied
from meter_ingest.domain.retention import after, month_of
from meter_ingest.domain.spans import Span

_LOCK = text("SELECT pg_advisory_xact_lock(1447119214)")
_PATIENCE = text("SET LOCAL lock_timeout = '500ms'")
_IS_THERE = text("SELECT to_regclass(:name)")
_THERE = text(
    "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
    " WHERE i.inhparent = CAST('private.read_log' AS regclass) ORDER BY 1"
)
_WRITE = (
    'INSERT INTO private.read_log (at, metering_point_id, line, start, "end", party, role, ground, about)'
    " SELECT $2::timestamptz, u.point, u.line, u.start, u.until, $3::text, $4::text, u.ground, u.about"
    " FROM unnest($5::bigint[], $6::smallint[], $7::timestamptz[], $8::timestamptz[], $9::text[], $10::text[])"
    " AS u(point, line, start, until, ground, about) WHERE to_regclass($1::text) IS NOT NULL RETURNING 1"
)
"""Nothing, where the month of reading is not there yet."""
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
    rows = [(int(one.point), lines.code(one.line), one.start, one.end, one.ground, one.about) for one in reads]
    if not rows:
        return
    month = month_of(calendar.local_date(at))
    columns = [list(column) for column in zip(*rows, strict=True)]
    asked = (_WRITE, f"private.{_leaf(month)}", at, reader.party, reader.role.value, *columns)
    raw: Any = (await connection.get_raw_connection()).driver_connection
    if not raw.is_in_transaction():
        # SQLAlchemy begins it with the first statement that goes through it.
        await connection.execute(text("SELECT 1"))
    if not await raw.fetch(*asked):
        await _ensure(connection, month)
        await raw.fetch(*asked)


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
