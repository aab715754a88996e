"""Which BSP holds a metering point when, as `bsp-switch` has said: dated ahead, and corrected back (R13, R43, D26).

A verification counts a point in those quarters in which the activation's BSP holds it, so that what passes at a
midnight passes exactly there, though the order named the members of its start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, assert_never

from contracts.bsp_switch import v1 as bsp_switch
from meter_ingest.domain import blocks, days

OfControl = (
    bsp_switch.ControlClaimed
    | bsp_switch.ControlEndAnnounced
    | bsp_switch.ControlEndCancelled
    | bsp_switch.SwitchAnnounced
    | bsp_switch.SwitchCancelled
    | bsp_switch.ControlSuccessionAnnounced
    | bsp_switch.ControlSuccessionCancelled
)
Succession = bsp_switch.ControlSuccessionAnnounced | bsp_switch.ControlSuccessionCancelled


@dataclass(frozen=True, slots=True)
class Hold:
    """A BSP holds a point, half-open, until the first of what ends it."""

    bsp: str
    valid_from: datetime
    passes_at: datetime | None = None
    """When a switch takes it to another BSP."""
    ends: dict[str, datetime] = field(default_factory=dict[str, datetime])
    """By cause."""
    was_to: datetime | None = None
    """Until when it was before an end of it was last said otherwise."""

    def covers(self, at: datetime) -> bool:
        """Whether it is at this moment."""
        return self.valid_from <= at and all(at < end for end in self._all)

    def stands(self, quarters: Sequence[datetime]) -> bool:
        """Whether it began by the first of some quarters and nothing ends it, as of nearly all."""
        return not self.ends and self.passes_at is None and (not quarters or self.valid_from <= quarters[0])

    @property
    def valid_to(self) -> datetime | None:
        """When it is over; None while nothing ends it."""
        return min(self._all, default=None)

    @property
    def lives(self) -> bool:
        """Whether it is at any moment at all."""
        return self.covers(self.valid_from)

    @property
    def _all(self) -> tuple[datetime, ...]:
        return (*self.ends.values(), *((self.passes_at,) if self.passes_at else ()))


Holds = tuple[Hold, ...]


@dataclass(frozen=True, slots=True)
class Heir:
    """Whatever a BSP holds of a point from a midnight on, another does: it has taken it over."""

    of: str
    since: datetime
    bsp: str


Heirs = tuple[Heir, ...]


@dataclass(frozen=True, slots=True)
class Control:
    """Up to a hundred metering points, by place: who was said to hold each, in order of time."""

    places: dict[str, Holds]
    heirs: dict[str, Heirs] = field(default_factory=dict[str, Heirs])
    """By place: who succeeds BSPs by mergers, in order of time."""


def evolve(state: Control | None, event: OfControl) -> Control:
    """What was said of a point's control, in the order in which it was."""
    places = state.places if state else {}
    heirs = state.heirs if state else {}
    place = blocks.place_of(event.metering_point_id)
    if isinstance(event, Succession):
        return Control(places, {**heirs, place: _succeeding(heirs.get(place, ()), event)})
    holds = _after(places.get(place, ()), event)
    return Control({**places, place: tuple(sorted(holds, key=lambda one: (one.valid_from, one.bsp)))}, heirs)


def _succeeding(heirs: Heirs, event: Succession) -> Heirs:
    others = [each for each in heirs if each.of != event.bsp]
    if isinstance(event, bsp_switch.ControlSuccessionAnnounced):
        others.append(Heir(event.bsp, event.start, event.successor))
    return tuple(sorted(others, key=lambda each: each.since))


_OfHolds = (
    bsp_switch.ControlClaimed
    | bsp_switch.ControlEndAnnounced
    | bsp_switch.ControlEndCancelled
    | bsp_switch.SwitchAnnounced
    | bsp_switch.SwitchCancelled
)


def _after(holds: Holds, event: _OfHolds) -> Holds:
    match event:
        case bsp_switch.ControlClaimed():
            return (*_without(holds, event.bsp, event.valid_from), Hold(event.bsp, event.valid_from))
        case bsp_switch.SwitchAnnounced():
            before = [one for one in holds if one.bsp == event.outgoing and one.valid_from < event.start]
            # Of a switch that comes back, facts may have left the outgoing BSP nothing.
            outgoing = max(before, key=lambda one: (one.lives, one.valid_from), default=None)
            passing = tuple(replace(one, passes_at=event.start) if one is outgoing else one for one in holds)
            return (*_without(passing, event.incoming, event.start), Hold(event.incoming, event.start))
        case bsp_switch.SwitchCancelled():
            return tuple(
                replace(one, passes_at=None) if (one.bsp, one.passes_at) == (event.outgoing, event.start) else one
                for one in _without(holds, event.incoming, event.start)
            )
        case bsp_switch.ControlEndAnnounced():
            return _ending(holds, event, {event.because: event.valid_to})
        case bsp_switch.ControlEndCancelled():
            return _ending(holds, event, {})
        case _:
            assert_never(event)


def _without(holds: Holds, bsp: str, valid_from: datetime) -> Holds:
    return tuple(one for one in holds if (one.bsp, one.valid_from) != (bsp, valid_from))


