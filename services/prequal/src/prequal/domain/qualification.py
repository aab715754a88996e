"""Qualification of a BSP for a product (R41): it applies, the TSO finds it complete or asks for more, tests, decides.

Which command may be sent in which state, and the state after it; a dash: refused. `complete` keeps `incomplete` until
all that was asked for is answered. A test (`start-`, `answer-communication-test`) leaves the state as it is.

|               | complete  | request-missing | confirm  | test | decide                   | withdraw  | revoke  |
|---------------|-----------|-----------------|----------|------|--------------------------|-----------|---------|
| requested     | requested | incomplete      | complete | yes  | -                        | withdrawn | -       |
| incomplete    | requested | -               | complete | yes  | -                        | withdrawn | -       |
| complete      | -         | -               | -        | yes  | qualified, not-qualified | withdrawn | -       |
| qualified     | -         | -               | -        | yes  | -                        | given-up  | revoked |
| not-qualified, withdrawn, given-up, revoked, expired, replaced: nothing; the BSP applies again                    |

Time does the rest: `requested` overdue after 8 weeks and `complete` after 3 months (told once), `incomplete` withdrawn
after 4 weeks, `qualified` expired after its last day. A later decision for the same BSP and product makes `qualified`
`replaced`. Conditions of one that is `qualified` are settled by `settle-condition`, which leaves the state as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from contracts import calendar
from contracts.message import Command, Event
from contracts.policies import Policies
from contracts.prequal import v1
from prequal.domain import bsp as bsps
from prequal.domain import communication_test, conditions, facts, product, rules
from prequal.domain.clocks import Clock, Unit, deadline, reminder
from prequal.domain.communication_test import CommunicationTest
from prequal.domain.conditions import ToMeet

Status = Literal[
    "requested",
    "incomplete",
    "complete",
    "qualified",
    "not-qualified",
    "withdrawn",
    "given-up",
    "revoked",
    "expired",
    "replaced",
]

UNDER_WAY: Final[tuple[Status, ...]] = ("requested", "incomplete", "complete")
LIVE: Final[tuple[Status, ...]] = (*UNDER_WAY, "qualified")

MAY: Final[dict[type[Command], tuple[Status, ...]]] = {
    v1.CompleteQualification: ("requested", "incomplete"),
    v1.RequestMissing: ("requested",),
    v1.ConfirmQualification: ("requested", "incomplete"),
    v1.StartCommunicationTest: LIVE,
    v1.AnswerCommunicationTest: LIVE,
    v1.DecideQualification: ("complete",),
    v1.WithdrawQualification: LIVE,
    v1.RevokeQualification: ("qualified",),
    v1.SettleCondition: ("qualified",),
}
"""In which states each command may be sent."""


@dataclass(frozen=True, slots=True)
class Qualification:
    """One application to be qualified, and what became of it."""

    qualification_id: str
    bsp: str
    product: str
    given: facts.Given
    status: Status = "requested"
    missing: tuple[v1.BspFact, ...] = ()
    """What the TSO asked for and the BSP has not sent."""
    clock: Clock | None = None
    """The one time limit that runs; applications of before there were limits have none."""
    test: CommunicationTest | None = None
    conditions: tuple[v1.Condition, ...] = ()
    condition_reminders: tuple[v1.ConditionReminder, ...] = ()
    """Those to come."""
    to_meet: tuple[ToMeet, ...] = ()
    """The conditions that the TSO has not settled."""
    qualified_from: datetime | None = None
    ended_at: datetime | None = None


def evolve(state: Qualification | None, event: object) -> Qualification | None:  # noqa: C901, PLR0911, PLR0912 - one arm per event
    """Fold an own event."""
    if isinstance(event, v1.QualificationRequested):
        return Qualification(
            qualification_id=event.qualification_id,
            bsp=event.bsp,
            product=event.product,
            given=facts.of(event),
            clock=_clock("completeness", event.confirm_by, event.remind_at, since=event.since),
        )
    if state is None:
        return None
    match event:
        case v1.QualificationFactsAdded():
            state = replace(state, given=facts.of(event), missing=event.missing)
            # Only where a time limit begins anew does the state change with it.
            clock = _clock("completeness", event.confirm_by, event.remind_at, since=event.since)
            return replace(state, status="requested", clock=clock) if clock else state
        case v1.MissingFactsRequested():
            clock = _clock("answer", event.answer_by, event.remind_at, since=event.since)
            return replace(state, status="incomplete", missing=event.missing, clock=clock)
        case v1.QualificationConfirmed():
            clock = _clock("decision", event.decide_by, event.remind_at, since=event.since)
            return replace(state, status="complete", missing=(), clock=clock)
        case v1.QualificationReminded():
            return replace(state, clock=state.clock.after_reminder() if state.clock else None)
        case v1.QualificationConditionReminded():
            left = (one for one in state.condition_reminders if one.condition != event.condition)
            return replace(state, condition_reminders=tuple(left))
        case v1.QualificationConditionOverdue():
            return replace(state, to_meet=conditions.overdue(state.to_meet, event.condition))
        case v1.QualificationConditionSettled():
            left = (one for one in state.condition_reminders if one.condition != event.condition)
            to_meet = conditions.settled(state.to_meet, event.condition)
            return replace(state, to_meet=to_meet, condition_reminders=tuple(left))
        case v1.QualificationOverdue():
            return replace(state, clock=state.clock.after_due() if state.clock else None)
        case v1.QualificationWithdrawn():
            return replace(state, status="withdrawn", clock=None)
        case v1.QualificationDecided():
            return replace(
                state,
                status=event.decision,
                clock=_clock("expiry", event.expires_at, event.remind_at),
                conditions=event.conditions,
                condition_reminders=event.condition_reminders,
                to_meet=conditions.of(event.conditions),
                qualified_from=event.valid_from if event.decision == "qualified" else None,
            )
        case v1.QualificationEnded():
            return replace(
                state, status=event.because, clock=None, ended_at=event.ended_at, condition_reminders=(), to_meet=()
            )
        case v1.CommunicationTestStarted() | v1.CommunicationTested():
            return replace(state, test=communication_test.evolve(state.test, event))
        case _:
            return state


def _clock(
    name: v1.QualificationClock, due_at: datetime | None, remind_at: datetime | None, since: datetime | None = None
) -> Clock | None:
    return Clock(name, due_at, remind_at, since=since) if due_at else None


_STOPPED: Final[dict[str, tuple[v1.ClockName, v1.OwedBy]]] = {
    "completeness": ("completeness", "tso"),
    "answer": ("missing-part", "bsp"),
    "decision": ("decision", "tso"),
}


def stopped(
    state: Qualification, *, at: datetime, outcome: Literal["done", "missed", "void"] = "done"
) -> tuple[v1.StoppedClock, ...]:
    """The time limit that ends now, for the public count of who kept it; done after it had run out is late."""
    clock = state.clock
    if clock is None or clock.since is None or clock.name not in _STOPPED:
        return ()
    name, owed_by = _STOPPED[clock.name]
    done: Literal["kept", "late"] = "late" if clock.overdue else "kept"
    return (
        v1.StoppedClock(
            clock=name,
            owed_by=owed_by,
            since=clock.since,
            due_at=clock.due_at,
            stopped_at=at,
            outcome=done if outcome == "done" else outcome,
        ),
    )


def may(state: Qualification | None, command: Command, *, bsp: str | None = None) -> Qualification:
    """The qualification, to which this command may be sent. `bsp`: who sends it, where a BSP does.

    Refuses with QUALIFICATION_UNKNOWN, QUALIFICATION_ALREADY_DECIDED, QUALIFICATION_NOT_THERE.
    """
    if state is None or (bsp is not None and bsp != state.bsp):
        # Of another BSP's application nobody is told that it exists.
        raise rules.QUALIFICATION_UNKNOWN.refused(path="/subject")
    allowed = MAY[type(command)]
    if state.status not in allowed:
        if isinstance(command, v1.DecideQualification) and state.status not in (*UNDER_WAY, "withdrawn"):
            raise rules.QUALIFICATION_ALREADY_DECIDED.refused(actual=state.status)
        raise rules.QUALIFICATION_NOT_THERE.refused(limit=", ".join(allowed), actual=state.status)
    return state


def decide_apply(
    command: v1.ApplyForQualification,
    *,
    qualification_id: str,
    bsp: str,
    taken: bool,
    known: bsps.Bsp | None,
    offered: product.Product | None,
    policies: Policies,
    at: datetime,
) -> list[Event]:
    """A BSP applies, for the first time or again. `taken`: the id belongs to something already.

    Refuses with ID_NOT_AVAILABLE, PRODUCT_NOT_OFFERED, QUALIFICATION_UNDER_WAY.
    """
    if taken:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    product.offered(offered, command.product)
    if known and (other := known.under_way.get(command.product)):
        raise rules.QUALIFICATION_UNDER_WAY.refused(path="/product", actual=other)
    confirm_by, remind_at = limit("qualification.confirm-weeks", "weeks", policies=policies, at=at)
    return [
        v1.QualificationRequested(
            qualification_id=qualification_id,
            bsp=bsp,
            product=command.product,
            contact_email=command.contact_email,
            contract_reference=command.contract_reference,
            facts=command.facts,
            confirm_by=confirm_by,
            remind_at=remind_at,
            since=at,
        )
    ]


def decide_decide(
    state: Qualification,
    command: v1.DecideQualification,
    *,
    known: bsps.Bsp | None,
    offered: product.Product | None,
    policies: Policies,
    at: datetime,
) -> list[Event]:
    """The TSO decides, once. What the BSP was qualified for by an earlier decision ends with it: the last one counts.

    Refuses with QUALIFICATION_REASONS_MISSING and, where it would qualify, PRODUCT_NOT_OFFERED,
    DUE_DATE_PAST, COMMUNICATION_TEST_MISSING, QUALIFICATION_LAST_DAY_PAST.
    """
    reasons = with_reasons(command.reasons)
    qualifies = command.decision == "qualified"
    expires_at = remind_at = None
    if qualifies:
        product.offered(offered, state.product, path="")
        for n, one in enumerate(command.conditions):
            if one.due_on:
                rules.refuse_past(calendar.end_of_local_day(one.due_on), path=f"/conditions/{n}/due_on", at=at)
        communication_test.refuse_without(state.test, policies=policies, at=at)
        if command.last_day is not None:
            expires_at = calendar.end_of_local_day(command.last_day)
            if expires_at <= at:
                raise rules.QUALIFICATION_LAST_DAY_PAST.refused(
                    path="/last_day",
                    limit=calendar.local_date(at).isoformat(),
                    actual=command.last_day.isoformat(),
                )
            days = policies.whole("qualification.expiry-remind-days", at=at)
            remind_at = reminder(expires_at, days, since=at)
    former = known.standing(state.product) if known else None
    ended = [ended_by(former.qualification_id, state, because="replaced", reasons=reasons, at=at)] if former else []
    decided = v1.QualificationDecided(
        qualification_id=state.qualification_id,
        bsp=state.bsp,
        product=state.product,
        decision=command.decision,
        reasons=reasons,
        conditions=command.conditions if qualifies else (),
        condition_reminders=_condition_reminders(command.conditions, policies=policies, at=at) if qualifies else (),
        valid_from=at,
        expires_at=expires_at,
        remind_at=remind_at,
        stopped=_stopped_by_decision(state, at=at),
    )
    listed = product.listed(offered, code=state.product, bsp=state.bsp, qualified=qualifies, at=at, until=expires_at)
    return [*ended, decided, *listed]


def _condition_reminders(
    conditions: Sequence[v1.Condition], *, policies: Policies, at: datetime
) -> tuple[v1.ConditionReminder, ...]:
    days = policies.whole("qualification.remind-days", at=at)
    due = ((n, calendar.end_of_local_day(one.due_on)) for n, one in enumerate(conditions) if one.due_on)
    return tuple(
        v1.ConditionReminder(condition=n, remind_at=remind_at, due_at=due_at)
        for n, due_at in due
        if (remind_at := reminder(due_at, days, since=at))
    )


def decide_condition_reminder(state: Qualification, *, at: datetime) -> list[Event]:
    """Conditions fall due soon."""
    return [
        v1.QualificationConditionReminded(
            qualification_id=state.qualification_id,
            bsp=state.bsp,
            product=state.product,
            condition=one.condition,
            text=state.conditions[one.condition].text,
            due_at=one.due_at,
        )
        for one in state.condition_reminders
        if one.remind_at <= at
    ]


def _stopped_by_decision(state: Qualification, *, at: datetime) -> tuple[v1.StoppedClock, ...]:
    """A decision does what the TSO owed; what the BSP owed is owed no more."""
    is_bsps = state.clock is not None and state.clock.name == "answer"
    return stopped(state, at=at, outcome="void" if is_bsps else "done")


def decide_withdraw(
    state: Qualification, command: v1.WithdrawQualification, *, offered: product.Product | None, at: datetime
) -> list[Event]:
    """A BSP takes its application back, or gives up what it is qualified for."""
    if state.status == "qualified":
        return end(state, because="given-up", reasons=command.reasons, offered=offered, at=at)
    return [
        v1.QualificationWithdrawn(
            qualification_id=state.qualification_id,
            bsp=state.bsp,
            product=state.product,
            because="taken-back",
            reasons=command.reasons,
            stopped=stopped(state, at=at, outcome="void"),
        )
    ]


def decide_revoke(
    state: Qualification, command: v1.RevokeQualification, *, offered: product.Product | None, at: datetime
) -> list[Event]:
    """The TSO takes a qualification away. Refuses with QUALIFICATION_REASONS_MISSING."""
    return end(state, because="revoked", reasons=with_reasons(command.reasons), offered=offered, at=at)


def end(
    state: Qualification,
    *,
    because: Literal["revoked", "expired", "given-up"],
    reasons: str = "",
    offered: product.Product | None,
    at: datetime,
) -> list[Event]:
    """It is no longer qualified, and everyone is told who still is."""
    return [
        ended_by(state.qualification_id, state, because=because, reasons=reasons, at=at),
        *product.listed(offered, code=state.product, bsp=state.bsp, qualified=False, at=at),
    ]


def ended_by(
    qualification_id: str,
    state: Qualification,
    *,
    because: Literal["revoked", "expired", "given-up", "replaced"],
    reasons: str,
    at: datetime,
) -> v1.QualificationEnded:
    """That a qualification of the same BSP and product has ended."""
    return v1.QualificationEnded(
        qualification_id=qualification_id,
        bsp=state.bsp,
        product=state.product,
        because=because,
        reasons=reasons,
        ended_at=at,
    )


def limit(policy: str, unit: Unit, *, policies: Policies, at: datetime) -> tuple[datetime, datetime | None]:
    """A time limit that begins now: until when, and when who must act is reminded."""
    due_at = deadline(at, policies.whole(policy, at=at), unit)
    return due_at, reminder(due_at, policies.whole("qualification.remind-days", at=at), since=at)


def with_reasons(reasons: str) -> str:
    """The reasons of a decision, which must be given. Refuses with QUALIFICATION_REASONS_MISSING."""
    if not reasons.strip():
        raise rules.QUALIFICATION_REASONS_MISSING.refused(path="/reasons")
    return reasons
