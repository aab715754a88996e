"""Where versions lie in PostgreSQL: by how long they are kept, then by month (ADR 0023).

Months are made ahead, and dropped whole. Neither is ever done in a batch's own transaction. A month is attached, which
lets a COPY into its neighbours go on; what is dropped waits a moment for a lock and no longer, for all would wait
behind it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from meter_ingest.domain.retention import CLASSES, after, month_of

LOCK = text("SELECT pg_advisory_xact_lock(1447119213)")
"""One makes or drops at a time; two that make the same month would otherwise wait for each other."""
_PATIENCE = text("SET LOCAL lock_timeout = '500ms'")
_LOCK_NOT_AVAILABLE = "55P03"
_THERE = text(
    "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
    " WHERE i.inhparent = ANY(CAST(:parents AS regclass[]))"
)
_KNOWN: WeakKeyDictionary[Any, set[date]] = WeakKeyDictionary()
"""The months that an engine's database is known to have."""


def leaf(years: int, month: date) -> str:
    """The table of a month."""
    return f"value_version_{years}_{month:%Y_%m}"


def ahead(month: date, count: int) -> list[date]:
    """A month and so many after it."""
    found = [month]
    for _ in range(count):
        found.append(after(found[-1]))
    return found


async def ensure_months(engine: AsyncEngine, days: Iterable[date]) -> None:
    """See to it that the months of these days can be written to, in a transaction of its own."""
    known = _KNOWN.setdefault(engine.sync_engine, set())
    missing = {month_of(day) for day in days} - known
    if not missing:
        return
    async with engine.begin() as connection:
        await connection.execute(LOCK)
        there = await _there(connection)
        for month in sorted(missing):
            for years in CLASSES:
                if (name := leaf(years, month)) not in there:
                    await _attach(connection, name, years, month)
    known |= missing


async def _attach(connection: AsyncConnection, name: str, years: int, month: date) -> None:
    # CREATE TABLE … PARTITION OF would lock out whoever writes; to attach an empty table does not.
    parent = f"private.value_version_{years}"
    await connection.execute(text(f"CREATE TABLE private.{name} (LIKE {parent} INCLUDING ALL)"))
    await connection.execute(
        text(f"ALTER TABLE {parent} ATTACH PARTITION private.{name} FOR VALUES FROM ('{month}') TO ('{after(month)}')")
    )


async def drop_expired(engine: AsyncEngine, years: int, through: date) -> list[str]:
    """Drop the months of a class up to and including one; those that could be. Again is harmless."""
    async with engine.connect() as connection:
        there = await _there(connection)
    first, last = f"value_version_{years}_", leaf(years, through)
    gone = [name for name in sorted(there) if name.startswith(first) and name <= last]
    dropped: list[str] = []
    for name in gone:
        try:
            async with engine.begin() as connection:
                await connection.execute(_PATIENCE)
                await connection.execute(LOCK)
                await connection.execute(text(f"DROP TABLE IF EXISTS private.{name}"))
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") != _LOCK_NOT_AVAILABLE:
                raise
            continue
        dropped.append(name)
        _KNOWN.setdefault(engine.sync_engine, set()).discard(_month(name))
    return dropped


def _month(name: str) -> date:
    year, month = name.rsplit("_", 2)[1:]
    return date(int(year), int(month), 1)


async def _there(connection: AsyncConnection) -> set[str]:
    parents = [f"private.value_version_{years}" for years in CLASSES]
    return set((await connection.execute(_THERE, {"parents": parents})).scalars())
