"""What is said about consents of end users (R30, R31)."""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Command, Event, party
from contracts.values import Role

# Commands


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


class WithdrawConsent(Command):
    """The end user consents no longer, says the BSP that recorded it, or the TSO. Subject: the consent."""

    senders: ClassVar = frozenset({Role.BSP, Role.TSO})
    subject_is: ClassVar = values.Uuid


# Events


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
    warn_at: values.UtcTime | None = None
    """When the BSP is warned that it runs out; None where it does not, or where less time is left than that."""


class ConsentWithdrawn(Event):
    """An end user consents no longer, from `valid_to`. What rests on the consent ends at the next midnight (E16)."""

    home: ClassVar = "consent_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"),)

    consent_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    valid_to: values.UtcTime
    by: values.Gln
    """Who said so: the BSP, or the TSO on the end user's behalf."""


class ConsentExpiryApproached(Event):
    """A consent soon runs out, at `valid_to`: what rests on it ends then, unless another is recorded."""

    home: ClassVar = "consent_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"),)

    consent_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    valid_to: values.UtcTime


class ConsentExpired(Event):
    """The last day of a consent has begun: control that rests on it alone ends with that day.

    Said as the day begins, so that everyone knows of the midnight before it comes (D26).
    """

    home: ClassVar = "consent_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"),)

    consent_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    valid_to: values.UtcTime
