"""What is said about applications for prequalification, and the decisions on them (R42, SOGL art. 159 and 182)."""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Command, Event, everyone, party
from contracts.prequal.v1.products import Product
from contracts.values import Role


class ApplyForPrequalification(Command):
    """A BSP applies for a group. Subject: a new UUID (the application)."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    group_id: values.Uuid
    product: Product = "mFRR"
    up_w: values.Watt
    down_w: values.Watt
    ramp_w_per_minute: values.Watt


class DecidePrequalification(Command):
    """The TSO's decision on an application. Subject: the application."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    decision: Literal["approved", "rejected"]
    up_w: values.Watt = 0
    down_w: values.Watt = 0
    reasons: values.LongText


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
    extends: values.Uuid | None = None
    """The application by which the group is approved already; what it reserves then is the difference (D5)."""


class ApplicationReplaced(Event):
    """An application for more has taken effect in this one's place."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    replaced_by: values.Uuid


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
