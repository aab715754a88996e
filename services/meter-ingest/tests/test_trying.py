"""What is kept aside in PostgreSQL, and what a change of the validation rules would do to stored values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest
from noted_given import noted
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from chassis import migrate, operator_port
from chassis.asking import UnableToAnswer
from chassis.service import Kind
from chassis.work import Key, Work
from meter_ingest import app, aside, trying, value_proof, value_store
from meter_ingest.domain import validation

if TYPE_CHECKING:
    from chassis.process import Process

pytestmark = pytest.mark.store

DAY = "2026-03-28"
FIGURES = tuple(400 + one % 7 for one in range(96))
SPIKE = (*FIGURES[:40], 6000, *FIGURES[41:])


@pytest.fixture
def ask(world: Any, engine: AsyncEngine) -> Any:
    """Ask with the world's documents and the stored values, on the morning after."""

    async def load(wanted: Iterable[tuple[Kind[Any], Iterable[str]]]) -> Mapping[Key, Any]:
        keys = [(kind.name, id_) for kind, ids in wanted for id_ in ids]
        return {key: world.scenario.documents[key] for key in keys if key in world.scenario.documents}

    async def ask(*changes: dict[str, Any], **asked: Any) -> dict[str, Any]:
        at = world.local("2026-03-29", "08:00").isoformat()
        async with engine.connect() as connection:
            return await app.SERVICE.asks["validation"](
                connection,
                lambda: Work(world.scenario.service, load),
                {"at": at, "by": world.tso, "try": list(changes), **asked},
            )

    return ask


@pytest.fixture
def points(world: Any) -> list[str]:
    """Two of one DSO's and one of another's: 20 kW agreed."""
    points = [*world.points(1, 2, power_w=20_000), *world.points(3, dso=world.other_dso, power_w=20_000)]
    world.open(points[:2])
    world.open(points[2:], sender=world.other_dso)
    return points


async def stored(engine: AsyncEngine, table: str) -> int:
    async with engine.connect() as connection:
        return (await connection.execute(text(f"SELECT count(*) FROM private.{table}"))).scalar_one()


async def test_what_is_kept_aside_is_written_apart_read_nowhere_and_proved(
    world: Any, engine: AsyncEngine, take: Any, points: list[str], day_series: Any
) -> None:
    at = world.local("2026-03-29", "06:30")
    bad = day_series(points[0], DAY, SPIKE)
    (first,) = await take(world.record(bad, day_series(points[1], DAY, FIGURES), at=at))
    assert (await stored(engine, "value_version"), await stored(engine, "quarantined_version")) == (1, 1)
    window = (world.local(DAY, "09:00"), world.local(DAY, "11:00"))
    reader = value_store.StoredValues(engine)
    found = await reader.read({"consumption": points}, [window], as_of={"0": 9})
    assert [any(found[point, "consumption"].wh) for point in points[:2]] == [False, True]
    (confirmed,) = await take(world.record(bad.model_copy(update={"confirmed": True}), at=at))
    found = await reader.read({"consumption": points}, [window], as_of={"0": 9})
    assert found[points[0], "consumption"].wh == SPIKE[36:44]
    assert confirmed.quarantined is None
    async with engine.begin() as connection:
        assert await aside.evidence("0").stored(connection) == list(aside.said(first.quarantined))
        await connection.execute(text("UPDATE private.quarantined_version SET wh = set_byte(wh, 8, 77)"))
        assert await aside.evidence("0").stored(connection) != list(aside.said(first.quarantined))
        said = sorted(line for one in (first, confirmed) for line in value_proof.said(one.event))
        assert sorted(await value_proof.evidence("0").stored(connection)) == said


