"""The only place that makes Kafka clients: every default that could lose data is set here, once.

`acks=all` and idempotence on producers; no auto-commit, `earliest`, and the range assignor on consumers (it gives all
single-partition topics to one member, which is what makes one writer).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as TopicPartition  # noqa: PLC0414 - handed on
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.client import AIOKafkaClient
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker

from contracts import topics

SAFE_BROKER = {"auto.create.topics.enable": "false"}
"""A mistyped name would become a topic that nobody reads, and a party's topic one with settings of its own."""
FETCH = 4 * 1024 * 1024
TOPIC_ALREADY_EXISTS = 36
STOP_SECONDS = 10
"""No client may hang a shutdown (`consumer.stop` can, after the broker closed the connection)."""


class UnsafeBroker(Exception):
    """The broker or a topic is set so that data could be lost; says which setting, and what it must be."""


def consumer_options() -> dict[str, Any]:
    """What every consumer is made with."""
    return {
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        # A fetch returns as soon as there is anything: a long wait is only seldom asking again. See `patient`.
        "fetch_max_wait_ms": 500,
        "max_partition_fetch_bytes": FETCH,
        "fetch_max_bytes": 4 * FETCH,
        "metadata_max_age_ms": 5_000,
        "session_timeout_ms": 10_000,
        "heartbeat_interval_ms": 1_000,
        # A database that is away pauses the consumer for as long as it takes; the epoch fences whoever comes back late.
        "max_poll_interval_ms": 3_600_000,
        "partition_assignment_strategy": (RangePartitionAssignor,),
    }


def broker(bootstrap: str, client: str) -> KafkaBroker:
    """FastStream's broker for subscriptions. It makes no topics and writes no log line per message."""
    return KafkaBroker(
        bootstrap,
        client_id=client,
        logger=None,
        acks="all",
        enable_idempotence=True,
        allow_auto_create_topics=False,
        metadata_max_age_ms=5_000,
        graceful_timeout=STOP_SECONDS,
    )


@contextlib.asynccontextmanager
async def producing(bootstrap: str, *, client: str = "flexregister") -> AsyncGenerator[AIOKafkaProducer]:
    """An idempotent producer with many sends in flight."""
    producer = await start_producer(bootstrap, client=client)
    try:
        yield producer
    finally:
        await stop(producer)


