"""The story, on live processes: every figure of it is held against what came (`flexreg.story.steps`)."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from rich.console import Console
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

import bsp_switch.app
import gateway.app
import gateway.settings
import launcher
import meter_ingest.app
import prequal.app
import registry.app
from chassis import rebuild, rerun, store
from chassis.service import Service
from flexreg.client import Register
from flexreg.story import NotFresh, play, seed
from flexreg.story.table import Board
from meter_ingest.settings import Settings as MeterIngest
from meter_ingest.value_store import SALT, StoredValues

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]


@pytest.fixture
def board() -> Board:
    """Nobody looks."""
    return Board(Console(file=io.StringIO(), width=200))


async def test_the_story_holds_and_every_inbox_decides_the_same_again(
    up: launcher.Register, register: Register, board: Board, new_database: Callable[[], Awaitable[str]]
):
    outcome = await play(register, board=board)
    assert outcome.failed == []
    assert len(outcome.checks) > 240
    assert outcome.sent == 4_882
    with pytest.raises(NotFresh):
        await play(register, board=board)
    with pytest.raises(NotFresh, match="seeded already"):
        await seed(register, board=board)
    for service, package in _services():
        original, again = (store.connect(url) for url in (up.databases[service.name], await new_database()))
        await _proved(service, original, register)
        found = await _run_again(service, package, original=original, again=again, register=register)
        assert found.difference == "", service.name
        assert found.inputs > 100
        await original.dispose()
        await again.dispose()
    await _both_shards_again(up, register, await new_database())


def _services() -> list[tuple[Service, str]]:
    gate = gateway.settings.Settings(kafka_bootstrap="-:0", database_url="postgresql+asyncpg://", port=0, sandbox=True)
    return [
        (registry.app.SERVICE, "registry"),
        (prequal.app.SERVICE, "prequal"),
        (bsp_switch.app.SERVICE, "bsp_switch"),
        (gateway.app.service(gate), "gateway"),
    ]


async def _proved(service: Service, original: AsyncEngine, register: Register) -> None:
    """By another process than the one that stored it: what hangs on a process (as the order of a set) is no fact."""
    found = await rebuild.prove(service, original, register.bootstrap, register.namespace)
    assert found["equal"], {name: one for name, one in found["tables"].items() if one["stored"] != one["rebuilt"]}


async def _run_again(
    service: Service, package: str, *, original: AsyncEngine, again: AsyncEngine, register: Register, **more: Any
) -> rerun.Rerun:
    bootstrap, namespace = register.bootstrap, register.namespace
    return await rerun.rerun(
        service, original=original, again=again, package=package, bootstrap=bootstrap, namespace=namespace, **more
    )


async def _both_shards_again(up: launcher.Register, register: Register, url: str) -> None:
    """The value shard with the salts that were drawn, the case shard beside it on what the second run has stored."""
    original, again = store.connect(up.databases["meter-ingest"]), store.connect(url)
    async with original.connect() as connection:
        drawn = text("SELECT DISTINCT position, salt FROM private.value_version WHERE shard = 0")
        # What is accepted together has the record's with two bytes more.
        salts = {row.position: bytes(row.salt)[:SALT] for row in await connection.execute(drawn)}
    ratio = float(MeterIngest.model_fields["trace_ratio"].default)
    values = meter_ingest.app.value_shard(
        sandbox=True, trace_ratio=ratio, salt=lambda position: salts.get(position, b"")
    )
    for shard in (values, meter_ingest.app.case_shard(StoredValues(original))):
        await _proved(shard, original, register)
    case = meter_ingest.app.case_shard(StoredValues(again))
    found = await _run_again(values, "meter_ingest", original=original, again=again, register=register, beside=case)
    assert found.difference == ""
    assert found.inputs > 20
    assert (await rerun.compare(case, original, again)).difference == ""
    await original.dispose()
    await again.dispose()


async def test_a_seeded_register_has_the_storys_beginning(register: Register, board: Board):
    outcome = await seed(register, board=board)
    assert outcome.failed == []
    held = {kind: await register.list("registry", kind) for kind in ("party", "metering-point", "group")}
    assert {kind: len(found) for kind, found in held.items()} == {"party": 10, "metering-point": 1200, "group": 0}
