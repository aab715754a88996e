"""Rebuilding a service's state from the log, and proving that it equals what is stored.

`own` is the fold of the service's own events, `known` of the foreign ones up to what it has decided. Both are
compared by hash, documents and the rows that follow from them alike; and so is which event changed which own document.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import from_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis import kafka, store
from chassis.record import type_of
from chassis.service import Kind, Service
from chassis.work import STREAM, Document, Key, Published, Sent, Work
from contracts import topics
from contracts.message import EVENTS, Event, Reason

CHANGES = "engine.change"


@dataclass
class Rebuilt:
    """A state that was folded from a log."""

    service: Service
    work: Work
    events: int = 0
    seen: set[tuple[str, str]] = field(default_factory=set)
    lines: dict[str, list[str]] = field(default_factory=dict)
    """What the events say of private tables, and which documents each changed."""

    @classmethod
    def empty(cls, service: Service) -> Rebuilt:
        """Nothing has happened yet."""

        async def nothing(_wanted: Iterable[tuple[Kind[Any], Sequence[str]]]) -> Mapping[Key, Document]:
            return {}

        return cls(service, Work(service, nothing))

    async def fold(self, topic: str, partition: int, value: bytes) -> None:
        """Fold one record. A message that was published twice is one message."""
        replay = self.service.replays.get(topic)
        own = topic == f"events.{self.service.name}.v1" and partition == self.service.partition
        if replay is None and (head := type_of(value)) and self._model(head, own=own) is None:
            return
        envelope = from_json(value)
        if replay is not None:
            event = replay(envelope)
            if event is not None and self._new(envelope):
                self.work.begin(deadlines_before=None)
                await self.work.fold(event)
                self.work.done()
                self.events += 1
        model = self._model(envelope["type"], own=own)
        if model is None or not self._new(envelope):
            return
        event = model.model_validate(envelope["data"])
        self.work.begin(deadlines_before=None)
        if own:
            for table, evidence in self.service.evidence.items():
                self.lines.setdefault(table, []).extend(evidence.said(event))
            await self.work.append(event)
        else:
            await self.work.learn(event)
        self._note_changes(envelope["id"], self.work.done())
        self.events += 1

    def _note_changes(self, id_: str, outputs: Iterable[Published | Sent]) -> None:
        if self.service.remembers:
            keys = (key for output in outputs if isinstance(output, Published) for key in output.changes)
            self.lines.setdefault(CHANGES, []).extend(repr((*key, id_)) for key in keys)

    def _model(self, type_: str, *, own: bool) -> type[Event] | None:
        """What a message is read as, where it changes anything."""
        model = EVENTS.get(type_)
        if model is None or not (own or model in self.service.known_folds):
            return None
        return None if own and model is self.service.receipt and model not in self.service.own_folds else model

    def _new(self, envelope: Mapping[str, Any]) -> bool:
        key = (envelope["source"], envelope["id"])
        if key in self.seen:
            return False
        self.seen.add(key)
        return True

    def hashes(self) -> dict[str, str]:
        """A hash per table."""
        documents: dict[str, list[tuple[str, str, int, str]]] = {}
        rows: dict[str, list[str]] = {}
        for (name, id_), document in self.work.documents.items():
            kind = self.service.kind.get(name, STREAM)
            if document.state is None and document.version == 0:
                continue
            state = kind.adapter.dump_json(document.state).decode() if document.state is not None else "null"
            documents.setdefault(store.table_of(kind), []).append((name, id_, document.version, state))
            for table, make in kind.rows.items():
                if document.state is not None:
                    rows.setdefault(f"own.{table.name}", []).extend(
                        repr(_plain(row)) for row in make(id_, document.state)
                    )
        found = {table: _hash(map(repr, sorted(these))) for table, these in documents.items()}
        found |= {table: _hash(sorted(these)) for table, these in self.lines.items()}
        return found | {table: _hash(sorted(these)) for table, these in rows.items()}


async def prove(service: Service, database: AsyncEngine, bootstrap: str, namespace: str) -> dict[str, Any]:
    """Rebuild and compare.

    `equal` says whether every table is the same; `tables` has both hashes, `remarks` what is not proved any more.
    """
    rebuilt = Rebuilt.empty(service)
    names = _topics(service)
    async for topic, record in kafka.read_all(bootstrap, *(topics.full_name(namespace, name) for name in names)):
        short = topic.removeprefix(kafka.prefix(namespace))
        await rebuilt.fold(short, record.partition, record.value)
    remarks: list[Reason] = []
    async with database.connect() as connection:
        stored = await stored_hashes(connection, service)
        for table, evidence in service.evidence.items():
            if evidence.asked is not None:
                said, there = rebuilt.lines.get(table, []), await evidence.stored(connection)
                said, there, why = await evidence.asked(connection, said, there)
                remarks += why
                rebuilt.lines[table] = list(said)
                stored[table] = _hash(sorted(there))
    again = rebuilt.hashes()
    empty = _hash([])
    tables = {
        name: {"stored": stored.get(name, empty), "rebuilt": again.get(name, empty)}
        for name in sorted(stored.keys() | again.keys())
    }
    equal = all(table["stored"] == table["rebuilt"] for table in tables.values())
    return {
        "service": service.name,
        "shard": service.shard,
        "events": rebuilt.events,
        "documents": len(rebuilt.work.documents),
        "equal": equal,
        "tables": tables,
        "remarks": [one.model_dump(mode="json") for one in remarks],
    }


async def stored_hashes(connection: AsyncConnection, service: Service) -> dict[str, str]:
    """The same hashes over what is stored; of evidence not all of which is asked for, `prove` makes them."""
    tables = sorted({store.table_of(kind) for kind in service.kinds if kind.of != "private"} | {"own.document"})
    # Of several shards in one database only the first counts streams; the others' subjects are new every time.
    names = [kind.name for kind in service.kinds] + ([STREAM.name] if service.partition == 0 else [])
    found: dict[str, str] = {}
    for table in tables:
        rows = await connection.execute(
            text(
                f"SELECT kind, id, version, state::text AS state FROM {table}"  # noqa: S608 - a declared name
                " WHERE kind = ANY(CAST(:kinds AS text[])) AND NOT (version = 0 AND state::text = 'null')"
                ' ORDER BY kind COLLATE "C", id COLLATE "C"'
            ),
            {"kinds": names},
        )
        found[table] = _hash(repr((row.kind, row.id, row.version, row.state)) for row in rows)
    for kind in service.kinds:
        for table in kind.rows:
            rows = await connection.execute(table.select())
            found[f"own.{table.name}"] = _hash(sorted(repr(_plain(tuple(row))) for row in rows))
    for table, evidence in service.evidence.items():
        if evidence.asked is None:
            found[table] = _hash(sorted(await evidence.stored(connection)))
    if service.remembers:
        rows = await connection.execute(
            text(
                "SELECT c.kind, c.id, l.id AS event FROM engine.change c JOIN engine.ledger l"
                " ON l.shard = c.shard AND l.position = c.ledger_position WHERE c.shard = :shard"
            ),
            {"shard": service.shard},
        )
        found[CHANGES] = _hash(sorted(repr((row.kind, row.id, row.event)) for row in rows))
    return found


def _topics(service: Service) -> list[str]:
    foreign = {event.service for event in service.known_folds if event.service != "gateway"}
    names = {f"events.{name}.v1" for name in foreign} | {f"events.{service.name}.v1"} | set(service.replays)
    if service.name != "gateway" and service.shard in ("", "case"):
        names.add(f"commands.{service.name}.v1")
    return sorted(names)


def _plain(row: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(value.isoformat() if hasattr(value, "isoformat") else str(value) for value in row)


def _hash(lines: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode())
        digest.update(b"\n")
    return digest.hexdigest()
