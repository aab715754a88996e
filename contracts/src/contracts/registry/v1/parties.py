"""Parties: who takes part, in which roles."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, everyone, party
from contracts.values import Role

# Commands


class OnboardParty(Command):
    """Admit a party. Subject: its GLN."""

    senders: ClassVar = frozenset({Role.OPERATOR})
    subject_is: ClassVar = values.Gln

    name: values.ShortText
    roles: tuple[Role, ...] = Field(min_length=1)


# Events


class PartyOnboarded(Event):
    """A party may take part, in these roles."""

    home: ClassVar = "party"
    audience: ClassVar[tuple[Audience, ...]] = (party("party"), everyone(Role.OPERATOR), everyone(Role.TSO))

    party: values.Gln
    name: str
    roles: tuple[Role, ...]
