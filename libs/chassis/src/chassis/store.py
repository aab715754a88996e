"""A service's database: reading documents for a batch, and writing what the batch decided, in one transaction.

Every write is set-based (arrays through `unnest`), because a commit costs more than what is in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, and_, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from chassis import schema
from chassis.service import Kind, Service
from chassis.work import STREAM, Document, Work, deadlines_of


class Fenced(Exception):
    """Another process has become the writer of this shard."""


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One decided input."""

    key: str
    position: int
    kind: str
    topic: str
    part: int
    off: int
    at: datetime
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One message to publish, with its exact bytes."""

    position: int
    topic: str
    part: int | None
    key: str
    id: str
    type: str
    version: int
    body: bytes


@dataclass(slots=True)
class Writer:
    """The writer's row as it stands in this transaction."""

    epoch: int
    position: int
    ledger_position: int
    passed_until: datetime | None


def connect(url: str) -> AsyncEngine:
    """The pool of one process. A connection that the server closed is noticed before it is used."""
    return create_async_engine(
        url, pool_size=6, max_overflow=4, pool_pre_ping=True, connect_args={"timeout": 10, "command_timeout": 120}
    )


def inbox_key(*parts: str) -> str:
    """The key of an input, 16 bytes: the same input always has the same."""
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"


async def claim(connection: AsyncConnection, shard: str, holder: str) -> tuple[int, bool]:
    """Become the writer: a new epoch fences whoever was. Also tells whether the last writer ended cleanly."""
    row = (
        await connection.execute(
            text("SELECT epoch, clean FROM engine.writer WHERE shard = :shard FOR UPDATE"), {"shard": shard}
        )
    ).one()
    await connection.execute(
        text("UPDATE engine.writer SET epoch = epoch + 1, holder = :holder, clean = 0 WHERE shard = :shard"),
        {"shard": shard, "holder": holder},
    )
    return row.epoch + 1, bool(row.clean)


async def lock(connection: AsyncConnection, shard: str, epoch: int) -> Writer:
    """Lock the writer's row for this transaction, or find out that one is no longer the writer."""
    row = (
        await connection.execute(
            text(
                "SELECT epoch, position, ledger_position, passed_until FROM engine.writer"
                " WHERE shard = :shard FOR UPDATE"
            ),
            {"shard": shard},
        )
    ).one()
    if row.epoch != epoch:
        message = f"shard '{shard}': epoch {row.epoch} has replaced {epoch}"
        raise Fenced(message)
    return Writer(row.epoch, row.position, row.ledger_position, row.passed_until)


async def seen(connection: AsyncConnection, shard: str, keys: Sequence[str]) -> set[str]:
    """Which of these inputs were decided or are parked already."""
    rows = await connection.execute(
        text(
            "SELECT key::text FROM engine.inbox WHERE shard = :shard AND key = ANY(CAST(:keys AS uuid[]))"
            " UNION ALL SELECT key::text FROM engine.parked WHERE shard = :shard AND key = ANY(CAST(:keys AS uuid[]))"
        ),
        {"shard": shard, "keys": list(keys)},
    )
    return set(rows.scalars())


def table_of(kind: Kind[Any]) -> str:
    """Where a kind's documents are kept."""
    if kind.of is None:
        return "own.document"
    return "private.document" if kind.of == "private" else f"known.{schema.known_table(kind.of)}"


def loader(connection: AsyncConnection) -> Callable[[Kind[Any], Iterable[str]], Awaitable[Mapping[str, Document]]]:
    """Reads documents in this transaction."""

    async def fetch(kind: Kind[Any], ids: Iterable[str]) -> Mapping[str, Document]:
        rows = await connection.execute(
            text(
                f"SELECT id, version, state::text AS state FROM {table_of(kind)}"  # noqa: S608 - a declared name
                " WHERE kind = :kind AND id = ANY(CAST(:ids AS text[]))"
            ),
            {"kind": kind.name, "ids": list(ids)},
        )
        return {row.id: Document(_state(kind, row.state), row.version) for row in rows}

    return fetch


def _state(kind: Kind[Any], stored: str) -> Any:
    """A state as it was stored; a document that is no more is `null`, and only its version counts."""
    return None if stored == "null" else kind.adapter.validate_json(stored)


