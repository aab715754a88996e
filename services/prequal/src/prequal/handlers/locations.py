"""What may be activated where, when what may be bid for some groups has changed (R29)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from chassis.work import Work
from prequal import store
from prequal.domain import known, location_readiness
from prequal.domain.approval import GroupApproval
from prequal.domain.location_readiness import Ground, Location, Slices
from prequal.handlers.loading import areas_above, basis_of, there


async def locations_changed(work: Work, groups: Iterable[str], *, at: datetime) -> None:
    """Tell each location whose figure these groups change, once for all of them."""
    changed: dict[Location, dict[str, tuple[Slices, Slices]]] = {}
    ids = list(dict.fromkeys(groups))
    had_before = await work.load_many(store.GROUP_LOCATIONS, ids)
    approved = await _approved(work, ids)
    ground = await _ground(work, await work.load_many(store.GROUP, approved))
    for group_id in ids:
        before = (had_before[group_id] or location_readiness.OfGroup()).own
        now = await _of_group(work, group_id, approved[group_id], ground, at=at) if group_id in approved else {}
        for location_id in sorted({*before, *now}):
            old, new = before.get(location_id), now.get(location_id)
            had, has = old.slices if old else (), new.slices if new else ()
            if (either := old or new) and not location_readiness.is_same(had, has, at=at):
                changed.setdefault(either.location, {})[group_id] = (had, has)
    states = await work.load_many(store.LOCATION, (location.id for location in changed))
    for location, of_groups in changed.items():
        await work.append(*location_readiness.decide(location, states[location.id], of_groups, at=at))


async def _approved(work: Work, groups: Iterable[str]) -> dict[str, GroupApproval]:
    found = await work.load_many(store.APPROVAL, groups)
    return {id_: standing for id_, standing in found.items() if standing is not None and standing.admitted is not None}


async def _of_group(
    work: Work, group_id: str, standing: GroupApproval, ground: Ground, *, at: datetime
) -> dict[str, location_readiness.Own]:
    product = there(await work.load(store.APPLICATION, there(standing.admitted))).product
    basis = await basis_of(work, group_id, at=at)
    return location_readiness.of_group(basis.group, basis.grid, basis.within(product), standing.steps, ground, at=at)


async def _ground(work: Work, groups: Mapping[str, known.Group | None]) -> Ground:
    """Where the members of some groups lie, and what lies above."""
    stays = [stay for group in groups.values() for stays in there(group).members.values() for stay in stays]
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
