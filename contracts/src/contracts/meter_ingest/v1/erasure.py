"""Erasure of an end user's values: what goes, what is held back, and until when."""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Command, Event, Part, everyone, party
from contracts.values import Role

HeldBecause = Literal["supply-runs", "not-settled", "evidence-asked", "kept-longer"]
"""The end user still stands behind the point; the balance of the days is not final; an activation's evidence is being
prepared from them, or can be fetched for a week still; the point is marked to be kept for ten years."""


class EraseValues(Command):
    """Erase what was metered while an end user stood behind its points. Subject: the end user's random id.

    What is still needed is held back, and goes by itself when it no longer is. The same again changes nothing.
    """

    senders: ClassVar = frozenset({Role.DATAHUB, Role.TSO})
    subject_is: ClassVar = values.Uuid


class HeldValues(Part):
    """Values that are not erased yet, by local day."""

    metering_point_id: values.Gsrn
    first_day: values.LocalDate
    last_day: values.LocalDate | None
    """None: the end user still stands behind the point."""
    because: HeldBecause
    until: values.UtcTime | None
    """None: nobody knows yet."""


class ErasureRecorded(Event):
    """An end user's values are to be erased: what of them waits, and when it is looked at next."""

    home: ClassVar = "end_user"
    audience: ClassVar[tuple[Audience, ...]] = (party("by"), everyone(Role.TSO))

    end_user: values.Uuid
    by: values.Gln
    held: tuple[HeldValues, ...]
    again_at: values.UtcTime | None


class ValuesErased(Event):
    """A point's values of these days are gone, and none are taken for them any more. Whose they were is not said.

    With a count of 0 nothing had been kept: the days are closed all the same, or what comes late of them would be kept.

    `salted_sha256` is over the names, salts and values of the versions that counted or had counted, as far as the value
    shards had been heard: with the salts gone it tells nothing.
    """

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), party("by"), everyone(Role.TSO))

    metering_point_id: values.Gsrn
    dso: values.Gln | None
    by: values.Gln
    first_day: values.LocalDate
    last_day: values.LocalDate
    """The last one that is gone."""
    versions: int
    """So many pieces of series were kept of them, of all lines."""
    count: int
    """So many values they had."""
    salted_sha256: values.Sha256
