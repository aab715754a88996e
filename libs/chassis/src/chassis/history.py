"""What a document was: the events that changed it, and what they make of it up to a moment.

*Recorded at*: the latest moment that the shard had decided anything at, the passing of time included, when it decided
the change. In the order of decisions it never goes back, as an event's own `time` may (a deadline that is decided late,
an input that was parked). So what is known at a moment is always a state that stood, all documents of a shard agree on
it, and once the service has gone past the moment it does not change any more.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from pydantic_core import from_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.service import SUBJECT, Kind, Service
from chassis.store import ChangeRow, LedgerRow
from chassis.work import Document, Published, Sent
from contracts.message import Event

AT_ONCE = 100
"""Changes that are read and folded before others in the process go on."""
FILLED_AT_ONCE = 1000

_CHANGES = text(
    "SELECT c.position, c.recorded_at, l.id, l.type, l.version, l.body FROM"
    " (SELECT ledger_position AS position, recorded_at FROM engine.change WHERE shard = :shard AND kind = :kind"
    " AND id = :id AND ledger_position > :after ORDER BY ledger_position LIMIT :most) AS c"
    " JOIN engine.ledger l ON l.shard = :shard AND l.position = c.position ORDER BY c.position"
)
# An input's outputs stand together, a command's receipt last: the first row of another cause ends the search.
_ANSWERS = text(
    "SELECT k.cause, n.body FROM unnest(CAST(:causes AS text[]), CAST(:positions AS bigint[])) AS k(cause, position)"
    " CROSS JOIN LATERAL (SELECT body FROM engine.ledger l WHERE l.shard = :shard AND l.position > k.position"
    " AND (l.type = :receipt OR convert_from(l.body, 'UTF8')::json ->> 'causationid' IS DISTINCT FROM k.cause)"
    " ORDER BY l.position LIMIT 1) AS n"
)
_LEDGER = text(
    "SELECT position, type, body FROM engine.ledger WHERE shard = :shard AND position > :after"
    " ORDER BY position LIMIT :most"
)
_FILL = text(
    "INSERT INTO engine.change (shard, kind, id, ledger_position, recorded_at) SELECT :shard, u.* FROM"
    " unnest(CAST(:kinds AS text[]), CAST(:ids AS text[]), CAST(:positions AS bigint[]), CAST(:at AS timestamptz[]))"
    " AS u"
)


def changes(
    outputs: Sequence[Published | Sent], rows: Sequence[LedgerRow], *, recorded_at: datetime
) -> Iterator[ChangeRow]:
    """What the outputs of one input changed; `rows` are theirs in the ledger."""
    for output, row in zip(outputs, rows, strict=True):
        if isinstance(output, Published):
            for kind, id_ in output.changes:
                yield ChangeRow(kind, id_, row.position, recorded_at)


async def first_recorded(connection: AsyncConnection, service: Service, kind: Kind[Any], id: str) -> datetime | None:  # noqa: A002 - the field's word
    """When an own document was first recorded."""
    return await connection.scalar(
        text("SELECT min(recorded_at) FROM engine.change WHERE shard = :shard AND kind = :kind AND id = :id"),
        {"shard": service.shard, "kind": kind.name, "id": id},
    )


async def latest(connection: AsyncConnection, service: Service) -> datetime:
    """The latest moment that can be asked what was known at: now, or, where clocks run ahead, what was decided last."""
    at = await connection.scalar(
        text("SELECT greatest(max(recorded_at), now()) FROM engine.writer WHERE shard = :shard"),
        {"shard": service.shard},
    )
    assert at is not None, "greatest leaves nulls out"
    return at


async def folded(
    connection: AsyncConnection,
    service: Service,
    kind: Kind[Any],
    id: str,  # noqa: A002 - the field's word
    *,
    known_at: datetime | None,
    evolve: Callable[[Any, Any], Any],
    before: int | None = None,
) -> Document | None:
    """What its events up to a moment (or before a ledger position) make of an own document, and its version then.

    None where it was not there yet.
    """
    types = _own(service)
    document: Document | None = None
    async for row in _rows(connection, service, kind, id):
        if known_at is not None and row.recorded_at > known_at:
            break
        if before is not None and row.position >= before:
            break
        event = types[row.type].model_validate(from_json(row.body)["data"])
        state = evolve(document.state if document else None, kind.parts(event)[id])
        counts = kind.folds[type(event)] is SUBJECT
        document = Document(state, row.version if counts else document.version if document else 0)
    return document


async def told(
    connection: AsyncConnection,
    service: Service,
    kind: Kind[Any],
    id: str,  # noqa: A002 - the field's word
) -> list[tuple[datetime, Event]]:
    """The events that changed an own document, in order, each with the moment at which it was recorded."""
    types = _own(service)
    return [
        (row.recorded_at, types[row.type].model_validate(from_json(row.body)["data"]))
        async for row in _rows(connection, service, kind, id)
    ]


async def page(
    connection: AsyncConnection,
    service: Service,
    kind: Kind[Any],
    id: str,  # noqa: A002 - the field's word
    *,
    after: int,
    limit: int,
) -> list[dict[str, Any]]:
    """The events that changed an own document, in order, behind a ledger position.

    `cause` is the id of what it was decided on (`kind|id|name|due` of a deadline), `sender` who sent that, if it was a
    command.
    """
    found: list[dict[str, Any]] = []
    last: dict[str, int] = {}
    async for row in _rows(connection, service, kind, id, after=after):
        envelope = from_json(row.body)
        last[envelope["causationid"]] = row.position
        found.append(
            {
                "position": row.position,
                "type": row.type,
                "id": row.id,
                "recorded_at": row.recorded_at,
                "time": envelope["time"],
                "cause": envelope["causationid"],
                "data": envelope["data"],
            }
        )
        if len(found) == limit:
            break
    senders = await _senders(connection, service, last)
    return [{**one, "sender": senders.get(one["cause"])} for one in found]


async def catch_up(connection: AsyncConnection, service: Service) -> None:
    """Fill in what the ledger held before changes were kept; their events' own times are all there is to go by."""
    row = (
        await connection.execute(
            text("SELECT ledger_position, recorded_at FROM engine.writer WHERE shard = :shard"),
            {"shard": service.shard},
        )
    ).one()
    if not service.remembers or row.recorded_at is not None:
        return
    types = _own(service)
    after, at = 0, None
    while after < row.ledger_position:
        entries = (
            await connection.execute(_LEDGER, {"shard": service.shard, "after": after, "most": FILLED_AT_ONCE})
        ).all()
        filled: list[ChangeRow] = []
        for entry in entries:
            if entry.type in types:
                envelope = from_json(entry.body)
                time = datetime.fromisoformat(envelope["time"])
                at = max(time, at or time)
                event = types[entry.type].model_validate(envelope["data"])
                filled += [ChangeRow(*key, entry.position, at) for key in _changed(service, event)]
        if filled:
            names = ("kinds", "ids", "positions", "at")
            columns = {name: list(column) for name, column in zip(names, zip(*filled, strict=True), strict=True)}
            await connection.execute(_FILL, {"shard": service.shard, **columns})
        after = entries[-1].position
    await connection.execute(
        text("UPDATE engine.writer SET recorded_at = :at WHERE shard = :shard"), {"shard": service.shard, "at": at}
    )


