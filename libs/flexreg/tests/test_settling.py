"""`flexreg settlement show --as` and `activation show --as`: asked at the door, page after page."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from typer.testing import CliRunner

from flexreg import terminal
from flexreg.cli import app
from flexreg.doorway import Doorway

pytestmark = pytest.mark.unit

GLN, ID, POINT = "7080000000012", "0192f000-0000-7000-8000-000000000001", "707057500000000018"


class Door:
    """Gives two pages of whatever is asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Mapping[str, Any]]] = []

    async def ask(self, method: str, path: str) -> httpx.Response:
        assert method == "GET"
        url = urlsplit(path)
        query = {name: value for name, (value,) in parse_qs(url.query).items()}
        self.asked.append((GLN, url.path, query))
        name = "points" if "allocation" in path else "rows"
        answer: dict[str, Any] = {name: [{"metering_point_id": POINT, "page": len(self.asked)}]}
        answer |= {"run": {"run": 1, "result": "verified", "quarters": []}, "runs": []} if name == "points" else {}
        if "after" not in query:
            answer["links"] = {"next": f"{url.path}?after=x"}
        return httpx.Response(200, json=answer)


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    made = Door()

    @contextlib.asynccontextmanager
    async def register() -> AsyncIterator[None]:
        yield None

    async def to(_register: object, service: str, gln: str, key: object) -> Door:
        assert (service, gln, key) == ("meter-ingest", GLN, None)
        return made

    monkeypatch.setattr(terminal, "register", register)
    monkeypatch.setattr(Doorway, "to", to)
    return made


def ran(*words: str) -> Any:
    return CliRunner().invoke(app, [*words, "--as", GLN, "--json"])


@pytest.mark.parametrize(
    ("words", "path", "query"),
    [
        (("--run", ID), f"/settlement/deviations/{ID}", {}),
        (("2026-03-28", "--adjustment", "D+5"), "/settlement/adjustments/2026-03-28", {"version": "D+5"}),
        (("2026-03-31", "--point", POINT), f"/points/{POINT}/hours", {"from": "2026-03-31", "to": "2026-04-01"}),
        (
            ("2026-03-28", "--point", POINT, "--last-resort-since", "2026-03-01"),
            f"/points/{POINT}/hours",
            {"from": "2026-03-28", "to": "2026-03-29", "last_resort_since": "2026-03-01"},
        ),
    ],
)
def test_a_party_asks_at_the_door_for_all_pages(
    door: Door, words: tuple[str, ...], path: str, query: dict[str, str]
) -> None:
    done = ran("settlement", "show", *words)
    assert done.exit_code == 0, done.output
    assert door.asked == [(GLN, path, query), (GLN, path, {"after": "x"})]
    assert [json.loads(line)["rows"][0]["page"] for line in done.stdout.splitlines()] == [1, 2]


@pytest.mark.parametrize(
    "words", [("2026-03-28", "--zone", "NO3"), ("--adjustment", "D+5"), ("soon", "--point", POINT)]
)
def test_what_no_door_has_is_not_asked_for(door: Door, words: tuple[str, ...]) -> None:
    assert ran("settlement", "show", *words).exit_code
    assert not door.asked


def test_what_each_point_delivered_is_put_together(door: Door) -> None:
    done = ran("activation", "show", ID, "--run", "1")
    path = f"/activations/{ID}/allocation"
    assert door.asked == [(GLN, path, {"run": "1"}), (GLN, path, {"after": "x"})]
    found = json.loads(done.stdout)
    assert ([one["page"] for one in found["points"]], "links" in found) == ([1, 2], False)
