"""What has come of a local day, by block and line: the received map, and what is worth knowing of how it came.

Folded from `ValuesAccepted` only, and whatever order those come in, and however often, the same is known at the end:
each figure is a set of quarters (bit 0 is the day's first) that is only added to, and of which version a quarter's
status is follows from the order that decides which value counts (registered at, received at, position).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from contracts.calendar import DAY, Resolution
from contracts.meter_ingest.v1 import ValuesAccepted
from meter_ingest.domain import blocks, coverage, days
from meter_ingest.domain.arrived import Arrived, arrived

WHOLE = -1
"""Every quarter of a day, whether it has 92, 96 or 100: all bits are set."""

Bits = dict[str, int]
"""Quarters of the day by place."""

_QUARTER, _HOUR = 15, 60


@dataclass(frozen=True, slots=True)
class Received:
    """Which quarters of one local day have come in one line, for up to a hundred points: bits by place.

    What came by the hour is in `hours`, apart: which of the two counts of a place is for `counting` to say, whenever it
    is asked, as a point's resolution may be corrected back in time.
    """

    places: Bits
    day: date | None = None
    hourly: tuple[str, ...] = ()
    """The places whose hours stand among the quarters still: as documents had it before there were `hours`."""
    late: Bits = field(default_factory=dict[str, int])
    """What had not come by 07:00 the next day."""
    later: Bits = field(default_factory=dict[str, int])
    """What had not come by the end of the fifth day."""
    revised: Bits = field(default_factory=dict[str, int])
    """What was said, and not only repeated, after 07:00."""
    revised_later: Bits = field(default_factory=dict[str, int])
    """The same after the fifth day."""
    estimated: Bits = field(default_factory=dict[str, int])
    """Of what counts, what is not metered."""
    layers: dict[str, Bits] = field(default_factory=dict[str, Bits])
    """Which version counts: quarters by place, by the version's order."""
    hours: Received | None = None
    """The same of what came by the hour; nothing in it has hours again."""

    def of(self, resolution: str) -> Received | None:
        """What came in one resolution."""
        apart = _apart(self)
        return apart.hours if resolution == "PT60M" else apart

    def of_point(self, place: str, minutes: int | None) -> Received | None:
        """What came in the steps that count; where nobody said which do, in those in which anything came."""
        if minutes is None:
            minutes = _QUARTER if place in _apart(self).places else _HOUR
        return self.of("PT60M" if minutes == _HOUR else "PT15M")


class Entry(NamedTuple):
    """What series that are alike bring of one day."""

    places: Sequence[str]
    quarters: int
    registered: int
    """As the order has it, in microseconds."""
    changed: bool
    estimated: int
    hourly: bool


@dataclass(slots=True)
class Came:
    """What one record brings of one day, block and line."""

    day: date
    received_at: datetime | None
    position: int
    entries: list[Entry] = field(default_factory=list[Entry])


def names(event: ValuesAccepted) -> list[tuple[date, str]]:
    """The days of blocks and lines that a record touches: (day, `block|line`)."""
    found: dict[tuple[date, str], None] = {}
    for came in arrived(event):
        touched = _touched(came)
        for block in came.places:
            for day in touched:
                found[day.date, f"{block}|{came.line}"] = None
    return list(found)


def received(event: ValuesAccepted) -> dict[str, Came]:
    """What each `Received` document gets of a record, by `date|block|line`."""
    parts: dict[tuple[date, str, str], Came] = {}
    for came in arrived(event):
        registered, hourly = _micros(came.registered_at), came.resolution != "PT15M"
        for day in _touched(came):
            whole = came.start <= day.start and day.end <= came.end
            quarters = WHOLE if whole else days.mask(day, came.start, came.end)
            estimated = _estimated(came, day, quarters)
            for block, places in came.places.items():
                key = day.date, block, came.line
                part = parts.get(key)
                if part is None:
                    part = parts[key] = Came(day.date, event.received_at, event.position)
                part.entries.append(Entry(places, quarters, registered, came.changed, estimated, hourly))
    return {blocks.key(*key): part for key, part in parts.items()}


def _touched(came: Arrived) -> Sequence[days.Day]:
    first = days.day_at(came.start)
    return (first,) if came.end <= first.end else days.days(came.start, came.end)


def evolve_received(state: Received | None, part: Came) -> Received:
    """Add what has come."""
    state = _apart(state) if state else Received({}, part.day)
    now, hours = _copy(state), state.hours
    if any(entry.hourly for entry in part.entries):
        hours = _copy(hours or Received({}, part.day))
    for entry in part.entries:
        order = f"{entry.registered:017d}|{_micros(part.received_at):017d}|{part.position:012d}"
        to = hours if entry.hourly else now
        assert to is not None
        _add(to, entry, order, *_when(part))
    return replace(_without_nothing(now), hours=_without_nothing(hours) if hours else None)


def _copy(state: Received) -> Received:
    return Received(
        dict(state.places),
        state.day,
        late=dict(state.late),
        later=dict(state.later),
        revised=dict(state.revised),
        revised_later=dict(state.revised_later),
        estimated=dict(state.estimated),
        layers={order: dict(layer) for order, layer in state.layers.items()},
    )


def _without_nothing(state: Received) -> Received:
    return replace(state, layers={order: layer for order, layer in state.layers.items() if layer})


