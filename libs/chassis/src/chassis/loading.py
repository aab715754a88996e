"""Documents, and what else is asked for with them, read from a service's database: past SQLAlchemy, in few round trips.

A request at a door costs what it asks the database for: so what one will want is loaded beforehand, all at once.
"""

from __future__ import annotations

import contextlib
import re
import weakref
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import PoolProxiedConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis import schema
from chassis.service import Kind, State
from chassis.work import Document, Key, Load


class NotHeld(Exception):
    """What is asked for was not loaded beforehand, and there is nothing to ask: see `alone`."""


@contextlib.asynccontextmanager
async def single(engine: AsyncEngine) -> AsyncGenerator[Any]:
    """The driver's connection, for statements in no transaction, each of which commits itself.

    A connection that the server closed is no longer the pool's: SQLAlchemy would not see that it was.
    """
    pooled = await engine.raw_connection()
    while (raw := _driven(pooled)).is_closed():
        pooled.invalidate()
        pooled.close()
        pooled = await engine.raw_connection()
    try:
        yield raw
    finally:
        if raw.is_closed():
            pooled.invalidate()
        pooled.close()


def _driven(pooled: PoolProxiedConnection) -> Any:
    return pooled.driver_connection


def table_of(kind: Kind[Any]) -> str:
    """Where a kind's documents are kept."""
    if kind.of is None:
        return "own.document"
    return "private.document" if kind.of == "private" else f"known.{schema.known_table(kind.of)}"


Wanted = Iterable[tuple[Kind[Any], Sequence[str]]]


def loader(connection: AsyncConnection) -> Load:
    """Reads documents in this transaction, all that are asked for in one statement; those `held` not again."""
    held = _held(connection)

    async def fetch(wanted: Wanted) -> Mapping[Key, Document]:
        if held is None:
            some = Selection.of(wanted)
            return some.read(await driver(connection, *some.asked)) if some.tables else {}
        found: dict[Key, Document] = {}
        missing: list[tuple[Kind[Any], Sequence[str]]] = []
        for kind, ids in wanted:
            keys = {id_: (kind.name, id_) for id_ in ids}
            found |= {key: one for key in keys.values() if (one := held.documents.get(key)) is not None}
            if left := [id_ for id_, key in keys.items() if key not in held.documents]:
                missing.append((kind, left))
        if missing:
            some = Selection.of(missing)
            found |= some.read(await rows(connection, *some.asked))
        return found

    return fetch


Asked = tuple[Any, ...]
"""A statement in the driver's words, and the values of its parameters."""


@dataclass(slots=True)
class Selection:
    """Documents of some kinds, by table."""

    tables: dict[str, dict[Key, None]]
    kinds: dict[str, Kind[Any]]

    @classmethod
    def of(cls, wanted: Wanted) -> Selection:
        """All that are asked for."""
        tables: dict[str, dict[Key, None]] = {}
        kinds: dict[str, Kind[Any]] = {}
        for kind, ids in wanted:
            kinds[kind.name] = kind
            tables.setdefault(table_of(kind), {}).update(((kind.name, id_), None) for id_ in ids)
        return cls(tables, kinds)

    @property
    def asked(self) -> Asked:
        """In one statement."""
        arrays = [[key[part] for key in keys] for keys in self.tables.values() for part in (0, 1)]
        return (_selection(tuple(self.tables)), *arrays)

    def read(self, rows: Iterable[Any]) -> dict[Key, Document]:
        """What it answered."""
        kinds = self.kinds
        return {(kind, id_): Document(_state(kinds[kind], state), version) for kind, id_, version, state in rows}


@dataclass(slots=True)
class _Held:
    """What was loaded beforehand for a connection: documents, also those that there are not, and answers by name."""

    documents: dict[Key, Document | None] = field(default_factory=dict[Key, "Document | None"])
    answers: dict[str, Any] = field(default_factory=dict[str, Any])


class _Alone(AsyncConnection):
    """What was loaded beforehand and nothing else: it is never opened."""

    def __init__(self, engine: AsyncEngine, held: _Held) -> None:
        super().__init__(engine)
        self.held = held


_HELD: weakref.WeakKeyDictionary[AsyncConnection, _Held] = weakref.WeakKeyDictionary()


