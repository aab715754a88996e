"""What every service but `registry` knows of a party: its roles, and whether it may act in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from contracts.registry.v1 import PartyOnboarded, PartyRolesChanged, PartyStatus, PartyStatusChanged
from contracts.values import Role

Standing: TypeAlias = PartyOnboarded | PartyRolesChanged | PartyStatusChanged
STANDING: Final = (PartyOnboarded, PartyRolesChanged, PartyStatusChanged)
"""The events that say it. Each says all of it."""


@dataclass(frozen=True, slots=True)
class Party:
    """A party's roles and status."""

    roles: tuple[Role, ...]
    status: PartyStatus = "active"

    @property
    def is_active(self) -> bool:
        """Whether it may act, and be named, in its roles."""
        return self.status == "active"

    def may_be(self, role: Role) -> bool:
        """Whether it may act, and be named, in this role."""
        return self.is_active and role in self.roles


def evolve(_state: Party | None, event: Standing) -> Party:
    """What is said last counts."""
    match event:
        case PartyOnboarded():
            return Party(event.roles, event.status)
        case PartyRolesChanged():
            return Party(event.after, event.status)
        case PartyStatusChanged():
            return Party(event.roles, event.after)
