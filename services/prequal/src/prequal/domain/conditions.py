"""The conditions of a qualification that are to be met, and by when (R41)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from contracts import calendar
from contracts.prequal import v1


@dataclass(frozen=True, slots=True)
class ToMeet:
    """A condition that is not settled."""

    condition: int
    """Its place among the conditions: 0, 1, …"""
    due_at: datetime | None
    """The end of its day; None: it has no date."""
    is_overdue: bool = False
    """Both were told that its date has come."""


def of(conditions: Sequence[v1.Condition]) -> tuple[ToMeet, ...]:
    """All of them, to be met."""
    return tuple(
        ToMeet(n, calendar.end_of_local_day(one.due_on) if one.due_on else None) for n, one in enumerate(conditions)
    )


def settled(to_meet: Sequence[ToMeet], condition: int) -> tuple[ToMeet, ...]:
    """Those that are left."""
    return tuple(one for one in to_meet if one.condition != condition)


def overdue(to_meet: Sequence[ToMeet], condition: int) -> tuple[ToMeet, ...]:
    """With one whose date has come."""
    return tuple(replace(one, is_overdue=True) if one.condition == condition else one for one in to_meet)


def first_due(to_meet: Sequence[ToMeet]) -> datetime | None:
    """The first date; None where none has one."""
    return min((one.due_at for one in to_meet if one.due_at), default=None)
