"""How long values are kept."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, everyone, party
from contracts.values import Role

KeepYears = Literal[3, 10]
"""The two classes that values are kept in, by the years that they began with; policies say how many they are now."""


class SetValueRetention(Command):
    """How long values of these points are kept: as others' (3), or longer (10). Subject: a new UUID. A list command."""

    senders: ClassVar = frozenset({Role.DSO, Role.TSO})
    subject_is: ClassVar = values.Uuid
    listed: ClassVar = "metering_points"

    metering_points: tuple[values.Gsrn, ...] = Field(min_length=1, max_length=2000)
    keep_years: KeepYears
    reason: values.NameText
    mode: Literal["all", "each"] = "all"


class ValueRetentionSet(Event):
    """A point's values are kept so from now on."""

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO))

    metering_point_id: values.Gsrn
    dso: values.Gln | None
    keep_years: KeepYears
    kept_from: values.LocalDate | None
    """Values of days before this are gone already; None: none are."""
    reason: str


class ValuesExpired(Event):
    """Values of a class are kept no longer, of this month and all before it."""

    home: ClassVar = "keep_years"
    audience: ClassVar[tuple[Audience, ...]] = (everyone(Role.TSO),)

    keep_years: KeepYears
    month: values.LocalDate
    """Its first day."""
    years: int
    """The policy in force."""
    decided_at: values.UtcTime
