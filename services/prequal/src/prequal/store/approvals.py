"""What stands for groups, and what DSOs have said of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from chassis.service import SUBJECT, Deadline, Kind
from contracts.prequal import v1
from prequal.domain import approval, grid

APPROVAL_END = "approval-end"
UNQUALIFIED_END = "unqualified-end"
STEP_LOOK = "megawatt-step"
DSO_ANSWER = "dso-answer"
DSO_REMINDER = "dso-answer-reminder"


def _approval_deadlines(state: approval.GroupApproval) -> Iterable[Deadline]:
    if (ends_at := state.ends_at) is not None:
        yield Deadline(ends_at, APPROVAL_END)
    if state.admitted is not None and state.unqualified_until is not None:
        yield Deadline(state.unqualified_until, UNQUALIFIED_END)
    if state.look_at is not None:
        yield Deadline(state.look_at, STEP_LOOK)


def _grid_deadlines(state: grid.Grid) -> Iterable[Deadline]:
    yield from (Deadline(due_at, DSO_ANSWER) for due_at in state.due)
    yield from (Deadline(remind_at, DSO_REMINDER) for remind_at in state.reminders)


def _group(event: Any) -> str:
    return event.group_id


APPROVAL = Kind(
    name="group-approval",
    state=approval.GroupApproval,
    evolve=approval.evolve,
    folds={
        v1.ApplicationReceived: _group,
        v1.PrequalificationDecided: _group,
        v1.ApplicationLapsed: _group,
        v1.ApplicationWithdrawn: _group,
        v1.VolumeReserved: _group,
        v1.SinglePointAdmitted: _group,
        v1.BiddableChanged: SUBJECT,
        v1.ApprovalReduced: SUBJECT,
        v1.MegawattStepWarned: SUBJECT,
        v1.MegawattStepWarningCleared: SUBJECT,
        v1.MegawattStepLookSet: SUBJECT,
        v1.GroupRestricted: SUBJECT,
        v1.GroupRestrictionEnded: SUBJECT,
        v1.ApprovalEndAnnounced: SUBJECT,
        v1.ApprovalEndCancelled: SUBJECT,
        v1.ApprovalEnded: SUBJECT,
    },
    deadlines=_approval_deadlines,
)

GRID = Kind(
    name="grid",
    state=grid.Grid,
    evolve=grid.evolve,
    folds=dict.fromkeys(get_args(grid.Event), _group),
    deadlines=_grid_deadlines,
)

KINDS = (APPROVAL, GRID)
