"""What counts, read from the store in the resolution asked for, with the messages it came in; and filled on request."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.meter_ingest import v1
from contracts.values import Role
from meter_ingest import delivering, permission, queries
from meter_ingest.domain import days

pytestmark = pytest.mark.store

KINDS = ("points", "block", "period-volumes", "profile", "annual", "control")


async def inbox(world: Any, engine: AsyncEngine, *positions: int) -> str:
    """The records of these positions, as the engine notes them; their topic."""
    topic = f"ingress.{world.dso}.meter-values.v1"
    async with engine.begin() as connection:
        for position in positions:
            await connection.execute(
                text(
                    "INSERT INTO engine.inbox (shard, key, position, kind, topic, part, off, at)"
                    " VALUES ('0', gen_random_uuid(), :position, 'internal', :topic, 0, :position, now())"
                ),
                {"position": position, "topic": topic},
            )
    return topic


async def test_each_value_leads_back_to_the_records_it_came_in(
    world: Any, engine: AsyncEngine, take: Any, points: list[str], day_series: Any, stored: Any
) -> None:
    at = world.local("2026-03-30", "06:30")
    for day, count in (("2026-03-28", 96), ("2026-03-29", 92)):
        await take(world.record(day_series(points[0], day, range(count)), at=at))
    one = v1.Series(
        metering_point_id=points[0],
        resolution="PT15M",
        start=world.local("2026-03-28", "01:15"),
        end=world.local("2026-03-28", "01:30"),
        values_wh=(1000,),
        status="estimated",
        registered_at=at,
    )
    await take(world.record(one, at=at + timedelta(hours=1)))
    await stored(world, *KINDS)
    topic = await inbox(world, engine, 1, 2, 3)
    period: dict[str, Any] = {"start": world.local("2026-03-28"), "end": world.local("2026-03-30")}
    async with queries.reading_only(engine) as connection:
        found = (await delivering.of_points(connection, points[:1], resolution="PT60M", **period))[points[0]]
        messages = await delivering.messages(connection, found)
        before = await delivering.of_points(connection, points[:1], as_of=at, **period)
        later = {**period, "start": period["start"] + days.QUARTER}
        quarters = (await delivering.of_points(connection, points[:1], **later))[points[0]]
        with pytest.raises(queries.UnableToRead, match="hour"):
            await delivering.of_points(connection, points[:1], resolution="PT60M", **later)
        with pytest.raises(queries.UnableToRead, match="behind"):
            await delivering.of_points(connection, points[:1], start=period["end"], end=period["start"])
    first, second = found
    assert first.values.wh[:3] == (0 + 1 + 2 + 3, 4 + 1000 + 6 + 7, 8 + 9 + 10 + 11)
    assert (first.values.status[1], first.values.origin[1], len(second.values.wh)) == ("estimated", "sum", 23)
    records = [[messages[each.name].record for each in some] for some in first.sources[:2]]
    assert records == [[f"{topic}/0/1"], [f"{topic}/0/1", f"{topic}/0/3"]]
    assert {one.sender for one in messages.values()} == {world.dso}
    assert (first.settled.counts, first.settled.settlement) == ("PT15M", None)
    assert before[points[0]][0].values.wh[5] == 5
    assert (quarters[0].start, len(quarters[0].values.wh), quarters[0].values.wh[0]) == (later["start"], 95, 1)


async def test_the_source_is_given_as_it_came_whether_it_counts_or_not(
    world: Any, engine: AsyncEngine, take: Any, day_series: Any, stored: Any
) -> None:
    (point,) = world.points(1, power_w=2**40)
    world.open([point], resolution="PT60M")
    at = world.local("2026-03-30", "06:30")
    await take(world.record(day_series(point, "2026-03-29", 40, resolution="PT60M"), at=at))
    world.fact(point, resolution="PT15M", valid_from=world.local("2026-03-28"), at=at)
    await take(world.record(day_series(point, "2026-03-29", 9), at=at))
    await stored(world, *KINDS)
    period: dict[str, Any] = {"start": world.local("2026-03-29"), "end": world.local("2026-03-30")}
    async with queries.reading_only(engine) as connection:
        (counts,) = (await delivering.of_points(connection, [point], **period))[point]
        came = (await delivering.sources(connection, [point], **period))[point]
    assert (set(counts.values.wh), counts.settled.counts) == ({9}, "PT15M")
    assert [(one.values.resolution, set(one.values.wh), one.settled.counts) for one in came] == [
        ("PT15M", {9}, "PT15M"),
        ("PT60M", {40}, "PT15M"),
    ]


async def test_what_is_missing_is_filled_for_whoever_asks_and_stays_missing(
    world: Any, engine: AsyncEngine, take: Any, points: list[str], day_series: Any, stored: Any
) -> None:
    point, unlike = points[0], points[1]
    local = [date(2026, 3, 28) + timedelta(days=number) for number in range(9)]
    at = world.local("2026-04-06", "06:30")
    for day in local:
        quarters = days.day(day).quarters
        if day != local[7]:
            await take(world.record(day_series(point, str(day), range(quarters)), at=at))
    part = v1.Series(
        metering_point_id=point,
        resolution="PT15M",
        start=days.day(local[7]).start,
        end=days.day(local[7]).start + 48 * days.QUARTER,
        values_wh=(5,) * 48,
        registered_at=at,
    )
    await take(world.record(part, at=at))
    world.onboarded(world.bsp, Role.BSP)
    world.onboarded(world.dso, Role.DSO)
    await stored(world, *KINDS, "party")
    period: dict[str, Any] = {"start": days.day(local[7]).start, "end": days.day(local[7]).end}

    async def ask(party: str = "", **more: Any) -> Any:
        async with queries.reading_only(engine) as connection:
            may = None
            if party:
                readers = await permission.readers(connection, party)
                may = await permission.rights(connection, readers, [point], at=at)
            found = await delivering.of_points(connection, [point, unlike], may=may, **(period | more))
        assert set(found[unlike][0].values.wh) == {None}, "there is nothing to go by"
        return found[point][0]

    assert (await ask()).values.wh == (5,) * 48 + (None,) * 48
    filled = await ask(fill=True)
    assert filled.values.wh == (5,) * 48 + tuple(range(48, 96))
    assert (set(filled.values.origin[48:]), set(filled.basis[48:])) == ({"filled"}, {"history"})
    assert (await ask()).values.wh[48:] == (None,) * 48, "nothing of it was kept"
    hours, quarters = await ask(fill=True, resolution="PT60M"), await ask(fill=True, resolution="PT15M")
    assert sum(hours.values.wh) == sum(quarters.values.wh) == sum(filled.values.wh)
    # A BSP that does not hold the point sees nothing of the days that it would be filled by.
    assert (await ask(fill=True, party=world.bsp)).values.wh[48:] == (None,) * 48
    assert (await ask(fill=True, party=world.dso)).values.wh == filled.values.wh

    volume = v1.RecordPeriodVolume(start=period["start"], end=period["end"], wh=5 * 48 + 4800, registered_at=at)
    world.scenario.when(volume, subject=point, sender=world.dso, at=at).then_only(v1.PeriodVolumeRecorded)
    await stored(world, *KINDS)
    exact = await ask(fill=True)
    assert (sum(exact.values.wh), set(exact.basis[48:])) == (5 * 48 + 4800, {"stands-and-history"})
    within = await ask(fill=True, start=period["start"] + timedelta(hours=12))
    assert within.values.wh == exact.values.wh[48:]


async def test_a_profiled_points_volume_is_given_by_quarter_and_by_hour_with_its_message(
    world: Any, engine: AsyncEngine, stored: Any
) -> None:
    (point,) = world.points(1)
    world.fact(point, settlement_method="profiled", resolution="PT60M")
    start, end, at = world.local("2026-03-28"), world.local("2026-03-30"), world.local("2026-04-10")
    profile = v1.PublishProfile(kind="fppc", start=start, weights=(2,) * 96 + (1,) * 92)
    world.scenario.when(profile, subject=world.area, sender=world.dso, at=at)
    command = v1.RecordPeriodVolume(start=start, end=end, wh=2 * 96 + 92, registered_at=at)
    (event,) = world.scenario.when(command, subject=point, sender=world.dso, at=at).then_only(v1.PeriodVolumeRecorded)
    await stored(world, *KINDS)
    period: dict[str, Any] = {"start": world.local("2026-03-29"), "end": end}
    async with queries.reading_only(engine) as connection:
        (quarters,) = (await delivering.of_points(connection, [point], **period))[point]
        (hours,) = (await delivering.of_points(connection, [point], resolution="PT60M", **period))[point]
        messages = await delivering.messages(connection, [quarters])
        then = await delivering.of_points(connection, [point], as_of=at - timedelta(seconds=1), **period)
    assert (quarters.values.wh, hours.values.wh) == ((1,) * 92, (4,) * 23)
    assert set(quarters.values.origin) | set(hours.values.origin) == {"fppc"}
    assert set(quarters.values.profile) == {f"fppc|{world.area}|1"}
    assert [(one.sender, one.record) for one in messages.values()] == [(world.dso, event.record)]
    assert set(then[point][0].values.wh) == {None}
