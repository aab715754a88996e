"""The keys that a party signs with: it registers and revokes its own, the operator anybody's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from contracts.message import Event
from contracts.party_keys import Keyed, PartyKey
from contracts.registry import v1
from registry.domain import rules
from registry.domain.access import own
from registry.domain.party import Party
from registry.domain.standing import refuse_terminated

MOST_KEYS: Final = 20
"""Of one party: enough for every system that signs for it and a change of keys at all of them."""


@dataclass(frozen=True, slots=True)
class KeysOfParty:
    """The keys of a party that still count, by id."""

    key_ids: tuple[str, ...] = ()


def evolve_keys(state: KeysOfParty | None, event: Keyed) -> KeysOfParty:
    """A key has come or gone."""
    others = tuple(one for one in (state or KeysOfParty()).key_ids if one != event.key_id)
    return KeysOfParty(others if isinstance(event, v1.PartyKeyRevoked) else (*others, event.key_id))


def decide_register(
    state: Party | None,
    *,
    party: str,
    wish: v1.RegisterPartyKey,
    sender: str,
    sender_role: str,
    known: PartyKey | None,
    has: KeysOfParty | None,
) -> list[Event]:
    """Let the party sign with a key; nothing happens where it may already. `known`: the key, if anybody ever had it.

    Refuses with NO_SUCH_PARTY, PARTY_IS_TERMINATED, KEY_NOT_AVAILABLE, TOO_MANY_KEYS.
    """
    refuse_terminated(own(state, party=party, sender=sender, sender_role=sender_role))
    if known is not None:
        if known.party != party or known.revoked:
            raise rules.KEY_NOT_AVAILABLE.refused(path="/key")
        return []
    count = len(has.key_ids) if has else 0
    if count >= MOST_KEYS:
        raise rules.TOO_MANY_KEYS.refused(path="/key", limit=MOST_KEYS, actual=count)
    return [v1.PartyKeyRegistered(party=party, key_id=wish.key.thumbprint, key=wish.key)]


def decide_revoke(
    state: Party | None,
    *,
    party: str,
    wish: v1.RevokePartyKey,
    sender: str,
    sender_role: str,
    known: PartyKey | None,
) -> list[Event]:
    """Let nothing more be signed with a key. Refuses with NO_SUCH_PARTY, KEY_UNKNOWN."""
    own(state, party=party, sender=sender, sender_role=sender_role)
    if known is None or known.party != party or known.revoked:
        raise rules.KEY_UNKNOWN.refused(path="/key_id", actual=wish.key_id)
    return [v1.PartyKeyRevoked(party=party, key_id=wish.key_id)]
