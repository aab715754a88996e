"""A service as small as one can be: counters that are counted up, named by a foreign event, and closed by a
deadline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import Column, MetaData, Table, Text

from chassis.service import SUBJECT, Deadline, Due, Incoming, Kind, On, Service
from chassis.work import Work
from contracts.message import Command, Event, Rule
from contracts.registry.v1 import Receipt

METADATA = MetaData()
LABEL = Table("label", METADATA, Column("label", Text, primary_key=True), Column("counter", Text), schema="own")

NEGATIVE = Rule("NEGATIVE", "T1", "Kan ikke være {actual}.", "Cannot be {actual}.", "Bruk {limit}.", "Use {limit}.")
BROKEN: set[str] = set()
"""Counters whose handler has a bug."""


class Count(Command):
    """Count up."""

    service: ClassVar[str] = "registry"
    type: ClassVar[str] = "no.flexregister.registry.count.v1"
    senders = frozenset()
    subject_is = str

    by: int
    also: str = ""
    label: str = ""
    closes: bool = False


class Counted(Event):
    """Counted up."""

    service: ClassVar[str] = "registry"
    type: ClassVar[str] = "no.flexregister.registry.counted.v1"
    home: ClassVar[str] = "counter"

    counter: str
    by: int
    total: int
    name: str = ""
    label: str = ""
    closes_at: datetime | None = None


class Closed(Event):
    """Closed by its deadline."""

    service: ClassVar[str] = "registry"
    type: ClassVar[str] = "no.flexregister.registry.closed.v1"
    home: ClassVar[str] = "counter"

    counter: str
    total: int


class Named(Event):
    """A foreign fact: a counter has a name."""

    service: ClassVar[str] = "bsp-switch"
    type: ClassVar[str] = "no.flexregister.bsp-switch.named.v1"
    home: ClassVar[str] = "counter"

    counter: str
    name: str


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter."""

    total: int = 0
    label: str = ""
    closes_at: datetime | None = None
    closed: bool = False


def evolve(state: Counter | None, event: Event) -> Counter:
    """Fold an event."""
    state = state or Counter()
    match event:
        case Counted():
            return replace(
                state,
                total=event.total,
                label=event.label or state.label,
                closes_at=event.closes_at or state.closes_at,
            )
        case _:
            return replace(state, closed=True, closes_at=None)


def _deadlines(state: Counter) -> Iterator[Deadline]:
    if state.closes_at is not None:
        yield Deadline(state.closes_at, "close")


COUNTER = Kind(
    "counter",
    Counter,
    evolve,
    {Counted: SUBJECT, Closed: SUBJECT},
    rows={LABEL: lambda id_, state: [(state.label, id_)] if state.label else []},
    deadlines=_deadlines,
)
NAME = Kind("name", str, lambda _s, e: e.name, {Named: lambda e: e.counter}, of="bsp-switch")


async def count(work: Work, message: Incoming[Count]) -> None:
    """Decide a count."""
    counter = await work.load(COUNTER, message.subject) or Counter()
    name = await work.load(NAME, message.subject) or ""
    if message.data.by < 0:
        raise NEGATIVE.refused(path="/by", limit=0, actual=message.data.by)
    closes_at = message.at + timedelta(hours=1) if message.data.closes else None
    total = counter.total + message.data.by
    await work.append(
        Counted(
            counter=message.subject,
            by=message.data.by,
            total=total,
            name=name,
            label=message.data.label,
            closes_at=closes_at,
        )
    )
    if message.data.also:
        other = await work.load(COUNTER, message.data.also) or Counter()
        await work.append(Counted(counter=message.data.also, by=0, total=other.total))
    if message.subject in BROKEN:
        raise RuntimeError("a bug")


async def close(work: Work, due: Due) -> None:
    """Decide that a counter's time has come."""
    counter = await work.load(COUNTER, due.id)
    assert counter is not None
    if due.id in BROKEN:
        raise RuntimeError("a bug")
    await work.append(Closed(counter=due.id, total=counter.total))


def _needs(message: Incoming[Any]) -> list[tuple[Kind[Any], list[str]]]:
    return [(COUNTER, [message.subject]), (NAME, [message.subject])]


SERVICE = Service(
    name="registry",
    kinds=(COUNTER, NAME),
    receipt=Receipt,
    commands={Count: On(count, needs=_needs)},
    deadlines={"close": close},
)
