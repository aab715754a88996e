"""The grid assessment: whom it concerns, what it answers for its own points, and its silence (R36 to R38, D11, D12)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from contracts import calendar
from contracts.message import Event
from contracts.policies import Policies
from contracts.prequal import v1
from prequal.domain import answer_checks, application, clocks, grid, known, limits, rules
from prequal.domain.application import Application
from prequal.domain.grid import Figures, Grid, Part, Question
from prequal.domain.places import Places

OPEN = application.ALIVE
"""Where an answer still matters: a late DSO's points count 0 W until it answers, even after the decision (D11)."""


# Asking


def decide_ask(
    state: Grid,
    points: Mapping[str, known.Membership],
    areas: Mapping[str, known.GridArea],
    *,
    asking: Application,
    because: v1.WhyAsked,
    policies: Policies,
    at: datetime,
    moved: Mapping[str, Collection[str]] | None = None,
) -> list[Event]:
    """Ask every DSO that is concerned by some of these points about what it has not been asked, or about less.

    `asking`: the application that it is asked in. `moved`: the points that lie at another substation now, each with the
    substations above where it lay and where it lies; or below others, each with those that are new or gone. A question
    about one that stands open is asked again if it has a new place; an answer that rests on a place, by a limit there,
    no longer counts, and is asked for again.
    """
    question = _question(asking, because=because, policies=policies, at=at)
    elsewhere = moved or {}
    events: list[Event] = []
    for dso, own in known.concerned(points, areas, at=at).items():
        part = state.parts.get(dso, Part())
        anew = {point for point in own if part.rests_on_place(point, elsewhere.get(point, ()), at=at)}
        new = {point for point, stay in own.items() if not part.covers(point, stay.power)} - anew
        if because != "hierarchy":
            new |= (part.questions.keys() & elsewhere.keys() & own.keys()) - anew
        events += (
            question(
                dso=dso,
                points=tuple(_asked(point, stay) for point, stay in own.items() if point in asked),
                anew=asked is anew,
            )
            for asked in (new, anew)
            if asked
        )
    return events


def decide_ask_more(
    state: Grid, group: known.Group, *, asking: Application, policies: Policies, at: datetime
) -> list[Event]:
    """Ask each DSO that has answered on less, or another product, about the figures alone (D29).

    Its answers about its points stand. One that has not answered at all is asked about its points again, with the new
    figures.
    """
    figures = Figures(asking.applied, asking.ramp_w_per_minute, asking.product)
    question = _question(asking, because="grown", policies=policies, at=at)
    events: list[Event] = []
    for dso, part in sorted(state.parts.items()):
        stays = {point: stay for point in part.questions if (stay := group.stay(point, at=at))}
        if part.agreed_on:
            asked = part.more.figures if part.more else None
            if not part.has_agreed(figures) and not (asked and asked.covers(figures)):
                is_other = figures.product not in part.agreed_on
                events.append(question(dso=dso, points=(), more_power=True, other_product=is_other))
        elif stays and not all(one.figures.covers(figures) for one in part.open if one.figures):
            events.append(question(dso=dso, points=tuple(_asked(point, stay) for point, stay in stays.items())))
    return events


def decide_release_more(state: Grid, *, application_id: str, group_id: str) -> list[Event]:
    """What was applied for is taken back: nobody is asked about more any longer."""
    events: list[Event] = []
    for dso, part in sorted(state.parts.items()):
        if part.more is not None:
            released = v1.GridAssessmentReleased(
                application_id=application_id, group_id=group_id, dso=dso, points=(), concerned=True,
                more_power=True, still_open=bool(part.questions), still_asked=(),
            )  # fmt: skip
            state = grid.evolve(state, released)
            events.append(released.model_copy(update={"still_asked": state.waited_for}))
    return events


def _question(
    asking: Application, *, because: v1.WhyAsked, policies: Policies, at: datetime
) -> Callable[..., v1.GridAssessmentRequested]:
    """What every DSO is asked alike: until when, why, and what the group applies for."""
    due_at = calendar.after_days(at, policies.whole("dso.answer-days", at=at))
    days = policies.whole("prequalification.reminder-days", at=at)
    return partial(
        v1.GridAssessmentRequested,
        application_id=asking.application_id,
        group_id=asking.group_id,
        bsp=asking.bsp,
        due_at=due_at,
        because=because,
        asked_at=at,
        remind_at=clocks.reminder(due_at, days, since=at),
        product=asking.product,
        applied_up_w=asking.applied.up_w,
        applied_down_w=asking.applied.down_w,
        ramp_w_per_minute=asking.ramp_w_per_minute,
    )


