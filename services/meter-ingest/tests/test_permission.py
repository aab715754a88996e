"""Who may read what, asked of the database: `permission`."""

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
from meter_ingest import pages, permission, queries, read_log
from meter_ingest.domain import reach
from meter_ingest.permission import Reader

THIRD = make_gln(51)


@pytest.mark.store
async def test_a_reader_is_a_known_party_in_its_role(
    world: Any, engine: AsyncEngine, points: list[str], stored: Any
) -> None:
    since, at = world.local("2026-01-01"), world.local("2026-04-01")
    world.formed()
    world.joined(points[0])
    world.onboarded(world.dso, Role.DSO)
    world.onboarded(world.tso, Role.TSO)
    world.onboarded(world.other_dso, Role.DSO, status="suspended")
    world.fact(points[2], dso=world.other_dso, valid_from=since)
    world.fact(points[2], dso=world.other_dso, valid_from=world.local("2026-03-28"))
    await stored(world, "points", "control", "access", "memberships", "party")

    async def readable(party: str, role: Role) -> list[list[tuple[Any, ...]]]:
        async with queries.reading_only(engine) as connection:
            found = await permission.readable(connection, Reader(party, role), [*points, world.gsrn(99)], at=at)
        return [[(one.start, one.ground) for one in some] for some in found.values()]

    nothing: list[list[tuple[Any, ...]]] = [[], [], [], []]
    own = [(since, "own-grid")]
    assert await readable(world.dso, Role.DSO) == [own, own, [], []]
    assert await readable(world.tso, Role.TSO) == [[(world.local("2026-01-06"), "verification")], [], [], []]
    assert await readable(world.dso, Role.TSO) == nothing
    assert await readable(world.other_dso, Role.DSO) == nothing
    assert await readable(make_gln(77), Role.DATAHUB) == nothing
    async with queries.reading_only(engine) as connection:
        found = await permission.readable(connection, Reader(world.dso, Role.DSO), points[:1], at=at)
    start, end = world.local("2025-12-01"), world.local("2026-05-01")
    assert reach.spans(found[points[0]], "consumption", start=start, end=end) == [(since, end)]
    assert reach.spans(found[points[0]], "consumption.active.1", start=start, end=end) == []


# Grants, and what was read


@pytest.fixture
async def behind(world: Any, engine: AsyncEngine, points: list[str], stored: Any) -> Any:
    """Two end users behind the first point, and a grant by the second, as the store has them."""
    users = [world.uuid(71), world.uuid(72)]
    for user, since in zip(users, ("2026-01-01", "2026-03-01"), strict=True):
        world.scenario.given(
            bsp_switch.SupplyRecorded(
                metering_point_id=points[0],
                supplier=make_gln(31),
                brp_consumption=None,
                brp_production=None,
                end_user=user,
                valid_from=world.local(since),
            )
        )
    said = {"metering_point_id": points[0], "valid_from": world.local("2026-03-15"), "purpose": "research"}
    asked = {"subject": world.uuid(60), "at": world.local("2026-03-10", "12:00")}
    request, approve = v1.RequestDataAccess.model_validate(said), v1.ApproveDataAccess(end_user=users[1])
    world.scenario.when(request, sender=THIRD, role="third-party", **asked)
    world.scenario.when(approve, sender=make_gln(4), role="datahub", **asked)
    world.onboarded(THIRD, Role.THIRD_PARTY)
    world.onboarded(make_gln(4), Role.DATAHUB)
    await stored(world, "supply", "granted", "data-access", "party", "policies")
    return users


@pytest.mark.store
async def test_a_grant_is_read_on_and_found_for_its_own(
    world: Any, engine: AsyncEngine, points: list[str], behind: list[str]
) -> None:
    at = world.local("2026-04-01")
    async with queries.reading_only(engine) as connection:
        found = await permission.readable(connection, Reader(THIRD, Role.THIRD_PARTY), points, at=at)
        assert [len(some) for some in found.values()] == [1, 0, 0]
        (one,) = found[points[0]]
        assert (one.start, one.end, one.ground, one.level) == (world.local("2026-03-15"), None, "grant", "limited")
        served = await permission.readable(connection, Reader(make_gln(4), Role.DATAHUB, behind[0]), points, at=at)
        assert [(each.start, each.end) for each in served[points[0]]] == [
            (world.local("2026-01-01"), world.local("2026-03-01"))
        ] * 2
        for whose in ({"third_party": THIRD}, {"end_user": behind[1]}):
            assert await permission.grant_ids(connection, **whose) == [world.uuid(60)]
        for whose in ({"third_party": make_gln(52)}, {"end_user": behind[0]}, {"end_user": ""}, {}):
            assert await permission.grant_ids(connection, **whose) == []


