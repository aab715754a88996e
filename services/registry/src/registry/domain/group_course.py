"""A group over time: also the members that have left, what each counted when, and with which BRPs the group was.

The group itself forgets them, for it is read and written whole. This is folded only when somebody asks how a group was.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from contracts import values
from contracts.registry import v1
from registry.domain import group
from registry.domain.group import Group, Member
from registry.domain.known import Brps
from registry.domain.power import Power


@dataclass(frozen=True, slots=True)
class Stay:
    """One membership: what it was last, what it counted from when, and, once it is over, until when and why."""

    member: Member
    powers: tuple[tuple[datetime, Power], ...]
    ended: tuple[datetime, str] | None = None

    @property
    def over(self) -> tuple[datetime, str] | None:
        """When it is over, as far as is known, and why."""
        return self.ended or self.member.over


@dataclass(frozen=True, slots=True)
class Course:
    """A group, all stays in it by metering point, and its BRPs before each change."""

    group: Group
    stays: dict[str, tuple[Stay, ...]] = field(default_factory=dict)
    brps: tuple[tuple[datetime, Brps | None], ...] = ()
    """Until when it had which."""
    ended: tuple[datetime, group.Status] | None = None
    """When it ended, and what it was before."""
    bsps: tuple[tuple[datetime, str], ...] = ()
    """Until when it was whose, where its BSP was taken over."""


@dataclass(frozen=True, slots=True)
class MemberAt:
    """A member at a moment; `valid_to` and `because` where its end is known."""

    power: Power
    dso: str
    substation: str | None
    valid_from: datetime
    valid_to: datetime | None
    because: str | None


@dataclass(frozen=True, slots=True)
class GroupAt:
    """A group at a moment; `power` is the sum of those who are members then."""

    bsp: str
    name: str
    zone: values.BiddingZone
    brps: Brps | None
    members: dict[str, MemberAt]
    power: Power
    status: group.Status
    """As it is known: only its end is dated."""


def evolve(state: Course | None, event: v1.GroupFormed | group.OfGroup | group.OfMember) -> Course:
    """What happened to a group, with nothing forgotten."""
    after = group.evolve(state.group if state else None, event)
    if state is None or isinstance(event, v1.GroupFormed):
        return Course(after)
    brps = state.brps
    if after.brps != state.group.brps and isinstance(event, v1.MemberJoined):
        brps = (*brps, (event.valid_from, state.group.brps))
    if isinstance(event, group.OfGroup):
        ended = (event.valid_to, state.group.status) if isinstance(event, v1.GroupEnded) else state.ended
        bsps = (*state.bsps, (event.start, event.bsp)) if isinstance(event, v1.GroupPassed) else state.bsps
        return Course(after, state.stays, brps, ended, bsps)
    stays = state.stays.get(event.metering_point_id, ())
    member = after.members.get(event.metering_point_id)
    if member is None:
        assert isinstance(event, v1.MembershipEnded), f"{event.type} does not say when the membership was over"
        stays = (*stays[:-1], replace(stays[-1], ended=(event.valid_to, event.because)))
    elif isinstance(event, v1.MemberJoined):
        stays = (*stays, Stay(member, ((member.valid_from, member.power),)))
    else:
        stay = replace(stays[-1], member=member)
        if isinstance(event, v1.MemberPowerChanged):
            stay = replace(stay, powers=(*stay.powers, (event.valid_from, member.power)))
        stays = (*stays[:-1], stay)
    return Course(after, {**state.stays, event.metering_point_id: stays}, brps, state.ended, state.bsps)


def valid(state: Course, at: datetime) -> GroupAt:
    """The group at a moment, as far as is known: a member with a leave date has left by then."""
    members = {
        metering_point_id: member
        for metering_point_id, stays in state.stays.items()
        for stay in stays
        if (member := _member_at(stay, at)) is not None
    }
    power = Power()
    for member in members.values():
        power += member.power
    brps = next((brps for until, brps in state.brps if at < until), state.group.brps)
    status = state.ended[1] if state.ended is not None and at < state.ended[0] else state.group.status
    bsp = next((bsp for until, bsp in state.bsps if at < until), _to_be(state.group, at))
    return GroupAt(bsp, state.group.name, state.group.zone, brps, members, power, status)


def _to_be(state: Group, at: datetime) -> str:
    coming = state.succession
    return coming.successor if coming is not None and coming.start <= at else state.bsp


def _member_at(stay: Stay, at: datetime) -> MemberAt | None:
    member = stay.member
    valid_to, because = stay.over or (None, None)
    if at < member.valid_from or (valid_to is not None and valid_to <= at):
        return None
    power = next(power for since, power in reversed(stay.powers) if since <= at)
    return MemberAt(power, member.dso, member.substation, member.valid_from, valid_to, because)
