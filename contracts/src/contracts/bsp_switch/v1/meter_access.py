"""What is said about whose meter values a BSP may read (R13, R30).

To the values of its own control every BSP has a right, from the midnight at which that begins until it ends: the events
about control say when. What consents add to that is said here.
"""

from __future__ import annotations

from typing import ClassVar

from contracts import values
from contracts.bsp_switch.v1.consents import ConsentPurpose
from contracts.message import Audience, Event, Part, party


class EarlierValues(Part):
    """Values from before a control began that may be read while it lasts, and while the consent does."""

    valid_from: values.UtcTime
    """The first value: no earlier than the consent goes back, nor than the end user moved in."""
    valid_to: values.UtcTime
    """Where the BSP's control begins; it says which control this goes with, and the right begins there."""
    until: values.UtcTime | None = None
    """When the consent ends, and the right with it, if control has not ended before."""
    consent_id: values.Uuid
    purpose: ConsentPurpose


class MeterAccessChanged(Event):
    """What a BSP may read of a point's values from before its control, as a whole: it replaces what was said before.

    Dated ahead as control is: said when it is announced, empty when that is taken back.
    """

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (
        party("bsp"),
        party("successor"),
    )

    metering_point_id: values.Gsrn
    bsp: values.Gln
    earlier: tuple[EarlierValues, ...]
    """In order of the controls, then of the first values."""
    successor: values.Gln | None = None
    """Who has taken the BSP over by then; it is told, too."""