@pytest.mark.store
async def test_what_was_read_is_told_to_who_stood_behind_the_point(
    world: Any, engine: AsyncEngine, points: list[str], behind: list[str]
) -> None:
    local, reader = world.local, Reader(THIRD, Role.THIRD_PARTY)
    asked = (local("2026-03-01"), local("2026-04-01"))
    noon = local("2026-04-01", "12:00")
    async with engine.begin() as connection:
        some = (await permission.readable(connection, reader, points, at=noon))[points[0]]
        reads = list(permission.Read.on(some, points[0], "consumption", *asked))
        assert [(one.start, one.end, one.about) for one in reads] == [(local("2026-03-15"), asked[1], world.uuid(60))]
        assert list(permission.Read.on(some, points[0], "consumption.reactive", *asked)) == []
        await permission.noted(connection, reader, reads, at=noon)
        dso = permission.Read(points[0], "production", local("2026-02-15"), local("2026-03-15"), "own-grid")
        await permission.noted(connection, Reader(world.dso, Role.DSO), [dso], at=local("2026-05-02"))
        await permission.noted(connection, reader, [], at=local("2029-05-02"))

    async def told(user: str, point: str = points[0]) -> list[tuple[Any, ...]]:
        whole = {"start": local("2026-01-01"), "end": local("2026-06-01")}
        async with queries.reading_only(engine) as connection:
            found = await permission.reads_of(connection, user, point, **whole)
        return [(one.at, one.party, one.role, one.line, one.start, one.end, one.ground) for one in found]

    # Each is told of its own period alone, though one reading was of both.
    by_dso = (local("2026-05-02"), world.dso, "dso", "production")
    assert await told(behind[0]) == [(*by_dso, local("2026-02-15"), local("2026-03-01"), "own-grid")]
    assert await told(behind[1]) == [
        (noon, THIRD, "third-party", "consumption", local("2026-03-15"), asked[1], "grant"),
        (*by_dso, local("2026-03-01"), local("2026-03-15"), "own-grid"),
    ]
    assert await told(world.uuid(79)) == []
    assert await told(behind[1], points[1]) == []
    # April's reading is kept until the month of three years later has begun.
    assert await read_log.drop_expired(engine, at=local("2029-04-30")) == []
    assert await read_log.drop_expired(engine, at=local("2029-05-01")) == ["read_log_2026_04"]
    assert len(await told(behind[1])) == 1


@pytest.mark.store
async def test_the_operators_port_lists_grants_and_reads(
    world: Any, engine: AsyncEngine, points: list[str], behind: list[str], stored: Any
) -> None:
    await stored(world, "points", "block", "control")
    app = Starlette(routes=list(pages.pages(SimpleNamespace(database=engine))))  # pyright: ignore[reportArgumentType]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as http:

        async def get(path: str, **asked: str) -> tuple[int, Any]:
            answer = await http.get(path, params={name.rstrip("_"): value for name, value in asked.items()})
            return answer.status_code, answer.json()

        status, found = await get("/grants", third_party=THIRD)
        assert (status, [one["status"] for one in found["grants"]]) == (200, ["granted"])
        assert behind[1] not in str(found)
        assert (await get("/grants"))[0] == 400
        period = {"from_": "2026-03-28T00:00:00Z", "to": "2026-03-29T00:00:00Z"}
        assert (await get("/values", point=points[0], **period))[0] == 200
        _, found = await get("/reads", end_user=behind[1], point=points[0], **period)
        assert [(one["role"], one["ground"]) for one in found["reads"]] == [("operator", "operator")]
        assert (await get("/reads", end_user=behind[0], point=points[0]))[1] == {"reads": []}
        assert (await get("/reads", end_user=behind[1], point="'; --"))[1] == {"reads": []}
        assert (await get("/reads", end_user=behind[1], point=points[0], from_="x"))[0] == 400
        for asked in ({}, {"end_user": behind[1]}, {"point": points[0]}):
            assert (await get("/reads", **asked))[0] == 400, "that nobody has read is not said of what is not asked"
