"""Up to where an answer goes: the positions of the value shards whose values are in it, and when the last came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

STANDS = (
    "SELECT w.shard, w.position, i.at, w.passed_until FROM engine.writer w"
    " LEFT JOIN engine.inbox i ON i.shard = w.shard AND i.position = w.position"
    " ORDER BY w.shard"
)


@dataclass(frozen=True, slots=True)
class Shard:
    """How far a value shard has come: all that it has taken up to there is in the answer."""

    shard: str
    position: int
    received_at: datetime | None
    """When the last of it came."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """The freshness of an answer."""

    shards: tuple[Shard, ...]

    @property
    def positions(self) -> dict[str, int]:
        """By shard."""
        return {one.shard: one.position for one in self.shards}

    def told(self) -> list[dict[str, Any]]:
        """As it stands in answers."""
        return [asdict(one) for one in self.shards]


async def stamp(connection: AsyncConnection) -> Stamp:
    """Of the connection's snapshot."""
    return (await moment(connection))[1]


async def moment(connection: AsyncConnection) -> tuple[datetime, Stamp]:
    """What time it is as the register has it (`queries.now`), and the stamp: in one statement."""
    return told(await connection.execute(text(STANDS)))


def told(rows: Iterable[Any]) -> tuple[datetime, Stamp]:
    """The same, of what `STANDS` answered."""
    now, shards = None, list[Shard]()
    for shard, position, at, passed_until in rows:
        if shard == "case":
            now = passed_until
        else:
            shards.append(Shard(shard, position, at))
    return now or datetime.now(UTC), Stamp(tuple(shards))
