"""Early warnings of a group: near its limits, or of several BRPs. Each is told when it begins and when it is over."""

from __future__ import annotations

from datetime import datetime

from contracts.message import Event
from contracts.registry import v1
from registry.domain.group import Group
from registry.domain.terms import Terms


def decide_warnings(state: Group, *, group_id: str, terms: Terms, at: datetime) -> list[Event]:
    """What begins and what is over.

    The minimum is held against what the group will be by all that is announced (E6); a draft may be small, a group that
    ends will be. The maximum is held against what it is.
    """
    now = {
        warned.kind: warned
        for warned in (
            _minimum(state, group_id, terms, at),
            _maximum(state, group_id, terms, at),
            _mixed(state, group_id, terms, at),
        )
        if warned is not None
    }
    cleared = [
        v1.GroupWarningCleared(
            group_id=group_id, bsp=state.bsp, kind=kind, dsos=() if kind == "mixed-brp" else state.dsos
        )
        for kind in state.warned
        if kind not in now
    ]
    return [*cleared, *(warned for kind, warned in now.items() if kind not in state.warned)]


def _minimum(state: Group, group_id: str, terms: Terms, at: datetime) -> v1.GroupWarned | None:
    if state.status != "active":
        return None
    limit_w, margin_w = terms.group_min_w, terms.warn_margin_w
    moments = [at, *sorted(end for end in state.ends if end > at)]
    lowest_w = state.power_from(moments[-1]).size_w
    if lowest_w >= limit_w + margin_w:
        return None
    below = lowest_w < limit_w
    bound_w = limit_w if below else limit_w + margin_w
    since, size_w = next(
        (moment, size_w) for moment in moments if (size_w := state.power_from(moment).size_w) < bound_w
    )
    return v1.GroupWarned(
        group_id=group_id,
        bsp=state.bsp,
        kind="below-minimum" if below else "near-minimum",
        since=since,
        size_w=size_w,
        limit_w=limit_w,
        margin_w=margin_w,
        dsos=state.dsos,
    )


def _maximum(state: Group, group_id: str, terms: Terms, at: datetime) -> v1.GroupWarned | None:
    size_w = state.power.size_w
    if not state.is_open or terms.group_max_w - size_w >= terms.warn_margin_w:
        return None
    return v1.GroupWarned(
        group_id=group_id,
        bsp=state.bsp,
        kind="near-maximum",
        since=at,
        size_w=size_w,
        limit_w=terms.group_max_w,
        margin_w=terms.warn_margin_w,
        dsos=state.dsos,
    )


def _mixed(state: Group, group_id: str, terms: Terms, at: datetime) -> v1.GroupWarned | None:
    """Only where the policy lets a group be mixed: else whoever differs must leave (D9)."""
    if terms.single_brp or not state.is_open:
        return None
    others = sum(member.brps is not None and member.brps != state.brps for member in state.members.values())
    if not others:
        return None
    return v1.GroupWarned(group_id=group_id, bsp=state.bsp, kind="mixed-brp", since=at, members=others)