async def _rows(
    connection: AsyncConnection,
    service: Service,
    kind: Kind[Any],
    id: str,  # noqa: A002 - the field's word
    *,
    after: int = 0,
) -> AsyncIterator[Any]:
    while True:
        asked = {"shard": service.shard, "kind": kind.name, "id": id, "after": after, "most": AT_ONCE}
        rows = (await connection.execute(_CHANGES, asked)).all()
        for row in rows:
            yield row
        if len(rows) < AT_ONCE:
            return
        after = rows[-1].position


async def _senders(connection: AsyncConnection, service: Service, last: dict[str, int]) -> dict[str, str]:
    """Who sent the commands among these causes; given the last position that is known of each."""
    asked = {
        "shard": service.shard,
        "receipt": service.receipt.type,
        "causes": list(last),
        "positions": list(last.values()),
    }
    found: dict[str, str] = {}
    for row in await connection.execute(_ANSWERS, asked):
        envelope = from_json(row.body)
        if envelope["type"] == service.receipt.type and envelope["causationid"] == row.cause:
            found[row.cause] = envelope["data"]["sender"]
    return found


def _changed(service: Service, event: Event) -> Iterable[tuple[str, str]]:
    kinds = (kind for kind in service.own_folds.get(type(event), ()) if kind.remembered)
    return ((kind.name, id_) for kind in kinds for id_ in kind.parts(event))


def _own(service: Service) -> dict[str, type[Event]]:
    return {event.type: event for event in service.own_folds}
