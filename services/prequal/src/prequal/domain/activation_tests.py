"""Test activations: the TSO orders them and judges what was delivered (R7, R42)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from contracts import values
from contracts.message import Event
from contracts.policies import Policies
from contracts.prequal import v1
from prequal.domain import rules
from prequal.domain.application import Application
from prequal.domain.power import Power

_DIRECTIONS: tuple[Literal["up", "down"], ...] = ("up", "down")


def decide_order(
    state: Application, command: v1.OrderTestActivation, *, dsos: tuple[str, ...], at: datetime
) -> list[Event]:
    """A test of at most what is applied for, in time to come.

    Refuses with TEST_ID_TAKEN, TEST_ABOVE_APPLIED, TEST_MOMENT_PAST.
    """
    if command.test_id in (state.tests or {}):
        raise rules.TEST_ID_TAKEN.refused(path="/test_id", actual=command.test_id)
    limit = _of(state.applied, command.direction)
    if command.power_w > limit:
        raise rules.TEST_ABOVE_APPLIED.refused(path="/power_w", limit=limit, actual=command.power_w, unit="W")
    if command.moment <= at:
        raise rules.TEST_MOMENT_PAST.refused(path="/moment", actual=values.time_text(command.moment))
    return [
        v1.TestActivationOrdered(
            application_id=state.application_id,
            group_id=state.group_id,
            bsp=state.bsp,
            dsos=dsos,
            test_id=command.test_id,
            direction=command.direction,
            power_w=command.power_w,
            moment=command.moment,
            text=command.text,
        )
    ]


def decide_result(state: Application, command: v1.RecordTestResult, *, at: datetime) -> list[Event]:
    """What it delivered, once. Refuses with TEST_UNKNOWN, TEST_ALREADY_RECORDED, TEST_NOT_YET."""
    test = (state.tests or {}).get(command.test_id)
    if test is None:
        raise rules.TEST_UNKNOWN.refused(path="/test_id", actual=command.test_id)
    if test.passed is not None:
        raise rules.TEST_ALREADY_RECORDED.refused(path="/test_id", actual=command.test_id)
    if at < test.moment:
        raise rules.TEST_NOT_YET.refused(path="/test_id", actual=values.time_text(test.moment))
    return [
        v1.TestResultRecorded(
            application_id=state.application_id,
            group_id=state.group_id,
            bsp=state.bsp,
            test_id=command.test_id,
            direction=test.direction,
            ordered_w=test.power_w,
            moment=test.moment,
            delivered_w=command.delivered_w,
            passed=command.passed,
            evidence=command.evidence,
            text=command.text,
        )
    ]


def check(state: Application, approved: Power, *, asked_for: bool, policies: Policies, at: datetime) -> None:
    """An approval for good does not pass over a test: the last one in each approved direction is passed.

    Where the product (`asked_for`) or the policy asks for a test, there is one. Refuses with TEST_NOT_PASSED.
    """
    is_required = asked_for or policies.value("prequalification.test", at=at) == "required"
    for direction in _DIRECTIONS:
        if not _of(approved, direction):
            continue
        ordered = [test for test in (state.tests or {}).values() if test.direction == direction]
        if (ordered and not ordered[-1].passed) or (is_required and not ordered):
            raise rules.TEST_NOT_PASSED.refused(path=f"/{direction}_w", actual=direction)


def _of(power: Power, direction: Literal["up", "down"]) -> int:
    return power.up_w if direction == "up" else power.down_w
