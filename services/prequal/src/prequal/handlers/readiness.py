"""What may be bid, and what follows when a group changes."""

from __future__ import annotations

from typing import get_args

from chassis.service import Due, Incoming, On
from chassis.work import Work
from contracts.message import Event
from contracts.prequal import v1
from contracts.registry import v1 as registry
from prequal import store
from prequal.domain import known, restriction
from prequal.handlers.following import ask_dsos, deliverable_changed, end_approval
from prequal.handlers.loading import POLICIES_NEEDED, Needs
from prequal.handlers.reach import comes_under

MembershipEvent = (
    registry.MemberJoined
    | registry.MemberPowerChanged
    | registry.MemberRelocated
    | registry.MembershipEndAnnounced
    | registry.MembershipEndCancelled
    | registry.MembershipEnded
)
_WHY: dict[type[Event], v1.WhyAsked] = {
    registry.MemberPowerChanged: "grown",
    registry.MemberRelocated: "relocated",
}


def needs_member(incoming: Incoming[MembershipEvent]) -> Needs:
    """The group, what stands for it, and what may stand on the member."""
    event = incoming.data
    for kind in (store.GROUP, store.APPROVAL, store.GRID, store.GROUP_LOCATIONS):
        yield kind, (event.group_id,)
    yield store.BSP, (event.bsp,)
    if isinstance(event, registry.MemberJoined | registry.MemberRelocated):
        yield from _on_what_lies(event)
    yield from POLICIES_NEEDED


def _on_what_lies(event: known.Lying) -> Needs:
    """What may stand on a point, where it lies and what it is of."""
    of: list[tuple[restriction.What, str]] = [
        ("bsp", event.bsp),
        ("group", known.group_of(event)),
        ("metering-point", event.metering_point_id),
        ("grid-area", event.grid_area),
        *((("substation", event.substation),) if event.substation else ()),
    ]
    yield store.RESTRICTIONS_ON, (restriction.of(what, key) for what, key in of)
    yield store.GRID_AREA, (event.grid_area,)
    yield store.SUBSTATION, (event.substation,) if event.substation else ()


async def membership_changed(work: Work, incoming: Incoming[MembershipEvent]) -> None:
    """A member joined, counts otherwise, lies elsewhere, leaves at a midnight to come, or has left."""
    event = incoming.data
    because = _WHY.get(type(event), "joined")
    points = (event.metering_point_id,)
    is_elsewhere = isinstance(event, registry.MemberJoined | registry.MemberRelocated)
    is_hit = is_elsewhere and await comes_under(work, event.group_id, points, at=incoming.at)
    have_moved = isinstance(event, registry.MemberRelocated)
    is_asked = await ask_dsos(
        work, event.group_id, because=because, at=incoming.at, points=points, have_moved=have_moved
    )
    if is_asked or is_hit:
        await deliverable_changed(work, event.group_id, at=incoming.at)


def needs_passed(
    incoming: Incoming[registry.GroupPassed | registry.GroupSuccessionAnnounced | registry.GroupSuccessionCancelled],
) -> Needs:
    """The group, what stands for it, and who is to be its BSP."""
    for kind in (store.GROUP, store.APPROVAL, store.GRID):
        yield kind, (incoming.data.group_id,)
    yield store.BSP, (incoming.data.successor,)
    yield store.RESTRICTIONS_ON, (restriction.of("bsp", incoming.data.successor),)
    yield from POLICIES_NEEDED


async def group_passed(work: Work, incoming: Incoming[registry.GroupPassed]) -> None:
    """A group is another BSP's: so is what was applied for and approved; its BSP must be qualified for it."""
    event = incoming.data
    standing = await work.load(store.APPROVAL, event.group_id)
    for each in dict.fromkeys((standing.admitted, standing.under_way) if standing else ()):
        if each is not None:
            passed = v1.ApplicationPassed(
                application_id=each, group_id=event.group_id, bsp=event.bsp, successor=event.successor
            )
            await work.append(passed)
    group = await work.load(store.GROUP, event.group_id)
    if group is not None:
        await comes_under(work, event.group_id, group.points(at=incoming.at), at=incoming.at)
        await deliverable_changed(work, event.group_id, at=incoming.at)


async def succession_changed(
    work: Work, incoming: Incoming[registry.GroupSuccessionAnnounced | registry.GroupSuccessionCancelled]
) -> None:
    """Its BSP is to be taken over, or not any more: what may be bid from then on follows the successor."""
    if await work.load(store.GROUP, incoming.data.group_id) is not None:
        await deliverable_changed(work, incoming.data.group_id, at=incoming.at)


async def grace_is_over(work: Work, due: Due) -> None:
    """A group has been below the minimum for the grace period: its volume becomes free, and who waits is served."""
    await end_approval(work, due.id, because="below-minimum", at=due.at)


async def unqualified_for_too_long(work: Work, due: Due) -> None:
    """A BSP has not been qualified for so long that what its group is approved for becomes free."""
    await end_approval(work, due.id, because="not-qualified", at=due.at)


ObjectEvent = (
    registry.RegulationObjectFormed
    | registry.RegulationObjectRelocated
    | registry.RegulationObjectPowerChanged
    | registry.RegulationObjectEndAnnounced
    | registry.RegulationObjectEndCancelled
)


def needs_object(incoming: Incoming[ObjectEvent]) -> Needs:
    """The single point, and what stands for it."""
    yield store.GROUP, (incoming.data.object_id,)
    yield store.APPROVAL, (incoming.data.object_id,)
    yield store.GRID, (incoming.data.object_id,)
    if isinstance(incoming.data, registry.RegulationObjectFormed | registry.RegulationObjectRelocated):
        yield from _on_what_lies(incoming.data)
    yield from POLICIES_NEEDED


async def object_changed(work: Work, incoming: Incoming[ObjectEvent]) -> None:
    """A single point is formed, counts otherwise, lies elsewhere, or is to end at a midnight, or not any more."""
    event = incoming.data
    object_id, points = event.object_id, (event.metering_point_id,)
    is_elsewhere = isinstance(event, registry.RegulationObjectFormed | registry.RegulationObjectRelocated)
    is_hit = is_elsewhere and await comes_under(work, object_id, points, at=incoming.at)
    have_moved = isinstance(event, registry.RegulationObjectRelocated)
    because = "relocated" if have_moved else "grown"
    is_asked = await ask_dsos(work, object_id, because=because, at=incoming.at, points=points, have_moved=have_moved)
    if is_asked or is_hit:
        await deliverable_changed(work, object_id, at=incoming.at)


REACTIONS: dict[type[Event], On] = {
    registry.GroupPassed: On(group_passed, needs_passed),
    registry.GroupSuccessionAnnounced: On(succession_changed, needs_passed),
    registry.GroupSuccessionCancelled: On(succession_changed, needs_passed),
    **dict.fromkeys(get_args(MembershipEvent), On(membership_changed, needs_member)),
    **dict.fromkeys(get_args(ObjectEvent), On(object_changed, needs_object)),
}
DEADLINES = {store.APPROVAL_END: grace_is_over, store.UNQUALIFIED_END: unqualified_for_too_long}
