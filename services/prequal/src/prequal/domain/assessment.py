"""The grid assessment: whom it concerns, what it answers for its own points, and its silence (R36 to R38, D11, D12)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from contracts import calendar, values
from contracts.message import Event, Reason, Refused, RefusedRow, Rule
from contracts.policies import Policies
from contracts.prequal import v1
from prequal.domain import application, clocks, grid, known, limits, rules
from prequal.domain.application import Application
from prequal.domain.grid import Grid, Part, Question

OPEN = application.ALIVE
"""Where an answer still matters: a late DSO's points count 0 W until it answers, even after the decision (D11)."""


# Asking


def decide_ask(
    state: Grid,
    points: Mapping[str, known.Membership],
    areas: Mapping[str, known.GridArea],
    *,
    application_id: str,
    group_id: str,
    bsp: str,
    because: v1.WhyAsked,
    policies: Policies,
    at: datetime,
) -> list[Event]:
    """Ask every DSO that is concerned by some of these points about what it has not been asked, or about less."""
    due_at = calendar.after_days(at, policies.whole("dso.answer-days", at=at))
    days = policies.whole("prequalification.reminder-days", at=at)
    remind_at = clocks.reminder(due_at, days, since=at)
    events: list[Event] = []
    for dso, own in known.concerned(points, areas, at=at).items():
        part = state.parts.get(dso, Part())
        asked = tuple(
            v1.AskedPoint(
                metering_point_id=point,
                grid_area=stay.grid_area,
                substation=stay.substation,
                up_w=stay.power.up_w,
                down_w=stay.power.down_w,
            )
            for point, stay in own.items()
            if not part.covers(point, stay.power)
        )
        if asked:
            events.append(
                v1.GridAssessmentRequested(
                    application_id=application_id,
                    group_id=group_id,
                    bsp=bsp,
                    dso=dso,
                    points=asked,
                    due_at=due_at,
                    because=because,
                    asked_at=at,
                    remind_at=remind_at,
                )
            )
    return events


def decide_release(
    state: Grid,
    group: known.Group,
    points: Collection[str],
    areas: Mapping[str, known.GridArea],
    *,
    application_id: str,
    group_id: str,
    at: datetime,
) -> list[Event]:
    """Tell the DSOs that these points concern no more: each that has a question open, or that no point is left to.

    What a DSO has answered about a point that leaves stands: the point may come back.
    """
    stays = {point: stay for point in points if (stay := group.stay(point, at=at))}
    concerned = known.concerned(stays, areas, at=at)
    events: list[Event] = []
    for dso, part in sorted(state.parts.items()):
        gone = {point for point in points if part.is_about(point) and point not in concerned.get(dso, {})}
        concerned_still = not gone or any(
            point not in gone and group.stay(point, at=at) for point in (*part.answers, *part.questions)
        )
        if concerned_still:
            gone = {point for point in gone if point in stays or point in part.questions}
        if not gone:
            continue
        released = v1.GridAssessmentReleased(
            application_id=application_id,
            group_id=group_id,
            dso=dso,
            points=tuple(sorted(gone if concerned_still else part.points)),
            concerned=concerned_still,
            still_asked=(),
        )
        state = grid.evolve(state, released)
        events.append(released.model_copy(update={"still_asked": state.waited_for}))
    return events


# Answering


def decide(
    state: Application | None,
    asked: Grid | None,
    command: v1.AssessGrid,
    *,
    dso: str,
    group: known.Group | None,
    policies: Policies,
    at: datetime,
) -> list[Event]:
    """A DSO answers about points that it is asked about, each once for each question.

    Refuses with DSO_NOT_ASKED (also where there is no such application: it is not revealed), DSO_ALREADY_ANSWERED,
    NOT_UNDER_DECISION, ANSWER_WHICH_POINTS, POINT_NOT_ASKED, LIMIT_REASON_REQUIRED, LIMITS_CONTRADICT_DECISION,
    LIMIT_SCOPE_UNCLEAR, LIMIT_OFF_QUARTER, LIMIT_PERIOD_INVALID, LIMIT_NOT_YOUR_POINT, LIMIT_NOT_YOUR_SUBSTATION,
    LIMIT_ABOVE_DECLARED.
    """
    if state is None or asked is None or group is None or (part := asked.parts.get(dso)) is None:
        raise rules.DSO_NOT_ASKED.refused()
    if state.status not in OPEN:
        raise rules.NOT_UNDER_DECISION.refused(actual=state.status)
    if not part.questions:
        raise rules.DSO_ALREADY_ANSWERED.refused(actual=len(part.answers))
    points = _answered_points(command, part)
    _check_reasons(command)
    _check_limits(command, points, substations=_substations(group, part))
    answer = v1.GridAssessed(
        application_id=state.application_id,
        group_id=state.group_id,
        bsp=state.bsp,
        dso=dso,
        decision=command.decision,
        limits=command.limits,
        text=command.text,
        late=any(question.late for question in points.values()),
        deliverable_up_w=0,
        deliverable_down_w=0,
        still_asked=(),
        points=tuple(points) if len(points) < len(part.points) else (),
        minimum_w=policies.whole("group.min-kw", at=at) * 1000,
        asked_at=min((each.asked_at for each in points.values() if each.asked_at), default=None),
        answered_at=at,
    )
    after = grid.answered(asked, answer)
    power = limits.deliverable(group, after, limits.standing(after), at=at)
    figures = {
        "deliverable_up_w": power.up_w,
        "deliverable_down_w": power.down_w,
        "still_asked": after.waited_for,
        "below_minimum": power.size_w < answer.minimum_w,
    }
    return [answer.model_copy(update=figures)]