async def start_producer(bootstrap: str, *, client: str) -> AIOKafkaProducer:
    """Start one; a failed start leaves nothing open."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        client_id=client,
        acks="all",
        enable_idempotence=True,
        max_batch_size=512 * 1024,
        max_request_size=12 * 1024 * 1024,
        linger_ms=0,
        request_timeout_ms=20_000,
    )
    try:
        await producer.start()
    except BaseException:
        await stop(producer)
        raise
    return producer


@contextlib.asynccontextmanager
async def reading(
    bootstrap: str, *names: str, group: str | None = None, start: bool = True
) -> AsyncGenerator[AIOKafkaConsumer]:
    """A consumer of these topics (full names). Without a group it is assigned all their partitions, from the start."""
    consumer = _Reader(bootstrap, group)
    try:
        await consumer.start()
        if group is not None:
            consumer.subscribe(topics=list(names))
        else:
            found = await _know(consumer, names)
            assigned = [TopicPartition(name, partition) for name in names for partition in sorted(found[name])]
            consumer.assign(assigned)
            if start:
                await consumer.seek_to_beginning(*assigned)
        yield consumer
    finally:
        await stop(consumer)


async def _know(consumer: AIOKafkaConsumer, names: Iterable[str]) -> Mapping[str, set[int]]:
    """Learn of these topics, all in one request, before they are assigned; gives their partitions."""
    client = consumer._client  # noqa: SLF001 - there is no public way
    wanted = set(names)
    found: dict[str, set[int]] = {}
    for _ in range(50):
        found = {name: partitions for name in wanted if (partitions := consumer.partitions_for_topic(name))}
        if len(found) == len(wanted):
            return found
        await client.set_topics(wanted | client.cluster.topics())
        await client.force_metadata_update()
        if not all(map(consumer.partitions_for_topic, wanted)):
            await asyncio.sleep(0.05)
    message = f"no such topic: {', '.join(sorted(wanted - found.keys()))}"
    raise LookupError(message)


def patient(consumer: AIOKafkaConsumer) -> None:
    """Never fetch from some partitions while records of others wait to be taken.

    A broker answers a connection's requests in order, so the next fetch of the others, too, would wait as long as that
    one does. Holding back is what aiokafka does by itself, but only for a tenth of a second.
    """
    fetcher: Any = consumer._fetcher  # noqa: SLF001 - no option reaches it
    fetcher._prefetch_backoff = 3600.0  # noqa: SLF001


class Scout:
    """Tells where partitions end, on a connection of its own: on a consumer's, the answer waits behind its fetch."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._asking = asyncio.Lock()
        self._consumer: AIOKafkaConsumer | None = None
        self._known: set[str] = set()

    async def ends(self, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Where these partitions end now."""
        wanted = list(partitions)
        if not wanted:
            return {}
        async with self._asking:
            if self._consumer is None:
                consumer = AIOKafkaConsumer(
                    bootstrap_servers=self._bootstrap, client_id="flexregister", metadata_max_age_ms=5_000
                )
                try:
                    await consumer.start()
                except BaseException:
                    await stop(consumer)
                    raise
                self._consumer = consumer
            new = {partition.topic for partition in wanted} - self._known
            if new:
                await _know(self._consumer, new)
                self._known |= new
        return await self._consumer.end_offsets(wanted)

    async def stop(self) -> None:
        """Close the connection."""
        if self._consumer is not None:
            await stop(self._consumer)


class _Reader(AIOKafkaConsumer):
    """A consumer with a scout of its own."""

    def __init__(self, bootstrap: str, group: str | None) -> None:
        # Who reads some partitions and leaves others for later must not be kept from those for long.
        options: dict[str, Any] = {**consumer_options(), "fetch_max_wait_ms": 100}
        super().__init__(bootstrap_servers=bootstrap, group_id=group, client_id="flexregister", **options)
        self._scout = Scout(bootstrap)

    async def end_offsets(self, partitions: Iterable[TopicPartition]) -> Any:
        """Where these partitions end now."""
        return await self._scout.ends(partitions)

    async def stop(self) -> None:
        """Close both connections."""
        await super().stop()
        await self._scout.stop()


async def ends(consumer: AIOKafkaConsumer, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
    """Where these partitions of a `reading` end now."""
    wanted = list(partitions)
    return await consumer.end_offsets(wanted) if wanted else {}


async def read_all(bootstrap: str, *names: str) -> AsyncIterator[tuple[str, Any]]:
    """Every record that stands in these topics now, partition by partition in order: (topic, record)."""
    async with reading(bootstrap, *names) as consumer:
        end = await ends(consumer, consumer.assignment())
        open_ = {partition for partition, offset in end.items() if offset > await consumer.position(partition)}
        while open_:
            batch = await consumer.getmany(*open_, timeout_ms=1000, max_records=5000)
            for partition, records in batch.items():
                for record in records:
                    if record.offset < end[partition]:
                        yield partition.topic, record
            open_ = {partition for partition in open_ if await consumer.position(partition) < end[partition]}


async def stop(client: Any) -> None:
    """Stop a client, or give up after a while."""
    with contextlib.suppress(Exception):
        await asyncio.wait_for(client.stop(), STOP_SECONDS)


# Topics


def prefix(namespace: str) -> str:
    """What stands before every name of a namespace."""
    return f"{namespace}." if namespace else ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying the catalogue does."""

    create: tuple[str, ...]
    alter: tuple[tuple[str, str, str, str], ...]
    """(topic, setting, is, must be)"""
    partitions: tuple[tuple[str, int, int], ...]
    """(topic, is, must be): never done by itself, because keys would move."""


async def apply(
    bootstrap: str, namespace: str, wanted: Iterable[topics.Topic], *, replication: int = 1, dry_run: bool = False
) -> Plan:
    """Make the broker's topics what the catalogue says."""
    by_name = {topics.full_name(namespace, topic.name): topic for topic in wanted}
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="flexregister-topics")
    try:
        await admin.start()
        existing = set(await admin.list_topics())
        missing = [name for name in by_name if name not in existing]
        present = [name for name in by_name if name in existing]
        alter = await _differences(admin, {name: by_name[name].config(replication) for name in present})
        described = await admin.describe_topics(present) if present else []
        counts = {entry["topic"]: len(entry["partitions"]) for entry in described}
        partitions = tuple(
            (name, counts[name], by_name[name].partitions)
            for name in present
            if name in counts and counts[name] != by_name[name].partitions
        )
        if not dry_run:
            if missing:
                new = [
                    NewTopic(
                        name, by_name[name].partitions, replication, topic_configs=by_name[name].config(replication)
                    )
                    for name in missing
                ]
                stood = await _create(admin, new)
                alter += await _differences(admin, {name: by_name[name].config(replication) for name in stood})
            if alter:
                changes: dict[str, dict[str, str]] = {}
                for name, key, _, value in alter:
                    changes.setdefault(name, dict(by_name[name].config(replication)))[key] = value
                await admin.alter_configs(
                    [ConfigResource(ConfigResourceType.TOPIC, name, configs=c) for name, c in changes.items()]
                )
        return Plan(tuple(missing), tuple(alter), partitions)
    finally:
        with contextlib.suppress(Exception):
            await asyncio.wait_for(admin.close(), STOP_SECONDS)


