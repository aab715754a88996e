"""The story, on live processes: every figure of it is held against what came (`flexreg.story.steps`)."""

from __future__ import annotations

import io
import os

import launcher.register
import pytest
from flexreg.client import Register
from flexreg.story import NotFresh, play, seed
from flexreg.story.table import Board
from launcher.sources import session_folder
from rich.console import Console

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

SECONDS = 90 * float(os.environ.get("FLEXREG_TEST_PATIENCE", "1"))


async def test_the_story_holds(namespace: str):
    told = io.StringIO()
    board = Board(Console(file=told, width=200))
    with session_folder() as folder:
        async with launcher.register.running(folder, namespace=namespace, durable=False) as up:
            async with Register.open(up.state_path) as register:
                outcome = await play(register, board=board)
                with pytest.raises(NotFresh):
                    await play(register, board=board)
                with pytest.raises(NotFresh, match="seeded already"):
                    await seed(register, board=board)
    print(told.getvalue())
    assert outcome.failed == []
    assert len(outcome.checks) > 250
    assert outcome.sent == 5_000
    assert outcome.seconds < SECONDS


async def test_a_seeded_register_has_the_storys_beginning(namespace: str):
    board = Board(Console(file=io.StringIO()))
    with session_folder() as folder:
        async with launcher.register.running(folder, namespace=namespace, durable=False) as up:
            async with Register.open(up.state_path) as register:
                outcome = await seed(register, board=board)
                parties = await register.list("registry", "party")
                points = await register.list("registry", "metering-point")
                groups = await register.list("registry", "group")
    assert outcome.failed == []
    assert (len(parties), len(points), len(groups)) == (10, 1200, 0)
