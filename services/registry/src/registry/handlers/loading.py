"""What several handlers load."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from chassis.work import Work
from registry import store
from registry.domain import terms
from registry.domain.group import Group
from registry.domain.intake import Candidate
from registry.handlers import policies


async def group_of(work: Work, group_id: str) -> Group:
    """A group that has members."""
    group = await work.load(store.GROUP, group_id)
    if group is None:
        message = f"the group {group_id} has members but was never formed"
        raise LookupError(message)
    return group


async def terms_at(work: Work, at: datetime) -> terms.Terms:
    """The policy values in force."""
    return terms.at(await policies.in_force(work), at)


async def candidates(work: Work, ids: Sequence[str]) -> list[Candidate]:
    """Points that are to join, with all that is known of them."""
    points = await work.load_many(store.METERING_POINT, ids)
    holders = await work.load_many(store.HOLDER, ids)
    supplies = await work.load_many(store.SUPPLY, ids)
    # What they are in: a membership or an object whose end has come must have been ended before this is decided.
    there = [point for point in points.values() if point is not None]
    await work.load_many(store.GROUP, [point.membership.group_id for point in there if point.membership])
    await work.load_many(store.GROUP, [point.joining.group_id for point in there if point.joining])
    await work.load_many(
        store.REGULATION_OBJECT, [point.regulation_object for point in there if point.regulation_object]
    )
    return [Candidate(each, points[each], holders[each], supplies[each]) for each in ids]


async def is_taken(work: Work, new_id: str) -> bool:
    """Whether a group or a regulation object has this id already: both are regulation objects (R8)."""
    group = await work.load(store.GROUP, new_id)
    return group is not None or await work.load(store.REGULATION_OBJECT, new_id) is not None


async def points_of(work: Work, ids: Iterable[str]) -> None:
    """Load points at once that events are about to change one by one."""
    await work.load_many(store.METERING_POINT, ids)
