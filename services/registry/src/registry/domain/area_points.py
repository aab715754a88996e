"""Which metering points lie, or lay, in a grid area; and the round in which they learn what becomes of it.

An area may have hundreds of thousands of points: too many for one transaction, and for one document. So the points are
kept in a tree by the digits of their ids (12, 15, 18), and a round goes along it, some points at each step. The first
step is taken with the change itself, and is all that most areas need; the others are deadlines, a second apart, so that
other decisions come between them. A change while a round is under way begins a new one: each point is held against what
its area is by then, whatever changed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from contracts.registry import v1

POINTS_A_STEP = 500
"""A step ends behind the block of a hundred ids that completes so many."""
STEP: Final = timedelta(seconds=1)
_DIGITS: Final = (12, 15)


@dataclass(frozen=True, slots=True)
class Branch:
    """What continues the beginning of an id, in order: the next digits of the area's points."""

    digits: tuple[str, ...] = ()


def evolve_branch(state: Branch | None, digits: str) -> Branch:
    """There is a point with these digits."""
    found = state.digits if state else ()
    place = bisect_left(found, digits)
    if state and place < len(found) and found[place] == digits:
        return state
    return Branch((*found[:place], digits, *found[place:]))


def branches(event: v1.MeteringPointRecorded) -> dict[str, str]:
    """The branches that a point is on, each with the digits that continue it there."""
    return branches_of(event.grid_area, event.metering_point_id)


def branches_of(grid_area: str, metering_point_id: str) -> dict[str, str]:
    """The same of a point that is named."""
    first, second = _DIGITS
    return {
        grid_area: metering_point_id[:first],
        branch(grid_area, metering_point_id[:first]): metering_point_id[first:second],
        branch(grid_area, metering_point_id[:second]): metering_point_id[second:],
    }


def branch(grid_area: str, beginning: str) -> str:
    """The id of the branch where the ids of an area's points begin so."""
    return f"{grid_area}|{beginning}" if beginning else grid_area


@dataclass(frozen=True, slots=True)
class Round:
    """How far the points of an area have what it is now."""

    after: str
    """The last point of the last step."""
    next_at: datetime | None
    """When the next step is; None: all have it."""


def evolve(state: Round | None, event: v1.PointsOfAreaUpdated) -> Round:
    """A round has come so far, or has begun again."""
    return Round(event.last or (state.after if state else ""), event.next_at)


def decide_step(grid_area: str, points: Sequence[str], *, at: datetime) -> v1.PointsOfAreaUpdated:
    """These points have it; unless they are fewer than a step takes, there are more."""
    return v1.PointsOfAreaUpdated(
        grid_area=grid_area,
        points=len(points),
        last=points[-1] if points else None,
        next_at=at + STEP if len(points) >= POINTS_A_STEP else None,
    )
