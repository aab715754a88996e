"""One order of decisions: every input of a shard is decided once, in one transaction with all that follows from it.

Invariants, each with a fault test that names it:
- *once*: an input whose key stands in the inbox is skipped; the inbox row is written with its effects or not at all.
- *one writer*: every transaction locks the writer's row and holds the row's epoch, or writes nothing.
- *gapless*: positions of inbox and ledger are given under that lock.
- *order kept*: what touches a document that a parked or waiting input touched waits behind it.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from opentelemetry.trace import Span
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis import history, messages, parking, store, telemetry
from chassis.away import is_away
from chassis.record import Input, Record, inputs
from chassis.service import Answer, Due, Incoming, Service
from chassis.store import ChangeRow, InboxRow, LedgerRow, Writer
from chassis.work import DeadlinePending, Key, KeyHeld, Work
from contracts.message import Refused

LOG = logging.getLogger("flexregister")
DEADLINES_AT_ONCE = 500
AHEAD = 16
"""Of so many deadlines that come next it is told before one is decided."""


@dataclass
class _Batch:
    """What one transaction has decided so far."""

    connection: AsyncConnection
    writer: Writer
    work: Work
    inbox: list[InboxRow] = field(default_factory=list)
    ledger: list[LedgerRow] = field(default_factory=list)
    changes: list[ChangeRow] = field(default_factory=list)
    parked: list[parking.Parked] = field(default_factory=list)
    held: set[Key] = field(default_factory=set)
    spans: list[Span] = field(default_factory=list)
    failed: tuple[Input, Due, Exception] | None = None
    """The overdue deadline that failed, and before what."""
    started: int = field(default_factory=time.time_ns)
    stamp: int = 0
    """The append time of its first record."""


@dataclass
class Engine:
    """Decides the inputs of one shard. Not safe for concurrent calls: `busy` lets one in at a time."""

    service: Service
    database: AsyncEngine
    holder: str
    attempts: int = 3
    publish: Callable[[Sequence[LedgerRow]], None] = lambda _rows: None
    """Told of every ledger row after its commit, in order."""
    batch: int = 500
    """About so many inputs are decided in one transaction."""
    epoch: int = 0
    position: int = 0
    """Of the last input that was decided here."""
    held: set[Key] = field(default_factory=set)
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)
    careful: bool = False
    """The last writer ended without saying so: one of the first inputs may be what killed it, so each is tried
    alone."""
    _batch: _Batch | None = None
    _due: Due | None = None

    async def claim(self) -> None:
        """Become this shard's writer. Not while it decides: it would be fenced by itself, and drop what it fetched."""
        async with self.busy, self.database.begin() as connection:
            self.epoch, clean = await store.claim(connection, self.service.shard, self.holder)
            self.held = await parking.held(connection, self.service.shard)
            await history.catch_up(connection, self.service)
        self.careful = not clean

    async def leave(self) -> None:
        """Say that this writer ends cleanly (if it is still the writer)."""
        async with self.database.begin() as connection:
            await connection.execute(
                text("UPDATE engine.writer SET clean = 1 WHERE shard = :shard AND epoch = :epoch"),
                {"shard": self.service.shard, "epoch": self.epoch},
            )

    async def take(self, records: Iterable[Record]) -> None:
        """Decide records in order. Raises only `Fenced`, `UnknownMajor` and what says that the database is away.

        A record may hold a thousand inputs: a transaction is begun anew after about `batch` of them.
        """
        items: list[Input] = []
        for record in records:
            items += inputs(self.service, record)
            if len(items) >= self.batch:
                await self.give(items)
                items = []
        if items:
            await self.give(items)

    async def give(self, items: Sequence[Input]) -> None:
        """Decide inputs in this order."""
        async with self.busy:
            for is_time, group in groupby(items, key=lambda item: item.kind == "time"):
                if is_time:
                    for item in group:
                        await self._time(item)
                else:
                    await self._many(list(group))

    async def revisit(self) -> None:
        """Try again what an operator released, and what waited behind it."""
        async with self.busy:
            await self._revisit()

    # Batches, and inputs alone

    async def _many(self, items: list[Input]) -> None:
        if not self.careful:
            try:
                await self._transaction(items)
            except Exception as error:
                if isinstance(error, store.Fenced) or is_away(error):
                    raise
                LOG.warning("%s: a batch of %d failed (%s); each is tried alone", self.service.name, len(items), error)
            else:
                return
        self.careful = False
        for item in items:
            await self._alone(item)

    async def _alone(self, item: Input) -> None:
        for attempt in range(self.attempts + 1):
            async with self.database.begin() as connection:
                if item.key in await store.seen(connection, self.service.shard, [item.key]):
                    return
                count, error = await parking.attempt(connection, self.service.shard, item.key)
            if count > self.attempts:
                await self._park(item, error)
                return
            try:
                await self._transaction([item], alone=True)
            except Exception as problem:
                if isinstance(problem, store.Fenced) or is_away(problem):
                    raise
                async with self.database.begin() as connection:
                    await parking.failed(connection, self.service.shard, item.key, parking.describe(problem))
                await asyncio.sleep(0.02 * 2**attempt)
            else:
                return

    async def _park(self, item: Input, error: str) -> None:
        keys = self._holds(item, self._batch.work.touched if self._batch else ())
        row = parking.Parked.of(item, reason="failed", held=keys, error=error)
        async with self.database.begin() as connection:
            await store.lock(connection, self.service.shard, self.epoch)
            await parking.park(connection, self.service.shard, [row])
        self.held |= keys
        telemetry.PARKED.add(1, {"service": self.service.name, "shard": self.service.shard})
        LOG.error("%s: parked %s %s: %s", self.service.name, item.incoming.type, item.incoming.id, error)

    def _holds(self, item: Input, touched: Iterable[Key]) -> set[Key]:
        """What an input that waits holds: its subject, every own aggregate it loaded, and what it is a foreign fact of.

        What is only known and was only read (the policies, a party) is not held: it does not depend on this input.
        """
        folded: set[Key] = set()
        if item.kind == "event":
            for kind in self.service.known_folds.get(type(item.incoming.data), ()):
                folded |= {(kind.name, id_) for id_ in kind.parts(item.incoming.data)}
        kinds = self.service.kind
        own = {key for key in touched if key[0] not in kinds or (kinds[key[0]].of is None and not kinds[key[0]].shared)}
        return own | folded | ({("", item.incoming.subject)} if item.incoming.subject else set())

    async def _transaction(self, items: Sequence[Input], *, alone: bool = False, revisited: bool = False) -> None:
        async with self.database.begin() as connection:
            batch, known = await self._begin(connection, [item.key for item in items])
            if revisited:
                # It stands among the parked, where it keeps its place in the order of arrival until it is decided.
                known -= {item.key for item in items}
            fresh = [item for item in items if not (item.key in known or known.add(item.key))]
            await batch.work.prefetch(_needs(self.service, fresh))
            for type_, group in groupby(fresh, key=lambda item: item.incoming.type if self.service.bulk else ""):
                if type_ in self.service.bulk:
                    await self._bulk(connection, batch, type_, list(group))
                else:
                    for item in group:
                        await self._decide(batch, item)
            if alone:
                await parking.forget(connection, self.service.shard, [item.key for item in items])
            if revisited:
                still = {row.key for row in batch.parked}
                done = [item.key for item in items if item.key not in still]
                await parking.remove(connection, self.service.shard, done)
            await self._write(connection, batch)
        self._committed(batch)
        if batch.failed is not None:
            await self._deadline_failed(*batch.failed)

    async def _begin(self, connection: AsyncConnection, keys: Sequence[str]) -> tuple[_Batch, set[str]]:
        writer, known = await store.lock(connection, self.service.shard, self.epoch, keys)
        work = Work(self.service, store.loader(connection), held=set(self.held))
        self._batch = _Batch(connection, writer, work)
        return self._batch, known

    async def _write(self, connection: AsyncConnection, batch: _Batch) -> None:
        if batch.parked:
            await parking.park(connection, self.service.shard, batch.parked)
        await store.write(
            connection,
            shard=self.service.shard,
            work=batch.work,
            inbox=batch.inbox,
            ledger=batch.ledger,
            changes=batch.changes,
            writer=batch.writer,
        )

    def _committed(self, batch: _Batch) -> None:
        self.held = batch.work.held
        self.position = batch.writer.position
        self.publish(batch.ledger)
        if not batch.inbox:
            return
        labels = {"service": self.service.name, "shard": self.service.shard}
        now = time.time_ns()
        for span in batch.spans:
            span.end(now)
        telemetry.DECIDED.add(len(batch.inbox), labels)
        telemetry.BATCH_INPUTS.record(len(batch.inbox), labels)
        telemetry.BATCH_SECONDS.record((now - batch.started) / 1e9, labels)
        telemetry.DECIDED_AFTER.record(max(0.0, now / 1e9 - batch.stamp / 1000), labels)

    # One input

    async def _decide(self, batch: _Batch, item: Input) -> None:
        if item.error is not None:
            batch.work.begin(deadlines_before=None)
            raise item.error
        incoming = item.incoming
        incoming.position = batch.writer.position + 1
        work = batch.work
        work.begin(deadlines_before=incoming.at if item.kind == "command" else None)
        try:
            if item.kind == "internal" and self.service.moment is not None:
                incoming = replace(incoming, at=await self.service.moment(work, incoming))
            if ("", incoming.subject) in work.held:
                raise KeyHeld(("", incoming.subject))
            try:
                await self._handle(work, item, incoming)
            except DeadlinePending:
                if not await self._overdue(batch, item):
                    raise
                incoming.position = batch.writer.position + 1
                work.begin(deadlines_before=incoming.at)
                await self._handle(work, item, incoming)
        except (KeyHeld, DeadlinePending) as wait:
            keys = self._holds(item, work.touched)
            work.begin(deadlines_before=None)
            work.held |= keys
            reason = "deadline" if isinstance(wait, DeadlinePending) else "behind"
            batch.parked.append(parking.Parked.of(item, reason=reason, held=keys, error=str(wait)))
            return
        self._record(batch, item, incoming)

    async def _handle(self, work: Work, item: Input, incoming: Incoming[Any]) -> None:
        if item.kind == "command":
            assert item.on is not None
            try:
                answer = await item.on.handler(work, incoming) or Answer()
            except Refused as refused:
                work.begin(deadlines_before=None)
                answer, rejected = Answer(refused.reasons, refused.rows), True
            else:
                rejected = False
            made = messages.receipt(self.service, incoming, reasons=answer.reasons, rows=answer.rows, rejected=rejected)
            await work.append(made)
            return
        if item.kind in ("event", "time"):
            await work.learn(incoming.data)
        if item.on is not None:
            await item.on.handler(work, incoming)

    async def _bulk(self, connection: AsyncConnection, batch: _Batch, type_: str, items: Sequence[Input]) -> None:
        work = batch.work
        work.begin(deadlines_before=None)
        first = batch.writer.position + 1
        incoming = [replace(item.incoming, position=first + index) for index, item in enumerate(items)]
        if self.service.moment is not None:
            incoming = [replace(one, at=await self.service.moment(work, one)) for one in incoming]
        decisions = await self.service.bulk[type_](connection, work, incoming)
        for item, one, decision in zip(items, incoming, decisions, strict=True):
            await work.append(*decision.events)
            ordinary = messages.receipt(
                self.service, one, reasons=decision.reasons, rows=decision.rows, rejected=decision.rejected
            )
            await work.append(decision.receipt or ordinary)
            beside = None if decision.beside is None else str(decision.beside).encode()
            self._decided(batch, item.key, item.kind, one, item.record, beside)

    def _record(self, batch: _Batch, item: Input, incoming: Incoming[Any]) -> None:
        body = item.record.value if item.record.topic == parking.INTERNAL else None
        self._decided(batch, item.key, item.kind, incoming, item.record, body)

    def _decided(
        self,
        batch: _Batch,
        key: str,
        kind: str,
        incoming: Incoming[Any],
        record: Record,
        body: bytes | None = None,
    ) -> None:
        """Keep what the input did: it has a position now."""
        batch.writer.position += 1
        batch.inbox.append(
            InboxRow(key, batch.writer.position, kind, record.topic, record.part, record.off, incoming.at, body)
        )
        batch.stamp = batch.stamp or record.stamp
        trace, span = telemetry.step(self.service.name, incoming, batch.started)
        if span is not None:
            batch.spans.append(span)
        cause = messages.Cause(self.service, batch.writer.position, incoming.at, incoming.id, incoming.case, trace)
        outputs = batch.work.done()
        made = messages.rows(cause, outputs, batch.writer.ledger_position)
        batch.ledger += made
        at = batch.writer.recorded_at = max(incoming.at, batch.writer.recorded_at or incoming.at)
        if self.service.remembers:
            batch.changes += history.changes(outputs, made, recorded_at=at)
        batch.writer.ledger_position += len(made)

    # Time

    async def _time(self, item: Input) -> None:
        """Everything due by `until`, in due order, each an input of its own; then the passing of time itself.

        A command that waits for a deadline has its place among the deadlines: it is decided when all that is due by
        its own moment is, before what is due after it.
        """
        until: datetime = item.incoming.data.until
        tried: set[str] = set()
        while True:
            blocked, waiting = await self._waiting(until, tried)
            limit = waiting[0] if waiting else until
            while not await self._due_by(item, limit, blocked, last=waiting is None):
                blocked, _ = await self._waiting(until, tried)
            if waiting is None:
                break
            tried.add(waiting[1])
            await self._revisit()
        if self.held:
            await self._revisit()

    async def _waiting(self, until: datetime, tried: set[str]) -> tuple[set[Key], tuple[datetime, str] | None]:
        """What failed inputs hold, and the first command that waits for nothing but deadlines: its moment and key."""
        if not self.held:
            return set(), None
        async with self.database.connect() as connection:
            rows = await parking.waiting(connection, self.service.shard)
        blocked: set[Key] = set()
        first: tuple[datetime, str] | None = None
        for row in rows:
            keys = parking.keys(row.held)
            if row.reason == "failed" or keys & blocked:
                blocked |= keys
            elif first is None and row.key not in tried:
                at = next((i.incoming.at for i in inputs(self.service, row.record) if i.key == row.key), until)
                first = (at, row.key) if at <= until else None
        return blocked, first

    async def _due_by(self, item: Input, limit: datetime, blocked: set[Key], *, last: bool) -> bool:
        """Decide what is due by a moment; False when it must be gone on with (there was more, or one failed)."""
        self._due = None
        try:
            return await self._some_time(item, limit, blocked, last=last)
        except Exception as error:
            if isinstance(error, store.Fenced) or is_away(error) or self._due is None:
                raise
            await self._deadline_failed(item, self._due, error)
            return False

    async def _some_time(self, item: Input, until: datetime, blocked: set[Key], *, last: bool) -> bool:
        async with self.database.begin() as connection:
            batch, known = await self._begin(connection, [item.key])
            # What only waits for deadlines does not hold them up.
            batch.work.held = set(blocked)
            if item.key in known:
                return True
            found = (
                await connection.execute(
                    text(
                        "SELECT due_at, kind, id, name FROM own.deadline WHERE due_at <= :until"
                        " ORDER BY due_at, kind, id, name LIMIT :most"
                    ),
                    {"until": until, "most": DEADLINES_AT_ONCE + 1},
                )
            ).all()
            ours = [tuple(row) for row in found if row.kind in self.service.kind]
            more = len(found) > DEADLINES_AT_ONCE
            # With more to come, nothing after the last one read may be decided yet: an unread one could be before it.
            horizon = ours[-1] if more and ours else (until, "\U0010ffff", "", "")
            await batch.work.prefetch(_documents(self.service, ours))
            await self._decide_due(batch, ours, horizon, item.record)
            if last and not more:
                batch.writer.passed_until = max(until, batch.writer.passed_until or until)
                batch.work.begin(deadlines_before=None)
                await self._decide(batch, item)
            self._due = None
            batch.work.held = set(self.held)
            await self._write(connection, batch)
        self._committed(batch)
        return not more

    async def _overdue(self, batch: _Batch, item: Input) -> bool:
        """Decide what came to stand at a moment that time has passed already; whether there was any.

        What is dated back makes such deadlines. All that was received before them is decided, so that a command need
        not wait for time to pass once more: at a sandbox's clock, which stands still, it would wait for ever.
        """
        until, work = batch.writer.passed_until, batch.work
        work.begin(deadlines_before=None)
        if until is None:
            return False
        rows = await batch.connection.execute(
            text("SELECT due_at, kind, id, name FROM own.deadline WHERE due_at <= :until"), {"until": until}
        )
        found = [tuple(row) for row in rows if row.kind in self.service.kind]
        # What this batch has changed is not written yet.
        found += [(due.due_at, *key, due.name) for key in work.before for due in work.deadlines(key)]
        found = sorted({place for place in found if place[0] <= until})
        before = batch.writer.position
        try:
            await work.prefetch(_documents(self.service, found))
            await self._decide_due(batch, found, (until, "\U0010ffff", "", ""), item.record)
        except Exception as error:
            if isinstance(error, store.Fenced) or is_away(error):
                raise
            LOG.warning("%s: an overdue deadline failed: %s", self.service.name, error)
            work.begin(deadlines_before=None)
            # Tried again with whatever comes next, and parked in the end: at a still clock no passing of time tries it.
            if self._due is not None:
                batch.failed = (item, self._due, error)
        self._due = None
        return batch.writer.position > before

    async def _decide_due(
        self, batch: _Batch, found: list[tuple[Any, ...]], last: tuple[Any, ...], record: Record
    ) -> None:
        heap = list(dict.fromkeys(found))
        heapq.heapify(heap)
        work = batch.work
        while heap:
            due_at, kind, id_, name = heapq.heappop(heap)
            key = (kind, id_)
            if key in work.held or (due_at, kind, id_, name) > last:
                continue
            await work.prefetch([(self.service.kind[kind], [id_])])
            if not any((d.due_at, d.name) == (due_at, name) for d in work.deadlines(key)):
                continue
            self._due = due = Due(kind, id_, name, due_at, batch.writer.position + 1)
            await self._ahead(work, name, heap)
            work.begin(deadlines_before=None)
            try:
                await self.service.deadlines[name](work, due)
            except KeyHeld:
                work.begin(deadlines_before=None)
                continue
            changed = set(work.changed)
            incoming = Incoming(due, "deadline", _due_id(due), self.service.source, id_, due_at, due.position)
            # What comes late may make the same deadline stand again: its place makes it another input.
            entry = store.inbox_key("deadline", *_due_id(due).split("|"), str(due.position))
            self._decided(batch, entry, "deadline", incoming, record)
            if any((d.due_at, d.name) == (due_at, name) for d in work.deadlines(key)):
                message = f"deadline {name} of {kind}/{id_} was decided but still stands"
                raise RuntimeError(message)
            for changed_key in changed:
                for deadline in work.deadlines(changed_key):
                    place = (deadline.due_at, *changed_key, deadline.name)
                    if place <= last and place not in heap:
                        heapq.heappush(heap, place)

    async def _ahead(self, work: Work, name: str, heap: list[tuple[Any, ...]]) -> None:
        """Let what the next deadlines of this name need be on its way."""
        if (ahead := self.service.ahead.get(name)) is None:
            return
        if ids := [place[2] for place in heapq.nsmallest(AHEAD, heap) if place[3] == name]:
            try:
                await ahead(work, ids)
            except Exception as error:
                if is_away(error):
                    raise
                # Whatever it is, it comes again when that deadline is decided, and is its own.
                LOG.info("%s: ahead of %s: %s", self.service.name, name, error)

    async def _deadline_failed(self, item: Input, due: Due, error: Exception) -> None:
        key = store.inbox_key("deadline", *_due_id(due).split("|"))
        async with self.database.begin() as connection:
            await store.lock(connection, self.service.shard, self.epoch)
            count, _ = await parking.attempt(connection, self.service.shard, key)
            if count < self.attempts:
                return
            row = parking.Parked(
                key=key,
                reason="failed",
                held=(f"{due.kind}/{due.id}",),
                what="deadline",
                id=_due_id(due),
                record=replace(item.record, value=b""),
                error=parking.describe(error),
            )
            await parking.park(connection, self.service.shard, [row])
        self.held.add((due.kind, due.id))
        LOG.error("%s: parked deadline %s: %s", self.service.name, row.id, row.error)

    # What waits

    async def _revisit(self) -> None:
        """In order of arrival, everything that may go on now: released ones, and those behind them."""
        self.held = set()
        async with self.database.connect() as connection:
            waiting = await parking.waiting(connection, self.service.shard)
        for row in waiting:
            keys = parking.keys(row.held)
            if (row.reason == "failed" and not row.action) or keys & self.held:
                self.held |= keys
                continue
            await self._release(row)

    async def _release(self, row: parking.Parked) -> None:
        if row.what == "deadline":
            # Its document is free again: the next passing of time decides it.
            async with self.database.begin() as connection:
                await store.lock(connection, self.service.shard, self.epoch)
                await parking.remove(connection, self.service.shard, [row.key])
                await parking.forget(connection, self.service.shard, [row.key])
            return
        item = next((one for one in inputs(self.service, row.record) if one.key == row.key), None)
        if item is None:
            self.held |= parking.keys(row.held)
            return
        if row.action == "drop":
            item = parking.dropped(item)
        try:
            await self._transaction([item], alone=True, revisited=True)
        except Exception as error:
            if isinstance(error, store.Fenced) or is_away(error):
                raise
            keys = parking.keys(row.held) | self._holds(item, self._batch.work.touched if self._batch else ())
            async with self.database.begin() as connection:
                await parking.back(connection, self.service.shard, row.key, keys, parking.describe(error))
            self.held |= keys


def _needs(service: Service, items: Sequence[Input]) -> list[tuple[Any, list[str]]]:
    wanted: dict[str, list[str]] = {}
    for item in items:
        if item.error is not None:
            continue
        if item.kind == "event":
            for kind in service.known_folds.get(type(item.incoming.data), ()):
                wanted.setdefault(kind.name, []).extend(kind.parts(item.incoming.data))
        if item.on is not None and item.on.needs is not None:
            for kind, ids in item.on.needs(item.incoming):
                wanted.setdefault(kind.name, []).extend(ids)
    return [(service.kind[name], ids) for name, ids in wanted.items()]


def _documents(service: Service, due: Iterable[tuple[Any, ...]]) -> list[tuple[Any, list[str]]]:
    wanted: dict[str, list[str]] = {}
    for _, kind, id_, _ in due:
        wanted.setdefault(kind, []).append(id_)
    return [(service.kind[name], ids) for name, ids in wanted.items()]


def _due_id(due: Due) -> str:
    return "|".join((due.kind, due.id, due.name, due.at.astimezone(UTC).isoformat()))
