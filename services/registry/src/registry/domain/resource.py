"""Resources behind metering points, and their devices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.registry import v1
from registry.domain import rules
from registry.domain.known import Holder
from registry.domain.metering_point import MeteringPoint
from registry.domain.power import Power


@dataclass(frozen=True, slots=True)
class Resource:
    """What can be regulated behind one metering point (R1, seed 000 §1.1.1). It belongs to the point, not to a BSP."""

    metering_point_id: str
    name: str
    technology: v1.Technology
    up_w: int
    down_w: int
    devices: tuple[v1.Device, ...]


def evolve(_state: Resource | None, event: v1.ResourceRegistered) -> Resource:
    """A resource was registered."""
    return Resource(event.metering_point_id, event.name, event.technology, event.up_w, event.down_w, event.devices)


@dataclass(frozen=True, slots=True)
class RegisteredDevice:
    """Which resource a physical device is in."""

    resource_id: str


def evolve_device(_state: RegisteredDevice | None, event: v1.ResourceRegistered) -> RegisteredDevice:
    """A device came in with a resource."""
    return RegisteredDevice(event.resource_id)


def device_key(device: v1.Device) -> str:
    """`make|model|serial`, without case and outer space: how a device is recognised."""
    return "|".join(_word(part) for part in (device.make, device.model, device.serial))


def device_keys(event: v1.ResourceRegistered) -> list[str]:
    """The keys of the devices in a resource."""
    return [device_key(device) for device in event.devices]


def decide_register(
    state: Resource | None,
    *,
    resource_id: str,
    bsp: str,
    wish: v1.RegisterResource,
    point: MeteringPoint | None,
    holder: Holder | None,
    registered: Mapping[str, RegisteredDevice | None],
    at: datetime,
) -> v1.ResourceRegistered:
    """Register a resource; its size is never refused (D1). `registered`: the devices that are taken already, by key."""
    if state is not None:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    hold = holder.by(bsp, at) if holder else None
    if point is None or hold is None:
        # Unknown and not held are answered alike: what others have is not revealed.
        raise rules.METERING_POINT_NOT_HELD.refused(path="/metering_point_id")
    fact = point.fact(at)
    if fact is None or fact.dso is None:
        raise rules.METERING_POINT_INCOMPLETE.refused(path="/metering_point_id")
    _check_devices(wish.devices, registered)
    behind = point.behind + Power(wish.up_w, wish.down_w)
    return v1.ResourceRegistered(
        resource_id=resource_id,
        metering_point_id=wish.metering_point_id,
        bsp=bsp,
        dso=fact.dso,
        name=wish.name,
        technology=wish.technology,
        up_w=wish.up_w,
        down_w=wish.down_w,
        devices=wish.devices,
        behind_up_w=behind.up_w,
        behind_down_w=behind.down_w,
        held_from=hold.valid_from,
    )


def _check_devices(devices: Sequence[v1.Device], registered: Mapping[str, RegisteredDevice | None]) -> None:
    seen: set[str] = set()
    for index, device in enumerate(devices):
        key = device_key(device)
        if key in seen or registered.get(key) is not None:
            raise rules.DEVICE_ALREADY_REGISTERED.refused(path=f"/devices/{index}", actual=device.serial)
        seen.add(key)


def _word(part: str) -> str:
    return part.strip().casefold().replace("\\", "\\\\").replace("|", "\\|")
