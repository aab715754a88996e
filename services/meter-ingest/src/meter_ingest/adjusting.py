"""Imbalance adjustment: when a day's versions are run, and from what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from chassis.service import Due, Incoming
from chassis.work import Work
from contracts.bsp_switch.v1 import SupplyRecorded
from meter_ingest import sealing, store
from meter_ingest.domain import blocks, called, channel, days, known, supplied
from meter_ingest.domain.activation import Activation
from meter_ingest.domain.settlement import adjustment
from meter_ingest.domain.settlement.adjustment import Behind, Delivered, Row
from meter_ingest.domain.settlement.deviation import AsOf
from meter_ingest.handlers import Needed

_MOST_BACK = timedelta(days=3 * 365)
"""How far back a day is run again: values are kept no longer."""


class Allocated(Protocol):
    """What each point of an activation delivered, by its current verification; None where there is none."""

    async def __call__(self, work: Work, activation_id: str, as_of: Mapping[str, int]) -> Delivered | None:
        """Read the values, up to these positions."""
        ...


@dataclass(frozen=True, slots=True)
class Adjusting:
    """A day's deadlines, and its rows for who asks."""

    allocated: Allocated

    async def adjustment_due(self, work: Work, due: Due) -> None:
        """D+1, D+5 or D+13 of a day that activations touched; or later, when something of it was said after that."""
        state = await work.load(store.ADJUSTMENT, due.id)
        assert state is not None
        heard = await work.load(store.HEARD, "values")
        as_of = AsOf(due.at, heard.positions if heard else {})
        known_as = await work.load_many(store.ACTIVATION, sorted(state.activations))
        if adjustment.is_final(state) and await _is_sealed(work, known_as.values()):
            await work.append(adjustment.decide_withheld(state, known_as.values(), as_of=as_of))
            return
        some, found = await self.rows(work, state.local, state.activations, as_of)
        waits = adjustment.unverified(state, known_as.values(), some)
        await work.append(*adjustment.decide_adjusted(state, some, found, waits=waits, as_of=as_of))

    async def rows(
        self, work: Work, local: date, activations: Iterable[str], as_of: AsOf
    ) -> tuple[list[Delivered], list[Row]]:
        """What was delivered in a day, per point and quarter, as of some positions."""
        some: list[Delivered] = []
        for activation_id in sorted(activations):
            found = await self.allocated(work, activation_id, as_of.positions or {})
            if found is not None:
                some.append(found)
        return some, adjustment.rows(local, some, await _behind(work, local, some))


def supply_needs(incoming: Incoming[SupplyRecorded]) -> Needed:
    """Which groups the point was ever a member of."""
    block = blocks.block_of(incoming.data.metering_point_id)
    return ((store.MEMBERSHIPS, (block,)), (store.SUPPLY, (block,)))


async def supply_recorded(work: Work, incoming: Incoming[SupplyRecorded]) -> None:
    """Who stands behind a point is said otherwise of what has been: days after their last version have another."""
    point, at = incoming.data.metering_point_id, incoming.at
    since = max(incoming.data.valid_from, at - _MOST_BACK)
    if at < adjustment.final_at(days.day_at(since).date):
        return
    block = blocks.block_of(point)
    timeline = supplied.of_point({block: await work.load(store.SUPPLY, block)}, point)
    moved = supplied.moved(timeline, incoming.data.valid_from, at=at)
    if moved is None:
        return
    of_block = await work.load(store.MEMBERSHIPS, block)
    groups = [id_ for id_, group in of_block.groups.items() if point in group.members] if of_block else []
    touched: set[date] = set()
    for group, last in (await work.load_many(store.CALLED_LAST, groups)).items():
        until = min(moved[1], last.end) if last else since
        found = await work.load_many(store.CALLED, called.since(group, since, called.Last(until)))
        periods = {id_: period for one in found.values() if one for id_, period in one.periods.items()}
        for id_, (start, end) in periods.items():
            first, until_ = max(days.quarter_floor(start), since), min(end, until)
            state = await work.load(store.ACTIVATION, id_) if first < until_ else None
            if state is not None and state.run is not None and point in state.points:
                touched.update(day.date for day in days.days(first, until_))
    of_days = await work.load_many(store.ADJUSTMENT, (local.isoformat() for local in sorted(touched)))
    await work.append(*adjustment.decide_reopened(of_days.values(), at=at))


async def _is_sealed(work: Work, some: Iterable[Activation | None]) -> bool:
    for one in some:
        if one is not None and one.run is not None and await sealing.of_activation(work, one):
            return True
    return False


async def _behind(work: Work, local: date, some: Sequence[Delivered]) -> Behind:
    named = sorted({point for one in some for point in one.by_point})
    of_blocks = list(blocks.by_block(named))
    points = await work.load_many(store.POINTS, of_blocks)
    day = days.day(local)
    areas = {
        version.grid_area
        for point in named
        for version in known.versions_of(points, point)
        if version.grid_area and version.valid_from < day.end
    }
    channels = await work.load_many(
        store.BLOCK, (blocks.key(block, line) for block in of_blocks for line in ("consumption", "production"))
    )
    return Behind(
        points,
        await work.load_many(store.SUPPLY, of_blocks),
        await work.load_many(store.GRID_AREA, sorted(areas)),
        frozenset(point for point in named if _only_produces(point, channels, day)),
    )


def _only_produces(point: str, channels: Mapping[str, channel.Block | None], day: days.Day) -> bool:
    consumes, produces = (
        any(period.overlaps(day.start, day.end) for period in _periods(channels, point, line))
        for line in ("consumption", "production")
    )
    return produces and not consumes


def _periods(channels: Mapping[str, channel.Block | None], point: str, line: str) -> channel.Periods:
    block = channels.get(blocks.key(blocks.block_of(point), line))
    return block.places.get(blocks.place_of(point), ()) if block else ()
