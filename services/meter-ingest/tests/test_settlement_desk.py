"""The door: rows of settlement, by point and quarter, for who may read them; and what is noted of it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import date, timedelta
from typing import Any

import pytest
from deviation_given import DAY, OTHER, SUPPLIER, annul, made, priced, publish, run, send
from out_house import House, code
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from test_out_values import valid

from chassis import history
from chassis.service import Kind
from contracts.meter_ingest import v1
from contracts.values import Role, make_gln
from meter_ingest import store, value_store
from meter_ingest.out import settlement_rows
from meter_ingest.partitions import ensure_months

pytestmark = pytest.mark.store

BRP, OF_PRODUCTION, DATAHUB, STRANGER = make_gln(21), make_gln(22), make_gln(4), make_gln(77)
Stands = Callable[[str], Coroutine[Any, Any, None]]


@pytest.fixture
async def door(house: House, world: Any) -> House:
    """All that stand behind the points sign, and others."""
    for gln in (SUPPLIER, OTHER):
        house.party(gln, Role.SUPPLIER)
    for gln in (BRP, OF_PRODUCTION):
        house.party(gln, Role.BRP)
    house.party(DATAHUB, Role.DATAHUB)
    house.party(STRANGER, Role.SUPPLIER, Role.BRP, Role.BSP, Role.DSO, Role.THIRD_PARTY)
    return house


@pytest.fixture
def stands(world: Any, door: House, engine: AsyncEngine, stored: Any, monkeypatch: pytest.MonkeyPatch) -> Stands:
    """All that was decided is in the database, and all values; it has come to a moment."""

    async def told(_connection: Any, _service: Any, kind: Kind[Any], id_: str) -> list[Any]:
        return [(None, one) for one in world.scenario.log if type(one) in kind.folds and id_ in kind.parts(one)]

    monkeypatch.setattr(history, "told", told)

    async def stands(at: str) -> None:
        versions = [one for some in world.values.days.values() for one in some]
        await ensure_months(engine, [one.day for one in versions] or [date.fromisoformat(DAY)])
        async with engine.begin() as connection:
            await connection.execute(text("TRUNCATE private.value_version"))
            await value_store.append(connection, versions)
        await stored(world, *(kind.name for kind in store.KINDS))
        await door.stands(world.local(at, "12:00"))

    return stands


@pytest.fixture
def points(world: Any) -> list[str]:
    """Two consumers of different suppliers and a plant, in one group."""
    points = made(world)
    world.formed()
    for point in points:
        world.joined(point)
    return points


def called(world: Any, clock: str = "10:00", number: int = 70, quarters: int = 1) -> Any:
    start = world.local(DAY, clock)
    end = start + quarters * timedelta(minutes=15)
    world.order(4000, start, end, at=start - timedelta(minutes=15), activation=world.uuid(number))
    return start


def delivered(world: Any, day_series: Any, points: list[str]) -> None:
    """In quarter 36 and 44 less is used, and more made."""
    for point, wh, way in zip(points, (900, 400, 1300), ("consumption", "consumption", "production"), strict=True):
        figures = [wh if quarter in (36, 44) else 1000 for quarter in range(92)]
        send(world, day_series, point, figures, on="2026-03-30", direction=way)


async def noted(engine: AsyncEngine) -> set[tuple[str, str, str, int]]:
    query = 'SELECT party, role, ground, metering_point_id, "end" - start AS long FROM private.read_log'
    async with engine.connect() as connection:
        found = (await connection.execute(text(query))).all()
    return {(row.party, row.role, row.ground, int(row.long.total_seconds()) // 900) for row in found}


async def pages(door: House, gln: str, path: str, name: str = "rows", **asked: str) -> list[list[dict[str, Any]]]:
    answer = await door.gets(gln, path, **asked)
    found: list[list[dict[str, Any]]] = []
    while True:
        assert answer.status_code == 200, answer.text
        found.append(answer.json()[name])
        if "links" not in answer.json():
            return found
        answer = await door.asks(gln, "GET", answer.json()["links"]["next"])


@pytest.mark.rule("SETTLEMENT_NOT_FOUND")
async def test_the_rows_of_a_days_adjustment_are_for_who_stands_behind_the_point_then(
    world: Any, day_series: Any, door: House, stands: Stands, points: list[str], engine: AsyncEngine
) -> None:
    start = called(world)
    delivered(world, day_series, points)
    log = world.scenario.until(world.local("2026-03-30", "10:00")).events
    await stands("2026-03-30")
    path = f"/settlement/adjustments/{DAY}"

    async def rows(gln: str) -> list[tuple[str, int]]:
        answer = await door.gets(gln, path, version="D+1")
        assert answer.status_code == 200, answer.text
        valid("AdjustedRows", answer.json())
        return [(one["metering_point_id"], one["delivered_wh"]) for one in answer.json()["rows"]]

    first, second, plant = points
    assert await rows(SUPPLIER) == [(first, 100), (plant, 300)]
    assert await rows(OTHER) == [(second, 600)]
    assert await rows(BRP) == [(first, 100), (second, 600)]
    assert await rows(OF_PRODUCTION) == [(plant, 300)]
    assert await rows(world.bsp) == await rows(world.tso) == [(first, 100), (second, 600), (plant, 300)]
    for gln in (world.dso, DATAHUB, STRANGER):
        unknown = await door.gets(gln, "/settlement/adjustments/2026-01-01", version="D+1")
        answer = await door.gets(gln, path, version="D+1")
        assert (answer.status_code, answer.json()) == (404, unknown.json()), "as if there were none"
    assert code(answer) == (404, "SETTLEMENT_NOT_FOUND")
    # What it adds up to is what each was told; others behind the point are told to the TSO.
    told = {(one.role, one.party): one.delivered_wh for one in log if isinstance(one, v1.PartyAdjusted)}
    own = (await door.gets(SUPPLIER, path, version="D+1")).json()
    assert own["told"] == [{"role": "supplier", "delivered_wh": told["supplier", SUPPLIER]}]
    assert sum(one["delivered_wh"] for one in own["rows"]) == told["supplier", SUPPLIER]
    (row, _) = own["rows"]
    assert (row["supplier"], row["brp"], row["bsp"], row["activation_id"]) == (SUPPLIER, None, None, None)
    (row, *_) = (await door.gets(world.tso, path, version="D+1")).json()["rows"]
    assert (row["supplier"], row["brp"], row["bsp"], row["activation_id"]) == (
        SUPPLIER, BRP, world.bsp, world.uuid(70),
    )  # fmt: skip
    assert row["start"].replace("Z", "+00:00") == start.isoformat()
    assert await noted(engine) == {
        (SUPPLIER, "supplier", "supply", 1),
        (OTHER, "supplier", "supply", 1),
        (BRP, "brp", "balance", 1),
        (OF_PRODUCTION, "brp", "balance", 1),
        (world.bsp, "bsp", "activation", 1),
        (world.tso, "tso", "settlement", 1),
    }
    for asked in ({"version": "D+5"}, {}):
        assert code(await door.gets(world.tso, path, **asked)) == (404, "SETTLEMENT_NOT_FOUND"), "not run yet"
    for asked in ({"version": "D+2"}, {"version": "D+1", "after": "x"}, {"version": "D+1", "after": world.uuid(1)}):
        assert code(await door.gets(world.tso, path, **asked)) == (400, "QUERY_INVALID")


async def test_a_days_rows_come_in_pages_that_add_up_to_it(
    world: Any,
    day_series: Any,
    door: House,
    stands: Stands,
    points: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Wherever they are cut; what overlapping activations delivered together is there once."""
    called(world, quarters=3)
    called(world, "10:15", 71, quarters=2)
    called(world, "12:00", 72)
    delivered(world, day_series, points)
    world.scenario.until(world.local("2026-03-30", "10:00"))
    await stands("2026-03-30")
    path, asked = f"/settlement/adjustments/{DAY}", {"version": "D+1"}
    (whole,) = await pages(door, world.tso, path, **asked)
    (run_,) = [one for one in world.scenario.log if isinstance(one, v1.ImbalanceAdjusted)]
    assert len({(one["metering_point_id"], one["start"]) for one in whole}) == len(whole) == 3 * 4
    assert sum(one["delivered_wh"] for one in whole) == run_.delivered_wh
    for most in ("1", "2", "5"):
        parts = await pages(door, world.tso, path, most=most, **asked)
        assert [row for part in parts for row in part] == whole
        assert max(map(len, parts)) == int(most)
    monkeypatch.setattr(settlement_rows, "MOST_ACTIVATIONS", 1)
    parts = await pages(door, world.tso, path, **asked)
    assert [row for part in parts for row in part] == whole
    assert len(parts) == 3, "one of them without a row"