async def write(
    connection: AsyncConnection,
    *,
    shard: str,
    work: Work,
    inbox: Sequence[InboxRow],
    ledger: Sequence[LedgerRow],
    writer: Writer,
) -> None:
    """Write all that a batch decided. Removals go before insertions, so that what one input freed another may take."""
    if inbox:
        await connection.execute(_INBOX, {"shard": shard, **_columns(inbox, InboxRow)})
    if ledger:
        await connection.execute(_LEDGER, {"shard": shard, **_columns(ledger, LedgerRow)})
    await write_documents(connection, work)
    await connection.execute(
        text(
            "UPDATE engine.writer SET position = :position, ledger_position = :ledger, passed_until = :passed"
            " WHERE shard = :shard"
        ),
        {
            "shard": shard,
            "position": writer.position,
            "ledger": writer.ledger_position,
            "passed": writer.passed_until,
        },
    )


async def write_documents(connection: AsyncConnection, work: Work) -> None:
    """Write the changed documents, and the rows and deadlines that follow from them."""
    upserts: dict[str, list[tuple[str, str, int, str]]] = {}
    removed: dict[Table, list[tuple[Any, ...]]] = {}
    added: dict[Table, list[tuple[Any, ...]]] = {}
    for (name, id_), before in work.before.items():
        kind = work.service.kind.get(name, STREAM)
        document = work.documents[name, id_]
        if document.state is None and before.state is None and document.version == 0:
            continue
        state = kind.adapter.dump_json(document.state).decode() if document.state is not None else "null"
        upserts.setdefault(table_of(kind), []).append((name, id_, document.version, state))
        for table, rows in kind.rows.items():
            old = dict.fromkeys(rows(id_, before.state)) if before.state is not None else {}
            new = dict.fromkeys(rows(id_, document.state)) if document.state is not None else {}
            removed.setdefault(table, []).extend(row for row in old if row not in new)
            added.setdefault(table, []).extend(row for row in new if row not in old)
        if kind.deadlines is not None:
            old_due, new_due = deadlines_of(kind, before.state), deadlines_of(kind, document.state)
            removed.setdefault(schema.DEADLINE, []).extend((name, id_, d.name, d.due_at) for d in old_due - new_due)
            added.setdefault(schema.DEADLINE, []).extend((name, id_, d.name, d.due_at) for d in new_due - old_due)
    for table, rows in upserts.items():
        kinds, ids, versions, states = zip(*rows, strict=True)
        await connection.execute(
            text(
                f"INSERT INTO {table} (kind, id, version, state)"  # noqa: S608 - a declared name
                " SELECT k, i, v, s::json FROM unnest(CAST(:kinds AS text[]), CAST(:ids AS text[]),"
                " CAST(:versions AS bigint[]), CAST(:states AS text[])) AS t(k, i, v, s)"
                " ON CONFLICT (kind, id) DO UPDATE SET version = EXCLUDED.version, state = EXCLUDED.state"
            ),
            {"kinds": list(kinds), "ids": list(ids), "versions": list(versions), "states": list(states)},
        )
    for table, rows in removed.items():
        if rows:
            keys = list(table.primary_key.columns)
            names = [column.name for column in table.columns]
            where = and_(*(column == bindparam(f"key_{column.name}") for column in keys))
            await connection.execute(
                table.delete().where(where),
                [{f"key_{c.name}": row[names.index(c.name)] for c in keys} for row in rows],
            )
    for table, rows in added.items():
        if rows:
            names = [column.name for column in table.columns]
            await connection.execute(table.insert(), [dict(zip(names, row, strict=True)) for row in rows])


def _columns(rows: Sequence[Any], of: type) -> dict[str, list[Any]]:
    return {name: [getattr(row, name) for row in rows] for name in of.__dataclass_fields__}


_INBOX = text(
    "INSERT INTO engine.inbox (shard, key, position, kind, topic, part, off, at, body)"
    " SELECT :shard, k::uuid, p, n, t, a, o, m, b FROM unnest(CAST(:key AS text[]), CAST(:position AS bigint[]),"
    " CAST(:kind AS text[]), CAST(:topic AS text[]), CAST(:part AS int[]), CAST(:off AS bigint[]),"
    " CAST(:at AS timestamptz[]), CAST(:body AS bytea[])) AS u(k, p, n, t, a, o, m, b)"
)
_LEDGER = text(
    "INSERT INTO engine.ledger (shard, position, topic, part, key, id, type, version, body)"
    " SELECT :shard, p, t, a, k, i, y, v, b FROM unnest(CAST(:position AS bigint[]), CAST(:topic AS text[]),"
    " CAST(:part AS int[]), CAST(:key AS text[]), CAST(:id AS text[]), CAST(:type AS text[]),"
    " CAST(:version AS bigint[]), CAST(:body AS bytea[])) AS u(p, t, a, k, i, y, v, b)"
)


def sources(service: Service) -> list[str]:
    """The foreign services that its known kinds are folded from."""
    return sorted({kind.of for kind in service.kinds if kind.of is not None and kind.of != "private"})
