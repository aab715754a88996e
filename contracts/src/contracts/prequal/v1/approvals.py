"""What is said about an approval that stands: that it shall be less, or end (D4, D16)."""

from __future__ import annotations

from typing import ClassVar

from contracts import values
from contracts.message import Audience, Command, Event, everyone, party
from contracts.values import Role


class ReduceApproval(Command):
    """The BSP of a group, or the TSO, lowers what is approved for it. Subject: the group."""

    senders: ClassVar = frozenset({Role.BSP, Role.TSO})
    subject_is: ClassVar = values.Uuid

    up_w: values.Watt
    down_w: values.Watt
    """What shall be approved: in no direction more than now."""
    reasons: values.LongText


class EndApproval(Command):
    """The BSP of a group gives up what is approved for it, or the TSO ends it. Subject: the group."""

    senders: ClassVar = frozenset({Role.BSP, Role.TSO})
    subject_is: ClassVar = values.Uuid

    reasons: values.LongText


class ApprovalReduced(Event):
    """Less is approved for a group, and less reserved in its zone."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dsos"), everyone(Role.TSO))

    group_id: values.Uuid
    application_id: values.Uuid
    """The application that it is approved by."""
    bsp: values.Gln
    dsos: tuple[values.Gln, ...]
    zone: values.BiddingZone
    by: values.Gln
    reasons: str
    approved_up_w: int
    approved_down_w: int
    former_up_w: int
    former_down_w: int
    reserved_w: int
    released_w: int
    minimum_w: int
    """The policy it was decided with."""
