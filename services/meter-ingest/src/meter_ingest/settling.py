"""What the case shard does about how points are settled: load, decide, append."""

from __future__ import annotations

from chassis.service import Incoming
from chassis.work import Work
from contracts.registry.v1 import MeteringPointRecorded
from meter_ingest import store
from meter_ingest.domain import blocks, counting, known
from meter_ingest.handlers import Needed


def point_needs(incoming: Incoming[MeteringPointRecorded]) -> Needed:
    """What the point is, and its channels."""
    point = incoming.data.metering_point_id
    return (store.POINTS, (blocks.block_of(point),)), (store.CHANNEL, (point,))


async def point_recorded(work: Work, incoming: Incoming[MeteringPointRecorded]) -> None:
    """What a point is was said, perhaps late: tell on which days another channel counts than was said."""
    point = incoming.data.metering_point_id
    channels = await work.load(store.CHANNEL, point)
    if channels is None:
        return
    points = await work.load_many(store.POINTS, (blocks.block_of(point),))
    facts = known.versions_of(points, point)
    await work.append(*counting.decide_changed(point, facts, channels.lines, channels.told))
