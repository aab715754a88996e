"""The door: what own meters showed, and the values of virtual channels."""

from __future__ import annotations

from typing import Any

import pytest
from noted_given import noted
from out_house import House, code
from sqlalchemy.ext.asyncio import AsyncEngine
from test_out_values import valid
from test_own_meters import DAY, DEVICE, SPRING, Own
from test_own_meters import kept as kept  # noqa: PLC0414 - a fixture
from test_own_meters import own as own  # noqa: PLC0414 - a fixture
from test_virtual_values import define, term
from test_virtual_values import points as points  # noqa: PLC0414 - a fixture

pytestmark = pytest.mark.store


async def test_a_bsp_reads_back_what_its_own_meter_sent(
    house: House, world: Any, own: Own, kept: list[Any], engine: AsyncEngine
) -> None:
    await house.stands(world.local("2026-04-02"))
    period = {"from_": "2026-03-27T23:00:00Z", "to": "2026-03-28T23:00:00Z"}
    path = f"/resources/{own.resource}/values"
    answer = await house.gets(world.bsp, path, **period)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    valid("OwnValues", found)
    (day,) = found["days"]
    assert (found["device_id"], found["metering_point_id"], found["line"]) == (
        DEVICE,
        own.point,
        "consumption.active.1",
    )
    assert day["values_wh"] == [150, 130, *[150] * 94]
    assert (day["samples"], day["clock_wrong"][:4]) == ([None, 13, *[None] * 94], [False, False, True, False])
    whole = (own.point, "consumption.active.1", world.local(DAY), world.local(SPRING), "")
    assert await noted(engine, "own-meter") == {whole}
    by_hour = (await house.gets(world.bsp, path, resolution="PT60M", device=DEVICE, **period)).json()
    valid("OwnValues", by_hour)
    assert by_hour["days"][0]["values_wh"][0] == 580
    for party in (world.dso, world.other_dso):
        assert code(await house.gets(party, path, **period)) == (404, "VALUES_NOT_FOUND")
    for asked in ({"device": "to"}, {"line": "production"}):
        assert code(await house.gets(world.bsp, path, **period, **asked)) == (404, "VALUES_NOT_FOUND")
    assert code(await house.gets(world.bsp, "/resources/x/values", **period)) == (404, "VALUES_NOT_FOUND")
    for asked in ({"line": "consumption.active.1"}, {"line": "x"}, {"as": world.bsp}):
        assert code(await house.gets(world.bsp, path, **period, **asked)) == (400, "QUERY_INVALID")


async def test_of_several_meters_one_is_named(house: House, world: Any, own: Own, kept: list[Any]) -> None:
    own.open(device_id="other")
    await house.stands(world.local("2026-04-02"))
    period = {"from_": "2026-03-27T23:00:00Z", "to": "2026-03-29T22:00:00Z"}
    path = f"/resources/{own.resource}/values"
    answer = await house.gets(world.bsp, path, **period)
    assert (code(answer), answer.json()["path"]) == ((400, "QUERY_INVALID"), "/query/device")
    first = (await house.gets(world.bsp, path, device=DEVICE, days="1", **period)).json()
    second = (await house.asks(world.bsp, "GET", first["links"]["next"])).json()
    assert [one["days"][0]["date"] for one in (first, second)] == [DAY, SPRING]
    assert "links" not in second


async def test_a_dso_reads_a_virtual_channel_of_its_points(
    house: House, world: Any, points: list[str], day_series: Any, engine: AsyncEngine
) -> None:
    define(world, term(points[0]), term(points[1], "production", minus=True), method="net")
    at = world.local("2026-03-30", "06:00")
    await house.comes(day_series(points[0], DAY, 100), day_series(points[1], DAY, 130, direction="production"), at=at)
    await house.stands(world.local("2026-04-02"))
    path, period = f"/virtual/{world.uuid(500)}/values", {"from_": "2026-03-27T23:00:00Z", "to": "2026-03-28T23:00:00Z"}
    answer = await house.gets(world.dso, path, **period)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    valid("VirtualValues", found)
    (one,) = found["series"]
    assert (one["values_wh"], one["metering_point_id"]) == ([-30] * 96, None)
    whole = (world.local(DAY), world.local(SPRING), world.uuid(500))
    by = {(points[0], "consumption", *whole), (points[1], "production", *whole)}
    assert await noted(engine, "virtual") == by, "each whose values it was computed from is told"
    by_hour = (await house.gets(world.dso, path, resolution="PT60M", **period)).json()
    assert by_hour["series"][0]["values_wh"] == [-120] * 24
    for party in (world.bsp, world.tso):
        assert code(await house.gets(party, path, **period)) == (404, "VALUES_NOT_FOUND")
    longer = {**period, "to": "2026-04-29T22:00:00Z"}
    assert code(await house.gets(world.dso, path, **longer)) == (400, "QUERY_TOO_LONG")
    before = {"from_": "2025-03-27T23:00:00Z", "to": "2025-03-28T23:00:00Z"}
    assert code(await house.gets(world.dso, path, **before)) == (404, "VALUES_NOT_FOUND")
