"""Whether too much of a group lies at one place: a finding for the TSO, which decides alone (R17, R18)."""

from __future__ import annotations

from contracts.message import Event
from contracts.prequal import v1
from prequal.domain.application import Application
from prequal.domain.applying import Terms

_PPM_PER_PCT = 10_000


def decide(state: Application, spread: v1.Spread | None, *, terms: Terms) -> list[Event]:
    """Tell the TSO and the BSP where a group's power lies, if more than the policy's share of it is at one place.

    Unknown locations count to the largest one, the worst case (so `registry` measures). One point is always at one
    place, so it is told of groups only.
    """
    if spread is None or state.kind != "flexibility-group":
        return []
    limit_pct = terms.whole("group.concentration-pct")
    if spread.substation_largest_ppm <= limit_pct * _PPM_PER_PCT:
        return []
    return [
        v1.ConcentrationFlagged(
            application_id=state.application_id,
            group_id=state.group_id,
            bsp=state.bsp,
            limit_pct=limit_pct,
            spread=spread,
        )
    ]
