"""What nearly every decision loads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from chassis.service import Kind
from chassis.work import Work
from contracts import policies
from contracts.policies import Policies
from prequal import store
from prequal.domain import involved, known, limits, restriction
from prequal.domain.approval import Basis
from prequal.domain.grid import EMPTY, Grid
from prequal.domain.limits import Limit
from prequal.domain.places import Places

State = TypeVar("State")
Needs = Iterable[tuple[Kind[Any], Iterable[str]]]

POLICIES_NEEDED = ((store.POLICIES, (policies.ID,)), (store.CHANGED_POLICIES, (policies.ID,)))
"""What `policies_at` loads."""


TAKERS: tuple[Kind[Any], ...] = (
    store.APPLICATION,
    store.QUALIFICATION,
    store.GROUP,
    store.DOCUMENT,
    store.COMMENT,
    store.RESTRICTION,
)
"""What has an id that a participant chose."""


async def is_taken(work: Work, id: str) -> bool:  # noqa: A002 - the field's word
    """Whether something already has this id."""
    return any([await work.load(kind, id) is not None for kind in TAKERS])


async def policies_at(work: Work) -> Policies:
    """The policies, as they are known now: what the register opened with, and what was changed since."""
    return policies.known(
        await work.load(store.POLICIES, policies.ID), await work.load(store.CHANGED_POLICIES, policies.ID)
    )


async def basis_of(work: Work, group_id: str, *, at: datetime) -> Basis:
    """What is known of a group now, as far as what may be bid for it depends on it."""
    grid = await work.load(store.GRID, group_id) or EMPTY
    group = there(await work.load(store.GROUP, group_id))
    standing = await work.load(store.APPROVAL, group_id)
    named = (standing.admitted, standing.under_way) if standing else ()
    applied = [await work.load(store.APPLICATION, each) for each in named if each is not None]
    return Basis(
        group=group,
        grid=grid,
        limits=(
            *limits.standing(grid, await _lines_of_limits(work, group, grid)),
            *(limit for _, limit in sorted(standing.restrictions.items() if standing else ())),
            *await _unqualified(work, group, dict.fromkeys(one.product for one in applied if one), at=at),
        ),
        policies=await policies_at(work),
        at=at,
    )


async def _unqualified(work: Work, group: known.Group, products: Iterable[str], *, at: datetime) -> tuple[Limit, ...]:
    """When nothing may be bid of each product: its BSP is not qualified; from a takeover on, its successor is not."""
    bsp, next_ = await work.load(store.BSP, group.bsp), group.succession
    if next_ is None:
        return restriction.unqualified(bsp, gln=group.bsp, products=products, at=at)
    successor, start = await work.load(store.BSP, next_.successor), next_.start
    return (
        *restriction.unqualified(bsp, gln=group.bsp, products=products, at=at, until=start),
        *restriction.unqualified(successor, gln=next_.successor, products=products, at=max(at, start), since=start),
    )


async def foresee(work: Work, groups: Sequence[str]) -> None:
    """Fetch what `basis_of` and what follows from it look at, of many groups in a few queries."""
    kinds = (store.GROUP, store.GRID, store.APPROVAL, store.GROUP_LOCATIONS)
    await work.prefetch([(kind, groups) for kind in kinds])
    standing = await work.load_many(store.APPROVAL, groups)
    named = [each for one in standing.values() if one for each in (one.admitted, one.under_way) if each is not None]
    await work.prefetch([(store.APPLICATION, named)])


async def places_of(work: Work, group_id: str, *, at: datetime) -> Places:
    """The substations of a group's members and those above them, and whose they are."""
    grid = await work.load(store.GRID, group_id) or EMPTY
    group = there(await work.load(store.GROUP, group_id))
    own = {dso: _stations(group, part.points) for dso, part in grid.parts.items()}
    lines = {place: await substations_above(work, place) for place in sorted(frozenset().union(*own.values()))}
    stations = await work.load_many(store.SUBSTATION, sorted({each for line in lines.values() for each in line}))
    in_areas = {id_: station.grid_area for id_, station in stations.items() if station}
    areas = await work.load_many(store.GRID_AREA, sorted(set(in_areas.values())))
    versions = {area_id: area.at(at) if area else None for area_id, area in areas.items()}
    owners = {id_: version.dso for id_, area_id in in_areas.items() if (version := versions[area_id])}
    return Places(lines, owners, own)


async def _lines_of_limits(work: Work, group: known.Group, grid: Grid) -> dict[str, list[str]]:
    """The substations of a group's members with those above them, where a DSO's answer limits one."""
    if not any(one.substation for part in grid.parts.values() for one in part.limits):
        return {}
    return {place: await substations_above(work, place) for place in sorted(_stations(group, group.members))}


def _stations(group: known.Group, points: Iterable[str]) -> frozenset[str]:
    """Where some points of a group lie, as far as it is known."""
    stays = (stay for point in points for stay in group.members.get(point, ()))
    return frozenset(stay.substation for stay in stays if stay.substation)


async def substations_above(work: Work, place: str) -> list[str]:
    """A substation and those above it, nearest first."""
    found: dict[str, None] = {}
    following: str | None = place
    while following is not None and following not in found:
        found[following] = None
        substation = await work.load(store.SUBSTATION, following)
        following = substation.parent if substation else None
    return list(found)


async def dsos_of(work: Work, group_id: str) -> tuple[str, ...]:
    """The DSOs that a group concerns."""
    return (await work.load(store.GRID, group_id) or EMPTY).dsos


async def areas_of(work: Work, stays: Iterable[known.Membership]) -> dict[str, known.GridArea]:
    """The grid areas of some members and all areas above them."""
    return await areas_above(work, {stay.grid_area for stay in stays})


async def areas_above(work: Work, areas: Iterable[str]) -> dict[str, known.GridArea]:
    """Some grid areas and all areas above them."""
    found: dict[str, known.GridArea] = {}
    wanted = set(areas)
    while wanted:
        loaded = await work.load_many(store.GRID_AREA, sorted(wanted))
        found |= {area_id: area for area_id, area in loaded.items() if area}
        wanted = {parent for area in loaded.values() if area for parent in area.parents} - found.keys()
    return found


def there(state: State | None) -> State:
    """What must be there, because what was loaded before names it."""
    if state is None:
        msg = "a document that another one names is missing"
        raise LookupError(msg)
    return state


def needs_id(id: str) -> Needs:  # noqa: A002 - the field's word
    """Whatever may have an id that is to be given."""
    for kind in TAKERS:
        yield kind, (id,)


async def involved_in(work: Work, on: str) -> involved.Involved | None:
    """Who is involved in what has this id, if anything has it."""
    application = await work.load(store.APPLICATION, on)
    grid = await work.load(store.GRID, application.group_id) if application else None
    return involved.involved(
        on,
        application=application,
        grid=grid or EMPTY,
        qualification=await work.load(store.QUALIFICATION, on),
    )
