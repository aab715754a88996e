"""What the benchmarks stand on: one broker and one PostgreSQL for a run; fresh namespaces and databases on them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import sys
import time
from collections.abc import AsyncGenerator, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import psutil
from sqlalchemy.ext.asyncio import AsyncEngine

import launcher.register
from bench.figures import Sheet
from chassis import kafka, migrate, store
from chassis.service import Service
from contracts import topics
from launcher.broker import Broker
from launcher.databases import DatabaseServer, plain
from launcher.home import Home, default_home
from launcher.postgres import Postgres
from launcher.service import ProcessSpec
from launcher.service import Service as Running
from launcher.sources import Source, session_folder

CHECKOUT = Path(__file__).parent.parent
SERVERS = ("kafka", "postgres")
"""What runs in a process of its own or in several."""
WARM = 50_000
"""A broker that has just started is three times slower for about so many messages."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """How much is measured."""

    count: int | None = None
    """Of whatever a benchmark counts; each has its own default."""
    quick: bool = False
    repeat: int = 1
    rate: int = 200
    seconds: float = 30
    parcel: int = 500
    series: int = 500
    in_memory: bool = False

    def pick(self, usual: int, quick: int) -> int:
        """How many: as asked, or a benchmark's default."""
        return self.count or (quick if self.quick else usual)


@dataclass(kw_only=True)
class Ground:
    """The servers of a run."""

    options: Options
    sheet: Sheet
    home: Home
    bootstrap: str
    server: DatabaseServer
    servers: dict[str, int] = field(default_factory=dict)
    """Their process ids, where they are ours."""

    @property
    def pids(self) -> dict[str, int]:
        """Of the servers, and of this process, which plays the participants."""
        return {**self.servers, "participant": os.getpid()}

    @contextlib.asynccontextmanager
    async def address(self) -> AsyncGenerator[str]:
        """A fresh database's address; dropped at the end."""
        url = await self.server.create()
        try:
            yield url
        finally:
            await self.server.drop(url)

    @contextlib.asynccontextmanager
    async def database(self, services: Sequence[Service], *, package: str) -> AsyncGenerator[AsyncEngine]:
        """A fresh database that a service's process would find ready."""
        async with self.address() as url:
            engine = store.connect(url)
            try:
                await migrate.migrate(engine, services, package)
                yield engine
            finally:
                await engine.dispose()

    @contextlib.asynccontextmanager
    async def connection(self, engine: AsyncEngine) -> AsyncGenerator[Any]:
        """A connection without SQLAlchemy, for the bare measure."""
        raw = await asyncpg.connect(plain(engine.url.render_as_string(hide_password=False)))
        try:
            yield raw
        finally:
            await raw.close()

    async def namespace(self, *, parties: Iterable[topics.Topic] = ()) -> str:
        """A namespace nobody has used, with all the fixed topics, and those of parties."""
        name = f"b{secrets.token_hex(4)}"
        await kafka.apply(self.bootstrap, name, [*topics.catalogue(), *parties])
        return name

    async def topic(self, name: str) -> str:
        """A topic of one partition that nobody has used, made as the register makes its own; the full name."""
        namespace = f"b{secrets.token_hex(4)}"
        made = topics.Topic(name=name, what="", owner="bench", consumers=(), key="free")
        await kafka.apply(self.bootstrap, namespace, [made])
        return topics.full_name(namespace, name)

    @contextlib.asynccontextmanager
    async def process(self, service: str, *, namespace: str, url: str) -> AsyncGenerator[Running]:
        """One process of the register alone, ready inside the block."""
        name = f"{service}-{namespace}"
        port = self.home.port(name)
        prefix = launcher.register.prefix(service)
        env = {
            launcher.register.BOOTSTRAP_VARIABLE: self.bootstrap,
            "FLEXREG_NAMESPACE": namespace,
            "FLEXREG_SANDBOX": "0",
            **launcher.register.ONE_BROKER,
            f"{prefix}DATABASE_URL": url,
            f"{prefix}PORT": str(port),
        }
        command = [sys.executable, "-m", service.replace("-", "_"), "run"]
        async with self.child(name, command, env=env, ready_url=f"http://127.0.0.1:{port}/ready") as running:
            yield running

    @contextlib.asynccontextmanager
    async def child(
        self, name: str, command: list[str], *, env: Mapping[str, str] | None = None, ready_url: str | None = None
    ) -> AsyncGenerator[Running]:
        """A process that is gone at the end of the block, and when this one dies."""
        spec = ProcessSpec(name=name, command=command, env=dict(env or {}), ready_url=ready_url, cwd=CHECKOUT)
        running = Running(spec, home=self.home)
        try:
            await running.start()
            yield running
        finally:
            await running.stop()

    @contextlib.asynccontextmanager
    async def register(self) -> AsyncGenerator[launcher.register.Register]:
        """A whole register with a real clock, on these servers."""
        async with contextlib.AsyncExitStack() as stack:
            given = {launcher.register.BOOTSTRAP_VARIABLE: self.bootstrap}
            for service in launcher.register.SERVICES:
                url = await stack.enter_async_context(self.address())
                given[f"{launcher.register.prefix(service)}DATABASE_URL"] = url
            stack.enter_context(environment(given))
            namespace = f"b{secrets.token_hex(4)}"
            yield await stack.enter_async_context(
                launcher.register.running(self.home.path / namespace, sandbox=False, namespace=namespace)
            )

    async def warm(self) -> None:
        """Let the broker's virtual machine compile what everything here uses."""
        name = await self.topic("warm.v1")
        count = WARM // 25 if self.options.quick else WARM
        self.sheet.say(f"warming the broker with {count:,} messages …")
        async with kafka.producing(self.bootstrap) as producer:
            await asyncio.gather(*[await producer.send(name, b"w" * 1000) for _ in range(count)])
        found = 0
        async for _ in kafka.read_all(self.bootstrap, name):
            found += 1


