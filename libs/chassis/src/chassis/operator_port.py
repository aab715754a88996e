"""The operator's port: what a process holds and how it is, on a loopback address. Services never use it.

It answers only to a loopback `Host`, and what changes something must be a POST with `application/json`: a web page
that an operator has open can do neither.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic_core import to_jsonable_python
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from chassis import asking, history, parking, rebuild, redecide, store, telemetry, trial
from chassis.engine import Engine
from chassis.listening import listening
from chassis.service import Kind, Service
from chassis.work import Work

if TYPE_CHECKING:
    from chassis.process import Process

_STANDS = text(
    "SELECT w.epoch, w.position, w.ledger_position, w.passed_until, r.published_to,"
    " (SELECT count(*) FROM engine.parked p WHERE p.shard = w.shard AND reason = 'failed') AS failed,"
    " (SELECT count(*) FROM engine.parked p WHERE p.shard = w.shard AND reason <> 'failed') AS waits"
    " FROM engine.writer w JOIN engine.relay r USING (shard) WHERE w.shard = :shard"
)
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@contextlib.asynccontextmanager
async def serving(process: Process) -> AsyncGenerator[None]:
    """Serve as long as the context lasts."""
    more = process.pages(process) if process.pages else ()
    async with listening(application(process, more), port=process.settings.port):
        yield


async def revisit_released(engine: Engine) -> None:
    """Go on with what an operator released."""
    if engine.held:
        async with engine.database.connect() as connection:
            released = await connection.scalar(
                text("SELECT 1 FROM engine.parked WHERE shard = :shard AND action <> '' LIMIT 1"),
                {"shard": engine.service.shard},
            )
        if released:
            await engine.revisit()


def application(process: Process, more: Sequence[BaseRoute] = ()) -> Starlette:
    """The pages of the port, and those that are the process' own."""
    port = _Port(process)
    routes = [
        Route("/ready", port.ready),
        Route("/status", port.status),
        Route("/parked", port.parked),
        Route("/parked/{key}/{action}", port.act, methods=["POST"]),
        Route("/kinds", port.kinds),
        Route("/show/{kind}/{id:path}", port.show),
        Route("/list/{kind}", port.list),
        Route("/history/{kind}/{id:path}", port.history),
        Route("/try", port.trial, methods=["POST"]),
        Route("/ask/{name}", port.ask, methods=["POST"]),
        Route("/redecide/{id:path}", port.redecide, methods=["POST"]),
        Route("/prove", port.prove),
        Route("/metrics", port.metrics),
        *more,
    ]
    troubles = {_NoSuchKind: _no_such_kind, asking.UnableToAnswer: _unable_to_answer}
    app = Starlette(routes=routes, exception_handlers=troubles)
    app.add_middleware(_Loopback)
    return app


