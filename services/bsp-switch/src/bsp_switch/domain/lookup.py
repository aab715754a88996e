"""What a lookup tells: to a BSP that knows the person behind a point, what it needs to begin; to all others nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bsp_switch.domain import control, known, supply
from bsp_switch.domain.end_user import EndUser
from bsp_switch.domain.point import Point
from contracts.bsp_switch import v1
from contracts.parties import Party

Control = Literal["free", "held", "yours", "passing"]
"""Whether the point may be claimed: nobody holds it, another does, the asker does, or it is about to pass."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A lookup that was made."""

    party: str
    metering_point_id: str
    code: v1.LookupCode | Literal["refused"]
    end_user: str | None = None
    """Whom it concerns, where that was known."""


def evolve(_state: Looked | None, event: v1.LookupAnswered | v1.LookupRefused) -> Looked:
    """It is made once."""
    if isinstance(event, v1.LookupRefused):
        return Looked(event.party, event.metering_point_id, "refused")
    return Looked(event.party, event.metering_point_id, event.code, event.end_user)


@dataclass(frozen=True, slots=True)
class Found:
    """What the asker is told of a point. Who holds it, and who supplies it, is not among it."""

    metering_point_id: str
    end_user: str
    end_user_since: datetime
    supply: Literal["complete", "incomplete"]
    control: Control
    registered: bool
    """Whether the registry knows the point."""
    in_operation: bool
    grid_area: str | None


def behind(point: Point | None, *, at: datetime) -> supply.Supply | None:
    """The fact in force: its end user is who the asker must know."""
    return supply.in_force(point.supplies, at=at) if point else None


def found(
    metering_point_id: str,
    point: Point | None,
    *,
    end_user: EndUser | None,
    parties: Mapping[str, Party | None],
    registered: known.MeteringPoint | None,
    asker: str,
    at: datetime,
) -> Found | None:
    """What there is to tell; None where nobody stands behind the point, or who did is no more."""
    now = behind(point, at=at)
    if point is None or now is None:
        return None
    if end_user is not None and end_user.ended_from is not None and end_user.ended_from <= at:
        return None
    # The same end user, under another supplier or BRP, came before.
    since = [start for start, user in supply.end_users(point.supplies) if start <= at and user == now.end_user][-1]
    location = registered.location(at=at) if registered else None
    return Found(
        metering_point_id=metering_point_id,
        end_user=now.end_user,
        end_user_since=since,
        supply="incomplete" if now.missing(parties) else "complete",
        control=_control(point, asker=asker, at=at),
        registered=registered is not None,
        in_operation=location is not None and location.active,
        grid_area=location.grid_area if location else None,
    )


def _control(point: Point, *, asker: str, at: datetime) -> Control:
    holdings = point.holdings
    if point.waiting is not None or control.pending(holdings, at=at) is not None:
        return "passing"
    held = next((each for each in control.living(holdings) if each.covers(at)), None)
    if held is None:
        return "free"
    return "yours" if held.held_by(at) == asker else "held"
