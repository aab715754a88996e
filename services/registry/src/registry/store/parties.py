"""Parties, and what they are needed for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from sqlalchemy import Column, Index, Table, Text, UniqueConstraint

from chassis.service import SUBJECT, Kind
from contracts.registry import v1
from registry.domain import holder, holding, party, standing
from registry.store.metadata import METADATA

PARTY_ROWS = Table(
    "party",
    METADATA,
    Column("party", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("organisation_number", Text),
    Column("eic", Text),
    UniqueConstraint("eic", name="party_of_eic"),
    Index("party_by_organisation_number", "organisation_number"),
    schema="own",
)
"""A company with several roles may have several GLNs, each a party of its own; an EIC belongs to one of them."""


def _party_rows(key: str, state: party.Party) -> Iterator[tuple[str, str, str, str | None, str | None]]:
    yield key, state.name, state.status, state.organisation_number, state.eic


def _dso(event: v1.GridAreaDefined | v1.GridAreaChanged) -> str:
    return event.dso


PARTY = Kind(
    "party",
    party.Party,
    party.evolve,
    {
        v1.PartyOnboarded: SUBJECT,
        v1.PartyChanged: SUBJECT,
        v1.PartyRolesChanged: SUBJECT,
        v1.PartyStatusChanged: SUBJECT,
        v1.AccessGranted: SUBJECT,
        v1.AccessRevoked: SUBJECT,
        v1.PartyKeyRegistered: SUBJECT,
        v1.PartyKeyRevoked: SUBJECT,
        v1.ResendRequested: SUBJECT,
    },
    rows={PARTY_ROWS: _party_rows},
)

PARTY_OF_EIC = Kind(
    "party-of-eic",
    party.EicHolder,
    party.evolve_eic,
    {v1.PartyOnboarded: party.eics, v1.PartyChanged: party.eics},
)
"""By EIC: the party that has it."""

AREAS_OF_DSO = Kind(
    "areas-of-dso",
    standing.AreasOfDso,
    standing.evolve_areas,
    {v1.GridAreaDefined: _dso, v1.GridAreaChanged: _dso},
)
"""By DSO: where to look for the grid areas that keep it in its role."""

POINTS_OF_BSP = Kind(
    "points-of-bsp",
    holding.PointsOfBsp,
    holding.evolve,
    dict.fromkeys(get_args(holder.OfControl), holding.parts),
    of="bsp-switch",
)
"""By `bsp|digits`: how many metering points it holds, which keep it in its role."""

ACTIVE_IN_ROLE = Kind(
    "active-in-role",
    standing.ActiveInRole,
    standing.evolve_active,
    {
        v1.PartyOnboarded: standing.activities,
        v1.PartyRolesChanged: standing.activities,
        v1.PartyStatusChanged: standing.activities,
    },
)
"""By role that somebody must have: who is active in it."""

KINDS = (PARTY, PARTY_OF_EIC, AREAS_OF_DSO, POINTS_OF_BSP, ACTIVE_IN_ROLE)
