"""Members that their BSP lets leave a group, and those it lets stay after all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from contracts.message import Event
from contracts.registry import v1
from registry.domain import rules
from registry.domain.group import Group, Member
from registry.domain.group_life import leave_date, open_and_yours
from registry.domain.joining import lapse
from registry.domain.membership import announce_all, cancel
from registry.domain.rows import Fault, Listed, Rows


def decide_remove(state: Group | None, *, group_id: str, bsp: str, wish: v1.RemoveMembers, at: datetime) -> Listed:
    """Members leave at a midnight; until then they count (D26). Said again it moves the date.

    Who is no member yet, but to join later, does not: then, if no date is said, or by one that is no later.
    """
    state = open_and_yours(state, bsp)
    valid_to = leave_date(wish.valid_to, at)
    waiting = [
        each
        for each in dict.fromkeys(wish.metering_points)
        if each in state.joining
        and each not in state.members
        and (wish.valid_to is None or wish.valid_to <= state.joining[each].valid_from)
    ]
    named, rows = _named(state, wish.metering_points, wish.mode, lambda _: None, also=waiting)
    leaving = [each for each in named if each in state.members and state.members[each].ends.get("left") != valid_to]
    return Listed(
        [
            *announce_all(state, group_id, leaving, because="left", valid_to=valid_to),
            *(lapse(state, group_id, each, because="left") for each in named if each in waiting),
        ],
        rows,
    )


def decide_keep(state: Group | None, *, group_id: str, bsp: str, wish: v1.KeepMembers) -> Listed:
    """Members that were to leave stay. What else ends their membership stands."""
    state = open_and_yours(state, bsp)
    named, rows = _named(
        state,
        wish.metering_points,
        wish.mode,
        lambda member: None if "left" in member.ends else Fault(rules.MEMBER_NOT_LEAVING),
    )
    events: list[Event] = [cancel(state, group_id, each, because="left") for each in named]
    return Listed(events, rows)


def _named(
    state: Group,
    metering_points: Sequence[str],
    mode: v1.Mode,
    fault_of: Callable[[Member], Fault | None],
    also: Collection[str] = (),
) -> tuple[list[str], Rows]:
    """The members among the rows, and `also` these, each once; raises if the command cannot stand."""
    named: dict[str, None] = {}
    rows = Rows("/metering_points")
    for row, metering_point_id in enumerate(metering_points):
        member = state.members.get(metering_point_id)
        if metering_point_id in named:
            rows.refuse(row, Fault(rules.METERING_POINT_REPEATED))
        elif metering_point_id in also:
            named[metering_point_id] = None
        elif member is None:
            rows.refuse(row, Fault(rules.NOT_A_MEMBER))
        elif (fault := fault_of(member)) is not None:
            rows.refuse(row, fault)
        else:
            named[metering_point_id] = None
    if rows.refused and (mode == "all" or not named):
        raise rows.refusal()
    return list(named), rows
