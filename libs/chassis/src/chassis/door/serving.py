"""The door itself: `/documents/{id}`, to bring in, read and take back documents, and what a service has beside them.

Every answer is JSON with a reason in the words of a receipt, or a document that no browser opens or guesses at.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import logging
import re
import tempfile
import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import IO, TYPE_CHECKING, Any, Final
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from chassis import store
from chassis.door import content, naming, papers, proof, rules
from chassis.door.gate import Caller, Gate, Limits, Once
from chassis.door.papers import Kept, Paper, StandsOf
from chassis.door.queueing import queued
from chassis.door.rules import Turned
from chassis.listening import listening
from chassis.process import Process
from chassis.service import Kind
from chassis.settings import Settings
from contracts import values
from contracts.message import Rule
from contracts.parties import Party
from contracts.party_keys import PartyKey

if TYPE_CHECKING:
    from chassis.consumer import Consumer

LOG = logging.getLogger("flexregister")
POLL: Final = 0.1
DECIDED_WITHIN: Final = 10.0
"""Seconds that an answer waits for the decision."""
DRAINED_TIMES: Final = 5
"""What says that it is up to so many times too large is let come before it is refused; of more the connection ends."""
SAFE: Final = {
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; sandbox",
}
_ID: Final[TypeAdapter[str]] = TypeAdapter(values.Uuid)
_PLAIN: Final = re.compile(r"/[A-Za-z0-9/._~-]*").fullmatch
"""A path that is itself in every way of writing it, so that nothing must be taken apart to put it together again."""
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
_SERVER: Final[dict[str, Any]] = {
    "ws": "none",
    "access_log": False,
    "server_header": False,
    # Beyond this the server itself says 503, without a word; of these some wait for their turn.
    "limit_concurrency": 256,
    "timeout_keep_alive": 5,
    "h11_max_incomplete_event_size": 16 * 1024,
    "timeout_graceful_shutdown": 5,
}


@dataclass(frozen=True)
class Beside:
    """What a service's door has beside documents."""

    routes: Callable[[Desk], Sequence[BaseRoute]]
    attend: Callable[[Consumer, AsyncEngine, bool], Awaitable[int]] | None = None
    """What its writer does each time that it looks at wishes, on a sandbox's clock or not: how many it gave itself."""


@dataclass(frozen=True)
class Door:
    """What a service says about its door. `stands` and `may_read` look at what it has decided, and only look.

    A door without `stands` takes no documents: it has only what is beside them.
    """

    name: str
    keys: Kind[PartyKey]
    parties: Kind[Party]
    stands: StandsOf | None = None
    may_read: Callable[[AsyncConnection, Paper, Caller], Awaitable[bool]] | None = None
    limits: Limits = field(default_factory=Limits)
    beside: Beside | None = None

    async def attend(self, running: Process) -> None:
        """Keep the door open, and have decided what came in (`process.main(alongside=…)`)."""
        settings: Any = running.settings
        async with contextlib.AsyncExitStack() as stack:
            if settings.door_port is not None:
                database = connect(settings.database_url.get_secret_value())
                stack.push_async_callback(database.dispose)
                desk = Desk(self, self.gate(settings, database), database, sandbox=settings.sandbox)
                opened = listening(application(desk), port=settings.door_port, host=settings.door_host, **_SERVER)
                port = await stack.enter_async_context(opened)
                LOG.info("%s: the door is open on %s:%d", running.name, settings.door_host, port)
            while True:
                given = 0
                try:
                    consumer = running.consumers[0]
                    if await consumer.lead():
                        given = await self._give(consumer, running.database, sandbox=settings.sandbox)
                except Exception as error:  # noqa: BLE001 - whatever is away comes back; the loop must outlive it
                    LOG.warning("%s: the door: %s: %s", running.name, type(error).__name__, error)
                # What waits is looked at again, and not at once.
                await asyncio.sleep(POLL if not given else POLL / 2)

    async def _give(self, consumer: Consumer, database: AsyncEngine, *, sandbox: bool) -> int:
        given = 0
        if self.stands is not None:
            given += await papers.give_wishes(consumer, database, self.stands, sandbox=sandbox)
        if self.beside is not None and self.beside.attend is not None:
            given += await self.beside.attend(consumer, database, sandbox)
        return given

    def gate(self, settings: Settings, database: AsyncEngine) -> Gate:
        """Who is let in."""
        audience = proof.audience(self.name, operator=settings.operator, namespace=settings.namespace)
        return Gate(audience, database, self.keys, self.parties, self.limits)


