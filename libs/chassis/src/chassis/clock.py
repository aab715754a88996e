"""The sandbox's clock: it stands still between moves, and what is received is received at the value that stood then.

Whoever opens what participants send reads `control.clock.v1` first, and takes `moment` as its `Service.moment`. Where
there is no sandbox the topic holds ticks, which say nothing but that time passes.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.record import Record
from chassis.service import Incoming, Kind, On, Raw
from chassis.work import Work

LOG = logging.getLogger("flexregister")
TOPIC = "control.clock.v1"
ID = "clock"
KEPT = 200
"""Moves that are remembered. Records are opened soon after they came; none is older than so many moves."""


@dataclass(frozen=True, slots=True)
class Move:
    """The clock was set to a value; `appended_at` is the broker's time of the record that said so."""

    appended_at: datetime
    value: datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """The latest moves, oldest first."""

    moves: tuple[Move, ...] = ()


CLOCK = Kind("clock", Clock, lambda state, _event: state, {}, of="private")


def moved(clock: Clock | None, move: Move) -> Clock:
    """The clock after a move. It never goes back: an earlier value leaves it where it is."""
    moves = clock.moves if clock else ()
    if moves and move.value < moves[-1].value:
        return clock or Clock()
    return Clock((*moves[-KEPT:], move))


def value_at(clock: Clock | None, appended_at: datetime) -> datetime:
    """What the clock showed when a record was appended; the broker's time where there is no sandbox clock."""
    if clock is None or not clock.moves:
        return appended_at
    for move in reversed(clock.moves):
        if move.appended_at <= appended_at:
            return move.value
    return clock.moves[0].value


def read(record: Record) -> Move | None:
    """The move that a record of the clock's topic stands for; None for a tick, or for what is no clock value."""
    try:
        now = json.loads(record.value).get("now")
        return Move(record.received_at, datetime.fromisoformat(now)) if now else None
    except (ValueError, AttributeError, TypeError):
        LOG.warning("%s/%d is no clock value", TOPIC, record.off)
        return None


def opened(record: Record) -> Iterable[Raw]:
    """A move as an input. A tick is nothing to decide."""
    move = read(record)
    if move is not None:
        yield Raw(key=("clock", str(record.off)), type="clock", data=move, id=f"clock-{record.off}")


async def _move(work: Work, message: Incoming[Move]) -> None:
    await work.put(CLOCK, ID, moved(await work.load(CLOCK, ID), message.data))


MOVED = On(_move, lambda _message: [(CLOCK, [ID])])
"""What decides a move: `Service.internal["clock"]`."""


def first(*, sandbox: bool) -> Callable[[str], bool]:
    """The first tier of whoever opens what participants send: a sandbox's clock. A tick changes no moment."""
    return (lambda topic: topic == TOPIC) if sandbox else (lambda _topic: False)


async def moment(work: Work, message: Incoming[Any]) -> datetime:
    """When something was received, by the sandbox's clock."""
    return value_at(await work.load(CLOCK, ID), message.at)
