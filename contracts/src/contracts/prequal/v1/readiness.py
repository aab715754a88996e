"""What is said about what may be bid, and from when on (R9, R12, R29)."""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Event, Part, everyone, party
from contracts.prequal.v1.assessments import LimitScope
from contracts.values import Role


class Lowered(Part):
    """What one limit takes from what a group could deliver, where the smaller scopes' limits have taken theirs."""

    kind: Literal["assessment", "temporary-limit", "suspension", "qualification", "temporary-approval"]
    """`qualification`: the BSP is not qualified for the product; `temporary-approval`: what was approved for a time has
    not been verified. `by` is then the BSP itself."""
    scope: LimitScope
    key: str | None = None
    """Not said any more: every DSO of the group is told this, and sees only its own points and places (R28).
    `limit_id`, or the DSO's answer, names what it is on to those whom it concerns."""
    by: values.Gln
    reason_code: str
    limit_id: values.Uuid | None = None
    up_w: int
    down_w: int


WhyLess = Literal[
    "unassessed",
    "assessment",
    "temporary-limit",
    "suspension",
    "qualification",
    "temporary-approval",
    "approved",
    "below-minimum",
    "whole-steps",
]
"""What is not yet answered by every DSO asked; what the answers take; limits; the approval, where it is for less than
could be delivered; what is left is too little to be bid (R9); what is over whole steps (R12)."""


class Less(Part):
    """One reason why less may be bid than the members declare, and how much it takes."""

    why: WhyLess
    up_w: int
    down_w: int


class BiddableChanged(Event):
    """What may be bid for a group from a moment on, and why: floor(min(approved, deliverable)) per direction."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dsos"), everyone(Role.TSO))

    group_id: values.Uuid
    bsp: values.Gln
    dsos: tuple[values.Gln, ...]
    zone: values.BiddingZone
    valid_from: values.UtcTime
    up_w: int
    down_w: int
    approved_up_w: int
    approved_down_w: int
    deliverable_up_w: int
    deliverable_down_w: int
    below_minimum: bool
    """Less than the minimum could be offered, also without suspensions and with a qualified BSP."""
    approval_ends_at: values.UtcTime | None = None
    """Where it is below the minimum: when the approval ends, if it stays so (D8)."""
    minimum_w: int = 0
    """The policies it was decided with."""
    step_w: int = 0
    lowered: tuple[Lowered, ...] = ()
    declared_up_w: int = 0
    """What the members declare together, before anything is taken from it."""
    declared_down_w: int = 0
    unassessed_up_w: int = 0
    """What of it waits for a DSO's answer (D11, D29)."""
    unassessed_down_w: int = 0
    reasons: tuple[Less, ...] = ()
    """From what is declared to what may be bid: each takes from what those before it left, and nothing else does."""


class MegawattStepWarned(Event):
    """A step of what may be bid is near to being lost, or soon will be (R12, E7): once for a step and date.

    `margin_w` is what the group may lose before the step is lost; `lost_at` when it is lost by what is announced, and
    `then_w` what may be bid from then on.
    """

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dsos"), everyone(Role.TSO))

    group_id: values.Uuid
    bsp: values.Gln
    dsos: tuple[values.Gln, ...]
    zone: values.BiddingZone
    direction: Literal["up", "down"]
    biddable_w: int
    margin_w: int
    lost_at: values.UtcTime | None = None
    then_w: int | None = None
    warn_margin_w: int
    """The policy it was decided with."""


class MegawattStepWarningCleared(Event):
    """What was said of a step at risk holds no more: it has its margin again, or it is lost."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dsos"), everyone(Role.TSO))

    group_id: values.Uuid
    bsp: values.Gln
    dsos: tuple[values.Gln, ...]
    zone: values.BiddingZone
    direction: Literal["up", "down"]
    because: Literal["recovered", "lost"]
    biddable_w: int


class MegawattStepLookSet(Event):
    """When it is looked at next whether a step that is to be lost is near: the service's own note, told to nobody."""

    home: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = ()

    group_id: values.Uuid
    look_at: values.UtcTime | None
    """None: no step is to be lost by what is announced."""


class LocationStep(Part):
    """So much at most from a moment on, until the next step."""

    valid_from: values.UtcTime
    up_w: int
    down_w: int


