"""What becomes of a point that waits for a late fact: it passes as soon as the fact comes, or it lapses (D15).

It passes only if it still may: the end user consents, the point is in operation, the BSP that was told gives it up.
"""

from __future__ import annotations

from datetime import datetime

from bsp_switch.domain import control, course, entitlement
from bsp_switch.domain.control import Holding
from contracts.bsp_switch import v1


def decide(grounds: entitlement.Grounds, *, at: datetime) -> list[v1.SwitchAnnounced | v1.SwitchLapsed]:
    """Announce what waits, let it lapse, or let it wait on. It lapses as soon as it can pass no more."""
    standing = grounds.standing
    wait = standing.point.waiting
    assert wait is not None
    holding = Holding(bsp=wait.incoming, valid_from=wait.start, consent_id=wait.consent_id)
    found = course.bounds(standing, holding, at=at)
    if gone := course.gone(found, by=wait.start):
        return [standing.switch_lapsed(gone)]
    giving = control.giving(standing.point.holdings, start=wait.start)
    if giving is None or giving.bsp != wait.outgoing:
        return [standing.switch_lapsed("not-held")]
    if wait.lapses_at <= at:
        return [standing.switch_lapsed("late")]
    if entitlement.missing(grounds, start=wait.start):
        return []
    return [
        v1.SwitchAnnounced(
            switch_id=wait.switch_id,
            metering_point_id=standing.metering_point_id,
            outgoing=wait.outgoing,
            incoming=wait.incoming,
            dso=standing.dso(wait.start),
            start=wait.start,
            consent_id=found.rests_on or wait.consent_id,
            notice_days=wait.notice_days,
            notice_min_days=wait.notice_min_days,
            brps=standing.brps(wait.start),
            waited=True,
            outgoing_successor=standing.successor(wait.outgoing, wait.start),
            incoming_successor=standing.successor(wait.incoming, wait.start),
        )
    ]
