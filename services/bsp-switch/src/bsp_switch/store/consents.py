"""Consents, each by its id, and all that a BSP has for a point."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from sqlalchemy import Column, Index, Table, Text

from bsp_switch.domain import consent
from bsp_switch.store.metadata import METADATA, TIME
from chassis.service import SUBJECT, Deadline, Kind
from contracts.bsp_switch import v1

CONSENT_WARNING = "consent-warning"
"""The deadline of a consent: its BSP is to be warned that it runs out."""
CONSENT_EXPIRY = "consent-expiry"
"""The deadline of a consent: its last day begins."""

CONSENT_ROWS = Table(
    "consent",
    METADATA,
    Column("consent_id", Text, primary_key=True),
    Column("metering_point_id", Text, nullable=False),
    Column("bsp", Text, nullable=False),
    Column("end_user", Text, nullable=False),
    Column("valid_from", TIME, nullable=False),
    Column("valid_to", TIME),
    Index("consent_by_end_user", "end_user"),
    Index("consent_by_bsp", "bsp"),
    schema="own",
)
"""What each end user lets which BSP do, as far as it is known now."""


def _rows(id: str, state: consent.Consent) -> Iterable[tuple[Any, ...]]:  # noqa: A002 - the field's word
    yield id, state.metering_point_id, state.bsp, state.end_user, state.valid_from, state.until


def _deadlines(state: consent.Consent) -> Iterable[Deadline]:
    if state.ends:
        # A fact has ended it before: of the rest nothing need be said, unless the fact is corrected.
        return
    if state.stage == "given" and state.warn_at is not None:
        yield Deadline(due_at=state.warn_at, name=CONSENT_WARNING)
    if state.stage in {"given", "warned"} and state.last_day is not None:
        yield Deadline(due_at=state.last_day, name=CONSENT_EXPIRY)


def _of_bsp(event: consent.About) -> str:
    return consent.key(metering_point_id=event.metering_point_id, bsp=event.bsp)


CONSENT = Kind(
    name="consent",
    state=consent.Consent,
    evolve=consent.evolve,
    folds=dict.fromkeys(get_args(consent.About), SUBJECT),
    rows={CONSENT_ROWS: _rows},
    deadlines=_deadlines,
)
CONSENTS = Kind(
    name="consents",
    state=consent.Consents,
    evolve=consent.evolve_all,
    folds=dict.fromkeys(get_args(consent.About), _of_bsp),
)
CONSENTING = Kind(
    name="consenting",
    state=consent.Consenting,
    evolve=consent.evolve_consenting,
    folds={v1.ConsentRecorded: lambda event: event.metering_point_id},
    remembered=False,
)
"""By point: the BSPs that have recorded consents for it."""

KINDS = (CONSENT, CONSENTS, CONSENTING)
