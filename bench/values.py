"""Meter values into meter-ingest, as JSON, some hundred series a record, beside a bare COPY of the same rows."""

from __future__ import annotations

import contextlib
import itertools
import json
import random
import time
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy.ext.asyncio import AsyncEngine

from bench import material, scale, xml
from bench.ground import Cpu, Ground
from bench.participant import Participant
from chassis import kafka, store
from chassis.engine import Engine
from chassis.record import Record
from chassis.service import Kind
from contracts import calendar, columnar, door, quick_values, topics
from contracts.meter_ingest.v1 import SendMeterValues, Series
from contracts.values import time_text
from flexreg.address import Address
from flexreg.client import Register
from flexreg.story import cast as who
from flexreg.story import messages
from meter_ingest import shard
from meter_ingest.app import case_shard, value_shard
from meter_ingest.domain import series as domain
from meter_ingest.value_store import StoredValues

NAME = "values"
DSO = who.DSO_1
TOPIC = topics.ingress_values(DSO.gln)
SERVICES = (case_shard(StoredValues()), value_shard(sandbox=False))
POINTS = 2000
XML = 2000
"""Series, as EMIF XML."""
QUARTERS = 96
LIST = 2000
"""What one command may name."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """What is sent."""

    first: date
    points: list[who.Point]
    bodies: list[bytes]
    values: int
    strange: bytes
    """Of points that nobody knows: a process loads what reads many series with the first record of them."""


async def measure(ground: Ground) -> None:
    """The pipeline on records in memory, then a whole process from its topic."""
    load = _load(ground)
    size = sum(map(len, load.bodies)) / len(load.bodies)
    ground.sheet.note(
        f"values: {load.values:,} values of {len(load.points):,} points in {len(load.bodies):,} records"
        f" of {size / 1024:,.0f} KiB"
    )
    ground.sheet.note(f"values, µs of processor a series: {_opening(load)}")
    for _ in range(ground.options.repeat):
        taken, bare = await _pipeline(ground, load)
        _add(ground, "decided and written, records opened already", load.values / await _bulk(ground, load), bare)
        _add(ground, "the shard's pipeline, records in memory to the database", load.values / taken, bare)
        _add(ground, "bare consume of the same records", load.values / await _consumed(ground, load), bare)
        heard, settled = await _process(ground, load)
        budget = {"budget": "≥ 2 M/s", "wanted": 2_000_000.0}
        _add(ground, "one process, topic to receipts", load.values / heard, bare, **budget)
        _add(ground, "the same, until the case shard has heard all", load.values / settled, bare)
    columns = replace(load, bodies=_by_column(load, ground.options.series), strange=_columnar([load.strange]))
    ground.sheet.note(f"values by column: {len(columns.bodies):,} records of {len(columns.bodies[0]) / 1024:,.0f} KiB")
    xml.measure(ground, _some(load, XML))
    # The first record by column loads what reads it, as it does once in a process' life.
    await _pipeline(ground, columns)
    for _ in range(ground.options.repeat):
        taken, bare = await _pipeline(ground, columns)
        _add(ground, "by column, the shard's pipeline, records in memory to the database", load.values / taken, bare)
        _add(ground, "bare consume of the same records by column", load.values / await _consumed(ground, columns), bare)
        heard, settled = await _process(ground, columns)
        budget = {"budget": "≥ 10 M/s", "wanted": 10_000_000.0}
        _add(ground, "by column, one process, topic to receipts", load.values / heard, bare, **budget)
        _add(ground, "by column, until the case shard has heard all", load.values / settled, bare)
    await scale.measure(ground)


def _add(ground: Ground, what: str, value: float, bare: float, **more: Any) -> None:
    ground.sheet.add(NAME, what, value, "values/s", limit=bare, against="bare COPY", **more)


# What is sent


def _load(ground: Ground) -> Load:
    options = ground.options
    wanted = max(1, options.pick(2_000_000, 40_000) // QUARTERS)
    points = material.points(min(wanted, POINTS))
    days = -(-wanted // len(points))
    first = datetime.now(UTC).date() - timedelta(days=days + 1)
    chance = random.Random(1)
    made: list[dict[str, Any]] = []
    count = 0
    for number in range(days):
        start, end = calendar.usage_day(first + timedelta(days=number))
        steps = calendar.steps(start, end, "PT15M")
        for begin in range(0, len(points), options.series):
            some = points[begin : begin + options.series]
            series = [_series(point, start, end, chance.choices(range(300, 3000), k=steps)) for point in some]
            made.append(_wish(f"{start.date()} {begin}", series))
            count += steps * len(some)
    start, end = calendar.usage_day(first)
    ones = [1] * calendar.steps(start, end, "PT15M")
    strange = [_series(one, start, end, ones) for one in material.points(options.series, start=len(points))]
    bodies = material.singles([*made, _wish("strange", strange)], by=DSO)
    return Load(first=first, points=points, bodies=bodies[:-1], values=count, strange=bodies[-1])


def _wish(subject: str, series: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": SendMeterValues.type, "subject": subject, "data": {"series": series}}


def _by_column(load: Load, series: int) -> list[bytes]:
    """The same values, as many series a record as there are points. `series`: of each record now."""
    a_day = -(-len(load.points) // series)
    return [_columnar(load.bodies[begin : begin + a_day]) for begin in range(0, len(load.bodies), a_day)]


def _columnar(bodies: Sequence[bytes]) -> bytes:
    """The series of some records as one."""
    messages_ = [json.loads(body) for body in bodies]
    some = [Series.model_validate(one) for message in messages_ for one in message.pop("data")["series"]]
    return columnar.write(some, messages_[-1])


def _some(load: Load, count: int) -> list[Series]:
    """Some of the same series."""
    found = (Series.model_validate(one) for body in load.bodies for one in json.loads(body)["data"]["series"])
    return list(itertools.islice(found, count))


def _series(point: who.Point, start: datetime, end: datetime, values: Sequence[int]) -> dict[str, Any]:
    return {
        "metering_point_id": point.id,
        "resolution": "PT15M",
        "start": time_text(start),
        "end": time_text(end),
        "values_wh": list(values),
        "registered_at": time_text(end + timedelta(hours=5)),
    }


def _facts(load: Load) -> tuple[list[bytes], list[bytes]]:
    """What stands on registry's events topic and on the commands topic before values can come."""
    parts = [load.points[begin : begin + LIST] for begin in range(0, len(load.points), LIST)]
    wishes = [
        messages.open_channels(f"bench {number}", part, resolution="PT15M", valid_from=load.first)
        for number, part in enumerate(parts)
    ]
    # Received before the first day, so that nothing is due yet and nothing lies too far back.
    opened = material.forwarded(wishes, by=DSO, at=calendar.midnight(load.first) - timedelta(hours=12))
    known = list(
        material.published([*material.onboarded(), *material.recorded(load.points)], source="/services/registry")
    )
    return known, [material.opening(), *opened]


