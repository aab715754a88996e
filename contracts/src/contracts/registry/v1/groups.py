"""Flexibility groups and their members."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, everyone, party
from contracts.values import Role

Mode = Literal["all", "each"]
WhyEnd = Literal["switch", "control-ended", "left", "zone", "deactivated", "no-resource"]
"""Why a membership ends at a moment that is known ahead; each can be taken back by itself.

`switch`, `control-ended`: another BSP, or nobody, holds the point from then. `left`: its BSP lets it leave. `zone`: it
lies in another bidding zone from then. `deactivated`: the point is closed. `no-resource`: nothing is active behind it.
"""
WhyOver = Literal[
    "switch",
    "control-ended",
    "left",
    "zone",
    "deactivated",
    "no-resource",
    "must-leave",
    "moved",
    "split",
    "merged",
]
"""Why a membership is over: its end has come, its must-leave date has, or it went on in another group."""


# Commands


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
    """A membership ends at a moment that is known ahead; the sums are those from then."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), everyone(Role.TSO))

    group_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    dso: values.Gln
    valid_to: values.UtcTime
    because: WhyEnd
    declared_up_w: int
    """The group's sums from `valid_to`."""
    declared_down_w: int


class MembershipEndCancelled(Event):
    """What was to end a membership is taken back: it lasts to `valid_to`, another end that stands, or stays open."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), everyone(Role.TSO))

    group_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    dso: values.Gln
    because: WhyEnd
    valid_to: values.UtcTime | None = None


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


class MemberRelocated(Event):
    """A member lies elsewhere in the grid from a moment on: another grid area, DSO or substation."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), party("former_dso"))

    group_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    dso: values.Gln
    former_dso: values.Gln | None = None
    """Whose grid it was in until then, where that is another's."""
    grid_area: values.EicY
    substation: str | None
    valid_from: values.UtcTime


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
    because: WhyOver
    declared_up_w: int
    declared_down_w: int
