"""Consents: a BSP's word, with a proof, that the end user behind a point lets it dispose of the resources (R30, R31).

A consent is taken as it is given: whether the end user is the right one is only tested when control is claimed. To test
it here would tell a BSP which points exist and who stands behind them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bsp_switch.domain import rules
from contracts import values
from contracts.bsp_switch import v1


@dataclass(frozen=True, slots=True)
class Consent:
    """What an end user lets a BSP do behind a point, half-open."""

    consent_id: str
    metering_point_id: str
    bsp: str
    end_user: str
    purpose: str
    proof_sha256: str
    valid_from: datetime
    valid_to: datetime | None = None

    def covers(self, *, end_user: str, at: datetime) -> bool:
        """Whether this end user consents at this moment."""
        return self.end_user == end_user and self.valid_from <= at and (self.valid_to is None or at < self.valid_to)


@dataclass(frozen=True, slots=True)
class Consents:
    """All consents that a BSP has recorded for a point, in the order they came."""

    consents: tuple[Consent, ...]

    def covering(self, *, end_user: str, at: datetime) -> Consent | None:
        """The first recorded that covers the moment."""
        return next((consent for consent in self.consents if consent.covers(end_user=end_user, at=at)), None)


def key(*, metering_point_id: str, bsp: str) -> str:
    """The id of the document that holds a BSP's consents for a point."""
    return f"{metering_point_id}|{bsp}"


def evolve(_state: Consent | None, event: v1.ConsentRecorded) -> Consent:
    """The consent."""
    return Consent(
        consent_id=event.consent_id,
        metering_point_id=event.metering_point_id,
        bsp=event.bsp,
        end_user=event.end_user,
        purpose=event.purpose,
        proof_sha256=event.proof_sha256,
        valid_from=event.valid_from,
        valid_to=event.valid_to,
    )


def evolve_all(state: Consents | None, event: v1.ConsentRecorded) -> Consents:
    """One consent more."""
    return Consents((*(state.consents if state else ()), evolve(None, event)))


def decide_record(
    state: Consent | None, command: v1.RecordConsent, *, consent_id: str, bsp: str
) -> list[v1.ConsentRecorded]:
    """Record a consent.

    Raises: ID_NOT_AVAILABLE, CONSENT_PERIOD_INVALID.
    """
    if state is not None:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    if command.valid_to is not None and command.valid_to <= command.valid_from:
        raise rules.CONSENT_PERIOD_INVALID.refused(
            path="/valid_to",
            limit=values.time_text(command.valid_from),
            actual=values.time_text(command.valid_to),
        )
    return [
        v1.ConsentRecorded(
            consent_id=consent_id,
            metering_point_id=command.metering_point_id,
            bsp=bsp,
            end_user=command.end_user,
            purpose=command.purpose,
            proof_sha256=command.proof_sha256,
            valid_from=command.valid_from,
            valid_to=command.valid_to,
        )
    ]
