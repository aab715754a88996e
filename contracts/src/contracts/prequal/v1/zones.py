"""What is said about bidding zones: caps, what is reserved under them, and who waits (R20 to R24)."""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Command, Event, everyone, party
from contracts.values import Role

CapReason = Literal["transfer-capacity", "operating-pattern", "need-for-reserves", "grid-observability"]


class SetZoneCap(Command):
    """The TSO sets how much flexibility-group volume a bidding zone takes. Subject: the zone.

    One that begins when another begins takes its place.
    """

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.BiddingZone

    cap_w: values.Watt
    reasons: tuple[CapReason, ...]
    assessment: values.LongText
    link: values.ShortText = ""
    """Where the assessment is published: https."""
    valid_from: values.UtcTime | None = None
    """A quarter of an hour to come; None: now."""
    valid_to: values.UtcTime | None = None
    """A quarter of an hour at which the cap that holds beside it holds again; None: until another begins."""


class WithdrawZoneCap(Command):
    """The TSO takes back a cap that has not begun. Subject: the zone."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.BiddingZone

    valid_from: values.UtcTime
    """When that cap was to begin."""
    reasons: values.LongText


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
    deficit_w: int = 0
    """What is used above a cap that was lowered (D7); nothing is free then."""
    waiting: int
    valid_from: values.UtcTime | None = None
    """None: since it was said."""
    valid_to: values.UtcTime | None = None
    coming: bool = False
    """It does not hold yet: `zone-cap-took-effect` says when it does. `used_w` and `waiting` are of now."""


class ZoneCapWithdrawn(Event):
    """A cap that was to come will not. Published to everyone (R24)."""

    home: ClassVar = "zone"
    audience: ClassVar[tuple[Audience, ...]] = tuple(everyone(role) for role in Role)

    zone: values.BiddingZone
    valid_from: values.UtcTime
    cap_w: int
    reasons: str


class ZoneCapTookEffect(Event):
    """A cap that was set ahead holds from now on, or one holds again because a temporary one has ended.

    What everyone is told is the `zone-volume-changed` behind it.
    """

    home: ClassVar = "zone"
    audience: ClassVar[tuple[Audience, ...]] = (everyone(Role.TSO),)

    zone: values.BiddingZone
    valid_from: values.UtcTime | None
    """Which cap it is: that which was set from this moment; None: the one that was said without a date."""
    since: values.UtcTime
    cap_w: int
    former_cap_w: int


class ZoneVolumeChanged(Event):
    """A zone as it is published: its cap and why, what is used and who waits; again whenever any of it changes.

    Sums only: no groups, no names (R24).
    """

    home: ClassVar = "zone"
    audience: ClassVar[tuple[Audience, ...]] = tuple(everyone(role) for role in Role)

    zone: values.BiddingZone
    cap_w: int
    """0 while no cap has begun."""
    reasons: tuple[CapReason, ...]
    assessment: str
    link: str
    valid_from: values.UtcTime | None
    """Since when the cap is set; None: no cap has begun, or it was said without a date."""
    valid_to: values.UtcTime | None
    used_w: int
    free_w: int
    deficit_w: int
    """What is used above a cap that was lowered: nothing enters before it is gone (D7)."""
    waiting: int
    """Applications in the queue."""
    waiting_w: int
    """What they need together; of groups that are approved already, the difference."""
    next_cap_w: int | None = None
    """The cap that holds from `next_from` on, as far as is known now."""
    next_from: values.UtcTime | None = None


class ApplicationQueued(Event):
    """The zone is full: the application waits, whole, at this place.

    Again when its place, what it needs or `lapses_at` changes.
    """

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
    size_w: int | None = None
    """All that the group will have reserved when it has entered."""
    cap_w: int
    used_w: int
    free_w: int
    deficit_w: int = 0
    """What is used above a cap that was lowered (D7); nothing is free then."""
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
    extends: values.Uuid | None = None
    """Where the group stays approved by another application: that one."""


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
