"""What is said about temporary limits and suspensions: what keeps an approved group from being bid (R38, R39, E17).

`key` is what it is on: a metering point, a substation, a grid area, a group, a BSP.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Command, Event, Part, everyone, party
from contracts.prequal.v1.assessments import LimitReason, LimitScope
from contracts.prequal.v1.products import Product
from contracts.values import Role

RestrictionKind = Literal["temporary-limit", "suspension"]

SuspensionTarget = Literal["bsp", "bsp-product", "part", "group-product", "metering-point"]
"""A BSP; a BSP for a product; a DSO's part of a group; a group for a product; a metering point."""

SuspensionReason = Literal[
    "communication-issues",
    "failing-heartbeat",
    "system-issues",
    "clearing-issues",
    "breach-of-conditions",
    "significant-group-change",
    "failed-verification",
    "compromises-safe-operation",
    "other",
]


# Commands


class SetTemporaryLimit(Command):
    """A DSO or the TSO limits, for a time, what may be delivered together. Subject: a new UUID (the limit).

    On a metering point, a substation or a grid area with all below it; a DSO also on its part of a group, the TSO on a
    group. A direction that is not named is not limited. What is allowed at a substation or in a grid area is shared
    among all groups and single points there (`temporary-limit-shared`).
    """

    senders: ClassVar = frozenset({Role.DSO, Role.TSO})
    subject_is: ClassVar = values.Uuid

    scope: LimitScope
    metering_point_id: values.Gsrn | None = None
    substation: values.Uuid | None = None
    grid_area: values.EicY | None = None
    group_id: values.Uuid | None = None
    up_w: values.Watt | None = None
    down_w: values.Watt | None = None
    valid_from: values.UtcTime | None = None
    """Left out: now."""
    valid_to: values.UtcTime
    reason_code: LimitReason
    text: values.ShortText = ""


class ChangeTemporaryLimit(Command):
    """Who set a temporary limit changes its caps or its end; what is left out stays. Subject: the limit.

    Of a substation or grid area what it allows is shared anew, among those who are there now.
    """

    senders: ClassVar = frozenset({Role.DSO, Role.TSO})
    subject_is: ClassVar = values.Uuid

    up_w: values.Watt | None = None
    down_w: values.Watt | None = None
    valid_to: values.UtcTime | None = None
    share_anew: bool = False
    """Share it anew though nothing else changes."""
    text: values.ShortText = ""


class LiftTemporaryLimit(Command):
    """Who set a temporary limit ends it now, or before it begins. Subject: the limit."""

    senders: ClassVar = frozenset({Role.DSO, Role.TSO})
    subject_is: ClassVar = values.Uuid

    text: values.ShortText = ""


class SetSuspension(Command):
    """The entitled party suspends from now on: nothing of it may be bid. Subject: a new UUID (the suspension).

    The TSO a BSP, a BSP or a group for a product, a metering point; a DSO its part of a group, or a metering point.
    """

    senders: ClassVar = frozenset({Role.DSO, Role.TSO})
    subject_is: ClassVar = values.Uuid

    target: SuspensionTarget
    bsp: values.Gln | None = None
    group_id: values.Uuid | None = None
    metering_point_id: values.Gsrn | None = None
    product: Product | None = None
    valid_to: values.UtcTime | None = None
    """Left out: until it is lifted."""
    reason_code: SuspensionReason
    text: values.ShortText = ""


class LiftSuspension(Command):
    """Who suspended ends it now. Subject: the suspension."""

    senders: ClassVar = frozenset({Role.DSO, Role.TSO})
    subject_is: ClassVar = values.Uuid

    text: values.ShortText = ""


# Events: of the limit or the suspension


class TemporaryLimitSet(Event):
    """A temporary limit stands; each group that it hits is told by `GroupRestricted`."""

    home: ClassVar = "limit_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("by"), party("dsos"), everyone(Role.TSO))

    limit_id: values.Uuid
    by: values.Gln
    dsos: tuple[values.Gln, ...]
    """Whose grid it is in, and those above."""
    scope: LimitScope
    key: str
    up_w: int | None
    down_w: int | None
    valid_from: values.UtcTime
    valid_to: values.UtcTime
    reason_code: LimitReason
    text: str
    max_days: int
    """The policy it was decided with."""


class TemporaryLimitChanged(Event):
    """A temporary limit is this from now on."""

    home: ClassVar = "limit_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("by"), party("dsos"), everyone(Role.TSO))

    limit_id: values.Uuid
    by: values.Gln
    dsos: tuple[values.Gln, ...]
    scope: LimitScope
    key: str
    up_w: int | None
    down_w: int | None
    valid_to: values.UtcTime
    text: str
    max_days: int


