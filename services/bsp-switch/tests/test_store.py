"""The life of control, decided on PostgreSQL, and folded again from the ledger."""

from __future__ import annotations

import json
from itertools import count

import pytest
from pydantic_core import from_json
from sqlalchemy import text

from bsp_switch import store as bsp_store
from bsp_switch.app import SERVICE
from chassis import asking, migrate, rebuild, store
from chassis.engine import Engine
from chassis.record import Record
from contracts import policies
from contracts.bsp_switch import v1
from contracts.gateway import v1 as gateway
from contracts.values import Role

pytestmark = pytest.mark.store

OTHERS = {"registry": "events.registry.v1", "gateway": "commands.bsp-switch.v1"}


class Log:
    """Decides what comes in, in its order, and keeps the foreign records."""

    def __init__(self, database, world):
        self.database, self.world = database, world
        self.engine = Engine(SERVICE, database, "test")
        self.foreign = []
        self._offsets = count()

    async def says(self, role, sender, subject, wish, day, *, hour=12):
        """A command comes in; returns the status of its receipt."""
        at = self.world.day(day, hour)
        extensions = {"sender": sender, "senderrole": role, "receivedat": at.isoformat()}
        await self._take("commands.bsp-switch.v1", wish.type, subject, wish, at, **extensions)
        return (await self.ledger())[-1]["data"]["status"]

    async def happens(self, event, day):
        """A foreign event arrives."""
        await self._take(OTHERS[event.service], event.type, event.subject, event, self.world.day(day))

    async def until(self, day):
        """Time passes."""
        await self.happens(gateway.TimePassed(until=self.world.day(day)), day)

    async def ledger(self):
        return [from_json(row.body) for row in await self.rows("SELECT body FROM engine.ledger ORDER BY position")]

    async def rows(self, sql):
        async with self.database.connect() as connection:
            return [tuple(row) if len(row) > 1 else row for row in (await connection.execute(text(sql))).all()]

    async def _take(self, topic, type_, subject, data, at, **extensions):
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

    async def proved(self):
        """The fold of the log is what is stored, documents and rows alike; nothing waits."""
        assert await self.rows("SELECT what, error FROM engine.parked") == []
        again = rebuild.Rebuilt.empty(SERVICE)
        for one in self.foreign:
            await again.fold(one.topic, 0, one.value)
        async with self.database.connect() as connection:
            for row in (
                await connection.execute(text("SELECT topic, body FROM engine.ledger ORDER BY position"))
            ).all():
                await again.fold(row.topic, 0, row.body)
            stored = await rebuild.stored_hashes(connection, SERVICE)
        rebuilt, nothing = again.hashes(), rebuild._hash([])
        assert stored == {name: rebuilt.get(name, nothing) for name in stored.keys() | rebuilt.keys()}


@pytest.fixture
async def log(new_database, world):
    database = store.connect(await new_database())
    await migrate.migrate(database, [SERVICE], "bsp_switch")
    log = Log(database, world)
    await log.engine.claim()
    yield log
    await database.dispose()


async def held(log, world):
    """Two points that A holds since 01-05, with consents of B, too."""
    opened = gateway.RegisterOpened(operator=world.operator, operator_name="Registeret", policies=policies.DEFAULTS)
    await log.happens(opened, "01-05")
    for party, role in ((world.supplier, Role.SUPPLIER), (world.brp, Role.BRP)):
        await log.happens(_onboarded(party, role), "01-05")
    serial = count(100)
    for point in (world.point, world.other_point):
        await log.happens(world.registered(point), "01-05")
        await log.says(Role.DATAHUB, world.gln(50), point, world.record_supply(), "01-05")
        for bsp in (world.bsp_a, world.bsp_b):
            wish = v1.RecordConsent(
                metering_point_id=point,
                end_user=world.end_user,
                proof_sha256=world.proof,
                valid_from=world.day("01-01"),
                valid_to=world.day("05-10", 9) if bsp == world.bsp_b else None,
            )
            await log.says(Role.BSP, bsp, world.uuid(next(serial)), wish, "01-05")
        claim = v1.ClaimControl(start=world.day("01-05"))
        assert await log.says(Role.BSP, world.bsp_a, point, claim, "01-05") == "accepted"


def _onboarded(party, role):
    from contracts.registry import v1 as registry

    return registry.PartyOnboarded(party=party, name="Navn", roles=(role,))