# In memory


@contextlib.asynccontextmanager
async def _prepared(ground: Ground, load: Load) -> AsyncGenerator[AsyncEngine]:
    """A database in which the case shard has opened the channels."""
    known, commands = _facts(load)
    async with ground.database(SERVICES, package="meter_ingest") as database:
        engine = Engine(case_shard(StoredValues(database)), database, "bench")
        await engine.claim()
        await engine.take(_records(topics.events("registry"), known))
        await engine.take(_records(topics.commands("meter-ingest"), commands))
        async with ground.connection(database) as raw:
            await raw.execute("ANALYZE")
        yield database


def _records(topic: str, bodies: Sequence[bytes]) -> list[Record]:
    stamp = int(time.time() * 1000)
    return [Record(topic, 0, offset, stamp, body) for offset, body in enumerate(bodies)]


def _batches(records: Sequence[Record]) -> list[list[Record]]:
    """As a fetch gives them."""
    made: list[list[Record]] = [[]]
    size = 0
    for record in records:
        if made[-1] and size + len(record.value) > kafka.FETCH:
            made.append([])
            size = 0
        made[-1].append(record)
        size += len(record.value)
    return made


def _opening(load: Load) -> str:
    """What the door takes, in both its ways; of the processor, which others on the machine do not count in."""
    told: list[str] = []
    for name, way in (("strict door", door.open_record), ("quick door", quick_values.opened)):
        began = time.process_time()
        for body in load.bodies:
            way(body)
        told.append(f"{name} {(time.process_time() - began) / load.values * QUARTERS * 1e6:.1f}")
    return ", ".join(told)


async def _pipeline(ground: Ground, load: Load) -> tuple[float, float]:
    """Seconds for all of it, from bytes to committed rows, events and receipts; and the bare COPY's values a second."""
    async with _prepared(ground, load) as database:
        engine = Engine(SERVICES[1], database, "bench")
        await engine.claim()
        began, used = time.perf_counter(), time.process_time()
        for batch in _batches(_records(TOPIC, load.bodies)):
            await engine.take(batch)
        seconds = time.perf_counter() - began
        each = (time.process_time() - used) / load.values * QUARTERS
        ground.sheet.note(f"values, µs of processor a series: all of the pipeline {each * 1e6:.1f}, without PostgreSQL")
        return seconds, load.values / await _bare(ground, database, load)


