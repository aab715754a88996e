"""The TSO's word on whether an application is complete (SOGL art. 159(3)), and what is told of time running out."""

from __future__ import annotations

from datetime import datetime

from contracts import calendar
from contracts.message import Event
from contracts.policies import Policies
from contracts.prequal import v1
from prequal.domain import application_clocks as clocks
from prequal.domain import rules
from prequal.domain.application import Application
from prequal.domain.applying import Terms


def decide_confirm(state: Application, *, terms: Terms) -> list[Event]:
    """It is complete, and was when the message came that it is taken for complete from.

    Said while something is asked for, it takes that back: the decision's clock then runs from the same message, as if
    nothing had been asked, but at least to the end of the day. Refuses with PRODUCT_ASKS_FOR.
    """
    at = terms.at
    refuse_incomplete(state, terms=terms)
    goes_on = clocks.others(state.clocks, "completeness", "missing-part")
    if state.status == "incomplete":
        due_at = calendar.after_months(state.complete_at, terms.whole("prequalification.decide-months"))
        due_at = max(due_at, calendar.after_days(at, 0))
        reminder = clocks.days_before(due_at, terms.whole("prequalification.reminder-days"))
        decision = clocks.begin("decision", "tso", since=at, due_at=due_at, remind_at=reminder)
        goes_on = (decision.model_copy(update={"since": state.complete_at}),)
    return [
        v1.CompletenessConfirmed(
            application_id=state.application_id,
            group_id=state.group_id,
            bsp=state.bsp,
            complete_at=state.complete_at,
            position=state.position,
            clocks=goes_on,
            stopped=(
                *clocks.done(state.clocks, "completeness", at=at),
                *clocks.over((one for one in state.clocks if one.clock.clock == "missing-part"), at=at),
            ),
        )
    ]


def refuse_incomplete(state: Application, *, terms: Terms) -> None:
    """What the product asks of an application must be there. Refuses with PRODUCT_ASKS_FOR."""
    if terms.asks_for("evidence") and not state.evidence:
        raise rules.PRODUCT_ASKS_FOR.refused(limit="evidence", actual=state.product)


def decide_request(state: Application, command: v1.RequestMissingPart, *, terms: Terms) -> list[Event]:
    """It lacks something: the BSP has four weeks, and the TSO's clocks do not run until it has answered."""
    at = terms.at
    due_at = calendar.after_weeks(at, terms.whole("prequalification.missing-weeks"))
    reminder = clocks.days_before(due_at, terms.whole("prequalification.reminder-days"))
    return [
        v1.MissingPartRequested(
            application_id=state.application_id,
            group_id=state.group_id,
            bsp=state.bsp,
            missing=tuple(dict.fromkeys(command.missing)),
            text=command.text,
            due_at=due_at,
            clocks=(clocks.begin("missing-part", "bsp", since=at, due_at=due_at, remind_at=reminder),),
            stopped=(
                *clocks.done(state.clocks, "completeness", at=at),
                *clocks.over((one for one in state.clocks if one.clock.clock == "decision"), at=at),
            ),
        )
    ]


def decide_reminder(state: Application, *, at: datetime) -> list[Event]:
    """Those of its clocks whose reminder has come."""
    return [
        v1.ApplicationReminded(
            application_id=state.application_id,
            group_id=state.group_id,
            bsp=state.bsp,
            clock=one.clock.clock,
            owed_by=one.clock.owed_by,
            due_at=one.clock.due_at,
        )
        for one in state.clocks
        if one.reminder is not None and one.reminder <= at
    ]


def decide_overdue(state: Application, name: v1.ClockName) -> list[Event]:
    """A clock has run out; that is told, and the application stands as it was."""
    one = state.clock(name)
    if one is None or one.is_overdue:
        return []
    if name == "decision":
        return [
            v1.PrequalificationOverdue(
                application_id=state.application_id,
                group_id=state.group_id,
                bsp=state.bsp,
                decide_by=one.clock.due_at,
            )
        ]
    return [
        v1.ApplicationOverdue(
            application_id=state.application_id,
            group_id=state.group_id,
            bsp=state.bsp,
            clock=name,
            owed_by=one.clock.owed_by,
            due_at=one.clock.due_at,
        )
    ]


def stops_when_overdue(policies: Policies, *, at: datetime) -> bool:
    """Whether an approval that was not assessed again in time ends (E22)."""
    return policies.value("prequalification.reassess-overdue", at=at) == "stop"
