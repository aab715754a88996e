"""Which BSP holds a metering point: a timeline of holdings that never overlap (R13).

A switch that is announced is a holding that has not begun: it is stored dated ahead, and nothing waits for its midnight
(D26). What ends a holding stands beside it, a moment for each cause, and is taken back each by itself; a holding that
ends where it begins never was, but its ends may yet be taken back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from bsp_switch.domain import rules
from contracts import calendar
from contracts.bsp_switch import v1
from contracts.bsp_switch.v1 import WhyControlEnds

_Changes = v1.ControlConsentChanged | v1.ControlEndAnnounced | v1.ControlEndCancelled
Event = v1.ControlClaimed | v1.SwitchAnnounced | v1.SwitchCancelled | _Changes


@dataclass(frozen=True, slots=True)
class Heir:
    """Who takes a BSP over, and when (ADR 0022)."""

    since: datetime
    bsp: str


@dataclass(frozen=True, slots=True)
class Holding:
    """A BSP holds the point, half-open, until the first of what ends it."""

    bsp: str
    """Whose it was to begin with: with `valid_from` it says which holding it is. Whose it is, `held_by` says."""
    valid_from: datetime
    consent_id: str
    switch_id: str | None = None
    """The switch it came by; None for a claim."""
    passes_at: datetime | None = None
    """When a switch takes it to another BSP."""
    ends: dict[WhyControlEnds, datetime] = field(default_factory=dict[WhyControlEnds, datetime])
    """By cause: when it ends, and nobody goes on."""
    heirs: tuple[Heir, ...] = ()
    """Who succeeds its BSP by mergers, one after the other."""

    def held_by(self, at: datetime) -> str:
        """Whose it is at a moment, or, if that is before it begins, whose it would be."""
        return next((each.bsp for each in reversed(self.heirs) if each.since <= at), self.bsp)

    def successor(self, at: datetime) -> str | None:
        """Who has taken its BSP over by a moment, if anybody has."""
        heir = self.held_by(at)
        return heir if heir != self.bsp else None

    def periods(self) -> Iterator[tuple[str, datetime, datetime | None]]:
        """Whose it is from when to when, one after the other: BSP, beginning, end."""
        starts = [self.valid_from, *(each.since for each in self.heirs if each.since > self.valid_from)]
        for place, start in enumerate(starts):
            following = starts[place + 1] if place + 1 < len(starts) else None
            end = min((each for each in (following, self.valid_to) if each is not None), default=None)
            if end is None or start < end:
                yield self.held_by(start), start, end

    @property
    def key(self) -> tuple[str, datetime]:
        """What says which holding of a point it is."""
        return self.bsp, self.valid_from

    @property
    def valid_to(self) -> datetime | None:
        """When it is over; None while nothing ends it."""
        return min((*self.ends.values(), *((self.passes_at,) if self.passes_at else ())), default=None)

    @property
    def lives(self) -> bool:
        """Whether it is at any moment at all."""
        return self.valid_to is None or self.valid_from < self.valid_to

    def covers(self, at: datetime) -> bool:
        """Whether it is at this moment."""
        return self.valid_from <= at and (self.valid_to is None or at < self.valid_to)

    def over(self, at: datetime) -> bool:
        """Whether it has ended by this moment, or never begins."""
        return self.valid_to is not None and (self.valid_to <= at or not self.lives)

    def without(self, *causes: WhyControlEnds) -> Holding:
        """As if these did not end it."""
        return replace(self, ends={cause: end for cause, end in self.ends.items() if cause not in causes})


Timeline = tuple[Holding, ...]
"""In order of their starts. Those that live do not overlap."""


# What it comes from


def evolve(timeline: Timeline, event: Event) -> Timeline:
    """The timeline after an event."""
    match event:
        case v1.ControlClaimed():
            return _claimed(timeline, event)
        case v1.SwitchAnnounced():
            return _announced(timeline, event)
        case v1.SwitchCancelled():
            return _cancelled(timeline, event)
        case _:
            key = (event.bsp, event.valid_from)
            return tuple(_changed(each, event) if each.key == key else each for each in timeline)


def _claimed(timeline: Timeline, event: v1.ControlClaimed) -> Timeline:
    """A BSP holds what nobody held. A former holding of its own from the same moment, which never was, is forgotten."""
    new = Holding(bsp=event.bsp, valid_from=event.valid_from, consent_id=event.consent_id)
    others = (each for each in timeline if each.key != new.key)
    return _sorted((*others, new))


def _announced(timeline: Timeline, event: v1.SwitchAnnounced) -> Timeline:
    """At `start` the one ends and the other begins: no gap, no overlap (R43)."""
    before = [each for each in timeline if each.bsp == event.outgoing and each.valid_from < event.start]
    # Of one that comes back, facts may have left the outgoing BSP nothing.
    outgoing = max(before, key=lambda each: (each.lives, each.valid_from), default=None)
    incoming = Holding(
        bsp=event.incoming, valid_from=event.start, consent_id=event.consent_id, switch_id=event.switch_id
    )
    others = (
        replace(each, passes_at=event.start) if each is outgoing else each
        for each in timeline
        if each.key != incoming.key
    )
    return _sorted((*others, incoming))


def _cancelled(timeline: Timeline, event: v1.SwitchCancelled) -> Timeline:
    """It is as if the switch had not been announced."""
    return tuple(
        replace(each, passes_at=None) if (each.bsp, each.passes_at) == (event.outgoing, event.start) else each
        for each in timeline
        if (each.switch_id, each.valid_from) != (event.switch_id, event.start)
    )


def _changed(holding: Holding, event: _Changes) -> Holding:
    match event:
        case v1.ControlEndAnnounced():
            return replace(holding, ends={**holding.ends, event.because: event.valid_to})
        case v1.ControlEndCancelled():
            return holding.without(event.because)
        case v1.ControlConsentChanged():
            return replace(holding, consent_id=event.consent_id)
        case _:
            assert_never(event)


def _sorted(timeline: Timeline) -> Timeline:
    return tuple(sorted(timeline, key=lambda each: each.valid_from))


# What is asked of it


def living(timeline: Timeline) -> Timeline:
    """The holdings that are at some moment."""
    return tuple(each for each in timeline if each.lives)


def room(timeline: Timeline, holding: Holding) -> datetime | None:
    """How far a holding could last before it met another than the one it passes to; None for as long as it likes.

    That another begins where this one passes to it is as it should be: such a bound is the holding's own.
    """
    starts: list[datetime] = []
    for each in living(timeline):
        if each.key == holding.key or each.valid_from == holding.passes_at:
            continue
        if each.covers(holding.valid_from):
            return holding.valid_from
        if each.valid_from > holding.valid_from:
            starts.append(each.valid_from)
    return min(starts, default=None)


def reaches(holding: Holding, cap: datetime | None) -> bool:
    """Whether it lasts longer than there is room."""
    return cap is not None and (holding.valid_to is None or holding.valid_to > cap)


def pending(timeline: Timeline, *, at: datetime) -> Holding | None:
    """The holding that is to begin at a midnight to come."""
    alive = living(timeline)
    return alive[-1] if alive and alive[-1].valid_from > at else None


def refuse_pending(timeline: Timeline, *, bsp: str, at: datetime, claimed: datetime | None = None) -> None:
    """Refuse whatever is asked while control passes at a midnight to come, by a switch or a claim ahead (D15, E13).

    `claimed`: from when the BSP claims the point; from where its own claim is to end it may.
    Raises: SWITCH_PENDING; METERING_POINT_ALREADY_YOURS to the one whose own claim is dated ahead.
    """
    if coming := pending(timeline, at=at):
        if coming.held_by(coming.valid_from) == bsp and coming.switch_id is None:
            if claimed is not None and coming.valid_to is not None and coming.valid_to <= claimed:
                return
            raise rules.METERING_POINT_ALREADY_YOURS.refused(actual=calendar.local_date(coming.valid_from).isoformat())
        # When it passes is a rival's plan: no date.
        raise rules.SWITCH_PENDING.refused()


def refuse_held(timeline: Timeline, *, bsp: str, start: datetime) -> None:
    """Refuse to claim a point that is held at or after `start`; who holds it is not said (R13).

    Raises: METERING_POINT_ALREADY_YOURS, METERING_POINT_HELD_BY_OTHER.
    """
    alive = living(timeline)
    if alive and ((last := alive[-1]).valid_to is None or last.valid_to > start):
        if last.held_by(start) == bsp:
            raise rules.METERING_POINT_ALREADY_YOURS.refused(actual=calendar.local_date(last.valid_from).isoformat())
        raise rules.METERING_POINT_HELD_BY_OTHER.refused()


def giving(timeline: Timeline, *, start: datetime) -> Holding | None:
    """The holding that lasts until a midnight at least, and which a switch would end there."""
    alive = living(timeline)
    last = alive[-1] if alive else None
    if last is None or last.valid_from >= start or (last.valid_to is not None and last.valid_to < start):
        return None
    return last


def outgoing(timeline: Timeline, *, incoming: str, start: datetime) -> Holding:
    """The holding that a switch at `start` would end.

    Raises: METERING_POINT_NOT_HELD, METERING_POINT_ALREADY_YOURS.
    """
    last = giving(timeline, start=start)
    if last is None:
        raise rules.METERING_POINT_NOT_HELD.refused(limit=calendar.local_date(start).isoformat())
    if last.held_by(start) == incoming:
        raise rules.METERING_POINT_ALREADY_YOURS.refused(actual=calendar.local_date(last.valid_from).isoformat())
    return last
