"""Running a service's inbox again, in its order, on an empty database: it must decide the same, to the byte.

What it compares is the order of decisions (the inbox) and everything that was decided (the ledger).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import takewhile

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


@dataclass(frozen=True, slots=True)
class _Place:
    position: int
    beside: int | None
    """`Decision.beside`"""
    record: Record


async def rerun(
    service: Service,
    *,
    original: AsyncEngine,
    again: AsyncEngine,
    package: str,
    bootstrap: str,
    namespace: str,
    beside: Service | None = None,
) -> Rerun:
    """Run the inbox of `original` again on the empty database `again`.

    `beside`: the other shard, on whose documents this one decides; it is run along, as far as each input saw it, and to
    its end. What came of it tells `compare`.
    """
    await migrate.migrate(again, [service, *([beside] if beside else ())], package)
    run = await _Run.begin(service, original, again, bootstrap, namespace)
    along = await _Run.begin(beside, original, again, bootstrap, namespace) if beside else None
    while (place := run.next) is not None:
        if along and place.beside is not None:
            await along.to(place.beside)
        await run.some(place.beside)
    if along:
        await along.to(None)
    return await compare(service, original, again)


@dataclass
class _Run:
    """One shard's records in the order of its inbox, and how far they are decided again."""

    engine: Engine
    places: list[_Place]
    at: int = 0

    @classmethod
    async def begin(
        cls, service: Service, original: AsyncEngine, again: AsyncEngine, bootstrap: str, namespace: str
    ) -> _Run:
        engine = Engine(service, again, "rerun")
        await engine.claim()
        return cls(engine, await _places(service, original, bootstrap, namespace))

    @property
    def next(self) -> _Place | None:
        return self.places[self.at] if self.at < len(self.places) else None

    async def some(self, beside: int | None) -> None:
        """Decide what comes next as far as it was decided beside the same position of the other shard."""
        await self._take(lambda place: place.beside in (None, beside))

    async def to(self, position: int | None) -> None:
        """Decide all up to this position."""
        while await self._take(lambda place: position is None or place.position <= position):
            pass

    async def _take(self, goes: Callable[[_Place], bool]) -> bool:
        some = list(takewhile(goes, self.places[self.at : self.at + AT_ONCE]))
        self.at += len(some)
        await self.engine.take([place.record for place in some])
        return bool(some)


async def _places(service: Service, original: AsyncEngine, bootstrap: str, namespace: str) -> list[_Place]:
    async with original.connect() as connection:
        rows = (
            await connection.execute(
                text(
                    "SELECT position, kind, topic, part, off, at, body FROM engine.inbox WHERE shard = :shard"
                    " ORDER BY position"
                ),
                {"shard": service.shard},
            )
        ).all()
    records = await _records(bootstrap, namespace, {row.topic for row in rows} - {parking.INTERNAL})
    done: set[Place] = set()
    order: list[_Place] = []
    for row in rows:
        place = (row.topic, row.part, row.off)
        if row.kind == "deadline" or place in done:
            # A deadline is decided by the passing of time behind it; a record is opened once.
            continue
        if row.topic == parking.INTERNAL:
            record = Record(row.topic, row.part, row.off, from_json(row.body)["stamp"], bytes(row.body))
            order.append(_Place(row.position, None, record))
        else:
            done.add(place)
            order.append(_Place(row.position, int(row.body) if row.body else None, records[place]))
    return order


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
