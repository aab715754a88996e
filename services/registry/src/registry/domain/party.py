"""Parties and their roles."""

from __future__ import annotations

from dataclasses import dataclass

from contracts import values
from contracts.message import Event
from contracts.registry import v1
from registry.domain import rules


@dataclass(frozen=True, slots=True)
class Party:
    """Someone who takes part in the register."""

    name: str
    roles: tuple[values.Role, ...]


def evolve(_state: Party | None, event: v1.PartyOnboarded) -> Party:
    """A party was admitted."""
    return Party(event.name, event.roles)


def decide_onboard(state: Party | None, *, party: str, wish: v1.OnboardParty) -> list[Event]:
    """Admit a party, once."""
    if state is not None:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    return [v1.PartyOnboarded(party=party, name=wish.name, roles=tuple(dict.fromkeys(wish.roles)))]
