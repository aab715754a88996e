"""The points whose BRP follows from a supplier and a grid area, as a tree by the digits of their ids (12, 15, 18).

A supplier may have hundreds of thousands of points in an area: too many for one document, and for one transaction.
So a round goes along the tree, some points at each step, in the order of their ids.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

from contracts.bsp_switch import v1

POINTS_A_STEP = 500
"""A step ends behind the block of a hundred ids that completes so many."""
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


def branches(event: v1.SupplyRecorded) -> dict[str, str]:
    """The branches that a point with a derived BRP is on, each with the digits that continue it there.

    It stays on them when it has come to another supplier or area: the round then finds nothing to say of it.
    """
    if not event.derived or event.grid_area is None:
        return {}
    return branches_of(f"{event.supplier}|{event.grid_area}", event.metering_point_id)


def branches_of(root: str, point: str) -> dict[str, str]:
    """The branches of a tree that a point is on, each with the digits that continue it there."""
    first, second = _DIGITS
    return {
        root: point[:first],
        branch(root, point[:first]): point[first:second],
        branch(root, point[:second]): point[second:],
    }


def branch(root: str, beginning: str) -> str:
    """The id of the branch where the ids of the points begin so."""
    return f"{root}|{beginning}" if beginning else root
