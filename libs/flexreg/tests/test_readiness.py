"""What may be bid in a quarter of an hour, in plain words."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from typer.testing import CliRunner

from flexreg import readiness, terminal
from flexreg.cli import app

pytestmark = pytest.mark.unit


def step(at: str, up_w: int, **over: Any) -> dict[str, Any]:
    """As `prequal` holds it."""
    power = {"up_w": 3_400_000, "down_w": 0}
    plain = {"approved": {"up_w": 2_000_000, "down_w": 0}, "declared": power, "reasons": [], "lowered": [],
             "approval_ends_at": None}  # fmt: skip
    return plain | {"valid_from": at, "biddable": {"up_w": up_w, "down_w": 0}} | over


LIMITED = step(
    "2026-02-10T05:00:00Z",
    1_000_000,
    reasons=[
        {"why": "unassessed", "up_w": 400_500, "down_w": 0},
        {"why": "temporary-limit", "up_w": 1_500_000, "down_w": 0},
    ],
    lowered=[
        {"kind": "temporary-limit", "scope": "substation", "key": "S", "by": "708", "reason_code": "line",
         "up_w": 1_500_000, "down_w": 0},
        {"kind": "assessment", "scope": "part", "key": None, "by": "709", "reason_code": "line", "up_w": 1,
         "down_w": 0},
    ],
)  # fmt: skip
STATE = {"steps": [step("2026-02-01T08:07:00Z", 2_000_000), LIMITED, step("2026-02-10T09:00:00Z", 2_000_000)]}


def test_each_reason_stands_under_the_direction_that_it_lowers() -> None:
    at = datetime(2026, 2, 10, 5, 14, 59, tzinfo=UTC)
    assert readiness.told(readiness.at_quarter(STATE, at), "nb") == [
        "opp: 1 MW kan bys inn, av 3 400 kW meldt inn",
        "  - 400.5 kW venter på svar fra netteier",
        "  - 1 500 kW midlertidig begrenset",
        "      1 500 kW: substation S, av 708 (line)",
        "Gjelder fra 2026-02-10 06:00 til 2026-02-10 10:00.",
    ]


def test_a_quarter_has_the_least_of_it() -> None:
    state = {"steps": [step("2026-02-01T08:07:00Z", 2_000_000), step("2026-02-01T09:20:00Z", 1_000_000)]}
    found = [
        readiness.at_quarter(state, datetime(2026, 2, 1, hour, minute, tzinfo=UTC))
        for hour, minute in ((8, 10), (8, 15), (9, 15), (9, 29), (9, 30))
    ]
    assert [one and one["biddable"]["up_w"] for one in found] == [None, 2_000_000, 1_000_000, 1_000_000, 1_000_000]


def test_it_says_for_which_quarters_it_holds() -> None:
    state = {"steps": [step("2026-02-01T08:07:00Z", 2_000_000), step("2026-02-01T09:20:00Z", 1_000_000),
                       step("2026-02-01T10:10:00Z", 2_000_000)]}  # fmt: skip

    def held(hour: int, minute: int) -> list[str | None]:
        found = readiness.at_quarter(state, datetime(2026, 2, 1, hour, minute, tzinfo=UTC))
        assert found
        return [moment and f"{moment:%H:%M}" for moment in (found["valid_from"], found["valid_to"])]

    assert held(9, 0) == ["08:15", "09:15"]
    assert held(9, 16) == held(10, 14) == ["09:15", "10:15"]
    assert held(10, 15) == ["10:15", None]


@pytest.mark.parametrize("language", ["nb", "en"])
def test_every_reason_has_words(language: Any) -> None:
    from contracts.prequal import v1

    assert set(v1.WhyLess.__args__) <= set(readiness.WORDS[language])
    ended = step("2026-02-01T08:00:00Z", 0, approved={"up_w": 0, "down_w": 0})
    assert readiness.told(ended, language) == readiness.told(None, language)
    grace = step("2026-02-01T08:00:00Z", 0, approval_ends_at="2026-03-01T23:00:00Z")
    found = readiness.at_quarter({"steps": [grace]}, datetime(2026, 2, 2, tzinfo=UTC))
    assert "2026-03-02 00:00" in readiness.told(found, language)[-1]


def test_the_command_asks_prequal(monkeypatch: pytest.MonkeyPatch) -> None:
    class StandIn:
        async def now(self) -> datetime:
            return datetime(2026, 2, 10, 6, tzinfo=UTC)

        async def show(self, service: str, kind: str, id_: str, *_: Any) -> Any:
            return {"state": STATE} if (service, kind, id_) == ("prequal", "group-approval", "there") else None

    @contextlib.asynccontextmanager
    async def opened() -> AsyncIterator[StandIn]:
        yield StandIn()

    monkeypatch.setattr(terminal, "register", opened)
    result = CliRunner().invoke(app, ["readiness", "there"])
    said = json.loads(result.stdout)
    assert (said["quarter"], said["step"]["biddable"]["up_w"]) == ("2026-02-10T06:00:00Z", 1_000_000)
    assert said["told"][0].startswith("up: 1 MW may be bid")
    later = CliRunner().invoke(app, ["readiness", "there", "--at", "2026-02-10 10:00", "--language", "nb"])
    assert json.loads(later.stdout)["told"][0].startswith("opp: 2 MW")
    assert CliRunner().invoke(app, ["readiness", "elsewhere"]).exit_code == 1
    assert CliRunner().invoke(app, ["readiness", "there", "--language", "fr"]).exit_code == 2
