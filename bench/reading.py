"""What counts, read: a month of one point, a group of 500 over ten days, beside bare reading of the same rows."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bench.ground import Ground
from chassis import store as documents
from contracts import calendar
from contracts.values import make_eic_y, make_gln, make_gsrn
from meter_ingest import partitions, queries, store, value_store
from meter_ingest.app import case_shard
from meter_ingest.domain import days, known, values
from meter_ingest.domain.values import Version
from meter_ingest.value_store import StoredValues

NAME = "reading"
GROUP = "0192f000-0000-7000-8000-000000000001"
FIRST = date(2026, 3, 1)
DAYS = 61
MEMBERS = 500
CORRECTED = 50
"""One day in so many came twice."""
_BARE = (
    "SELECT wh FROM private.value_version WHERE metering_point_id = ANY($1::bigint[]) AND line = 0"
    " AND day BETWEEN $2 AND $3 ORDER BY metering_point_id, day"
)


async def measure(ground: Ground) -> None:
    """Milliseconds of processor time of the process that reads, the 99th of a hundred; the database's in the notes."""
    points = [make_gsrn(serial) for serial in range(ground.options.pick(4 * MEMBERS, MEMBERS))]
    async with ground.database((case_shard(StoredValues()),), package="meter_ingest") as database:
        await load(database, points)
        # What was loaded with is garbage that no reader has: looking through it took ten times as long as the reading.
        # Set as a service's process sets it.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 10, 10)
        chance = random.Random(2)
        start = calendar.midnight(FIRST)
        times = ground.options.pick(300, 100)

        async def one(connection: AsyncConnection) -> None:
            begin = calendar.midnight(chance.choice((date(2026, 3, 1), date(2026, 4, 1))))
            end = calendar.add_local_days(begin, 30)
            found = await queries.of_points(connection, [chance.choice(points)], start=begin, end=end)
            assert all(None not in each.wh for each in found.values())

        async def group(connection: AsyncConnection) -> None:
            begin = calendar.add_local_days(start, chance.randrange(50))
            end = calendar.add_local_days(begin, 10)
            found = await queries.of_group(connection, GROUP, start=begin, end=end)
            assert len(found) == MEMBERS

        async def bare_one(connection: AsyncConnection) -> None:
            await _bare(connection, [chance.choice(points)], FIRST, 30)

        async def bare_group(connection: AsyncConnection) -> None:
            await _bare(connection, points[:MEMBERS], FIRST + timedelta(days=chance.randrange(50)), 10)

        for _ in range(ground.options.repeat):
            for what, wanted, run, bare in (
                ("a month of one point", 5.0, one, bare_one),
                (f"a group of {MEMBERS} over ten days", 25.0, group, bare_group),
            ):
                limit, _, _ = await _timed(database, bare, times)
                took, wall, server = await _timed(database, run, times)
                ground.sheet.add(
                    NAME,
                    f"{what}, p99",
                    took,
                    "ms",
                    limit=limit,
                    against="the rows alone",
                    budget=f"≤ {wanted:.0f} ms",
                    wanted=wanted,
                    better="less",
                )
                ground.sheet.note(
                    f"reading, {what}: p99 {wall:.1f} ms on the wall, {server:.1f} ms of the database's processor"
                )


async def _bare(connection: AsyncConnection, points: list[str], first: date, count: int) -> None:
    raw: Any = (await connection.get_raw_connection()).driver_connection
    await raw.fetch(_BARE, [int(point) for point in points], first, first + timedelta(days=count - 1))


async def _timed(
    database: AsyncEngine, run: Callable[[AsyncConnection], Awaitable[None]], times: int
) -> tuple[float, float, float]:
    """The 99th percentile of this process' time and of the wall's, and the mean of the database's, in milliseconds."""
    import psutil  # noqa: PLC0415

    took: list[float] = []
    wall: list[float] = []
    async with queries.reading_only(database) as connection:
        backend = psutil.Process(await connection.scalar(text("SELECT pg_backend_pid()")) or 0)
        for _ in range(10):
            await run(connection)
        before = sum(backend.cpu_times()[:2])
        for _ in range(times):
            clock, began = time.process_time(), time.perf_counter()
            await run(connection)
            took.append(1000 * (time.process_time() - clock))
            wall.append(1000 * (time.perf_counter() - began))
        server = 1000 * (sum(backend.cpu_times()[:2]) - before) / times
    place = max(0, int(0.99 * times) - 1)
    return sorted(took)[place], sorted(wall)[place], server


async def load(database: AsyncEngine, points: list[str]) -> None:
    """Two months of values of points, and a group of some of them."""
    local = [FIRST + timedelta(days=number) for number in range(DAYS)]
    # As many months as there are after three years.
    await partitions.ensure_months(database, partitions.ahead(date(2023, 6, 1), 38))
    chance = random.Random(1)
    wh = [values.encode(chance.choices(range(300, 3000), k=100))[1] for _ in range(50)]
    for position, day in enumerate(local, 1):
        whole = days.day(day)
        made = [_version(point, whole, position, number, chance.choice(wh)) for number, point in enumerate(points)]
        made += [
            _version(point, whole, position + DAYS, number, chance.choice(wh))
            for number, point in enumerate(points)
            if (number + position) % CORRECTED == 0
        ]
        async with database.begin() as connection:
            await connection.execute(text("SELECT 1"))
            await value_store.append(connection, made)
    stay = known.Stay(make_eic_y("NO3-NORD"), make_gln(2), None, 5000, 5000, calendar.midnight(FIRST), None)
    group = known.Group(make_gln(11), dict.fromkeys(points[:MEMBERS], (stay,)))
    async with database.begin() as connection:
        await connection.execute(
            text(
                f"INSERT INTO {documents.table_of(store.GROUP)} (kind, id, version, state)"
                " VALUES (:kind, :id, 1, CAST(:state AS json))"
            ),
            {"kind": store.GROUP.name, "id": GROUP, "state": store.GROUP.adapter.dump_json(group).decode()},
        )
        await connection.execute(text("ANALYZE private.value_version"))


def _version(point: str, day: days.Day, position: int, series: int, wh: bytes) -> Version:
    at = datetime(2026, 5, 1, tzinfo=UTC) + timedelta(minutes=position)
    return Version(
        metering_point_id=point,
        line="consumption",
        day=day.date,
        registered_at=at,
        received_at=at,
        partition=0,
        offset=position,
        series=series,
        shard="0",
        position=position,
        minutes=15,
        first=0,
        status="metered",
        width=4,
        wh=wh[: 4 * day.quarters],
        salt=b"sixteen bytes ok",
    )
