"""The TSO's decisions: splits, tests, approval, verification, re-assessment; and what registry says of split groups."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chassis.service import Incoming, On
from chassis.work import Work
from contracts.message import Command, Event
from contracts.prequal import v1
from contracts.registry import v1 as registry
from prequal import store
from prequal.domain import activation_tests, approval, decision, reassessment, split
from prequal.domain.application import WAITING, Application, in_turn
from prequal.handlers.applications import needs_application, terms_of
from prequal.handlers.approvals import end_with_group
from prequal.handlers.following import ask_dsos, deliverable_changed, end_approval, enter, release_more, serve
from prequal.handlers.loading import basis_of, dsos_of, places_of, there
from prequal.handlers.locations import locations_changed


async def _in_turn(work: Work, incoming: Incoming[Any]) -> Application:
    return in_turn(await work.load(store.APPLICATION, incoming.subject), incoming.data)


async def decide_prequalification(work: Work, incoming: Incoming[v1.DecidePrequalification]) -> None:
    """The TSO decides; what it approves enters the zone, or waits for room. A single point needs no room."""
    state = await work.load(store.APPLICATION, incoming.subject)
    events = decision.decide(
        state,
        incoming.data,
        grid=await work.load(store.GRID, state.group_id) if state else None,
        group=await work.load(store.GROUP, state.group_id) if state else None,
        zone=await work.load(store.ZONE, state.zone) if state else None,
        spread=await work.load(store.SPREAD, state.group_id) if state else None,
        lines=(await places_of(work, state.group_id, at=incoming.at)).lines if state else {},
        terms=await terms_of(work, incoming, product=state.product if state else None),
    )
    await work.append(*events)
    if state is None or incoming.data.decision != "approved":
        if state is not None:
            await release_more(work, state.application_id, state.group_id)
        return
    if state.kind == "single-point":
        await enter(work, incoming.subject, state.group_id, zone_id=None, at=incoming.at)
        await locations_changed(work, (state.group_id,), at=incoming.at)
        return
    approved = there(await work.load(store.APPLICATION, incoming.subject))
    await serve(work, state.zone, newcomer=approved, at=incoming.at)


async def require_split(work: Work, incoming: Incoming[v1.RequireSplit]) -> None:
    """The TSO demands a split."""
    state = await _in_turn(work, incoming)
    spread = await work.load(store.SPREAD, state.group_id)
    terms = await terms_of(work, incoming)
    await work.append(*split.decide_require(state, incoming.data, spread=spread, terms=terms))


async def lift_split_demand(work: Work, incoming: Incoming[v1.LiftSplitDemand]) -> None:
    """The TSO goes on without the split."""
    state = await _in_turn(work, incoming)
    reason = incoming.data.reason
    await work.append(*split.decide_settled(state, because="lifted", reason=reason, at=incoming.at))


async def order_test_activation(work: Work, incoming: Incoming[v1.OrderTestActivation]) -> None:
    """The TSO orders a test."""
    state = await _in_turn(work, incoming)
    dsos = await dsos_of(work, state.group_id)
    await work.append(*activation_tests.decide_order(state, incoming.data, dsos=dsos, at=incoming.at))


async def record_test_result(work: Work, incoming: Incoming[v1.RecordTestResult]) -> None:
    """The TSO records what a test delivered."""
    state = await _in_turn(work, incoming)
    await work.append(*activation_tests.decide_result(state, incoming.data, at=incoming.at))


async def verify_approval(work: Work, incoming: Incoming[v1.VerifyApproval]) -> None:
    """The TSO has verified what it approved for a time: what may be bid has no end by that any more."""
    state = await _in_turn(work, incoming)
    dsos = await dsos_of(work, state.group_id)
    terms = await terms_of(work, incoming, product=state.product)
    await work.append(*reassessment.decide_verify(state, incoming.data, dsos=dsos, terms=terms))
    await deliverable_changed(work, state.group_id, at=incoming.at)


async def require_reassessment(work: Work, incoming: Incoming[v1.RequireReassessment]) -> None:
    """The TSO wants an approved group assessed again."""
    state = await _in_turn(work, incoming)
    await work.append(*reassessment.decide_require(state, incoming.data, terms=await terms_of(work, incoming)))


async def reassess_approval(work: Work, incoming: Incoming[v1.ReassessApproval]) -> None:
    """The TSO has assessed it again; where it does not stand, its volume becomes free and who waits is served."""
    state = await _in_turn(work, incoming)
    dsos = await dsos_of(work, state.group_id)
    terms = await terms_of(work, incoming)
    await work.append(*reassessment.decide_reassess(state, incoming.data, dsos=dsos, terms=terms))
    if incoming.data.outcome == "ended":
        await end_approval(work, state.group_id, because="reassessed", at=incoming.at)


async def _under_way(work: Work, group_id: str) -> Application | None:
    """The group's application that is not decided on, or waits."""
    standing = await work.load(store.APPROVAL, group_id)
    state = await work.load(store.APPLICATION, standing.under_way) if standing and standing.under_way else None
    return state if state and state.status in WAITING else None


async def group_split(work: Work, incoming: Incoming[registry.GroupSplit]) -> None:
    """A group was split; where some members stay in it, an application that waits for that goes on."""
    event = incoming.data
    state = await _under_way(work, event.group_id)
    if state is not None and event.rest:
        into = tuple(part.group_id for part in event.into)
        await work.append(*split.decide_settled(state, because="split", into=into, at=incoming.at))


async def group_ended(work: Work, incoming: Incoming[registry.GroupEnded]) -> None:
    """A group has ended: what was applied for it lapses, its approval ends, and who waits moves up."""
    event = incoming.data
    because: v1.WhyLapsed = "group-split" if event.because == "split" else "group-ended"
    await _lapse(work, event.group_id, because=because, into=event.into, at=incoming.at)
    await end_with_group(work, event.group_id, at=incoming.at)


async def object_ended(work: Work, incoming: Incoming[registry.RegulationObjectEnded]) -> None:
    """A single point has ended: its DSOs are released, and what was applied for it lapses."""
    object_id, points = incoming.data.object_id, (incoming.data.metering_point_id,)
    if await ask_dsos(work, object_id, because="relocated", at=incoming.at, points=points):
        await deliverable_changed(work, object_id, at=incoming.at)
    await _lapse(work, object_id, because="group-ended", into=(), at=incoming.at)
    await end_with_group(work, object_id, at=incoming.at)


async def _lapse(work: Work, group_id: str, *, because: v1.WhyLapsed, into: tuple[str, ...], at: datetime) -> None:
    state = await _under_way(work, group_id)
    if state is None:
        return
    basis = await basis_of(work, group_id, at=at)
    await work.append(approval.decide_lapse(state, because=because, into=into, basis=basis))
    if state.status == "queued":
        await serve(work, state.zone, at=at)


COMMANDS: dict[type[Command], On] = {
    v1.DecidePrequalification: On(decide_prequalification, needs_application),
    v1.RequireSplit: On(require_split, needs_application),
    v1.LiftSplitDemand: On(lift_split_demand, needs_application),
    v1.OrderTestActivation: On(order_test_activation, needs_application),
    v1.RecordTestResult: On(record_test_result, needs_application),
    v1.VerifyApproval: On(verify_approval, needs_application),
    v1.RequireReassessment: On(require_reassessment, needs_application),
    v1.ReassessApproval: On(reassess_approval, needs_application),
}
REACTIONS: dict[type[Event], On] = {
    registry.GroupSplit: On(group_split),
    registry.GroupEnded: On(group_ended),
    registry.RegulationObjectEnded: On(object_ended),
}
