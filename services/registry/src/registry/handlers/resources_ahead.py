"""What a BSP says of the resources behind a point before its midnight. Load, decide, append."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chassis.service import Answer, Incoming
from contracts.registry import v1
from registry import store
from registry.domain import device, resource_ahead
from registry.handlers.loading import terms_at

if TYPE_CHECKING:
    from chassis.work import Work
    from registry.domain.metering_point import MeteringPoint
    from registry.domain.resource import Resource


async def keep(work: Work, message: Incoming[Any]) -> Answer | None:
    """Keep what its sender will only be able to do from a midnight to come; None where it is decided now."""
    state = await work.load(store.RESOURCE, message.subject)
    metering_point_id = await _point_of(work, message, state)
    holder = await work.load(store.HOLDER, metering_point_id) if metering_point_id else None
    if holder is None or metering_point_id is None or holder.by(message.sender, message.at) is not None:
        return None
    control = holder.coming(message.sender, message.at)
    point = await work.load(store.METERING_POINT, metering_point_id)
    if control is None or point is None:
        return None
    expected = resource_ahead.Expected(
        control=control,
        holder=holder,
        terms=await terms_at(work, message.at),
        point=point,
        resources=await _behind(work, message, point),
        registered=dict(
            await work.load_many(store.DEVICE, map(device.key, resource_ahead.devices_of(point.coming, message.data)))
        ),
    )
    events, notices = resource_ahead.decide_announce(expected, resource_id=message.subject, wish=message.data)
    await work.append(*events)
    return Answer(notices)


async def _point_of(work: Work, message: Incoming[Any], state: Resource | None) -> str | None:
    """Behind which point the resource is, or is to be, as far as the sender may know; None where it is registered."""
    wish: resource_ahead.Wish = message.data
    if isinstance(wish, v1.RegisterResource):
        coming = await work.load(store.COMING_RESOURCE, message.subject) if state is None else None
        another = coming is not None and (coming.metering_point_id, coming.bsp) != (
            wish.metering_point_id,
            message.sender,
        )
        return None if state is not None or another else wish.metering_point_id
    if state is not None:
        return state.metering_point_id
    coming = await work.load(store.COMING_RESOURCE, message.subject)
    return coming.metering_point_id if coming is not None and coming.bsp == message.sender else None


async def _behind(work: Work, message: Incoming[Any], point: MeteringPoint) -> dict[str, Resource | None]:
    ids = dict.fromkeys((message.subject, *(each.resource_id for each in point.coming)))
    return dict(await work.load_many(store.RESOURCE, ids))
