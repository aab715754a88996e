"""What a service says that it holds, through its operator's port: a document, a list of them, a history."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx

from contracts import values
from flexreg.problem import Problem

PAGE = 1000
_NO_SUCH_DOCUMENT = "not found"
_BAD_REQUEST, _NOT_FOUND = 400, 404

Get = Callable[[str, Mapping[str, Any]], Awaitable[httpx.Response]]
"""Asks the port of one service."""


class NotThere(Problem):
    """No such service, or no such kind of document."""


class UnableToAnswer(Problem):
    """The service holds it, but cannot say what was asked."""


@dataclass(frozen=True, slots=True)
class Asked:
    """As valid at a moment, as known at a moment, and only documents whose fields have these values (`dso=708…`)."""

    valid_at: datetime | None = None
    known_at: datetime | None = None
    where: tuple[str, ...] = ()
    party: str | None = None
    """As this party sees it, and not otherwise."""

    @property
    def params(self) -> dict[str, Any]:
        """As the port is asked."""
        moments = {"valid_at": self.valid_at, "known_at": self.known_at}
        asked: dict[str, Any] = {name: values.time_text(at) for name, at in moments.items() if at is not None}
        if self.party is not None:
            asked["as"] = self.party
        return asked | ({"where": list(self.where)} if self.where else {})


@dataclass(frozen=True, slots=True)
class Held:
    """The documents of one kind in one service. Everything raises `NotThere` and `UnableToAnswer`."""

    service: str
    kind: str
    get: Get = field(repr=False)

    async def show(self, id: str, asked: Asked) -> dict[str, Any] | None:  # noqa: A002 - the word for it
        """One document: `{kind, id, version, state}`; None where there is none."""
        answer = await self._answer(f"/show/{self.kind}/{quote(id, safe='')}", asked.params)
        return None if answer is None else answer.json()

    async def each(self, asked: Asked, *, limit: int | None, after: str) -> AsyncIterator[dict[str, Any]]:
        """Documents by id, behind one: `{id, version, state}`."""
        # What does not pass counts for the page too: with a filter a small page would mean many.
        page = PAGE if limit is None or asked.where else min(PAGE, limit)
        given = 0
        async for document in self._pages(f"/list/{self.kind}", asked.params | {"limit": page, "after": after}):
            yield document
            given += 1
            if given == limit:
                return

    async def history(self, id: str) -> AsyncIterator[dict[str, Any]]:  # noqa: A002 - the word for it
        """The events that changed a document: `{position, type, id, recorded_at, time, cause, sender, data}`."""
        async for change in self._pages(f"/history/{self.kind}/{quote(id, safe='')}", {"limit": PAGE}):
            yield change

    async def _pages(self, path: str, params: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]:
        further: str | None = ""
        while further is not None:
            answer = await self._answer(path, {**params, "after": further} if further else params)
            if answer is None:
                return
            for one in answer.json():
                yield one
            link = answer.links.get("next")
            further = httpx.URL(link["url"]).params["after"] if link else None

    async def _answer(self, path: str, params: Mapping[str, Any]) -> httpx.Response | None:
        answer = await self.get(path, params)
        if answer.status_code == _NOT_FOUND:
            if (error := answer.json()["error"]) == _NO_SUCH_DOCUMENT:
                return None
            raise NotThere(f"{self.service} holds no {self.kind!r}", error)
        if answer.status_code == _BAD_REQUEST:
            raise UnableToAnswer(f"{self.service} cannot answer that", answer.json()["error"])
        answer.raise_for_status()
        return answer
