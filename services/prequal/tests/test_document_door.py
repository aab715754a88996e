"""The HTTP door: who gets in, what is taken, who may read it; and that bytes reach no topic."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import json
import struct
import time
import types
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from prequal_qualifying import FACTS
from sqlalchemy import text

from chassis import migrate, rebuild, rerun
from chassis import store as chassis_store
from chassis.door import papers, proof
from chassis.door.gate import Gate, Limits
from chassis.door.proof import Signer
from chassis.door.serving import _SERVER, Desk, application
from chassis.engine import Engine
from chassis.listening import listening
from chassis.record import Record
from contracts import envelope, policies
from contracts.gateway import v1 as gateway
from contracts.message import Command, Event
from contracts.prequal import v1
from contracts.registry import v1 as registry
from flexreg import doorway as doorways
from flexreg.doorway import Doorway
from prequal.app import SERVICE
from prequal.door import door
from prequal.settings import Settings

pytestmark = pytest.mark.store

NOW = 1_767_600_000
AT = datetime(2026, 1, 6, 8, tzinfo=UTC)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"
CSV = b"tid;kW\n2026-01-05T00:00Z;12\n"


class House:
    """A `prequal` on a database, its door, and the parties that come to it."""

    def __init__(self, world: Any, database: Any, engine: Engine) -> None:
        self.world, self.database, self.engine = world, database, engine
        self.names = {
            "BSP": world.BSP_A,
            "BSP_B": world.BSP_B,
            "TSO": world.TSO,
            "DSO": world.DSO_1,
            "DSO_2": world.DSO_2,
        }
        self.signers = {
            gln: Signer(gln, ec.derive_private_key(n + 10, ec.SECP256R1())) for n, gln in enumerate(self.names.values())
        }
        self.now = float(NOW)
        made = door()
        gate = Gate(
            "op/prequal", database, made.keys, made.parties, Limits(bytes=400_000, a_minute=40), lambda: self.now
        )
        self.desk = Desk(made, gate, database, decided_within=5)
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(application(self.desk)), base_url="http://door")
        self.consumer: Any = types.SimpleNamespace(engine=engine)
        self.records: list[Record] = []
        self._offsets = itertools.count()
        self.published: list[Any] = []

    async def happens(self, topic: str, event: Event) -> None:
        """A foreign event arrives."""
        n = next(self._offsets)
        head = {
            "specversion": "1.0",
            "id": f"e-{n}",
            "source": "/services/x",
            "type": event.type,
            "subject": event.subject,
        }
        await self._take(topic, n, head | {"time": AT.isoformat()}, event)

    async def sends(self, party: str, role: str, subject: str, command: Command) -> v1.Receipt:
        """A command of a party is decided; its receipt."""
        n = next(self._offsets)
        head = {
            "specversion": "1.0", "id": f"c-{n}", "source": f"/parties/{party}", "type": command.type,
            "subject": subject, "time": AT.isoformat(), "sender": party, "senderrole": role,
            "receivedat": AT.isoformat(),
            "ingressposition": f"ingress.{party}.v1/0/{n}/0",
        }  # fmt: skip
        await self._take("commands.prequal.v1", n, head, command)
        return v1.Receipt.model_validate(json.loads(self.published[-1].body)["data"])

    async def _take(self, topic: str, n: int, head: dict[str, Any], data: Any) -> None:
        record = Record(topic, 0, n, int(AT.timestamp() * 1000), envelope.join(head, data.model_dump_json().encode()))
        self.records.append(record)
        await self.engine.take([record])

    def url(self, n: int) -> str:
        return f"/documents/{self.world.id(n)}"

    def proof(self, party: str, method: str, path: str, body: bytes = b"", **claims: Any) -> dict[str, str]:
        said: dict[str, Any] = {
            "audience": "op/prequal",
            "sha256": hashlib.sha256(body).hexdigest(),
            "now": int(self.now),
        }
        written = self.signers[party].proof(method=method, path=path, **(said | claims))
        return {"authorization": f"Bearer {written}"}

    async def asks(self, party: str, method: str, path: str, body: bytes = b"", **headers: str) -> httpx.Response:
        signed = self.proof(party, method, path, body)
        return await self.http.request(method, path, content=body or None, headers=signed | headers)

    async def puts(self, party: str, n: int, body: bytes = PDF, **headers: str) -> httpx.Response:
        return await self.asks(party, "PUT", self.url(n), body, **headers)

    async def refers(self, party: str, role: str, n: int, on: str, body: bytes = PDF, **over: Any) -> v1.Receipt:
        command = v1.ReferDocument(on=on, sha256=hashlib.sha256(body).hexdigest(), **over)
        return await self.sends(party, role, self.world.id(n), command)

    async def rows(self, statement: str) -> list[Any]:
        async with self.database.connect() as connection:
            return list((await connection.execute(text(statement))).all())


@pytest.fixture
async def house(world: Any, new_database: Any) -> AsyncIterator[House]:
    """BSP A has applied for a group that DSO 1 is asked about; DSO 2 is not."""
    database = chassis_store.connect(await new_database())
    await migrate.migrate(database, [SERVICE], "prequal")
    engine = Engine(SERVICE, database, "test")
    await engine.claim()
    house = House(world, database, engine)
    engine.publish = house.published.extend
    opened = gateway.RegisterOpened(operator=world.TSO, operator_name="Op", policies=tuple(policies.DEFAULTS))
    await house.happens("commands.prequal.v1", opened)
    roles = {"BSP": "bsp", "BSP_B": "bsp", "TSO": "tso", "DSO": "dso", "DSO_2": "dso"}
    for name, gln in house.names.items():
        await house.happens("events.registry.v1", registry.PartyOnboarded(party=gln, name=name, roles=(roles[name],)))
        key = house.signers[gln].public
        await house.happens(
            "events.registry.v1", registry.PartyKeyRegistered(party=gln, key_id=key.thumbprint, key=key)
        )
    await house.happens("events.registry.v1", world.area(world.AREA_1, world.DSO_1))
    group = world.id(1)
    formed = registry.GroupFormed(
        group_id=group, bsp=world.BSP_A, name="G", zone="NO3", brp_consumption=world.TSO, brp_production=world.TSO
    )
    await house.happens("events.registry.v1", formed)
    await house.happens("events.registry.v1", world.joined(group, 1, up_w=2_000_000))
    bsp, tso = world.BSP_A, world.TSO
    apply = v1.ApplyForQualification(contact_email="a@b.example", contract_reference="K", facts=FACTS)
    await house.sends(bsp, "bsp", world.id(3), apply)
    await house.sends(tso, "tso", world.id(3), v1.ConfirmQualification())
    await house.sends(tso, "tso", world.id(3), v1.StartCommunicationTest())
    nonce = next(
        json.loads(one.body)["data"]["nonce"]
        for one in house.published
        if json.loads(one.body)["type"] == v1.CommunicationTestStarted.type
    )
    await house.sends(bsp, "bsp", world.id(3), v1.AnswerCommunicationTest(nonce=nonce))
    await house.sends(tso, "tso", world.id(3), v1.DecideQualification(decision="qualified", reasons="Ok"))
    command = v1.ApplyForPrequalification(group_id=group, up_w=1_000_000, down_w=0, ramp_w_per_minute=1)
    assert (await house.sends(bsp, "bsp", world.id(2), command)).status == "accepted"

    async def decide() -> None:
        while True:
            await papers.give_wishes(house.consumer, database, door().stands, sandbox=False)
            await asyncio.sleep(0.01)

    deciding = asyncio.create_task(decide())
    yield house
    deciding.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await deciding
    await house.http.aclose()
    await database.dispose()


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["x-content-type-options"] == "nosniff"
    said = answer.json()
    assert said["text_nb"] != said["text_en"]
    return answer.status_code, said["code"]


# Bringing in and reading


async def test_a_document_comes_in_once_and_who_is_entitled_reads_it(house: House) -> None:
    bsp, tso, dso = house.world.BSP_A, house.world.TSO, house.world.DSO_1
    answer = await house.puts(bsp, 5, **{"file-name": "../../etc/Ola%20Nordmann.pdf.exe"})
    assert answer.status_code == 201
    assert answer.json()["sha256"] == hashlib.sha256(PDF).hexdigest()
    again = await house.puts(bsp, 5)
    assert (again.status_code, again.json()) == (201, answer.json())

    got = await house.asks(bsp, "GET", house.url(5))
    assert (got.content, got.headers["content-type"]) == (PDF, "application/pdf")
    assert got.headers["content-disposition"] == "attachment; filename*=UTF-8''Ola%20Nordmann_pdf.pdf"
    assert got.headers["x-content-type-options"] == "nosniff"
    head = await house.asks(bsp, "HEAD", house.url(5))
    assert (head.content, head.headers["content-length"]) == (b"", str(len(PDF)))

    # Nobody else, before it is evidence.
    for party in (tso, dso, house.world.BSP_B):
        assert code(await house.asks(party, "GET", house.url(5))) == (404, "DOCUMENT_NOT_FOUND")
    assert (await house.refers(bsp, "bsp", 5, house.world.id(2))).status == "accepted"
    assert (await house.asks(tso, "GET", house.url(5))).content == PDF
    assert code(await house.asks(dso, "GET", house.url(5))) == (404, "DOCUMENT_NOT_FOUND")
    assert (await house.refers(bsp, "bsp", 5, house.world.id(2), visible_to_dsos=True)).status == "accepted"
    assert (await house.asks(dso, "GET", house.url(5))).content == PDF
    # Who is not asked in the case, or is another BSP, sees nothing of it still.
    for party in (house.world.DSO_2, house.world.BSP_B):
        assert code(await house.asks(party, "GET", house.url(5))) == (404, "DOCUMENT_NOT_FOUND")


@pytest.mark.rule("DOCUMENT_ID_REUSED")
async def test_an_id_is_one_documents(house: House) -> None:
    bsp = house.world.BSP_A
    assert (await house.puts(bsp, 5)).status_code == 201
    assert code(await house.puts(bsp, 5, CSV)) == (409, "DOCUMENT_ID_REUSED")
    assert code(await house.puts(house.world.BSP_B, 5)) == (409, "DOCUMENT_ID_REUSED")
    # An application has this id: that is decided, and the bytes do not stay.
    assert code(await house.puts(bsp, 2)) == (409, "DOCUMENT_ID_REUSED")
    assert [row.count for row in await house.rows("SELECT count(*) AS count FROM private.paper")] == [1]


@pytest.mark.rule("DOCUMENT_NOT_FOUND")
@pytest.mark.rule("DOCUMENT_IN_USE")
async def test_a_document_is_taken_back_until_it_is_evidence(house: House) -> None:
    bsp = house.world.BSP_A
    await house.puts(bsp, 5)
    assert code(await house.asks(house.world.BSP_B, "DELETE", house.url(5))) == (404, "DOCUMENT_NOT_FOUND")
    assert (await house.asks(bsp, "DELETE", house.url(5))).status_code == 204
    assert (await house.asks(bsp, "DELETE", house.url(5))).status_code == 204
    assert code(await house.asks(bsp, "GET", house.url(5))) == (404, "DOCUMENT_NOT_FOUND")
    assert await house.rows("SELECT 1 FROM private.paper_part") == []
    assert code(await house.puts(bsp, 5)) == (409, "DOCUMENT_ID_REUSED")
    assert (await house.refers(bsp, "bsp", 5, house.world.id(2))).reasons[0].code == "DOCUMENT_UNKNOWN"

    await house.puts(bsp, 6)
    await house.refers(bsp, "bsp", 6, house.world.id(2))
    assert code(await house.asks(bsp, "DELETE", house.url(6))) == (409, "DOCUMENT_IN_USE")
    assert (await house.asks(bsp, "GET", house.url(6))).content == PDF


async def test_what_is_stored_equals_the_log_and_no_byte_of_a_document_is_in_it(house: House) -> None:
    bsp = house.world.BSP_A
    large = b"secret;" * 50_000
    await house.puts(bsp, 5, large, **{"file-name": "kunde-hansen.csv"})
    await house.puts(bsp, 6, CSV)
    await house.puts(bsp, 7)
    await house.asks(bsp, "DELETE", house.url(6))
    await house.refers(bsp, "bsp", 5, house.world.id(2), large)
    assert (await house.asks(bsp, "GET", house.url(5))).content == large

    rebuilt = rebuild.Rebuilt.empty(SERVICE)
    for record in house.records:
        await rebuilt.fold(record.topic, 0, record.value)
    for row in house.published:
        await rebuilt.fold(row.topic, 0, row.body)
        assert not any(part in row.body for part in (b"secret", b"hansen", b"%PDF", b"kW"))
    assert len(await house.rows("SELECT 1 FROM engine.inbox WHERE topic = 'internal'")) == 4
    for row in await house.rows("SELECT body FROM engine.inbox WHERE body IS NOT NULL"):
        assert b"hansen" not in row.body
    async with house.database.connect() as connection:
        stored = await rebuild.stored_hashes(connection, SERVICE)
    again = rebuilt.hashes()
    assert {name: again.get(name, rebuild._hash([])) for name in stored} == stored
    assert papers.TABLE in again

    # A byte that changed in the store shows.
    async with house.database.begin() as connection:
        await connection.execute(text("UPDATE private.paper_part SET bytes = set_byte(bytes, 0, 1) WHERE number = 1"))
        assert (await rebuild.stored_hashes(connection, SERVICE))[papers.TABLE] != again[papers.TABLE]


async def test_the_inbox_run_again_without_any_document_decides_the_same(house: House, new_database: Any) -> None:
    bsp, other = house.world.BSP_A, chassis_store.connect(await new_database())
    await house.puts(bsp, 5)
    await house.refers(bsp, "bsp", 5, house.world.id(2), visible_to_dsos=True)
    await house.puts(bsp, 2)
    await house.puts(bsp, 6)
    await house.asks(bsp, "DELETE", house.url(6))
    came = {(record.topic, record.off): record for record in house.records}
    rows = await house.rows("SELECT topic, off, body FROM engine.inbox ORDER BY position")
    again = [
        Record(row.topic, 0, 0, json.loads(row.body)["stamp"], bytes(row.body))
        if row.body
        else came[row.topic, row.off]
        for row in rows
    ]
    await migrate.migrate(other, [SERVICE], "prequal")
    engine = Engine(SERVICE, other, "again")
    await engine.claim()
    await engine.take(again)
    compared = await rerun.compare(SERVICE, house.database, other)
    await other.dispose()
    assert (compared.inputs, compared.difference) == (len(rows), "")
    assert len([row for row in rows if row.body]) == 4


async def test_a_wish_that_was_written_before_a_crash_is_decided_once_after_it(house: House) -> None:
    paper = papers.Paper(house.world.id(8), house.world.BSP_A, "0" * 64, 1, "text/csv")
    given = [papers.record(paper, papers.RECEIVED, stamp=1), papers.record(paper, papers.RECEIVED, stamp=2)]
    await house.engine.take(given)
    assert [row.type for row in house.published].count(v1.DocumentReceived.type) == 1


async def test_the_command_lines_client_and_a_real_server_understand_each_other(house: House) -> None:
    bsp = house.world.BSP_A
    content = b"a;b\n" + bytes(range(32, 127)) * 3000
    async with listening(application(house.desk), port=0, **_SERVER) as port:
        doorway = Doorway("prequal", f"http://127.0.0.1:{port}", "op/prequal", house.signers[bsp])
        monkey = types.SimpleNamespace(time=lambda: house.now, monotonic=time.monotonic)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(doorways, "time", monkey)
            said = await doorway.put(house.world.id(5), content, name="Måling 1.csv")
            assert (said["sha256"], said["media_type"]) == (hashlib.sha256(content).hexdigest(), "text/csv")
            assert await doorway.get(house.world.id(5)) == content
            with pytest.raises(doorways.TurnedAway, match="no document"):
                await doorway.get(house.world.id(6))
            await doorway.discard(house.world.id(5))
            with pytest.raises(doorways.TurnedAway):
                await doorway.put(house.world.id(7), b"x" * 500_000)
    assert await house.rows("SELECT 1 FROM private.paper_part") == []


# What is taken


def png(width: int = 2, height: int = 2) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"x")) + chunk(b"IEND", b"")


@pytest.mark.rule("DOCUMENT_OF_OTHER_TYPE")
async def test_what_it_is_is_seen_in_its_bytes(house: House) -> None:
    taken = await house.puts(house.world.BSP_A, 5, png(), **{"content-type": "text/html", "file-name": "x.html"})
    assert taken.json()["media_type"] == "image/png"
    got = await house.asks(house.world.BSP_A, "GET", house.url(5))
    assert got.headers["content-disposition"].endswith("x.png")
    wrong = await house.puts(house.world.BSP_A, 6, b"<html><script>", **{"content-type": "application/pdf"})
    assert code(wrong) == (415, "DOCUMENT_OF_OTHER_TYPE")


@pytest.mark.rule("DOCUMENT_TOO_LARGE")
@pytest.mark.rule("LENGTH_REQUIRED")
@pytest.mark.rule("DOCUMENT_NOT_AS_SIGNED")
async def test_size_is_said_counted_and_limited(house: House) -> None:
    bsp, large = house.world.BSP_A, b"a;b\n" * 100_001
    refused = await house.puts(bsp, 5, large)
    assert code(refused) == (413, "DOCUMENT_TOO_LARGE")
    assert (refused.json()["limit"], refused.json()["actual"]) == (400_000, len(large))
    # It says less than it sends: what comes is counted, too.
    lied = house.proof(bsp, "PUT", house.url(5), large) | {"content-length": "10"}

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 10_000):
            yield large[start : start + 10_000]

    answer = await house.http.put(house.url(5), content=pieces(), headers=lied)
    assert code(answer) == (413, "DOCUMENT_TOO_LARGE")
    signed = house.proof(bsp, "PUT", house.url(5), PDF)
    assert code(await house.http.put(house.url(5), content=pieces(), headers=signed)) == (411, "LENGTH_REQUIRED")
    other = await house.http.put(house.url(5), content=CSV, headers=house.proof(bsp, "PUT", house.url(5), PDF))
    assert code(other) == (400, "DOCUMENT_NOT_AS_SIGNED")
    assert await house.rows("SELECT 1 FROM private.paper") == []


async def test_who_sends_too_much_reads_why_on_a_real_connection(house: House) -> None:
    bsp = house.world.BSP_A
    large = b"a;b\n" * 450_000
    async with listening(application(house.desk), port=0, **_SERVER) as port:
        at = Doorway("prequal", f"http://127.0.0.1:{port}", "op/prequal", house.signers[bsp])
        house.desk.gate.now = time.time
        with pytest.raises(doorways.TurnedAway, match=r"1800000 bytes.* 400000"):
            await at.put(house.world.id(5), large)
        with pytest.raises(doorways.TurnedAway):
            await at.put(house.world.id(5), large * 10)
    assert await house.rows("SELECT 1 FROM private.paper") == []


@pytest.mark.rule("DOCUMENT_TOO_SLOW")
@pytest.mark.rule("NO_SUCH_PLACE")
@pytest.mark.rule("METHOD_NOT_TAKEN")
async def test_what_the_door_does_not_have_is_refused_in_its_own_words(house: House) -> None:
    """And a slash too many leads nowhere else: the proof would not hold there."""
    one = "/documents/01930000-0000-7000-8000-000000000001"
    for path in ("/nothing", f"{one}/"):
        answer = await house.http.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "NO_SUCH_PLACE")
    answer = await house.http.post(one)
    said = answer.json()
    assert (answer.status_code, said["code"], said["actual"]) == (405, "METHOD_NOT_TAKEN", "POST")
    assert answer.headers["allow"] == said["limit"] == "DELETE, GET, HEAD, PUT"
    assert (await house.http.request("OLA", one)).json()["actual"] == "", "what is no method is not said again"


@pytest.mark.rule("TOO_MANY_REQUESTS")
async def test_who_is_slow_is_sent_away_and_takes_only_his_own_room(house: House) -> None:
    bsp = house.world.BSP_A
    house.desk.gate.limits = Limits(idle_seconds=0.3, at_once_of_party=1)
    begun, never = asyncio.Event(), asyncio.Event()

    async def stuck() -> AsyncIterator[bytes]:
        yield PDF[:5]
        begun.set()
        await never.wait()

    headers = house.proof(bsp, "PUT", house.url(5), PDF) | {"content-length": str(len(PDF))}
    slow = asyncio.create_task(house.http.put(house.url(5), content=stuck(), headers=headers))
    await begun.wait()
    assert code(await house.puts(bsp, 6)) == (429, "TOO_MANY_REQUESTS")
    assert (await house.puts(house.world.BSP_B, 7)).status_code == 201
    assert code(await slow) == (408, "DOCUMENT_TOO_SLOW")
    assert (await house.puts(bsp, 6)).status_code == 201


def test_the_door_is_closed_where_no_port_is_given_and_on_loopback_where_no_host_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    safe: dict[str, Any] = {"kafka_bootstrap": "b:9092", "database_url": "postgresql+asyncpg://u@h/d", "port": 0}
    assert Settings(**safe).door_port is None
    monkeypatch.setenv("PREQUAL_DOOR_PORT", "20009")
    assert (Settings(**safe).door_port, Settings(**safe).door_host) == (20_009, "127.0.0.1")


# Who gets in


@pytest.mark.rule("PROOF_MISSING")
@pytest.mark.rule("PROOF_USED")
async def test_every_request_is_signed_and_its_proof_is_used_once(house: House) -> None:
    await house.puts(house.world.BSP_A, 5)
    assert code(await house.http.get(house.url(5))) == (401, "PROOF_MISSING")
    signed = house.proof(house.world.BSP_A, "GET", house.url(5))
    assert (await house.http.get(house.url(5), headers=signed)).status_code == 200
    assert code(await house.http.get(house.url(5), headers=signed)) == (401, "PROOF_USED")


@pytest.mark.rule("PROOF_EXPIRED")
@pytest.mark.parametrize("seconds", [-121, -120, 31])
async def test_a_proof_holds_for_two_minutes(house: House, seconds: int) -> None:
    await house.puts(house.world.BSP_A, 5)
    signed = house.proof(house.world.BSP_A, "GET", house.url(5), now=NOW + seconds)
    assert code(await house.http.get(house.url(5), headers=signed)) == (401, "PROOF_EXPIRED")


@pytest.mark.rule("PROOF_INVALID")
async def test_a_proof_is_of_one_request_at_one_door(house: House) -> None:
    bsp, url = house.world.BSP_A, house.url(5)
    await house.puts(bsp, 5)
    for signed, asked in (
        (house.proof(bsp, "GET", url, audience="op/bsp-switch"), url),
        (house.proof(bsp, "DELETE", url), url),
        (house.proof(bsp, "GET", house.url(6)), url),
        (house.proof(bsp, "GET", url), f"{url}?x=1"),
    ):
        assert code(await house.http.get(asked, headers=signed)) == (401, "PROOF_INVALID")


@pytest.mark.rule("SIGNER_UNKNOWN")
async def test_only_the_partys_own_key_counts_and_only_while_it_does(house: House) -> None:
    bsp, other, url = house.world.BSP_A, house.world.BSP_B, house.url(5)
    await house.puts(bsp, 5)

    async def asked(signer: Signer) -> tuple[int, str]:
        signed = signer.proof(audience="op/prequal", method="GET", path=url, now=int(house.now))
        return code(await house.http.get(url, headers={"authorization": f"Bearer {signed}"}))

    assert await asked(Signer(bsp, ec.derive_private_key(99, ec.SECP256R1()))) == (401, "SIGNER_UNKNOWN")
    assert await asked(Signer(bsp, house.signers[other].private)) == (401, "SIGNER_UNKNOWN")
    # Another's key id over one's own signature.
    private = house.signers[other].private
    claims = {
        "iss": bsp, "aud": "op/prequal", "htm": "GET", "htu": url, "sha256": proof.NOTHING,
        "iat": NOW, "exp": NOW + 60, "jti": "0123456789abcdef",
    }  # fmt: skip
    header = {"alg": "ES256", "kid": house.signers[bsp].public.thumbprint}
    forged = Signer(bsp, private).sign(header, claims)
    answer = await house.http.get(url, headers={"authorization": f"Bearer {forged}"})
    assert code(answer) == (401, "PROOF_INVALID")

    key = house.signers[bsp].public.thumbprint
    await house.happens("events.registry.v1", registry.PartyKeyRevoked(party=bsp, key_id=key))
    assert await asked(house.signers[bsp]) == (401, "SIGNER_UNKNOWN")
    suspended = registry.PartyStatusChanged(party=other, before="active", after="suspended", reason="R", roles=("bsp",))
    await house.happens("events.registry.v1", suspended)
    assert await asked(house.signers[other]) == (401, "SIGNER_UNKNOWN")


async def test_a_party_has_its_rate_and_a_stranger_cannot_use_it_up(house: House) -> None:
    bsp, url = house.world.BSP_A, house.url(5)
    stranger = Signer(bsp, ec.derive_private_key(99, ec.SECP256R1()))
    for _ in range(50):
        signed = stranger.proof(audience="op/prequal", method="GET", path=url, now=NOW)
        await house.http.get(url, headers={"authorization": f"Bearer {signed}"})
    answers = [code(await house.asks(bsp, "GET", url)) for _ in range(41)]
    assert set(answers[:40]) == {(404, "DOCUMENT_NOT_FOUND")}
    assert answers[40] == (429, "TOO_MANY_REQUESTS")
    house.now += 60
    assert code(await house.asks(bsp, "GET", url)) == (404, "DOCUMENT_NOT_FOUND")


@pytest.mark.rule("NOT_DECIDED_YET")
async def test_what_is_not_decided_in_time_says_so(house: House) -> None:
    # Another input holds the id: the document waits behind it.
    house.engine.held.add(("", house.world.id(5)))
    house.desk.decided_within = 0.1
    answer = await house.puts(house.world.BSP_A, 5)
    assert (answer.status_code, answer.json()["notice"]["code"]) == (202, "NOT_DECIDED_YET")
    assert code(await house.asks(house.world.BSP_A, "DELETE", house.url(5))) == (503, "NOT_DECIDED_YET")


@pytest.mark.parametrize("path", ["/documents/../status", "/documents/%2e%2e%2fx", "/documents/X", "/documents/"])
async def test_a_path_is_an_id_and_nothing_else(house: House, path: str) -> None:
    answer = await house.asks(house.world.BSP_A, "GET", path)
    assert answer.status_code in {401, 404}
