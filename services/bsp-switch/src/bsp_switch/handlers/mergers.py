"""Mergers of BSPs: announced, cancelled, come about; and the points that follow at once, in rounds (ADR 0022)."""

from __future__ import annotations

from datetime import datetime

from bsp_switch import store
from bsp_switch.domain import merger, succession
from bsp_switch.handlers.following import settle
from bsp_switch.handlers.identity import on_new
from bsp_switch.handlers.loading import POLICIES, Wanted, in_force
from bsp_switch.handlers.rounds import points_behind
from chassis.service import Due, Incoming, On
from chassis.work import Work
from contracts.bsp_switch import v1


async def merge_bsp(work: Work, command: Incoming[v1.MergeBsp]) -> None:
    """Announce it; the first points follow at once."""
    data = command.data
    both = (data.bsp, data.into)
    events = merger.decide_merge(
        await work.load(store.MERGER, command.subject),
        data,
        merger_id=command.subject,
        parties=await work.load_many(store.PARTY, both),
        successions=await work.load_many(store.SUCCESSION, both),
        at=command.at,
        notice_min_days=(await in_force(work)).whole("merger.notice-min-days", at=command.at),
    )
    await work.append(*events)
    await _step(work, data.bsp, at=command.at)


def needs_merge(command: Incoming[v1.MergeBsp]) -> Wanted:
    """The merger, both BSPs, whether there are points, and how far a former round has come."""
    both = (command.data.bsp, command.data.into)
    yield store.MERGER, (command.subject,)
    yield store.PARTY, both
    yield store.SUCCESSION, both
    yield store.HELD_POINTS, (command.data.bsp,)
    yield store.MERGER_ROUND, (command.data.bsp,)
    yield from POLICIES


async def cancel_merger(work: Work, command: Incoming[v1.CancelBspMerger]) -> None:
    """Take it back; the first points follow at once."""
    state = await work.load(store.MERGER, command.subject)
    events = merger.decide_cancel(state, command.data, merger_id=command.subject)
    await work.append(*events)
    for event in events:
        await _step(work, event.bsp, at=command.at)


def needs_cancel(command: Incoming[v1.CancelBspMerger]) -> Wanted:
    """The merger; it says whose points follow."""
    yield store.MERGER, (command.subject,)


async def merger_midnight(work: Work, due: Due) -> None:
    """Say that it has come about."""
    state = await work.load(store.MERGER, due.id)
    assert state is not None
    await work.append(*merger.decide_merged(state, merger_id=due.id))


async def points_due(work: Work, due: Due) -> None:
    """Some more points follow."""
    state = await work.load(store.MERGER_ROUND, due.id)
    await _step(work, due.id, after=state.after if state else "", at=due.at)


async def _step(work: Work, bsp: str, *, after: str = "", at: datetime) -> None:
    points = await points_behind(work, store.HELD_POINTS, bsp, after, most=succession.POINTS_A_STEP)
    if not (points or after):
        return
    await settle(work, points, at=at)
    await work.append(succession.decide_step(bsp, points, at=at))


COMMANDS = {
    v1.MergeBsp: on_new(store.MERGER, merge_bsp, needs_merge),
    v1.CancelBspMerger: On(cancel_merger, needs_cancel),
}
DEADLINES = {store.MERGER_MIDNIGHT: merger_midnight, store.POINTS_OF_BSP: points_due}
