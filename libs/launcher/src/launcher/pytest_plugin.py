"""A broker and databases for tests, from the source that `FLEXREG_TEST_SOURCE` names. Use it with `-p`.

Servers are started when the first test asks for them and stopped at the end, also on Ctrl-C. All fixtures are plain
ones: a test may be a coroutine or not, on any event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
from typing import TYPE_CHECKING, Protocol, TypeVar

import pytest

from launcher.broker import Broker
from launcher.home import Home
from launcher.postgres import Postgres
from launcher.sources import Source, session_folder

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from launcher.databases import DatabaseServer


Entered = TypeVar("Entered")


class NewDatabase(Protocol):
    """What the fixture `new_database` gives."""

    async def __call__(self, *, template: str | None = None) -> str:
        """A fresh database's address, `postgresql+asyncpg://…`; it is dropped when the test ends.

        `template`: the address of a database made on the same server, which nobody is connected to; the fresh one
        then holds all that it does.
        """
        ...


@contextlib.contextmanager
def _entered(block: AbstractAsyncContextManager[Entered]) -> Generator[Entered]:
    with _loop() as loop:
        value = loop.run(block.__aenter__())
        try:
            yield value
        finally:
            loop.run(block.__aexit__(None, None, None))


def _loop() -> asyncio.Runner:
    # With a factory of its own a runner leaves the thread's current event loop alone, which belongs to the tests.
    return asyncio.Runner(loop_factory=asyncio.new_event_loop)


@pytest.fixture(scope="session")
def test_source() -> Source:
    """Where the servers come from."""
    return Source.chosen()


@pytest.fixture(scope="session")
def servers_folder() -> Iterator[Path]:
    """Where embedded servers of this run keep their data."""
    with session_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def kafka_bootstrap(test_source: Source, servers_folder: Path) -> Iterator[str]:
    """The bootstrap address of the broker that all tests of a run share: keep apart with `namespace`."""
    with _entered(test_source.broker(servers_folder / "shared")) as bootstrap:
        yield bootstrap


@pytest.fixture(scope="session")
def database_server(test_source: Source, servers_folder: Path) -> Iterator[DatabaseServer]:
    """The PostgreSQL that all tests of a run share; for fixtures that make a template once."""
    with _entered(test_source.databases(servers_folder / "shared")) as server:
        yield server


@pytest.fixture
def new_database(database_server: DatabaseServer) -> Iterator[NewDatabase]:
    """Give the test databases of its own, as many as it asks for."""
    made: list[str] = []

    async def new(*, template: str | None = None) -> str:
        made.append(await database_server.create(template=template))
        return made[-1]

    yield new
    with _loop() as loop:
        for url in made:
            loop.run(database_server.drop(url))


@pytest.fixture
def namespace() -> str:
    """A prefix of the test's own for topics, groups and databases: `t` and eight hex digits."""
    return f"t{secrets.token_hex(4)}"


@pytest.fixture
def own_broker(test_source: Source, servers_folder: Path) -> Iterator[Broker]:
    """A broker that this test may kill, freeze and restart."""
    if not test_source.is_embedded:
        pytest.skip(f"a broker that may be killed needs the embedded source, not {test_source.name}")
    with _folder_of(servers_folder) as folder, _loop() as loop:
        broker = Broker(Home(folder), quick=True)
        try:
            loop.run(broker.start())
            yield broker
        finally:
            loop.run(broker.stop())


@pytest.fixture
def own_postgres(test_source: Source, servers_folder: Path) -> Iterator[Postgres]:
    """A PostgreSQL that this test may kill, freeze and restart; `.server` makes its databases."""
    if not test_source.is_embedded:
        pytest.skip(f"a PostgreSQL that may be killed needs the embedded source, not {test_source.name}")
    with _folder_of(servers_folder) as folder, _loop() as loop:
        postgres = Postgres(Home(folder), durable=False)
        try:
            loop.run(postgres.start())
            yield postgres
        finally:
            loop.run(postgres.stop())


@contextlib.contextmanager
def _folder_of(parent: Path) -> Generator[Path]:
    """A folder for one test's servers, gone with all its data at the end."""
    folder = parent / secrets.token_hex(4)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