async def test_a_switch_is_moved_disputed_partly_cancelled_and_effective_and_a_late_move_out_undoes_it(log, world):
    await held(log, world)
    both = (world.point, world.other_point)
    switch = world.uuid(1)
    request = v1.RequestSwitch(metering_points=both, start=world.day("04-15"))
    assert await log.says(Role.BSP, world.bsp_b, switch, request, "04-01") == "accepted"
    move = v1.MoveSwitch(start=world.day("04-20"))
    assert await log.says(Role.BSP, world.bsp_b, switch, move, "04-02") == "accepted"
    objection = v1.ObjectToSwitch(switch_id=switch, metering_points=both[1:], ground="other", text="x")
    assert await log.says(Role.BSP, world.bsp_a, world.uuid(2), objection, "04-03") == "accepted"
    assert await log.rows("SELECT state, switch_id FROM own.objection") == [("open", switch)]
    upheld = v1.ResolveObjection(outcome="upheld", reason="x")
    assert await log.says(Role.TSO, world.operator, world.uuid(2), upheld, "04-04") == "accepted"
    await log.until("04-20")

    holdings = "SELECT metering_point_id, bsp, valid_from, valid_to FROM own.holding ORDER BY 1, 3"
    assert await log.rows(holdings) == [
        (world.point, world.bsp_a, world.day("01-05"), world.day("04-20")),
        (world.point, world.bsp_b, world.day("04-20"), None),
        (world.other_point, world.bsp_a, world.day("01-05"), None),
    ]
    moved_out = world.record_supply(end_user=world.other_end_user, valid_from=world.day("04-10"))
    await log.says(Role.DATAHUB, world.gln(50), world.point, moved_out, "04-25")
    assert (await log.rows(holdings))[:1] == [(world.point, world.bsp_a, world.day("01-05"), world.day("04-10"))]
    assert await log.rows("SELECT bsp, because, valid_to FROM own.control_end ORDER BY 3") == [
        (world.bsp_a, "move-out", world.day("04-10")),
        (world.bsp_b, "move-out", world.day("04-20")),
    ]
    corrected = world.record_supply(valid_from=world.day("04-10"))
    await log.says(Role.DATAHUB, world.gln(50), world.point, corrected, "04-26")
    assert await log.rows("SELECT * FROM own.control_end") == []
    await log.until("05-10")
    assert await log.rows("SELECT bsp, because, valid_to FROM own.control_end") == [
        (world.bsp_b, "consent", world.day("05-11")),
    ]
    assert await log.rows("SELECT * FROM own.deadline") == []
    await log.proved()


async def test_whose_balance_a_point_is_in_is_one_timeline_and_comes_out_of_the_log_again(log, world):
    async def says(wish, subject, day):
        assert await log.says(Role.DATAHUB, world.gln(50), subject, wish, day) == "accepted"

    await log.happens(_onboarded(world.supplier, Role.SUPPLIER), "01-05")
    await log.happens(world.registered(), "01-05")
    for direction in ("consumption", "production"):
        await says(world.record_responsibility(direction=direction), world.grid_area, "01-06")
    await says(world.record_supply(brp_consumption=None, brp_production=None), world.point, "01-06")
    # Across the night of 23 hours, told late, and corrected.
    for brp in (world.stranger, world.other_brp):
        change = world.record_responsibility(brp=brp, valid_from=world.day("03-29"))
        await says(change, world.grid_area, "04-20")

    assert await log.rows(
        "SELECT valid_from, valid_to, brp_consumption, brp_production FROM own.supply ORDER BY 1"
    ) == [
        (world.day("01-01"), world.day("03-29"), world.brp, world.brp),
        (world.day("03-29"), None, world.other_brp, world.brp),
    ]
    assert await log.rows("SELECT direction, valid_from, brp FROM own.responsibility ORDER BY 1, 2") == [
        ("consumption", world.day("01-01"), world.brp),
        ("consumption", world.day("03-29"), world.other_brp),
        ("production", world.day("01-01"), world.brp),
    ]
    await log.proved()


async def test_a_bsp_is_shown_its_own_periods_as_they_were_known_then(log, world):
    await held(log, world)
    request = v1.RequestSwitch(metering_points=(world.point,), start=world.day("04-15"))
    assert await log.says(Role.BSP, world.bsp_b, world.uuid(1), request, "04-01") == "accepted"
    await log.until("04-16")
    late = world.record_supply(brp_production=world.stranger, valid_from=world.day("02-01"))
    await log.says(Role.DATAHUB, world.gln(50), world.point, late, "04-20")

    async with log.database.connect() as connection:
        mine, theirs, nobodys = [
            await asking.seen(connection, SERVICE, bsp_store.POINT, world.point, party=bsp)
            for bsp in (world.bsp_a, world.bsp_b, world.bsp_c)
        ]
    assert [one["brp_production"] for one in mine["periods"][0]["behind"]] == [world.brp]
    assert [one["brp_production"] for one in theirs["periods"][0]["behind"]] == [world.stranger]
    assert world.bsp_b not in str(mine)
    assert nobodys is None
