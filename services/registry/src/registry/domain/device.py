"""Devices: how one is recognised, and where it is already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from contracts.message import Reason
from contracts.registry import v1
from registry.domain import rules
from registry.domain.rows import Fault, Rows


@dataclass(frozen=True, slots=True)
class RegisteredDevice:
    """Which resource a physical device is in. One whose resource is terminated is in none."""

    resource_id: str


@dataclass(frozen=True, slots=True)
class Serial:
    """How many registered devices bear a serial number, whatever their make and model."""

    devices: int


OfDevices: TypeAlias = v1.ResourceRegistered | v1.DevicesChanged | v1.ResourceTerminated


def key(device: v1.Nameplate) -> str:
    """`make|model|serial`, without case and outer space: how a device is recognised."""
    return "|".join(_word(part) for part in (device.make, device.model, device.serial))


def serial(device: v1.Nameplate) -> str:
    """Its serial number without case, spaces and marks: what is the same however it is written."""
    word = device.serial.casefold()
    return "".join(letter for letter in word if letter.isalnum()) or word


def places(event: OfDevices) -> dict[str, RegisteredDevice | None]:
    """By key: where each device that the event is about is afterwards."""
    gone, come = _moved(event)
    here = RegisteredDevice(event.resource_id)
    return {**{key(device): None for device in gone}, **{key(device): here for device in come}}


def evolve(_state: RegisteredDevice | None, place: RegisteredDevice | None) -> RegisteredDevice | None:
    """A device came into a resource, or out of it."""
    return place


def bearers(event: OfDevices) -> dict[str, int]:
    """By serial number: how many devices more (or fewer) bear it after the event."""
    gone, come = _moved(event)
    found = Counter(map(serial, come))
    found.subtract(map(serial, gone))
    return dict(found)


def evolve_serial(state: Serial | None, more: int) -> Serial | None:
    """Some more devices bear it, or fewer."""
    devices = (state.devices if state else 0) + more
    return Serial(devices) if devices else None


def check(
    devices: Sequence[v1.Nameplate],
    *,
    path: str,
    registered: Mapping[str, RegisteredDevice | None],
    leaving: Collection[str] = (),
) -> None:
    """Raise if one of them is registered already, or stands twice. `leaving`: keys that are free after this change."""
    seen: set[str] = set()
    for index, device in enumerate(devices):
        name = key(device)
        if name in seen or (registered.get(name) is not None and name not in leaving):
            raise rules.DEVICE_ALREADY_REGISTERED.refused(path=f"{path}/{index}", actual=device.serial)
        seen.add(name)


def suspicions(
    devices: Sequence[v1.Nameplate],
    *,
    path: str,
    serials: Mapping[str, Serial | None],
    leaving: Iterable[v1.Nameplate] = (),
) -> tuple[Reason, ...]:
    """Notices of serial numbers that another device bears already: perhaps the same one, spelt otherwise (E18)."""
    borne = Counter({name: state.devices for name, state in serials.items() if state is not None})
    borne.subtract(map(serial, leaving))
    rows = Rows(path)
    for index, device in enumerate(devices):
        name = serial(device)
        if borne[name] > 0:
            rows.notice(index, Fault(rules.DEVICE_SERIAL_SEEN, actual=device.serial))
        borne[name] += 1
    return rows.reasons()


def _moved(event: OfDevices) -> tuple[Sequence[v1.Device], Sequence[v1.Device]]:
    """What came out of the resource, and what came into it."""
    match event:
        case v1.ResourceRegistered():
            return (), event.devices
        case v1.DevicesChanged():
            return event.removed, event.added
        case v1.ResourceTerminated():
            return event.devices, ()


def _word(part: str) -> str:
    return part.strip().casefold().replace("\\", "\\\\").replace("|", "\\|")
