"""The products, and who is qualified for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from chassis.service import SUBJECT, Deadline, Kind
from contracts.prequal import v1
from prequal.domain import bsp, product, qualification

QUALIFICATION_REMINDER = "qualification-reminder"


QUALIFICATION_DUE = "qualification-due"


COMMUNICATION_TEST_DUE = "communication-test-due"

CONDITION_REMINDER = "condition-reminder"

CONDITION_DUE = "condition-due"

_NAMES: Final = {"reminder": QUALIFICATION_REMINDER, "due": QUALIFICATION_DUE}


def _qualification_deadlines(state: qualification.Qualification) -> Iterable[Deadline]:
    for at, which in state.clock.moments if state.clock else ():
        yield Deadline(at, _NAMES[which])
    for one in state.condition_reminders:
        yield Deadline(one.remind_at, CONDITION_REMINDER)
    for one in state.to_meet:
        if one.due_at is not None and not one.is_overdue:
            yield Deadline(one.due_at, CONDITION_DUE)
    # What is over is tested no more.
    if state.test is not None and state.test.result == "waiting" and state.status in qualification.LIVE:
        yield Deadline(state.test.due_at, COMMUNICATION_TEST_DUE)


def _bsp(event: Any) -> str:
    return event.bsp


QUALIFICATION = Kind(
    name="qualification",
    state=qualification.Qualification,
    evolve=qualification.evolve,
    folds={
        v1.QualificationRequested: SUBJECT,
        v1.QualificationFactsAdded: SUBJECT,
        v1.MissingFactsRequested: SUBJECT,
        v1.QualificationConfirmed: SUBJECT,
        v1.QualificationReminded: SUBJECT,
        v1.QualificationConditionReminded: SUBJECT,
        v1.QualificationConditionOverdue: SUBJECT,
        v1.QualificationConditionSettled: SUBJECT,
        v1.QualificationOverdue: SUBJECT,
        v1.QualificationWithdrawn: SUBJECT,
        v1.QualificationDecided: SUBJECT,
        v1.QualificationEnded: SUBJECT,
        v1.CommunicationTestStarted: SUBJECT,
        v1.CommunicationTested: SUBJECT,
    },
    deadlines=_qualification_deadlines,
)


BSP = Kind(
    name="bsp",
    state=bsp.Bsp,
    evolve=bsp.evolve,
    folds={
        v1.QualificationRequested: _bsp,
        v1.QualificationWithdrawn: _bsp,
        v1.QualificationDecided: _bsp,
        v1.QualificationEnded: _bsp,
    },
)


PRODUCT = Kind(
    name="product",
    state=product.Product,
    evolve=product.evolve,
    folds={v1.ProductOffered: SUBJECT, v1.ProductClosed: SUBJECT, v1.QualifiedBspsListed: SUBJECT},
)

KINDS = (QUALIFICATION, BSP, PRODUCT)