async def _bare(ground: Ground, database: AsyncEngine, load: Load) -> float:
    """The same rows, made beforehand, in one COPY."""
    async with ground.connection(database) as raw:
        rows = [tuple(row) for row in await raw.fetch("SELECT * FROM private.value_version ORDER BY position, series")]
        assert sum(len(row[-2]) for row in rows) == 4 * load.values, "not all values were written"
        await raw.execute("CREATE TABLE private.bare (LIKE private.value_version INCLUDING ALL)")
        began = time.perf_counter()
        await raw.copy_records_to_table("bare", schema_name="private", records=rows)
        return time.perf_counter() - began


async def _bulk(ground: Ground, load: Load) -> float:
    """Only what `shard.handle_batch` does: check, look up, decide, write."""
    async with _prepared(ground, load) as database:
        position = 0
        seconds = 0.0
        for batch in _batches(_records(TOPIC, load.bodies)):
            opened = [_opened(record, position + number) for number, record in enumerate(batch, 1)]
            position += len(batch)
            began = time.perf_counter()
            async with database.begin() as connection:
                load_documents = store.loader(connection)

                async def fetch(kind: Kind[Any], ids: Iterable[str]) -> Mapping[str, Any]:
                    found = await load_documents([(kind, list(ids))])  # noqa: B023 - used within the turn
                    return {id_: document.state for (_, id_), document in found.items()}

                await shard.handle_batch(
                    connection, opened, fetch=fetch, case_position=1, oldest=lambda at: domain.oldest_start(at, 3)
                )
            seconds += time.perf_counter() - began
        return seconds


def _opened(record: Record, position: int) -> domain.Record:
    item = door.open_record(record.value)[0]
    assert isinstance(item.command, SendMeterValues), item.reasons
    return domain.Record(
        sender=DSO.gln,
        partition=0,
        offset=record.off,
        received_at=record.received_at,
        position=position,
        shard="0",
        ingressposition=f"{TOPIC}/0/{record.off}",
        id=item.id,
        salt=b"bench",
        data=item.command,
    )


# On live processes


async def _consumed(ground: Ground, load: Load) -> float:
    """Seconds in which a bare consumer has all of the records."""
    name = await ground.topic("values.v1")
    async with kafka.producing(ground.bootstrap) as producer:
        for sent in [await producer.send(name, body) for body in load.bodies]:
            await sent
    began = time.perf_counter()
    found = [len(record.value) async for _, record in kafka.read_all(ground.bootstrap, name)]
    assert len(found) == len(load.bodies)
    return time.perf_counter() - began


async def _process(ground: Ground, load: Load) -> tuple[float, float]:
    """Seconds until every record has its receipt, and until the case shard has acted on all."""
    namespace = await ground.namespace(parties=topics.party_topics(DSO.gln, [DSO.role]))
    known, commands = _facts(load)
    events = topics.full_name(namespace, topics.events("meter-ingest"))
    async with contextlib.AsyncExitStack() as stack:
        async with kafka.producing(ground.bootstrap) as producer:
            name = topics.full_name(namespace, topics.events("registry"))
            for sent in [await producer.send(name, body) for body in known]:
                await sent
        url = await stack.enter_async_context(ground.address())
        running = await stack.enter_async_context(ground.process("meter-ingest", namespace=namespace, url=url))
        for to, bodies in (
            (topics.commands("meter-ingest"), commands),
            (TOPIC, [load.strange]),
            (TOPIC, load.bodies),
        ):
            cpu = Cpu({**ground.pids, "meter-ingest": running.child.pid or 0})
            one = await stack.enter_async_context(
                Participant.at(
                    ground.bootstrap, to=topics.full_name(namespace, to), hears=events, counts=material.is_receipt
                )
            )
            began = time.perf_counter()
            heard = await one.flood(bodies, answers=sum(b".send-meter-values." in b or b"open-ch" in b for b in bodies))
            ready = (running.spec.ready_url or "").removesuffix("/ready")
            async with Register.at(Address(ground.bootstrap, namespace, urls={"meter-ingest": ready})) as register:
                await register.settled()
            settled = time.perf_counter() - began
        taken = _peak(running.child.pid)
        ground.sheet.add(
            NAME, "memory of a process, at most", taken, "MiB", budget="≤ 1 GiB", wanted=scale.MIB, better="less"
        )
        ground.sheet.note(f"values, per thousand values: {cpu.said(load.values // 1000 or 1)}")
        return heard, settled


def _peak(pid: int | None) -> float:
    """The most memory that a process has had, in MiB; where the system does not tell, what it has."""
    status = Path(f"/proc/{pid}/status")
    said = status.read_text().partition("VmHWM:")[2].split() if status.exists() else []
    return int(said[0]) / 1024 if said else psutil.Process(pid).memory_info().rss / 2**20
