"""How far a temporary limit or a suspension reaches: whose grid it is in, and which groups it hits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from chassis.service import Kind
from chassis.work import Work
from prequal import store
from prequal.domain import known, reach, restriction
from prequal.domain.reach import Hit
from prequal.domain.restriction import Restriction, What
from prequal.handlers.loading import areas_above, there

INDEXED = {"metering-point": "metering_point_id", "bsp": "bsp", "bsp-product": "bsp"}


async def dsos_of(work: Work, what: What, key: str, *, at: datetime) -> tuple[str, ...] | None:
    """In whose grid something lies, nearest first; None where it is not known here."""
    if what in {"bsp", "bsp-product"}:
        groups = await work.load(store.GROUPS_WITH, f"bsp|{key}")
        return () if groups or await work.load(store.BSP, key) else None
    if what in {"group", "part", "group-product"}:
        grid = await work.load(store.GRID, key)
        return grid.dsos if grid else () if await work.load(store.GROUP, key) else None
    area_id: str | None = key
    if what == "substation":
        substation = await work.load(store.SUBSTATION, key)
        area_id = substation.grid_area if substation else None
    elif what == "metering-point":
        area_id = await _area_of_point(work, key, at=at)
    areas = await areas_above(work, (area_id,)) if area_id else {}
    if area_id is None or area_id not in areas:
        return None
    return tuple(known.dsos_above(area_id, areas, at=at))


async def _area_of_point(work: Work, point: str, *, at: datetime) -> str | None:
    """Where a point lies that is a member of a group, or will be; of others nothing is known here."""
    found = await work.load(store.GROUPS_WITH, f"metering_point_id|{point}")
    for group_id in reversed(found.ids if found else ()):
        stay = there(await work.load(store.GROUP, group_id)).stay(point, at=at)
        if stay is not None:
            return stay.grid_area
    return None


async def groups_below(work: Work, substation: str, *, at: datetime) -> list[str]:
    """The groups that have, or ever had, members at a substation or below it."""
    places = await _below(work, store.SUBSTATIONS_BELOW, substation, at=at)
    return await _groups(work, store.GROUPS_WITH, (f"substation|{place}" for place in sorted(places)))


async def points_below(work: Work, group_id: str, substation: str, *, at: datetime) -> list[str]:
    """Those of a group's members that lie at a substation or below it."""
    group = there(await work.load(store.GROUP, group_id))
    own = group.points(at=at)
    lines = await _lines(work, own.values(), at=at)
    return [
        point for point, stay in own.items() if stay.substation and substation in lines["substation", stay.substation]
    ]


async def reached(work: Work, state: Restriction, *, at: datetime) -> tuple[Sequence[str], frozenset[str]]:
    """The groups that it may hit; of a substation or grid area also the place and all below it."""
    if state.what in {"group", "part", "group-product"}:
        return (state.key,), frozenset()
    if state.what == "substation":
        places = frozenset(await _below(work, store.SUBSTATIONS_BELOW, state.key, at=at))
        return await _groups(work, store.GROUPS_WITH, (f"substation|{place}" for place in sorted(places))), places
    if state.what == "grid-area":
        places = frozenset(await _below(work, store.AREAS_BELOW, state.key, at=at))
        return await _groups(work, store.GROUPS_IN_AREA, sorted(places)), places
    return await _groups(work, store.GROUPS_WITH, (f"{INDEXED[state.what]}|{state.key}",)), frozenset()


async def hits_of(
    work: Work, state: Restriction, ids: Sequence[str], places: frozenset[str], *, at: datetime
) -> dict[str, Hit]:
    """Those of some groups that it hits, now or by what is announced, and where; those it has hit before stay hit."""
    loaded = await work.load_many(store.GROUP, ids)
    grids = await work.load_many(store.GRID, ids)
    found: dict[str, Hit] = {}
    for group_id, group in loaded.items():
        if group is None:
            continue
        stays = reach.under(state, group.points(at=at), places)
        # The index also finds groups that have passed to another BSP.
        is_anothers = state.what in {"bsp", "bsp-product"} and group.bsp != state.key
        if (not stays or is_anothers) and group_id not in state.groups:
            continue
        areas = await areas_above(work, {stay.grid_area for stay in stays.values()})
        found[group_id] = reach.hit(state, stays, grids[group_id], areas, at=at)
    return found


async def _groups(work: Work, kind: Kind[known.Ids], keys: Iterable[str]) -> list[str]:
    found = await work.load_many(kind, keys)
    return list(dict.fromkeys(each for one in found.values() if one for each in one.ids))


