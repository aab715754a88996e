"""What `registry` does with each command, foreign event and deadline: load, decide, append."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chassis.service import Answer, Due, Incoming, Kind
from chassis.work import Work
from contracts.bsp_switch import v1 as bsp_switch
from contracts.message import Event
from contracts.registry import v1
from registry import store
from registry.domain import grid_area, joining, membership, metering_point, party, resource, rules, terms
from registry.domain.group import Group
from registry.domain.joining import Candidate

Wanted = Iterable[tuple[Kind[Any], Iterable[str]]]


async def onboard_party(work: Work, message: Incoming[v1.OnboardParty]) -> None:
    """Admit a party."""
    state = await work.load(store.PARTY, message.subject)
    await work.append(*party.decide_onboard(state, party=message.subject, wish=message.data))


def needs_onboard_party(message: Incoming[v1.OnboardParty]) -> Wanted:
    """The party."""
    yield store.PARTY, (message.subject,)


async def define_grid_area(work: Work, message: Incoming[v1.DefineGridArea]) -> None:
    """Define a grid area, and complete the points that waited for it."""
    wish = message.data
    awaited = await work.load(store.AWAITED_GRID_AREA, message.subject)
    events = grid_area.decide_define(
        await work.load(store.GRID_AREA, message.subject),
        grid_area=message.subject,
        wish=wish,
        dso=await work.load(store.PARTY, wish.dso),
        parent=await work.load(store.GRID_AREA, wish.parent) if wish.parent else None,
        waiting=await work.load_many(store.METERING_POINT, awaited.metering_points if awaited else ()),
    )
    await work.append(*events)


def needs_define_grid_area(message: Incoming[v1.DefineGridArea]) -> Wanted:
    """The area, who waits for it, its DSO and parent."""
    parent = (message.data.parent,) if message.data.parent else ()
    yield store.GRID_AREA, (message.subject, *parent)
    yield store.AWAITED_GRID_AREA, (message.subject,)
    yield store.PARTY, (message.data.dso,)


async def record_metering_point(work: Work, message: Incoming[v1.RecordMeteringPoint]) -> Answer | None:
    """Take in a fact, whatever it names."""
    state = await work.load(store.METERING_POINT, message.subject)
    area = await work.load(store.GRID_AREA, message.data.grid_area)
    await work.append(
        *metering_point.decide_record(state, metering_point_id=message.subject, wish=message.data, area=area)
    )
    if area is not None:
        return None
    return Answer((rules.GRID_AREA_UNKNOWN.reason(path="/grid_area", actual=message.data.grid_area),))


def needs_record_metering_point(message: Incoming[v1.RecordMeteringPoint]) -> Wanted:
    """The point and its area."""
    yield store.METERING_POINT, (message.subject,)
    yield store.GRID_AREA, (message.data.grid_area,)
    yield store.AWAITED_GRID_AREA, (message.data.grid_area,)


async def register_resource(work: Work, message: Incoming[v1.RegisterResource]) -> None:
    """Register a resource with its devices; behind a member's point that is growth of the member."""
    wish = message.data
    point = await work.load(store.METERING_POINT, wish.metering_point_id)
    registered = resource.decide_register(
        await work.load(store.RESOURCE, message.subject),
        resource_id=message.subject,
        bsp=message.sender,
        wish=wish,
        point=point,
        holder=await work.load(store.HOLDER, wish.metering_point_id),
        registered=await work.load_many(store.DEVICE, map(resource.device_key, wish.devices)),
        at=message.at,
    )
    growth = await _growth(work, message, registered, point.membership) if point and point.membership else ()
    await work.append(registered, *growth)


def needs_register_resource(message: Incoming[v1.RegisterResource]) -> Wanted:
    """The resource, its point, its devices."""
    yield store.RESOURCE, (message.subject,)
    yield store.METERING_POINT, (message.data.metering_point_id,)
    yield store.HOLDER, (message.data.metering_point_id,)
    yield store.DEVICE, map(resource.device_key, message.data.devices)


async def form_group(work: Work, message: Incoming[v1.FormGroup]) -> Answer:
    """Form a group of metering points."""
    state = await work.load(store.GROUP, message.subject)
    joined = joining.decide_form(
        group_id=message.subject,
        bsp=message.sender,
        taken=state is not None,
        wish=message.data,
        candidates=await _candidates(work, message.data.metering_points),
        terms=terms.at(await work.load(store.POLICIES, store.POLICIES_ID), message.at),
        at=message.at,
    )
    await work.append(*joined.events)
    return _answer(joined)


