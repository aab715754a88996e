"""What becomes of the conditions of a qualification: the TSO settles each, before its date or after (R41).

A condition that is not met takes nothing away by itself: the TSO revokes the qualification, or suspends the BSP.
"""

from __future__ import annotations

from datetime import datetime

from contracts.message import Event
from contracts.prequal import v1
from prequal.domain import rules
from prequal.domain.conditions import first_due, settled
from prequal.domain.qualification import Qualification


def decide_overdue(state: Qualification, *, at: datetime) -> list[Event]:
    """Conditions whose date has come: the BSP and the TSO are told, once."""
    return [
        v1.QualificationConditionOverdue(
            qualification_id=state.qualification_id,
            bsp=state.bsp,
            product=state.product,
            condition=one.condition,
            text=state.conditions[one.condition].text,
            due_at=one.due_at,
        )
        for one in state.to_meet
        if one.due_at and one.due_at <= at and not one.is_overdue
    ]


def decide_settle(state: Qualification, command: v1.SettleCondition) -> list[Event]:
    """The TSO settles one. Refuses with CONDITION_UNKNOWN, CONDITION_SETTLED, CONDITION_WAIVED_WHY."""
    count = len(state.conditions)
    if command.condition >= count:
        raise rules.CONDITION_UNKNOWN.refused(path="/condition", limit=count, actual=command.condition)
    if all(one.condition != command.condition for one in state.to_meet):
        raise rules.CONDITION_SETTLED.refused(path="/condition", actual=command.condition)
    if command.outcome == "waived" and not command.reasons.strip():
        raise rules.CONDITION_WAIVED_WHY.refused(path="/reasons")
    return [
        v1.QualificationConditionSettled(
            qualification_id=state.qualification_id,
            bsp=state.bsp,
            product=state.product,
            condition=command.condition,
            text=state.conditions[command.condition].text,
            outcome=command.outcome,
            reasons=command.reasons,
            next_due_at=first_due(settled(state.to_meet, command.condition)),
        )
    ]
