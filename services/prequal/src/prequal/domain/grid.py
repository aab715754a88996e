"""What the DSOs concerned are asked about a group's points, and what they answered (R36, R37, D11, D12, D29).

It belongs to the group, not to an application: answers stand when the group grows, and only what is new is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from contracts.prequal import v1
from prequal.domain.power import NONE, Power


@dataclass(frozen=True, slots=True)
class Figures:
    """What a group applies for, as the DSOs are told it (SOGL art. 182(2))."""

    power: Power
    ramp_w_per_minute: int
    product: str

    def covers(self, other: Figures) -> bool:
        """Whether the other asks for no more, of the same product."""
        return (
            other.product == self.product
            and other.power.at_most(self.power) == other.power
            and other.ramp_w_per_minute <= self.ramp_w_per_minute
        )

    def or_more(self, other: Figures | None) -> Figures:
        """The larger of both, one by one; of the same product."""
        if other is None:
            return self
        up_w, down_w = max(self.power.up_w, other.power.up_w), max(self.power.down_w, other.power.down_w)
        return replace(
            self, power=Power(up_w, down_w), ramp_w_per_minute=max(self.ramp_w_per_minute, other.ramp_w_per_minute)
        )


@dataclass(frozen=True, slots=True)
class Question:
    """A point that a DSO is asked about."""

    power: Power
    """What it was declared with when the DSO was asked."""
    due_at: datetime
    request: int
    """Which of the DSO's questions about this group it is: 1, 2, …"""
    asked_at: datetime | None = None
    late: bool = False
    """The DSO did not answer in time; it still may (D11)."""
    remind_at: datetime | None = None
    """When it is to be reminded of it; None: it has been, or is not."""
    figures: Figures | None = None
    """What the group applied for then."""


@dataclass(frozen=True, slots=True)
class Assessed:
    """A point that a DSO has answered about: what it was declared with then, and what it may deliver of that."""

    power: Power
    allowed: Power


@dataclass(frozen=True, slots=True)
class Part:
    """A DSO's own part of a group."""

    questions: dict[str, Question] = field(default_factory=dict[str, Question])
    answers: dict[str, Assessed] = field(default_factory=dict[str, Assessed])
    limits: tuple[v1.GridLimit, ...] = ()
    """Those of its answers that are on more than one point, or on a period."""
    requests: int = 0
    reopened: bool = False
    """The TSO lets it answer anew, also with less than is approved."""
    more: Question | None = None
    """That the group applies for more than it has answered on, or for another product; its answers on points stand."""
    agreed_on: dict[str, Figures] = field(default_factory=dict[str, Figures])
    """By product: the most that it has answered on and not rejected; empty where it was never told."""
    refused: Figures | None = None
    """The more that it has rejected, until it corrects that."""

    @property
    def open(self) -> tuple[Question, ...]:
        """All that it has not answered."""
        return (*self.questions.values(), *((self.more,) if self.more else ()))

    @property
    def points(self) -> frozenset[str]:
        """The points that it was or is asked about."""
        return frozenset((*self.questions, *self.answers))

    def has_agreed(self, figures: Figures) -> bool:
        """Whether it has answered on so much of this product."""
        agreed = self.agreed_on.get(figures.product)
        return agreed is not None and agreed.covers(figures)

    @property
    def is_waited_for(self) -> bool:
        """A question stands open, and its time is not up."""
        return any(not question.late for question in self.open)

    def is_about(self, point: str) -> bool:
        """Whether it was or is asked about a point."""
        return point in self.answers or point in self.questions

    def covers(self, point: str, power: Power) -> bool:
        """Whether it is asked, or has answered, about so much at this point."""
        found = self.questions.get(point) or self.answers.get(point)
        return found is not None and power.at_most(found.power) == power

    def rests_on_place(self, point: str, places: Collection[str], *, at: datetime) -> bool:
        """Whether what it answered about a point that has moved rests on where it lay, or would on where it lies.

        `places`: the substations there and there, and those above them.
        """
        limits = (one for one in self.limits if one.valid_to is None or one.valid_to > at)
        return point in self.answers and any(one.substation in places for one in limits)

    def allows(self, point: str) -> Power | None:
        """What it lets a point deliver; None where it is not asked about it. Silence is never approval (D11)."""
        if (answer := self.answers.get(point)) is not None:
            return answer.allowed
        return NONE if point in self.questions else None


