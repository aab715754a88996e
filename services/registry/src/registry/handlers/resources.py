"""Resources, and what follows for the group of their point. Load, decide, append."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeAlias

from chassis.service import Answer, Incoming, On
from chassis.work import Work
from contracts.message import Event, Reason
from contracts.registry import v1
from registry import store
from registry.domain import category, device, growth, lifecycle, registering, sleep
from registry.domain.lifecycle import Decided, Held
from registry.domain.metering_point import MeteringPoint
from registry.handlers import policies, resources_ahead
from registry.handlers.following import behind_changed
from registry.handlers.loading import group_of, terms_at
from registry.handlers.needs import Wanted

OfResource: TypeAlias = (
    v1.UpdateResource | v1.ChangeDevices | v1.ActivateResource | v1.PauseResource | v1.TerminateResource
)


async def register_resource(work: Work, message: Incoming[v1.RegisterResource]) -> Answer:
    """Register a resource with its devices."""
    wish = message.data
    state = await work.load(store.RESOURCE, message.subject)
    holder = await work.load(store.HOLDER, wish.metering_point_id)
    if state is not None:
        return Answer(registering.decide_again(state, bsp=message.sender, wish=wish, holder=holder, at=message.at))
    if (later := await resources_ahead.keep(work, message)) is not None:
        return later
    point = await work.load(store.METERING_POINT, wish.metering_point_id)
    decided = registering.decide_register(
        resource_id=message.subject,
        bsp=message.sender,
        wish=wish,
        point=point,
        holder=holder,
        registered=await work.load_many(store.DEVICE, map(device.key, wish.devices)),
        serials=await work.load_many(store.SERIAL, map(device.serial, wish.devices)),
        terms=await terms_at(work, message.at),
        at=message.at,
    )
    return await _append(work, message, point, decided)


async def update_resource(work: Work, message: Incoming[v1.UpdateResource]) -> Answer:
    """Change what is stated of a resource."""
    if (later := await resources_ahead.keep(work, message)) is not None:
        return later
    one = await _held(work, message)
    decided = lifecycle.decide_update(one, message.data, terms=await terms_at(work, message.at))
    return await _append(work, message, one.point, decided)


async def change_devices(work: Work, message: Incoming[v1.ChangeDevices]) -> Answer:
    """Take devices out of a resource, and put others in."""
    if (later := await resources_ahead.keep(work, message)) is not None:
        return later
    one = await _held(work, message)
    decided = lifecycle.decide_devices(
        one,
        message.data,
        registered=await work.load_many(store.DEVICE, map(device.key, message.data.add)),
        serials=await work.load_many(store.SERIAL, map(device.serial, message.data.add)),
    )
    return await _append(work, message, one.point, decided)


async def activate_resource(work: Work, message: Incoming[v1.ActivateResource]) -> Answer:
    """Let a resource count."""
    if (later := await resources_ahead.keep(work, message)) is not None:
        return later
    one = await _held(work, message)
    return await _append(work, message, one.point, lifecycle.decide_activate(one))


async def pause_resource(work: Work, message: Incoming[v1.PauseResource]) -> Answer:
    """Let a resource count nowhere for a while."""
    if (later := await resources_ahead.keep(work, message)) is not None:
        return later
    one = await _held(work, message)
    return await _append(work, message, one.point, lifecycle.decide_pause(one, message.data))


async def terminate_resource(work: Work, message: Incoming[v1.TerminateResource]) -> Answer:
    """A resource is no more."""
    if (later := await resources_ahead.keep(work, message)) is not None:
        return later
    one = await _held(work, message)
    return await _append(work, message, one.point, lifecycle.decide_terminate(one, message.data))


def needs_register_resource(message: Incoming[v1.RegisterResource]) -> Wanted:
    """The resource, its point, its devices, the policies."""
    yield store.RESOURCE, (message.subject,)
    yield store.COMING_RESOURCE, (message.subject,)
    yield store.METERING_POINT, (message.data.metering_point_id,)
    yield store.HOLDER, (message.data.metering_point_id,)
    yield store.DEVICE, map(device.key, message.data.devices)
    yield store.SERIAL, map(device.serial, message.data.devices)
    yield from policies.NEEDED


def needs_resource(message: Incoming[OfResource]) -> Wanted:
    """The resource: it tells which point it is behind."""
    yield store.RESOURCE, (message.subject,)
    yield store.COMING_RESOURCE, (message.subject,)


def needs_update_resource(message: Incoming[v1.UpdateResource]) -> Wanted:
    """The resource, and the policies."""
    yield store.RESOURCE, (message.subject,)
    yield store.COMING_RESOURCE, (message.subject,)
    yield from policies.NEEDED


def needs_change_devices(message: Incoming[v1.ChangeDevices]) -> Wanted:
    """The resource, and where the devices are that are to come in or go out."""
    yield store.RESOURCE, (message.subject,)
    yield store.COMING_RESOURCE, (message.subject,)
    yield store.DEVICE, map(device.key, (*message.data.add, *message.data.remove))
    yield store.SERIAL, map(device.serial, (*message.data.add, *message.data.remove))


async def _held(work: Work, message: Incoming[Any]) -> Held:
    state = await work.load(store.RESOURCE, message.subject)
    return lifecycle.held(
        state,
        resource_id=message.subject,
        bsp=message.sender,
        point=await work.load(store.METERING_POINT, state.metering_point_id) if state else None,
        holder=await work.load(store.HOLDER, state.metering_point_id) if state else None,
        at=message.at,
    )


async def _append(
    work: Work,
    message: Incoming[Any],
    point: MeteringPoint | None,
    decided: Decided | None,
) -> Answer:
    """What happened to the resource, and to the member whose point it is behind."""
    if decided is None:
        return Answer()
    told: list[Event] = []
    metering_point_id = decided.event.metering_point_id
    if point is not None and point.joining is not None:
        # Whether the point joins its next group was decided first, where the midnight has come.
        await work.load(store.GROUP, point.joining.group_id)
    changed = point is not None and decided.behind != point.behind
    if changed and point is not None and point.membership is not None:
        group_id = point.membership.group_id
        told = growth.decide_behind(
            await group_of(work, group_id),
            group_id=group_id,
            metering_point_id=metering_point_id,
            behind=decided.behind,
            supply=await work.load(store.SUPPLY, metering_point_id),
            terms=await terms_at(work, message.at),
            at=message.at,
        )
    await work.append(decided.event, *told)
    if isinstance(decided.event, v1.ResourceRegistered | v1.ResourceActivated):
        await _sleeps(work, message.subject, metering_point_id, at=message.at)
    if changed:
        await behind_changed(work, metering_point_id, told, at=message.at)
    large = growth.notices(told, decided.behind)
    return Answer((*decided.notices, *large, *await _category(work, metering_point_id, point)))


async def _category(work: Work, metering_point_id: str, before: MeteringPoint | None) -> tuple[Reason, ...]:
    """What the BSP is told when its group does not say that it is made of this."""
    after = await work.load(store.METERING_POINT, metering_point_id)
    if before is None or after is None or after.membership is None or after.category == before.category:
        return ()
    group = await group_of(work, after.membership.group_id)
    return category.notices(group.category, before.category, after.category)


async def _sleeps(work: Work, resource_id: str, metering_point_id: str, *, at: datetime) -> None:
    """One that has become active learns when it will sleep, if that is announced."""
    holder = await work.load(store.HOLDER, metering_point_id)
    point = await work.load(store.METERING_POINT, metering_point_id)
    if point is not None:
        resources = await work.load_many(store.RESOURCE, (resource_id,))
        await work.append(*sleep.decide_sleep(resources, holder=holder, point=point, at=at))


COMMANDS = {
    v1.RegisterResource: On(register_resource, needs_register_resource),
    v1.UpdateResource: On(update_resource, needs_update_resource),
    v1.ChangeDevices: On(change_devices, needs_change_devices),
    v1.ActivateResource: On(activate_resource, needs_resource),
    v1.PauseResource: On(pause_resource, needs_resource),
    v1.TerminateResource: On(terminate_resource, needs_resource),
}
