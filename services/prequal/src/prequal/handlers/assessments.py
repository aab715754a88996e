"""The DSOs' answers, and their silence."""

from __future__ import annotations

from chassis.service import Due, Incoming, On
from chassis.work import Work
from contracts.message import Command
from contracts.prequal import v1
from prequal import store
from prequal.domain import assessment
from prequal.handlers.following import deliverable_changed
from prequal.handlers.loading import POLICIES_NEEDED, Needs, there


def needs_assess(incoming: Incoming[v1.AssessGrid]) -> Needs:
    """The application."""
    yield store.APPLICATION, (incoming.subject,)
    yield from POLICIES_NEEDED


async def assess_grid(work: Work, incoming: Incoming[v1.AssessGrid]) -> None:
    """A DSO answers; where the decision has been made without it, what may be bid follows."""
    state = await work.load(store.APPLICATION, incoming.subject)
    group = await work.load(store.GROUP, state.group_id) if state else None
    await work.append(*assessment.decide(state, incoming.data, dso=incoming.sender, group=group, at=incoming.at))
    if state:
        await deliverable_changed(work, state.group_id, at=incoming.at)


async def dso_answer_due(work: Work, due: Due) -> None:
    """A DSO's time is up."""
    state = there(await work.load(store.APPLICATION, due.id))
    await work.append(*assessment.decide_overdue(state, at=due.at))


COMMANDS: dict[type[Command], On] = {v1.AssessGrid: On(assess_grid, needs_assess)}
DEADLINES = {store.DSO_ANSWER: dso_answer_due}
