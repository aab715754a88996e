"""Publishing as a party and waiting for its receipts, in flat memory: a bounded window of records is under way.

What is sent is matched with what is answered by position: every envelope has one, every receipt says it, and a message
without a readable id has nothing else. The reader stands at the end of the party's egress topic before the first record
is sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from chassis import kafka
from contracts import topics
from flexreg import positions
from flexreg.outgoing import Head, Outgoing
from flexreg.positions import Position
from flexreg.problem import Problem

WINDOW = 4000
"""Commands under way at most."""


class PartyUnknown(Problem):
    """The register has no topics of this party."""


class UnableToSend(Problem):
    """The broker did not take a record."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one command. `receipt` is its data, or nothing where none came in time (or none was awaited)."""

    head: Head
    position: str = ""
    """Where it came in; empty where it was not sent."""
    receipt: dict[str, Any] | None = None
    error: str = ""
    """Why it was not sent."""


class UnderWay:
    """A record that was sent: its position once the broker said it, its receipts as they come."""

    def __init__(self, record: Outgoing, *, within: float) -> None:
        self.record = record
        self.position = ""
        self.error = record.error
        self.receipts: list[dict[str, Any] | None] = [None] * len(record.heads)
        self.sent: asyncio.Event = asyncio.Event()
        self.answered: asyncio.Event = asyncio.Event()
        self._within = within
        self._missing = len(record.heads)
        self._due = asyncio.get_running_loop().time() + within
        if self.error:
            self.failed(self.error)

    def acknowledged(self, position: str) -> None:
        """The broker has it: the time to answer begins."""
        self.position = position
        self._due = asyncio.get_running_loop().time() + self._within
        self.sent.set()

    def failed(self, error: str) -> None:
        """It was not sent, or its answer cannot be heard any more."""
        self.error = error
        self.sent.set()
        self.answered.set()

    def take(self, index: int, receipt: dict[str, Any]) -> bool:
        """A receipt has come. Says whether it was the last."""
        if index < len(self.receipts) and self.receipts[index] is None:
            self.receipts[index] = receipt
            self._missing -= 1
        if self._missing == 0:
            self.answered.set()
        return self._missing == 0

    async def answers(self, *, wait: bool) -> list[Answer]:
        """What came of each command in it, when all are answered or the time is over."""
        awaited = self.answered if wait else self.sent
        while not awaited.is_set() and (left := self._due - asyncio.get_running_loop().time()) > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(awaited.wait(), left)
        error = self.error or ("" if self.position else "the broker did not take it in time")
        return [
            Answer(head, f"{self.position}/{index}" if self.position else "", receipt, error)
            for index, (head, receipt) in enumerate(zip(self.record.heads, self.receipts, strict=True))
        ]


