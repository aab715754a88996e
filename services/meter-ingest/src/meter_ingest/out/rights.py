"""What a caller may read of points, in all its roles at once, and the note of what it has read."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from contracts.values import Role
from meter_ingest import permission
from meter_ingest.permission import Read, Reader, Rights


@contextlib.asynccontextmanager
async def reading_and_noting(engine: AsyncEngine) -> AsyncGenerator[AsyncConnection]:
    """A transaction all of whose answers are of one moment, and in which it is noted what was read."""
    async with engine.begin() as connection:
        await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        yield connection


async def of(
    connection: AsyncConnection, party: str, roles: Sequence[Role], points: Sequence[str], *, at: datetime
) -> Rights:
    """The caller's rights to points."""
    return await permission.rights(connection, [Reader(party, role) for role in roles], points, at=at)


async def note(connection: AsyncConnection, reads: Mapping[Reader, Sequence[Read]], *, at: datetime) -> None:
    """Write down what was read. The caller commits."""
    for reader, some in reads.items():
        await permission.noted(connection, reader, some, at=at)
