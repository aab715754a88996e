"""Where tests get their broker and their databases: embedded servers, containers, or what is there already."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from chassis import kafka
from launcher.broker import Broker
from launcher.databases import DatabaseServer
from launcher.home import Home
from launcher.postgres import Postgres

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

SOURCE_VARIABLE = "FLEXREG_TEST_SOURCE"
DATABASE_VARIABLE = "FLEXREG_TEST_DATABASE_URL"
KAFKA_IMAGE = "apache/kafka:4.3.1"
POSTGRES_IMAGE = "postgres:18"

_MEMORY = Path("/dev/shm")  # noqa: S108  (a folder of our own is made in it)
_MEMORY_BYTES = 3_000_000_000
_LEFTOVER = re.compile(r"flexreg-test-(\d+)-")


class UnableToUseSource(Exception):
    """The source that was asked for is not there."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Which of the three it is: `embedded`, `testcontainers` or `external`."""

    name: str

    @classmethod
    def chosen(cls) -> Source:
        """By `FLEXREG_TEST_SOURCE`; embedded when nothing is said."""
        name = os.environ.get(SOURCE_VARIABLE) or "embedded"
        if name not in ("embedded", "testcontainers", "external"):
            raise UnableToUseSource(f"{SOURCE_VARIABLE} is {name!r}; it can be embedded, testcontainers or external")
        return cls(name=name)

    @property
    def is_embedded(self) -> bool:
        """Whether tests may kill and freeze servers of their own."""
        return self.name == "embedded"

    @contextlib.asynccontextmanager
    async def broker(self, folder: Path) -> AsyncGenerator[str, None]:
        """A broker's bootstrap address."""
        match self.name:
            case "external":
                bootstrap = _required("KAFKA_BOOTSTRAP")
                if not await kafka.answers(bootstrap):
                    raise UnableToUseSource(f"no broker answers at {bootstrap}")
                yield bootstrap
            case "testcontainers":
                with _kafka_container() as bootstrap:
                    yield bootstrap
            case _:
                broker = Broker(Home(folder), quick=True)
                try:
                    await broker.start()
                    yield broker.bootstrap
                finally:
                    await broker.stop()

    @contextlib.asynccontextmanager
    async def databases(self, folder: Path) -> AsyncGenerator[DatabaseServer, None]:
        """A server that databases can be made on."""
        match self.name:
            case "external":
                server = DatabaseServer(_required(DATABASE_VARIABLE))
                if not await server.answers():
                    raise UnableToUseSource(f"no PostgreSQL answers at {DATABASE_VARIABLE}")
                yield server
            case "testcontainers":
                with _postgres_container() as url:
                    yield DatabaseServer(url)
            case _:
                postgres = Postgres(Home(folder), durable=False)
                try:
                    await postgres.start()
                    yield postgres.server
                finally:
                    await postgres.stop()


@contextlib.contextmanager
def session_folder() -> Generator[Path]:
    """A folder for servers of tests, in memory if there is room: fresh topics on a slow disk take seconds each."""
    _clear_leftovers()
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _MEMORY_BYTES and os.access(_MEMORY, os.W_OK)
    parent = _MEMORY if roomy else Path(tempfile.gettempdir())
    with tempfile.TemporaryDirectory(
        dir=parent, prefix=f"flexreg-test-{os.getpid()}-", ignore_cleanup_errors=True
    ) as it:
        yield Path(it)


def _clear_leftovers() -> None:
    """Folders of test runs that were killed: those in memory would stay there until the machine restarts."""
    for parent in {_MEMORY, Path(tempfile.gettempdir())}:
        for folder in parent.glob("flexreg-test-*"):
            match = _LEFTOVER.match(folder.name)
            if match and not psutil.pid_exists(int(match.group(1))):
                shutil.rmtree(folder, ignore_errors=True)


def _required(variable: str) -> str:
    value = os.environ.get(variable)
    if not value:
        raise UnableToUseSource(f"{SOURCE_VARIABLE}=external needs {variable}")
    return value


@contextlib.contextmanager
def _kafka_container() -> Generator[str]:
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415  (only where it is asked for)
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy  # noqa: PLC0415

    # What a broker tells its clients to connect to must be known before it starts: so the port is chosen here.
    with tempfile.TemporaryDirectory() as folder:
        port = Home(Path(folder)).port("kafka")
    settings = {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_LISTENERS": f"PLAINTEXT://0.0.0.0:{port},CONTROLLER://localhost:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{port}",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "KAFKA_INTER_BROKER_LISTENER_NAME": "PLAINTEXT",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_MESSAGE_MAX_BYTES": str(12 * 1024 * 1024),
        "KAFKA_REPLICA_FETCH_MAX_BYTES": str(12 * 1024 * 1024 + 4096),
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "4",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
    }
    container: Any = DockerContainer(KAFKA_IMAGE).with_bind_ports(port, port)
    for key, value in settings.items():
        container.with_env(key, value)
    with container.waiting_for(LogMessageWaitStrategy("Kafka Server started")):
        yield f"127.0.0.1:{port}"


@contextlib.contextmanager
def _postgres_container() -> Generator[str]:
    from testcontainers.postgres import PostgresContainer  # noqa: PLC0415  (only where it is asked for)

    container: Any = PostgresContainer(POSTGRES_IMAGE, driver="asyncpg")
    with container.with_command("postgres -c max_connections=200"):
        yield str(container.get_connection_url())
