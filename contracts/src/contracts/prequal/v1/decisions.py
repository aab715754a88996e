"""What is said about the TSO's decisions: spread, tests, approval, verification, re-assessment (R17, R18, R42)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, Part, everyone, party
from contracts.prequal.v1.applications import MAX_EVIDENCE, Evidence
from contracts.prequal.v1.clocks import Clock, StoppedClock
from contracts.values import Role

RejectionReason = Literal[
    "too-concentrated",
    "test-failed",
    "evidence-insufficient",
    "not-deliverable",
    "grid-limits",
    "operational-security",
    "other",
]


class Spread(Part):
    """Where a group's power lies, as `registry` measured it last; shares and index in parts per million (R17, R19)."""

    measured_at: values.UtcTime
    declared_up_w: int
    declared_down_w: int
    members: int
    substations: int
    substation_hhi_ppm: int
    substation_largest_ppm: int
    substation_largest: str | None = None
    substation_unknown_ppm: int
    grid_areas: int
    grid_area_hhi_ppm: int
    grid_area_largest_ppm: int
    grid_area_largest: str | None = None


# Commands


class RequireSplit(Command):
    """The TSO demands that too concentrated a group be split. Subject: the application, which waits for it."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    reason: values.LongText
    due_on: values.LocalDate


class LiftSplitDemand(Command):
    """The TSO goes on without the split. Subject: the application."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    reason: values.LongText


class OrderTestActivation(Command):
    """The TSO orders a test activation. Subject: the application."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    test_id: values.Uuid
    direction: Literal["up", "down"]
    power_w: Annotated[int, Field(strict=True, ge=1, le=999_999_999_999)]
    moment: values.UtcTime
    text: values.LongText = ""


class RecordTestResult(Command):
    """The TSO records what a test activation delivered, and its judgement. Subject: the application."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    test_id: values.Uuid
    delivered_w: values.Watt
    passed: Annotated[bool, Field(strict=True)]
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=MAX_EVIDENCE)
    text: values.LongText = ""


class DecidePrequalification(Command):
    """The TSO's decision on an application. Subject: the application."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    decision: Literal["approved", "rejected"]
    up_w: values.Watt = 0
    down_w: values.Watt = 0
    reasons: values.LongText
    reason_codes: tuple[RejectionReason, ...] = Field(default=(), max_length=10)
    """Why it is rejected."""
    conditions: tuple[values.NameText, ...] = Field(default=(), max_length=20)
    temporary_until: values.LocalDate | None = None
    """The last day of a temporary qualification, before which it is to be verified."""


class VerifyApproval(Command):
    """The TSO has verified what it approved for a time. Subject: the application."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    evidence: tuple[Evidence, ...] = Field(default=(), max_length=MAX_EVIDENCE)
    text: values.LongText


class ConcentrationFlagged(Event):
    """Of what is applied for so much lies at one place that the TSO should look at it; it decides alone (R17).

    What lies behind an unknown substation counts to the largest one.
    """

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    limit_pct: int
    """The policy it was decided with: more than so much lies behind one substation."""
    spread: Spread


class RequireReassessment(Command):
    """The TSO wants an approved group assessed again sooner than after the years. Subject: the application."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    because: Literal["technical-requirements", "availability-requirements", "equipment"]
    text: values.LongText
    due_on: values.LocalDate


class ReassessApproval(Command):
    """The TSO has assessed an approved group again. Subject: the application."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    outcome: Literal["renewed", "ended"]
    text: values.LongText


# Events


class SplitRequired(Event):
    """The TSO demands a split; the application waits, and its clocks with it, until the BSP has split the group."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    reason: str
    due_at: values.UtcTime
    spread: Spread | None = None
    clocks: tuple[Clock, ...]


class SplitSettled(Event):
    """The group was split and goes on smaller, or the TSO goes on without: the application is handled again."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    because: Literal["split", "lifted"]
    reason: str = ""
    into: tuple[values.Uuid, ...] = ()
    """The groups that were formed of its members; they may apply for themselves."""
    clocks: tuple[Clock, ...]
    stopped: tuple[StoppedClock, ...]


class TestActivationOrdered(Event):
    """A test activation is ordered."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dsos"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    dsos: tuple[values.Gln, ...]
    test_id: values.Uuid
    direction: Literal["up", "down"]
    power_w: int
    moment: values.UtcTime
    text: str


class TestResultRecorded(Event):
    """What a test activation delivered, and whether it is passed."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    test_id: values.Uuid
    direction: Literal["up", "down"]
    ordered_w: int
    moment: values.UtcTime
    delivered_w: int
    passed: bool
    evidence: tuple[Evidence, ...]
    text: str


class PrequalificationDecided(Event):
    """The TSO has decided. Approved is not yet admitted: the zone must have room."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dsos"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    dsos: tuple[values.Gln, ...]
    decision: Literal["approved", "rejected"]
    up_w: int
    down_w: int
    reasons: str
    deliverable_up_w: int
    """What the group could deliver at that moment, after the DSOs' answers."""
    deliverable_down_w: int
    minimum_w: int
    """The policies it was decided with."""
    maximum_w: int
    reason_codes: tuple[RejectionReason, ...] = ()
    conditions: tuple[str, ...] = ()
    temporary_until: values.UtcTime | None = None
    """The approval ends then, unless it is verified before."""
    spread: Spread | None = None
    """The figures that the spread was assessed by."""
    clocks: tuple[Clock, ...] = ()
    stopped: tuple[StoppedClock, ...] = ()
    extends: values.Uuid | None = None
    """Where the group stays approved by another application: that one."""


class PrequalificationOverdue(Event):
    """The TSO did not decide in time (SOGL art. 182(3)); the application stands as it was."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    decide_by: values.UtcTime


class SinglePointAdmitted(Event):
    """A regulation object of one point is in: the zones' caps are for groups, so that it never waits (R20)."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dsos"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    dsos: tuple[values.Gln, ...]
    zone: values.BiddingZone
    approved_up_w: int
    approved_down_w: int


class ApprovalVerified(Event):
    """What was approved for a time is verified, and stands."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dsos"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    dsos: tuple[values.Gln, ...]
    evidence: tuple[Evidence, ...]
    text: str
    clocks: tuple[Clock, ...]
    stopped: tuple[StoppedClock, ...]


class ReassessmentRequired(Event):
    """The TSO wants an approved group assessed again by then: requirements or equipment are new (SOGL art. 159(6))."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    because: Literal["technical-requirements", "availability-requirements", "equipment"]
    text: str
    due_at: values.UtcTime
    clocks: tuple[Clock, ...]


class ApprovalReassessed(Event):
    """An approved group was assessed again: it stands for as many years more, or ends."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dsos"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    dsos: tuple[values.Gln, ...]
    outcome: Literal["renewed", "ended"]
    text: str
    clocks: tuple[Clock, ...]
    stopped: tuple[StoppedClock, ...]
