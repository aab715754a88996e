"""What becomes of a member when other resources, or more or less of them, are active behind its point (D1, D25)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from contracts import calendar, values
from contracts.message import Event, Reason, Refused
from contracts.registry import v1
from registry.domain import membership, rules
from registry.domain.group import Group, MustLeave
from registry.domain.known import Supply
from registry.domain.power import Power
from registry.domain.terms import Terms


def decide_behind(
    state: Group,
    *,
    group_id: str,
    metering_point_id: str,
    behind: Power,
    supply: Supply | None,
    terms: Terms,
    at: datetime,
) -> list[Event]:
    """What stands behind a member's point is something else than before, however that came.

    Under the limit of a point it counts at once, if the group has room. From the limit on the member must leave, and
    counts what it did before, as far as that is still there; whoever shrinks back under the limit may stay, if the
    group has room for the difference. With nothing active behind it a member counts nothing, and ends at the next
    midnight unless a resource is active again before.
    """
    member = state.members[metering_point_id]
    large = behind.size_w >= terms.point_limit_w
    counted = _common(member.power, behind) if large else behind
    power = state.power - member.power + counted
    # What was above the limit before, by a policy that has changed, may stay so but not grow.
    if power.size_w > max(terms.group_max_w, state.power.size_w):
        raise rules.GROUP_ABOVE_MAX.refused(limit=terms.group_max_w, actual=power.size_w, unit="W")
    events: list[Event] = []
    if behind.size_w and "no-resource" in member.ends:
        events.append(membership.cancel(state, group_id, metering_point_id, because="no-resource"))
    if not large and "size" in member.must_leave:
        events.append(
            v1.MemberMayStay(
                group_id=group_id,
                metering_point_id=metering_point_id,
                bsp=state.bsp,
                dso=member.dso,
                because="size",
            )
        )
    if counted != member.power:
        events.append(_power_changed(state, group_id, metering_point_id, counted=counted, terms=terms, at=at))
    if large and "size" not in member.must_leave:
        delivery = supply.at(at) if supply else None
        brps = delivery.brps if delivery and delivery.complete else member.brps or state.brps
        assert brps is not None, "a group with members has its members' BRPs"
        mark = MustLeave(at, membership.leave_by_date(at, terms, at), brps)
        events.append(
            membership.must_leave(state, group_id, metering_point_id, because="size", mark=mark, to=None, terms=terms)
        )
    if not behind.size_w and "no-resource" not in member.ends:
        midnight = calendar.next_midnight(at)
        events.append(membership.announce(state, group_id, metering_point_id, because="no-resource", valid_to=midnight))
    return events


def notices(told: Sequence[Event], behind: Power) -> tuple[Reason, ...]:
    """What the BSP is told with its command when the member must leave for it."""
    return tuple(
        rules.MEMBER_TOO_LARGE_NOW.reason(limit=values.time_text(event.leave_by), actual=behind.size_w)
        for event in told
        if isinstance(event, v1.MemberMustLeave)
    )


def doubtful(state: Group, terms: Terms) -> list[str]:
    """The members whose mark, or the want of one, the limit of a point may contradict."""
    return [
        metering_point_id
        for metering_point_id, member in state.members.items()
        if "size" in member.must_leave or member.power.size_w >= terms.point_limit_w
    ]


def decide_limit(
    state: Group,
    *,
    group_id: str,
    metering_point_id: str,
    behind: Power,
    supply: Supply | None,
    terms: Terms,
    at: datetime,
) -> list[Event]:
    """The limit is another one, and what stands behind a member's point is the same (D1: re-tested on every change).

    Whoever is under a higher limit now but has no room in its group with all that it can, must leave as before.
    """
    try:
        return decide_behind(
            state,
            group_id=group_id,
            metering_point_id=metering_point_id,
            behind=behind,
            supply=supply,
            terms=terms,
            at=at,
        )
    except Refused:
        return []


def _power_changed(
    state: Group, group_id: str, metering_point_id: str, *, counted: Power, terms: Terms, at: datetime
) -> v1.MemberPowerChanged:
    member = state.members[metering_point_id]
    power = state.power - member.power + counted
    return v1.MemberPowerChanged(
        group_id=group_id,
        metering_point_id=metering_point_id,
        bsp=state.bsp,
        dso=member.dso,
        valid_from=at,
        up_w=counted.up_w,
        down_w=counted.down_w,
        declared_up_w=power.up_w,
        declared_down_w=power.down_w,
        group_max_w=terms.group_max_w,
        point_limit_w=terms.point_limit_w,
    )


def _common(former: Power, behind: Power) -> Power:
    return Power(min(former.up_w, behind.up_w), min(former.down_w, behind.down_w))
