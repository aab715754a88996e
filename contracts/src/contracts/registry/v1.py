"""Messages of `registry`, version 1: parties, grid, metering points, resources, flexibility groups."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, Part, ReceiptData, everyone, party
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
Mode = Literal["all", "each"]


class Device(Part):
    """A physical thing in a resource; make, model and serial together are unique in the register."""

    make: values.NameText
    model: values.NameText
    serial: values.NameText


# Commands


class OnboardParty(Command):
    """Admit a party. Subject: its GLN."""

    senders: ClassVar = frozenset({Role.OPERATOR})
    subject_is: ClassVar = values.Gln

    name: values.ShortText
    roles: tuple[Role, ...] = Field(min_length=1)


class DefineGridArea(Command):
    """Say what a metering grid area is. Subject: its EIC-Y."""

    senders: ClassVar = frozenset({Role.OPERATOR, Role.TSO})
    subject_is: ClassVar = values.EicY

    name: values.ShortText
    zone: values.BiddingZone
    dso: values.Gln
    parent: values.EicY | None = None


class RecordMeteringPoint(Command):
    """The datahub's or the grid company's fact: what a metering point is. Always accepted. Subject: its GSRN."""

    senders: ClassVar = frozenset({Role.DATAHUB, Role.DSO})
    subject_is: ClassVar = values.Gsrn

    grid_area: values.EicY
    substation: values.ShortText | None = None
    resolution: values.Resolution
    agreed_power_w: values.Watt
    valid_from: values.UtcTime


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


class FormGroup(Command):
    """Form a flexibility group of metering points. Subject: a new UUID. A list command."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid
    listed: ClassVar = "metering_points"

    name: values.ShortText = ""
    zone: values.BiddingZone
    metering_points: tuple[values.Gsrn, ...] = Field(min_length=1, max_length=2000)
    mode: Mode = "all"


class AddMembers(Command):
    """Let metering points join a group. Subject: the group. A list command."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid
    listed: ClassVar = "metering_points"

    metering_points: tuple[values.Gsrn, ...] = Field(min_length=1, max_length=2000)
    mode: Mode = "all"


# Events


class PartyOnboarded(Event):
    """A party may take part, in these roles."""

    home: ClassVar = "party"
    audience: ClassVar[tuple[Audience, ...]] = (party("party"), everyone(Role.OPERATOR), everyone(Role.TSO))

    party: values.Gln
    name: str
    roles: tuple[Role, ...]


class GridAreaDefined(Event):
    """A metering grid area lies in this zone and belongs to this DSO."""

    home: ClassVar = "grid_area"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO), everyone(Role.OPERATOR))

    grid_area: values.EicY
    name: str
    zone: values.BiddingZone
    dso: values.Gln
    parent: values.EicY | None = None


class MeteringPointRecorded(Event):
    """What a metering point is, from a moment. Without a known grid area it is incomplete: no zone and no DSO."""

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"),)

    metering_point_id: values.Gsrn
    grid_area: values.EicY
    zone: values.BiddingZone | None
    dso: values.Gln | None
    substation: str | None
    resolution: values.Resolution
    agreed_power_w: int
    valid_from: values.UtcTime


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


class GroupFormed(Event):
    """A group exists; its members follow, an event each. It is its own station group, only for balancing."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    group_id: values.Uuid
    bsp: values.Gln
    name: str
    zone: values.BiddingZone
    brp_consumption: values.Gln
    brp_production: values.Gln
    min_members: int | None = None
    """The policy it was decided with."""


class MemberJoined(Event):
    """A metering point is a member from a moment; `declared_*_w` are the group's sums afterwards."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"))

    group_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    zone: values.BiddingZone
    grid_area: values.EicY
    dso: values.Gln
    substation: str | None
    up_w: int
    down_w: int
    valid_from: values.UtcTime
    valid_to: values.UtcTime | None = None
    declared_up_w: int
    declared_down_w: int
    group_max_w: int
    """The policies it was decided with."""
    point_limit_w: int
    held_from: values.UtcTime | None = None
    """The foreign facts it was decided on: since when the BSP holds the point, and the point's BRP per direction."""
    brp_consumption: values.Gln | None = None
    brp_production: values.Gln | None = None


class MemberPowerChanged(Event):
    """What a member counts in its group has changed, because of what was registered behind its point (D25)."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"))

    group_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    dso: values.Gln
    valid_from: values.UtcTime
    up_w: int
    down_w: int
    declared_up_w: int
    """The group's sums afterwards."""
    declared_down_w: int
    group_max_w: int
    """The policies it was decided with."""
    point_limit_w: int


class MembershipEndAnnounced(Event):
    """A membership ends at a midnight to come, because control of the point goes to another BSP or ends."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), everyone(Role.TSO))

    group_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    dso: values.Gln
    valid_to: values.UtcTime
    because: Literal["switch", "control-ended"]
    declared_up_w: int
    """The group's sums from `valid_to`."""
    declared_down_w: int


class MemberMustLeave(Event):
    """A member no longer fits its group and must leave by a date; until then it counts. With a proposal."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), everyone(Role.TSO))

    group_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    dso: values.Gln
    because: Literal["brp", "size"]
    """`brp`: its BRP is no longer the group's (D9). `size`: what is behind it has grown too large for a group (D25)."""
    since: values.UtcTime
    leave_by: values.UtcTime
    brp_consumption: values.Gln
    brp_production: values.Gln
    proposal: Literal["move", "leave"]
    proposed_group_id: values.Uuid | None = None
    must_leave_days: int | None = None
    """The policies it was decided with."""
    point_limit_w: int | None = None


class MemberMayStay(Event):
    """What made a member leave is gone before its date: a later fact made it fit again."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), everyone(Role.TSO))

    group_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    dso: values.Gln
    because: Literal["brp", "size"]


class MembershipEnded(Event):
    """A membership is over: its announced or its must-leave date has come."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), everyone(Role.TSO))

    group_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    dso: values.Gln
    valid_to: values.UtcTime
    because: Literal["switch", "control-ended", "must-leave"]
    declared_up_w: int
    declared_down_w: int


class Receipt(ReceiptData):
    """The answer of `registry` to a command."""

    audience: ClassVar[tuple[Audience, ...]] = (party("sender"),)
