"""Resources and their devices."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, Part, party
from contracts.values import Role

Technology = Literal[
    "water-heater",
    "ev-charger",
    "battery",
    "electric-boiler",
    "heat-pump",
    "solar",
    "hydro",
    "genset",
    "industrial-load",
    "other",
]


class Device(Part):
    """A physical thing in a resource; make, model and serial together are unique in the register."""

    make: values.NameText
    model: values.NameText
    serial: values.NameText


# Commands


class RegisterResource(Command):
    """Register a resource with its devices behind a metering point that the sender holds. Subject: a new UUID."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    metering_point_id: values.Gsrn
    name: values.ShortText = ""
    technology: Technology
    up_w: values.Watt
    down_w: values.Watt
    devices: tuple[Device, ...] = Field(min_length=1, max_length=100)


# Events


class ResourceRegistered(Event):
    """A resource stands behind a metering point. `behind_up_w` and `behind_down_w` are the point's sums afterwards."""

    home: ClassVar = "resource_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"))

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
