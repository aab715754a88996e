"""What follows from a change, whatever made it: what may be bid, and who may enter."""

from __future__ import annotations

from datetime import datetime

from chassis.work import Work
from contracts.prequal import v1
from prequal import store
from prequal.domain import application, approval, zone
from prequal.handlers.loading import policies_at, there


async def deliverable_changed(work: Work, group_id: str, *, at: datetime, only_of: str | None = None) -> None:
    """Tell what follows for a group that may be bid, or waits to be. `only_of`: the one point that changed."""
    standing = await work.load(store.APPROVAL, group_id)
    if standing is None or standing.application_id is None:
        return
    state = there(await work.load(store.APPLICATION, standing.application_id))
    if state.status not in {"queued", "admitted"} or (only_of is not None and only_of not in state.allowed):
        return
    group = there(await work.load(store.GROUP, group_id))
    in_force = await policies_at(work)
    if state.status == "admitted":
        await work.append(*approval.decide_biddable(standing, application=state, group=group, policies=in_force, at=at))
        return
    events = approval.decide_while_queued(
        state, group=group, zone=there(await work.load(store.ZONE, state.zone)), policies=in_force, at=at
    )
    await work.append(*events)
    if any(isinstance(event, v1.ApplicationLapsed) for event in events):
        await serve(work, state.zone, at=at)


async def serve(work: Work, zone_id: str, *, at: datetime, newcomer: application.Application | None = None) -> None:
    """Let in who fits, and tell the others their place where it is new."""
    served = zone.serve(there(await work.load(store.ZONE, zone_id)), newcomer)
    in_force = await policies_at(work)
    for one in served.entering:
        await work.append(
            *approval.decide_entry(
                there(await work.load(store.APPROVAL, one.group_id)),
                application=there(await work.load(store.APPLICATION, one.application_id)),
                group=there(await work.load(store.GROUP, one.group_id)),
                zone=there(await work.load(store.ZONE, zone_id)),
                policies=in_force,
                at=at,
            )
        )
    for place, one in served.places:
        await work.append(
            *approval.decide_queued(
                there(await work.load(store.APPLICATION, one.application_id)),
                place=place,
                waiting=one,
                group=there(await work.load(store.GROUP, one.group_id)),
                zone=there(await work.load(store.ZONE, zone_id)),
                policies=in_force,
                at=at,
            )
        )
