"""What the door gives whom: the readers of `test_reach_matrix`, by every resource that is not single values.

Rights and facts of a point, grants, all that was received in a period (given again), and the evidence of a capacity.
The periods are held against the same table, which is written by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from evidence_given import Maker
from out_house import House, code
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.routing import Route
from test_capacity_evidence import make as make  # noqa: PLC0414 - a fixture
from test_capacity_evidence import packed
from test_exports import fetched, rows_of
from test_reach_matrix import EDGES, GLN, LEVEL, LINES, MAY, ROLE, TABLES, Row, expected
from test_reach_matrix import given as given  # noqa: PLC0414 - a fixture

from contracts.meter_ingest import v1
from contracts.values import Role, parse_time, time_text
from meter_ingest import permission, value_store
from meter_ingest.domain import reach
from meter_ingest.domain.reach import Readable
from meter_ingest.domain.values import Version
from meter_ingest.out import desks, making
from meter_ingest.partitions import ensure_months
from meter_ingest.permission import Read, Reader

pytestmark = pytest.mark.store

SETTLED = LINES[:4]
"""Those of the settlement meter: an own meter has a way of its own."""
KNOWN_SINCE = "2026-01-01"
RECEIVED = "2026-08-02"
APPROVED = {"third-limited", "third-full", "third-ending", "third-revoked", "third-expired", "third-dead"}
"""By the user that stands behind the point in May."""
Spans = list[tuple[datetime, datetime]]


@pytest.fixture
async def door(house: House, world: Any, given: reach.Known) -> House:
    """All of the parties sign."""
    for name, gln in GLN.items():
        house.party(gln, ROLE[name.partition("-")[0]])
    return house


def rows(day: str) -> Iterable[tuple[str, str, Row]]:
    return ((name, gln, TABLES[day][name]) for name, gln in GLN.items())


def any_line(row: Row) -> str:
    """The stretches of which any line of the settlement meter may be read."""
    return "".join("x" if "x" in marks else "." for marks in zip(*row.lines[:4], strict=True))


def joined(world: Any, periods: Iterable[Mapping[str, Any]], since: str = EDGES[0]) -> Spans:
    """Periods as they are answered, as far as they lie in what is asked about, put together."""
    first, last = world.local(since), world.local(EDGES[-1])
    made: Spans = []
    for one in sorted(periods, key=lambda one: one["start"]):
        start = max(parse_time(one["start"]), first)
        end = min(parse_time(one["end"]) if one["end"] else last, last)
        if start >= end:
            continue
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(made[-1][1], end))
        else:
            made.append((start, end))
    return made


def table_says(world: Any, stretches: str, since: str = EDGES[0]) -> Spans:
    return expected(world, stretches, world.local(since), world.local(EDGES[-1]))


@pytest.fixture
def house_routes(house: House) -> set[str]:
    return {one.path for one in desks.routes(house.desk) if isinstance(one, Route)}


@pytest.mark.parametrize("day", sorted(TABLES))
async def test_rights_and_facts_of_a_point(door: House, world: Any, day: str) -> None:
    await door.stands(world.local(day, "12:00"))
    point, unknown = world.gsrn(1), world.gsrn(404)
    for name, gln, row in rows(day):
        rights = await door.gets(gln, f"/points/{point}/rights")
        facts = await door.gets(gln, f"/points/{point}/facts")
        nothing = "x" not in any_line(row)
        if nothing:
            assert code(rights) == code(facts) == (404, "VALUES_NOT_FOUND"), name
            assert rights.json() == (await door.gets(gln, f"/points/{unknown}/rights")).json(), name
            assert facts.json() == (await door.gets(gln, f"/points/{unknown}/facts")).json(), name
            continue
        found = [
            Readable(
                parse_time(one["start"]),
                parse_time(one["end"]) if one["end"] else None,
                *(one[key] for key in ("ground", "scope", "level", "about")),
            )
            for one in rights.json()["rights"]
        ]
        for line, stretches in zip(SETTLED, row.lines, strict=False):
            spans = reach.spans(tuple(found), line, start=world.local(EDGES[0]), end=world.local(EDGES[-1]))
            assert spans == table_says(world, stretches), (name, line)
        if (LEVEL.get(name) or LEVEL[name.partition("-")[0]]) != "full":
            assert code(facts) == (403, "FACTS_NOT_GRANTED"), name
            continue
        told = facts.json()
        assert joined(world, told["facts"]) == table_says(world, any_line(row), KNOWN_SINCE), name


@pytest.mark.parametrize("day", sorted(TABLES))
async def test_the_list_of_grants(door: House, world: Any, given: reach.Known, day: str) -> None:
    await door.stands(world.local(day, "12:00"))
    user, former = world.uuid(701), world.uuid(700)
    for name, gln, row in rows(day):
        own = (await door.gets(gln, "/grants")).json()["grants"]
        asked = [one for one in given.grants.values() if one is not None and one.third_party == gln]
        assert sorted(one["data_access_id"] for one in own) == sorted(one.data_access_id for one in asked), name
        assert bool(own) == (name.startswith("third-") and name != "third-other"), name
        periods = [each for one in own for point in one["points"] for each in point["periods"]]
        assert joined(world, periods) == (table_says(world, row.lines[0]) if own else []), name
        serving = ROLE[name.partition("-")[0]] in {Role.TSO, Role.DATAHUB}
        for end_user, approved in ((user, APPROVED), (former, {"third-moved"}), (world.uuid(799), set[str]())):
            found = (await door.gets(gln, "/grants", end_user=end_user)).json()["grants"]
            waiting = {"third-pending"} if end_user == user else set[str]()
            assert {one["third_party"] for one in found} == {GLN[one] for one in approved | waiting if serving}, name


@pytest.fixture
async def received(world: Any, engine: AsyncEngine) -> list[date]:
    """Values of each line of a day at each end of each stretch, all of which came on one day; these days."""
    local = [
        one
        for first, last in pairwise(EDGES)
        for one in (date.fromisoformat(first), date.fromisoformat(last) - timedelta(days=1))
    ]
    at = world.local(RECEIVED, "06:30")
    versions = [
        Version(world.gsrn(1), line, one, at, at, 0, 1, number, "0", 1, 60, 0, "metered", 4, bytes(4 * 23), bytes(16))
        for number, (line, one) in enumerate((line, one) for line in SETTLED for one in local)
    ]
    await ensure_months(engine, local)
    async with engine.begin() as connection:
        await connection.execute(text("INSERT INTO engine.writer (shard, position) VALUES ('0', 1)"))
        await connection.execute(
            text(
                "INSERT INTO engine.inbox (shard, key, position, kind, topic, part, off, at)"
                " VALUES ('0', gen_random_uuid(), 1, 'internal', 'ingress.1.meter-values.v1', 0, 1, :at)"
            ),
            {"at": at},
        )
        await value_store.append(connection, versions)
    return local


async def exported(door: House, gln: str, order: dict[str, Any]) -> tuple[set[tuple[str, date]], str] | None:
    """The lines and days that an export has, and where it is; None where there is nothing that may be exported."""
    answer = await door.asks(gln, "POST", "/exports", order)
    if answer.status_code != 201:
        assert code(answer) == (404, "EXPORT_EMPTY"), gln
        return None
    await making.tend(door.engine, datetime(2026, 4, 6, 8, tzinfo=UTC))
    link = answer.json()["links"]["self"]
    contents = await fetched(door, gln, (await door.gets(gln, link)).json())
    rows_ = [row for name, content in contents.items() for row in rows_of(name, content)]
    return {(row["line"], (row["start"] + timedelta(hours=2)).date()) for row in rows_}, link


@pytest.mark.parametrize(("day", "named"), list(zip(sorted(TABLES), (False, True), strict=True)))
async def test_what_was_received_in_a_period_is_given_again(
    door: House, world: Any, received: list[date], day: str, *, named: bool
) -> None:
    """To each what it may read of it, also where it names a point that it may not read all of; to nobody else."""
    await door.stands(world.local(day, "12:00"))
    order = {"kind": "recorded", "from": RECEIVED, "to": "2026-08-03", "lines": list(SETTLED), "formats": ["csv.gz"]}
    order |= {"metering_points": [world.gsrn(1)]} if named else {}
    glns = list(GLN.values())
    for place, (name, gln, row) in enumerate(rows(day)):
        wanted = {
            (line, one)
            for line, stretches in zip(SETTLED, row.lines, strict=False)
            for place_, mark in enumerate(stretches)
            if mark == "x"
            for one in received[2 * place_ : 2 * place_ + 2]
        }
        found = await exported(door, gln, order)
        assert (found[0] if found else set[Any]()) == wanted, name
        if found:
            assert (await door.gets(glns[place - 1], found[1])).status_code == 404, name


async def test_evidence_of_a_capacity(world: Any, house: House, day_series: Any, make: Maker, take: Any) -> None:
    for name, gln in GLN.items():
        house.party(gln, ROLE[name.partition("-")[0]])
    await packed(world, take, day_series)
    await house.stands()
    prepared, unknown = f"/evidence/{world.uuid(80)}", f"/evidence/{world.uuid(81)}"
    for name, gln in {**GLN, "the group's": world.bsp, "the points'": world.dso}.items():
        answer, other = await house.asks(gln, "GET", prepared), await house.asks(gln, "GET", unknown)
        if ROLE.get(name) == Role.TSO:
            assert (answer.status_code, code(other)) == (200, (404, "EVIDENCE_NOT_FOUND")), name
        else:
            assert code(answer) == code(other) == (403, "EVIDENCE_NOT_YOURS"), name


USERS = {"user": 701, "former-user": 700, "stranger": 799}
FOR_USERS = [name for name in MAY if " for " in name]


@pytest.mark.parametrize("name", FOR_USERS)
async def test_what_is_asked_on_behalf_of_an_end_user(door: House, world: Any, received: list[date], name: str) -> None:
    """Rights, facts, values, sums and an export: what that one stood behind, and nothing of the party's own."""
    await door.stands(world.local("2026-05-15", "12:00"))
    party, _, user = name.partition(" for ")
    gln, end_user, point, row = GLN[party], world.uuid(USERS[user]), world.gsrn(1), MAY[name]
    rights = await door.gets(gln, f"/points/{point}/rights", end_user=end_user)
    facts = await door.gets(gln, f"/points/{point}/facts", end_user=end_user)
    period = {"from_": received[0].isoformat(), "to": (received[-1] + timedelta(days=1)).isoformat()}
    sums = [
        await door.gets(gln, f"/points/{point}/sums", by="day", line=line, end_user=end_user, **period)
        for line in SETTLED
    ]
    times = {name: time_text(world.local(day)) for name, day in period.items()}
    values = await door.gets(gln, f"/points/{point}/values", end_user=end_user, **times)
    order = {"kind": "recorded", "from": RECEIVED, "to": "2026-08-03", "lines": list(SETTLED), "formats": ["csv.gz"]}
    order |= {"end_user": end_user}
    if ROLE[party.partition("-")[0]] not in reach.SERVING:
        ordered = await door.asks(gln, "POST", "/exports", order)
        assert {code(one) for one in (rights, facts, *sums, values, ordered)} == {(403, "END_USER_NOT_SERVED")}
        return
    found = await exported(door, gln, order)
    marks = {
        (line, one)
        for line, stretches in zip(SETTLED, row.lines, strict=False)
        for place, mark in enumerate(stretches)
        if mark == "x"
        for one in received[2 * place : 2 * place + 2]
    }
    assert (found[0] if found else set[Any]()) == marks
    if "x" not in any_line(row):
        assert {code(one) for one in (rights, facts, *sums, values)} == {(404, "VALUES_NOT_FOUND")}
        return
    own = [one for one in rights.json()["rights"] if one["scope"] == "settlement"]
    assert {one["ground"] for one in rights.json()["rights"]} == {"end-user"}
    assert joined(world, own) == joined(world, facts.json()["facts"]) == table_says(world, any_line(row))
    for stretches, answer in zip(row.lines, sums, strict=False):
        assert joined(world, answer.json()["periods"]) == table_says(world, stretches)
    last = parse_time(values.json()["to"])
    assert values.json()["periods"] == [
        {"start": time_text(first), "end": time_text(min(until, last))}
        for first, until in table_says(world, row.lines[0])
        if first < last
    ]
    async with door.engine.connect() as connection:
        noted = await connection.execute(text("SELECT DISTINCT party, role, ground FROM private.read_log"))
        assert [*map(tuple, noted)] == [(gln, ROLE[party].value, "end-user")]


