"""Own meters of resources: what the case shard does with their commands, and what the value shard looks up of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from chassis.service import Incoming, Kind
from chassis.work import Work
from contracts.meter_ingest.v1 import CloseOwnMeter, OpenOwnMeter
from meter_ingest import store
from meter_ingest.domain import blocks, own_meters, own_series
from meter_ingest.domain.series import Record
from meter_ingest.handlers import POLICIES_NEEDED, Needed, policies_in_force

Fetch = Callable[[Kind[Any], Iterable[str]], Awaitable[Mapping[str, Any]]]


def open_needs(incoming: Incoming[OpenOwnMeter]) -> Needed:
    """The resource, its meters, and how long values are kept; its point is known when it is loaded."""
    return (
        *POLICIES_NEEDED,
        (store.RESOURCE, (incoming.subject,)),
        (store.OWN_METERS, (incoming.subject,)),
        (store.EXPIRY, store.EXPIRIES),
    )


async def open_own_meter(work: Work, incoming: Incoming[OpenOwnMeter]) -> None:
    """A BSP will send values of a meter of its own."""
    resource = await work.load(store.RESOURCE, incoming.subject)
    point = resource.metering_point_id if resource else None
    await work.append(
        own_meters.decide_open(
            incoming.data,
            resource_id=incoming.subject,
            sender=incoming.sender,
            resource=resource,
            held=await work.load(store.CONTROL, blocks.block_of(point)) if point else None,
            state=await work.load(store.OWN_METERS, incoming.subject),
            numbered=await work.load(store.NUMBERED, point) if point else None,
            at=incoming.at,
            freeze_days=(await policies_in_force(work)).whole("timeline.freeze-days", at=incoming.at),
        )
    )


def close_needs(incoming: Incoming[CloseOwnMeter]) -> Needed:
    """The resource's meters."""
    return (*POLICIES_NEEDED, (store.OWN_METERS, (incoming.subject,)))


async def close_own_meter(work: Work, incoming: Incoming[CloseOwnMeter]) -> None:
    """A BSP sends no values of it any more."""
    state = await work.load(store.OWN_METERS, incoming.subject)
    await work.append(
        own_meters.decide_close(
            incoming.data,
            resource_id=incoming.subject,
            sender=incoming.sender,
            held=await work.load(store.CONTROL, blocks.block_of(state.metering_point_id)) if state else None,
            state=state,
            at=incoming.at,
            freeze_days=(await policies_in_force(work)).whole("timeline.freeze-days", at=incoming.at),
        )
    )


async def standing(records: Sequence[Record], fetch: Fetch) -> own_series.Standing | None:
    """What the series of own meters in records are held against; None where there are none."""
    named = own_series.resources(records)
    if named is None:
        return None
    meters = await fetch(store.OWN_METERS, sorted(named))
    found = {one.metering_point_id for one in meters.values() if one}
    named_ = sorted(blocks.by_block(sorted(found)))
    return own_series.Standing(meters, await fetch(store.CONTROL, named_), await fetch(store.ERASED, named_))
