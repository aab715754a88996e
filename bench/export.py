"""Values on their way out: a month as CSV and Parquet beside the bare reading of its rows; a day, and a year's sums.

And a day at the real door, signed, by a process that asks so many times a second; and how fast sums could be kept.
"""

from __future__ import annotations

import gc
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bench import asker
from bench.ground import Ground
from bench.reading import DAYS, FIRST, load
from chassis import store as documents
from chassis.door.gate import Caller, Gate, Limits
from chassis.door.serving import Desk, application
from chassis.listening import listening
from contracts import calendar, party_keys, policies
from contracts.gateway.v1 import RegisterOpened
from contracts.parties import Party
from contracts.registry.v1 import PartyKeyRegistered
from contracts.values import Role, make_eic_y, make_gln, make_gsrn, time_text
from meter_ingest import out, store
from meter_ingest.app import case_shard
from meter_ingest.domain import blocks, known
from meter_ingest.out import jobs, making, planning, rights, summing, telling
from meter_ingest.out.order import Order
from meter_ingest.value_store import StoredValues

NAME = "export"
DSO = make_gln(2)
CALLER = Caller(DSO, (Role.DSO,), "")
_BARE = (
    "SELECT wh FROM private.value_version WHERE metering_point_id = ANY($1::bigint[]) AND line = 0"
    " AND day BETWEEN $2 AND $3 ORDER BY metering_point_id, day"
)


async def measure(ground: Ground) -> None:
    """Million values a second of the wall's time; milliseconds of the reading process of a day and a year of sums."""
    points = [make_gsrn(serial) for serial in range(ground.options.pick(2000, 100))]
    async with ground.database((case_shard(StoredValues()),), package="meter_ingest") as database:
        await load(database, points)
        await _known(database, points)
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
            for what, run in (("a day of one point", _day), ("a year's sums of one point", _sums)):
                took, wall = await _timed(database, run, points, times)
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
                if run is _day:
                    await _at_the_door(ground, database, points, wall)
                else:
                    year = 365 * 96 / took / 1000
                    ground.sheet.note(f"export, sums: {year:.1f} M values/s are added up by one processor when asked")


async def _at_the_door(ground: Ground, database: AsyncEngine, points: list[str], bare: float) -> None:
    """A day of one point over HTTP, each request signed by another process; without the limit of a party."""
    made = replace(out.door(), limits=Limits(a_minute=10**9, seconds=60))
    desk = Desk(made, Gate(asker.AUDIENCE, database, made.keys, made.parties, made.limits), database)
    start = calendar.midnight(FIRST)
    paths = [
        f"/points/{point}/values?from={time_text(at)}&to={time_text(calendar.add_local_days(at, 1))}"
        for number, point in enumerate(points)
        for at in (calendar.add_local_days(start, number * 7 % (DAYS - 1)),)
    ]
    seconds = 0.25 if ground.options.quick else ground.options.seconds
    rate = ground.options.rate
    async with listening(application(desk), port=0, host="127.0.0.1") as port:
        clock = time.process_time()
        found = await asker.ask(port, DSO, paths, rate=rate, seconds=seconds)
        busy = 1000 * (time.process_time() - clock)
    assert found.refused == 0, found
    for what, took in (("p50", found.p50), ("p99", found.p99)):
        budget = {"budget": "≤ 20 ms", "wanted": 20.0} if what == "p99" else {}
        ground.sheet.add(
            NAME,
            f"a day at the door, signed, {rate}/s, {what}",
            took,
            "ms",
            limit=bare,
            against="p99 without proof and HTTP",
            better="less",
            **budget,
        )
    each = busy / found.answered
    ground.sheet.add(NAME, "a day at the door, signed, of this process' processor", each, "ms", better="less")


async def _known(database: AsyncEngine, points: list[str]) -> None:
    """The points are a DSO's, which may read them."""
    version = known.PointVersion(
        valid_from=calendar.midnight(date(2023, 1, 1)),
        dso=DSO,
        agreed_power_w=20_000,
        grid_area=make_eic_y("NO3-NORD"),
        resolution="PT15M",
    )
    opened = RegisterOpened(operator=make_gln(9), operator_name="Register", policies=policies.DEFAULTS)
    key = asker.signer(DSO).public
    registered = PartyKeyRegistered(party=DSO, key_id=key.thumbprint, key=key)
    rows: list[tuple[Any, str, Any]] = [
        (store.PARTY, DSO, Party((Role.DSO,))),
        (store.PARTY_KEY, key.thumbprint, party_keys.evolve(None, registered)),
        (store.POLICIES, policies.ID, policies.evolve(None, opened)),
    ]
    for block, some in blocks.places(points).items():
        rows.append((store.POINTS, block, known.Points(dict.fromkeys(some, (version,)))))
    async with database.begin() as connection:
        for kind, id_, state in rows:
            await connection.execute(
                text(
                    f"INSERT INTO {documents.table_of(kind)} (kind, id, version, state)"
                    " VALUES (:kind, :id, 1, CAST(:state AS json))"
                ),
                {"kind": kind.name, "id": id_, "state": kind.adapter.dump_json(state).decode()},
            )
        await connection.execute(text("INSERT INTO engine.writer (shard, position) VALUES ('0', 1000000)"))


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
        job, _ = await planning.order(connection, CALLER, order, now=datetime(2026, 6, 1, tzinfo=UTC))
    began, clock = time.perf_counter(), time.process_time()
    await making.make(database, job, jobs.planned(job)[0])
    took, busy = time.perf_counter() - began, time.process_time() - clock
    async with database.begin() as connection:
        (made,) = (await jobs.made(connection, job.id)).values()
        await jobs.delete(connection, job.id)
    return made.rows / took / 1e6, made.rows / busy / 1e6


async def _day(database: AsyncEngine, point: str, number: int) -> None:
    start = calendar.add_local_days(calendar.midnight(FIRST), number % (DAYS - 1))
    end = calendar.add_local_days(start, 1)
    assert await telling.values(database, CALLER, telling.Asked(point, "consumption", start, end)) is not None


async def _sums(database: AsyncEngine, point: str, _number: int) -> None:
    asked = summing.Asked(point, "consumption", date(2026, 1, 1), date(2027, 1, 1), "month")
    assert await summing.sums(database, CALLER, asked) is not None


async def _timed(database: AsyncEngine, run: Any, points: list[str], times: int) -> tuple[float, float]:
    """The 99th percentile of this process' time and of the wall's, in milliseconds."""
    took: list[float] = []
    wall: list[float] = []
    for number in range(times + 10):
        clock, began = time.process_time(), time.perf_counter()
        await run(database, points[number * 7 % len(points)], number)
        took.append(1000 * (time.process_time() - clock))
        wall.append(1000 * (time.perf_counter() - began))
    place = max(0, int(0.99 * times) - 1)
    return sorted(took[10:])[place], sorted(wall[10:])[place]
