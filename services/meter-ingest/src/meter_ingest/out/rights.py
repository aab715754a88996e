"""What a caller may read of points, in all its roles at once, and the note of what it has read."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis import loading
from chassis.door.gate import Caller
from chassis.service import Kind
from contracts.values import Role
from meter_ingest import delivering, permission
from meter_ingest.out import fresh
from meter_ingest.permission import Read, Reader, Rights

_BEGUN = text("SELECT 1")
"""Begins a transaction, which is asked past SQLAlchemy then."""


@contextlib.asynccontextmanager
async def reading_and_noting(engine: AsyncEngine) -> AsyncGenerator[AsyncConnection]:
    """A transaction all of whose answers are of one moment, and in which it is noted what was read."""
    async with _of_one_moment(engine) as connection:
        await connection.execute(_BEGUN)
        yield connection


@contextlib.asynccontextmanager
async def answering(
    engine: AsyncEngine, caller: Caller, point: str, line: str
) -> AsyncGenerator[tuple[AsyncConnection, datetime, fresh.Stamp]]:
    """The same, for an answer about a point; when that is, its stamp, and what it goes by, loaded at once."""
    async with _of_one_moment(engine) as connection:
        # Which begins it.
        at, stamp = await fresh.moment(connection)
        await loading.hold(connection, _goes_by(caller, point, line))
        yield connection, at, stamp


async def at_once(
    engine: AsyncEngine, caller: Caller, point: str, line: str, ahead: Mapping[str, loading.Asked]
) -> tuple[AsyncConnection, datetime, fresh.Stamp]:
    """The same in one statement, with what others answer; what it has not is not held (`loading.alone`)."""
    wanted = _goes_by(caller, point, line)
    connection, found = await loading.alone(engine, wanted, {"stands": (fresh.STANDS,), **ahead})
    return connection, *fresh.told(found["stands"])


def _goes_by(caller: Caller, point: str, line: str) -> list[tuple[Kind[Any], Sequence[str]]]:
    return [*permission.decided_by(caller.party, caller.roles, [point]), *delivering.settled_by([point], line)]


@contextlib.asynccontextmanager
async def _of_one_moment(engine: AsyncEngine) -> AsyncGenerator[AsyncConnection]:
    async with engine.connect() as connection:
        # Said with BEGIN, not behind it.
        await connection.execution_options(isolation_level="REPEATABLE READ")
        async with connection.begin():
            yield connection


async def of(
    connection: AsyncConnection,
    party: str,
    roles: Sequence[Role],
    points: Sequence[str],
    *,
    at: datetime,
    end_user: str = "",
) -> Rights:
    """The caller's rights to points; or, on behalf of an end user, those of that one."""
    return await permission.rights(connection, [Reader(party, role, end_user) for role in roles], points, at=at)


async def note(connection: AsyncConnection, reads: Mapping[Reader, Sequence[Read]], *, at: datetime) -> None:
    """Write down what was read. The caller commits."""
    for reader, some in reads.items():
        await permission.noted(connection, reader, some, at=at)
