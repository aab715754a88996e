"""The BSP's answer to a request for evidence: until when it is waited for, and what is refused (R46).

asked ──► answered (once, late after the deadline)
│
▼
overdue ──► answered, or closed
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contracts import calendar
from contracts.meter_ingest.v1 import (
    AnswerEvidenceRequest,
    AnswerFinding,
    CapacityEvidenceRequested,
    EvidenceAnswered,
    EvidenceAnswerOverdue,
    EvidenceAnswerReminded,
    EvidenceDocument,
    EvidenceOf,
    EvidenceRequested,
)
from contracts.prequal.v1 import DocumentReferred
from meter_ingest.domain import documentation_rules, known

REMINDED_BEFORE = timedelta(days=1)
CLOSED_AFTER_DAYS = 30
"""How long a late answer is taken."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer that is waited for, or was given."""

    evidence_id: str
    of: EvidenceOf
    group_id: str
    bsp: str | None
    """None: nobody is asked, for the group was not known."""
    requested_at: datetime
    due_at: datetime
    reminded: bool = False
    overdue: bool = False
    answer: str = ""
    """What it said, as JSON."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document that is evidence in a case of `prequal`, where the TSO can read it."""

    party: str
    sha256: str


OfAnswer = (
    EvidenceRequested | CapacityEvidenceRequested | EvidenceAnswered | EvidenceAnswerReminded | EvidenceAnswerOverdue
)


def name(evidence_id: str) -> str:
    """The answer's id."""
    return f"{evidence_id}/answer"


def evolve(state: Asked | None, event: OfAnswer) -> Asked:
    """More time is a new deadline, before which it is reminded again."""
    match event:
        case EvidenceRequested():
            return _asked(state, event, event.evidence_id, "activation")
        case CapacityEvidenceRequested():
            return _asked(state, event, event.capacity_evidence_id, "capacity")
        case _:
            assert state is not None
    match event:
        case EvidenceAnswered():
            return replace(state, answer=event.model_dump_json())
        case EvidenceAnswerReminded():
            return replace(state, reminded=True)
        case EvidenceAnswerOverdue():
            return replace(state, overdue=True)


def _asked(
    state: Asked | None, event: EvidenceRequested | CapacityEvidenceRequested, id_: str, of: EvidenceOf
) -> Asked:
    if state is not None:
        return replace(state, due_at=event.due_at, reminded=False)
    return Asked(id_, of, event.group_id, event.bsp, event.requested_at, event.due_at)


def evolve_document(_: Document | None, event: DocumentReferred) -> Document:
    """The same bytes for ever."""
    return Document(event.party, event.sha256)


def given(state: Asked | None) -> EvidenceAnswered | None:
    """The answer."""
    return EvidenceAnswered.model_validate_json(state.answer) if state and state.answer else None


def remind_at(state: Asked) -> datetime | None:
    """A day before the deadline; half-way, where it is nearer than two."""
    if state.bsp is None or state.answer or state.reminded or state.overdue:
        return None
    return max(state.due_at - REMINDED_BEFORE, state.requested_at + (state.due_at - state.requested_at) / 2)


def due_at(state: Asked) -> datetime | None:
    """The deadline, while nothing was answered."""
    return None if state.bsp is None or state.answer or state.overdue else state.due_at


def closes_at(state: Asked) -> datetime:
    """From when on no answer is taken."""
    return calendar.after_days(state.due_at, CLOSED_AFTER_DAYS)


def decide_answered(
    state: Asked | None,
    command: AnswerEvidenceRequest,
    *,
    sender: str,
    group: known.Group | None,
    documents: Mapping[str, Document | None],
    at: datetime,
) -> list[EvidenceAnswered]:
    """The answer; the same again is nothing. `documents` by id. A BSP that has taken the group over may answer."""
    if state is None or sender not in {state.bsp, group.bsp if group else None}:
        raise documentation_rules.EVIDENCE_UNKNOWN.refused(path="/subject")
    if (before := given(state)) is not None:
        if (before.bsp, before.remarks, before.documents) == (sender, command.remarks, command.documents):
            return []
        raise documentation_rules.EVIDENCE_ANSWERED.refused(path="/subject")
    if at >= (limit := closes_at(state)):
        raise documentation_rules.EVIDENCE_CLOSED.refused(path="/subject", limit=calendar.local_text(limit))
    for row, one in enumerate(command.documents):
        found = documents.get(one.document_id)
        if found is not None and found.party == sender and found.sha256 != one.sha256:
            raise documentation_rules.EVIDENCE_DOCUMENT_DIFFERS.refused(
                path=f"/documents/{row}/sha256", limit=found.sha256, actual=one.sha256
            )
    late: tuple[AnswerFinding, ...] = ("METER_ANSWER_LATE",) if at > state.due_at else ()
    return [
        EvidenceAnswered(
            answer_id=name(state.evidence_id),
            evidence_id=state.evidence_id,
            of=state.of,
            group_id=state.group_id,
            bsp=sender,
            remarks=command.remarks,
            documents=command.documents,
            not_referred=not_referred(command.documents, documents, sender=sender),
            findings=late,
            due_at=state.due_at,
            answered_at=at,
        )
    ]


def not_referred(
    named: Iterable[EvidenceDocument], documents: Mapping[str, Document | None], *, sender: str
) -> tuple[str, ...]:
    """The documents that the TSO cannot read; that another party has one with this id is not revealed."""
    there = {id_ for id_, one in documents.items() if one is not None and one.party == sender}
    return tuple(dict.fromkeys(one.document_id for one in named if one.document_id not in there))


def reminded(state: Asked) -> EvidenceAnswerReminded:
    """A day before the deadline."""
    assert state.bsp is not None
    return EvidenceAnswerReminded(
        answer_id=name(state.evidence_id),
        evidence_id=state.evidence_id,
        of=state.of,
        group_id=state.group_id,
        bsp=state.bsp,
        due_at=state.due_at,
    )


def overdue(state: Asked) -> EvidenceAnswerOverdue:
    """At the deadline."""
    assert state.bsp is not None
    return EvidenceAnswerOverdue(
        answer_id=name(state.evidence_id),
        evidence_id=state.evidence_id,
        of=state.of,
        group_id=state.group_id,
        bsp=state.bsp,
        due_at=state.due_at,
        closes_at=closes_at(state),
    )
