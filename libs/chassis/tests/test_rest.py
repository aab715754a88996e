"""What a process says of itself, so that others can tell when nothing moves any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
import toy
from onlog import T0, Log
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import operator_port
from chassis.consumer import Consumer
from chassis.engine import Engine
from chassis.kafka import Scout, TopicPartition
from chassis.record import Record

EVENTS = TopicPartition("events.bsp-switch.v1", 0)
COMMANDS = TopicPartition("commands.registry.v1", 0)


class Broker:
    """Partitions with records, and the one client of a group; `ends` and `getmany` as the scout and the client have."""

    def __init__(self, *records: Record) -> None:
        self.records = {
            tp: [one for one in records if one.topic == tp.topic] for tp in (EVENTS, COMMANDS)
        }  # fmt: skip
        self.positions = dict.fromkeys(self.records, 0)
        self.on_position: Callable[[], None] = lambda: None

    async def ends(self, partitions: Any) -> Mapping[TopicPartition, int]:
        return {tp: len(self.records[tp]) for tp in partitions}

    def assignment(self) -> set[TopicPartition]:
        return set(self.records)

    async def position(self, partition: TopicPartition) -> int:
        self.on_position()
        return self.positions[partition]

    async def getmany(self, *, timeout_ms: int, max_records: int | None) -> dict[TopicPartition, list[Any]]:
        found = {
            tp: [
                SimpleNamespace(
                    topic=one.topic, partition=0, offset=one.off, timestamp=one.stamp, value=one.value, headers=()
                )
                for one in records[self.positions[tp] :]
            ]
            for tp, records in self.records.items()
        }
        self.positions = {tp: len(records) for tp, records in self.records.items()}
        return {tp: records for tp, records in found.items() if records}

    async def commit(self, _offsets: Any) -> None:
        """Nothing is kept."""


class Quick:
    """An engine that notes what it is given."""

    def __init__(self) -> None:
        self.taken: list[Record] = []
        self.claims = 0

    async def claim(self) -> None:
        """It is the writer."""
        await asyncio.sleep(0)
        self.claims += 1

    async def take(self, records: Any) -> None:
        self.taken += records


def consuming(broker: Broker, **hooks: Any) -> Consumer:
    consumer = Consumer(
        cast("Engine", Quick()),
        cast("Scout", broker),
        "",
        "toy",
        lambda topic: topic.startswith("events."),
        **hooks,
    )
    consumer._subscriber = SimpleNamespace(consumer=broker)
    consumer._fetch = broker.getmany
    return consumer


def handed(found: dict[TopicPartition, list[Any]]) -> Any:
    return SimpleNamespace(raw_message=tuple(record for records in found.values() for record in records))


@pytest.mark.unit
async def test_what_is_fetched_and_held_is_behind_from_the_first_record_of_a_partition_on(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client's position is past what it gave out, and nothing of these partitions has ever been decided."""
    monkeypatch.setattr("chassis.consumer.GULP_SECONDS", -1.0)
    consumer = consuming(Broker(log.named("a", "Anna"), log.count("a"), log.count("a")))
    assert await consumer.lag() == 3
    found = await consumer._patiently(timeout_ms=0, max_records=None)
    assert await consumer.lag() == 3
    await consumer._handle(handed(found))
    assert await consumer.lag() == 0
    assert len(cast("Quick", consumer.engine).taken) == 3


@pytest.mark.unit
async def test_of_those_that_ask_at_once_one_claims() -> None:
    """A second claim would fence the first, and what was fetched under it would be dropped and never come again."""
    consumer = consuming(Broker())
    assert await asyncio.gather(consumer.lead(), consumer.lead()) == [True, True]
    assert cast("Quick", consumer.engine).claims == 1


@pytest.mark.unit
async def test_what_is_fetched_while_it_is_asked_for_is_behind(log: Log) -> None:
    broker = Broker(log.count("a"))
    consumer = consuming(broker)

    def fetched_meanwhile() -> None:
        broker.positions[COMMANDS] = 1
        consumer.decided[COMMANDS] = 0

    broker.on_position = fetched_meanwhile
    assert await consumer.lag() == 1


@pytest.mark.unit
async def test_a_passing_of_time_that_waits_for_others_is_behind(log: Log) -> None:
    """Its place is told to those that it waits for, though it is not decided."""
    found: list[tuple[int | None, int]] = []

    async def waiting(consumer: Consumer) -> None:
        found.append((consumer.decided.get(COMMANDS), await consumer.lag()))

    broker = Broker(log.time(T0))
    consumer = consuming(broker, before_time=waiting)
    await consumer._handle(handed(await consumer._patiently(timeout_ms=0, max_records=None)))
    assert found == [(1, 1)]
    assert await consumer.lag() == 0


@pytest.mark.unit
async def test_what_is_decided_and_still_has_to_be_looked_at_is_behind(log: Log) -> None:
    found: list[int] = []

    async def after(consumer: Consumer, _records: Any) -> None:
        found.append(await consumer.lag())

    consumer = consuming(Broker(log.count("a")), after=after)
    await consumer._handle(handed(await consumer._patiently(timeout_ms=0, max_records=None)))
    assert found == [1]
    assert await consumer.lag() == 0


@pytest.mark.store
async def test_where_a_shard_stands_is_said_after_it_was_asked_how_far_behind_it_is(
    database: AsyncEngine, engine: Engine, log: Log
) -> None:
    """What it decides in between would show in neither: it is behind no longer, and would stand where it stood."""

    async def lag() -> int:
        await engine.take([log.count("a")])
        return 0

    consumer = SimpleNamespace(
        engine=engine, lag=lag, seconds_behind=float, assigned=lambda: False, trouble="", alarm=""
    )
    process = SimpleNamespace(
        name="registry",
        role="run",
        ready=True,
        database=database,
        shards=[SimpleNamespace(service=toy.SERVICE)],
        consumers=[consumer],
    )
    transport = httpx.ASGITransport(app=operator_port.application(cast("Any", process)), raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        (said,) = (await http.get("/status")).json()["shards"]
    assert (said["lag"], said["position"], said["ledger_position"]) == (0, 1, 2)
