"""What is said about which BSP holds a metering point (R13, R43)."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, everyone, party
from contracts.values import Role

WhyControlEnds = Literal["own", "consent", "move-out", "point-closed", "operator", "not-bsp"]
"""Why nobody goes on to hold a point: the BSP gives it up, its consent ends, the end user is another, the point is
closed, the register's operator says so; what had ended it is corrected, and whoever would hold it again is a BSP no
more. A switch is none of these: there another BSP goes on."""


# Commands


class ClaimControl(Command):
    """Take control of a metering point that no BSP holds. Subject: its GSRN."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Gsrn

    start: values.Midnight


class EndControl(Command):
    """Give up metering points at an Oslo midnight to come, the next one if none is said. A list command.

    Sent again it moves the midnight. Subject: a new UUID.
    """

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid
    listed: ClassVar = "metering_points"

    metering_points: tuple[values.Gsrn, ...] = Field(min_length=1, max_length=2000)
    end: values.Midnight | None = None
    mode: Literal["all", "each"] = "all"


class KeepControl(Command):
    """Keep metering points that were to be given up at a midnight to come. Subject: a new UUID. A list command."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Uuid
    listed: ClassVar = "metering_points"

    metering_points: tuple[values.Gsrn, ...] = Field(min_length=1, max_length=2000)
    mode: Literal["all", "each"] = "all"


class ClaimControlByOperator(Command):
    """The register's operator gives a BSP a point that nobody holds, from any midnight (D14). Subject: its GSRN."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Gsrn

    bsp: values.Gln
    start: values.Midnight
    reason: values.NameText


class EndControlByOperator(Command):
    """The register's operator ends control of a point at any midnight, past or to come (D14). Subject: its GSRN."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Gsrn

    end: values.Midnight
    reason: values.NameText


class KeepControlByOperator(Command):
    """The register's operator takes back the end that it set at a midnight (D14). Subject: the point's GSRN."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Gsrn

    end: values.Midnight
    reason: values.NameText


# Events


class ControlClaimed(Event):
    """A BSP holds a point that nobody held, from a midnight (past or to come)."""

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (
        party("bsp"),
        party("dso", without=("consent_id",)),
        party("brps", without=("consent_id",)),
        everyone(Role.TSO),
    )

    metering_point_id: values.Gsrn
    bsp: values.Gln
    valid_from: values.UtcTime
    consent_id: values.Uuid
    reason: str | None = None
    """Where the register's operator gave it, why."""
    dso: values.Gln | None = None
    brps: tuple[values.Gln, ...] = ()
    """Who is balance responsible for the point then, each once, as far as is known."""


class ControlConsentChanged(Event):
    """A BSP's control of a point goes on, but rests on another consent of the same end user now."""

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (
        party("bsp"),
        party("successor"),
    )

    metering_point_id: values.Gsrn
    bsp: values.Gln
    valid_from: values.UtcTime
    """Since when this control is."""
    consent_id: values.Uuid
    successor: values.Gln | None = None
    """Who has taken the BSP over by then; it is told, too."""


class ControlEndAnnounced(Event):
    """A BSP's control of a point is to end, and nobody's follows: for one cause of possibly several (R13, D26).

    Control ends at the first of the ends that stand. `valid_to` may be past, where a fact came late, and may be where
    control was to begin: then it never does. Said again for the same cause, the later one counts.
    """

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (
        party("bsp"),
        party("successor"),
        party("dso", without=("consent_id",)),
        party("brps", without=("consent_id",)),
        everyone(Role.TSO),
    )

    metering_point_id: values.Gsrn
    bsp: values.Gln
    dso: values.Gln | None
    valid_from: values.UtcTime
    """Since when this control is; with `metering_point_id` it says which."""
    valid_to: values.UtcTime
    because: WhyControlEnds
    consent_id: values.Uuid | None = None
    """The consent that ended, where that is the cause."""
    reason: str | None = None
    """Where the register's operator is the cause, why."""
    brps: tuple[values.Gln, ...] = ()
    """Who is balance responsible for the point then, each once, as far as is known."""
    successor: values.Gln | None = None
    """Who has taken the BSP over by then; it is told, too."""


class ControlEndCancelled(Event):
    """What was to end a BSP's control is taken back: it lasts to `valid_to`, another end that stands, or stays open."""

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (
        party("bsp"),
        party("successor"),
        party("dso"),
        party("brps"),
        everyone(Role.TSO),
    )

    metering_point_id: values.Gsrn
    bsp: values.Gln
    dso: values.Gln | None
    valid_from: values.UtcTime
    valid_to: values.UtcTime | None
    because: WhyControlEnds
    reason: str | None = None
    """Where the register's operator takes it back, why."""
    brps: tuple[values.Gln, ...] = ()
    """Who is balance responsible for the point then, each once, as far as is known."""
    successor: values.Gln | None = None
    """Who has taken the BSP over by then; it is told, too."""