def _apart(state: Received) -> Received:
    """A document as it is made now: hours apart."""
    if not state.hourly:
        return state
    hourly = frozenset(state.hourly)

    def of(bits: Bits, *, hours: bool) -> Bits:
        return {place: some for place, some in bits.items() if (place in hourly) == hours}

    def part(*, hours: bool) -> Received:
        return Received(
            of(state.places, hours=hours),
            state.day,
            late=of(state.late, hours=hours),
            later=of(state.later, hours=hours),
            revised=of(state.revised, hours=hours),
            revised_later=of(state.revised_later, hours=hours),
            estimated=of(state.estimated, hours=hours),
            layers={order: some for order, layer in state.layers.items() if (some := of(layer, hours=hours))},
        )

    return replace(part(hours=False), hours=part(hours=True))


def _add(to: Received, entry: Entry, order: str, on_time: bool, by_fifth: bool) -> None:
    """Add series that are alike; those of whose day nothing had come, as nearly always, all at once."""
    some = dict.fromkeys(entry.places, entry.quarters)
    if not entry.quarters or len(some) < len(entry.places) or not to.places.keys().isdisjoint(some):
        for place in entry.places:
            _add_one(to, place, entry, order, on_time, by_fifth)
        return
    assert to.day is not None
    every = (1 << days.day(to.day).quarters) - 1
    to.places.update(some)
    to.layers.setdefault(order, {}).update(some)
    if doubtful := entry.estimated & entry.quarters:
        to.estimated.update(dict.fromkeys(some, doubtful))
    if not on_time and entry.quarters & every:
        here = dict.fromkeys(some, entry.quarters & every)
        to.late.update(here)
        to.later.update(() if by_fifth else here)
        if entry.changed:
            to.revised.update(some)
            to.revised_later.update(() if by_fifth else some)


def _add_one(to: Received, place: str, entry: Entry, order: str, on_time: bool, by_fifth: bool) -> None:
    assert to.day is not None
    every = (1 << days.day(to.day).quarters) - 1
    quarters, had = entry.quarters, to.places.get(place, 0)
    own = quarters if not had & quarters else _uncover(to.layers, place, order, quarters, every)
    if own:
        layer = to.layers.setdefault(order, {})
        layer[place] = layer.get(place, 0) | own
        _set(to.estimated, place, to.estimated.get(place, 0) & ~own | entry.estimated & own)
    to.places[place] = had | quarters
    if on_time and not had:
        return
    _come(to.late, place, had, quarters & every, punctual=on_time)
    _come(to.later, place, had, quarters & every, punctual=by_fifth)
    if entry.changed and not on_time:
        to.revised[place] = to.revised.get(place, 0) | quarters
        if not by_fifth:
            to.revised_later[place] = to.revised_later.get(place, 0) | quarters


def valid(state: Received, _at: datetime) -> dict[str, Any]:
    """The received map as it is shown: steps expected and received of each place, and those that are missing.

    Of a place that came in both resolutions the one that was registered last is shown, and the other one `beside` it.
    """
    assert state.day is not None
    shown: dict[str, dict[str, Any]] = {}
    last: dict[str, str] = {}
    resolutions: tuple[Resolution, ...] = ("PT15M", "PT60M")
    for resolution in resolutions:
        came = state.of(resolution)
        for place, bits in came.places.items() if came else ():
            is_ = coverage.of_day(state.day, resolution, bits)
            found = {
                "resolution": resolution,
                "expected": is_.expected,
                "received": is_.received,
                "missing": is_.missing,
            }
            order = max((one for one, layer in came.layers.items() if place in layer), default="") if came else ""
            if place in shown:
                first, second = (found, shown[place]) if order > last[place] else (shown[place], found)
                found = first | {"beside": second}
            shown[place], last[place] = found, order
    return {"date": state.day, "places": {place: shown[place] for place in sorted(shown)}}


def came_before(state: Received, place: str, quarters: int, moment: datetime) -> bool:
    """Whether any of these quarters of a point is there, and counts as it was received before a moment."""
    before = _micros(moment)
    return any(
        layer.get(place, 0) & quarters and int(order.split("|")[1]) < before
        for part in (state, state.hours)
        if part is not None
        for order, layer in part.layers.items()
    )


def _come(late: Bits, place: str, had: int, quarters: int, *, punctual: bool) -> None:
    """Quarters came, of which some had come before: late is what has never come in time."""
    before = late.get(place, 0)
    _set(late, place, before & ~quarters if punctual else before | quarters & ~(had & ~before))


def _uncover(layers: dict[str, Bits], place: str, order: str, quarters: int, every: int) -> int:
    """Take from the versions below an order what it covers; returns what of it those above do not cover."""
    for other, layer in layers.items():
        if place not in layer:
            continue
        if other > order:
            quarters &= ~layer[place] & every
        else:
            _set(layer, place, layer[place] & ~quarters & every)
    return quarters


def _set(bits: Bits, place: str, value: int) -> None:
    if value:
        bits[place] = value
    else:
        bits.pop(place, None)


def _when(part: Came) -> tuple[bool, bool]:
    """Whether a record came by 07:00 the next day, and by the end of the fifth; one that does not say, did."""
    at = part.received_at
    if at is None:
        return True, True
    return at <= days.complete_by(part.day), at < days.day(part.day + 6 * DAY).start


def _estimated(came: Arrived, day: days.Day, quarters: int) -> int:
    """The quarters of a day whose values are not metered, run by run. `quarters`: all that the series has of it."""
    if not came.statuses:
        return 0 if came.status == "metered" else quarters
    step = (came.end - came.start) / came.steps
    found, start = 0, came.start
    for run in came.statuses:
        end = start + run.count * step
        if run.status != "metered" and start < day.end and day.start < end:
            found |= days.mask(day, start, end)
        start = end
    return found


@lru_cache(maxsize=1024)
def _micros(at: datetime | None) -> int:
    return round(at.timestamp() * 1_000_000) if at else 0
