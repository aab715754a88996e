"""What stands for groups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chassis.service import SUBJECT, Deadline, Kind
from contracts.prequal import v1
from prequal.domain import approval

APPROVAL_END = "approval-end"


def _approval_deadlines(state: approval.GroupApproval) -> Iterable[Deadline]:
    if (ends_at := state.ends_at) is not None:
        yield Deadline(ends_at, APPROVAL_END)


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
        v1.BiddableChanged: SUBJECT,
        v1.ApprovalEnded: SUBJECT,
    },
    deadlines=_approval_deadlines,
)

KINDS = (APPROVAL,)