def _held(connection: AsyncConnection) -> _Held | None:
    return connection.held if isinstance(connection, _Alone) else _HELD.get(connection)


async def hold(connection: AsyncConnection, wanted: Wanted) -> None:
    """Load documents that will be asked for one after the other, and keep them as long as the connection is open.

    For a transaction that is of one moment (REPEATABLE READ), is the connection's only one, and changes no documents.
    """
    some = Selection.of(wanted)
    _hold(_HELD.setdefault(connection, _Held()), some, await driver(connection, *some.asked))


async def alone(
    engine: AsyncEngine, wanted: Wanted, more: Mapping[str, Asked]
) -> tuple[AsyncConnection, dict[str, Sequence[Any]]]:
    """Documents, and what other statements answer by name, of one moment and in one go; a transaction takes two more.

    The connection is none: who asks it for documents, or for answers by `held`, is given what was loaded here, and
    `NotHeld` is raised for all else. Then it is to be asked in a transaction.
    """
    some = Selection.of(wanted)
    all_ = (some.asked, *more.values())
    async with single(engine) as raw:
        (found,) = await raw.fetch(
            _at_once(tuple((statement, len(values)) for statement, *values in all_)),
            *(value for _, *values in all_ for value in values),
        )
    documents, *answers = found
    loaded = _Held(answers=dict(zip(more, answers, strict=True)))
    _hold(loaded, some, documents)
    return _Alone(engine, loaded), loaded.answers


def held(connection: AsyncConnection, name: str) -> Any | None:
    """What a statement answered that was asked beforehand; None where none was."""
    found = _held(connection)
    return None if found is None else found.answers.get(name)


def _hold(into: _Held, some: Selection, found: Iterable[Any]) -> None:
    for keys in some.tables.values():
        into.documents |= keys
    into.documents |= some.read(found)


async def rows(connection: AsyncConnection, *asked: Any) -> Sequence[Any]:
    """What a statement answers, past SQLAlchemy; raises `NotHeld` where there is only what was loaded beforehand."""
    if isinstance(connection, _Alone):
        raise NotHeld
    return await driver(connection, *asked)


@cache
def _at_once(statements: tuple[tuple[str, int], ...]) -> str:
    """Several statements as one row, with an array of what each answers."""
    columns: list[str] = []
    before = 0
    for statement, count in statements:
        columns.append(f"ARRAY(SELECT t FROM ({renumbered(statement, before)}) AS t)")  # noqa: S608 - own statements
        before += count
    return f"SELECT {', '.join(columns)}"


def renumbered(statement: str, before: int) -> str:
    """A statement behind whose parameters stand so many others."""
    return re.sub(r"\$(\d+)", lambda found: f"${int(found[1]) + before}", statement)


async def load(connection: AsyncConnection, kind: Kind[State], id_: str) -> Document | None:
    """One document as it is stored."""
    return (await loader(connection)([(kind, [id_])])).get((kind.name, id_))


@cache
def _selection(tables: tuple[str, ...]) -> str:
    # Looked up one by one: a plan that was made while the table was small would read all of it for ever.
    return " UNION ALL ".join(
        f"SELECT k.kind, k.id, d.version, d.state"  # noqa: S608 - declared names
        f" FROM unnest(${2 * number + 1}::text[], ${2 * number + 2}::text[]) AS k(kind, id)"
        " CROSS JOIN LATERAL (SELECT version, state::text AS state"
        f" FROM {table} WHERE kind = k.kind AND id = k.id OFFSET 0) AS d"
        for number, table in enumerate(tables)
    )


async def driver(connection: AsyncConnection, statement: str, *values: Any) -> Sequence[Any]:
    """Run a statement past SQLAlchemy, which would take longer over it than the server: twice in every transaction.

    One through SQLAlchemy must have begun the transaction.
    """
    raw: Any = (await connection.get_raw_connection()).driver_connection
    return await raw.fetch(statement, *values)


def _state(kind: Kind[Any], stored: str) -> Any:
    """A state as it was stored; a document that is no more is `null`, and only its version counts."""
    return None if stored == "null" else (kind.read or kind.adapter.validate_json)(stored)
