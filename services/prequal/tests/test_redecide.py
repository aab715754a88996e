"""Any decision again on what was known then: the same, and another one under another policy."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest
from prequal_qualifying import FACTS
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import migrate, store
from chassis.engine import Engine
from chassis.record import Record
from chassis.redecide import redecide
from contracts import policies
from contracts.gateway import v1 as gateway
from contracts.message import Command, Event
from contracts.prequal import v1
from contracts.registry import v1 as registry
from contracts.values import time_text
from flexreg import supposing
from prequal.app import SERVICE

pytestmark = pytest.mark.store


class Log:
    """What stands on the topics, as the broker would give it."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def add(
        self, message: Command | Event, at: datetime, *, subject: str = "", sender: str = "", role: str = ""
    ) -> str:
        topic = f"commands.{message.service}.v1" if isinstance(message, Command) else f"events.{message.service}.v1"
        if isinstance(message, gateway.RegisterOpened | gateway.TimePassed):
            topic = "commands.prequal.v1"
        id_ = f"m-{len(self.records)}"
        envelope = {
            "specversion": "1.0", "id": id_, "type": message.type, "time": time_text(at), "receivedat": time_text(at),
            "source": f"/parties/{sender}" if sender else f"/services/{message.service}",
            "subject": subject or getattr(message, "subject", ""), "sender": sender, "senderrole": role,
            "ingressposition": id_,
            "data": message.model_dump(mode="json"),
        }  # fmt: skip
        offset = sum(record.topic == topic for record in self.records)
        self.records.append(Record(topic, 0, offset, int(at.timestamp() * 1000), json.dumps(envelope).encode()))
        return id_

    async def read(self, names: set[str]) -> AsyncIterator[Record]:
        for record in self.records:
            if record.topic in names:
                yield record


@pytest.fixture
async def database(new_database: Callable[[], Awaitable[str]]) -> AsyncIterator[AsyncEngine]:
    engine = store.connect(await new_database())
    await migrate.migrate(engine, [SERVICE], "prequal")
    yield engine
    await engine.dispose()


async def test_every_decision_again_is_the_same_and_another_policy_shows_its_difference(  # noqa: PLR0915 - a story
    world: Any, database: AsyncEngine
) -> None:
    """A qualification, a cap, a group of two points, its approval, a shorter grace period, a leave, and its end."""
    w, log, group, application = world, Log(), world.id(1), world.id(2)
    at = w.oslo(1, 6, 9)
    log.add(gateway.RegisterOpened(operator=w.TSO, operator_name="O", policies=tuple(policies.DEFAULTS)), at)
    log.add(w.area(w.AREA_1, w.DSO_1), at)
    formed = registry.GroupFormed(
        group_id=group, bsp=w.BSP_A, name="G", zone="NO3", brp_consumption=None, brp_production=None
    )
    log.add(formed, at)
    for n in range(2):
        log.add(w.joined(group, n, up_w=900_000), at)
    engine = Engine(SERVICE, database, "test")
    await engine.claim()
    asks = v1.ApplyForQualification(contact_email="vakt@bsp.example", contract_reference="K-1", facts=FACTS)
    log.add(asks, at, subject=w.id(9), sender=w.BSP_A)
    log.add(v1.ConfirmQualification(), at, subject=w.id(9), sender=w.TSO)
    log.add(v1.StartCommunicationTest(), at, subject=w.id(9), sender=w.TSO, role="tso")
    taken = len(log.records)
    await engine.take(log.records)
    async with database.connect() as connection:
        asked = text("SELECT body FROM engine.ledger WHERE type = :type")
        body = (await connection.execute(asked, {"type": v1.CommunicationTestStarted.type})).scalar_one()
    nonce = json.loads(body)["data"]["nonce"]
    log.add(v1.AnswerCommunicationTest(nonce=nonce), at, subject=w.id(9), sender=w.BSP_A)
    decides = v1.DecideQualification(decision="qualified", reasons="In order.")
    log.add(decides, at, subject=w.id(9), sender=w.TSO)
    cap = v1.SetZoneCap(cap_w=2_000_000, reasons=("transfer-capacity",), assessment="So.")
    log.add(cap, at, subject="NO3", sender=w.TSO)
    wish = v1.ApplyForPrequalification(group_id=group, up_w=1_800_000, down_w=0, ramp_w_per_minute=1)
    applied = log.add(wish, at, subject=application, sender=w.BSP_A)
    log.add(v1.AssessGrid(decision="approved"), w.oslo(1, 20), subject=application, sender=w.DSO_1)
    approval = v1.DecidePrequalification(decision="approved", up_w=1_800_000, reasons="So.")
    decided = log.add(approval, w.oslo(1, 27), subject=application, sender=w.TSO)
    raised = registry.PolicySet(
        key="group.below-min.grace-days", value=14, unit="days", valid_from=w.oslo(2, 1), source="D8", reason="R",
        owner="prequal", former=28,
    )  # fmt: skip
    log.add(raised, w.oslo(1, 28))
    # The policy is followed at its moment, before what comes after it, as in a register whose time passes.
    log.add(gateway.TimePassed(clock="clock", until=w.oslo(2, 2)), w.oslo(2, 2))
    log.add(w.left(group, 0, w.oslo(2, 10)), w.oslo(2, 10))
    log.add(gateway.TimePassed(clock="clock", until=w.oslo(4, 1)), w.oslo(4, 1))
    await engine.take(log.records[taken:])

    async with database.connect() as connection:
        rows = (await connection.execute(text("SELECT id, type, body FROM engine.ledger ORDER BY position"))).all()
    bodies = [json.loads(row.body) for row in rows]
    [ended] = [body for body in bodies if body["type"] == v1.ApprovalEnded.type]
    assert ended["time"] == time_text(w.oslo(2, 24)), "the grace period of the day"
    receipts = [body["data"]["status"] for body in bodies if body["type"] == v1.Receipt.type]
    assert receipts == ["accepted"] * 9

    async def again(id_: str, *also: dict[str, Any]) -> dict[str, Any]:
        async with database.connect() as connection:
            return await redecide(connection, SERVICE, id_, also, log.read)

    causes = dict.fromkeys(body["causationid"] for body in bodies)
    assert len(causes) >= 8
    for cause in causes:
        found = await again(cause)
        assert found["same"], found
    higher = supposing.policy("group.min-kw=2000", at=w.oslo(1, 6))
    assert (await again(applied, higher))["again"]["codes"] == ["APPLIED_BELOW_MINIMUM"]
    found = await again(decided, higher)
    assert (found["same"], found["again"]["codes"]) == (False, ["APPROVED_BELOW_MINIMUM"])
    [fell] = [body["id"] for body in bodies if body["type"] == v1.BiddableChanged.type][1:2]
    longer = supposing.policy("group.below-min.grace-days=7", at=w.oslo(2, 10))
    found = await again(fell, longer)
    ends = [
        event["data"]["approval_ends_at"] for event in found["again"]["events"] if "approval_ends_at" in event["data"]
    ]
    assert ends == [time_text(w.oslo(2, 17))]