async def add_members(work: Work, message: Incoming[v1.AddMembers]) -> Answer:
    """Let metering points join a group."""
    joined = joining.decide_add(
        await work.load(store.GROUP, message.subject),
        group_id=message.subject,
        bsp=message.sender,
        mode=message.data.mode,
        candidates=await _candidates(work, message.data.metering_points),
        terms=terms.at(await work.load(store.POLICIES, store.POLICIES_ID), message.at),
        at=message.at,
    )
    await work.append(*joined.events)
    return _answer(joined)


def needs_members(message: Incoming[v1.FormGroup | v1.AddMembers]) -> Wanted:
    """The group, and all that is known of the points."""
    points = message.data.metering_points
    yield store.GROUP, (message.subject,)
    yield store.GROUPS_OF_BSP, (message.sender,)
    yield store.METERING_POINT, points
    yield store.HOLDER, points
    yield store.SUPPLY, points
    yield store.POLICIES, (store.POLICIES_ID,)


async def switch_announced(work: Work, message: Incoming[bsp_switch.SwitchAnnounced]) -> None:
    """Control of a point goes to another BSP: its membership ends at that midnight."""
    metering_point_id = message.data.metering_point_id
    point = await work.load(store.METERING_POINT, metering_point_id)
    if point is None or point.membership is None:
        return
    group_id = point.membership.group_id
    group = await _group(work, group_id)
    await work.append(
        *membership.decide_switch(group, group_id=group_id, metering_point_id=metering_point_id, announced=message.data)
    )


async def supply_recorded(work: Work, message: Incoming[bsp_switch.SupplyRecorded]) -> None:
    """Who is balance responsible for a point was recorded: a member may fit its group no more, or again."""
    metering_point_id = message.data.metering_point_id
    point = await work.load(store.METERING_POINT, metering_point_id)
    supply = await work.load(store.SUPPLY, metering_point_id)
    if point is None or point.membership is None or supply is None:
        return
    group_id = point.membership.group_id
    group = await _group(work, group_id)
    groups = await work.load(store.GROUPS_OF_BSP, group.bsp)
    events = membership.decide_brp(
        group,
        group_id=group_id,
        metering_point_id=metering_point_id,
        supply=supply,
        others=await work.load_many(store.GROUP, groups.groups if groups else ()),
        terms=terms.at(await work.load(store.POLICIES, store.POLICIES_ID), message.at),
        at=message.at,
    )
    await work.append(*events)


def needs_point(message: Incoming[bsp_switch.SwitchAnnounced | bsp_switch.SupplyRecorded]) -> Wanted:
    """The point."""
    yield store.METERING_POINT, (message.data.metering_point_id,)


async def memberships_end(work: Work, due: Due) -> None:
    """The last moment of some members has come."""
    group = await _group(work, due.id)
    await work.append(*membership.decide_end(group, group_id=due.id, at=due.at))


async def _candidates(work: Work, ids: tuple[str, ...]) -> list[Candidate]:
    points = await work.load_many(store.METERING_POINT, ids)
    holders = await work.load_many(store.HOLDER, ids)
    supplies = await work.load_many(store.SUPPLY, ids)
    # The groups they are in: a membership whose end has come must have been ended before this is decided.
    await work.load_many(store.GROUP, {p.membership.group_id: None for p in points.values() if p and p.membership})
    return [Candidate(each, points[each], holders[each], supplies[each]) for each in ids]


async def _growth(
    work: Work,
    message: Incoming[v1.RegisterResource],
    registered: v1.ResourceRegistered,
    member_of: metering_point.Membership,
) -> list[Event]:
    return membership.decide_growth(
        await _group(work, member_of.group_id),
        group_id=member_of.group_id,
        registered=registered,
        supply=await work.load(store.SUPPLY, registered.metering_point_id),
        terms=terms.at(await work.load(store.POLICIES, store.POLICIES_ID), message.at),
        at=message.at,
    )


async def _group(work: Work, group_id: str) -> Group:
    group = await work.load(store.GROUP, group_id)
    if group is None:
        message = f"the group {group_id} has members but was never formed"
        raise LookupError(message)
    return group


def _answer(joined: joining.Joining) -> Answer:
    return Answer(joined.rows.reasons(), tuple(joined.rows.refused))
