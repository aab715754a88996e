"""The grid. Load, decide, append."""

from __future__ import annotations

from chassis.service import Incoming, On
from chassis.work import Work
from contracts.registry import v1
from registry import store
from registry.domain import grid_area
from registry.handlers.needs import Wanted


async def define_grid_area(work: Work, message: Incoming[v1.DefineGridArea]) -> None:
    """Define a grid area, and complete the points that waited for it."""
    wish = message.data
    awaited = await work.load(store.AWAITED_GRID_AREA, message.subject)
    events = grid_area.decide_define(
        await work.load(store.GRID_AREA, message.subject),
        grid_area=message.subject,
        wish=wish,
        dso=await work.load(store.PARTY, wish.dso),
        parent=await work.load(store.GRID_AREA, wish.parent) if wish.parent else None,
        waiting=await work.load_many(store.METERING_POINT, awaited.metering_points if awaited else ()),
    )
    await work.append(*events)


def needs_define_grid_area(message: Incoming[v1.DefineGridArea]) -> Wanted:
    """The area, who waits for it, its DSO and parent."""
    parent = (message.data.parent,) if message.data.parent else ()
    yield store.GRID_AREA, (message.subject, *parent)
    yield store.AWAITED_GRID_AREA, (message.subject,)
    yield store.PARTY, (message.data.dso,)


COMMANDS = {v1.DefineGridArea: On(define_grid_area, needs_define_grid_area)}
