"""What a temporary limit on a substation or grid area leaves each group and single point there (R38, ADR 0021).

Such a limit protects a part of the grid, so it holds for all that lies there together. When it is set or changed it is
shared in proportion to what could be activated of each there without it; a share stays what it is until the limit is
changed, so whatever happens meanwhile, the shares make up no more than the limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from contracts.prequal import v1
from prequal.domain import known, location_readiness
from prequal.domain.application import Application
from prequal.domain.approval import Basis
from prequal.domain.limits import Members
from prequal.domain.location_readiness import Slice
from prequal.domain.power import NONE, Power
from prequal.domain.restriction import Restriction

MOST_SHARES: Final = 1000
"""So many one event names."""


def is_needed(state: Restriction) -> bool:
    """Whether there is something to share: of nothing, everyone has nothing."""
    return state.is_shared and bool(state.limit.up_w or state.limit.down_w)


def members_under(state: Restriction, group: known.Group, places: frozenset[str]) -> Members:
    """The stays of a group's members that lie under it; `places`: it and all below it."""
    of_substation = state.limit.scope == "substation"
    found = {
        point: [stay for stay in stays if (stay.substation if of_substation else stay.grid_area) in places]
        for point, stays in group.members.items()
    }
    return {point: stays for point, stays in found.items() if stays}


def could(basis: Basis, application: Application, under: Members, *, begins: datetime, ends: datetime) -> Power:
    """The most that could be activated of these members at any moment of a time, by all else that is known.

    `basis`: without the limit in question. Never more than may be bid for the group, so nothing while it may not be.
    """
    product = application.product
    biddable = [
        Slice(stage.moment, basis.step(stage, stage.moment, application.approved).biddable)
        for stage in basis.stages(product)
    ]
    there = [Slice(stage.moment, stage.power) for stage in basis.within(product).stages(under)]
    slices = location_readiness.at_most(there, biddable)
    at_first = next((one.power for one in reversed(slices) if one.valid_from <= begins), NONE)
    powers = [at_first, *(power for moment, power in slices if begins < moment < ends)]
    return Power(max(power.up_w for power in powers), max(power.down_w for power in powers))


def without(basis: Basis, limit_id: str) -> Basis:
    """The same without one limit."""
    return replace(basis, limits=tuple(limit for limit in basis.limits if limit.limit_id != limit_id))


def decide(state: Restriction, could_be: Mapping[str, Power], *, limit_id: str) -> list[v1.TemporaryLimitShared]:
    """Everyone's share, by what could be activated of each there: in whole watts, all of it, the largest rest first."""
    up_w = shared(state.limit.up_w, {group: power.up_w for group, power in could_be.items()})
    down_w = shared(state.limit.down_w, {group: power.down_w for group, power in could_be.items()})
    shares = [
        v1.GroupShare(
            group_id=group,
            up_w=None if up_w is None else up_w.get(group, 0),
            down_w=None if down_w is None else down_w.get(group, 0),
            could_up_w=power.up_w,
            could_down_w=power.down_w,
        )
        for group, power in sorted(could_be.items())
        if power != NONE
    ]
    return [
        v1.TemporaryLimitShared(
            limit_id=limit_id,
            by=state.limit.by,
            dsos=state.told,
            scope=state.limit.scope,
            key=state.key,
            up_w=state.limit.up_w,
            down_w=state.limit.down_w,
            shares=tuple(shares[n : n + MOST_SHARES]),
        )
        for n in range(0, max(1, len(shares)), MOST_SHARES)
    ]


def shared(limit_w: int | None, could_w: Mapping[str, int]) -> dict[str, int] | None:
    """By whom: its share of a limit; those that could do nothing have none. None where there is no limit."""
    total = sum(could_w.values())
    if limit_w is None:
        return None
    if not total:
        return {}
    shares = {group: limit_w * each // total for group, each in could_w.items() if each}
    rests = sorted(shares, key=lambda group: (-(limit_w * could_w[group] % total), group))
    for group in rests[: limit_w - sum(shares.values())]:
        shares[group] += 1
    return shares
