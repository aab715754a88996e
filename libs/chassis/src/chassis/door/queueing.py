"""So many requests are worked on at once, and the next ones wait a little for their turn: a burst is no refusal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from starlette.responses import Response

Scope = MutableMapping[str, Any]
Application = Callable[[Scope, Any, Any], Awaitable[None]]

AT_WORK: Final = 32
WAITS: Final = 10.0
"""Seconds that a request waits for its turn."""


def queued(
    application: Application, *, turned_away: Callable[[int], Response], at_work: int = AT_WORK, waits: float = WAITS
) -> Application:
    """The same application, worked on so often at once. `turned_away`: the answer to who has waited in vain."""
    room = asyncio.Semaphore(at_work)

    async def in_turn(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        if room.locked():
            try:
                async with asyncio.timeout(waits):
                    await room.acquire()
            except TimeoutError:
                await turned_away(at_work)(scope, receive, send)
                return
        else:
            await room.acquire()
        try:
            await application(scope, receive, send)
        finally:
            room.release()

    return in_turn
