"""A process of the register: `run` is `migrate`, `consume` and `relay` in one; each alone for production.

python -m registry run
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pydantic
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.routing import BaseRoute

from chassis import kafka, migrate, operator_port, store, telemetry
from chassis.consumer import Consumer
from chassis.engine import Engine
from chassis.record import Record
from chassis.relay import Relay
from chassis.service import Service
from chassis.settings import Settings
from chassis.store import LedgerRow
from contracts import topics

LOG = logging.getLogger("flexregister")
ROLES = ("run", "consume", "relay", "migrate")


@dataclass(frozen=True)
class Shard:
    """One writer of a process: its service, and how it reads.

    By default it reads the events of the services it listens to first, then its commands.
    """

    service: Service
    names: Sequence[str] = ()
    pattern: str = ""
    first: Callable[[str], bool] | None = None
    before: Callable[[Consumer, Sequence[Record]], Awaitable[None]] | None = None
    before_time: Callable[[Consumer], Awaitable[None]] | None = None
    after: Callable[[Consumer, Sequence[Record]], Awaitable[None]] | None = None
    attach: Callable[[Consumer], None] | None = None
    """Told of its consumer, before that reads anything."""

    @property
    def topics(self) -> list[str]:
        """The topics it reads by name."""
        if self.pattern:
            return []
        if self.names:
            return list(self.names)
        foreign = [f"events.{source.partition('/')[0]}.v1" for source in listened(self.service)]
        return [*foreign, f"commands.{self.service.name}.v1"]


def listened(service: Service) -> list[str]:
    """The services whose events topic it reads. The gateway's control events stand on the commands topic."""
    found = {event.service for event in service.listens.values()} - {"gateway"}
    return sorted(found)


@dataclass
class Process:
    """What one operating-system process runs: its shards, and whatever else must live as long (`alongside`)."""

    name: str
    settings: Settings
    database: AsyncEngine
    shards: Sequence[Shard]
    package: str
    role: str = "run"
    alongside: Sequence[Callable[[Process], Awaitable[None]]] = ()
    pages: Callable[[Process], Sequence[BaseRoute]] | None = None
    """What its operator's port has beside what every process's has; they only read."""
    consumers: list[Consumer] = field(default_factory=list)
    relays: list[Relay] = field(default_factory=list)
    serving: bool = False
    awaited: list[asyncio.Event] = field(default_factory=list)
    """What else must have come about before the process is ready; who runs alongside adds to it."""
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> int:
        """Run until told to stop. Returns the exit code: 3 when it halted on an unknown major version."""
        if self.role in ("run", "migrate"):
            await migrate.migrate(self.database, [shard.service for shard in self.shards], self.package)
        if self.role == "migrate":
            return 0
        await self._check()
        tasks: list[asyncio.Task[None]] = []
        async with contextlib.AsyncExitStack() as stack:
            if self.role in ("run", "relay"):
                tasks += [asyncio.create_task(relay.run()) for relay in self._relays()]
            if self.role in ("run", "consume"):
                await self._consume(stack)
                tasks += [asyncio.create_task(self._attend())]
                tasks += [asyncio.create_task(_as_coroutine(side(self))) for side in self.alongside]
            stack.push_async_callback(_end, tasks)
            await stack.enter_async_context(operator_port.serving(self))
            self.serving = True
            LOG.info("%s %s is ready on port %d", self.name, self.role, self.settings.port)
            await self._stop.wait()
            self.serving = False
        await self._leave()
        return 3 if any(consumer.alarm for consumer in self.consumers) else 0

    @property
    def ready(self) -> bool:
        """Whether it does its work: not while broker or database are away, or nobody has begun yet."""
        begun = self.serving and all(event.is_set() for event in self.awaited)
        return begun and not any(consumer.trouble for consumer in self.consumers)

    def stop(self) -> None:
        """Stop after what is under way."""
        self._stop.set()

    async def _check(self) -> None:
        full = [topics.full_name(self.settings.namespace, topic.name) for topic in topics.catalogue()]
        await kafka.check(self.settings.kafka_bootstrap, full, min_insync_replicas=self.settings.min_insync_replicas)

    def _relays(self) -> list[Relay]:
        self.relays = [
            Relay(
                self.name,
                shard.service.shard,
                self.database,
                self.settings.kafka_bootstrap,
                self.settings.namespace,
            )
            for shard in self.shards
        ]
        return self.relays

    async def _consume(self, stack: contextlib.AsyncExitStack) -> None:
        for number, shard in enumerate(self.shards):
            relay = self.relays[number] if self.relays else None
            engine = Engine(
                shard.service,
                self.database,
                f"{socket.gethostname()}/{os.getpid()}",
                self.settings.attempts,
                relay.offer if relay else _nobody,
                self.settings.batch,
            )
            suffix = f".{shard.service.shard}" if shard.service.shard else ""
            scout = kafka.Scout(self.settings.kafka_bootstrap)
            stack.push_async_callback(scout.stop)
            consumer = Consumer(
                engine,
                scout,
                self.settings.namespace,
                f"{self.name}{suffix}",
                shard.first or (lambda topic: topic.startswith("events.")),
                shard.topics,
                shard.pattern,
                self.settings.batch,
                shard.before,
                shard.before_time,
                shard.after,
            )
            broker = kafka.broker(self.settings.kafka_bootstrap, f"{self.name}{suffix}")
            consumer.subscribe(broker)
            self.consumers.append(consumer)
            if shard.attach is not None:
                shard.attach(consumer)
            stack.push_async_callback(_stop_broker, broker)
            await broker.start()
            consumer.started()

    async def _attend(self) -> None:
        """Look after what an operator has released, and end the process when a consumer has halted."""
        while True:
            await asyncio.sleep(0.25)
            for consumer in self.consumers:
                if consumer.halted.is_set():
                    self.stop()
                elif consumer.engine.epoch and consumer.assigned():
                    try:
                        await operator_port.revisit_released(consumer.engine)
                    except Exception as error:  # noqa: BLE001 - tried again in a moment; the parked rows stand
                        LOG.warning("%s: could not look at the released: %s", self.name, error)

    async def _leave(self) -> None:
        for consumer in self.consumers:
            with contextlib.suppress(Exception):
                if consumer.engine.epoch and not consumer.alarm:
                    await consumer.engine.leave()
        await self.database.dispose()


