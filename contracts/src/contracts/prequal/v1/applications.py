"""What is said about applications for prequalification, until they are decided on (R42, SOGL art. 159 and 182)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, Part, everyone, party
from contracts.prequal.v1.clocks import Clock, StoppedClock
from contracts.prequal.v1.products import Product
from contracts.values import Role

EvidenceKind = Literal[
    "test-result", "technical-description", "single-line-diagram", "measurement-log", "control-system", "other"
]
"""What a document is evidence of."""


class Evidence(Part):
    """A document that an application refers to, as the door answered it; the events say which are `not_stored`."""

    document_id: values.Uuid
    sha256: values.Sha256
    kind: EvidenceKind
    about: values.ShortText = ""
    """What it is about: the group, a metering point, a make."""
    issued_on: values.LocalDate


class ReusedEvidence(Part):
    """A document that an approved application of the same BSP rested on: it is recognised (SOGL art. 155(5))."""

    sha256: values.Sha256
    application_id: values.Uuid


ObjectKind = Literal["flexibility-group", "single-point"]
"""What a regulation object is (R8)."""

MissingPart = Literal[
    "connection-points",
    "voltage-levels",
    "reserve-type",
    "maximum-capacity",
    "rate-of-change",
    "technical-description",
    "test-result",
    "communication",
    "other",
]
"""What may be missing: what SOGL art. 182(2) asks for, and evidence."""

MAX_EVIDENCE = 100

# Commands


class ApplyForPrequalification(Command):
    """A BSP applies for a group or a regulation object of one point. Subject: a new UUID (the application)."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    group_id: values.Uuid
    """The group, or the regulation object of one point: a group is one, too (R8)."""
    product: Product = "mFRR"
    up_w: values.Watt
    down_w: values.Watt
    ramp_w_per_minute: values.Watt
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=MAX_EVIDENCE)


class ConfirmCompleteness(Command):
    """The TSO says that an application is complete, as it stands. Subject: the application."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid


class RequestMissingPart(Command):
    """The TSO says what an application lacks. Subject: the application."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    missing: tuple[MissingPart, ...] = Field(min_length=1, max_length=20)
    text: values.LongText


class CompleteApplication(Command):
    """The BSP supplies what is missing. Subject: the application."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    evidence: tuple[Evidence, ...] = Field(default=(), max_length=MAX_EVIDENCE)
    """Added to what it has."""
    ramp_w_per_minute: values.Watt | None = None
    text: values.LongText = ""


class AmendApplication(Command):
    """The BSP changes an application while it is its turn; what is not said stays. Subject: the application."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    up_w: values.Watt | None = None
    down_w: values.Watt | None = None
    ramp_w_per_minute: values.Watt | None = None
    evidence: Annotated[tuple[Evidence, ...], Field(max_length=MAX_EVIDENCE)] | None = None
    """All of it; what is not named is gone."""


class WithdrawApplication(Command):
    """The BSP takes an application back that is not decided on, or waits for room. Subject: the application."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    text: values.LongText = ""


# Events


class ApplicationReceived(Event):
    """A formal application stands; the DSOs concerned are asked, one event each.

    It is taken for complete from here until the TSO says what it lacks.
    """

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    zone: values.BiddingZone
    product: Product
    up_w: int
    down_w: int
    ramp_w_per_minute: int
    declared_up_w: int
    declared_down_w: int
    complete_at: values.UtcTime
    """When the message that made it complete was received: the order of the queue (D6)."""
    position: int
    """That message's position among all inputs of the service: it breaks ties in the queue."""
    decide_by: values.UtcTime
    minimum_w: int
    """The policy it was decided with."""
    extends: values.Uuid | None = None
    """The application by which the group is approved already; what it reserves then is the difference (D5)."""
    kind: ObjectKind = "flexibility-group"
    evidence: tuple[Evidence, ...] = ()
    reused: tuple[ReusedEvidence, ...] = ()
    clocks: tuple[Clock, ...] = ()
    """What runs from here on."""
    not_stored: tuple[values.Uuid, ...] = ()
    """Documents of the evidence that the BSP has not brought in through the door: nobody can read them there."""


class ApplicationReplaced(Event):
    """An application for more has taken effect in this one's place."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    replaced_by: values.Uuid


class CompletenessConfirmed(Event):
    """The TSO has said that an application is complete, or has decided on it, which says so too."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    complete_at: values.UtcTime
    position: int
    clocks: tuple[Clock, ...]
    stopped: tuple[StoppedClock, ...]


class MissingPartRequested(Event):
    """The TSO has said what an application lacks; if it is not supplied in time, it counts as withdrawn (E21)."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    missing: tuple[MissingPart, ...]
    text: str
    due_at: values.UtcTime
    clocks: tuple[Clock, ...]
    stopped: tuple[StoppedClock, ...]


class ApplicationCompleted(Event):
    """The BSP has supplied what was missing: the message that made it complete gives its place in the queue (D6)."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    evidence: tuple[Evidence, ...]
    """All that it has now."""
    reused: tuple[ReusedEvidence, ...]
    ramp_w_per_minute: int
    text: str
    complete_at: values.UtcTime
    position: int
    decide_by: values.UtcTime
    clocks: tuple[Clock, ...]
    stopped: tuple[StoppedClock, ...]
    not_stored: tuple[values.Uuid, ...] = ()
    """Documents of the evidence that the BSP has not brought in through the door: nobody can read them there."""


class ApplicationAmended(Event):
    """The BSP has changed its application; for more power it is complete anew, and stands where a new one would."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    up_w: int
    down_w: int
    ramp_w_per_minute: int
    evidence: tuple[Evidence, ...]
    reused: tuple[ReusedEvidence, ...]
    declared_up_w: int
    declared_down_w: int
    complete_at: values.UtcTime
    position: int
    kept_place: bool
    minimum_w: int
    clocks: tuple[Clock, ...]
    stopped: tuple[StoppedClock, ...] = ()
    not_stored: tuple[values.Uuid, ...] = ()
    """Documents of the evidence that the BSP has not brought in through the door: nobody can read them there."""


class ApplicationPassed(Event):
    """An application, with what was approved by it, is another BSP's: the one that has taken over its group."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("successor"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    successor: values.Gln


class ApplicationWithdrawn(Event):
    """The BSP has taken an application back, or did not supply what was missing in time (SOGL art. 159(3), E21).

    The group may apply again; DSOs need not answer for this application any more.
    """

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dsos"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    dsos: tuple[values.Gln, ...]
    zone: values.BiddingZone
    because: Literal["withdrawn", "missing-not-supplied"]
    text: str = ""
    stopped: tuple[StoppedClock, ...] = ()
    extends: values.Uuid | None = None
    """Where the group stays approved by another application: that one."""