def connect(url: str) -> AsyncEngine:
    """A door's own pool: what it asks is asked again and again.

    To plan a question about values anew each time takes longer than to answer it, for there is a table of each month.
    """
    return store.connect(url, plan_cache_mode="force_generic_plan")


def application(desk: Desk) -> Any:
    """The door as an ASGI application."""
    documents = [Route("/documents/{id}", desk.answer, methods=["PUT", "GET", "HEAD", "DELETE"])]
    if desk.door.stands is None:
        documents.clear()
    app = Starlette(
        routes=[*documents, *(desk.door.beside.routes(desk) if desk.door.beside else ())],
        exception_handlers={404: _no_such_place, 405: _method_not_taken},
    )
    # A proof is of one path: where a redirect led, it would not hold.
    app.router.redirect_slashes = False
    limit = desk.gate.limits.seconds

    async def in_time(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        try:
            async with asyncio.timeout(limit):
                await app(scope, receive, send)
        except TimeoutError:
            # It has begun to answer, and whoever asked does not take it: the server ends the connection.
            LOG.warning("the door: gave up on a transfer after %s s", limit)
            raise

    return queued(in_time, turned_away=_turned_away)


async def _no_such_place(_request: Request, _error: Exception) -> Response:
    return refusal(Turned(404, rules.NO_SUCH_PLACE))


async def _method_not_taken(request: Request, error: Exception) -> Response:
    allowed = (getattr(error, "headers", None) or {}).get("Allow", "")
    taken = ", ".join(sorted(allowed.split(", ")))
    # What is no method at all is not said again.
    method = request.method if request.method in _METHODS else ""
    answer = refusal(Turned(405, rules.METHOD_NOT_TAKEN, limit=taken, actual=method))
    answer.headers["allow"] = taken
    return answer


def _turned_away(at_work: int) -> Response:
    return refusal(Turned(503, rules.TOO_MANY_REQUESTS, limit=at_work, unit="at once"))


@dataclass
class Desk:
    """Answers at the door."""

    door: Door
    gate: Gate
    database: AsyncEngine
    decided_within: float = DECIDED_WITHIN
    sandbox: bool = False
    """Whether the business goes by a sandbox's clock."""

    async def answer(self, request: Request) -> Response:
        """Let in and answer, or say why not."""
        try:
            caller = await self.admit(request)
            with contextlib.suppress(ValidationError):
                id_ = _ID.validate_python(request.path_params["id"])
                match request.method:
                    case "PUT":
                        return await self.put(request, id_, caller)
                    case "DELETE":
                        return await self.delete(id_, caller)
                    case _:
                        return await self.get(request, id_, caller)
            raise _not_found()
        except Turned as turned:
            return refusal(turned)

    async def admit(self, request: Request) -> Caller:
        """Who asks. Raises `Turned`."""
        return await self.gate.admit(method=request.method, path=_asked(request), headers=request.headers)

    async def check(self, request: Request) -> tuple[Caller, Once]:
        """Who asks, with the proof to be used before anything is answered. Raises `Turned`."""
        return await self.gate.check(method=request.method, path=_asked(request), headers=request.headers)

    async def words(self, request: Request, caller: Caller, *, most: int = 4096) -> bytes:
        """The body of a request that is a few words, as it was signed. Raises `Turned`."""
        with io.BytesIO() as file:
            _, sha256 = await self._receive(request, file, most=most)
            if sha256 != caller.sha256:
                raise Turned(400, rules.DOCUMENT_NOT_AS_SIGNED)
            return file.getvalue()

    async def put(self, request: Request, id_: str, caller: Caller) -> Response:
        """Take a document: the same id and bytes again get the same answer."""
        limits, length = self.gate.limits, request.headers.get("content-length", "")
        if not length.isdecimal():
            raise Turned(411, rules.LENGTH_REQUIRED)
        if len(length) > 15 or int(length) > limits.bytes:
            if len(length) <= 15 and int(length) <= limits.bytes * DRAINED_TIMES:
                with self.gate.transfer(caller.party):
                    await self._drain(request)
            raise _too_large(limits.bytes, int(length[:15]))
        with self.gate.transfer(caller.party), tempfile.TemporaryFile() as file:
            size, sha256 = await self._receive(request, file)
            if sha256 != caller.sha256:
                raise Turned(400, rules.DOCUMENT_NOT_AS_SIGNED)
            file.seek(0)
            type_ = await asyncio.to_thread(content.media_type_of, file)
            if type_ is None:
                raise Turned(415, rules.DOCUMENT_OF_OTHER_TYPE, limit=", ".join(content.TAKEN))
            paper = Paper(id_, caller.party, sha256, size, type_)
            name = naming.safe(request.headers.get("file-name", ""), ending=content.ENDINGS[type_])
            before = await papers.keep(self.database, paper, name, file)
        if before is not None and (before.paper != paper or before.discarded):
            raise Turned(409, rules.DOCUMENT_ID_REUSED)
        return await self._received(paper)

    async def get(self, request: Request, id_: str, caller: Caller) -> Response:
        """A document, for those entitled to it; for others there is none."""
        kept = await self._readable(id_, caller)
        headers = {
            **SAFE,
            "content-disposition": f"attachment; filename*=UTF-8''{quote(kept.name, safe='')}",
            "content-length": str(kept.paper.size_bytes),
            "etag": f'"{kept.paper.sha256}"',
        }
        if request.method == "HEAD":
            return Response(headers=headers, media_type=kept.paper.media_type)
        return _Transfer(self.gate, caller, papers.parts(self.database, id_), kept.paper.media_type, headers)

    async def delete(self, id_: str, caller: Caller) -> Response:
        """Take back a document that is not evidence in anything."""
        kept = await papers.find(self.database, id_)
        if kept is None or kept.paper.party != caller.party:
            raise _not_found()
        if await self._stands(id_) == "received":
            await papers.wish_discarded(self.database, id_)
            await self._until(id_, lambda stands: stands != "received")
        match await self._stands(id_):
            case "discarded":
                return Response(status_code=204, headers=SAFE)
            case "referred":
                raise Turned(409, rules.DOCUMENT_IN_USE)
            case _:
                raise Turned(503, rules.NOT_DECIDED_YET)

    async def _receive(self, request: Request, file: IO[bytes], *, most: int | None = None) -> tuple[int, str]:
        """Write what comes, counted and hashed on its way; nothing is kept of what is too much or too slow."""
        limits, size, digest = self.gate.limits, 0, hashlib.sha256()
        most = limits.bytes if most is None else most
        stream = request.stream().__aiter__()
        # A little before the whole request's time is over: there is still an answer then.
        ends = time.monotonic() + limits.seconds * 0.75
        try:
            while True:
                wait = min(limits.idle_seconds, ends - time.monotonic())
                piece = await asyncio.wait_for(anext(stream, None), wait)
                if piece is None:
                    return size, digest.hexdigest()
                size += len(piece)
                if size > most:
                    raise _too_large(most, size)
                digest.update(piece)
                file.write(piece)
        except (TimeoutError, ClientDisconnect):
            raise Turned(408, rules.DOCUMENT_TOO_SLOW, limit=int(limits.seconds * 0.75), unit="s") from None

    async def _drain(self, request: Request) -> None:
        """Let come what is not kept: who is still sending when the connection ends never reads why."""
        ends = time.monotonic() + self.gate.limits.seconds * 0.75
        stream = request.stream().__aiter__()
        with contextlib.suppress(TimeoutError, ClientDisconnect):
            while True:
                wait = min(self.gate.limits.idle_seconds, ends - time.monotonic())
                if await asyncio.wait_for(anext(stream, None), wait) is None:
                    return

    async def _received(self, paper: Paper) -> Response:
        became = await self._until(paper.id, lambda stands: stands != "unknown")
        said = {**asdict(paper), "links": {"self": f"/documents/{paper.id}"}}
        if became == "unknown":
            if await papers.find(self.database, paper.id) is None:
                # It was decided that the id is another thing's.
                raise Turned(409, rules.DOCUMENT_ID_REUSED)
            return JSONResponse({**said, "notice": _said(rules.NOT_DECIDED_YET)}, 202, headers=SAFE)
        return JSONResponse(said, 201, headers=SAFE)

    async def _readable(self, id_: str, caller: Caller) -> Kept:
        kept = await papers.find(self.database, id_)
        if kept is None or kept.discarded:
            raise _not_found()
        async with self.database.connect() as connection:
            may_read = self.door.may_read
            is_own = kept.paper.party == caller.party
            if not is_own and (may_read is None or not await may_read(connection, kept.paper, caller)):
                raise _not_found()
        return kept

    async def _stands(self, id_: str) -> papers.Stands:
        assert self.door.stands is not None
        async with self.database.connect() as connection:
            return await self.door.stands(connection, id_)

    async def _until(self, id_: str, reached: Callable[[papers.Stands], bool]) -> papers.Stands:
        """How it stands when that is reached, or the time to wait is over."""
        ends = time.monotonic() + self.decided_within
        while not reached(stands := await self._stands(id_)) and time.monotonic() < ends:
            await asyncio.sleep(POLL / 2)
            if stands == "unknown" and await papers.find(self.database, id_) is None:
                break
        return stands


class _Transfer(StreamingResponse):
    """A document on its way out: one of the transfers that there is room for."""

    def __init__(self, gate: Gate, caller: Caller, parts: Any, kind: str, headers: dict[str, str]) -> None:
        super().__init__(parts, media_type=kind, headers=headers)
        self._gate, self._caller = gate, caller

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        try:
            with self._gate.transfer(self._caller.party):
                await super().__call__(scope, receive, send)
        except Turned as turned:
            await refusal(turned)(scope, receive, send)


def _asked(request: Request) -> str:
    """The path with its query, as it is signed."""
    path: str = request.scope["path"]
    query: bytes = request.scope["query_string"]
    if _PLAIN(path) and query.isascii() and b"#" not in query:
        return f"{path}?{query.decode()}" if query else path
    url = request.url
    return url.path + (f"?{url.query}" if url.query else "")


def refusal(turned: Turned) -> Response:
    """The answer that says why not."""
    headers = dict(SAFE)
    if turned.status == 401:
        headers["www-authenticate"] = "Bearer"
    if turned.status in {429, 503}:
        headers["retry-after"] = "5"
    if turned.status in {408, 411, 413}:
        headers["connection"] = "close"
    return JSONResponse(turned.reason.model_dump(), turned.status, headers=headers)


def _said(rule: Rule) -> dict[str, Any]:
    return rule.reason().model_dump()


def _not_found() -> Turned:
    return Turned(404, rules.DOCUMENT_NOT_FOUND)


def _too_large(most: int, actual: int) -> Turned:
    return Turned(413, rules.DOCUMENT_TOO_LARGE, limit=most, actual=actual, unit="bytes")
