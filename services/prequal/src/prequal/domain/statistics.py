"""Who kept the statutory clocks: a public count per clock and party, published at most once a day (SOGL art. 159, 182).

The TSO and every DSO stand by name, the BSPs together. A clock counts when it is kept or runs out; one that became
void counts nowhere. Days are local dates from the beginning to the end, without those on which it was paused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal, get_args

from contracts import calendar
from contracts.message import Event
from contracts.prequal import v1

Clock = Literal[
    "completeness",
    "missing-part",
    "decision",
    "reassessment",
    "dso-answer",
    "qualification-completeness",
    "qualification-missing-part",
    "qualification-decision",
]
"""The statutory ones, of groups and of BSPs' qualifications, and the DSOs' (D11)."""
_OF_QUALIFICATION: Final[dict[v1.ClockName, Clock]] = {
    "completeness": "qualification-completeness",
    "missing-part": "qualification-missing-part",
    "decision": "qualification-decision",
}
OF_QUALIFICATION: Final[tuple[type[Event], ...]] = (
    v1.QualificationFactsAdded,
    v1.MissingFactsRequested,
    v1.QualificationConfirmed,
    v1.QualificationWithdrawn,
    v1.QualificationDecided,
    v1.QualificationOverdue,
)
"""What begins, keeps and misses the time limits of a qualification."""


@dataclass(frozen=True, slots=True)
class Statistic:
    """One clock, of those who owe it."""

    clock: Clock
    owed_by: str
    kept: int = 0
    missed: int = 0
    days: dict[int, int] = field(default_factory=dict[int, int])
    """How many took so many days, late ones among them."""
    publish_at: datetime | None = None
    """The midnight at which what changed is published."""

    @property
    def median_days(self) -> int | None:
        """The lower one of two in the middle; None where nothing was done yet."""
        middle = (sum(self.days.values()) + 1) // 2
        for days in sorted(self.days):
            middle -= self.days[days]
            if middle <= 0:
                return days
        return None


@dataclass(frozen=True, slots=True)
class Counted:
    """What an event adds to a statistic."""

    clock: Clock
    owed_by: str
    moment: datetime
    kept: bool = False
    missed: bool = False
    days: int | None = None


def counted(event: Any) -> dict[str, tuple[Counted, ...]]:
    """What an event adds, by the statistic's id: the parts that the kind folds."""
    found: dict[str, tuple[Counted, ...]] = {}
    for one in _of_qualification(event) if isinstance(event, OF_QUALIFICATION) else _counted(event):
        key = f"{one.clock}.{one.owed_by}"
        found[key] = (*found.get(key, ()), one)
    return found


def _counted(event: Any) -> Iterable[Counted]:
    match event:
        case v1.PrequalificationOverdue():
            yield Counted("decision", "tso", event.decide_by, missed=True)
        case v1.ApplicationOverdue():
            if event.clock in get_args(Clock):
                yield _counts(event.clock, event.owed_by, event.due_at, missed=True)
        case v1.GridAssessmentOverdue():
            yield Counted("dso-answer", event.dso, event.due_at, missed=True)
        case v1.GridAssessed():
            if event.asked_at is not None and event.answered_at is not None:
                days = _days(event.asked_at, event.answered_at)
                yield Counted("dso-answer", event.dso, event.answered_at, kept=not event.late, days=days)
        case _:
            yield from (_of(one) for one in event.stopped if one.clock in get_args(Clock) and one.outcome != "void")


def _of_qualification(event: Any) -> Iterable[Counted]:
    """The same of a BSP's application, counted apart."""
    if isinstance(event, v1.QualificationOverdue):
        yield Counted(_OF_QUALIFICATION[event.clock], "tso", event.due_at, missed=True)
        return
    for one in event.stopped:
        if one.outcome != "void":
            yield replace(_of(one), clock=_OF_QUALIFICATION[one.clock])


def _of(one: v1.StoppedClock) -> Counted:
    is_done = one.outcome != "missed"
    days = _days(one.since, one.stopped_at) - one.paused_days if is_done else None
    return _counts(
        one.clock, one.owed_by, one.stopped_at, kept=one.outcome == "kept", missed=one.outcome == "missed", days=days
    )


def _counts(clock: v1.ClockName, owed_by: str, moment: datetime, **found: Any) -> Counted:
    if clock == "split" or clock == "verification":  # noqa: PLR1714 - so that the type is narrowed
        raise ValueError(f"{clock} is no statutory clock")
    return Counted(clock, owed_by, moment, **found)


def _days(since: datetime, until: datetime) -> int:
    return calendar.days_between(calendar.local_date(since), calendar.local_date(until))


def evolve(state: Statistic | None, event: tuple[Counted, ...] | v1.ClockStatisticPublished) -> Statistic | None:
    """Fold what events add, or that it was published."""
    if isinstance(event, v1.ClockStatisticPublished):
        return state and replace(state, publish_at=None)
    for one in event:
        state = state or Statistic(one.clock, one.owed_by)
        days = state.days if one.days is None else {**state.days, one.days: state.days.get(one.days, 0) + 1}
        state = replace(
            state,
            kept=state.kept + one.kept,
            missed=state.missed + one.missed,
            days=days,
            publish_at=state.publish_at or calendar.next_midnight(one.moment),
        )
    return state


def decide_publish(state: Statistic, *, statistic: str, at: datetime) -> list[Event]:
    """What it is now."""
    return [
        v1.ClockStatisticPublished(
            statistic=statistic,
            clock=state.clock,
            owed_by=state.owed_by,
            due=state.kept + state.missed,
            kept=state.kept,
            missed=state.missed,
            median_days=state.median_days,
            longest_days=max(state.days, default=None),
            until=at,
        )
    ]
