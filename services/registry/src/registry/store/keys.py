"""The keys that parties sign with."""

from __future__ import annotations

from chassis.service import Kind
from contracts import party_keys
from registry.domain import signing


def _key(event: party_keys.Keyed) -> str:
    return event.key_id


def _party(event: party_keys.Keyed) -> str:
    return event.party


PARTY_KEY = Kind("party-key", party_keys.PartyKey, party_keys.evolve, dict.fromkeys(party_keys.KEYED, _key))

KEYS_OF_PARTY = Kind(
    "keys-of-party", signing.KeysOfParty, signing.evolve_keys, dict.fromkeys(party_keys.KEYED, _party), remembered=False
)
"""By GLN: the keys that still count."""

KINDS = (PARTY_KEY, KEYS_OF_PARTY)
