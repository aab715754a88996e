"""bsp-switch, filled: a portfolio switched, a night of supplier changes, and a point with a long life.

One process on real servers. Its store is loaded with what its own handlers make of one point (that one, written again
with other ids); commands are put on its topic as the gateway does, and a midnight comes when the gateway says so.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from pydantic_core import from_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bench import commands, loaded, material
from bench.figures import percentile
from bench.ground import Cpu, Ground
from bench.participant import Participant
from bsp_switch import store
from bsp_switch.app import SERVICE
from chassis import asking
from chassis.testing import Scenario
from contracts import calendar, policies, topics
from contracts import envelope as envelopes
from contracts.bsp_switch import v1
from contracts.gateway.v1 import RegisterOpened, TimePassed
from contracts.message import Command
from contracts.registry.v1 import GridAreaDefined, PartyOnboarded
from flexreg.story import cast as who
from flexreg.story import messages

NAME = "switch"
PART = 2_000
"""The points that a command may name."""
AT_ONCE = 30_000
ENTRIES = 500
READS = 50
BEGAN = calendar.midnight(date(2026, 1, 1))
START = calendar.add_local_days(calendar.next_midnight(material.AT), 15)
"""The midnight that is switched at; within the notice of everything that is received here."""
PARTIES = (*material.PARTIES, who.BSP_B, who.BRP_2, who.SUPPLIER_2)


async def measure(ground: Ground) -> None:
    """The three."""
    # Facts of the same size as those of supply; the echo reads no others.
    said = messages.metering_points(material.points(ground.options.pick(AT_ONCE, 600)))
    bodies = material.forwarded(said, by=who.DATAHUB)
    for _ in range(ground.options.repeat):
        limit = await commands.echo(
            ground, "faststream", "bare FastStream echo, one by one", bodies, paced=min(len(bodies), 600), bench=NAME
        )
        await _portfolio(ground, limit)
        await _night(ground, limit)
        await _life(ground, limit)


# A portfolio


async def _portfolio(ground: Ground, limit: commands.Limit) -> None:
    """Announced in parts, cancelled whole, announced again, moved whole, effective."""
    count = min(ground.options.pick(10_000, 400), 10_000)
    points = material.points(count)
    first, second = who.story_id("bench-switch", 1), who.story_id("bench-switch", 2)
    async with _alone(ground, points) as one:

        async def announced(switch_id: str) -> None:
            cpu = Cpu({**ground.pids, "bsp-switch": one.pid})
            took = [await one.flood([body]) for body in one.sent(_asked(points, switch_id), by=who.BSP_B)]
            ground.sheet.note(f"{count:,} points announced: {cpu.said(count)}; longest part {max(took):.2f} s")
            what = f"{count:,} points announced in parts of {PART:,}"
            _said(ground, what, count / sum(took), "points/s", limit)

        async def whole(what: str, wish: Command, switch_id: str) -> None:
            [body] = one.sent([(wish, switch_id)], by=who.BSP_B)
            _said(ground, f"{count:,} points {what} in one command", count / await one.flood([body]), "points/s", limit)

        await announced(first)
        await whole("cancelled", v1.CancelSwitch(), first)
        await announced(second)
        later = calendar.add_local_days(START, 1)
        await whole("moved", v1.MoveSwitch(start=later), second)
        assert await one.held(who.BSP_B) == count, "not every point is to pass"
        took = await one.flood([one.passed(later)])
        _late(ground, f"the midnight of {count:,} points", took * 1000, limit)


def _asked(points: Sequence[who.Point], switch_id: str) -> Iterable[tuple[Command, str]]:
    for first in range(0, len(points), PART):
        some = tuple(point.id for point in points[first : first + PART])
        if first:
            yield v1.ExtendSwitch(metering_points=some), switch_id
        else:
            yield v1.RequestSwitch(metering_points=some, start=START), switch_id


# A night


async def _night(ground: Ground, limit: commands.Limit) -> None:
    """Every point gets another supplier and BRP from one midnight; every tenth another end user, too."""
    count = ground.options.pick(100_000, 1_000)
    points = material.points(count)
    tonight = calendar.next_midnight(material.AT)
    async with _alone(ground, points) as one:
        cpu = Cpu({**ground.pids, "bsp-switch": one.pid})
        seconds = 0.0
        for first in range(0, count, AT_ONCE):
            facts = (
                _fact(
                    point,
                    supplier=who.SUPPLIER_2.gln,
                    brp_consumption=who.BRP_2.gln,
                    valid_from=tonight,
                    end_user=point.end_user if number % 10 else who.story_id("bench-other", number),
                )
                for number, point in enumerate(points[first : first + AT_ONCE], first)
            )
            seconds += await one.flood(one.said(facts, by=who.DATAHUB))
        ground.sheet.note(f"{count:,} supplier changes: {cpu.said(count)}")
    _said(ground, f"{count:,} supplier changes in one night", count / seconds, "facts/s", limit)


# A long life


async def _life(ground: Ground, limit: commands.Limit) -> None:
    """One point, a supplier a day: what one fact more takes at first and at last, and reading all of it."""
    entries = min(ground.options.pick(ENTRIES, 100), ENTRIES)
    tenth = entries // 10
    [point] = material.points(1)
    async with _alone(ground, [point], held=False) as one:
        # Its log has all of its life: what is copied into a store has none.
        await one.flood(one.said([_fact(point)], by=who.DATAHUB))
        await one.flood(one.sent([(v1.ClaimControl(start=BEGAN), point.id)], by=who.BSP_A))

        def facts(first: int, last: int) -> list[bytes]:
            wishes = [
                _fact(
                    point,
                    supplier=(who.SUPPLIER_1, who.SUPPLIER_2)[number % 2].gln,
                    valid_from=calendar.add_local_days(BEGAN, 1 + number),
                )
                for number in range(first, last)
            ]
            return one.said(wishes, by=who.DATAHUB)

        # What is new to a process is slow the first time, whatever it is.
        await one.flood(facts(0, tenth))
        early = await one.each(facts(tenth, 2 * tenth))
        await one.flood(facts(2 * tenth, entries - tenth))
        late = await one.each(facts(entries - tenth, entries))
        ground.sheet.add(
            NAME, f"one fact more, of {entries} entries, p50", percentile(late, 0.5), "ms",
            limit=percentile(early, 0.5), against=f"of {2 * tenth}", better="less",
        )  # fmt: skip
        _late(ground, f"one fact more, of {2 * tenth} entries, p50", percentile(early, 0.5), limit)
        seen, bare = await _read(one.engine, point.id, least=entries)
    ground.sheet.add(
        NAME, f"history of {entries} entries, as its BSP reads it, p99", percentile(seen, 0.99), "ms",
        limit=percentile(bare, 0.99), against="its rows alone", better="less",
    )  # fmt: skip


async def _read(engine: AsyncEngine, metering_point_id: str, *, least: int) -> tuple[list[float], list[float]]:
    """The point's history as its BSP sees it, and the rows it is made of; milliseconds of each reading."""
    rows = text(
        "SELECT l.body FROM engine.change c"
        " JOIN engine.ledger l ON l.shard = c.shard AND l.position = c.ledger_position"
        " WHERE c.kind = :kind AND c.id = :id ORDER BY l.position"
    )
    seen: list[float] = []
    bare: list[float] = []
    async with engine.connect() as connection:
        for _ in range(READS):
            began = time.perf_counter()
            found = (await connection.execute(rows, {"kind": store.POINT.name, "id": metering_point_id})).all()
            bare.append((time.perf_counter() - began) * 1000)
            assert len(found) >= least, f"{len(found)} entries"
            began = time.perf_counter()
            mine = await asking.seen(connection, SERVICE, store.POINT, metering_point_id, party=who.BSP_A.gln)
            seen.append((time.perf_counter() - began) * 1000)
            assert mine, "nothing of it is seen"
    return seen, bare


