"""Resources behind metering points: what is stated of one, and whether it counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from pydantic import computed_field

from contracts import technologies
from contracts.registry import v1
from registry.domain.power import Power


@dataclass(frozen=True, slots=True)
class Resource:
    """What can be regulated behind one metering point (R1, seed 000 §1.1.1). It belongs to the point, not to a BSP.

    A terminated one keeps what was stated of it, devices too; but these may be in another resource since.
    """

    metering_point_id: str
    name: str
    technology: v1.Technology
    up_w: int
    down_w: int
    devices: tuple[v1.Device, ...]
    ramp_w_per_min: int | None = None
    small: bool | None = None
    status: v1.ResourceStatus = "active"
    asleep: tuple[v1.Unheld, ...] = ()
    """When nobody holds its point, and it counts nowhere; told to active ones (D30)."""

    @property
    def power(self) -> Power:
        """What it can regulate (W)."""
        return Power(self.up_w, self.down_w)

    @property
    def counted(self) -> Power:
        """What of it counts behind the point: all, while it is active."""
        return self.power if self.status == "active" else Power()

    @computed_field  # It is shown with the rest, never read back: it follows from the technology.
    @property
    def category(self) -> tuple[v1.Category, ...]:
        """What it is to the power system; follows from its technology."""
        return technologies.categories(self.technology)

    @property
    def rated_w(self) -> int | None:
        """The sum of its devices' rated power, if all of them state one."""
        rated = [device.rated_w for device in self.devices if device.rated_w is not None]
        return sum(rated) if rated and len(rated) == len(self.devices) else None


OfChange: TypeAlias = (
    v1.ResourceUpdated
    | v1.DevicesChanged
    | v1.ResourceActivated
    | v1.ResourcePaused
    | v1.ResourceTerminated
    | v1.ResourceSleepChanged
)
OfResource: TypeAlias = v1.ResourceRegistered | OfChange


def evolve(state: Resource | None, event: OfResource) -> Resource:
    """What happened to a resource."""
    if isinstance(event, v1.ResourceRegistered):
        return Resource(
            metering_point_id=event.metering_point_id,
            name=event.name,
            technology=event.technology,
            up_w=event.up_w,
            down_w=event.down_w,
            devices=event.devices,
            ramp_w_per_min=event.ramp_w_per_min,
            small=event.small,
            status=event.status,
        )
    if state is None:
        message = f"{event.type} of a resource that was never registered"
        raise LookupError(message)
    return _changed(state, event)


def _changed(state: Resource, event: OfChange) -> Resource:
    match event:
        case v1.ResourceUpdated(after=after):
            return replace(
                state,
                name=after.name,
                technology=after.technology,
                up_w=after.up_w,
                down_w=after.down_w,
                ramp_w_per_min=after.ramp_w_per_min,
                small=after.small,
            )
        case v1.DevicesChanged():
            return replace(state, devices=event.devices)
        case v1.ResourceActivated():
            return replace(state, status="active")
        case v1.ResourcePaused():
            return replace(state, status="paused", asleep=())
        case v1.ResourceTerminated():
            return replace(state, status="terminated", asleep=())
        case v1.ResourceSleepChanged():
            return replace(state, asleep=event.periods)
