"""The BSP's answers to requests for evidence: what the case shard does about them, and about their deadlines."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.service import Answer, Due, Incoming
from chassis.work import Work
from contracts.meter_ingest.v1 import AnswerEvidenceRequest
from meter_ingest import store
from meter_ingest.documenting import Documenting
from meter_ingest.documenting_capacity import DocumentingCapacity
from meter_ingest.domain import documentation_rules, evidence_answer
from meter_ingest.handlers import POLICIES_NEEDED, Needed


def answer_needs(incoming: Incoming[AnswerEvidenceRequest]) -> Needed:
    """The request, and the documents that are named."""
    return (
        *POLICIES_NEEDED,
        (store.ANSWER, (evidence_answer.name(incoming.subject),)),
        (store.EVIDENCE, (incoming.subject,)),
        (store.CAPACITY, (incoming.subject,)),
        (store.DOCUMENT, [one.document_id for one in incoming.data.documents]),
    )


@dataclass(frozen=True, slots=True)
class Answering:
    """The handlers of answers; what was prepared without an answer is prepared with it."""

    documenting: Documenting
    capacity: DocumentingCapacity

    async def answer(self, work: Work, incoming: Incoming[AnswerEvidenceRequest]) -> Answer:
        """The BSP answers."""
        state = await work.load(store.ANSWER, evidence_answer.name(incoming.subject))
        command = incoming.data
        events = evidence_answer.decide_answered(
            state,
            command,
            sender=incoming.sender,
            group=await work.load(store.GROUP, state.group_id) if state else None,
            documents=await work.load_many(store.DOCUMENT, [one.document_id for one in command.documents]),
            at=incoming.at,
        )
        await work.append(*events)
        for event in events:
            of = self.documenting if event.of == "activation" else self.capacity
            await of.answered(work, event.evidence_id, incoming.at)
            if missing := len(event.not_referred):
                return Answer(
                    (documentation_rules.EVIDENCE_DOCUMENT_NOT_REFERRED.reason(path="/documents", actual=missing),)
                )
        return Answer()


async def reminder_due(work: Work, due: Due) -> None:
    """The deadline is near."""
    state = await work.load(store.ANSWER, due.id)
    assert state is not None
    await work.append(evidence_answer.reminded(state))


async def answer_due(work: Work, due: Due) -> None:
    """The deadline has come, and there is no answer."""
    state = await work.load(store.ANSWER, due.id)
    assert state is not None
    await work.append(evidence_answer.overdue(state))
