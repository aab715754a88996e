"""Which roles a party has, and whether it may act in them.

new ──► active ◄──► suspended
 │        │             │
 └────────┴──────►──────┴──► terminated
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from contracts.message import Event, Reason, Refused
from contracts.registry import v1
from contracts.values import Role
from registry.domain import rules
from registry.domain.party import Party, there

NEXT: Final[dict[v1.PartyStatus, tuple[v1.PartyStatus, ...]]] = {
    "new": ("active", "terminated"),
    "active": ("suspended", "terminated"),
    "suspended": ("active", "terminated"),
    "terminated": (),
}
"""What may follow each status."""

_SHOWN: Final = 5
"""How many of many ids a refusal names."""


# What a party is still needed for


@dataclass(frozen=True, slots=True)
class AreasOfDso:
    """The metering grid areas that are or were a DSO's, or will be; which of them still are, their timelines say."""

    grid_areas: tuple[str, ...]


def evolve_areas(state: AreasOfDso | None, event: v1.GridAreaDefined | v1.GridAreaChanged) -> AreasOfDso:
    """One more area."""
    known = state.grid_areas if state else ()
    return AreasOfDso(known if event.grid_area in known else (*known, event.grid_area))


KEPT_ROLES: Final = (Role.TSO, Role.DATAHUB)
"""Somebody must be active in each: nobody else can do what they do."""
_BEHIND_POINTS: Final = (Role.BRP, Role.SUPPLIER)


@dataclass(frozen=True, slots=True)
class ActiveInRole:
    """Who is active in one of the `KEPT_ROLES`."""

    parties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _IsActive:
    """Whether a party is active in a role."""

    party: str
    active: bool


def activities(event: v1.PartyOnboarded | v1.PartyRolesChanged | v1.PartyStatusChanged) -> dict[str, _IsActive]:
    """By kept role: whether the party is active in it after the event."""
    match event:
        case v1.PartyOnboarded():
            before, after, status = (), event.roles, event.status
        case v1.PartyRolesChanged():
            before, after, status = event.before, event.after, event.status
        case v1.PartyStatusChanged():
            before, after, status = event.roles, event.roles, event.after
    return {
        str(role): _IsActive(event.party, role in after and status == "active")
        for role in KEPT_ROLES
        if role in before or role in after
    }


def evolve_active(state: ActiveInRole | None, part: _IsActive) -> ActiveInRole:
    """A party is, or is no longer, active in the role."""
    others = tuple(party for party in (state.parties if state else ()) if party != part.party)
    return ActiveInRole((*others, part.party) if part.active else others)


@dataclass(frozen=True, slots=True)
class InTheWay:
    """What a party has that somebody must have."""

    alone_in: Sequence[str] = ()
    """The `KEPT_ROLES` in which no other party is active."""

    grid_areas: Sequence[str] = ()
    groups: Sequence[str] = ()
    """Those with members."""
    points: int = 0


def _needed(lost: Collection[Role], has: InTheWay) -> list[Reason]:
    """Why a party cannot lose these roles."""
    reasons = [rules.ONLY_ONE_IN_ROLE.reason(limit=role) for role in has.alone_in if role in lost]
    if Role.DSO in lost and has.grid_areas:
        reasons.append(rules.DSO_HAS_GRID_AREAS.reason(limit=len(has.grid_areas), actual=_some(has.grid_areas)))
    if Role.BSP in lost and has.groups:
        reasons.append(rules.BSP_HAS_MEMBERS.reason(limit=len(has.groups), actual=_some(has.groups)))
    if Role.BSP in lost and has.points:
        reasons.append(rules.BSP_HOLDS_POINTS.reason(actual=has.points))
    return reasons


def _some(ids: Sequence[str]) -> str:
    return ", ".join([*ids[:_SHOWN], *(["…"] if len(ids) > _SHOWN else [])])


# Decisions


def decide_roles(
    state: Party | None, *, party: str, wish: v1.ChangePartyRoles, sender: str, has: InTheWay
) -> list[Event]:
    """Give a party exactly these roles; nothing happens where it has them.

    Refuses with NO_SUCH_PARTY, PARTY_IS_TERMINATED, OPERATOR_LOCKS_ITSELF_OUT, ONLY_ONE_IN_ROLE, DSO_HAS_GRID_AREAS,
    BSP_HAS_MEMBERS, BSP_HOLDS_POINTS.
    """
    state = there(state, party)
    refuse_terminated(state)
    lost = set(state.roles).difference(wish.roles)
    if party == sender and Role.OPERATOR in lost:
        raise rules.OPERATOR_LOCKS_ITSELF_OUT.refused(path="/roles")
    if reasons := _needed(lost, has):
        raise Refused(*(reason.model_copy(update={"path": "/roles"}) for reason in reasons))
    if set(state.roles) == set(wish.roles):
        return []
    after = tuple(dict.fromkeys(wish.roles))
    return [v1.PartyRolesChanged(party=party, before=state.roles, after=after, status=state.status)]


def decide_status(
    state: Party | None, *, party: str, wish: v1.ChangePartyStatus, sender: str, has: InTheWay
) -> list[Event]:
    """Let a party act, stop it, or part with it; nobody acts for one that has left.

    Refuses with NO_SUCH_PARTY, PARTY_IS_TERMINATED, PARTY_STATUS_NOT_NEXT, OPERATOR_LOCKS_ITSELF_OUT,
    ONLY_ONE_IN_ROLE, DSO_HAS_GRID_AREAS, BSP_HAS_MEMBERS, BSP_HOLDS_POINTS.
    """
    state = there(state, party)
    refuse_terminated(state)
    if wish.status not in NEXT[state.status]:
        limit = ", ".join(NEXT[state.status])
        raise rules.PARTY_STATUS_NOT_NEXT.refused(path="/status", limit=limit, actual=state.status)
    if party == sender:
        raise rules.OPERATOR_LOCKS_ITSELF_OUT.refused(path="/status")
    changed = v1.PartyStatusChanged(
        party=party, before=state.status, after=wish.status, reason=wish.reason, roles=state.roles
    )
    if wish.status == "active":
        return [changed]
    # A suspended party keeps what it has, and comes back to it; but nobody acts for it until then.
    needs = has if wish.status == "terminated" else InTheWay(alone_in=has.alone_in)
    if reasons := _needed(state.roles if state.status != "new" else (), needs):
        raise Refused(*(reason.model_copy(update={"path": "/status"}) for reason in reasons))
    if wish.status == "suspended":
        return [changed]
    revoked = (
        v1.AccessRevoked(party=party, kind=has.kind, member_id=member_id, rights=has.rights)
        for member_id, has in state.access.items()
    )
    # What the party is told last is that it has left.
    return [*revoked, changed]


def left_behind(events: Sequence[Event]) -> tuple[Reason, ...]:
    """What the operator is told when a party leaves that may stand behind metering points."""
    gone = [event for event in events if isinstance(event, v1.PartyStatusChanged) and event.after == "terminated"]
    return tuple(
        rules.STANDS_BEHIND_POINTS.reason(actual=str(role))
        for event in gone
        for role in event.roles
        if role in _BEHIND_POINTS
    )


def refuse_terminated(state: Party) -> None:
    """Refuse what is asked of a party that has left. Refuses with PARTY_IS_TERMINATED."""
    if state.status == "terminated":
        raise rules.PARTY_IS_TERMINATED.refused(path="/subject")
