"""What follows from a change, whatever made it: whom DSOs are asked about, what may be bid, who may enter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from chassis.work import Work
from contracts.prequal import v1
from prequal import store
from prequal.domain import application, approval, assessment, known, zone
from prequal.domain.grid import EMPTY
from prequal.handlers.loading import areas_of, basis_of, policies_at, substations_above, there
from prequal.handlers.locations import locations_changed
from prequal.handlers.spreading import spread


async def ask_dsos(
    work: Work,
    group_id: str,
    *,
    because: v1.WhyAsked,
    at: datetime,
    points: Iterable[str] | None = None,
    have_moved: bool = False,
    other_places: frozenset[str] = frozenset(),
) -> bool:
    """Ask the DSOs concerned about what is new of a group's points (all, or these); release whom they concern no more.

    `have_moved`: these points have just been found to lie elsewhere; `other_places`: the substations that they lie
    below now and did not, or did and do not. Whether what the points are allowed may have changed.
    """
    standing = await work.load(store.APPROVAL, group_id)
    if standing is None or standing.case is None:
        return False
    group = there(await work.load(store.GROUP, group_id))
    before = await work.load(store.GRID, group_id) or EMPTY
    changed = list(group.points(at=at)) if points is None else list(points)
    own = {point: stay for point in changed if (stay := group.stay(point, at=at))}
    moved = dict.fromkeys(own, other_places) if other_places else None
    areas = await areas_of(work, own.values())
    events = assessment.decide_release(
        before, group, changed, areas, application_id=standing.case, group_id=group_id, at=at
    )
    await work.append(*events)
    asked = assessment.decide_ask(
        await work.load(store.GRID, group_id) or EMPTY,
        own,
        areas,
        asking=there(await work.load(store.APPLICATION, standing.case)),
        because=because,
        policies=await policies_at(work),
        at=at,
        moved=await _moved(work, own) if have_moved else moved,
    )
    await work.append(*asked)
    after = await work.load(store.GRID, group_id) or EMPTY
    return any(point in before.allowed or point in after.allowed for point in changed)


async def ask_more(work: Work, application_id: str, *, at: datetime) -> None:
    """Ask the DSOs that have answered on less than is applied for now."""
    asking = there(await work.load(store.APPLICATION, application_id))
    await work.append(
        *assessment.decide_ask_more(
            await work.load(store.GRID, asking.group_id) or EMPTY,
            there(await work.load(store.GROUP, asking.group_id)),
            asking=asking,
            policies=await policies_at(work),
            at=at,
        )
    )


async def release_more(work: Work, application_id: str, group_id: str) -> None:
    """An application is taken back: its DSOs are asked no more about what it was for."""
    state = await work.load(store.GRID, group_id) or EMPTY
    await work.append(*assessment.decide_release_more(state, application_id=application_id, group_id=group_id))


async def _moved(work: Work, stays: Mapping[str, known.Membership]) -> dict[str, frozenset[str]]:
    """The points that lie at another substation than before, with the substations above the one and the other."""
    found: dict[str, frozenset[str]] = {}
    for point, stay in stays.items():
        if stay.moved_from != stay.substation:
            lines = [await substations_above(work, place) for place in (stay.moved_from, stay.substation) if place]
            found[point] = frozenset(each for line in lines for each in line)
    return found


async def deliverable_changed(work: Work, *group_ids: str, at: datetime) -> None:
    """Tell what follows for groups that may be bid, or wait to be, and then for where their members lie."""
    for group_id in group_ids:
        await _deliverable_changed(work, group_id, at=at)
    await locations_changed(work, group_ids, at=at)


async def _deliverable_changed(work: Work, group_id: str, *, at: datetime) -> None:
    standing = await work.load(store.APPROVAL, group_id)
    if standing is None:
        return
    if standing.admitted is not None:
        admitted = there(await work.load(store.APPLICATION, standing.admitted))
        basis = await basis_of(work, group_id, at=at)
        await work.append(*approval.decide_biddable(standing, application=admitted, basis=basis))
    waiting = await work.load(store.APPLICATION, standing.under_way) if standing.under_way else None
    if waiting is None or waiting.status != "queued":
        return
    in_zone = there(await work.load(store.ZONE, waiting.zone))
    basis = await basis_of(work, group_id, at=at)
    events = approval.decide_while_queued(waiting, zone=in_zone, basis=basis)
    await work.append(*events)
    if any(isinstance(event, v1.ApplicationLapsed) for event in events):
        await serve(work, waiting.zone, at=at)


async def qualification_changed(work: Work, bsp: str, *, at: datetime, after: str = "") -> None:
    """A BSP is qualified for something, or no more: tell what may be bid for each group that is or will be its own."""
    found = await work.load_many(store.GROUPS_WITH, (f"bsp|{bsp}", f"successor|{bsp}"))
    groups = dict.fromkeys(each for one in found.values() if one for each in one.ids)

    async def tell(told: Sequence[str]) -> None:
        await deliverable_changed(work, *told, at=at)

    await spread(work, f"bsp/{bsp}", "readiness", groups, tell, at=at, after=after)


async def serve(work: Work, zone_id: str, *, at: datetime, newcomer: application.Application | None = None) -> None:
    """Let in who fits, in order of turn, until one does not (D6); tell the others their place where it is new.

    Who can deliver too little when its turn comes leaves the queue instead.
    """
    entered: list[str] = []
    state = there(await work.load(store.ZONE, zone_id))
    while (one := zone.first_to_enter(state, newcomer)) is not None:
        entering = there(await work.load(store.APPLICATION, one.application_id))
        fallen = approval.decide_fall(entering, basis=await basis_of(work, one.group_id, at=at))
        await work.append(*fallen)
        if not fallen:
            await enter(work, one.application_id, one.group_id, zone_id=zone_id, at=at)
            entered.append(one.group_id)
        if newcomer and one.application_id == newcomer.application_id:
            newcomer = None
        state = there(await work.load(store.ZONE, zone_id))
    await locations_changed(work, entered, at=at)
    for place, one in zone.new_places(state, newcomer):
        await work.append(
            *approval.decide_queued(
                there(await work.load(store.APPLICATION, one.application_id)),
                place=place,
                waiting=one,
                zone=there(await work.load(store.ZONE, zone_id)),
                basis=await basis_of(work, one.group_id, at=at),
            )
        )


async def enter(work: Work, application_id: str, group_id: str, *, zone_id: str | None, at: datetime) -> None:
    """Let an approved application in; a single point enters no zone."""
    standing = there(await work.load(store.APPROVAL, group_id))
    await work.append(
        *approval.decide_entry(
            standing,
            application=there(await work.load(store.APPLICATION, application_id)),
            former=await work.load(store.APPLICATION, standing.admitted) if standing.admitted else None,
            zone=there(await work.load(store.ZONE, zone_id)) if zone_id else None,
            basis=await basis_of(work, group_id, at=at),
        )
    )


async def end_approval(
    work: Work,
    group_id: str,
    *,
    because: v1.WhyApprovalEnds,
    at: datetime,
    by: str | None = None,
    reasons: str = "",
) -> None:
    """An approval ends: its volume becomes free, and who waits is served."""
    state = there(await work.load(store.APPROVAL, group_id))
    approved = there(await work.load(store.APPLICATION, state.admitted or ""))
    basis = await basis_of(work, group_id, at=at)
    await work.append(
        *approval.decide_end(state, application=approved, basis=basis, because=because, by=by, reasons=reasons)
    )
    await locations_changed(work, (group_id,), at=at)
    if approved.kind == "flexibility-group":
        await serve(work, approved.zone, at=at)
