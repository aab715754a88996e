"""What is said about qualifying BSPs for products (R41; the clocks of SOGL art. 155 and 159)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, Part, everyone, party
from contracts.prequal.v1.clocks import StoppedClock
from contracts.prequal.v1.products import BspFact, Product
from contracts.values import Role

QualificationClock = Literal["completeness", "answer", "decision", "expiry"]
"""Whose time runs: the TSO's to find it complete, the BSP's to send what is missing, the TSO's to decide; and until
when the BSP is qualified."""


class BspFacts(Part):
    """Further facts of a BSP, each a reference or a function's address, never a person's. Empty: not given."""

    operations_contact: values.ShortText = ""
    """How its operations centre is reached at every hour."""
    settlement_agreement: values.ShortText = ""
    balance_responsibility: values.ShortText = ""
    """Its own balance agreement, or the consent of the BRP."""
    trading_licence: values.ShortText = ""
    financial_security: values.ShortText = ""
    user_agreement: values.ShortText = ""


class Condition(Part):
    """What a BSP must do, or keep to, to stay qualified."""

    text: Annotated[values.LongText, Field(min_length=1)]
    due_on: values.LocalDate | None = None


class ConditionReminder(Part):
    """When a BSP will be reminded of a condition, and until when it must be met."""

    condition: int
    """Its place among the conditions: 0, 1, …"""
    remind_at: values.UtcTime
    due_at: values.UtcTime


class ApplyForQualification(Command):
    """A BSP applies to be qualified for a product. Subject: a new UUID."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    product: Product = "mFRR"
    contact_email: values.EmailAddress
    contract_reference: values.ShortText
    facts: BspFacts = BspFacts()


class CompleteQualification(Command):
    """A BSP adds to its application, or replaces, what is not left empty here. Subject: the qualification."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    contact_email: values.EmailAddress | Literal[""] = ""
    contract_reference: values.ShortText = ""
    facts: BspFacts = BspFacts()


class RequestMissing(Command):
    """The TSO finds an application incomplete, and says what is missing. Subject: the qualification."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    missing: Annotated[tuple[BspFact, ...], Field(min_length=1, max_length=20)]
    text: values.LongText = ""


class ConfirmQualification(Command):
    """The TSO finds an application complete. Subject: the qualification."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid


class DecideQualification(Command):
    """The TSO qualifies a BSP or does not. Subject: the qualification."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    decision: Literal["qualified", "not-qualified"]
    reasons: values.LongText
    conditions: tuple[Condition, ...] = Field(default=(), max_length=50)
    last_day: values.LocalDate | None = None
    """The last day on which it is qualified; left out: until further notice."""


class WithdrawQualification(Command):
    """A BSP takes its application back, or gives its qualification up. Subject: the qualification."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    reasons: values.LongText = ""


class RevokeQualification(Command):
    """The TSO takes a qualification away. Subject: the qualification."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    reasons: values.LongText


class SettleCondition(Command):
    """The TSO says that a condition of a qualification is met, or does without it. Subject: the qualification."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    condition: Annotated[int, Field(ge=0, le=49)]
    """Its place among the conditions: 0, 1, …"""
    outcome: Literal["met", "waived"]
    reasons: values.LongText = ""
    """Needed where it is waived."""


class QualificationRequested(Event):
    """A BSP has applied to be qualified."""

    home: ClassVar = "qualification_id"
    case: ClassVar = "qualification_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    qualification_id: values.Uuid
    bsp: values.Gln
    product: Product
    contact_email: str
    contract_reference: str
    facts: BspFacts = BspFacts()
    confirm_by: values.UtcTime | None = None
    """Until when the TSO says whether it is complete."""
    remind_at: values.UtcTime | None = None
    """Where it stands with a time limit: when who must act is reminded of it."""
    since: values.UtcTime | None = None
    """When this time limit began."""


class QualificationFactsAdded(Event):
    """A BSP has added to its application: all facts as they are now."""

    home: ClassVar = "qualification_id"
    case: ClassVar = "qualification_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    qualification_id: values.Uuid
    bsp: values.Gln
    product: Product
    contact_email: str
    contract_reference: str
    facts: BspFacts
    missing: tuple[BspFact, ...] = ()
    """Of what the TSO asked for: what is not answered yet."""
    confirm_by: values.UtcTime | None = None
    """Where all that was asked for is answered: the TSO's time runs anew."""
    remind_at: values.UtcTime | None = None
    since: values.UtcTime | None = None
    """When this time limit began."""
    stopped: tuple[StoppedClock, ...] = ()
    """The time limits that this ends, and whether they were kept."""


