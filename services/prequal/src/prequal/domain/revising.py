"""A DSO's answer corrected: by itself where it may, else where the TSO has reopened it (SOGL art. 182(4) and (5)).

While nothing is approved an answer is corrected freely. What is approved rests on it: then the DSO may allow more by
itself, what may be bid follows up to what is approved. Less for good is part of the prequalification, in which it acts
together with the TSO (art. 182(4)), so the TSO has to reopen it; what it may do alone before an activation is a
temporary limit (art. 182(5)).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from contracts.message import Event
from contracts.policies import Policies
from contracts.prequal import v1
from prequal.domain import answer_checks, application, grid, known, rules
from prequal.domain.application import Application, Status
from prequal.domain.assessment import OPEN, with_figures
from prequal.domain.grid import Grid, Part
from prequal.domain.places import Places

UNDECIDED: Final[frozenset[Status]] = application.WAITING - {"approved", "queued"}


def decide_revise(
    state: Application | None,
    asked: Grid | None,
    command: v1.ReviseAssessment,
    *,
    dso: str,
    group: known.Group | None,
    is_approved: bool,
    places: Places,
    policies: Policies,
    at: datetime,
) -> list[Event]:
    """A DSO's whole answer anew. `is_approved`: the group is, by this application or by the one that this extends.

    Refuses with DSO_NOT_ASKED, NOT_UNDER_DECISION, DSO_NOT_ANSWERED, ANSWER_TIGHTENS_APPROVED and as an answer does.
    """
    if state is None or asked is None or group is None or (part := asked.parts.get(dso)) is None:
        raise rules.DSO_NOT_ASKED.refused()
    if state.status not in OPEN:
        raise rules.NOT_UNDER_DECISION.refused(actual=state.status)
    if not part.answers:
        raise rules.DSO_NOT_ANSWERED.refused(actual=dso)
    answer_checks.check_reasons(command)
    declared = {point: one.power for point, one in part.answers.items()}
    answer_checks.check_limits(command, declared, substations=places.of(dso), at=at)
    answer = v1.GridAssessed(
        application_id=state.application_id,
        group_id=state.group_id,
        bsp=state.bsp,
        dso=dso,
        decision=command.decision,
        limits=command.limits,
        text=command.text,
        late=False,
        deliverable_up_w=0,
        deliverable_down_w=0,
        still_asked=(),
        points=tuple(part.answers) if part.questions else (),
        minimum_w=policies.whole("group.min-kw", at=at) * 1000,
        answered_at=at,
        revised=True,
    )
    is_free = state.status in UNDECIDED and not is_approved
    if not (is_free or part.reopened) and _tightens(part, grid.answered(asked, answer).parts[dso], at=at):
        raise rules.ANSWER_TIGHTENS_APPROVED.refused(path="/limits")
    return [with_figures(answer, asked, group=group, places=places, at=at)]


def decide_reopen(state: Application | None, asked: Grid | None, command: v1.ReopenAssessment) -> list[Event]:
    """The TSO lets a DSO answer anew, also with less.

    Refuses with APPLICATION_UNKNOWN, NOT_UNDER_DECISION, DSO_NOT_ANSWERED. Said again it is nothing.
    """
    if state is None or asked is None:
        raise rules.APPLICATION_UNKNOWN.refused()
    if state.status not in OPEN:
        raise rules.NOT_UNDER_DECISION.refused(actual=state.status)
    part = asked.parts.get(command.dso)
    if part is None or not part.answers:
        raise rules.DSO_NOT_ANSWERED.refused(path="/dso", actual=command.dso)
    if part.reopened:
        return []
    return [
        v1.GridAssessmentReopened(
            application_id=state.application_id,
            group_id=state.group_id,
            bsp=state.bsp,
            dso=command.dso,
            reasons=command.reasons,
        )
    ]


def _tightens(before: Part, after: Part, *, at: datetime) -> bool:
    """Whether anything may deliver less, at any moment from `at` on, than the answer before let it.

    A limit on several points is held against the one on the same before: where there was none it takes something, or
    may; so it is enough that no figure is lower and no such limit is new, lower or longer.
    """
    if any(one.allowed.at_most(after.answers[point].allowed) != one.allowed for point, one in before.answers.items()):
        return True
    return any(
        not any(_covers(old, new) for old in before.limits)
        for new in after.limits
        if new.valid_to is None or new.valid_to > at
    )


def _covers(old: v1.GridLimit, new: v1.GridLimit) -> bool:
    """Whether the old limit took at least as much, on the same, all the time that the new one holds."""
    same = (old.scope, old.metering_point_id, old.substation) == (new.scope, new.metering_point_id, new.substation)
    begun = old.valid_from is None or (new.valid_from is not None and old.valid_from <= new.valid_from)
    lasts = old.valid_to is None or (new.valid_to is not None and new.valid_to <= old.valid_to)
    lower = all(
        least is None or (cap is not None and cap <= least)
        for cap, least in ((old.up_w, new.up_w), (old.down_w, new.down_w))
    )
    return same and begun and lasts and lower