@dataclass(frozen=True, slots=True)
class Grid:
    """All DSOs' parts of a group, by GLN."""

    open: tuple[str, ...] = ()
    """The group's applications that are under way or approved: while there is one, the DSOs are asked."""
    parts: dict[str, Part] = field(default_factory=dict[str, Part])
    allowed: dict[str, Power] = field(default_factory=dict[str, Power])
    """The smallest that the DSOs allow each point in each direction (D12, R38); not named: 0 W."""

    @property
    def dsos(self) -> tuple[str, ...]:
        """The DSOs concerned, in order of GLN."""
        return tuple(sorted(self.parts))

    @property
    def waited_for(self) -> tuple[str, ...]:
        """The DSOs that have not answered all, and whose time is not up."""
        return tuple(dso for dso in self.dsos if self.parts[dso].is_waited_for)

    @property
    def due(self) -> set[datetime]:
        """When the time of some DSO is up."""
        questions = (question for part in self.parts.values() for question in part.open)
        return {question.due_at for question in questions if not question.late}

    @property
    def reminders(self) -> set[datetime]:
        """When some DSO is to be reminded."""
        questions = (question for part in self.parts.values() for question in part.open)
        return {question.remind_at for question in questions if question.remind_at and not question.late}


EMPTY = Grid()

Event = (
    v1.ApplicationReceived
    | v1.ApplicationReplaced
    | v1.PrequalificationDecided
    | v1.ApplicationLapsed
    | v1.ApplicationWithdrawn
    | v1.ApprovalEnded
    | v1.GridAssessmentRequested
    | v1.GridAssessed
    | v1.GridAssessmentReminded
    | v1.GridAssessmentReopened
    | v1.GridAssessmentOverdue
    | v1.GridAssessmentReleased
)


def evolve(state: Grid | None, event: Event) -> Grid:  # noqa: PLR0911 - one arm per event
    """Fold an own event."""
    state = state or EMPTY
    match event:
        case v1.ApplicationReceived():
            kept = state if state.open else EMPTY
            return replace(kept, open=(*kept.open, event.application_id))
        case v1.PrequalificationDecided() if event.decision == "approved":
            return state
        case v1.GridAssessmentRequested():
            return _requested(state, event)
        case v1.GridAssessed():
            return answered(state, event)
        case v1.GridAssessmentReminded():
            return _with(state, event.dso, _each(state.parts[event.dso], event.due_at, remind_at=None), points=())
        case v1.GridAssessmentReopened():
            return _with(state, event.dso, replace(state.parts[event.dso], reopened=True), points=())
        case v1.GridAssessmentOverdue():
            return _with(state, event.dso, _each(state.parts[event.dso], event.due_at, late=True), points=())
        case v1.GridAssessmentReleased():
            return _released(state, event)
        case _:
            return _closed(state, event.application_id)


def _each(part: Part, until: datetime, **changed: Any) -> Part:
    """With its open questions that are due by then changed."""

    def one(question: Question) -> Question:
        return replace(question, **changed) if question.due_at <= until else question

    questions = {point: one(question) for point, question in part.questions.items()}
    return replace(part, questions=questions, more=one(part.more) if part.more else None)


def _requested(state: Grid, event: v1.GridAssessmentRequested) -> Grid:
    part = state.parts.get(event.dso, Part())
    request = part.requests + 1
    figures = _figures(event)
    question = Question(NONE, event.due_at, request, event.asked_at, remind_at=event.remind_at, figures=figures)
    if event.more_power:
        return _with(state, event.dso, replace(part, more=question, requests=request), points=())
    new = {point.metering_point_id: replace(question, power=Power(point.up_w, point.down_w)) for point in event.points}
    answers = part.answers
    if event.anew:
        answers = {point: answer for point, answer in answers.items() if point not in new}
    part = replace(part, questions={**part.questions, **new}, answers=answers, requests=request)
    return _with(state, event.dso, part, points=new)


def _figures(event: v1.GridAssessmentRequested) -> Figures | None:
    """What the group applies for; questions of before DSOs were told it do not say."""
    up_w, down_w, ramp, product = (
        event.applied_up_w,
        event.applied_down_w,
        event.ramp_w_per_minute,
        event.product,
    )
    if up_w is None or down_w is None or ramp is None or product is None:
        return None
    return Figures(Power(up_w, down_w), ramp, product)


def answered(state: Grid, answer: v1.GridAssessed) -> Grid:
    """With a DSO's answer in it: what it says of single points at once, its other limits beside them."""
    part = state.parts[answer.dso]
    if answer.revised:
        return _revised(state, answer, part)
    named = answer.points or (() if answer.more_power else part.questions)
    points = {point: part.questions[point].power for point in named}
    part = _agreed(part, answer, [part.questions[point] for point in points])
    if answer.more_power:
        on_points = (limit.metering_point_id for limit in answer.limits if _is_standing(limit))
        points |= {point: part.answers[point].power for point in on_points if point in part.answers}
    answers = _answers(points, answer)
    wider = [limit for limit in answer.limits if not _is_standing(limit)]
    renewed = {(limit.scope, limit.metering_point_id or limit.substation) for limit in wider}
    renewed |= {("metering-point", point) for point in points}
    kept = (limit for limit in part.limits if (limit.scope, limit.metering_point_id or limit.substation) not in renewed)
    part = replace(
        part,
        questions={point: question for point, question in part.questions.items() if point not in points},
        answers={**part.answers, **answers},
        limits=(*kept, *wider),
    )
    return _with(state, answer.dso, part, points=points)