class Correspondence:
    """What one party sends, and the receipts that it is sent."""

    def __init__(self, bootstrap: str, namespace: str, gln: str, producer: Any, *, has_values: bool) -> None:
        self.gln = gln
        self._bootstrap = bootstrap
        self._namespace = namespace
        self._producer = producer
        self._has_values = has_values
        self._under_way: dict[str, UnderWay] = {}
        self._early: dict[str, list[tuple[int, dict[str, Any]]]] = {}
        # Only while the broker has not said where something stands can a receipt come for what is not known to be sent.
        self._unacknowledged = 0
        self._reader: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Stand at the end of what the party has been sent so far."""
        ready = asyncio.get_running_loop().create_future()
        self._reader = asyncio.create_task(self._read(ready))
        await asyncio.wait({ready, self._reader}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            await self._reader

    async def close(self) -> None:
        """Listen no longer."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)

    @property
    def broken(self) -> bool:
        """Whether it has stopped listening."""
        return self._reader is None or self._reader.done()

    async def publish(self, record: Outgoing, *, within: float) -> UnderWay:
        """Send one record; what is returned knows its position a little later."""
        sent = UnderWay(record, within=within)
        if record.meter_values and not self._has_values:
            sent.failed(f"{self.gln} has no topic for meter values: only a DSO sends them")
        if sent.error:
            return sent
        topic = topics.ingress_values(self.gln) if record.meter_values else topics.ingress(self.gln)
        try:
            future = await self._producer.send(topics.full_name(self._namespace, topic), record.body)
        except Exception as error:  # noqa: BLE001 - whatever the broker or its client says, it was not sent
            sent.failed(_said(error))
            return sent
        self._unacknowledged += 1
        future.add_done_callback(functools.partial(self._acknowledged, sent, topic))
        return sent

    async def converse(
        self, records: AsyncIterable[Outgoing], *, within: float, wait: bool = True
    ) -> AsyncIterator[Answer]:
        """Send everything, and give what came of each command in the order they were sent; `within` seconds each."""
        under_way: asyncio.Queue[UnderWay | None] = asyncio.Queue()
        room = _Room(WINDOW)

        async def feed() -> None:
            try:
                async for record in records:
                    await room.take(len(record.heads))
                    await under_way.put(await self.publish(record, within=within))
            finally:
                under_way.put_nowait(None)

        feeding = asyncio.create_task(feed())
        try:
            while (sent := await under_way.get()) is not None:
                answers = await sent.answers(wait=wait)
                self._under_way.pop(sent.position, None)
                room.give(len(answers))
                for answer in answers:
                    yield answer
            await feeding
        finally:
            feeding.cancel()
            await asyncio.gather(feeding, return_exceptions=True)

    def _acknowledged(self, sent: UnderWay, topic: str, done: asyncio.Future[Any]) -> None:
        self._unacknowledged -= 1
        if done.cancelled() or done.exception() is not None:
            sent.failed(_said(done.exception()) if not done.cancelled() else "the broker's client was stopped")
        else:
            at = done.result()
            position = Position(topic, at.partition, at.offset).record
            self._under_way[position] = sent
            sent.acknowledged(position)
            if self.broken:
                sent.failed("the receipts cannot be read any more")
            for index, receipt in self._early.pop(position, ()):
                self._taken(position, index, receipt)
        if not self._unacknowledged:
            self._early.clear()

    async def _read(self, ready: asyncio.Future[None]) -> None:
        name = topics.full_name(self._namespace, topics.egress(self.gln))
        try:
            async with kafka.reading(self._bootstrap, name, start=False) as consumer:
                for partition, offset in (await kafka.ends(consumer, consumer.assignment())).items():
                    consumer.seek(partition, offset)
                ready.set_result(None)
                while True:
                    for records in (await consumer.getmany(timeout_ms=1000, max_records=2000)).values():
                        for record in records:
                            self._heard(record.value or b"")
        finally:
            for sent in self._under_way.values():
                sent.failed("the receipts cannot be read any more")

    def _heard(self, body: bytes) -> None:
        if b".receipt.v" not in body:
            return
        said: dict[str, Any] = from_json(body).get("data", {})
        try:
            position = positions.parse(said["ingressposition"])
        except (KeyError, ValueError):
            return
        if position.record in self._under_way:
            self._taken(position.record, position.place, said)
        elif self._unacknowledged:
            self._early.setdefault(position.record, []).append((position.place, said))

    def _taken(self, record: str, index: int, receipt: dict[str, Any]) -> None:
        if (sent := self._under_way.get(record)) is not None and sent.take(index, receipt):
            del self._under_way[record]


class _Room:
    """How much more may be under way; one that is larger than all of it goes alone."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._used = 0
        self._freed = asyncio.Event()

    async def take(self, count: int) -> None:
        while self._used and self._used + count > self._size:
            self._freed.clear()
            await self._freed.wait()
        self._used += count

    def give(self, count: int) -> None:
        self._used -= count
        self._freed.set()


def _said(error: BaseException | None) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