@pytest.mark.parametrize("day", sorted(TABLES))
async def test_an_own_meter_and_a_virtual_channel(door: House, world: Any, day: str) -> None:
    """A day of each stretch of the one, and a day of the other; also on behalf of end users."""
    world.scenario.given(
        v1.VirtualChannelDefined.model_validate(
            {
                "virtual_id": world.uuid(500), "version": 1, "by": GLN["datahub"], "dsos": [GLN["dso-former"]],
                "method": "sum", "grid_area": None, "direction": "consumption", "product": "active",
                "product_code": "1", "terms": [{"metering_point_id": world.gsrn(1), "direction": "consumption"}],
                "sharing": None, "recipients": [], "check": None, "valid_from": world.local(EDGES[0]),
                "valid_to": None, "said_at": world.local(EDGES[0]), "reason": "x",
            }
        )
    )  # fmt: skip
    await door.stands(world.local(day, "12:00"))
    own, virtual, unknown = (world.uuid(one) for one in (80, 500, 404))
    for name, row in TABLES[day].items():
        party, _, user = name.partition(" for ")
        asked = {"end_user": world.uuid(USERS[user])} if user else {}
        may_not = (
            (403, "END_USER_NOT_SERVED") if user and party not in {"tso", "datahub"} else (404, "VALUES_NOT_FOUND")
        )
        for since, mark in zip(EDGES, row.lines[4], strict=False):
            period = {"from_": time_text(world.local(since)), "to": time_text(world.local(since, "06:00"))}
            answer = await door.gets(GLN[party], f"/resources/{own}/values", **period, **asked)
            if mark == "x":
                assert answer.json()["periods"] == [{"start": period["from_"], "end": period["to"]}], (name, since)
            else:
                assert code(answer) == may_not, (name, since)
                other = await door.gets(GLN[party], f"/resources/{unknown}/values", **period, **asked)
                assert other.json() == answer.json()
        if user:
            continue
        answer = await door.gets(GLN[party], f"/virtual/{virtual}/values", **period)
        assert (answer.status_code == 200) == row.virtual, name
        if not row.virtual:
            assert answer.json() == (await door.gets(GLN[party], f"/virtual/{unknown}/values", **period)).json()


