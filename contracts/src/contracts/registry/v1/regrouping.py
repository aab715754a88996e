"""Members go from group to group: moves, splits, mergers, and proposals of splits."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, Part, everyone, party
from contracts.registry.v1.groups import MAX_ROWS, Mode
from contracts.values import Role


class NewGroup(Part):
    """A group to be formed of members of another."""

    group_id: values.Uuid
    name: values.ShortText = ""
    metering_points: tuple[values.Gsrn, ...] = Field(min_length=1, max_length=MAX_ROWS)


# Commands


class MoveMembers(Command):
    """Let members go over from another group of the sender's, at once. Subject: where they go. A list command."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid
    listed: ClassVar = "metering_points"

    from_group: values.Uuid
    metering_points: tuple[values.Gsrn, ...] = Field(min_length=1, max_length=MAX_ROWS)
    mode: Mode = "all"


class SplitGroup(Command):
    """Form new groups of a group's members, all or nothing, at once. Subject: the group that is split. A list command.

    Who is not named stays; if nobody stays, the group ends.
    """

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid
    listed: ClassVar = "into"

    into: tuple[NewGroup, ...] = Field(min_length=1, max_length=10)


class MergeGroups(Command):
    """Let all members of other groups of the sender's go over to one, all or nothing, at once. Subject: that group."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid
    listed: ClassVar = "groups"

    groups: tuple[values.Uuid, ...] = Field(min_length=1, max_length=10)


class ProposeSplit(Command):
    """Ask how a group could be split. Subject: the group, the sender's own; for the TSO any."""

    senders: ClassVar = frozenset({Role.BSP, Role.TSO})
    subject_is: ClassVar = values.Uuid

    parts: Annotated[int, Field(strict=True, ge=2, le=10)] | None = None
    """Into how many parts; without it as few as may be."""


# Events


class FormedPart(Part):
    """A group that was formed of members of another, with what it declares."""

    group_id: values.Uuid
    members: int
    up_w: int
    down_w: int


class GroupSplit(Event):
    """A group was split into new ones, which follow with their members; `rest` members stayed."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    group_id: values.Uuid
    bsp: values.Gln
    zone: values.BiddingZone
    into: tuple[FormedPart, ...]
    rest: int


class GroupsMerged(Event):
    """All members of other groups went over to this one; the others have ended."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    group_id: values.Uuid
    bsp: values.Gln
    zone: values.BiddingZone
    groups: tuple[values.Uuid, ...]
    members: int
    declared_up_w: int
    declared_down_w: int


class ProposedPart(Part):
    """Members that could be a group together; `most_behind_w` is what stands behind one substation."""

    metering_points: tuple[values.Gsrn, ...]
    up_w: int
    down_w: int
    most_behind_w: int


class InTheWay(Part):
    """A member that no new group may have as it stands: the rule (`code`) that joining it would break."""

    metering_point_id: values.Gsrn
    code: str


class SplitProposed(Event):
    """How a group could be split, as evenly over the substations as is found; nothing has happened to it.

    A split takes nothing away from a substation: it spreads what is behind one over several groups. It helps a group
    that is too large, and one of which then less stands behind any one substation. If it does not, there are no parts,
    and `because` says why: all is behind one substation; the parts would be under the minimum, or (so few as asked)
    over the maximum; no part would have less behind one substation than the group has.
    """

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    group_id: values.Uuid
    bsp: values.Gln
    helps: bool
    because: Literal["one-substation", "parts-too-small", "parts-too-large", "no-better"] | None = None
    parts: tuple[ProposedPart, ...] = ()
    """Each can be formed as it stands. Members in none of them stay behind."""
    in_the_way: tuple[InTheWay, ...] = ()
    most_behind_w: int
    """What of the group stands behind one substation now, in the direction that makes its size; unknown places count
    to the largest."""
    group_min_w: int
    """The policies it was decided with."""
    group_max_w: int
