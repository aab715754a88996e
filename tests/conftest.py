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
def given_servers(
    test_source: Source, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Awaitable[str]] | None:
    """Where servers are given: the register is told of the broker, and this makes its databases."""
    if test_source.is_embedded:
        return None
    monkeypatch.setenv(BOOTSTRAP_VARIABLE, request.getfixturevalue("kafka_bootstrap"))
    return request.getfixturevalue("new_database")


@pytest.fixture
async def up(
    servers_folder: Path,
    given_servers: Callable[[], Awaitable[str]] | None,
    namespace: str,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[launcher.Register]:
    """A register of this test's own, on live processes."""
    if given_servers is not None:
        for service in SERVICES:
            monkeypatch.setenv(f"{prefix(service)}DATABASE_URL", await given_servers())
    folder = servers_folder / f"register-{secrets.token_hex(3)}"
    async with launcher.running(folder, namespace=namespace, durable=False) as running:
        yield running


@pytest.fixture
async def register(up: launcher.Register) -> AsyncIterator[Register]:
    """The same, as a program sees it."""
    async with Register.open(up.state_path) as opened:
        yield opened
