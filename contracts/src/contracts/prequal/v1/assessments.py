"""What is said about the grid: what DSOs are asked, and what they answer (R36 to R38)."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, Part, everyone, party
from contracts.prequal.v1.products import Product
from contracts.values import Role

LimitReason = Literal["transformer", "line", "voltage", "protection", "outage", "location", "other"]


LimitScope = Literal["metering-point", "substation", "grid-area", "part", "group"]
"""What a limit is on: a metering point, the members at a substation or in a grid area, a DSO's part of the group, all
of it."""


class GridLimit(Part):
    """What a DSO allows together of a part of a group, per direction and period; 0 is a rejection of it.

    A direction that is not named is not limited; without a period the limit is standing.
    """

    scope: Literal["metering-point", "substation", "part"] = "metering-point"
    metering_point_id: values.Gsrn | None = None
    substation: values.Uuid | None = None
    up_w: values.Watt | None = None
    down_w: values.Watt | None = None
    valid_from: values.UtcTime | None = None
    valid_to: values.UtcTime | None = None
    reason_code: LimitReason
    text: values.ShortText = ""


WhyAsked = Literal["application", "joined", "grown", "relocated", "hierarchy"]
"""An application; a point that joined, counts more than was assessed (or a group that applies for more), or lies
elsewhere; a grid area that lies under another."""


class AskedPoint(Part):
    """One of the DSO's own points in an application."""

    metering_point_id: values.Gsrn
    grid_area: values.EicY
    substation: str | None
    up_w: int
    down_w: int


class AssessGrid(Command):
    """A DSO's answer for its own points of a group. Subject: the group's application, under way or approved."""

    senders: ClassVar = frozenset({Role.DSO})
    subject_is: ClassVar = values.Uuid

    decision: Literal["approved", "limited", "rejected"]
    limits: tuple[GridLimit, ...] = Field(default=(), max_length=2000)
    text: values.LongText = ""
    points: tuple[values.Gsrn, ...] = Field(default=(), max_length=5000)
    """Which of the points it is asked about this answers; without any: all, where only one question stands open."""
    more_power: bool = False
    """Whether it answers that the group applies for more than it had answered on, perhaps beside `points`."""
    asked_until: values.UtcTime | None = None
    """It answers all that it was asked until then (`asked_at`), in however many questions; what came later it has not
    seen. With `points`, these of it."""


class ReviseAssessment(Command):
    """A DSO's whole answer about a group anew, in place of all that it has answered. Subject: as in its answer.

    Freely while nothing is approved; afterwards what allows more, or anything once the TSO has reopened it (SOGL art.
    182(4)).
    """

    senders: ClassVar = frozenset({Role.DSO})
    subject_is: ClassVar = values.Uuid

    decision: Literal["approved", "limited", "rejected"]
    limits: tuple[GridLimit, ...] = Field(default=(), max_length=2000)
    text: values.LongText = ""


class ReopenAssessment(Command):
    """The TSO lets a DSO answer anew about an approved group, also with less. Subject: the application."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    dso: values.Gln
    reasons: values.LongText


class GridAssessmentReopened(Event):
    """A DSO may answer anew, also with less than is approved; until it does, what it answered stands."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), party("bsp"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    dso: values.Gln
    reasons: str


class GridAssessmentRequested(Event):
    """A DSO is asked for its own points, with a due date: all at an application, later only for what is new.

    It is told which reserve, how much is applied for, and how fast it changes (SOGL art. 182(2)).
    """

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    dso: values.Gln
    points: tuple[AskedPoint, ...]
    due_at: values.UtcTime
    because: WhyAsked = "application"
    asked_at: values.UtcTime | None = None
    remind_at: values.UtcTime | None = None
    """When the DSO will be reminded, if it has not answered."""
    product: Product | None = None
    applied_up_w: int | None = None
    """For the whole group."""
    applied_down_w: int | None = None
    ramp_w_per_minute: int | None = None
    anew: bool = False
    """What the DSO has answered about these points no longer counts: it rests on where they lay."""
    more_power: bool = False
    """It is about no point, but about what the group applies for: more, or a higher ramp, than the DSO answered on, or
    another product."""
    other_product: bool = False
    """So far the DSO has answered about the group for other products only."""


class GridAssessed(Event):
    """A DSO has answered. `deliverable_*_w`: what the group can deliver after all answers so far; silence counts 0.

    `answered_*_w`: the same as if those who have not answered yet let all through that is declared.
    """

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), party("bsp"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    dso: values.Gln
    decision: Literal["approved", "limited", "rejected"]
    limits: tuple[GridLimit, ...]
    text: str
    late: bool
    deliverable_up_w: int
    deliverable_down_w: int
    still_asked: tuple[values.Gln, ...]
    points: tuple[values.Gsrn, ...] = ()
    """What this answers; none: all that the DSO was asked about."""
    below_minimum: bool = False
    """Whether what the group can deliver after all answers so far is too little to be bid (R9)."""
    minimum_w: int = 0
    """The policy it was decided with."""
    asked_at: values.UtcTime | None = None
    """When it was asked first about what this answers."""
    answered_at: values.UtcTime | None = None
    answered_up_w: int | None = None
    answered_down_w: int | None = None
    answered_below_minimum: bool | None = None
    """Whether the answers so far alone leave too little to be bid, whatever the others say."""
    revised: bool = False
    """In place of all that the DSO answered before."""
    more_power: bool = False
    """It answers what is applied for beyond what the DSO had answered on; rejected, that stands."""


class GridAssessmentReminded(Event):
    """A DSO's time will soon be up; `points`: those that it has not answered about and was asked about until then."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    dso: values.Gln
    due_at: values.UtcTime
    points: int


class GridAssessmentOverdue(Event):
    """A DSO did not answer in time: the case goes to the TSO (D11), and the BSP knows what it waits for."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), party("bsp"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln | None = None
    dso: values.Gln
    due_at: values.UtcTime
    still_asked: tuple[values.Gln, ...] = ()


class GridAssessmentReleased(Event):
    """A DSO need not answer about these points any more: they are no longer in its grid, or in the group."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    dso: values.Gln
    points: tuple[values.Gsrn, ...]
    concerned: bool
    """Whether other points of the group still lie in its grid."""
    more_power: bool = False
    """Only that more was applied for is over: that was taken back."""
    still_open: bool = False
    """Whether it has something else to answer, be it late."""
    still_asked: tuple[values.Gln, ...]
