"""Many metering points, generated: what meter-ingest knows of them, and a day of each by column.

Their documents are written as the service writes them: to fold a fact and an opening a point would take hours.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from bench import material
from bench.ground import Ground
from chassis import store as documents
from chassis.engine import Engine
from chassis.record import Record
from chassis.service import Kind
from contracts import calendar, columnar, topics
from contracts.meter_ingest.v1 import SendMeterValues
from contracts.values import make_gsrn
from flexreg import outgoing
from flexreg.story import cast as who
from meter_ingest import store
from meter_ingest.app import case_shard, value_shard
from meter_ingest.domain import blocks, channel, known
from meter_ingest.value_store import StoredValues

DSO = who.DSO_1
TOPIC = topics.ingress_values(DSO.gln)
QUARTERS = 96
SERIES = 2000
"""Of one record."""
AT_ONCE = 2000
"""Blocks that are written in one COPY."""
OLD = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Store:
    """A database that knows so many points."""

    url: str
    count: int
    day: date
    """Of which values come."""

    @property
    def steps(self) -> int:
        """The quarters of that day."""
        return calendar.steps(*calendar.usage_day(self.day), "PT15M")


@contextlib.asynccontextmanager
async def prepared(ground: Ground, count: int, *, shards: int = 1) -> AsyncGenerator[Store]:
    """A fresh database in which `count` points have an open channel each; `shards` value shards may write to it."""
    services = (case_shard(StoredValues()), *(value_shard(sandbox=False, number=number) for number in range(shards)))
    day = datetime.now(UTC).date() - timedelta(days=2)
    async with ground.database(services, package="meter_ingest") as database:
        engine = Engine(case_shard(StoredValues(database)), database, "bench")
        await engine.claim()
        parties = list(material.published(material.onboarded(), source="/services/registry"))
        for topic, bodies in (
            (topics.events("registry"), parties),
            (topics.commands("meter-ingest"), [material.opening()]),
        ):
            await engine.take(Record(topic, 0, offset, 0, body) for offset, body in enumerate(bodies))
        async with ground.connection(database) as raw:
            await _fill(raw, count, since=calendar.midnight(day - OLD))
            await raw.execute("ANALYZE")
        yield Store(url=database.url.render_as_string(hide_password=False), count=count, day=day)


async def _fill(raw: Any, count: int, *, since: datetime) -> None:
    columns = ("kind", "id", "version", "state")
    # The hundred points of a block differ in their last digits.
    for first in range(0, count, 100 * AT_ONCE):
        rows: dict[str, list[tuple[str, str, int, str]]] = {}
        for begin in range(first, min(count, first + 100 * AT_ONCE), 100):
            serials = range(begin, min(count, begin + 100))
            points = {make_gsrn(material.FIRST + serial): serial for serial in serials}
            block = blocks.block_of(next(iter(points)))
            period = (channel.Period(DSO.gln, "PT15M", since),)
            facts = {blocks.place_of(point): (_fact(serial, since),) for point, serial in points.items()}
            made: list[tuple[Kind[Any], str, object]] = [
                (store.BLOCK, blocks.key(block, "consumption"), channel.Block(dict.fromkeys(facts, period))),
                (store.POINTS, block, known.Points(facts)),
            ]
            for kind, id_, state in made:
                row = (kind.name, id_, 1, kind.adapter.dump_json(state).decode())
                rows.setdefault(documents.table_of(kind), []).append(row)
        for table, some in rows.items():
            schema, _, name = table.partition(".")
            await raw.copy_records_to_table(name, schema_name=schema, columns=columns, records=some)


def _fact(serial: int, since: datetime) -> known.PointVersion:
    power = 1000 * (13 + serial % 40)
    settled = "interval" if serial % 10 else "profiled"
    return known.PointVersion(
        since, DSO.gln, power, grid_area=material.AREA.eic, resolution="PT15M", settlement=settled, fuse_w=2 * power
    )


def stretches(count: int, take: int, *, first: int = 0) -> list[range]:
    """`take` of `count` serials from `first` on, as many stretches of neighbours as there are records, far apart."""
    many = -(-take // SERIES)
    return [
        range(first + number * count // many, first + number * count // many + min(SERIES, take - number * SERIES))
        for number in range(many)
    ]


def bodies(parts: Sequence[Sequence[int]], day: date, *, revision: int = 0) -> Iterator[bytes]:
    """A record by column for each part: a day of quarters of each serial."""
    chance = np.random.default_rng(revision)
    start, end = calendar.usage_day(day)
    steps = calendar.steps(start, end, "PT15M")
    stamp = pa.timestamp("us", tz="UTC")
    moments = {"start": start, "end": end, "registered_at": end + timedelta(hours=2 + revision)}
    for number, serials in enumerate(parts):
        count = len(serials)
        values = pa.array(chance.integers(300, 3000, count * steps, dtype=np.int32))
        columns = {
            "metering_point_id": pa.array([make_gsrn(material.FIRST + serial) for serial in serials], pa.utf8()),
            "resolution": pa.array(["PT15M"] * count).dictionary_encode(),
            "values_wh": pa.ListArray.from_arrays(np.arange(0, count * steps + 1, steps, dtype=np.int32), values),
            **{name: pa.array([moment] * count, stamp) for name, moment in moments.items()},
        }
        wish = {"type": SendMeterValues.type, "subject": f"{day} {revision} {number}", "data": {"series": []}}
        message = outgoing.filled(wish, gln=DSO.gln, at=datetime.now(UTC))
        yield columnar.packed_up(pa.table(columns), {name: said for name, said in message.items() if name != "data"})


def batches(some: Iterator[bytes], *, most: int) -> Iterator[list[Record]]:
    """Records as a fetch gives them: about `most` bytes."""
    made: list[Record] = []
    size = 0
    for offset, body in enumerate(some):
        if made and size + len(body) > most:
            yield made
            made, size = [], 0
        made.append(Record(TOPIC, 0, offset, int(time.time() * 1000), body))
        size += len(body)
    if made:
        yield made
