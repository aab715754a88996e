"""What this service holds about one metering point: who stands behind it and who holds it.

Both are one document because the events about a point are one stream.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from bsp_switch.domain import control, supply
from contracts.bsp_switch import v1

Event = v1.SupplyRecorded | v1.ControlClaimed | v1.SwitchAnnounced


@dataclass(frozen=True, slots=True)
class Point:
    """The two timelines of a metering point."""

    supplies: tuple[supply.Supply, ...] = ()
    holdings: tuple[control.Holding, ...] = ()


def evolve(state: Point | None, event: Event) -> Point:
    """The point after an event."""
    state = state or Point()
    match event:
        case v1.SupplyRecorded():
            return replace(state, supplies=supply.evolve(state.supplies, event))
        case v1.ControlClaimed():
            return replace(state, holdings=control.evolve_claimed(state.holdings, event))
        case v1.SwitchAnnounced():
            return replace(state, holdings=control.evolve_announced(state.holdings, event))
        case _:
            assert_never(event)
