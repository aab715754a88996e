"""The operator's port: what a process holds and how it is, on a loopback address. Services never use it.

It answers only to a loopback `Host`, and what changes something must be a POST with `application/json`: a web page
that an operator has open can do neither.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic_core import from_json, to_jsonable_python
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from chassis import parking, rebuild, store, telemetry
from chassis.engine import Engine
from chassis.service import Kind

if TYPE_CHECKING:
    from chassis.process import Process

_STANDS = text(
    "SELECT w.epoch, w.position, w.ledger_position, w.passed_until, r.published_to,"
    " (SELECT count(*) FROM engine.parked p WHERE p.shard = w.shard AND reason = 'failed') AS failed,"
    " (SELECT count(*) FROM engine.parked p WHERE p.shard = w.shard AND reason <> 'failed') AS waits"
    " FROM engine.writer w JOIN engine.relay r USING (shard) WHERE w.shard = :shard"
)
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
MOST = 1000


@contextlib.asynccontextmanager
async def serving(process: Process) -> AsyncIterator[None]:
    """Serve as long as the context lasts."""
    config = uvicorn.Config(
        application(process), host="127.0.0.1", port=process.settings.port, log_level="error", lifespan="off"
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign]
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            if task.done():
                await task
            await asyncio.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        await task


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


def application(process: Process) -> Starlette:
    """The pages of the port."""
    port = _Port(process)
    routes = [
        Route("/ready", port.ready),
        Route("/status", port.status),
        Route("/parked", port.parked),
        Route("/parked/{key}/{action}", port.act, methods=["POST"]),
        Route("/kinds", port.kinds),
        Route("/show/{kind}/{id:path}", port.show),
        Route("/list/{kind}", port.list),
        Route("/prove", port.prove),
        Route("/metrics", port.metrics),
    ]
    app = Starlette(routes=routes)
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
                        "lag": await consumer.lag() if consumer else 0,
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
        """A document, as it is valid at a moment if one is given."""
        kind = self._kinds().get(request.path_params["kind"])
        if kind is None:
            return JSONResponse({"error": f"no such kind; there are {', '.join(sorted(self._kinds()))}"}, 404)
        async with self._process.database.connect() as connection:
            document = await store.load(connection, kind, request.path_params["id"])
        if document is None or document.state is None:
            return JSONResponse({"error": "not found"}, 404)
        state = from_json(kind.adapter.dump_json(document.state))
        if at := request.query_params.get("valid_at"):
            state = valid_at(state, datetime.fromisoformat(at))
        answer = {"kind": kind.name, "id": request.path_params["id"], "version": document.version, "state": state}
        return JSONResponse(answer)

    async def list(self, request: Request) -> Response:
        """The documents of a kind, a page at a time: `after` the last id, `limit` at most 1,000."""
        kind = self._kinds().get(request.path_params["kind"])
        if kind is None:
            return JSONResponse({"error": f"no such kind; there are {', '.join(sorted(self._kinds()))}"}, 404)
        limit = min(int(request.query_params.get("limit", "100")), MOST)
        async with self._process.database.connect() as connection:
            rows = await connection.execute(
                text(
                    f"SELECT id, version, state FROM {store.table_of(kind)}"  # noqa: S608 - a declared name
                    " WHERE kind = :kind AND id > :after ORDER BY id LIMIT :limit"
                ),
                {"kind": kind.name, "after": request.query_params.get("after", ""), "limit": limit},
            )
            found = [
                {"id": row.id, "version": row.version, "state": row.state} for row in rows if row.state is not None
            ]
        return JSONResponse(found)

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

    def _kinds(self) -> dict[str, Kind[Any]]:
        return {kind.name: kind for shard in self._process.shards for kind in shard.service.kinds}


def valid_at(state: Any, at: datetime) -> Any:
    """A state at a moment: without the entries whose half-open `valid_from`/`valid_to` do not cover it."""
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    if isinstance(state, dict):
        return {key: valid_at(value, at) for key, value in state.items() if _covers(value, at)}
    if isinstance(state, list):
        return [valid_at(value, at) for value in state if _covers(value, at)]
    return state


def _covers(value: Any, at: datetime) -> bool:
    if not isinstance(value, dict) or "valid_from" not in value:
        return True
    starts, ends = value["valid_from"], value.get("valid_to")
    return (not starts or datetime.fromisoformat(starts) <= at) and (not ends or at < datetime.fromisoformat(ends))
