"""Flexibility groups: their members, what they add up to, and when memberships are over."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, TypeAlias

from contracts import values
from contracts.registry import v1
from registry.domain.known import Brps
from registry.domain.power import Power

WhyLeave: TypeAlias = Literal["brp", "size"]
Status: TypeAlias = Literal["forming", "active", "ending", "ended"]
"""`forming`: a draft. `ending`: nobody joins any more. `ended`: empty, for ever."""


@dataclass(frozen=True, slots=True)
class MustLeave:
    """A mark: since when the member does not fit, with which BRPs, and by when it must leave (D9, D25)."""

    since: datetime
    leave_by: datetime
    brps: Brps
    split_off: bool = False
    """Whether it was told last that it can be split off."""


@dataclass(frozen=True, slots=True)
class Member:
    """A metering point in a group, with all its resources (D10); `power` is what it counts."""

    power: Power
    dso: str
    substation: str | None
    valid_from: datetime
    ends: dict[v1.WhyEnd, datetime] = field(default_factory=dict)
    """When it ends, by what ends it: each is announced, and taken back, by itself (D26)."""
    must_leave: dict[WhyLeave, MustLeave] = field(default_factory=dict)
    grid_area: str = ""
    brps: Brps | None = None
    """Those it joined with; where a group may be mixed, those it has or will have (D9)."""

    @property
    def over(self) -> tuple[datetime, v1.WhyOver] | None:
        """When it is over, as far as is known, and why."""
        if not self.ends and not self.must_leave:
            return None
        ends: list[tuple[datetime, v1.WhyOver]] = [(mark.leave_by, "must-leave") for mark in self.must_leave.values()]
        ends[:0] = [(end, why) for why, end in self.ends.items()]
        return min(ends, key=lambda end: end[0])


@dataclass(frozen=True, slots=True)
class Ending:
    """A group is to end; what it was, and when members were to leave by themselves, for the end may be taken back."""

    valid_to: datetime
    was: Literal["forming", "active"]
    own: dict[str, datetime] = field(default_factory=dict[str, datetime])


@dataclass(frozen=True, slots=True)
class Leaving:
    """The members that leave at one moment, and what they count together."""

    metering_points: tuple[str, ...] = ()
    power: Power = field(default_factory=Power)


@dataclass(frozen=True, slots=True)
class Succession:
    """Its BSP is taken over: from when it is whose."""

    merger_id: str
    successor: str
    start: datetime


@dataclass(frozen=True, slots=True)
class Joining:
    """A point that is to join at a midnight to come, and what stood behind it when that was said."""

    valid_from: datetime
    dso: str
    power: Power


@dataclass(frozen=True, slots=True)
class Group:
    """A flexibility group (R6, R8, R11). Members that have left are no longer in it; the points remember them.

    `power` is the sum of all members: room that becomes free can be used when the midnight has come, not before (D26).
    `ends` has the members that leave, by the moment: what is due, and what the sums will be.
    """

    bsp: str
    name: str
    zone: values.BiddingZone
    brps: Brps | None
    """A draft without members has none."""
    members: dict[str, Member] = field(default_factory=dict)
    power: Power = field(default_factory=Power)
    ends: dict[datetime, Leaving] = field(default_factory=dict)
    status: Status = "active"
    category: v1.GroupCategory | None = None
    warned: tuple[v1.Warned, ...] = ()
    """What it is warned of now."""
    joining: dict[str, Joining] = field(default_factory=dict)
    """Who is to join when its BSP holds the point: no members yet, they count nowhere."""
    ending: Ending | None = None
    told: tuple[str, ...] = ()
    """The DSOs that were told of it last."""
    succession: Succession | None = None
    """Whose it is to be, where its BSP is taken over."""

    @property
    def dsos(self) -> tuple[str, ...]:
        """The DSOs concerned: of its members' points, or, where it is empty, those that were told of it last (R28)."""
        return tuple(sorted({member.dso for member in self.members.values()})) or self.told

    @property
    def is_open(self) -> bool:
        """Whether members may join, and it may be changed."""
        return self.status in {"forming", "active"}

    def power_from(self, moment: datetime) -> Power:
        """The sum of those who are members from a moment on, as far as is known now."""
        power = self.power
        for end, leaving in self.ends.items():
            if end <= moment:
                power -= leaving.power
        return power


