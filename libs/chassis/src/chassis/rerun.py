"""Running a service's inbox again, in its order, on an empty database: it must decide the same, to the byte.

What it compares is the order of decisions (the inbox) and everything that was decided (the ledger).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic_core import from_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import kafka, migrate, parking
from chassis.engine import Engine
from chassis.record import Record
from chassis.service import Service
from contracts import topics

Place = tuple[str, int, int]
AT_ONCE = 200
"""Records in one transaction: how inputs were batched is nothing that a decision depends on."""


@dataclass(frozen=True, slots=True)
class Rerun:
    """How the second run compares with the first. `difference` is empty when they are the same."""

    inputs: int
    outputs: int
    difference: str


async def rerun(
    service: Service, *, original: AsyncEngine, again: AsyncEngine, package: str, bootstrap: str, namespace: str
) -> Rerun:
    """Run the inbox of `original` again on the empty database `again`."""
    await migrate.migrate(again, [service], package)
    async with original.connect() as connection:
        rows = (
            await connection.execute(
                text(
                    "SELECT kind, topic, part, off, at, body FROM engine.inbox WHERE shard = :shard ORDER BY position"
                ),
                {"shard": service.shard},
            )
        ).all()
    records = await _records(bootstrap, namespace, {row.topic for row in rows} - {parking.INTERNAL})
    engine = Engine(service, again, "rerun")
    await engine.claim()
    done: set[Place] = set()
    order: list[Record] = []
    for row in rows:
        place = (row.topic, row.part, row.off)
        if row.kind == "deadline" or place in done:
            # A deadline is decided by the passing of time behind it; a record is opened once.
            continue
        if row.topic == parking.INTERNAL:
            order.append(Record(row.topic, row.part, row.off, from_json(row.body)["stamp"], bytes(row.body)))
        else:
            done.add(place)
            order.append(records[place])
    for start in range(0, len(order), AT_ONCE):
        await engine.take(order[start : start + AT_ONCE])
    return await compare(service, original, again)


async def _records(bootstrap: str, namespace: str, names: set[str]) -> Mapping[Place, Record]:
    found: dict[Place, Record] = {}
    full = {topics.full_name(namespace, name): name for name in names}
    if full:
        async for topic, one in kafka.read_all(bootstrap, *full):
            record = Record(full[topic], one.partition, one.offset, one.timestamp, one.value or b"")
            found[record.topic, record.part, record.off] = record
    return found


async def compare(service: Service, original: AsyncEngine, again: AsyncEngine) -> Rerun:
    """Hold two runs of a service's inbox against each other."""
    inbox, ledger = [], []
    for database in (original, again):
        async with database.connect() as connection:
            inbox.append(
                (
                    await connection.execute(
                        text("SELECT position, key::text, kind FROM engine.inbox WHERE shard = :s ORDER BY position"),
                        {"s": service.shard},
                    )
                ).all()
            )
            ledger.append(
                (
                    await connection.execute(
                        text("SELECT position, topic, body FROM engine.ledger WHERE shard = :s ORDER BY position"),
                        {"s": service.shard},
                    )
                ).all()
            )
    difference = ""
    for what, (first, second) in (("inbox", inbox), ("ledger", ledger)):
        if first != second:
            pair = next(((a, b) for a, b in zip(first, second, strict=False) if a != b), (len(first), len(second)))
            difference = f"{what}: {pair[0]} became {pair[1]}"
            break
    return Rerun(len(inbox[0]), len(ledger[0]), difference)
