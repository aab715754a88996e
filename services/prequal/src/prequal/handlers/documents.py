"""Documents that came in through the door, and cases that they are evidence in."""

from __future__ import annotations

from chassis.door import papers
from chassis.door.papers import Paper
from chassis.service import Incoming, On
from chassis.work import Work
from contracts.message import Command
from contracts.prequal import v1
from prequal import store
from prequal.domain import document
from prequal.handlers.loading import Needs, involved_in, is_taken, needs_id


def needs_document(incoming: Incoming[Paper]) -> Needs:
    """Whatever may have this id."""
    yield from needs_id(incoming.subject)


def needs_reference(incoming: Incoming[v1.ReferDocument]) -> Needs:
    """The document and the case."""
    yield store.DOCUMENT, (incoming.subject,)
    yield store.APPLICATION, (incoming.data.on,)
    yield store.QUALIFICATION, (incoming.data.on,)


async def document_received(work: Work, incoming: Incoming[Paper]) -> None:
    """A document stands in the store."""
    paper = incoming.data
    await work.append(
        *document.decide_receive(
            document_id=paper.id,
            party=paper.party,
            sha256=paper.sha256,
            size_bytes=paper.size_bytes,
            media_type=paper.media_type,
            taken=await is_taken(work, paper.id),
        )
    )


async def document_discarded(work: Work, incoming: Incoming[Paper]) -> None:
    """Who brought it in takes it back."""
    state = await work.load(store.DOCUMENT, incoming.data.id)
    await work.append(*document.decide_discard(state, document_id=incoming.data.id))


async def refer_document(work: Work, incoming: Incoming[v1.ReferDocument]) -> None:
    """A document becomes evidence in a case."""
    await work.append(
        *document.decide_refer(
            await work.load(store.DOCUMENT, incoming.subject),
            incoming.data,
            document_id=incoming.subject,
            sender=incoming.sender,
            role=incoming.sender_role,
            case=await involved_in(work, incoming.data.on),
        )
    )


COMMANDS: dict[type[Command], On] = {v1.ReferDocument: On(refer_document, needs_reference)}
INTERNAL: dict[str, On] = {
    papers.RECEIVED: On(document_received, needs_document),
    papers.DISCARDED: On(document_discarded, needs_document),
}
