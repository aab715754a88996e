"""Applications, and the TSO's decisions on them."""

from __future__ import annotations

from typing import Any

from chassis.service import Due, Incoming, On
from chassis.work import Work
from contracts.message import Command
from contracts.prequal import v1
from prequal import store
from prequal.domain import application, decision, restricting, restriction
from prequal.handlers.following import ask_dsos, serve
from prequal.handlers.loading import POLICIES_NEEDED, Needs, is_taken, policies_at, there


def needs_apply(incoming: Incoming[v1.ApplyForPrequalification]) -> Needs:
    """Whatever may have this id, the BSP, and the group."""
    yield store.BSP, (incoming.sender,)
    yield store.RESTRICTIONS_ON, (restriction.of("bsp", incoming.sender),)
    yield store.APPLICATION, (incoming.subject,)
    yield store.QUALIFICATION, (incoming.subject,)
    yield store.GROUP, (incoming.subject, incoming.data.group_id)
    yield store.APPROVAL, (incoming.data.group_id,)
    yield store.GRID, (incoming.data.group_id,)
    yield from POLICIES_NEEDED


def needs_decide(incoming: Incoming[Any]) -> Needs:
    """The application."""
    yield store.APPLICATION, (incoming.subject,)
    yield from POLICIES_NEEDED


async def apply_for_prequalification(work: Work, incoming: Incoming[v1.ApplyForPrequalification]) -> None:
    """A BSP applies for a group; the DSOs concerned are asked, each for its own points."""
    command = incoming.data
    bsp = await work.load(store.BSP, incoming.sender)
    group = await work.load(store.GROUP, command.group_id)
    standing = await work.load(store.APPROVAL, command.group_id)
    on_bsp = await work.load(store.RESTRICTIONS_ON, restriction.of("bsp", incoming.sender))
    suspensions = await work.load_many(store.RESTRICTION, on_bsp.ids if on_bsp else ())
    restricting.check_may_apply(suspensions.values(), product=command.product, bsp=incoming.sender)
    await work.append(
        *application.decide_apply(
            command,
            application_id=incoming.subject,
            bsp=incoming.sender,
            taken=await is_taken(work, incoming.subject),
            qualified=bsp.qualified if bsp else (),
            group=group,
            under_way=standing is not None and standing.under_way is not None,
            extends=standing.admitted if standing else None,
            policies=await policies_at(work),
            at=incoming.at,
            position=incoming.position,
        )
    )
    await ask_dsos(work, command.group_id, because="application", at=incoming.at)


async def decide_prequalification(work: Work, incoming: Incoming[v1.DecidePrequalification]) -> None:
    """The TSO decides; what it approves enters the zone, or waits for room."""
    state = await work.load(store.APPLICATION, incoming.subject)
    events = decision.decide(
        state,
        incoming.data,
        grid=await work.load(store.GRID, state.group_id) if state else None,
        group=await work.load(store.GROUP, state.group_id) if state else None,
        zone=await work.load(store.ZONE, state.zone) if state else None,
        policies=await policies_at(work),
        at=incoming.at,
    )
    await work.append(*events)
    if state and incoming.data.decision == "approved":
        approved = there(await work.load(store.APPLICATION, incoming.subject))
        await serve(work, state.zone, newcomer=approved, at=incoming.at)


async def decision_due(work: Work, due: Due) -> None:
    """The TSO's time is up."""
    state = there(await work.load(store.APPLICATION, due.id))
    await work.append(*decision.decide_overdue(state))


COMMANDS: dict[type[Command], On] = {
    v1.ApplyForPrequalification: On(apply_for_prequalification, needs_apply),
    v1.DecidePrequalification: On(decide_prequalification, needs_decide),
}
DEADLINES = {store.DECIDE_BY: decision_due}
