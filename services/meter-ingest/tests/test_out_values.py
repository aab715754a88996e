"""The door: who gets values and sums, what the answers say, and what is asked for wrongly."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import jsonschema
import pytest
from out_house import House, code, wh_of
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import store
from contracts.meter_ingest import v1
from contracts.registry import v1 as registry
from meter_ingest import delivering, queries
from meter_ingest.out import openapi

pytestmark = pytest.mark.store


def valid(name: str, found: Any) -> None:
    schema = {**openapi.SCHEMAS[name], "components": {"schemas": openapi.SCHEMAS}}
    jsonschema.Draft202012Validator(schema).validate(found)


@pytest.fixture
async def two_days(house: House, world: Any, points: list[str], day_series: Any) -> dict[str, str]:
    for number, day in enumerate(("2026-03-28", "2026-03-29")):
        some = [day_series(point, day, 100 + number) for point in points[:2]]
        await house.comes(*some, at=world.local("2026-03-30", "06:30"))
    house.control(points[0], world.local("2026-03-29"))
    await house.stands()
    return {"from_": "2026-03-27T23:00:00Z", "to": "2026-03-29T22:00:00Z"}


async def test_a_days_values_with_what_counts_where_they_came_from_and_how_fresh_they_are(
    house: House, world: Any, points: list[str], two_days: dict[str, str]
) -> None:
    answer = await house.gets(world.dso, f"/points/{points[0]}/values", resolution="PT60M", **two_days)
    found = answer.json()
    assert answer.status_code == 200, found
    valid("Values", found)
    assert wh_of(found) == [400] * 24 + [404] * 23
    first, second = found["days"]
    assert (first["counts"], first["resolution"], second["start"]) == ("PT15M", "PT60M", "2026-03-28T23:00:00Z")
    assert first["runs"] == [{"steps": 24, "status": "metered", "origin": "sum", "profile": None, "messages": [0]}]
    topic = f"ingress.{world.dso}.meter-values.v1"
    assert [(one["sender"], one["record"]) for one in found["messages"]] == [
        (world.dso, f"{topic}/0/1"),
        (world.dso, f"{topic}/0/2"),
    ]
    assert found["fresh"] == [{"shard": "0", "position": 2, "received_at": "2026-03-30T04:30:00Z"}]
    assert answer.headers["cache-control"] == "no-store"


async def test_a_bsp_gets_the_part_of_the_period_that_is_its_own(
    house: House, world: Any, points: list[str], two_days: dict[str, str]
) -> None:
    found = (await house.gets(world.bsp, f"/points/{points[0]}/values", **two_days)).json()
    assert found["periods"] == [{"start": "2026-03-28T23:00:00Z", "end": "2026-03-29T22:00:00Z"}]
    assert ([one["date"] for one in found["days"]], wh_of(found)) == (["2026-03-29"], [101] * 92)


@pytest.mark.rule("VALUES_NOT_FOUND")
async def test_a_key_that_is_revoked_and_a_control_that_is_withdrawn_let_nobody_in_any_more(
    house: House, world: Any, points: list[str], two_days: dict[str, str]
) -> None:
    path = f"/points/{points[0]}/values"
    for party in (world.bsp, world.dso):
        assert (await house.gets(party, path, **two_days)).status_code == 200
    house.withdrawn(points[0], world.local("2026-03-29"))
    key = house.signers[world.dso].public.thumbprint
    world.scenario.given(registry.PartyKeyRevoked(party=world.dso, key_id=key))
    await house.stands()
    assert code(await house.gets(world.bsp, path, **two_days)) == (404, "VALUES_NOT_FOUND")
    assert code(await house.gets(world.dso, path, **two_days)) == (401, "SIGNER_UNKNOWN")


async def test_the_door_answers_on_when_the_server_has_closed_its_connections(
    house: House, world: Any, points: list[str], two_days: dict[str, str]
) -> None:
    path = f"/points/{points[0]}/values"
    assert (await house.gets(world.dso, path, **two_days)).status_code == 200
    async with store.single(house.engine) as raw:
        with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError):
            await raw.fetch("SELECT pg_terminate_backend(pg_backend_pid())")
    assert (await house.gets(world.dso, path, **two_days)).status_code == 200


async def test_unknown_and_not_yours_are_answered_alike(
    house: House, world: Any, points: list[str], two_days: dict[str, str]
) -> None:
    unknown = await house.gets(world.bsp, f"/points/{world.gsrn(404)}/values", **two_days)
    assert code(unknown) == (404, "VALUES_NOT_FOUND")
    days = {"from_": "2026-03-28", "to": "2026-03-30", "by": "day"}
    for party, path, asked in (
        (world.bsp, f"/points/{points[1]}/values", two_days),
        (world.bsp, "/points/12/values", two_days),
        (world.bsp, f"/points/{points[0]}/values", {"from_": "2026-03-27T23:00:00Z", "to": "2026-03-28T23:00:00Z"}),
        (world.other_dso, f"/points/{points[0]}/values", two_days),
        (world.tso, f"/points/{points[0]}/values", two_days),
        (world.bsp, f"/points/{points[1]}/sums", days),
        (world.bsp, f"/points/{world.gsrn(404)}/sums", days),
    ):
        answer = await house.gets(party, path, **asked)
        assert (answer.status_code, answer.json()) == (404, unknown.json()), (party, path)


async def noted(house: House) -> list[Any]:
    """Who read what, as it is written down."""
    query = 'SELECT party, role, metering_point_id::text, start, "end", ground FROM private.read_log WHERE line = 0'
    async with house.engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(query))]


async def test_every_read_is_noted_and_nothing_is_where_there_was_none(
    house: House, world: Any, points: list[str], two_days: dict[str, str]
) -> None:
    start, end = world.local("2026-03-29"), world.local("2026-03-30")
    await house.gets(world.bsp, f"/points/{points[0]}/values", **two_days)
    await house.gets(world.bsp, f"/points/{points[1]}/values", **two_days)
    await house.gets(world.bsp, f"/points/{points[0]}/sums", from_="2026-03-28", to="2026-03-30", by="day")
    assert await noted(house) == [(world.bsp, "bsp", points[0], start, end, "control")] * 2


async def test_the_first_reads_of_a_month_are_noted_however_many_come_at_once(
    house: House, world: Any, points: list[str], two_days: dict[str, str]
) -> None:
    days = {"from_": "2026-03-28", "to": "2026-03-30", "by": "day"}
    answers = await asyncio.gather(
        *(house.gets(world.dso, f"/points/{points[0]}/values", **two_days) for _ in range(5)),
        *(house.gets(world.dso, f"/points/{points[0]}/sums", **days) for _ in range(5)),
    )
    assert [one.status_code for one in answers] == [200] * 10
    assert len(await noted(house)) == 10


@pytest.mark.rule("PROOF_USED")
async def test_a_proof_is_used_once_and_what_is_refused_is_not_noted(
    house: House, world: Any, points: list[str], two_days: dict[str, str]
) -> None:
    readable, other = (f"/points/{point}/values?{httpx.QueryParams(two_days)}" for point in points[:2])
    for path, status, count in (
        (readable.replace("from_", "from"), 200, 1),
        (other.replace("from_", "from"), 404, 1),
        (readable, 400, 1),
    ):
        proof = house.signers[world.bsp].proof(audience="op/meter-ingest", method="GET", path=path, now=int(house.now))
        signed = {"authorization": f"Bearer {proof}"}
        answers = await asyncio.gather(*(house.http.get(path, headers=signed) for _ in range(3)))
        assert sorted(one.status_code for one in answers) == sorted([status, 401, 401])
        assert {code(one) for one in answers if one.status_code == 401} == {(401, "PROOF_USED")}
        assert len(await noted(house)) == count


async def test_a_long_period_is_given_in_pages_that_lead_to_each_other(
    house: House, world: Any, points: list[str], two_days: dict[str, str]
) -> None:
    whole = (await house.gets(world.dso, f"/points/{points[0]}/values", **two_days)).json()
    first = (await house.gets(world.dso, f"/points/{points[0]}/values", days="1", **two_days)).json()
    valid("Values", first)
    second = (await house.asks(world.dso, "GET", first["links"]["next"])).json()
    assert ("links" in second, [one["date"] for one in first["days"]]) == (False, ["2026-03-28"])
    assert [*wh_of(first), *wh_of(second)] == wh_of(whole)


async def test_what_had_come_by_a_moment(
    house: House, world: Any, points: list[str], two_days: dict[str, str], day_series: Any
) -> None:
    at = world.local("2026-03-31", "06:30")
    await house.comes(day_series(points[0], "2026-03-28", 7, registered_at=at), at=at)
    now = (await house.gets(world.dso, f"/points/{points[0]}/values", **two_days)).json()
    then = (await house.gets(world.dso, f"/points/{points[0]}/values", as_of="2026-03-30T12:00:00Z", **two_days)).json()
    assert (wh_of(now)[0], wh_of(then)[0]) == (7, 100)


@pytest.mark.rule("QUERY_INVALID")
@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({"resolution": "PT30M"}, "/query/resolution"),
        ({"line": "sideways"}, "/query/line"),
        ({"line": "consumption.active.1"}, "/query/line"),
        ({"to": "2026-03-27T00:00:00Z"}, "/query/to"),
        ({"from_": "yesterday"}, "/query/from"),
        ({"from_": "2026-03-28T00:00:00"}, "/query/from"),
        ({"from_": "0001-01-01T00:00:00+14:00"}, "/query/from"),
        ({"to": "2026-03-29T00:05:00Z"}, "/query/to"),
        ({"to": "2026-03-29T00:15:00Z", "resolution": "PT60M"}, "/query/to"),
        ({"days": "0"}, "/query/days"),
        ({"days": "³"}, "/query/days"),
        ({"whatever": "1"}, "/query"),
        ({"line": "x" * 100}, "/query/line"),
    ],
)
async def test_what_cannot_be_read_says_where(
    house: House, world: Any, points: list[str], two_days: dict[str, str], asked: dict[str, str], path: str
) -> None:
    answer = await house.gets(world.dso, f"/points/{points[0]}/values", **{**two_days, **asked})
    assert code(answer) == (400, "QUERY_INVALID")
    valid("Reason", answer.json())
    assert answer.json()["path"] == path
    assert "yesterday" not in answer.text


@pytest.mark.rule("QUERY_TOO_LONG")
async def test_there_are_limits_and_what_is_written_twice_is_refused(
    house: House, world: Any, points: list[str], two_days: dict[str, str]
) -> None:
    path = f"/points/{points[0]}/values"
    answer = await house.gets(world.dso, path, from_="2024-01-01T00:00:00Z", to="2026-01-01T00:00:00Z")
    assert code(answer) == (400, "QUERY_TOO_LONG")
    answer = await house.gets(world.dso, f"/points/{points[0]}/sums", from_="2020-01-01", to="2026-01-01", by="year")
    assert code(answer) == (400, "QUERY_TOO_LONG")
    twice = f"{path}?from=2026-03-28T00:00:00Z&from=2026-03-28T00:00:00Z&to=2026-03-29T00:00:00Z"
    assert code(await house.asks(world.dso, "GET", twice)) == (400, "QUERY_INVALID")


async def test_only_who_signs_comes_in_and_there_are_no_documents(
    house: House, world: Any, points: list[str], two_days: dict[str, str]
) -> None:
    answer = await house.http.get(f"/points/{points[0]}/values")
    assert code(answer) == (401, "PROOF_MISSING")
    assert (await house.asks(world.dso, "GET", f"/documents/{world.uuid(1)}")).status_code == 404
    described = await house.http.get("/openapi.json")
    assert (described.status_code, described.json()) == (200, openapi.DOCUMENT)


def test_the_stored_document_is_what_is_served() -> None:
    stands = openapi.STORED.read_text(encoding="utf-8")
    assert stands == openapi.text(), "renew it: python -m meter_ingest.out.openapi"


# Sums


async def test_sums_by_local_day_and_month_are_those_of_what_counts(
    house: House, world: Any, engine: AsyncEngine, points: list[str], day_series: Any
) -> None:
    at = world.local("2026-04-02", "06:30")
    local = [*(f"2026-03-{day}" for day in range(28, 32)), "2026-04-01"]
    for day in local:
        status = "estimated" if day == "2026-03-30" else "metered"
        await house.comes(day_series(points[0], day, range(world.steps(day)), status=status), at=at)
    # Corrected in part, and a hole in the last day.
    part = v1.Series(
        metering_point_id=points[0],
        resolution="PT15M",
        start=world.local("2026-03-28", "01:15"),
        end=world.local("2026-03-28", "01:30"),
        values_wh=(1000,),
        status="estimated",
        registered_at=at,
    )
    await house.comes(part, at=at + timedelta(hours=1))
    start = world.local("2026-04-02")
    hole = v1.Series(
        metering_point_id=points[0],
        resolution="PT15M",
        start=start,
        end=start + timedelta(hours=6),
        values_wh=(5,) * 24,
        registered_at=at,
    )
    await house.comes(hole, at=at + timedelta(hours=2))
    await house.stands()
    path = f"/points/{points[0]}/sums"
    by_day = (await house.gets(world.dso, path, from_="2026-03-28", to="2026-04-03", by="day")).json()
    valid("Sums", by_day)
    async with queries.reading_only(engine) as connection:
        found = await delivering.of_points(
            connection, [points[0]], start=world.local("2026-03-28"), end=world.local("2026-04-03")
        )
    there = [[wh for wh in one.values.wh if wh is not None] for one in found[points[0]]]
    assert [one["wh"] for one in by_day["sums"]] == [sum(some) for some in there]
    assert by_day["sums"][1] == {
        "from": "2026-03-29", "to": "2026-03-30", "wh": sum(range(92)), "quarters": 92, "expected_quarters": 92,
        "estimated_quarters": 0, "complete": True,
    }  # fmt: skip
    assert [one["estimated_quarters"] for one in by_day["sums"]] == [1, 0, 96, 0, 0, 0]
    assert (by_day["sums"][5]["quarters"], by_day["sums"][5]["complete"]) == (24, False)
    by_month = (await house.gets(world.dso, path, from_="2026-03-01", to="2026-05-01", by="month")).json()["sums"]
    assert [one["wh"] for one in by_month] == [
        sum(one["wh"] for one in by_day["sums"][:4]),
        sum(one["wh"] for one in by_day["sums"][4:]),
    ]
    # March has 31 days, of which one has 23 hours.
    assert [one["expected_quarters"] for one in by_month] == [31 * 96 - 4, 30 * 96]
    (year,) = (await house.gets(world.dso, path, from_="2026-01-01", to="2027-01-01", by="year")).json()["sums"]
    assert (year["wh"], year["expected_quarters"]) == (sum(one["wh"] for one in by_month), 365 * 96)
    assert by_day["fresh"][0]["position"] == 7


async def test_a_sum_is_over_what_may_be_read_alone(
    house: House, world: Any, points: list[str], two_days: dict[str, str]
) -> None:
    path = f"/points/{points[0]}/sums"
    (march,) = (await house.gets(world.bsp, path, from_="2026-03-01", to="2026-04-01")).json()["sums"]
    assert (march["wh"], march["quarters"], march["complete"]) == (101 * 92, 92, False)
    first, second = (await house.gets(world.bsp, path, from_="2026-03-28", to="2026-03-30", by="day")).json()["sums"]
    assert (first["wh"], first["quarters"], second["wh"]) == (None, 0, 101 * 92)
    assert code(await house.gets(world.dso, path, from_="2026-03-02", to="2026-04-01")) == (400, "QUERY_INVALID")
    assert code(await house.gets(world.dso, path, from_="2026-03-01", to="1")) == (400, "QUERY_INVALID")


async def test_a_profiled_points_sums_are_those_of_its_periods_volume(house: House, world: Any) -> None:
    (point,) = world.points(1)
    world.fact(point, settlement_method="profiled", resolution="PT60M")
    start, end, at = world.local("2026-03-28"), world.local("2026-03-30"), world.local("2026-04-10")
    profile = v1.PublishProfile(kind="fppc", start=start, weights=(2,) * 96 + (1,) * 92)
    world.scenario.when(profile, subject=world.area, sender=world.dso, at=at)
    command = v1.RecordPeriodVolume(start=start, end=end, wh=2 * 96 + 92, registered_at=at)
    world.scenario.when(command, subject=point, sender=world.dso, at=at)
    await house.stands()
    found = await house.gets(world.dso, f"/points/{point}/sums", from_="2026-03-28", to="2026-03-30", by="day")
    assert [(one["wh"], one["complete"]) for one in found.json()["sums"]] == [(192, True), (92, True)]
    # What it goes by shows only while one reads: it is all of one moment then, too, noted, and on a proof used once.
    path = f"/points/{point}/values?from=2026-03-27T23:00:00Z&to=2026-03-28T23:00:00Z"
    proof = house.signers[world.dso].proof(audience="op/meter-ingest", method="GET", path=path, now=int(house.now))
    signed = {"authorization": f"Bearer {proof}"}
    assert wh_of((await house.http.get(path, headers=signed)).json()) == [2] * 96
    assert code(await house.http.get(path, headers=signed)) == (401, "PROOF_USED")
    assert len(await noted(house)) == 2
