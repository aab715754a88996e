"""Publishes the ledger, in position order, for ever starting again from where it is sure.

What a transaction has just written is handed over in memory; only after a doubt (a start, a failed send, a gap) are
rows read back. The advisory lock lets one relay work per shard; two at once would only send the same rows twice, and
every consumer has an inbox.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import zlib
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from aiokafka import AIOKafkaProducer
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis import kafka, telemetry
from chassis.store import LedgerRow
from contracts import topics

LOG = logging.getLogger("flexregister")
HEADERS = [("content-type", b"application/cloudevents+json; charset=UTF-8")]
AT_ONCE = 2000
IN_MEMORY = 20_000


@dataclass
class Relay:
    """The relay of one shard."""

    service: str
    shard: str
    database: AsyncEngine
    bootstrap: str
    namespace: str
    send_seconds: float = 30
    poll_seconds: float = 0.25
    published_to: int = 0
    leading: bool = False
    _fresh: deque[LedgerRow] = field(default_factory=deque)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, rows: Sequence[LedgerRow]) -> None:
        """These rows have just been committed. They are a short cut: the ledger is the truth."""
        if len(self._fresh) + len(rows) > IN_MEMORY:
            self._fresh.clear()
        else:
            self._fresh.extend(rows)
        if rows:
            self._wake.set()

    async def run(self) -> None:
        """Relay until cancelled, whatever goes away in the meantime."""
        pause = 0.1
        while True:
            try:
                await self._session()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 - the relay must outlive every fault; the next session starts from the ledger
                LOG.warning("%s: relay starts again: %s: %s", self.service, type(error).__name__, error)
                self.leading = False
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2.0)
            else:
                pause = 0.1

    async def _session(self) -> None:
        number = zlib.crc32(f"{self.service}/{self.shard}".encode())
        async with self.database.connect() as pooled, _ending(pooled):
            connection = await pooled.execution_options(isolation_level="AUTOCOMMIT")
            while not await connection.scalar(
                text("SELECT pg_try_advisory_lock(1179407948, :n)"), {"n": number - 2**31}
            ):
                await asyncio.sleep(self.poll_seconds)
            self.published_to = await connection.scalar(
                text("SELECT published_to FROM engine.relay WHERE shard = :shard"), {"shard": self.shard}
            )
            async with kafka.producing(self.bootstrap, client=f"{self.service}-relay") as producer:
                self.leading = True
                while True:
                    rows = await self._next(connection)
                    if rows:
                        started = time.time_ns()
                        await asyncio.wait_for(self._send(producer, rows), self.send_seconds)
                        telemetry.published(self.service, rows, started)
                        await self._mark(connection, rows[-1].position)
                        telemetry.RELAYED.add(len(rows), {"service": self.service, "shard": self.shard})
                    else:
                        await self._rest(connection)

    async def _next(self, connection: AsyncConnection) -> list[LedgerRow]:
        while self._fresh and self._fresh[0].position <= self.published_to:
            self._fresh.popleft()
        if self._fresh and self._fresh[0].position == self.published_to + 1:
            return [self._fresh.popleft() for _ in range(min(AT_ONCE, len(self._fresh)))]
        self._wake.clear()
        found = await connection.execute(
            text(
                "SELECT position, topic, part, key, id, type, version, body FROM engine.ledger"
                " WHERE shard = :shard AND position > :to ORDER BY position LIMIT :most"
            ),
            {"shard": self.shard, "to": self.published_to, "most": AT_ONCE},
        )
        return [LedgerRow(*row) for row in found]

    async def _send(self, producer: AIOKafkaProducer, rows: Sequence[LedgerRow]) -> None:
        sends = [
            await producer.send(
                topics.full_name(self.namespace, row.topic),
                value=row.body,
                key=row.key.encode(),
                partition=row.part,
                headers=HEADERS,
            )
            for row in rows
        ]
        await asyncio.gather(*sends)

    async def _mark(self, connection: AsyncConnection, position: int) -> None:
        await connection.execute(
            text("UPDATE engine.relay SET published_to = :to WHERE shard = :shard AND published_to < :to"),
            {"shard": self.shard, "to": position},
        )
        self.published_to = position

    async def _rest(self, connection: AsyncConnection) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), self.poll_seconds)
        except TimeoutError:
            # The lock lives as long as its connection: a dead one must be noticed even when there is nothing to send.
            await connection.execute(text("SELECT 1"))


@contextlib.asynccontextmanager
async def _ending(connection: AsyncConnection) -> AsyncIterator[None]:
    """Close a connection instead of giving it back: in the pool it would go on holding the lock."""
    try:
        yield
    finally:
        with contextlib.suppress(Exception):
            await connection.invalidate()
