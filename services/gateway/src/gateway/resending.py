"""Sends parties again what they were sent, when they asked: the ledger's rows of their topic, as they stand there.

Nothing is decided anew and nothing is written down, so that a restart begins an order again; a reader knows a message
by its id. An order walks through the ledger in steps, and rests after each for as long as it took.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import kafka, process
from chassis import store as chassis_store
from chassis.relay import HEADERS
from contracts import envelope as envelopes
from contracts import topics
from gateway import store
from gateway.domain.resend import Order

LOG = logging.getLogger("flexregister")
STEP = 5_000
"""So many rows of the ledger are looked at at once, whoever they were for."""
REST_SECONDS = 0.25
_ROOM = 1024
"""Of a record's bytes, for its key and headers."""

Say = Callable[[str, str, int], Awaitable[None]]
"""Told that an order is done: its id, the party, how many messages."""


class Delivery(NamedTuple):
    """A message as a party was sent it."""

    key: str
    body: bytes

    @property
    def repeated(self) -> bytes:
        """The same message, marked as one that was sent before; as it was, where there is no room for the mark."""
        marked = envelopes.extend(self.body, {"repeated": True})
        return marked if len(marked) <= topics.MAX_BYTES - _ROOM else self.body


async def attend(running: process.Process, say: Say) -> None:
    """Keep doing it, as the one that decides."""
    settings, consumer = running.settings, running.consumers[0]
    looked_at: tuple[int, int] | None = None
    while True:
        try:
            stands = (consumer.engine.epoch, consumer.engine.position)
            # Only what has been decided since can have brought an order.
            if await consumer.lead() and stands != looked_at:
                order = await first(running.database)
                if order is None:
                    looked_at = stands
                else:
                    pages = deliveries(running.database, order, shard=consumer.engine.service.shard)
                    name = topics.full_name(settings.namespace, topics.egress(order.party))
                    count = await repeat(settings.kafka_bootstrap, name, pages, leads=consumer.lead)
                    if count is not None:
                        await say(order.resend_id, order.party, count)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is away comes back; the loop must outlive it
            LOG.warning("gateway: sending again: %s: %s", type(error).__name__, error)
        await asyncio.sleep(REST_SECONDS)


async def first(database: AsyncEngine) -> Order | None:
    """The order that is to be done now."""
    async with database.connect() as connection:
        found = await chassis_store.load(connection, store.RESENDS, store.RESENDS_ID)
    return found.state.orders[0] if found and found.state else None


async def deliveries(
    database: AsyncEngine, order: Order, *, shard: str, step: int = STEP
) -> AsyncIterator[list[Delivery]]:
    """What the order wants of all that has been published by now, in the order in which it was; step by step.

    The topic that keeps the latest of each key is left out: what is the latest there would be so no more.
    """
    after = 0
    async with database.connect() as connection:
        # What is in the ledger and not on the topic yet is sent there anyway, and must not come before its first time.
        upto = await connection.scalar(
            text("SELECT published_to FROM engine.relay WHERE shard = :shard"), {"shard": shard}
        )
    while after < (upto or 0):
        # A connection is not held while the step is sent.
        async with database.connect() as connection:
            rows = await connection.execute(
                text(
                    "SELECT key, body FROM engine.ledger WHERE shard = :shard AND position > :after"
                    " AND position <= :upto AND topic = :topic ORDER BY position"
                ),
                {
                    "shard": shard,
                    "after": after,
                    "upto": min(after + step, upto),
                    "topic": topics.egress(order.party),
                },
            )
            found = [Delivery(row.key, bytes(row.body)) for row in rows]
        after += step
        yield [one for one in found if order.wants(envelopes.decode(one.body).time)]


async def repeat(
    bootstrap: str, topic: str, pages: AsyncIterator[list[Delivery]], *, leads: Callable[[], Awaitable[bool]]
) -> int | None:
    """Send all of it; how many messages that was, or None where another process does it from here on."""
    count = 0
    async with kafka.producing(bootstrap, client="gateway-resending") as producer:
        began = time.monotonic()
        async for page in pages:
            if not await leads():
                return None
            sends: list[Any] = [
                await producer.send(topic, one.repeated, key=one.key.encode(), headers=HEADERS) for one in page
            ]
            await asyncio.gather(*sends)
            count += len(page)
            await asyncio.sleep(time.monotonic() - began)
            began = time.monotonic()
    return count
