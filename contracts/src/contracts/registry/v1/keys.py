"""The keys that parties sign with, at the HTTP doors now and on their messages later."""

from __future__ import annotations

from typing import ClassVar

from contracts import values
from contracts.message import Audience, Command, Event, everyone, party
from contracts.public_key import KeyId, PublicKey
from contracts.values import Role

_CONCERNED = (party("party"), everyone(Role.OPERATOR))


class RegisterPartyKey(Command):
    """Let a party sign with a key. Subject: its GLN. The party says so itself, or the operator for it."""

    senders: ClassVar = frozenset(Role)
    subject_is: ClassVar = values.Gln

    key: PublicKey


class RevokePartyKey(Command):
    """Let nothing more be signed with a key, for ever. Subject: the party's GLN."""

    senders: ClassVar = frozenset(Role)
    subject_is: ClassVar = values.Gln

    key_id: KeyId


class PartyKeyRegistered(Event):
    """What is signed with this key is the party's. `key_id` is the key's thumbprint (RFC 7638)."""

    home: ClassVar = "party"
    audience: ClassVar[tuple[Audience, ...]] = _CONCERNED

    party: values.Gln
    key_id: KeyId
    key: PublicKey


class PartyKeyRevoked(Event):
    """What is signed with this key from now on is nobody's."""

    home: ClassVar = "party"
    audience: ClassVar[tuple[Audience, ...]] = _CONCERNED

    party: values.Gln
    key_id: KeyId
