"""Parties. Load, decide, append."""

from __future__ import annotations

from datetime import datetime

from chassis.service import Answer, Incoming, On
from chassis.work import Work
from contracts.message import Event
from contracts.registry import v1
from registry import store
from registry.domain import access, holding, party, rules, standing
from registry.handlers.needs import Wanted

# Who it is


async def onboard_party(work: Work, message: Incoming[v1.OnboardParty]) -> None:
    """Admit a party."""
    state = await work.load(store.PARTY, message.subject)
    await work.append(
        *party.decide_onboard(
            state,
            party=message.subject,
            wish=message.data,
            sender=message.sender,
            eic_holder=await _holder(work, message.data.eic),
        )
    )


async def change_party(work: Work, message: Incoming[v1.ChangeParty]) -> Answer:
    """Say anew who a party is."""
    state = await work.load(store.PARTY, message.subject)
    events = party.decide_change(
        state, party=message.subject, wish=message.data, eic_holder=await _holder(work, message.data.eic)
    )
    return await _append(work, events)


def needs_identity(message: Incoming[v1.OnboardParty | v1.ChangeParty]) -> Wanted:
    """The party, and whoever has its EIC now or afterwards."""
    yield store.PARTY, (message.subject,)
    if message.data.eic is not None:
        yield store.PARTY_OF_EIC, (message.data.eic,)


# What it may do


async def change_roles(work: Work, message: Incoming[v1.ChangePartyRoles]) -> Answer:
    """Give a party these roles and no others."""
    events = standing.decide_roles(
        await work.load(store.PARTY, message.subject),
        party=message.subject,
        wish=message.data,
        sender=message.sender,
        has=await _in_the_way(work, message.subject, at=message.at),
    )
    return await _append(work, events)


async def change_status(work: Work, message: Incoming[v1.ChangePartyStatus]) -> None:
    """Let a party act, stop it, or part with it."""
    events = standing.decide_status(
        await work.load(store.PARTY, message.subject),
        party=message.subject,
        wish=message.data,
        sender=message.sender,
        has=await _in_the_way(work, message.subject, at=message.at),
    )
    await work.append(*events)


def needs_standing(message: Incoming[v1.ChangePartyRoles | v1.ChangePartyStatus]) -> Wanted:
    """The party, and what it may be needed for."""
    party_id = (message.subject,)
    yield store.PARTY, party_id
    yield store.AREAS_OF_DSO, party_id
    yield store.GROUPS_OF_BSP, party_id
    yield store.POINTS_OF_BSP, holding.documents(message.subject)


async def _in_the_way(work: Work, party_id: str, *, at: datetime) -> standing.InTheWay:
    had = await work.load(store.AREAS_OF_DSO, party_id)
    areas = await work.load_many(store.GRID_AREA, had.grid_areas if had else ())
    formed = await work.load(store.GROUPS_OF_BSP, party_id)
    groups = await work.load_many(store.GROUP, formed.groups if formed else ())
    held = await work.load_many(store.POINTS_OF_BSP, holding.documents(party_id))
    return standing.InTheWay(
        grid_areas=[area_id for area_id, area in areas.items() if area and area.keeps(party_id, at)],
        groups=[group_id for group_id, group in groups.items() if group and group.members],
        points=sum(some.at(at) for some in held.values() if some is not None),
    )


# Who acts for it


async def admit_to_party(work: Work, message: Incoming[v1.AdmitToParty]) -> Answer:
    """Let someone act for a party."""
    events = access.decide_admit(
        await work.load(store.PARTY, message.subject),
        party=message.subject,
        wish=message.data,
        sender=message.sender,
        sender_role=message.sender_role,
    )
    return await _append(work, events)


async def remove_from_party(work: Work, message: Incoming[v1.RemoveFromParty]) -> None:
    """Let someone act for a party no longer."""
    events = access.decide_remove(
        await work.load(store.PARTY, message.subject),
        party=message.subject,
        wish=message.data,
        sender=message.sender,
        sender_role=message.sender_role,
    )
    await work.append(*events)


def needs_party(message: Incoming[v1.AdmitToParty | v1.RemoveFromParty]) -> Wanted:
    """The party."""
    yield store.PARTY, (message.subject,)


async def _holder(work: Work, eic: str | None) -> party.EicHolder | None:
    return await work.load(store.PARTY_OF_EIC, eic) if eic is not None else None


async def _append(work: Work, events: list[Event]) -> Answer:
    """Append what follows, and say so where nothing does."""
    await work.append(*events)
    return Answer() if events else Answer((rules.PARTY_UNCHANGED.reason(),))


COMMANDS = {
    v1.OnboardParty: On(onboard_party, needs_identity),
    v1.ChangeParty: On(change_party, needs_identity),
    v1.ChangePartyRoles: On(change_roles, needs_standing),
    v1.ChangePartyStatus: On(change_status, needs_standing),
    v1.AdmitToParty: On(admit_to_party, needs_party),
    v1.RemoveFromParty: On(remove_from_party, needs_party),
}
