"""Consents: a BSP's word, with a proof, that the end user behind a point lets it dispose of the resources (R30, R31).

A consent is taken as it is given: whether the end user is the right one is only tested when control is claimed. To test
it here would tell a BSP which points exist and who stands behind them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, assert_never

from bsp_switch.domain import rules
from bsp_switch.domain.document import Document
from contracts import calendar, values
from contracts.bsp_switch import v1
from contracts.bsp_switch.v1 import WhyConsentEnds
from contracts.message import Event
from contracts.values import Role

About = (
    v1.ConsentRecorded
    | v1.ConsentWithdrawn
    | v1.ConsentExpiryApproached
    | v1.ConsentExpired
    | v1.ConsentEnded
    | v1.ConsentEndCancelled
)


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
    """The end it was given with, or the moment at which it was withdrawn."""
    warn_at: datetime | None = None
    stage: Literal["given", "warned", "expired", "withdrawn"] = "given"
    """`expired` from the beginning of its last day."""
    future_points: bool = False
    """Whether it covers every point, too, that its end user comes to stand behind while it is valid."""
    ends: dict[WhyConsentEnds, datetime] = field(default_factory=dict[WhyConsentEnds, datetime])
    """By cause: when a fact ended it. Control follows the facts themselves."""
    shared_from: datetime | None = None
    """Of another BSP's that is one with whose it is asked for (ADR 0022): since when they are."""

    @property
    def begins(self) -> datetime:
        """From when it counts for whom it is asked for; what facts make of it is judged from `valid_from` on."""
        return max(self.valid_from, self.shared_from) if self.shared_from else self.valid_from

    @property
    def until(self) -> datetime | None:
        """When it ends, or ended: by itself or by a fact."""
        return min((*self.ends.values(), *((self.valid_to,) if self.valid_to else ())), default=None)

    def without(self, because: WhyConsentEnds) -> Consent:
        """As if this fact did not end it."""
        return replace(self, ends={cause: end for cause, end in self.ends.items() if cause != because})

    @property
    def ends_at(self) -> datetime | None:
        """The midnight at which control that rests on it ends: the first at or after its own end (E16)."""
        return midnight_after(self.valid_to) if self.valid_to else None

    @property
    def last_day(self) -> datetime | None:
        """When its last day begins."""
        return calendar.add_local_days(self.ends_at, -1) if self.ends_at else None

    def covers(self, *, end_user: str, at: datetime) -> bool:
        """Whether this end user lets the BSP control the point at this moment, as far as it says itself."""
        if self.purpose != "flexibility":
            return False
        return self.end_user == end_user and self.begins <= at and (self.valid_to is None or at < self.valid_to)


@dataclass(frozen=True, slots=True)
class Consents:
    """All consents that a BSP has recorded for a point, in the order they came."""

    consents: tuple[Consent, ...]

    def covering(self, *, end_user: str, at: datetime) -> Consent | None:
        """The first recorded that covers the moment."""
        return next((consent for consent in self.consents if consent.covers(end_user=end_user, at=at)), None)

    def longest(self, *, end_user: str, at: datetime) -> Consent | None:
        """Of those that cover the moment, the one that lasts longest; of several, the first recorded."""
        covering = [consent for consent in self.consents if consent.covers(end_user=end_user, at=at)]
        unlimited = next((consent for consent in covering if consent.valid_to is None), None)
        return unlimited or max(covering, key=lambda consent: consent.valid_to or at, default=None)

    def named(self, consent_id: str) -> Consent | None:
        """The consent with this id."""
        return next((consent for consent in self.consents if consent.consent_id == consent_id), None)


def together(some: Iterable[tuple[Consents, datetime | None]]) -> Consents:
    """The consents of BSPs that are one, each from when they are (ADR 0022)."""
    return Consents(
        tuple(
            one if since is None else replace(one, shared_from=since)
            for consents, since in some
            for one in consents.consents
        )
    )


@dataclass(frozen=True, slots=True)
class Consenting:
    """The BSPs that have recorded consents for a point, in the order they came."""

    bsps: tuple[str, ...]


def evolve_consenting(state: Consenting | None, event: v1.ConsentRecorded) -> Consenting:
    """One has."""
    bsps = state.bsps if state else ()
    return Consenting(bsps if event.bsp in bsps else (*bsps, event.bsp))


def key(*, metering_point_id: str, bsp: str) -> str:
    """The id of the document that holds a BSP's consents for a point."""
    return f"{metering_point_id}|{bsp}"


def midnight_after(at: datetime) -> datetime:
    """The first midnight at or after a moment."""
    return at if calendar.is_midnight(at) else calendar.next_midnight(at)


def evolve(state: Consent | None, event: About) -> Consent:
    """The consent after an event."""
    if isinstance(event, v1.ConsentRecorded):
        return Consent(
            consent_id=event.consent_id,
            metering_point_id=event.metering_point_id,
            bsp=event.bsp,
            end_user=event.end_user,
            purpose=event.purpose,
            proof_sha256=event.proof_sha256,
            valid_from=event.valid_from,
            valid_to=event.valid_to,
            warn_at=event.warn_at,
            future_points=event.future_points,
        )
    assert state is not None
    match event:
        case v1.ConsentWithdrawn():
            return replace(state, valid_to=event.valid_to, stage="withdrawn")
        case v1.ConsentExpiryApproached():
            return replace(state, stage="warned")
        case v1.ConsentExpired():
            return replace(state, stage="expired")
        case v1.ConsentEnded():
            return replace(state, ends={**state.ends, event.because: event.valid_to})
        case v1.ConsentEndCancelled():
            return state.without(event.because)
        case _:
            assert_never(event)


