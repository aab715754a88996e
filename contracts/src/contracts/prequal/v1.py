"""Messages of `prequal`, version 1: BSP qualification, prequalification of groups, zone caps, what may be bid."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, Part, ReceiptData, everyone, party
from contracts.values import Role

Product = Literal["mFRR"]
LimitReason = Literal["transformer", "line", "voltage", "protection", "outage", "location", "other"]
CapReason = Literal["transfer-capacity", "operating-pattern", "need-for-reserves", "grid-observability"]


class PointLimit(Part):
    """What a DSO allows a metering point to deliver; 0 is a rejection of the point."""

    metering_point_id: values.Gsrn
    up_w: values.Watt
    down_w: values.Watt
    reason_code: LimitReason
    text: values.ShortText = ""


# Commands


class ApplyForQualification(Command):
    """A BSP applies to be qualified for a product. Subject: a new UUID."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    product: Product = "mFRR"
    contact_email: values.ShortText
    contract_reference: values.ShortText


class DecideQualification(Command):
    """The TSO qualifies a BSP or does not. Subject: the qualification."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    decision: Literal["qualified", "not-qualified"]
    reasons: values.LongText


class SetZoneCap(Command):
    """The TSO sets how much flexibility-group volume a bidding zone takes. Subject: the zone."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.BiddingZone

    cap_w: values.Watt
    reasons: tuple[CapReason, ...]
    assessment: values.LongText
    link: values.ShortText = ""


class ApplyForPrequalification(Command):
    """A BSP applies for a group. Subject: a new UUID (the application)."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    group_id: values.Uuid
    product: Product = "mFRR"
    up_w: values.Watt
    down_w: values.Watt
    ramp_w_per_minute: values.Watt


class AssessGrid(Command):
    """A DSO's answer for its own points of an application. Subject: the application."""

    senders: ClassVar = frozenset({Role.DSO})
    subject_is: ClassVar = values.Uuid

    decision: Literal["approved", "limited", "rejected"]
    limits: tuple[PointLimit, ...] = Field(default=(), max_length=2000)
    text: values.LongText = ""


class DecidePrequalification(Command):
    """The TSO's decision on an application. Subject: the application."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    decision: Literal["approved", "rejected"]
    up_w: values.Watt = 0
    down_w: values.Watt = 0
    reasons: values.LongText


# Events


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


class ZoneCapSet(Event):
    """How much a zone takes, with the reasons; what is used, free and waiting. Published to everyone (R24)."""

    home: ClassVar = "zone"
    audience: ClassVar[tuple[Audience, ...]] = tuple(everyone(role) for role in Role)

    zone: values.BiddingZone
    cap_w: int
    reasons: tuple[CapReason, ...]
    assessment: str
    link: str
    used_w: int
    free_w: int
    """Negative where the cap was lowered under what is in use (D7)."""
    waiting: int


class ApplicationReceived(Event):
    """A complete application stands; the DSOs concerned are asked, one event each."""

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


class AskedPoint(Part):
    """One of the DSO's own points in an application."""

    metering_point_id: values.Gsrn
    grid_area: values.EicY
    substation: str | None
    up_w: int
    down_w: int


class GridAssessmentRequested(Event):
    """A DSO is asked for its own points, with a due date."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    dso: values.Gln
    points: tuple[AskedPoint, ...]
    due_at: values.UtcTime


class GridAssessed(Event):
    """A DSO has answered. `deliverable_*_w`: what the group can deliver after all answers so far; silence counts 0."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), party("bsp"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    dso: values.Gln
    decision: Literal["approved", "limited", "rejected"]
    limits: tuple[PointLimit, ...]
    text: str
    late: bool
    deliverable_up_w: int
    deliverable_down_w: int
    still_asked: tuple[values.Gln, ...]


class GridAssessmentOverdue(Event):
    """A DSO did not answer in time: the case goes to the TSO (D11)."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    dso: values.Gln
    due_at: values.UtcTime


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


class PrequalificationOverdue(Event):
    """The TSO did not decide in time (SOGL art. 182(3)); the application stands as it was."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    decide_by: values.UtcTime


class ApplicationQueued(Event):
    """The zone is full: the application waits, whole, at this place. Again when its place or `lapses_at` changes."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dsos"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    dsos: tuple[values.Gln, ...]
    zone: values.BiddingZone
    place: int
    complete_at: values.UtcTime
    """The order of the queue: this, then `position`."""
    position: int
    requested_w: int
    cap_w: int
    used_w: int
    free_w: int
    lapses_at: values.UtcTime | None = None
    """When it leaves the queue, because from then on it can deliver less than the minimum (D6), unless that changes."""


class ApplicationLapsed(Event):
    """What the group can deliver fell under the minimum while it waited: it has left the queue (D6)."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dsos"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    dsos: tuple[values.Gln, ...]
    zone: values.BiddingZone
    deliverable_up_w: int
    deliverable_down_w: int
    minimum_w: int


class VolumeReserved(Event):
    """The group is in: its volume counts under the zone's cap."""

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
    reserved_w: int
    cap_w: int
    used_w: int
    free_w: int


class BiddableChanged(Event):
    """What may be bid for a group from a moment on, and why: floor(min(approved, deliverable)) per direction."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dsos"), everyone(Role.TSO))

    group_id: values.Uuid
    bsp: values.Gln
    dsos: tuple[values.Gln, ...]
    zone: values.BiddingZone
    valid_from: values.UtcTime
    up_w: int
    down_w: int
    approved_up_w: int
    approved_down_w: int
    deliverable_up_w: int
    deliverable_down_w: int
    below_minimum: bool
    approval_ends_at: values.UtcTime | None = None
    """Where it is below the minimum: when the approval ends, if it stays so (D8)."""
    minimum_w: int = 0
    """The policies it was decided with."""
    step_w: int = 0


class ApprovalEnded(Event):
    """The grace period below the minimum is over: the approval has ended and its volume is free (D8)."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dsos"), everyone(Role.TSO))

    group_id: values.Uuid
    application_id: values.Uuid
    bsp: values.Gln
    dsos: tuple[values.Gln, ...]
    zone: values.BiddingZone
    released_w: int


class Receipt(ReceiptData):
    """The answer of `prequal` to a command."""

    audience: ClassVar[tuple[Audience, ...]] = (party("sender"),)
