"""What every door knows of a key: whose it is, and whether it still counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from contracts.registry.v1 import PartyKeyRegistered, PartyKeyRevoked

Keyed: TypeAlias = PartyKeyRegistered | PartyKeyRevoked
KEYED: Final = (PartyKeyRegistered, PartyKeyRevoked)
"""The events that say it."""


@dataclass(frozen=True, slots=True)
class PartyKey:
    """A public key of a party."""

    party: str
    x: str
    y: str
    revoked: bool = False


def evolve(state: PartyKey | None, event: Keyed) -> PartyKey | None:
    """A key that was revoked stays so."""
    if isinstance(event, PartyKeyRevoked):
        return replace(state, revoked=True) if state else None
    return state or PartyKey(event.party, event.key.x, event.key.y)
