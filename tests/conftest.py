"""A whole register for system tests, on the servers of whichever source is chosen."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

import launcher
from flexreg.client import Register
from launcher.register import BOOTSTRAP_VARIABLE, SERVICES, prefix
from launcher.sources import Source


@pytest.fixture
async def up(
    servers_folder: Path,
    test_source: Source,
    namespace: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[launcher.Register]:
    """A register of this test's own, on live processes."""
    if not test_source.is_embedded:
        new: Callable[[], Awaitable[str]] = request.getfixturevalue("new_database")
        monkeypatch.setenv(BOOTSTRAP_VARIABLE, request.getfixturevalue("kafka_bootstrap"))
        for service in SERVICES:
            monkeypatch.setenv(f"{prefix(service)}DATABASE_URL", await new())
    folder = servers_folder / f"register-{secrets.token_hex(3)}"
    async with launcher.running(folder, namespace=namespace, durable=False) as running:
        yield running


@pytest.fixture
async def register(up: launcher.Register) -> AsyncIterator[Register]:
    """The same, as a program sees it."""
    async with Register.open(up.state_path) as opened:
        yield opened
