"""What a temporary limit or a suspension is for one group: where it hits, who is told, and when it is over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from contracts.prequal import v1
from prequal.domain import known
from prequal.domain.approval import GroupApproval
from prequal.domain.grid import Grid
from prequal.domain.limits import Limit
from prequal.domain.readiness import unavailable_days
from prequal.domain.restriction import Restriction, tighter


class Hit(NamedTuple):
    """Where a restriction hits a group."""

    places: tuple[str, ...]
    """Of a substation or grid area: where, of all below it, the group has members."""
    dsos: tuple[str, ...]
    """In whose grid."""


def under(
    state: Restriction, stays: Mapping[str, known.Membership], places: Iterable[str]
) -> dict[str, known.Membership]:
    """Those of a group's members that lie under it; `places`: of a substation or grid area, it and all below it."""
    covered = frozenset(places)
    match state.limit.scope:
        case "substation":
            return {point: stay for point, stay in stays.items() if stay.substation in covered}
        case "grid-area":
            return {point: stay for point, stay in stays.items() if stay.grid_area in covered}
        case "metering-point":
            return {point: stay for point, stay in stays.items() if point == state.key}
        case _:
            return dict(stays)


def hit(
    state: Restriction,
    stays: Mapping[str, known.Membership],
    grid: Grid | None,
    areas: Mapping[str, known.GridArea],
    *,
    at: datetime,
) -> Hit:
    """Where it hits a group by these members."""
    scope = state.limit.scope
    if scope == "part":
        return Hit((), (state.limit.by,))
    if scope == "group":
        return Hit((), grid.dsos if grid else ())
    places = {stay.substation if scope == "substation" else stay.grid_area for stay in stays.values()}
    # One member of each area says whose grid it is.
    dsos = known.concerned({stay.grid_area: stay for stay in stays.values()}, areas, at=at)
    return Hit(() if scope == "metering-point" else tuple(sorted(place for place in places if place)), tuple(dsos))


def wider(former: Hit, more: Hit) -> Hit:
    """Both."""
    return Hit(tuple(sorted({*former.places, *more.places})), tuple(sorted({*former.dsos, *more.dsos})))


def restrict(
    state: Restriction, where: Hit, *, restriction_id: str, group_id: str, bsp: str, former: Limit | None = None
) -> v1.GroupRestricted:
    """A group is told what hits it. With `former`, what hit it before, it is left no more than that."""
    limit = state.limit
    up_w, down_w = state.of_group(group_id)
    if former is not None:
        up_w, down_w = tighter((up_w, down_w), (former.up_w, former.down_w))
    return v1.GroupRestricted(
        group_id=group_id,
        bsp=bsp,
        dsos=where.dsos,
        restriction_id=restriction_id,
        kind=state.kind,
        scope=limit.scope,
        key=limit.key,
        places=where.places,
        product=limit.product,
        by=limit.by,
        reason_code=limit.reason_code,
        text=state.text,
        up_w=up_w,
        down_w=down_w,
        whole_up_w=limit.up_w if state.is_shared else None,
        whole_down_w=limit.down_w if state.is_shared else None,
        valid_from=state.valid_from,
        valid_to=limit.valid_to,
    )


def release(
    standing: GroupApproval,
    state: Restriction,
    *,
    restriction_id: str,
    group_id: str,
    bsp: str,
    because: Literal["lifted", "ended", "elsewhere"],
    at: datetime,
) -> v1.GroupRestrictionEnded:
    """A group is told that it is hit no more."""
    return v1.GroupRestrictionEnded(
        group_id=group_id,
        bsp=bsp,
        dsos=state.groups[group_id],
        restriction_id=restriction_id,
        kind=state.kind,
        because=because,
        unavailable_days=unavailable_days(standing.steps, at),
    )
