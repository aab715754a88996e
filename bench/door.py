"""A day of one point at the real door, each request signed by a process that asks so many times a second.

`python -m bench export` measures it, too, beside files and sums.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bench import asker
from bench.ground import Cpu, Ground
from bench.reading import DAYS, FIRST, load
from chassis import store as documents
from chassis.door.gate import Caller, Gate, Limits
from chassis.door.serving import Desk, application, connect
from chassis.listening import listening
from contracts import calendar, party_keys, policies
from contracts.gateway.v1 import RegisterOpened
from contracts.parties import Party
from contracts.registry.v1 import PartyKeyRegistered
from contracts.values import Role, make_eic_y, make_gln, make_gsrn, time_text
from meter_ingest import out, store
from meter_ingest.app import case_shard
from meter_ingest.domain import blocks, known
from meter_ingest.out import telling
from meter_ingest.value_store import StoredValues

NAME = "door"
DSO = make_gln(2)
CALLER = Caller(DSO, (Role.DSO,), "")


async def measure(ground: Ground) -> None:
    """The door alone."""
    points = [make_gsrn(serial) for serial in range(ground.options.pick(300, 100))]
    async with ground.database((case_shard(StoredValues()),), package="meter_ingest") as database:
        await load(database, points)
        await known_to_be_read(database, points)
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 10, 10)
        for _ in range(ground.options.repeat):
            _, wall = await timed(database, day, points, ground.options.pick(300, 20))
            await at_the_door(ground, points, wall, url=url_of(database))


async def at_the_door(ground: Ground, points: list[str], bare: float, *, url: str) -> None:
    """A day of one point over HTTP, each request signed by another process; without the limit of a party."""
    made = replace(out.door(), limits=Limits(a_minute=10**9, seconds=60))
    database = connect(url)
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
        servers, clock = Cpu(ground.servers), time.process_time()
        found = await asker.ask(port, DSO, paths, rate=rate, seconds=seconds)
        busy = 1000 * (time.process_time() - clock)
        ground.sheet.note(f"door, servers beside it: {servers.said(found.answered)}")
    await database.dispose()
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


def url_of(database: AsyncEngine) -> str:
    """Where it is."""
    return database.url.render_as_string(hide_password=False)


async def known_to_be_read(database: AsyncEngine, points: list[str]) -> None:
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


async def day(database: AsyncEngine, point: str, number: int) -> None:
    """Ask for one without proof and HTTP."""
    start = calendar.add_local_days(calendar.midnight(FIRST), number % (DAYS - 1))
    end = calendar.add_local_days(start, 1)
    assert await telling.values(database, CALLER, telling.Asked(point, "consumption", start, end)) is not None


async def timed(
    database: AsyncEngine, run: Callable[[AsyncEngine, str, int], Awaitable[None]], points: list[str], times: int
) -> tuple[float, float]:
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