def _answered_points(command: v1.AssessGrid, part: Part) -> dict[str, Question]:
    """The questions that are answered. What came in meanwhile is not answered unseen."""
    if not command.points:
        requests = {question.request for question in part.questions.values()}
        if len(requests) > 1:
            raise rules.ANSWER_WHICH_POINTS.refused(path="/points", limit=1, actual=len(requests))
        return part.questions
    for row, point in enumerate(command.points):
        if point not in part.questions:
            raise rules.POINT_NOT_ASKED.refused(path=f"/points/{row}", actual=point)
    return {point: part.questions[point] for point in dict.fromkeys(command.points)}


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


def _substations(group: known.Group, part: Part) -> set[str]:
    """Where the DSO's points of the group lie."""
    stays = (stay for point in part.points for stay in group.members.get(point, ()))
    return {stay.substation for stay in stays if stay.substation is not None}


def _check_limits(command: v1.AssessGrid, points: Mapping[str, Question], *, substations: set[str]) -> None:
    """Every limit says what it is on, is on its own, and no higher than declared; all wrong rows are told."""
    reasons: dict[str, Reason] = {}
    rows: list[RefusedRow] = []
    for row, limit in enumerate(command.limits):
        wrong = _wrong(limit, points, substations)
        if wrong is not None:
            unit = "W" if isinstance(wrong.limit, int) else None
            path = f"/limits/{row}/{wrong.field}"
            reason = wrong.rule.reason(path=path, limit=wrong.limit, actual=wrong.actual, unit=unit)
            reasons.setdefault(wrong.rule.key, reason)
            rows.append(RefusedRow(row=row, code=wrong.rule.key, actual=wrong.actual))
    if rows:
        raise Refused(*reasons.values(), rows=tuple(rows))


class _Wrong(NamedTuple):
    rule: Rule
    field: str
    actual: int | str
    limit: int | str | None = None


def _wrong(limit: v1.GridLimit, points: Mapping[str, Question], substations: set[str]) -> _Wrong | None:
    """What is wrong with a limit, if anything."""
    keys = {"metering-point": limit.metering_point_id, "substation": limit.substation}
    needed = {limit.scope} & keys.keys()
    if {name for name, key in keys.items() if key is not None} != needed or (limit.up_w, limit.down_w) == (None, None):
        return _Wrong(rules.LIMIT_SCOPE_UNCLEAR, "scope", limit.scope)
    for name, moment in (("valid_from", limit.valid_from), ("valid_to", limit.valid_to)):
        if moment is not None and not calendar.is_quarter(moment):
            quarter = calendar.quarter_of(moment)
            return _Wrong(rules.LIMIT_OFF_QUARTER, name, values.time_text(moment), values.time_text(quarter))
    if limit.valid_to is not None and limit.valid_from is not None and limit.valid_to <= limit.valid_from:
        begin, end = values.time_text(limit.valid_from), values.time_text(limit.valid_to)
        return _Wrong(rules.LIMIT_PERIOD_INVALID, "valid_to", end, begin)
    if limit.substation is not None and limit.substation not in substations:
        return _Wrong(rules.LIMIT_NOT_YOUR_SUBSTATION, "substation", limit.substation)
    return _wrong_point(limit, limit.metering_point_id, points) if limit.metering_point_id else None


def _wrong_point(limit: v1.GridLimit, point: str, points: Mapping[str, Question]) -> _Wrong | None:
    question = points.get(point)
    if question is None:
        return _Wrong(rules.LIMIT_NOT_YOUR_POINT, "metering_point_id", point)
    if limit.up_w is not None and limit.up_w > question.power.up_w:
        return _Wrong(rules.LIMIT_ABOVE_DECLARED, "up_w", limit.up_w, question.power.up_w)
    if limit.down_w is not None and limit.down_w > question.power.down_w:
        return _Wrong(rules.LIMIT_ABOVE_DECLARED, "down_w", limit.down_w, question.power.down_w)
    return None


def decide_reminder(state: Grid, *, application_id: str, group_id: str, at: datetime) -> list[Event]:
    """Every DSO whose time will soon be up is told so, once for each of its questions."""
    events: list[Event] = []
    for dso in state.dsos:
        questions = state.parts[dso].questions.values()
        soon = [each for each in questions if not each.late and each.remind_at and each.remind_at <= at]
        if soon:
            due_at = max(question.due_at for question in soon)
            said = {"application_id": application_id, "group_id": group_id, "dso": dso}
            events.append(v1.GridAssessmentReminded(**said, due_at=due_at, points=len(soon)))
    return events


def decide_overdue(state: Grid, *, application_id: str, group_id: str, at: datetime) -> list[Event]:
    """The due date has come: the case goes to the TSO with every DSO that is still waited for marked late (D11)."""
    events: list[Event] = []
    for dso in state.waited_for:
        questions = state.parts[dso].questions.values()
        due = [question.due_at for question in questions if not question.late and question.due_at <= at]
        if due:
            overdue = v1.GridAssessmentOverdue(
                application_id=application_id, group_id=group_id, dso=dso, due_at=max(due)
            )
            state = grid.evolve(state, overdue)
            events.append(overdue.model_copy(update={"still_asked": state.waited_for}))
    return events
