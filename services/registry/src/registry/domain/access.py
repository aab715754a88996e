"""Who acts for a party: persons and machine clients. The operator decides it, and the party for itself."""

from __future__ import annotations

from contracts.message import Event
from contracts.registry import v1
from contracts.values import Role
from registry.domain import rules
from registry.domain.party import Party, there
from registry.domain.standing import refuse_terminated


def decide_admit(
    state: Party | None, *, party: str, wish: v1.AdmitToParty, sender: str, sender_role: str
) -> list[Event]:
    """Let someone act for the party, or give them other rights; nothing happens where they have these.

    Refuses with NO_SUCH_PARTY, PARTY_IS_TERMINATED, ACCESS_OF_OTHER_KIND.
    """
    state = own(state, party=party, sender=sender, sender_role=sender_role)
    refuse_terminated(state)
    before = state.access.get(wish.member_id)
    if before is not None and before.kind != wish.kind:
        raise rules.ACCESS_OF_OTHER_KIND.refused(path="/kind", limit=before.kind, actual=wish.kind)
    if before is not None and before.rights == wish.rights:
        return []
    return [
        v1.AccessGranted(
            party=party,
            kind=wish.kind,
            member_id=wish.member_id,
            rights=wish.rights,
            former_rights=before.rights if before else None,
        )
    ]


def decide_remove(
    state: Party | None, *, party: str, wish: v1.RemoveFromParty, sender: str, sender_role: str
) -> list[Event]:
    """Let someone act for the party no longer.

    Refuses with NO_SUCH_PARTY, ACCESS_UNKNOWN.
    """
    state = own(state, party=party, sender=sender, sender_role=sender_role)
    has = state.access.get(wish.member_id)
    if has is None:
        raise rules.ACCESS_UNKNOWN.refused(path="/member_id", actual=wish.member_id)
    return [v1.AccessRevoked(party=party, kind=has.kind, member_id=wish.member_id, rights=has.rights)]


def own(state: Party | None, *, party: str, sender: str, sender_role: str) -> Party:
    """The party, if the sender may say who acts for it; another party's is answered like one that is not there."""
    if sender_role != Role.OPERATOR and sender != party:
        raise rules.NO_SUCH_PARTY.refused(path="/subject", actual=party)
    return there(state, party)