class _Loopback:
    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        request = Request(scope)
        host = request.headers.get("host", "").rpartition(":")[0] or request.headers.get("host", "")
        if host not in LOOPBACK:
            await PlainTextResponse("only from this machine", 403)(scope, receive, send)
        elif request.method == "POST" and request.headers.get("content-type") != "application/json":
            await PlainTextResponse("application/json is required", 415)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class _Port:
    def __init__(self, process: Process) -> None:
        self._process = process

    async def ready(self, _request: Request) -> Response:
        """200 when this process does its work (a standby is ready too)."""
        return JSONResponse({"ready": self._process.ready}, 200 if self._process.ready else 503)

    async def status(self, _request: Request) -> Response:
        """Positions, lag, the next deadline, what waits."""
        process = self._process
        shards: list[dict[str, Any]] = []
        async with process.database.connect() as connection:
            for number, shard in enumerate(process.shards):
                consumer = process.consumers[number] if process.consumers else None
                name = shard.service.shard
                # First what it is behind, then where it stands: nothing behind and the same place twice running means
                # that nothing was decided in between. The other way round, what was decided just now would not show.
                lag = await consumer.lag() if consumer else 0
                row = (await connection.execute(_STANDS, {"shard": name})).one()
                next_due = await connection.scalar(
                    # One that is overdue is decided when time passes next, or is parked: it is not what comes next.
                    text(
                        "SELECT min(due_at) FROM own.deadline WHERE kind = ANY(CAST(:kinds AS text[]))"
                        " AND (CAST(:passed AS timestamptz) IS NULL OR due_at > :passed)"
                    ),
                    {
                        "kinds": [kind.name for kind in shard.service.kinds if kind.deadlines is not None],
                        "passed": row.passed_until,
                    },
                )
                shards.append(
                    {
                        "shard": name,
                        "writer": bool(consumer and consumer.assigned() and consumer.engine.epoch == row.epoch),
                        "epoch": row.epoch,
                        "position": row.position,
                        "ledger_position": row.ledger_position,
                        "published_to": row.published_to,
                        "passed_until": row.passed_until,
                        "lag": lag,
                        "seconds_behind": round(consumer.seconds_behind(), 1) if consumer else 0,
                        "next_deadline": next_due,
                        "parked": row.failed,
                        "waiting": row.waits,
                        "reads": len(consumer.client.assignment()) if consumer and consumer.assigned() else 0,
                        "busy": bool(consumer and consumer.engine.busy.locked()),
                        "trouble": consumer.trouble if consumer else "",
                        "alarm": consumer.alarm if consumer else "",
                    }
                )
        answer = {"name": process.name, "role": process.role, "ready": process.ready, "shards": shards}
        return JSONResponse(to_jsonable_python(answer))

    async def parked(self, _request: Request) -> Response:
        """Everything that has no position: failed, behind a failed one, or waiting for a deadline."""
        rows: list[dict[str, Any]] = []
        async with self._process.database.connect() as connection:
            for shard in self._process.shards:
                rows += [
                    {
                        "shard": shard.service.shard,
                        "key": row.key,
                        "reason": row.reason,
                        "holds": row.held,
                        "type": row.what,
                        "id": row.id,
                        "position": f"{row.record.topic}/{row.record.part}/{row.record.off}",
                        "error": row.error,
                        "action": row.action,
                        "body": row.record.value.decode("utf-8", "replace"),
                    }
                    for row in await parking.waiting(connection, shard.service.shard)
                ]
        return JSONResponse(to_jsonable_python(rows))

    async def act(self, request: Request) -> Response:
        """Release a parked input (`retry`), or drop a parked command (`drop`)."""
        key, action = request.path_params["key"], request.path_params["action"]
        if action not in ("retry", "drop"):
            return JSONResponse({"error": "retry or drop"}, 404)
        async with self._process.database.begin() as connection:
            for shard in self._process.shards:
                became = await parking.act(connection, shard.service.shard, key, action, list(shard.service.takes))
                if became != "unknown":
                    break
            else:
                became = "unknown"
        return JSONResponse({"result": became}, {"ok": 202, "unknown": 404, "cannot-drop": 409}[became])

    async def kinds(self, _request: Request) -> Response:
        """The kinds of documents that there are."""
        return JSONResponse(sorted(self._kinds()))

    async def show(self, request: Request) -> Response:
        """A document: as valid at a moment (`valid_at`), as known at one (`known_at`), as a party sees it (`as`)."""
        service, kind = self._named(request)
        if party := request.query_params.get("as"):
            return await self._seen(service, kind, request.path_params["id"], party)
        question = asking.Question.parse(service, kind, request.query_params)
        async with self._process.database.connect() as connection:
            found = await question.one(connection, request.path_params["id"])
        if found is None:
            return JSONResponse({"error": "not found"}, 404)
        return JSONResponse({"kind": kind.name, **found})

    async def _seen(self, service: Service, kind: Kind[Any], id_: str, party: str) -> Response:
        async with self._process.database.connect() as connection:
            found = await asking.seen(connection, service, kind, id_, party=party)
        if found is None:
            return JSONResponse({"error": "not found"}, 404)
        return JSONResponse({"kind": kind.name, "id": id_, "seen": found})

    async def list(self, request: Request) -> Response:
        """The documents of a kind, a page at a time: `after` the last id, and of `limit` documents at most 1,000.

        `valid_at` and `known_at` as for one document (of 100 documents, where their histories are read); with
        `where=field=value`, only those are given that have these values. `Link` says where to go on.
        """
        service, kind = self._named(request)
        question = asking.Question.parse(service, kind, request.query_params)
        after, limit = request.query_params.get("after", ""), _limit(request)
        async with self._process.database.connect() as connection:
            found, last = await question.page(connection, after=after, limit=limit)
        return JSONResponse(found, headers=_further(request, last))

    async def history(self, request: Request) -> Response:
        """The events that changed a document, a page at a time: `after` a ledger position; at most 1,000."""
        service, kind = self._named(request)
        asking.check_remembered(service, kind)
        id_, limit = request.path_params["id"], min(_limit(request), asking.MOST)
        after = int(request.query_params.get("after", "0"))
        async with self._process.database.connect() as connection:
            found = await history.page(connection, service, kind, id_, after=after, limit=limit)
        if not found and not after:
            return JSONResponse({"error": "not found"}, 404)
        last = found[-1]["position"] if len(found) == limit else None
        return JSONResponse(to_jsonable_python(found), headers=_further(request, last))

    async def trial(self, request: Request) -> Response:
        """What would follow of `{steps, at?, until?, kinds?}`, without effect: `{at, tried, changed}`."""
        given = await _asked(request)
        at = asking.moment(str(given["at"])) if given.get("at") else datetime.now(UTC)
        until = asking.moment(str(given["until"])) if given.get("until") else None
        steps = _steps(given, "steps")
        service = self._taking(str(step.get("type")) for step in steps)
        async with self._process.database.connect() as connection:
            found = await trial.on_copy(connection, service, steps, at=at, until=until, kinds=given.get("kinds") or ())
        return JSONResponse(found)

    async def ask(self, request: Request) -> Response:
        """What a service answers by a name of its own (`Service.asks`), without effect."""
        given, name = await _asked(request), request.path_params["name"]
        service = next((shard.service for shard in self._process.shards if name in shard.service.asks), None)
        if service is None:
            return JSONResponse({"error": "not found"}, 404)
        async with self._process.database.connect() as connection:
            await connection.execute(trial.SNAPSHOT)
            load = store.loader(connection)
            found = await service.asks[name](connection, lambda: Work(service, load), given)
        return JSONResponse(to_jsonable_python(found))

    async def redecide(self, request: Request) -> Response:
        """A decision again, by an event or a command's id; with foreign events `also` known before it."""
        given = await _asked(request)
        settings = self._process.settings
        async with self._process.database.connect() as connection:
            found = await redecide.redecide(
                connection,
                self._taking(()),
                request.path_params["id"],
                _steps(given, "also"),
                redecide.from_kafka(settings.kafka_bootstrap, settings.namespace),
            )
        return JSONResponse(found)

    def _taking(self, types: Iterable[str]) -> Service:
        """The shard that takes these; the first where it says nothing."""
        services = [shard.service for shard in self._process.shards]
        wanted = set(types)
        return next((one for one in services if wanted & {*one.takes, *one.listens}), services[0])

    async def prove(self, _request: Request) -> Response:
        """Rebuild what can be rebuilt from the log, and compare it with what is stored, by hash."""
        process = self._process
        proofs = [
            await rebuild.prove(
                shard.service, process.database, process.settings.kafka_bootstrap, process.settings.namespace
            )
            for shard in process.shards
        ]
        return JSONResponse(to_jsonable_python(proofs))

    async def metrics(self, _request: Request) -> Response:
        """For Prometheus. What only is so now is looked at when it is asked for."""
        process = self._process
        async with process.database.connect() as connection:
            for number, shard in enumerate(process.shards):
                labels = {"service": process.name, "shard": shard.service.shard}
                consumer = process.consumers[number] if process.consumers else None
                telemetry.LAG.set(await consumer.lag() if consumer else 0, labels)
                telemetry.BEHIND.set(consumer.seconds_behind() if consumer else 0, labels)
                row = (await connection.execute(_STANDS, {"shard": shard.service.shard})).one()
                telemetry.PARKED_NOW.set(row.failed, labels)
                telemetry.UNPUBLISHED.set(row.ledger_position - row.published_to, labels)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    def _kinds(self) -> dict[str, tuple[Service, Kind[Any]]]:
        return {kind.name: (shard.service, kind) for shard in self._process.shards for kind in shard.service.kinds}

    def _named(self, request: Request) -> tuple[Service, Kind[Any]]:
        """The kind that the path names, and its service."""
        kinds = self._kinds()
        if (name := request.path_params["kind"]) not in kinds:
            raise _NoSuchKind(f"no such kind; there are {', '.join(sorted(kinds))}")
        return kinds[name]


class _NoSuchKind(Exception):
    """The path names a kind that this process has not."""


async def _no_such_kind(_request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 404)


async def _unable_to_answer(_request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 400)


async def _asked(request: Request) -> dict[str, Any]:
    try:
        given = await request.json()
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise asking.UnableToAnswer("the body is a JSON object")
    return given


def _steps(given: dict[str, Any], name: str) -> list[dict[str, Any]]:
    steps = given.get(name) or []
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise asking.UnableToAnswer(f"{name} is a list of objects")
    return steps


def _limit(request: Request) -> int:
    return max(1, int(request.query_params.get("limit", "100")))


def _further(request: Request, last: object) -> dict[str, str]:
    """The header that says where the next page is (RFC 8288)."""
    if last is None:
        return {}
    url = request.url.include_query_params(after=last)
    return {"link": f'<{url.path}?{url.query}>; rel="next"'}
