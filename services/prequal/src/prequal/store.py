"""What `prequal` keeps: its own documents, and what it knows of others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from chassis.service import SUBJECT, Deadline, Kind
from contracts import policies
from contracts.gateway import v1 as gateway
from contracts.prequal import v1
from contracts.registry import v1 as registry
from prequal.domain import application, approval, known, qualification, zone

DSO_ANSWER = "dso-answer"
DECIDE_BY = "decide-by"
QUEUE_LAPSE = "queue-lapse"
APPROVAL_END = "approval-end"


def _application_deadlines(state: application.Application) -> Iterable[Deadline]:
    if state.status in {"received", "assessed"}:
        for dso in state.waited_for:
            yield Deadline(state.asked[dso].due_at, DSO_ANSWER)
        if not state.overdue:
            yield Deadline(state.decide_by, DECIDE_BY)
    if state.lapses_at is not None:
        yield Deadline(state.lapses_at, QUEUE_LAPSE)


def _approval_deadlines(state: approval.GroupApproval) -> Iterable[Deadline]:
    if (ends_at := state.ends_at) is not None:
        yield Deadline(ends_at, APPROVAL_END)


def _group(event: Any) -> str:
    return event.group_id


def _zone(event: Any) -> str:
    return str(event.zone)


def _application(event: Any) -> str:
    return event.application_id


QUALIFICATION = Kind(
    name="qualification",
    state=qualification.Qualification,
    evolve=qualification.evolve,
    folds={v1.QualificationRequested: SUBJECT, v1.QualificationDecided: SUBJECT},
)
BSP = Kind(
    name="bsp",
    state=qualification.Bsp,
    evolve=qualification.evolve_bsp,
    folds={v1.QualificationDecided: lambda event: event.bsp},
)
ZONE = Kind(
    name="zone",
    state=zone.Zone,
    evolve=zone.evolve,
    folds={
        v1.ZoneCapSet: SUBJECT,
        v1.ApplicationQueued: _zone,
        v1.VolumeReserved: _zone,
        v1.ApplicationLapsed: _zone,
        v1.ApprovalEnded: _zone,
    },
)
APPLICATION = Kind(
    name="application",
    state=application.Application,
    evolve=application.evolve,
    folds={
        v1.ApplicationReceived: SUBJECT,
        v1.GridAssessmentRequested: SUBJECT,
        v1.GridAssessed: SUBJECT,
        v1.GridAssessmentOverdue: SUBJECT,
        v1.PrequalificationDecided: SUBJECT,
        v1.PrequalificationOverdue: SUBJECT,
        v1.ApplicationQueued: SUBJECT,
        v1.VolumeReserved: SUBJECT,
        v1.ApplicationLapsed: SUBJECT,
        v1.ApprovalEnded: _application,
    },
    deadlines=_application_deadlines,
)
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
GROUP = Kind(
    name="group",
    of="registry",
    state=known.Group,
    evolve=known.evolve_group,
    folds=dict.fromkeys((*get_args(known.OfGroup), *get_args(known.OfMember)), _group),
)
GRID_AREA = Kind(
    name="grid-area",
    of="registry",
    state=known.GridArea,
    evolve=known.evolve_grid_area,
    folds=dict.fromkeys((registry.GridAreaDefined, registry.GridAreaChanged), lambda event: event.grid_area),
)
POLICIES = Kind(
    name="policies",
    of="gateway",
    state=policies.Said,
    evolve=policies.evolve,
    folds={gateway.RegisterOpened: lambda _: policies.ID, gateway.PoliciesAdded: lambda _: policies.ID},
)
CHANGED_POLICIES = Kind(
    name="changed-policies",
    of="registry",
    state=policies.Said,
    evolve=policies.evolve,
    folds={registry.PolicySet: lambda _: policies.ID},
)
KINDS = (QUALIFICATION, BSP, ZONE, APPLICATION, APPROVAL, GROUP, GRID_AREA, POLICIES, CHANGED_POLICIES)
