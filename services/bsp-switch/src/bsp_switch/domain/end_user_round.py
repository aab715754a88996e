"""Which points an end user has consented for; and the round in which they learn what has become of it.

An organisation may have thousands of points: they are a tree (`point_tree`), and a round goes along it.
A fact that comes while a round is under way begins a new one (ADR 0013, 0016).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bsp_switch.domain import point_tree
from contracts.bsp_switch import v1

POINTS_A_STEP = 200
"""A step ends behind the block of a hundred ids that completes so many: each has consents and perhaps control."""


def branches(event: v1.ConsentRecorded | v1.ConsentExtended) -> dict[str, str]:
    """The branches of the end user that a consent's point is on."""
    return point_tree.branches(event.end_user, event.metering_point_id)


def decide_step(end_user: str, points: Sequence[str], *, at: datetime) -> v1.EndUserFollowed:
    """These points have it."""
    return v1.EndUserFollowed(
        end_user=end_user,
        points=len(points),
        last=points[-1] if points else None,
        next_at=point_tree.next_step(points, most=POINTS_A_STEP, at=at),
    )
