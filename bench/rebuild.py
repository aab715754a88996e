"""Rebuilding registry's state from its log, beside reading the same log and doing nothing with it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from bench import material
from bench.ground import Ground
from chassis import kafka, rebuild
from chassis.engine import Engine
from chassis.record import Record
from chassis.relay import Relay
from contracts import calendar, topics
from contracts.bsp_switch.v1 import ControlClaimed
from flexreg.story import cast as who
from flexreg.story import messages
from registry.app import SERVICE

NAME = "rebuild"
BATCH = 500
EMPTY = hashlib.sha256().hexdigest()
HELD = 2
"""Every so many metering points one is held by a BSP and has a resource."""


@dataclass(kw_only=True)
class Log:
    """What a registry has decided, on its topics and in its database."""

    namespace: str
    database: AsyncEngine
    names: list[str]


async def measure(ground: Ground) -> None:
    """Fill a log by deciding, read it bare, fold it, compare the hashes."""
    options = ground.options
    count = options.pick(50_000, 600)
    async with _log(ground, count=count) as log:
        for _ in range(options.repeat):
            records, reading = await _bare(ground, log)
            rebuilt, seconds = await _rebuilt(ground, log)
            ground.sheet.add(
                NAME,
                "events folded from the topics",
                rebuilt.events / seconds,
                "events/s",
                limit=records / reading,
                against="bare read, records/s",
                budget="≥ 20,000/s, ≥ 0.10 of it",
                wanted=20_000,
                wanted_ratio=0.10,
            )
            ground.sheet.add(NAME, "records passed through it", records / seconds, "records/s")
            began = time.perf_counter()
            hashes = rebuilt.hashes()
            ground.sheet.add(
                NAME, "its hashes", len(rebuilt.work.documents) / (time.perf_counter() - began), "documents/s"
            )
            async with log.database.connect() as connection:
                stored = await rebuild.stored_hashes(connection, SERVICE)
            tables = stored.keys() | hashes.keys()
            assert all(stored.get(table, EMPTY) == hashes.get(table, EMPTY) for table in tables), "not what is stored"
            ground.sheet.note(
                f"rebuild: {records:,} records, {rebuilt.events:,} of them folded to"
                f" {len(rebuilt.work.documents):,} documents, equal to the stored ones by hash"
            )


async def _bare(ground: Ground, log: Log) -> tuple[int, float]:
    """All that the rebuild reads, read in the same way; how many records, and how long it took."""
    found = 0
    began = time.perf_counter()
    async for _ in kafka.read_all(ground.bootstrap, *log.names):
        found += 1
    return found, time.perf_counter() - began


async def _rebuilt(ground: Ground, log: Log) -> tuple[rebuild.Rebuilt, float]:
    """What `rebuild.prove` does before it compares."""
    rebuilt = rebuild.Rebuilt.empty(SERVICE)
    began = time.perf_counter()
    async for topic, record in kafka.read_all(ground.bootstrap, *log.names):
        await rebuilt.fold(topic.removeprefix(kafka.prefix(log.namespace)), record.partition, record.value)
    return rebuilt, time.perf_counter() - began


@contextlib.asynccontextmanager
async def _log(ground: Ground, *, count: int) -> AsyncGenerator[Log]:
    """Facts of metering points, claims of some, and resources behind those: decided by registry's own engine."""
    namespace = await ground.namespace()
    points = material.points(count)
    held = points[::HELD]
    commands = topics.full_name(namespace, topics.commands("registry"))
    claims = topics.full_name(namespace, topics.events("bsp-switch"))
    async with (
        ground.database([SERVICE], package="registry") as database,
        kafka.producing(ground.bootstrap) as producer,
    ):
        relay = Relay(SERVICE.name, SERVICE.shard, database, ground.bootstrap, namespace)
        engine = Engine(SERVICE, database, "bench", publish=relay.offer)
        await engine.claim()
        relaying = asyncio.create_task(relay.run())
        ground.sheet.say(f"deciding {count:,} metering points and {len(held):,} resources …")
        facts = material.forwarded(messages.metering_points(points), by=who.DATAHUB)
        resources = material.forwarded(messages.resources(map(_resource, held)), by=who.BSP_A, start=count)
        seconds = 0.0
        try:
            for name, bodies in (
                (commands, [*material.beginning(), *facts]),
                (claims, list(material.published(map(_claim, held), source="/services/bsp-switch"))),
                (commands, resources),
            ):
                sent = await _sent(producer, name, bodies)
                began = time.perf_counter()
                await _decide(engine, sent, name.removeprefix(f"{namespace}."))
                seconds += time.perf_counter() - began
            decided = (count + 2 * len(held)) / seconds
            ground.sheet.add(NAME, "deciding it, records in memory to the database", decided, "inputs/s")
            while relay.published_to < await _ledger(engine):
                await asyncio.sleep(0.05)
        finally:
            relaying.cancel()
            await asyncio.gather(relaying, return_exceptions=True)
        names = [topics.events("registry"), topics.events("bsp-switch"), topics.commands("registry")]
        yield Log(namespace=namespace, database=database, names=[topics.full_name(namespace, one) for one in names])


async def _sent(producer: Any, name: str, bodies: list[bytes]) -> list[tuple[bytes, Any]]:
    sent = [await producer.send(name, body) for body in bodies]
    return list(zip(bodies, await asyncio.gather(*sent), strict=True))


async def _decide(engine: Engine, sent: Iterable[tuple[bytes, Any]], topic: str) -> None:
    records = [Record(topic, 0, said.offset, said.timestamp, body) for body, said in sent]
    for first in range(0, len(records), BATCH):
        await engine.take(records[first : first + BATCH])
        await asyncio.sleep(0)


async def _ledger(engine: Engine) -> int:
    async with engine.database.connect() as connection:
        found = await connection.exec_driver_sql("SELECT ledger_position FROM engine.writer WHERE shard = ''")
        return int(found.scalar_one())


def _claim(point: who.Point) -> ControlClaimed:
    return ControlClaimed(
        metering_point_id=point.id,
        bsp=who.BSP_A.gln,
        valid_from=calendar.midnight(messages.BEGINNING),
        consent_id=who.story_id("bench", "consent", point.id),
    )


def _resource(point: who.Point) -> who.Resource:
    device = who.Device("Dampkilde", "VB 300", point.id[-8:])
    return who.Resource(
        who.story_id("bench", point.id), point.id, "water-heater", "water-heater", 5 * who.KW, (device,)
    )
