"""What a register consists of, what each process is told, and a whole one as a block of code."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from launcher.broker import Broker, UnableToFormatStorage
from launcher.child import UnableToStart, write_note
from launcher.home import Home, UnableToChooseAPort, default_home
from launcher.jars import UnableToFetchAJar
from launcher.java import UnableToFindJava
from launcher.postgres import Postgres, UnableToRunPostgres
from launcher.service import ProcessSpec, Service, Step, StepSpec
from launcher.show import Quiet
from launcher.state import ProcessState, State, write_state
from launcher.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from launcher.show import Narrator
    from launcher.supervisor import Patience, Status

DOORS = ("prequal", "bsp-switch", "meter-ingest")
"""The services that have an HTTP door, on a port of its own."""
SERVICES = ("gateway", "registry", "prequal", "bsp-switch", "meter-ingest")
DEFAULT_OPERATOR = "7080000000012"
OPERATOR_VARIABLE = "FLEXREG_OPERATOR"
BOOTSTRAP_VARIABLE = "KAFKA_BOOTSTRAP"
ONE_BROKER = {"FLEXREG_ONE_BROKER": "1", "FLEXREG_MIN_INSYNC_REPLICAS": "1"}
"""What the launcher starts is one broker, and what it is given may be a test's."""

_TOPICS = "topics"


class UnableToRun(Exception):
    """Another supervisor holds this home."""


# What a person can do something about: a command prints it and ends, without a traceback.
ANTICIPATED = (
    UnableToRun,
    UnableToStart,
    UnableToFetchAJar,
    UnableToFindJava,
    UnableToRunPostgres,
    UnableToFormatStorage,
    UnableToChooseAPort,
)


