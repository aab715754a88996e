"""From the broker to the engine: FastStream carries the subscription, offsets are committed last.

Topics come in two tiers. Before anything of the second tier (a service's commands) is decided, the first tier
(foreign events) has been read to where it ended when the batch was fetched.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage as Message
from faststream.kafka.message import KafkaMessage

from chassis import kafka
from chassis.away import is_away
from chassis.engine import Engine
from chassis.record import Record, UnknownMajor
from chassis.store import Fenced
from contracts import topics
from contracts.gateway.v1 import TimePassed

LOG = logging.getLogger("flexregister")
_TIME = f'"{TimePassed.type}"'.encode()
_POLL_MS = 10
"""FastStream sleeps this long after an empty poll, which itself waits this long."""


@dataclass
class Consumer:
    """The one consumer of a shard, over all its input topics."""

    engine: Engine
    namespace: str
    group: str
    first: Callable[[str], bool]
    """Whether a topic (without namespace) is of the first tier."""
    names: Sequence[str] = ()
    pattern: str = ""
    """A regular expression for the topics' names (without namespace), instead of names."""
    batch: int = 500
    before: Callable[[Consumer, Sequence[Record]], Awaitable[None]] | None = None
    """Awaited before second-tier records are decided."""
    before_time: Callable[[Consumer], Awaitable[None]] | None = None
    """Awaited before a passing of time is decided, when everything before it is."""
    after: Callable[[Consumer, Sequence[Record]], Awaitable[None]] | None = None
    """Awaited after records were decided."""
    decided: dict[TopicPartition, int] = field(default_factory=dict)
    """The next offset of each partition (full topic names)."""
    trouble: str = ""
    halted: asyncio.Event = field(default_factory=asyncio.Event)
    alarm: str = ""
    oldest: int = 0
    """The append time of the first record that was fetched and is not decided; 0 when there is none."""
    _subscriber: Any = None
    _new_assignment: bool = True
    _commit: asyncio.Task[None] | None = None

    def subscribe(self, broker: KafkaBroker) -> None:
        """Declare the subscription; the broker starts it."""
        options = kafka.consumer_options()
        for own in ("enable_auto_commit", "metadata_max_age_ms"):
            del options[own]
        prefix = kafka.prefix(self.namespace)
        self._subscriber = broker.subscriber(
            *(topics.full_name(self.namespace, name) for name in self.names),
            pattern=f"^{re.escape(prefix)}({self.pattern})$" if self.pattern else None,
            batch=True,
            batch_timeout_ms=_POLL_MS,
            max_records=self.batch,
            group_id=topics.full_name(self.namespace, self.group),
            ack_policy=AckPolicy.MANUAL,
            listener=_Listener(self),
            parser=_untouched,
            decoder=_undecoded,
            **options,
        )
        self._subscriber(self._handle)

    @property
    def client(self) -> AIOKafkaConsumer:
        """The consumer underneath, once started."""
        assert self._subscriber is not None
        assert self._subscriber.consumer is not None
        return self._subscriber.consumer

    def assigned(self) -> bool:
        """Whether this process is the one that reads."""
        return bool(self._subscriber and self._subscriber.consumer and self._subscriber.consumer.assignment())

    def partitions(self, *, first: bool) -> list[TopicPartition]:
        """The assigned partitions of a tier."""
        return [tp for tp in self.client.assignment() if self.first(self.short(tp.topic)) == first]

    def short(self, name: str) -> str:
        """A topic's name without the namespace."""
        return name.removeprefix(kafka.prefix(self.namespace))

    async def lead(self) -> bool:
        """Make sure that this process is the writer if it is the one that reads. False while it is not."""
        if not self.assigned():
            return False
        if self._new_assignment:
            await self.engine.claim()
            self._new_assignment = False
        return True

    async def know(self, *names: str) -> None:
        """Learn of topics (without namespace) that have just been made, instead of waiting for the next refresh."""
        wanted = {topics.full_name(self.namespace, name) for name in names}
        while not wanted <= {tp.topic for tp in self.client.assignment()}:
            await self.client._client.force_metadata_update()  # noqa: SLF001 - there is no public way to hurry it
            await asyncio.sleep(0.02)

    async def lag(self) -> int:
        """Messages that stand in the log and are not decided."""
        if not self.assigned():
            return 0
        behind = 0
        for tp, end in (await kafka.ends(self.client, self.client.assignment())).items():
            at = self.decided.get(tp)
            if at is None:
                at = await self.client.position(tp)
            behind += max(0, end - at)
        return behind

    async def catch_up(self, partitions: Iterable[TopicPartition]) -> None:
        """Read and decide these partitions up to where they end now."""
        wanted = list(partitions)
        end = await kafka.ends(self.client, wanted)
        while behind := [tp for tp in wanted if await self.client.position(tp) < end[tp]]:
            fetched = await self.client.getmany(*behind, timeout_ms=100, max_records=self.batch)
            await self._engine([self._record(one) for many in fetched.values() for one in many])

    async def reached(self, partition: TopicPartition) -> int:
        """The offset up to which this shard has decided a partition, whichever process did."""
        committed = await self.client.committed(partition)
        return max(self.decided.get(partition, 0), committed or 0)

    def seconds_behind(self) -> float:
        """How long the oldest record that is fetched and not decided has waited."""
        return max(0.0, time.time() - self.oldest / 1000) if self.oldest else 0.0

    # The way of a batch

    async def _handle(self, message: Message) -> None:
        records = [self._record(one) for one in message.raw_message]
        for record in records:
            self.decided.setdefault(
                TopicPartition(topics.full_name(self.namespace, record.topic), record.part), record.off
            )
        self.oldest = records[0].stamp
        pause = 0.05
        while not self.halted.is_set():
            try:
                await self.lead()
                await self._take(records)
            except Fenced as fenced:
                # Another process reads on: what was fetched here is its business now, and so are the offsets.
                LOG.warning("%s: %s", self.group, fenced)
                return
            except UnknownMajor as unknown:
                self.alarm = str(unknown)
                LOG.critical("%s stops: %s", self.group, unknown)
                self.halted.set()
            except Exception as error:
                self.trouble = f"{type(error).__name__}: {error}"[:500]
                LOG.log(
                    logging.WARNING if is_away(error) else logging.ERROR,
                    "%s waits: %s",
                    self.group,
                    self.trouble,
                    exc_info=None if is_away(error) else error,
                )
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2.0)
            else:
                self.trouble = ""
                self.oldest = 0
                await self.commit(wait=False)
                return

    async def _take(self, records: Sequence[Record]) -> None:
        first = sorted((one for one in records if self.first(one.topic)), key=lambda one: one.stamp)
        then = [one for one in records if not self.first(one.topic)]
        if first:
            await self._engine(first)
        if then:
            await self.catch_up(self.partitions(first=True))
            if self.before is not None:
                await self.before(self, then)
            if self.before_time is None:
                await self._engine(then)
            else:
                await self._with_time(then)
        if self.after is not None:
            await self.after(self, records)

    async def _with_time(self, records: Sequence[Record]) -> None:
        assert self.before_time is not None
        waiting: list[Record] = []
        for record in records:
            if _TIME not in record.value:
                waiting.append(record)
                continue
            await self._engine(waiting)
            waiting = []
            # Others may wait for this shard to have come this far; they must not wait for what waits for them.
            self._passed(record)
            await self.commit(wait=True)
            await self.before_time(self)
            await self._engine([record])
        await self._engine(waiting)

    async def _engine(self, records: Sequence[Record]) -> None:
        if records:
            await self.engine.take(records)
            for record in records:
                self._passed(record)

    def _passed(self, record: Record) -> None:
        tp = TopicPartition(topics.full_name(self.namespace, record.topic), record.part)
        self.decided[tp] = record.off + 1

    def _record(self, one: ConsumerRecord[Any, Any]) -> Record:
        topic = self.short(one.topic)
        headers = tuple(one.headers) if topic.startswith("ingress.") else ()
        return Record(topic, one.partition, one.offset, one.timestamp, one.value or b"", headers)

    async def commit(self, *, wait: bool) -> None:
        """Commit what is decided. It may lag behind: the inbox knows, the offset is only where to look."""
        if self._commit is not None:
            await self._commit
        offsets = {tp: offset for tp, offset in self.decided.items() if tp in self.client.assignment()}
        self._commit = asyncio.create_task(self._commit_offsets(offsets))
        if wait:
            await self._commit

    async def _commit_offsets(self, offsets: dict[TopicPartition, int]) -> None:
        with contextlib.suppress(Exception):
            if offsets:
                await self.client.commit(offsets)


class _Listener(ConsumerRebalanceListener):
    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:  # noqa: ARG002
        """What was decided here counts no longer: another member may go on from the committed offsets."""
        self._consumer.decided.clear()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:  # noqa: ARG002
        """Whoever is given the partitions becomes the writer before it decides anything."""
        self._consumer._new_assignment = True  # noqa: SLF001 - the listener is a part of the consumer


async def _untouched(message: tuple[ConsumerRecord[Any, Any], ...]) -> KafkaMessage:
    # FastStream's own parser decodes headers, and a sender's broken header would cost the whole batch.
    return KafkaMessage(body=b"", raw_message=message, headers={}, consumer=_NO_ACKNOWLEDGEMENT)  # type: ignore[arg-type]


async def _undecoded(_message: Any) -> None:
    return None


class _NoAcknowledgement:
    async def commit(self) -> None:
        """Offsets are committed by the consumer itself, batch by batch."""

    def seek(self, *_: object, **__: object) -> None:
        """Nothing is read again by FastStream."""


_NO_ACKNOWLEDGEMENT = _NoAcknowledgement()
