"""Who is balance responsible for a supplier's points in a grid area, and what follows for the points."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bsp_switch import store
from bsp_switch.domain import derived, responsibility, supply, telling
from bsp_switch.domain.derived import Behind
from bsp_switch.domain.supply import Supply
from bsp_switch.handlers.following import settle
from bsp_switch.handlers.loading import Wanted
from bsp_switch.handlers.rounds import points_behind
from chassis.service import Answer, Due, Incoming, On
from chassis.work import Work
from contracts.bsp_switch import v1
from contracts.parties import Party


async def record_responsibility(work: Work, command: Incoming[v1.RecordBrpResponsibility]) -> Answer:
    """Put the fact in its place; the points it concerns follow, some at once, the others in a round."""
    data = command.data
    id_ = responsibility.key(data.supplier, command.subject)
    events, notices = responsibility.decide_record(
        await work.load(store.RESPONSIBILITY, id_),
        data,
        grid_area=command.subject,
        area=await work.load(store.GRID_AREA, command.subject),
        parties=await work.load_many(store.PARTY, (data.supplier, data.brp)),
    )
    await work.append(*events)
    if events:
        await _step(work, id_, after="", at=command.at)
    return Answer(reasons=notices)


def needs_responsibility(command: Incoming[v1.RecordBrpResponsibility]) -> Wanted:
    """What stands, the area, the parties, whether there are points, and how far a former round has come."""
    id_ = responsibility.key(command.data.supplier, command.subject)
    yield store.RESPONSIBILITY, (id_,)
    yield store.RESPONSIBILITY_ROUND, (id_,)
    yield store.DERIVED_POINTS, (id_,)
    yield store.GRID_AREA, (command.subject,)
    yield store.PARTY, (command.data.supplier, command.data.brp)


async def points_due(work: Work, due: Due) -> None:
    """Some more points are to have who is responsible for them now."""
    on = await work.load(store.RESPONSIBILITY_ROUND, due.id)
    await _step(work, due.id, after=on.after if on else "", at=due.at)


async def follow(work: Work, points: Iterable[str]) -> None:
    """Say what follows for who stands behind these points. Control follows the end user alone, and so does not."""
    for metering_point_id, point in (await work.load_many(store.POINT, points)).items():
        timeline = point.supplies if point else ()
        found = tuple(derived.follow(timeline, await behind(work, metering_point_id, timeline)))
        if not found:
            continue
        parties = await parties_of(work, found)
        for fact in found:
            await work.append(supply.recorded(fact, metering_point_id=metering_point_id, parties=parties))


async def behind(work: Work, metering_point_id: str, timeline: Iterable[Supply]) -> Behind:
    """What the BRPs of a point's timeline are derived from; nothing is loaded where all are stated."""
    facts = [each for each in timeline if each.derived]
    if not facts:
        return Behind()
    located = await work.load(store.METERING_POINT, metering_point_id)
    return Behind(located, await work.load_many(store.RESPONSIBILITY, derived.wanted(facts, located)))


async def parties_of(work: Work, facts: Iterable[Supply]) -> dict[str, Party | None]:
    """The parties that facts name."""
    return dict(await work.load_many(store.PARTY, dict.fromkeys(gln for fact in facts for gln in fact.glns())))


async def _step(work: Work, id_: str, *, after: str, at: datetime) -> None:
    points = await points_behind(work, store.DERIVED_POINTS, id_, after, most=responsibility.POINTS_A_STEP)
    if not (points or after):
        return
    state = await work.load_many(store.POINT, points)
    # Many at once: what `follow` then asks for one by one is there.
    located = await work.load_many(store.METERING_POINT, points)
    keys = (key for each, one in state.items() if one for key in derived.wanted(one.supplies, located[each]))
    await work.load_many(store.RESPONSIBILITY, dict.fromkeys(keys))
    await follow(work, points)
    # Who is responsible may be what a switch waits for (D15), and is told of one that is announced.
    await settle(work, (each for each, one in state.items() if telling.under_way(one, at=at)), at=at)
    await work.append(responsibility.decide_step(id_, points, at=at))


COMMANDS = {v1.RecordBrpResponsibility: On(record_responsibility, needs_responsibility)}
DEADLINES = {store.POINTS_OF_RESPONSIBILITY: points_due}
