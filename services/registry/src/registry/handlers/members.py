"""Members: their BRP changes, their last moment has come. Load, decide, append."""

from __future__ import annotations

from datetime import datetime

from chassis.service import Due, Incoming, On
from chassis.work import Work
from contracts.bsp_switch import v1 as bsp_switch
from registry import store
from registry.domain import balance, membership
from registry.handlers.following import end_users_changed, ends_changed, members_changed
from registry.handlers.loading import group_of, points_of, terms_at
from registry.handlers.needs import Wanted


async def supply_recorded(work: Work, message: Incoming[bsp_switch.SupplyRecorded]) -> None:
    """Who stands behind a point was recorded: a member may fit its group no more, or again."""
    metering_point_id = message.data.metering_point_id
    point = await work.load(store.METERING_POINT, metering_point_id)
    supply = await work.load(store.SUPPLY, metering_point_id)
    if point is None or point.membership is None or supply is None:
        return
    group_id = point.membership.group_id
    await rebalance(work, group_id, metering_point_id, at=message.at)
    await ends_changed(work, group_id, at=message.at)
    # Whose point it was has less behind its points now.
    former = [delivery.end_user for delivery in supply.deliveries if delivery.valid_from <= message.at]
    await end_users_changed(work, (metering_point_id,), at=message.at, also=former)


async def rebalance(work: Work, group_id: str, metering_point_id: str, *, at: datetime) -> None:
    """Hold a member's BRPs against its group's."""
    supply = await work.load(store.SUPPLY, metering_point_id)
    if supply is None:
        return
    group = await group_of(work, group_id)
    groups = await work.load(store.GROUPS_OF_BSP, group.bsp)
    events = balance.decide_brp(
        group,
        group_id=group_id,
        metering_point_id=metering_point_id,
        supply=supply,
        others=await work.load_many(store.GROUP, groups.groups if groups else ()),
        terms=await terms_at(work, at),
        at=at,
    )
    await work.append(*events)


def needs_point(message: Incoming[bsp_switch.SupplyRecorded]) -> Wanted:
    """The point."""
    yield store.METERING_POINT, (message.data.metering_point_id,)


async def memberships_end(work: Work, due: Due) -> None:
    """The last moment of some members has come."""
    group = await group_of(work, due.id)
    leaving = [each for end, some in group.ends.items() if end <= due.at for each in some.metering_points]
    await points_of(work, leaving)
    await work.append(*membership.decide_end(group, group_id=due.id, at=due.at))
    await members_changed(work, due.id, points=leaving, at=due.at)


REACTIONS = {bsp_switch.SupplyRecorded: On(supply_recorded, needs_point)}
DEADLINES = {store.MEMBERSHIPS_END: memberships_end}
