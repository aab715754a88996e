"""Rows of settlement for who may read them, page by page: computed again from the values that were known then.

What an answer costs is bounded by how much is computed for it, not only by how many rows come of it: a page ends after
so many activations, or days of a run, though nothing was found, and says where to go on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.work import Work
from contracts.values import Role
from meter_ingest import adjusting, allocating, deviating, permission, sealing, settlement_queries, store, value_store
from meter_ingest.domain import blocks, days, supplied
from meter_ingest.domain.activation import Activation
from meter_ingest.domain.evidence import LINES
from meter_ingest.domain.settlement import rows_read
from meter_ingest.domain.settlement.adjustment import OfDay, Ran, Row
from meter_ingest.domain.settlement.deviation import AsOf
from meter_ingest.domain.settlement.rows_read import Allowed
from meter_ingest.domain.settlement.runs import Run
from meter_ingest.permission import Reader

MOST_ACTIVATIONS: Final = 25
"""Of one day, that are computed for one answer."""
MOST_DAYS: Final = 7
"""Of one run of deviations, likewise."""


@dataclass
class Page:
    """A part of the rows, what is noted of them, and behind which one to go on; None at the end."""

    rows: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    quarters: list[tuple[str, str, datetime, Allowed]] = field(default_factory=list[tuple[str, str, datetime, Allowed]])
    read: list[tuple[str, datetime, Allowed]] = field(default_factory=list[tuple[str, datetime, Allowed]])
    """Quarters of what was delivered."""
    withheld: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """Of what values are gone, and why: what was published of it stands."""
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Who asks, on which connection; how many rows at most, and behind which."""

    connection: AsyncConnection
    work: Work
    readers: Sequence[Reader]
    at: datetime
    """Now: what may be read follows from it."""
    most: int
    after: str = ""
    """The activation, or the day, as far as there was one."""
    behind: tuple[str, ...] | None = None
    """In that: point, line, quarter; None: behind all of it."""


class NoSuchPlace(Exception):
    """What is to be gone on behind is not there."""


async def of_adjustment(asked: Reading, state: OfDay, ran: Ran) -> Page:
    """The rows of a version of a day, in the order of activations, points and quarters."""
    page, computed = Page(), 0
    found = await asked.work.load_many(store.ACTIVATION, ran.activations)
    some = sorted((one for one in found.values() if one is not None), key=_order)
    places = {one.activation_id: place for place, one in enumerate(some)}
    if asked.after and asked.after not in places:
        raise NoSuchPlace
    first = places.get(asked.after, 0)
    for place, one in enumerate(some[first:], start=first):
        goes_on = one.activation_id == asked.after
        if (goes_on and asked.behind is None) or not await _concerns(asked, one, state.local):
            continue
        if computed == MOST_ACTIVATIONS:
            page.after = some[place - 1].activation_id
            return page
        computed += 1
        if gone := await sealing.of_activation(asked.work, one):
            page.withheld.append({"activation_id": one.activation_id, "because": gone.key})
            continue
        for row in await _rows(asked, state.local, some[:place], one, AsOf(ran.at, ran.positions)):
            here = row.point, _quarter(row.start, state.local)
            if goes_on and asked.behind and here <= asked.behind:
                continue
            if (allowed := rows_read.of_adjustment(row, asked.readers)) is None:
                continue
            if len(page.rows) == asked.most:
                return page
            page.rows.append(_adjusted(row, one, allowed))
            page.read.append((row.point, row.start, allowed))
            page.after = ".".join((one.activation_id, *here))
    page.after = None
    return page


async def of_run(asked: Reading, run: Run) -> Page:
    """The rows of a run of deviations, in the order of days, points, lines and quarters."""
    page = Page()
    values = settlement_queries.Stored(asked.connection)
    left = [
        one
        for one in sorted(run.dates)
        if one.isoformat() > asked.after or (asked.behind and one.isoformat() == asked.after)
    ]
    for place, local in enumerate(left):
        if place == MOST_DAYS:
            page.after = left[place - 1].isoformat()
            return page
        goes_on = local.isoformat() == asked.after
        since = {local: run.since[local.isoformat()]}
        (of_day,) = await deviating.computed(asked.work, values, run.grid_area, run.zone, as_of=run.as_of, since=since)
        touched = (await deviating.corrected_on(asked.work, [local])).get(local, ())
        keys = [(point, name.partition("|")[2], local) for name, point in touched]
        if gone := await sealing.of_days(asked.work, keys):
            page.withheld.append({"date": local, "because": gone.key})
        may = await _rights(asked, {one.point for one in of_day.lines})
        for one in sorted(of_day.lines, key=lambda one: (one.point, one.line, one.start)):
            here = one.point, one.line, _quarter(one.start, local)
            if goes_on and asked.behind and here <= asked.behind:
                continue
            if (allowed := rows_read.of_deviation(one, asked.readers, may)) is None:
                continue
            if len(page.rows) == asked.most:
                return page
            page.rows.append(settlement_queries.row_of(one))
            page.quarters.append((one.point, one.line, one.start, allowed))
            page.after = ".".join((local.isoformat(), *here))
    page.after = None
    return page


