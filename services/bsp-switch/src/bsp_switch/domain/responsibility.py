"""Which BRP is responsible for a supplier's points in a grid area, per direction, in time (R44).

A fact of the datahub, in force until the next begins. A late one stands where it belongs; one of the same moment
corrects the former, also where only the BRP is another.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from bsp_switch.domain import known, point_tree, rules
from contracts import calendar
from contracts.bsp_switch import v1
from contracts.message import Reason
from contracts.parties import Party
from contracts.values import Role

POINTS_A_STEP = 500
"""A step ends behind the block of a hundred ids that completes so many."""


class Since(NamedTuple):
    """A BRP, and the moment from which it is responsible."""

    valid_from: datetime
    brp: str


@dataclass(frozen=True, slots=True)
class Responsibility:
    """The BRPs of a supplier in a grid area, each direction in order of time."""

    consumption: tuple[Since, ...] = ()
    production: tuple[Since, ...] = ()

    def of(self, direction: v1.BalanceDirection) -> tuple[Since, ...]:
        """The BRPs in one direction."""
        return self.consumption if direction == "consumption" else self.production

    def brp(self, direction: v1.BalanceDirection, *, at: datetime) -> str | None:
        """Who is responsible at a moment; None before the first."""
        found = self.of(direction)
        index = bisect.bisect_right(found, at, key=lambda one: one.valid_from)
        return found[index - 1].brp if index else None

    def glns(self) -> tuple[str, ...]:
        """Every BRP named here, each once."""
        return tuple(dict.fromkeys(one.brp for one in (*self.consumption, *self.production)))


About = v1.BrpResponsibilityRecorded | v1.PointsOfResponsibilityUpdated


def key(supplier: str, grid_area: str) -> str:
    """The id of what a supplier has in a grid area."""
    return f"{supplier}|{grid_area}"


def evolve(state: Responsibility | None, event: About) -> Responsibility:
    """With the fact in its place."""
    state = state or Responsibility()
    if isinstance(event, v1.PointsOfResponsibilityUpdated):
        return state
    others = (one for one in state.of(event.direction) if one.valid_from != event.valid_from)
    changed = tuple(sorted((*others, Since(event.valid_from, event.brp))))
    if event.direction == "consumption":
        return replace(state, consumption=changed)
    return replace(state, production=changed)


def decide_record(
    state: Responsibility | None,
    command: v1.RecordBrpResponsibility,
    *,
    grid_area: str,
    area: known.GridArea | None,
    parties: Mapping[str, Party | None],
) -> tuple[list[v1.BrpResponsibilityRecorded], tuple[Reason, ...]]:
    """Record the fact, with a notice for each party, and for the area, that the register does not know (D27).

    What stands already makes no event, whoever was unknown then: a party is looked up again for each point.
    """
    state = state or Responsibility()
    named = (("supplier", command.supplier, Role.SUPPLIER), ("brp", command.brp, Role.BRP))
    missing = [
        (field, gln) for field, gln, role in named if (party := parties.get(gln)) is None or not party.may_be(role)
    ]
    notices = [rules.PARTY_UNKNOWN.reason(path=f"/{field}", actual=gln) for field, gln in missing]
    if area is None:
        notices.append(rules.GRID_AREA_NOT_KNOWN.reason(path="/subject", actual=grid_area))
    if Since(command.valid_from, command.brp) in state.of(command.direction):
        day = calendar.local_date(command.valid_from).isoformat()
        return [], (rules.RESPONSIBILITY_UNCHANGED.reason(path="/valid_from", actual=day), *notices)
    return [
        v1.BrpResponsibilityRecorded(
            responsibility_id=key(command.supplier, grid_area),
            supplier=command.supplier,
            grid_area=grid_area,
            direction=command.direction,
            brp=command.brp,
            former_brp=state.brp(command.direction, at=command.valid_from),
            valid_from=command.valid_from,
            unknown=tuple(gln for _, gln in missing),
        )
    ], tuple(notices)


# The round in which the points learn of it


def decide_step(responsibility_id: str, points: Sequence[str], *, at: datetime) -> v1.PointsOfResponsibilityUpdated:
    """These points have it."""
    return v1.PointsOfResponsibilityUpdated(
        responsibility_id=responsibility_id,
        points=len(points),
        last=points[-1] if points else None,
        next_at=point_tree.next_step(points, most=POINTS_A_STEP, at=at),
    )


def branches(event: v1.SupplyRecorded) -> dict[str, str]:
    """The branches that a point with a derived BRP is on.

    It stays on them when it has come to another supplier or area: the round then finds nothing to say of it.
    """
    if not event.derived or event.grid_area is None:
        return {}
    return point_tree.branches(key(event.supplier, event.grid_area), event.metering_point_id)
