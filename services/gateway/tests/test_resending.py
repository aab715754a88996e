"""What a party was sent of a period is sent to it again: the same messages, in order, marked, and no others'."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from gate import BSP, DSO, OPERATOR, Gate
from pydantic_core import from_json, to_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import kafka, migrate
from chassis import store as chassis_store
from contracts import topics
from contracts.gateway.v1 import DeliveriesRepeated
from contracts.registry.v1 import ResendRequested
from gateway import app, handlers, resending, store
from gateway.domain.resend import Order
from gateway.settings import Settings

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRST, SECOND = (f"0190a5c0-0000-7000-8000-{number:012d}" for number in (1, 2))
ORDER = Order(FIRST, BSP, NOON, NOON + 2 * HOUR)


def requested(resend_id: str = FIRST, party: str = BSP) -> ResendRequested:
    return ResendRequested(party=party, resend_id=resend_id, start=ORDER.start, end=ORDER.end, requested_at=ORDER.end)


def waiting(gate: Gate) -> list[str]:
    state = gate.scenario.state(store.RESENDS, store.RESENDS_ID)
    return [order.resend_id for order in state.orders] if state else []


@pytest.mark.unit
def test_orders_wait_for_each_other_and_each_is_said_to_be_done_once(gate: Gate) -> None:
    told = gate.scenario.when(requested())
    assert {sent.topic for sent in told.sent} == {f"egress.{BSP}.v1", f"egress.{OPERATOR}.v1"}
    gate.scenario.when(requested(SECOND, DSO))
    assert waiting(gate) == [FIRST, SECOND]

    done = handlers.Repeated(FIRST, BSP, 7)
    assert gate.scenario.give("repeated", done).events == [DeliveriesRepeated(resend_id=FIRST, party=BSP, count=7)]
    assert waiting(gate) == [SECOND]
    assert gate.scenario.give("repeated", done).events == []
    gate.scenario.give("repeated", handlers.Repeated(SECOND, DSO, 0))
    assert waiting(gate) == []


@pytest.mark.unit
def test_the_end_of_a_period_is_not_part_of_it() -> None:
    edges = (ORDER.start - timedelta(microseconds=1), ORDER.start, ORDER.end - timedelta(microseconds=1), ORDER.end)
    assert [ORDER.wants(at) for at in edges] == [False, True, True, False]


# What the ledger holds of it


def message(number: int, at: datetime) -> bytes:
    said = {
        "specversion": "1.0",
        "id": f"m{number}",
        "source": "/services/registry",
        "type": "t",
        "subject": f"s{number}",
    }
    return to_json({**said, "time": at.isoformat(), "data": {"n": number}, "deliverysequence": number})


@pytest.fixture
async def ledger(new_database: Callable[[], Awaitable[str]]) -> AsyncIterator[AsyncEngine]:
    """Seven rows: of the party at noon and on each of the next hours, of others between; the last is not published."""
    database = chassis_store.connect(await new_database())
    service = app.service(Settings.model_construct(sandbox=False, trace_ratio=0.0))
    await migrate.migrate(database, [service], "gateway")
    egress, other = topics.egress(BSP), topics.egress(DSO)
    of = [egress, other, egress, topics.egress_activation(BSP), "commands.registry.v1", egress, egress]
    at = [NOON, NOON, NOON + HOUR, NOON, NOON, NOON + 2 * HOUR, NOON]
    async with database.begin() as connection:
        for position, (topic, moment) in enumerate(zip(of, at, strict=True), 1):
            await connection.execute(
                text(
                    "INSERT INTO engine.ledger (shard, position, topic, key, id, type, version, body)"
                    " VALUES ('', :position, :topic, :key, :id, 't', 0, :body)"
                ),
                {
                    "position": position,
                    "topic": topic,
                    "key": f"s{position}",
                    "id": f"m{position}",
                    "body": message(position, moment),
                },
            )
        await connection.execute(
            text(
                "INSERT INTO engine.relay (shard, published_to) VALUES ('', 6)"
                " ON CONFLICT (shard) DO UPDATE SET published_to = 6"
            )
        )
    yield database
    await database.dispose()


@pytest.mark.store
@pytest.mark.parametrize("step", [1, 2, 5_000])
async def test_what_was_published_to_the_party_in_the_period_is_found_in_order(ledger: AsyncEngine, step: int) -> None:
    pages = [page async for page in resending.deliveries(ledger, ORDER, shard="", step=step)]
    found = [one for page in pages for one in page]
    assert [(one.key, one.body) for one in found] == [("s1", message(1, NOON)), ("s3", message(3, NOON + HOUR))]
    assert len(pages) == -(-6 // step)


@pytest.mark.bus
async def test_it_is_sent_as_it_was_and_marked(ledger: AsyncEngine, kafka_bootstrap: str, namespace: str) -> None:
    name = topics.full_name(namespace, topics.egress(BSP))
    await kafka.apply(kafka_bootstrap, namespace, topics.party_topics(BSP, ()), replication=1)

    async def leads() -> bool:
        return True

    pages = resending.deliveries(ledger, ORDER, shard="")
    assert await resending.repeat(kafka_bootstrap, name, pages, leads=leads) == 2
    records = [record async for _, record in kafka.read_all(kafka_bootstrap, name)]
    assert [record.key for record in records] == [b"s1", b"s3"]
    for number, record in ((1, records[0]), (3, records[1])):
        again, before = from_json(record.value), from_json(message(number, NOON + (number // 3) * HOUR))
        assert again == before | {"repeated": True}


@pytest.mark.bus
async def test_who_does_not_lead_any_more_stops(ledger: AsyncEngine, kafka_bootstrap: str, namespace: str) -> None:
    name = topics.full_name(namespace, topics.egress(BSP))
    await kafka.apply(kafka_bootstrap, namespace, topics.party_topics(BSP, ()), replication=1)

    async def leads() -> bool:
        return False

    pages = resending.deliveries(ledger, ORDER, shard="")
    assert await resending.repeat(kafka_bootstrap, name, pages, leads=leads) is None
    assert [record async for _, record in kafka.read_all(kafka_bootstrap, name)] == []
