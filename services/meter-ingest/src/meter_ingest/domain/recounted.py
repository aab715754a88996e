"""A point's days looked at anew, when which of its values count was corrected back in time (ADR 0013 does likewise).

The latest first, some at a time: whatever else is said waits no longer than for a step, however far back it goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from contracts.meter_ingest.v1 import CountingChannelChanged, PointRecounted
from meter_ingest.domain import baselines, blocks, days
from meter_ingest.domain.activation import Watched

DAYS_A_STEP: Final = 62
ACTIVATIONS_A_STEP: Final = 10
"""Each may be verified, which is more than to look at it."""
PAUSE: Final = timedelta(seconds=1)
MOST_BACK: Final = timedelta(days=3 * 366)
"""Further than values may come (`values.max-age-years`), and than there are any of most points (D21)."""
_APART: Final = timedelta(days=baselines.DAYS_BACK + 3)
"""An activation watches no two days that are further from each other."""


@dataclass(frozen=True, slots=True)
class Recount:
    """The days on which values count otherwise, and how far they have been looked at. By point."""

    first: date
    last: date
    counted_since: date
    looked_at: int = 0
    last_day: date | None = None
    last_activation: str | None = None
    next_at: datetime | None = None


def evolve(_: Recount | None, event: PointRecounted) -> Recount:
    """Each step says all of it."""
    return Recount(
        event.first,
        event.last,
        event.counted_since,
        event.looked_at,
        event.last_day,
        event.last_activation,
        event.next_at,
    )


def begun(
    state: Recount | None, changed: Iterable[CountingChannelChanged], *, counted_since: date, at: datetime
) -> Recount | None:
    """What is to be looked at after what was said; None where nothing of what has been is otherwise.

    What was being looked at is begun anew with it: twice comes to the same.
    """
    spans = [
        (max(one.valid_from, at - MOST_BACK), min(one.valid_to or at, at)) for event in changed for one in event.days
    ]
    touched = [day.date for start, end in spans if start < end for day in days.days(start, end)]
    if not touched:
        return None
    if state is not None and state.next_at is not None:
        touched += [state.first, state.last]
    return Recount(min(touched), max(touched), counted_since)


def turn(state: Recount) -> list[date]:
    """The next days, the latest first."""
    since = state.last_day or state.last
    if state.last_day is not None and state.last_activation is None:
        since -= timedelta(days=1)
    return [since - timedelta(days=number) for number in range(min(DAYS_A_STEP, (since - state.first).days + 1))]


def later(state: Recount, now: list[date]) -> list[date]:
    """The days before those in turn, whose activations were looked at there already."""
    return [
        now[0] + timedelta(days=number)
        for number in range(1, _APART.days + 1)
        if now[0] + timedelta(number) <= state.last
    ]


def activations(
    state: Recount, now: Iterable[date], watched: Mapping[date, Watched | None], seen: Iterable[str]
) -> Iterator[tuple[date, str]]:
    """Those that may have read any of these days, each once."""
    known = set(seen)
    for local in now:
        of_day = watched.get(local)
        for id_ in sorted(of_day.windows) if of_day else ():
            gone = local == state.last_day and state.last_activation is not None and id_ <= state.last_activation
            if id_ not in known and not gone:
                yield local, id_
            known.add(id_)


def decide_step(
    point: str, state: Recount, *, taken: int, last: tuple[date, str | None], at: datetime
) -> PointRecounted:
    """So far it has come."""
    local, id_ = last
    is_done = id_ is None and local <= state.first
    return PointRecounted(
        recount_id=blocks.scope("recount", point),
        metering_point_id=point,
        first=state.first,
        last=state.last,
        counted_since=state.counted_since,
        looked_at=state.looked_at + taken,
        last_day=local,
        last_activation=id_,
        next_at=None if is_done else at + PAUSE,
    )


def uncounted(state: Recount, now: Iterable[date], until: date) -> list[date]:
    """The days down to one whose completeness was not counted at once."""
    return [one for one in now if until <= one < state.counted_since]
