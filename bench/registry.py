"""The registry alone, filled: many facts, a portfolio of resources, a group at its largest; and its memory meanwhile.

What bsp-switch would say is put on its events topic, commands on the commands topic as the gateway does.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence

import psutil

from bench import commands, material
from bench.ground import Cpu, Ground
from bench.participant import Participant
from chassis import kafka
from contracts import calendar, topics
from contracts import envelope as envelopes
from contracts.bsp_switch.v1 import ControlClaimed, SupplyRecorded
from flexreg.story import cast as who
from flexreg.story import messages
from launcher.service import Service as Running

NAME = "registry"
AT_ONCE = 30_000
MEMBERS = 1_667
"""As many of 2,999 W as go into 5 MW."""
POWER_W = 2_999


async def measure(ground: Ground) -> None:
    """Facts, resources, a group."""
    facts = ground.options.pick(300_000, 1_200)
    resources = min(facts, 10_000)
    members = min(MEMBERS, resources)
    bodies = material.forwarded(messages.metering_points(material.points(min(facts, AT_ONCE))), by=who.DATAHUB)
    limit = await commands.echo(ground, "faststream", "bare FastStream echo, one by one", bodies, bench=NAME)
    namespace = await ground.namespace()
    async with (
        ground.address() as url,
        ground.process("registry", namespace=namespace, url=url) as registry,
        Participant.at(
            ground.bootstrap,
            to=topics.full_name(namespace, topics.commands("registry")),
            hears=topics.full_name(namespace, topics.events("registry")),
            counts=commands.is_yes,
        ) as gateway,
        _watched(registry) as memory,
    ):
        beginning = material.beginning()
        await gateway.flood(beginning, answers=len(beginning) - 1)
        cpu = Cpu({**ground.pids, "registry": registry.child.pid or 0})
        seconds = 0.0
        for first in range(0, facts, AT_ONCE):
            points = material.points(min(AT_ONCE, facts - first), start=first)
            wishes = material.forwarded(messages.metering_points(points), by=who.DATAHUB, start=first)
            seconds += await gateway.flood(wishes, answers=len(wishes))
        ground.sheet.note(f"{facts:,} metering point facts: {cpu.said(facts)}")
        _said(ground, f"{facts:,} metering point facts", facts / seconds, "facts/s", limit)
        held = material.points(resources)
        await _held(ground, namespace, held)
        wishes = material.forwarded(_resources(held), by=who.BSP_A, start=facts)
        seconds = await gateway.flood(wishes, answers=resources)
        _said(ground, f"a bulk of {resources:,} resources", resources / seconds, "resources/s", limit)
        form = messages.form_group(who.story_id("bench", "group"), "Largest", held[:members])
        [body] = material.forwarded([form], by=who.BSP_A, start=facts + resources)
        seconds = await gateway.flood([body], answers=1)
        ground.sheet.add(NAME, f"a group of {members:,} formed in one command", seconds * 1000, "ms", better="less")
    ground.sheet.add(
        NAME, "memory of the process meanwhile, at most", memory[0], "MiB", budget="≤ 1 GiB", wanted=1024, better="less"
    )


def _said(ground: Ground, what: str, per_second: float, unit: str, limit: commands.Limit) -> None:
    ground.sheet.add(NAME, what, per_second, unit, limit=limit.per_second, against="FastStream echo")


def _resources(points: Sequence[who.Point]) -> list[material.Wish]:
    return [
        {
            "type": "no.flexregister.registry.register-resource.v1",
            "subject": who.story_id("bench-resource", number),
            "data": {
                "metering_point_id": point.id,
                "technology": "water-heater",
                "up_w": POWER_W,
                "down_w": 0,
                "devices": [{"make": "Høiax", "model": "Titanium 200", "serial": f"B{number:08d}"}],
            },
        }
        for number, point in enumerate(points)
    ]


async def _held(ground: Ground, namespace: str, points: Sequence[who.Point]) -> None:
    """What bsp-switch says of them: who holds them, and who stands behind them."""
    midnight = calendar.midnight(messages.BEGINNING)
    events = [
        event
        for number, point in enumerate(points)
        for event in (
            SupplyRecorded(
                metering_point_id=point.id,
                supplier=who.SUPPLIER_1.gln,
                brp_consumption=who.BRP_1.gln,
                brp_production=who.BRP_1.gln,
                end_user=point.end_user,
                valid_from=midnight,
            ),
            ControlClaimed(
                metering_point_id=point.id,
                bsp=who.BSP_A.gln,
                valid_from=midnight,
                consent_id=who.story_id("bench-consent", number),
            ),
        )
    ]
    name = topics.full_name(namespace, topics.events("bsp-switch"))
    async with kafka.producing(ground.bootstrap) as producer:
        sends = [
            await producer.send(name, body)
            for body in material.published(events, source=envelopes.service_source("bsp-switch"))
        ]
        await asyncio.gather(*sends)


@contextlib.asynccontextmanager
async def _watched(running: Running) -> AsyncGenerator[list[float]]:
    """The most memory that a process has had, in MiB, looked at ten times a second."""
    most = [0.0]
    process = psutil.Process(running.child.pid)

    async def look() -> None:
        while True:
            most[0] = max(most[0], process.memory_info().rss / 1024**2)
            await asyncio.sleep(0.1)

    looking = asyncio.create_task(look())
    try:
        yield most
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