async def test_of_values_that_are_gone_there_are_no_rows_and_it_says_why(
    world: Any, day_series: Any, door: House, stands: Stands, points: list[str], engine: AsyncEngine
) -> None:
    """Nothing is given that is computed of what is left; what was told stands."""
    priced(world)
    called(world)
    delivered(world, day_series, points)
    send(world, day_series, points[1], 7, on="2026-04-05")
    run(world)
    publish(world)
    erased = {"metering_point_id": points[1], "dso": world.dso, "first_day": DAY, "last_day": DAY}
    erased |= {"by": DATAHUB, "versions": 2, "count": 184, "salted_sha256": "0" * 64}
    world.scenario.given(v1.ValuesErased.model_validate(erased))
    await stands("2026-04-10")
    async with engine.begin() as connection:
        await connection.execute(
            text("DELETE FROM private.value_version WHERE metering_point_id = :point"), {"point": int(points[1])}
        )
    adjusted = (await door.gets(OTHER, f"/settlement/adjustments/{DAY}", version="D+1")).json()
    valid("AdjustedRows", adjusted)
    assert (adjusted["rows"], adjusted["told"]) == ([], [{"role": "supplier", "delivered_wh": 600}])
    assert adjusted["withheld"] == [{"activation_id": world.uuid(70), "because": "VALUES_ERASED"}]
    deviated = (await door.gets(world.tso, f"/settlement/deviations/{world.uuid(501)}")).json()
    valid("DeviationRows", deviated)
    assert (deviated["rows"], deviated["withheld"]) == ([], [{"date": DAY, "because": "VALUES_ERASED"}])
    allocated = (await door.gets(world.bsp, f"/activations/{world.uuid(70)}/allocation")).json()
    valid("Allocation", allocated)
    assert (allocated["points"], allocated["agrees"], allocated["because"]) == ([], None, "VALUES_ERASED")
    assert not await noted(engine), "nothing was read"


