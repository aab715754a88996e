"""What counts, asked for: the queries and the SQL view, held against the plain way on any history."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import plain
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from contracts.values import Role, make_gsrn
from meter_ingest import partitions, permission, queries, value_store
from meter_ingest.domain import days, lines, reading, values
from meter_ingest.domain.values import Version

LOCAL = (date(2026, 3, 28), date(2026, 3, 29), date(2026, 3, 31), date(2026, 4, 1), date(2026, 10, 25))
POINT = make_gsrn(1)
BEGAN = datetime(2026, 11, 1, tzinfo=UTC)


@st.composite
def histories(draw: st.DrawFn) -> list[Version]:
    """Some versions of one point on few days, in any order, of quarters and hours, corrections and copies."""
    made: list[Version] = []
    for number in range(draw(st.integers(1, 7))):
        day = days.day(draw(st.sampled_from(LOCAL)))
        minutes = draw(st.sampled_from((15, 15, 60)))
        most = day.quarters * 15 // minutes
        first = draw(st.sampled_from((0, 0, 5)))
        count = draw(st.sampled_from((most - first, 3)))
        wh = [draw(st.sampled_from((0, 5, 7, 1000, 2**33)))] * count
        wh[0] = draw(st.integers(0, 9))
        width, encoded = values.encode(wh)
        made.append(
            Version(
                metering_point_id=POINT,
                line="consumption",
                day=day.date,
                registered_at=BEGAN + timedelta(hours=draw(st.integers(0, 3))),
                received_at=BEGAN + timedelta(hours=draw(st.integers(4, 6))),
                partition=0,
                offset=draw(st.integers(0, 2)),
                series=number,
                shard="0",
                position=number,
                minutes=minutes,
                first=first,
                status=draw(st.sampled_from(("metered", "metered", "estimated", "temporary"))),
                width=width,
                wh=encoded,
                salt=b"salt",
                hourly=minutes == 15 and draw(st.integers(0, 3)) == 0,
            )
        )
    return made


def by_day(versions: Iterable[Version]) -> dict[date, list[Version]]:
    found: dict[date, list[Version]] = {}
    for version in versions:
        found.setdefault(version.day, []).append(version)
    return found


def came(versions: Iterable[Version], window: reading.Window) -> list[reading.Came]:
    local = [day.date for day in window.touched]
    return [
        reading.Came(
            local.index(one.day),
            one.minutes,
            one.first,
            reading.STATUSES.index(one.status) + values.HOURLY * one.hourly,
            one.width,
            one.wh,
        )
        for one in sorted(versions, key=lambda one: (one.day, *one.order))
        if one.day in local
    ]


@pytest.mark.unit
@settings(max_examples=150, deadline=None)
@given(histories(), st.sampled_from((0, 3, 40)))
def test_laid_over_each_other_whole_is_the_same_as_quarter_by_quarter(made: list[Version], skip: int) -> None:
    for first, last in ((LOCAL[0], LOCAL[1]), (LOCAL[2], LOCAL[3]), (LOCAL[4], LOCAL[4])):
        start, end = days.day(first).start + skip * days.QUARTER, days.day(last).end - skip * days.QUARTER
        found = reading.counted(reading.window(start, end), came(made, reading.window(start, end)))
        counts = plain.reading(by_day(made), [(start, end)])
        wh = found.wh if found.resolution == "PT15M" else [q for hour in found.wh for q in _quarters(hour)]
        assert tuple(wh) == counts.wh
        if found.resolution == "PT15M":
            said = tuple(
                "missing" if made_ is None else "derived" if made_ == "flat" else values.quality(15, made_)
                for made_ in found.origin
            )
            assert said == counts.quality


def _quarters(hour: int | None) -> list[int | None]:
    return [None] * 4 if hour is None else [*values.flat(hour)]


@pytest.mark.store
async def test_the_view_has_every_value_that_counts_once_whatever_the_history(engine: AsyncEngine) -> None:
    await partitions.ensure_months(engine, LOCAL)
    seen = 0

    async def one(made: list[Version]) -> None:
        nonlocal seen
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
            await value_store.append(connection, made)
            await _holds(connection, made)
            for day in LOCAL:
                start, end = days.day(day).start, days.day(day).end
                found = (await queries.of_points(connection, [POINT], start=start, end=end))[POINT]
                wh = found.wh if found.resolution == "PT15M" else [q for hour in found.wh for q in _quarters(hour)]
                assert tuple(wh) == plain.reading(by_day(made), [(start, end)]).wh
            await connection.rollback()
        seen += 1

    examples: list[list[Version]] = []

    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(histories())
    def draw(made: list[Version]) -> None:
        examples.append(made)

    await asyncio.to_thread(draw)
    for made in examples:
        await one(made)
    assert seen >= 50


async def _holds(connection: AsyncConnection, made: list[Version]) -> None:
    rows = (await connection.execute(text("SELECT * FROM private.value ORDER BY start"))).all()
    expected: dict[datetime, tuple[int, str, Version]] = {}
    for day, versions in by_day(made).items():
        whole = days.day(day)
        counted = values.merge(versions, 0, whole.quarters)
        for quarter, (wh, is_, by) in enumerate(zip(counted.wh, counted.quality, counted.by, strict=True)):
            if wh is not None and by is not None:
                expected[whole.start + quarter * days.QUARTER] = (wh, is_, by)
    found: dict[datetime, tuple[int, str, int]] = {}
    for row in rows:
        assert (row.metering_point_id, row.direction, row.product, row.meter) == (
            int(POINT),
            "consumption",
            "active",
            0,
        )
        parts = (row.end - row.start) // days.QUARTER
        assert parts in {1, row.minutes // 15}
        for place, wh in enumerate(values.flat(row.wh) if parts == 4 else [row.wh]):
            start = row.start + place * days.QUARTER
            assert start not in found, "a quarter that counts twice"
            # An hour that counts as a whole is what was measured; a quarter of one is derived.
            quality = "derived" if parts == 4 else row.quality
            found[start] = (wh, quality, row.position)
            assert (row.registered_at, row.received_at) == expected[start][2][3:5]
            assert row.status == expected[start][2].status
    assert found == {start: (wh, is_, by.position) for start, (wh, is_, by) in expected.items()}


@pytest.mark.unit
def test_the_view_knows_the_lines_by_the_same_numbers() -> None:
    for direction in lines.DIRECTIONS:
        for product in lines.PRODUCTS:
            for meter in (0, 3):
                code = lines.code(lines.line(direction, product, meter))
                said = "consumption" if product in {"capacitive", "inductive"} else direction
                assert (("consumption", "production")[code % 2], code // 8) == (said, meter)
                assert ("active", "reactive", "capacitive", "inductive")[code // 2 % 4] == product


@pytest.fixture
async def sent(world: Any, engine: AsyncEngine, take: Any, points: list[str], day_series: Any) -> list[str]:
    """Three days of three points; one is corrected twice, one came as hours."""
    at = world.local("2026-03-29", "06:30")
    first = [day_series(point, "2026-03-28", range(96)) for point in points[:2]]
    await take(world.record(*first, at=at))
    late = day_series(points[0], "2026-03-28", 9, registered_at=at + timedelta(hours=2), status="estimated")
    await take(world.record(late, at=at + timedelta(days=1)))
    await take(world.record(late, at=at + timedelta(days=2)))
    await take(world.record(*(day_series(point, "2026-03-29", 3) for point in points), at=at + timedelta(days=1)))
    return points


@pytest.mark.store
async def test_what_came_is_asked_for_as_of_a_receipt(world: Any, engine: AsyncEngine, sent: list[str]) -> None:
    period = {"start": world.local("2026-03-28"), "end": world.local("2026-03-30")}
    async with queries.reading_only(engine) as connection:
        now = await queries.of_points(connection, sent, **period)
        assert now[sent[0]].wh == (9,) * 96 + (3,) * 92
        assert set(now[sent[0]].origin[:96]) == {"estimated"}
        assert now[sent[2]].wh == (None,) * 96 + (3,) * 92
        then = await queries.of_points(connection, sent[:1], as_of=world.local("2026-03-29", "07:00"), **period)
        assert then[sent[0]].wh == (*range(96), *(None,) * 92)
        before = await queries.of_points(connection, sent[:1], as_of=world.local("2026-03-29", "06:00"), **period)
        assert set(before[sent[0]].wh) == {None}
        with pytest.raises(queries.UnableToRead):
            await queries.of_points(connection, sent[:1], start=period["start"], end=period["start"])
        with pytest.raises(Exception, match="read-only"):
            await connection.execute(text("DELETE FROM private.value_version"))


@pytest.mark.store
async def test_revisions_say_who_changed_what_and_when(world: Any, engine: AsyncEngine, sent: list[str]) -> None:
    async with engine.begin() as connection:
        for position in range(1, 5):
            await connection.execute(
                text(
                    "INSERT INTO engine.inbox (shard, key, position, kind, topic, part, off, at)"
                    " VALUES ('0', gen_random_uuid(), :position, 'internal', :topic, 0, :position, now())"
                ),
                {"position": position, "topic": f"ingress.{world.dso}.meter-values.v1"},
            )
    period = {"start": world.local("2026-03-28"), "end": world.local("2026-03-29")}
    async with queries.reading_only(engine) as connection:
        one, two = await queries.revisions(connection, sent[0], **period)
        then = await queries.revisions(connection, sent[0], as_of=world.local("2026-03-29", "07:00"), **period)
    assert (one.sender, one.record, one.status) == (world.dso, f"ingress.{world.dso}.meter-values.v1/0/1", "metered")
    assert [change.wh for change in one.changes] == list(range(96))
    assert {change.before_wh for change in one.changes} == {None}
    assert two.record.endswith("/2"), "said again is no revision"
    assert (two.status, two.changes[7]) == (
        "estimated",
        queries.Change(period["start"] + 7 * days.QUARTER, 7, 9, 9),
    )
    assert then == [one]


@pytest.mark.store
async def test_a_groups_values_are_those_of_its_members_while_they_are(
    world: Any, engine: AsyncEngine, sent: list[str], stored: Any
) -> None:
    world.formed()
    world.joined(sent[0], valid_to=world.local("2026-03-29"))
    world.joined(sent[1], valid_from=world.local("2026-03-29"))
    await stored(world, "group")
    period = {"start": world.local("2026-03-28"), "end": world.local("2026-03-30")}
    async with queries.reading_only(engine) as connection:
        found = await queries.of_group(connection, world.group, **period)
        assert await queries.of_group(connection, world.uuid(404), **period) == {}
    assert {point: (spans, one.wh) for point, (spans, one) in found.items()} == {
        sent[0]: ([(period["start"], world.local("2026-03-29"))], (9,) * 96 + (None,) * 92),
        sent[1]: ([(world.local("2026-03-29"), period["end"])], (None,) * 96 + (3,) * 92),
    }


@pytest.mark.store
async def test_a_party_sees_what_is_its_own_while_it_is(
    world: Any, engine: AsyncEngine, sent: list[str], stored: Any
) -> None:
    from contracts.bsp_switch import v1 as bsp_switch

    world.points(1, dso=world.other_dso)  # replaces who it is from the same moment on
    world.scenario.given(
        bsp_switch.ControlClaimed.model_validate(
            {"metering_point_id": sent[1], "bsp": world.bsp, "valid_from": world.local("2026-03-29"), "dso": world.dso}
            | {"grid_area": world.area, "consent_id": world.uuid(33)}
        ),
        bsp_switch.MeterAccessChanged(
            metering_point_id=sent[1],
            bsp=world.bsp,
            earlier=(
                bsp_switch.EarlierValues(
                    valid_from=world.local("2026-03-28", "12:00"),
                    valid_to=world.local("2026-03-29"),
                    until=None,
                    consent_id=world.uuid(33),
                    purpose="flexibility",
                ),
            ),
        ),
    )
    for party, role in ((world.dso, Role.DSO), (world.other_dso, Role.DSO), (world.bsp, Role.BSP)):
        world.onboarded(party, role)
    await stored(world, "points", "control", "access", "party")
    start, end = world.local("2026-03-28"), world.local("2026-03-30")

    async def seen(party: str) -> list[list[Any]]:
        asked = [*sent, world.gsrn(99)]
        async with queries.reading_only(engine) as connection:
            readers = await permission.readers(connection, party)
            may = await permission.rights(connection, readers, asked, at=await queries.now(connection))
        return [may.spans(point, "consumption", start, end) for point in asked]

    assert await seen(world.dso) == [[], [(start, end)], [(start, end)], []]
    assert await seen(world.other_dso) == [[(start, end)], [], [], []]
    # As far back as the end user has let it, and not further.
    assert await seen(world.bsp) == [[], [(world.local("2026-03-28", "12:00"), end)], [], []]
    assert await seen(world.tso) == [[], [], [], []]
