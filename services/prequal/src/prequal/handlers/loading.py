"""What nearly every decision loads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

from chassis.service import Kind
from chassis.work import Work
from contracts import policies
from contracts.policies import Policies
from prequal import store
from prequal.domain import involved, known, limits, restriction
from prequal.domain.approval import Basis
from prequal.domain.grid import EMPTY

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
    bsp = await work.load(store.BSP, group.bsp)
    named = (standing.admitted, standing.under_way) if standing else ()
    applied = [await work.load(store.APPLICATION, each) for each in named if each is not None]
    return Basis(
        group=group,
        grid=grid,
        limits=(
            *limits.standing(grid),
            *(limit for _, limit in sorted(standing.restrictions.items() if standing else ())),
            *restriction.unqualified(
                bsp, gln=group.bsp, products=dict.fromkeys(one.product for one in applied if one), at=at
            ),
        ),
        policies=await policies_at(work),
        at=at,
    )


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
