"""Which BSP holds a metering point: a timeline of holdings that never overlap (R13).

A switch that is announced is a holding that has not begun: it is stored dated ahead, and nothing waits for its midnight
(D26).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bsp_switch.domain import rules
from contracts import calendar
from contracts.bsp_switch import v1


@dataclass(frozen=True, slots=True)
class Holding:
    """A BSP holds the point, half-open; without `valid_to`, until something ends it."""

    bsp: str
    valid_from: datetime
    consent_id: str
    valid_to: datetime | None = None
    switch_id: str | None = None
    """The switch it came by; None for a claim."""


Timeline = tuple[Holding, ...]
"""In order of time, without overlap."""


def evolve_claimed(timeline: Timeline, event: v1.ControlClaimed) -> Timeline:
    """A BSP holds what nobody held."""
    return (*timeline, Holding(bsp=event.bsp, valid_from=event.valid_from, consent_id=event.consent_id))


def evolve_announced(timeline: Timeline, event: v1.SwitchAnnounced) -> Timeline:
    """At `start` the one ends and the other begins: no gap, no overlap (R43)."""
    before = (
        holding
        if holding.valid_to is not None and holding.valid_to <= event.start
        else replace(holding, valid_to=event.start)
        for holding in timeline
        if holding.valid_from < event.start
    )
    incoming = Holding(
        bsp=event.incoming, valid_from=event.start, consent_id=event.consent_id, switch_id=event.switch_id
    )
    return (*before, incoming)


def refuse_pending(timeline: Timeline, *, bsp: str, at: datetime) -> None:
    """Refuse whatever is asked while control passes at a midnight to come, by a switch or a claim ahead (D15, E13).

    Raises: SWITCH_PENDING; METERING_POINT_ALREADY_YOURS to the one whose own claim is dated ahead.
    """
    if timeline and (coming := timeline[-1]).valid_from > at:
        if coming.bsp == bsp and coming.switch_id is None:
            raise rules.METERING_POINT_ALREADY_YOURS.refused(actual=calendar.local_date(coming.valid_from).isoformat())
        raise rules.SWITCH_PENDING.refused(actual=calendar.local_date(coming.valid_from).isoformat())


def refuse_held(timeline: Timeline, *, bsp: str, start: datetime) -> None:
    """Refuse to claim a point that is held at or after `start`; who holds it is not said (R13).

    Raises: METERING_POINT_ALREADY_YOURS, METERING_POINT_HELD_BY_OTHER.
    """
    if timeline and ((last := timeline[-1]).valid_to is None or last.valid_to > start):
        if last.bsp == bsp:
            raise rules.METERING_POINT_ALREADY_YOURS.refused(actual=calendar.local_date(last.valid_from).isoformat())
        raise rules.METERING_POINT_HELD_BY_OTHER.refused()


def outgoing(timeline: Timeline, *, incoming: str, start: datetime) -> Holding:
    """The holding that a switch at `start` would end.

    Raises: METERING_POINT_NOT_HELD, METERING_POINT_ALREADY_YOURS.
    """
    last = timeline[-1] if timeline else None
    if last is None or last.valid_from >= start or (last.valid_to is not None and last.valid_to < start):
        raise rules.METERING_POINT_NOT_HELD.refused(limit=calendar.local_date(start).isoformat())
    if last.bsp == incoming:
        raise rules.METERING_POINT_ALREADY_YOURS.refused(actual=calendar.local_date(last.valid_from).isoformat())
    return last
