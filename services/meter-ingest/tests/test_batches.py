"""How records are batched is nothing that a decision depends on: a second run has other batches, and the same bytes."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import migrate
from chassis.engine import Engine
from chassis.record import Record
from contracts import columnar
from contracts.meter_ingest import v1
from contracts.registry.v1 import PartyOnboarded
from meter_ingest import app, shard, store

pytestmark = pytest.mark.store

POINTS = shard.MANY + 3
DAYS = ("2026-03-28", "2026-03-29", "2026-03-30")
KINDS = (store.POLICIES, store.PARTY, store.POINTS, store.BLOCK, store.VALIDATION)
Rows = list[tuple[Any, ...]]


@pytest.mark.parametrize("seed", range(6))
async def test_records_mean_the_same_however_they_are_batched(
    world: Any, engine: AsyncEngine, stored: Any, day_series: Any, seed: int
) -> None:
    """Records in JSON, many alike and few, and by column; corrections and repetitions in and across them, refusals."""
    chance = random.Random(seed)
    points = world.points(*range(1, POINTS + 1), power_w=4000)
    world.scenario.given(PartyOnboarded(party=world.dso, name="DSO", roles=("dso",)))
    world.open(points)
    bodies = [_body(world, number, _series(world, day_series, points, chance), chance) for number in range(12)]
    bodies.insert(9, bodies[4])
    at = world.local("2026-04-02", "08:00")
    topic = f"ingress.{world.dso}.meter-values.v1"
    records = [Record(topic, 0, off, int(at.timestamp() * 1000) + off, body) for off, body in enumerate(bodies)]
    each = list(range(1, len(records)))
    cuts = [[], each, *(sorted(chance.sample(each, 3)) for _ in range(2))]
    said: list[tuple[Rows, Rows, Rows]] = []
    for cut in cuts:
        values = app.value_shard(sandbox=False, salt=lambda position: position.to_bytes(16))
        await _emptied(engine)
        await migrate.migrate(engine, [app.SERVICE, values], "meter_ingest")
        await stored(world, *(kind.name for kind in KINDS))
        one = Engine(values, engine, "test")
        await one.claim()
        for first, last in itertools.pairwise((0, *cut, len(records))):
            await one.take(records[first:last])
        said.append(await _found(engine))
    assert said[0] == said[1]
    assert said[2:] == said[:2]
    ledger, versions, _ = said[0]
    told = [json.loads(body)["data"] for _, body in ledger]
    accepted = [one for one in told if "together" in one]
    assert any(one["together"] for one in accepted), "nothing was accepted together"
    assert any(one["series"] for one in accepted), "nothing went one by one"
    assert any(one.get("duplicate") for one in told)
    assert {one["status"] for one in told if "status" in one} >= {"accepted", "partly-accepted"}
    assert versions


def _series(world: Any, day_series: Any, points: Sequence[str], chance: random.Random) -> list[v1.Series]:
    """Of many or of few points, some of a day that has come before, some wrong."""
    some = points if chance.random() < 0.6 else chance.sample(points, chance.randrange(2, 12))
    day = chance.choice(DAYS)
    registered = world.local("2026-04-01", "12:00") + chance.choice([0, 0, 1]) * timedelta(hours=1)
    made = [day_series(point, day, _figures(world, day, chance), registered_at=registered) for point in some]
    if chance.random() < 0.5:
        return made
    for one in chance.sample(made, 2):
        other = day_series(one.metering_point_id, chance.choice(DAYS), 700, registered_at=registered)
        wrong = (
            {},
            {"values_wh": (*other.values_wh[1:],)},
            {"values_wh": (-1, *other.values_wh[1:])},
            {"metering_point_id": world.gsrn(90)},
            {"values_wh": (30_000, *other.values_wh[1:])},
            {"status": "estimated"},
        )
        made.insert(chance.randrange(len(made)), other.model_copy(update=chance.choice(wrong)))
    return made


def _figures(world: Any, day: str, chance: random.Random) -> list[int]:
    first = chance.choice([100, 500])
    return [first + 37 * step % 101 for step in range(world.steps(day))]


def _body(world: Any, number: int, series: Sequence[v1.Series], chance: random.Random) -> bytes:
    envelope = {
        "specversion": "1.0",
        "id": f"0190a5c0-0000-7000-8000-{number:012d}",
        "source": f"/parties/{world.dso}",
        "type": v1.SendMeterValues.type,
        "subject": str(number),
        "time": "2026-04-02T06:00:00Z",
    }
    if chance.random() < 0.4:
        return columnar.write(series, envelope)
    data = {"series": [one.model_dump(mode="json", exclude_unset=True) for one in series]}
    return json.dumps(envelope | {"data": data}).encode()


async def _emptied(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        names = await connection.scalars(
            text(
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
                " WHERE schemaname IN ('engine', 'own', 'known', 'private') AND tablename !~ 'alembic'"
            )
        )
        await connection.execute(text(f"TRUNCATE {', '.join(names)}"))


async def _found(engine: AsyncEngine) -> tuple[Rows, Rows, Rows]:
    """What was said, what is stored, and what is kept aside."""
    async with engine.connect() as connection:
        told = await connection.execute(text("SELECT topic, body FROM engine.ledger ORDER BY position"))
        found: list[Rows] = [[(row.topic, bytes(row.body)) for row in told]]
        for table in ("value_version", "quarantined_version"):
            rows = await connection.execute(text(f"SELECT * FROM private.{table}"))
            found.append(sorted(tuple(row) for row in rows))
    return found[0], found[1], found[2]
