"""Many metering points of one root, as a tree by the digits of their ids (12, 15, 18).

A supplier may have hundreds of thousands of points in an area, an organisation thousands: too many for one document,
and for one transaction. So a round goes along the tree, some points at each step, in the order of their ids: the first
with the fact itself, the others by a deadline (ADR 0013).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

STEP: Final = timedelta(seconds=1)
"""Between two steps, so that other decisions come between them."""
_DIGITS: Final = (12, 15)


@dataclass(frozen=True, slots=True)
class Branch:
    """What continues the beginning of an id, in order: the next digits of the points."""

    digits: tuple[str, ...] = ()


def evolve(state: Branch | None, digits: str) -> Branch:
    """There is a point with these digits."""
    found = state.digits if state else ()
    place = bisect_left(found, digits)
    if state and place < len(found) and found[place] == digits:
        return state
    return Branch((*found[:place], digits, *found[place:]))


def branches(root: str, metering_point_id: str) -> dict[str, str]:
    """The branches that a point is on, each with the digits that continue it there."""
    first, second = _DIGITS
    return {
        root: metering_point_id[:first],
        branch(root, metering_point_id[:first]): metering_point_id[first:second],
        branch(root, metering_point_id[:second]): metering_point_id[second:],
    }


def branch(root: str, beginning: str) -> str:
    """The id of the branch where the ids of the points begin so."""
    return f"{root}|{beginning}" if beginning else root


def leaf(root: str, metering_point_id: str) -> tuple[str, str]:
    """The branch that a point ends on, and its digits there."""
    return branch(root, metering_point_id[: _DIGITS[1]]), metering_point_id[_DIGITS[1] :]


# Rounds


class Step(Protocol):
    """The event of a step: the last point that has it, if any; and when the next step is, if there is one."""

    last: str | None
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Round:
    """How far the points of a root have what it is now."""

    after: str
    """The last point of the last step."""
    next_at: datetime | None
    """When the next step is; None: all have it."""


def evolve_round(state: Round | None, event: Step) -> Round:
    """A round has come so far, or has begun again."""
    return Round(event.last or (state.after if state else ""), event.next_at)


def next_step(points: Sequence[str], *, most: int, at: datetime) -> datetime | None:
    """When a round goes on: unless these points are fewer than a step takes, there are more."""
    return at + STEP if len(points) >= most else None
