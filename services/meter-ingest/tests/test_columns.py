"""Values by column mean what the same values mean series by series: refused, warned of, written and proved alike."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import plain
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from chassis import migrate
from chassis.service import Kind
from contracts import calendar, columnar
from contracts.meter_ingest import v1
from meter_ingest import shard, value_proof, value_store
from meter_ingest.app import SERVICE
from meter_ingest.domain import days, gathered, series
from meter_ingest.domain.series import Decided, Record

pytestmark = pytest.mark.store

SALT = bytes(range(16))
SPRING, AUTUMN = "2026-03-29", "2026-10-25"


class Shard:
    """A value shard's pipeline on a database."""

    def __init__(self, world: Any, engine: AsyncEngine) -> None:
        self.world = world
        self.engine = engine

    async def fetch(self, kind: Kind[Any], ids: Iterable[str]) -> Mapping[str, Any]:
        found = ((id_, self.world.scenario.documents.get((kind.name, id_))) for id_ in ids)
        return {id_: document.state if document else None for id_, document in found}

    async def take(self, *records: Record) -> list[Decided]:
        async with self.engine.begin() as connection:
            return await shard.handle_batch(
                connection,
                records,
                fetch=self.fetch,
                case_position=7,
                oldest=lambda at: series.oldest_start(at, 3),
            )

    async def all(self) -> list[value_store.Version]:
        """Every version that stands."""
        async with self.engine.connect() as connection:
            rows = await connection.execute(text("SELECT * FROM private.value_version"))
            return [value_store.version_of(row) for row in rows]

    async def stored(self) -> list[str]:
        async with self.engine.connect() as connection:
            return list(await value_proof.evidence("0").stored(connection))


@pytest.fixture
async def shards(world: Any, new_database: Any) -> AsyncIterator[tuple[Shard, Shard]]:
    """Two, which are to become the same."""
    engines = [create_async_engine(await new_database()) for _ in range(2)]
    for engine in engines:
        await migrate.migrate(engine, [SERVICE], "meter_ingest")
    yield Shard(world, engines[0]), Shard(world, engines[1])
    for engine in engines:
        await engine.dispose()


def by_column(record: Record) -> Record:
    """The same record, as it is when its series come by column."""
    columns = columnar.read(columnar.write(record.data.series, {}))
    return replace(record, data=v1.SendMeterValues.model_construct(series=()), columns=columns)


def put_together(record: Record) -> Record:
    """The same record, as it is when series that come one by one are many."""
    found = gathered.gathered(record, least=1)
    assert found.columns is not None
    return found


def said(decided: Decided) -> Any:
    """What its sender is told."""
    return decided.status, decided.rows, decided.reasons


def lines_of(decided: Iterable[Decided]) -> list[str]:
    return sorted(line for one in decided if one.event for line in value_proof.said(one.event))


def counting(versions: Sequence[Any], start: datetime, end: datetime) -> Any:
    """What counts, by point and line."""
    found: dict[tuple[str, str], dict[date, list[Any]]] = {}
    for one in versions:
        found.setdefault((one.metering_point_id, one.line), {}).setdefault(one.day, []).append(one)
    read = {key: plain.reading(by_day, [(start, end)]) for key, by_day in found.items()}
    return {key: (reading.wh, reading.quality) for key, reading in read.items()}


async def test_a_plain_record_is_accepted_together(world: Any, shards: tuple[Shard, Shard], day_series: Any) -> None:
    points = world.points(1, 2, 3)
    world.open(points)
    at = world.local("2026-10-26", "06:00")
    some = [day_series(point, AUTUMN, [number] * 100) for number, point in enumerate(points, 1)]
    record = by_column(replace(world.record(*some, at=at), salt=SALT))
    (decided,) = await shards[0].take(record)
    assert decided.event is not None
    (together,) = decided.event.together
    assert decided.event.series == ()
    assert decided.status == "accepted"
    assert (together.metering_points, together.sums_wh, together.count) == (tuple(points), (100, 200, 300), 100)
    assert await shards[0].stored() == lines_of([decided])


