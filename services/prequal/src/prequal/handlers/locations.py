"""What may be activated where, when what may be bid for some groups has changed (R29)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from chassis.work import Work
from prequal import store
from prequal.domain import known, location_readiness
from prequal.domain.location_readiness import Ground, Location, Slices
from prequal.handlers.loading import areas_above, basis_of, there


async def locations_changed(work: Work, groups: Iterable[str], *, at: datetime) -> None:
    """Tell each location whose figure these groups change, once for all of them."""
    changed: dict[Location, dict[str, tuple[Slices, Slices]]] = {}
    for group_id in dict.fromkeys(groups):
        before = (await work.load(store.GROUP_LOCATIONS, group_id) or location_readiness.OfGroup()).own
        now = await _of_group(work, group_id, at=at)
        for location_id in sorted({*before, *now}):
            old, new = before.get(location_id), now.get(location_id)
            had, has = old.slices if old else (), new.slices if new else ()
            if (either := old or new) and not location_readiness.is_same(had, has, at=at):
                changed.setdefault(either.location, {})[group_id] = (had, has)
    states = await work.load_many(store.LOCATION, (location.id for location in changed))
    for location, of_groups in changed.items():
        await work.append(*location_readiness.decide(location, states[location.id], of_groups, at=at))


async def _of_group(work: Work, group_id: str, *, at: datetime) -> dict[str, location_readiness.Own]:
    standing = await work.load(store.APPROVAL, group_id)
    if standing is None or standing.admitted is None:
        return {}
    product = there(await work.load(store.APPLICATION, standing.admitted)).product
    basis = await basis_of(work, group_id, at=at)
    ground = await _ground(work, basis.group)
    return location_readiness.of_group(basis.group, basis.grid, basis.within(product), standing.steps, ground, at=at)


async def _ground(work: Work, group: known.Group) -> Ground:
    """Where the members of a group lie, and what lies above."""
    stays = [stay for stays in group.members.values() for stay in stays]
    stations: dict[str, list[str]] = {}
    stand_in: dict[str, str] = {}
    for name in sorted({stay.substation for stay in stays if stay.substation}):
        line: list[str] = []
        following: str | None = name
        while following and following not in line and (station := await work.load(store.SUBSTATION, following)):
            line.append(following)
            stand_in[following] = station.grid_area
            following = station.parent
        if line:
            stations[name] = line
    areas = await areas_above(work, {stay.grid_area for stay in stays} | set(stand_in.values()))
    return Ground(stations, stand_in, areas)
