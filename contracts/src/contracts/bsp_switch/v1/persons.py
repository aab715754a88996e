"""What is said about the persons behind end users: that they are known to the person store, and that they are no more.

Neither a name, a birth date nor an organisation number enters a message: they come in through the HTTP door.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Command, Event, everyone, party
from contracts.values import Role

AskedBy = Literal["end-user", "operator"]


class ErasePerson(Command):
    """Erase a person and the documents of its consents from the person store. Subject: the end user's random id."""

    senders: ClassVar = frozenset({Role.DATAHUB, Role.TSO})
    subject_is: ClassVar = values.Uuid

    asked_by: AskedBy
    """Who wants it: the end user, or the register's operator (retention)."""


class PersonRecorded(Event):
    """The person store knows who an end user is, or knows it anew.

    `sha256` is of the person's data behind a random salt, stored with them: once both are erased, it tells nothing.
    """

    home: ClassVar = "end_user"
    audience: ClassVar[tuple[Audience, ...]] = (party("by"),)

    end_user: values.Uuid
    by: values.Gln
    sha256: values.Sha256


class PersonErased(Event):
    """The person store knows no longer who an end user is, and the documents of its consents are gone."""

    home: ClassVar = "end_user"
    audience: ClassVar[tuple[Audience, ...]] = (party("by"), everyone(Role.TSO))

    end_user: values.Uuid
    by: values.Gln
    asked_by: AskedBy
    documents: tuple[values.Uuid, ...]
    kept: tuple[values.Uuid, ...] = ()
    """Documents of its consents that stay, because the consent of another names them, too: they go with the last."""