async def test_many_series_that_are_alike_go_together_however_they_come(
    world: Any, shards: tuple[Shard, Shard], day_series: Any
) -> None:
    points = world.points(*range(1, shard.MANY + 1))
    world.open(points)
    at = world.local("2026-04-02", "06:00")
    many = [day_series(point, SPRING, 7) for point in points]
    few = [day_series(point, "2026-03-28", 7) for point in points[1:]]
    unlike = [
        day_series(point, "2026-03-30", 7, registered_at=world.local("2026-03-31", "06:00") + timedelta(minutes=one))
        for one, point in enumerate(points)
    ]
    records = [replace(world.record(*some, at=at), salt=SALT) for some in (many, few, unlike)]
    decided = await shards[0].take(*records)
    events = [one.event for one in decided if one.event]
    assert [len(one.series) for one in events] == [0, len(few), len(unlike)]
    assert [one.metering_points for one in events[0].together] == [tuple(points)]
    assert sorted(await shards[0].stored()) == lines_of(decided)


async def test_a_wrong_series_among_many_is_refused_by_its_number(
    world: Any, shards: tuple[Shard, Shard], day_series: Any
) -> None:
    points = world.points(*range(1, shard.MANY + 1))
    world.open(points)
    some = [day_series(point, SPRING, 7) for point in points]
    some[5] = some[5].model_copy(update={"values_wh": some[5].values_wh[1:]})
    some[9] = some[9].model_copy(update={"metering_point_id": "no point"})
    (decided,) = await shards[0].take(replace(world.record(*some, at=world.local("2026-03-30", "06:00")), salt=SALT))
    assert [(row.row, row.code) for row in decided.rows] == [(5, "SERIES_COUNT_WRONG"), (9, "SERIES_POINT_NO_ID")]
    assert decided.event is not None
    assert len(decided.event.together[0].metering_points) == shard.MANY - 2


async def test_a_value_that_was_changed_in_the_store_is_found(
    world: Any, shards: tuple[Shard, Shard], day_series: Any
) -> None:
    points = world.points(1, 2)
    world.open(points)
    some = [day_series(point, SPRING, 7) for point in points]
    at = world.local("2026-03-30", "06:00")
    decided = await shards[0].take(by_column(replace(world.record(*some, at=at), salt=SALT)))
    async with shards[0].engine.begin() as connection:
        await connection.execute(text("UPDATE private.value_version SET wh = set_byte(wh, 4, 9) WHERE series = 1"))
    assert await shards[0].stored() != lines_of(decided)


@pytest.mark.parametrize("way", [by_column, put_together])
@pytest.mark.parametrize("seed", range(12))
async def test_series_and_columns_come_to_the_same(
    world: Any, shards: tuple[Shard, Shard], day_series: Any, seed: int, way: Callable[[Record], Record]
) -> None:
    """Right and wrong series, corrections, repetitions and late ones; in batches of several records of both forms."""
    chance = random.Random(seed)
    points = world.points(*range(1, 9))
    world.fact(points[1], agreed_power_w=4000)
    world.fact(points[2], agreed_power_w=0, fuse_a=25)
    world.fact(points[3], agreed_power_w=8000, fuse_a=16, settlement_method="profiled")
    world.open(points[:7])
    world.open(points[:3], direction="production", resolution="PT60M", registered=False)
    world.points(20, dso=world.other_dso)
    start = world.local("2026-03-27")
    at = world.local("2026-04-02", "08:00")
    one_by_one, together = shards
    ways: set[int] = set()
    for round_ in range(4):
        if round_ == 2 and seed % 2:
            for key, changes in OTHER_RULES.items():
                wish = v1.SetValidationRule(valid_from=at, reason="We look closer.", **changes)
                outcome = world.scenario.when(wish, subject=key, sender=world.tso, role="tso", at=at)
                outcome.then_only(v1.ValidationRuleSet)
        records = [
            replace(world.record(*_series(world, day_series, points, chance), at=at), salt=chance.randbytes(16))
            for _ in range(3)
        ]
        mixed = [record if chance.random() < 0.2 else way(record) for record in records]
        expected, found = await one_by_one.take(*records), await together.take(*mixed)
        assert [*map(said, found)] == [*map(said, expected)]
        assert [one.event is None for one in found] == [one.event is None for one in expected]
        for new, old in zip(found, expected, strict=True):
            assert _sums(new) == _sums(old)
            assert _found(new) == _found(old)
        ways |= {bool(one.event.series) * 1 + bool(one.event.together) * 2 for one in found if one.event}
    assert {1, 3} & ways, "nothing went one by one"
    assert {2, 3} & ways, "nothing was accepted together"
    end = start + timedelta(days=6)
    assert counting(await together.all(), start, end) == counting(await one_by_one.all(), start, end)


