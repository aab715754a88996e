"""What is said about mergers of BSPs: one succeeds another by law, in all that it holds, from a midnight.

Of each point the events go on to name the BSP that a period of control began with (`bsp`, `outgoing`, `incoming`): that
says which period it is. Who has taken that BSP over by then stands beside it, and is told, too.
"""

from __future__ import annotations

from typing import ClassVar

from contracts import values
from contracts.message import Audience, Command, Event, everyone, party
from contracts.values import Role

# Commands


class MergeBsp(Command):
    """A BSP is taken over by another from a midnight: consents, control and switches under way pass as they are.

    Subject: a new UUID, the merger.
    """

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    bsp: values.Gln
    """Who is taken over."""
    into: values.Gln
    start: values.Midnight
    reason: values.NameText


class CancelBspMerger(Command):
    """A merger does not come about, before its midnight. Subject: the merger."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    reason: values.NameText


# Events


class BspMergerAnnounced(Event):
    """From `start` all that a BSP has is another's. Its points follow at once, one event each, dated ahead."""

    home: ClassVar = "merger_id"
    case: ClassVar = "merger_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("into"), everyone(Role.TSO))

    merger_id: values.Uuid
    bsp: values.Gln
    into: values.Gln
    start: values.UtcTime
    reason: str
    notice_days: int
    """The days of notice it was given with, and the least allowed."""
    notice_min_days: int


class BspMergerCancelled(Event):
    """The merger does not come about: what was said of it ahead is taken back, point by point."""

    home: ClassVar = "merger_id"
    case: ClassVar = "merger_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("into"), everyone(Role.TSO))

    merger_id: values.Uuid
    bsp: values.Gln
    into: values.Gln
    start: values.UtcTime
    reason: str


class BspMerged(Event):
    """The midnight of the merger has come. What passed, passed by its date; this says so once."""

    home: ClassVar = "merger_id"
    case: ClassVar = "merger_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("into"), everyone(Role.TSO))

    merger_id: values.Uuid
    bsp: values.Gln
    into: values.Gln
    start: values.UtcTime


class ControlSuccessionAnnounced(Event):
    """Whatever `bsp` holds of this point from `start` on, `successor` holds: no end, no gap, on the same consents.

    If the BSP does not hold it then, it says nothing; if it comes to hold it later, this holds all the same.
    """

    home: ClassVar = "metering_point_id"
    case: ClassVar = "merger_id"
    audience: ClassVar[tuple[Audience, ...]] = (
        party("bsp"),
        party("successor"),
        party("dso"),
        party("brps"),
        everyone(Role.TSO),
    )

    metering_point_id: values.Gsrn
    merger_id: values.Uuid
    bsp: values.Gln
    successor: values.Gln
    start: values.UtcTime
    dso: values.Gln | None
    brps: tuple[values.Gln, ...] = ()
    """Who is balance responsible for the point then, each once, as far as is known."""


class ControlSuccessionCancelled(Event):
    """The merger does not come about: `bsp` holds this point from `start` on as if nothing had been said."""

    home: ClassVar = "metering_point_id"
    case: ClassVar = "merger_id"
    audience: ClassVar[tuple[Audience, ...]] = (
        party("bsp"),
        party("successor"),
        party("dso"),
        party("brps"),
        everyone(Role.TSO),
    )

    metering_point_id: values.Gsrn
    merger_id: values.Uuid
    bsp: values.Gln
    successor: values.Gln
    start: values.UtcTime
    dso: values.Gln | None
    brps: tuple[values.Gln, ...] = ()
    """Who is balance responsible for the point then, each once, as far as is known."""


class PointsOfBspFollowed(Event):
    """A step of the round through the points of a BSP that is taken over: of these it is said what is so by now."""

    home: ClassVar = "bsp"
    audience: ClassVar[tuple[Audience, ...]] = (everyone(Role.OPERATOR),)

    bsp: values.Gln
    points: int
    last: values.Gsrn | None
    """The last of them, in the order of their ids."""
    next_at: values.UtcTime | None
    """When the next ones follow; None: all have been."""
