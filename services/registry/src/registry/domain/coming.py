"""What the BSP that gets a point at a midnight to come has said before of the resources behind it, in order (D26)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from contracts.registry import v1
from registry.domain.power import Power


@dataclass(frozen=True, slots=True)
class Coming:
    """A command that is to be decided at a midnight to come; and what would stand behind the point after it."""

    resource_id: str
    bsp: str
    valid_from: datetime
    wish: v1.ResourceWish
    behind: Power


OfComing: TypeAlias = v1.ResourceCommandAnnounced | v1.ResourceCommandTookEffect | v1.ResourceCommandLapsed


def evolve(state: tuple[Coming, ...], event: OfComing) -> tuple[Coming, ...]:
    """One more is announced, or the first of those about the resource is decided."""
    if isinstance(event, v1.ResourceCommandAnnounced):
        behind = Power(event.behind_up_w, event.behind_down_w)
        return (*state, Coming(event.resource_id, event.bsp, event.valid_from, event.wish, behind))
    said = (event.resource_id, event.bsp, event.valid_from)
    place = next(at for at, each in enumerate(state) if (each.resource_id, each.bsp, each.valid_from) == said)
    return state[:place] + state[place + 1 :]


@dataclass(frozen=True, slots=True)
class ComingResource:
    """Behind which point a resource is to be registered, and by whom."""

    metering_point_id: str
    bsp: str


def evolve_resource(state: ComingResource | None, event: OfComing) -> ComingResource | None:
    """It is announced, or it is registered now, or comes to nothing."""
    if not isinstance(event, v1.ResourceCommandAnnounced):
        return None
    return state if event.wish.register_resource is None else ComingResource(event.metering_point_id, event.bsp)
