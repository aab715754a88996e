"""A database for the toy service, and an engine on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import toy
from onlog import Log, Stored, prepared
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import store
from chassis.engine import Engine
from chassis.store import LedgerRow


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
async def database(new_database: Callable[[], Awaitable[str]]) -> AsyncIterator[AsyncEngine]:
    engine = store.connect(await new_database())
    await prepared(engine)
    yield engine
    await engine.dispose()


@pytest.fixture
def published() -> list[LedgerRow]:
    return []


@pytest.fixture
async def engine(database: AsyncEngine, published: list[LedgerRow]) -> AsyncIterator[Engine]:
    toy.BROKEN.clear()
    made = Engine(toy.SERVICE, database, "test", publish=published.extend)
    await made.claim()
    yield made
    toy.BROKEN.clear()


@pytest.fixture
def stored(database: AsyncEngine) -> Stored:
    return Stored(database)
