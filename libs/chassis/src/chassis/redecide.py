"""One decision again, on the documents as they stood before it: as it was, or with other facts known (a policy).

Own documents are folded from the ledger up to the decision, known ones from the foreign events that had been taken in
by then; the code is today's. Nothing is written.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import from_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import history, kafka, parking
from chassis.asking import UnableToAnswer
from chassis.record import Input, Record, inputs
from chassis.service import Due, Incoming, Kind, Service
from chassis.trial import Step, Trial, Tried
from chassis.work import Document, Key, Load, Work
from contracts import envelope as envelopes
from contracts import topics
from contracts.message import Event

Read = Callable[[set[str]], AsyncIterator[Record]]
"""Every record of these topics (without the namespace), partition by partition in order."""

# Of an id's own row or of those it caused; the bytes tell it apart without reading each as JSON.
_FIND = text(
    "SELECT position, id, type, body FROM engine.ledger WHERE shard = :shard AND (id = :id"
    " OR position(CAST(:cause AS bytea) IN body) > 0) ORDER BY position"
)
_AT = text("SELECT position, kind, topic, part, off FROM engine.inbox WHERE shard = :shard AND at = :at")
_EVENTS = text(
    "SELECT position, topic, part, off FROM engine.inbox WHERE shard = :shard AND kind = 'event'"
    " AND position < :position ORDER BY position"
)


@dataclass(frozen=True, slots=True)
class _Decision:
    """What was decided, on what, and where that stands in the order of decisions."""

    cause: str
    at: datetime
    position: int
    ledger_position: int
    """Of its first output."""
    outputs: list[dict[str, Any]]
    """Envelopes, without the receipt."""
    receipt: dict[str, Any] | None
    record: tuple[str, int, int] | None
    """Where its cause stands in the log; None of a deadline."""


def from_kafka(bootstrap: str, namespace: str) -> Read:
    """Reads the broker's topics."""

    async def read(names: set[str]) -> AsyncIterator[Record]:
        full = {topics.full_name(namespace, name): name for name in names}
        async for topic, one in kafka.read_all(bootstrap, *full):
            yield Record(full[topic], one.partition, one.offset, one.timestamp, one.value or b"")

    return read


async def redecide(
    connection: AsyncConnection,
    service: Service,
    id: str,  # noqa: A002 - the field's word
    also: Sequence[Mapping[str, Any]],
    read: Read,
) -> dict[str, Any]:
    """The decision that an event, or the command `id`, stands for: what was decided, and what would be now.

    `also`: foreign events that are known before it. Raises `UnableToAnswer`.
    """
    steps = [Step.parse(service, one) for one in also]
    if any(type(step.message) not in service.known_folds for step in steps):
        raise UnableToAnswer("only foreign events can be known beside what was")
    await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
    decision = await _find(connection, service, id)
    known, cause = await _known(connection, service, decision, read)
    trial = Trial(service, _loader(connection, service, decision, known), _nothing_due, decision.at)
    for step in steps:
        assert isinstance(step.message, Event)
        trial.work.begin(deadlines_before=None)
        await trial.work.learn(step.message)
        trial.work.done()
    tried = await _again(trial, decision, cause)
    before = [_said(envelope["type"], envelope["subject"], envelope["data"]) for envelope in decision.outputs]
    after = [_said(event["type"], event["subject"], event["data"]) for event in tried.plain()["events"]]
    refused = bool(decision.receipt and decision.receipt["status"] == "rejected")
    return {
        "cause": decision.cause,
        "at": tried.plain()["at"],
        "position": decision.position,
        "same": before == after
        and refused == (tried.refused is not None)
        and _codes(decision.receipt) == _codes_of(tried),
        "decided": {"refused": refused, "codes": _codes(decision.receipt), "events": before},
        "again": {"refused": tried.refused is not None, "codes": _codes_of(tried), "events": after},
    }


