"""`flexreg zones`, `what-if` and `redecide`: what they ask of `prequal`, and what they print."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from contracts.prequal import v1
from contracts.registry import v1 as registry
from flexreg import terminal
from flexreg.address import Address
from flexreg.cli import app
from flexreg.client import Register
from flexreg.held import UnableToAnswer

pytestmark = pytest.mark.unit

TSO = "7080000000029"
POINT = "707057500000000001"
APPLICATION, GROUP, ASLEEP = (f"01900000-0000-7000-8000-00000000000{n}" for n in (1, 2, 3))
BEFORE = {
    "cap_w": 3_000_000,
    "used_w": 2_000_000,
    "waiting": 1,
    "waiting_w": 1_500_000,
    "next_cap_w": None,
    "next_from": None,
}
WAITING = [{"application_id": APPLICATION, "group_id": GROUP, "requested_w": 1_500_000, "size_w": 1_500_000}]


def tried(what: str, *events: dict[str, Any], codes: Iterable[str] = ()) -> dict[str, Any]:
    reasons = [{"code": code} for code in codes]
    return {
        "what": what, "subject": "NO3", "at": "2026-02-01T08:00:00Z", "refused": bool(reasons), "reasons": reasons,
        "events": list(events),
    }  # fmt: skip


class StandIn:
    """Holds a zone, a group that is approved, and one that waits for nothing."""

    operator = TSO

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.tried: list[dict[str, Any]] = []
        self.again: list[dict[str, Any]] = []

    async def now(self) -> datetime:
        return datetime(2026, 2, 1, 8, tzinfo=UTC)

    async def list(self, _service: str, _kind: str) -> list[dict[str, Any]]:
        after = {"next_cap_w": 6_000_000, "next_from": "2026-03-01T05:00:00Z"}
        lowered = BEFORE | {"cap_w": 1_000_000} | after
        return [
            {"id": "NO1", "state": {"told": lowered, "waiting": []}},
            {"id": "NO3", "state": {"told": BEFORE, "waiting": WAITING}},
        ]

    async def each(self, _service: str, _kind: str) -> AsyncIterator[dict[str, Any]]:
        yield {"id": GROUP, "state": {"admitted": APPLICATION, "under_way": None}}
        yield {"id": ASLEEP, "state": {"admitted": None, "under_way": None}}

    async def show(self, _service: str, kind: str, _id: str) -> dict[str, Any]:
        stay = {"dso": "7080000000111", "power": {"up_w": 5, "down_w": 6}}
        group = {"bsp": "7080000000210", "members": {POINT: [stay]}}
        return {"state": group if kind == "group" else {"allowed": {POINT: {"up_w": 5, "down_w": 6}}}}

    async def suppose(self, service: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append((service, dict(asked)))
        after = BEFORE | {"cap_w": 4_000_000, "used_w": 3_500_000, "waiting": 0, "waiting_w": 0}
        changed = [
            {"kind": "zone", "id": "NO3", "before": {"told": BEFORE, "waiting": WAITING}, "after": {"told": after}}
        ]
        return {"at": "2026-02-01T08:00:00Z", "tried": self.tried, "changed": changed}

    async def redecide(self, service: str, id_: str, also: Iterable[dict[str, Any]]) -> dict[str, Any]:
        self.asked.append((service, {"id": id_, "also": list(also)}))
        return self.again.pop(0)


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    there = StandIn()

    @contextlib.asynccontextmanager
    async def opened() -> AsyncIterator[StandIn]:
        yield there

    monkeypatch.setattr(terminal, "register", opened)
    return there


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def lines(result: Result) -> list[Any]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "for_people", lambda **_: True)
    monkeypatch.setenv("COLUMNS", "200")


def test_zones_are_listed_with_who_waits_and_what_comes(register: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    assert register
    first, second = lines(run("zones"))
    assert (first["zone"], first["free_w"], first["next_cap_w"]) == ("NO1", 0, 6_000_000)
    assert (first["deficit_w"], second["deficit_w"]) == (1_000_000, 0)
    assert second["queue"] == [{"application_id": APPLICATION, "group_id": GROUP, "requested_w": 1_500_000}]
    people(monkeypatch)
    shown = run("zones").stdout
    assert "6 MW 2026-03-01 06:00" in shown
    assert [word for word in shown.splitlines()[2].split() if word] == ["NO3", "3", "2", "1", "1", "1.5"]


def test_what_is_supposed_is_asked_in_order_policies_first(register: StandIn, tmp_path: Path) -> None:
    further = tmp_path / "steps.jsonl"
    further.write_text('{"type": "x", "data": {}}\n\n', encoding="utf-8")
    result = run(
        "what-if", "--approve", f"{APPLICATION}=2/1", "--cap", "NO3=4", "--policy", "group.min-kw=2000",
        "--steps", str(further), "--until", "+P1D",
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    [(service, asked)] = register.asked
    assert (service, asked["kinds"], asked["until"]) == ("prequal", ["zone"], datetime(2026, 2, 2, 8, tzinfo=UTC))
    types = [step["type"] for step in asked["steps"]]
    again = registry.MemberPowerChanged.type
    assert types == [registry.PolicySet.type, again, v1.SetZoneCap.type, v1.DecidePrequalification.type, "x"]
    assert asked["steps"][1]["data"]["up_w"] == 5


def test_what_would_follow_is_told_with_who_falls_out(register: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    lapsed = {"type": v1.ApplicationLapsed.type, "subject": APPLICATION, "data": {"group_id": GROUP}}
    unheard = {"type": v1.ZoneVolumeChanged.type, "subject": "NO3", "data": {}}
    register.tried = [tried(v1.SetZoneCap.type, lapsed, unheard), tried("x", codes=["ZONE_CAP_MISSING"])]
    result = run("what-if", "--cap", "NO3=4")
    zone, followed, refused, out = lines(result)
    assert (zone["before"]["used_w"], zone["after"]["used_w"], zone["after"]["queue"]) == (2_000_000, 3_500_000, [])
    assert (followed["what"], refused["refused"], out["falling_out"]) == ("ApplicationLapsed", "x", [GROUP])
    assert result.exit_code == 1, "something would be refused"
    people(monkeypatch)
    result = run("what-if", "--cap", "NO3=4")
    assert "3 → 4" in result.stdout
    assert f"groups falling out: {GROUP}" in result.stdout
    assert "ZONE_CAP_MISSING" in result.stderr


@pytest.mark.parametrize("wrong", [("--cap", "NO3"), ("--policy", "x=1"), ("--approve", "x"), ("--steps", "/nowhere")])
def test_what_cannot_be_supposed_is_said(register: StandIn, wrong: tuple[str, str]) -> None:
    result = run("what-if", *wrong)
    assert (result.exit_code, register.asked) == (2, [])
    assert "→" in result.stderr


async def test_the_service_is_asked_at_its_port_and_what_it_cannot_answer_is_said() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if b"nonsense" in request.content:
            return httpx.Response(400, json={"error": "prequal takes no nonsense"})
        return httpx.Response(200, json={"tried": []})

    place = Address("127.0.0.1:1", urls={"prequal": "http://127.0.0.1:2"})
    async with contextlib.AsyncExitStack() as stack, httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        register = Register(place, http, stack)
        moment = datetime(2026, 2, 1, 8, tzinfo=UTC)
        assert await register.suppose("prequal", {"at": moment, "steps": []}) == {"tried": []}
        assert await register.redecide("prequal", "zone|NO3|cap-change|2026", [{"type": "t"}]) == {"tried": []}
        with pytest.raises(UnableToAnswer, match="cannot answer") as unable:
            await register.suppose("prequal", {"steps": [{"type": "nonsense"}]})
        assert unable.value.todo == "prequal takes no nonsense"
    first, second, _ = asked
    assert (first.url.path, json.loads(first.content)) == ("/try", {"at": "2026-02-01T08:00:00Z", "steps": []})
    assert first.headers["content-type"] == "application/json"
    assert second.url.path == "/redecide/zone|NO3|cap-change|2026"
    assert json.loads(second.content) == {"also": [{"type": "t"}]}


def decision(*, same: bool, up_w: int) -> dict[str, Any]:
    def said(up_w: int) -> dict[str, Any]:
        return {"refused": False, "codes": [], "events": [{"type": "t", "subject": "s", "data": {"up_w": up_w}}]}

    figures = {"cause": "c-1", "at": "2026-01-05T08:00:00Z", "position": 7, "same": same}
    return {**figures, "decided": said(1), "again": said(up_w)}


def test_a_decision_again_is_the_same_or_shows_the_difference(
    register: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    register.again = [decision(same=True, up_w=1)]
    assert run("redecide", "c-1").exit_code == 0
    assert register.asked == [("prequal", {"id": "c-1", "also": []})]
    people(monkeypatch)
    register.again = [decision(same=True, up_w=1), decision(same=False, up_w=2)]
    result = run("redecide", "c-1", "--policy", "group.min-kw=2000")
    assert (result.exit_code, register.asked[-1][1]["also"][0]["data"]["valid_from"]) == (1, "2026-01-05T08:00:00Z")
    assert "again as it was: the same" in result.stdout
    assert "- t {'up_w': 1}" in result.stdout
    assert "+ t {'up_w': 2}" in result.stdout
