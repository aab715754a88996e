"""Where values lie in PostgreSQL: months made and dropped, points that change class, what is left to prove."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from contracts.meter_ingest.v1 import ValueRetentionSet, ValuesExpired
from meter_ingest import keeping, partitions, store, value_proof, value_store
from meter_ingest.domain import blocks, retention

pytestmark = pytest.mark.store

MARCH, APRIL = "value_version_3_2026_03", "value_version_3_2026_04"


async def months(engine: AsyncEngine) -> set[str]:
    """The leaves that there are."""
    async with engine.connect() as connection:
        found = await connection.execute(text("SELECT relid::text FROM pg_partition_tree('private.value_version')"))
    return {name.removeprefix("private.") for name in found.scalars() if name.count("_") == 4}


async def lies(engine: AsyncEngine) -> list[tuple[str, int, int]]:
    """Which points have how many rows in which class."""
    async with engine.connect() as connection:
        found = await connection.execute(
            text(
                "SELECT metering_point_id::text, keep_years, count(*) FROM private.value_version"
                " GROUP BY 1, 2 ORDER BY 1, 2"
            )
        )
    return [tuple(row) for row in found]


async def decided(world: Any, engine: AsyncEngine, stored: Any, *events: Any) -> None:
    """What the case shard has decided, and its documents as it would have written them."""
    world.scenario.given(*events)
    await stored(world, "retention", "expiry")
    async with engine.begin() as connection:
        await connection.execute(text("DELETE FROM own.value_retention"))
        rows = [
            row
            for (name, id_), document in world.scenario.documents.items()
            if name == store.RETENTION.name
            for row in store.RETENTION.rows[store.RETENTION_ROWS](id_, document.state)
        ]
        for row in rows:
            await connection.execute(store.RETENTION_ROWS.insert().values(row))


def kept(world: Any, point: str, years: int, kept_from: date | None = None) -> ValueRetentionSet:
    return ValueRetentionSet(
        metering_point_id=point, dso=world.dso, keep_years=years, kept_from=kept_from, reason="test"
    )


def gone(world: Any, month: date, years: int = 3) -> ValuesExpired:
    return ValuesExpired(keep_years=years, month=month, years=years, decided_at=world.local("2029-05-01"))


async def test_months_are_there_before_they_are_needed_and_made_when_they_are(
    world: Any, engine: AsyncEngine, take: Any, points: list[str], day_series: Any
) -> None:
    assert await months(engine) == set()
    async with engine.begin() as connection:
        await connection.execute(
            text("UPDATE engine.writer SET passed_until = '2026-11-30T23:30Z' WHERE shard = 'case'")
        )
    await keeping.tend(engine)
    ahead = {f"value_version_{years}_{month}" for years in (3, 10) for month in ("2026_12", "2027_01", "2027_02")}
    assert await months(engine) == ahead
    await take(world.record(day_series(points[0], "2026-03-31", 5), at=world.local("2026-04-01", "06:30")))
    assert await months(engine) == ahead | {MARCH, MARCH.replace("_3_", "_10_")}


async def test_two_processes_make_the_same_months_at_once(engine: AsyncEngine) -> None:
    others = [create_async_engine(engine.url) for _ in range(4)]
    days = [date(2026, month, 5) for month in range(1, 13)]
    await asyncio.gather(
        *(
            partitions.ensure_months(one, some)
            for one, some in zip(others, (days, days[::-1], days, days[::-1]), strict=True)
        )
    )
    assert len(await months(engine)) == 24
    for one in others:
        await one.dispose()


async def test_a_month_is_made_while_another_batch_writes(
    world: Any, engine: AsyncEngine, take: Any, points: list[str], day_series: Any
) -> None:
    await take(world.record(day_series(points[0], "2026-03-28", 5), at=world.local("2026-03-29", "06:30")))
    async with engine.begin() as writing:
        await writing.execute(text("UPDATE private.value_version SET salt = '' WHERE metering_point_id > 0"))
        await asyncio.wait_for(partitions.ensure_months(engine, [date(2026, 4, 1)]), 10)
        # And the batch itself, which has used the table already, may write to the month that is new.
        await writing.execute(
            text(
                "INSERT INTO private.value_version SELECT keep_years, metering_point_id, line, DATE"
                " '2026-04-01', shard, position, series, registered_at, received_at, part, off,"
                " minutes, first, status, width, wh, salt"
                " FROM private.value_version"
            )
        )
    assert APRIL in await months(engine)


async def test_a_month_is_not_dropped_while_it_is_used_and_nobody_waits_long(
    world: Any, engine: AsyncEngine, take: Any, points: list[str], day_series: Any
) -> None:
    for day in ("2026-03-31", "2026-04-01"):
        await take(world.record(day_series(points[0], day, 5), at=world.local("2026-04-02", "06:30")))
    async with engine.connect() as reading:
        await reading.execute(text("SELECT count(*) FROM private.value_version"))
        assert await partitions.drop_expired(engine, 3, date(2026, 3, 1)) == []
    assert await partitions.drop_expired(engine, 3, date(2026, 3, 1)) == [MARCH]
    assert await partitions.drop_expired(engine, 3, date(2026, 3, 1)) == [], "again is harmless"
    assert APRIL in await months(engine)
    # What comes late all the same has a place.
    await take(world.record(day_series(points[1], "2026-03-30", 5), at=world.local("2026-04-02", "06:30")))
    assert MARCH in await months(engine)


async def test_a_marked_points_values_are_written_and_moved_to_its_class_and_outlive_their_neighbours(
    world: Any, engine: AsyncEngine, take: Any, points: list[str], day_series: Any, stored: Any
) -> None:
    one, two, three = points
    at = world.local("2026-04-01", "06:30")
    await take(world.record(day_series(one, "2026-03-28", 5), day_series(two, "2026-03-28", 6), at=at))
    await decided(world, engine, stored, kept(world, two, 10))
    await take(world.record(day_series(two, "2026-03-29", 7), day_series(three, "2026-03-29", 8), at=at))
    assert await lies(engine) == [(one, 3, 1), (two, 3, 1), (two, 10, 1), (three, 3, 1)]
    read = value_store.StoredValues(engine).read
    window = (world.local("2026-03-28"), world.local("2026-03-30"))
    before = await read({"consumption": points}, [window], as_of={"0": 9})
    await keeping.tend(engine)
    await keeping.tend(engine)
    assert await lies(engine) == [(one, 3, 1), (two, 10, 2), (three, 3, 1)]
    assert await read({"consumption": points}, [window], as_of={"0": 9}) == before

    await decided(world, engine, stored, gone(world, date(2026, 3, 1)))
    await keeping.tend(engine)
    assert await lies(engine) == [(two, 10, 2)]
    assert MARCH not in await months(engine)

    # Marked no longer: what has expired there is not brought back, what has not is.
    await take(world.record(day_series(two, "2026-04-01", 7), at=world.local("2026-04-02", "06:30")))
    await decided(world, engine, stored, kept(world, two, 3))
    await keeping.tend(engine)
    assert await lies(engine) == [(two, 3, 1)]


async def test_what_is_left_is_proved_after_a_month_is_gone(
    world: Any, engine: AsyncEngine, take: Any, points: list[str], day_series: Any, stored: Any
) -> None:
    at = world.local("2026-04-03", "06:30")
    across = day_series(points[0], "2026-03-31", 5).model_copy(
        update={"end": world.local("2026-04-03"), "values_wh": tuple(range(3 * 96))}
    )
    some = [
        day_series(points[0], "2026-04-01", 6),
        day_series(points[1], "2026-03-31", 7),
        day_series(points[2], "2026-03-31", 8),
    ]
    await decided(world, engine, stored, kept(world, points[2], 10))
    taken = await take(world.record(across, *some, at=at))
    said = sorted(line for one in taken for line in value_proof.said(one.event))
    proved = value_proof.evidence("0")
    assert proved.asked is not None

    async def asked() -> tuple[list[str], list[str]]:
        assert proved.asked is not None
        async with engine.connect() as connection:
            left, there, _ = await proved.asked(connection, said, await proved.stored(connection))
        return sorted(left), sorted(there)

    assert await asked() == (said, said)
    await decided(world, engine, stored, gone(world, date(2026, 3, 1)))
    for _ in range(2):
        left, there = await asked()
        assert left == there
        assert sorted(blocks.place_of(line.split("|")[1]) for line in left) == sorted(
            blocks.place_of(point) for point in (points[0], points[2])
        )
        await keeping.tend(engine)
    async with engine.begin() as connection:
        await connection.execute(
            text("UPDATE private.value_version SET wh = set_byte(wh, 8, 77) WHERE keep_years = 10")
        )
    left, there = await asked()
    assert left != there


async def test_who_dies_between_copy_and_commit_leaves_nothing(
    world: Any, engine: AsyncEngine, take: Any, points: list[str], day_series: Any
) -> None:
    record = world.record(day_series(points[0], "2026-03-28", 5), at=world.local("2026-03-29", "06:30"))
    decided_ = world.decide(record)
    dying = create_async_engine(engine.url)
    await partitions.ensure_months(dying, [date(2026, 3, 28)])
    connection = await dying.connect()
    assert await value_store.standing(connection, [(points[0], "consumption", date(2026, 3, 28))]) == {}
    await value_store.append(connection, decided_.versions)
    raw: Any = (await connection.get_raw_connection()).driver_connection
    raw.terminate()  # As when the process is killed: nobody says good-bye.
    await connection.invalidate()
    await connection.close()
    await dying.dispose()
    assert await lies(engine) == []
    (again,) = await take(record)
    assert (again.event.series[0].changed, await lies(engine)) == (True, [(points[0], 3, 1)])


def test_classes_are_told_apart(world: Any) -> None:
    assert retention.marked(dict.fromkeys(("707057500000000",))) == frozenset()
    assert partitions.leaf(3, date(2026, 3, 1)) == MARCH
