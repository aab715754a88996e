"""A point of a switch that waits for a late fact, and holds its place meanwhile (D15).

Late is what the datahub has still to say of who supplies the point, or `registry` of the parties it has named. Who the
end user is can not be late: to wait on another's consent would give a place to whoever makes one up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bsp_switch.domain import rules
from contracts.bsp_switch import v1

Event = v1.SwitchStalled | v1.SwitchLapsed


@dataclass(frozen=True, slots=True)
class Waiting:
    """What was asked for, and told everyone concerned: so its notice counts from then."""

    switch_id: str
    outgoing: str
    incoming: str
    start: datetime
    consent_id: str
    notice_days: int
    notice_min_days: int
    lapses_at: datetime


def evolve(_state: Waiting | None, event: Event) -> Waiting | None:
    """What waits after an event."""
    if isinstance(event, v1.SwitchLapsed):
        return None
    return Waiting(
        switch_id=event.switch_id,
        outgoing=event.outgoing,
        incoming=event.incoming,
        start=event.start,
        consent_id=event.consent_id,
        notice_days=event.notice_days,
        notice_min_days=event.notice_min_days,
        lapses_at=event.lapses_at,
    )


def refuse(state: Waiting | None) -> None:
    """Refuse whatever is asked of a point for which a switch waits, whoever asks.

    Raises: SWITCH_PENDING.
    """
    if state is not None:
        raise rules.SWITCH_PENDING.refused()
