"""Joining a group from a midnight to come, for who will hold the point then (D26)."""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Event, Scalar, everyone, party
from contracts.values import Role

WhyLapsed = Literal["control", "left", "no-fit"]
"""`control`: the BSP does not get the point then. `left`: it takes the joining back. `no-fit`: at the midnight the
point, or the group, was no longer what it must be."""


class JoinAnnounced(Event):
    """A metering point joins a group at the midnight from which the BSP holds it, if it fits then.

    Until then it counts nowhere. At the midnight it is a member, `MemberJoined`, or not, `JoinLapsed`.
    """

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), everyone(Role.TSO))

    group_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    dso: values.Gln
    up_w: int
    """What stands behind the point now."""
    down_w: int
    valid_from: values.UtcTime
    """The foreign fact it was decided on: since when the BSP will hold the point."""
    group_max_w: int
    """The policies it was decided with."""
    point_limit_w: int


class JoinLapsed(Event):
    """What was to join a group does not."""

    home: ClassVar = "group_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), everyone(Role.TSO))

    group_id: values.Uuid
    metering_point_id: values.Gsrn
    bsp: values.Gln
    dso: values.Gln
    valid_from: values.UtcTime
    because: WhyLapsed
    code: str | None = None
    """The rule that it breaks, with the figures, where it did not fit."""
    limit: Scalar = None
    actual: Scalar = None
    unit: str | None = None