def _ending(
    holds: Holds, event: bsp_switch.ControlEndAnnounced | bsp_switch.ControlEndCancelled, end: dict[Any, datetime]
) -> Holds:
    return tuple(
        replace(one, ends={why: at for why, at in one.ends.items() if why != event.because} | end, was_to=one.valid_to)
        if (one.bsp, one.valid_from) == (event.bsp, event.valid_from)
        else one
        for one in holds
    )


def since(event: OfControl, state: Control | None) -> datetime:
    """From when on it makes a difference who holds the point. `state`: its block, as it is since."""
    match event:
        case bsp_switch.ControlClaimed():
            return event.valid_from
        case (
            bsp_switch.SwitchAnnounced()
            | bsp_switch.SwitchCancelled()
            | bsp_switch.ControlSuccessionAnnounced()
            | bsp_switch.ControlSuccessionCancelled()
        ):
            return event.start
        case bsp_switch.ControlEndAnnounced() | bsp_switch.ControlEndCancelled():
            # An end that is said again may have been earlier before.
            found = state.places.get(blocks.place_of(event.metering_point_id), ()) if state else ()
            same = (one for one in found if (one.bsp, one.valid_from) == (event.bsp, event.valid_from))
            ends = [end for one in same for end in (one.valid_to, one.was_to) if end]
            return min(ends, default=event.valid_from)
        case _:
            assert_never(event)


def held(
    controls: Mapping[str, Control | None], point: str, *, bsp: str, quarters: Sequence[datetime]
) -> tuple[bool, ...]:
    """In which quarters a BSP, or who has taken it over by then, holds a point.

    In all of them, where nothing was ever said of who does.
    """
    block = controls.get(blocks.block_of(point))
    place = blocks.place_of(point)
    holds = block.places.get(place, ()) if block else ()
    heirs = block.heirs.get(place, ()) if block else ()
    if not heirs and len(holds) == 1 and holds[0].bsp == bsp and holds[0].stands(quarters):
        return _always(len(quarters))
    return tuple(
        not holds
        or any(_now(one.bsp, heirs, quarter) == _now(bsp, heirs, quarter) for one in holds if one.covers(quarter))
        for quarter in quarters
    )


@lru_cache(maxsize=1024)
def _always(count: int) -> tuple[bool, ...]:
    return (True,) * count


def holds(block: Control, point: str, *, bsp: str, at: datetime) -> bool:
    """Whether it was said that a BSP, by itself or as an heir, holds a point at a moment."""
    place = blocks.place_of(point)
    heirs = block.heirs.get(place, ())
    return any(one.covers(at) and _now(one.bsp, heirs, at) == bsp for one in block.places.get(place, ()))


def successor(block: Control | None, place: str, bsp: str, at: datetime) -> str:
    """Who a BSP is at a moment, at a point of the block: itself, or who has taken it over by then."""
    return _now(bsp, block.heirs.get(place, ()) if block else (), at)


def edges(block: Control, point: str) -> set[datetime]:
    """The moments at which it may change who holds a point."""
    place = blocks.place_of(point)
    found = {heir.since for heir in block.heirs.get(place, ())}
    for one in block.places.get(place, ()):
        found |= {one.valid_from, *one.ends.values()} | ({one.passes_at} if one.passes_at else set())
    return found


def holder(state: Control | None, place: str, at: datetime) -> str | None:
    """Who holds a point of the block at a moment, by what was said; None: nobody, or nothing was ever said."""
    heirs = state.heirs.get(place, ()) if state else ()
    found = [_now(one.bsp, heirs, at) for one in state.places.get(place, ()) if one.covers(at)] if state else []
    return found[-1] if found else None


def boundaries(state: Control | None, place: str) -> Iterator[datetime]:
    """The moments at which it may change who holds a point of the block."""
    for one in state.places.get(place, ()) if state else ():
        yield one.valid_from
        yield from one.ends.values()
        if one.passes_at is not None:
            yield one.passes_at
    for heir in state.heirs.get(place, ()) if state else ():
        yield heir.since


def _now(bsp: str, heirs: Heirs, at: datetime) -> str:
    """Who a BSP is at a moment: itself, or who has taken it over by then."""
    for heir in heirs:
        if heir.of == bsp and heir.since <= at:
            bsp = heir.bsp
    return bsp


def periods(hold: Hold, heirs: Heirs) -> Iterator[tuple[str, datetime, datetime | None]]:
    """Whose a hold is from when to when, one after the other, where BSPs are taken over: BSP, beginning, end."""
    starts = [hold.valid_from, *(each.since for each in heirs if each.since > hold.valid_from)]
    for place, start in enumerate(starts):
        following = starts[place + 1] if place + 1 < len(starts) else None
        end = min((each for each in (following, hold.valid_to) if each is not None), default=None)
        if end is None or start < end:
            yield _now(hold.bsp, heirs, start), start, end


def quarters_of(start: datetime, end: datetime) -> list[datetime]:
    """The starts of the quarters that a period touches."""
    first = days.quarter_floor(start)
    return [first + index * days.QUARTER for index in range((days.quarter_ceil(end) - first) // days.QUARTER)]
