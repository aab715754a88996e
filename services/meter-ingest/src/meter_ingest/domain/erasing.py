"""Erasure of an end user's values: what goes, what is held back, and what no longer is there for anybody (ADR 0038).

What goes is what was metered while the end user stood behind a point, in whole local days, as who stands behind one
changes at midnights. It goes when it is needed no more: when the end user has left the point, and the balance of the
days is final.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from contracts import calendar
from contracts.bsp_switch.v1 import SupplyRecorded
from contracts.calendar import DAY
from contracts.message import Event, Reason
from contracts.meter_ingest.v1 import ErasureRecorded, HeldBecause, HeldValues, ValuesErased
from meter_ingest.domain import blocks, days, erasing_rules, known, supplied
from meter_ingest.domain.refusals import Refusal
from meter_ingest.domain.supplied import Supply
from meter_ingest.domain.values import Version

SETTLED_AFTER: Final = timedelta(days=13)
"""D+13: the imbalance adjustment of a day is run at its end, later only for what is said later (`adjustment`)."""
FETCHED: Final = timedelta(days=7)
"""A packet is made when it is fetched (ADR 0037): so long after its deadline whoever asked for it can."""
_AFTER: Final = timedelta(seconds=1)
"""What falls due at a moment, and reads values, has been decided by then."""


class Span(NamedTuple):
    """Local days, both of them among it."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Behind:
    """The points that an end user was ever said to stand behind."""

    points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Erased:
    """Of up to a hundred points, by place, the days whose values are gone."""

    places: dict[str, tuple[Span, ...]]


