"""What `prequal` does with each command, foreign event and deadline: load, decide, append."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from chassis.service import Due, Incoming, Kind
from chassis.work import Work
from contracts import policies, values
from contracts.policies import Policies
from contracts.prequal import v1
from contracts.registry import v1 as registry
from prequal import store
from prequal.domain import application, approval, assessment, decision, known, qualification, zone

State = TypeVar("State")
POLICIES_NEEDED = ((store.POLICIES, (policies.ID,)), (store.CHANGED_POLICIES, (policies.ID,)))
"""What `_policies` loads."""

MembershipEvent = (
    registry.MemberJoined
    | registry.MemberPowerChanged
    | registry.MembershipEndAnnounced
    | registry.MembershipEndCancelled
    | registry.MembershipEnded
)


# Commands


async def apply_for_qualification(work: Work, incoming: Incoming[v1.ApplyForQualification]) -> None:
    """A BSP applies to be qualified."""
    taken = await _is_taken(work, incoming.subject)
    await work.append(
        *qualification.decide_apply(incoming.data, qualification_id=incoming.subject, bsp=incoming.sender, taken=taken)
    )


async def decide_qualification(work: Work, incoming: Incoming[v1.DecideQualification]) -> None:
    """The TSO decides on a BSP."""
    state = await work.load(store.QUALIFICATION, incoming.subject)
    await work.append(*qualification.decide(state, incoming.data, qualification_id=incoming.subject))


async def set_zone_cap(work: Work, incoming: Incoming[v1.SetZoneCap]) -> None:
    """The TSO sets a zone's cap; who waits is served."""
    state = await work.load(store.ZONE, incoming.subject)
    await work.append(*zone.decide_cap(state, incoming.data, zone=values.BiddingZone(incoming.subject)))
    await _serve(work, incoming.subject, at=incoming.at)


async def apply_for_prequalification(work: Work, incoming: Incoming[v1.ApplyForPrequalification]) -> None:
    """A BSP applies for a group."""
    command = incoming.data
    bsp = await work.load(store.BSP, incoming.sender)
    group = await work.load(store.GROUP, command.group_id)
    standing = await work.load(store.APPROVAL, command.group_id)
    await work.append(
        *application.decide_apply(
            command,
            application_id=incoming.subject,
            bsp=incoming.sender,
            taken=await _is_taken(work, incoming.subject),
            qualified=bsp.qualified if bsp else (),
            group=group,
            has_application=standing is not None and standing.application_id is not None,
            areas=await _areas(work, group),
            policies=await _policies(work),
            at=incoming.at,
            position=incoming.position,
        )
    )


async def assess_grid(work: Work, incoming: Incoming[v1.AssessGrid]) -> None:
    """A DSO answers; where the decision has been made without it, what may be bid follows."""
    state = await work.load(store.APPLICATION, incoming.subject)
    group = await work.load(store.GROUP, state.group_id) if state else None
    await work.append(*assessment.decide(state, incoming.data, dso=incoming.sender, group=group, at=incoming.at))
    if state:
        await _deliverable_changed(work, state.group_id, at=incoming.at)


async def decide_prequalification(work: Work, incoming: Incoming[v1.DecidePrequalification]) -> None:
    """The TSO decides; what it approves enters the zone, or waits for room."""
    state = await work.load(store.APPLICATION, incoming.subject)
    events = decision.decide(
        state,
        incoming.data,
        group=await work.load(store.GROUP, state.group_id) if state else None,
        zone=await work.load(store.ZONE, state.zone) if state else None,
        policies=await _policies(work),
        at=incoming.at,
    )
    await work.append(*events)
    if state and incoming.data.decision == "approved":
        approved = _there(await work.load(store.APPLICATION, incoming.subject))
        await _serve(work, state.zone, newcomer=approved, at=incoming.at)


# Foreign events


async def membership_changed(work: Work, incoming: Incoming[MembershipEvent]) -> None:
    """A member joined, leaves at a midnight to come, or has left."""
    await _deliverable_changed(work, incoming.data.group_id, only_of=incoming.data.metering_point_id, at=incoming.at)


# Deadlines


async def dso_answer_due(work: Work, due: Due) -> None:
    """A DSO's time is up."""
    state = _there(await work.load(store.APPLICATION, due.id))
    await work.append(*assessment.decide_overdue(state, at=due.at))


