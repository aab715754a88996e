"""What stands behind settlement, asked of stored values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from deviation_given import DAY, made, priced, run, send, supplied
from noted_given import noted
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.asking import UnableToAnswer
from chassis.service import Kind
from chassis.work import Key, Work
from contracts.meter_ingest import v1
from contracts.values import make_gln
from meter_ingest import app, value_store
from meter_ingest.partitions import ensure_months

pytestmark = pytest.mark.store


@pytest.fixture
async def ask(world: Any, engine: AsyncEngine, stored: Any) -> Any:
    """Ask with the world's documents, and its values written."""

    async def load(wanted: Iterable[tuple[Kind[Any], Iterable[str]]]) -> Mapping[Key, Any]:
        keys = [(kind.name, id_) for kind, ids in wanted for id_ in ids]
        return {key: world.scenario.documents[key] for key in keys if key in world.scenario.documents}

    async def ask(**asked: Any) -> dict[str, Any]:
        await stored(world, "points", "block", "profile")
        async with engine.connect() as connection:
            return await app.SERVICE.asks["settlement"](connection, lambda: Work(world.scenario.service, load), asked)

    return ask


@pytest.fixture
def written(world: Any, engine: AsyncEngine) -> Any:
    async def written() -> None:
        versions = [one for some in world.values.days.values() for one in some]
        await ensure_months(engine, [one.day for one in versions])
        async with engine.begin() as connection:
            await connection.execute(text("SELECT 1"))
            await value_store.append(connection, versions)

    return written


async def test_the_rows_of_a_run_are_computed_again(
    world: Any, engine: AsyncEngine, day_series: Any, ask: Any, written: Any
) -> None:
    points = made(world)
    priced(world, "1000")
    send(world, day_series, points[0], 1000, on="2026-03-30")
    send(world, day_series, points[0], [1250, *[1000] * 91], on="2026-04-05")
    send(world, day_series, points[1], [7, *[0] * 91], on="2026-04-06")
    (event,) = run(world).events
    await written()
    found = await ask(run=event.run_id)
    assert (found["status"], found["revisions_sha256"]) == ("draft", event.revisions_sha256)
    assert (found["energy_wh"], found["amount_exact"]) == (257, event.amount_exact)
    start, quarter = world.local(DAY), timedelta(minutes=15)
    read = ("consumption", start, start + quarter)
    assert await noted(engine) == {(one, *read, "") for one in points[:2]}
    row = found["rows"][0]
    assert (row["metering_point_id"], row["settled_wh"], row["corrected_wh"]) == (points[0], 1000, 1250)
    assert (row["nok_per_mwh"], row["price"], row["amount_exact"]) == ("1000", "imbalance-quarter|NO3|1", "0.25")
    with pytest.raises(UnableToAnswer):
        await ask(run=world.uuid(99))


async def test_volumes_by_the_hour_with_their_prices(
    world: Any, engine: AsyncEngine, day_series: Any, ask: Any, written: Any
) -> None:
    points = made(world)
    send(world, day_series, points[0], 250, on="2026-03-30")
    start = world.local(DAY)
    for kind, nok in (("day-ahead-hour", ["500"]), ("day-ahead-quarter", ["0"] * 4 + ["100", "200", "300", "400"])):
        command = v1.PublishPrices(kind=kind, source="Nord Pool", start=start, prices_nok_mwh=tuple(nok))
        world.scenario.when(command, subject="NO3", sender=world.tso, role="tso", at=start)
    world.scenario.when(
        v1.RecordNorgespris(valid_from=start), subject=points[0], sender=make_gln(8), role="datahub", at=start
    )
    await written()
    found = await ask(point=points[0], day=DAY, last_resort_since="2026-03-01")
    first, second, third = found["hours"][:3]
    assert (first["wh"], first["source"], first["nok_per_kwh"]) == (1000, "published-hour", "0.5000")
    assert (first["surcharge_nok_kwh"], first["amount_exact"], first["norgespris"]) == ("0.05", "0.55", True)
    assert (second["start"] - start, second["source"], second["amount_exact"]) == (
        timedelta(hours=1),
        "mean-of-quarters",
        "0.3",
    )
    assert (third["source"], third["amount_exact"]) == ("unpriced", None)
    assert (len(found["hours"]), found["unpriced"], found["amount"]) == (23, 21, "0.85")
    assert await noted(engine) == {(points[0], "consumption", start, world.local("2026-03-30"), "")}
    by_zone = await ask(zone="NO3", day=DAY)
    assert [one["source"] for one in by_zone["hours"][:3]] == ["published-hour", "mean-of-quarters", "unpriced"]
    assert len(by_zone["imbalance"]) == 92
    assert len(await noted(engine)) == 1, "prices are nobody's values"


async def test_the_rows_of_a_days_adjustment(
    world: Any, engine: AsyncEngine, day_series: Any, ask: Any, written: Any
) -> None:
    points = made(world)[:2]
    world.formed()
    for point in points:
        world.joined(point)
    start = world.local(DAY, "10:00")
    world.order(4000, start, start + timedelta(minutes=15), at=start - timedelta(minutes=15))
    for point, wh in zip(points, (900, 400), strict=True):
        send(world, day_series, point, [1000] * 36 + [wh] + [1000] * 55, on="2026-03-30")
    world.scenario.until(world.local("2026-03-30", "10:00"))
    send(world, day_series, points[0], 0, on="2026-03-31")
    await written()
    found = await ask(adjustment="D+1", day=DAY)
    assert (found["delivered_wh"], found["as_published"]) == (700, True), "whatever came later"
    assert [(one["point"], one["start"], one["wh"]) for one in found["rows"]] == [
        (points[0], start, 100),
        (points[1], start, 600),
    ]
    quarter = (start, start + timedelta(minutes=15), "")
    assert await noted(engine) == {(one, line, *quarter) for one in points for line in ("consumption", "production")}
    supplied(world, points[0], make_gln(39))
    moved = await ask(adjustment="D+1", day=DAY)
    assert (moved["delivered_wh"], moved["as_published"]) == (700, False), "another supplies it than was told"
    with pytest.raises(UnableToAnswer):
        await ask(adjustment="D+5", day=DAY)


@pytest.mark.parametrize(
    "asked", [{}, {"zone": "NO9", "day": DAY}, {"zone": "NO3", "day": "soon"}, {"run": "x"}, {"point": "1", "day": DAY}]
)
async def test_what_cannot_be_answered_says_why(ask: Any, asked: dict[str, Any]) -> None:
    with pytest.raises(UnableToAnswer):
        await ask(**asked)
