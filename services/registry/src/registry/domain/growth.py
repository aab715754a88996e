"""What a member counts when what stands behind its point changes (D25)."""

from __future__ import annotations

from datetime import datetime

from contracts.message import Event
from contracts.registry import v1
from registry.domain import rules
from registry.domain.group import Group, MustLeave
from registry.domain.known import Supply
from registry.domain.membership import leave_by_date, must_leave
from registry.domain.power import Power
from registry.domain.terms import Terms


def decide_growth(
    state: Group,
    *,
    group_id: str,
    registered: v1.ResourceRegistered,
    supply: Supply | None,
    terms: Terms,
    at: datetime,
) -> list[Event]:
    """More stands behind a member's point than before (D25).

    Under the limit of a point it counts at once, if the group has room. From the limit on it is accepted, but the
    member must leave, and counts at its former value until then.
    """
    metering_point_id = registered.metering_point_id
    behind = Power(registered.behind_up_w, registered.behind_down_w)
    member = state.members[metering_point_id]
    if behind.size_w >= terms.point_limit_w:
        if "size" in member.must_leave:
            return []
        delivery = supply.at(at) if supply else None
        brps = delivery.brps if delivery else state.brps
        mark = MustLeave(at, leave_by_date(at, terms, at), brps)
        return [must_leave(state, group_id, metering_point_id, because="size", mark=mark, to=None, terms=terms)]
    power = state.power - member.power + behind
    if power.size_w > terms.group_max_w:
        raise rules.GROUP_ABOVE_MAX.refused(limit=terms.group_max_w, actual=power.size_w, unit="W")
    if behind == member.power:
        return []
    return [
        v1.MemberPowerChanged(
            group_id=group_id,
            metering_point_id=metering_point_id,
            bsp=state.bsp,
            dso=member.dso,
            valid_from=at,
            up_w=behind.up_w,
            down_w=behind.down_w,
            declared_up_w=power.up_w,
            declared_down_w=power.down_w,
            group_max_w=terms.group_max_w,
            point_limit_w=terms.point_limit_w,
        )
    ]
