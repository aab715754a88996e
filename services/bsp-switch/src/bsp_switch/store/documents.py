"""Documents of consents, and lookups: what came in through the HTTP door, and who may come in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, Index, Table, Text

from bsp_switch.domain import document, lookup
from bsp_switch.store.metadata import METADATA
from chassis.service import SUBJECT, Kind
from contracts import party_keys
from contracts.bsp_switch import v1

ERASED_DOCUMENT_ROWS = Table("erased_document", METADATA, Column("document_id", Text, primary_key=True), schema="own")
"""The documents whose bytes are to be nowhere."""

LOOKUP_ROWS = Table(
    "lookup",
    METADATA,
    Column("lookup_id", Text, primary_key=True),
    Column("metering_point_id", Text, nullable=False),
    Column("party", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("end_user", Text),
    Index("lookup_by_point", "metering_point_id"),
    Index("lookup_by_end_user", "end_user", "metering_point_id"),
    schema="own",
)
"""Who looked up which point: the end user behind it may be told."""


def _lookup_rows(id: str, state: lookup.Looked) -> Iterable[tuple[Any, ...]]:  # noqa: A002 - the field's word
    yield id, state.metering_point_id, state.party, state.code, state.end_user


def _rows(id: str, state: document.Document) -> Iterable[tuple[Any, ...]]:  # noqa: A002 - the field's word
    if state.erased:
        yield (id,)


def _named(event: v1.ConsentRecorded) -> str | tuple[()]:
    return event.proof_document_id or ()


def _erased(event: v1.PersonErased) -> tuple[str, ...]:
    return event.documents


DOCUMENT = Kind(
    name="document",
    state=document.Document,
    evolve=document.evolve,
    folds={
        v1.DocumentReceived: SUBJECT,
        v1.DocumentDiscarded: SUBJECT,
        v1.ConsentRecorded: _named,
        v1.PersonErased: _erased,
    },
    rows={ERASED_DOCUMENT_ROWS: _rows},
)

LOOKUP = Kind(
    name="lookup",
    state=lookup.Looked,
    evolve=lookup.evolve,
    folds={v1.LookupAnswered: SUBJECT, v1.LookupRefused: SUBJECT},
    rows={LOOKUP_ROWS: _lookup_rows},
    finds={"metering_point_id": (LOOKUP_ROWS.c.lookup_id, LOOKUP_ROWS.c.metering_point_id)},
)

PARTY_KEY = Kind(
    name="party-key",
    of="registry",
    state=party_keys.PartyKey,
    evolve=party_keys.evolve,
    folds=dict.fromkeys(party_keys.KEYED, lambda event: event.key_id),
)

KINDS = (DOCUMENT, LOOKUP, PARTY_KEY)
