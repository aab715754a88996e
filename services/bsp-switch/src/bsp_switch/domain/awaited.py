"""Which switches have points that wait for a late fact: an index, for when a party becomes known (D15, D27)."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts.bsp_switch import v1

ID = "all"
"""The id of the one document."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """How many points of each switch wait."""

    switches: dict[str, int] = field(default_factory=dict[str, int])


def evolve(state: Awaited | None, event: v1.SwitchStalled | v1.SwitchLapsed | v1.SwitchAnnounced) -> Awaited:
    """With one more of a switch, or one less."""
    switches = dict(state.switches) if state else {}
    more = 1 if isinstance(event, v1.SwitchStalled) else -1
    switches[event.switch_id] = switches.get(event.switch_id, 0) + more
    if not switches[event.switch_id]:
        del switches[event.switch_id]
    return Awaited(switches)
