"""The page that everybody may read: what it says, for how long it may be kept, and how often it is asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import httpx
import jsonschema
import pytest
from out_house import House, code

from chassis.door.serving import application
from chassis.listening import listening
from contracts.meter_ingest.v1 import AggregatePublished, PublicFigure
from meter_ingest.out import openapi, public_desk

pytestmark = pytest.mark.store

Says = Callable[..., Awaitable[None]]


def figure(dimension: str, key: str | None, points: int = 9, **more: Any) -> PublicFigure:
    said = {"zone": "NO3", "line": "consumption", "wh": 1000, "estimated_points": 0, "missing_points": 0, **more}
    return PublicFigure.model_validate({"dimension": dimension, "key": key, "points": points, **said})


@pytest.fixture
def says(world: Any, stored: Any) -> Says:
    """A day was said."""

    async def says(*figures: PublicFigure, day: str) -> None:
        local = date.fromisoformat(day)
        world.scenario.given(AggregatePublished(aggregate_id=f"energy/{day}", date=local, figures=figures))
        await stored(world, "aggregate")

    return says


async def asks(house: House, headers: dict[str, str] | None = None, /, **asked: str) -> httpx.Response:
    query = {name.rstrip("_"): one for name, one in asked.items()}
    return await house.http.get(public_desk.PATH, params=query, headers=headers)


MARCH = {"from_": "2026-03-01", "to": "2026-03-03"}


async def test_anybody_reads_the_figures_of_a_dimension_unsigned(house: House, says: Says) -> None:
    more = {"estimated_points": 1, "missing_points": 3}
    await says(figure("zone", "NO3", **more), figure("grid-area", None), day="2026-03-01")
    answer = await asks(house, **MARCH)
    found = answer.json()
    assert answer.status_code == 200, found
    schema = {**openapi.SCHEMAS["PublicEnergy"], "components": {"schemas": openapi.SCHEMAS}}
    jsonschema.Draft202012Validator(schema).validate(found)
    assert found["data"] == [
        {
            "type": "public-energy",
            "id": "2026-03-01/NO3/consumption/zone/NO3",
            "attributes": {
                "date": "2026-03-01",
                "zone": "NO3",
                "line": "consumption",
                "key": "NO3",
                "wh": 1000,
                "points": 9,
                "estimated_percent": "11.1111",
                "missing_percent": "25.0000",
            },
        }
    ]
    assert found["meta"] == {"dimension": "zone", "not_said_yet": ["2026-03-02"]}
    (area,) = (await asks(house, dimension="grid-area", **MARCH)).json()["data"]
    assert area["id"].endswith("/grid-area/rest")


async def test_an_answer_that_is_whole_may_be_kept_long_and_one_that_is_not_is_asked_again_soon(
    house: House, says: Says
) -> None:
    await says(figure("zone", "NO3"), day="2026-03-01")
    first = await asks(house, **MARCH)
    assert first.headers["cache-control"] == "public, max-age=300"
    await says(figure("zone", "NO3"), day="2026-03-02")
    second = await asks(house, **MARCH)
    assert second.headers["cache-control"] == "public, max-age=86400"
    assert len(second.json()["data"]) == 2, "what was not said yet was not kept in mind"
    again = await asks(house, {"if-none-match": second.headers["etag"]}, **MARCH)
    assert (again.status_code, again.content) == (304, b"")
    assert (await asks(house, {"if-none-match": first.headers["etag"]}, **MARCH)).status_code == 200


@pytest.mark.rule("QUERY_INVALID")
@pytest.mark.rule("QUERY_TOO_LONG")
async def test_what_is_asked_wrongly_or_for_more_than_a_month_is_refused(house: House) -> None:
    assert code(await asks(house, from_="2026-03-01", to="2026-04-02")) == (400, "QUERY_TOO_LONG")
    assert (await asks(house, from_="2026-03-01", to="2026-04-01")).status_code == 200
    for asked in (
        {"from_": "2026-03-01"},
        {"from_": "2026-03-01", "to": "2026-03-01"},
        {"dimension": "point", **MARCH},
        {"point": "1", **MARCH},
    ):
        assert code(await asks(house, **asked)) == (400, "QUERY_INVALID"), asked


async def test_one_address_asks_so_often_and_all_together_so_often(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_desk, "A_MINUTE", 3)
    answers = [(await asks(house, **MARCH)).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    assert code(await asks(house, **MARCH)) == (429, "TOO_MANY_REQUESTS")
    house.now += 20
    assert (await asks(house, **MARCH)).status_code == 200, "one more after a third of a minute"
    monkeypatch.setattr(public_desk, "A_MINUTE", 100)
    monkeypatch.setattr(public_desk, "OF_ALL", 2)
    house.now += 60
    assert [(await asks(house, **MARCH)).status_code for _ in range(3)] == [200, 200, 429]


async def test_who_asks_is_who_is_at_the_other_end(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A header that says another address is anybody's to write."""
    monkeypatch.setattr(public_desk, "A_MINUTE", 2)
    async with listening(application(house.desk), port=0) as port, httpx.AsyncClient() as client:
        url = f"http://127.0.0.1:{port}{public_desk.PATH}?from=2026-03-01&to=2026-03-03"
        found = [(await client.get(url, headers={"x-forwarded-for": f"10.0.0.{n}"})).status_code for n in range(3)]
    assert found == [200, 200, 429]
