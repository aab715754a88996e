"""Own meters: what a BSP measures by itself at its resources, beside the meter that a point is settled by."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, Part, everyone, party
from contracts.meter_ingest.v1.lines import EnergyDirection, Product
from contracts.values import Role

OwnResolution = Literal["PT1M", "PT5M", "PT15M"]
"""How often an own meter is read. Whatever it is, quarters are kept."""


class OpenOwnMeter(Command):
    """A BSP will send values of a meter of its own from a midnight on. Subject: the resource that it measures.

    The register gives the meter its number, which no other meter of the metering point gets.
    """

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    device_id: values.Marking
    """What the BSP calls the measuring device; one resource may have several."""
    direction: EnergyDirection = "consumption"
    product: Product = "active"
    resolution: OwnResolution
    valid_from: values.Midnight


class CloseOwnMeter(Command):
    """A BSP sends no values of this meter, in this direction, from a midnight on. Subject: the resource."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    device_id: values.Marking
    direction: EnergyDirection = "consumption"
    product: Product = "active"
    valid_to: values.Midnight


class OwnMeterOpened(Event):
    """A BSP may send values of its own meter from a midnight on. Nothing is settled on them."""

    home: ClassVar = "resource_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    resource_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    device_id: str
    meter: int
    """Its number among the own meters of the point, counted from 1."""
    direction: EnergyDirection
    product: Product = "active"
    resolution: OwnResolution
    valid_from: values.UtcTime


class OwnMeterClosed(Event):
    """From a midnight on, no values of an own meter are taken in this direction."""

    home: ClassVar = "resource_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    resource_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    device_id: str
    meter: int
    direction: EnergyDirection
    product: Product = "active"
    valid_to: values.UtcTime


class MissingSteps(Part):
    """So many steps, from this one on (0 is the first), in which nothing was measured; what stands there is 0."""

    first: int = Field(strict=True, ge=0, le=9998)
    count: int = Field(strict=True, ge=1, le=9999)


class OwnMeter(Part):
    """Which own meter a series is of, and how it measured."""

    resource_id: str
    device_id: str = ""
    """May be left out where the resource has only one."""
    clock_offset_ms: int = Field(default=0, strict=True, ge=-86_400_000, le=86_400_000)
    """What the meter's clock showed less what it was, when it was read."""
    missing: tuple[MissingSteps, ...] = Field(default=(), max_length=9999)


class AcceptedOwnSeries(Part):
    """What was accepted of a series of an own meter, put together to quarters; never the values."""

    resource_id: values.Uuid
    device_id: str
    metering_point_id: values.Gsrn
    meter: int
    direction: EnergyDirection
    product: Product = "active"
    start: values.UtcTime
    end: values.UtcTime
    resolution: OwnResolution
    """As it was sent."""
    samples: int
    """How many values were measured."""
    short: int
    """How many quarters had fewer samples than they should."""
    clock_offset_ms: int
    registered_at: values.UtcTime
    count: int
    """Of quarters."""
    sum_wh: int
    changed: bool
    """False where all of it was known already."""
    salted_sha256: str
