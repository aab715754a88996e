"""`/values` on the operator's port."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette

from meter_ingest import pages

pytestmark = pytest.mark.store


@pytest.fixture
def ask(engine: AsyncEngine) -> Any:
    async def ask(**asked: Any) -> tuple[int, Any]:
        running: Any = SimpleNamespace(database=engine)
        app = Starlette(routes=list(pages.pages(running)))
        given = {name.rstrip("_"): value for name, value in asked.items()}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as http:
            answer = await http.get("/values", params=given)
        return answer.status_code, answer.json()

    return ask


@pytest.fixture
async def period(world: Any, take: Any, points: list[str], day_series: Any, stored: Any) -> dict[str, str]:
    for number, day in enumerate(("2026-03-28", "2026-03-29")):
        some = [day_series(point, day, 100 + number) for point in points[:2]]
        await take(world.record(*some, at=world.local("2026-03-30", "06:30")))
    world.formed()
    world.joined(points[0], valid_from=world.local("2026-03-29"))
    await stored(world, "points", "block", "group", "control")
    return {"from_": world.local("2026-03-28").isoformat(), "to": world.local("2026-03-30").isoformat()}


def wh_of(found: dict[str, Any]) -> list[int | None]:
    (point,) = found["points"]
    return [wh for day in point["days"] for wh in day["values_wh"]]


async def test_a_points_values_and_their_revisions(ask: Any, points: list[str], period: dict[str, str]) -> None:
    status, found = await ask(point=points[0], resolution="PT60M", **period)
    assert (status, wh_of(found)) == (200, [400] * 24 + [404] * 23)
    first, second = found["points"][0]["days"]
    assert (set(first["origin"]), first["resolution"], first["counts"]) == ({"sum"}, "PT60M", "PT15M")
    assert [first["from"], second["from"]] == [
        [{"steps": 24, "messages": [0]}],
        [{"steps": 23, "messages": [1]}],
    ]
    assert [one["name"].split("|")[2:4] for one in found["messages"]] == [["2026-03-28", "0/1"], ["2026-03-29", "0/2"]]
    _, found = await ask(point=points[0], revisions="true", **period)
    assert [(one["status"], len(one["changes"])) for one in found["revisions"]] == [("metered", 96), ("metered", 92)]


async def test_a_groups_values_are_given_while_a_point_is_a_member(
    ask: Any, world: Any, points: list[str], period: dict[str, str]
) -> None:
    _, found = await ask(group=world.group, **period)
    (point,) = found["points"]
    assert (point["metering_point_id"], [one["date"] for one in point["days"]]) == (points[0], ["2026-03-29"])
    assert wh_of(found) == [101] * 92


async def test_unknown_and_not_yours_are_answered_alike(
    ask: Any, world: Any, points: list[str], period: dict[str, str]
) -> None:
    unknown = await ask(point=world.gsrn(404), **period)
    assert unknown == (404, {"error": "not found"})
    for asked in (
        {"point": points[0], "as": world.other_dso},
        {"point": points[0], "as": world.bsp},
        {"point": points[0], "as": world.other_dso, "revisions": "true"},
        {"point": "'; --"},
        {"group": world.uuid(404)},
        {"group": world.group, "as": world.other_dso},
        {"resource": world.uuid(404)},
    ):
        assert await ask(**asked, **period) == unknown
    status, found = await ask(point=points[0], as_=world.dso, **period)
    assert (status, wh_of(found)[0]) == (200, 100)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"resolution": "PT30M"}, "PT30M"),
        ({"line": "sideways"}, "no line"),
        ({"line": "consumption.active"}, "no line"),
        ({"to": "2026-03-27T00:00:00Z"}, "behind"),
        ({"to": "2028-03-27T00:00:00Z"}, "366 days"),
        ({"from_": "yesterday"}, "no moment"),
        ({"group": "x"}, "one of"),
        ({"to": "2026-03-29T00:05:00Z"}, "quarter"),
        ({"to": "2026-03-29T00:15:00Z", "resolution": "PT60M"}, "hour"),
        ({"source": "true", "fill": "true"}, "as it came"),
    ],
)
async def test_what_cannot_be_answered_says_why(
    ask: Any, points: list[str], period: dict[str, str], asked: dict[str, str], says: str
) -> None:
    status, found = await ask(**{"point": points[0], **period, **asked})
    assert status == 400
    assert says in found["error"]
