"""`/values` on the operator's port."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette

from contracts.bsp_switch import v1 as bsp_switch
from contracts.meter_ingest import v1
from contracts.values import Role, make_gln
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
    for party, role in ((world.dso, Role.DSO), (world.other_dso, Role.DSO), (world.bsp, Role.BSP)):
        world.onboarded(party, role)
    await stored(world, "points", "block", "group", "control", "memberships", "party")
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


async def test_a_party_sees_what_the_policy_gives_it_in_any_of_its_roles(
    ask: Any, world: Any, points: list[str], period: dict[str, str], stored: Any
) -> None:
    supplier, brp, third, datahub = (make_gln(n) for n in (31, 32, 51, 4))
    for party, roles in (
        (supplier, (Role.SUPPLIER,)),
        (brp, (Role.BRP, Role.BSP)),
        (third, (Role.THIRD_PARTY,)),
        (datahub, (Role.DATAHUB,)),
        (world.tso, (Role.TSO,)),
    ):
        world.onboarded(party, *roles)
    world.scenario.given(
        bsp_switch.SupplyRecorded(
            metering_point_id=points[0],
            supplier=supplier,
            brp_consumption=brp,
            brp_production=None,
            end_user=world.uuid(71),
            valid_from=world.local("2026-03-29"),
        )
    )
    asked = v1.RequestDataAccess.model_validate(
        {"metering_point_id": points[0], "valid_from": world.local("2026-03-29"), "purpose": "research"}
    )
    at = world.local("2026-03-30", "12:00")
    world.scenario.when(asked, subject=world.uuid(60), sender=third, role="third-party", at=at)
    await stored(world, "supply", "granted", "data-access", "party", "policies")

    async def first_of(party: str) -> Any:
        status, found = await ask(point=points[0], as_=party, **period)
        return found["points"][0]["periods"][0]["start"] if status == 200 else status

    whole, second = "2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z"
    assert [await first_of(party) for party in (world.dso, datahub)] == [whole] * 2
    # Supplied, in balance, or a member, from the second day on; and of a grant that is not approved there is nothing.
    assert [await first_of(party) for party in (supplier, brp, world.tso)] == [second] * 3
    assert [await first_of(party) for party in (third, world.bsp, world.other_dso, make_gln(99))] == [404] * 4
    approve = v1.ApproveDataAccess(end_user=world.uuid(71))
    world.scenario.when(approve, subject=world.uuid(60), sender=datahub, role="datahub", at=at)
    await stored(world, "granted", "data-access")
    assert await first_of(third) == second
    status, found = await ask(group=world.group, as_=third, **period)
    assert (status, [one["metering_point_id"] for one in found["points"]]) == (200, [points[0]])


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
