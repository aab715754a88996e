"""What is erased is gone from PostgreSQL: values, what was kept aside, files of exports; and what is left is proved."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from out_house import House, code
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from test_erasing import activated, erase, moved
from test_exports import made_of, ready
from test_recounting import ask as ask  # noqa: PLC0414 - a fixture

from contracts import columnar
from contracts.meter_ingest import v1
from meter_ingest import aside, keeping, store, value_proof, value_store, wiping
from meter_ingest.domain.series import Record
from meter_ingest.out import jobs, making

pytestmark = pytest.mark.store

LEFT = "2026-04-01"
NOW = datetime(2026, 4, 6, 8, tzinfo=UTC)


async def decided(world: Any, engine: AsyncEngine, stored: Any) -> None:
    """The documents as the case shard would have written them, with their rows."""
    await stored(world, store.ERASED.name, store.RETENTION.name, store.EXPIRY.name)
    async with engine.begin() as connection:
        await connection.execute(text("DELETE FROM own.value_erased"))
        for (name, id_), document in world.scenario.documents.items():
            if name == store.ERASED.name:
                for row in store.ERASED.rows[store.ERASED_ROWS](id_, document.state):
                    await connection.execute(store.ERASED_ROWS.insert().values(row))


async def count(engine: AsyncEngine, table: str = "value_version", *, where: str = "true") -> int:
    async with engine.connect() as connection:
        return await connection.scalar(text(f"SELECT count(*) FROM private.{table} WHERE {where}")) or 0


def in_columns(record: Record) -> Record:
    """The same, as it comes by column."""
    return replace(
        record,
        salt=bytes(value_store.SALT),
        columns=columnar.read(columnar.write(record.data.series, {})),
        data=v1.SendMeterValues.model_construct(series=()),
    )


def spiky(base: int, high: int) -> list[int]:
    return [base] * 40 + [high] + [base] * 55


async def test_rows_go_and_what_was_kept_aside_and_no_one_elses(
    world: Any, engine: AsyncEngine, take: Any, stored: Any, day_series: Any
) -> None:
    points = world.points(1, 2)
    world.open(points)
    world.fact(points[0], agreed_power_w=20_000)
    end_user = moved(world, points[0])
    at = world.local("2026-04-02", "06:30")
    some = [day_series(point, day, 5) for point in points for day in ("2026-03-31", LEFT)]
    (first, bad) = await take(
        world.record(*some, at=at), world.record(day_series(points[0], "2026-03-30", spiky(300, 6000)), at=at)
    )
    assert (len(first.versions), len(bad.aside)) == (4, 1)
    erase(world, end_user)
    await decided(world, engine, stored)
    assert await wiping.wipe(engine) == 1
    assert await wiping.wipe(engine) == 0, "it has been done"
    assert await count(engine) == 3
    assert await count(engine, where=f"metering_point_id = {points[0]}") == 1, "the day of the next one"
    assert await count(engine, "quarantined_version") == 0
    # As after an old copy of the store was put back: it lacks what had been done, and what was.
    async with engine.begin() as connection:
        await connection.execute(text("DELETE FROM private.value_wiped"))
    await keeping.tend(engine)
    assert await count(engine, "value_wiped") == 1
    # And what comes again is not written, in series or by column.
    by_series = world.record(day_series(points[0], "2026-03-31", 7), day_series(points[1], "2026-03-30", 7), at=at)
    for record in (by_series, in_columns(replace(by_series, position=by_series.position + 1, offset=99))):
        (again,) = await take(record)
        assert [(one.row, one.code) for one in again.rows] == [(0, "VALUES_ERASED")]
    assert await count(engine, where=f"metering_point_id = {points[0]}") == 1


@pytest.mark.rule("VALUES_NOT_PROVED")
@pytest.mark.parametrize("by_column", [False, True])
async def test_what_is_left_is_proved(
    world: Any, engine: AsyncEngine, take: Any, stored: Any, day_series: Any, *, by_column: bool
) -> None:
    points = world.points(1, 2, 3, 4, 5)
    world.open(points)
    world.fact(points[0], agreed_power_w=20_000)
    end_user = moved(world, points[0], points[3])
    at = world.local("2026-04-03", "06:30")
    across, *parted = (
        day_series(point, "2026-03-31", 5).model_copy(
            update={"end": world.local("2026-04-03"), "values_wh": tuple(range(3 * 96))}
        )
        for point in (points[0], points[3], points[4])
    )
    records = [
        world.record(*(day_series(point, "2026-03-30", 5) for point in points[:3]), at=at),
        world.record(*parted, at=at),
        world.record(across, day_series(points[1], "2026-03-31", 6), at=at),
        world.record(day_series(points[0], "2026-03-29", spiky(300, 6000)[4:]), at=at),
        world.record(*(day_series(point, LEFT, 5) for point in points[:3]), at=at),
    ]
    if by_column:
        records = [in_columns(one) for one in records]
    events = [event for one in await take(*records) for event in (one.event, one.quarantined) if event]
    proofs = [(value_proof.said, value_proof.evidence("0")), (aside.said, aside.evidence("0"))]

    remarks: list[Any] = []

    async def proved() -> list[list[str]]:
        remarks.clear()
        found: list[list[str]] = []
        for said, evidence in proofs:
            assert evidence.asked is not None
            async with engine.connect() as connection:
                lines = [line for event in events for line in said(event)]
                left, there, why = await evidence.asked(connection, lines, await evidence.stored(connection))
            assert sorted(left) == sorted(there)
            found.append(sorted(left))
            remarks.extend(why)
        return found

    before = await proved()
    assert all(before)
    assert remarks == []
    erase(world, end_user)
    await decided(world, engine, stored)
    for _ in range(2):
        values, quarantined = await proved()
        assert quarantined == []
        # Of the first record and the second those of the others are left: by column without the hash over all.
        with_hash = {line for line in values if not line.endswith("|")}
        assert with_hash < set(before[0])
        by_sum = sorted(line.split("|")[1].removeprefix("*") for line in values if line.endswith("|"))
        assert by_sum == ([points[1], points[2], points[4]] if by_column else [])
        alone = {point for line in values for point in line.split("|")[1].removeprefix("*").split(",")}
        assert alone == {points[0], points[1], points[2], points[4]}, "of the first the day of the next one"
        assert [(one.code, one.actual, one.limit) for one in remarks] == [
            ("VALUES_NOT_PROVED", 3, len(by_sum)),
            ("VALUES_NOT_PROVED", 1, 0),
        ]
        await wiping.wipe(engine)
    # Whatever becomes of what is left is found: a value, or a row, of what is proved by its sum, too.
    one = f"metering_point_id = {points[2]} AND day = '2026-03-30'"
    for spoil in (
        f"UPDATE private.value_version SET wh = set_byte(wh, 8, 77) WHERE {one}",
        f"UPDATE private.value_version SET wh = set_byte(wh, 8, 5) WHERE {one}; -- as it was",
        f"DELETE FROM private.value_version WHERE {one}",
    ):
        async with engine.begin() as connection:
            await connection.execute(text(spoil))
        if "as it was" in spoil:
            await proved()
        else:
            with pytest.raises(AssertionError):
                await proved()


@pytest.mark.rule("EXPORT_REVOKED")
async def test_files_that_could_have_any_of_it_are_revoked_also_one_that_is_being_made(
    house: House, world: Any, engine: AsyncEngine, stored: Any, day_series: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = world.points(1, 2, power_w=2**50)
    world.open(points)
    at = world.local("2026-04-02", "06:30")
    for day in ("2026-03-31", LEFT):
        await house.comes(*(day_series(point, day, 5) for point in points), at=at)
    house.control(points[1], world.local("2026-03-29"))
    await house.stands()
    order = {"formats": ["csv.gz"], "lines": ["consumption"]}
    dsos = await ready(house, world.dso, **order)
    bsps = await ready(house, world.bsp, **order)
    under_way = await house.asks(
        world.dso, "POST", "/exports", {"kind": "portfolio", "from": "2026-03-28", "to": "2026-04-03", **order}
    )
    erase(world, moved(world, points[0]))
    await decided(world, engine, stored)
    put_made = jobs.put_made

    async def erased_meanwhile(*args: Any) -> None:
        await put_made(*args)
        await wiping.wipe(engine)

    monkeypatch.setattr(jobs, "put_made", erased_meanwhile)
    await making.tend(engine, NOW)
    assert code(await house.gets(world.dso, dsos["files"][0]["link"])) == (410, "EXPORT_REVOKED")
    assert await made_of(engine, under_way.json()["id"]) == {}
    parts = await count(engine, "export_part")
    assert parts == len(await made_of(engine, bsps["id"])), "another's, of another point, stand"
    assert (await house.gets(world.bsp, bsps["files"][0]["link"])).status_code == 200
    # What is ordered from then on has what is left.
    after = await ready(house, world.dso, **order)
    assert after["state"] == "ready"


async def test_a_run_of_values_that_are_gone_is_shown_as_it_was_published(
    world: Any, engine: AsyncEngine, take: Any, stored: Any, day_series: Any, ask: Any
) -> None:
    points = activated(world)
    end_user = moved(world, points[0])
    at = world.local("2026-03-29", "06:30")
    record = world.record(
        *(day_series(point, "2026-03-28", [1001] * 40 + [7, 300] + [900] * 54) for point in points), at=at
    )
    world.scenario.when(world.decide(record).event, at=at)
    await take(record)
    before = await ask(points=True)
    assert before["agrees"] is True
    erase(world, end_user)
    await decided(world, engine, stored)
    await wiping.wipe(engine)
    answer = await ask(points=True)
    assert (answer["agrees"], answer["because"]) == (None, "VALUES_ERASED")
    assert (answer["run"], answer["runs"]) == (before["run"], before["runs"])
    assert "points" not in answer
    # A neighbour's correction is accepted, and counts; the run stands, and its sender is told why.
    later = world.local("2026-05-02")
    record = world.record(day_series(points[1], "2026-03-28", 77, registered_at=world.local("2026-05-01")), at=later)
    (came,) = await take(record)
    assert (came.status, await count(engine, where=f"metering_point_id = {points[1]}")) == ("accepted", 2)
    heard = world.scenario.when(came.event, at=later).events
    (told,) = (one for one in heard if isinstance(one, v1.VerificationNotRenewed))
    assert (told.activation_id, told.sender, told.run) == (world.uuid(70), world.dso, before["run"]["run"])
    await stored(world, store.ACTIVATION.name)
    again = await ask(points=True)
    assert (again["run"], again["runs"], again["because"]) == (before["run"], before["runs"], "VALUES_ERASED")
