"""A BSP's own slice of a point's history: its own periods, as they were known while they lasted (R13, R30).

A point that does not exist and one that was never the asker's are looked at in the same way and answered in the same
words: the log of a point is read only where some of it is the asker's.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bsp_switch import store
from bsp_switch.door import lookups
from bsp_switch.door.lookups import Asked, Limits
from chassis import asking
from chassis.door import papers
from chassis.service import Service


async def slice_of(
    database: AsyncEngine, service: Service, asked: Asked, *, limits: Limits, now: float
) -> dict[str, Any] | None:
    """What the asker may see of the point, as JSON; None where nothing of it is or was to be its own. Raises `Turned`.

    Counted as a lookup. `now`: the machine's clock, which the limits go by.
    """
    async with database.begin() as connection:
        too_many = await lookups.count(connection, asked, limits, datetime.fromtimestamp(now, UTC))
        if too_many is None:
            return await _slice_of(connection, service, asked)
    # Out here: what was noted of it stands.
    raise too_many


async def _slice_of(connection: AsyncConnection, service: Service, asked: Asked) -> dict[str, Any] | None:
    state = await papers.own_state(connection, store.POINT, asked.metering_point_id)
    holders = {holder for each in state.holdings for holder, _, _ in each.periods()} if state else set[str]()
    if asked.party not in holders:
        return None
    return await asking.seen(connection, service, store.POINT, asked.metering_point_id, party=asked.party)
