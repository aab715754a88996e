"""Metering points. Load, decide, append."""

from __future__ import annotations

from chassis.service import Answer, Incoming, On
from chassis.work import Work
from contracts.registry import v1
from registry import store
from registry.domain import metering_point, rules
from registry.handlers.needs import Wanted


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


COMMANDS = {v1.RecordMeteringPoint: On(record_metering_point, needs_record_metering_point)}