async def test_that_quarters_are_divided_hours_is_kept_with_them(
    world: Any, engine: AsyncEngine, take: Any, points: list[str], day_series: Any
) -> None:
    at = world.local("2026-03-29", "06:30")
    flat = tuple(1000 + 40 * (one // 4) for one in range(96))
    await take(world.record(day_series(points[0], DAY, flat, status="estimated"), at=at))
    start = world.local(DAY, "09:00")
    found = await value_store.StoredValues(engine).read(
        {"consumption": points}, [(start, start + timedelta(minutes=15))], as_of={"0": 1}
    )
    assert found[points[0], "consumption"].quality == ("derived",)
    async with engine.connect() as connection:
        (version,) = (
            await value_store.standing(connection, [(points[0], "consumption", date.fromisoformat(DAY))])
        ).popitem()[1]
    assert (version.status, version.hourly) == ("estimated", True)


def figures(**some: int) -> dict[str, int]:
    return {"accepted": 0, "warn": 0, "quarantine": 0, "reject": 0, **some}


async def test_the_effect_of_a_change_is_shown_per_dso_and_nothing_is_written(
    world: Any, engine: AsyncEngine, take: Any, ask: Any, points: list[str], day_series: Any
) -> None:
    at = world.local("2026-03-29", "06:30")
    high = tuple(6000 + one % 5 for one in range(96))
    await take(
        world.record(day_series(points[0], DAY, SPIKE), day_series(points[1], DAY, high), at=at),
        world.record(day_series(points[2], DAY, FIGURES), sender=world.other_dso, at=at),
    )
    answer = await ask(
        {"key": "agreed-power-far", "thresholds": {"percent": 110}}, {"key": "spike", "consequence": "off"}
    )
    effect = answer["effect"]
    assert effect["date"] == DAY
    ours, theirs = sorted(effect["dsos"], key=lambda one: -one["series"])
    assert (ours["dso"], ours["series"]) == (world.dso, 2)
    assert (ours["now"], ours["then"]) == (figures(warn=1, quarantine=1), figures(reject=2))
    assert (theirs["dso"], theirs["now"], theirs["then"]) == (world.other_dso, figures(accepted=1), figures(accepted=1))
    assert effect["rules"]["agreed-power-far"] == {"now": 0, "then": 2}
    assert effect["rules"]["spike"] == {"now": 1, "then": 0}
    told = [(one["metering_point_id"], one["kept_aside"], one["now"], one["then"]) for one in ours["examples"]]
    assert told == [(points[0], True, "quarantine", "reject"), (points[1], False, "warn", "reject")]
    whole = ("consumption", world.local(DAY), world.local("2026-03-29"), "")
    assert await noted(engine) == {(one, *whole) for one in points[:2]}, "examples say what was metered"
    assert (await stored(engine, "value_version"), await stored(engine, "quarantined_version")) == (2, 1)
    assert {one["key"]: one["consequence"] for one in (await ask())["rules"]}["spike"] == "quarantine"
    assert (await ask({"key": "spike", "consequence": "off"}, day="2026-03-27"))["effect"]["dsos"] == []


async def test_what_was_confirmed_since_waits_no_more(
    world: Any, take: Any, ask: Any, points: list[str], day_series: Any
) -> None:
    at = world.local("2026-03-29", "06:30")
    bad = day_series(points[0], DAY, SPIKE)
    await take(world.record(bad, at=at))
    await take(world.record(bad.model_copy(update={"confirmed": True}), at=at))
    (only,) = (await ask({"key": "spike", "consequence": "warn"}))["effect"]["dsos"]
    assert (only["series"], only["now"], only["then"]) == (1, figures(quarantine=1), figures(warn=1))


async def test_memory_does_not_grow_with_the_values(
    world: Any, take: Any, ask: Any, day_series: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chunks of ten, of two hundred series: never more than one chunk is looked at."""
    monkeypatch.setattr(trying, "CHUNK", 10)
    points = world.points(*range(1, 201))
    world.open(points)
    some = [day_series(point, DAY, FIGURES) for point in points]
    await take(world.record(*some, at=world.local("2026-03-29", "06:30")))
    sizes: list[int] = []
    look = trying._look

    async def counted(effect: Any, found: Any, *rest: Any) -> None:
        sizes.append(len(found))
        await look(effect, found, *rest)

    monkeypatch.setattr(trying, "_look", counted)
    (only,) = (await ask({"key": "spike", "consequence": "warn"}))["effect"]["dsos"]
    assert (only["series"], max(sizes), len(sizes)) == (200, 10, 20)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"key": "fuse", "thresholds": {"percent": 0}}, "may be 1..100000"),
        ({"key": "negative", "consequence": "off"}, "cannot be changed"),
        ({"key": "new"}, "check"),
        ({"key": "fuse", "consequence": "shout"}, "consequence"),
        ({"key": "fuse", "nonsense": 1}, "has no such field"),
        ({"key": "agreed-power-far", "thresholds": {"percent": 50}}, "never be met"),
    ],
)
async def test_what_could_not_be_set_cannot_be_tried(ask: Any, change: dict[str, Any], why: str) -> None:
    with pytest.raises(UnableToAnswer, match=why):
        await ask(change)


async def test_the_port_answers_from_what_the_migrations_made(
    world: Any, new_database: Any, points: list[str], day_series: Any
) -> None:
    engine = create_async_engine(await new_database())
    await migrate.migrate(engine, [app.SERVICE], "meter_ingest")
    decided = world.decide(world.record(day_series(points[0], DAY, SPIKE), at=world.local("2026-03-29", "06:30")))
    async with engine.begin() as connection:
        await connection.execute(text("SELECT 1"))
        await aside.append(connection, decided.aside)
    process = cast("Process", SimpleNamespace(database=engine, shards=[SimpleNamespace(service=app.SERVICE)]))
    transport = httpx.ASGITransport(app=operator_port.application(process))
    asked = {"at": "2026-03-29T08:00:00Z", "by": world.tso, "try": [{"key": "zero-run", "consequence": "off"}]}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        answer = (await http.post("/ask/validation", json=asked)).raise_for_status().json()
        # The point is not known there: no DSO, and no limit that a spike could stand above.
        assert answer["effect"]["dsos"] == [
            {"dso": "", "series": 1, "now": figures(accepted=1), "then": figures(accepted=1), "examples": []}
        ]
        assert [one["key"] for one in answer["rules"]] == [one.key for one in validation.DEFAULTS]
        assert (await http.post("/ask/validation", json={**asked, "day": "soon"})).status_code == 400
        assert (await http.post("/ask/validation", json={**asked, "try": "x"})).status_code == 400
        assert (await http.post("/ask/nothing", json={})).status_code == 404
    await engine.dispose()
