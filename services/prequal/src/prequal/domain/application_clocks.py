"""Clocks that run while somebody owes something; what is reminded of, and told when they run out (SOGL art. 159).

Weeks and months end at the end of their last local day (D24). A clock that was paused runs out so many local days later
as the pause had. What a clock is told of, it is told of once.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from contracts import calendar
from contracts.prequal import v1


@dataclass(frozen=True, slots=True)
class Running:
    """A clock that runs, and what of it has been told."""

    clock: v1.Clock
    is_reminded: bool = False
    is_overdue: bool = False

    @property
    def reminder(self) -> datetime | None:
        """When it is to be reminded of, if it is still to be."""
        return None if self.is_reminded or self.is_overdue else self.clock.remind_at


Runnings = tuple[Running, ...]


# Beginning and ending


def begin(
    name: v1.ClockName, owed_by: v1.OwedBy, *, since: datetime, due_at: datetime, remind_at: datetime
) -> v1.Clock:
    """A clock that begins; what would be reminded of before it began is not."""
    reminder = remind_at if since < remind_at < due_at else None
    return v1.Clock(clock=name, owed_by=owed_by, since=since, due_at=due_at, remind_at=reminder)


def days_before(due_at: datetime, days: int) -> datetime:
    """The midnight so many local days before a deadline."""
    return calendar.add_local_days(due_at, -days)


def months_before(due_at: datetime, months: int) -> datetime:
    """The midnight so many months before a deadline, at most the last day of a shorter month."""
    day = calendar.local_date(due_at)
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return calendar.midnight(date(year, month + 1, min(day.day, monthrange(year, month + 1)[1])))


def resumed(paused: Iterable[Running], *, since: datetime, at: datetime) -> Runnings:
    """The clocks as they go on after a pause; one that had run out before it is as it was.

    One that was reminded of before is not again.
    """
    days = calendar.days_between(calendar.local_date(since), calendar.local_date(at))
    return tuple(one if one.is_overdue else _later(one, days) for one in paused)


def _later(one: Running, days: int) -> Running:
    clock = one.clock
    later = {
        "due_at": calendar.add_local_days(clock.due_at, days),
        "remind_at": calendar.add_local_days(one.reminder, days) if one.reminder else None,
        "paused_days": clock.paused_days + days,
    }
    return replace(one, clock=clock.model_copy(update=later))


def running(before: Iterable[Running], clocks: Iterable[v1.Clock]) -> Runnings:
    """The clocks that run now; what has been told of one that goes on unchanged stays told."""
    known = {(one.clock.clock, one.clock.due_at): one for one in before}
    return tuple(
        replace(found, clock=clock) if (found := known.get((clock.clock, clock.due_at))) else Running(clock)
        for clock in clocks
    )


def named(clocks: Iterable[Running], name: v1.ClockName) -> Running | None:
    """The clock with this name, if it runs."""
    return next((one for one in clocks if one.clock.clock == name), None)


def others(clocks: Iterable[Running], *names: v1.ClockName) -> tuple[v1.Clock, ...]:
    """The clocks but these, as they run."""
    return tuple(one.clock for one in clocks if one.clock.clock not in names)


def done(clocks: Iterable[Running], *names: v1.ClockName, at: datetime) -> tuple[v1.StoppedClock, ...]:
    """What was owed is done: in time, or late."""
    return tuple(_stopped(one, at, "late" if one.is_overdue else "kept") for one in clocks if one.clock.clock in names)


def over(
    clocks: Iterable[Running], *, at: datetime, missed: Collection[v1.ClockName] = ()
) -> tuple[v1.StoppedClock, ...]:
    """Nothing is owed any more: those `missed` have run out, the rest is void."""
    return tuple(_stopped(one, at, "missed" if one.clock.clock in missed else "void") for one in clocks)


def _stopped(one: Running, at: datetime, outcome: str) -> v1.StoppedClock:
    clock = one.clock
    return v1.StoppedClock.model_validate(
        {
            "clock": clock.clock,
            "owed_by": clock.owed_by,
            "since": clock.since,
            "due_at": clock.due_at,
            "stopped_at": at,
            "paused_days": clock.paused_days,
            "outcome": outcome,
        }
    )


# Telling


def reminded(clocks: Iterable[Running], name: v1.ClockName) -> Runnings:
    """It has been reminded of."""
    return tuple(replace(one, is_reminded=True) if one.clock.clock == name else one for one in clocks)


def overdue(clocks: Iterable[Running], name: v1.ClockName) -> Runnings:
    """It has run out, and that was told."""
    return tuple(replace(one, is_overdue=True) if one.clock.clock == name else one for one in clocks)
