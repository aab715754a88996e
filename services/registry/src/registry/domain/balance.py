"""Who is balance responsible for a member, and what follows when that changes (D9, R44, E14)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from contracts.message import Event
from contracts.registry import v1
from registry.domain import group as groups
from registry.domain.group import Group, Member, MustLeave
from registry.domain.intake import brp_changed
from registry.domain.known import Brps, Supply
from registry.domain.membership import Together, leave_by_date, must_leave
from registry.domain.power import Power
from registry.domain.terms import Terms


def decide_brp(
    state: Group,
    *,
    group_id: str,
    metering_point_id: str,
    supply: Supply,
    others: Mapping[str, Group | None],
    terms: Terms,
    at: datetime,
) -> list[Event]:
    """Who is balance responsible has changed, been corrected, or come late; a member may have to leave (D9, R44).

    `others` are the BSP's groups, in the order they were formed: the first with these BRPs and room is proposed.
    """
    member = state.members[metering_point_id]
    brps = state.brps
    if brps is None:
        return []
    if not terms.single_brp:
        mixed = _mixed(member, group_id, metering_point_id, state.bsp, supply, brps, at)
        return [*mixed, *_stay(state, group_id, metering_point_id)]
    mark = _misfit(brps, member, supply, terms, at)
    former = member.must_leave.get("brp")
    if mark is None:
        events = _stay(state, group_id, metering_point_id)
    elif former is not None and (former.since, former.brps) == (mark.since, mark.brps):
        return []
    else:
        events = [_propose(state, group_id, metering_point_id, mark, others, terms)]
    for event in events:
        if isinstance(event, v1.MemberMustLeave | v1.MemberMayStay):
            state = groups.evolve(state, event)
    changed = {each.brps for each in (mark, former) if each is not None}
    return [*events, *_again(state, group_id, metering_point_id, changed, others, terms)]


def doubtful(state: Group, terms: Terms) -> list[str]:
    """The members that must leave for their BRPs, or must where the group may no longer be mixed."""
    return [
        metering_point_id
        for metering_point_id, member in state.members.items()
        if "brp" in member.must_leave or (terms.single_brp and member.brps is not None and member.brps != state.brps)
    ]


def _again(
    state: Group,
    group_id: str,
    metering_point_id: str,
    changed: Collection[Brps],
    others: Mapping[str, Group | None],
    terms: Terms,
) -> list[Event]:
    """Those told before who can be split off now, with this member, or without it no longer: they are told so."""
    events: list[Event] = []
    for brps in sorted(changed):
        enough = _enough(_together(state, brps), terms)
        for other_id, other in state.members.items():
            mark = other.must_leave.get("brp")
            if other_id == metering_point_id or mark is None or mark.brps != brps or mark.split_off is enough:
                continue
            told = _propose(state, group_id, other_id, mark, others, terms)
            if (told.proposal == "split-off") is not mark.split_off:
                events.append(told)
    return events


def _propose(
    state: Group,
    group_id: str,
    metering_point_id: str,
    mark: MustLeave,
    others: Mapping[str, Group | None],
    terms: Terms,
) -> v1.MemberMustLeave:
    """What a member that must leave can do: go with the others for whom there is room, be split off, or go alone."""
    member = state.members[metering_point_id]
    marked = replace(member, must_leave={**member.must_leave, "brp": mark})
    leaving = _together(replace(state, members={**state.members, metering_point_id: marked}), mark.brps)
    rooms = [
        (other_id, other.power)
        for other_id, other in others.items()
        if other_id != group_id and other is not None and _fits(other, state, mark.brps)
    ]
    to = _room(rooms, leaving.power, terms)
    together = leaving if to is None and _enough(leaving, terms) else None
    if together is None:
        to = to or _room(rooms, member.power, terms)
    return must_leave(
        state, group_id, metering_point_id, because="brp", mark=mark, to=to, terms=terms, together=together
    )


def _enough(leaving: Together, terms: Terms) -> bool:
    return leaving.members >= terms.min_members and leaving.power.size_w >= terms.group_min_w


def _stay(state: Group, group_id: str, metering_point_id: str) -> list[Event]:
    """It fits, and what was said otherwise is over."""
    member = state.members[metering_point_id]
    if "brp" not in member.must_leave:
        return []
    return [
        v1.MemberMayStay(
            group_id=group_id, metering_point_id=metering_point_id, bsp=state.bsp, dso=member.dso, because="brp"
        )
    ]


def _mixed(
    member: Member, group_id: str, metering_point_id: str, bsp: str, supply: Supply, brps: Brps, at: datetime
) -> list[Event]:
    """Where a group may be mixed: which BRPs the member has, or will have, if they are others than was said."""
    other = supply.differing(brps, at) or supply.at(at)
    if other is None or not other.complete or other.brps == member.brps:
        return []
    return [brp_changed(group_id, metering_point_id, bsp, other)]


def _misfit(brps: Brps, member: Member, supply: Supply, terms: Terms, at: datetime) -> MustLeave | None:
    """The first period with other BRPs that lasts to its leave date; one that is over by then makes nobody leave."""
    for start, end in supply.runs_without(brps):
        if end is not None and end <= member.valid_from:
            continue
        if any(end <= start for end in member.ends.values()):
            return None
        since = max(start, member.valid_from)
        leave_by = leave_by_date(since, terms, at)
        if end is None or leave_by < end:
            delivery = supply.at(leave_by)
            return MustLeave(since, leave_by, delivery.brps if delivery else brps)
    return None


def _together(state: Group, brps: Brps) -> Together:
    """All members that must leave for the same BRPs."""
    members, power, since = 0, Power(), datetime.min.replace(tzinfo=UTC)
    for member in state.members.values():
        mark = member.must_leave.get("brp")
        if mark is not None and mark.brps == brps:
            members += 1
            power += member.power
            since = max(since, mark.since)
    return Together(members, power, since)


def _fits(other: Group, state: Group, brps: Brps) -> bool:
    """Whether members with these BRPs may join; an empty group takes those of whoever comes first."""
    return other.is_open and other.zone == state.zone and (other.brps == brps or not other.members)


def _room(rooms: Sequence[tuple[str, Power]], power: Power, terms: Terms) -> str | None:
    """The first group with room for this."""
    return next((to for to, stands in rooms if (stands + power).size_w <= terms.group_max_w), None)
