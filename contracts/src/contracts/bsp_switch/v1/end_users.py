"""What is said about end users, by their random ids: that one is no more, and what follows for its consents (E15)."""

from __future__ import annotations

from typing import ClassVar

from contracts import values
from contracts.message import Audience, Command, Event, everyone
from contracts.values import Role


class RecordEndUserEnd(Command):
    """A fact: an end user is no more from a midnight (it has died, or is dissolved). Always accepted.

    Said again it corrects; with `null` it was wrong, and what it had ended goes on. Subject: the end user's random id.
    """

    senders: ClassVar = frozenset({Role.DATAHUB, Role.TSO})
    subject_is: ClassVar = values.Uuid

    ended_from: values.Midnight | None


class EndUserEndRecorded(Event):
    """An end user is no more from `ended_from`; with null: it is, after all. Its consents and control follow."""

    home: ClassVar = "end_user"
    audience: ClassVar[tuple[Audience, ...]] = (everyone(Role.TSO),)

    end_user: values.Uuid
    ended_from: values.UtcTime | None
    by: values.Gln


class EndUserFollowed(Event):
    """A step of the round through the points of an end user's consents: these have what it is by now (ADR 0016)."""

    home: ClassVar = "end_user"
    audience: ClassVar[tuple[Audience, ...]] = ()

    end_user: values.Uuid
    points: int
    last: values.Gsrn | None
    """The last point of the step, in the order of ids."""
    next_at: values.UtcTime | None
    """When the next step is; None: all have it."""


class ConsentExtended(Event):
    """Control of another point than the one that it was given for rests on a consent for future points."""

    home: ClassVar = "end_user"
    audience: ClassVar[tuple[Audience, ...]] = ()

    end_user: values.Uuid
    consent_id: values.Uuid
    metering_point_id: values.Gsrn
