"""The story, on live processes: every figure of it is held against what came (`flexreg.story.steps`)."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable

import pytest
from rich.console import Console

import bsp_switch.app
import gateway.app
import gateway.settings
import launcher
import meter_ingest.app
import prequal.app
import registry.app
from chassis import rerun, store
from chassis.service import Service
from flexreg.client import Register
from flexreg.story import NotFresh, play, seed
from flexreg.story.table import Board
from meter_ingest.value_store import StoredValues

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
    assert outcome.sent == 4_872
    with pytest.raises(NotFresh):
        await play(register, board=board)
    with pytest.raises(NotFresh, match="seeded already"):
        await seed(register, board=board)
    for service, package in _services(up):
        original, again = (store.connect(url) for url in (up.databases[service.name], await new_database()))
        found = await rerun.rerun(
            service,
            original=original,
            again=again,
            package=package,
            bootstrap=up.kafka_bootstrap,
            namespace=register.namespace,
        )
        assert found.difference == "", service.name
        assert found.inputs > 100
        await original.dispose()
        await again.dispose()


def _services(up: launcher.Register) -> list[tuple[Service, str]]:
    """All but the value shard, whose salts are random and whose values are compared by count, sum and hash."""
    values = StoredValues(store.connect(up.databases["meter-ingest"]))
    gate = gateway.settings.Settings(kafka_bootstrap="-:0", database_url="postgresql+asyncpg://", port=0, sandbox=True)
    return [
        (registry.app.SERVICE, "registry"),
        (prequal.app.SERVICE, "prequal"),
        (bsp_switch.app.SERVICE, "bsp_switch"),
        (meter_ingest.app.case_shard(values), "meter_ingest"),
        (gateway.app.service(gate), "gateway"),
    ]


async def test_a_seeded_register_has_the_storys_beginning(register: Register, board: Board):
    outcome = await seed(register, board=board)
    assert outcome.failed == []
    held = {kind: await register.list("registry", kind) for kind in ("party", "metering-point", "group")}
    assert {kind: len(found) for kind, found in held.items()} == {"party": 10, "metering-point": 1200, "group": 0}
