"""One evening's activations verified the morning after: groups of 500 by all six baselines, beside the rows alone.

The case shard's own engine decides what 09:00 brings, from a database that was filled by COPY, with all that it writes.
A database of 2,000 such groups has thirty million rows: fewer groups are measured, and the time is reckoned to 2,000.
"""

from __future__ import annotations

import contextlib
import gc
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bench import loaded, material
from bench.ground import Cpu, Ground
from chassis import store as documents
from chassis.engine import Engine
from chassis.record import Record
from chassis.work import Document, Key, Work
from contracts import calendar, policies
from contracts.gateway.v1 import RegisterOpened, TimePassed
from contracts.meter_ingest.v1 import ActivationOrdered, BaselineSubmitted
from contracts.values import Period, make_gln, make_gsrn
from meter_ingest import partitions, store, value_reading, value_store, verifying
from meter_ingest.app import case_shard
from meter_ingest.domain import (
    activation,
    baseline_series,
    baselines,
    blocks,
    called,
    channel,
    control,
    days,
    known,
    values,
    verification,
)
from meter_ingest.domain.activation import Activation
from meter_ingest.domain.values import Version
from meter_ingest.value_store import StoredValues

NAME = "verifying"
WANTED = 2000
SECONDS = 60.0
MEMBERS = 500
CORRECTED = 50
"""One day in so many came twice."""
A_RECORD = 500
"""So many series came with one salt."""
EVENING = date(2026, 3, 25)
START, QUARTERS = calendar.at_local(EVENING, "17:00"), 4
DUE = days.verify_by(EVENING)
FIRST = EVENING - timedelta(days=baselines.DAYS_BACK)
BSP, DSO = make_gln(11), make_gln(2)
AS_OF = {"0": 2 * (baselines.DAYS_BACK + 1)}
_TOLD = "SELECT count(*) FROM engine.ledger WHERE type LIKE '%activation-verified%'"
_BASE = 9_100_000_000


async def measure(ground: Ground) -> None:
    """Seconds for 2,000 groups: all of it, their rows alone, computing alone."""
    count = ground.options.pick(20, 2)
    members = 100 if ground.options.quick else MEMBERS
    points = [make_gsrn(_BASE + serial) for serial in range(count * members)]
    neighbours = [points[one * members : (one + 1) * members] for one in range(count)]
    anywhere = [points[one::count] for one in range(count)]
    ways: dict[str, tuple[Sequence[Sequence[str]], baselines.Method]] = {
        "": (neighbours, "meter-before"),
        ", a sliding window counts": (neighbours, "sliding-window"),
        ", members of anywhere": (anywhere, "meter-before"),
    }
    async with ground.database((case_shard(StoredValues()),), package="meter_ingest") as database:
        await _fill(database, points)
        async with ground.connection(database) as raw:
            await loaded.load(raw, loaded.rows(case_shard(StoredValues()), _known(points)))
        # What was loaded with is garbage that no verification has; and set as a service's process sets it.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 10, 10)
        warm = await _called(ground, database, neighbours[:2], "meter-before", number=0)
        await _verified(ground, database, warm, number=0)
        for run in range(ground.options.repeat):
            for number, (what, (groups, primary)) in enumerate(ways.items(), 1 + run * len(ways)):
                due = await _called(ground, database, groups, primary, number=number)
                said = f"{WANTED:,} groups of {members}, six baselines{what}"
                await _evening(ground, database, due, said, number=number)


async def _evening(
    ground: Ground, database: AsyncEngine, due: Mapping[str, Activation], what: str, *, number: int
) -> None:
    count = len(due)
    rows = await _rows(ground, database, due)
    computing = await _computing(database, due)
    took = await _verified(ground, database, due, number=number)
    scale = WANTED / count
    ground.sheet.add(
        NAME,
        what,
        took.clock * scale,
        "s",
        limit=rows.clock * scale,
        against="their rows alone",
        better="less",
        budget=f"≤ {SECONDS:.0f} s",
        wanted=SECONDS,
    )
    ground.sheet.add(
        NAME,
        f"{what}: processor, the database's too",
        (took.here + took.server) * scale,
        "s",
        limit=(rows.here + rows.server) * scale,
        against="their rows alone",
        better="less",
    )
    ground.sheet.add(NAME, f"{what}: computing alone", computing * scale, "s", better="less")
    ground.sheet.note(
        f"verifying, {what}: reckoned from {count} groups, {count / took.clock:,.0f} a second; of a group's"
        f" {1000 * took.clock / count:.1f} ms {1000 * took.here / count:.1f} of this process' processor and"
        f" {1000 * took.server / count:.1f} of the database's"
    )


