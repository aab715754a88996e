"""Flexibility groups and their members."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, everyone, party
from contracts.values import Role

Mode = Literal["all", "each"]
WhyEnd = Literal["switch", "control-ended", "left", "zone", "virtual", "deactivated", "no-resource"]
"""Why a membership ends at a moment that is known ahead; each can be taken back by itself.

`switch`, `control-ended`: another BSP, or nobody, holds the point from then. `left`: its BSP lets it leave. `zone`: it
lies in another bidding zone from then. `virtual`: it lies in a virtual grid area, on paper only. `deactivated`: the
point is closed. `no-resource`: nothing is active behind it.
"""
WhyOver = Literal[
    "switch",
    "control-ended",
    "left",
    "zone",
    "virtual",
    "deactivated",
    "no-resource",
    "must-leave",
    "moved",
    "split",
    "merged",
]
"""Why a membership is over: its end has come, its must-leave date has, or it went on in another group."""
GroupCategory = Literal["consumption", "production", "energy-storage", "mixed"]
"""What a BSP says its group is made of."""

MAX_ROWS = 2000
"""The rows of a list command."""


# Commands


class FormGroup(Command):
    """Form a flexibility group of metering points. Subject: a new UUID. A list command.

    With `activate: false` it is a draft, of any number of points or none, until `ActivateGroup`.
    """

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid
    listed: ClassVar = "metering_points"

    name: values.ShortText = ""
    zone: values.BiddingZone
    metering_points: tuple[values.Gsrn, ...] = Field(max_length=MAX_ROWS)
    mode: Mode = "all"
    activate: Annotated[bool, Field(strict=True)] = True
    category: GroupCategory | None = None


class AddMembers(Command):
    """Let metering points join a group. Subject: the group. A list command."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid
    listed: ClassVar = "metering_points"

    metering_points: tuple[values.Gsrn, ...] = Field(min_length=1, max_length=MAX_ROWS)
    mode: Mode = "all"


class RemoveMembers(Command):
    """Let members leave a group at an Oslo midnight, the next one if none is said. Subject: the group. A list command.

    Sent again it moves the date.
    """

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid
    listed: ClassVar = "metering_points"

    metering_points: tuple[values.Gsrn, ...] = Field(min_length=1, max_length=MAX_ROWS)
    valid_to: values.Midnight | None = None
    mode: Mode = "all"


class KeepMembers(Command):
    """Let members stay that were to leave by `RemoveMembers`. Subject: the group. A list command."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid
    listed: ClassVar = "metering_points"

    metering_points: tuple[values.Gsrn, ...] = Field(min_length=1, max_length=MAX_ROWS)
    mode: Mode = "all"


class ActivateGroup(Command):
    """Make a draft a group. Subject: the group."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid


class RenameGroup(Command):
    """Give a group another name. Subject: the group."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    name: values.NameText


class EndGroup(Command):
    """End a group with all its memberships at an Oslo midnight, the next one if none is said. Subject: the group.

    Sent again it moves the date, while the group has members.
    """

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    valid_to: values.Midnight | None = None


class KeepGroup(Command):
    """Take back that a group is to end: its memberships end when they would have without it. Subject: the group."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid


# Events


class GroupFormed(Event):
    """A group exists; its members follow, an event each. It is its own station group, only for balancing."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dsos"), everyone(Role.TSO))

    group_id: values.Uuid
    bsp: values.Gln
    name: str
    zone: values.BiddingZone
    brp_consumption: values.Gln | None
    """The BRPs that its members share; a draft without members has none yet."""
    brp_production: values.Gln | None
    min_members: int | None = None
    """The policy it was decided with."""
    status: Literal["forming", "active"] = "active"
    """`forming`: a draft."""
    category: GroupCategory | None = None
    station_group: values.Uuid | None = None
    """Its station group, which is itself (R15)."""
    balancing_only: bool = True
    """It is not for congestion management (R16)."""
    split_from: values.Uuid | None = None
    """The group that it was a part of."""
    dsos: tuple[values.Gln, ...] = ()
    """Those whose points are in it as it is formed."""


class GroupActivated(Event):
    """A draft is a group now."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    group_id: values.Uuid
    bsp: values.Gln
    zone: values.BiddingZone
    members: int
    min_members: int
    """The policy it was decided with."""


