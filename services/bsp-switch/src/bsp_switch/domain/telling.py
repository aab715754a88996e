"""Who is told of a switch beside the BSPs and the TSO: the DSO and the BRPs of its midnight, as they are known.

Facts may make others of them after it was announced. Those are told as soon as it is known; and of what becomes of it
those are told, too, who were told before (`Standing.switch_cancelled`, `Standing.switch_lapsed`).
"""

from __future__ import annotations

from datetime import datetime

from bsp_switch.domain import control
from bsp_switch.domain.point import Point
from bsp_switch.domain.standing import Standing
from contracts.bsp_switch import v1


def under_way(state: Point | None, *, at: datetime) -> bool:
    """Whether a switch of the point waits, or is announced and has not come."""
    if state is None:
        return False
    coming = control.pending(state.holdings, at=at)
    return state.waiting is not None or (coming is not None and coming.switch_id is not None)


def decide(standing: Standing, *, at: datetime) -> list[v1.SwitchNotified]:
    """Tell those who have become concerned since."""
    if not under_way(standing.point, at=at):
        return []
    wait = standing.point.waiting
    coming = None if wait else control.pending(standing.point.holdings, at=at)
    start = coming.valid_from if coming else wait.start if wait else at
    told = standing.point.told
    dso = standing.dso(start)
    new_dso = dso if dso not in told else None
    brps = tuple(each for each in standing.brps(start) if each not in told)
    if new_dso is None and not brps:
        return []
    if wait:
        switch_id, outgoing, incoming, lapses_at = wait.switch_id, wait.outgoing, wait.incoming, wait.lapses_at
    else:
        assert coming is not None
        assert coming.switch_id is not None
        switch_id, outgoing, incoming = coming.switch_id, standing.giving_to(coming).bsp, coming.bsp
        lapses_at = None
    return [
        v1.SwitchNotified(
            switch_id=switch_id,
            metering_point_id=standing.metering_point_id,
            outgoing=outgoing,
            incoming=incoming,
            dso=new_dso,
            brps=brps,
            start=start,
            lapses_at=lapses_at,
            outgoing_successor=standing.successor(outgoing, start),
            incoming_successor=standing.successor(incoming, start),
        )
    ]
