"""What this service holds about one metering point: who stands behind it and who holds it.

Both are one document because the events about a point are one stream.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bsp_switch.domain import control, supply
from contracts.bsp_switch import v1

Event = v1.SupplyRecorded | control.Event


@dataclass(frozen=True, slots=True)
class Point:
    """The two timelines of a metering point."""

    supplies: tuple[supply.Supply, ...] = ()
    holdings: control.Timeline = ()


def evolve(state: Point | None, event: Event) -> Point:
    """The point after an event."""
    state = state or Point()
    if isinstance(event, v1.SupplyRecorded):
        return replace(state, supplies=supply.evolve(state.supplies, event))
    return replace(state, holdings=control.evolve(state.holdings, event))