def _agreed(part: Part, answer: v1.GridAssessed, answered_now: Iterable[Question]) -> Part:
    """With what the group may apply for as far as this DSO is concerned, and without what that answers."""
    more, is_rejected = part.more, answer.decision == "rejected"
    for figures in (one.figures for one in answered_now if one.figures):
        # Points that are rejected count nothing; that says nothing of the others.
        if not (is_rejected and part.agreed_on):
            part = _with_agreed(part, figures)
    if answer.more_power and more and more.figures:
        part = replace(part, refused=more.figures) if is_rejected else _with_agreed(part, more.figures)
        part = part if is_rejected else replace(part, refused=None)
    is_answered = answer.more_power or (more and more.figures and part.has_agreed(more.figures))
    return replace(part, more=None) if is_answered else part


def _with_agreed(part: Part, figures: Figures) -> Part:
    """It has answered on these, too."""
    agreed = figures.or_more(part.agreed_on.get(figures.product))
    return replace(part, agreed_on={**part.agreed_on, figures.product: agreed})


def _revised(state: Grid, answer: v1.GridAssessed, part: Part) -> Grid:
    """All that it has answered is as it says now; what it is asked about beside that stands open."""
    answers = _answers({point: one.power for point, one in part.answers.items()}, answer)
    wider = tuple(limit for limit in answer.limits if not _is_standing(limit))
    if answer.decision != "rejected" and part.refused:
        part = replace(_with_agreed(part, part.refused), refused=None)
    return _with(state, answer.dso, replace(part, answers=answers, limits=wider, reopened=False), points=answers)


def _answers(points: Mapping[str, Power], answer: v1.GridAssessed) -> dict[str, Assessed]:
    """What an answer lets points deliver, of what they were declared with."""
    allowed = dict.fromkeys(points, NONE) if answer.decision == "rejected" else _point_limits(points, answer.limits)
    return {point: Assessed(power, allowed[point]) for point, power in points.items()}


def as_if_answered(state: Grid) -> Grid:
    """As if every question that stands open were answered with all that is declared."""
    after = state
    for dso, part in state.parts.items():
        let = {point: Assessed(question.power, question.power) for point, question in part.questions.items()}
        if let:
            answered_part = replace(part, questions={}, answers={**part.answers, **let})
            after = _with(after, dso, answered_part, points=let)
    return after


def _is_standing(limit: v1.GridLimit) -> bool:
    """Whether it is on one point and for ever: then it is the point's own figure."""
    return limit.scope == "metering-point" and limit.valid_from is None and limit.valid_to is None


def _point_limits(points: Mapping[str, Power], limits: Iterable[v1.GridLimit]) -> dict[str, Power]:
    """What each point may deliver; of two limits for one point the smaller counts."""
    found = dict(points)
    for limit in limits:
        point = limit.metering_point_id
        if point is None or not _is_standing(limit):
            continue
        power = found[point]
        found[point] = power.at_most(
            Power(
                power.up_w if limit.up_w is None else limit.up_w,
                power.down_w if limit.down_w is None else limit.down_w,
            )
        )
    return found


def _released(state: Grid, event: v1.GridAssessmentReleased) -> Grid:
    if not event.concerned:
        points = state.parts[event.dso].points
        parts = {dso: part for dso, part in state.parts.items() if dso != event.dso}
        return _allowing(replace(state, parts=parts), points)
    part = state.parts[event.dso]
    if event.more_power:
        return _with(state, event.dso, replace(part, more=None), points=())
    gone = frozenset(event.points)
    part = replace(
        part,
        questions={point: question for point, question in part.questions.items() if point not in gone},
        answers={point: answer for point, answer in part.answers.items() if point not in gone},
    )
    return _with(state, event.dso, part, points=gone)


def _closed(state: Grid, application_id: str) -> Grid:
    """An application is over; with the last of them nobody is asked any more."""
    state = replace(state, open=tuple(each for each in state.open if each != application_id))
    if state.open:
        return state
    return replace(state, parts={dso: replace(part, questions={}, more=None) for dso, part in state.parts.items()})


def _with(state: Grid, dso: str, part: Part, *, points: Iterable[str]) -> Grid:
    """With this DSO's part changed, as far as these points go."""
    return _allowing(replace(state, parts={**state.parts, dso: part}), points)


def _allowing(state: Grid, points: Iterable[str]) -> Grid:
    allowed = state.allowed.copy()
    for point in points:
        least: Power | None = None
        for part in state.parts.values():
            if (one := part.allows(point)) is not None:
                least = one if least is None else least.at_most(one)
        if least is None or least == NONE:
            allowed.pop(point, None)
        else:
            allowed[point] = least
    return replace(state, allowed=allowed)
