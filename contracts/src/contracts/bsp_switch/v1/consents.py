"""What is said about consents of end users (R30, R31)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, Part, party
from contracts.values import Role

ConsentPurpose = Literal["flexibility", "meter-history"]
"""What it is for: to dispose of the resources behind the point; to read what was metered before the BSP held it."""
WhyConsentEnds = Literal["move-out", "end-user"]
"""The end user stands behind the point no longer; the end user is no more (a person has died, an organisation is
dissolved)."""


class Attestation(Part):
    """The BSP's word that the consent was lawfully obtained (R30)."""

    version: values.NameText
    """Of the text that was signed."""
    attested_at: values.UtcTime
    signer: values.Uuid
    """Who signed, as a random id of the BSP's own: no person is named in a message."""


# Commands


class RecordConsent(Command):
    """The BSP has the end user's consent to dispose of the resources behind a point. Subject: a new UUID."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid

    metering_point_id: values.Gsrn
    end_user: values.Uuid
    purpose: ConsentPurpose = "flexibility"
    proof_sha256: values.Sha256
    proof_document_id: values.Uuid | None = None
    """The consent's document, where the BSP has brought it in through the door; its hash is `proof_sha256` then."""
    valid_from: values.UtcTime
    valid_to: values.UtcTime | None = None
    future_points: Annotated[bool, Field(strict=True)] = False
    """Whether it covers every point, too, that the end user comes to stand behind while it is valid."""
    attestation: Attestation | None = None


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
    proof_document_id: values.Uuid | None = None
    future_points: bool = False
    """Whether it covers every point, too, that the end user comes to stand behind while it is valid."""
    attestation: Attestation | None = None


class ConsentWithdrawn(Event):
    """An end user consents no longer, from `valid_to`. What rests on the consent ends at the next midnight (E16)."""

    home: ClassVar = "consent_id"
    audience: ClassVar[tuple[Audience, ...]] = (
        party("bsp"),
        party("successor"),
    )

    consent_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    valid_to: values.UtcTime
    by: values.Gln
    """Who said so: the BSP, or the TSO on the end user's behalf."""
    end_user: values.Uuid | None = None
    """Whose it is, where it covers the end user's future points, too."""
    successor: values.Gln | None = None
    """Who has taken the BSP over since; it is told, too."""


class ConsentExpiryApproached(Event):
    """A consent soon runs out, at `valid_to`: what rests on it ends then, unless another is recorded."""

    home: ClassVar = "consent_id"
    audience: ClassVar[tuple[Audience, ...]] = (
        party("bsp"),
        party("successor"),
    )

    consent_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    valid_to: values.UtcTime
    end_user: values.Uuid | None = None
    """Whose it is, where it covers the end user's future points, too."""
    successor: values.Gln | None = None
    """Who has taken the BSP over since; it is told, too."""


class ConsentExpired(Event):
    """The last day of a consent has begun: control that rests on it alone ends with that day.

    Said as the day begins, so that everyone knows of the midnight before it comes (D26).
    """

    home: ClassVar = "consent_id"
    audience: ClassVar[tuple[Audience, ...]] = (
        party("bsp"),
        party("successor"),
    )

    consent_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    valid_to: values.UtcTime
    end_user: values.Uuid | None = None
    """Whose it is, where it covers the end user's future points, too."""
    successor: values.Gln | None = None
    """Who has taken the BSP over since; it is told, too."""


class ConsentEnded(Event):
    """A fact ended a consent, at `valid_to`, which may be long past. Said again for the same cause, the later counts.

    What rested on it ends with it, and is said of each point by itself.
    """

    home: ClassVar = "consent_id"
    audience: ClassVar[tuple[Audience, ...]] = (
        party("bsp"),
        party("successor"),
    )

    consent_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    valid_to: values.UtcTime
    because: WhyConsentEnds
    end_user: values.Uuid | None = None
    """Whose it is, where it covers the end user's future points, too."""
    successor: values.Gln | None = None
    """Who has taken the BSP over since; it is told, too."""


class ConsentEndCancelled(Event):
    """The fact that ended a consent was corrected: it lasts to `valid_to`, another end that stands, or stays open."""

    home: ClassVar = "consent_id"
    audience: ClassVar[tuple[Audience, ...]] = (
        party("bsp"),
        party("successor"),
    )

    consent_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    valid_to: values.UtcTime | None
    because: WhyConsentEnds
    end_user: values.Uuid | None = None
    """Whose it is, where it covers the end user's future points, too."""
    successor: values.Gln | None = None
    """Who has taken the BSP over since; it is told, too."""