def evolve_all(state: Consents | None, event: About) -> Consents:
    """The consents after an event about one of them."""
    consents = state.consents if state else ()
    if isinstance(event, v1.ConsentRecorded):
        return Consents((*consents, evolve(None, event)))
    return Consents(tuple(evolve(one, event) if one.consent_id == event.consent_id else one for one in consents))


def decide_record(
    state: Consent | None,
    command: v1.RecordConsent,
    *,
    consent_id: str,
    bsp: str,
    at: datetime,
    warn_days: int,
    attested: bool = False,
    document: Document | None = None,
) -> list[Event]:
    """Record a consent. The BSP is warned `warn_days` before what rests on it would end.

    `attested`: whether it must be. `document`: the one that it names.
    Raises: ID_NOT_AVAILABLE, CONSENT_PERIOD_INVALID, LAWFULNESS_ATTESTATION_MISSING, ATTESTATION_DATED_AHEAD,
    CONSENT_DOCUMENT_UNKNOWN, CONSENT_DOCUMENT_DIFFERS.
    """
    if state is not None:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    if command.valid_to is not None and command.valid_to <= command.valid_from:
        raise rules.CONSENT_PERIOD_INVALID.refused(
            path="/valid_to",
            limit=values.time_text(command.valid_from),
            actual=values.time_text(command.valid_to),
        )
    _check_proof(command, bsp=bsp, at=at, attested=attested, document=document)
    recorded = v1.ConsentRecorded(
        consent_id=consent_id,
        metering_point_id=command.metering_point_id,
        bsp=bsp,
        end_user=command.end_user,
        purpose=command.purpose,
        proof_sha256=command.proof_sha256,
        valid_from=command.valid_from,
        valid_to=command.valid_to,
        proof_document_id=command.proof_document_id,
        future_points=command.future_points,
        attestation=command.attestation,
    )
    new = evolve(None, recorded)
    if new.ends_at is None or new.last_day is None:
        return [recorded]
    # Its last day has begun already: nobody is to be told of that later, as if it were then.
    if new.last_day <= at:
        return [recorded, *decide_expired(new)]
    warn_at = calendar.add_local_days(new.ends_at, -warn_days)
    # What comes when it should have been warned of already is warned of at once.
    if warn_at <= at:
        return [recorded, *decide_warning(new)]
    if warn_at < new.last_day:
        recorded = recorded.model_copy(update={"warn_at": warn_at})
    return [recorded]


def _check_proof(
    command: v1.RecordConsent, *, bsp: str, at: datetime, attested: bool, document: Document | None
) -> None:
    if command.attestation is None and attested:
        raise rules.LAWFULNESS_ATTESTATION_MISSING.refused(path="/attestation")
    if command.attestation is not None and command.attestation.attested_at > at:
        raise rules.ATTESTATION_DATED_AHEAD.refused(
            path="/attestation/attested_at",
            limit=values.time_text(at),
            actual=values.time_text(command.attestation.attested_at),
        )
    if command.proof_document_id is None:
        return
    if document is None or not document.stands or document.party != bsp:
        raise rules.CONSENT_DOCUMENT_UNKNOWN.refused(path="/proof_document_id", actual=command.proof_document_id)
    if document.sha256 != command.proof_sha256:
        raise rules.CONSENT_DOCUMENT_DIFFERS.refused(
            path="/proof_sha256", limit=document.sha256, actual=command.proof_sha256
        )


def decide_withdraw(
    state: Consent | None, *, sender: str, role: str, at: datetime, successor: str | None = None
) -> list[v1.ConsentWithdrawn]:
    """The end user consents no longer, from now on; what is past is not changed.

    `successor`: who has taken over the BSP that recorded it.

    Raises: CONSENT_UNKNOWN, to another BSP than the one that recorded it, too; CONSENT_ENDED.
    """
    if state is None or (sender != (successor or state.bsp) and role != Role.TSO):
        raise rules.CONSENT_UNKNOWN.refused(path="/subject")
    if state.until is not None and state.until <= at:
        raise rules.CONSENT_ENDED.refused(path="/subject", actual=values.time_text(state.until))
    return [
        v1.ConsentWithdrawn(
            consent_id=state.consent_id,
            metering_point_id=state.metering_point_id,
            bsp=state.bsp,
            valid_to=at,
            by=sender,
            end_user=_whose(state),
            successor=successor,
        )
    ]


def decide_warning(state: Consent, *, successor: str | None = None) -> list[v1.ConsentExpiryApproached]:
    """The day has come to warn of its end."""
    assert state.valid_to is not None
    return [
        v1.ConsentExpiryApproached(
            consent_id=state.consent_id,
            metering_point_id=state.metering_point_id,
            bsp=state.bsp,
            valid_to=state.valid_to,
            end_user=_whose(state),
            successor=successor,
        )
    ]


def decide_expired(state: Consent, *, successor: str | None = None) -> list[v1.ConsentExpired]:
    """Its last day has begun."""
    assert state.valid_to is not None
    return [
        v1.ConsentExpired(
            consent_id=state.consent_id,
            metering_point_id=state.metering_point_id,
            bsp=state.bsp,
            valid_to=state.valid_to,
            end_user=_whose(state),
            successor=successor,
        )
    ]


def _whose(state: Consent) -> str | None:
    """The end user, where more than one point may rest on it."""
    return state.end_user if state.future_points else None