OfMember: TypeAlias = (
    v1.MemberJoined
    | v1.MemberPowerChanged
    | v1.MemberRelocated
    | v1.MemberBrpChanged
    | v1.MembershipEndAnnounced
    | v1.MembershipEndCancelled
    | v1.MemberMustLeave
    | v1.MemberMayStay
    | v1.MembershipEnded
)
OfGroup: TypeAlias = (
    v1.GroupActivated
    | v1.JoinAnnounced
    | v1.JoinLapsed
    | v1.GroupRenamed
    | v1.GroupEndAnnounced
    | v1.GroupEndCancelled
    | v1.GroupEnded
    | v1.GroupSplit
    | v1.GroupsMerged
    | v1.GroupMeasured
    | v1.GroupTotalled
    | v1.GroupWarned
    | v1.GroupWarningCleared
    | v1.SplitProposed
    | v1.GroupSuccessionAnnounced
    | v1.GroupSuccessionCancelled
    | v1.GroupPassed
)


def evolve(state: Group | None, event: v1.GroupFormed | OfGroup | OfMember) -> Group:
    """What happened to a group."""
    if isinstance(event, v1.GroupFormed):
        return _formed(event)
    if state is None:
        message = f"{event.type} of a group that was never formed"
        raise LookupError(message)
    return _changed(state, event) if isinstance(event, OfGroup) else _of_member(state, event)


def _formed(event: v1.GroupFormed) -> Group:
    brps = None
    if event.brp_consumption is not None and event.brp_production is not None:
        brps = Brps(event.brp_consumption, event.brp_production)
    return Group(event.bsp, event.name, event.zone, brps, status=event.status, category=event.category)


def _changed(state: Group, event: OfGroup) -> Group:  # noqa: C901, PLR0912 - one arm per event
    """A split and a merger are told again by the members' events; a figure and a proposal change nothing."""
    match event:
        case v1.GroupActivated():
            state = replace(state, status="active")
        case v1.GroupRenamed():
            state = replace(state, name=event.name)
        case v1.GroupEndAnnounced():
            state = replace(state, status="ending", ending=_ending(state, event.valid_to))
        case v1.GroupEndCancelled():
            state = replace(state, status=event.status, ending=None)
        case v1.GroupEnded():
            state = replace(state, status="ended", ending=None)
        case v1.JoinAnnounced():
            joining = Joining(event.valid_from, event.dso, Power(event.up_w, event.down_w))
            state = replace(state, joining={**state.joining, event.metering_point_id: joining})
        case v1.JoinLapsed():
            state = replace(state, joining=_without(state.joining, event.metering_point_id))
        case v1.GroupTotalled():
            state = replace(state, told=event.dsos)
        case v1.GroupWarned():
            state = replace(state, warned=(*state.warned, event.kind))
        case v1.GroupWarningCleared():
            state = replace(state, warned=tuple(kind for kind in state.warned if kind != event.kind))
        case v1.GroupSuccessionAnnounced():
            state = replace(state, succession=Succession(event.merger_id, event.successor, event.start))
        case v1.GroupSuccessionCancelled():
            state = replace(state, succession=None)
        case v1.GroupPassed():
            state = replace(state, bsp=event.successor, succession=None)
        case _:
            pass
    return state


def _ending(state: Group, valid_to: datetime) -> Ending:
    if state.ending is not None:
        return replace(state.ending, valid_to=valid_to)
    own = {each: member.ends["left"] for each, member in state.members.items() if "left" in member.ends}
    return Ending(valid_to, "forming" if state.status == "forming" else "active", own)


def _of_member(state: Group, event: OfMember) -> Group:
    if isinstance(event, v1.MemberJoined):
        return _joined(state, event)
    member = state.members[event.metering_point_id]
    match event:
        case v1.MemberPowerChanged() | v1.MemberRelocated():
            changed = _otherwise(member, event)
        case v1.MemberBrpChanged():
            changed = replace(member, brps=Brps(event.brp_consumption, event.brp_production))
        case v1.MembershipEndAnnounced():
            changed = replace(member, ends={**member.ends, event.because: event.valid_to})
        case v1.MembershipEndCancelled():
            changed = replace(member, ends={why: end for why, end in member.ends.items() if why != event.because})
        case v1.MemberMustLeave():
            brps, split_off = Brps(event.brp_consumption, event.brp_production), event.proposal == "split-off"
            mark = MustLeave(event.since, event.leave_by, brps, split_off)
            changed = replace(member, must_leave={**member.must_leave, event.because: mark})
        case v1.MemberMayStay():
            marks = {why: mark for why, mark in member.must_leave.items() if why != event.because}
            changed = replace(member, must_leave=marks)
        case v1.MembershipEnded():
            changed = None
    return _put(state, event.metering_point_id, changed)