async def _verified(ground: Ground, database: AsyncEngine, due: Mapping[str, Activation], *, number: int) -> _Taken:
    """What it takes until the engine has decided and written all that 09:00 brings."""
    service = case_shard(StoredValues(database))
    async with ground.connection(database) as raw:
        before = await raw.fetchval(_TOLD)
        await loaded.load(raw, (), _deadlines(due))
    engine = Engine(service, database, "bench")
    await engine.claim()
    with _taking(ground) as took:
        await engine.take([_passed(number)])
    async with ground.connection(database) as raw:
        assert await raw.fetchval(_TOLD) == before + len(due), "not all were verified"
    return took


async def _rows(ground: Ground, database: AsyncEngine, due: Mapping[str, Activation]) -> _Taken:
    """What it takes to fetch what is read, by the same statement, of which nothing is made."""
    async with database.connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        with _taking(ground) as took:
            for state in due.values():
                windows = activation.windows_of(state, frozenset())
                query = value_reading.statement("consumption", windows, as_of=AS_OF)
                await raw.fetch(query, f"{{{','.join(state.points)}}}")
    return took


async def _computing(database: AsyncEngine, due: Mapping[str, Activation]) -> float:
    """Seconds of processor for what is said of runs, all of which is read already."""
    handlers = verifying.Verifying(StoredValues(database))
    seconds = 0.0
    async with database.connect() as connection:
        work = Work(case_shard(handlers.values), documents.loader(connection))
        work.begin(deadlines_before=None)
        for state in due.values():
            run = await handlers.run_of(work, state, AS_OF)
            began = time.process_time()
            assert verification.decide_verified(run, because="deadline", tolerance_pct="90..120", as_of=AS_OF)
            seconds += time.process_time() - began
    return seconds


@dataclass(kw_only=True)
class _Taken:
    """What something took, in seconds: on the clock, of this process' processor, and of the database's."""

    clock: float = 0.0
    here: float = 0.0
    server: float = 0.0


@contextlib.contextmanager
def _taking(ground: Ground) -> Iterator[_Taken]:
    cpu, began, taken = Cpu(ground.pids), time.perf_counter(), _Taken()
    yield taken
    shares = cpu.shares()
    taken.clock = time.perf_counter() - began
    taken.here, taken.server = shares["participant"] * taken.clock, shares.get("postgres", 0.0) * taken.clock


def _passed(number: int) -> Record:
    body = next(
        material.published(
            [TimePassed(until=DUE + timedelta(seconds=number))], source="/services/gateway", start=number
        )
    )
    return Record("control.clock.v1", 0, number, int(DUE.timestamp() * 1000), body)


# What stands in the store


def _known(points: Sequence[str]) -> dict[Key, Document]:
    """Who holds the points, which channels they have, how far values were heard, what the register opened with."""
    found: dict[Key, Document] = {}
    holds = (control.Hold(BSP, calendar.midnight(date(2025, 1, 1))),)
    periods = (channel.Period(DSO, "PT15M", calendar.midnight(date(2025, 1, 1))),)
    for block, places in blocks.places(points).items():
        found[store.CONTROL.name, block] = Document(control.Control(dict.fromkeys(places, holds)), 0)
        found[store.BLOCK.name, blocks.key(block, "consumption")] = Document(
            channel.Block(dict.fromkeys(places, periods)), 0
        )
    found[store.HEARD.name, "values"] = Document(known.Heard(AS_OF), 0)
    opened = RegisterOpened(operator=make_gln(9), operator_name="Register", policies=policies.DEFAULTS)
    found[store.POLICIES.name, policies.ID] = Document(policies.evolve(None, opened), 0)
    return found