def main(
    name: str,
    package: str,
    settings: type[Settings],
    compose: Callable[[Any, AsyncEngine], Sequence[Shard]] | Service,
    *,
    alongside: Sequence[Callable[[Process], Awaitable[None]]] = (),
    pages: Callable[[Process], Sequence[BaseRoute]] | None = None,
    argv: Sequence[str] | None = None,
) -> None:
    """The entry point of a service: reads the role and the settings, and runs."""
    parser = argparse.ArgumentParser(prog=f"python -m {package}", description=f"{name}, a process of the register")
    parser.add_argument("role", choices=ROLES, help="run = migrate, consume and relay in one")
    role = parser.parse_args(argv).role
    logging.basicConfig(level=os.environ.get("FLEXREG_LOG", "INFO"), format="%(asctime)s %(levelname)s %(message)s")
    for noisy in ("aiokafka", "alembic", "httpx"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    try:
        configured = settings()  # type: ignore[call-arg]
    except pydantic.ValidationError as error:
        for problem in error.errors():
            print(f"{name}: {'.'.join(map(str, problem['loc']))}: {problem['msg']}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    sys.exit(asyncio.run(_run(name, package, configured, compose, alongside, pages, role)))


async def _run(
    name: str,
    package: str,
    settings: Settings,
    compose: Callable[[Any, AsyncEngine], Sequence[Shard]] | Service,
    alongside: Sequence[Callable[[Process], Awaitable[None]]],
    pages: Callable[[Process], Sequence[BaseRoute]] | None,
    role: str,
) -> int:
    telemetry.start(name, otlp=any(key.startswith("OTEL_EXPORTER_OTLP_") for key in os.environ))
    database = store.connect(settings.database_url.get_secret_value())
    shards = [Shard(compose)] if isinstance(compose, Service) else compose(settings, database)
    process = Process(name, settings, database, shards, package, role, alongside, pages)
    # What stands now stands for good. A batch makes tens of thousands of objects and no cycles: looked through every
    # 700 of them, as is usual, they cost a fifth of all time.
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, process.stop)
    try:
        return await process.run()
    except kafka.UnsafeBroker as unsafe:
        LOG.critical("%s does not start: %s", name, unsafe)
        return 2


async def _as_coroutine(awaitable: Awaitable[None]) -> None:
    await awaitable


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    # What a relay had in hand stands in the ledger: the next one goes on from there.
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _stop_broker(broker: Any) -> None:
    with contextlib.suppress(Exception):
        await asyncio.wait_for(broker.stop(), kafka.STOP_SECONDS)


def _nobody(_rows: Sequence[LedgerRow]) -> None:
    """The relay is another process: it reads the ledger."""
