"""What is said about switches of BSP that facts have cancelled, and that come back if the facts are corrected."""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Event, everyone, party
from contracts.values import Role

WhySwitchAbandoned = Literal["incoming", "operator", "not-bsp"]
"""Why it does not come back: the incoming BSP has called it off, the operator has; the incoming BSP is a BSP no more,
and the facts were corrected for nothing."""


class SwitchAbandoned(Event):
    """A switch that a fact had cancelled at a point does not come back, whatever is corrected."""

    home: ClassVar = "metering_point_id"
    case: ClassVar = "switch_id"
    audience: ClassVar[tuple[Audience, ...]] = (
        party("incoming", without=("outgoing", "outgoing_successor")),
        party("incoming_successor", without=("outgoing", "outgoing_successor")),
        # Nor is it said how another stands.
        party("outgoing", without=("incoming", "incoming_successor", "because", "reason")),
        party("outgoing_successor", without=("incoming", "incoming_successor", "because", "reason")),
        everyone(Role.TSO),
    )

    switch_id: values.Uuid
    metering_point_id: values.Gsrn
    outgoing: values.Gln
    incoming: values.Gln
    start: values.UtcTime
    """The midnight at which it was to take effect."""
    because: WhySwitchAbandoned
    reason: str | None = None
    """Where the register's operator is the cause, why."""
    outgoing_successor: values.Gln | None = None
    """Who has taken the outgoing BSP over by then; it is told the same."""
    incoming_successor: values.Gln | None = None
    """Who has taken the incoming BSP over by then; it is told the same."""
