"""A change that reaches many groups: it goes along them in order of their ids, some at a time (ADR 0013 does likewise).

What one group is told follows from what holds by then, not from the change, so that another change in between is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from contracts import values
from contracts.prequal import v1
from prequal.domain import known
from prequal.domain.power import NONE, Power

GROUPS_A_STEP = 50
MEMBERS_A_STEP = 4_000
"""A group of 100 members takes a few milliseconds: what is said meanwhile waits no longer than for a step."""
PAUSE: Final = timedelta(seconds=1)
FEEDS: Final = frozenset(
    {
        "group.min-kw",
        "bid.step-kw",
        "group.below-min.grace-days",
        "readiness.warn-margin-kw",
        "readiness.warn-ahead-days",
    }
)
"""The policies that what may be bid for an approved group rests on."""


@dataclass(frozen=True, slots=True)
class Spreading:
    """A change that has not reached all its groups."""

    what: v1.WhatSpreads
    after: str
    """The last group that was told; empty before the first."""
    next_at: datetime


def evolve(_state: Spreading | None, event: v1.GroupsReached) -> Spreading | None:
    """Fold an own event."""
    return Spreading(event.what, event.last or "", event.next_at) if event.next_at else None


def left(groups: Iterable[str], *, after: str) -> list[str]:
    """Those whose turn has not come yet."""
    return sorted(group for group in groups if group > after)


def fits(taken: int, members: int) -> bool:
    """Whether one group more may be of a step that has so many, with so many members together."""
    return taken == 0 or (taken < GROUPS_A_STEP and members < MEMBERS_A_STEP)


def decide_step(
    change: str, what: v1.WhatSpreads, told: Sequence[str], *, others_follow: bool, at: datetime
) -> v1.GroupsReached:
    """These have been told."""
    return v1.GroupsReached(
        change=change,
        what=what,
        groups=len(told),
        last=told[-1] if told else None,
        next_at=at + PAUSE if others_follow else None,
    )


def decide_reckoned(
    change: str, could: Mapping[str, Power], *, last: str, others_follow: bool, at: datetime
) -> v1.GroupsReached:
    """What could be activated of these is known; when it is known of all, the limit is shared and they are told."""
    return v1.GroupsReached(
        change=change,
        what="reckoned" if others_follow else "restricted",
        groups=0,
        last=last if others_follow else None,
        next_at=at + PAUSE,
        could=tuple(
            v1.GroupCould(group_id=group, up_w=power.up_w, down_w=power.down_w)
            for group, power in sorted(could.items())
            if power != NONE
        ),
    )


def decide_loosen(change: str, *, at: datetime) -> v1.GroupsReached:
    """All have been told what leaves them no more than before; those that have more are told next."""
    return v1.GroupsReached(change=change, what="loosened", groups=0, last=None, next_at=at + PAUSE)


def decide_ahead(key: str, *, valid_from: datetime) -> v1.GroupsReached:
    """A policy that what may be bid rests on has another value from a moment to come: the groups are told then."""
    change = of_policy(key, valid_from)
    return v1.GroupsReached(change=change, what="readiness", groups=0, last=None, next_at=valid_from)


def of_policy(key: str, valid_from: datetime) -> str:
    """The name of a policy's change."""
    return f"policy/{key}/{values.time_text(valid_from)}"


# Which groups a policy reaches


def evolve_approved(
    state: known.Ids | None, event: v1.VolumeReserved | v1.SinglePointAdmitted | v1.ApplicationQueued
) -> known.Ids:
    """A group or single point of a zone is approved, or waits for room."""
    return (state or known.Ids()).add(event.group_id)
