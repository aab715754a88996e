"""What is said about consents of end users (R30, R31)."""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Command, Event, party
from contracts.values import Role


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
