"""What becomes of an approval in time: verified, assessed again after five years or sooner (SOGL art. 159(6), E22)."""

from __future__ import annotations

from datetime import datetime

from contracts import calendar
from contracts.message import Event
from contracts.prequal import v1
from prequal.domain import activation_tests, rules
from prequal.domain import application_clocks as clocks
from prequal.domain.application import Application
from prequal.domain.applying import Terms


def begin(terms: Terms) -> v1.Clock:
    """The years until an approved group is assessed again begin."""
    due_at = calendar.after_months(terms.at, terms.whole("prequalification.reassess-months"))
    reminder = clocks.months_before(due_at, terms.whole("prequalification.reassess-reminder-months"))
    return clocks.begin("reassessment", "tso", since=terms.at, due_at=due_at, remind_at=reminder)


def begin_verification(until: datetime, terms: Terms) -> v1.Clock:
    """What is approved for a time is to be verified before."""
    reminder = clocks.days_before(until, terms.whole("prequalification.reminder-days"))
    return clocks.begin("verification", "tso", since=terms.at, due_at=until, remind_at=reminder)


def decide_verify(
    state: Application, command: v1.VerifyApproval, *, dsos: tuple[str, ...], terms: Terms
) -> list[Event]:
    """What was approved for a time stands for good. Refuses with APPROVAL_NOT_TEMPORARY, TEST_NOT_PASSED."""
    if state.clock("verification") is None:
        raise rules.APPROVAL_NOT_TEMPORARY.refused()
    asked_for = terms.asks_for("test-activation")
    activation_tests.check(state, state.approved, asked_for=asked_for, policies=terms.policies, at=terms.at)
    return [
        v1.ApprovalVerified(
            application_id=state.application_id,
            group_id=state.group_id,
            bsp=state.bsp,
            dsos=dsos,
            evidence=command.evidence,
            text=command.text,
            clocks=clocks.others(state.clocks, "verification"),
            stopped=clocks.done(state.clocks, "verification", at=terms.at),
        )
    ]


def decide_require(state: Application, command: v1.RequireReassessment, *, terms: Terms) -> list[Event]:
    """The TSO wants it sooner; a date later than the one that stands is none. Refuses with DUE_DATE_PAST."""
    due_at = calendar.end_of_local_day(command.due_on)
    rules.refuse_past(due_at, path="/due_on", at=terms.at)
    standing = state.clock("reassessment")
    if standing is not None and standing.clock.due_at <= due_at:
        goes_on = clocks.others(state.clocks)
        due_at = standing.clock.due_at
    else:
        reminder = clocks.days_before(due_at, terms.whole("prequalification.reminder-days"))
        sooner = clocks.begin("reassessment", "tso", since=terms.at, due_at=due_at, remind_at=reminder)
        goes_on = (*clocks.others(state.clocks, "reassessment"), sooner)
    return [
        v1.ReassessmentRequired(
            application_id=state.application_id,
            group_id=state.group_id,
            bsp=state.bsp,
            because=command.because,
            text=command.text,
            due_at=due_at,
            clocks=goes_on,
        )
    ]


def decide_reassess(
    state: Application, command: v1.ReassessApproval, *, dsos: tuple[str, ...], terms: Terms
) -> list[Event]:
    """The TSO has assessed it again: it stands for as long once more, or ends."""
    renewed = (*clocks.others(state.clocks, "reassessment"), begin(terms)) if command.outcome == "renewed" else ()
    return [
        v1.ApprovalReassessed(
            application_id=state.application_id,
            group_id=state.group_id,
            bsp=state.bsp,
            dsos=dsos,
            outcome=command.outcome,
            text=command.text,
            clocks=renewed,
            stopped=clocks.done(state.clocks, "reassessment", at=terms.at),
        )
    ]
