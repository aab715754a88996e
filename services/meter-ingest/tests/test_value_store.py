"""Values in PostgreSQL."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from meter_ingest import value_proof, value_store
from meter_ingest.domain.values import Reading, whatever_came

pytestmark = pytest.mark.store

DAY = "2026-03-28"


async def rows(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return (await connection.execute(text("SELECT count(*) FROM private.value_version"))).scalar_one()


async def test_what_is_written_is_read_as_of_a_position(
    world: Any, engine: AsyncEngine, take: Any, points: list[str], day_series: Any
) -> None:
    at = world.local("2026-03-29", "06:30")
    figures = list(range(96))
    first = world.record(*(day_series(point, DAY, figures) for point in points[:2]), at=at)
    late = {"registered_at": at, "status": "estimated"}
    second = world.record(day_series(points[0], DAY, [10**9] * 96, **late), at=at)
    one, two = await take(first, second)
    assert [accepted.changed for accepted in (*one.event.series, *two.event.series)] == [True, True, True]
    assert (one.event.decided_at_case_position, one.event.position, two.event.position) == (7, 1, 2)
    reader = value_store.StoredValues(engine)
    start = world.local(DAY, "09:00")
    windows = [(start, start + timedelta(minutes=45))]
    nothing = Reading((None,) * 3, ("missing",) * 3, ())
    asked: dict[str, list[str]] = {"consumption": points, "production": []}
    assert {*(await reader.read(asked, windows, as_of={})).values()} == {nothing}
    assert {*(await reader.read({"production": points}, windows, as_of={"0": 9})).values()} == {nothing}
    found = await reader.read(asked, windows, as_of={"0": 1})
    assert list(found) == [(point, "consumption") for point in points]
    assert [point for (point, _), one in found.items() if one != nothing] == points[:2]
    assert (found[points[0], "consumption"].wh, set(found[points[0], "consumption"].quality)) == (
        (36, 37, 38),
        {"measured"},
    )
    found = await reader.read(asked, windows, as_of={"0": 2})
    assert (found[points[0], "consumption"].wh, set(found[points[0], "consumption"].quality)) == (
        (10**9,) * 3,
        {"estimated"},
    )
    assert found[points[0], "consumption"].revisions == (two.versions[0].name,)
    in_memory = world.values
    for decided in (one, two):
        for version in decided.versions:
            key = (version.metering_point_id, version.line, version.day)
            in_memory.days.setdefault(key, []).append(version)
    assert dict(await in_memory.read(asked, windows, as_of={"0": 2})) == dict(found)


async def test_a_days_energy_is_of_whole_days_as_of_a_position(
    world: Any, engine: AsyncEngine, take: Any, points: list[str], day_series: Any
) -> None:
    at = world.local("2026-03-30", "06:30")
    whole = day_series(points[0], DAY, range(96))
    holed = day_series(points[1], DAY, 5)
    holed = holed.model_copy(update={"end": holed.end - timedelta(minutes=15), "values_wh": (5,) * 95})
    short = day_series(points[0], "2026-03-29", 2)
    again = day_series(points[0], DAY, 7, registered_at=at)
    await take(world.record(whole, holed, short, at=at), world.record(again, at=at))
    reader = value_store.StoredValues(engine)
    first, second, third = (date(2026, 3, 28) + timedelta(days=number) for number in range(3))

    async def energies(last: date, upto: int) -> dict[str, dict[date, int]]:
        return await reader.energies(points, "consumption", first, last, as_of={"0": upto}, minutes=whatever_came)

    assert await energies(third, 1) == {points[0]: {first: sum(range(96)), second: 2 * 92}}
    assert await energies(second, 2) == {points[0]: {first: 7 * 96}}
    assert await energies(third, 0) == {}


async def test_a_days_energy_is_of_what_counts_where_a_part_was_corrected(
    world: Any, engine: AsyncEngine, take: Any, points: list[str], day_series: Any
) -> None:
    """The newest version is a part of the day, laid over what was whole, until the whole day comes again."""
    at = world.local("2026-03-30", "06:30")
    whole = [day_series(point, DAY, 1) for point in points[:2]]
    hour = {"values_wh": (9,) * 4, "end": whole[0].start + timedelta(hours=1), "registered_at": at}
    part = day_series(points[0], DAY, 9).model_copy(update=hour)
    under = part.model_copy(update={"metering_point_id": points[1], "registered_at": whole[1].registered_at})
    again = day_series(points[1], DAY, 3, registered_at=at)
    await take(world.record(*whole, at=at), world.record(part, under, at=at), world.record(again, at=at))
    reader = value_store.StoredValues(engine)
    day = date(2026, 3, 28)

    async def energies(upto: int) -> dict[str, dict[date, int]]:
        return await reader.energies(
            points, "consumption", day, day + timedelta(days=1), as_of={"0": upto}, minutes=whatever_came
        )

    assert await energies(1) == {points[0]: {day: 96}, points[1]: {day: 96}}
    assert await energies(2) == {points[0]: {day: 92 + 36}, points[1]: {day: 92 + 36}}
    assert await energies(3) == {points[0]: {day: 92 + 36}, points[1]: {day: 3 * 96}}


async def test_the_same_again_is_no_change_in_this_batch_or_a_later_one(
    world: Any, engine: AsyncEngine, take: Any, points: list[str], day_series: Any
) -> None:
    at = world.local("2026-03-29", "06:30")
    some = day_series(points[0], DAY, 5)
    one, two = await take(world.record(some, at=at), world.record(some, at=at))
    (three,) = await take(world.record(some, at=at))
    assert [decided.event.series[0].changed for decided in (one, two, three)] == [True, False, False]
    assert await rows(engine) == 3


async def test_a_batch_that_is_rolled_back_leaves_nothing(
    world: Any, engine: AsyncEngine, take: Any, points: list[str], day_series: Any
) -> None:
    at = world.local("2026-03-29", "06:30")
    record = world.record(day_series(points[0], DAY, 5), at=at)
    await take(record)
    with pytest.raises(Exception, match="value_version_3_2026_03_pkey"):
        await take(world.record(day_series(points[1], DAY, 5), at=at), record)
    assert await rows(engine) == 1


async def test_what_is_refused_is_not_written_whatever_it_holds(
    world: Any, engine: AsyncEngine, take: Any, points: list[str], day_series: Any
) -> None:
    at = world.local("2026-03-29", "06:30")
    some = day_series(points[0], DAY, 5)
    bad = [some.model_copy(update={"metering_point_id": id_}) for id_ in ("\x00", "9" * 18, "", "'; --")]
    (decided,) = await take(world.record(*bad, some, at=at))
    assert (decided.status, len(decided.rows)) == ("partly-accepted", 4)
    assert await rows(engine) == 1
    (decided,) = await take(world.record(*bad, at=at))
    assert (decided.event, decided.status) == (None, "rejected")


async def test_events_prove_every_stored_value_and_tell_none(
    world: Any, engine: AsyncEngine, take: Any, points: list[str], day_series: Any
) -> None:
    at = world.local("2026-03-30", "06:30")
    two_days = day_series(points[0], "2026-03-28", 5).model_copy(
        update={"end": world.local("2026-03-30"), "values_wh": tuple(range(96 + 92))}
    )
    decided = await take(world.record(two_days, day_series(points[1], DAY, 5), at=at), world.record(two_days, at=at))
    said = sorted(line for one in decided for line in value_proof.said(one.event))
    stored = value_proof.evidence("0").stored

    async def is_there() -> list[str]:
        async with engine.connect() as connection:
            return sorted(await stored(connection))

    assert len(said) == 3
    assert await is_there() == said
    async with engine.begin() as connection:
        await connection.execute(
            text("UPDATE private.value_version SET wh = set_byte(wh, 8, 77) WHERE position = 2 AND first = 0")
        )
    assert await is_there() != said


async def test_a_series_of_several_statuses_is_read_and_proved_as_the_one_that_it_is(
    world: Any, engine: AsyncEngine, take: Any, points: list[str], day_series: Any
) -> None:
    runs = ({"status": "metered", "count": 10}, {"status": "estimated", "count": 86})
    some = day_series(points[0], DAY, tuple(range(96)), statuses=runs)
    (decided,) = await take(world.record(some, at=world.local("2026-03-29", "06:30")))
    assert await rows(engine) == 2
    start = world.local(DAY, "02:15")
    windows = [(start, start + timedelta(minutes=30))]
    read = await value_store.StoredValues(engine).read({"consumption": points}, windows, as_of={"0": 1})
    found = read[points[0], "consumption"]
    assert (found.wh, found.quality) == ((9, 10), ("measured", "estimated"))
    async with engine.connect() as connection:
        assert await value_proof.evidence("0").stored(connection) == list(value_proof.said(decided.event))
