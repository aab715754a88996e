"""Parties: who takes part, in which roles, and who acts for them."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from contracts import values
from contracts.message import Audience, Command, Event, everyone, party
from contracts.values import Role

PartyStatus = Literal["new", "active", "suspended", "terminated"]
"""`new` is known, and may not act yet; `suspended` may not act for now; `terminated` has left, for ever."""

ActingKind = Literal["person", "client"]
Rights = Literal["reader", "writer", "admin"]

_CONCERNED = (party("party"), everyone(Role.OPERATOR), everyone(Role.TSO))

# Commands


class OnboardParty(Command):
    """Admit a party. Subject: its GLN.

    Every party is known by a GLN. An EIC is a second identifier, which no other party may have; a company that takes
    part with several GLNs has the same organisation number for all of them.
    """

    senders: ClassVar = frozenset({Role.OPERATOR})
    subject_is: ClassVar = values.Gln

    name: values.ShortText
    roles: tuple[Role, ...] = Field(min_length=1)
    organisation_number: values.OrganisationNumber | None = None
    eic: values.EicX | None = None
    status: Literal["new", "active"] = "active"


class ChangeParty(Command):
    """Say anew who a party is: what is left out it no longer has. Subject: its GLN."""

    senders: ClassVar = frozenset({Role.OPERATOR})
    subject_is: ClassVar = values.Gln

    name: values.NameText
    organisation_number: values.OrganisationNumber | None = None
    eic: values.EicX | None = None


class ChangePartyRoles(Command):
    """Say which roles a party has from now on, and no others. Subject: its GLN."""

    senders: ClassVar = frozenset({Role.OPERATOR})
    subject_is: ClassVar = values.Gln

    roles: tuple[Role, ...] = Field(min_length=1)


class ChangePartyStatus(Command):
    """Let a party act, stop it for a time, or part with it for ever. Subject: its GLN."""

    senders: ClassVar = frozenset({Role.OPERATOR})
    subject_is: ClassVar = values.Gln

    status: Literal["active", "suspended", "terminated"]
    reason: values.NameText


class AdmitToParty(Command):
    """Let a person or a machine client act for a party, or change what it may do there. Subject: the party's GLN.

    A person is a random UUID: nothing personal enters a message.
    """

    senders: ClassVar = frozenset(Role)
    subject_is: ClassVar = values.Gln

    kind: ActingKind
    member_id: values.MemberId
    rights: Rights

    @field_validator("member_id")
    @classmethod
    def _person_is_uuid(cls, member_id: str, info: ValidationInfo) -> str:
        return values.uuid(member_id) if info.data.get("kind") == "person" else member_id


class RemoveFromParty(Command):
    """Let a person or client act for a party no longer. Subject: the party's GLN."""

    senders: ClassVar = frozenset(Role)
    subject_is: ClassVar = values.Gln

    member_id: values.MemberId


# Events


class PartyOnboarded(Event):
    """A party is known, in these roles; it may act in them as soon as it is active."""

    home: ClassVar = "party"
    audience: ClassVar[tuple[Audience, ...]] = _CONCERNED

    party: values.Gln
    name: str
    roles: tuple[Role, ...]
    organisation_number: str | None = None
    eic: str | None = None
    status: PartyStatus = "active"


class PartyChanged(Event):
    """A party has another name, organisation number or EIC."""

    home: ClassVar = "party"
    audience: ClassVar[tuple[Audience, ...]] = _CONCERNED

    party: values.Gln
    name: str
    organisation_number: str | None
    eic: str | None
    former_name: str
    former_organisation_number: str | None
    former_eic: str | None


class PartyRolesChanged(Event):
    """A party has other roles."""

    home: ClassVar = "party"
    audience: ClassVar[tuple[Audience, ...]] = _CONCERNED

    party: values.Gln
    before: tuple[Role, ...]
    after: tuple[Role, ...]
    status: PartyStatus
    """As it stands, so that whoever hears this alone knows what the party may do."""


class PartyStatusChanged(Event):
    """A party may act, may not act for a time, or has left."""

    home: ClassVar = "party"
    audience: ClassVar[tuple[Audience, ...]] = _CONCERNED

    party: values.Gln
    before: PartyStatus
    after: PartyStatus
    reason: str
    roles: tuple[Role, ...]
    """As they stand."""


class AccessGranted(Event):
    """A person or a machine client may act for a party, with these rights."""

    home: ClassVar = "party"
    audience: ClassVar[tuple[Audience, ...]] = (party("party"), everyone(Role.OPERATOR))

    party: values.Gln
    kind: ActingKind
    member_id: str
    rights: Rights
    former_rights: Rights | None = None


class AccessRevoked(Event):
    """A person or a machine client may act for a party no longer."""

    home: ClassVar = "party"
    audience: ClassVar[tuple[Audience, ...]] = (party("party"), everyone(Role.OPERATOR))

    party: values.Gln
    kind: ActingKind
    member_id: str
    rights: Rights
    """What it had."""
