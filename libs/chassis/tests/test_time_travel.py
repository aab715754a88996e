"""What a document was: as valid at one moment, as known at another, and which events changed it."""

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
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import operator_port, parking, rebuild
from chassis.asking import in_force
from chassis.engine import Engine
from chassis.process import Process
from chassis.service import Kind
from contracts.message import EVENTS

LABELLED = Kind("labelled", str, lambda _s, event: event.counter, {toy.Counted: lambda e: e.label or ()})
"""By label: the counter that had it last."""
HIGHEST = Kind(
    "highest",
    int,
    lambda _s, event: event.total,
    {toy.Counted: lambda e: e.counter},
    valid=lambda course, at: {"highest": max(course), "asked": at},
    course=lambda course, event: (*(course or ()), event.total),
    seen=lambda said, party: [(at, event.total) for at, event in said if party == "7080000000012"] or None,
)
"""The state is the last total; the view needs all of them."""
SERVICE = replace(toy.SERVICE, kinds=(*toy.SERVICE.kinds, LABELLED, HIGHEST))
KINDS = ("counter", "highest", "labelled", "name")


class Port:
    """Asks the operator's port."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def ask(self, path: str, **params: Any) -> httpx.Response:
        return await self._http.get(path, params=params)

    async def total(self, counter: str, known_at: datetime | None = None) -> int | None:
        answer = await self.ask(f"/show/counter/{counter}", **({"known_at": known_at.isoformat()} if known_at else {}))
        return answer.json()["state"]["total"] if answer.status_code == 200 else None

    async def all(self, path: str, **params: Any) -> tuple[list[Any], int]:
        """Everything, page by page; and how many pages it took."""
        answer = await self.ask(path, **params)
        found, pages = answer.raise_for_status().json(), 1
        while "next" in answer.links:
            answer = await self._http.get(answer.links["next"]["url"])
            found += answer.raise_for_status().json()
            pages += 1
        return found, pages


@pytest.fixture
async def engine(database: AsyncEngine) -> AsyncIterator[Engine]:
    toy.BROKEN.clear()
    made = Engine(SERVICE, database, "test")
    await made.claim()
    yield made
    toy.BROKEN.clear()


@pytest.fixture
async def port(database: AsyncEngine) -> AsyncIterator[Port]:
    process = cast("Process", SimpleNamespace(database=database, shards=[SimpleNamespace(service=SERVICE)]))
    transport = httpx.ASGITransport(app=operator_port.application(process), raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        yield Port(http)


async def changes(stored: Stored) -> Sequence[Any]:
    return await stored.rows("SELECT kind, id, ledger_position, recorded_at FROM engine.change ORDER BY 3, 1, 2")


# Which event changed which document


@pytest.mark.store
async def test_every_own_document_that_an_event_is_folded_into_is_noted_with_it(
    engine: Engine, log: Log, stored: Stored
) -> None:
    """Receipts, refusals and foreign events change no own document."""
    await engine.take([log.named("a", "Anna"), log.count("a", 1, label="one", also="b"), log.count("a", -1)])
    assert [(row.kind, row.id, row.ledger_position) for row in await changes(stored)] == [
        ("counter", "a", 1),
        ("highest", "a", 1),
        ("labelled", "one", 1),
        ("counter", "b", 2),
        ("highest", "b", 2),
    ]


@pytest.mark.store
async def test_a_service_that_passes_messages_on_notes_nothing(database: AsyncEngine, log: Log, stored: Stored) -> None:
    silent = Engine(replace(SERVICE, remembers=False), database, "test")
    await silent.claim()
    await silent.take([log.count("a")])
    assert await stored.total("a") == 1
    assert await changes(stored) == []


@pytest.mark.store
async def test_what_is_noted_is_proved_from_the_log(
    engine: Engine, log: Log, stored: Stored, database: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(EVENTS, toy.Counted.type, toy.Counted)
    await engine.take([log.count("a", 1, label="one"), log.count("a", 2), log.count("b", 3)])

    async def equal() -> bool:
        again = rebuild.Rebuilt.empty(SERVICE)
        for row in await stored.rows("SELECT body FROM engine.ledger ORDER BY position"):
            await again.fold("events.registry.v1", 0, bytes(row.body))
        async with database.connect() as connection:
            held = await rebuild.stored_hashes(connection, SERVICE)
        return held["engine.change"] == again.hashes()["engine.change"]

    assert await equal()
    async with database.begin() as connection:
        await connection.execute(text("DELETE FROM engine.change WHERE kind = 'labelled'"))
    assert not await equal()


@pytest.mark.store
async def test_what_was_decided_before_changes_were_noted_is_filled_in_by_the_next_writer(
    engine: Engine, log: Log, stored: Stored, database: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.history.FILLED_AT_ONCE", 2)
    await engine.take([log.count("a", closes=True), log.count("b", at=T0 + HOUR / 2, label="one"), log.time(T0 + HOUR)])
    noted = await changes(stored)
    async with database.begin() as connection:
        await connection.execute(text("DELETE FROM engine.change"))
        await connection.execute(text("UPDATE engine.writer SET recorded_at = NULL"))
    for _ in range(2):
        await Engine(SERVICE, database, "the next").claim()
        assert await changes(stored) == noted


# As known at


@pytest.mark.store
async def test_a_document_is_shown_as_it_was_known(engine: Engine, log: Log, port: Port) -> None:
    await engine.take([log.count("a", 1), log.count("a", 2, at=T0 + HOUR), log.count("a", 4, at=T0 + 2 * HOUR)])
    moments = [T0 - HOUR, T0, T0 + HOUR, T0 + 1.5 * HOUR, T0 + 9 * HOUR]
    assert [await port.total("a", at) for at in moments] == [None, 1, 3, 3, 7]
    assert await port.total("a") == 7
    then = (await port.ask("/show/counter/a", known_at=(T0 + HOUR).isoformat())).json()
    assert then == {
        "kind": "counter",
        "id": "a",
        "version": 2,
        "state": {"total": 3, "label": "", "closes_at": None, "closed": False},
    }


@pytest.mark.store
async def test_what_is_decided_late_was_not_known_before(
    engine: Engine, log: Log, stored: Stored, port: Port, database: AsyncEngine
) -> None:
    """A deadline of T0 + 1 h, and a command of T0 + 2 h that was parked; both decided when it is T0 + 3 h."""
    late = T0 + 3 * HOUR
    toy.BROKEN.add("parked")
    await engine.take(
        [log.count("a", 1, closes=True), log.count("parked", 5, at=T0 + 2 * HOUR), log.count("b", at=late)]
    )
    assert await port.total("parked", T0 + 4 * HOUR) is None
    toy.BROKEN.clear()
    async with database.begin() as connection:
        key = (await parking.waiting(connection, ""))[0].key
        await parking.act(connection, "", key, "retry", list(toy.SERVICE.takes))
    await engine.revisit()
    await engine.take([log.time(late)])

    times = [(entry["subject"], entry["time"]) for entry in await stored.ledger() if entry["type"] == toy.Closed.type]
    assert times == [("a", "2026-01-05T09:00:00Z")], "it is decided at its own time"
    closed = [
        (await port.ask("/show/counter/a", known_at=at.isoformat())).json()["state"]["closed"]
        for at in (T0 + HOUR, late - HOUR / 60, late)
    ]
    assert closed == [False, False, True], "but nobody knew before the register had come to it"
    assert [await port.total("parked", at) for at in (T0 + 2 * HOUR, late)] == [None, 5]
    recorded = [row.recorded_at for row in await changes(stored)]
    assert recorded == sorted(recorded)


@pytest.mark.store
async def test_what_was_known_does_not_change_once_time_has_passed(engine: Engine, log: Log, port: Port) -> None:
    await engine.take([log.count("a", 1), log.time(T0 + 2 * HOUR)])
    assert await port.total("a", T0 + HOUR) == 1
    # Received before time had passed, but it came to the service behind that.
    await engine.take([log.count("a", 2, at=T0 + HOUR)])
    assert [await port.total("a", at) for at in (T0 + HOUR, T0 + 2 * HOUR)] == [1, 3]


@pytest.mark.store
async def test_a_long_history_is_folded_to_its_end(
    engine: Engine, log: Log, port: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.history.AT_ONCE", 3)
    await engine.take([log.count("a") for _ in range(9)])
    assert await port.total("a", T0) == 9
    assert len((await port.all("/history/counter/a", limit=4))[0]) == 9


@pytest.mark.store
async def test_a_party_is_shown_what_the_kind_makes_of_all_events_and_their_moments(
    engine: Engine, log: Log, port: Port
) -> None:
    await engine.take([log.count("a"), log.count("a")])
    answer = (await port.ask("/show/highest/a", **{"as": "7080000000012"})).json()
    assert [total for _, total in answer["seen"]] == [1, 2]
    assert {datetime.fromisoformat(at) for at, _ in answer["seen"]} == {T0}
    assert "state" not in answer
    assert (await port.ask("/show/highest/a", **{"as": "7080000000029"})).status_code == 404
    refused = await port.ask("/show/counter/a", **{"as": "7080000000012"})
    assert (refused.status_code, refused.json()["error"]) == (400, "counter is not shown as a party sees it")


@pytest.mark.store
async def test_what_another_service_owns_is_asked_for_there(engine: Engine, log: Log, port: Port) -> None:
    await engine.take([log.named("a", "Anna")])
    for path in ("/show/name/a", "/list/name"):
        answer = await port.ask(path, known_at=T0.isoformat())
        assert answer.status_code == 400
        assert "ask bsp-switch" in answer.json()["error"]
        assert (await port.ask(path)).status_code == 200
    assert (await port.ask("/history/name/a")).status_code == 400


@pytest.mark.store
async def test_a_moment_that_is_none_is_said(engine: Engine, port: Port) -> None:
    for name in ("valid_at", "known_at"):
        answer = await port.ask("/show/counter/a", **{name: "yesterday"})
        assert answer.status_code == 400
        assert "'yesterday' is no moment" in answer.json()["error"]
    assert (await port.ask("/show/nothing/a")).json()["error"] == f"no such kind; there are {', '.join(KINDS)}"


# As valid at


@pytest.mark.store
async def test_a_kind_says_how_it_is_at_a_moment_also_of_what_it_has_forgotten(
    engine: Engine, log: Log, port: Port
) -> None:
    await engine.take([log.count("a", 9), log.count("a", 4, at=T0 + HOUR)])
    asked = (T0 + 5 * HOUR).isoformat()
    now = (await port.ask("/show/highest/a")).json()
    view = (await port.ask("/show/highest/a", valid_at=asked)).json()
    then = (await port.ask("/show/highest/a", valid_at=asked, known_at=T0.isoformat())).json()
    assert now["state"] == 13
    assert view["state"] == {"highest": 13, "asked": "2026-01-05T13:00:00Z"}
    assert then["state"]["highest"] == 9
    [listed], _ = await port.all("/list/highest", valid_at=asked)
    assert listed == {"id": "a", "version": 0, "state": view["state"]}


@pytest.mark.unit
def test_entries_without_an_end_are_in_force_until_the_next() -> None:
    def fact(day: int, name: str) -> dict[str, Any]:
        return {"valid_from": f"2026-01-{day:02}T00:00:00Z", "name": name}

    state = {"facts": [fact(1, "a"), fact(5, "b"), fact(5, "c"), fact(9, "d")], "other": [1, 2]}

    def names(day: int) -> list[str]:
        return [one["name"] for one in in_force(state, datetime.fromisoformat(f"2026-01-{day:02}T00:00:00Z"))["facts"]]

    assert [names(day) for day in (1, 4, 5, 9, 20)] == [["a"], ["a"], ["c"], ["d"], ["d"]]
    assert in_force(state, datetime.fromisoformat("2025-12-31T00:00:00Z")) == {"facts": [], "other": [1, 2]}


@pytest.mark.unit
def test_entries_with_an_end_are_in_force_between() -> None:
    first = {"valid_from": "2026-01-01T00:00:00Z", "valid_to": "2026-01-05T00:00:00Z"}
    second = {"valid_from": "2026-01-03T00:00:00Z", "valid_to": None}
    state = {"stays": [first, second], "now": first, "by_id": {"x": first, "y": second}}

    assert in_force(state, datetime.fromisoformat("2026-01-04T00:00:00Z")) == state
    assert in_force(state, datetime.fromisoformat("2026-01-05T00:00:00Z")) == {
        "stays": [second],
        "by_id": {"y": second},
    }


# Lists


@pytest.mark.store
async def test_a_list_has_the_documents_that_there_were(engine: Engine, log: Log, port: Port) -> None:
    await engine.take([log.count("b", 1), log.count("a", 2, at=T0 + HOUR), log.count("b", 4, at=T0 + 2 * HOUR)])

    async def totals(**asked: Any) -> dict[str, int]:
        found, _ = await port.all("/list/counter", **asked)
        return {one["id"]: one["state"]["total"] for one in found}

    assert await totals() == {"a": 2, "b": 5}
    assert await totals(known_at=T0.isoformat()) == {"b": 1}
    assert await totals(known_at=(T0 + HOUR).isoformat()) == {"a": 2, "b": 1}
    assert await totals(known_at=(T0 - HOUR).isoformat()) == {}


@pytest.mark.store
async def test_a_list_is_filtered_by_fields_page_by_page(engine: Engine, log: Log, port: Port) -> None:
    await engine.take([log.count(f"ø{number}", number % 3, label=f"l{number}") for number in range(10)])
    found, pages = await port.all("/list/counter", where="total=1", limit=3)
    assert ([one["id"] for one in found], pages) == (["ø1", "ø4", "ø7"], 4)
    found, _ = await port.all("/list/counter", where=["total=1", "label=l4", "closed=false"])
    assert [one["id"] for one in found] == ["ø4"]
    found, _ = await port.all("/list/counter", where=["total=2"], known_at=T0.isoformat(), limit=4)
    assert [one["id"] for one in found] == ["ø2", "ø5", "ø8"]
    assert (await port.all("/list/counter", where="total=7"))[0] == []


@pytest.mark.store
async def test_a_field_that_there_is_not_is_said(engine: Engine, log: Log, port: Port) -> None:
    await engine.take([log.count("a")])
    answer = await port.ask("/list/counter", where="totl=1")
    assert answer.status_code == 400
    assert answer.json()["error"] == "counter has no field totl; it has closed, closes_at, label, total"
    assert (await port.ask("/list/counter", where="=1")).status_code == 400


@pytest.mark.store
async def test_a_page_that_must_be_folded_is_short(
    engine: Engine, log: Log, port: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.asking.MOST_FOLDED", 2)
    await engine.take([log.count(f"c{number}") for number in range(5)])
    assert (await port.all("/list/counter"))[1] == 1
    found, pages = await port.all("/list/counter", known_at=T0.isoformat())
    assert (len(found), pages) == (5, 3)
    assert (await port.all("/list/highest", valid_at=T0.isoformat()))[1] == 3


# The history


@pytest.mark.store
async def test_a_history_tells_what_changed_it_when_and_why(engine: Engine, log: Log, port: Port) -> None:
    await engine.take(
        [
            log.count("a", 2, id="first", closes=True),
            log.count("b", 1, id="second", also="a", at=T0 + HOUR / 2),
            log.count("c", 1, at=T0 + HOUR / 2),
            log.time(T0 + HOUR),
        ]
    )
    found, _ = await port.all("/history/counter/a")
    assert [(one["position"], one["type"].split(".")[-2], one["cause"], one["sender"]) for one in found] == [
        (1, "counted", "first", "7080000000012"),
        (4, "counted", "second", "7080000000012"),
        (8, "closed", "counter|a|close|2026-01-05T09:00:00+00:00", None),
    ]
    assert [(one["recorded_at"], one["time"]) for one in found] == [
        ("2026-01-05T08:00:00Z", "2026-01-05T08:00:00Z"),
        ("2026-01-05T08:30:00Z", "2026-01-05T08:30:00Z"),
        ("2026-01-05T09:00:00Z", "2026-01-05T09:00:00Z"),
    ]
    assert found[0]["data"]["total"] == 2
    assert found[0]["id"] != found[1]["id"]


@pytest.mark.store
async def test_a_history_is_read_page_by_page(engine: Engine, log: Log, port: Port) -> None:
    await engine.take([log.count("a", number, label=f"l{number}") for number in range(5)])
    found, pages = await port.all("/history/counter/a", limit=2)
    assert [one["data"]["by"] for one in found] == [0, 1, 2, 3, 4]
    assert pages == 3
    assert (await port.ask("/history/counter/nobody")).status_code == 404
    by_label, _ = await port.all("/history/labelled/l3")
    assert [one["data"]["counter"] for one in by_label] == ["a"]


@pytest.mark.store
async def test_a_list_by_a_field_that_a_table_has_looks_at_those_documents_only(
    engine: Engine, log: Log, database: AsyncEngine
) -> None:
    """Of ten counters two have a label: one page of two, where a walk through all takes five."""
    await engine.take([log.count(f"c{n}", n, label=f"l{n}" if n in (3, 7) else "") for n in range(10)])
    found = replace(toy.COUNTER, finds={"label": (toy.LABEL.c.counter, toy.LABEL.c.label)})
    kinds = (found, *(kind for kind in SERVICE.kinds if kind.name != "counter"))
    shards = [SimpleNamespace(service=replace(SERVICE, kinds=kinds))]
    process = cast("Process", SimpleNamespace(database=database, shards=shards))
    transport = httpx.ASGITransport(app=operator_port.application(process), raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        counters, pages = await Port(http).all("/list/counter", where="label=l7", limit=2)
        assert ([one["id"] for one in counters], pages) == (["c7"], 1)
        assert await Port(http).all("/list/counter", where=["label=l7", "total=9"], limit=2) == ([], 1)
        assert (await Port(http).all("/list/counter", where="total=7", limit=2))[1] > 1
        counters, _ = await Port(http).all("/list/counter", where="label=l3", known_at=T0.isoformat())
        assert [one["id"] for one in counters] == ["c3"]


@pytest.mark.store
async def test_what_an_index_was_is_not_kept(database: AsyncEngine, log: Log, stored: Stored) -> None:
    index = replace(LABELLED, remembered=False)
    service = replace(toy.SERVICE, kinds=(*toy.SERVICE.kinds, index))
    made = Engine(service, database, "test")
    await made.claim()
    await made.take([log.count("a", 1, label="one")])
    assert {row.kind for row in await changes(stored)} == {"counter"}
    process = cast("Process", SimpleNamespace(database=database, shards=[SimpleNamespace(service=service)]))
    transport = httpx.ASGITransport(app=operator_port.application(process), raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        assert (await Port(http).ask("/show/labelled/one")).json()["state"] == "a"
        answer = await Port(http).ask("/show/labelled/one", known_at=T0.isoformat())
        assert (answer.status_code, "index" in answer.json()["error"]) == (400, True)


@pytest.mark.store
async def test_what_will_be_known_and_what_was_not_there_yet_are_not_answered(
    engine: Engine, log: Log, database: AsyncEngine
) -> None:
    await engine.take([log.count("a", 1, at=T0), log.count("b", 7, at=T0 + HOUR)])
    recorded = replace(toy.COUNTER, since="recorded", finds={"when.total": (toy.LABEL.c.counter, toy.LABEL.c.label)})
    said = replace(HIGHEST, since=lambda course: T0 + max(course) * HOUR)
    kinds = (recorded, said, *(kind for kind in SERVICE.kinds if kind.name not in {"counter", "highest"}))
    process = cast(
        "Process", SimpleNamespace(database=database, shards=[SimpleNamespace(service=replace(SERVICE, kinds=kinds))])
    )
    transport = httpx.ASGITransport(app=operator_port.application(process), raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        port = Port(http)
        statuses = [(await port.ask("/show/counter/b", valid_at=at.isoformat())).status_code for at in (T0, T0 + HOUR)]
        assert statuses == [404, 200]
        assert [one["id"] for one in (await port.all("/list/counter", valid_at=T0.isoformat()))[0]] == ["a"]
        statuses = [(await port.ask("/show/highest/a", valid_at=at.isoformat())).status_code for at in (T0, T0 + HOUR)]
        assert statuses == [404, 200]
        future = (datetime.now(T0.tzinfo) + 1000 * HOUR).isoformat()
        for path in ("/show/counter/a", "/list/counter"):
            refused = await port.ask(path, known_at=future)
            assert (refused.status_code, refused.json()["error"].startswith("nobody knows yet")) == (400, True)


@pytest.mark.store
async def test_a_field_that_only_a_table_has_is_found_by_it(engine: Engine, log: Log, database: AsyncEngine) -> None:
    await engine.take([log.count(f"c{n}", n, label=f"l{n}") for n in range(4)])
    found = replace(toy.COUNTER, finds={"within.label": (toy.LABEL.c.counter, toy.LABEL.c.label)})
    kinds = (found, *(kind for kind in SERVICE.kinds if kind.name != "counter"))
    process = cast(
        "Process", SimpleNamespace(database=database, shards=[SimpleNamespace(service=replace(SERVICE, kinds=kinds))])
    )
    transport = httpx.ASGITransport(app=operator_port.application(process), raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        listed, _ = await Port(http).all("/list/counter", where=["within.label=l3", "total=3"])
        assert [one["id"] for one in listed] == ["c3"]
        assert await Port(http).all("/list/counter", where=["within.label=l3", "total=2"]) == ([], 1)
