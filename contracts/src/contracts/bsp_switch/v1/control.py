"""What is said about which BSP holds a metering point (R13, R43)."""

from __future__ import annotations

from typing import ClassVar

from contracts import values
from contracts.message import Audience, Command, Event, party
from contracts.values import Role


class ClaimControl(Command):
    """Take control of a metering point that no BSP holds. Subject: its GSRN."""

    senders: ClassVar = frozenset({Role.BSP})
    subject_is: ClassVar = values.Gsrn

    start: values.Midnight


class ControlClaimed(Event):
    """A BSP holds a point that nobody held, from a midnight (past or to come)."""

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"),)

    metering_point_id: values.Gsrn
    bsp: values.Gln
    valid_from: values.UtcTime
    consent_id: values.Uuid