# What is sent


def _fact(point: who.Point, **fields: Any) -> material.Wish:
    """What the datahub says of a point."""
    given = {
        "supplier": who.SUPPLIER_1.gln,
        "brp_consumption": who.BRP_1.gln,
        "brp_production": who.BRP_1.gln,
        "end_user": point.end_user,
        "valid_from": BEGAN,
    }
    return _wish(v1.RecordSupply.model_validate({**given, **fields}), point.id)


def _wish(command: Command, subject: str) -> material.Wish:
    return {"type": command.type, "subject": subject, "data": from_json(command.model_dump_json(exclude_none=True))}


def _said(ground: Ground, what: str, per_second: float, unit: str, limit: commands.Limit) -> None:
    ground.sheet.add(NAME, what, per_second, unit, limit=limit.per_second, against="FastStream echo")


def _late(ground: Ground, what: str, took: float, limit: commands.Limit) -> None:
    ground.sheet.add(
        NAME, what, took, "ms", limit=percentile(limit.took, 0.5), against="FastStream echo, p50", better="less"
    )


# The process


@dataclass(kw_only=True)
class Alone:
    """bsp-switch alone, with what it holds."""

    participant: Participant
    engine: AsyncEngine
    pid: int
    number: int = field(default=1_000_000)
    """Of the next message."""

    def sent(self, commands: Iterable[tuple[Command, str]], *, by: who.Party) -> list[bytes]:
        return self.said((_wish(*each) for each in commands), by=by)

    def said(self, wishes: Iterable[material.Wish], *, by: who.Party) -> list[bytes]:
        bodies = material.forwarded(wishes, by=by, start=self.number, at=material.AT)
        self.number += len(bodies)
        return bodies

    def passed(self, until: datetime) -> bytes:
        self.number += 1
        gateway = envelopes.service_source("gateway")
        return next(material.published([TimePassed(until=until)], source=gateway, start=self.number))

    async def flood(self, bodies: Sequence[bytes]) -> float:
        """Seconds until all is answered."""
        return await self.participant.flood(bodies, answers=len(bodies))

    async def each(self, bodies: Sequence[bytes]) -> list[float]:
        """One behind the answer to the other; milliseconds of each."""
        return [await self.flood([body]) * 1000 for body in bodies]

    async def held(self, bsp: who.Party) -> int:
        """How many points a BSP holds or is to hold."""
        async with self.engine.connect() as connection:
            found = await connection.execute(
                text("SELECT count(*) FROM own.holding WHERE bsp = :bsp"), {"bsp": bsp.gln}
            )
            return int(found.scalar_one())


