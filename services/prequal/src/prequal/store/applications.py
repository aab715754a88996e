"""Applications."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chassis.service import SUBJECT, Deadline, Kind
from contracts.prequal import v1
from prequal.domain import application

DECIDE_BY = "decide-by"
QUEUE_LAPSE = "queue-lapse"


def _application_deadlines(state: application.Application) -> Iterable[Deadline]:
    if state.status in {"received", "assessed"} and not state.overdue:
        yield Deadline(state.decide_by, DECIDE_BY)
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
        v1.GridAssessmentRequested: SUBJECT,
        v1.GridAssessed: SUBJECT,
        v1.GridAssessmentOverdue: SUBJECT,
        v1.GridAssessmentReleased: SUBJECT,
        v1.PrequalificationDecided: SUBJECT,
        v1.PrequalificationOverdue: SUBJECT,
        v1.ApplicationQueued: SUBJECT,
        v1.VolumeReserved: SUBJECT,
        v1.ApplicationLapsed: SUBJECT,
        v1.ApplicationReplaced: SUBJECT,
        v1.ApprovalReduced: _application,
        v1.ApprovalEnded: _application,
    },
    deadlines=_application_deadlines,
)

KINDS = (APPLICATION,)