async def reads(asked: Reading, page: Page) -> dict[Reader, list[permission.Read]]:
    """What is noted of a page: of what was delivered, every line that it was computed from."""
    quarters = list(page.quarters)
    if page.read:
        of_point = await _lines(asked.work, {point for point, _, _ in page.read})
        quarters += ((point, line, start, one) for point, start, one in page.read for line in of_point[point])
    found: dict[Reader, list[permission.Read]] = {}
    for allowed, point, line, start, end in rows_read.stretches(quarters):
        read = permission.Read(point, line, start, end, allowed.ground)
        found.setdefault(allowed.reader, []).append(read)
    return found


def _order(one: Activation) -> tuple[datetime, str]:
    return days.quarter_floor(one.start), one.activation_id


def _quarter(start: datetime, local: date) -> str:
    # As a text it is in the order of time.
    return f"{(start - days.day(local).start) // days.QUARTER:03}"


async def _rows(
    asked: Reading, local: date, before: Iterable[Activation], one: Activation, as_of: AsOf
) -> Sequence[Row]:
    """Those of one activation, by point: but what overlapping ones of its group have counted."""
    made = adjusting.Adjusting(allocating.FromValues(value_store.StoredValues(asked.connection.engine), beside=True))
    start = days.quarter_floor(one.start)
    earlier = [
        each.activation_id for each in before if each.group_id == one.group_id and days.quarter_ceil(each.end) > start
    ]
    counted: set[tuple[str, datetime]] = set()
    if earlier:
        _, others = await made.rows(asked.work, local, earlier, as_of)
        counted = {(row.point, row.start) for row in others}
    _, found = await made.rows(asked.work, local, [*earlier, one.activation_id], as_of)
    return sorted(row for row in found if (row.point, row.start) not in counted)


async def _concerns(asked: Reading, one: Activation, local: date) -> bool:
    """Whether rows of an activation may be the asker's: before its values are read."""
    if one.bsp is None or not rows_read.cares_for(asked.readers, bsp=one.bsp):
        return False
    if rows_read.of_activation(one.bsp, asked.readers):
        return True
    supplies = await asked.work.load_many(store.SUPPLY, list(blocks.by_block(one.points)))
    day, parties = days.day(local), {each.party for each in asked.readers}
    return any(
        stands.valid_from < day.end
        and (until is None or until > day.start)
        and parties & {stands.supplier, stands.brp_consumption, stands.brp_production}
        for point in one.points
        for stands, until in _stands(supplied.of_point(supplies, point))
    )


def _stands(timeline: Sequence[supplied.Supply]) -> Iterable[tuple[supplied.Supply, datetime | None]]:
    return zip(timeline, [*(one.valid_from for one in timeline[1:]), None], strict=True) if timeline else ()


def _adjusted(row: Row, one: Activation, allowed: Allowed) -> dict[str, Any]:
    """A row as it is told: who else stands behind the point is told to the TSO alone."""
    whole = allowed.reader.role == Role.TSO
    own = {allowed.reader.role.value: allowed.reader.party}
    parties = {name: getattr(row, name) if whole else own.get(name) for name in ("supplier", "brp", "bsp")}
    return {
        "metering_point_id": row.point,
        "start": row.start,
        "delivered_wh": row.wh,
        "activation_id": one.activation_id if whole or allowed.reader.role == Role.BSP else None,
        **parties,
        "grid_area": row.grid_area,
        "zone": row.zone,
    }


async def _rights(asked: Reading, points: Collection[str]) -> dict[Reader, Any]:
    readers = [one for one in asked.readers if one.role in rows_read.BY_VALUES]
    return {
        one: await permission.readable(asked.connection, one, sorted(points), at=asked.at) for one in readers if points
    }


async def _lines(work: Work, points: Collection[str]) -> dict[str, list[str]]:
    of_blocks = list(blocks.by_block(sorted(points)))
    channels = await work.load_many(store.BLOCK, [blocks.key(block, line) for block in of_blocks for line in LINES])

    def has(point: str, line: str) -> bool:
        block = channels[blocks.key(blocks.block_of(point), line)]
        return bool(block and block.places.get(blocks.place_of(point)))

    return {point: [line for line in LINES if has(point, line)] or [LINES[0]] for point in points}
