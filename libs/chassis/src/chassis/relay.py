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
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Any

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
MARK_SECONDS = 0.05
"""How far it has come is noted no more often: after a crash it sends that much again."""


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
    _marked: int = 0
    _mark_at: float = 0.0
    _in_doubt: bool = True
    """There may be rows in the ledger that were not handed over."""
    _fresh: deque[LedgerRow] = field(default_factory=deque)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, rows: Sequence[LedgerRow]) -> None:
        """These rows have just been committed. They are a short cut: the ledger is the truth."""
        if len(self._fresh) + len(rows) > IN_MEMORY:
            self._fresh.clear()
            self._in_doubt = True
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
                self._marked = self.published_to
                self._in_doubt = True
                names: dict[str, tuple[str, int | None]] = {}
                while True:
                    rows = await self._next(connection)
                    if rows:
                        started = time.time_ns()
                        async with asyncio.timeout(self.send_seconds):
                            await self._send(producer, rows, names)
                        telemetry.published(self.service, rows, started)
                        telemetry.RELAYED.add(len(rows), {"service": self.service, "shard": self.shard})
                        self.published_to = rows[-1].position
                    if self._marked < self.published_to and time.monotonic() >= self._mark_at:
                        await self._mark(connection)
                    if not rows:
                        await self._rest()

    async def _next(self, connection: AsyncConnection) -> list[LedgerRow]:
        while self._fresh and self._fresh[0].position <= self.published_to:
            self._fresh.popleft()
        if self._fresh and self._fresh[0].position == self.published_to + 1:
            return [self._fresh.popleft() for _ in range(min(AT_ONCE, len(self._fresh)))]
        self._wake.clear()
        if not self._in_doubt and not self._fresh:
            return []
        found = await connection.execute(
            text(
                "SELECT position, topic, part, key, id, type, version, body FROM engine.ledger"
                " WHERE shard = :shard AND position > :to ORDER BY position LIMIT :most"
            ),
            {"shard": self.shard, "to": self.published_to, "most": AT_ONCE},
        )
        rows = [LedgerRow(*row) for row in found]
        self._in_doubt = bool(rows)
        return rows

    async def _send(
        self, producer: AIOKafkaProducer, rows: Sequence[LedgerRow], names: dict[str, tuple[str, int | None]]
    ) -> None:
        sends: list[asyncio.Future[Any]] = []
        for row in rows:
            known = names.get(row.topic)
            if known is None:
                name = topics.full_name(self.namespace, row.topic)
                # Which partition a key belongs to costs more to find out than the sending; mostly there is only one.
                only = 0 if await producer.partitions_for(name) == {0} else None
                known = names[row.topic] = (name, only)
            name, only = known
            partition = only if row.part is None else row.part
            sends.append(
                await producer.send(name, row.body, key=row.key.encode(), partition=partition, headers=HEADERS)
            )
        await asyncio.gather(*sends)

    async def _mark(self, connection: AsyncConnection) -> None:
        await connection.execute(
            text("UPDATE engine.relay SET published_to = :to WHERE shard = :shard AND published_to < :to"),
            {"shard": self.shard, "to": self.published_to},
        )
        self._marked = self.published_to
        self._mark_at = time.monotonic() + MARK_SECONDS

    async def _rest(self) -> None:
        unmarked = self._marked < self.published_to
        try:
            async with asyncio.timeout(MARK_SECONDS if unmarked else self.poll_seconds):
                await self._wake.wait()
        except TimeoutError:
            # Asking whether there is more also tells whether the lock's connection is alive. Rows that another process
            # wrote are found by nothing else.
            self._in_doubt = self._in_doubt or not unmarked


@contextlib.asynccontextmanager
async def _ending(connection: AsyncConnection) -> AsyncGenerator[None]:
    """Close a connection instead of giving it back: in the pool it would go on holding the lock."""
    try:
        yield
    finally:
        with contextlib.suppress(Exception):
            await connection.invalidate()