def _otherwise(member: Member, event: v1.MemberPowerChanged | v1.MemberRelocated) -> Member:
    if isinstance(event, v1.MemberRelocated):
        return replace(member, grid_area=event.grid_area, dso=event.dso, substation=event.substation)
    return replace(member, power=Power(event.up_w, event.down_w))


def _joined(state: Group, event: v1.MemberJoined) -> Group:
    brps = None
    if event.brp_consumption is not None and event.brp_production is not None:
        brps = Brps(event.brp_consumption, event.brp_production)
    if not state.members and brps is not None:
        # An emptied group takes the BRPs of whoever joins first (D9).
        state = replace(state, brps=brps)
    member = Member(
        power=Power(event.up_w, event.down_w),
        dso=event.dso,
        substation=event.substation,
        valid_from=event.valid_from,
        # Who joins while a switch is announced is in until its midnight.
        ends={"switch": event.valid_to} if event.valid_to is not None else {},
        grid_area=event.grid_area,
        brps=brps,
    )
    waiting = state.joining.get(event.metering_point_id)
    if waiting is not None and waiting.valid_from <= event.valid_from:
        state = replace(state, joining=_without(state.joining, event.metering_point_id))
    return _put(state, event.metering_point_id, member)


def _without(joining: dict[str, Joining], metering_point_id: str) -> dict[str, Joining]:
    return {id_: each for id_, each in joining.items() if id_ != metering_point_id}


def _put(group: Group, metering_point_id: str, member: Member | None) -> Group:
    """The group with this member changed, new, or gone; sums and ends follow without counting all members again."""
    members = dict(group.members)
    former = group.members.get(metering_point_id)
    power = group.power
    if former is not None:
        power -= former.power
    if member is not None:
        members[metering_point_id] = member
        power += member.power
    else:
        members.pop(metering_point_id, None)
    ends = _ends(group.ends, metering_point_id, former, member)
    return replace(group, members=members, power=power, ends=ends)


def _ends(
    ends: dict[datetime, Leaving], metering_point_id: str, former: Member | None, member: Member | None
) -> dict[datetime, Leaving]:
    before = former.over if former else None
    after = member.over if member else None
    if before is None and after is None:
        return ends
    ends = dict(ends)
    if former is not None and before is not None:
        leaving = ends.pop(before[0])
        place = leaving.metering_points.index(metering_point_id)
        rest = leaving.metering_points[:place] + leaving.metering_points[place + 1 :]
        if rest:
            ends[before[0]] = Leaving(rest, leaving.power - former.power)
    if member is not None and after is not None:
        leaving = ends.get(after[0], Leaving())
        ends[after[0]] = Leaving((*leaving.metering_points, metering_point_id), leaving.power + member.power)
    return ends


@dataclass(frozen=True, slots=True)
class GroupsOfBsp:
    """The groups of a BSP that have not ended, in the order in which they were formed."""

    groups: tuple[str, ...]


def of_bsp(event: v1.GroupFormed | v1.GroupEnded | v1.GroupPassed) -> dict[str, tuple[str, bool]]:
    """By BSP: the group, and whether it has it now."""
    if isinstance(event, v1.GroupPassed):
        return {event.bsp: (event.group_id, False), event.successor: (event.group_id, True)}
    return {event.bsp: (event.group_id, isinstance(event, v1.GroupFormed))}


def evolve_of_bsp(state: GroupsOfBsp | None, said: tuple[str, bool]) -> GroupsOfBsp:
    """A BSP has one more, or one less."""
    groups = state.groups if state else ()
    group_id, has = said
    if has:
        return GroupsOfBsp((*groups, group_id))
    return GroupsOfBsp(tuple(group for group in groups if group != group_id))
