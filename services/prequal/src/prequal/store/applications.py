"""Applications, the evidence that approvals rest on, and who kept the clocks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from chassis.service import SUBJECT, Deadline, Kind
from contracts.prequal import v1
from prequal.domain import application, evidence, statistics

REMINDER = "application-reminder"
QUEUE_LAPSE = "queue-lapse"
CLOCKS: dict[v1.ClockName, str] = {
    "completeness": "confirm-by",
    "missing-part": "supply-by",
    "decision": "decide-by",
    "split": "split-by",
    "verification": "verify-by",
    "reassessment": "reassess-by",
}
"""The deadline of each clock."""
PUBLISH = "publish-statistic"


def _application_deadlines(state: application.Application) -> Iterable[Deadline]:
    for one in state.clocks:
        if not one.is_overdue:
            yield Deadline(one.clock.due_at, CLOCKS[one.clock.clock])
        if one.reminder is not None:
            yield Deadline(one.reminder, REMINDER)
    if state.lapses_at is not None:
        yield Deadline(state.lapses_at, QUEUE_LAPSE)


def _application(event: Any) -> str:
    return event.application_id


APPLICATION = Kind(
    name="application",
    state=application.Application,
    evolve=application.evolve,
    folds={
        v1.ApplicationReceived: SUBJECT,
        v1.ApplicationPassed: SUBJECT,
        v1.CompletenessConfirmed: SUBJECT,
        v1.MissingPartRequested: SUBJECT,
        v1.ApplicationCompleted: SUBJECT,
        v1.ApplicationAmended: SUBJECT,
        v1.ApplicationWithdrawn: SUBJECT,
        v1.ApplicationReminded: SUBJECT,
        v1.ApplicationOverdue: SUBJECT,
        v1.ConcentrationFlagged: SUBJECT,
        v1.GridAssessmentRequested: SUBJECT,
        v1.GridAssessed: SUBJECT,
        v1.GridAssessmentReminded: SUBJECT,
        v1.GridAssessmentReopened: SUBJECT,
        v1.GridAssessmentOverdue: SUBJECT,
        v1.GridAssessmentReleased: SUBJECT,
        v1.SplitRequired: SUBJECT,
        v1.SplitSettled: SUBJECT,
        v1.TestActivationOrdered: SUBJECT,
        v1.TestResultRecorded: SUBJECT,
        v1.PrequalificationDecided: SUBJECT,
        v1.PrequalificationOverdue: SUBJECT,
        v1.ApplicationQueued: SUBJECT,
        v1.VolumeReserved: SUBJECT,
        v1.SinglePointAdmitted: SUBJECT,
        v1.ApplicationLapsed: SUBJECT,
        v1.ApplicationReplaced: SUBJECT,
        v1.ApprovalVerified: SUBJECT,
        v1.ReassessmentRequired: SUBJECT,
        v1.ApprovalReassessed: SUBJECT,
        v1.DocumentReferred: lambda event: event.on,
        v1.ApprovalReduced: _application,
        v1.ApprovalEnded: _application,
    },
    deadlines=_application_deadlines,
)


def _statistic_deadlines(state: statistics.Statistic) -> Iterable[Deadline]:
    if state.publish_at is not None:
        yield Deadline(state.publish_at, PUBLISH)


RECOGNISED = Kind(
    name="recognised-evidence",
    state=evidence.Recognised,
    evolve=evidence.evolve,
    folds=dict.fromkeys(get_args(evidence.Of), lambda event: event.bsp),
)
"""By BSP."""

CLOCK_STATISTIC = Kind(
    name="clock-statistic",
    state=statistics.Statistic,
    evolve=statistics.evolve,
    folds={
        **dict.fromkeys(
            (
                v1.CompletenessConfirmed,
                v1.MissingPartRequested,
                v1.ApplicationCompleted,
                v1.ApplicationWithdrawn,
                v1.ApplicationOverdue,
                v1.PrequalificationDecided,
                v1.PrequalificationOverdue,
                v1.ApprovalReassessed,
                v1.GridAssessed,
                v1.GridAssessmentOverdue,
                *statistics.OF_QUALIFICATION,
            ),
            statistics.counted,
        ),
        v1.ClockStatisticPublished: SUBJECT,
    },
    deadlines=_statistic_deadlines,
    shared=True,
)
"""By clock and party: `decision.tso`, `dso-answer.<GLN>`. Not held by an input that waits: it would hold them all."""

KINDS = (APPLICATION, RECOGNISED, CLOCK_STATISTIC)
