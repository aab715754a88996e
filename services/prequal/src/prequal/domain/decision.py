"""The TSO's decision on an application (R42, D2, D4)."""

from __future__ import annotations

from datetime import datetime

from contracts.message import Event
from contracts.policies import Policies
from contracts.prequal import v1
from prequal.domain import known, limits, rules
from prequal.domain.application import Application
from prequal.domain.grid import Grid
from prequal.domain.power import Power
from prequal.domain.zone import Zone

UNDECIDED = frozenset({"received", "assessed"})


def decide(
    state: Application | None,
    command: v1.DecidePrequalification,
    *,
    grid: Grid | None,
    group: known.Group | None,
    zone: Zone | None,
    policies: Policies,
    at: datetime,
) -> list[Event]:
    """The TSO approves so much, or rejects, once every DSO has answered or is late.

    Refuses with APPLICATION_UNKNOWN, NOT_UNDER_DECISION, DSO_ANSWER_MISSING, APPROVED_ABOVE_APPLIED,
    APPROVED_ABOVE_DELIVERABLE, APPROVED_BELOW_MINIMUM, APPROVED_ABOVE_MAXIMUM, ZONE_CAP_MISSING.
    """
    if state is None or grid is None or group is None:
        raise rules.APPLICATION_UNKNOWN.refused()
    if state.status not in UNDECIDED:
        raise rules.NOT_UNDER_DECISION.refused(actual=state.status)
    if grid.waited_for:
        raise rules.DSO_ANSWER_MISSING.refused(actual=", ".join(grid.waited_for))
    deliverable = limits.deliverable(group, grid, limits.standing(grid), at=at)
    minimum_w = policies.whole("group.min-kw", at=at) * 1000
    maximum_w = policies.whole("group.max-kw", at=at) * 1000
    approved = Power(command.up_w, command.down_w) if command.decision == "approved" else Power(0, 0)
    if command.decision == "approved":
        rules.refuse_above(rules.APPROVED_ABOVE_APPLIED, approved, limit=state.applied)
        rules.refuse_above(rules.APPROVED_ABOVE_DELIVERABLE, approved, limit=deliverable)
        if approved.size_w < minimum_w:
            raise rules.APPROVED_BELOW_MINIMUM.refused(
                path=rules.larger(approved), limit=minimum_w, actual=approved.size_w, unit="W"
            )
        if approved.size_w > maximum_w:
            raise rules.APPROVED_ABOVE_MAXIMUM.refused(
                path=rules.larger(approved), limit=maximum_w, actual=approved.size_w, unit="W"
            )
        if zone is None or zone.cap is None:
            raise rules.ZONE_CAP_MISSING.refused(actual=state.zone)
    return [
        v1.PrequalificationDecided(
            application_id=state.application_id,
            group_id=state.group_id,
            bsp=state.bsp,
            dsos=grid.dsos,
            decision=command.decision,
            up_w=approved.up_w,
            down_w=approved.down_w,
            reasons=command.reasons,
            deliverable_up_w=deliverable.up_w,
            deliverable_down_w=deliverable.down_w,
            minimum_w=minimum_w,
            maximum_w=maximum_w,
        )
    ]


def decide_overdue(state: Application) -> list[Event]:
    """Three months have passed without a decision (SOGL art. 182(3)): it is told, and the application stands."""
    if state.status not in UNDECIDED or state.overdue:
        return []
    return [
        v1.PrequalificationOverdue(
            application_id=state.application_id, group_id=state.group_id, bsp=state.bsp, decide_by=state.decide_by
        )
    ]
