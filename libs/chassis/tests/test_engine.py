"""One order of decisions: once, gapless, order kept, whatever comes in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
import toy
from onlog import HOUR, T0, Log, Stored, prepared
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import parking, store
from chassis.engine import Engine
from chassis.record import Record, UnknownMajor
from chassis.service import Incoming, On, Raw
from chassis.store import Fenced
from chassis.work import Work

pytestmark = pytest.mark.store


async def test_a_command_is_decided_and_answered(engine: Engine, log: Log, stored: Stored, published: list) -> None:
    await engine.take([log.count("a", 2), log.count("a", 3), log.count("b", -1)])
    assert await stored.total("a") == 5
    assert await stored.total("b") == 0
    kinds = [entry["type"].split(".")[-2] for entry in await stored.ledger()]
    assert kinds == ["counted", "receipt", "counted", "receipt", "receipt"]
    receipts = await stored.receipts()
    assert [receipt["status"] for receipt in receipts] == ["accepted", "accepted", "rejected"]
    assert receipts[2]["reasons"][0]["text_nb"] == "Kan ikke være -1."
    assert [row.position for row in published] == [1, 2, 3, 4, 5]
    await stored.gapless()


async def test_the_same_message_fifty_times_is_decided_once(engine: Engine, log: Log, stored: Stored) -> None:
    body = log.command("a", 1, id="same")
    await engine.take([log.record("commands.registry.v1", body) for _ in range(25)])
    for _ in range(25):
        await engine.take([log.record("commands.registry.v1", body)])
    assert await stored.total("a") == 1
    assert len(await stored.receipts()) == 1


async def test_a_batch_with_one_bad_message(engine: Engine, log: Log, stored: Stored) -> None:
    toy.BROKEN.add("bad")
    await engine.take([log.count("a"), log.count("bad"), log.count("a"), log.count("b")])
    assert (await stored.total("a"), await stored.total("b"), await stored.total("bad")) == (2, 1, 0)
    parked = await stored.rows("SELECT reason, error, held FROM engine.parked")
    assert [(row.reason, row.error) for row in parked] == [("failed", "RuntimeError: a bug")]
    assert "counter/bad" in parked[0].held
    await stored.gapless()


async def test_what_always_fails_parks_its_keys_others_go_on_and_it_can_be_released(
    engine: Engine, log: Log, stored: Stored, database: AsyncEngine
) -> None:
    toy.BROKEN.add("bad")
    await engine.take([log.count("bad", 1, id="first")])
    # It touches what the parked one touched: it waits behind, and so does what touches what *it* touched.
    await engine.take([log.count("x", 1, also="bad", id="second"), log.count("x", 5, id="third"), log.count("y")])
    assert (await stored.total("x"), await stored.total("y")) == (0, 1)
    waiting = await stored.rows("SELECT id, reason FROM engine.parked ORDER BY arrival")
    assert [(row.id, row.reason) for row in waiting] == [("first", "failed"), ("second", "behind"), ("third", "behind")]

    toy.BROKEN.clear()
    restarted = Engine(toy.SERVICE, database, "after a restart")
    await restarted.claim()
    await restarted.take([log.count("bad", 10, id="fourth")])
    assert await stored.total("bad") == 0, "held keys survive a restart"
    async with database.begin() as connection:
        key = (await parking.waiting(connection, ""))[0].key
        assert await parking.act(connection, "", key, "retry", list(toy.SERVICE.takes)) == "ok"
    await restarted.revisit()
    assert await stored.rows("SELECT 1 FROM engine.parked") == []
    assert (await stored.total("bad"), await stored.total("x")) == (11, 6)
    answered = [receipt["command_id"] for receipt in await stored.receipts()]
    assert [id_ for id_ in answered if id_ in {"first", "second", "third", "fourth"}] == [
        "first",
        "second",
        "third",
        "fourth",
    ]
    await stored.gapless()


async def test_a_parked_command_can_be_dropped_with_a_receipt(
    engine: Engine, log: Log, stored: Stored, database: AsyncEngine
) -> None:
    toy.BROKEN.add("bad")
    await engine.take([log.count("bad", id="first"), log.count("bad", id="second")])
    async with database.begin() as connection:
        key = (await parking.waiting(connection, ""))[0].key
        assert await parking.act(connection, "", key, "drop", list(toy.SERVICE.takes)) == "ok"
    toy.BROKEN.clear()
    await engine.revisit()
    receipts = await stored.receipts()
    assert [(r["command_id"], r["status"]) for r in receipts] == [("first", "rejected"), ("second", "accepted")]
    assert receipts[0]["reasons"][0]["code"] == "DROPPED_BY_OPERATOR"


async def test_a_foreign_event_cannot_be_dropped(
    engine: Engine, log: Log, stored: Stored, database: AsyncEngine
) -> None:
    event = log.named("a", "Anna")
    broken = json.loads(event.value) | {"data": {"counter": 7}}
    await engine.take([log.record(event.topic, json.dumps(broken).encode())])
    async with database.begin() as connection:
        row = (await parking.waiting(connection, ""))[0]
        assert row.reason == "failed"
        assert await parking.act(connection, "", row.key, "drop", list(toy.SERVICE.takes)) == "cannot-drop"


async def test_a_foreign_event_is_known_to_the_command_behind_it(engine: Engine, log: Log, stored: Stored) -> None:
    await engine.take([log.named("a", "Anna"), log.count("a")])
    assert (await stored.ledger())[0]["data"]["name"] == "Anna"


async def test_a_writer_that_was_replaced_writes_nothing(
    engine: Engine, log: Log, stored: Stored, database: AsyncEngine
) -> None:
    await engine.take([log.count("a")])
    other = Engine(toy.SERVICE, database, "other")
    await other.claim()
    with pytest.raises(Fenced):
        await engine.take([log.count("a")])
    assert await stored.total("a") == 1
    await other.take([log.count("a")])
    assert await stored.total("a") == 2
    await stored.gapless()


async def test_a_writer_that_claims_while_it_decides_is_not_fenced_by_itself(
    engine: Engine, log: Log, stored: Stored
) -> None:
    for _ in range(10):
        await asyncio.gather(engine.claim(), engine.take([log.count("a")]))
    assert await stored.total("a") == 10


async def test_an_input_that_kills_the_process_is_tried_alone_and_parks(
    database: AsyncEngine, log: Log, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Stands for SIGKILL: nothing after it runs."""

    original = toy.count

    async def deadly(work, message):
        if message.subject == "deadly":
            raise Killed
        return await original(work, message)

    service = toy.Service(
        name="registry",
        kinds=toy.SERVICE.kinds,
        receipt=toy.Receipt,
        commands={toy.Count: toy.On(deadly)},
    )
    records = [log.count("a"), log.count("deadly"), log.count("b")]
    deaths = 0
    for _ in range(8):
        restarted = Engine(service, database, "restarted")
        await restarted.claim()
        try:
            await restarted.take(records)
        except Killed:
            deaths += 1
        else:
            break
    assert 1 < deaths <= 5
    assert (await stored.total("a"), await stored.total("b")) == (1, 1)
    assert [row.id for row in await stored.rows("SELECT id FROM engine.parked")] == ["c-2"]


