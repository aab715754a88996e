"""Caps, and who waits for room."""

from __future__ import annotations

from chassis.service import Due, Incoming, On
from chassis.work import Work
from contracts import values
from contracts.message import Command
from contracts.prequal import v1
from prequal import store
from prequal.domain import zone
from prequal.handlers.following import deliverable_changed, serve
from prequal.handlers.loading import POLICIES_NEEDED, Needs, there


def needs_cap(incoming: Incoming[v1.SetZoneCap]) -> Needs:
    """The zone."""
    yield store.ZONE, (incoming.subject,)
    yield from POLICIES_NEEDED


async def set_zone_cap(work: Work, incoming: Incoming[v1.SetZoneCap]) -> None:
    """The TSO sets a zone's cap; who waits is served."""
    state = await work.load(store.ZONE, incoming.subject)
    await work.append(*zone.decide_cap(state, incoming.data, zone=values.BiddingZone(incoming.subject)))
    await serve(work, incoming.subject, at=incoming.at)


async def queued_falls_below_minimum(work: Work, due: Due) -> None:
    """A midnight has come at which a waiting group can deliver too little."""
    state = there(await work.load(store.APPLICATION, due.id))
    await deliverable_changed(work, state.group_id, at=due.at)


COMMANDS: dict[type[Command], On] = {v1.SetZoneCap: On(set_zone_cap, needs_cap)}
DEADLINES = {store.QUEUE_LAPSE: queued_falls_below_minimum}
