"""Third parties' access to meter values, as it was asked for, approved and changed (`granting` decides).

Which values an access covers is read off who stands behind the points (`placed`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, assert_never

from contracts import calendar
from contracts.meter_ingest import v1
from contracts.meter_ingest.v1 import DataAccessLevel
from meter_ingest.domain.supplied import Supply, end_user, spells

Span = tuple[datetime, datetime | None]
Stage = Literal["pending", "granted", "rejected", "lapsed"]
_OfAsking = (
    v1.DataAccessRejected
    | v1.DataAccessLapsed
    | v1.DataAccessChangeRequested
    | v1.DataAccessChanged
    | v1.DataAccessExpiryApproached
)
About = (
    v1.DataAccessRequested
    | v1.DataAccessApproved
    | v1.DataAccessEnded
    | v1.DataAccessEndCancelled
    | v1.DataAccessPlaced
    | _OfAsking
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A change that a third party asks for."""

    level: DataAccessLevel
    valid_to: datetime | None
    lapses_at: datetime


@dataclass(frozen=True, slots=True)
class DataAccess:
    """What a third party asked for, and has."""

    data_access_id: str
    third_party: str
    metering_point_id: str
    level: DataAccessLevel
    valid_from: datetime
    valid_to: datetime | None
    future_points: bool
    lapses_at: datetime
    purpose: str = ""
    return_address: str | None = None
    stage: Stage = "pending"
    end_user: str = ""
    """Who approved it."""
    approved_at: datetime | None = None
    warn_at: datetime | None = None
    """When the third party is to be warned of the end; None: there is none, or it has been."""
    asked: Asked | None = None
    ends: dict[v1.WhyDataAccessEnds, datetime] = field(default_factory=dict[v1.WhyDataAccessEnds, datetime])
    """By cause."""
    points: tuple[str, ...] = ()
    """The points that it was ever said to cover anything of."""

    @property
    def until(self) -> datetime | None:
        """When it is over."""
        return min((*self.ends.values(), *((self.valid_to,) if self.valid_to else ())), default=None)

    def holds(self, at: datetime) -> bool:
        """Whether anything may be read on it at a moment."""
        if self.stage != "granted" or self.approved_at is None:
            return False
        return self.approved_at <= at and (self.until is None or at < self.until)

    @property
    def unanswered_at(self) -> datetime | None:
        """When what is asked for lapses."""
        if self.stage == "pending":
            return None if self.ends else self.lapses_at
        return self.asked.lapses_at if self.asked else None

    @property
    def expires_at(self) -> datetime | None:
        """When its term is over, unless something else has ended it, or will before."""
        return self.valid_to if self.stage == "granted" and not self.ends else None

    def status(self, at: datetime) -> str:
        """In a word."""
        if self.holds(at):
            return "granted"
        if self.ends:
            return min(self.ends, key=lambda why: (self.ends[why], why))
        return "expired" if self.stage == "granted" else self.stage


def evolve(state: DataAccess | None, event: About) -> DataAccess:
    """The access after an event."""
    if isinstance(event, v1.DataAccessRequested):
        return DataAccess(
            event.data_access_id,
            event.third_party,
            event.metering_point_id,
            event.level,
            event.valid_from,
            event.valid_to,
            event.future_points,
            event.lapses_at,
            event.purpose,
            event.return_address,
        )
    assert state is not None
    match event:
        case v1.DataAccessApproved():
            return replace(
                state, stage="granted", end_user=event.end_user, approved_at=event.approved_at, warn_at=event.warn_at
            )
        case v1.DataAccessEnded():
            return replace(state, ends={**state.ends, event.because: event.ended_at}, asked=None)
        case v1.DataAccessEndCancelled():
            return replace(state, ends={why: at for why, at in state.ends.items() if why != "end-user"})
        case v1.DataAccessPlaced():
            return replace(state, points=tuple(dict.fromkeys((*state.points, event.metering_point_id))))
        case _:
            return _asked(state, event)


def _asked(state: DataAccess, event: _OfAsking) -> DataAccess:
    match event:
        case v1.DataAccessRejected():
            return replace(state, asked=None) if event.what == "change" else replace(state, stage="rejected")
        case v1.DataAccessLapsed():
            return replace(state, asked=None) if event.what == "change" else replace(state, stage="lapsed")
        case v1.DataAccessChangeRequested():
            return replace(state, asked=Asked(event.level, event.valid_to, event.lapses_at))
        case v1.DataAccessChanged():
            return replace(state, level=event.level, valid_to=event.valid_to, warn_at=event.warn_at, asked=None)
        case v1.DataAccessExpiryApproached():
            return replace(state, warn_at=None)
        case _:
            assert_never(event)


# What it covers


def placed(state: DataAccess, point: str, timeline: tuple[Supply, ...]) -> tuple[Span, ...]:
    """Which periods of a point's values it covers, by who stands behind the point; of a point of its own, or to come.

    None is longer than its term: with a later end they are said anew. Who has left its point and comes back approves
    anew, unless future points are covered: those that the end user comes to on the day of the approval, or later.
    """
    if state.approved_at is None:
        return ()
    its = [(start, end) for who, start, end in spells(timeline, end_user) if who == state.end_user]
    since = calendar.midnight(calendar.local_date(state.approved_at))
    found: list[Span] = []
    for start, end in its:
        to_come = state.future_points and start >= since
        if to_come or (point == state.metering_point_id and is_in(start, end, begins(state, state.approved_at))):
            first = max(start, state.valid_from)
            last = min((one for one in (end, state.valid_to) if one is not None), default=None)
            if last is None or first < last:
                found.append((first, last))
    return tuple(found)


def begins(state: DataAccess, approved_at: datetime) -> datetime:
    """The moment at which the end user must stand behind the point: at the approval, or when the access begins."""
    return max(state.valid_from, approved_at)


def is_in(start: datetime, end: datetime | None, moment: datetime) -> bool:
    """Whether a moment lies in a period."""
    return start <= moment and (end is None or moment < end)
