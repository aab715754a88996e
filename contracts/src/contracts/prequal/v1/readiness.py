"""What is said about what may be bid, and from when on (R9, R12, R29)."""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Event, Part, everyone, party
from contracts.prequal.v1.assessments import LimitScope
from contracts.values import Role


class Lowered(Part):
    """What one limit takes from what a group could deliver, where the smaller scopes' limits have taken theirs."""

    kind: Literal["assessment", "temporary-limit", "suspension"]
    scope: LimitScope
    key: str | None = None
    """The metering point, substation or grid area that it is on."""
    by: values.Gln
    reason_code: str
    limit_id: values.Uuid | None = None
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
    approval_ends_at: values.UtcTime | None = None
    """Where it is below the minimum: when the approval ends, if it stays so (D8)."""
    minimum_w: int = 0
    """The policies it was decided with."""
    step_w: int = 0
    lowered: tuple[Lowered, ...] = ()


WhyEndsInTime = Literal["not-verified", "not-reassessed"]
WhyApprovalEnds = Literal[
    "below-minimum", "given-up", "tso", "group-ended", "not-verified", "not-reassessed", "reassessed"
]
"""For the whole grace period below the minimum (D8); by its BSP; by the TSO; the group is no more; what was approved
for a time was not verified; it was not assessed again in time, or not found good."""


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
