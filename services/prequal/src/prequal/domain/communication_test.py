"""The test of communication: the BSP is sent a nonce on its own topic, and its system gives it back (R41).

What is measured is the whole way: from when the test was asked for until the answer was received, in ms.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from contracts import calendar, envelope
from contracts.message import Event
from contracts.policies import Policies
from contracts.prequal import v1
from prequal.domain import rules

MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class CommunicationTest:
    """The latest test."""

    nonce: str
    asked_at: datetime
    limit_ms: int
    due_at: datetime
    result: Literal["waiting", "passed", "failed"] = "waiting"
    because: str = ""
    measured_ms: int | None = None
    tested_at: datetime | None = None


def evolve(state: CommunicationTest | None, event: object) -> CommunicationTest | None:
    """Fold an own event."""
    match event:
        case v1.CommunicationTestStarted():
            return CommunicationTest(event.nonce, event.asked_at, event.limit_ms, event.due_at)
        case v1.CommunicationTested() if state:
            return CommunicationTest(
                nonce=state.nonce,
                asked_at=state.asked_at,
                limit_ms=state.limit_ms,
                due_at=state.due_at,
                result=event.result,
                because=event.because,
                measured_ms=event.measured_ms,
                tested_at=event.tested_at,
            )
        case _:
            return state


def decide_start(
    state: CommunicationTest | None,
    *,
    qualification_id: str,
    bsp: str,
    policies: Policies,
    at: datetime,
    command_id: str,
    position: int,
) -> list[Event]:
    """A test is asked for. Its nonce follows from the command's id and position: a re-run finds the same one.

    Refuses with COMMUNICATION_TEST_UNDER_WAY.
    """
    if state is not None and state.result == "waiting":
        raise rules.COMMUNICATION_TEST_UNDER_WAY.refused()
    limit = timedelta(seconds=policies.whole("communication-test.limit-seconds", at=at))
    wait = timedelta(minutes=policies.whole("communication-test.wait-minutes", at=at))
    return [
        v1.CommunicationTestStarted(
            qualification_id=qualification_id,
            bsp=bsp,
            nonce=envelope.new_id(at, "communication-test", qualification_id, command_id, position),
            asked_at=at,
            limit_ms=limit // MILLISECOND,
            # An answer that is too late to pass is measured all the same.
            due_at=at + max(limit + MILLISECOND, wait),
        )
    ]


def decide_answer(
    state: CommunicationTest | None,
    command: v1.AnswerCommunicationTest,
    *,
    qualification_id: str,
    bsp: str,
    at: datetime,
) -> list[Event]:
    """The BSP's system has answered. Refuses with COMMUNICATION_TEST_NOT_WAITING."""
    if state is None or state.result != "waiting":
        raise rules.COMMUNICATION_TEST_NOT_WAITING.refused(actual=state.because if state else "none")
    measured_ms = (at - state.asked_at) // MILLISECOND
    because = "answered"
    if command.nonce != state.nonce:
        because = "wrong-nonce"
    elif measured_ms > state.limit_ms:
        because = "late"
    return [
        v1.CommunicationTested(
            qualification_id=qualification_id,
            bsp=bsp,
            result="passed" if because == "answered" else "failed",
            because=because,
            tested_at=at,
            measured_ms=measured_ms,
            limit_ms=state.limit_ms,
        )
    ]


def decide_no_answer(state: CommunicationTest, *, qualification_id: str, bsp: str, at: datetime) -> list[Event]:
    """No answer came for so long that none is waited for any more."""
    return [
        v1.CommunicationTested(
            qualification_id=qualification_id,
            bsp=bsp,
            result="failed",
            because="no-answer",
            tested_at=at,
            limit_ms=state.limit_ms,
        )
    ]


def refuse_without(state: CommunicationTest | None, *, policies: Policies, at: datetime) -> None:
    """Refuse with COMMUNICATION_TEST_MISSING unless the latest test was passed, and not too long ago."""
    days = policies.whole("communication-test.max-age-days", at=at)
    if state is None or state.tested_at is None:
        standing = "none" if state is None else state.result
    elif state.result == "failed":
        standing = state.because
    elif calendar.after_days(state.tested_at, days) <= at:
        standing = "too old"
    else:
        return
    raise rules.COMMUNICATION_TEST_MISSING.refused(limit=days, actual=standing, unit="days")
