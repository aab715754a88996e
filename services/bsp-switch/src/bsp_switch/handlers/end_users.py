"""End users that are no more, and what follows for their consents and for control."""

from __future__ import annotations

from bsp_switch import store
from bsp_switch.domain import end_user
from bsp_switch.handlers.following import go_round
from bsp_switch.handlers.loading import Wanted
from chassis.service import Answer, Due, Incoming, On
from chassis.work import Work
from contracts.bsp_switch import v1


async def record_end(work: Work, command: Incoming[v1.RecordEndUserEnd]) -> Answer:
    """Take the fact as it is given; the first points follow at once."""
    state = await work.load(store.END_USER, command.subject)
    events, notices = end_user.decide_end(state, command.data, end_user=command.subject, sender=command.sender)
    await work.append(*events)
    if events:
        await go_round(work, command.subject, at=command.at)
    return Answer(notices)


def needs_end(command: Incoming[v1.RecordEndUserEnd]) -> Wanted:
    """The end user, how far a round has come, and where its points begin."""
    yield store.END_USER, (command.subject,)
    yield store.END_USER_ROUND, (command.subject,)
    yield store.END_USER_POINTS, (command.subject,)


async def points_due(work: Work, due: Due) -> None:
    """Some more points follow."""
    state = await work.load(store.END_USER_ROUND, due.id)
    assert state is not None
    await go_round(work, due.id, after=state.after, at=due.at)


COMMANDS = {v1.RecordEndUserEnd: On(record_end, needs_end)}
DEADLINES = {store.POINTS_OF_END_USER: points_due}
