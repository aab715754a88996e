"""The story, on live processes: every figure of it is held against what came (`flexreg.story.steps`)."""

from __future__ import annotations

import io
import os
from collections.abc import AsyncIterator

import pytest
from rich.console import Console

import launcher.register
from flexreg.client import Register
from flexreg.story import NotFresh, play, seed
from flexreg.story.table import Board
from launcher.sources import session_folder

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

SECONDS = 90 * float(os.environ.get("FLEXREG_TEST_PATIENCE", "1"))
"""On a machine that does much else at the same time it takes longer."""


@pytest.fixture
async def register(namespace: str) -> AsyncIterator[Register]:
    """A fresh register, everything ready."""
    with session_folder() as folder:
        async with (
            launcher.register.running(folder, namespace=namespace, durable=False) as up,
            Register.open(up.state_path) as opened,
        ):
            yield opened


@pytest.fixture
def board() -> Board:
    """Nobody looks."""
    return Board(Console(file=io.StringIO(), width=200))


async def test_the_story_holds(register: Register, board: Board):
    outcome = await play(register, board=board)
    assert outcome.failed == []
    assert len(outcome.checks) > 250
    assert outcome.sent == 4_900
    assert outcome.seconds < SECONDS
    with pytest.raises(NotFresh):
        await play(register, board=board)
    with pytest.raises(NotFresh, match="seeded already"):
        await seed(register, board=board)


async def test_a_seeded_register_has_the_storys_beginning(register: Register, board: Board):
    outcome = await seed(register, board=board)
    assert outcome.failed == []
    held = {kind: await register.list("registry", kind) for kind in ("party", "metering-point", "group")}
    assert {kind: len(found) for kind, found in held.items()} == {"party": 10, "metering-point": 1200, "group": 0}
