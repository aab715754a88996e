"""Who has taken a BSP over: what that one had is the other's, and it asks for nothing more (ADR 0022)."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from bsp_switch import store
from bsp_switch.domain.merger import Link
from chassis.door import papers


async def heir(connection: AsyncConnection, bsp: str) -> Link | None:
    """Who has taken a BSP over, once that is decided to have come about."""
    state = await papers.own_state(connection, store.SUCCESSION, bsp)
    if state is None or state.by is None:
        return None
    found = await papers.own_state(connection, store.MERGER, state.by.merger_id)
    return state.by if found is not None and found.state == "merged" else None


async def now(connection: AsyncConnection, bsp: str) -> str:
    """Who a BSP is now: itself, or the last of those that have taken it over."""
    while link := await heir(connection, bsp):
        bsp = link.other
    return bsp
