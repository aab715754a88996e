"""Messages of `bsp-switch`, version 1: who stands behind a metering point, consents, control."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, ReceiptData, everyone, party
from contracts.values import Role

# Commands


class RecordSupply(Command):
    """The datahub's fact: who stands behind a metering point from a moment. Always accepted. Subject: its GSRN."""

    senders: ClassVar = frozenset({Role.DATAHUB})
    subject_is: ClassVar = values.Gsrn

    supplier: values.Gln
    brp_consumption: values.Gln
    brp_production: values.Gln
    end_user: values.Uuid
    valid_from: values.Midnight


class RecordConsent(Command):
    """The BSP has the end user's consent to dispose of the resources behind a point. Subject: a new UUID."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    metering_point_id: values.Gsrn
    end_user: values.Uuid
    purpose: Literal["flexibility"] = "flexibility"
    proof_sha256: values.Sha256
    valid_from: values.UtcTime
    valid_to: values.UtcTime | None = None


class ClaimControl(Command):
    """Take control of a metering point that no BSP holds. Subject: its GSRN."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Gsrn

    start: values.Midnight


class RequestSwitch(Command):
    """Take over metering points that another BSP holds, from a midnight. Subject: a new UUID. A list command."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid
    listed: ClassVar = "metering_points"

    metering_points: tuple[values.Gsrn, ...] = Field(min_length=1, max_length=2000)
    start: values.Midnight
    mode: Literal["all", "each"] = "all"


# Events


class SupplyRecorded(Event):
    """Who stands behind a metering point from a moment."""

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("supplier"),)

    metering_point_id: values.Gsrn
    supplier: values.Gln
    brp_consumption: values.Gln
    brp_production: values.Gln
    end_user: values.Uuid
    valid_from: values.UtcTime
    unknown: tuple[values.Gln, ...] = ()
    """Parties named here that the register does not know: the fact is incomplete."""


class ConsentRecorded(Event):
    """A BSP has an end user's consent for a point."""

    home: ClassVar = "consent_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"),)

    consent_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    end_user: values.Uuid
    purpose: str
    proof_sha256: str
    valid_from: values.UtcTime
    valid_to: values.UtcTime | None = None


class ControlClaimed(Event):
    """A BSP holds a point that nobody held, from a midnight (past or to come)."""

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"),)

    metering_point_id: values.Gsrn
    bsp: values.Gln
    valid_from: values.UtcTime
    consent_id: values.Uuid


class SwitchRequested(Event):
    """A switch is under way; its points follow, one event each."""

    home: ClassVar = "switch_id"
    case: ClassVar = "switch_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("incoming"), everyone(Role.TSO))

    switch_id: values.Uuid
    incoming: values.Gln
    start: values.UtcTime
    points: int


class SwitchAnnounced(Event):
    """At `start` control of this point goes from the outgoing to the incoming BSP."""

    home: ClassVar = "metering_point_id"
    case: ClassVar = "switch_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("incoming"), party("outgoing"), party("dso"), everyone(Role.TSO))

    switch_id: values.Uuid
    metering_point_id: values.Gsrn
    outgoing: values.Gln
    incoming: values.Gln
    dso: values.Gln | None
    start: values.UtcTime
    consent_id: values.Uuid
    notice_days: int
    """The days of notice it was given with, and (D13) the least allowed."""
    notice_min_days: int


class SwitchTookEffect(Event):
    """The midnight of the switch has come."""

    home: ClassVar = "switch_id"
    case: ClassVar = "switch_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("incoming"), party("outgoing"), everyone(Role.TSO))

    switch_id: values.Uuid
    incoming: values.Gln
    outgoing: tuple[values.Gln, ...]
    start: values.UtcTime
    points: int


class Receipt(ReceiptData):
    """The answer of `bsp-switch` to a command."""

    audience: ClassVar[tuple[Audience, ...]] = (party("sender"),)
