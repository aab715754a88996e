"""Packets of evidence, made when they are asked for: `POST /ask/evidence`, and at the door for the TSO.

What one is made from is said by `evidence-prepared` and by the run's event, or by `capacity-evidence-prepared`. It has
the bytes that it had then, or is not given: its root must be the one that was published.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import history
from chassis.asking import UnableToAnswer
from chassis.work import Work
from contracts.message import Event, Rule
from contracts.meter_ingest.v1 import (
    ActivationVerified,
    CapacityEvidencePrepared,
    CapacityEvidenceRequested,
    EvidenceAnswered,
    EvidenceMembers,
    EvidencePrepared,
    EvidenceRequested,
)
from contracts.values import time_text
from meter_ingest import asked_reads, documenting_capacity, recounting, sealing, store
from meter_ingest.domain import (
    again,
    capacity,
    capacity_packet,
    days,
    documentation,
    documented,
    evidence_answer,
    packet,
)
from meter_ingest.domain.documented import Documented
from meter_ingest.domain.values import Version
from meter_ingest.handlers import Values
from meter_ingest.value_store import StoredValues

_BODIES = text(
    "SELECT c.position, c.recorded_at, l.id, l.body FROM"
    " (SELECT ledger_position AS position, recorded_at FROM engine.change WHERE shard = :shard AND kind = :kind"
    " AND id = :id ORDER BY ledger_position LIMIT :most) AS c"
    " JOIN engine.ledger l ON l.shard = :shard AND l.position = c.position ORDER BY c.position"
)


class KeptNoLonger(UnableToAnswer):
    """What a packet was made from is not there any more."""

    def __init__(self, id_: str, root: str) -> None:
        super().__init__(f"values of evidence {id_} were erased, or are kept no longer; its root {root} stands")
        self.root = root


class Differs(UnableToAnswer):
    """A packet is not the one that was published, and no value of it is gone: the register is wrong."""

    def __init__(self, id_: str, root: str, published: str) -> None:
        super().__init__(f"evidence {id_} has the root {root} now, published was {published}, and no value is gone")


class NotPrepared(UnableToAnswer):
    """It is asked for, and waited for."""

    def __init__(self, id_: str, due_at: datetime) -> None:
        super().__init__(f"evidence {id_} has not been prepared yet; it is due by {time_text(due_at)}")
        self.due_at = due_at


@dataclass(frozen=True, slots=True)
class Made:
    """A packet, and what it is of."""

    prepared: EvidencePrepared | CapacityEvidencePrepared
    file: bytes
    reads: tuple[tuple[str, str, datetime, datetime], ...]
    """Whose values are in it: points and lines, over the periods that they were looked at in."""


async def evidence_asked(
    connection: AsyncConnection, work: Callable[[], Work], asked: Mapping[str, Any]
) -> dict[str, Any]:
    """The packet of an `evidence_id` (its last version; or `version`), in base64, with its event. Noted.

    Raises `UnableToAnswer`.
    """
    made = await make(connection, work(), str(asked.get("evidence_id", "")), version=asked.get("version"))
    await asked_reads.note(connection, made.reads, about=str(asked["evidence_id"]))
    file = base64.b64encode(made.file).decode()
    return to_jsonable_python({"prepared": made.prepared, "bytes": len(made.file), "packet": file})


async def make(connection: AsyncConnection, work: Work, id_: str, *, version: int | None = None) -> Made:
    """Make a packet. Raises `UnableToAnswer`."""
    said = [event for _, event in await history.told(connection, work.service, store.EVIDENCE, id_)]
    if not said:
        said = [event for _, event in await history.told(connection, work.service, store.CAPACITY, id_)]
    if not said:
        raise UnableToAnswer(f"no evidence has the id {id_}")
    all_ = [one for one in said if isinstance(one, EvidencePrepared | CapacityEvidencePrepared)]
    prepared = next((one for one in reversed(all_) if version in (None, one.version)), None)
    if prepared is None:
        if all_:
            raise UnableToAnswer(f"evidence {id_} has no version {version}")
        raise NotPrepared(id_, _due_at(said))
    answer = await _answer(connection, work, prepared)
    if isinstance(prepared, CapacityEvidencePrepared):
        own = await _own(connection, work, said, answer, most=prepared.events)
        return await _of_capacity(connection, work, prepared, own, answer)
    own = await _own(connection, work, said, answer, most=prepared.requests)
    return await _of_activation(connection, work, prepared, own, answer)


def _due_at(said: Sequence[Event]) -> datetime:
    return [one for one in said if isinstance(one, EvidenceRequested | CapacityEvidenceRequested)][-1].due_at


async def _answer(
    connection: AsyncConnection, work: Work, prepared: EvidencePrepared | CapacityEvidencePrepared
) -> EvidenceAnswered | None:
    if prepared.answer_sha256 is None:
        return None
    said = await history.told(connection, work.service, store.ANSWER, evidence_answer.name(prepared.subject))
    return next(event for _, event in said if isinstance(event, EvidenceAnswered))


@dataclass(frozen=True, slots=True)
class _Own:
    """The requests, and the answer where there is one: what they say, and as they stand in the ledger."""

    said: list[Event]
    entries: list[packet.Entry]


async def _own(
    connection: AsyncConnection, work: Work, said: Sequence[Event], answer: EvidenceAnswered | None, *, most: int
) -> _Own:
    """`most`: so many were within; older packets have no answer there, or nothing."""
    shard = work.service.shard
    # They come before the first version: what has more time has not been prepared.
    asked = [one for one in said if isinstance(one, EvidenceRequested | CapacityEvidenceRequested)][:most]
    kind = store.CAPACITY if isinstance(said[0], CapacityEvidenceRequested) else store.EVIDENCE
    found = await entries(connection, shard, kind.name, said[0].subject, most=len(asked))
    if answer is None or len(asked) == most:
        return _Own([*asked], found)
    told = [event for _, event in await history.told(connection, work.service, store.ANSWER, answer.answer_id)]
    place = told.index(answer)
    last = await entries(connection, shard, store.ANSWER.name, answer.answer_id, most=place + 1)
    return _Own([*asked, answer], [*found, last[place]])


async def _of_activation(
    connection: AsyncConnection, work: Work, prepared: EvidencePrepared, own: _Own, answer: EvidenceAnswered | None
) -> Made:
    told = [
        event for _, event in await history.told(connection, work.service, store.ACTIVATION, prepared.activation_id)
    ]
    told = told[: prepared.events]
    found = documentation.current(told, prepared.run) if prepared.run is not None else None
    doc = await document(StoredValues(connection.engine), work, told, found)
    head = prepared.model_dump(include=set(documented.HEAD))
    content = core(head, told=[*told, *own.said], members=prepared.members, doc=doc, answer=answer)
    if content.root != prepared.root_sha256:
        raise _another(prepared, content, found and await _gone(work, told, found))
    shard = work.service.shard
    ledger = await entries(connection, shard, store.ACTIVATION.name, prepared.activation_id, most=prepared.events)
    return Made(prepared, packet.file(content, [*ledger, *own.entries]), tuple(_read(doc)))


def _another(
    prepared: EvidencePrepared | CapacityEvidencePrepared, content: packet.Core, gone: Rule | None
) -> Exception:
    if gone:
        return KeptNoLonger(prepared.subject, prepared.root_sha256)
    return Differs(prepared.subject, content.root, prepared.root_sha256)


async def _gone(work: Work, told: Sequence[Event], found: ActivationVerified) -> Rule | None:
    state = again.before(told, found)
    looked = again.looked_at(state, found)
    points = dict.fromkeys(point for some in looked.by_line.values() for point in some)
    return await sealing.of_windows(work, points, documented.windows(state, looked.covered))


def _read(doc: Documented | None) -> Iterator[tuple[str, str, datetime, datetime]]:
    if doc is not None:
        for point, line in doc.run.readings:
            for start, end in documented.windows(doc.run.state, doc.run.covered):
                yield point, line, start, end


async def _of_capacity(
    connection: AsyncConnection,
    work: Work,
    prepared: CapacityEvidencePrepared,
    own: _Own,
    answer: EvidenceAnswered | None,
) -> Made:
    values = StoredValues(connection.engine)
    found = await documenting_capacity.content(values, work, prepared.group_id, prepared.facts)
    head = prepared.model_dump(include=set(capacity_packet.HEAD))
    core = capacity_packet.core(
        head, found.documented, plans=found.plans, content=found.values, told=own.said, answer=answer
    )
    if core.root != prepared.root_sha256:
        raise _another(prepared, core, await sealing.of_days(work, capacity_packet.keys(prepared.facts)))
    reads = (
        (point, line, start, end)
        for line, points in capacity.series(prepared.facts).items()
        for point, spans in points.items()
        for start, end in spans
    )
    return Made(prepared, packet.file(core, own.entries), tuple(reads))


def core(
    head: Mapping[str, object],
    *,
    told: Sequence[Event],
    members: Sequence[EvidenceMembers],
    doc: Documented | None,
    answer: EvidenceAnswered | None,
) -> packet.Core:
    """The content."""
    named = {name: time_text(one) if isinstance(one, datetime) else one for name, one in head.items()}
    return documented.core({"evidence": named}, told=told, members=members, documented=doc, answer=answer)


async def document(
    values: Values, work: Work, told: Sequence[Event], found: ActivationVerified | None
) -> Documented | None:
    """A run with all that it read; None where there is none."""
    if found is None:
        return None
    state = again.before(told, found)
    looked = again.looked_at(state, found)
    run = await recounting.again(values, work, state, found)
    as_of = {one.shard: one.position for one in found.as_of}
    touched = dict.fromkeys(
        day.date for start, end in documented.windows(state, looked.covered) for day in days.days(start, end)
    )
    keys = [(point, line, day) for line, points in looked.by_line.items() for point in points for day in touched]
    by_key: dict[tuple[str, str, Any], list[Version]] = {}
    for version in await values.versions(keys, as_of=as_of) if keys else ():
        by_key.setdefault((version.metering_point_id, version.line, version.day), []).append(version)
    return Documented(found, run, documented.of_values(state, looked, by_key))


async def entries(connection: AsyncConnection, shard: str, kind: str, id_: str, *, most: int) -> list[packet.Entry]:
    """The first events of a document as they stand in the ledger."""
    asked = {"shard": shard, "kind": kind, "id": id_, "most": most}
    return [
        packet.Entry(row.position, str(row.id), time_text(row.recorded_at), bytes(row.body).decode())
        for row in await connection.execute(_BODIES, asked)
    ]