@dataclass(frozen=True, kw_only=True)
class Options:
    """What can be chosen about a register; all else follows from the environment and the home."""

    home: Path = field(default_factory=default_home)
    sandbox: bool = True
    namespace: str = ""
    services: tuple[str, ...] = SERVICES
    operator: str = field(default_factory=lambda: os.environ.get(OPERATOR_VARIABLE, DEFAULT_OPERATOR))
    # False leaves out PostgreSQL's waiting for the disk: for tests and the demo.
    durable: bool = True


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where the processes find each other and what they stand on."""

    kafka_bootstrap: str
    databases: Mapping[str, str]
    ports: Mapping[str, int]
    doors: Mapping[str, int] = field(default_factory=dict[str, int])


def prefix(service: str) -> str:
    """The environment prefix of a service: `BSP_SWITCH_` of `bsp-switch`."""
    return service.upper().replace("-", "_") + "_"


def plan(options: Options, addresses: Addresses) -> tuple[list[StepSpec], list[ProcessSpec]]:
    """The preparations and processes of the register. No process waits for another: what they share is the log."""
    common = {
        BOOTSTRAP_VARIABLE: addresses.kafka_bootstrap,
        "FLEXREG_NAMESPACE": options.namespace,
        "FLEXREG_SANDBOX": "1" if options.sandbox else "0",
        **ONE_BROKER,
        OPERATOR_VARIABLE: options.operator,
    }
    topics = StepSpec(name=_TOPICS, command=[sys.executable, "-m", "flexreg", "topics", "apply"], env=common)
    processes = [
        ProcessSpec(
            name=service,
            command=[sys.executable, "-m", service.replace("-", "_"), "run"],
            env={
                **common,
                f"{prefix(service)}DATABASE_URL": addresses.databases[service],
                f"{prefix(service)}PORT": str(addresses.ports[service]),
                **(
                    {f"{prefix(service)}DOOR_PORT": str(addresses.doors[service])} if service in addresses.doors else {}
                ),
            },
            ready_url=f"http://127.0.0.1:{addresses.ports[service]}/ready",
            after=(_TOPICS,),
        )
        for service in options.services
    ]
    return [topics], processes


PlanMaker = Callable[[Options, Addresses], tuple[list[StepSpec], list[ProcessSpec]]]


class Register:
    """A register that is up: where its parts are, and ways to hurt them."""

    def __init__(self, options: Options, *, home: Home, narrator: Narrator, patience: Patience | None) -> None:
        self.options = options
        self.home = home
        self.broker: Broker | None = None
        self.postgres: Postgres | None = None
        self.databases: dict[str, str] = {}
        self.urls: dict[str, str] = {}
        self.doors: dict[str, str] = {}
        self._narrator = narrator
        self._external_bootstrap = os.environ.get(BOOTSTRAP_VARIABLE, "")
        self._services: dict[str, Service] = {}
        self._ready = False
        self._supervisor = Supervisor(narrator=narrator, patience=patience, changed=self._write_state)

    @property
    def kafka_bootstrap(self) -> str:
        """Where Kafka clients begin."""
        return self.broker.bootstrap if self.broker is not None else self._external_bootstrap

    @property
    def state_path(self) -> Path:
        """The file other processes find this register by."""
        return self.home.state_path

    @property
    def statuses(self) -> dict[str, Status]:
        """Of every process, server and preparation."""
        return self._supervisor.statuses

    def pid(self, name: str) -> int | None:
        """The process id of a service, while it runs."""
        return self._services[name].child.pid

    async def kill(self, name: str) -> None:
        """SIGKILL to a service; it stays down until `restart`."""
        await self._services[name].child.kill()
        self._write_state()

    async def restart(self, name: str) -> None:
        """Start a service again, stopping it first when it runs; returns when it is ready."""
        await self._services[name].stop()
        await self._services[name].start()
        self._write_state()

    def crash(self, name: str) -> None:
        """SIGKILL to a service as an accident: the supervisor starts it again."""
        self._services[name].child.crash_now()

    def freeze(self, name: str) -> None:
        """Stop a service from running without ending it."""
        self._services[name].child.freeze()

    def resume(self, name: str) -> None:
        """After `freeze`."""
        self._services[name].child.resume()

    @contextlib.asynccontextmanager
    async def servers_running(self, supervisor: Supervisor) -> AsyncGenerator[None, None]:
        """What the processes stand on, where the environment names no other."""
        given = {name: os.environ.get(f"{prefix(name)}DATABASE_URL", "") for name in self.options.services}
        if not self._external_bootstrap:
            self.broker = Broker(self.home, narrator=self._narrator, quick=not self.options.durable)
            supervisor.add(self.broker)
        if not all(given.values()):
            self.postgres = Postgres(self.home, durable=self.options.durable)
            supervisor.add(self.postgres)
        async with supervisor.running():
            self.databases = {service: url for service, url in given.items() if url}
            for service in given.keys() - self.databases.keys():
                if self.postgres is not None:
                    address = await self.postgres.service_database(service=service, namespace=self.options.namespace)
                    self.databases[service] = address
            yield

    @contextlib.asynccontextmanager
    async def processes_running(self, make: PlanMaker) -> AsyncGenerator[None, None]:
        """The preparations, then the processes, on servers that are up."""
        ports = {service: self.home.port(service) for service in self.options.services}
        self.urls = {service: f"http://127.0.0.1:{port}" for service, port in ports.items()}
        doors = {service: self.home.port(f"{service}-door") for service in DOORS if service in self.options.services}
        self.doors = {service: f"http://127.0.0.1:{port}" for service, port in doors.items()}
        addresses = Addresses(kafka_bootstrap=self.kafka_bootstrap, databases=self.databases, ports=ports, doors=doors)
        steps, processes = make(self.options, addresses)
        for step in steps:
            self._supervisor.add(Step(step, home=self.home), after=step.after, once=True)
        for process in processes:
            self._services[process.name] = Service(process, home=self.home)
            self._supervisor.add(self._services[process.name], after=process.after)
        async with self._supervisor.running():
            self._ready = True
            self._write_state()
            try:
                yield
            finally:
                self._ready = False

    def _write_state(self) -> None:
        statuses = self._supervisor.statuses
        processes = {
            name: ProcessState(
                port=int(self.urls[name].rpartition(":")[2]),
                url=self.urls[name],
                pid=service.child.pid,
                status=statuses[name].value,
                door=self.doors.get(name, ""),
            )
            for name, service in self._services.items()
            if name in self.urls
        }
        me = psutil.Process()
        state = State(
            namespace=self.options.namespace,
            kafka_bootstrap=self.kafka_bootstrap,
            sandbox=self.options.sandbox,
            operator=self.options.operator,
            supervisor_pid=me.pid,
            supervisor_started=me.create_time(),
            ready=self._ready,
            processes=processes,
            databases=self.databases,
            servers={unit.name: unit.child.pid for unit in (self.broker, self.postgres) if unit is not None},
        )
        write_state(self.state_path, state)


def supervisor_note(home: Home) -> Path:
    """Who looks after this home now; there from before the first server starts."""
    return home.folder("run") / "supervisor.json"


@contextlib.asynccontextmanager
async def running(
    home: Path,
    *,
    sandbox: bool = True,
    namespace: str = "",
    services: Sequence[str] = SERVICES,
    durable: bool = True,
    operator: str | None = None,
    narrator: Narrator | None = None,
    patience: Patience | None = None,
    make_plan: PlanMaker = plan,
) -> AsyncGenerator[Register, None]:
    """A whole register inside the block, everything ready; stopped after it, its data kept in `home`.

    Raises UnableToRun when one is up there already, UnableToStart when a part of it does not get ready.
    """
    options = Options(home=home, sandbox=sandbox, namespace=namespace, services=tuple(services), durable=durable)
    if operator is not None:
        options = replace(options, operator=operator)
    place = Home(home)
    with place.held() as held:
        if not held:
            raise UnableToRun(f"a register is up in {home} already")
        note = supervisor_note(place)
        write_note(note, pid=os.getpid())
        register = Register(options, home=place, narrator=narrator or Quiet(), patience=patience)
        servers = Supervisor(narrator=narrator, patience=patience)
        try:
            async with register.servers_running(servers), register.processes_running(make_plan):
                yield register
        finally:
            place.state_path.unlink(missing_ok=True)
            note.unlink(missing_ok=True)


__all__ = [
    "ANTICIPATED",
    "SERVICES",
    "Addresses",
    "Options",
    "ProcessSpec",
    "Register",
    "StepSpec",
    "UnableToRun",
    "UnableToStart",
    "plan",
    "prefix",
    "running",
]
