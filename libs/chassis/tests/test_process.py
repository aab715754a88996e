"""A whole process on a real broker and database: faults at every point, and nothing lost, doubled or out of order."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import toy
from aiokafka.errors import KafkaError
from onlog import Log, Stored, eventually, prepared
from pydantic_core import from_json

from chassis import kafka, store
from chassis.consumer import MORE_MS, Consumer
from chassis.engine import Engine
from chassis.process import Process, Shard
from chassis.relay import Relay
from chassis.settings import Settings
from contracts import topics
from launcher.broker import Broker
from launcher.postgres import Postgres

pytestmark = pytest.mark.bus


@dataclass
class Place:
    """A broker, a database and a namespace, and the toy's processes there."""

    bootstrap: str
    url: str
    namespace: str
    running: list[tuple[Process, asyncio.Task[int]]] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)

    async def start(self, role: str = "run") -> Process:
        settings = Settings(
            kafka_bootstrap=self.bootstrap,
            namespace=self.namespace,
            one_broker=True,
            min_insync_replicas=1,
            database_url=self.url,
            port=0,
            batch=50,
        )
        database = store.connect(self.url)
        process = Process("registry", settings, database, [Shard(toy.SERVICE, names=READS)], "chassis", role)
        task = asyncio.create_task(process.run())
        self.running.append((process, task))

        async def ready() -> bool:
            if task.done():
                task.result()
            return process.ready

        await eventually(ready)
        return process

    async def kill(self, process: Process) -> None:
        """Stop dead, as far as a task in this process can: no offset is committed, nothing is said to the database."""
        for consumer in process.consumers:
            consumer.commit = _nothing  # type: ignore[method-assign]
            consumer.engine.leave = _nothing  # type: ignore[method-assign]
        process.stop()
        await next(task for one, task in self.running if one is process)

    async def send(self, *values: bytes, topic: str = "commands.registry.v1") -> None:
        async with kafka.producing(self.bootstrap) as producer:
            for value in values:
                await producer.send_and_wait(topics.full_name(self.namespace, topic), value)

    async def follow(self) -> None:
        name = topics.full_name(self.namespace, "events.registry.v1")
        async with kafka.reading(self.bootstrap, name) as consumer:
            while True:
                for records in (await consumer.getmany(timeout_ms=50)).values():
                    self.entries += [from_json(record.value) for record in records]

    async def log(self) -> list[dict[str, Any]]:
        """What stands on the events topic, as far as it has been read."""
        return self.entries

    async def receipts(self) -> list[str]:
        """The ids of the commands that were answered, in the order of the log; a message sent twice counts once."""
        found = {entry["id"]: entry for entry in await self.log()}
        return [entry["data"]["command_id"] for entry in found.values() if entry["type"].endswith("receipt.v1")]

    async def answered(self, count: int, *, seconds: float = 60) -> None:
        async def all_there() -> bool:
            return len(await self.receipts()) >= count

        await eventually(all_there, seconds=seconds)

    async def right(self, sent: list[str], counter: str = "a") -> None:
        """Nothing lost, nothing doubled, order kept: in the store and on the log."""
        assert await self.receipts() == sent
        database = store.connect(self.url)
        stored = Stored(database)
        assert await stored.total(counter) == len(sent)
        await stored.gapless()
        await database.dispose()
        seen: dict[str, dict[str, Any]] = {}
        highest = 0
        for entry in await self.log():
            if entry["id"] in seen:
                assert seen[entry["id"]] == entry, "a re-sent message has the same bytes"
                continue
            seen[entry["id"]] = entry
            if entry["type"] == toy.Counted.type:
                assert entry["sequence"] == highest + 1
                highest = entry["sequence"]


READS = ("events.bsp-switch.v1", "commands.registry.v1")


async def _nothing(*_: object, **__: object) -> None:
    return None


async def _place(bootstrap: str, url: str, namespace: str) -> AsyncIterator[Place]:
    database = store.connect(url)
    await prepared(database)
    await database.dispose()
    await kafka.apply(bootstrap, namespace, topics.catalogue())
    place = Place(bootstrap, url, namespace)
    toy.BROKEN.clear()
    following = asyncio.create_task(place.follow())
    try:
        yield place
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        for process, task in place.running:
            process.stop()
            with contextlib.suppress(Exception):
                await asyncio.wait_for(task, 20)


