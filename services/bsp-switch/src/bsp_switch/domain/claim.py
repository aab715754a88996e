"""Taking control of a point that no BSP holds."""

from __future__ import annotations

from datetime import datetime

from bsp_switch.domain import control, entitlement, rules, waiting
from contracts import calendar
from contracts.bsp_switch import v1


def decide(
    grounds: entitlement.Grounds, *, start: datetime, at: datetime, back_days: int, ahead_days: int
) -> list[v1.ControlClaimed]:
    """Claim a point from a midnight at most `back_days` ago and less than `ahead_days` ahead (R13, R31, D13).

    Raises: CLAIM_WINDOW, what `decide_by_operator` raises.
    """
    days = calendar.days_between(calendar.local_date(at), calendar.local_date(start))
    if not -back_days <= days < ahead_days:
        limit = ahead_days if days > 0 else -back_days
        raise rules.CLAIM_WINDOW.refused(path="/start", limit=limit, actual=days, unit="days")
    return decide_by_operator(grounds, start=start, at=at, reason=None)


def decide_by_operator(
    grounds: entitlement.Grounds, *, start: datetime, at: datetime, reason: str | None
) -> list[v1.ControlClaimed]:
    """Give a BSP a point from any midnight (D14): all else is as for a claim.

    Raises: what `entitlement.right` raises, SWITCH_PENDING, SUPPLY_INCOMPLETE, METERING_POINT_ALREADY_YOURS,
    METERING_POINT_HELD_BY_OTHER.
    """
    given = entitlement.right(grounds, start=start, at=at)
    holdings = grounds.standing.point.holdings
    control.refuse_pending(holdings, bsp=grounds.bsp, at=at, claimed=start)
    waiting.refuse(grounds.standing.point.waiting)
    if missing := entitlement.missing(grounds, start=start):
        raise entitlement.incomplete(missing, start=start)
    control.refuse_held(holdings, bsp=grounds.bsp, start=start)
    return [
        v1.ControlClaimed(
            metering_point_id=grounds.standing.metering_point_id,
            bsp=grounds.bsp,
            valid_from=start,
            consent_id=given.consent_id,
            reason=reason,
            dso=grounds.standing.dso(start),
            brps=grounds.standing.brps(start),
        )
    ]