async def decision_due(work: Work, due: Due) -> None:
    """The TSO's time is up."""
    state = _there(await work.load(store.APPLICATION, due.id))
    await work.append(*decision.decide_overdue(state))


async def queued_falls_below_minimum(work: Work, due: Due) -> None:
    """A midnight has come at which a waiting group can deliver too little."""
    state = _there(await work.load(store.APPLICATION, due.id))
    await _deliverable_changed(work, state.group_id, at=due.at)


async def grace_is_over(work: Work, due: Due) -> None:
    """A group has been below the minimum for the grace period: its volume becomes free, and who waits is served."""
    state = _there(await work.load(store.APPROVAL, due.id))
    approved = _there(await work.load(store.APPLICATION, state.application_id or ""))
    await work.append(
        *approval.decide_end(
            state,
            application=approved,
            group=_there(await work.load(store.GROUP, due.id)),
            policies=await _policies(work),
            at=due.at,
        )
    )
    await _serve(work, approved.zone, at=due.at)


# What several of them do


async def _deliverable_changed(work: Work, group_id: str, *, at: datetime, only_of: str | None = None) -> None:
    """Tell what follows for a group that may be bid, or waits to be. `only_of`: the one point that changed."""
    standing = await work.load(store.APPROVAL, group_id)
    if standing is None or standing.application_id is None:
        return
    state = _there(await work.load(store.APPLICATION, standing.application_id))
    if state.status not in {"queued", "admitted"} or (only_of is not None and only_of not in state.allowed):
        return
    group = _there(await work.load(store.GROUP, group_id))
    in_force = await _policies(work)
    if state.status == "admitted":
        await work.append(*approval.decide_biddable(standing, application=state, group=group, policies=in_force, at=at))
        return
    events = approval.decide_while_queued(
        state, group=group, zone=_there(await work.load(store.ZONE, state.zone)), policies=in_force, at=at
    )
    await work.append(*events)
    if any(isinstance(event, v1.ApplicationLapsed) for event in events):
        await _serve(work, state.zone, at=at)


async def _serve(work: Work, zone_id: str, *, at: datetime, newcomer: application.Application | None = None) -> None:
    """Let in who fits, and tell the others their place where it is new."""
    served = zone.serve(_there(await work.load(store.ZONE, zone_id)), newcomer)
    in_force = await _policies(work)
    for one in served.entering:
        await work.append(
            *approval.decide_entry(
                _there(await work.load(store.APPROVAL, one.group_id)),
                application=_there(await work.load(store.APPLICATION, one.application_id)),
                group=_there(await work.load(store.GROUP, one.group_id)),
                zone=_there(await work.load(store.ZONE, zone_id)),
                policies=in_force,
                at=at,
            )
        )
    for place, one in served.places:
        await work.append(
            *approval.decide_queued(
                _there(await work.load(store.APPLICATION, one.application_id)),
                place=place,
                waiting=one,
                group=_there(await work.load(store.GROUP, one.group_id)),
                zone=_there(await work.load(store.ZONE, zone_id)),
                policies=in_force,
                at=at,
            )
        )


async def _areas(work: Work, group: known.Group | None) -> dict[str, known.GridArea]:
    """The grid areas of a group's members and all areas above them."""
    found: dict[str, known.GridArea] = {}
    wanted = {stay.grid_area for stays in group.members.values() for stay in stays} if group else set[str]()
    while wanted:
        loaded = await work.load_many(store.GRID_AREA, sorted(wanted))
        found |= {area_id: area for area_id, area in loaded.items() if area}
        wanted = {parent for area in loaded.values() if area for parent in area.parents} - found.keys()
    return found


async def _is_taken(work: Work, id: str) -> bool:  # noqa: A002 - the field's word
    """Whether something already has this id."""
    kinds: list[Kind[Any]] = [store.APPLICATION, store.QUALIFICATION, store.GROUP]
    return any([await work.load(kind, id) is not None for kind in kinds])


async def _policies(work: Work) -> Policies:
    """The policies, as they are known now: what the register opened with, and what was changed since."""
    return policies.known(
        await work.load(store.POLICIES, policies.ID), await work.load(store.CHANGED_POLICIES, policies.ID)
    )


def _there(state: State | None) -> State:
    """What must be there, because what was loaded before names it."""
    if state is None:
        msg = "a document that another one names is missing"
        raise LookupError(msg)
    return state
