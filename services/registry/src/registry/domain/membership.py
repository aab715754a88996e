"""What becomes of a member: control goes to another BSP, its BRP changes, it grows, its last day has come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from contracts import calendar
from contracts.bsp_switch import v1 as bsp_switch
from contracts.message import Event
from contracts.registry import v1
from registry.domain.group import Group, Member, MustLeave, WhyLeave
from registry.domain.known import Brps, Supply
from registry.domain.terms import Terms


def decide_switch(
    state: Group, *, group_id: str, metering_point_id: str, announced: bsp_switch.SwitchAnnounced
) -> list[Event]:
    """A switch is announced: the membership ends at its midnight, with the sums from then (D26)."""
    member = state.members[metering_point_id]
    if state.bsp != announced.outgoing or member.ends.get("switch") == max(announced.start, member.valid_from):
        return []
    return [announce(state, group_id, metering_point_id, because="switch", valid_to=announced.start)]


def announce(
    state: Group, group_id: str, metering_point_id: str, *, because: v1.WhyEnd, valid_to: datetime
) -> v1.MembershipEndAnnounced:
    """A membership is to end, with the sums from then. What is told late may end it where it began, not before."""
    member = state.members[metering_point_id]
    valid_to = max(valid_to, member.valid_from)
    power = state.power_from(valid_to)
    if member.over is None or member.over[0] > valid_to:
        power -= member.power
    return v1.MembershipEndAnnounced(
        group_id=group_id,
        metering_point_id=metering_point_id,
        bsp=state.bsp,
        dso=member.dso,
        valid_to=valid_to,
        because=because,
        declared_up_w=power.up_w,
        declared_down_w=power.down_w,
    )


def cancel(state: Group, group_id: str, metering_point_id: str, *, because: v1.WhyEnd) -> v1.MembershipEndCancelled:
    """What was to end a membership is taken back."""
    member = state.members[metering_point_id]
    return v1.MembershipEndCancelled(
        group_id=group_id,
        metering_point_id=metering_point_id,
        bsp=state.bsp,
        dso=member.dso,
        because=because,
        valid_to=min((end for why, end in member.ends.items() if why != because), default=None),
    )


def decide_end(state: Group, *, group_id: str, at: datetime) -> list[Event]:
    """The moment has come: those who leave then are out, with the sums from then (D9, D26)."""
    events: list[Event] = []
    for valid_to in sorted(end for end in state.ends if end <= at):
        power = state.power_from(valid_to)
        for metering_point_id in state.ends[valid_to].metering_points:
            member = state.members[metering_point_id]
            if member.over is None:
                continue
            events.append(
                v1.MembershipEnded(
                    group_id=group_id,
                    metering_point_id=metering_point_id,
                    bsp=state.bsp,
                    dso=member.dso,
                    valid_to=valid_to,
                    because=member.over[1],
                    declared_up_w=power.up_w,
                    declared_down_w=power.down_w,
                )
            )
    return events


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
    mark = _misfit(state, member, supply, terms, at) if terms.single_brp else None
    former = member.must_leave.get("brp")
    if mark is None:
        if former is None:
            return []
        stay = v1.MemberMayStay(
            group_id=group_id,
            metering_point_id=metering_point_id,
            bsp=state.bsp,
            dso=member.dso,
            because="brp",
        )
        return [stay]
    if former is not None and (former.since, former.brps) == (mark.since, mark.brps):
        return []
    to = next(
        (
            other_id
            for other_id, other in others.items()
            if other_id != group_id and other is not None and _has_room(other, state, member, mark.brps, terms)
        ),
        None,
    )
    return [must_leave(state, group_id, metering_point_id, because="brp", mark=mark, to=to, terms=terms)]


def _misfit(state: Group, member: Member, supply: Supply, terms: Terms, at: datetime) -> MustLeave | None:
    """The first period with other BRPs that lasts to its leave date; one that is over by then makes nobody leave."""
    for start, end in supply.runs_without(state.brps):
        if end is not None and end <= member.valid_from:
            continue
        if any(end <= start for end in member.ends.values()):
            return None
        since = max(start, member.valid_from)
        leave_by = leave_by_date(since, terms, at)
        if end is None or leave_by < end:
            delivery = supply.at(leave_by)
            return MustLeave(since, leave_by, delivery.brps if delivery else state.brps)
    return None


def leave_by_date(since: datetime, terms: Terms, at: datetime) -> datetime:
    """That midnight and the days; a date already past means the next midnight (D9, D25)."""
    midnight = since if calendar.is_midnight(since) else calendar.next_midnight(since)
    leave_by = calendar.add_local_days(midnight, terms.must_leave_days)
    return leave_by if leave_by > at else calendar.next_midnight(at)


def _has_room(other: Group, state: Group, member: Member, brps: Brps, terms: Terms) -> bool:
    return other.zone == state.zone and other.brps == brps and (other.power + member.power).size_w <= terms.group_max_w


def must_leave(
    state: Group,
    group_id: str,
    metering_point_id: str,
    *,
    because: WhyLeave,
    mark: MustLeave,
    to: str | None,
    terms: Terms,
) -> v1.MemberMustLeave:
    """A member is marked, with a proposal: the group `to`, or to leave."""
    return v1.MemberMustLeave(
        group_id=group_id,
        metering_point_id=metering_point_id,
        bsp=state.bsp,
        dso=state.members[metering_point_id].dso,
        because=because,
        since=mark.since,
        leave_by=mark.leave_by,
        brp_consumption=mark.brps.consumption,
        brp_production=mark.brps.production,
        proposal="leave" if to is None else "move",
        proposed_group_id=to,
        must_leave_days=terms.must_leave_days,
        point_limit_w=terms.point_limit_w if because == "size" else None,
    )
