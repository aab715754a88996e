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
from typing import Any, cast

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
COMMIT_SECONDS = 0.5
"""Offsets are committed no more often: what is read again after a crash is known from the inbox."""
GULP_SECONDS = 0.02
MORE_MS = 5
_TIME = f'"{TimePassed.type}"'.encode()
_POLL_MS = 10
"""FastStream sleeps this long after an empty poll; it never sees one (`_patiently`)."""


@dataclass
class Consumer:
    """The one consumer of a shard, over all its input topics."""

    engine: Engine
    scout: kafka.Scout
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
    _subscriber: Any = None
    _fetch: Any = None
    _first: list[Record] = field(default_factory=list)
    """Fetched and not decided: foreign events, in the order of their append times."""
    _then: list[Record] = field(default_factory=list)
    """The same of the second tier."""
    _done: list[Record] = field(default_factory=list)
    """Decided, and `after` not told yet."""
    _names: dict[str, str] = field(default_factory=dict)
    _new_assignment: bool = True
    _leading: asyncio.Lock = field(default_factory=asyncio.Lock)
    _commit: asyncio.Task[None] | None = None
    _committed: float = 0.0

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

    def started(self) -> None:
        """The broker has started the subscription: make the client underneath wait as it should."""
        kafka.patient(self.client)
        self._fetch = self.client.getmany
        self.client.getmany = self._patiently  # type: ignore[method-assign]

    async def _patiently(self, *, timeout_ms: int, max_records: int | None) -> Any:  # noqa: ARG002
        # FastStream would sleep after an empty poll, and poll again, many times a second. And everything that is there
        # is taken: what is left would keep the other partitions from being fetched.
        while not (found := await self._take(timeout_ms=int(2000 * COMMIT_SECONDS))):
            await self.commit(wait=False)
        foreign = all(self.first(self.short(tp.topic)) for tp in found)
        waited = time.time() - min(records[0].timestamp for records in found.values()) / 1000
        if foreign or waited > GULP_SECONDS:
            # What others have said is learnt in gulps: whatever is asked of this service waits for it anyway. And where
            # records have waited for the last batch, more have come since they were fetched.
            if foreign:
                await asyncio.sleep(GULP_SECONDS)
            # What has been taken would never be fetched again: a fetch that fails now fails again for who asks next.
            with contextlib.suppress(Exception):
                for tp, more in (await self._take(timeout_ms=MORE_MS)).items():
                    found[tp] = [*found.get(tp, ()), *more]
        return found

    async def _take(self, *, timeout_ms: int) -> Any:
        found = await self._fetch(timeout_ms=timeout_ms, max_records=None)
        for tp, records in found.items():
            # The client's position is behind them already: only this says that they are not decided.
            self.decided.setdefault(tp, records[0].offset)
        return found

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
        known = self._names.get(name)
        if known is None:
            known = self._names[name] = name.removeprefix(kafka.prefix(self.namespace))
        return known

    async def lead(self) -> bool:
        """Make sure that this process is the writer if it is the one that reads. False while it is not.

        Whoever attends to something beside this consumer asks, too, and at the same time: only one of them claims.
        """
        if not self.assigned():
            return False
        async with self._leading:
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
        """Messages that stand in the log and are not decided, whether they have been fetched or not.

        0: all that stood in the log when this was asked is decided, and nothing that was fetched waits for anything.
        """
        if not self.assigned():
            return 0
        behind = 0
        for tp, end in (await self.scout.ends(self.client.assignment())).items():
            at = self.decided.get(tp)
            if at is None:
                at = await self.client.position(tp)
                # While that was asked for, something may have been fetched.
                at = self.decided.get(tp, at)
            behind += max(0, end - at)
        # A passing of time counts as reached before it is decided, and what is decided may have to be looked at yet.
        return max(behind, len(self._first) + len(self._then) + len(self._done))

    async def catch_up(self, partitions: Iterable[TopicPartition]) -> None:
        """Read and decide these first-tier partitions up to where they end now."""
        wanted = list(partitions)
        end = await self.scout.ends(wanted)
        while any([await self.client.position(tp) < end[tp] for tp in wanted]):
            # All are asked for: as long as records of one wait to be taken, nothing is fetched from the others.
            fetched = await self._take(timeout_ms=100)
            self._came(one for many in fetched.values() for one in many)
            await self._learn()
        await self._learn()

    async def reached(self, partition: TopicPartition) -> int:
        """The offset up to which this shard has decided a partition, whichever process did."""
        committed = await self.client.committed(partition)
        return max(self.decided.get(partition, 0), committed or 0)

    def seconds_behind(self) -> float:
        """How long the oldest record that is fetched and not decided has waited."""
        oldest = min((waiting[0].stamp for waiting in (self._first, self._then) if waiting), default=0)
        return max(0.0, time.time() - oldest / 1000) if oldest else 0.0

    # The way of a batch

    async def _handle(self, message: Message) -> None:
        if self._fetch is None:
            self.started()
        self._came(cast("tuple[ConsumerRecord[Any, Any], ...]", message.raw_message))
        pause = 0.05
        while not self.halted.is_set():
            try:
                await self.lead()
                await self._work_off()
            except Fenced as fenced:
                # Another process reads on: what was fetched here is its business now, and so are the offsets.
                LOG.warning("%s: %s", self.group, fenced)
                self.forget()
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
                if time.monotonic() - self._committed > COMMIT_SECONDS:
                    await self.commit(wait=False)
                return

    def _came(self, fetched: Iterable[ConsumerRecord[Any, Any]]) -> None:
        for one in fetched:
            record = self._record(one)
            self.decided.setdefault(TopicPartition(one.topic, one.partition), one.offset)
            (self._first if self.first(record.topic) else self._then).append(record)

    def forget(self) -> None:
        """Drop what was fetched and is not decided: another process reads it."""
        self.decided.clear()
        self._first.clear()
        self._then.clear()
        self._done.clear()

    async def _work_off(self) -> None:
        """Decide all that was fetched; what fails is kept, to be tried again."""
        while self._first or self._then:
            await self._learn()
            if self._then:
                # What comes while it catches up was fetched later, and must wait for the next time.
                fetched = len(self._then)
                await self.catch_up(self.partitions(first=True))
                if self.before is not None:
                    await self.before(self, self._then[:fetched])
                await self._decide(fetched)
        if self.after is not None and self._done:
            await self.after(self, tuple(self._done))
        self._done.clear()

    async def _learn(self) -> None:
        self._first.sort(key=lambda one: one.stamp)
        while some := self._first[: self.batch]:
            await self._engine(some)
            del self._first[: len(some)]

    async def _decide(self, count: int) -> None:
        while some := self._then[: min(self.batch, count)]:
            if self.before_time is not None:
                time_at = next((at for at, record in enumerate(some) if _TIME in record.value), None)
                if time_at == 0:
                    # Others may wait for this shard to have come this far; they must not wait for what waits for them.
                    self._passed(some[0])
                    await self.commit(wait=True)
                    await self.before_time(self)
                    time_at = 1
                some = some[:time_at]
            await self._engine(some)
            del self._then[: len(some)]
            count -= len(some)

    async def _engine(self, records: Sequence[Record]) -> None:
        await self.engine.take(records)
        if self.after is not None:
            self._done += records
        for record in {(record.topic, record.part): record for record in records}.values():
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
        self._committed = time.monotonic()
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

    async def on_partitions_revoked(self, revoked: Any) -> None:  # noqa: ARG002 # pyright: ignore[reportIncompatibleMethodOverride] - may be a coroutine
        """What was decided here counts no longer: another member may go on from the committed offsets."""
        self._consumer.forget()

    async def on_partitions_assigned(self, assigned: Any) -> None:  # noqa: ARG002 # pyright: ignore[reportIncompatibleMethodOverride] - likewise
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