async def test_an_unknown_major_of_a_declared_type_stops_the_service(engine: Engine, log: Log) -> None:
    envelope = json.loads(log.command("a")) | {"type": "no.flexregister.registry.count.v2"}
    with pytest.raises(UnknownMajor, match=r"count\.v2"):
        await engine.take([log.record("commands.registry.v1", json.dumps(envelope).encode())])


async def test_a_type_that_is_not_declared_is_passed_over(engine: Engine, log: Log, stored: Stored) -> None:
    envelope = json.loads(log.command("a")) | {"type": "no.flexregister.registry.other.v1"}
    await engine.take([log.record("commands.registry.v1", json.dumps(envelope).encode())])
    assert await stored.rows("SELECT 1 FROM engine.inbox") == []


async def test_rows_that_follow_from_the_state_are_kept_and_unique(engine: Engine, log: Log, stored: Stored) -> None:
    await engine.take([log.count("a", label="one"), log.count("b", label="two"), log.count("a", label="three")])
    assert {tuple(row) for row in await stored.rows("SELECT * FROM own.label")} == {("three", "a"), ("two", "b")}
    # What one input freed, another in the same batch may take; what is taken parks the one who takes it too.
    await engine.take([log.count("b", label="four"), log.count("c", label="two"), log.count("d", label="three")])
    assert ("two", "c") in {tuple(row) for row in await stored.rows("SELECT * FROM own.label")}
    assert [row.reason for row in await stored.rows("SELECT reason FROM engine.parked")] == ["failed"]


# Time


