"""What is said about bidding zones: caps, what is reserved under them, and who waits (R20 to R24)."""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Command, Event, everyone, party
from contracts.values import Role

CapReason = Literal["transfer-capacity", "operating-pattern", "need-for-reserves", "grid-observability"]


class SetZoneCap(Command):
    """The TSO sets how much flexibility-group volume a bidding zone takes. Subject: the zone."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.BiddingZone

    cap_w: values.Watt
    reasons: tuple[CapReason, ...]
    assessment: values.LongText
    link: values.ShortText = ""


class ZoneCapSet(Event):
    """How much a zone takes, with the reasons; what is used, free and waiting. Published to everyone (R24)."""

    home: ClassVar = "zone"
    audience: ClassVar[tuple[Audience, ...]] = tuple(everyone(role) for role in Role)

    zone: values.BiddingZone
    cap_w: int
    reasons: tuple[CapReason, ...]
    assessment: str
    link: str
    used_w: int
    free_w: int
    """Negative where the cap was lowered under what is in use (D7)."""
    waiting: int


class ApplicationQueued(Event):
    """The zone is full: the application waits, whole, at this place. Again when its place or `lapses_at` changes."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dsos"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    dsos: tuple[values.Gln, ...]
    zone: values.BiddingZone
    place: int
    complete_at: values.UtcTime
    """The order of the queue: this, then `position`."""
    position: int
    requested_w: int
    """What it needs of the zone; of a group that is approved already, the difference."""
    cap_w: int
    used_w: int
    free_w: int
    lapses_at: values.UtcTime | None = None
    """When it leaves the queue, because from then on it can deliver less than the minimum (D6), unless that changes."""


WhyLapsed = Literal["below-minimum", "group-ended", "group-split", "not-verified", "not-reassessed"]


class ApplicationLapsed(Event):
    """An application is over, and nobody decided that: where it waited for room, it has left the queue.

    What the group can deliver fell under the minimum while it waited (D6); or the group, or the single point, has
    ended, split into others or not; or what was approved for a time was not verified, or not assessed again in time,
    before there was room.
    """

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dsos"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    dsos: tuple[values.Gln, ...]
    zone: values.BiddingZone
    deliverable_up_w: int
    deliverable_down_w: int
    minimum_w: int
    because: WhyLapsed = "below-minimum"
    into: tuple[values.Uuid, ...] = ()
    """The groups that its members went on in."""


class VolumeReserved(Event):
    """The group is in: its volume counts under the zone's cap."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dsos"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    dsos: tuple[values.Gln, ...]
    zone: values.BiddingZone
    approved_up_w: int
    approved_down_w: int
    reserved_w: int
    """All that is reserved for the group now."""
    cap_w: int
    used_w: int
    free_w: int
