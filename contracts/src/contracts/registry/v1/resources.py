"""Resources and their devices."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StrictBool

from contracts import values
from contracts.message import Audience, Command, Event, Part, everyone, party
from contracts.technologies import Category, Technology
from contracts.values import Role

ResourceStatus = Literal["new", "active", "paused", "terminated"]
"""`new`: registered, counts nowhere yet. `active`: counts behind its point. `paused`: by its BSP's own wish, counts
nowhere. `terminated`: final; its devices may be registered again.
"""

DeviceType = Literal[
    "inverter",
    "generator",
    "battery",
    "boiler",
    "water-heater",
    "heat-pump",
    "hvac",
    "ev-charger",
    "socket",
    "controller",
    "other",
]

Ramp = Annotated[int, Field(strict=True, ge=1, le=999_999_999_999)]
"""How fast active power can change (W per minute; SOGL art. 182(2)(d))."""

MAX_DEVICES = 100
"""In one resource."""


class Nameplate(Part):
    """How a device is recognised: make, model and serial together are unique among what is registered."""

    make: values.Marking
    model: values.Marking
    serial: values.Marking


class Device(Nameplate):
    """A physical thing in a resource."""

    device_type: DeviceType | None = None
    rated_w: values.Watt | None = None
    """Its rated power. Where all devices state it, a resource is no larger than their sum."""


class Particulars(Part):
    """What is stated of a resource, with what follows from it."""

    name: str
    technology: Technology
    category: tuple[Category, ...]
    up_w: int
    down_w: int
    ramp_w_per_min: int | None = None
    small: bool | None = None


class Unheld(Part):
    """Nobody holds a metering point, or it is closed, half-open."""

    valid_from: values.UtcTime
    valid_to: values.UtcTime | None = None
    because: Literal["nobody", "closed"] = "nobody"


# Commands


class RegisterResource(Command):
    """Register a resource with its devices behind a metering point that the sender holds. Subject: a new UUID.

    It is active at once, unless `activate` says no. What has no device or no power yet is `new`.
    """

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    metering_point_id: values.Gsrn
    name: values.ShortText = ""
    technology: Technology
    up_w: values.Watt
    down_w: values.Watt
    ramp_w_per_min: Ramp | None = None
    devices: tuple[Device, ...] = Field(default=(), max_length=MAX_DEVICES)
    activate: StrictBool = True


class UpdateResource(Command):
    """Change what is stated of a resource. Subject: the resource. What is left out stays as it is."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    name: values.ShortText | None = None
    technology: Technology | None = None
    up_w: values.Watt | None = None
    down_w: values.Watt | None = None
    ramp_w_per_min: Ramp | None = None


class ChangeDevices(Command):
    """Take devices out of a resource and put others in, at once. Subject: the resource.

    A device that stands in both is replaced: so its type or rated power is changed.
    """

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    add: tuple[Device, ...] = Field(default=(), max_length=MAX_DEVICES)
    remove: tuple[Nameplate, ...] = Field(default=(), max_length=MAX_DEVICES)


class ActivateResource(Command):
    """Let a new resource count, or a paused one again. Subject: the resource."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid


class PauseResource(Command):
    """Let a resource count nowhere until it is activated again. Subject: the resource."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    reason: values.NameText


class TerminateResource(Command):
    """A resource is no more. Final; its devices may be registered again. Subject: the resource."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    reason: values.NameText


# Events: `bsp` holds the point since `held_from`, the foreign fact that was decided on; `behind_up_w` and
# `behind_down_w` are the point's sums of active resources afterwards.


class ResourceRegistered(Event):
    """A resource stands behind a metering point. `behind_up_w` and `behind_down_w` are the point's sums afterwards."""

    home: ClassVar = "resource_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), everyone(Role.TSO))

    resource_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    dso: values.Gln
    name: str
    technology: Technology
    up_w: int
    down_w: int
    devices: tuple[Device, ...]
    behind_up_w: int
    behind_down_w: int
    held_from: values.UtcTime
    """The foreign fact it was decided on: since when the BSP holds the point."""
    status: ResourceStatus = "active"
    category: tuple[Category, ...] | None = None
    ramp_w_per_min: int | None = None
    small: bool | None = None
    small_limit_w: int | None = None
    """The policy it was decided with."""


class ResourceUpdated(Event):
    """What is stated of a resource has changed."""

    home: ClassVar = "resource_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), everyone(Role.TSO))

    resource_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    dso: values.Gln | None
    before: Particulars
    after: Particulars
    behind_up_w: int
    behind_down_w: int
    held_from: values.UtcTime
    small_limit_w: int
    """The policy it was decided with."""


class DevicesChanged(Event):
    """Devices were taken out of a resource and put into it; `devices` are those that are in it afterwards."""

    home: ClassVar = "resource_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), everyone(Role.TSO))

    resource_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    dso: values.Gln | None
    added: tuple[Device, ...]
    removed: tuple[Device, ...]
    devices: tuple[Device, ...]
    held_from: values.UtcTime


class ResourceActivated(Event):
    """A resource counts behind its point from now on."""

    home: ClassVar = "resource_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), everyone(Role.TSO))

    resource_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    dso: values.Gln
    up_w: int
    down_w: int
    behind_up_w: int
    behind_down_w: int
    held_from: values.UtcTime


class ResourcePaused(Event):
    """A resource counts nowhere until it is activated again."""

    home: ClassVar = "resource_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), everyone(Role.TSO))

    resource_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    dso: values.Gln | None
    reason: str
    behind_up_w: int
    behind_down_w: int
    held_from: values.UtcTime


class ResourceTerminated(Event):
    """A resource is no more. `devices` were in it, and may be registered again."""

    home: ClassVar = "resource_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), everyone(Role.TSO))

    resource_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    dso: values.Gln | None
    reason: str
    devices: tuple[Device, ...]
    behind_up_w: int
    behind_down_w: int
    held_from: values.UtcTime


class ResourceSleepChanged(Event):
    """An active resource sleeps in these periods, in which nobody holds its point, or it is closed (D30, E20).

    Then it counts nowhere. They are all that are known, past and to come, and stand instead of those told before; none:
    it is awake throughout. One of each cause may lie in the other. `bsp` holds the point as it is told.
    """

    home: ClassVar = "resource_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), everyone(Role.TSO))

    resource_id: values.Uuid
    metering_point_id: values.Gsrn
    dso: values.Gln | None
    periods: tuple[Unheld, ...]
    bsp: values.Gln | None = None
