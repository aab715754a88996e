"""Parties."""

from __future__ import annotations

from chassis.service import SUBJECT, Kind
from contracts.registry import v1
from registry.domain import party

PARTY = Kind("party", party.Party, party.evolve, {v1.PartyOnboarded: SUBJECT})

KINDS = (PARTY,)
