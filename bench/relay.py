"""The ledger relay: from rows in the database to records on a topic, beside a producer of the same bytes."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from bench import material
from bench.ground import Ground
from chassis import kafka
from chassis.relay import IN_MEMORY, Relay
from chassis.store import LedgerRow
from contracts import topics
from registry.app import SERVICE

NAME = "relay"
BATCH = 500
"""What an engine's transaction hands over."""
PATIENCE = 120


async def measure(ground: Ground) -> None:
    """Handed over in memory (as after a commit), and read back (as after a doubt)."""
    count = ground.options.pick(60_000, 1_000)
    rows = _rows(count)
    size = sum(len(row.body) for row in rows) / count
    ground.sheet.note(f"relay: events of {size:,.0f} bytes, one partition, keys by metering point")
    for _ in range(ground.options.repeat):
        bare = count / await _bare(ground, rows)
        for what, offered in (("rows handed over after the commit", True), ("rows read back from the ledger", False)):
            seconds = await _relayed(ground, rows, offered=offered)
            ground.sheet.add(
                NAME,
                what,
                count / seconds,
                "rows/s",
                limit=bare,
                against="bare producer",
                budget="≥ 20,000/s, ≥ 0.25 of it",
                wanted=20_000,
                wanted_ratio=0.25,
            )


def _rows(count: int) -> list[LedgerRow]:
    """What a registry's ledger holds after so many facts."""
    events = list(material.recorded(material.points(count)))
    bodies = material.published(events, source=SERVICE.source)
    topic = topics.events(SERVICE.name)
    return [
        LedgerRow(position, topic, SERVICE.partition, event.subject, f"id-{position}", event.type, 1, body)
        for position, (event, body) in enumerate(zip(events, bodies, strict=True), 1)
    ]


async def _bare(ground: Ground, rows: Sequence[LedgerRow]) -> float:
    name = await ground.topic(topics.events(SERVICE.name))
    async with kafka.producing(ground.bootstrap) as producer:
        await producer.send_and_wait(name, b"first")
        began = time.perf_counter()
        await asyncio.gather(*[await producer.send(name, row.body, row.key.encode(), row.part) for row in rows])
        return time.perf_counter() - began


async def _relayed(ground: Ground, rows: list[LedgerRow], *, offered: bool) -> float:
    namespace = await ground.namespace()
    async with ground.database([SERVICE], package="registry") as database:
        relay = Relay(SERVICE.name, SERVICE.shard, database, ground.bootstrap, namespace)
        if not offered:
            await _insert(ground, database, rows)
        async with _running(relay, rows if offered else []):
            began = time.perf_counter()
            await _until(lambda: relay.published_to >= len(rows))
            seconds = time.perf_counter() - began
    await _check(ground, namespace, rows)
    return seconds


async def _insert(ground: Ground, database: AsyncEngine, rows: Sequence[LedgerRow]) -> None:
    names = LedgerRow._fields
    async with ground.connection(database) as raw:
        await raw.copy_records_to_table(
            "ledger",
            schema_name="engine",
            columns=["shard", *names],
            records=[(SERVICE.shard, *(getattr(row, name) for name in names)) for row in rows],
        )
        await raw.execute("ANALYZE engine.ledger")


@contextlib.asynccontextmanager
async def _running(relay: Relay, rows: Sequence[LedgerRow]) -> AsyncGenerator[None]:
    """The relay at work; `rows` are handed to it as an engine would, which does not run far ahead of it."""

    async def hand_over() -> None:
        for first in range(0, len(rows), BATCH):
            while first - relay.published_to > IN_MEMORY // 2:
                await asyncio.sleep(0.001)
            relay.offer(rows[first : first + BATCH])
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(relay.run())]
    try:
        await _until(lambda: relay.leading or relay.published_to > 0)
        tasks.append(asyncio.create_task(hand_over()))
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.005)


async def _check(ground: Ground, namespace: str, rows: Sequence[LedgerRow]) -> None:
    """All are there, once, and in order: what is fast but wrong would not count."""
    name = topics.full_name(namespace, topics.events(SERVICE.name))
    bodies = [record.value async for _, record in kafka.read_all(ground.bootstrap, name)]
    assert bodies == [row.body for row in rows], f"{len(bodies)} records are not the {len(rows)} rows in order"
