"""The grid assessment: a DSO's answer for its own points, or its silence (R36, R37, R38, D11, D12)."""

from __future__ import annotations

from datetime import datetime

from contracts.message import Event, Reason, Refused, RefusedRow, Rule
from contracts.prequal import v1
from prequal.domain import known, rules
from prequal.domain.application import Application, Asked, answered

OPEN = frozenset({"received", "assessed", "approved", "queued", "admitted"})
"""Where an answer still matters: a late DSO's points count 0 W until it answers, even after the decision (D11)."""


def decide(
    state: Application | None, command: v1.AssessGrid, *, dso: str, group: known.Group | None, at: datetime
) -> list[Event]:
    """A DSO answers, once.

    Refuses with DSO_NOT_ASKED (also where there is no such application: it is not revealed), DSO_ALREADY_ANSWERED,
    NOT_UNDER_DECISION, LIMIT_REASON_REQUIRED, LIMITS_CONTRADICT_DECISION, LIMIT_NOT_YOUR_POINT, LIMIT_ABOVE_DECLARED.
    """
    if state is None or group is None or (asked := state.asked.get(dso)) is None:
        raise rules.DSO_NOT_ASKED.refused()
    if asked.answer != "none":
        raise rules.DSO_ALREADY_ANSWERED.refused(actual=asked.answer)
    if state.status not in OPEN:
        raise rules.NOT_UNDER_DECISION.refused(actual=state.status)
    _check_reasons(command)
    _check_limits(command, asked)
    after = answered(state, command, dso=dso)
    deliverable = known.deliverable(group, after.allowed, at=at)
    return [
        v1.GridAssessed(
            application_id=state.application_id,
            group_id=state.group_id,
            bsp=state.bsp,
            dso=dso,
            decision=command.decision,
            limits=command.limits,
            text=command.text,
            late=asked.late,
            deliverable_up_w=deliverable.up_w,
            deliverable_down_w=deliverable.down_w,
            still_asked=after.waited_for,
        )
    ]


def _check_reasons(command: v1.AssessGrid) -> None:
    """What is limited has a technical reason (R37), and an approval has no limits."""
    if command.decision == "limited" and not command.limits:
        raise rules.LIMIT_REASON_REQUIRED.refused(path="/limits")
    if command.decision == "rejected" and not command.limits and not command.text.strip():
        raise rules.LIMIT_REASON_REQUIRED.refused(path="/text")
    for row, limit in enumerate(command.limits):
        if limit.reason_code == "other" and not limit.text.strip():
            raise rules.LIMIT_REASON_REQUIRED.refused(path=f"/limits/{row}/text")
    if command.decision == "approved" and command.limits:
        raise rules.LIMITS_CONTRADICT_DECISION.refused(path="/limits", actual=command.decision)
    if command.decision == "rejected" and any(limit.up_w or limit.down_w for limit in command.limits):
        raise rules.LIMITS_CONTRADICT_DECISION.refused(path="/limits", actual=command.decision)


def _check_limits(command: v1.AssessGrid, asked: Asked) -> None:
    """Every limit is on one of its points and no higher than what that declares; all wrong rows are told."""
    reasons: dict[str, Reason] = {}
    rows: list[RefusedRow] = []

    def wrong(rule: Rule, row: int, name: str, *, limit: int | None = None, actual: int | str) -> None:
        unit = None if limit is None else "W"
        reasons.setdefault(rule.key, rule.reason(path=f"/limits/{row}/{name}", limit=limit, actual=actual, unit=unit))
        rows.append(RefusedRow(row=row, code=rule.key, actual=actual))

    for row, limit in enumerate(command.limits):
        declared = asked.points.get(limit.metering_point_id)
        if declared is None:
            wrong(rules.LIMIT_NOT_YOUR_POINT, row, "metering_point_id", actual=limit.metering_point_id)
        elif limit.up_w > declared.up_w:
            wrong(rules.LIMIT_ABOVE_DECLARED, row, "up_w", limit=declared.up_w, actual=limit.up_w)
        elif limit.down_w > declared.down_w:
            wrong(rules.LIMIT_ABOVE_DECLARED, row, "down_w", limit=declared.down_w, actual=limit.down_w)
    if rows:
        raise Refused(*reasons.values(), rows=tuple(rows))


def decide_overdue(state: Application, *, at: datetime) -> list[Event]:
    """The due date has come: the case goes to the TSO with every DSO that is still waited for marked late (D11)."""
    return [
        v1.GridAssessmentOverdue(
            application_id=state.application_id, group_id=state.group_id, dso=dso, due_at=state.asked[dso].due_at
        )
        for dso in state.waited_for
        if state.asked[dso].due_at <= at
    ]