async def _below(work: Work, kind: Kind[known.Ids], key: str, *, at: datetime) -> list[str]:
    """A place and all that lie under it now."""
    found: dict[str, None] = {}
    wanted = [key]
    while wanted:
        found |= dict.fromkeys(wanted)
        candidates = await _groups(work, kind, wanted)
        if kind is store.SUBSTATIONS_BELOW:
            await work.prefetch([(store.SUBSTATION, candidates)])
        wanted = [each for each in candidates if each not in found and key in await _line(work, kind, each, at=at)]
    return list(found)


async def _line(work: Work, kind: Kind[Any], place: str, *, at: datetime) -> list[str]:
    """A place and those above it, nearest first."""
    if kind is store.AREAS_BELOW:
        return known.line_of(place, await areas_above(work, (place,)), at=at)
    found: dict[str, None] = {}
    following: str | None = place
    while following is not None and following not in found:
        found[following] = None
        substation = await work.load(store.SUBSTATION, following)
        following = substation.parent if substation else None
    return list(found)


async def comes_under(work: Work, group_id: str, points: Iterable[str], *, at: datetime) -> bool:
    """Members have joined or moved: what stands on them, on where they lie and on their BSP hits the group, too.

    Whether there is anything new.
    """
    group = there(await work.load(store.GROUP, group_id))
    own = {point: stay for point in points if (stay := group.stay(point, at=at))}
    lines = await _lines(work, own.values(), at=at)
    on = {restriction.of("bsp", group.bsp): None, restriction.of("group", group_id): None}
    on |= {restriction.of("metering-point", point): None for point in own}
    on |= {restriction.of(what, place): None for (what, _), line in lines.items() for place in line}
    found = await work.load_many(store.RESTRICTIONS_ON, on)
    ids = [each for one in found.values() if one for each in one.ids]
    is_new = False
    for restriction_id, loaded in (await work.load_many(store.RESTRICTION, ids)).items():
        state = there(loaded)
        places = [place for (what, place), line in lines.items() if what == state.what and state.key in line]
        stays = reach.under(state, own, places)
        areas = await areas_above(work, {stay.grid_area for stay in stays.values()})
        hit = reach.hit(state, stays, await work.load(store.GRID, group_id), areas, at=at)
        standing = await work.load(store.APPROVAL, group_id)
        limit = standing.restrictions.get(restriction_id) if standing else None
        if (former := Hit(limit.places, state.groups[group_id]) if limit else None) is not None:
            hit = reach.wider(former, hit)
        if hit != former:
            told = reach.restrict(
                state, hit, restriction_id=restriction_id, group_id=group_id, bsp=group.bsp, former=limit
            )
            await work.append(told)
            is_new = True
    return is_new


async def lies_below_others(work: Work, group_id: str, *, at: datetime) -> None:
    """What feeds its members' substations is new: limits on substations hit the group where it lies below them now."""
    group = there(await work.load(store.GROUP, group_id))
    own = group.points(at=at)
    lines = {
        place: line for (what, place), line in (await _lines(work, own.values(), at=at)).items() if what == "substation"
    }
    above = dict.fromkeys(each for line in lines.values() for each in line)
    standing = await work.load(store.APPROVAL, group_id)
    had = standing.restrictions if standing else {}
    gone = [id_ for id_, limit in had.items() if limit.scope == "substation" and limit.key not in above]
    found = await work.load_many(store.RESTRICTIONS_ON, [restriction.of("substation", each) for each in above])
    ids = [*gone, *(each for one in found.values() if one for each in one.ids)]
    areas = await areas_above(work, {stay.grid_area for stay in own.values()})
    for restriction_id, loaded in (await work.load_many(store.RESTRICTION, ids)).items():
        state, limit = there(loaded), had.get(restriction_id)
        said = {"restriction_id": restriction_id, "group_id": group_id, "bsp": group.bsp}
        if restriction_id in gone:
            await work.append(reach.release(there(standing), state, because="elsewhere", at=at, **said))
            continue
        places = [place for place, line in lines.items() if state.key in line]
        hit = reach.hit(state, reach.under(state, own, places), None, areas, at=at)
        if limit is None or hit != Hit(limit.places, state.groups[group_id]):
            await work.append(reach.restrict(state, hit, former=limit, **said))


async def _lines(work: Work, stays: Iterable[known.Membership], *, at: datetime) -> dict[tuple[What, str], list[str]]:
    """The substations and grid areas that members lie at, each with those above it."""
    found: dict[tuple[What, str], list[str]] = {}
    for stay in stays:
        if stay.substation and ("substation", stay.substation) not in found:
            line = await _line(work, store.SUBSTATIONS_BELOW, stay.substation, at=at)
            found["substation", stay.substation] = line
        if ("grid-area", stay.grid_area) not in found:
            found["grid-area", stay.grid_area] = await _line(work, store.AREAS_BELOW, stay.grid_area, at=at)
    return found
