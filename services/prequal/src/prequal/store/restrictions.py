"""Temporary limits and suspensions, and where they stand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from chassis.service import SUBJECT, Deadline, Kind
from contracts.prequal import v1
from prequal.domain import restriction

RESTRICTION_END = "restriction-end"


def _deadlines(state: restriction.Restriction) -> Iterable[Deadline]:
    if not state.is_over and state.limit.valid_to is not None:
        yield Deadline(state.limit.valid_to, RESTRICTION_END)


RESTRICTION = Kind(
    name="restriction",
    state=restriction.Restriction,
    evolve=restriction.evolve,
    folds={
        **dict.fromkeys((*get_args(restriction.OfLimit), *get_args(restriction.OfSuspension)), SUBJECT),
        v1.TemporaryLimitShared: SUBJECT,
        v1.GroupsReached: restriction.reckoned,
        v1.GroupRestricted: lambda event: event.restriction_id,
        v1.GroupRestrictionEnded: restriction.left,
    },
    deadlines=_deadlines,
)

RESTRICTIONS_ON = Kind(
    name="restrictions-on",
    state=restriction.Standing,
    evolve=restriction.evolve_standing,
    folds=dict.fromkeys(
        (v1.TemporaryLimitSet, v1.TemporaryLimitLifted, v1.TemporaryLimitEnded, *get_args(restriction.OfSuspension)),
        restriction.where,
    ),
)
"""By what they are on (`restriction.of`): those that are not over."""

KINDS = (RESTRICTION, RESTRICTIONS_ON)
