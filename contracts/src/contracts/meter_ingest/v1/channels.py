"""Channels: of which points values are sent, in which steps, and on which days they count."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, Part, everyone, party
from contracts.meter_ingest.v1.lines import EnergyDirection, Product
from contracts.registry.v1 import SettlementMethod
from contracts.values import Role

TransformMethod = Literal["none", "sum", "flat", "profile-6015", "fppc"]
"""How values come to quarters; `none`: they are quarters already."""


class OpenChannels(Command):
    """A DSO will send values of these points from a midnight on. Subject: a new UUID. A list command."""

    senders: ClassVar = frozenset({Role.DSO})
    subject_is: ClassVar = values.Uuid
    listed: ClassVar = "metering_points"

    metering_points: tuple[values.Gsrn, ...] = Field(min_length=1, max_length=2000)
    direction: EnergyDirection = "consumption"
    product: Product = "active"
    resolution: values.Resolution
    valid_from: values.Midnight
    mode: Literal["all", "each"] = "all"


class CloseChannels(Command):
    """A DSO sends no values of these points from a midnight on. Subject: a new UUID. A list command."""

    senders: ClassVar = frozenset({Role.DSO})
    subject_is: ClassVar = values.Uuid
    listed: ClassVar = "metering_points"

    metering_points: tuple[values.Gsrn, ...] = Field(min_length=1, max_length=2000)
    direction: EnergyDirection = "consumption"
    product: Product = "active"
    valid_to: values.Midnight
    mode: Literal["all", "each"] = "all"


class CountingDays(Part):
    """Local days on which it is the same how a channel is settled, half-open; without an end, from then on."""

    valid_from: values.UtcTime
    valid_to: values.UtcTime | None = None
    settlement: SettlementMethod | None
    """None: nobody has said; it is then settled as interval."""
    resolution: values.Resolution | None
    """What values of these days are in, whenever they are sent."""
    counts: bool
    """Whether the balance is settled on this channel."""
    method: TransformMethod | None
    """How its values come to quarters; None where they do not count."""


class ChannelOpened(Event):
    """Values of a point are expected from a midnight on."""

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"),)

    metering_point_id: values.Gsrn
    dso: values.Gln
    direction: EnergyDirection
    product: Product = "active"
    resolution: values.Resolution
    valid_from: values.UtcTime
    counting: tuple[CountingDays, ...] = ()
    """On which days the balance is settled on it, as far as is known."""


class ChannelClosed(Event):
    """Values of a point are expected no longer from a midnight on."""

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"),)

    metering_point_id: values.Gsrn
    dso: values.Gln
    direction: EnergyDirection
    product: Product = "active"
    valid_to: values.UtcTime


class CountingChannelChanged(Event):
    """What a metering point is was said otherwise: on these days, another channel counts, or in another way."""

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO))

    metering_point_id: values.Gsrn
    dso: values.Gln
    """Whose channel it is."""
    direction: EnergyDirection
    product: Product = "active"
    days: tuple[CountingDays, ...]
    """The days on which it is not as it was said before, and how it is now."""
