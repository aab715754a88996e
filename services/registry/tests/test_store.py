"""A round through an area and what it means for members, decided on PostgreSQL, and folded again from the ledger."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from itertools import count
from types import ModuleType
from typing import Any

import pytest
from pydantic_core import from_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import migrate, rebuild, store
from chassis.engine import Engine
from chassis.record import Record
from contracts.gateway import v1 as gateway
from contracts.message import Command, Event
from contracts.registry import v1
from contracts.values import Role
from registry.app import SERVICE
from registry.domain import area_points

pytestmark = pytest.mark.store

OTHERS = {"bsp-switch": "events.bsp-switch.v1", "gateway": "commands.registry.v1"}


class Log:
    """Decides what comes in, in its order, and keeps the foreign records."""

    def __init__(self, database: AsyncEngine, world: ModuleType) -> None:
        self.database, self.world = database, world
        self.engine = Engine(SERVICE, database, "test")
        self.foreign: list[Record] = []
        self._offsets = count()

    async def says(self, role: Role, subject: str, wish: Command, at: datetime, *, sender: str = "") -> dict[str, Any]:
        """A command comes in; returns its receipt."""
        extensions = {"sender": sender or self.world.TSO, "senderrole": role, "receivedat": at.isoformat()}
        await self._take("commands.registry.v1", wish.type, subject, wish, at, **extensions)
        return (await self.ledger())[-1]["data"]

    async def happens(self, *events: Event, at: datetime) -> None:
        """Foreign events arrive."""
        for event in events:
            await self._take(OTHERS[event.service], event.type, event.subject, event, at)

    async def until(self, at: datetime) -> None:
        """Time passes."""
        await self.happens(gateway.TimePassed(until=at), at=at)

    async def ledger(self) -> list[dict[str, Any]]:
        return [from_json(row.body) for row in await self.rows("SELECT body FROM engine.ledger ORDER BY position")]

    async def rows(self, sql: str) -> list[Any]:
        async with self.database.connect() as connection:
            return list((await connection.execute(text(sql))).all())

    async def _take(
        self, topic: str, type_: str, subject: str, data: Command | Event, at: datetime, **extensions: str
    ) -> None:
        number = next(self._offsets)
        envelope = {
            "specversion": "1.0",
            "id": f"message-{number}",
            "source": "/parties/someone" if extensions else f"/services/{data.service}",
            "type": type_,
            "subject": subject,
            "time": at.isoformat(),
            **extensions,
            "ingressposition": f"ingress/0/{number}",
            "data": data.model_dump(mode="json"),
        }
        record = Record(topic, 0, number, int(at.timestamp() * 1000), json.dumps(envelope).encode())
        if not extensions:
            self.foreign.append(record)
        await self.engine.take([record])


@pytest.fixture
async def log(new_database: Callable[[], Awaitable[str]], world: ModuleType) -> AsyncIterator[Log]:
    database = store.connect(await new_database())
    await migrate.migrate(database, [SERVICE], "registry")
    log = Log(database, world)
    await log.engine.claim()
    yield log
    await database.dispose()


async def a_group(log: Log, world: ModuleType, *numbers: int) -> None:
    """Points in an area, held, with a resource each, in one group since noon on 5 January."""
    at = world.noon(1, 5)
    await log.happens(world.opened(), at=at)
    for party, role in ((world.TSO, Role.TSO), (world.DSO, Role.DSO), (world.BSP, Role.BSP)):
        await log.says(Role.OPERATOR, party, v1.OnboardParty(name="Someone", roles=(role,)), at)
    for area, zone in ((world.AREA, "NO3"), (world.AREA_ELSEWHERE, "NO1")):
        await log.says(Role.TSO, area, v1.DefineGridArea(name="Area", zone=zone, dso=world.DSO), at)
    for number in numbers:
        gsrn = world.point(number)
        await record(log, world, number, at=at)
        await log.happens(world.claimed(gsrn), world.supplied(gsrn), at=at)
        device = v1.Device(make="Acme", model="X1", serial=gsrn)
        wish = v1.RegisterResource(
            metering_point_id=gsrn, technology="battery", up_w=5_000, down_w=0, devices=(device,)
        )
        await log.says(Role.BSP, world.uuid(number), wish, at, sender=world.BSP)
    form = v1.FormGroup(zone="NO3", metering_points=world.ids(*numbers))
    receipt = await log.says(Role.BSP, world.uuid(100_000_000), form, at, sender=world.BSP)
    assert receipt["status"] == "accepted", receipt


async def record(log: Log, world: ModuleType, number: int, *, at: datetime, **said: Any) -> dict[str, Any]:
    said = {"grid_area": world.AREA, "valid_from": world.midnight(1, 1)} | said
    wish = v1.RecordMeteringPoint(resolution="PT15M", agreed_power_w=20_000, **said)
    return await log.says(Role.DATAHUB, world.point(number), wish, at)


async def types(log: Log) -> list[str]:
    return [entry["type"].split(".")[-2] for entry in await log.ledger()]


async def proved(log: Log) -> None:
    """The fold of the log is what is stored, documents and rows alike; nothing waits."""
    assert await log.rows("SELECT what, error FROM engine.parked") == []
    again = rebuild.Rebuilt.empty(SERVICE)
    for one in log.foreign:
        await again.fold(one.topic, 0, one.value)
    for row in await log.rows("SELECT topic, body FROM engine.ledger ORDER BY position"):
        await again.fold(row.topic, 0, row.body)
    async with log.database.connect() as connection:
        stored = await rebuild.stored_hashes(connection, SERVICE)
    rebuilt, nothing = again.hashes(), rebuild._hash([])
    assert stored == {name: rebuilt.get(name, nothing) for name in stored.keys() | rebuilt.keys()}


async def test_an_area_goes_to_another_zone_and_its_members_leave(
    log: Log, world: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(area_points, "POINTS_A_STEP", 2)
    await a_group(log, world, 1, 2, 101, 201)
    at = world.noon(1, 6)
    before = len(await log.ledger())
    change = v1.ChangeGridArea(zone="NO1", valid_from=world.midnight(2, 1))
    await log.says(Role.TSO, world.AREA, change, at)
    said = (await types(log))[before:]
    assert [said.count(each) for each in ("metering-point-recorded", "membership-end-announced")] == [2, 2]

    await log.until(world.noon(1, 7))
    rows = await log.rows("SELECT zone, active FROM own.metering_point ORDER BY valid_from")
    assert [tuple(row) for row in rows] == [("NO3", True)] * 4 + [("NO1", True)] * 4
    await log.until(world.midnight(2, 1))
    assert (await types(log)).count("membership-ended") == 4
    assert await log.rows("SELECT * FROM own.deadline") == []
    await proved(log)


async def test_members_that_are_out_from_the_same_past_moment_and_one_that_joins_again_at_once(
    log: Log, world: ModuleType
) -> None:
    await a_group(log, world, 1, 2, 3, 4)
    away = {"grid_area": world.AREA_ELSEWHERE, "valid_from": world.midnight(1, 10)}
    for number in (1, 2):
        await record(log, world, number, at=world.noon(1, 20), **away)
        await log.until(world.noon(1, 20))
    assert (await types(log)).count("membership-ended") == 2

    # By a late fact it was never a member; with the fact corrected it joins, at the same moment.
    at = world.noon(1, 5)
    await record(log, world, 3, at=at, grid_area=world.AREA_ELSEWHERE)
    await record(log, world, 3, at=at)
    add = v1.AddMembers(metering_points=world.ids(3))
    receipt = await log.says(Role.BSP, world.uuid(100_000_000), add, at, sender=world.BSP)
    assert receipt["status"] == "accepted"
    await proved(log)


async def test_a_member_is_told_to_lie_elsewhere_when_the_moment_has_come(log: Log, world: ModuleType) -> None:
    await a_group(log, world, 1, 2)
    await record(log, world, 1, at=world.noon(1, 6), substation="Ny", valid_from=world.midnight(2, 1))
    assert len(await log.rows("SELECT * FROM own.deadline")) == 1
    await log.until(world.midnight(2, 1))
    (told,) = [entry for entry in await log.ledger() if "member-relocated" in entry["type"]]
    assert told["data"]["substation"] == "Ny"
    location = v1.RecordLocation(substation_name="Moholt", nominal_voltage_v=230, quality="confirmed")
    await log.says(Role.TSO, world.point(2), location, world.noon(2, 2))
    await proved(log)
