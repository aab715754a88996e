"""How much of what a group applies for the DSOs have answered on (R36, D11, D29)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from prequal.domain import known, limits
from prequal.domain.grid import Figures, Grid
from prequal.domain.limits import Limit
from prequal.domain.power import NONE, Power


def answered_on(
    wanted: Figures, grid: Grid, *, group: known.Group, held: Sequence[Limit], deliverable: Power, at: datetime
) -> Power:
    """The most of `deliverable` that may be approved: what every DSO has answered on, or what needs none of the rest.

    A DSO that is late about more power, or has rejected it, has answered on what it was asked about before; of another
    product, on nothing. More than that may come only from points of the others: its own count nothing beyond (D11).
    """
    silent = {
        dso: part.agreed_on.get(wanted.product, replace(wanted, power=NONE))
        for dso, part in grid.parts.items()
        if part.agreed_on and not part.has_agreed(wanted)
    }
    if not silent:
        return deliverable
    theirs = frozenset(point for dso in silent for point in grid.parts[dso].points)
    others = {point: power for point, power in grid.allowed.items() if point not in theirs}
    without = limits.deliverable(group, replace(grid, allowed=others), held, at=at)
    agreed = deliverable
    for figures in silent.values():
        is_slower = wanted.ramp_w_per_minute <= figures.ramp_w_per_minute
        agreed = agreed.at_most(figures.power if is_slower else Power(0, 0))
    return Power(max(agreed.up_w, without.up_w), max(agreed.down_w, without.down_w))
