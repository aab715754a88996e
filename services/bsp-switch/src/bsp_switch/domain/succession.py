"""Who succeeds whom at one point: what is to be said of it when mergers, or who is to hold the point, have changed.

A succession stands beside the timeline and changes none of it: a holding is its first BSP's until the midnight of a
merger, and its successor's from then. So whatever ends, restores or takes over a holding is as it would be without.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from bsp_switch.domain import point_tree
from bsp_switch.domain.point import Succession
from bsp_switch.domain.standing import Standing
from contracts.bsp_switch import v1

POINTS_A_STEP = 500
"""A step ends behind the block of a hundred ids that completes so many."""


def decide(standing: Standing) -> list[Succession]:
    """Say what is not said yet of who succeeds the BSPs of a point, and take back what is not so any more.

    Of a BSP whose last control of it has ended before, nothing is said; what was said of it stays.
    """
    return [*_taken_back(standing), *_announced(standing)]


def _taken_back(standing: Standing) -> Iterator[v1.ControlSuccessionCancelled]:
    for bsp, said in standing.point.successions.items():
        found = standing.successions.get(bsp)
        if found is None or found.by != said:
            yield v1.ControlSuccessionCancelled(
                metering_point_id=standing.metering_point_id,
                merger_id=said.merger_id,
                bsp=bsp,
                successor=said.other,
                start=said.start,
                dso=standing.dso(said.start),
                brps=standing.brps(said.start),
            )


def _announced(standing: Standing) -> Iterator[v1.ControlSuccessionAnnounced]:
    wait = standing.point.waiting
    whose = [(each.bsp, each.valid_to) for each in standing.point.holdings]
    if wait is not None:
        whose.append((wait.incoming, None))
    said = dict(standing.point.successions)
    for holder, until in whose:
        bsp = holder
        while (found := standing.successions.get(bsp)) is not None and (link := found.by) is not None:
            if (until is None or until > link.start) and said.get(bsp) != link:
                said[bsp] = link
                yield v1.ControlSuccessionAnnounced(
                    metering_point_id=standing.metering_point_id,
                    merger_id=link.merger_id,
                    bsp=bsp,
                    successor=link.other,
                    start=link.start,
                    dso=standing.dso(link.start),
                    brps=standing.brps(link.start),
                )
            bsp = link.other


def decide_step(bsp: str, points: Sequence[str], *, at: datetime) -> v1.PointsOfBspFollowed:
    """These points have it."""
    return v1.PointsOfBspFollowed(
        bsp=bsp,
        points=len(points),
        last=points[-1] if points else None,
        next_at=point_tree.next_step(points, most=POINTS_A_STEP, at=at),
    )


def held(event: v1.ControlClaimed | v1.SwitchAnnounced | v1.SwitchStalled | v1.ControlSuccessionAnnounced) -> str:
    """Who is to hold the point, or may come to."""
    match event:
        case v1.ControlClaimed():
            return event.bsp
        case v1.SwitchAnnounced() | v1.SwitchStalled():
            return event.incoming
        case v1.ControlSuccessionAnnounced():
            return event.successor


def branches(
    event: v1.ControlClaimed | v1.SwitchAnnounced | v1.SwitchStalled | v1.ControlSuccessionAnnounced,
) -> dict[str, str]:
    """The branches that a point is on once a BSP is said to hold it. It stays on them when it does no more."""
    return point_tree.branches(held(event), event.metering_point_id)