@contextlib.asynccontextmanager
async def standing(*, options: Options, sheet: Sheet) -> AsyncGenerator[Ground]:
    """The servers, as long as the block lasts; nothing of them is left."""
    source = Source.chosen()
    async with contextlib.AsyncExitStack() as stack:
        home = Home(stack.enter_context(folder(in_memory=options.in_memory)))
        sheet.say(f"starting broker and PostgreSQL ({source.name}, {kept(options)}) …")
        if not source.is_embedded:
            bootstrap = await stack.enter_async_context(source.broker(home.path))
            server = await stack.enter_async_context(source.databases(home.path))
            ground = Ground(options=options, sheet=sheet, home=home, bootstrap=bootstrap, server=server)
        else:
            broker = Broker(home)
            postgres = Postgres(home, durable=not options.in_memory)
            stack.push_async_callback(broker.stop)
            stack.push_async_callback(postgres.stop)
            await asyncio.gather(broker.start(), postgres.start())
            servers = {unit.name: unit.child.pid or 0 for unit in (broker, postgres)}
            ground = Ground(
                options=options,
                sheet=sheet,
                home=home,
                bootstrap=broker.bootstrap,
                server=postgres.server,
                servers=servers,
            )
        await ground.warm()
        yield ground


def kept(options: Options) -> str:
    """Where the servers keep their data."""
    return "in memory, without waiting for a disk" if options.in_memory else "on disk, every commit waits for it"


@contextlib.contextmanager
def folder(*, in_memory: bool) -> Generator[Path]:
    """Where the servers of this run keep what they have; removed at the end, also what a killed run left."""
    if in_memory:
        with session_folder() as path:
            yield path
        return
    parent = default_home(start=CHECKOUT) / "bench"
    parent.mkdir(parents=True, exist_ok=True)
    for old in parent.iterdir():
        if not (old.name.isdigit() and psutil.pid_exists(int(old.name))):
            shutil.rmtree(old, ignore_errors=True)
    path = parent / str(os.getpid())
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def environment(given: Mapping[str, str]) -> Generator[None]:
    """These variables inside the block."""
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class Cpu:
    """How much processor time each of some processes takes from now on."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = pids
        self._before = self._now()
        self._began = time.monotonic()

    def said(self, count: int) -> str:
        """Per unit of work, the most expensive first."""
        seconds = time.monotonic() - self._began
        shares = sorted(self.shares().items(), key=lambda item: -item[1])
        each = ", ".join(f"{name} {share * seconds / count * 1e6:,.0f}" for name, share in shares)
        return f"{each} µs of processor each; {sum(share for _, share in shares):.1f} cores busy"

    def shares(self) -> dict[str, float]:
        """How much of a core each has had."""
        seconds = time.monotonic() - self._began
        spent = dict.fromkeys(self._pids, 0.0)
        for (name, pid), used in self._now().items():
            spent[name] += used - self._before.get((name, pid), 0.0)
        return {name: used / seconds for name, used in spent.items()}

    def _now(self) -> dict[tuple[str, int], float]:
        found: dict[tuple[str, int], float] = {}
        for name, pid in self._pids.items():
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(pid)
                family = process.children(recursive=True) if name in SERVERS else []
                for member in (process, *family):
                    with contextlib.suppress(psutil.NoSuchProcess):
                        found[name, member.pid] = sum(member.cpu_times()[:2])
        return found
