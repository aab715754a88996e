"""The grid. Load, decide, append."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chassis.service import Answer, Due, Incoming, On
from chassis.work import Work
from contracts.registry import v1
from contracts.values import Role
from registry import store
from registry.domain import area_points, facts, grid_area, hierarchy, rules, substation, terms
from registry.handlers import policies
from registry.handlers.fit import follow
from registry.handlers.needs import Wanted


async def define_grid_area(work: Work, message: Incoming[v1.DefineGridArea]) -> None:
    """Define a grid area; the points that wait for it become complete (D27)."""
    wish = message.data
    events = grid_area.decide_define(
        await work.load(store.GRID_AREA, message.subject),
        grid_area=message.subject,
        wish=wish,
        dso=await work.load(store.PARTY, wish.dso),
        above=await _areas_above(work, wish.parent, wish.valid_from or grid_area.ALWAYS),
    )
    await work.append(*events)
    await _step(work, message.subject, after="", at=message.at)


def needs_define_grid_area(message: Incoming[v1.DefineGridArea]) -> Wanted:
    """The area, its DSO and parent, and whether points wait for it."""
    parent = (message.data.parent,) if message.data.parent else ()
    yield store.GRID_AREA, (message.subject, *parent)
    yield store.PARTY, (message.data.dso,)
    yield store.AREA_POINTS, (message.subject,)


async def change_grid_area(work: Work, message: Incoming[v1.ChangeGridArea]) -> Answer:
    """Change a grid area from a midnight; its points have it from then, too (D16)."""
    wish = message.data
    freeze_days = terms.freeze_days(await policies.in_force(work), message.at)
    events = grid_area.decide_change(
        await work.load(store.GRID_AREA, message.subject),
        grid_area=message.subject,
        wish=wish,
        by_operator=message.sender_role == Role.OPERATOR,
        dso=await work.load(store.PARTY, wish.dso) if wish.dso else None,
        above=await _areas_above(work, wish.parent, wish.valid_from),
        freeze_days=freeze_days,
        frozen_before=terms.frozen_before(message.at, freeze_days),
    )
    await work.append(*events)
    if not events:
        return Answer((rules.GRID_AREA_UNCHANGED.reason(),))
    await _step(work, message.subject, after="", at=message.at)
    return Answer()


def needs_change_grid_area(message: Incoming[v1.ChangeGridArea]) -> Wanted:
    """The area, its DSO and parent, whether it has points, the policies."""
    parent = (message.data.parent,) if message.data.parent else ()
    yield store.GRID_AREA, (message.subject, *parent)
    yield store.PARTY, (message.data.dso,) if message.data.dso else ()
    yield store.AREA_ROUND, (message.subject,)
    yield store.AREA_POINTS, (message.subject,)
    yield from policies.NEEDED


async def points_of_area(work: Work, due: Due) -> None:
    """Some more points of an area are to have what it is now."""
    on = await work.load(store.AREA_ROUND, due.id)
    await _step(work, due.id, after=on.after if on else "", at=due.at)


async def _step(work: Work, grid_area_id: str, *, after: str, at: datetime) -> None:
    """The points of an area behind one, as many as a step takes: what they are follows it, and what that means."""
    area = await work.load(store.GRID_AREA, grid_area_id)
    ids = await _points_behind(work, grid_area_id, after)
    if area is None or not (ids or after):
        return
    for metering_point_id, point in (await work.load_many(store.METERING_POINT, ids)).items():
        known = point.facts if point else ()
        await work.append(
            *facts.decide_area(known, metering_point_id=metering_point_id, grid_area=grid_area_id, area=area)
        )
    await follow(work, ids, at=at)
    await work.append(area_points.decide_step(grid_area_id, ids, at=at))


async def define_substation(work: Work, message: Incoming[v1.DefineSubstation]) -> None:
    """Define a substation."""
    wish = message.data
    events = substation.decide_define(
        await work.load(store.SUBSTATION, message.subject),
        substation_id=message.subject,
        wish=wish,
        by_dso=_by_dso(message),
        area=await work.load(store.GRID_AREA, wish.grid_area),
        above=await _substations_above(work, wish.parent),
        at=message.at,
    )
    await work.append(*events)


async def change_substation(work: Work, message: Incoming[v1.ChangeSubstation]) -> None:
    """Correct a substation."""
    wish = message.data
    state = await work.load(store.SUBSTATION, message.subject)
    stands_in = await work.load(store.GRID_AREA, state.grid_area) if state else None
    events = substation.decide_change(
        state,
        substation_id=message.subject,
        wish=wish,
        by_dso=_by_dso(message),
        stands_in=stands_in,
        area=await work.load(store.GRID_AREA, wish.grid_area) if wish.grid_area else stands_in,
        above=await _substations_above(work, wish.parent),
        at=message.at,
    )
    await work.append(*events)


def needs_substation(message: Incoming[v1.DefineSubstation | v1.ChangeSubstation]) -> Wanted:
    """The substation, what feeds it, and the area."""
    yield store.SUBSTATION, (message.subject, *((message.data.parent,) if message.data.parent else ()))
    yield store.GRID_AREA, (message.data.grid_area,) if message.data.grid_area else ()


def _by_dso(message: Incoming[Any]) -> str | None:
    return None if message.sender_role == Role.TSO else message.sender


async def _areas_above(work: Work, parent: str | None, since: datetime) -> hierarchy.Above:
    found: dict[str, tuple[str, ...] | None] = {}
    coming = [parent] if parent else []
    while coming and len(found) <= hierarchy.MOST_ABOVE:
        areas = await work.load_many(store.GRID_AREA, coming)
        found |= {name: area.parents(since) if area else None for name, area in areas.items()}
        coming = [above for name in areas for above in found[name] or () if above not in found]
    return found


async def _substations_above(work: Work, parent: str | None) -> hierarchy.Above:
    found: dict[str, tuple[str, ...] | None] = {}
    coming = parent
    while coming and coming not in found and len(found) <= hierarchy.MOST_ABOVE:
        state = await work.load(store.SUBSTATION, coming)
        found[coming] = (state.parent,) if state and state.parent else () if state else None
        coming = state.parent if state else None
    return found


async def _points_behind(work: Work, area: str, after: str) -> list[str]:
    """The next points of an area behind one, in order, by whole blocks, as many as a step takes."""
    found: list[str] = []
    for beginning in await _branches(work, area, "", after):
        for block in await _branches(work, area, beginning, after):
            found += [point for point in await _branches(work, area, block, after) if point > after]
            if len(found) >= area_points.POINTS_A_STEP:
                return found
    return found


async def _branches(work: Work, area: str, beginning: str, after: str) -> list[str]:
    """How the ids go on that begin so, without those that are all at or before `after`."""
    state = await work.load(store.AREA_POINTS, area_points.branch(area, beginning))
    longer = (beginning + digits for digits in (state.digits if state else ()))
    return [each for each in longer if each >= after[: len(each)]]


COMMANDS = {
    v1.DefineGridArea: On(define_grid_area, needs_define_grid_area),
    v1.ChangeGridArea: On(change_grid_area, needs_change_grid_area),
    v1.DefineSubstation: On(define_substation, needs_substation),
    v1.ChangeSubstation: On(change_substation, needs_substation),
}
DEADLINES = {store.POINTS_OF_AREA: points_of_area}