async def _create(admin: AIOKafkaAdminClient, new: list[NewTopic]) -> list[str]:
    """Make them; gives those that stood already: one just made is not listed at once, or another process was first."""
    answer: Any = await admin.create_topics(new, timeout_ms=60_000)
    stood: list[str] = []
    for name, code, *rest in answer.topic_errors:
        if code == TOPIC_ALREADY_EXISTS:
            stood.append(name)
        elif code != 0:
            message = f"topic {name} could not be made: {code} {rest}"
            raise UnsafeBroker(message)
    return stood


async def _differences(
    admin: AIOKafkaAdminClient,
    wanted: Mapping[str, Mapping[str, str]],
    kind: ConfigResourceType = ConfigResourceType.TOPIC,
) -> list[tuple[str, str, str, str]]:
    found: list[tuple[str, str, str, str]] = []
    if not wanted:
        return found
    answers: list[Any] = await admin.describe_configs([ConfigResource(kind, name) for name in wanted])
    for answer in answers:
        for _code, _message, _type, name, entries in answer.resources:
            is_ = {entry[0]: entry[1] for entry in entries}
            found += [
                (name, key, is_.get(key, ""), value) for key, value in wanted[name].items() if is_.get(key) != value
            ]
    return found


async def answers(bootstrap: str) -> bool:
    """Whether a broker there hands out metadata that names a broker able to take records."""
    host, _, port = bootstrap.split(",", 1)[0].rpartition(":")
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, int(port)), timeout=2)
    except (OSError, TimeoutError):
        return False
    writer.close()
    # Until it is ready it refuses, and aiokafka would report each refusal as an error.
    loud = logging.getLogger("aiokafka")
    level = loud.level
    loud.setLevel(logging.CRITICAL)
    client = AIOKafkaClient(bootstrap_servers=bootstrap, request_timeout_ms=2_000)
    try:
        await asyncio.wait_for(client.bootstrap(), timeout=5)
        # A broker that the controller still fences is not listed.
        return bool(client.cluster.brokers())
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        loud.setLevel(level)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(client.close(), timeout=2)


async def check(bootstrap: str, names: Iterable[str], *, min_insync_replicas: int) -> None:
    """Refuse to run on topics that would lose data: missing, not on the broker's time, unclean, with few replicas."""
    names = list(names)
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="flexregister-check")
    try:
        await admin.start()
        brokers = [str(node["node_id"]) for node in (await admin.describe_cluster())["brokers"]]
        for name, key, is_, value in await _differences(
            admin, dict.fromkeys(brokers, SAFE_BROKER), ConfigResourceType.BROKER
        ):
            message = f"broker {name}: {key}={is_}, must be {value}"
            raise UnsafeBroker(message)
        existing = set(await admin.list_topics())
        for name in names:
            if name not in existing:
                message = f"topic {name} does not exist: run `flexreg topics apply`"
                raise UnsafeBroker(message)
        for entry in await admin.describe_topics(list(names)):
            for partition in entry["partitions"]:
                if len(partition["replicas"]) < min_insync_replicas:
                    message = (
                        f"topic {entry['topic']}: {len(partition['replicas'])} replicas, not {min_insync_replicas}"
                    )
                    raise UnsafeBroker(message)
        safe = {"message.timestamp.type": "LogAppendTime", "unclean.leader.election.enable": "false"}
        must = dict.fromkeys(names, safe)
        for name, key, is_, value in await _differences(admin, must):
            message = f"topic {name}: {key}={is_}, must be {value}"
            raise UnsafeBroker(message)
        least = {name: {"min.insync.replicas": str(min_insync_replicas)} for name in names}
        for name, key, is_, _ in await _differences(admin, least):
            if int(is_ or 0) < min_insync_replicas:
                message = f"topic {name}: {key}={is_}, must be at least {min_insync_replicas}"
                raise UnsafeBroker(message)
    finally:
        with contextlib.suppress(Exception):
            await asyncio.wait_for(admin.close(), STOP_SECONDS)
