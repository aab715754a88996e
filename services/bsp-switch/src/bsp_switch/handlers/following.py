"""What follows for control when facts, consents or control itself have changed. Once for each decision."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bsp_switch.domain import course
from bsp_switch.handlers.loading import standings
from chassis.work import Work


async def settle(work: Work, points: Iterable[str], *, at: datetime) -> None:
    """Say what has changed in the control of these points."""
    for standing in (await standings(work, points)).values():
        if standing.point.holdings:
            await work.append(*course.decide(standing, at=at))
