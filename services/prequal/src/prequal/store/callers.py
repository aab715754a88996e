"""Who may come in through the door."""

from __future__ import annotations

from chassis.service import Kind
from contracts import parties, party_keys

PARTY = Kind(
    name="party",
    of="registry",
    state=parties.Party,
    evolve=parties.evolve,
    folds=dict.fromkeys(parties.STANDING, lambda event: event.party),
)

PARTY_KEY = Kind(
    name="party-key",
    of="registry",
    state=party_keys.PartyKey,
    evolve=party_keys.evolve,
    folds=dict.fromkeys(party_keys.KEYED, lambda event: event.key_id),
)

KINDS = (PARTY, PARTY_KEY)
