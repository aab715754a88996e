"""How the operator's port of a service is asked: page by page, with its refusals as problems."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from flexreg.held import Asked, Held, NotThere, UnableToAnswer

pytestmark = pytest.mark.unit

T = datetime(2026, 1, 20, tzinfo=UTC)


class Port:
    """Answers with what it was given, one after another."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, dict[str, Any]]] = []

    async def get(self, path: str, params: Mapping[str, Any]) -> httpx.Response:
        self.asked.append((path, dict(params)))
        answer = self.answers.pop(0)
        answer.request = httpx.Request("GET", f"http://127.0.0.1{path}")
        return answer

    @property
    def held(self) -> Held:
        return Held("registry", "group", self.get)


def page(*ids: str, after: str = "") -> httpx.Response:
    headers = {"link": f'</list/group?limit=2&after={after}>; rel="next"'} if after else {}
    return httpx.Response(200, json=[{"id": id_} for id_ in ids], headers=headers)


def refused(status: int, error: str) -> httpx.Response:
    return httpx.Response(status, json={"error": error})


async def ids(port: Port, asked: Asked, limit: int | None = None) -> list[str]:
    return [one["id"] async for one in port.held.each(asked, limit=limit, after="")]


async def test_pages_are_read_until_there_are_no_more_also_where_one_has_nothing() -> None:
    port = Port(page("a", after="%C3%B8"), page(after="z"), page("c"))
    assert await ids(port, Asked()) == ["a", "c"]
    assert [params["after"] for _, params in port.asked] == ["", "ø", "z"]


async def test_no_more_is_asked_for_than_the_limit() -> None:
    port = Port(page("a", "b", after="b"), page("c", after="c"))
    assert await ids(port, Asked(), limit=3) == ["a", "b", "c"]
    assert port.asked[0][1]["limit"] == 3


async def test_with_a_filter_pages_are_large_however_few_are_wanted() -> None:
    port = Port(page("a", "b"))
    assert await ids(port, Asked(where=("bsp=7",)), limit=1) == ["a"]
    assert port.asked[0][1] == {"where": ["bsp=7"], "limit": 1000, "after": ""}


async def test_a_document_is_asked_for_as_valid_and_as_known() -> None:
    port = Port(httpx.Response(200, json={"id": "a/ø"}), refused(404, "not found"))
    assert await port.held.show("a/ø|?", Asked(T, T)) == {"id": "a/ø"}
    assert port.asked == [
        ("/show/group/a%2F%C3%B8%7C%3F", {"valid_at": "2026-01-20T00:00:00Z", "known_at": "2026-01-20T00:00:00Z"})
    ]
    assert await port.held.show("b", Asked()) is None


async def test_what_cannot_be_answered_is_a_problem() -> None:
    with pytest.raises(UnableToAnswer) as refusal:
        await Port(refused(400, "ask bsp-switch")).held.show("a", Asked(known_at=T))
    assert refusal.value.todo == "ask bsp-switch"
    with pytest.raises(NotThere):
        await ids(Port(refused(404, "no such kind; there are group")), Asked())


async def test_a_history_is_read_to_its_end() -> None:
    port = Port(page("1", after="1"), page("2"))
    assert [one["id"] async for one in port.held.history("a")] == ["1", "2"]
    assert [path for path, _ in port.asked] == ["/history/group/a"] * 2
    assert [one async for one in Port(refused(404, "not found")).held.history("b")] == []
