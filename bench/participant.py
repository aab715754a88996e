"""One who sends and hears the answers: with as little work of its own as a client can do."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from pydantic_core import from_json

from chassis import kafka

PATIENCE = 60.0
"""Seconds without any answer after which the rest is said not to come."""
AT_ONCE = 500


class Unanswered(Exception):
    """Answers stopped coming."""


class Participant:
    """Sends to one topic and hears on another; made with `at`."""

    def __init__(self, producer: AIOKafkaProducer, consumer: Any, *, to: str, counts: Callable[[bytes], bool]) -> None:
        self._producer = producer
        self._consumer = consumer
        self._to = to
        self._counts = counts
        self._heard = 0
        self._last = 0.0
        self._arrived: dict[str, float] | None = None
        self._id: Callable[[Any], str] = str

    @classmethod
    @contextlib.asynccontextmanager
    async def at(
        cls, bootstrap: str, *, to: str, hears: str, counts: Callable[[bytes], bool] = lambda _body: True
    ) -> AsyncGenerator[Participant]:
        """One that stands at the end of what it hears (full topic names). `counts`: which records are answers."""
        async with (
            kafka.producing(bootstrap, client="bench") as producer,
            kafka.reading(bootstrap, hears, start=False) as consumer,
        ):
            for partition, end in (await kafka.ends(consumer, consumer.assignment())).items():
                consumer.seek(partition, end)
            one = cls(producer, consumer, to=to, counts=counts)
            listening = asyncio.create_task(one._listen())
            try:
                yield one
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)

    async def flood(self, bodies: Sequence[bytes], *, answers: int) -> float:
        """Send all as fast as the broker takes it. The seconds from the first one sent to the last answer."""
        self._heard = 0
        began = self._last = time.perf_counter()
        sends: list[Any] = []
        for number, body in enumerate(bodies):
            sends.append(await self._producer.send(self._to, body))
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
        await asyncio.gather(*sends)
        await self._until(lambda: self._heard >= answers, what=lambda: f"{self._heard:,} of {answers:,}")
        return self._last - began

    async def paced(
        self, bodies: Sequence[tuple[str, bytes]], *, per_second: float, id_of: Callable[[Any], str]
    ) -> list[float]:
        """Send (id, record) evenly; how many milliseconds each answer took. `id_of` finds the id in an answer."""
        self._arrived, self._id = {}, id_of
        began = self._last = time.perf_counter()
        sent: dict[str, float] = {}
        for number, (id_, body) in enumerate(bodies):
            pause = began + number / per_second - time.perf_counter()
            if pause > 0:
                await asyncio.sleep(pause)
            sent[id_] = time.perf_counter()
            await self._producer.send(self._to, body)
        arrived = self._arrived
        await self._until(lambda: len(arrived) >= len(sent), what=lambda: f"{len(arrived):,} of {len(sent):,}")
        self._arrived = None
        return [(arrived[id_] - at) * 1000 for id_, at in sent.items()]

    async def _until(self, true: Callable[[], bool], *, what: Callable[[], str]) -> None:
        while not true():
            await asyncio.sleep(0.005)
            if time.perf_counter() - self._last > PATIENCE:
                raise Unanswered(f"{what()} answers came on {self._to}")

    async def _listen(self) -> None:
        while True:
            for records in (await self._consumer.getmany(timeout_ms=1000, max_records=2000)).values():
                now = time.perf_counter()
                for record in records:
                    if self._counts(record.value):
                        self._heard += 1
                        self._last = now
                        if self._arrived is not None:
                            self._arrived.setdefault(self._id(from_json(record.value)), now)
