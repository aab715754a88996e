"""The door, for end users: who read their values, and what is read on behalf of them."""

from __future__ import annotations

from typing import Any

import pytest
from out_house import House, code
from test_grant_desk import DATAHUB, OTHER, THIRD
from test_grant_desk import user as user  # noqa: PLC0414 - a fixture
from test_out_values import valid

from contracts.bsp_switch import v1 as bsp_switch
from contracts.values import Role
from meter_ingest import reads
from meter_ingest.permission import Read, Reader, noted

pytestmark = pytest.mark.store


async def of(house: House, end_user: str, party: str = DATAHUB, **asked: str) -> list[dict[str, Any]]:
    answer = await house.gets(party, "/reads", end_user=end_user, **asked)
    assert answer.status_code == 200, answer.text
    valid("Reads", answer.json())
    return answer.json()["reads"]


@pytest.mark.rule("END_USER_NOT_SERVED")
async def test_an_end_user_is_told_who_read_its_values(
    house: House, world: Any, points: list[str], user: str, day_series: Any
) -> None:
    for day in ("2026-02-28", "2026-03-01"):
        await house.comes(day_series(points[0], day, 5), at=world.local("2026-03-02", "06:30"))
    await house.stands(world.local("2026-04-02"))
    period = {"from_": "2026-02-27T23:00:00Z", "to": "2026-03-01T23:00:00Z"}
    assert (await house.gets(world.dso, f"/points/{points[0]}/values", **period)).status_code == 200
    expected = {
        "at": "2026-04-01T22:00:00Z", "metering_point_id": points[0], "line": "consumption",
        "start": "2026-02-28T23:00:00Z", "end": "2026-03-01T23:00:00Z",
        "party": world.dso, "role": "dso", "ground": "own-grid", "about": "",
    }  # fmt: skip
    former = {**expected, "start": "2026-02-27T23:00:00Z", "end": "2026-02-28T23:00:00Z"}
    for party in (DATAHUB, world.tso):
        assert await of(house, user, party) == [expected]
        assert await of(house, world.uuid(71), party) == [former]
        assert await of(house, world.uuid(79), party) == []
    assert await of(house, user, point=points[0]) == [expected]
    assert await of(house, user, point=points[1]) == []
    assert await of(house, user, to="2026-02-28T23:00:00Z") == await of(house, user, from_="2026-03-02T00:00:00Z") == []
    middle = {"from_": "2026-03-01T10:00:00Z", "to": "2026-03-01T11:00:00Z"}
    assert [(one["start"], one["end"]) for one in await of(house, user, **middle)] == [
        ("2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z")
    ]
    for party in (world.dso, world.bsp, THIRD, OTHER):
        assert code(await house.gets(party, "/reads", end_user=user)) == (403, "END_USER_NOT_SERVED")
        assert code(await house.gets(party, "/reads", end_user=world.uuid(79))) == (403, "END_USER_NOT_SERVED")
    for asked in ({}, {"end_user": "x"}, {"end_user": user, "point": "1"}, {"end_user": user, "most": "501"}):
        assert code(await house.gets(DATAHUB, "/reads", **asked)) == (400, "QUERY_INVALID")
    wrong = ("0.0.0.-1", f"0.0.0.{2**40:x}", f"{10**20:x}.0.0.0")
    for after in ("x", "1.2.3.4.5", *(f"{points[0]}.{one}" for one in wrong)):
        assert code(await house.gets(DATAHUB, "/reads", end_user=user, after=after)) == (400, "QUERY_INVALID")


async def test_reads_are_given_in_pages_also_where_many_are_of_one_moment(
    house: House, world: Any, points: list[str], user: str
) -> None:
    """Of two points, and of two stays at one, each read once; what is read meanwhile comes behind it."""
    world.scenario.given(
        bsp_switch.SupplyRecorded(
            metering_point_id=points[1],
            supplier=OTHER,
            brp_consumption=None,
            brp_production=None,
            end_user=world.uuid(71),
            valid_from=world.local("2026-01-01"),
        )
    )
    await house.stands(world.local("2026-07-01"))
    user, reader = world.uuid(71), Reader(world.dso, Role.DSO)

    async def read(point: str, day: str, *, at: str) -> None:
        start, end = world.local(day), world.local(day, "12:00")
        said = [Read(point, line, start, end, "own-grid") for line in ("consumption", "production")]
        async with house.engine.begin() as connection:
            await noted(connection, reader, said * 2, at=world.local(at))

    for day in ("2026-02-01", "2026-06-02"):
        for point in points[:2]:
            for at in ("2026-06-30", "2026-07-01"):
                await read(point, day, at=at)
    whole = await of(house, user)
    assert len(whole) == 32
    for most in (1, 3, 31):
        found: list[dict[str, Any]] = []
        answer = await house.gets(DATAHUB, "/reads", end_user=user, most=str(most))
        while True:
            valid("Reads", answer.json())
            assert len(answer.json()["reads"]) <= most
            found += answer.json()["reads"]
            if "links" not in answer.json():
                break
            answer = await house.asks(DATAHUB, "GET", answer.json()["links"]["next"])
        assert found == whole
    first = (await house.gets(DATAHUB, "/reads", end_user=user, most="31")).json()
    await read(points[1], "2026-06-02", at="2026-07-01")
    last = (await house.asks(DATAHUB, "GET", first["links"]["next"])).json()
    assert len(last["reads"]) == 5
    assert [one["metering_point_id"] for one in whole] == [points[0]] * 16 + [points[1]] * 16


def test_a_place_is_written_in_what_a_parameter_may_have(world: Any) -> None:
    last = world.local("2199-12-31")
    place = reads.Place(world.gsrn(1), last, last, 2**31 - 1, 2**16 - 1)
    assert len(str(place)) <= 64
    assert reads.Place.parse(str(place)) == place