OTHER_RULES: dict[str, dict[str, Any]] = {
    "zero-run": {
        "check": "zero-run",
        "consequence": "quarantine",
        "thresholds": [v1.Threshold(name="hours", value=3)],
        "settlement_methods": ("profiled",),
    },
    "flat-quarters": {
        "check": "flat-quarters",
        "consequence": "quarantine",
        "thresholds": [
            v1.Threshold(name=name, value=value)
            for name, value in (("share-basis-points", 5000), ("hours", 3), ("same-wh", 2), ("levels", 2))
        ],
    },
    "agreed-power": {
        "check": "agreed-power",
        "consequence": "off",
        "thresholds": [v1.Threshold(name="percent", value=100)],
    },
}
"""Of other kinds of lines, with other consequences, and of none."""


def _found(decided: Decided) -> Any:
    """What the validation rules found of a record, and what is kept aside because of it."""
    event = decided.event
    return (
        event and (event.refused, event.quarantined, event.warnings, event.confirmed),
        decided.quarantined,
        decided.aside,
    )


def _sums(decided: Decided) -> Any:
    """Of each series that was accepted: what of, how much, and whether it was new."""
    if decided.event is None:
        return []
    each = [
        (one.metering_point_id, one.direction, one.start, one.end, one.count, one.sum_wh, one.changed)
        for one in decided.event.series
    ]
    many = [
        (point, one.direction, one.start, one.end, one.count, total, True)
        for one in decided.event.together
        for point, total in zip(one.metering_points, one.sums_wh, strict=True)
    ]
    return sorted([*each, *many])


def _series(world: Any, day_series: Any, points: Sequence[str], chance: random.Random) -> list[v1.Series]:
    made: list[v1.Series] = []
    registered = world.local("2026-04-01", "12:00")
    for _ in range(chance.randrange(4, 16)):
        day = chance.choice(["2026-03-28", SPRING, "2026-03-30"])
        point = chance.choice([*points, world.gsrn(20), "707057500000000000"])
        direction, resolution = chance.choice([("consumption", "PT15M")] * 3 + [("production", "PT60M")])
        one = day_series(
            point,
            day,
            chance.choice([0, 5, 700, 999_999]),
            resolution=resolution,
            direction=direction,
            confirmed=chance.random() < 0.2,
            status=chance.choice(["metered", "metered", "estimated"]),
            registered_at=chance.choice([registered, registered + timedelta(hours=1)]),
        )
        if chance.random() < 0.5:
            one = one.model_copy(update={"values_wh": _figures(len(one.values_wh), chance)})
        match chance.randrange(12):
            case 0:
                one = one.model_copy(update={"values_wh": one.values_wh[:-1]})
            case 1:
                one = one.model_copy(update={"values_wh": (-1, *one.values_wh[1:])})
            case 2:
                step = calendar.STEP[one.resolution]
                one = one.model_copy(update={"end": one.start + 8 * step, "values_wh": one.values_wh[:8]})
            case 3:
                one = one.model_copy(update={"start": one.start + timedelta(minutes=1)})
            case 4:
                first = v1.StatusRun(status="estimated", count=3)
                rest = v1.StatusRun(status="metered", count=len(one.values_wh) - 3)
                one = one.model_copy(update={"statuses": (first, rest)})
            case 5:
                one = one.model_copy(update={"values_wh": (2**40, *one.values_wh[1:])})
            case 6:
                both = one.values_wh + one.values_wh
                whole = [*days.days(one.start, one.end + timedelta(minutes=1))]
                count = (whole[1].end - one.start) // calendar.STEP[one.resolution]
                one = one.model_copy(update={"end": whole[1].end, "values_wh": (both + both)[:count]})
            case _:
                pass
        made.append(one)
    return made


