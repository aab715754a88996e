"""Which points an end user has consented for; and the round in which they learn what has become of it.

An organisation may have thousands of points, too many for one transaction. So they are kept in a tree by the digits of
their ids (12, 15, 18), and a round goes along it, some points at each step: the first with the fact itself, the others
by a deadline, a second apart. A fact that comes while a round is under way begins a new one (ADR 0013, 0016).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bsp_switch.domain import point_tree
from contracts.bsp_switch import v1

POINTS_A_STEP = 200
"""A step ends behind the block of a hundred ids that completes so many: each has consents and perhaps control."""
STEP: Final = timedelta(seconds=1)
_DIGITS: Final = (12, 15)


def branches(event: v1.ConsentRecorded | v1.ConsentExtended) -> dict[str, str]:
    """The branches that a consent's point is on, each with the digits that continue it there."""
    return point_tree.branches_of(event.end_user, event.metering_point_id)


def leaf(end_user: str, metering_point_id: str) -> tuple[str, str]:
    """The branch that a point ends on, and its digits there."""
    return point_tree.branch(end_user, metering_point_id[: _DIGITS[1]]), metering_point_id[_DIGITS[1] :]


@dataclass(frozen=True, slots=True)
class Round:
    """How far the points of an end user have what it is now."""

    after: str
    """The last point of the last step."""
    next_at: datetime | None
    """When the next step is; None: all have it."""


def evolve(state: Round | None, event: v1.EndUserFollowed) -> Round:
    """A round has come so far, or has begun again."""
    return Round(event.last or (state.after if state else ""), event.next_at)


def decide_step(end_user: str, points: Sequence[str], *, at: datetime) -> v1.EndUserFollowed:
    """These points have it; unless they are fewer than a step takes, there are more."""
    return v1.EndUserFollowed(
        end_user=end_user,
        points=len(points),
        last=points[-1] if points else None,
        next_at=at + STEP if len(points) >= POINTS_A_STEP else None,
    )