async def test_the_rows_of_a_run_of_deviations(
    world: Any, day_series: Any, door: House, stands: Stands, points: list[str], engine: AsyncEngine
) -> None:
    """Drafts for the TSO alone; what was published is marked when it is annulled; an annulled draft is not there."""
    priced(world, "1000")
    send(world, day_series, points[0], 1000, on="2026-03-30")
    send(world, day_series, points[0], [1250, 1250, *[1000] * 90], on="2026-04-05")
    send(world, day_series, points[1], [7, *[0] * 91], on="2026-04-06")
    run(world)
    path = f"/settlement/deviations/{world.uuid(501)}"
    door.control(points[1], world.local("2026-01-01"))
    await stands("2026-04-10")

    async def rows(gln: str, **asked: str) -> list[tuple[str, int]]:
        (found,) = await pages(door, gln, path, **asked)
        return [(one["metering_point_id"], one["energy_wh"]) for one in found]

    both = [(points[0], 250), (points[0], 250), (points[1], 7)]
    assert await rows(world.tso) == both
    everyone = (SUPPLIER, OTHER, BRP, OF_PRODUCTION, world.bsp, world.dso, DATAHUB, STRANGER)
    for gln in everyone:
        assert code(await door.gets(gln, path)) == (404, "SETTLEMENT_NOT_FOUND"), "a draft"
    publish(world)
    await stands("2026-04-10")
    assert await rows(SUPPLIER) == both[:2]
    assert await rows(OTHER) == await rows(world.bsp) == both[2:]
    assert await rows(world.dso) == await rows(BRP) == await rows(world.tso) == both
    unknown = await door.gets(STRANGER, f"/settlement/deviations/{world.uuid(599)}")
    for gln in (OF_PRODUCTION, DATAHUB, STRANGER):
        answer = await door.gets(gln, path)
        assert (answer.status_code, answer.json()) == (404, unknown.json()), gln
    answer = (await door.gets(SUPPLIER, path)).json()
    valid("DeviationRows", answer)
    assert (answer["status"], answer["rows"][0]["amount_exact"]) == ("published", "0.25")
    parts = await pages(door, world.tso, path, most="1")
    assert [row for part in parts for row in part] == (await door.gets(world.tso, path)).json()["rows"]
    assert len(parts) == 3
    assert (SUPPLIER, "supplier", "supply", 2) in await noted(engine), "what follows each other is noted as one"
    assert (world.bsp, "bsp", "control", 1) in await noted(engine)
    annul(world)
    run(world, 2)
    annul(world, 2)
    await stands("2026-04-10")
    assert (await door.gets(SUPPLIER, path)).json()["status"] == "annulled"
    never = f"/settlement/deviations/{world.uuid(502)}"
    assert code(await door.gets(SUPPLIER, never)) == (404, "SETTLEMENT_NOT_FOUND"), "it was a draft to its end"
    assert (await door.gets(world.tso, never)).json()["status"] == "annulled"


