"""What is said about the grid: what DSOs are asked, and what they answer (R36 to R38)."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, Part, everyone, party
from contracts.values import Role

LimitReason = Literal["transformer", "line", "voltage", "protection", "outage", "location", "other"]


class PointLimit(Part):
    """What a DSO allows a metering point to deliver; 0 is a rejection of the point."""

    metering_point_id: values.Gsrn
    up_w: values.Watt
    down_w: values.Watt
    reason_code: LimitReason
    text: values.ShortText = ""


class AskedPoint(Part):
    """One of the DSO's own points in an application."""

    metering_point_id: values.Gsrn
    grid_area: values.EicY
    substation: str | None
    up_w: int
    down_w: int


class AssessGrid(Command):
    """A DSO's answer for its own points of an application. Subject: the application."""

    senders: ClassVar = frozenset({Role.DSO})
    subject_is: ClassVar = values.Uuid

    decision: Literal["approved", "limited", "rejected"]
    limits: tuple[PointLimit, ...] = Field(default=(), max_length=2000)
    text: values.LongText = ""


class GridAssessmentRequested(Event):
    """A DSO is asked for its own points, with a due date."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    dso: values.Gln
    points: tuple[AskedPoint, ...]
    due_at: values.UtcTime


class GridAssessed(Event):
    """A DSO has answered. `deliverable_*_w`: what the group can deliver after all answers so far; silence counts 0."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), party("bsp"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    dso: values.Gln
    decision: Literal["approved", "limited", "rejected"]
    limits: tuple[PointLimit, ...]
    text: str
    late: bool
    deliverable_up_w: int
    deliverable_down_w: int
    still_asked: tuple[values.Gln, ...]


class GridAssessmentOverdue(Event):
    """A DSO did not answer in time: the case goes to the TSO (D11)."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    dso: values.Gln
    due_at: values.UtcTime
