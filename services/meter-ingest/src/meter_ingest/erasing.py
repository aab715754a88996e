"""Erasure of an end user's values: what the case shard does with the command, with facts about supply, and in time.

It says what is gone; `wiping` lets go of the bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from chassis.service import Answer, Due, Incoming
from chassis.work import Work
from contracts.bsp_switch.v1 import SupplyRecorded
from contracts.meter_ingest.v1 import EraseValues
from meter_ingest import store
from meter_ingest.domain import (
    blocks,
    capacity_evidence,
    days,
    documentation,
    erasing,
    erasing_rules,
    retention,
    supplied,
)
from meter_ingest.domain.erasing import Gone, Kept, Plan
from meter_ingest.domain.settlement import adjustment
from meter_ingest.domain.supplied import Supply
from meter_ingest.handlers import Needed, Values

_LOOKED_BACK: Final = timedelta(days=3 * 366)
"""How far back evidence is asked for at all: values of ordinary points are kept no longer."""


def erase_needs(incoming: Incoming[EraseValues]) -> Needed:
    """The end user's points; what is known of those is known when they are."""
    return ((store.BEHIND, (incoming.subject,)), (store.ERASURE, (incoming.subject,)))


def supply_needs(incoming: Incoming[SupplyRecorded]) -> Needed:
    """Whether the end user's values are to be erased."""
    return ((store.ERASURE, (incoming.data.end_user,)),)


@dataclass(frozen=True, slots=True)
class Erasing:
    """The handlers, which look at what there is to say how much is gone."""

    values: Values

    async def erase_values(self, work: Work, incoming: Incoming[EraseValues]) -> Answer:
        """An end user's values are to be erased: what can be is, the rest waits."""
        if await work.load(store.BEHIND, incoming.subject) is None:
            raise erasing_rules.ERASURE_END_USER_UNKNOWN.refused(path="/subject")
        found = await self._erase(work, incoming.subject, by=incoming.sender, at=incoming.at)
        return Answer(erasing.notices(found))

    async def erasure_due(self, work: Work, due: Due) -> None:
        """More of it may go."""
        state = await work.load(store.ERASURE, due.id)
        assert state is not None
        await self._erase(work, due.id, by=state.by, at=due.at)

    async def supply_recorded(self, work: Work, incoming: Incoming[SupplyRecorded]) -> None:
        """Somebody else stands behind a point, or not: of those whose values are to be erased, more may go."""
        block = blocks.block_of(incoming.data.metering_point_id)
        timeline = supplied.of_point({block: await work.load(store.SUPPLY, block)}, incoming.data.metering_point_id)
        found = await work.load_many(store.ERASURE, dict.fromkeys(one.end_user for one in timeline))
        for end_user, state in found.items():
            if state is not None:
                await self._erase(work, end_user, by=state.by, at=incoming.at)

    async def _erase(self, work: Work, end_user: str, *, by: str, at: datetime) -> Plan:
        behind = await work.load(store.BEHIND, end_user)
        points = behind.points if behind else ()
        named = list(blocks.by_block(points))
        supplies = await work.load_many(store.SUPPLY, named)
        timelines = {point: supplied.of_point(supplies, point) for point in points}
        found = erasing.plan(
            end_user,
            timelines,
            erased=await work.load_many(store.ERASED, named),
            marked=retention.marked(await work.load_many(store.RETENTION, named)),
            needed={
                point: needed
                for point, timeline in timelines.items()
                if (needed := await _needed(work, end_user, point, timeline, at=at)) is not None
            },
            at=at,
        )
        heard = await work.load(store.HEARD, "values")
        kept = {one: await self._kept(one, heard.positions if heard else {}) for one in found.gone}
        await work.append(
            *erasing.decide(
                await work.load(store.ERASURE, end_user),
                found,
                kept,
                end_user=end_user,
                by=by,
                known_points=await work.load_many(store.POINTS, named),
                at=at,
            )
        )
        return found

    async def _kept(self, one: Gone, as_of: dict[str, int]) -> Kept:
        return await self.values.kept(one.point, one.span.first, one.span.last, as_of=as_of)


async def _needed(
    work: Work, end_user: str, point: str, timeline: Sequence[Supply], *, at: datetime
) -> erasing.Needed | None:
    """What waits for what was metered while the end user stood behind a point: evidence, or another adjustment."""
    block = blocks.block_of(point)
    spells = [
        (start, end)
        for since, end in erasing.candidates(end_user, timeline, at=at)
        if (start := max(since, at - _LOOKED_BACK)) < end
    ]
    touched: dict[date, None] = {day.date: None for start, end in spells for day in days.days(start, end)}
    watched = await work.load_many(store.WATCHED, (blocks.key(local, block) for local in touched))
    named = dict.fromkeys(
        id_
        for one in watched.values()
        for id_, (first, last) in (one.windows.items() if one else ())
        if any(first < end and start < last for start, end in spells)
    )
    waiting = (await work.load_many(store.EVIDENCE_OF, named)).values()
    asked = await work.load_many(store.EVIDENCE, [id_ for one in waiting if one for id_ in one.asked])
    fetched = at - erasing.FETCHED
    open_ = [one for one in asked.values() if one is not None and documentation.is_open(one, fetched)]
    of = await work.load_many(store.ACTIVATION, dict.fromkeys(one.activation_id for one in open_))
    due = [one.due_at for one in open_ if (state := of[one.activation_id]) is not None and point in state.points]
    # What is watched for values is an activation, or documentation of capacity.
    shown = (await work.load_many(store.CAPACITY, named)).values()
    capacity = [one for one in shown if one and capacity_evidence.is_open(one, fetched)]
    due += [one.due_at for one in capacity if point in capacity_evidence.points(one)]
    if due:
        return erasing.Needed("evidence-asked", max(due) + erasing.FETCHED)
    states = await work.load_many(store.ACTIVATION, named)
    own = {day.date for one in states.values() if one and point in one.points for day in days.days(one.start, one.end)}
    of_days = await work.load_many(store.ADJUSTMENT, [local.isoformat() for local in sorted(own)])
    due = [until for one in of_days.values() if one and one.reopened_at and (until := adjustment.due_at(one))]
    return erasing.Needed("not-settled", max(due)) if due else None
