"""What a DSO still owes after the deadline, when it is reminded of it, and delays that hold the reminders back.

A reminder (BRS-NO-314) is a task: it begins when 07:00 finds something missing, is said again every so many days
(`completeness.remind-every-days`) up to the last (`completeness.remind-last-days`), and ends when all has come.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal

from contracts import calendar
from contracts.message import Event
from contracts.meter_ingest.v1 import (
    CompletenessPublished,
    DeclareDelay,
    DelayDeclared,
    DelayLifted,
    OwedEnded,
    ValuesReminded,
)
from contracts.parties import Party
from contracts.values import Role
from meter_ingest.domain import days, rules


@dataclass(frozen=True, slots=True)
class Delay:
    """A delay that was declared."""

    since: date
    expected_by: datetime
    reason: str
    declared_by: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """The days that a DSO owes something of after their deadlines, with when it is reminded next. By DSO."""

    missing: dict[date, datetime | None] = field(default_factory=dict["date", "datetime | None"])
    delay: Delay | None = None

    def holds_back(self, local: date) -> bool:
        """Whether a delay covers a day."""
        return self.delay is not None and local >= self.delay.since


OfDelivery = CompletenessPublished | ValuesReminded | OwedEnded | DelayDeclared | DelayLifted


def evolve(state: Delivery | None, event: OfDelivery) -> Delivery:
    """Fold what is owed."""
    state = state or Delivery()
    if isinstance(event, DelayDeclared):
        return replace(state, delay=Delay(event.since, event.expected_by, event.reason, event.declared_by))
    if isinstance(event, DelayLifted):
        waiting = {
            local: max(at, event.ended_at) if at is not None and state.holds_back(local) else at
            for local, at in state.missing.items()
        }
        return Delivery(waiting)
    missing: dict[date, datetime | None] = {local: at for local, at in state.missing.items() if local != event.date}
    if isinstance(event, CompletenessPublished) and event.complete_series < event.expected_series:
        missing[event.date] = days.complete_by(event.date)
    elif isinstance(event, ValuesReminded):
        missing[event.date] = event.again_at
    return replace(state, missing={local: missing[local] for local in sorted(missing)})


def reminder_at(state: Delivery) -> datetime | None:
    """When the next reminder is due: those of a delay wait until its term is over."""
    found = [
        max(at, state.delay.expected_by) if state.delay is not None and state.holds_back(local) else at
        for local, at in state.missing.items()
        if at is not None
    ]
    return min(found, default=None)


def due_days(state: Delivery, at: datetime) -> list[date]:
    """The days of which the DSO is to be reminded at a moment."""
    return [
        local for local, due in state.missing.items() if due is not None and due <= at and not state.holds_back(local)
    ]


def again_at(local: date, at: datetime, *, every: int, last: int) -> datetime | None:
    """When a DSO is reminded of a day again, after a moment; None after the last time."""
    for later in range(1 + every, last + 1, every):
        moment = calendar.at_local(local + timedelta(days=later), "07:00")
        if moment > at:
            return moment
    return None


@dataclass(frozen=True, slots=True)
class By:
    """Who says something of a delay, and whether as the TSO."""

    sender: str
    is_tso: bool


def decide_declared(
    state: Delivery | None, command: DeclareDelay, *, dso: str, by: By, party: Party | None, at: datetime, most: int
) -> list[Event]:
    """A delay, or another term of the one that stands; the same again changes nothing. `most`: days, either way."""
    _of_a_dso(dso, by, party)
    if not at < command.expected_by <= at + timedelta(days=most):
        raise rules.DELAY_TERM_INVALID.refused(
            path="/expected_by", limit=most, actual=calendar.local_text(command.expected_by), unit="days"
        )
    earliest = days.day_at(at).date - timedelta(days=most)
    if not earliest <= command.since <= days.day_at(command.expected_by).date:
        raise rules.DELAY_SINCE_INVALID.refused(
            path="/since", limit=earliest.isoformat(), actual=command.since.isoformat()
        )
    delay = Delay(command.since, command.expected_by, command.reason, by.sender)
    if state is not None and state.delay == delay:
        return []
    return [
        DelayDeclared(
            dso=dso,
            since=delay.since,
            expected_by=delay.expected_by,
            reason=delay.reason,
            declared_by=delay.declared_by,
        )
    ]


def decide_lifted(state: Delivery | None, *, dso: str, by: By, party: Party | None, at: datetime) -> list[Event]:
    """The delay is over by command."""
    _of_a_dso(dso, by, party)
    if state is None or state.delay is None:
        raise rules.DELAY_NOT_DECLARED.refused(path="/subject")
    return [lifted(state, dso, "lifted", at=at)]


def lifted(
    state: Delivery, dso: str, because: Literal["lifted", "recovered", "term-over"], *, at: datetime
) -> DelayLifted:
    """The delay is over."""
    assert state.delay is not None
    return DelayLifted(
        dso=dso,
        since=state.delay.since,
        ended_at=at,
        because=because,
        missing_dates=tuple(_waited_for(state, state.missing)),
    )


def decide_arrived(
    state: Delivery | None,
    dso: str,
    ended: Iterable[date],
    *,
    at: datetime,
    because: Literal["arrived", "not-owed"] = "arrived",
) -> list[Event]:
    """The days that are owed no longer; and where those were the last that a delay waited for, that it is over."""
    if state is None:
        return []
    found = [local for local in dict.fromkeys(ended) if local in state.missing]
    events: list[Event] = [OwedEnded(dso=dso, date=local, because=because) for local in found]
    left = [local for local in state.missing if local not in found]
    if _waited_for(state, found) and not _waited_for(state, left):
        events.append(lifted(replace(state, missing={}), dso, "recovered", at=at))
    return events


def _waited_for(state: Delivery, some: Iterable[date]) -> list[date]:
    return [local for local in some if state.holds_back(local)]


def _of_a_dso(dso: str, by: By, party: Party | None) -> None:
    """Another's delay is answered like that of nobody."""
    if not (by.is_tso or by.sender == dso) or party is None or not party.may_be(Role.DSO):
        raise rules.DELAY_NOT_YOURS.refused(path="/subject", actual=dso)