async def test_deadlines_are_decided_in_due_order_at_their_own_time(engine: Engine, log: Log, stored: Stored) -> None:
    await engine.take(
        [log.count("late", closes=True, at=T0 + HOUR), log.count("early", closes=True), log.time(T0 + 3 * HOUR)]
    )
    closed = [entry for entry in await stored.ledger() if entry["type"] == toy.Closed.type]
    assert [(entry["subject"], entry["time"]) for entry in closed] == [
        ("early", "2026-01-05T09:00:00Z"),
        ("late", "2026-01-05T10:00:00Z"),
    ]
    assert await stored.rows("SELECT 1 FROM own.deadline") == []
    await stored.gapless()


async def test_before_a_deadline_it_is_told_which_come_next_and_what_fails_there_makes_no_difference(
    engine: Engine, log: Log, stored: Stored
) -> None:
    told: list[tuple[list[str], list[object]]] = []

    async def ahead(work: Work, ids: Sequence[str]) -> None:
        told.append((list(ids), list(work.coming)))
        work.coming[ids[0]] = "fetched"
        await work.load(toy.COUNTER, ids[0])
        raise RuntimeError(ids)

    engine.service = replace(toy.SERVICE, ahead={"close": ahead})
    await engine.take([log.count(name, closes=True) for name in ("c", "a", "b")])
    await engine.take([log.time(T0 + 3 * HOUR)])
    closed = [entry["subject"] for entry in await stored.ledger() if entry["type"] == toy.Closed.type]
    assert closed == ["a", "b", "c"]
    assert told == [(["b", "c"], []), (["c"], ["b"])]
    assert await stored.rows("SELECT 1 FROM engine.parked") == []
    await stored.gapless()


async def test_a_command_after_a_deadline_waits_until_the_deadline_is_decided(
    engine: Engine, log: Log, stored: Stored
) -> None:
    await engine.take([log.count("a", 1, closes=True)])
    await engine.take([log.count("a", 2, at=T0 + 2 * HOUR), log.count("b", 1, at=T0 + 2 * HOUR)])
    assert (await stored.total("a"), await stored.total("b")) == (1, 1)
    await engine.take([log.count("a", 4, at=T0 + 3 * HOUR), log.time(T0 + 4 * HOUR)])
    kinds = [(e["type"].split(".")[-2], e["data"].get("total")) for e in await stored.ledger() if e["subject"] == "a"]
    assert kinds == [("counted", 1), ("closed", 1), ("counted", 3), ("counted", 7)]
    await stored.gapless()


async def test_what_was_received_in_time_is_decided_before_the_deadline(
    engine: Engine, log: Log, stored: Stored
) -> None:
    await engine.take([log.count("a", closes=True), log.count("a", 2, at=T0 + HOUR / 2), log.time(T0 + 2 * HOUR)])
    assert [e["type"].split(".")[-2] for e in await stored.ledger() if e["subject"] == "a"] == [
        "counted",
        "counted",
        "closed",
    ]


async def test_what_is_dated_back_behind_the_time_that_has_passed_holds_up_no_command(
    engine: Engine, log: Log, stored: Stored
) -> None:
    """At a clock that stands still no further passing of time comes."""
    await engine.take([log.time(T0 + 2 * HOUR)])
    late = T0 + 2 * HOUR
    # Its deadline is an hour after it was received; the second one in the same batch, the third in one of its own.
    await engine.take([log.count("a", 1, closes=True), log.count("a", 2, at=late), log.count("b", 1, at=late)])
    await engine.take([log.count("a", 4, at=late)])
    assert await stored.rows("SELECT 1 FROM engine.parked") == []
    said = [(e["type"].split(".")[-2], e["data"].get("total")) for e in await stored.ledger() if e["subject"] == "a"]
    assert said == [("counted", 1), ("closed", 1), ("counted", 3), ("counted", 7)]
    await stored.gapless()


async def test_it_is_decided_alike_however_the_inputs_come_in_batches(
    engine: Engine, log: Log, stored: Stored, new_database: Callable[[], Awaitable[str]]
) -> None:
    late = T0 + 2 * HOUR
    records = [log.time(late), log.count("a", 1, closes=True), log.count("b", 1, closes=True), log.count("a", at=late)]
    await engine.take(records)
    again = store.connect(await new_database())
    await prepared(again)
    other = Engine(toy.SERVICE, again, "again")
    await other.claim()
    for record in records:
        await other.take([record])
    assert await Stored(again).ledger() == await stored.ledger()
    await again.dispose()