async def _called(
    ground: Ground, database: AsyncEngine, groups: Sequence[Sequence[str]], primary: baselines.Method, *, number: int
) -> dict[str, Activation]:
    """An activation of each group, with what its BSP had submitted; stored."""
    found: dict[Key, Document] = {}
    states: dict[str, Activation] = {}
    end = START + QUARTERS * days.QUARTER
    for serial, points in enumerate(groups):
        id_, group = _uuid(10_000 * number + serial), _uuid(1_000_000 + 10_000 * number + serial)
        ordered = ActivationOrdered(
            activation_id=id_,
            group_id=group,
            bsp=BSP,
            direction="up",
            power_w=1_000_000,
            period=Period(start=START, end=end),
            biddable_w=1_000_000,
            metering_points=tuple(sorted(points)),
            baseline_methods=(primary, *(one for one in baselines.METHODS if one != primary)),
            ordered_at=START - timedelta(hours=1),
        )
        states[id_] = activation.evolve(None, ordered)
        found[store.ACTIVATION.name, id_] = Document(states[id_], 1)
        for name, part in called.parts(ordered).items():
            found[store.CALLED.name, name] = Document(called.evolve(None, part), 0)
        for version, method in enumerate(("plan", "reported"), 1):
            said = BaselineSubmitted(
                group_id=group,
                bsp=BSP,
                method=method,
                version=version,
                period=Period(start=START - days.QUARTER, end=end + days.QUARTER),
                wh=(800_000,) * (QUARTERS + 2),
                recorded_at=START - timedelta(hours=2),
            )
            for name, part in baseline_series.submitted(said).items():
                was = found.get((store.SUBMITTED.name, name))
                state = baseline_series.evolve(was.state if was else None, part)
                found[store.SUBMITTED.name, name] = Document(state, 0)
    async with ground.connection(database) as raw:
        await loaded.load(raw, loaded.rows(case_shard(StoredValues()), found))
    return states


def _deadlines(due: Mapping[str, Activation]) -> list[tuple[Any, ...]]:
    deadlines = store.ACTIVATION.deadlines
    assert deadlines is not None
    return [
        (store.ACTIVATION.name, id_, deadline.name, deadline.due_at)
        for id_, state in due.items()
        for deadline in deadlines(state)
    ]


def _uuid(serial: int) -> str:
    return f"0192f000-0000-7000-8000-{serial:012d}"


async def _fill(database: AsyncEngine, points: Sequence[str]) -> None:
    """Four weeks of values of all points, day by day, as they come."""
    await partitions.ensure_months(database, partitions.ahead(date(2023, 6, 1), 38))
    chance = random.Random(1)
    wh = [values.encode(chance.choices(range(300, 3000), k=100))[1] for _ in range(50)]
    count = baselines.DAYS_BACK + 1
    for number in range(count):
        day = days.day(FIRST + timedelta(days=number))
        async with database.begin() as connection:
            await connection.execute(text("SELECT 1"))
            await value_store.append(connection, _versions(points, day, 1 + number, wh, chance))
            some = [point for place, point in enumerate(points) if (place + number) % CORRECTED == 0]
            await value_store.append(connection, _versions(some, day, 1 + number + count, wh, chance))


def _versions(
    points: Sequence[str], day: days.Day, position: int, wh: Sequence[bytes], chance: random.Random
) -> Iterator[Version]:
    at = datetime(2026, 3, 26, tzinfo=UTC) + timedelta(seconds=position)
    for number, point in enumerate(points):
        yield Version(
            metering_point_id=point,
            line="consumption",
            day=day.date,
            registered_at=at,
            received_at=at,
            partition=0,
            offset=position,
            series=number % A_RECORD,
            shard="0",
            position=position,
            minutes=15,
            first=0,
            status="metered",
            width=4,
            wh=chance.choice(wh)[: 4 * day.quarters],
            salt=f"{position:06d}{number // A_RECORD:010d}".encode(),
        )
