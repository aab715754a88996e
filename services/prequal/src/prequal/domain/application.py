"""An application for prequalification, and its state (R42, SOGL art. 159 and 182).

Who may say what in which state; whatever is not here is refused. `final` are rejected, withdrawn, lapsed, ended and
replaced. `approved` lasts no longer than the input that brings it: what is approved enters its zone, or waits for room.

| says | who | received | incomplete | complete | split-required | queued | admitted | final |
|---|---|---|---|---|---|---|---|---|
| confirm-completeness | TSO | complete | complete | | | | | |
| request-missing-part | TSO | incomplete | | | | | | |
| complete-application | BSP | | received | | | | | |
| amend-application | BSP | received | incomplete | | | | | |
| withdraw-application | BSP | withdrawn | withdrawn | withdrawn | withdrawn | withdrawn | | |
| require-split | TSO | split-required | | split-required | | | | |
| lift-split-demand | TSO | | | | as before it | | | |
| order-test-activation | TSO | = | | = | = | = | = | |
| record-test-result | TSO | = | = | = | = | = | = | |
| decide-prequalification | TSO | approved, rejected | | approved, rejected | rejected | | | |
| verify-approval | TSO | | | | | = | = | |
| require-reassessment | TSO | | | | | = | = | |
| reassess-approval | TSO | | | | | | =, ended | |

By themselves: `incomplete` → withdrawn when nothing is supplied in time (E21); `split-required` → as before it when the
group is split and goes on; anything undecided or queued → lapsed when the group ends; `queued` → admitted when there is
room, → lapsed when it can deliver too little (D6); `admitted` → ended (D8, or not verified, or not assessed again in
time), → replaced by an application for more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from contracts import values
from contracts.message import Command
from contracts.prequal import v1
from prequal.domain import application_clocks as clocks
from prequal.domain import rules
from prequal.domain.application_clocks import Running, Runnings
from prequal.domain.power import NONE, Power

Status = Literal[
    "received",
    "incomplete",
    "complete",
    "split-required",
    "approved",
    "queued",
    "admitted",
    "rejected",
    "withdrawn",
    "lapsed",
    "ended",
    "replaced",
]

WAITING: frozenset[Status] = frozenset({"received", "incomplete", "complete", "split-required", "approved", "queued"})
"""Not decided on, or waiting for room."""
ADMITTED: frozenset[Status] = frozenset({"admitted"})
ALIVE = WAITING | ADMITTED

MAY: dict[type[Command], frozenset[Status]] = {
    v1.ConfirmCompleteness: frozenset({"received", "incomplete"}),
    v1.RequestMissingPart: frozenset({"received"}),
    v1.CompleteApplication: frozenset({"incomplete"}),
    v1.AmendApplication: frozenset({"received", "incomplete"}),
    v1.WithdrawApplication: WAITING,
    v1.RequireSplit: frozenset({"received", "complete"}),
    v1.LiftSplitDemand: frozenset({"split-required"}),
    v1.OrderTestActivation: ALIVE - frozenset({"incomplete"}),
    v1.RecordTestResult: ALIVE,
    v1.DecidePrequalification: frozenset({"received", "complete", "split-required"}),
    v1.VerifyApproval: frozenset({"approved", "queued", "admitted"}),
    v1.RequireReassessment: frozenset({"approved", "queued", "admitted"}),
    v1.ReassessApproval: frozenset({"admitted"}),
}
"""In which states a command has its turn: the table above, row by row."""


@dataclass(frozen=True, slots=True)
class Test:
    """A test activation that is ordered, and its result when there is one."""

    direction: Literal["up", "down"]
    power_w: int
    moment: datetime
    delivered_w: int | None = None
    passed: bool | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """An application and all that has been said about it."""

    application_id: str
    group_id: str
    """The flexibility group, or the regulation object of one point."""
    bsp: str
    zone: values.BiddingZone
    product: v1.Product
    applied: Power
    ramp_w_per_minute: int
    declared: Power
    complete_at: datetime
    position: int
    kind: v1.ObjectKind = "flexibility-group"
    status: Status = "received"
    assessed: bool = False
    """Whether every DSO that was asked has answered, or is late."""
    clocks: Runnings = ()
    paused: Runnings = ()
    """What will run again when the group is split."""
    before_split: Status = "received"
    evidence: tuple[v1.Evidence, ...] = ()
    not_stored: tuple[str, ...] = ()
    """Documents of it that nobody can read, because its BSP has not brought them in."""
    missing: tuple[v1.MissingPart, ...] = ()
    tests: dict[str, Test] | None = None
    """By their ids, in the order in which they were ordered."""
    approved: Power = NONE
    conditions: tuple[str, ...] = ()
    lapses_at: datetime | None = None
    """When it leaves the queue, if what it can deliver stays as announced (D6)."""
    extends: str | None = None
    """The application by which the group is approved already."""

    def clock(self, name: v1.ClockName) -> Running | None:
        """A clock, if it runs."""
        return clocks.named(self.clocks, name)


def in_turn(state: Application | None, command: Command, *, bsp: str | None = None) -> Application:
    """The application, where this command has its turn; what a BSP says must be on its own.

    Refuses with APPLICATION_UNKNOWN, NOT_IN_THIS_STATE.
    """
    if state is None or (bsp is not None and state.bsp != bsp):
        raise rules.APPLICATION_UNKNOWN.refused()
    allowed = MAY[type(command)]
    if state.status not in allowed:
        raise rules.NOT_IN_THIS_STATE.refused(actual=state.status, limit=", ".join(sorted(allowed)))
    return state


_ENDS: dict[type, Status] = {
    v1.ApplicationWithdrawn: "withdrawn",
    v1.ApplicationLapsed: "lapsed",
    v1.ApprovalEnded: "ended",
    v1.ApplicationReplaced: "replaced",
}


def evolve(state: Application | None, event: object) -> Application | None:  # noqa: C901, PLR0911, PLR0912 - one arm per event
    """Fold an own event."""
    if isinstance(event, v1.ApplicationReceived):
        return _received(event)
    if state is None:
        return None
    if (end := _ENDS.get(type(event))) is not None:
        return replace(state, status=end, clocks=(), paused=(), lapses_at=None)
    match event:
        case v1.GridAssessmentRequested():
            return replace(state, assessed=False)
        case v1.GridAssessed() | v1.GridAssessmentOverdue() | v1.GridAssessmentReleased():
            return replace(state, assessed=not event.still_asked)
        case v1.CompletenessConfirmed():
            return replace(_at(state, event), status="complete", missing=())
        case v1.MissingPartRequested():
            return replace(_at(state, event), status="incomplete", missing=event.missing)
        case v1.ApplicationCompleted():
            return replace(
                _at(state, event),
                status="received",
                missing=(),
                evidence=event.evidence,
                not_stored=event.not_stored,
                ramp_w_per_minute=event.ramp_w_per_minute,
                complete_at=event.complete_at,
                position=event.position,
            )
        case v1.ApplicationAmended():
            return replace(
                _at(state, event),
                applied=Power(event.up_w, event.down_w),
                declared=Power(event.declared_up_w, event.declared_down_w),
                ramp_w_per_minute=event.ramp_w_per_minute,
                evidence=event.evidence,
                not_stored=event.not_stored,
                complete_at=event.complete_at,
                position=event.position,
            )
        case v1.SplitRequired():
            paused = replace(_at(state, event), paused=state.clocks)
            return replace(paused, status="split-required", before_split=state.status)
        case v1.SplitSettled():
            return replace(_at(state, event), status=state.before_split, paused=())
        case v1.TestActivationOrdered():
            test = Test(event.direction, event.power_w, event.moment)
            return replace(state, tests={**(state.tests or {}), event.test_id: test})
        case v1.TestResultRecorded():
            return replace(state, tests={**(state.tests or {}), event.test_id: _result(event)})
        case v1.PrequalificationDecided():
            decided = replace(_at(state, event), status=event.decision, paused=(), conditions=event.conditions)
            return replace(decided, approved=Power(event.up_w, event.down_w))
        case v1.ApplicationPassed():
            return replace(state, bsp=event.successor)
        case v1.ApplicationQueued():
            return replace(state, status="queued", lapses_at=event.lapses_at)
        case v1.VolumeReserved() | v1.SinglePointAdmitted():
            return replace(state, status="admitted", lapses_at=None)
        case v1.ApprovalVerified() | v1.ReassessmentRequired() | v1.ApprovalReassessed():
            return _at(state, event)
        case v1.ApplicationReminded():
            return replace(state, clocks=clocks.reminded(state.clocks, event.clock))
        case v1.ApplicationOverdue():
            return replace(state, clocks=clocks.overdue(state.clocks, event.clock))
        case v1.PrequalificationOverdue():
            return replace(state, clocks=clocks.overdue(state.clocks, "decision"))
        case v1.DocumentReferred():
            return replace(state, not_stored=tuple(id_ for id_ in state.not_stored if id_ != event.document_id))
        case v1.ApprovalReduced():
            return replace(state, approved=Power(event.approved_up_w, event.approved_down_w))
        case _:
            return state


def _received(event: v1.ApplicationReceived) -> Application:
    running = event.clocks or (
        v1.Clock(clock="decision", owed_by="tso", since=event.complete_at, due_at=event.decide_by),
    )
    return Application(
        application_id=event.application_id,
        group_id=event.group_id,
        bsp=event.bsp,
        zone=event.zone,
        product=event.product,
        applied=Power(event.up_w, event.down_w),
        ramp_w_per_minute=event.ramp_w_per_minute,
        declared=Power(event.declared_up_w, event.declared_down_w),
        complete_at=event.complete_at,
        position=event.position,
        kind=event.kind,
        clocks=clocks.running((), running),
        evidence=event.evidence,
        not_stored=event.not_stored,
        extends=event.extends,
    )


_Clocked = (
    v1.CompletenessConfirmed
    | v1.MissingPartRequested
    | v1.ApplicationCompleted
    | v1.ApplicationAmended
    | v1.SplitRequired
    | v1.SplitSettled
    | v1.PrequalificationDecided
    | v1.ApprovalVerified
    | v1.ReassessmentRequired
    | v1.ApprovalReassessed
)


def _at(state: Application, event: _Clocked) -> Application:
    """With the clocks that run after an event."""
    return replace(state, clocks=clocks.running((*state.clocks, *state.paused), event.clocks))


def _result(event: v1.TestResultRecorded) -> Test:
    return Test(event.direction, event.ordered_w, event.moment, event.delivered_w, event.passed)
