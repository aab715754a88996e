"""BSPs that apply to be qualified."""

from __future__ import annotations

from typing import Any

from chassis.service import Incoming, On
from chassis.work import Work
from contracts.message import Command
from contracts.prequal import v1
from prequal import store
from prequal.domain import qualification
from prequal.handlers.following import qualification_changed
from prequal.handlers.loading import Needs, is_taken, there


def needs_qualification(incoming: Incoming[Any]) -> Needs:
    """Whatever may have this id."""
    yield store.QUALIFICATION, (incoming.subject,)
    yield store.APPLICATION, (incoming.subject,)
    yield store.GROUP, (incoming.subject,)


async def apply_for_qualification(work: Work, incoming: Incoming[v1.ApplyForQualification]) -> None:
    """A BSP applies to be qualified."""
    taken = await is_taken(work, incoming.subject)
    await work.append(
        *qualification.decide_apply(incoming.data, qualification_id=incoming.subject, bsp=incoming.sender, taken=taken)
    )


async def decide_qualification(work: Work, incoming: Incoming[v1.DecideQualification]) -> None:
    """The TSO decides on a BSP."""
    state = await work.load(store.QUALIFICATION, incoming.subject)
    await work.append(*qualification.decide(state, incoming.data, qualification_id=incoming.subject))
    await qualification_changed(work, there(state).bsp, at=incoming.at)


COMMANDS: dict[type[Command], On] = {
    v1.ApplyForQualification: On(apply_for_qualification, needs_qualification),
    v1.DecideQualification: On(decide_qualification, needs_qualification),
}
