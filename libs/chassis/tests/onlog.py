"""The toy service's messages as they stand on the log, and looks into its database."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import toy
from pydantic_core import from_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import migrate
from chassis.record import Record
from contracts.gateway.v1 import TimePassed

T0 = datetime(2026, 1, 5, 8, tzinfo=UTC)


class Log:
    """Makes records as the broker would give them."""

    def __init__(self) -> None:
        self._offsets: dict[str, itertools.count[int]] = {}
        self._ids = itertools.count(1)

    def record(self, topic: str, value: bytes, at: datetime = T0) -> Record:
        """A record at the next offset of its topic."""
        offset = next(self._offsets.setdefault(topic, itertools.count()))
        return Record(topic, 0, offset, int(at.timestamp() * 1000), value)

    def count(self, subject: str, by: int = 1, *, id: str = "", at: datetime = T0, **data: Any) -> Record:  # noqa: A002
        """A command, as the gateway forwards it."""
        return self.record("commands.registry.v1", self.command(subject, by, id=id, at=at, **data), at)

    def command(self, subject: str, by: int = 1, *, id: str = "", at: datetime = T0, **data: Any) -> bytes:  # noqa: A002
        """A command's bytes."""
        envelope = {
            "specversion": "1.0",
            "id": (name := id or f"c-{next(self._ids)}"),
            "source": "/parties/7080000000012",
            "type": toy.Count.type,
            "subject": subject,
            "time": at.isoformat(),
            "sender": "7080000000012",
            "receivedat": at.isoformat(),
            "ingressposition": f"ingress.7080000000012.v1/0/{name}",
            "data": {"by": by, **data},
        }
        return json.dumps(envelope).encode()

    def named(self, counter: str, name: str, at: datetime = T0) -> Record:
        """A foreign event."""
        id_ = f"e-{next(self._ids)}"
        envelope = {
            "specversion": "1.0",
            "id": id_,
            "source": "/services/bsp-switch",
            "type": toy.Named.type,
            "subject": counter,
            "time": at.isoformat(),
            "data": {"counter": counter, "name": name},
        }
        return self.record("events.bsp-switch.v1", json.dumps(envelope).encode(), at)

    def time(self, until: datetime) -> Record:
        """Time passes."""
        id_ = f"t-{next(self._ids)}"
        envelope = {
            "specversion": "1.0",
            "id": id_,
            "source": "/services/gateway",
            "type": TimePassed.type,
            "subject": "clock",
            "time": until.isoformat(),
            "data": {"clock": "clock", "until": until.isoformat()},
        }
        return self.record("commands.registry.v1", json.dumps(envelope).encode(), until)


HOUR = timedelta(hours=1)


async def prepared(engine: AsyncEngine) -> None:
    """The chassis' tables, and the toy's."""
    await migrate.migrate(engine, [toy.SERVICE], "chassis")
    async with engine.begin() as connection:
        await connection.run_sync(toy.METADATA.create_all)


class Stored:
    """Looks into the database."""

    def __init__(self, database: AsyncEngine) -> None:
        self._database = database

    async def rows(self, sql: str) -> list[Any]:
        async with self._database.connect() as connection:
            return list((await connection.execute(text(sql))).all())

    async def total(self, counter: str) -> int:
        found = await self.rows(f"SELECT state FROM own.document WHERE kind = 'counter' AND id = '{counter}'")
        return found[0].state["total"] if found else 0

    async def ledger(self) -> list[dict[str, Any]]:
        return [from_json(row.body) for row in await self.rows("SELECT body FROM engine.ledger ORDER BY position")]

    async def receipts(self) -> list[dict[str, Any]]:
        return [entry["data"] for entry in await self.ledger() if entry["type"].endswith(".receipt.v1")]

    async def gapless(self) -> None:
        """Positions of inbox and ledger are 1, 2, 3 …; sequences of every subject likewise."""
        for table in ("inbox", "ledger"):
            positions = [row.position for row in await self.rows(f"SELECT position FROM engine.{table} ORDER BY 1")]
            assert positions == list(range(1, len(positions) + 1)), table
        sequences: dict[str, list[int]] = {}
        for entry in await self.ledger():
            sequences.setdefault(entry["subject"], []).append(entry["sequence"])
        for subject, found in sequences.items():
            assert found == list(range(1, len(found) + 1)), subject


async def eventually(true: Callable[[], Awaitable[bool]], *, seconds: float = 30) -> None:
    """Wait until a condition holds."""
    end = asyncio.get_running_loop().time() + seconds
    while not await true():
        assert asyncio.get_running_loop().time() < end, "it never became true"
        await asyncio.sleep(0.02)
