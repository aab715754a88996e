"""The sandbox's clock: it stands still between moves, and what is received is received at the value that stood then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

KEPT = 200


@dataclass(frozen=True, slots=True)
class Move:
    """The clock was set to a value; `appended_at` is the broker's time of the record that said so."""

    appended_at: datetime
    value: datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """The latest moves, oldest first."""

    moves: tuple[Move, ...] = ()


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
