"""`flexreg resend`: what it asks for, and how it ends."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from typer.testing import CliRunner

from flexreg import terminal
from flexreg.cli import app

pytestmark = pytest.mark.unit

GLN, OTHER = "7080000000012", "7080000000029"


class StandIn:
    """A register that answers what it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answer: dict[str, Any] | None = {"status": "accepted"}

    async def now(self) -> datetime:
        return datetime(2026, 1, 5, 8, tzinfo=UTC)

    async def send(self, gln: str, commands: list[dict[str, Any]], **_: object) -> list[dict[str, Any] | None]:
        self.asked += [(gln, command) for command in commands]
        return [self.answer]


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    there = StandIn()

    @contextlib.asynccontextmanager
    async def opened() -> AsyncIterator[StandIn]:
        yield there

    monkeypatch.setattr(terminal, "register", opened)
    return there


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["resend", *arguments])
    return result.exit_code, result.stdout


def test_a_party_asks_for_itself_until_now(register: StandIn) -> None:
    code, out = run("--as", GLN, "--from", "2026-01-01")
    assert (code, json.loads(out)) == (0, {"status": "accepted"})
    data = {"start": "2025-12-31T23:00:00Z", "end": "2026-01-05T08:00:00Z"}
    assert register.asked == [(GLN, {"type": "request-resend", "subject": GLN, "data": data})]


def test_the_operator_asks_for_another(register: StandIn) -> None:
    run("--as", GLN, "--party", OTHER, "--from", "2026-01-01", "--to", "2026-01-02")
    ((sender, command),) = register.asked
    assert (sender, command["subject"], command["data"]["end"]) == (GLN, OTHER, "2026-01-01T23:00:00Z")


@pytest.mark.parametrize(("answer", "code"), [({"status": "rejected"}, 1), (None, 2)])
def test_it_ends_by_the_answer(register: StandIn, answer: dict[str, Any] | None, code: int) -> None:
    register.answer = answer
    assert run("--as", GLN, "--from", "2026-01-01")[0] == code
