"""What this service holds about one metering point: who stands behind it and who holds it.

Both are one document because the events about a point are one stream.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bsp_switch.domain import control, supply, waiting
from bsp_switch.domain.waiting import Waiting
from contracts.bsp_switch import v1

Event = v1.SupplyRecorded | control.Event | waiting.Event


@dataclass(frozen=True, slots=True)
class Point:
    """The two timelines of a metering point, and the switch that waits to be announced."""

    supplies: tuple[supply.Supply, ...] = ()
    holdings: control.Timeline = ()
    waiting: Waiting | None = None


def evolve(state: Point | None, event: Event) -> Point:
    """The point after an event."""
    state = state or Point()
    if isinstance(event, v1.SupplyRecorded):
        return replace(state, supplies=supply.evolve(state.supplies, event))
    if isinstance(event, waiting.Event):
        return replace(state, waiting=waiting.evolve(state.waiting, event))
    if isinstance(event, v1.SwitchAnnounced):
        # What waited, waited for this.
        state = replace(state, waiting=None)
    return replace(state, holdings=control.evolve(state.holdings, event))


@dataclass(frozen=True, slots=True)
class Held:
    """Who holds it at a moment, from when to when, and what is to end that."""

    bsp: str
    valid_from: datetime
    valid_to: datetime | None
    consent_id: str
    switch_id: str | None
    ends: dict[v1.WhyControlEnds, datetime]


@dataclass(frozen=True, slots=True)
class PointAt:
    """A metering point at a moment: at most one of each."""

    supplies: tuple[supply.Supply, ...]
    holdings: tuple[Held, ...]


def valid(state: Point, at: datetime) -> PointAt:
    """How a point is at a moment."""
    behind = supply.in_force(state.supplies, at=at)
    return PointAt(
        supplies=(behind,) if behind else (),
        holdings=tuple(
            Held(each.bsp, each.valid_from, each.valid_to, each.consent_id, each.switch_id, each.ends)
            for each in state.holdings
            if each.covers(at)
        ),
    )
