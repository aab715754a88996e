"""Groups of a BSP that is taken over. Load, decide, append."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.service import Due, Incoming, On
from chassis.work import Work
from contracts.bsp_switch import v1 as bsp_switch
from contracts.message import Event
from registry import store
from registry.domain import group_succession
from registry.handlers.loading import group_of
from registry.handlers.needs import Wanted


async def merger_heard(work: Work, message: Incoming[group_succession.OfMerger]) -> None:
    """The groups of the BSP are its successor's from the midnight, or are not after all."""
    bsp = message.data.bsp
    of_bsp = await work.load(store.GROUPS_OF_BSP, bsp)
    await succeed(work, of_bsp.groups if of_bsp else (), bsp=bsp)


def needs_merger(message: Incoming[group_succession.OfMerger]) -> Wanted:
    """The BSP's groups, and who takes it over."""
    yield store.GROUPS_OF_BSP, (message.data.bsp,)
    yield store.MERGER, (message.data.bsp,)


async def succeed(work: Work, groups: Iterable[str], *, bsp: str) -> None:
    """Say who succeeds the BSP of these groups, as far as it is not said."""
    merger = await work.load(store.MERGER, bsp)
    found = await work.load_many(store.GROUP, groups)
    await work.append(*group_succession.decide(found, merger=merger))


async def group_passes(work: Work, due: Due) -> None:
    """The midnight has come."""
    group = await group_of(work, due.id)
    await work.append(*group_succession.decide_passed(group, group_id=due.id, at=due.at))


REACTIONS: dict[type[Event], On] = {
    bsp_switch.BspMergerAnnounced: On(merger_heard, needs_merger),
    bsp_switch.BspMergerCancelled: On(merger_heard, needs_merger),
}
DEADLINES = {store.GROUP_PASSES: group_passes}
