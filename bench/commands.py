"""Commands from a participant through ingress, gateway, registry, gateway and egress back to it, on live processes.

The limits are echoes of the same bytes on the same broker, and they are measured while no process of the register runs.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bench import material
from bench.figures import percentile
from bench.ground import Cpu, Ground
from bench.participant import Participant
from contracts import topics
from flexreg.client import Register
from flexreg.story import cast as who
from flexreg.story import messages
from launcher.register import Register as Running

NAME = "commands"
SHARES = ((0.50, 40), (0.99, 150))
"""Which part of the receipts must have come within so many milliseconds."""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What an echo does."""

    per_second: float
    took: list[float]


async def measure(ground: Ground) -> None:
    """The echoes, the registry alone, the whole register."""
    options = ground.options
    count = options.pick(30_000, 600)
    paced = max(20, int(options.rate * (2 if options.quick else options.seconds)))
    for _ in range(options.repeat):
        bodies = material.singles(messages.metering_points(material.points(2 * count + paced)), by=who.DATAHUB)
        one = await echo(ground, "faststream", "bare FastStream echo, one by one", bodies[: 2 * count], paced=paced)
        many = await echo(ground, "aiokafka", "bare aiokafka echo, batches", bodies[: 2 * count], paced=paced)
        await _alone(ground, count=count, limit=one)
        async with ground.register() as up:
            async with Register.open(up.state_path) as register:
                await _prepare(register)
            await _whole(ground, up, bodies, count=count, one=one, many=many)


async def echo(
    ground: Ground, kind: str, what: str, bodies: list[bytes], *, paced: int = 0, bench: str = NAME
) -> Limit:
    """What goes through an echo of the same messages on the same broker."""
    inbound, outbound = await ground.topic("echo.in.v1"), await ground.topic("echo.out.v1")
    command = [sys.executable, "-m", "bench.echo", kind, ground.bootstrap, inbound, outbound]
    async with (
        ground.child(f"echo-{kind}", command),
        Participant.at(ground.bootstrap, to=inbound, hears=outbound) as echo,
    ):
        # Its first answers say that it is there, and that all of it is warm.
        await echo.flood(bodies[: len(bodies) // 5], answers=len(bodies) // 5)
        per_second = len(bodies) / await echo.flood(bodies, answers=len(bodies))
        took = await echo.paced(
            _with_ids(bodies[:paced]), per_second=ground.options.rate, id_of=lambda said: said["id"]
        )
    ground.sheet.add(bench, what, per_second, "messages/s")
    return Limit(per_second=per_second, took=took)


async def _alone(ground: Ground, *, count: int, limit: Limit) -> None:
    """The registry without the others: commands straight on its topic, receipts counted on its events topic."""
    namespace = await ground.namespace()
    warming = count // 5
    bodies = material.forwarded(messages.metering_points(material.points(count + warming)), by=who.DATAHUB)
    async with (
        ground.address() as url,
        ground.process("registry", namespace=namespace, url=url) as registry,
        Participant.at(
            ground.bootstrap,
            to=topics.full_name(namespace, topics.commands("registry")),
            hears=topics.full_name(namespace, topics.events("registry")),
            counts=is_yes,
        ) as gateway,
    ):
        beginning = material.beginning()
        await gateway.flood(beginning, answers=len(beginning) - 1)
        await gateway.flood(bodies[:warming], answers=warming)
        cpu = Cpu({**ground.pids, "registry": registry.child.pid or 0})
        seconds = await gateway.flood(bodies[warming:], answers=count)
        ground.sheet.note(f"registry alone: {cpu.said(count)}")
    ground.sheet.add(
        NAME,
        "registry alone, commands topic to events topic",
        count / seconds,
        "commands/s",
        limit=limit.per_second,
        against="FastStream echo",
        budget="≥ 0.50 of the echo",
        wanted_ratio=0.5,
    )


async def _prepare(register: Register) -> None:
    await _accepted(register, who.OPERATOR, messages.onboard(material.PARTIES))
    wanted = {party.gln for party in material.PARTIES}
    while True:
        document = await register.show("gateway", "register", "register")
        if document is not None and wanted <= set(document["state"]["ready"]):
            break
        await asyncio.sleep(0.1)
    await _accepted(register, who.TSO, messages.grid_areas([material.AREA]))


async def _accepted(register: Register, party: who.Party, wishes: Sequence[dict[str, Any]]) -> None:
    receipts = await register.send(party.gln, wishes)
    refused = [receipt for receipt in receipts if not receipt or receipt["status"] != "accepted"]
    assert not refused, refused


async def _whole(ground: Ground, up: Running, bodies: list[bytes], *, count: int, one: Limit, many: Limit) -> None:
    options, sheet = ground.options, ground.sheet
    pids = {**ground.pids, **{name: up.pid(name) or 0 for name in up.urls}}
    warming = material.singles(messages.metering_points(material.points(count // 5, start=len(bodies))), by=who.DATAHUB)
    async with _datahub(ground, up) as datahub:
        await datahub.flood(warming, answers=len(warming))
        ways = (
            (f"sustained, parcels of {options.parcel}", material.parcels(bodies[:count], most=options.parcel), many),
            ("sustained, one by one", bodies[count : 2 * count], one),
        )
        for what, records, limit in ways:
            cpu = Cpu(pids)
            seconds = await datahub.flood(records, answers=count)
            sheet.add(
                NAME,
                what,
                count / seconds,
                "commands/s",
                limit=limit.per_second,
                against="aiokafka echo" if limit is many else "FastStream echo",
                budget="≥ 3,000/s",
                wanted=3_000,
            )
            sheet.note(f"{what}: {cpu.said(count)}")
        took = await datahub.paced(_with_ids(bodies[2 * count :]), per_second=options.rate, id_of=material.command_of)
    for share, wanted in SHARES:
        sheet.add(
            NAME,
            f"receipt after, p{share * 100:.0f} at {options.rate}/s",
            percentile(took, share),
            "ms",
            limit=percentile(one.took, share),
            against="FastStream echo",
            budget=f"≤ {wanted} ms",
            wanted=wanted,
            better="less",
        )


@asynccontextmanager
async def _datahub(ground: Ground, up: Running) -> AsyncGenerator[Participant]:
    namespace, gln = up.options.namespace, who.DATAHUB.gln
    async with Participant.at(
        ground.bootstrap,
        to=topics.full_name(namespace, topics.ingress(gln)),
        hears=topics.full_name(namespace, topics.egress(gln)),
        counts=is_yes,
    ) as datahub:
        yield datahub


def is_yes(body: bytes) -> bool:
    """Whether a record is a receipt that says yes."""
    return material.is_receipt(body) and material.is_accepted(body)


def _with_ids(bodies: Sequence[bytes]) -> list[tuple[str, bytes]]:
    return [(json.loads(body)["id"], body) for body in bodies]
