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
    await stored(world, "points", "group", "control")
    return {"from_": world.local("2026-03-28").isoformat(), "to": world.local("2026-03-30").isoformat()}


async def test_a_points_values_and_their_revisions(ask: Any, points: list[str], period: dict[str, str]) -> None:
    status, found = await ask(point=points[0], resolution="PT60M", **period)
    assert (status, found["points"][0]["values_wh"]) == (200, [400] * 24 + [404] * 23)
    assert set(found["points"][0]["origin"]) == {"sum"}
    _, found = await ask(point=points[0], revisions="true", **period)
    assert [(one["status"], len(one["changes"])) for one in found["revisions"]] == [("metered", 96), ("metered", 92)]


async def test_a_groups_values_are_given_while_a_point_is_a_member(
    ask: Any, world: Any, points: list[str], period: dict[str, str]
) -> None:
    _, found = await ask(group=world.group, **period)
    (point,) = found["points"]
    assert (point["metering_point_id"], point["values_wh"]) == (points[0], [None] * 96 + [101] * 92)


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
    assert (status, found["points"][0]["values_wh"][0]) == (200, 100)


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
    ],
)
async def test_what_cannot_be_answered_says_why(
    ask: Any, points: list[str], period: dict[str, str], asked: dict[str, str], says: str
) -> None:
    status, found = await ask(**{"point": points[0], **period, **asked})
    assert status == 400
    assert says in found["error"]
