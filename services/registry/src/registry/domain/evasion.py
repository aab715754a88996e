"""Several points of one end user that are together as large as one that may not be in a group (R48).

It is a flag for the TSO to look at, not a rule: who has many points may have good reasons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.message import Event
from contracts.registry import v1
from registry.domain.known import Supply
from registry.domain.metering_point import MeteringPoint
from registry.domain.power import Power
from registry.domain.terms import Terms


@dataclass(frozen=True, slots=True)
class PossibleEvasion:
    """What was flagged of an end user."""

    metering_points: tuple[str, ...]
    power: Power


def evolve(
    _state: PossibleEvasion | None, event: v1.PossibleEvasionFlagged | v1.PossibleEvasionCleared
) -> PossibleEvasion | None:
    """The last flag stands until it is cleared."""
    match event:
        case v1.PossibleEvasionFlagged():
            return PossibleEvasion(event.metering_points, Power(event.up_w, event.down_w))
        case v1.PossibleEvasionCleared():
            return None


def decide(
    state: PossibleEvasion | None,
    *,
    end_user: str,
    metering_points: Sequence[str],
    points: Mapping[str, MeteringPoint | None],
    supplies: Mapping[str, Supply | None],
    terms: Terms,
    at: datetime,
) -> list[Event]:
    """Hold what is behind an end user's points in groups against the limit of one point; told when it changes."""
    found: list[str] = []
    groups: dict[str, None] = {}
    power = Power()
    for metering_point_id in metering_points:
        point, supply = points[metering_point_id], supplies[metering_point_id]
        delivery = supply.at(at) if supply else None
        if point is None or point.membership is None or delivery is None or delivery.end_user != end_user:
            continue
        found.append(metering_point_id)
        groups[point.membership.group_id] = None
        power += point.behind
    if len(found) > 1 and power.size_w >= terms.point_limit_w:
        if state == PossibleEvasion(tuple(found), power):
            return []
        return [
            v1.PossibleEvasionFlagged(
                end_user=end_user,
                metering_points=tuple(found),
                groups=tuple(groups),
                up_w=power.up_w,
                down_w=power.down_w,
                point_limit_w=terms.point_limit_w,
            )
        ]
    if state is None:
        return []
    return [
        v1.PossibleEvasionCleared(
            end_user=end_user, up_w=power.up_w, down_w=power.down_w, point_limit_w=terms.point_limit_w
        )
    ]