async def test_an_overdue_deadline_that_fails_lets_others_go_on_and_parks_alone(
    engine: Engine, log: Log, stored: Stored
) -> None:
    late = T0 + 2 * HOUR
    await engine.take([log.time(late), log.count("bad", closes=True)])
    toy.BROKEN.add("bad")
    await engine.take([log.count("bad", at=late), log.count("good", at=late)])
    assert (await stored.total("bad"), await stored.total("good")) == (1, 1)
    await engine.take([log.time(late + HOUR)])
    rows = await stored.rows("SELECT what, reason FROM engine.parked ORDER BY arrival")
    assert ("deadline", "failed") in [tuple(row) for row in rows]


async def test_an_overdue_deadline_that_always_fails_parks_at_a_still_clock_too(
    engine: Engine, log: Log, stored: Stored
) -> None:
    """Else what waits for it waits for ever, and nothing says why."""
    late = T0 + 2 * HOUR
    await engine.take([log.time(late), log.count("bad", closes=True)])
    toy.BROKEN.add("bad")
    await engine.take([log.count("bad", at=late)])
    for _ in range(engine.attempts):
        await engine.revisit()
    rows = await stored.rows("SELECT what, reason FROM engine.parked ORDER BY arrival")
    assert ("deadline", "failed") in [tuple(row) for row in rows]
    toy.BROKEN.clear()
    await engine.take([log.count("good", at=late)])
    assert await stored.total("good") == 1


async def test_a_record_that_the_door_itself_fails_on_parks_and_others_go_on(
    database: AsyncEngine, log: Log, stored: Stored
) -> None:
    """Once a moment in the year 9999 stopped the whole door."""

    def door(record: Record) -> list[Raw]:
        if record.value == b"bad":
            raise OverflowError("date value out of range")
        return [Raw(key=(str(record.off),), type="in", data=None)]

    async def take(work: Work, message: Incoming[Any]) -> None:
        await work.append(toy.Counted(counter="a", by=1, total=1))

    service = replace(toy.SERVICE, raw={"ingress.*.v1": door}, internal={"in": On(take)})
    made = Engine(service, database, "test")
    await made.claim()
    await made.take([Record("ingress.x.v1", 0, off, 0, value) for off, value in enumerate([b"good", b"bad", b"good"])])
    assert len(await stored.rows("SELECT 1 FROM engine.inbox")) == 2
    [parked] = await stored.rows("SELECT off, error FROM engine.parked")
    assert (parked.off, "OverflowError" in parked.error) == (1, True)


async def test_a_deadline_that_comes_to_stand_again_is_decided_again(engine: Engine, log: Log, stored: Stored) -> None:
    """Something that was received before it comes late: the same moment is due once more."""
    await engine.take([log.count("a", 1, closes=True), log.time(T0 + 2 * HOUR)])
    await engine.take([log.count("a", 1, closes=True), log.time(T0 + 3 * HOUR)])
    decided = await stored.rows("SELECT at FROM engine.inbox WHERE kind = 'deadline' ORDER BY position")
    assert [row.at for row in decided] == [T0 + HOUR] * 2
    assert await stored.rows("SELECT 1 FROM engine.parked") == []


async def test_a_deadline_that_fails_parks_alone_and_can_be_released(
    engine: Engine, log: Log, stored: Stored, database: AsyncEngine
) -> None:
    await engine.take([log.count("bad", closes=True), log.count("good", closes=True)])
    toy.BROKEN.add("bad")
    await engine.take([log.time(T0 + 2 * HOUR)])
    assert [e["subject"] for e in await stored.ledger() if e["type"] == toy.Closed.type] == ["good"]
    async with database.begin() as connection:
        row = (await parking.waiting(connection, ""))[0]
        assert (row.what, row.reason) == ("deadline", "failed")
        assert await parking.act(connection, "", row.key, "drop", list(toy.SERVICE.takes)) == "cannot-drop"
        assert await parking.act(connection, "", row.key, "retry", list(toy.SERVICE.takes)) == "ok"
    toy.BROKEN.clear()
    await engine.revisit()
    await engine.take([log.time(T0 + 3 * HOUR)])
    assert [e["subject"] for e in await stored.ledger() if e["type"] == toy.Closed.type] == ["good", "bad"]
    await stored.gapless()
