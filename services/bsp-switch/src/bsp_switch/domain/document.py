"""Documents of consents: brought in by a BSP, named by consents, or taken back before that; erased with their person.

received ──► referred ──► erased
│
▼
discarded
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from contracts.bsp_switch import v1

Event = v1.DocumentReceived | v1.DocumentDiscarded | v1.ConsentRecorded | v1.PersonErased


@dataclass(frozen=True, slots=True)
class Document:
    """What is known of a document; its bytes are in the person store."""

    party: str
    sha256: str
    size_bytes: int
    media_type: v1.MediaType
    referred: bool = False
    """Whether a consent names it."""
    end_users: tuple[str, ...] = ()
    """Whose consents name it."""
    discarded: bool = False
    erased: bool = False

    @property
    def stands(self) -> bool:
        """Whether its bytes are there."""
        return not (self.discarded or self.erased)


def evolve(state: Document | None, event: Event) -> Document | None:
    """Fold an own event."""
    match event:
        case v1.DocumentReceived():
            return Document(event.party, event.sha256, event.size_bytes, event.media_type)
        case v1.DocumentDiscarded() if state:
            return replace(state, discarded=True)
        case v1.ConsentRecorded() if state:
            end_users = tuple(dict.fromkeys((*state.end_users, event.end_user)))
            return replace(state, referred=True, end_users=end_users)
        case v1.PersonErased() if state:
            return replace(state, erased=True)
        case _:
            return state


def decide_receive(
    *, document_id: str, party: str, sha256: str, size_bytes: int, media_type: v1.MediaType, taken: bool
) -> list[v1.DocumentReceived]:
    """It stands in the store. `taken`: something else has the id; then there is no such document."""
    if taken:
        return []
    return [
        v1.DocumentReceived(
            document_id=document_id, party=party, sha256=sha256, size_bytes=size_bytes, media_type=media_type
        )
    ]


def decide_discard(state: Document | None, *, document_id: str) -> list[v1.DocumentDiscarded]:
    """Who brought it in takes it back; what a consent names stays."""
    if state is None or not state.stands or state.referred:
        return []
    return [v1.DocumentDiscarded(document_id=document_id, party=state.party, sha256=state.sha256)]
