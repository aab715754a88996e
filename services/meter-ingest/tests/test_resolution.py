"""A point's resolution is corrected back in time: what came in another one counts no longer, wherever it is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.meter_ingest import v1
from meter_ingest import partitions, store, value_store
from meter_ingest.domain import received, values
from meter_ingest.domain.values import Version

pytestmark = pytest.mark.unit

DAY = "2026-03-30"
THE_DAY = date(2026, 3, 30)


@pytest.fixture
def point(world: Any) -> str:
    (found,) = world.points(1)
    world.open([found])
    return found


def quarters(world: Any, day_series: Any, point: str) -> None:
    at = world.local("2026-03-31", "05:00")
    world.send(day_series(point, DAY, 25, registered_at=at), at=at)


def hours(world: Any, day_series: Any, point: str) -> Any:
    """Hours that were registered before the quarters, and come after them."""
    registered = world.local("2026-03-31", "04:00")
    series = day_series(point, DAY, 400, resolution="PT60M", registered_at=registered)
    return world.send(series, at=world.local("2026-04-01", "09:00"))


def told(outcome: Any) -> list[Any]:
    return [*outcome.events, *outcome.beside]


def by_the_hour(world: Any, point: str, at: str = "08:00", resolution: str = "PT60M") -> list[Any]:
    at_ = world.local("2026-04-01", at)
    return told(world.fact(point, resolution=resolution, valid_from=world.local(DAY), at=at_))


def dso_day(world: Any, events: Sequence[Any]) -> list[v1.CompletenessChanged]:
    name = f"dso/{world.dso}/{DAY}"
    return [one for one in events if isinstance(one, v1.CompletenessChanged) and one.completeness_id == name]


def test_what_is_registered_before_another_resolutions_values_counts(world: Any, day_series: Any, point: str) -> None:
    quarters(world, day_series, point)
    by_the_hour(world, point)
    decided, _ = hours(world, day_series, point)
    assert decided.event.series[0].changed
    assert "SERIES_OLDER_THAN_COUNTS" not in str(decided)
    came = world.values.days[point, "consumption", THE_DAY]
    before, after = values.revisions(came, 0, 96, minutes=60)
    assert (before.counts, before.other, after.counts, after.other) == (False, True, True, False)
    assert {told[1:] for told in after.quarters} == {(None, 100, 100)}
    assert {told[1:] for told in before.quarters} == {(None, None, 25)}


@pytest.mark.parametrize(("minutes", "wh"), [(60, 9600), (15, 2400), (None, 2400)])
async def test_a_days_energy_is_of_the_resolution_that_counts(
    world: Any, day_series: Any, point: str, engine: AsyncEngine, take: Any, minutes: int | None, wh: int
) -> None:
    quarters(world, day_series, point)
    by_the_hour(world, point)
    hours(world, day_series, point)
    versions: list[Version] = world.values.days[point, "consumption", THE_DAY]
    await partitions.ensure_months(engine, [THE_DAY])
    async with engine.begin() as connection:
        await connection.execute(text("SELECT 1"))
        await value_store.append(connection, versions)
    for reader in (value_store.StoredValues(engine), world.values):
        found = await reader.energies(
            [point], "consumption", THE_DAY, THE_DAY + timedelta(days=1), as_of={"0": 9}, minutes=lambda *_: minutes
        )
        assert found == {point: {THE_DAY: wh}}


@pytest.mark.store
async def test_the_view_of_single_values_goes_by_the_resolution_that_counts(
    world: Any, day_series: Any, point: str, engine: AsyncEngine, stored: Any
) -> None:
    quarters(world, day_series, point)
    by_the_hour(world, point)
    hours(world, day_series, point)
    await partitions.ensure_months(engine, [THE_DAY])
    async with engine.begin() as connection:
        await connection.execute(text("SELECT 1"))
        await value_store.append(connection, world.values.days[point, "consumption", THE_DAY])

    async def shown() -> list[tuple[Any, ...]]:
        async with engine.connect() as connection:
            query = "SELECT minutes, wh, count(*) FROM private.value WHERE metering_point_id = :point GROUP BY 1, 2"
            found = await connection.execute(text(query), {"point": int(point)})
            return [tuple(row) for row in found]

    assert await shown() == [(15, 25, 96)], "of a point that nothing is known of: what came last"
    await stored(world, "points", "block")
    assert await shown() == [(60, 400, 24)]
    by_the_hour(world, point, "10:00", "PT15M")
    await stored(world, "points", "block")
    assert await shown() == [(15, 25, 96)]
    # From within the day: it holds from the next one.
    world.fact(point, resolution="PT60M", valid_from=world.local(DAY, "12:00"), at=world.local("2026-04-01", "11:00"))
    await stored(world, "points", "block")
    assert await shown() == [(15, 25, 96)]
    # Of a point whose resolution nobody said its channel's counts.
    world.fact(point, resolution=None, valid_from=world.local(DAY), at=world.local("2026-04-01", "12:00"))
    world.close([point], valid_to=world.local(DAY), at=world.local("2026-03-27", "11:00"))
    await stored(world, "points", "block")
    assert await shown() == [(15, 25, 96)]


def test_a_day_that_came_is_whole_no_longer_and_its_dso_is_told_and_reminded(
    world: Any, day_series: Any, point: str
) -> None:
    quarters(world, day_series, point)
    world.scenario.until(world.local("2026-04-01", "07:30"))
    said = by_the_hour(world, point)
    (changed,) = dso_day(world, said)
    assert (changed.expected_series, changed.complete_series) == (1, 0)
    assert (changed.expected_values, changed.received_values) == (24, 0)
    (reminded,) = [one for one in said if isinstance(one, v1.ValuesReminded) and one.date == THE_DAY]
    assert (reminded.dso, reminded.metering_points) == (world.dso, (point,))
    assert reminded.again_at == world.local("2026-04-02", "07:00")

    _, outcome = hours(world, day_series, point)
    (changed,) = dso_day(world, told(outcome))
    assert (changed.complete_series, changed.received_values) == (1, 24)
    assert [one.date for one in told(outcome) if isinstance(one, v1.OwedEnded)] == [THE_DAY]


def test_back_again_the_quarters_count(world: Any, day_series: Any, point: str) -> None:
    quarters(world, day_series, point)
    world.scenario.until(world.local("2026-04-01", "07:30"))
    by_the_hour(world, point)
    hours(world, day_series, point)
    (changed,) = dso_day(world, by_the_hour(world, point, "10:00", "PT15M"))
    assert (changed.complete_series, changed.expected_values, changed.received_values) == (1, 96, 96)
    shown = received.valid(world.scenario.state(store.RECEIVED, f"{DAY}|{point[:15]}|consumption"), None)  # type: ignore[arg-type]
    (place,) = shown["places"].values()
    assert (place["resolution"], place["received"], place["beside"]["resolution"]) == ("PT15M", 96, "PT60M")


@pytest.mark.parametrize("changes", [{"settlement_method": "profiled"}, {"active": False}])
def test_of_a_point_that_is_not_settled_or_not_in_use_nothing_is_owed(
    world: Any, point: str, changes: dict[str, Any]
) -> None:
    world.fact(point, at=world.local("2026-03-27", "12:00"), valid_from=world.local("2026-03-28"), **changes)
    said = told(world.scenario.until(world.local("2026-04-05")))
    assert not [one for one in said if isinstance(one, v1.ValuesReminded)]
    published = [one for one in said if isinstance(one, v1.CompletenessPublished)]
    assert {one.expected_series for one in published} == {0}
    assert world.scenario.state(store.OWED, f"dso/{world.dso}").on(THE_DAY) == (0, 0)


def test_a_verification_reads_what_counts_and_is_made_again_alike(world: Any, day_series: Any) -> None:
    (point,) = world.points(1)
    world.open([point], valid_from=world.local("2026-03-20"))
    registered = world.local("2026-03-31", "04:00")
    for number in range(20, 31):
        day = f"2026-03-{number}"
        at = world.local(f"2026-03-{number + 1:02}", "05:00")
        world.send(day_series(point, day, 25, registered_at=at), at=at)
    state, steps = world.values, {"consumption": {point: {THE_DAY: 60}}}
    world.fact(point, resolution="PT60M", valid_from=world.local(DAY), at=world.local("2026-04-01", "08:00"))
    start = world.local(DAY, "10:00")
    windows = [(start, start + timedelta(hours=1))]

    def read() -> Any:
        return asyncio.run(state.read({"consumption": [point]}, windows, as_of={"0": world.position}, steps=steps))

    assert set(read()[point, "consumption"].quality) == {"missing"}
    series = day_series(point, DAY, 400, resolution="PT60M", registered_at=registered)
    world.send(series, at=world.local("2026-04-01", "09:00"))
    found = read()
    assert (found[point, "consumption"].wh, set(found[point, "consumption"].quality)) == ((100,) * 4, {"derived"})
    assert found.lines["consumption"].left_out == ((point, THE_DAY, THE_DAY, 60),)
