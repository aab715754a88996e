"""What the door wishes of the service: ids, parties and hashes, and nothing that tells who a person is.

As with documents, the door writes a wish and nothing else. The writer of the shard gives it to itself as an input whose
content is kept in the inbox: so it is decided once, in order, and the same when it is run again (ADR 0014).
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis import parking
from chassis.door import papers
from chassis.record import Record, inputs
from chassis.service import Raw

if TYPE_CHECKING:
    from chassis.consumer import Consumer


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish."""

    id: str
    type: str
    """As in `Service.internal`."""
    subject: str
    said: dict[str, str]


async def keep(connection: AsyncConnection, wish: Wish) -> None:
    """Write it; with whatever else the transaction writes."""
    await connection.execute(
        text(
            "INSERT INTO private.wish (id, type, subject, said)"
            " VALUES (CAST(:id AS uuid), :type, :subject, CAST(:said AS jsonb))"
        ),
        {"id": wish.id, "type": wish.type, "subject": wish.subject, "said": json.dumps(wish.said)},
    )


async def is_kept(database: AsyncEngine, id_: str) -> bool:
    """Whether it is not decided yet."""
    async with database.connect() as connection:
        found = await connection.scalar(text("SELECT 1 FROM private.wish WHERE id = CAST(:id AS uuid)"), {"id": id_})
    return found is not None


def opened(record: Record) -> Iterable[Raw]:
    """What the process gives itself."""
    said = json.loads(record.value)
    type_, id_ = said["type"], said["id"]
    yield Raw(key=(type_, id_), type=type_, data=said["said"], subject=said["subject"], id=f"{type_}|{id_}")


def record(wish: Wish, *, stamp: int) -> Record:
    """The input that says it, as a record; `stamp` in milliseconds."""
    value = {"type": wish.type, "id": wish.id, "subject": wish.subject, "said": wish.said, "stamp": stamp}
    return Record(parking.INTERNAL, 0, 0, stamp, json.dumps(value).encode())


async def give(consumer: Consumer, database: AsyncEngine, *, sandbox: bool) -> int:
    """Decide what is wished, in its order, as the shard's writer. How many there were."""
    engine = consumer.engine
    async with database.connect() as connection:
        rows = (
            await connection.execute(
                text("SELECT id::text, type, subject, said FROM private.wish ORDER BY number LIMIT 100")
            )
        ).all()
        if not rows:
            return 0
        stamp = await papers.sandbox_time(connection, engine.service.shard) if sandbox else None
    stamp = stamp or int(time.time() * 1000)
    items = {
        row.id: item
        for row in rows
        for item in inputs(engine.service, record(Wish(row.id, row.type, row.subject, row.said), stamp=stamp))
    }
    await engine.give(list(items.values()))
    async with database.begin() as connection:
        # One that waits or is parked is looked at again.
        await connection.execute(
            text(
                "DELETE FROM private.wish USING unnest(CAST(:ids AS uuid[]), CAST(:keys AS uuid[])) AS given (id, key)"
                " WHERE wish.id = given.id"
                " AND EXISTS (SELECT 1 FROM engine.inbox WHERE shard = :shard AND inbox.key = given.key)"
            ),
            {
                "ids": list(items),
                "keys": [item.key for item in items.values()],
                "shard": engine.service.shard,
            },
        )
    return len(rows)