def _figures(count: int, chance: random.Random) -> tuple[int, ...]:
    """What a rule may find something in, or not."""
    made = [chance.randrange(1, 800) for _ in range(count)]
    match chance.randrange(6):
        case 0:
            made[chance.randrange(count)] = chance.choice([1000, 1001, 5000, 9000, 30_000, 10**7])
        case 1:
            first = chance.randrange(-4, count)
            for step in range(max(0, first), min(count, first + chance.choice([3, 12, 24, 48, 92, 95, 96, 97]))):
                made[step] = 0
        case 2:
            levels = chance.choice([1, 5, 6, 24])
            for hour in range(0, count - chance.choice([0, 8, 12, 40]), 4):
                level = 3 + 7 * (hour // 4 % levels)
                made[hour : hour + 4] = [level + chance.randrange(2) for _ in made[hour : hour + 4]]
        case 3:
            made = [one * chance.choice([1, 2, 8]) for one in made]
        case _:
            pass
    return tuple(made)


def _noise(*other: tuple[int, int]) -> list[int]:
    """A day of quarters in which nothing is found, but for some."""
    made = [100 + 37 * step % 101 for step in range(96)]
    for step, wh in other:
        made[step] = wh
    return made


@pytest.mark.parametrize(
    ("code", "facts", "figures", "status"),
    [
        ("SERIES_VALUE_ABOVE_LIMIT", {"agreed_power_w": 4000}, _noise((7, 1001), (8, 900)), "accepted"),
        ("SERIES_VALUE_ABOVE_LIMIT", {"agreed_power_w": 4000}, _noise((7, 5001), (8, 4000)), "partly-accepted"),
        ("SERIES_VALUE_ABOVE_FUSE", {"agreed_power_w": 0, "fuse_a": 25}, _noise((7, 4331), (8, 900)), "accepted"),
        (
            "SERIES_VALUE_ABOVE_FUSE",
            {"agreed_power_w": 0, "fuse_a": 25},
            _noise((7, 9000), (8, 8000)),
            "partly-accepted",
        ),
        ("SERIES_SPIKE", {"agreed_power_w": 4000}, _noise((7, 4000)), "partly-accepted"),
        ("SERIES_ZERO_RUN", {}, [0] * 96, "accepted"),
        ("SERIES_FLAT_QUARTERS", {}, [11 * (step // 4) + 5 for step in range(96)], "accepted"),
    ],
)
async def test_what_a_rule_finds_goes_one_by_one_and_the_rest_together(
    world: Any,
    shards: tuple[Shard, Shard],
    day_series: Any,
    code: str,
    facts: dict[str, int],
    figures: list[int],
    status: str,
) -> None:
    points = world.points(1, 2, 3)
    world.fact(points[1], **facts)
    world.open(points)
    some = [day_series(point, "2026-03-28", _noise()) for point in points]
    some[1] = day_series(points[1], "2026-03-28", figures)
    record = replace(world.record(*some, at=world.local("2026-03-30", "06:00")), salt=SALT)
    (expected,), (found,) = await shards[0].take(record), await shards[1].take(by_column(record))
    assert (found.reasons[0].code, found.status) == (code, status)
    assert found.event is not None
    assert [one.metering_points for one in found.event.together] == [(points[0], points[2])]
    assert (said(found), _sums(found), _found(found)) == (said(expected), _sums(expected), _found(expected))
    start = world.local("2026-03-28")
    both = [counting(await one.all(), start, start + timedelta(days=1)) for one in shards]
    assert both[0] == both[1]
    assert sorted(await shards[1].stored()) == lines_of([found])


async def test_what_is_confirmed_by_column_counts(world: Any, shards: tuple[Shard, Shard], day_series: Any) -> None:
    points = world.points(1, 2, power_w=4000)
    world.open(points)
    spiky = _noise((7, 4000))
    some = [day_series(points[0], "2026-03-28", spiky), day_series(points[1], "2026-03-28", spiky, confirmed=True)]
    record = replace(world.record(*some, at=world.local("2026-03-30", "06:00")), salt=SALT)
    (found,) = await shards[0].take(by_column(record))
    assert [(row.row, row.code) for row in found.rows] == [(0, "SERIES_QUARANTINED")]
    assert found.event is not None
    assert [one.metering_point_id for one in found.event.confirmed] == [points[1]]


async def test_nothing_is_left_of_a_batch_that_fails(world: Any, shards: tuple[Shard, Shard], day_series: Any) -> None:
    points = world.points(1)
    world.open(points)
    record = by_column(
        replace(world.record(day_series(points[0], SPRING, 7), at=world.local("2026-03-30", "06:00")), salt=SALT)
    )

    @asynccontextmanager
    async def failing() -> AsyncIterator[AsyncConnection]:
        async with shards[0].engine.begin() as connection:
            yield connection
            raise RuntimeError

    with pytest.raises(RuntimeError):
        async with failing() as connection:
            await shard.handle_batch(
                connection,
                [record],
                fetch=shards[0].fetch,
                case_position=7,
                oldest=lambda at: series.oldest_start(at, 3),
            )
    assert await shards[0].all() == []
