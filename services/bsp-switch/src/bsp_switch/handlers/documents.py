"""Documents of consents that came in through the door, or are taken back."""

from __future__ import annotations

from bsp_switch import store
from bsp_switch.domain import document
from bsp_switch.handlers import identity
from chassis.door import papers
from chassis.door.papers import Paper
from chassis.service import Incoming, On
from chassis.work import Work


async def document_received(work: Work, incoming: Incoming[Paper]) -> None:
    """A document stands in the store."""
    paper = incoming.data
    taken = [await work.load(kind, paper.id) is not None for kind in identity.KINDS]
    await work.append(
        *document.decide_receive(
            document_id=paper.id,
            party=paper.party,
            sha256=paper.sha256,
            size_bytes=paper.size_bytes,
            media_type=paper.media_type,
            taken=any(taken),
        )
    )


async def document_discarded(work: Work, incoming: Incoming[Paper]) -> None:
    """Who brought it in takes it back."""
    state = await work.load(store.DOCUMENT, incoming.data.id)
    await work.append(*document.decide_discard(state, document_id=incoming.data.id))


INTERNAL: dict[str, On] = {
    papers.RECEIVED: On(document_received, identity.needs_id),
    papers.DISCARDED: On(document_discarded, identity.needs_id),
}
