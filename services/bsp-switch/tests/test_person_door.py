"""The HTTP door: persons, documents of consents and lookups; that none of it is anywhere else, and all of it can go."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import json
import time
import types
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import event as listeners
from sqlalchemy import text
from starlette.routing import BaseRoute

from bsp_switch import store
from bsp_switch.app import SERVICE
from bsp_switch.door import concerns as concerns_of
from bsp_switch.door import door, lookups, person_store
from bsp_switch.door.desks import Counter, Keeper
from bsp_switch.settings import Settings
from chassis import asking, history, migrate, rebuild, rerun
from chassis import store as chassis_store
from chassis.door import papers, serving
from chassis.door.gate import Gate, Limits
from chassis.door.proof import Signer
from chassis.door.serving import _SERVER, Beside, Desk, application
from chassis.engine import Engine
from chassis.listening import listening
from chassis.record import Record
from contracts import envelope, policies
from contracts.bsp_switch import v1
from contracts.gateway import v1 as gateway
from contracts.message import Command, Event
from contracts.registry import v1 as registry
from contracts.values import make_gsrn
from flexreg import doorway as doorways
from flexreg.doorway import Doorway

pytestmark = pytest.mark.store

AT = datetime(2026, 4, 6, 8, tzinfo=UTC)
NOW = AT.timestamp()
PDF = b"%PDF-1.7\n1 0 obj\n<<SAMTYKKE-HANSEN>>\nendobj\nstartxref\n9\n%%EOF\n"
BORN = "1957-08-31"
NAME = "Kari Hemmelig Hansen"
SECRETS = (BORN, NAME, "Hemmelig", "SAMTYKKE-HANSEN", "hansen-samtykke", PDF.hex()[20:60], "914778271")
"""What must be in the person store alone. Searched for in the text of each row, and in what is published."""


class House:
    """A `bsp-switch` on a database, its door, and the parties that come to it."""

    def __init__(self, world: Any, database: Any, engine: Engine) -> None:
        self.world, self.database, self.engine = world, database, engine
        self.datahub, self.tso = world.gln(50), world.operator
        roles = {world.bsp_a: "bsp", world.bsp_b: "bsp", self.datahub: "datahub", self.tso: "tso", world.dso: "dso"}
        self.roles = roles
        self.signers = {gln: Signer(gln, ec.derive_private_key(n + 10, ec.SECP256R1())) for n, gln in enumerate(roles)}
        self.now = float(NOW)
        made = replace(door(), beside=Beside(self._routes, Keeper().attend))
        gate = Gate("op/bsp-switch", database, made.keys, made.parties, Limits(bytes=400_000), lambda: self.now)
        self.desk = Desk(made, gate, database, decided_within=5, sandbox=True)
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(application(self.desk)), base_url="http://door")
        self.records: list[Record] = []
        self._offsets = itertools.count()
        self.published: list[Any] = []

    def _routes(self, desk: Desk) -> Sequence[BaseRoute]:
        self.counter = Counter(desk, lookups.Limits(seconds=0))
        return self.counter.routes()

    async def happens(self, topic: str, event: Event) -> None:
        n = next(self._offsets)
        head = {"specversion": "1.0", "id": f"e-{n}", "source": "/services/x", "type": event.type}
        await self._take(topic, n, head | {"subject": event.subject, "time": AT.isoformat()}, event)

    async def sends(self, party: str, subject: str, command: Command) -> v1.Receipt:
        n = next(self._offsets)
        head = {
            "specversion": "1.0", "id": f"c-{n}", "source": f"/parties/{party}", "type": command.type,
            "subject": subject, "time": AT.isoformat(), "sender": party, "senderrole": self.roles[party],
            "receivedat": AT.isoformat(), "ingressposition": f"ingress.{party}.v1/0/{n}/0",
        }  # fmt: skip
        await self._take("commands.bsp-switch.v1", n, head, command)
        return v1.Receipt.model_validate(json.loads(self.published[-1].body)["data"])

    async def _take(self, topic: str, n: int, head: dict[str, Any], data: Any) -> None:
        record = Record(topic, 0, n, int(AT.timestamp() * 1000), envelope.join(head, data.model_dump_json().encode()))
        self.records.append(record)
        await self.engine.take([record])

    async def asks(
        self, party: str, method: str, path: str, body: bytes | dict[str, Any] = b"", **headers: str
    ) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        signed = self.signers[party].proof(
            audience="op/bsp-switch",
            method=method,
            path=path,
            sha256=hashlib.sha256(content).hexdigest(),
            now=int(self.now),
        )
        said = {"authorization": f"Bearer {signed}", **headers}
        return await self.http.request(method, path, content=content or None, headers=said)

    async def enters(self, end_user: str = "", *, party: str = "", **person: Any) -> httpx.Response:
        said = person or {"name": NAME, "birth_date": BORN}
        return await self.asks(party or self.datahub, "PUT", f"/persons/{end_user or self.world.end_user}", said)

    async def looks(self, point: str = "", *, party: str = "", **known: Any) -> httpx.Response:
        said = {"metering_point_id": point or self.world.point, **(known or {"birth_date": BORN})}
        return await self.asks(party or self.world.bsp_a, "POST", "/lookups", said)

    async def consents(self, consent: int = 1, **fields: Any) -> v1.Receipt:
        wish = v1.RecordConsent.model_validate(
            {
                "metering_point_id": self.world.point,
                "end_user": self.world.end_user,
                "proof_sha256": hashlib.sha256(PDF).hexdigest(),
                "valid_from": self.world.day("01-05"),
                **fields,
            }
        )
        return await self.sends(self.world.bsp_a, self.world.uuid(consent), wish)

    async def rows(self, statement: str) -> list[Any]:
        async with self.database.connect() as connection:
            return list((await connection.execute(text(statement))).all())

    async def tables_with(self, *words: str) -> set[str]:
        """The tables that have any of these words, in any form that a row can be read in."""
        tables = await self.rows(
            "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        found: set[str] = set()
        for table in tables:
            # bytea is shown as hexadecimal, so the words are looked for in this form, too.
            for (row,) in await self.rows(f"SELECT CAST(t AS text) FROM {table.name} AS t"):
                if any(word in row or word.encode().hex() in row for word in words):
                    found.add(table.name)
        return found

    def events(self, of: type[Event]) -> list[Any]:
        said = [json.loads(row.body) for row in self.published]
        return [of.model_validate(one["data"]) for one in said if one["type"] == of.type]


@pytest.fixture
async def house(world: Any, new_database: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """A point that the end user stands behind, that nobody holds; another that another one does."""
    database = chassis_store.connect(await new_database())
    await migrate.migrate(database, [SERVICE], "bsp_switch")
    engine = Engine(SERVICE, database, "test")
    await engine.claim()
    house = House(world, database, engine)
    engine.publish = house.published.extend
    opened = gateway.RegisterOpened(operator=world.operator, operator_name="Op", policies=tuple(policies.DEFAULTS))
    await house.happens("commands.bsp-switch.v1", opened)
    for gln, role in house.roles.items():
        await house.happens("events.registry.v1", registry.PartyOnboarded(party=gln, name="Navn", roles=(role,)))
        key = house.signers[gln].public
        await house.happens(
            "events.registry.v1", registry.PartyKeyRegistered(party=gln, key_id=key.thumbprint, key=key)
        )
    for gln, role in ((world.supplier, "supplier"), (world.brp, "brp")):
        await house.happens("events.registry.v1", registry.PartyOnboarded(party=gln, name="Navn", roles=(role,)))
    for point, end_user in ((world.point, world.end_user), (world.other_point, world.other_end_user)):
        await house.happens("events.registry.v1", world.registered(point))
        await house.sends(house.datahub, point, world.record_supply(end_user=end_user))
    await house.happens("commands.bsp-switch.v1", gateway.TimePassed(until=AT))

    async def lead() -> bool:
        return True

    settings = types.SimpleNamespace(door_port=None, sandbox=True, operator="op", namespace="")
    consumer = types.SimpleNamespace(engine=engine, lead=lead)
    running: Any = types.SimpleNamespace(name="bsp-switch", settings=settings, database=database, consumers=[consumer])
    monkeypatch.setattr(serving, "POLL", 0.02)
    task = asyncio.create_task(house.desk.door.attend(running))
    yield house
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await house.http.aclose()
    await database.dispose()


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def until(reached: Any) -> None:
    async with asyncio.timeout(10):
        while not await reached():
            await asyncio.sleep(0.01)


# Persons


async def test_the_datahub_says_who_an_end_user_is_and_may_correct_it(house: House) -> None:
    url = f"/persons/{house.world.end_user}"
    assert (await house.enters()).status_code == 201
    assert (await house.enters()).status_code == 200
    read = await house.asks(house.tso, "GET", url)
    assert (read.json()["name"], read.json()["birth_date"]) == (NAME, BORN)
    corrected = {"name": "Ny", "organisation_number": "914778271"}
    assert (await house.enters(**corrected)).status_code == 201
    first, second = house.events(v1.PersonRecorded)
    assert (first.end_user, first.by) == (house.world.end_user, house.datahub)
    assert first.sha256 != second.sha256


@pytest.mark.rule("PERSON_NOT_FOUND")
async def test_for_all_others_there_is_nobody(house: House) -> None:
    await house.enters()
    world, url = house.world, f"/persons/{house.world.end_user}"
    answers = {
        (await house.asks(party, method, path)).content
        for party in (world.bsp_a, world.dso)
        for method in ("GET", "DELETE")
        for path in (url, f"/persons/{world.uuid(999)}", "/persons/x")
    }
    assert len(answers) == 1
    assert code(await house.enters(party=world.bsp_a)) == (404, "PERSON_NOT_FOUND")
    # The TSO reads and erases, but who somebody is, the datahub alone says.
    assert code(await house.enters(party=house.tso)) == (404, "PERSON_NOT_FOUND")
    assert code(await house.asks(house.tso, "GET", f"/persons/{world.uuid(999)}")) == (404, "PERSON_NOT_FOUND")
    assert code(await house.asks(house.tso, "DELETE", f"/persons/{world.uuid(999)}")) == (404, "PERSON_NOT_FOUND")


@pytest.mark.rule("PERSON_INVALID")
@pytest.mark.rule("NATIONAL_ID_NOT_TAKEN")
@pytest.mark.parametrize(
    ("said", "refused", "named"),
    [
        ({"name": NAME}, "PERSON_INVALID", "form"),
        ({"name": NAME, "birth_date": "31.08.1957"}, "PERSON_INVALID", "birth_date"),
        ({"name": NAME, "birth_date": BORN, "organisation_number": "914778271"}, "PERSON_INVALID", "form"),
        ({"name": NAME, "organisation_number": "914778272"}, "PERSON_INVALID", "organisation_number"),
        ({"name": NAME, "birth_date": BORN, "national_id": "31085712345"}, "PERSON_INVALID", "form"),
        ({"name": NAME, "birth_date": "31085712345"}, "PERSON_INVALID", "birth_date"),
        ({"name": "Kari 310857 12345", "birth_date": BORN}, "NATIONAL_ID_NOT_TAKEN", None),
        ({"name": "Kari 31085712345", "birth_date": BORN}, "NATIONAL_ID_NOT_TAKEN", None),
        ({"name": "Kari  310857  12345", "birth_date": BORN}, "NATIONAL_ID_NOT_TAKEN", None),
        ({"name": "310857_12345", "birth_date": BORN}, "NATIONAL_ID_NOT_TAKEN", None),
        ({"name": "31/08/57 - 12345", "birth_date": BORN}, "NATIONAL_ID_NOT_TAKEN", None),
        ({"name": NAME, "birth_date": "2026-04-07"}, "PERSON_INVALID", "birth_date"),
    ],
)
async def test_a_person_is_a_name_and_a_date_or_number_and_nothing_else(
    house: House, said: dict[str, str], refused: str, named: str | None
) -> None:
    answer = await house.enters(**said)
    assert code(answer) == (400, refused)
    assert answer.json()["actual"] == named
    # What was written is not said again.
    assert not any(value in answer.text for value in said.values())
    assert await house.rows("SELECT 1 FROM private.person") == []


# Lookups


async def test_a_bsp_that_knows_the_person_is_told_what_it_needs_to_begin(house: House) -> None:
    await house.enters()
    world = house.world
    answer = await house.looks()
    assert answer.status_code == 200
    told = answer.json()
    id_ = told.pop("lookup_id")
    assert told == {
        "metering_point_id": world.point,
        "end_user": world.end_user,
        "end_user_since": "2025-12-31T23:00:00Z",
        "supply": "complete",
        "control": "free",
        "registered": True,
        "in_operation": True,
        "grid_area": world.grid_area,
    }
    await house.consents()
    assert (await house.sends(world.bsp_a, world.point, v1.ClaimControl(start=world.day("04-06")))).status == "accepted"
    assert (await house.looks()).json()["control"] == "yours"
    held = await house.looks(party=world.bsp_b)
    assert held.json()["control"] == "held"
    assert world.bsp_a not in held.text

    async def logged() -> bool:
        return len(house.events(v1.LookupAnswered)) == 3

    await until(logged)
    first = house.events(v1.LookupAnswered)[0]
    assert first == v1.LookupAnswered(
        lookup_id=id_, party=world.bsp_a, metering_point_id=world.point, code="found", end_user=world.end_user
    )


@pytest.mark.rule("LOOKUP_WITHOUT_MATCH")
async def test_unknown_and_not_yours_are_one_answer_for_the_same_work(house: House) -> None:
    world = house.world
    await house.enters()
    await house.enters(world.other_end_user, name="Annen", organisation_number="914778271")
    statements: list[str] = []
    engine = house.database.sync_engine
    listeners.listen(engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
    loaded: list[str] = []
    load = chassis_store.load

    async def noted(connection: Any, kind: Any, id_: str) -> Any:
        loaded.append(kind.name)
        return await load(connection, kind, id_)

    answers, work = [], []
    asked = [
        {"point": world.gsrn(999), "birth_date": BORN},
        {"point": world.other_point, "birth_date": BORN},
        {"birth_date": "1957-09-01"},
        {"organisation_number": "914778271"},
    ]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(papers.chassis_store, "load", noted)
        found = {"birth_date": BORN}
        for known in (*asked, found):
            statements.clear()
            loaded.clear()
            # The writer is at work beside it, so only what names the tables of the lookup is compared.
            answer = await house.looks(known.pop("point", ""), **known)
            answers.append(answer)
            ours = [one for one in statements if "private.asked" in one or "private.person WHERE end_user = " in one]
            work.append((ours, [name for name in loaded if name != "party-key"]))
    assert [answer.status_code for answer in answers] == [404, 404, 404, 404, 200]
    assert len({answer.content for answer in answers[:4]}) == 1
    assert len({tuple(sorted(answer.headers.items())) for answer in answers[:4]}) == 1
    assert code(answers[0]) == (404, "LOOKUP_WITHOUT_MATCH")
    assert all(one == work[0] for one in work)
    assert len(work[0][0]) == 4

    async def logged() -> bool:
        return len(house.events(v1.LookupAnswered)) == 5

    await until(logged)
    assert [each.code for each in house.events(v1.LookupAnswered)] == ["not-found"] * 4 + ["found"]


@pytest.mark.rule("LOOKUP_WITHOUT_MATCH")
async def test_nobody_is_told_of_one_that_is_no_more_or_erased(house: House) -> None:
    await house.enters()
    await house.sends(house.datahub, house.world.end_user, v1.RecordEndUserEnd(ended_from=house.world.day("03-01")))
    assert code(await house.looks()) == (404, "LOOKUP_WITHOUT_MATCH")
    await house.sends(house.datahub, house.world.end_user, v1.RecordEndUserEnd(ended_from=None))
    assert (await house.looks()).status_code == 200
    assert (await house.asks(house.datahub, "DELETE", f"/persons/{house.world.end_user}")).status_code == 204
    assert code(await house.looks()) == (404, "LOOKUP_WITHOUT_MATCH")


@pytest.mark.rule("LOOKUP_NOT_FOR_ROLE")
@pytest.mark.rule("LOOKUP_INVALID")
async def test_only_a_bsp_asks_and_in_the_form_that_is_asked_for(house: House) -> None:
    assert code(await house.looks(party=house.world.dso)) == (403, "LOOKUP_NOT_FOR_ROLE")
    for wrong in ({"birth_date": "31085712345"}, {"birth_date": BORN, "organisation_number": "914778271"}, {"x": "1"}):
        answer = await house.looks(**wrong)
        assert code(answer) == (400, "LOOKUP_INVALID")
        assert "31085712345" not in answer.text
    twice = b'{"metering_point_id": "1", "metering_point_id": "2", "birth_date": "1957-08-31"}'
    assert code(await house.asks(house.world.bsp_a, "POST", "/lookups", twice)) == (400, "LOOKUP_INVALID")
    assert await house.rows("SELECT 1 FROM private.asked") == []


@pytest.mark.rule("LOOKUPS_TOO_MANY")
async def test_a_party_asks_only_so_often_and_a_restart_forgets_none(house: House) -> None:
    house.counter.limits = lookups.Limits(an_hour=4, of_a_point_a_day=3, seconds=0)
    await house.enters()
    world = house.world
    guessed = [(await house.looks(birth_date=f"1957-01-0{n}")).status_code for n in range(1, 4)]
    assert guessed == [404, 404, 404]
    # The right one comes too late; and what is refused is not counted.
    answer = await house.looks()
    assert code(answer) == (429, "LOOKUPS_TOO_MANY")
    assert (answer.json()["limit"], answer.headers["retry-after"]) == (3, "5")
    again = House(world, house.database, house.engine)
    again.counter.limits, again.now = house.counter.limits, house.now
    assert code(await again.looks()) == (429, "LOOKUPS_TOO_MANY")
    assert (await again.looks(party=world.bsp_b)).status_code == 200
    assert code(await again.looks(world.other_point)) == (404, "LOOKUP_WITHOUT_MATCH")
    assert (await again.looks(make_gsrn(77))).json()["limit"] == 4
    again.now += 3601
    assert code(await again.looks(make_gsrn(77))) == (404, "LOOKUP_WITHOUT_MATCH")
    assert code(await again.looks()) == (429, "LOOKUPS_TOO_MANY")
    again.now += 86_400
    assert (await again.looks()).status_code == 200
    await again.http.aclose()


async def test_that_a_party_looks_up_too_much_is_said_once_an_hour(house: House) -> None:
    house.counter.limits = lookups.Limits(of_a_point_a_day=1, seconds=0)
    world = house.world
    for party in (world.bsp_a, world.bsp_b):
        assert (await house.looks(party=party)).status_code == 404
        assert {(await house.looks(party=party)).status_code for _ in range(3)} == {429}
    house.now += 3601
    assert {(await house.looks()).status_code for _ in range(2)} == {429}

    async def said() -> bool:
        return len(house.events(v1.LookupRefused)) >= 3 and await house.rows("SELECT 1 FROM private.wish") == []

    await until(said)
    refused = house.events(v1.LookupRefused)
    assert [(each.party, each.metering_point_id) for each in refused] == [
        (party, world.point) for party in (world.bsp_a, world.bsp_b, world.bsp_a)
    ]
    assert not any(word.encode() in spoken(house) for word in SECRETS)


@pytest.mark.rule("BSP_TAKEN_OVER")
async def test_who_was_taken_over_is_told_nothing_and_its_successor_reads_its_documents(house: House) -> None:
    world = house.world
    await lived(house)
    documents = [f"/documents/{world.uuid(n)}" for n in (50, 51)]
    merge = v1.MergeBsp(bsp=world.bsp_a, into=world.bsp_b, start=world.day("05-01"), reason="Fusjon")
    assert (await house.sends(house.tso, world.uuid(900), merge)).status == "accepted"

    async def read() -> list[int]:
        return [(await house.asks(world.bsp_b, "GET", each)).status_code for each in documents]

    # Until the midnight neither is anything but itself.
    assert (await house.looks()).status_code == 200
    assert await read() == [404, 404]
    until_then = gateway.TimePassed(until=world.day("05-01"))
    await house.happens("commands.bsp-switch.v1", until_then)

    answer = await house.looks()
    assert code(answer) == (403, "BSP_TAKEN_OVER")
    assert answer.json()["actual"] == "2026-05-01"
    assert (await house.looks(party=world.bsp_b)).status_code == 200
    # The one that no consent names is evidence of nothing yet.
    assert await read() == [200, 404]


async def test_what_is_asked_at_once_is_counted_one_by_one(house: House) -> None:
    house.counter.limits = lookups.Limits(of_a_point_a_day=2, seconds=0)
    await house.enters()
    answers = await asyncio.gather(*(house.looks() for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 429, 429, 429, 429]


# Histories


async def reads(house: House, party: str, point: str = "") -> httpx.Response:
    return await house.asks(party, "GET", f"/points/{point or house.world.point}/history")


async def passed(house: House) -> None:
    """Held by A since 04-06, B's from 04-21; and B's is a supplier that came after that."""
    world = house.world
    await house.consents()
    assert (await house.sends(world.bsp_a, world.point, v1.ClaimControl(start=world.day("04-06")))).status == "accepted"
    theirs = {"metering_point_id": world.point, "end_user": world.end_user, "proof_sha256": "ab" * 32}
    await house.sends(
        world.bsp_b, world.uuid(2), v1.RecordConsent.model_validate({**theirs, "valid_from": world.day("01-05")})
    )
    asked = v1.RequestSwitch(metering_points=(world.point,), start=world.day("04-21"))
    assert (await house.sends(world.bsp_b, world.uuid(3), asked)).status == "accepted"
    await house.sends(house.datahub, world.point, world.record_supply(valid_from=world.day("05-01")))


async def test_a_bsp_reads_its_own_slice_as_the_operator_would_show_it(house: House) -> None:
    await passed(house)
    world, told = house.world, {}
    for bsp in (world.bsp_a, world.bsp_b):
        answer = await reads(house, bsp)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        told[bsp] = answer.json()
        async with house.database.connect() as connection:
            shown = await asking.seen(connection, SERVICE, store.POINT, world.point, party=bsp)
        assert told[bsp] == {"metering_point_id": world.point, **shown}
        assert [each for each in (world.bsp_a, world.bsp_b) if each in answer.text] == [bsp]
    (mine,), (theirs,) = told[world.bsp_a]["periods"], told[world.bsp_b]["periods"]
    assert (mine["valid_from"], mine["valid_to"]) == ("2026-04-05T22:00:00Z", "2026-04-20T22:00:00Z")
    assert (theirs["valid_from"], theirs["valid_to"]) == ("2026-04-20T22:00:00Z", None)
    assert [each["valid_from"] for each in theirs["behind"]] == ["2026-04-20T22:00:00Z", "2026-04-30T22:00:00Z"]


@pytest.mark.rule("HISTORY_NOT_FOUND")
@pytest.mark.rule("LOOKUP_NOT_FOR_ROLE")
async def test_of_anothers_point_and_of_none_a_bsp_reads_the_same_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = house.world
    await house.consents()
    await house.sends(world.bsp_a, world.point, v1.ClaimControl(start=world.day("04-06")))
    folded: list[str] = []
    told = history.told

    async def noted(connection: Any, service: Any, kind: Any, id_: str) -> Any:
        folded.append(id_)
        return await told(connection, service, kind, id_)

    monkeypatch.setattr(asking.history, "told", noted)
    answers = [
        await reads(house, world.bsp_b, point) for point in (world.point, world.other_point, make_gsrn(999), "x")
    ]
    assert len({answer.content for answer in answers}) == 1
    assert code(answers[0]) == (404, "HISTORY_NOT_FOUND")
    # However long another's history is, it takes no time.
    assert folded == []
    assert code(await reads(house, world.dso)) == (403, "LOOKUP_NOT_FOR_ROLE")
    assert (await house.http.request("GET", f"/points/{world.point}/history")).status_code == 401


@pytest.mark.rule("LOOKUPS_TOO_MANY")
async def test_histories_and_lookups_are_counted_together(house: House) -> None:
    house.counter.limits = lookups.Limits(an_hour=3, of_a_point_a_day=2, seconds=0)
    world = house.world
    assert [(await reads(house, world.bsp_b)).status_code for _ in range(3)] == [404, 404, 429]
    assert (await house.looks(party=world.bsp_b)).status_code == 429
    assert (await reads(house, world.bsp_b, world.other_point)).status_code == 404
    assert (await reads(house, world.bsp_b, make_gsrn(999))).json()["limit"] == 3
    assert (await reads(house, world.bsp_a)).status_code == 404


# What concerns an end user


async def concerns(house: House, end_user: str, *, party: str = "") -> list[tuple[str, str]]:
    answer = await house.asks(party or house.tso, "GET", f"/persons/{end_user}/concerns")
    assert answer.status_code == 200
    assert NAME not in answer.text
    return [(each["what"], each["recorded_at"]) for each in answer.json()["entries"]]


async def test_what_concerns_an_end_user_can_be_handed_to_it(house: House) -> None:
    world = house.world
    await house.enters()
    assert (await house.looks(party=world.bsp_b)).status_code == 200
    assert (await house.looks(party=world.bsp_b, birth_date="1957-09-01")).status_code == 404
    await passed(house)

    async def logged() -> bool:
        return len(house.events(v1.LookupAnswered)) == 2

    await until(logged)
    await house.sends(world.bsp_b, world.uuid(2), v1.WithdrawConsent())
    answer = await house.asks(house.tso, "GET", f"/persons/{world.end_user}/concerns")
    entries = answer.json()["entries"]
    assert sorted(each["what"] for each in entries) == [
        "consent-recorded", "consent-recorded", "consent-withdrawn", "control-claimed", "lookup-answered",
        "lookup-answered", "switch-announced", "switch-cancelled",
    ]  # fmt: skip
    assert [(each["party"], each["code"]) for each in entries if each["what"] == "lookup-answered"] == [
        (world.bsp_b, "found"),
        (world.bsp_b, "not-found"),
    ]
    (announced,) = (each for each in entries if each["what"] == "switch-announced")
    assert (announced["incoming"], announced["metering_point_id"]) == (world.bsp_b, world.point)
    assert (announced["start"], announced["recorded_at"]) == ("2026-04-20T22:00:00Z", "2026-04-06T08:00:00Z")
    assert [each["recorded_at"] for each in entries] == sorted(each["recorded_at"] for each in entries)
    assert await concerns(house, world.other_end_user) == []
    assert len(await concerns(house, world.end_user, party=house.datahub)) == 8


async def test_of_who_was_there_before_or_comes_after_nothing_is_told(house: House) -> None:
    world = house.world
    await house.consents()
    await house.sends(world.bsp_a, world.point, v1.ClaimControl(start=world.day("04-06")))
    moved = world.record_supply(end_user=world.other_end_user, valid_from=world.day("04-10"))
    await house.sends(house.datahub, world.point, moved)
    await house.looks(party=world.bsp_b)

    async def logged() -> bool:
        return len(house.events(v1.LookupAnswered)) == 1

    await until(logged)
    told = [what for what, _ in await concerns(house, world.end_user)]
    assert sorted(told) == [
        "consent-ended", "consent-recorded", "control-claimed", "control-end-announced", "lookup-answered",
    ]  # fmt: skip
    # That a BSP's control ended as it moved in is of the time before.
    assert await concerns(house, world.other_end_user) == []


async def test_what_comes_to_light_of_who_stood_there_moves_no_entry_to_another(house: House) -> None:
    world = house.world
    await house.consents()
    await house.sends(world.bsp_a, world.point, v1.ClaimControl(start=world.day("04-06")))
    await house.looks(party=world.bsp_b)

    async def logged() -> bool:
        return len(house.events(v1.LookupAnswered)) == 1

    await until(logged)
    before = {what for what, _ in await concerns(house, world.end_user)}
    assert before == {"consent-recorded", "control-claimed", "lookup-answered"}
    moved = world.record_supply(end_user=world.other_end_user, valid_from=world.day("04-02"))
    await house.sends(house.datahub, world.point, moved)

    after = {what for what, _ in await concerns(house, world.end_user)}
    assert after == before | {"consent-ended", "control-end-announced"}
    assert await concerns(house, world.other_end_user) == []
    (answered,) = house.events(v1.LookupAnswered)
    assert answered.end_user == world.end_user


@pytest.mark.rule("PERSON_NOT_FOUND")
async def test_what_concerns_an_end_user_is_for_the_tso_and_the_datahub_alone(house: House) -> None:
    world = house.world
    answers = {
        (await house.asks(party, "GET", f"/persons/{id_}/concerns")).content
        for party in (world.bsp_a, world.dso)
        for id_ in (world.end_user, world.uuid(999))
    }
    assert len(answers) == 1
    assert code(await house.asks(world.bsp_a, "GET", f"/persons/{world.end_user}/concerns")) == (
        404,
        "PERSON_NOT_FOUND",
    )
    assert code(await house.asks(house.tso, "GET", "/persons/x/concerns")) == (404, "PERSON_NOT_FOUND")


async def test_it_goes_on_from_page_to_page(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concerns_of, "POINTS_A_PAGE", 1)
    world = house.world
    await house.consents()
    await house.consents(2, metering_point_id=world.other_point)
    url, points = f"/persons/{world.end_user}/concerns", []
    while url:
        told = (await house.asks(house.tso, "GET", url)).json()
        points.append([each["metering_point_id"] for each in told["entries"]])
        url = told.get("links", {}).get("next")
    # The other is not its point at all: that a BSP says so concerns it.
    assert points == [[world.point], [world.other_point], []]


# Nowhere else, and gone


async def lived(house: House) -> None:
    """A person, an organisation, a document that a consent names, another that none does, and lookups."""
    world = house.world
    await house.enters()
    await house.enters(world.other_end_user, name="Annen AS", organisation_number="914778271")
    for n in (50, 51):
        put = await house.asks(
            world.bsp_a, "PUT", f"/documents/{world.uuid(n)}", PDF, **{"file-name": "hansen-samtykke.pdf"}
        )
        assert put.status_code == 201
    assert (await house.consents(proof_document_id=world.uuid(50))).status == "accepted"
    assert (await house.looks()).status_code == 200
    assert (await house.looks(world.other_point)).status_code == 404

    async def decided() -> bool:
        return await house.rows("SELECT 1 FROM private.wish") == []

    await until(decided)


def spoken(house: House) -> bytes:
    """All that the service has published."""
    return b"\n".join(row.body for row in house.published)


async def test_persons_and_documents_are_in_the_person_store_alone(house: House) -> None:
    await lived(house)
    assert await house.tables_with(*SECRETS) == {"private.person", "private.paper", "private.paper_part"}
    assert not any(word.encode() in spoken(house) for word in SECRETS)
    # Nor a hash that whoever tries all birth dates could find again.
    plain = {hashlib.sha256(word.encode()).hexdigest().encode() for word in (BORN, NAME, f"{NAME}{BORN}")}
    assert not any(digest in spoken(house) for digest in plain)


@pytest.mark.parametrize("way", ["door", "command"])
async def test_erased_they_are_nowhere_at_all(house: House, way: str) -> None:
    await lived(house)
    world = house.world
    if way == "door":
        url = f"/persons/{world.end_user}?asked_by=operator"
        assert (await house.asks(house.tso, "DELETE", url)).status_code == 204
        assert (await house.asks(house.tso, "DELETE", url)).status_code == 204
    else:
        await house.sends(house.tso, world.end_user, v1.ErasePerson(asked_by="operator"))
    (erased,) = house.events(v1.PersonErased)
    assert erased == v1.PersonErased(
        end_user=world.end_user, by=house.tso, asked_by="operator", documents=(world.uuid(50),)
    )
    # The document that no consent names is its BSP's to take back: whose it is, nobody has said.
    assert (await house.asks(world.bsp_a, "DELETE", f"/documents/{world.uuid(51)}")).status_code == 204

    async def gone() -> bool:
        return await house.tables_with(*SECRETS[:-1]) == set()

    await until(gone)
    assert await house.rows("SELECT 1 FROM private.paper_part") == []
    assert (await house.asks(world.bsp_a, "GET", f"/documents/{world.uuid(50)}")).status_code == 404
    assert not any(word.encode() in spoken(house) for word in SECRETS)
    # The other one's is there still.
    assert await house.tables_with("914778271") == {"private.person"}


async def test_a_document_that_anothers_consent_names_goes_with_the_last_of_them(house: House) -> None:
    await lived(house)
    world, url = house.world, f"/documents/{house.world.uuid(50)}"
    other = {"end_user": world.other_end_user, "metering_point_id": world.other_point}
    assert (await house.consents(2, proof_document_id=world.uuid(50), **other)).status == "accepted"
    erase = v1.ErasePerson(asked_by="end-user")

    await house.sends(house.tso, world.end_user, erase)
    await person_store.sweep(house.database)
    assert (await house.asks(world.bsp_a, "GET", url)).status_code == 200
    await house.sends(house.tso, world.other_end_user, erase)
    await person_store.sweep(house.database)
    assert (await house.asks(world.bsp_a, "GET", url)).status_code == 404

    first, last = house.events(v1.PersonErased)
    assert (first.documents, first.kept) == ((), (world.uuid(50),))
    assert (last.documents, last.kept) == ((world.uuid(50),), ())


@pytest.mark.rule("PERSON_UNKNOWN")
async def test_who_is_not_known_is_not_erased_and_who_comes_anew_is_known_again(house: House) -> None:
    erase = v1.ErasePerson(asked_by="end-user")
    refused = await house.sends(house.tso, house.world.end_user, erase)
    assert refused.reasons[0].code == "PERSON_UNKNOWN"
    await house.enters()
    assert (await house.sends(house.tso, house.world.end_user, erase)).status == "accepted"
    assert (await house.enters()).status_code == 201
    assert (await house.looks()).status_code == 200
    await person_store.sweep(house.database)
    assert len(await house.rows("SELECT 1 FROM private.person")) == 1


async def test_a_store_that_is_put_back_forgets_again(house: House) -> None:
    await lived(house)
    rows = await house.rows("SELECT * FROM private.person")
    await house.sends(house.tso, house.world.end_user, v1.ErasePerson(asked_by="end-user"))
    await person_store.sweep(house.database)
    async with house.database.begin() as connection:
        await connection.execute(text("DELETE FROM private.former_person"))
        await connection.execute(text("DELETE FROM private.person"))
        names = ", ".join(rows[0]._fields)
        slots = ", ".join(f":{name}" for name in rows[0]._fields)
        statement = text(f"INSERT INTO private.person ({names}) VALUES ({slots})")
        await connection.execute(statement, [dict(row._mapping) for row in rows])
    await person_store.sweep(house.database)
    assert [row.name for row in await house.rows("SELECT name FROM private.person")] == ["Annen AS"]


async def test_what_is_stored_equals_the_log_and_a_change_shows(house: House) -> None:
    await lived(house)
    await house.enters(name="Kari Ny", birth_date=BORN)
    await house.sends(house.tso, house.world.end_user, v1.ErasePerson(asked_by="end-user"))
    await person_store.sweep(house.database)
    rebuilt = rebuild.Rebuilt.empty(SERVICE)
    for record in house.records:
        await rebuilt.fold(record.topic, 0, record.value)
    for row in house.published:
        await rebuilt.fold(row.topic, 0, row.body)
    async with house.database.connect() as connection:
        stored = await rebuild.stored_hashes(connection, SERVICE)
    again = rebuilt.hashes()
    assert {name: again.get(name, rebuild._hash([])) for name in stored} == stored
    assert {papers.TABLE, person_store.TABLE} <= set(again)
    async with house.database.begin() as connection:
        await connection.execute(text("UPDATE private.person SET name = 'En annen'"))
        assert (await rebuild.stored_hashes(connection, SERVICE))[person_store.TABLE] != again[person_store.TABLE]


async def test_the_inbox_run_again_without_any_person_decides_the_same(house: House, new_database: Any) -> None:
    await lived(house)
    await house.asks(house.datahub, "DELETE", f"/persons/{house.world.end_user}")
    other = chassis_store.connect(await new_database())
    came = {(record.topic, record.off): record for record in house.records}
    rows = await house.rows("SELECT topic, off, body FROM engine.inbox ORDER BY position")
    again = [
        Record(row.topic, 0, 0, json.loads(row.body)["stamp"], bytes(row.body))
        if row.body
        else came[row.topic, row.off]
        for row in rows
    ]
    await migrate.migrate(other, [SERVICE], "bsp_switch")
    engine = Engine(SERVICE, other, "again")
    await engine.claim()
    await engine.take(again)
    compared = await rerun.compare(SERVICE, house.database, other)
    await other.dispose()
    assert (compared.inputs, compared.difference) == (len(rows), "")


async def test_a_document_is_the_tsos_to_read_once_a_consent_names_it(house: House) -> None:
    world, url = house.world, f"/documents/{house.world.uuid(50)}"
    await house.asks(world.bsp_a, "PUT", url, PDF)
    assert code(await house.asks(house.tso, "GET", url)) == (404, "DOCUMENT_NOT_FOUND")
    await house.consents(proof_document_id=world.uuid(50))
    assert (await house.asks(house.tso, "GET", url)).content == PDF
    for party in (world.bsp_b, house.datahub, world.dso):
        assert code(await house.asks(party, "GET", url)) == (404, "DOCUMENT_NOT_FOUND")
    assert code(await house.asks(world.bsp_a, "DELETE", url)) == (409, "DOCUMENT_IN_USE")


async def test_what_is_not_signed_tells_nothing(house: House) -> None:
    for method, path in (("POST", "/lookups"), ("GET", f"/persons/{house.world.end_user}")):
        assert code(await house.http.request(method, path)) == (401, "PROOF_MISSING")
    signed = house.signers[house.world.bsp_a].proof(
        audience="op/bsp-switch", method="POST", path="/lookups", sha256="0" * 64, now=int(house.now)
    )
    body = json.dumps({"metering_point_id": house.world.point, "birth_date": BORN}).encode()
    answer = await house.http.post("/lookups", content=body, headers={"authorization": f"Bearer {signed}"})
    assert code(answer) == (400, "DOCUMENT_NOT_AS_SIGNED")


async def test_the_command_lines_client_and_a_real_server_understand_each_other(house: House) -> None:
    world = house.world
    monkey = types.SimpleNamespace(time=lambda: house.now, monotonic=time.monotonic)
    question = json.dumps({"metering_point_id": world.point, "birth_date": BORN}).encode()
    async with listening(application(house.desk), port=0, **_SERVER) as port:

        def doorway(gln: str) -> Doorway:
            return Doorway("bsp-switch", f"http://127.0.0.1:{port}", "op/bsp-switch", house.signers[gln])

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(doorways, "time", monkey)
            said = json.dumps({"name": NAME, "birth_date": BORN}).encode()
            await doorway(house.datahub).ask("PUT", f"/persons/{world.end_user}", said)
            assert (await doorway(world.bsp_a).ask("POST", "/lookups", question)).json()["end_user"] == world.end_user
            await doorway(house.tso).ask("DELETE", f"/persons/{world.end_user}?asked_by=operator")
            with pytest.raises(doorways.TurnedAway, match="no metering point with this number and this end user"):
                await doorway(world.bsp_a).ask("POST", "/lookups", question)


async def test_answers_are_given_at_whole_steps_of_time(house: House) -> None:
    house.counter.limits = lookups.Limits(seconds=0.05)
    began = time.monotonic()
    assert (await house.looks()).status_code == 404
    assert time.monotonic() - began >= 0.05


def test_the_door_is_closed_where_no_port_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    safe: dict[str, Any] = {"kafka_bootstrap": "b:9092", "database_url": "postgresql+asyncpg://u@h/d", "port": 0}
    assert Settings(**safe).door_port is None
    monkeypatch.setenv("BSP_SWITCH_DOOR_PORT", "20010")
    assert (Settings(**safe).door_port, Settings(**safe).door_host) == (20_010, "127.0.0.1")
