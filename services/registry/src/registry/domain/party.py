"""Parties: who takes part, in which roles, and who acts for them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeAlias

from contracts import values
from contracts.message import Event
from contracts.registry import v1
from registry.domain import rules


@dataclass(frozen=True, slots=True)
class Access:
    """A person (a random UUID) or a machine client may act for the party."""

    kind: v1.ActingKind
    rights: v1.Rights


@dataclass(frozen=True, slots=True)
class Party:
    """Someone who takes part in the register. Its GLN is its id; the EIC is another id that nobody else has."""

    name: str
    roles: tuple[values.Role, ...]
    organisation_number: str | None = None
    eic: str | None = None
    status: v1.PartyStatus = "active"
    access: dict[str, Access] = field(default_factory=dict[str, Access])
    """By member id."""


OfParty: TypeAlias = (
    v1.PartyOnboarded
    | v1.PartyChanged
    | v1.PartyRolesChanged
    | v1.PartyStatusChanged
    | v1.AccessGranted
    | v1.AccessRevoked
    | v1.PartyKeyRegistered
    | v1.PartyKeyRevoked
    | v1.ResendRequested
)


def evolve(state: Party | None, event: OfParty) -> Party:  # noqa: PLR0911 - one arm per event
    """What happened to a party."""
    if isinstance(event, v1.PartyOnboarded):
        return Party(event.name, event.roles, event.organisation_number, event.eic, event.status)
    if state is None:
        message = f"{event.type} of a party that was never onboarded"
        raise LookupError(message)
    match event:
        case v1.PartyChanged():
            return replace(state, name=event.name, organisation_number=event.organisation_number, eic=event.eic)
        case v1.PartyRolesChanged():
            return replace(state, roles=event.after)
        case v1.PartyStatusChanged():
            return replace(state, status=event.after)
        case v1.AccessGranted():
            return replace(state, access={**state.access, event.member_id: Access(event.kind, event.rights)})
        case v1.AccessRevoked():
            return replace(state, access={one: has for one, has in state.access.items() if one != event.member_id})
        case v1.PartyKeyRegistered() | v1.PartyKeyRevoked() | v1.ResendRequested():
            # A key is a document of its own, found by its id; and what is sent again is none of the party's state.
            return state


@dataclass(frozen=True, slots=True)
class EicHolder:
    """The party that has an EIC."""

    party: str


def evolve_eic(_state: EicHolder | None, party: str | None) -> EicHolder | None:
    """An EIC is given to a party, or is free again."""
    return EicHolder(party) if party is not None else None


def eics(event: v1.PartyOnboarded | v1.PartyChanged) -> dict[str, str | None]:
    """Whose each EIC that an event names is afterwards."""
    found: dict[str, str | None] = {}
    if isinstance(event, v1.PartyChanged) and event.former_eic is not None:
        found[event.former_eic] = None
    if event.eic is not None:
        found[event.eic] = event.party
    return found


def decide_onboard(
    state: Party | None, *, party: str, wish: v1.OnboardParty, sender: str, eic_holder: EicHolder | None
) -> list[Event]:
    """Admit a party, once.

    Refuses with ID_NOT_AVAILABLE, PARTY_NEEDS_NAME, EIC_TAKEN, OPERATOR_LOCKS_ITSELF_OUT.
    """
    if not wish.name.strip():
        raise rules.PARTY_NEEDS_NAME.refused(path="/name")
    if state is not None:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    if party == sender and wish.status != "active":
        raise rules.OPERATOR_LOCKS_ITSELF_OUT.refused(path="/status")
    _refuse_taken(wish.eic, eic_holder, party=party)
    return [
        v1.PartyOnboarded(
            party=party,
            name=wish.name,
            roles=tuple(dict.fromkeys(wish.roles)),
            organisation_number=wish.organisation_number,
            eic=wish.eic,
            status=wish.status,
        )
    ]


def decide_change(
    state: Party | None, *, party: str, wish: v1.ChangeParty, eic_holder: EicHolder | None
) -> list[Event]:
    """Say anew who a party is; nothing happens where it is all as it was.

    Refuses with NO_SUCH_PARTY, EIC_TAKEN.
    """
    state = there(state, party)
    _refuse_taken(wish.eic, eic_holder, party=party)
    if (wish.name, wish.organisation_number, wish.eic) == (state.name, state.organisation_number, state.eic):
        return []
    return [
        v1.PartyChanged(
            party=party,
            name=wish.name,
            organisation_number=wish.organisation_number,
            eic=wish.eic,
            former_name=state.name,
            former_organisation_number=state.organisation_number,
            former_eic=state.eic,
        )
    ]


def there(state: Party | None, party: str) -> Party:
    """The party that a command is about. Refuses with NO_SUCH_PARTY."""
    if state is None:
        raise rules.NO_SUCH_PARTY.refused(path="/subject", actual=party)
    return state


def refuse_inactive(state: Party, *, party: str, path: str) -> None:
    """Refuse to name a party that may not act. Refuses with NAMED_PARTY_NOT_ACTIVE."""
    if state.status != "active":
        raise rules.NAMED_PARTY_NOT_ACTIVE.refused(path=path, limit=party, actual=state.status)


def _refuse_taken(eic: str | None, holder: EicHolder | None, *, party: str) -> None:
    if eic is not None and holder is not None and holder.party != party:
        raise rules.EIC_TAKEN.refused(path="/eic", actual=eic)
