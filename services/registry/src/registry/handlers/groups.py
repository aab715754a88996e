"""Groups: who joins, who must leave, who is out. Load, decide, append."""

from __future__ import annotations

from chassis.service import Answer, Due, Incoming, On
from chassis.work import Work
from contracts.bsp_switch import v1 as bsp_switch
from contracts.registry import v1
from registry import store
from registry.domain import joining, membership, terms
from registry.domain.group import Group
from registry.domain.joining import Candidate
from registry.handlers import policies
from registry.handlers.fit import refit
from registry.handlers.needs import Wanted


async def form_group(work: Work, message: Incoming[v1.FormGroup]) -> Answer:
    """Form a group of metering points."""
    state = await work.load(store.GROUP, message.subject)
    joined = joining.decide_form(
        group_id=message.subject,
        bsp=message.sender,
        taken=state is not None,
        wish=message.data,
        candidates=await _candidates(work, message.data.metering_points),
        terms=terms.at(await policies.in_force(work), message.at),
        at=message.at,
    )
    await work.append(*joined.events)
    await refit(work, message.data.metering_points, at=message.at)
    return _answer(joined)


async def add_members(work: Work, message: Incoming[v1.AddMembers]) -> Answer:
    """Let metering points join a group."""
    joined = joining.decide_add(
        await work.load(store.GROUP, message.subject),
        group_id=message.subject,
        bsp=message.sender,
        mode=message.data.mode,
        candidates=await _candidates(work, message.data.metering_points),
        terms=terms.at(await policies.in_force(work), message.at),
        at=message.at,
    )
    await work.append(*joined.events)
    await refit(work, message.data.metering_points, at=message.at)
    return _answer(joined)


def needs_members(message: Incoming[v1.FormGroup | v1.AddMembers]) -> Wanted:
    """The group, and all that is known of the points."""
    points = message.data.metering_points
    yield store.GROUP, (message.subject,)
    yield store.GROUPS_OF_BSP, (message.sender,)
    yield store.METERING_POINT, points
    yield store.HOLDER, points
    yield store.SUPPLY, points
    yield from policies.NEEDED


async def switch_announced(work: Work, message: Incoming[bsp_switch.SwitchAnnounced]) -> None:
    """Control of a point goes to another BSP: its membership ends at that midnight."""
    metering_point_id = message.data.metering_point_id
    point = await work.load(store.METERING_POINT, metering_point_id)
    if point is None or point.membership is None:
        return
    group_id = point.membership.group_id
    group = await group_of(work, group_id)
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
    group = await group_of(work, group_id)
    groups = await work.load(store.GROUPS_OF_BSP, group.bsp)
    events = membership.decide_brp(
        group,
        group_id=group_id,
        metering_point_id=metering_point_id,
        supply=supply,
        others=await work.load_many(store.GROUP, groups.groups if groups else ()),
        terms=terms.at(await policies.in_force(work), message.at),
        at=message.at,
    )
    await work.append(*events)


def needs_point(message: Incoming[bsp_switch.SwitchAnnounced | bsp_switch.SupplyRecorded]) -> Wanted:
    """The point."""
    yield store.METERING_POINT, (message.data.metering_point_id,)


async def memberships_end(work: Work, due: Due) -> None:
    """The last moment of some members has come."""
    group = await group_of(work, due.id)
    await work.append(*membership.decide_end(group, group_id=due.id, at=due.at))


async def _candidates(work: Work, ids: tuple[str, ...]) -> list[Candidate]:
    points = await work.load_many(store.METERING_POINT, ids)
    holders = await work.load_many(store.HOLDER, ids)
    supplies = await work.load_many(store.SUPPLY, ids)
    # The groups they are in: a membership whose end has come must have been ended before this is decided.
    await work.load_many(store.GROUP, {p.membership.group_id: None for p in points.values() if p and p.membership})
    return [Candidate(each, points[each], holders[each], supplies[each]) for each in ids]


async def group_of(work: Work, group_id: str) -> Group:
    """A group that has members."""
    group = await work.load(store.GROUP, group_id)
    if group is None:
        message = f"the group {group_id} has members but was never formed"
        raise LookupError(message)
    return group


def _answer(joined: joining.Joining) -> Answer:
    return Answer(joined.rows.reasons(), tuple(joined.rows.refused))


COMMANDS = {
    v1.FormGroup: On(form_group, needs_members),
    v1.AddMembers: On(add_members, needs_members),
}
REACTIONS = {
    bsp_switch.SwitchAnnounced: On(switch_announced, needs_point),
    bsp_switch.SupplyRecorded: On(supply_recorded, needs_point),
}
DEADLINES = {store.MEMBERSHIPS_END: memberships_end}
