"""Documents that a store is filled with before a process begins: as many as need be, in one COPY a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from chassis import store
from chassis.service import Kind, Service
from chassis.work import STREAM, Document, Key

AT_ONCE = 50_000


class Row(NamedTuple):
    """A document as it is stored; `state` is JSON."""

    table: str
    kind: str
    id: str
    version: int
    state: str


def rows(service: Service, documents: Mapping[Key, Document]) -> Iterator[Row]:
    """Documents as they are stored."""
    for (name, id_), document in documents.items():
        kind: Kind[Any] = service.kind.get(name, STREAM)
        state = "null" if document.state is None else kind.adapter.dump_json(document.state).decode()
        yield Row(store.table_of(kind), name, id_, document.version, state)


async def load(connection: Any, all_rows: Iterable[Row], deadlines: Iterable[tuple[Any, ...]] = ()) -> None:
    """Store them. `deadlines`: kind, id, name, when."""
    left = iter(all_rows)
    while some := list(islice(left, AT_ONCE)):
        tables: dict[str, list[tuple[Any, ...]]] = {}
        for row in some:
            tables.setdefault(row.table, []).append(row[1:])
        for table, records in tables.items():
            schema, _, name = table.partition(".")
            await connection.copy_records_to_table(
                name, schema_name=schema, columns=["kind", "id", "version", "state"], records=records
            )
    await connection.copy_records_to_table(
        "deadline", schema_name="own", columns=["kind", "id", "name", "due_at"], records=list(deadlines)
    )
    await connection.execute("ANALYZE")
