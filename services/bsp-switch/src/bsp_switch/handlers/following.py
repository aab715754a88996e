"""What follows for control when facts, consents or control itself have changed. Once for each decision."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bsp_switch.domain import course, late
from bsp_switch.domain.standing import Standing
from bsp_switch.domain.waiting import Waiting
from bsp_switch.handlers.loading import standings, upon
from chassis.work import Work


async def settle(work: Work, points: Iterable[str], *, at: datetime) -> None:
    """Say what has changed in the control of these points."""
    for standing in (await standings(work, points)).values():
        if not standing.point.holdings:
            continue
        events = course.decide(standing, at=at)
        await work.append(*events)
        if standing.point.waiting is not None:
            await _proceed(work, standing.after(*events), standing.point.waiting, at=at)


async def _proceed(work: Work, standing: Standing, wait: Waiting, *, at: datetime) -> None:
    """Say what becomes of what waits; of what is announced facts may make something at once."""
    decided = late.decide(await upon(work, standing, bsp=wait.incoming, start=wait.start), at=at)
    await work.append(*decided)
    await work.append(*course.decide(standing.after(*decided), at=at))
