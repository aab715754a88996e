"""Whether an application for qualification is complete: who says so, and until when (SOGL art. 155(3), 159(3))."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, cast

from contracts.message import Event
from contracts.policies import Policies
from contracts.prequal import v1
from prequal.domain import facts, product, rules
from prequal.domain.clocks import Clock
from prequal.domain.qualification import Qualification, end, limit, stopped


def decide_complete(
    state: Qualification, command: v1.CompleteQualification, *, policies: Policies, at: datetime
) -> list[Event]:
    """A BSP adds facts. Where all that the TSO asked for is answered, its eight weeks begin anew.

    Refuses with QUALIFICATION_NOTHING_ADDED.
    """
    added = facts.of(command)
    given = state.given.updated(added)
    if not added.names:
        raise rules.QUALIFICATION_NOTHING_ADDED.refused(path="/facts")
    missing = added.without(state.missing)
    confirm_by = remind_at = None
    if state.status == "incomplete" and not missing:
        confirm_by, remind_at = limit("qualification.confirm-weeks", "weeks", policies=policies, at=at)
    return [
        v1.QualificationFactsAdded(
            qualification_id=state.qualification_id,
            bsp=state.bsp,
            product=state.product,
            contact_email=given.contact_email,
            contract_reference=given.contract_reference,
            facts=given.more,
            missing=missing,
            confirm_by=confirm_by,
            remind_at=remind_at,
            since=at if confirm_by else None,
            stopped=stopped(state, at=at) if confirm_by else (),
        )
    ]


def decide_missing(
    state: Qualification, command: v1.RequestMissing, *, policies: Policies, at: datetime
) -> list[Event]:
    """The TSO says what is missing, or does not do as it was given; the BSP has four weeks."""
    answer_by, remind_at = limit("qualification.answer-weeks", "weeks", policies=policies, at=at)
    return [
        v1.MissingFactsRequested(
            qualification_id=state.qualification_id,
            bsp=state.bsp,
            product=state.product,
            missing=tuple(dict.fromkeys(command.missing)),
            text=command.text,
            answer_by=answer_by,
            remind_at=remind_at,
            since=at,
            stopped=stopped(state, at=at),
        )
    ]


def decide_confirm(
    state: Qualification, *, offered: product.Product | None, policies: Policies, at: datetime
) -> list[Event]:
    """The TSO finds it complete; it has three months to decide.

    Refuses with QUALIFICATION_FACT_MISSING where the product asks for what was not given.
    """
    known = product.known(offered, state.product)
    missing = state.given.without(known.terms.bsp_shows) if known else ()
    if missing:
        raise rules.QUALIFICATION_FACT_MISSING.refused(actual=", ".join(missing))
    decide_by, remind_at = limit("qualification.decide-months", "months", policies=policies, at=at)
    return [
        v1.QualificationConfirmed(
            qualification_id=state.qualification_id,
            bsp=state.bsp,
            product=state.product,
            decide_by=decide_by,
            remind_at=remind_at,
            since=at,
            stopped=stopped(state, at=at, outcome="void" if state.status == "incomplete" else "done"),
        )
    ]


def decide_reminder(state: Qualification, clock: Clock) -> list[Event]:
    """A time limit comes near."""
    return [
        v1.QualificationReminded(
            qualification_id=state.qualification_id,
            bsp=state.bsp,
            product=state.product,
            clock=cast("v1.QualificationClock", clock.name),
            due_at=clock.due_at,
        )
    ]


def decide_due(state: Qualification, clock: Clock, *, offered: product.Product | None) -> list[Event]:
    """A time limit has run out: the TSO's is told, the BSP's counts as withdrawal, a last day ends what it ended."""
    match clock.name:
        case "answer":
            return [
                v1.QualificationWithdrawn(
                    qualification_id=state.qualification_id,
                    bsp=state.bsp,
                    product=state.product,
                    because="no-answer",
                    stopped=stopped(state, at=clock.due_at, outcome="missed"),
                )
            ]
        case "expiry":
            return end(state, because="expired", offered=offered, at=clock.due_at)
        case _:
            return [
                v1.QualificationOverdue(
                    qualification_id=state.qualification_id,
                    bsp=state.bsp,
                    product=state.product,
                    clock=cast("Literal['completeness', 'decision']", clock.name),
                    due_at=clock.due_at,
                )
            ]
