"""Values on their way out: a month as CSV and Parquet beside the bare reading of its rows; a day, and a year's sums.

And a day at the real door (`bench.door`); and how fast sums could be kept.
"""

from __future__ import annotations

import gc
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from bench import door
from bench.ground import Ground
from bench.reading import FIRST, load
from contracts.values import make_gsrn
from meter_ingest.app import case_shard
from meter_ingest.out import jobs, making, planning, rights, summing
from meter_ingest.out.order import Order
from meter_ingest.value_store import StoredValues

NAME = "export"
_BARE = (
    "SELECT wh FROM private.value_version WHERE metering_point_id = ANY($1::bigint[]) AND line = 0"
    " AND day BETWEEN $2 AND $3 ORDER BY metering_point_id, day"
)


async def measure(ground: Ground) -> None:
    """Million values a second of the wall's time; milliseconds of the reading process of a day and a year of sums."""
    points = [make_gsrn(serial) for serial in range(ground.options.pick(2000, 100))]
    async with ground.database((case_shard(StoredValues()),), package="meter_ingest") as database:
        await load(database, points)
        await door.known_to_be_read(database, points)
        # What writes is loaded once.
        await _made(database, "parquet")
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 10, 10)
        for _ in range(ground.options.repeat):
            bare = await _bare(database, points)
            for format_, wanted in (("csv.zst", 5.0), ("csv.gz", 0.0), ("parquet", 15.0)):
                found, processor = await _made(database, format_)
                budget = {"budget": f"≥ {wanted:.0f} M/s", "wanted": wanted} if wanted else {}
                ground.sheet.add(
                    NAME,
                    f"a month as {format_}",
                    found,
                    "M values/s",
                    limit=bare,
                    against="the rows alone",
                    better="more",
                    **budget,
                )
                ground.sheet.add(NAME, f"a month as {format_}, of this process' processor", processor, "M values/s")
            times = ground.options.pick(300, 20)
            for what, run in (("a day of one point", door.day), ("a year's sums of one point", _sums)):
                took, wall = await door.timed(database, run, points, times)
                ground.sheet.add(
                    NAME,
                    f"{what}, p99",
                    took,
                    "ms",
                    budget="≤ 20 ms",
                    wanted=20.0,
                    better="less",
                )
                ground.sheet.note(f"export, {what}: p99 {wall:.1f} ms on the wall, without proof and HTTP")
                if run is door.day:
                    await door.at_the_door(ground, points, wall, url=door.url_of(database))
                else:
                    year = 365 * 96 / took / 1000
                    ground.sheet.note(f"export, sums: {year:.1f} M values/s are added up by one processor when asked")


async def _bare(database: AsyncEngine, points: list[str]) -> float:
    began, count = time.perf_counter(), 0
    async with database.connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        for at in range(0, len(points), 256):
            ids = [int(point) for point in points[at : at + 256]]
            rows = await raw.fetch(_BARE, ids, FIRST, FIRST + timedelta(days=30))
            count += sum(len(row[0]) for row in rows) // 4
    return count / (time.perf_counter() - began) / 1e6


async def _made(database: AsyncEngine, format_: Any) -> tuple[float, float]:
    """Million values a second: on the wall, and of this process' processor; the database's is not counted."""
    last = FIRST + timedelta(days=31)
    order = Order(kind="portfolio", first=FIRST, last=last, lines=("consumption",), formats=(format_,))
    async with rights.reading_and_noting(database) as connection:
        job, _ = await planning.order(connection, door.CALLER, order, now=datetime(2026, 6, 1, tzinfo=UTC))
    began, clock = time.perf_counter(), time.process_time()
    await making.make(database, job, jobs.planned(job)[0])
    took, busy = time.perf_counter() - began, time.process_time() - clock
    async with database.begin() as connection:
        (made,) = (await jobs.made(connection, job.id)).values()
        await jobs.delete(connection, job.id)
    return made.rows / took / 1e6, made.rows / busy / 1e6


async def _sums(database: AsyncEngine, point: str, _number: int) -> None:
    asked = summing.Asked(point, "consumption", date(2026, 1, 1), date(2027, 1, 1), "month")
    assert await summing.sums(database, door.CALLER, asked) is not None
