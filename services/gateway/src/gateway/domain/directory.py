"""Who there is: the parties and their roles, as `registry` has announced them, and the operator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from contracts.gateway.v1 import PartyReady, PoliciesAdded, RegisterOpened
from contracts.message import Event
from contracts.registry.v1 import PartyOnboarded
from contracts.values import Role


@dataclass(frozen=True, slots=True)
class Party:
    """A party, with the roles it may act in."""

    roles: tuple[Role, ...]


def party(_state: Party | None, event: PartyOnboarded) -> Party:
    """Fold what `registry` says of a party."""
    return Party(event.roles)


@dataclass(frozen=True, slots=True)
class Directory:
    """The parties by role; each list in the order they were onboarded."""

    by_role: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def directory(state: Directory | None, event: PartyOnboarded) -> Directory:
    """Fold what `registry` says of a party."""
    by_role = dict((state or Directory()).by_role)
    for role in Role:
        others = tuple(gln for gln in by_role.get(role, ()) if gln != event.party)
        by_role[role] = (*others, event.party) if role in event.roles else others
    return Directory(by_role)


@dataclass(frozen=True, slots=True)
class Register:
    """That the register is open, who operates it, and whose topics are ready."""

    operator: str
    policies: tuple[str, ...]
    ready: tuple[str, ...] = ()


def register(state: Register | None, event: Event) -> Register | None:
    """Fold the register's opening and its parties' readiness."""
    match event:
        case RegisterOpened():
            return Register(event.operator, tuple(policy.key for policy in event.policies))
        case PoliciesAdded() if state is not None:
            return replace(state, policies=(*state.policies, *(policy.key for policy in event.policies)))
        case PartyReady() if state is not None and event.party not in state.ready:
            return replace(state, ready=(*state.ready, event.party))
        case _:
            return state


def roles_of(*, gln: str, party: Party | None, register: Register | None) -> tuple[Role, ...]:
    """The roles that a party may act in. The operator has its role before anyone is onboarded."""
    roles = party.roles if party else ()
    if register is not None and register.operator == gln and Role.OPERATOR not in roles:
        return (Role.OPERATOR, *roles)
    return roles


def recipients(event: Event, *, directory: Directory | None, register: Register | None) -> Iterable[str]:
    """Who is sent an event: the parties in its declared fields and roles, and nobody else."""
    by_role = dict(directory.by_role) if directory else {}
    if register is not None:
        by_role[Role.OPERATOR] = (*by_role.get(Role.OPERATOR, ()), register.operator)
    found: dict[str, None] = {}
    for audience in event.audience:
        if audience.field is not None:
            named = getattr(event, audience.field)
            for gln in (named,) if isinstance(named, str) else named or ():
                found[gln] = None
        elif audience.role is not None:
            found.update(dict.fromkeys(by_role.get(audience.role, ())))
    return found
