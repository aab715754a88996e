"""Evidence that the TSO asks for, of activations and of groups' capacity, and what was published of activations."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.service import SUBJECT, Deadline, Kind
from contracts.meter_ingest.v1 import (
    CapacityEvidenceOwed,
    CapacityEvidencePrepared,
    CapacityEvidenceRequested,
    EvidenceAnswered,
    EvidenceAnswerOverdue,
    EvidenceAnswerReminded,
    EvidencePrepared,
    EvidenceRequested,
)
from meter_ingest.domain import capacity_evidence, documentation, evidence_answer

EVIDENCE_DUE = "evidence"
CAPACITY_DUE = "capacity-evidence"
CAPACITY_OWED_DUE = "capacity-evidence-owed"
ANSWER_DUE = "evidence-answer"
ANSWER_REMINDER_DUE = "evidence-answer-reminder"


def _deadlines(state: documentation.Requested) -> Iterable[Deadline]:
    due = documentation.due_at(state)
    return () if due is None else (Deadline(due, EVIDENCE_DUE),)


EVIDENCE = Kind(
    "evidence",
    documentation.Requested,
    documentation.evolve,
    dict.fromkeys((EvidenceRequested, EvidencePrepared), SUBJECT),
    deadlines=_deadlines,
)
"""By its id."""

EVIDENCE_OF = Kind(
    "evidence-of",
    documentation.OfActivation,
    documentation.evolve_of,
    {EvidenceRequested: lambda event: event.activation_id},
    remembered=False,
)
"""By activation: what was asked for."""

ACTIVATION_TOLD = Kind(
    "activation-told",
    documentation.Told,
    documentation.evolve_told,
    dict.fromkeys(documentation.OF_ACTIVATION, lambda event: event.activation_id),
    remembered=False,
)
"""By activation: its events, for a run is made again from them."""


def _capacity_deadlines(state: capacity_evidence.Requested) -> Iterable[Deadline]:
    due = capacity_evidence.due_at(state)
    return () if due is None else (Deadline(due, CAPACITY_DUE),)


CAPACITY = Kind(
    "capacity-evidence",
    capacity_evidence.Requested,
    capacity_evidence.evolve,
    dict.fromkeys((CapacityEvidenceRequested, CapacityEvidencePrepared), SUBJECT),
    deadlines=_capacity_deadlines,
)
"""Documentation of a group's capacity, by its id."""


def _awaited_deadlines(state: capacity_evidence.Awaited) -> Iterable[Deadline]:
    return () if state.tell_at is None else (Deadline(state.tell_at, CAPACITY_OWED_DUE),)


CAPACITY_AWAITED = Kind(
    "capacity-evidence-awaited",
    capacity_evidence.Awaited,
    capacity_evidence.evolve_awaited,
    dict.fromkeys(
        (CapacityEvidenceRequested, CapacityEvidenceOwed, CapacityEvidencePrepared),
        lambda event: event.capacity_evidence_id,
    ),
    deadlines=_awaited_deadlines,
    remembered=False,
)
"""By the id of documentation: when DSOs are told what misses of a period that lay ahead."""


def _answer_deadlines(state: evidence_answer.Asked) -> Iterable[Deadline]:
    if (remind_at := evidence_answer.remind_at(state)) is not None:
        yield Deadline(remind_at, ANSWER_REMINDER_DUE)
    if (due := evidence_answer.due_at(state)) is not None:
        yield Deadline(due, ANSWER_DUE)


ANSWER = Kind(
    "evidence-answer",
    evidence_answer.Asked,
    evidence_answer.evolve,
    {
        EvidenceRequested: lambda event: evidence_answer.name(event.evidence_id),
        CapacityEvidenceRequested: lambda event: evidence_answer.name(event.capacity_evidence_id),
        **dict.fromkeys((EvidenceAnswered, EvidenceAnswerReminded, EvidenceAnswerOverdue), SUBJECT),
    },
    deadlines=_answer_deadlines,
)
"""The BSP's answer, by its id (`evidence_answer.name`)."""

KINDS = (ANSWER, CAPACITY, CAPACITY_AWAITED, EVIDENCE, EVIDENCE_OF, ACTIVATION_TOLD)
