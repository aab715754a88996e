"""A whole register for system tests, and what they set up in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import launcher
from flexreg.client import Register


@pytest.fixture
async def up(servers_folder: Path, test_source) -> AsyncIterator[launcher.Register]:  # type: ignore[name-defined]
    """A register of this test's own, on live processes."""
    if not test_source.is_embedded:
        pytest.skip("a register that may be broken needs servers of its own")
    import secrets

    async with launcher.running(servers_folder / f"register-{secrets.token_hex(3)}", durable=False) as running:
        yield running


@pytest.fixture
async def register(up) -> AsyncIterator[Register]:
    """The same, as a program sees it."""
    async with Register.open(up.state_path) as opened:
        yield opened
