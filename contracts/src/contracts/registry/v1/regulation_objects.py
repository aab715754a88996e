"""Regulation objects that are one large metering point; a group is one by itself."""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Command, Event, everyone, party
from contracts.registry.v1.groups import WhyEnd
from contracts.values import Role

# Commands


class FormRegulationObject(Command):
    """Let a large metering point that the sender holds take part individually. Subject: a new UUID."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    name: values.ShortText = ""
    metering_point_id: values.Gsrn


class EndRegulationObject(Command):
    """End it at an Oslo midnight, the next one if none is said; sent again it moves the date. Subject: the object."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    valid_to: values.Midnight | None = None


# Events


class RegulationObjectFormed(Event):
    """A large metering point takes part individually, with all that is behind it. It is its own station group."""

    home: ClassVar = "object_id"
    case: ClassVar = "object_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), everyone(Role.TSO))

    object_id: values.Uuid
    kind: Literal["single-point"] = "single-point"
    name: str
    metering_point_id: values.Gsrn
    bsp: values.Gln
    dso: values.Gln
    zone: values.BiddingZone
    grid_area: values.EicY
    substation: str | None
    station_group: values.Uuid
    up_w: int
    down_w: int
    valid_from: values.UtcTime
    valid_to: values.UtcTime | None = None
    """The midnight of a switch that was announced before."""
    held_from: values.UtcTime
    """The foreign fact it was decided on: since when the BSP holds the point."""
    point_limit_w: int
    """The policy it was decided with."""


class RegulationObjectEndAnnounced(Event):
    """It ends at a moment that is known ahead."""

    home: ClassVar = "object_id"
    case: ClassVar = "object_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), everyone(Role.TSO))

    object_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    dso: values.Gln
    valid_to: values.UtcTime
    because: WhyEnd


class RegulationObjectEndCancelled(Event):
    """What was to end it is taken back: it lasts to `valid_to`, another end that stands, or stays open."""

    home: ClassVar = "object_id"
    case: ClassVar = "object_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), everyone(Role.TSO))

    object_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    dso: values.Gln
    because: WhyEnd
    valid_to: values.UtcTime | None = None


class RegulationObjectEnded(Event):
    """It is over."""

    home: ClassVar = "object_id"
    case: ClassVar = "object_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), everyone(Role.TSO))

    object_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    dso: values.Gln
    valid_to: values.UtcTime
    because: WhyEnd


class RegulationObjectPowerChanged(Event):
    """What is behind the point, and so what the object can do, is something else than before."""

    home: ClassVar = "object_id"
    case: ClassVar = "object_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), everyone(Role.TSO))

    object_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    dso: values.Gln
    up_w: int
    down_w: int
    since: values.UtcTime
    point_limit_w: int
    """The policy it was decided with."""


class RegulationObjectRelocated(Event):
    """It lies elsewhere in the grid from a moment on: another grid area, DSO or substation."""

    home: ClassVar = "object_id"
    case: ClassVar = "object_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), party("former_dso"), everyone(Role.TSO))

    object_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    dso: values.Gln
    former_dso: values.Gln | None = None
    """Whose grid it was in until then, where that is another's."""
    grid_area: values.EicY
    substation: str | None
    valid_from: values.UtcTime


class RegulationObjectWarned(Event):
    """What is behind the point has fallen under the limit for taking part individually (D1, R3)."""

    home: ClassVar = "object_id"
    case: ClassVar = "object_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    object_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    up_w: int
    down_w: int
    point_limit_w: int
    since: values.UtcTime


class RegulationObjectWarningCleared(Event):
    """It is at the limit or above again."""

    home: ClassVar = "object_id"
    case: ClassVar = "object_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    object_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    up_w: int
    down_w: int
    since: values.UtcTime
