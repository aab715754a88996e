"""A switch that facts have cancelled at a point: it comes back if they are corrected, or joined by another, in time.

So it does not matter in which order the closing of a point and its opening are told, or an end user's coming and going:
an announced switch stands if at its start the facts, as they are known before, leave it what it rests on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bsp_switch.domain.control import Timeline
from contracts.bsp_switch import v1

BY_FACTS: Final[frozenset[v1.WhySwitchCancelled]] = frozenset({"move-out", "point-closed"})
"""Why a switch is cancelled that may come back. A consent that is withdrawn does not."""


@dataclass(frozen=True, slots=True)
class Lost:
    """What was announced."""

    switch_id: str
    outgoing: tuple[str, datetime]
    """Which holding it was to end: whose, and since when."""
    incoming: str
    start: datetime
    consent_id: str
    notice_days: int
    notice_min_days: int


Notice = tuple[int, int]
"""The days of notice a switch was announced with, and the least allowed."""

_Takes = v1.ControlClaimed | v1.SwitchAnnounced | v1.SwitchStalled
"""What takes the place of a switch that is lost."""


def evolve(state: Lost | None, event: object, *, before: Timeline, notice: Notice | None) -> Lost | None:
    """What is lost after an event. `before`: who held the point; `notice`: of the switch that stood until then."""
    if isinstance(event, _Takes | v1.SwitchAbandoned):
        return None
    if not isinstance(event, v1.SwitchCancelled) or event.because == "moved":
        return state
    if event.because not in BY_FACTS or notice is None:
        return None
    incoming = next(each for each in before if (each.switch_id, each.valid_from) == (event.switch_id, event.start))
    outgoing = next(each for each in before if (each.bsp, each.passes_at) == (event.outgoing, event.start))
    return Lost(event.switch_id, outgoing.key, event.incoming, event.start, incoming.consent_id, *notice)
