"""The TSO's demand that too concentrated a group be split (R17 to R19): the application waits until it is.

What is owed meanwhile is the BSP's, so that the TSO's clocks do not run: they go on with as many days as they had left.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from contracts import calendar
from contracts.message import Event
from contracts.prequal import v1
from prequal.domain import application_clocks as clocks
from prequal.domain import rules
from prequal.domain.application import Application
from prequal.domain.applying import Terms


def decide_require(
    state: Application, command: v1.RequireSplit, *, spread: v1.Spread | None, terms: Terms
) -> list[Event]:
    """The TSO demands a split, with the figures. Refuses with SPLIT_OF_SINGLE_POINT, DUE_DATE_PAST."""
    if state.kind == "single-point":
        raise rules.SPLIT_OF_SINGLE_POINT.refused()
    due_at = calendar.end_of_local_day(command.due_on)
    rules.refuse_past(due_at, path="/due_on", at=terms.at)
    reminder = clocks.days_before(due_at, terms.whole("prequalification.reminder-days"))
    return [
        v1.SplitRequired(
            application_id=state.application_id,
            group_id=state.group_id,
            bsp=state.bsp,
            reason=command.reason,
            due_at=due_at,
            spread=spread,
            clocks=(clocks.begin("split", "bsp", since=terms.at, due_at=due_at, remind_at=reminder),),
        )
    ]


def decide_settled(
    state: Application,
    *,
    because: Literal["split", "lifted"],
    reason: str = "",
    into: tuple[str, ...] = (),
    at: datetime,
) -> list[Event]:
    """The group was split and goes on, or the TSO goes on without: the clocks run again."""
    split = state.clock("split")
    if state.status != "split-required" or split is None:
        return []
    stopped = clocks.done(state.clocks, "split", at=at) if because == "split" else clocks.over(state.clocks, at=at)
    return [
        v1.SplitSettled(
            application_id=state.application_id,
            group_id=state.group_id,
            bsp=state.bsp,
            because=because,
            reason=reason,
            into=into,
            clocks=clocks.others(clocks.resumed(state.paused, since=split.clock.since, at=at)),
            stopped=stopped,
        )
    ]
