"""What a caller may read of points, in all its roles at once, and the note of what it has read."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from contracts.values import Role
from meter_ingest import permission
from meter_ingest.domain import reach, visible
from meter_ingest.domain.visible import Span
from meter_ingest.permission import Read, Readable, Reader


@contextlib.asynccontextmanager
async def reading_and_noting(engine: AsyncEngine) -> AsyncGenerator[AsyncConnection]:
    """A transaction all of whose answers are of one moment, and in which it is noted what was read."""
    async with engine.begin() as connection:
        await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        yield connection


@dataclass(frozen=True, slots=True)
class Rights:
    """What may be read of points at a moment, by the role it is read in."""

    at: datetime
    by_role: Mapping[Reader, Mapping[str, tuple[Readable, ...]]] = field(
        default_factory=dict[Reader, "Mapping[str, tuple[Readable, ...]]"]
    )

    def spans(self, point: str, line: str, start: datetime, end: datetime) -> list[Span]:
        """The parts of a period in which a line may be read: half-open, in order, apart from each other."""
        found = [
            span for of in self.by_role.values() for span in reach.spans(of.get(point, ()), line, start=start, end=end)
        ]
        return visible.joined(sorted(found))

    def reads(self, point: str, line: str, spans: Iterable[Span]) -> dict[Reader, list[Read]]:
        """What is to be noted where these parts are handed out; in several roles, by each that had the right."""
        found: dict[Reader, list[Read]] = {}
        for first, last in spans:
            for reader, of in self.by_role.items():
                if some := list(Read.on(of.get(point, ()), point, line, first, last)):
                    found.setdefault(reader, []).extend(some)
        return found


async def of(
    connection: AsyncConnection, party: str, roles: Sequence[Role], points: Sequence[str], *, at: datetime
) -> Rights:
    """The caller's rights to points."""
    return Rights(
        at,
        {
            reader: await permission.readable(connection, reader, points, at=at)
            for reader in (Reader(party, role) for role in roles)
        },
    )


async def note(connection: AsyncConnection, reads: Mapping[Reader, Sequence[Read]], *, at: datetime) -> None:
    """Write down what was read. The caller commits."""
    for reader, some in reads.items():
        await permission.noted(connection, reader, some, at=at)
