"""What follows for members when their points become another thing, or lie elsewhere. Load, decide, append."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from chassis.service import Due
from chassis.work import Work
from contracts.registry import v1
from registry import store
from registry.domain import fit, membership
from registry.domain.metering_point import MeteringPoint
from registry.handlers.following import ends_changed, members_changed
from registry.handlers.loading import group_of


@dataclass(slots=True)
class Touched:
    """Groups whose members lie elsewhere or are out, with those who are out, and groups that will lose some."""

    changed: dict[str, None] = field(default_factory=dict[str, None])
    out: list[str] = field(default_factory=list[str])
    announced: dict[str, None] = field(default_factory=dict[str, None])


async def refit(work: Work, metering_points: Iterable[str], *, at: datetime) -> Touched:
    """Hold those of these points that take part against their groups, after what became of points or groups."""
    touched = Touched()
    points = await work.load_many(store.METERING_POINT, metering_points)
    for metering_point_id, point in points.items():
        if point is not None and point.membership is not None:
            await _refit(work, point.membership.group_id, metering_point_id, point, at, touched)
        elif point is not None and point.regulation_object is not None:
            await _relocate_object(work, point.regulation_object, point, at=at)
    return touched


async def follow(work: Work, metering_points: Iterable[str], *, at: datetime) -> None:
    """The same, and what follows for the groups' figures and warnings."""
    touched = await refit(work, metering_points, at=at)
    await members_changed(work, *touched.changed, points=touched.out, at=at)
    await ends_changed(work, *(each for each in touched.announced if each not in touched.changed), at=at)


async def _refit(
    work: Work, group_id: str, metering_point_id: str, point: MeteringPoint, at: datetime, touched: Touched
) -> None:
    group = await group_of(work, group_id)
    ends = fit.decide_ends(group, group_id=group_id, metering_point_id=metering_point_id, point=point)
    await work.append(*ends)
    if ends:
        touched.announced[group_id] = None
    if any(isinstance(end, v1.MembershipEndAnnounced) and end.valid_to <= at for end in ends):
        # Its moment is past: it is over now, and does not wait for a deadline that had come before it was known.
        over = membership.decide_end(await group_of(work, group_id), group_id=group_id, at=at)
        await work.append(*over)
        touched.changed[group_id] = None
        touched.out += [event.metering_point_id for event in over if isinstance(event, v1.MembershipEnded)]
    left = await work.load(store.METERING_POINT, metering_point_id)
    if left is not None and left.membership is not None:
        group = await group_of(work, group_id)
        relocated = fit.decide_relocations(
            group, group_id=group_id, metering_point_id=metering_point_id, point=left, at=at
        )
        await work.append(*relocated)
        if relocated:
            touched.changed[group_id] = None


async def _relocate_object(work: Work, object_id: str, point: MeteringPoint, *, at: datetime) -> None:
    """Tell where a point lies that takes part by itself."""
    state = await work.load(store.REGULATION_OBJECT, object_id)
    if state is not None and state.ended_at is None:
        await work.append(*fit.decide_object_relocations(state, object_id=object_id, point=point, at=at))


async def member_relocates(work: Work, due: Due) -> None:
    """The moment has come from which a member, or a point by itself, lies elsewhere."""
    await follow(work, (due.id,), at=due.at)


DEADLINES = {store.MEMBER_RELOCATES: member_relocates}
