"""What may be activated where, when what may be bid for some groups has changed (R29)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from chassis.work import Work
from prequal import store
from prequal.domain import location_readiness
from prequal.domain.location_readiness import Location, Slices
from prequal.handlers.loading import basis_of, there


async def locations_changed(work: Work, groups: Iterable[str], *, at: datetime) -> None:
    """Tell each location whose figure these groups change, once for all of them."""
    changed: dict[Location, dict[str, tuple[Slices, Slices]]] = {}
    for group_id in dict.fromkeys(groups):
        before = (await work.load(store.GROUP_LOCATIONS, group_id) or location_readiness.OfGroup()).own
        now = await _of_group(work, group_id, at=at)
        for location_id in sorted({*before, *now}):
            old, new = before.get(location_id), now.get(location_id)
            had, has = old.slices if old else (), new.slices if new else ()
            if (known := old or new) and not location_readiness.is_same(had, has, at=at):
                changed.setdefault(known.location, {})[group_id] = (had, has)
    states = await work.load_many(store.LOCATION, (location.id for location in changed))
    for location, of_groups in changed.items():
        await work.append(*location_readiness.decide(location, states[location.id], of_groups, at=at))


async def _of_group(work: Work, group_id: str, *, at: datetime) -> dict[str, location_readiness.Own]:
    standing = await work.load(store.APPROVAL, group_id)
    if standing is None or standing.admitted is None:
        return {}
    product = there(await work.load(store.APPLICATION, standing.admitted)).product
    basis = await basis_of(work, group_id, at=at)
    return location_readiness.of_group(basis.group, basis.grid, basis.within(product), standing.steps, at=at)