class GroupAtLocation(Part):
    """A group's part in it, as far as it is new: its steps from now on; none: it has none there any more."""

    group_id: values.Uuid
    steps: tuple[LocationStep, ...]


class LocationReadinessChanged(Event):
    """What may be activated at most at a substation or in a grid area, with all that lies below it (R29).

    One event for each place and DSO concerned: it counts the members in its grid and below it. Of a place above the
    members only those are told whose it is, or above whose it lies. An area has all in it, those at its substations
    too, so places are not to be added up. `steps` is all of it, from now on, and replaces what was said of now and
    later.
    """

    home: ClassVar = "location"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO))

    location: str
    """`dso/substation`, `dso/grid_area`, or `dso/name/grid_area`."""
    dso: values.Gln
    substation: str | None
    """Its id, or a name where none is known."""
    grid_area: values.EicY | None
    """The area as a whole; of a substation that is only a name: the area that it is in."""
    steps: tuple[LocationStep, ...]
    groups: tuple[GroupAtLocation, ...]


WhatSpreads = Literal["reckoned", "restricted", "loosened", "lifted", "ended", "readiness"]
"""Groups are told what hits them, that it is lifted or over, or what may be bid by something that is not theirs.

Of a limit on a place that many share: first it is reckoned what could be activated of each, and nobody is told; then
all are told what leaves them no more than before, and at the end those that have more.
"""


class GroupCould(Part):
    """The most that could be activated of one group or single point at a place in a limit's time, without the limit."""

    group_id: values.Uuid
    up_w: int
    down_w: int


class GroupsReached(Event):
    """So many of the groups that one change reaches have been told what follows, in order of their ids.

    Only of a change that reaches many: what it does to one group is in that group's own events.
    """

    home: ClassVar = "change"
    audience: ClassVar[tuple[Audience, ...]] = (everyone(Role.TSO), everyone(Role.OPERATOR))

    change: str
    """`restriction/<id>`, `bsp/<GLN>`, `policy/<key>/<moment>`, `substation/<id>/<what fed it before>`."""
    what: WhatSpreads
    groups: int
    last: values.Uuid | None
    """The last one; None if none was left."""
    next_at: values.UtcTime | None
    """When the next ones follow; None: all have been told."""
    could: tuple[GroupCould, ...] = ()
    """Of those that were reckoned now; who is not named could do nothing."""


WhyEndsInTime = Literal["not-verified", "not-reassessed"]
WhyApprovalEnds = Literal[
    "below-minimum", "given-up", "tso", "group-ended", "not-verified", "not-reassessed", "reassessed", "not-qualified"
]
"""For the whole grace period below the minimum (D8); by its BSP; by the TSO; the group is no more; what was approved
for a time was not verified; it was not assessed again in time, or not found good; its BSP has not been qualified for
so long as the policy allows."""


class ApprovalEndAnnounced(Event):
    """The BSP is not qualified any more: if it stays so, the approval ends at `ends_at`, and its volume is free."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dsos"), everyone(Role.TSO))

    group_id: values.Uuid
    application_id: values.Uuid
    bsp: values.Gln
    dsos: tuple[values.Gln, ...]
    zone: values.BiddingZone
    because: Literal["not-qualified"]
    ends_at: values.UtcTime
    days: int
    """The policy it was decided with."""


class ApprovalEndCancelled(Event):
    """The BSP is qualified again: the approval goes on."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dsos"), everyone(Role.TSO))

    group_id: values.Uuid
    application_id: values.Uuid
    bsp: values.Gln
    dsos: tuple[values.Gln, ...]
    zone: values.BiddingZone
    because: Literal["not-qualified"]


class ApprovalEnded(Event):
    """An approval has ended and its volume is free; the group lives on in `registry`, unapproved (D8)."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dsos"), everyone(Role.TSO))

    group_id: values.Uuid
    application_id: values.Uuid
    bsp: values.Gln
    dsos: tuple[values.Gln, ...]
    zone: values.BiddingZone
    released_w: int
    because: WhyApprovalEnds = "below-minimum"
    by: values.Gln | None = None
    """Who ended it, where somebody did."""
    reasons: str = ""