async def test_what_each_point_delivered_is_for_the_bsp_and_the_tso(
    world: Any, day_series: Any, door: House, stands: Stands, points: list[str], engine: AsyncEngine
) -> None:
    called(world, quarters=2)
    delivered(world, day_series, points)
    world.scenario.until(world.local("2026-03-30", "10:00"))
    await stands("2026-03-30")
    path = f"/activations/{world.uuid(70)}/allocation"
    answer = (await door.gets(world.bsp, path)).json()
    valid("Allocation", answer)
    assert answer["agrees"] is True
    assert [(one["metering_point_id"], one["delivered_wh"][0]) for one in answer["points"]] == list(
        zip(points, (100, 600, 300), strict=True)
    )
    assert (await door.gets(world.tso, path, run="1")).json() == answer
    assert [len(part) for part in await pages(door, world.bsp, path, "points", most="2")] == [2, 1]
    assert await noted(engine) == {(world.bsp, "bsp", "activation", 2), (world.tso, "tso", "settlement", 2)}
    for gln in (SUPPLIER, OTHER, BRP, world.dso, DATAHUB, STRANGER):
        unknown = await door.gets(gln, f"/activations/{world.uuid(99)}/allocation")
        found = await door.gets(gln, path)
        assert (found.status_code, found.json()) == (404, unknown.json()), gln
    assert code(await door.gets(world.bsp, path, run="2")) == (404, "SETTLEMENT_NOT_FOUND")


async def test_hours_with_prices_for_who_may_read_the_values(
    world: Any, day_series: Any, door: House, stands: Stands, points: list[str], engine: AsyncEngine
) -> None:
    start = world.local(DAY)
    for day in range(2):
        at = start + timedelta(days=day)
        command = v1.PublishPrices(kind="day-ahead-hour", source="Nord Pool", start=at, prices_nok_mwh=("500",) * 23)
        world.scenario.when(command, subject="NO3", sender=world.tso, role="tso", at=start)
    chosen = v1.RecordNorgespris(valid_from=start)
    world.scenario.when(chosen, subject=points[0], sender=DATAHUB, role="datahub", at=start)
    send(world, day_series, points[0], 250, on="2026-03-30")
    world.fact(points[0], dso=world.other_dso, valid_from=world.local(DAY, "06:00"))
    await stands("2026-04-10")
    path, asked = f"/points/{points[0]}/hours", {"from_": DAY, "to": "2026-03-30"}
    found = (await door.gets(SUPPLIER, path, **asked)).json()
    valid("Hours", found)
    (day,) = found["days"]
    assert (len(day["hours"]), day["zone"], day["amount"], day["unpriced"]) == (23, "NO3", "11.50", 0)
    first = day["hours"][0]
    assert (first["wh"], first["amount_exact"], first["norgespris"]) == (1000, "0.5", True)
    (limited,) = (await door.gets(BRP, path, **asked)).json()["days"]
    assert {one["norgespris"] for one in limited["hours"]} == {None}, "a fact of the point, not a value"
    (part,) = (await door.gets(world.dso, path, **asked)).json()["days"]
    assert (len(part["hours"]), part["amount"]) == (5, "2.50"), "while it lay in its grid, and no more than that"
    (surcharged,) = (await door.gets(SUPPLIER, path, **asked, last_resort_since="2026-03-01")).json()["days"]
    assert surcharged["amount"] == "12.65"
    for gln in (OTHER, STRANGER, OF_PRODUCTION):
        assert code(await door.gets(gln, path, **asked)) == (404, "VALUES_NOT_FOUND")
    assert (world.dso, "dso", "own-grid", 20) in await noted(engine)
    assert code(await door.gets(SUPPLIER, path, from_="2026-03-01", to="2026-04-02")) == (400, "QUERY_TOO_LONG")
