"""The DSOs' answers and their silence, and what they are asked when a group or the grid changes."""

from __future__ import annotations

from chassis.service import Due, Incoming, On
from chassis.work import Work
from contracts.message import Command, Event
from contracts.prequal import v1
from contracts.registry import v1 as registry
from prequal import store
from prequal.domain import assessment, revising
from prequal.domain.application import Application
from prequal.domain.approval import GroupApproval
from prequal.domain.places import Places
from prequal.handlers.following import ask_dsos, deliverable_changed
from prequal.handlers.loading import POLICIES_NEEDED, Needs, places_of, policies_at, there
from prequal.handlers.reach import comes_under


def needs_assess(incoming: Incoming[v1.AssessGrid | v1.ReviseAssessment | v1.ReopenAssessment]) -> Needs:
    """The application."""
    yield store.APPLICATION, (incoming.subject,)
    yield from POLICIES_NEEDED


async def _case(work: Work, application_id: str) -> tuple[Application | None, GroupApproval | None]:
    """The application that a DSO answers in, and what stands for its group.

    Both applications of a group that grows are one case: what it answers stands in the one that is asked about now.
    """
    named = await work.load(store.APPLICATION, application_id)
    standing = await work.load(store.APPROVAL, named.group_id) if named else None
    is_open = named and standing and named.application_id in {standing.under_way, standing.admitted}
    state = await work.load(store.APPLICATION, standing.case or "") if standing and is_open else named
    return state, standing


async def assess_grid(work: Work, incoming: Incoming[v1.AssessGrid]) -> None:
    """A DSO answers; where the decision has been made without it, what may be bid follows."""
    state, _ = await _case(work, incoming.subject)
    await work.append(
        *assessment.decide(
            state,
            await work.load(store.GRID, state.group_id) if state else None,
            incoming.data,
            dso=incoming.sender,
            group=await work.load(store.GROUP, state.group_id) if state else None,
            places=await places_of(work, state.group_id, at=incoming.at) if state else Places(),
            policies=await policies_at(work),
            at=incoming.at,
        )
    )
    if state:
        await deliverable_changed(work, state.group_id, at=incoming.at)


async def dso_is_reminded(work: Work, due: Due) -> None:
    """A DSO's time will soon be up."""
    state = there(await work.load(store.GRID, due.id))
    standing = there(await work.load(store.APPROVAL, due.id))
    events = assessment.decide_reminder(state, application_id=standing.case or "", group_id=due.id, at=due.at)
    await work.append(*events)


async def revise_assessment(work: Work, incoming: Incoming[v1.ReviseAssessment]) -> None:
    """A DSO corrects its answer; what may be bid follows."""
    state, standing = await _case(work, incoming.subject)
    await work.append(
        *revising.decide_revise(
            state,
            await work.load(store.GRID, state.group_id) if state else None,
            incoming.data,
            dso=incoming.sender,
            group=await work.load(store.GROUP, state.group_id) if state else None,
            is_approved=standing is not None and standing.admitted is not None,
            places=await places_of(work, state.group_id, at=incoming.at) if state else Places(),
            policies=await policies_at(work),
            at=incoming.at,
        )
    )
    if state:
        await deliverable_changed(work, state.group_id, at=incoming.at)


async def reopen_assessment(work: Work, incoming: Incoming[v1.ReopenAssessment]) -> None:
    """The TSO lets a DSO answer anew, also with less."""
    state, _ = await _case(work, incoming.subject)
    asked = await work.load(store.GRID, state.group_id) if state else None
    await work.append(*revising.decide_reopen(state, asked, incoming.data))


async def dso_answer_due(work: Work, due: Due) -> None:
    """A DSO's time is up."""
    state = there(await work.load(store.GRID, due.id))
    standing = there(await work.load(store.APPROVAL, due.id))
    case = standing.case or ""
    asking = await work.load(store.APPLICATION, case)
    bsp = asking.bsp if asking else None
    await work.append(*assessment.decide_overdue(state, application_id=case, group_id=due.id, bsp=bsp, at=due.at))


async def grid_area_changed(work: Work, incoming: Incoming[registry.GridAreaChanged]) -> None:
    """An area has another DSO, or lies under another area: whom its groups, and those below it, concern may be new."""
    at = max(incoming.at, incoming.data.valid_from or incoming.at)
    areas: dict[str, None] = {}
    wanted = [incoming.data.grid_area]
    while wanted:
        areas |= dict.fromkeys(wanted)
        below = await work.load_many(store.AREAS_BELOW, wanted)
        wanted = [each for found in below.values() if found for each in found.ids if each not in areas]
    groups = await work.load_many(store.GROUPS_IN_AREA, areas)
    for group_id in dict.fromkeys(each for found in groups.values() if found for each in found.ids):
        group = there(await work.load(store.GROUP, group_id))
        members = group.points(at=incoming.at)
        points = [point for point, stay in members.items() if stay.grid_area in areas]
        is_hit = await comes_under(work, group_id, points, at=incoming.at)
        if await ask_dsos(work, group_id, because="hierarchy", at=at, points=points) or is_hit:
            await deliverable_changed(work, group_id, at=incoming.at)


COMMANDS: dict[type[Command], On] = {
    v1.AssessGrid: On(assess_grid, needs_assess),
    v1.ReviseAssessment: On(revise_assessment, needs_assess),
    v1.ReopenAssessment: On(reopen_assessment, needs_assess),
}
REACTIONS: dict[type[Event], On] = {registry.GridAreaChanged: On(grid_area_changed)}
DEADLINES = {store.DSO_ANSWER: dso_answer_due, store.DSO_REMINDER: dso_is_reminded}