def _asked(point: str, stay: known.Membership) -> v1.AskedPoint:
    return v1.AskedPoint(
        metering_point_id=point,
        grid_area=stay.grid_area,
        substation=stay.substation,
        up_w=stay.power.up_w,
        down_w=stay.power.down_w,
    )


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
    places: Places,
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
    if not part.open or (command.more_power and part.more is None):
        raise rules.DSO_ALREADY_ANSWERED.refused(actual=len(part.answers))
    part = _asked_until(part, command.asked_until) if command.asked_until else part
    if not part.open:
        raise rules.DSO_ALREADY_ANSWERED.refused(path="/asked_until", actual=len(part.answers))
    points = _answered_points(command, part)
    all_until_then = command.asked_until and not command.points
    more = part.more if command.more_power or all_until_then or not points else None
    answer_checks.check_reasons(command)
    declared = {point: question.power for point, question in points.items()}
    if more is not None:
        if command.decision == "rejected" and command.limits:
            raise rules.LIMITS_CONTRADICT_DECISION.refused(path="/limits", actual=command.decision)
        declared = {point: one.power for point, one in part.answers.items()} | declared
    answered = (*points.values(), *((more,) if more else ()))
    answer_checks.check_limits(command, declared, substations=places.of(dso), at=at)
    answer = v1.GridAssessed(
        application_id=state.application_id,
        group_id=state.group_id,
        bsp=state.bsp,
        dso=dso,
        decision=command.decision,
        limits=command.limits,
        text=command.text,
        late=any(question.late for question in answered),
        deliverable_up_w=0,
        deliverable_down_w=0,
        still_asked=(),
        points=tuple(points) if len(points) < len(part.points) else (),
        minimum_w=policies.whole("group.min-kw", at=at) * 1000,
        asked_at=min((each.asked_at for each in answered if each.asked_at), default=None),
        answered_at=at,
        more_power=more is not None,
    )
    return [with_figures(answer, asked, group=group, places=places, at=at)]


def with_figures(
    answer: v1.GridAssessed, asked: Grid, *, group: known.Group, places: Places, at: datetime
) -> v1.GridAssessed:
    """With what the group can deliver after it: silence counts 0, and beside that as if it let all through."""
    after = grid.answered(asked, answer)
    held = limits.standing(after, places.lines)
    power = limits.deliverable(group, after, held, at=at)
    at_most = limits.deliverable(group, grid.as_if_answered(after), held, at=at)
    figures = {
        "deliverable_up_w": power.up_w,
        "deliverable_down_w": power.down_w,
        "still_asked": after.waited_for,
        "below_minimum": power.size_w < answer.minimum_w,
        "answered_up_w": at_most.up_w,
        "answered_down_w": at_most.down_w,
        "answered_below_minimum": at_most.size_w < answer.minimum_w,
    }
    return answer.model_copy(update=figures)


def _asked_until(part: Part, until: datetime) -> Part:
    """With only those of its open questions that it was asked by then."""

    def asked(question: Question | None) -> bool:
        return question is not None and question.asked_at is not None and question.asked_at <= until

    questions = {point: question for point, question in part.questions.items() if asked(question)}
    return replace(part, questions=questions, more=part.more if asked(part.more) else None)


def _answered_points(command: v1.AssessGrid, part: Part) -> dict[str, Question]:
    """The questions that are answered. What came in meanwhile is not answered unseen."""
    if not command.points and command.asked_until:
        return part.questions
    if not command.points and command.more_power:
        return {}
    if not command.points:
        requests = {question.request for question in part.open}
        if len(requests) > 1:
            raise rules.ANSWER_WHICH_POINTS.refused(path="/points", limit=1, actual=len(requests))
        return part.questions
    for row, point in enumerate(command.points):
        if point not in part.questions:
            raise rules.POINT_NOT_ASKED.refused(path=f"/points/{row}", actual=point)
    return {point: part.questions[point] for point in dict.fromkeys(command.points)}


def decide_reminder(state: Grid, *, application_id: str, group_id: str, at: datetime) -> list[Event]:
    """Every DSO whose time will soon be up is told so, once for each of its questions."""
    events: list[Event] = []
    for dso in state.dsos:
        questions = state.parts[dso].open
        soon = [each for each in questions if not each.late and each.remind_at and each.remind_at <= at]
        if soon:
            due_at = max(question.due_at for question in soon)
            said = {"application_id": application_id, "group_id": group_id, "dso": dso}
            events.append(v1.GridAssessmentReminded(**said, due_at=due_at, points=len(soon)))
    return events


def decide_overdue(state: Grid, *, application_id: str, group_id: str, bsp: str | None, at: datetime) -> list[Event]:
    """The due date has come: the case goes to the TSO with every DSO that is still waited for marked late (D11)."""
    events: list[Event] = []
    for dso in state.waited_for:
        questions = state.parts[dso].open
        due = [question.due_at for question in questions if not question.late and question.due_at <= at]
        if due:
            overdue = v1.GridAssessmentOverdue(
                application_id=application_id, group_id=group_id, bsp=bsp, dso=dso, due_at=max(due)
            )
            state = grid.evolve(state, overdue)
            events.append(overdue.model_copy(update={"still_asked": state.waited_for}))
    return events
