"""Control of a point: who holds it, to when, from when. What rests on it follows (D26, D30). Load, decide, append.

Whatever was said, what follows is worked out from all that is known of who holds the point, so it does not matter in
which order, how late, or how often it is said. What is over is over: nothing brings back a membership that has ended.
"""

from __future__ import annotations

from typing import Any, get_args

from chassis.service import Due, Incoming, On
from chassis.work import Work
from contracts.registry import v1
from registry import store
from registry.domain import joining, membership, regulation_object, resource_ahead, sleep
from registry.domain.holder import Holder, OfControl
from registry.domain.metering_point import MeteringPoint
from registry.handlers.fit import refit
from registry.handlers.following import ends_changed, members_changed
from registry.handlers.loading import candidates, group_of, terms_at
from registry.handlers.members import rebalance
from registry.handlers.midnight import leave_before, out, take_effect
from registry.handlers.needs import Wanted


async def control_changed(work: Work, message: Incoming[Any]) -> None:
    """Who holds a point when is another than was known: what rests on it ends, or goes on, or does not come."""
    metering_point_id = message.data.metering_point_id
    point = await work.load(store.METERING_POINT, metering_point_id)
    holder = await work.load(store.HOLDER, metering_point_id)
    if point is None or holder is None:
        return
    await _membership(work, metering_point_id, point, holder, message)
    await _object(work, point, holder, message)
    if point.joining is not None:
        group_id = point.joining.group_id
        group = await group_of(work, group_id)
        await work.append(
            *joining.decide_control(group, group_id=group_id, metering_point_id=metering_point_id, holder=holder)
        )
    lapsed = resource_ahead.decide_control(point, metering_point_id=metering_point_id, holder=holder)
    await work.append(*lapsed)
    resources = await work.load_many(store.RESOURCE, point.resources)
    await work.append(*sleep.decide_sleep(resources, holder=holder, point=point, at=message.at))


def needs_control(message: Incoming[Any]) -> Wanted:
    """The point, and who holds it."""
    yield store.METERING_POINT, (message.data.metering_point_id,)
    yield store.HOLDER, (message.data.metering_point_id,)


async def _membership(
    work: Work, metering_point_id: str, point: MeteringPoint, holder: Holder, message: Incoming[Any]
) -> None:
    if point.membership is None:
        return
    group_id = point.membership.group_id
    group = await group_of(work, group_id)
    ends = membership.decide_control(group, group_id=group_id, metering_point_id=metering_point_id, holder=holder)
    await work.append(*ends)
    if any(isinstance(end, v1.MembershipEndAnnounced) and end.valid_to <= message.at for end in ends):
        # Its moment is past: it is over now, and does not wait for a deadline that had come before it was known.
        over = membership.decide_end(await group_of(work, group_id), group_id=group_id, at=message.at)
        await work.append(*over)
        await members_changed(work, group_id, points=out(over), at=message.at)
        return
    if any(isinstance(end, v1.MembershipEndCancelled) for end in ends):
        # Nobody asked which BRPs it would have after the end that does not come.
        await rebalance(work, group_id, metering_point_id, at=message.at)
    if ends:
        await ends_changed(work, group_id, at=message.at)


async def _object(work: Work, point: MeteringPoint, holder: Holder, message: Incoming[Any]) -> None:
    object_id = point.regulation_object
    state = await work.load(store.REGULATION_OBJECT, object_id) if object_id is not None else None
    if state is None or object_id is None:
        return
    ends = regulation_object.decide_control(state, object_id=object_id, holder=holder)
    await work.append(*ends)
    after = await work.load(store.REGULATION_OBJECT, object_id)
    if ends and after is not None and after.over is not None and after.over[0] <= message.at:
        await work.append(*regulation_object.decide_over(after, object_id=object_id))


async def joins_due(work: Work, due: Due) -> None:
    """A BSP has got points that were to join its group at this midnight."""
    group = await group_of(work, due.id)
    waiting = [each for each, joins in group.joining.items() if joins.valid_from <= due.at]
    await leave_before(work, waiting, at=due.at)
    for metering_point_id in waiting:
        await take_effect(work, metering_point_id, at=due.at)
    events = joining.decide_due(
        await group_of(work, due.id),
        group_id=due.id,
        candidates=await candidates(work, waiting, at=due.at),
        terms=await terms_at(work, due.at),
        at=due.at,
    )
    await work.append(*events)
    await refit(work, waiting, at=due.at)
    if any(isinstance(event, v1.MemberJoined) for event in events):
        await members_changed(work, due.id, points=waiting, at=due.at)


REACTIONS = dict.fromkeys(get_args(OfControl), On(control_changed, needs_control))
DEADLINES = {store.JOINS_DUE: joins_due}