async def test_who_read_an_end_users_values(door: House, world: Any) -> None:
    """Who serves it, and nobody else: of the time in which it stood behind the point alone."""
    await door.stands(world.local("2026-05-15", "12:00"))
    point, first, last = world.gsrn(1), world.local(EDGES[0]), world.local(EDGES[-1])
    async with door.engine.begin() as connection:
        read = Read(point, "consumption", first, last, "register")
        await permission.noted(connection, Reader(GLN["datahub"], Role.DATAHUB), [read], at=first)
    for name, gln in GLN.items():
        for user, number in USERS.items():
            answer = await door.gets(gln, "/reads", end_user=world.uuid(number))
            if ROLE[name.partition("-")[0]] not in reach.SERVING:
                assert code(answer) == (403, "END_USER_NOT_SERVED"), name
                continue
            found = answer.json()["reads"]
            assert joined(world, found) == table_says(world, any_line(MAY[f"datahub for {user}"])), (name, user)


def test_a_resource_of_the_door_has_its_place_here_or_is_named_with_its_own(house_routes: set[str]) -> None:
    """So that a new one is not forgotten."""
    here = {"/points/{id}/rights", "/points/{id}/facts", "/grants", "/evidence/{id}"}
    here |= {"/exports", "/exports/{id}", "/exports/{id}/files/{name}"}
    everybodys = {"/openapi.json", "/public/energy"}
    here |= {"/reads", "/resources/{id}/values", "/virtual/{id}/values"}
    # By `reach`, which `test_reach_matrix` is of; `test_out_values` that they go by it.
    values = {"/points/{id}/values", "/points/{id}/sums"}
    # Likewise; and by who stands behind a row: `test_settlement_matrix`.
    settled = {"/settlement/adjustments/{day}", "/settlement/deviations/{id}", "/activations/{id}/allocation"}
    settled |= {"/points/{id}/hours"}
    assert house_routes == here | everybodys | values | settled
