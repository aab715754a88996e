"""Who there is: the parties and their roles, as `registry` has announced them, and the operator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from contracts import parties
from contracts.gateway.v1 import PartyReady, PoliciesAdded, RegisterOpened
from contracts.message import Event, ReceiptData
from contracts.parties import Party, Standing
from contracts.registry.v1 import PartyStatusChanged
from contracts.values import Role


@dataclass(frozen=True, slots=True)
class Directory:
    """The parties by role, each list in the order in which they came; without those that have left."""

    by_role: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Who is sent what is for a role."""
    new: Mapping[str, tuple[Role, ...]] = field(default_factory=dict)
    """Who may not act yet, with its roles: it has topics, and is sent only what names it."""

    def roles(self) -> dict[str, list[Role]]:
        """Everyone who has topics, with its roles."""
        found: dict[str, list[Role]] = {gln: list(roles) for gln, roles in self.new.items()}
        for role, glns in self.by_role.items():
            for gln in glns:
                found.setdefault(gln, []).append(Role(role))
        return found


def directory(state: Directory | None, event: Standing) -> Directory:
    """Fold what `registry` says of a party."""
    state = state or Directory()
    gln, said = event.party, parties.evolve(None, event)
    served = said.roles if said.status in {"active", "suspended"} else ()
    by_role: dict[str, tuple[str, ...]] = {}
    for role in Role:
        there = state.by_role.get(role, ())
        if role not in served:
            there = tuple(other for other in there if other != gln)
        elif gln not in there:
            there = (*there, gln)
        by_role[role] = there
    new = {other: roles for other, roles in state.new.items() if other != gln}
    return Directory(by_role, new | {gln: said.roles} if said.status == "new" else new)


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


def recipients(event: Event, *, directory: Directory | None, register: Register | None) -> Mapping[str, frozenset[str]]:
    """Who is sent an event, and without which fields: the parties in its declared fields and roles, and nobody else.

    Who is sent it for more than one reason misses only what it is to miss for each of them.
    """
    by_role = dict(directory.by_role) if directory else {}
    if register is not None:
        by_role[Role.OPERATOR] = (*by_role.get(Role.OPERATOR, ()), register.operator)
    found: dict[str, frozenset[str]] = {}
    for audience in event.audience:
        glns: Iterable[str] = ()
        if audience.field is not None:
            named = getattr(event, audience.field)
            glns = (named,) if isinstance(named, str) else named or ()
        elif audience.role is not None:
            glns = by_role.get(audience.role, ())
        without = frozenset(audience.without)
        for gln in glns:
            found[gln] = found.get(gln, without) & without
    return found


def is_reached(*, gln: str, party: Party | None, event: Event) -> bool:
    """Whether a party is sent anything at all: one that has left is told so, and after that only the receipts.

    Its topics stay, and whatever stands in its ingress is answered: each position has its one receipt.
    """
    if party is None or party.status != "terminated":
        return True
    if isinstance(event, ReceiptData):
        return event.sender == gln
    return isinstance(event, PartyStatusChanged) and event.party == gln
