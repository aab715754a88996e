"""A BSP gets a point at this midnight: what it was in ends, what was said before is done. Load, decide, append.

Whichever deadline of the midnight is called first, this is done before what it is about.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from chassis.service import Due, Handler, Incoming
from chassis.work import Work
from contracts.message import Command, Event, Refused
from contracts.registry import v1
from registry import store
from registry.domain import membership, regulation_object, resource_ahead
from registry.domain.coming import Coming
from registry.handlers import resources
from registry.handlers.following import members_changed
from registry.handlers.loading import group_of

DECIDES: dict[type[Command], Handler] = {command: on.handler for command, on in resources.COMMANDS.items()}


async def resources_due(work: Work, due: Due) -> None:
    """What was said of the resources behind a point by the BSP that has it now."""
    await leave_before(work, (due.id,), at=due.at)
    await take_effect(work, due.id, at=due.at)


async def take_effect(work: Work, metering_point_id: str, *, at: datetime) -> None:
    """Decide what waits behind a point for a midnight that has come, each as if it was sent now."""
    point = await work.load(store.METERING_POINT, metering_point_id)
    for coming in point.coming if point else ():
        if coming.valid_from <= at:
            await _decide(work, metering_point_id, coming, at=at)


async def _decide(work: Work, metering_point_id: str, coming: Coming, *, at: datetime) -> None:
    wish = resource_ahead.unwrapped(coming.wish)
    holder = await work.load(store.HOLDER, metering_point_id)
    sender = holder.now(coming.bsp, at) if holder is not None else coming.bsp
    message = Incoming(
        data=wish, type=wish.type, id="", source="", subject=coming.resource_id, at=at, position=0, sender=sender
    )
    point = await work.load(store.METERING_POINT, metering_point_id)
    assert point is not None, "something waits behind it"
    try:
        # It decides before it appends: what is refused has left nothing.
        answer = await DECIDES[type(wish)](work, message)
    except Refused as refused:
        await work.append(resource_ahead.lapse(point, coming, metering_point_id, why=refused.reasons[0]))
        return
    notices = answer.reasons if answer is not None else ()
    await work.append(resource_ahead.took_effect(point, coming, metering_point_id, notices=notices))


async def leave_before(work: Work, metering_points: Iterable[str], *, at: datetime) -> None:
    """What these points were in ends at this midnight, too."""
    points = await work.load_many(store.METERING_POINT, metering_points)
    there = [point for point in points.values() if point is not None]
    for group_id in dict.fromkeys(point.membership.group_id for point in there if point.membership is not None):
        over = membership.decide_end(await group_of(work, group_id), group_id=group_id, at=at)
        await work.append(*over)
        if over:
            await members_changed(work, group_id, points=out(over), at=at)
    for object_id in [point.regulation_object for point in there if point.regulation_object is not None]:
        state = await work.load(store.REGULATION_OBJECT, object_id)
        if state is not None and state.over is not None and state.over[0] <= at:
            await work.append(*regulation_object.decide_over(state, object_id=object_id))


def out(over: Iterable[Event]) -> list[str]:
    """The points whose memberships have ended."""
    return [event.metering_point_id for event in over if isinstance(event, v1.MembershipEnded)]


DEADLINES = {store.RESOURCES_DUE: resources_due}
