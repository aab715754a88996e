"""A service's database: reading documents for a batch, and writing what the batch decided, in one transaction.

Every write is set-based (arrays through `unnest`), because a commit costs more than what is in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Table, and_, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from chassis import schema
from chassis.loading import driver
from chassis.loading import load as load  # noqa: PLC0414 - handed on, as all of these
from chassis.loading import loader as loader  # noqa: PLC0414
from chassis.loading import single as single  # noqa: PLC0414
from chassis.loading import table_of as table_of  # noqa: PLC0414
from chassis.service import Service
from chassis.work import STREAM, Work, deadlines_of


class Fenced(Exception):
    """Another process has become the writer of this shard."""


class InboxRow(NamedTuple):
    """One decided input."""

    key: str
    position: int
    kind: str
    topic: str
    part: int
    off: int
    at: datetime
    body: bytes | None = None


class LedgerRow(NamedTuple):
    """One message to publish, with its exact bytes."""

    position: int
    topic: str
    part: int | None
    key: str
    id: str
    type: str
    version: int
    body: bytes


class ChangeRow(NamedTuple):
    """An own document that an event of the ledger was folded into."""

    kind: str
    id: str
    ledger_position: int
    recorded_at: datetime


@dataclass(slots=True)
class Writer:
    """The writer's row as it stands in this transaction."""

    epoch: int
    position: int
    ledger_position: int
    passed_until: datetime | None
    recorded_at: datetime | None


def connect(url: str, **server: str) -> AsyncEngine:
    """The pool of one process. That the server closed a connection shows when it is used: it is tried again then."""
    # Nearly all that is asked for is asked for by key, of tables whose size the server knows only from time to time.
    server = {"enable_seqscan": "off", "jit": "off", **server}
    arguments = {"timeout": 10, "command_timeout": 120, "server_settings": server}
    # What is opened beyond the size would be closed when it is given back, and its statements prepared again.
    return create_async_engine(url, pool_size=10, max_overflow=0, pool_use_lifo=True, connect_args=arguments)


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


_LOCK = text(
    "SELECT w.epoch, w.position, w.ledger_position, w.passed_until, w.recorded_at, ARRAY("
    " SELECT key::text FROM engine.inbox WHERE shard = :shard AND key = ANY(CAST(:keys AS uuid[]))"
    " UNION ALL SELECT key::text FROM engine.parked WHERE shard = :shard AND key = ANY(CAST(:keys AS uuid[]))) AS seen"
    " FROM engine.writer w WHERE w.shard = :shard FOR UPDATE OF w"
)


async def lock(
    connection: AsyncConnection, shard: str, epoch: int, keys: Sequence[str] = ()
) -> tuple[Writer, set[str]]:
    """Lock the writer's row for this transaction, or find out that one is no longer the writer.

    Also tells which of these inputs were decided or are parked already. It sees what stood when it began to wait for
    the lock; nobody but this writer has decided anything since it became the writer.
    """
    row = (await connection.execute(_LOCK, {"shard": shard, "keys": list(keys)})).one()
    if row.epoch != epoch:
        message = f"shard '{shard}': epoch {row.epoch} has replaced {epoch}"
        raise Fenced(message)
    writer = Writer(row.epoch, row.position, row.ledger_position, row.passed_until, row.recorded_at)
    return writer, set(row.seen)


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


async def write(
    connection: AsyncConnection,
    *,
    shard: str,
    work: Work,
    inbox: Sequence[InboxRow],
    ledger: Sequence[LedgerRow],
    changes: Sequence[ChangeRow],
    writer: Writer,
) -> None:
    """Write all that a batch decided. Removals go before insertions, so that what one input freed another may take."""
    documents, removed, added = _changes(work)
    tables = tuple(documents)
    await driver(
        connection,
        _writing(tables),
        shard,
        writer.position,
        writer.ledger_position,
        writer.passed_until,
        writer.recorded_at,
        *_columns(inbox, InboxRow),
        *_columns(ledger, LedgerRow),
        *_columns(changes, ChangeRow),
        *(column for table in tables for column in zip(*documents[table], strict=True)),
    )
    await _write_rows(connection, removed, added)