@pytest.fixture
async def place(
    kafka_bootstrap: str, new_database: Callable[[], Awaitable[str]], namespace: str
) -> AsyncIterator[Place]:
    async for one in _place(kafka_bootstrap, await new_database(), namespace):
        yield one


def commands(log: Log, count: int) -> tuple[list[str], list[bytes]]:
    """So many commands to one counter."""
    ids = [f"n-{number}" for number in range(count)]
    return ids, [log.command("a", id=id_) for id_ in ids]


async def test_commands_in_receipts_out_behind_their_events(place: Place, log: Log) -> None:
    await place.start()
    ids, bodies = commands(log, 200)
    await place.send(*bodies)
    await place.answered(200)
    await place.right(ids)
    kinds = [entry["type"].split(".")[-2] for entry in await place.log()]
    assert kinds == ["counted", "receipt"] * 200


async def test_a_consumer_killed_between_commit_and_offset(
    place: Place, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await place.start()
    first.consumers[0].commit = _nothing  # type: ignore[method-assign]
    ids, bodies = commands(log, 300)
    await place.send(*bodies[:200])
    await place.answered(200)
    await place.kill(first)
    taken: list[int] = []
    take = Engine.take

    async def counting(self: Engine, records: Any) -> None:
        taken.extend(record.off for record in records)
        await take(self, records)

    monkeypatch.setattr(Engine, "take", counting)
    await place.start()
    await place.send(*bodies[200:])
    await place.answered(300)
    assert set(range(200)) <= set(taken), "no offset was committed, so everything came again, and the inbox knew it"
    await place.right(ids)


async def test_a_relay_killed_between_send_and_mark(place: Place, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    died = asyncio.Event()
    mark = Relay._mark

    async def killed(self: Relay, connection: Any) -> None:
        if not died.is_set():
            died.set()
            raise ConnectionError("killed between send and mark")
        await mark(self, connection)

    monkeypatch.setattr(Relay, "_mark", killed)
    await place.start()
    ids, bodies = commands(log, 50)
    await place.send(*bodies)
    await place.answered(50)
    assert died.is_set()
    await place.right(ids)
    assert len(await place.log()) > 100, "what was sent and not marked was sent again"


async def test_each_role_alone(place: Place, log: Log) -> None:
    await place.start("consume")
    ids, bodies = commands(log, 20)
    await place.send(*bodies)
    await place.start("relay")
    await place.answered(20)
    await place.right(ids)


async def test_a_standby_takes_over_under_load(place: Place, log: Log) -> None:
    both = [await place.start(), await place.start()]
    ids, bodies = commands(log, 400)
    sending = asyncio.create_task(place.send(*bodies))
    await place.answered(60)
    # Which of the two the group has chosen is the broker's affair.
    writer, standby = sorted(both, key=lambda process: process.consumers[0].assigned(), reverse=True)
    epoch = writer.consumers[0].engine.epoch
    await place.kill(writer)
    await sending
    await place.answered(400)
    await place.right(ids)

    async def took_over() -> bool:
        return standby.consumers[0].engine.epoch > epoch

    # All may have been answered before the other was stopped.
    await eventually(took_over)


async def test_two_writers_at_once_the_old_one_is_fenced(place: Place, log: Log) -> None:
    """The old one is paused in the middle of a batch while another takes its partitions, then goes on."""
    old = await place.start()
    held, go, fenced = asyncio.Event(), asyncio.Event(), asyncio.Event()
    work_off = Consumer._work_off

    async def paused(self: Consumer) -> None:
        if self is old.consumers[0] and not go.is_set():
            held.set()
            await go.wait()
        try:
            await work_off(self)
        except store.Fenced:
            fenced.set()
            raise

    old.consumers[0]._work_off = paused.__get__(old.consumers[0])  # type: ignore[method-assign]
    ids, bodies = commands(log, 40)
    await place.send(*bodies[:20])
    await asyncio.wait_for(held.wait(), 20)
    other = store.connect(place.url)
    async with other.begin() as connection:
        await store.claim(connection, "", "the new one")
    await other.dispose()
    go.set()

    await asyncio.wait_for(fenced.wait(), 20)
    assert await place.receipts() == []
    old.stop()
    await place.start()
    await place.send(*bodies[20:])
    await place.answered(40)
    await place.right(ids)


async def test_foreign_events_that_stood_in_the_log_are_known_to_a_command(place: Place, log: Log) -> None:
    named = [log.named("a", f"name-{number}") for number in range(300)]
    await place.send(*(record.value for record in named), topic="events.bsp-switch.v1")
    await place.send(log.command("a"))
    await place.start()
    await place.answered(1)
    assert (await place.log())[0]["data"]["name"] == "name-299"


async def test_the_broker_frozen_in_the_middle_of_a_relay_batch(
    own_broker: Broker, new_database: Callable[[], Awaitable[str]], log: Log
) -> None:
    async with contextlib.aclosing(_place(own_broker.bootstrap, await new_database(), "frozen")) as places:
        place = await anext(places)
        process = await place.start()
        for relay in process.relays:
            relay.send_seconds = 1
        ids, bodies = commands(log, 100)
        await place.send(*bodies[:50])
        await place.answered(50)
        sent = asyncio.Event()
        send = Relay._send

        async def freezing(self: Relay, producer: Any, rows: Any, names: Any) -> None:
            if not sent.is_set():
                await send(self, producer, rows[: len(rows) // 2 or 1], names)
                own_broker.freeze()
                sent.set()
            await send(self, producer, rows, names)

        Relay._send, restored = freezing, Relay._send  # type: ignore[method-assign]
        try:
            sending = asyncio.create_task(place.send(*bodies[50:]))
            await asyncio.wait_for(sent.wait(), 20)

            async def noticed() -> bool:
                return not process.relays[0].leading

            await eventually(noticed)
        finally:
            Relay._send = restored  # type: ignore[method-assign]
            own_broker.resume()
        await sending
        await place.answered(100)
        await place.right(ids)


async def test_the_database_restarted_under_load(
    own_postgres: Postgres, kafka_bootstrap: str, namespace: str, log: Log
) -> None:
    url = await own_postgres.server.create()
    async with contextlib.aclosing(_place(kafka_bootstrap, url, namespace)) as places:
        place = await anext(places)
        process = await place.start()
        ids, bodies = commands(log, 300)
        sending = asyncio.create_task(place.send(*bodies))
        await place.answered(50)
        await own_postgres.stop()

        async def says_so() -> bool:
            return not process.ready

        await eventually(says_so)
        await own_postgres.start()
        await sending
        await place.answered(300)
        await place.right(ids)
        assert process.ready
        rows = store.connect(url)
        assert await Stored(rows).rows("SELECT 1 FROM engine.parked") == [], "a database that is away parks nothing"
        await rows.dispose()


async def test_a_header_that_is_no_text_disturbs_nothing(place: Place, log: Log) -> None:
    await place.start()
    name = topics.full_name(place.namespace, "commands.registry.v1")
    async with kafka.producing(place.bootstrap) as producer:
        await producer.send_and_wait(name, log.command("a", id="n-0"), headers=[("x", b"\xff\xfe")])
        await producer.send_and_wait(name, b"\xff not json")
        await producer.send_and_wait(name, json.dumps([1]).encode())
        await producer.send_and_wait(name, log.command("a", id="n-1"))
    await place.answered(2)
    await place.right(["n-0", "n-1"])


async def test_what_was_taken_is_kept_when_the_next_fetch_fails(
    place: Place, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fetch moves on: what it gave and nobody decided would be passed over until the next start."""
    # Every batch asks for more.
    monkeypatch.setattr("chassis.consumer.GULP_SECONDS", -1.0)
    process = await place.start()
    (consumer,) = process.consumers
    fetch, failed = consumer._fetch, 0

    async def failing(*, timeout_ms: int, max_records: int | None) -> Any:
        nonlocal failed
        if timeout_ms == MORE_MS:
            failed += 1
            raise KafkaError("the connection is gone")
        return await fetch(timeout_ms=timeout_ms, max_records=max_records)

    consumer._fetch = failing
    ids, bodies = commands(log, 50)
    await place.send(*bodies)
    await place.answered(50)
    assert failed
    await place.right(ids)