class GroupRenamed(Event):
    """A group has another name."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    group_id: values.Uuid
    bsp: values.Gln
    name: str


class GroupEndAnnounced(Event):
    """A group ends when its last member has left, by `valid_to`; nobody joins any more. Said again the date moved."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    group_id: values.Uuid
    bsp: values.Gln
    zone: values.BiddingZone
    valid_to: values.UtcTime


class GroupEndCancelled(Event):
    """A group that was to end goes on as what it was; its members' events say until when each of them is in it."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    group_id: values.Uuid
    bsp: values.Gln
    zone: values.BiddingZone
    status: Literal["forming", "active"]


class GroupEnded(Event):
    """A group has ended, empty, for ever: its members left, or went on in the groups `into`."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dsos"), everyone(Role.TSO))

    group_id: values.Uuid
    bsp: values.Gln
    zone: values.BiddingZone
    valid_to: values.UtcTime
    because: Literal["left", "split", "merged"]
    into: tuple[values.Uuid, ...] = ()
    dsos: tuple[values.Gln, ...] = ()
    """Those whose points were in it last."""


class MemberJoined(Event):
    """A metering point is a member from a moment; `declared_*_w` are the group's sums afterwards."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), everyone(Role.TSO))

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
    from_group: values.Uuid | None = None
    """The group that it was a member of until the same moment."""


class MemberPowerChanged(Event):
    """What a member counts in its group has changed, because of what was registered behind its point (D25)."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), everyone(Role.TSO))

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


class MemberBrpChanged(Event):
    """A member has these BRPs, or will have them: told where the policy lets a group have several (D9, R44)."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    group_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    brp_consumption: values.Gln
    brp_production: values.Gln
    since: values.UtcTime


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
    """A member no longer fits its group and must leave by a date; until then it counts. With a proposal.

    `move`: to another group of the BSP that fits. `split-off`: all members that must leave for these BRPs are together
    large enough to be a group of their own. `leave`: neither. Said again when a split-off becomes possible, or is no
    longer.
    """

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
    proposal: Literal["move", "split-off", "leave"]
    proposed_group_id: values.Uuid | None = None
    must_leave_days: int | None = None
    """The policies it was decided with."""
    point_limit_w: int | None = None
    together: int | None = None
    """Of those who must leave for these BRPs: how many they are, and what they count together."""
    together_up_w: int | None = None
    together_down_w: int | None = None
    possible_from: values.UtcTime | None = None
    """When what is proposed can be done at the earliest: from then on they have the BRPs of their new group."""
    group_min_w: int | None = None


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
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), party("former_dso"), everyone(Role.TSO))

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


class GroupSuccessionAnnounced(Event):
    """From `start` the group is its successor's, as it is: its BSP is taken over. No membership ends."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (
        party("bsp"),
        party("successor"),
        party("dsos", without=("dsos",)),
        everyone(Role.TSO),
    )

    group_id: values.Uuid
    merger_id: values.Uuid
    bsp: values.Gln
    successor: values.Gln
    start: values.UtcTime
    dsos: tuple[values.Gln, ...] = ()
    """Of its members' points."""


class GroupSuccessionCancelled(Event):
    """Its BSP is not taken over after all."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (
        party("bsp"),
        party("successor"),
        party("dsos", without=("dsos",)),
        everyone(Role.TSO),
    )

    group_id: values.Uuid
    merger_id: values.Uuid
    bsp: values.Gln
    successor: values.Gln
    dsos: tuple[values.Gln, ...] = ()
    """Of its members' points."""


class GroupPassed(Event):
    """The midnight has come: the group, with all its members, is its successor's."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (
        party("bsp"),
        party("successor"),
        party("dsos", without=("dsos",)),
        everyone(Role.TSO),
    )

    group_id: values.Uuid
    merger_id: values.Uuid
    bsp: values.Gln
    successor: values.Gln
    start: values.UtcTime
    dsos: tuple[values.Gln, ...] = ()
    """Of its members' points."""
