"""What a BSP answers where the TSO asks for evidence of its activation, or of its group's capacity (R46)."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, Part, everyone, party
from contracts.values import Role

EvidenceOf = Literal["activation", "capacity"]
AnswerFinding = Literal["METER_ANSWER_LATE"]


class EvidenceDocument(Part):
    """A document that was brought in through the door of `prequal`, as that answered it."""

    document_id: values.Uuid
    sha256: values.Sha256


class AnswerEvidenceRequest(Command):
    """The BSP answers, once, by the request's deadline. Subject: the evidence.

    With neither remarks nor documents it has nothing to add.
    """

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    remarks: values.LongText = ""
    documents: tuple[EvidenceDocument, ...] = Field(default=(), max_length=20)
    """The TSO can read those that were referred to (`refer-document`)."""


class EvidenceAnswered(Event):
    """The BSP has answered; the packet has it from its next version on."""

    home: ClassVar = "answer_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    answer_id: str
    """`<evidence>/answer`."""
    evidence_id: values.Uuid
    of: EvidenceOf
    group_id: values.Uuid
    bsp: values.Gln
    remarks: str
    documents: tuple[EvidenceDocument, ...]
    not_referred: tuple[values.Uuid, ...] = ()
    """Of the documents those that nobody but the BSP can read, as far as is known here."""
    findings: tuple[AnswerFinding, ...] = ()
    due_at: values.UtcTime
    answered_at: values.UtcTime


class EvidenceAnswerReminded(Event):
    """The BSP has not answered yet, and the deadline is near."""

    home: ClassVar = "answer_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    answer_id: str
    evidence_id: values.Uuid
    of: EvidenceOf
    group_id: values.Uuid
    bsp: values.Gln
    due_at: values.UtcTime


class EvidenceAnswerOverdue(Event):
    """The deadline has come, and the BSP has not answered. A late answer is taken until `closes_at`."""

    home: ClassVar = "answer_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    answer_id: str
    evidence_id: values.Uuid
    of: EvidenceOf
    group_id: values.Uuid
    bsp: values.Gln
    due_at: values.UtcTime
    closes_at: values.UtcTime
