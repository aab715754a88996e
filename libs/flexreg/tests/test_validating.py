"""`flexreg meter validation`: what it asks of `meter-ingest`, and what it prints."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from flexreg import measuring, terminal, validating
from flexreg.cli import app
from flexreg.commands import sending
from flexreg.held import UnableToAnswer
from flexreg.measuring import Sent
from flexreg.outgoing import Outgoing

pytestmark = pytest.mark.unit

RULE = {
    "key": "fuse-far", "check": "fuse", "consequence": "reject", "thresholds": {"percent": 200}, "directions": [],
    "products": ["active"], "resolutions": [], "settlement_methods": [], "valid_from": "2025-12-31T23:00:00Z",
}  # fmt: skip
COUNTS = {"accepted": 5, "warn": 1, "quarantine": 0, "reject": 0}
EXAMPLE = {
    "metering_point_id": "707057500000000018", "line": "consumption", "kept_aside": True, "now": "off",
    "then": "reject", "rule": "fuse-far", "limit": 100, "actual": 200, "unit": "Wh",
}  # fmt: skip
EFFECT = {
    "date": "2026-01-31",
    "dsos": [
        {"dso": "7080000000111", "series": 6, "now": COUNTS, "then": COUNTS | {"accepted": 4, "reject": 1},
         "examples": [EXAMPLE]},
    ],
    "rules": {"fuse-far": {"now": 0, "then": 1}},
}  # fmt: skip


class StandIn:
    """Holds one rule."""

    operator = "7080000000029"

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    async def now(self) -> datetime:
        return datetime(2026, 2, 1, 8, tzinfo=UTC)

    async def ask(self, service: str, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        assert (service, name) == ("meter-ingest", "validation")
        self.asked.append(dict(asked))
        return {"at": "2026-02-01T08:00:00Z", "rules": [RULE]} | ({"effect": EFFECT} if asked["try"] else {})


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    there = StandIn()

    @contextlib.asynccontextmanager
    async def opened() -> AsyncIterator[StandIn]:
        yield there

    monkeypatch.setattr(terminal, "register", opened)
    return there


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["meter", "validation", *arguments])


def people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "for_people", lambda **_: True)
    monkeypatch.setenv("COLUMNS", "200")


def test_the_rules_in_force_are_listed(register: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    assert json.loads(run().stdout)["rules"] == [RULE]
    assert register.asked == [{"try": [], "at": "2026-02-01T08:00:00+00:00", "by": "7080000000029"}]
    people(monkeypatch)
    row = next(line for line in run().stdout.splitlines() if "fuse-far" in line)
    assert row.split() == ["fuse-far", "fuse", "reject", "percent", "200", "active", "2025-12-31T23:00:00Z"]


def test_a_change_is_asked_of_a_day_and_shown_now_and_then(register: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    people(monkeypatch)
    given = ("--try", "fuse-far.percent=150", "--try", "fuse-far=quarantine", "--try", "spike=off")
    result = run(*given, "--day", "2026-01-31")
    assert register.asked[0]["day"] == "2026-01-31"
    assert register.asked[0]["try"] == [
        {"key": "fuse-far", "thresholds": {"percent": 150}, "consequence": "quarantine"},
        {"key": "spike", "consequence": "off"},
    ]
    assert "values of 2026-01-31" in result.stderr
    _, figures, _, example = (line.split() for line in result.stdout.splitlines())
    assert figures == ["7080000000111", "6", "5", "→", "4", "1", "0", "0", "→", "1"]
    assert example[:7] == ["707057500000000018", "consumption", "(kept", "aside)", "accepted", "→", "reject"]


@pytest.mark.parametrize("wrong", ["spike", "spike=", "=off", "fuse.percent=many", "a.b.c=1"])
def test_what_cannot_be_supposed_is_said(register: StandIn, wrong: str) -> None:
    result = run("--try", wrong)
    assert (result.exit_code, register.asked) == (2, [])
    assert "→" in result.stderr
    with pytest.raises(validating.NotUnderstood):
        validating.changes([wrong])


def test_rules_that_cannot_stand_are_said_so_and_why(register: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: Any) -> Any:
        raise UnableToAnswer("meter-ingest cannot answer that", "fuse: the milder rule would never be met")

    monkeypatch.setattr(register, "ask", refuse)
    result = run("--try", "fuse.percent=300")
    assert result.exit_code == 2
    assert "these rules cannot stand" in result.stderr
    assert "the milder rule would never be met" in result.stderr


def test_a_series_that_is_kept_aside_is_told_so() -> None:
    sent = Sent(Outgoing(b""), "a.json", ({"metering_point_id": "1"}, {"metering_point_id": "2"}))
    receipt = {
        "status": "partly-accepted",
        "reasons": [{"code": "SERIES_QUARANTINED", "text_en": "kept aside"}],
        "rows": [{"row": 1, "code": "SERIES_QUARANTINED", "actual": "spike"}],
    }
    told = list(measuring.told(sent, receipt, ""))
    assert [one["status"] for one in told] == ["accepted", "quarantined"]
    assert sending.exit_code(Counter(one["status"] for one in told)) == sending.SOME_REFUSED
