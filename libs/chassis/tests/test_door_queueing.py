"""A burst at the door waits for its turn; who has waited in vain is told so."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse, Response

from chassis.door.queueing import queued

pytestmark = pytest.mark.unit


class Slow:
    """An application that answers when it is let, and counts how often it is at work at once."""

    def __init__(self) -> None:
        self.at_work = self.most = 0
        self.go_on = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.at_work += 1
        self.most = max(self.most, self.at_work)
        await self.go_on.wait()
        self.at_work -= 1
        await PlainTextResponse("done")(scope, receive, send)


def turned_away(at_work: int) -> Response:
    return PlainTextResponse(f"at most {at_work}", 503)


async def asks(application: Any, count: int) -> list[asyncio.Task[httpx.Response]]:
    client = httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://door")
    tasks = [asyncio.create_task(client.get("/")) for _ in range(count)]
    for _ in range(20):
        await asyncio.sleep(0)
    return tasks


async def test_a_burst_is_answered_in_turn() -> None:
    slow = Slow()
    tasks = await asks(queued(slow, turned_away=turned_away, at_work=4), 130)
    assert slow.at_work == 4
    slow.go_on.set()
    assert {answer.status_code for answer in await asyncio.gather(*tasks)} == {200}
    assert slow.most == 4


async def test_who_has_waited_in_vain_is_told_and_takes_no_place() -> None:
    slow = Slow()
    tasks = await asks(queued(slow, turned_away=turned_away, at_work=1, waits=0.01), 3)
    done, left = await asyncio.wait(tasks, timeout=5, return_when=asyncio.FIRST_COMPLETED)
    while len(done) < 2:
        more, left = await asyncio.wait(left, timeout=5, return_when=asyncio.FIRST_COMPLETED)
        done |= more
    assert {(one.result().status_code, one.result().text) for one in done} == {(503, "at most 1")}
    slow.go_on.set()
    assert (await left.pop()).status_code == 200
    assert slow.at_work == 0
