"""What follows for members when their points become another thing, or lie elsewhere. Load, decide, append."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from chassis.service import Due
from chassis.work import Work
from contracts.registry import v1
from registry import store
from registry.domain import fit, membership
from registry.domain.group import Group
from registry.domain.metering_point import MeteringPoint


async def refit(work: Work, metering_points: Iterable[str], *, at: datetime) -> None:
    """Hold those of these points that are members against their groups, after what became of points or groups."""
    points = await work.load_many(store.METERING_POINT, metering_points)
    for metering_point_id, point in points.items():
        if point is not None and point.membership is not None:
            await _refit(work, point.membership.group_id, metering_point_id, point, at)


async def _refit(work: Work, group_id: str, metering_point_id: str, point: MeteringPoint, at: datetime) -> None:
    group = await _group(work, group_id)
    ends = fit.decide_ends(group, group_id=group_id, metering_point_id=metering_point_id, point=point)
    await work.append(*ends)
    if any(isinstance(end, v1.MembershipEndAnnounced) and end.valid_to <= at for end in ends):
        # Its moment is past: it is over now, and does not wait for a deadline that had come before it was known.
        await work.append(*membership.decide_end(await _group(work, group_id), group_id=group_id, at=at))
    left = await work.load(store.METERING_POINT, metering_point_id)
    if left is not None and left.membership is not None:
        group = await _group(work, group_id)
        await work.append(
            *fit.decide_relocations(group, group_id=group_id, metering_point_id=metering_point_id, point=left, at=at)
        )


async def member_relocates(work: Work, due: Due) -> None:
    """The moment has come from which a member lies elsewhere."""
    await refit(work, (due.id,), at=due.at)


async def _group(work: Work, group_id: str) -> Group:
    group = await work.load(store.GROUP, group_id)
    if group is None:
        message = f"the group {group_id} has members but was never formed"
        raise LookupError(message)
    return group


DEADLINES = {store.MEMBER_RELOCATES: member_relocates}
