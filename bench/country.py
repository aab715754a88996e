"""The registry's store at the size of the country: four million metering points, loaded synthetically.

Not among the usual benchmarks: `python -m bench country` takes some minutes and some GB. Cost must not grow with what
is stored: each figure's limit is the same of a store of ten thousand points, in the same run.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from bench import commands, material
from bench.figures import percentile
from bench.ground import Ground
from bench.participant import Participant
from chassis import store
from chassis.testing import Scenario
from contracts import calendar, topics, values
from contracts.bsp_switch.v1 import ControlClaimed, SupplyRecorded
from contracts.gateway.v1 import RegisterOpened
from contracts.policies import DEFAULTS
from contracts.registry import v1
from flexreg.story import cast as who
from flexreg.story import messages
from launcher.service import Service as Running
from registry.app import SERVICE

NAME = "country"
SMALL = 10_000
MEMBERS = 1_600
"""Of a group."""
GROUPED = 0.4
"""The part of the points that is in a group."""
DSOS = 100
LOOKUPS = 1_000
FACTS = 5_000
AT = calendar.midnight(messages.BEGINNING)


@dataclass(frozen=True)
class Asked:
    """What one store answers, in milliseconds, and how many facts it takes in a second."""

    found: list[float]
    listed: list[float]
    sizes: list[float]
    per_second: float


FIGURES: tuple[tuple[str, Callable[[Asked], list[float]], float], ...] = (
    ("a point by its id, p50", lambda asked: asked.found, 0.5),
    ("a point by its id, p99", lambda asked: asked.found, 0.99),
    ("100 points of a DSO, p50", lambda asked: asked.listed, 0.5),
    ("a group with its size and members, p50", lambda asked: asked.sizes, 0.5),
)


async def measure(ground: Ground) -> None:
    """The same questions of a small and of a large store."""
    count = ground.options.pick(4_000_000, 8_000)
    less = min(SMALL, count // 2)
    small, large = await _asked(ground, less), await _asked(ground, count)
    of = f"of {less:,}"
    for what, figure, share in FIGURES:
        limit, value = percentile(figure(small), share), percentile(figure(large), share)
        ground.sheet.add(NAME, f"{what}, of {count:,}", value, "ms", limit=limit, against=of, better="less")
    ground.sheet.add(
        NAME,
        f"facts into a store of {count:,} points",
        large.per_second,
        "facts/s",
        limit=small.per_second,
        against=of,
        budget="flat, ± 20 %",
        wanted_ratio=0.8,
    )


async def _asked(ground: Ground, count: int) -> Asked:
    namespace = await ground.namespace()
    async with ground.database([SERVICE], package="registry") as engine:
        began = time.monotonic()
        async with ground.connection(engine) as connection:
            await _load(connection, count)
        ground.sheet.note(f"{count:,} points loaded in {time.monotonic() - began:.0f} s")
        url = engine.url.render_as_string(hide_password=False)
        async with ground.process("registry", namespace=namespace, url=url) as process:
            per_second = await _facts(ground, namespace, count)
            return Asked(*await _questions(process, count), per_second)


async def _facts(ground: Ground, namespace: str, count: int) -> float:
    async with Participant.at(
        ground.bootstrap,
        to=topics.full_name(namespace, topics.commands("registry")),
        hears=topics.full_name(namespace, topics.events("registry")),
        counts=commands.is_yes,
    ) as gateway:
        beginning = material.beginning()
        await gateway.flood(beginning, answers=len(beginning) - 1)
        points = material.points(FACTS + FACTS // 5, start=count)
        wishes = material.forwarded(messages.metering_points(points), by=who.DATAHUB)
        await gateway.flood(wishes[FACTS:], answers=FACTS // 5)
        return FACTS / await gateway.flood(wishes[:FACTS], answers=FACTS)


async def _questions(process: Running, count: int) -> tuple[list[float], list[float], list[float]]:
    drawn = random.Random(count)
    url = str(process.spec.ready_url).removesuffix("/ready")
    async with httpx.AsyncClient(base_url=url, timeout=60) as http:

        async def took(path: str, **params: str | int) -> float:
            began = time.perf_counter()
            answer = await http.get(path, params=params)
            answer.raise_for_status()
            assert answer.json(), path
            return (time.perf_counter() - began) * 1000

        async def points(asked: int) -> list[float]:
            return [await took(f"/show/metering-point/{_point(drawn.randrange(count))}") for _ in range(asked)]

        await points(LOOKUPS // 20)
        found = await points(LOOKUPS)
        listed = [
            await took(
                "/list/metering-point",
                limit=100,
                valid_at=values.time_text(AT),
                where=f"fact.dso={_dso(drawn.randrange(DSOS))}",
            )
            for _ in range(LOOKUPS // 20)
        ]
        groups = _grouped(count) // MEMBERS
        sizes = [await took(f"/show/group/{_group(drawn.randrange(groups))}") for _ in range(LOOKUPS // 20)]
    return found, listed, sizes


# What is loaded: what the service makes of a few points, written again with other ids


def _grouped(count: int) -> int:
    return max(int(count * GROUPED) // MEMBERS, 1) * MEMBERS


def _point(serial: int) -> str:
    return values.make_gsrn(material.FIRST + serial)


def _dso(number: int) -> str:
    return values.make_gln(9_000_000 + number)


def _group(number: int) -> str:
    return who.story_id("bench-group", number)


def _resource(serial: int) -> str:
    return who.story_id("bench-resource", serial)


Ids = tuple[str, str, str, str]
"""A point's own id, and those of its DSO, its resource and its group."""


