"""Resources. Load, decide, append."""

from __future__ import annotations

from chassis.service import Incoming, On
from chassis.work import Work
from contracts.message import Event
from contracts.registry import v1
from registry import store
from registry.domain import growth, metering_point, resource, terms
from registry.handlers.following import behind_changed
from registry.handlers.loading import group_of
from registry.handlers.needs import Wanted


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
    await behind_changed(work, wish.metering_point_id, growth, at=message.at)


def needs_register_resource(message: Incoming[v1.RegisterResource]) -> Wanted:
    """The resource, its point, its devices."""
    yield store.RESOURCE, (message.subject,)
    yield store.METERING_POINT, (message.data.metering_point_id,)
    yield store.HOLDER, (message.data.metering_point_id,)
    yield store.DEVICE, map(resource.device_key, message.data.devices)


async def _growth(
    work: Work,
    message: Incoming[v1.RegisterResource],
    registered: v1.ResourceRegistered,
    member_of: metering_point.Membership,
) -> list[Event]:
    return growth.decide_growth(
        await group_of(work, member_of.group_id),
        group_id=member_of.group_id,
        registered=registered,
        supply=await work.load(store.SUPPLY, registered.metering_point_id),
        terms=terms.at(await work.load(store.POLICIES, store.POLICIES_ID), message.at),
        at=message.at,
    )


COMMANDS = {v1.RegisterResource: On(register_resource, needs_register_resource)}
