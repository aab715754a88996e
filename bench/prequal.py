"""prequal, filled: a zone's queue served after its cap is raised, a limit where 2,000 groups lie, a million deadlines.

One process on real servers. Its store is loaded with what its own handlers make of some groups (of the 2,000, of one,
written again with other ids); commands are put on its topic as the gateway does, and time passes as the gateway says.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic_core import from_json

from bench import loaded, material, zones
from bench.figures import percentile
from bench.ground import Cpu, Ground
from chassis import kafka
from chassis.service import Kind
from chassis.work import STREAM, Document, Key
from contracts import envelope as envelopes
from contracts import topics, values
from contracts.gateway.v1 import TimePassed
from contracts.message import Command
from contracts.prequal import v1
from flexreg.story import cast as who
from prequal import store as prequal
from prequal.app import SERVICE
from prequal.domain import known, restriction
from prequal.domain.limits import Limit

NAME = "prequal"
MEMBERS = 100
PLACES = 20
PATIENCE = 300.0
AT = zones.START + timedelta(days=1)
"""When everything here is received."""
TICK = 2.0
"""As often time passes, in seconds, as in a register."""


async def measure(ground: Ground) -> None:
    """The three."""
    await _zone(ground)
    await _limit(ground)
    await _deadlines(ground)


# A zone


async def _zone(ground: Ground) -> None:
    small = ground.options.quick
    groups, waiting = (20, 10) if small else (400, 200)
    made = zones.Material(groups=groups, waiting=waiting, members=MEMBERS)
    async with _prequal(ground, made.scenario.documents) as one:
        began = time.perf_counter()
        cap = made.cap(groups + waiting)
        command = one.command(cap, zones.ZONE.value, by=who.TSO)
        await one.say(command)
        found = await one.until(lambda: one.count("volume-reserved") >= waiting and one.answered(command))
        took = [(at - began) * 1000 for type_, _, at in found if type_ == "volume-reserved"]
    what = f"a zone of {groups}, {waiting} queued served after one cap raise"
    ground.sheet.add(NAME, what, max(took), "ms", better="less")


# A limit


async def _limit(ground: Ground) -> None:
    groups = ground.options.pick(2_000, 40)
    for what, most in (("a limit where one group lies", 1), (f"a limit where {groups:,} groups lie", groups)):
        async with _prequal(ground, _below_one_substation(most)) as one:
            cpu = Cpu({**ground.pids, "prequal": one.pid})
            limit = v1.SetTemporaryLimit(
                scope="substation",
                substation=who.story_id("bench-top"),
                up_w=500_000,
                valid_from=AT + timedelta(hours=1),
                valid_to=AT + timedelta(hours=5),
                reason_code="line",
            )
            async with one.others() as behind:
                began = time.perf_counter()
                await one.say(one.command(limit, who.story_id("bench-limit"), by=who.DSO_1))
                found = await one.until(lambda most=most: one.groups("biddable-changed") >= most)
                await asyncio.sleep(0.2)
            took = [(at - began) * 1000 for type_, _, at in found if type_ == "biddable-changed"]
            ground.sheet.note(f"{what}: {cpu.said(most)}")
        for share in (0.5, 0.99):
            ground.sheet.add(NAME, f"{what}: told, p{share * 100:.0f}", percentile(took, share), "ms", better="less")
        ground.sheet.add(NAME, f"{what}: other commands meanwhile, p99", percentile(behind, 0.99), "ms", better="less")


def _below_one_substation(groups: int) -> dict[Key, Document]:
    """So many groups, each with members at twenty substations that one feeds; all but the first are copies of it."""
    made = zones.Material(groups=1, waiting=0, members=MEMBERS, places=PLACES)
    documents = made.scenario.documents
    group, application = zones.uuid(10_000), zones.uuid(20_000)
    copied = [
        (key, kind, kind.adapter.dump_json(document.state).decode(), document.version)
        for key, document in documents.items()
        if (kind := SERVICE.kind.get(key[0])) and key[1] in {group, application} and document.state is not None
    ]
    ids = [group]
    for n in range(1, groups):
        new = {group: zones.uuid(100_000 + n), application: zones.uuid(900_000 + n)}
        ids.append(new[group])
        for (name, id_), kind, text, version in copied:
            for former, now in new.items():
                text = text.replace(former, now)  # noqa: PLW2901
            documents[name, new[id_]] = Document(kind.adapter.validate_json(text), version)
    documents |= {
        (prequal.GROUPS_WITH.name, f"substation|{place}"): Document(known.Ids(tuple(ids)), 0) for place in made.places
    }
    for key, document in documents.items():
        if key[0] == prequal.LOCATION.name:
            steps = tuple(one._replace(power=_times(one.power, groups)) for one in document.state.slices)
            documents[key] = Document(type(document.state)(steps), document.version)
    return documents


def _times(power: Any, count: int) -> Any:
    return type(power)(power.up_w * count, power.down_w * count)


# Deadlines


async def _deadlines(ground: Ground) -> None:
    count = ground.options.pick(1_000_000, 10_000)
    due = min(10_000, count // 10)
    small, large = await _ticking(ground, due, due), await _ticking(ground, count, due)
    of = f"of {due:,}"
    ground.sheet.add(
        NAME, f"a tick, nothing due, of {count:,} deadlines", large[0], "ms of processor", limit=small[0], against=of,
        better="less",
    )  # fmt: skip
    ground.sheet.add(
        NAME, f"a deadline that is due, of {count:,}", large[1], "ms of processor", limit=small[1], against=of,
        better="less",
    )  # fmt: skip
    ground.sheet.add(NAME, f"deadlines decided, of {count:,}", large[2], "/s", limit=small[2], against=of)


async def _ticking(ground: Ground, count: int, due: int) -> tuple[float, float, float]:
    """What a tick costs (prequal and the database, ms) with nothing due, and each of `due`; how many a second."""
    made = zones.Material(groups=0, waiting=0, members=1)
    soon, never = AT + timedelta(days=1), AT + timedelta(days=3_000)
    documents = made.scenario.documents
    for n in range(due):
        limit = Limit("temporary-limit", "substation", "x", who.DSO_1.gln, "line", 0, None, AT, soon)
        state = restriction.Restriction("substation", zones.uuid(5), limit, "", told=(who.DSO_1.gln,))
        documents[prequal.RESTRICTION.name, zones.uuid(200_000 + n)] = Document(state, 1)
    rows = [("restriction", zones.uuid(1_000_000 + n), prequal.RESTRICTION_END, never) for n in range(count - due)]
    async with _prequal(ground, documents, deadlines=rows) as one:
        pids = {"prequal": one.pid, **{name: pid for name, pid in ground.pids.items() if name == "postgres"}}
        await one.tick(AT)
        ticks = 20
        cpu = Cpu(pids)
        began = time.monotonic()
        for n in range(1, ticks + 1):
            await one.tick(AT + timedelta(seconds=n))
        idle = sum(cpu.shares().values()) * (time.monotonic() - began) * 1000 / ticks
        cpu = Cpu(pids)
        began = time.monotonic()
        await one.tick(soon)
        await one.until(lambda: one.count("temporary-limit-ended") >= due)
        seconds = time.monotonic() - began
        return idle, sum(cpu.shares().values()) * seconds * 1000 / due, due / seconds


# The process


@dataclass(kw_only=True)
class Alone:
    """prequal alone: what is said to it, and what it says."""

    bootstrap: str
    commands: str
    producer: Any
    pid: int
    heard: list[tuple[str, str, float]] = field(default_factory=list)
    """Type (its short name), subject, and when."""
    receipts: dict[str, float] = field(default_factory=dict)
    said: int = 0
    passed: datetime = AT

    def command(self, command: Command, subject: str, *, by: who.Party) -> bytes:
        """As the gateway forwards it."""
        wish = {"type": command.type, "subject": subject, "data": from_json(command.model_dump_json(exclude_none=True))}
        self.said += 1
        return material.forwarded([wish], by=by, start=self.said, at=AT)[0]

    async def say(self, body: bytes) -> None:
        await self.producer.send_and_wait(self.commands, body)

    async def tick(self, until: datetime) -> None:
        """Time passes, and a command behind it is answered: all that fell due has been decided."""
        self.said += 1
        event = TimePassed(until=until)
        attributes = {
            "specversion": envelopes.SPECVERSION,
            "id": envelopes.new_id(until, "bench", self.said),
            "source": envelopes.service_source("gateway"),
            "type": event.type,
            "subject": event.subject,
            "time": values.time_text(until),
            "correlationid": envelopes.new_id(until, "bench", self.said),
        }
        await self.say(envelopes.join(attributes, event.model_dump_json().encode()))
        behind = self.command(v1.WithdrawApplication(), zones.uuid(7_000_000 + self.said), by=who.BSP_A)
        await self.say(behind)
        await self.until(lambda: self.answered(behind))

    @contextlib.asynccontextmanager
    async def others(self) -> AsyncGenerator[list[float]]:
        """Meanwhile others send a command every 50 ms; how long each waited for its answer, ms, at the end."""
        sent: dict[str, float] = {}
        took: list[float] = []

        async def go_on() -> None:
            ticked = time.perf_counter()
            while True:
                body = self.command(v1.WithdrawApplication(), zones.uuid(7_000_000 + self.said), by=who.BSP_A)
                sent[from_json(body)["id"]] = time.perf_counter()
                await self.say(body)
                if time.perf_counter() - ticked > TICK:
                    ticked = time.perf_counter()
                    self.passed += timedelta(seconds=TICK)
                    event = TimePassed(until=self.passed)
                    await self.say(next(material.published([event], source="/services/gateway", start=self.said)))
                await asyncio.sleep(0.05)

        going = asyncio.create_task(go_on())
        try:
            yield took
        finally:
            going.cancel()
            await asyncio.gather(going, return_exceptions=True)
            with contextlib.suppress(TimeoutError):
                await self.until(lambda: sent.keys() <= self.receipts.keys())
            took += [(self.receipts[id_] - at) * 1000 for id_, at in sent.items() if id_ in self.receipts]

    def count(self, type_: str) -> int:
        return sum(heard == type_ for heard, _, _ in self.heard)

    def groups(self, type_: str) -> int:
        return len({subject for heard, subject, _ in self.heard if heard == type_})

    def answered(self, body: bytes) -> bool:
        return from_json(body)["id"] in self.receipts

    async def until(self, true: Callable[[], bool]) -> list[tuple[str, str, float]]:
        async with asyncio.timeout(PATIENCE):
            while not true():
                await asyncio.sleep(0.005)
        return self.heard


@contextlib.asynccontextmanager
async def _prequal(
    ground: Ground, documents: Mapping[Key, Document], *, deadlines: Iterable[tuple[Any, ...]] = ()
) -> AsyncGenerator[Alone]:
    namespace = await ground.namespace()
    async with ground.database([SERVICE], package="prequal") as engine:
        async with ground.connection(engine) as connection:
            await loaded.load(connection, loaded.rows(SERVICE, documents), [*deadlines, *_due(documents)])
        url = engine.url.render_as_string(hide_password=False)
        events = topics.full_name(namespace, topics.events("prequal"))
        async with (
            ground.process("prequal", namespace=namespace, url=url) as process,
            kafka.producing(ground.bootstrap, client="bench") as producer,
            kafka.reading(ground.bootstrap, events, start=False) as consumer,
        ):
            one = Alone(
                bootstrap=ground.bootstrap,
                commands=topics.full_name(namespace, topics.commands("prequal")),
                producer=producer,
                pid=process.child.pid or 0,
            )
            listening = asyncio.create_task(_listen(consumer, one))
            try:
                # The first inputs of a process find nothing ready.
                for _ in range(20):
                    await one.tick(AT)
                yield one
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)


async def _listen(consumer: Any, one: Alone) -> None:
    while True:
        for records in (await consumer.getmany(timeout_ms=1000, max_records=2000)).values():
            now = time.perf_counter()
            for record in records:
                if material.is_receipt(record.value):
                    one.receipts[from_json(record.value)["data"]["command_id"]] = now
                    continue
                head = record.value[:2000].decode(errors="ignore")
                type_ = head.split('"type":"no.flexregister.prequal.', 1)[-1].split(".v1", 1)[0]
                subject = head.split('"subject":"', 1)[-1].split('"', 1)[0]
                one.heard.append((type_, subject, now))


def _due(documents: Mapping[Key, Document]) -> Iterable[tuple[Any, ...]]:
    for (name, id_), document in documents.items():
        kind: Kind[Any] = SERVICE.kind.get(name, STREAM)
        if kind.deadlines is not None and document.state is not None:
            yield from {(name, id_, one.name, one.due_at) for one in kind.deadlines(document.state)}