def _ids(serial: int) -> Ids:
    return _point(serial), _dso(serial % DSOS), _resource(serial), _group(serial // MEMBERS)


async def _load(connection: Any, count: int) -> None:
    scenario, alone, member = _made()
    members = _grouped(count)
    await connection.execute("CREATE TEMP TABLE ids (serial int, a text, b text, c text, d text)")
    ids = ("\t".join((str(serial), *_ids(serial))) for serial in range(count))
    await _copy(connection, "ids", ("serial", "a", "b", "c", "d"), (f"{line}\n".encode() for line in ids))
    kinds = {kind.name: kind for kind in SERVICE.kinds if kind.name in {"metering-point", "resource"}}
    for (kind_name, id_), document in scenario.documents.items():
        kind = kinds.get(kind_name)
        made_of = {alone[0]: alone, member[0]: member, member[2]: member}.get(id_)
        if kind is None or made_of is None:
            continue
        which = f"serial < {members}" if made_of is member else f"serial >= {members}"
        state = kind.adapter.dump_json(document.state).decode()
        await _written(connection, store.table_of(kind), (kind.name, id_, 1, state), made_of, which)
        for table, rows in kind.rows.items():
            for row in rows(id_, document.state):
                await _written(connection, f"own.{table.name}", row, made_of, which)
    await _groups(connection, scenario, member, members // MEMBERS)
    await connection.execute("ANALYZE")


async def _written(connection: Any, table: str, row: tuple[object, ...], made_of: Ids, which: str) -> None:
    """A row as often as there are points of its sort, each with the ids of its own."""
    types = await connection.fetch(
        "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = CAST($1 AS regclass)"
        " AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        table,
    )
    cells = [f"CAST({_replaced(place + 5)} AS {type_[0]})" for place, type_ in enumerate(types)]
    given = [None if value is None else str(value) for value in row]
    await connection.execute(
        f"INSERT INTO {table} SELECT {', '.join(cells)} FROM ids WHERE {which}",
        *made_of,
        *given,
    )


def _replaced(place: int) -> str:
    text = f"CAST(${place} AS text)"
    for number, column in enumerate("abcd", 1):
        text = f"replace({text}, CAST(${number} AS text), {column})"
    return text


async def _groups(connection: Any, scenario: Scenario, member: Ids, count: int) -> None:
    kind = next(kind for kind in SERVICE.kinds if kind.name == "group")
    state = json.loads(kind.adapter.dump_json(scenario.documents["group", member[3]].state))
    one = state["members"][member[0]]

    def lines() -> Iterator[bytes]:
        for number in range(count):
            serials = range(number * MEMBERS, (number + 1) * MEMBERS)
            members = {_point(serial): one for serial in serials}
            power = {name: watt * MEMBERS for name, watt in one["power"].items()}
            text = json.dumps({**state, "members": members, "power": power})
            yield f"group\t{_group(number)}\t1\t{text}\n".encode()

    await _copy(connection, "own.document", ("kind", "id", "version", "state"), lines())


async def _copy(connection: Any, table: str, columns: Iterable[str], lines: Iterator[bytes]) -> None:
    async def source() -> AsyncIterator[bytes]:
        some: list[bytes] = []
        for line in lines:
            some.append(line)
            if len(some) == 1000:
                yield b"".join(some)
                some = []
        yield b"".join(some)

    schema, _, name = table.rpartition(".")
    await connection.copy_to_table(name, schema_name=schema or None, columns=list(columns), source=source())


def _made() -> tuple[Scenario, Ids, Ids]:
    """A register with one point alone and two in a group; the ids of the one alone, and of a member."""
    scenario = Scenario(SERVICE)
    scenario.given(RegisterOpened(operator=who.OPERATOR.gln, operator_name="Register", policies=DEFAULTS))
    ids = {serial: _ids(serial) for serial in range(3)}
    dso = {serial: one[1] for serial, one in ids.items()}

    def say(wish: Any, subject: str, sender: str = who.OPERATOR.gln, role: str = "operator") -> None:
        outcome = scenario.when(wish, subject=subject, sender=sender, role=role, at=AT)
        assert not outcome.rejected, outcome.reasons

    areas = {serial: values.make_eic_y(f"BENCH{serial}") for serial in ids}
    for serial, (point, *_) in ids.items():
        say(v1.OnboardParty(name="Nett", roles=(values.Role.DSO,)), dso[serial])
        say(v1.DefineGridArea(name="Nett", zone=material.AREA.zone, dso=dso[serial]), areas[serial])
        fact = v1.RecordMeteringPoint(
            grid_area=areas[serial], substation="Moholt", resolution="PT15M", agreed_power_w=13_000, valid_from=AT
        )
        say(fact, point, who.DATAHUB.gln, "datahub")
    for serial in (1, 2):
        point, _, resource, _ = ids[serial]
        scenario.when(ControlClaimed(metering_point_id=point, bsp=who.BSP_A.gln, valid_from=AT, consent_id=resource))
        scenario.when(
            SupplyRecorded(
                metering_point_id=point,
                supplier=who.SUPPLIER_1.gln,
                brp_consumption=who.BRP_1.gln,
                brp_production=who.BRP_1.gln,
                end_user=resource,
                valid_from=AT,
            )
        )
        device = v1.Device(make="Høiax", model="Titanium 200", serial=f"B{point}")
        register = v1.RegisterResource(
            metering_point_id=point, technology="water-heater", up_w=2_999, down_w=0, devices=(device,)
        )
        say(register, resource, who.BSP_A.gln, "bsp")
    form = v1.FormGroup(zone=material.AREA.zone, metering_points=(ids[1][0], ids[2][0]))
    say(form, ids[1][3], who.BSP_A.gln, "bsp")
    return scenario, ids[0], ids[1]
