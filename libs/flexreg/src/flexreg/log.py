"""Reading the log: what stands in some topics in the order the broker appended it, then what comes, as it comes."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from pydantic_core import from_json

from chassis import kafka
from contracts import topics

MANY = 2000
POLL_MS = 200


@dataclass(frozen=True)
class Entry:
    """One record of a topic (named without the namespace)."""

    topic: str
    partition: int
    offset: int
    stamp: int
    """The broker's append time in milliseconds."""
    body: bytes

    @cached_property
    def envelope(self) -> dict[str, Any]:
        """The message; empty where the bytes are none."""
        try:
            found = from_json(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def appended_at(self) -> datetime:
        """When the broker appended it."""
        return datetime.fromtimestamp(self.stamp / 1000, UTC)

    @property
    def position(self) -> str:
        """`events.registry.v1/0/17`."""
        return f"{self.topic}/{self.partition}/{self.offset}"


def of_register() -> list[str]:
    """The topics of commands and events."""
    return [topic.name for topic in topics.catalogue() if topic.name.startswith(("commands.", "events."))]


def short_name(namespace: str, name: str) -> str:
    """A topic's name without the namespace."""
    return name.removeprefix(f"{namespace}.") if namespace else name


async def entries(
    bootstrap: str,
    namespace: str,
    names: Iterable[str],
    *,
    follow: bool = False,
    from_start: bool = True,
    stop: Callable[[], bool] = lambda: False,
) -> AsyncIterator[Entry]:
    """What stands in these topics in the order it was appended (if `from_start`); then, to `follow`, what comes.

    Following ends when `stop` says so and everything that stands has been given. Memory holds one batch per partition.
    """
    full = [topics.full_name(namespace, name) for name in names]
    async with kafka.reading(bootstrap, *full, start=from_start) as consumer:
        end = await kafka.ends(consumer, consumer.assignment())
        if from_start:
            async for entry in standing(consumer, namespace, end):
                yield entry
        else:
            for partition, offset in end.items():
                consumer.seek(partition, offset)
        while follow:
            last = stop()
            if last:
                end = await kafka.ends(consumer, consumer.assignment())
            found = await consumer.getmany(timeout_ms=POLL_MS, max_records=MANY)
            for entry in sorted(_opened(namespace, found), key=_order):
                yield entry
            if last and all([await consumer.position(tp) >= offset for tp, offset in end.items()]):
                return


async def remembered(
    bootstrap: str,
    namespace: str,
    names: Iterable[str],
    *,
    group: str,
    follow: bool = False,
    from_start: bool = False,
) -> AsyncIterator[list[Entry]]:
    """What a group has not read yet, some at a time. They count as read when the next are asked for, not before."""
    full = [topics.full_name(namespace, name) for name in names]
    async with kafka.reading(bootstrap, *full, group=group) as consumer:
        while not consumer.assignment():
            await consumer.getmany(timeout_ms=POLL_MS, max_records=1)
        end = await kafka.ends(consumer, consumer.assignment())
        for tp, first in (await consumer.beginning_offsets(list(end))).items():
            # The first look may have taken a record already: it is taken again.
            consumer.seek(tp, first if from_start else max(first, await consumer.committed(tp) or 0))
        while follow or any([await consumer.position(tp) < offset for tp, offset in end.items()]):
            found = await consumer.getmany(timeout_ms=POLL_MS, max_records=MANY)
            if found:
                yield sorted(_opened(namespace, found), key=_order)
                await consumer.commit({tp: records[-1].offset + 1 for tp, records in found.items()})


async def standing(consumer: Any, namespace: str, end: Mapping[Any, int]) -> AsyncIterator[Entry]:
    """What stands before these ends, merged by append time; one of each is at hand."""
    at_hand: dict[Any, deque[Entry]] = {partition: deque() for partition in end}
    number = {partition: index for index, partition in enumerate(at_hand)}
    heap: list[tuple[tuple[int, int, str, int], int, Any]] = []
    hungry = set(end)
    while True:
        await _refill(consumer, namespace, end, hungry, at_hand)
        for partition in hungry:
            if at_hand[partition]:
                heapq.heappush(heap, (_order(at_hand[partition][0]), number[partition], partition))
        if not heap:
            return
        *_, first = heap[0]
        yield at_hand[first].popleft()
        if at_hand[first]:
            heapq.heapreplace(heap, (_order(at_hand[first][0]), number[first], first))
            hungry = set[Any]()
        else:
            heapq.heappop(heap)
            hungry = {first}


async def _refill(
    consumer: Any, namespace: str, end: Mapping[Any, int], hungry: set[Any], at_hand: Mapping[Any, deque[Entry]]
) -> None:
    """Fetch until each of these partitions has something at hand, or is at its end."""
    while hungry := {tp for tp in hungry if not at_hand[tp] and await consumer.position(tp) < end[tp]}:
        found = await consumer.getmany(*hungry, timeout_ms=1000, max_records=MANY)
        for tp, records in found.items():
            at_hand[tp].extend(entry for entry in _opened(namespace, {tp: records}) if entry.offset < end[tp])


def _opened(namespace: str, found: Mapping[Any, Sequence[Any]]) -> list[Entry]:
    return [
        Entry(short_name(namespace, tp.topic), tp.partition, record.offset, record.timestamp, record.value or b"")
        for tp, records in found.items()
        for record in records
    ]


def _order(entry: Entry) -> tuple[int, int, str, int]:
    # Within a millisecond a command stands before what came of it.
    return entry.stamp, 0 if entry.topic.startswith("commands.") else 1, entry.topic, entry.offset