@contextlib.asynccontextmanager
async def _alone(ground: Ground, points: Sequence[who.Point], *, held: bool = True) -> AsyncGenerator[Alone]:
    namespace = await ground.namespace()
    async with ground.database([SERVICE], package="bsp_switch") as engine:
        async with ground.connection(engine) as connection:
            await loaded.load(connection, _rows(points, held=held))
        async with (
            ground.process(
                "bsp-switch", namespace=namespace, url=engine.url.render_as_string(hide_password=False)
            ) as up,
            Participant.at(
                ground.bootstrap,
                to=topics.full_name(namespace, topics.commands("bsp-switch")),
                hears=topics.full_name(namespace, topics.events("bsp-switch")),
                counts=_answers,
            ) as participant,
        ):
            one = Alone(participant=participant, engine=engine, pid=up.child.pid or 0)
            # The first inputs of a process find nothing ready.
            await one.flood(one.sent([(v1.CancelSwitch(), who.story_id("bench-none"))] * 20, by=who.BSP_B))
            yield one


def _answers(body: bytes) -> bool:
    return material.is_receipt(body) or b".switch-took-effect.v1" in body


def _rows(points: Sequence[who.Point], *, held: bool) -> Iterable[loaded.Row]:
    """Points with consents of both BSPs, which A may hold: what the service makes of the first, and copies of that."""
    documents = _scenario(points[0], held=held).documents
    copied: list[tuple[loaded.Row, str]] = []
    ids = re.compile("|".join(_ids(points[0])))
    for row in loaded.rows(SERVICE, documents):
        if ids.search(row.id) or ids.search(row.state):
            copied.append((row, f"{row.id}\x00{row.state}"))
        yield row
    former = _ids(points[0])
    for point in points[1:]:
        now = dict(zip(former, _ids(point), strict=True))
        for row, both in copied:
            id_, _, state = ids.sub(lambda found, now=now: now[found.group()], both).partition("\x00")
            yield row._replace(id=id_, state=state)


def _ids(point: who.Point) -> tuple[str, ...]:
    """All that is a point's own: itself, who stands behind it, and the two consents."""
    return point.id, point.end_user, *(_consent(point, bsp) for bsp in (who.BSP_A, who.BSP_B))


def _consent(point: who.Point, bsp: who.Party) -> str:
    return who.story_id("bench-consent", bsp.gln, point.id)


def _scenario(point: who.Point, *, held: bool) -> Scenario:
    area = material.AREA
    scenario = Scenario(SERVICE).given(
        RegisterOpened(operator=who.OPERATOR.gln, operator_name="Register", policies=policies.DEFAULTS),
        *(PartyOnboarded(party=party.gln, name=party.name, roles=(party.role,)) for party in PARTIES),
        GridAreaDefined(grid_area=area.eic, name=area.name, zone=area.zone, dso=area.dso.gln, parent=None),
        *material.recorded([point]),
    )
    at = material.AT - timedelta(hours=1)
    if held:
        supply = v1.RecordSupply.model_validate(_fact(point)["data"])
        scenario.when(supply, subject=point.id, sender=who.DATAHUB.gln, role=who.DATAHUB.role, at=at)
    for bsp in (who.BSP_A, who.BSP_B):
        given = v1.RecordConsent(
            metering_point_id=point.id, end_user=point.end_user, proof_sha256="ab" * 32, valid_from=BEGAN
        )
        scenario.when(given, subject=_consent(point, bsp), sender=bsp.gln, at=at)
    if held:
        outcome = scenario.when(v1.ClaimControl(start=BEGAN), subject=point.id, sender=who.BSP_A.gln, at=at)
        assert not outcome.rejected, outcome
    return scenario
