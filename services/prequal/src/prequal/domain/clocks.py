"""Time limits of the law: until when they run, and when who must act is reminded (SOGL art. 155 and 159, D24).

A limit in days, weeks or months ends with its last Oslo day: it is the midnight, exclusive, that ends that day. All of
it follows from moments that events carry, so that a replay finds the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from contracts import calendar

Unit = Literal["days", "weeks", "months"]
Moment = Literal["reminder", "due"]


def deadline(at: datetime, amount: int, unit: Unit) -> datetime:
    """So many days, weeks or months after this moment: the end of the last local day (D24)."""
    match unit:
        case "days":
            return calendar.after_days(at, amount)
        case "weeks":
            return calendar.after_weeks(at, amount)
        case "months":
            return calendar.after_months(at, amount)


def reminder(due_at: datetime, days: int, *, since: datetime) -> datetime | None:
    """The midnight so many local days before the limit; None where that is not after `since`, when it began."""
    at = calendar.add_local_days(due_at, -days)
    return at if since < at < due_at else None


@dataclass(frozen=True, slots=True)
class Clock:
    """A time limit that runs. `name` says which; it can be reminded of once, and be told overdue once."""

    name: str
    due_at: datetime
    remind_at: datetime | None = None
    reminded: bool = False
    overdue: bool = False
    since: datetime | None = None
    """When it began; not known of those that began before it was said."""

    @property
    def moments(self) -> tuple[tuple[datetime, Moment], ...]:
        """What is still to come of it, in order: the deadlines of the document that holds it."""
        found: list[tuple[datetime, Moment]] = []
        if self.remind_at is not None and not self.reminded:
            found.append((self.remind_at, "reminder"))
        if not self.overdue:
            found.append((self.due_at, "due"))
        return tuple(found)

    def after_reminder(self) -> Clock:
        """Who must act has been reminded."""
        return replace(self, reminded=True)

    def after_due(self) -> Clock:
        """It has run out, and that has been told; nothing more comes of it."""
        return replace(self, reminded=True, overdue=True)


def grace(moment: datetime, *, days: int) -> datetime:
    """`days` local days after the first midnight at or after a moment."""
    start = moment if calendar.is_midnight(moment) else calendar.next_midnight(moment)
    return calendar.add_local_days(start, days)