async def _find(connection: AsyncConnection, service: Service, id_: str) -> _Decision:
    cause = id_
    rows = await _rows(connection, service, cause)
    if own := [row for row in rows if row.id == id_]:
        cause = str(from_json(own[0].body)["causationid"])
        rows = await _rows(connection, service, cause)
    caused = [(row, from_json(row.body)) for row in rows]
    caused = [(row, envelope) for row, envelope in caused if envelope.get("causationid") == cause]
    if not caused:
        raise UnableToAnswer(f"{service.name} has decided nothing under {id_}")
    first, envelope = caused[0]
    at = datetime.fromisoformat(envelope["time"])
    for row in await connection.execute(_AT, {"shard": service.shard, "at": at}):
        if envelopes.new_id(at, service.name, service.shard, str(row.position), "0") == first.id:
            break
    else:
        raise UnableToAnswer(f"where {cause} stands in the order of decisions is not known")
    if row.kind not in {"command", "event", "deadline"} or (row.topic == parking.INTERNAL and row.kind != "deadline"):
        raise UnableToAnswer(f"{cause} is no command, event or deadline: it cannot be decided alone")
    receipts = [one["data"] for _, one in caused if one["type"] == service.receipt.type]
    return _Decision(
        cause=cause,
        at=at,
        position=row.position,
        ledger_position=first.position,
        outputs=[one for _, one in caused if one["type"] != service.receipt.type],
        receipt=receipts[0] if receipts else None,
        record=None if row.kind == "deadline" else (row.topic, row.part, row.off),
    )


async def _rows(connection: AsyncConnection, service: Service, id_: str) -> list[Any]:
    asked = {"shard": service.shard, "id": id_, "cause": f'"causationid":"{id_}"'.encode()}
    return list((await connection.execute(_FIND, asked)).all())


async def _known(
    connection: AsyncConnection, service: Service, decision: _Decision, read: Read
) -> tuple[Mapping[Key, Document], Input | None]:
    """What was known of others by then; and the input that was decided, of a command or an event."""
    rows = (await connection.execute(_EVENTS, {"shard": service.shard, "position": decision.position})).all()
    order = {(row.topic, row.part, row.off): row.position for row in rows}
    wanted = {topic for topic, _, _ in order} | ({decision.record[0]} if decision.record else set())
    found: list[tuple[int, Input]] = []
    cause: Input | None = None
    async for record in read(wanted):
        place = (record.topic, record.part, record.off)
        if place == decision.record:
            cause = next((one for one in inputs(service, record) if one.incoming.id == decision.cause), None)
        elif place in order:
            found += [(order[place], one) for one in inputs(service, record) if one.kind == "event"]
    if decision.record and (cause is None or cause.error):
        raise UnableToAnswer(f"{decision.cause} does not stand in the log any more as it can be read")

    async def nothing(_wanted: Iterable[tuple[Kind[Any], Sequence[str]]]) -> Mapping[Key, Document]:
        return {}

    work = Work(service, nothing)
    for _, one in sorted(found, key=lambda item: item[0]):
        work.begin(deadlines_before=None)
        await work.learn(one.incoming.data)
        work.done()
    return work.documents, cause


def _loader(connection: AsyncConnection, service: Service, decision: _Decision, known: Mapping[Key, Document]) -> Load:
    async def fetch(wanted: Iterable[tuple[Kind[Any], Sequence[str]]]) -> Mapping[Key, Document]:
        found: dict[Key, Document] = {}
        for kind, ids in wanted:
            if kind.of is not None:
                found |= {(kind.name, id_): known[kind.name, id_] for id_ in ids if (kind.name, id_) in known}
                continue
            if not kind.remembered or not service.remembers:
                raise UnableToAnswer(f"{kind.name} is not remembered: what it was then is not known")
            for id_ in ids:
                document = await history.folded(
                    connection, service, kind, id_, known_at=None, evolve=kind.evolve,
                    before=decision.ledger_position,
                )  # fmt: skip
                if document is not None:
                    found[kind.name, id_] = document
        return found

    return fetch


async def _again(trial: Trial, decision: _Decision, cause: Input | None) -> Tried:
    if cause is None:
        kind, *middle, name, due_at = decision.cause.split("|")
        due = Due(kind, "|".join(middle), name, datetime.fromisoformat(due_at), decision.position)
        await trial.work.prefetch([(trial.service.kind[kind], [due.id])])
        return await trial.fall_due(due)
    incoming: Incoming[Any] = cause.incoming
    incoming.position = decision.position
    return await trial.decide(incoming)


async def _nothing_due(_until: datetime) -> Iterable[Due]:
    return ()


def _said(type_: str, subject: str, data: Any) -> dict[str, Any]:
    return {"type": type_, "subject": subject, "data": data}


def _codes(receipt: Mapping[str, Any] | None) -> list[str]:
    return [reason["code"] for reason in receipt["reasons"]] if receipt else []


def _codes_of(tried: Tried) -> list[str]:
    return [reason["code"] for reason in tried.plain()["reasons"]]