class GroupShare(Part):
    """What one group or single point may deliver of what a limit allows there; None: that direction is not limited.

    `could_up_w`, `could_down_w`: the most that could be activated of it there in the limit's time without the limit,
    which it is shared by.
    """

    group_id: values.Uuid
    up_w: int | None
    down_w: int | None
    could_up_w: int
    could_down_w: int


class TemporaryLimitShared(Event):
    """What a limit on a substation or grid area allows is shared so, until it is changed; who is not named has nothing.

    The shares make up no more than the limit. One event names at most a thousand; the others follow in the next.
    """

    home: ClassVar = "limit_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("by"), party("dsos"), everyone(Role.TSO))

    limit_id: values.Uuid
    by: values.Gln
    dsos: tuple[values.Gln, ...]
    scope: LimitScope
    key: str
    up_w: int | None
    """What the limit allows in all."""
    down_w: int | None
    shares: tuple[GroupShare, ...]


class TemporaryLimitLifted(Event):
    """A temporary limit was ended before its time; if it had not begun, it never holds."""

    home: ClassVar = "limit_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("by"), party("dsos"), everyone(Role.TSO))

    limit_id: values.Uuid
    by: values.Gln
    dsos: tuple[values.Gln, ...]
    scope: LimitScope
    key: str
    had_begun: bool
    text: str


class TemporaryLimitEnded(Event):
    """The end of a temporary limit has come."""

    home: ClassVar = "limit_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("by"), party("dsos"), everyone(Role.TSO))

    limit_id: values.Uuid
    by: values.Gln
    dsos: tuple[values.Gln, ...]
    scope: LimitScope
    key: str


class SuspensionSet(Event):
    """Something is suspended; each group that it hits is told by `GroupRestricted`."""

    home: ClassVar = "suspension_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("by"), party("bsp"), everyone(Role.TSO))

    suspension_id: values.Uuid
    by: values.Gln
    target: SuspensionTarget
    key: str
    bsp: values.Gln | None
    """Whom it is told; of a metering point its group's BSP is told by `GroupRestricted`."""
    product: Product | None
    valid_from: values.UtcTime
    valid_to: values.UtcTime | None
    reason_code: SuspensionReason
    text: str


class SuspensionLifted(Event):
    """A suspension was lifted by who had set it."""

    home: ClassVar = "suspension_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("by"), party("bsp"), everyone(Role.TSO))

    suspension_id: values.Uuid
    by: values.Gln
    target: SuspensionTarget
    key: str
    bsp: values.Gln | None
    text: str


class SuspensionEnded(Event):
    """The end of a suspension has come."""

    home: ClassVar = "suspension_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("by"), party("bsp"), everyone(Role.TSO))

    suspension_id: values.Uuid
    by: values.Gln
    target: SuspensionTarget
    key: str
    bsp: values.Gln | None


# Events: of a group


class GroupRestricted(Event):
    """A group is hit by a temporary limit or a suspension, or by more of it; again where it changes."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dsos"), everyone(Role.TSO))

    group_id: values.Uuid
    bsp: values.Gln
    dsos: tuple[values.Gln, ...]
    """Those in whose grid it hits the group."""
    restriction_id: values.Uuid
    kind: RestrictionKind
    scope: LimitScope
    key: str | None
    places: tuple[str, ...]
    """Of a substation or a grid area: where, of all below it, the group has members."""
    product: Product | None
    by: values.Gln
    reason_code: str
    text: str
    up_w: int | None
    """The group's own share, where the limit is on a substation or grid area."""
    down_w: int | None
    whole_up_w: int | None = None
    """What that limit allows all groups and single points there together."""
    whole_down_w: int | None = None
    valid_from: values.UtcTime
    valid_to: values.UtcTime | None


class GroupRestrictionEnded(Event):
    """A temporary limit or a suspension does not hold a group any more."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dsos"), everyone(Role.TSO))

    group_id: values.Uuid
    bsp: values.Gln
    dsos: tuple[values.Gln, ...]
    restriction_id: values.Uuid
    kind: RestrictionKind
    because: Literal["lifted", "ended", "elsewhere"]
    """`elsewhere`: none of the group lies below the limited substation any more; the limit itself stands."""
    unavailable_days: int
    """Local days of this year on which, for some time, nothing could be bid for the group though approved (R39)."""