@dataclass(frozen=True, slots=True)
class Erasure:
    """That an end user's values are to be erased: who said it last, and when it is looked at next."""

    end_user: str
    by: str
    again_at: datetime | None
    held: tuple[HeldValues, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """What there is of a point on some days."""

    versions: int
    count: int
    salted_sha256: str


class Needed(NamedTuple):
    """What waits for a point's values, and until when."""

    because: HeldBecause
    until: datetime


class Gone(NamedTuple):
    """What is to go."""

    point: str
    span: Span


@dataclass(frozen=True, slots=True)
class Plan:
    """What of an end user's values goes at a moment, and what is held back."""

    gone: tuple[Gone, ...]
    held: tuple[HeldValues, ...]

    def again_at(self, at: datetime) -> datetime | None:
        """When more of it may go, if that is known."""
        return min((one.until for one in self.held if one.until is not None and one.until > at), default=None)


# What is folded


def evolve_behind(state: Behind | None, event: SupplyRecorded) -> Behind:
    """One more, whatever becomes of the fact."""
    points = state.points if state else ()
    if state is not None and event.metering_point_id in points:
        return state
    return Behind(tuple(sorted((*points, event.metering_point_id))))


def evolve(state: Erased | None, event: ValuesErased) -> Erased:
    """What is gone stays gone."""
    places = state.places if state else {}
    place = blocks.place_of(event.metering_point_id)
    spans = sorted((*places.get(place, ()), Span(event.first_day, event.last_day)))
    return Erased({**places, place: tuple(spans)})


def evolve_erasure(_state: Erasure | None, event: ErasureRecorded) -> Erasure:
    """As it was said last."""
    return Erasure(event.end_user, event.by, event.again_at, event.held)


# What is gone


def of_point(erased: Mapping[str, Erased | None], point: str) -> tuple[Span, ...]:
    """The days whose values of a point are gone."""
    block = erased.get(blocks.block_of(point))
    return block.places.get(blocks.place_of(point), ()) if block else ()


def points(erased: Mapping[str, Erased | None]) -> frozenset[str]:
    """Of blocks, the points of which anything is gone."""
    return frozenset(block + place for block, state in erased.items() if state is not None for place in state.places)


def within(erased: Mapping[str, Erased | None], point: str, start: datetime, end: datetime) -> Span | None:
    """What is gone of a point in a period; the first of it."""
    for span in of_point(erased, point):
        if days.day(span.first).start < end and start < days.day(span.last).end:
            return span
    return None


def touches(
    erased: Mapping[str, Erased | None], some: Collection[str], windows: Iterable[tuple[datetime, datetime]]
) -> bool:
    """Whether anything is gone of some points in any of these windows."""
    gone = points(erased).intersection(some)
    return bool(gone) and any(within(erased, point, *window) for window in windows for point in gone)


def refusal(erased: Mapping[str, Erased | None], point: str, start: datetime, end: datetime) -> Refusal | None:
    """Why a series is refused: it has values of days that are gone."""
    span = within(erased, point, start, end) if erased else None
    return Refusal(erasing_rules.VALUES_ERASED, "start", None, text(span)) if span else None


def text(span: Span) -> str:
    """As it is told."""
    return f"{span.first}/{span.last}"


def kept(versions: Iterable[Version]) -> Kept:
    """What there is, in whatever order it comes: how many versions, how many values, and a hash over them."""
    found = hashlib.sha256()
    pieces = count = 0
    for one in sorted(versions, key=lambda one: (one.name, one.first)):
        pieces += 1
        count += len(one.wh) // one.width
        found.update(f"{one.name}|{one.first}|".encode() + one.salt + one.wh)
    return Kept(pieces, count, found.hexdigest())


# What goes


def plan(
    end_user: str,
    timelines: Mapping[str, Sequence[Supply]],
    *,
    erased: Mapping[str, Erased | None],
    marked: Collection[str],
    needed: Mapping[str, Needed],
    at: datetime,
) -> Plan:
    """What of an end user's values goes now. `timelines`: who stands behind each of its points.

    `marked`: the points whose values are kept longer; `needed`: those whose values something waits for.
    """
    gone: list[Gone] = []
    held: list[HeldValues] = []
    free = days.day_at(at - _AFTER).date - SETTLED_AFTER - DAY
    for point in sorted(timelines):
        for who, start, end in supplied.spells(tuple(timelines[point]), supplied.end_user):
            if who != end_user:
                continue
            first = days.day_at(start).date
            if end is None:
                held.append(_held(point, first, None, "supply-runs", None))
                continue
            last = days.day_at(end).date - DAY
            settled = days.day(last + SETTLED_AFTER).end + _AFTER
            if at < end:
                held.append(_held(point, first, last, "supply-runs", settled))
                continue
            left = list(_without(Span(first, last), of_point(erased, point)))
            if left and point in marked:
                held += [_held(point, *one, "kept-longer", None) for one in left]
            elif left and point in needed:
                because, until = needed[point]
                held += [_held(point, *one, because, until + _AFTER) for one in left]
            else:
                gone += [Gone(point, Span(one.first, min(one.last, free))) for one in left if one.first <= free]
                held += [
                    _held(point, max(one.first, free + DAY), one.last, "not-settled", settled)
                    for one in left
                    if one.last > free
                ]
    return Plan(tuple(gone), tuple(held))


def candidates(end_user: str, timeline: Sequence[Supply], *, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The times, over now, in which an end user stood behind a point."""
    for who, start, end in supplied.spells(tuple(timeline), supplied.end_user):
        if who == end_user and end is not None and end <= at:
            yield start, end


def decide(
    state: Erasure | None,
    found: Plan,
    kept_of: Mapping[Gone, Kept],
    *,
    end_user: str,
    by: str,
    known_points: Mapping[str, known.Points | None],
    at: datetime,
) -> list[Event]:
    """What is gone from now on, point by point, and what waits; nothing, where that is so already."""
    events: list[Event] = []
    for one in found.gone:
        last = known.point_at(known_points, one.point, days.day(one.span.last).start)
        there = kept_of[one]
        events.append(
            ValuesErased(
                metering_point_id=one.point,
                dso=last.dso if last else None,
                by=by,
                first_day=one.span.first,
                last_day=one.span.last,
                versions=there.versions,
                count=there.count,
                salted_sha256=there.salted_sha256,
            )
        )
    again_at = found.again_at(at)
    if state is None or events or (state.again_at, state.held) != (again_at, found.held):
        events.append(ErasureRecorded(end_user=end_user, by=by, held=found.held, again_at=again_at))
    return events


def notices(found: Plan) -> tuple[Reason, ...]:
    """Of what is held back: why, until when, and of how many points, each reason once."""
    by: dict[str, list[HeldValues]] = {}
    for one in found.held:
        by.setdefault(one.because, []).append(one)
    made: list[Reason] = []
    for because, some in by.items():
        until = max((one.until for one in some if one.until is not None), default=None)
        made.append(
            erasing_rules.VALUES_HELD.reason(
                path="/subject", limit=calendar.local_text(until) if until else None, actual=f"{because}, {len(some)}"
            )
        )
    return tuple(made)


def _held(point: str, first: date, last: date | None, because: str, until: datetime | None) -> HeldValues:
    return HeldValues.model_validate(
        {"metering_point_id": point, "first_day": first, "last_day": last, "because": because, "until": until}
    )


def _without(span: Span, others: Iterable[Span]) -> Iterator[Span]:
    """What is left of some days, in order. `others` in order."""
    first = span.first
    for one in others:
        if one.last < first or one.first > span.last:
            continue
        if first < one.first:
            yield Span(first, one.first - DAY)
        first = one.last + DAY
    if first <= span.last:
        yield Span(first, span.last)