_INBOX_TYPES = ("text[]", "bigint[]", "text[]", "text[]", "int[]", "bigint[]", "timestamptz[]", "bytea[]")
_LEDGER_TYPES = ("bigint[]", "text[]", "int[]", "text[]", "text[]", "text[]", "bigint[]", "bytea[]")
_CHANGE_TYPES = ("text[]", "text[]", "bigint[]", "timestamptz[]")
_DOCUMENT_TYPES = ("text[]", "text[]", "bigint[]", "text[]")


@cache
def _writing(tables: tuple[str, ...]) -> str:
    """One statement for all that has no order within the transaction. $1 … $5 are of the writer's row."""
    number = 5

    def arrays(types: Sequence[str]) -> str:
        nonlocal number
        number += len(types)
        return ", ".join(f"${number - len(types) + place}::{type_}" for place, type_ in enumerate(types, 1))

    inbox, ledger, changes = arrays(_INBOX_TYPES), arrays(_LEDGER_TYPES), arrays(_CHANGE_TYPES)
    parts = [
        f"""inbox AS (INSERT INTO engine.inbox (shard, key, position, kind, topic, part, off, at, body)
          SELECT $1, k::uuid, p, n, t, a, o, m, b FROM unnest({inbox}) AS u(k, p, n, t, a, o, m, b))""",  # noqa: S608 - declared names
        f"""ledger AS (INSERT INTO engine.ledger (shard, position, topic, part, key, id, type, version, body)
          SELECT $1, u.* FROM unnest({ledger}) AS u)""",  # noqa: S608 - declared names
        f"""change AS (INSERT INTO engine.change (shard, kind, id, ledger_position, recorded_at)
          SELECT $1, u.* FROM unnest({changes}) AS u)""",  # noqa: S608 - declared names
    ]
    parts += [
        f"document{place} AS (INSERT INTO {table} (kind, id, version, state)"  # noqa: S608 - declared names
        f" SELECT k, i, v, s::json FROM unnest({arrays(_DOCUMENT_TYPES)}) AS u(k, i, v, s)"
        " ON CONFLICT (kind, id) DO UPDATE SET version = EXCLUDED.version, state = EXCLUDED.state)"
        for place, table in enumerate(tables)
    ]
    return (
        f"WITH {', '.join(parts)} UPDATE engine.writer SET position = $2::bigint, ledger_position = $3::bigint,"  # noqa: S608
        " passed_until = $4::timestamptz, recorded_at = $5::timestamptz WHERE shard = $1::text"
    )


Rows = dict[Table, list[tuple[Any, ...]]]


def _changes(work: Work) -> tuple[dict[str, list[tuple[str, str, int, str]]], Rows, Rows]:
    """The changed documents by table, and the rows and deadlines that follow from them: those gone, those new."""
    documents: dict[str, list[tuple[str, str, int, str]]] = {}
    removed: Rows = {}
    added: Rows = {}
    for (name, id_), before in work.before.items():
        kind = work.service.kind.get(name, STREAM)
        document = work.documents[name, id_]
        if document.state is None and before.state is None and document.version == 0:
            continue
        state = kind.adapter.dump_json(document.state).decode() if document.state is not None else "null"
        documents.setdefault(table_of(kind), []).append((name, id_, document.version, state))
        for table, rows in kind.rows.items():
            old = dict.fromkeys(rows(id_, before.state)) if before.state is not None else {}
            new = dict.fromkeys(rows(id_, document.state)) if document.state is not None else {}
            removed.setdefault(table, []).extend(row for row in old if row not in new)
            added.setdefault(table, []).extend(row for row in new if row not in old)
        if kind.deadlines is not None:
            old_due, new_due = deadlines_of(kind, before.state), deadlines_of(kind, document.state)
            removed.setdefault(schema.DEADLINE, []).extend((name, id_, d.name, d.due_at) for d in old_due - new_due)
            added.setdefault(schema.DEADLINE, []).extend((name, id_, d.name, d.due_at) for d in new_due - old_due)
    return documents, removed, added


async def _write_rows(connection: AsyncConnection, removed: Rows, added: Rows) -> None:
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


def _columns(rows: Sequence[tuple[Any, ...]], of: type[InboxRow | LedgerRow | ChangeRow]) -> Iterable[Sequence[Any]]:
    return zip(*rows, strict=True) if rows else [()] * len(of._fields)


def sources(service: Service) -> list[str]:
    """The foreign services that its known kinds are folded from."""
    return sorted({kind.of for kind in service.kinds if kind.of is not None and kind.of != "private"})