class MissingFactsRequested(Event):
    """The TSO finds the application incomplete. Without an answer it counts as withdrawn."""

    home: ClassVar = "qualification_id"
    case: ClassVar = "qualification_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    qualification_id: values.Uuid
    bsp: values.Gln
    product: Product
    missing: tuple[BspFact, ...]
    text: str
    answer_by: values.UtcTime
    remind_at: values.UtcTime | None = None
    since: values.UtcTime | None = None
    """When this time limit began."""
    stopped: tuple[StoppedClock, ...] = ()
    """The time limits that this ends, and whether they were kept."""


class QualificationConfirmed(Event):
    """The application is complete; the TSO decides by this moment."""

    home: ClassVar = "qualification_id"
    case: ClassVar = "qualification_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    qualification_id: values.Uuid
    bsp: values.Gln
    product: Product
    decide_by: values.UtcTime
    remind_at: values.UtcTime | None = None
    since: values.UtcTime | None = None
    """When this time limit began."""
    stopped: tuple[StoppedClock, ...] = ()
    """The time limits that this ends, and whether they were kept."""


class QualificationReminded(Event):
    """A time limit, or a qualification's end, comes near."""

    home: ClassVar = "qualification_id"
    case: ClassVar = "qualification_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    qualification_id: values.Uuid
    bsp: values.Gln
    product: Product
    clock: QualificationClock
    due_at: values.UtcTime


class QualificationConditionReminded(Event):
    """A condition of a qualification falls due soon; the TSO judges whether it is met."""

    home: ClassVar = "qualification_id"
    case: ClassVar = "qualification_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    qualification_id: values.Uuid
    bsp: values.Gln
    product: Product
    condition: int
    """Its place among the conditions: 0, 1, …"""
    text: str
    due_at: values.UtcTime


class QualificationConditionOverdue(Event):
    """A condition's date has come, and the TSO has not said that it is met; told once, and takes nothing away."""

    home: ClassVar = "qualification_id"
    case: ClassVar = "qualification_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    qualification_id: values.Uuid
    bsp: values.Gln
    product: Product
    condition: int
    """Its place among the conditions: 0, 1, …"""
    text: str
    due_at: values.UtcTime


class QualificationConditionSettled(Event):
    """The TSO has found a condition met, or does without it."""

    home: ClassVar = "qualification_id"
    case: ClassVar = "qualification_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    qualification_id: values.Uuid
    bsp: values.Gln
    product: Product
    condition: int
    """Its place among the conditions: 0, 1, …"""
    text: str
    outcome: Literal["met", "waived"]
    reasons: str = ""
    next_due_at: values.UtcTime | None = None
    """The first date of the conditions that are left; None: none of them has a date."""


class QualificationOverdue(Event):
    """The TSO has not acted in time; the application stands as it was."""

    home: ClassVar = "qualification_id"
    case: ClassVar = "qualification_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    qualification_id: values.Uuid
    bsp: values.Gln
    product: Product
    clock: Literal["completeness", "decision"]
    due_at: values.UtcTime


class QualificationWithdrawn(Event):
    """The application is over without a decision: its BSP took it back, or did not send what was missing."""

    home: ClassVar = "qualification_id"
    case: ClassVar = "qualification_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    qualification_id: values.Uuid
    bsp: values.Gln
    product: Product
    because: Literal["taken-back", "no-answer"]
    reasons: str = ""
    stopped: tuple[StoppedClock, ...] = ()
    """The time limits that this ends, and whether they were kept."""


class QualificationDecided(Event):
    """The TSO has decided on a BSP's qualification."""

    home: ClassVar = "qualification_id"
    case: ClassVar = "qualification_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    qualification_id: values.Uuid
    bsp: values.Gln
    product: Product
    decision: Literal["qualified", "not-qualified"]
    reasons: str
    conditions: tuple[Condition, ...] = ()
    valid_from: values.UtcTime | None = None
    expires_at: values.UtcTime | None = None
    """Where it has a last day: the midnight that ends it."""
    remind_at: values.UtcTime | None = None
    condition_reminders: tuple[ConditionReminder, ...] = ()
    """Of the conditions that have a date: those that can still be reminded of before it."""
    stopped: tuple[StoppedClock, ...] = ()
    """The time limits that this ends, and whether they were kept."""


class QualificationEnded(Event):
    """A BSP is no longer qualified by this decision: revoked, expired, given up, or a later decision stands for it."""

    home: ClassVar = "qualification_id"
    case: ClassVar = "qualification_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    qualification_id: values.Uuid
    bsp: values.Gln
    product: Product
    because: Literal["revoked", "expired", "given-up", "replaced"]
    reasons: str = ""
    ended_at: values.UtcTime
