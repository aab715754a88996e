"""What would follow, and one decision again: the service's own code on a copy, and nothing of it is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
import toy
from onlog import HOUR, T0, Log, Stored
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import operator_port, redecide, trial
from chassis.asking import UnableToAnswer
from chassis.engine import Engine
from chassis.process import Process
from chassis.record import Record

pytestmark = pytest.mark.store


def counts(subject: str, by: int, **over: Any) -> dict[str, Any]:
    data = {"by": by, **over.pop("data", {})}
    return {"type": toy.Count.type, "subject": subject, "data": data, "sender": "7080000000012", **over}


def named(counter: str, name: str) -> dict[str, Any]:
    return {"type": toy.Named.type, "data": {"counter": counter, "name": name}}


async def tried(database: AsyncEngine, *steps: dict[str, Any], **over: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {"at": T0 + HOUR / 2, "until": None, "kinds": ["counter"], **over}
    async with database.connect() as connection:
        return await trial.on_copy(connection, toy.SERVICE, steps, **asked)


async def test_what_would_follow_is_told_and_nothing_is_written(
    engine: Engine, log: Log, stored: Stored, database: AsyncEngine
) -> None:
    await engine.take([log.count("a", 1), log.named("a", "Anna")])
    ledger = await stored.ledger()
    found = await tried(database, counts("a", 2), counts("a", -1), named("b", "Berit"), counts("b", 7))
    first, refused, fact, last = found["tried"]
    assert first["events"][0]["data"] | {"closes_at": None} == {
        "counter": "a", "by": 2, "total": 3, "name": "Anna", "label": "", "closes_at": None,
    }  # fmt: skip
    assert (refused["refused"], [reason["code"] for reason in refused["reasons"]]) == (True, ["NEGATIVE"])
    assert (fact["events"], last["events"][0]["data"]["name"]) == ([], "Berit")
    assert [
        (one["id"], one["before"] and one["before"]["total"], one["after"]["total"]) for one in found["changed"]
    ] == [
        ("a", 1, 3),
        ("b", None, 7),
    ]
    assert (await stored.total("a"), await stored.total("b"), await stored.ledger()) == (1, 0, ledger)


async def test_time_passes_in_a_trial_for_what_stands_and_for_what_it_did(
    engine: Engine, log: Log, database: AsyncEngine, stored: Stored
) -> None:
    await engine.take([log.count("a", 1, closes=True)])
    late = counts("a", 1, at=(T0 + 3 * HOUR).isoformat())
    found = await tried(database, counts("b", 2, data={"closes": True}), late, until=T0 + 9 * HOUR)
    assert [(one["what"], one["subject"]) for one in found["tried"]] == [
        (toy.Count.type, "b"),
        ("counter|a|close", "a"),
        ("counter|b|close", "b"),
        (toy.Count.type, "a"),
    ]
    assert len(await stored.rows("SELECT 1 FROM own.deadline")) == 1


async def test_what_is_no_step_is_said(engine: Engine, database: AsyncEngine) -> None:
    assert engine.epoch
    for step, why in (
        ({"type": "x"}, "type, subject and data"),
        ({"type": "x", "data": {}}, "takes no x"),
        (counts("a", 1, data={"nonsense": 1}), "has no such field"),
        (counts("a", 1, at="then"), "no moment"),
    ):
        with pytest.raises(UnableToAnswer, match=why):
            await tried(database, step)


async def test_the_port_answers_an_operator_and_no_web_page(
    engine: Engine, log: Log, stored: Stored, database: AsyncEngine
) -> None:
    await engine.take([log.count("a", 1)])
    process = cast("Process", SimpleNamespace(database=database, shards=[SimpleNamespace(service=toy.SERVICE)]))
    transport = httpx.ASGITransport(app=operator_port.application(process))
    steps = {"steps": [counts("a", 2)], "at": T0.isoformat(), "until": (T0 + HOUR).isoformat(), "kinds": ["counter"]}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        answer = await http.post("/try", json=steps)
        assert answer.raise_for_status().json()["changed"][0]["after"]["total"] == 3
        for wrong in ([], {"steps": "x"}, {"steps": [1]}, {"at": "then"}):
            assert (await http.post("/try", json=wrong)).status_code == 400
        page = await http.post("/try", content="{}", headers={"content-type": "text/plain"})
        assert page.status_code == 415
    assert await stored.total("a") == 1


# One decision again


async def again(
    database: AsyncEngine, records: Sequence[Record], id_: str, *also: dict[str, Any], service: Any = toy.SERVICE
) -> dict[str, Any]:
    async def read(names: set[str]) -> AsyncIterator[Record]:
        for record in records:
            if record.topic in names:
                yield record

    async with database.connect() as connection:
        return await redecide.redecide(connection, service, id_, also, read)


@pytest.fixture
def records(log: Log) -> list[Record]:
    """One counter that is named twice, counted thrice, refused once, and closed."""

    def count(by: int, id_: str, at: datetime, **data: Any) -> Record:
        return log.count("a", by, id=id_, at=at, **data)

    return [
        log.named("a", "Anna"),
        count(1, "c-one", T0, closes=True),
        count(-3, "c-refused", T0),
        log.named("a", "Berit", at=T0 + HOUR / 4),
        count(2, "c-two", T0 + HOUR / 2),
        log.time(T0 + HOUR),
        log.named("a", "Cecilie", at=T0 + 2 * HOUR),
        count(4, "c-three", T0 + 2 * HOUR),
    ]


async def test_a_decision_again_is_the_same_on_what_was_known_then(
    engine: Engine, records: list[Record], stored: Stored, database: AsyncEngine
) -> None:
    await engine.take(records)
    for id_, total, name in (("c-one", 1, "Anna"), ("c-two", 3, "Berit"), ("c-three", 7, "Cecilie")):
        found = await again(database, records, id_)
        assert (found["same"], found["cause"]) == (True, id_)
        [event] = found["again"]["events"]
        assert (event["data"]["total"], event["data"]["name"]) == (total, name)
    refused = await again(database, records, "c-refused")
    assert (refused["same"], refused["again"]) == (True, {"refused": True, "codes": ["NEGATIVE"], "events": []})
    assert await stored.total("a") == 7


async def test_an_event_names_its_decision_also_where_a_deadline_made_it(
    engine: Engine, records: list[Record], stored: Stored, database: AsyncEngine
) -> None:
    await engine.take(records)
    closed = next(entry for entry in await stored.ledger() if entry["type"] == toy.Closed.type)
    found = await again(database, records, closed["id"])
    assert (found["same"], found["again"]["events"][0]["data"]) == (True, {"counter": "a", "total": 3})


async def test_with_something_else_known_the_difference_shows(
    engine: Engine, records: list[Record], database: AsyncEngine
) -> None:
    await engine.take(records)
    found = await again(database, records, "c-two", named("a", "Dagny"))
    assert (found["same"], found["decided"]["events"][0]["data"]["name"]) == (False, "Berit")
    assert found["again"]["events"][0]["data"]["name"] == "Dagny"
    with pytest.raises(UnableToAnswer, match="only foreign events"):
        await again(database, records, "c-two", counts("a", 1))


async def test_what_cannot_be_decided_again_is_said(
    engine: Engine, records: list[Record], database: AsyncEngine
) -> None:
    await engine.take(records)
    with pytest.raises(UnableToAnswer, match="nothing under"):
        await again(database, records, "c-none")
    with pytest.raises(UnableToAnswer, match="not remembered"):
        await again(database, records, "c-two", service=replace(toy.SERVICE, remembers=False))
    with pytest.raises(UnableToAnswer, match="in the log any more"):
        await again(database, [], "c-two")
