"""Documents: brought in by a party, evidence in cases, or taken back before that.

received ──► referred (for ever)
│
▼
discarded
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from contracts.message import Event
from contracts.prequal import v1
from prequal.domain import rules
from prequal.domain.involved import Involved


@dataclass(frozen=True, slots=True)
class Document:
    """What is known of a document; its bytes are elsewhere."""

    party: str
    sha256: str
    size_bytes: int
    media_type: v1.MediaType
    cases: dict[str, bool] = field(default_factory=dict[str, bool])
    """What it is evidence in, and whether the DSOs that are asked there may read it."""
    discarded: bool = False


def evolve(state: Document | None, event: object) -> Document | None:
    """Fold an own event."""
    match event:
        case v1.DocumentReceived():
            return Document(event.party, event.sha256, event.size_bytes, event.media_type)
        case v1.DocumentReferred() if state:
            return replace(state, cases={**state.cases, event.on: event.visible_to_dsos})
        case v1.DocumentDiscarded() if state:
            return replace(state, discarded=True)
        case _:
            return state


def decide_receive(
    *, document_id: str, party: str, sha256: str, size_bytes: int, media_type: v1.MediaType, taken: bool
) -> list[Event]:
    """It stands in the store. `taken`: something else has the id; then there is no such document."""
    if taken:
        return []
    return [
        v1.DocumentReceived(
            document_id=document_id, party=party, sha256=sha256, size_bytes=size_bytes, media_type=media_type
        )
    ]


def decide_discard(state: Document | None, *, document_id: str) -> list[Event]:
    """Who brought it in takes it back; what is evidence stays."""
    if state is None or state.discarded or state.cases:
        return []
    return [v1.DocumentDiscarded(document_id=document_id, party=state.party, sha256=state.sha256)]


def decide_refer(
    state: Document | None,
    command: v1.ReferDocument,
    *,
    document_id: str,
    sender: str,
    role: str,
    case: Involved | None,
) -> list[Event]:
    """Make one's own document evidence in a case that one is involved in.

    Refuses with DOCUMENT_UNKNOWN, DOCUMENT_HASH_DIFFERS, CASE_UNKNOWN, DOCUMENT_ALREADY_REFERRED.
    """
    if state is None or state.discarded or state.party != sender:
        raise rules.DOCUMENT_UNKNOWN.refused(path="/subject", actual=document_id)
    if command.sha256 != state.sha256:
        raise rules.DOCUMENT_HASH_DIFFERS.refused(path="/sha256", limit=state.sha256, actual=command.sha256)
    if case is None or not case.has(sender, role):
        raise rules.CASE_UNKNOWN.refused(path="/on", actual=command.on)
    if state.cases.get(case.on, False) >= command.visible_to_dsos and case.on in state.cases:
        raise rules.DOCUMENT_ALREADY_REFERRED.refused(path="/on", actual=command.on)
    return [
        v1.DocumentReferred(
            document_id=document_id,
            party=sender,
            on=case.on,
            case_id=case.case_id,
            visible_to_dsos=command.visible_to_dsos,
            dsos=case.dsos if command.visible_to_dsos else (),
            sha256=state.sha256,
            size_bytes=state.size_bytes,
            media_type=state.media_type,
        )
    ]
