"""What becomes of a member: control of its point ends or goes on after all, it must leave, its last day has come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from contracts import calendar
from contracts.message import Event
from contracts.registry import v1
from registry.domain import group as groups
from registry.domain.group import Group, MustLeave, WhyLeave
from registry.domain.holder import Holder
from registry.domain.power import Power
from registry.domain.terms import Terms

CONTROL: Final[tuple[v1.WhyEnd, ...]] = ("switch", "control-ended")
"""What ends with control of the point: another BSP holds it, or nobody does."""


@dataclass(frozen=True, slots=True)
class Together:
    """Members that must leave for the same BRPs, and what they count."""

    members: int
    power: Power


def decide_control(state: Group, *, group_id: str, metering_point_id: str, holder: Holder) -> list[Event]:
    """The membership ends where its BSP's control of the point does (D26, D30): announce it, move it, take it back."""
    events: list[v1.MembershipEndAnnounced | v1.MembershipEndCancelled] = []
    member = state.members[metering_point_id]
    ends = holder.ends_of(state.bsp, member.valid_from)
    for because, end in ends.items():
        if member.ends.get(because) != end:
            events.append(announce(state, group_id, metering_point_id, because=because, valid_to=end))
            state = groups.evolve(state, events[-1])
    for because in CONTROL:
        if because in member.ends and because not in ends:
            events.append(cancel(state, group_id, metering_point_id, because=because))
            state = groups.evolve(state, events[-1])
    return [*events]


def announce(
    state: Group, group_id: str, metering_point_id: str, *, because: v1.WhyEnd, valid_to: datetime
) -> v1.MembershipEndAnnounced:
    """A membership is to end, with the sums from then. What is told late may end it where it began, not before."""
    valid_to = max(valid_to, state.members[metering_point_id].valid_from)
    (announced,) = announce_all(state, group_id, (metering_point_id,), because=because, valid_to=valid_to)
    return announced


def announce_all(
    state: Group, group_id: str, metering_points: Iterable[str], *, because: v1.WhyEnd, valid_to: datetime
) -> list[v1.MembershipEndAnnounced]:
    """Memberships are to end, one behind the other, each with the sums from then."""
    events: list[v1.MembershipEndAnnounced] = []
    power = state.power_from(valid_to)
    for metering_point_id in metering_points:
        member = state.members[metering_point_id]
        if member.over is None or member.over[0] > valid_to:
            power -= member.power
        events.append(
            v1.MembershipEndAnnounced(
                group_id=group_id,
                metering_point_id=metering_point_id,
                bsp=state.bsp,
                dso=member.dso,
                valid_to=valid_to,
                because=because,
                declared_up_w=power.up_w,
                declared_down_w=power.down_w,
            )
        )
    return events


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
    """The moment has come: those who leave then are out, with the sums from then (D9, D26).

    A group that was to end has ended when its last member is out.
    """
    events: list[Event] = []
    left = len(state.members)
    for valid_to in sorted(end for end in state.ends if end <= at):
        power = state.power_from(valid_to)
        for metering_point_id in state.ends[valid_to].metering_points:
            member = state.members[metering_point_id]
            if member.over is None:
                continue
            left -= 1
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
        if not left and state.status == "ending":
            ended = v1.GroupEnded(group_id=group_id, bsp=state.bsp, zone=state.zone, valid_to=valid_to, because="left")
            events.append(ended)
    return events


def leave_by_date(since: datetime, terms: Terms, at: datetime) -> datetime:
    """That midnight and the days; a date already past means the next midnight (D9, D25)."""
    midnight = since if calendar.is_midnight(since) else calendar.next_midnight(since)
    leave_by = calendar.add_local_days(midnight, terms.must_leave_days)
    return leave_by if leave_by > at else calendar.next_midnight(at)


def must_leave(
    state: Group,
    group_id: str,
    metering_point_id: str,
    *,
    because: WhyLeave,
    mark: MustLeave,
    to: str | None,
    terms: Terms,
    together: Together | None = None,
) -> v1.MemberMustLeave:
    """A member is marked, with a proposal: the group `to`, to be split off with those `together`, or to leave."""
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
        proposal="split-off" if together else "move" if to else "leave",
        proposed_group_id=to,
        must_leave_days=terms.must_leave_days,
        point_limit_w=terms.point_limit_w if because == "size" else None,
        together=together.members if together else None,
        together_up_w=together.power.up_w if together else None,
        together_down_w=together.power.down_w if together else None,
        group_min_w=terms.group_min_w if together else None,
    )
