"""What is said about the test of communication with a BSP: a round trip over its own topics (R41)."""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Command, Event, everyone, party
from contracts.values import Role


class StartCommunicationTest(Command):
    """The TSO or the BSP asks for a test. Subject: the qualification."""

    senders: ClassVar = frozenset({Role.BSP, Role.TSO})
    subject_is: ClassVar = values.Uuid


class AnswerCommunicationTest(Command):
    """The BSP's system gives back the nonce that it was sent. Subject: the qualification."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    nonce: values.Uuid


class CommunicationTestStarted(Event):
    """The BSP is to answer with this nonce. It is sent to the BSP alone."""

    home: ClassVar = "qualification_id"
    case: ClassVar = "qualification_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"),)

    qualification_id: values.Uuid
    bsp: values.Gln
    nonce: values.Uuid
    asked_at: values.UtcTime
    limit_ms: int
    """So soon it must answer to pass."""
    due_at: values.UtcTime
    """So long its answer is waited for; then the test has failed without one."""


class CommunicationTested(Event):
    """The test is over. It can be asked for again."""

    home: ClassVar = "qualification_id"
    case: ClassVar = "qualification_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    qualification_id: values.Uuid
    bsp: values.Gln
    result: Literal["passed", "failed"]
    because: Literal["answered", "late", "wrong-nonce", "no-answer"]
    tested_at: values.UtcTime
    measured_ms: int | None = None
    """From when the test was asked for until the answer was received."""
    limit_ms: int
