"""The documents that came in through a door: their bytes in a private table, and the way into the order of decisions.

The door writes bytes and a wish, and nothing else. The writer of the shard gives the wish to itself as an input, whose
content is kept in the inbox: so that a document is there is decided once, in order, and the same when it is run again.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import IO, TYPE_CHECKING, Any, Final, Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis import parking
from chassis import store as chassis_store
from chassis.door.content import MediaType
from chassis.record import Record, inputs
from chassis.service import Evidence, Raw
from contracts.message import Event

if TYPE_CHECKING:
    from chassis.consumer import Consumer

RECEIVED: Final = "document-received"
DISCARDED: Final = "document-discarded"
"""The inputs that a service with a door decides (`Service.internal`); their `data` is a `Paper`."""
TABLE: Final = "private.paper"
PART: Final = 256 * 1024
Stands = Literal["unknown", "received", "referred", "discarded"]
"""What the service has decided about a document; `unknown`: nothing (yet)."""
StandsOf = Callable[[AsyncConnection, str], Any]

_WISHES: Final = {"receive": RECEIVED, "discard": DISCARDED}
_COLUMNS: Final = "id::text, party, sha256, size_bytes, media_type, name"


@dataclass(frozen=True, slots=True)
class Paper:
    """A document, without its bytes and its name."""

    id: str
    party: str
    sha256: str
    size_bytes: int
    media_type: MediaType


@dataclass(frozen=True, slots=True)
class Kept:
    """A document as it is stored; the name is for people, and no message has it."""

    paper: Paper
    name: str
    discarded: bool = False


def opened(record: Record) -> Iterable[Raw]:
    """What the process gives itself (`Service.raw[parking.INTERNAL]`)."""
    said = json.loads(record.value)
    paper = Paper(**said["paper"])
    type_ = said["type"]
    yield Raw(key=(type_, paper.id), type=type_, data=paper, subject=paper.id, id=f"{type_}|{paper.id}")


async def keep(database: AsyncEngine, paper: Paper, name: str, content: IO[bytes]) -> Kept | None:
    """Store a document, all of it or nothing. Returns what stood under its id before, or None."""
    async with database.begin() as connection:
        new = await connection.scalar(
            text(
                "INSERT INTO private.paper (id, party, sha256, size_bytes, media_type, name)"
                " VALUES (CAST(:id AS uuid), :party, :sha256, :size_bytes, :media_type, :name)"
                " ON CONFLICT DO NOTHING RETURNING 1"
            ),
            {**asdict(paper), "name": name},
        )
        if new is None:
            return await _find(connection, paper.id)
        content.seek(0)
        number = 0
        while part := content.read(PART):
            await connection.execute(
                text("INSERT INTO private.paper_part (id, number, bytes) VALUES (CAST(:id AS uuid), :number, :bytes)"),
                {"id": paper.id, "number": number, "bytes": part},
            )
            number += 1
    return None


async def find(database: AsyncEngine, id_: str) -> Kept | None:
    """A document that is stored."""
    async with database.connect() as connection:
        return await _find(connection, id_)


async def _find(connection: AsyncConnection, id_: str) -> Kept | None:
    row = (
        await connection.execute(
            text(f"SELECT {_COLUMNS}, discarded FROM private.paper WHERE id = CAST(:id AS uuid)"),  # noqa: S608
            {"id": id_},
        )
    ).one_or_none()
    if row is None:
        return None
    return Kept(Paper(row.id, row.party, row.sha256, row.size_bytes, row.media_type), row.name, row.discarded)


async def parts(database: AsyncEngine, id_: str) -> AsyncIterator[bytes]:
    """Its bytes. No connection is held between two parts: a slow reader holds up nobody."""
    number = 0
    while True:
        async with database.connect() as connection:
            part = await connection.scalar(
                text("SELECT bytes FROM private.paper_part WHERE id = CAST(:id AS uuid) AND number = :number"),
                {"id": id_, "number": number},
            )
        if part is None:
            return
        yield bytes(part)
        number += 1


async def wish_discarded(database: AsyncEngine, id_: str) -> None:
    """Ask that it be discarded. Whether it is, is decided."""
    async with database.begin() as connection:
        await connection.execute(
            text("UPDATE private.paper SET wants = 'discard' WHERE id = CAST(:id AS uuid) AND wants = ''"), {"id": id_}
        )


# Into the order of decisions


async def give_wishes(consumer: Consumer, database: AsyncEngine, stands: StandsOf, *, sandbox: bool) -> int:
    """Decide what is wished, as the shard's writer; what was decided is then done to the bytes. How many there were."""
    async with database.connect() as connection:
        rows = (
            await connection.execute(
                text(f"SELECT {_COLUMNS}, wants FROM private.paper WHERE wants <> '' ORDER BY id LIMIT 100")  # noqa: S608
            )
        ).all()
        if not rows:
            return 0
        stamp = await sandbox_time(connection, consumer.engine.service.shard) if sandbox else None
    engine = consumer.engine
    papers = [(Paper(*row[:5]), _WISHES[row.wants]) for row in rows]
    items = [
        item
        for paper, type_ in papers
        for item in inputs(engine.service, record(paper, type_, stamp=stamp or int(time.time() * 1000)))
    ]
    await engine.give(items)
    async with database.begin() as connection:
        for (paper, type_), item in zip(papers, items, strict=True):
            await _done(connection, engine.service.shard, paper, type_, item.key, stands)
    return len(rows)


def record(paper: Paper, type_: str, *, stamp: int) -> Record:
    """The input that says it, as a record."""
    value = json.dumps({"type": type_, "paper": asdict(paper), "stamp": stamp}).encode()
    return Record(parking.INTERNAL, 0, 0, stamp, value)


async def _done(connection: AsyncConnection, shard: str, paper: Paper, type_: str, key: str, stands: StandsOf) -> None:
    decided = await connection.scalar(
        text("SELECT 1 FROM engine.inbox WHERE shard = :shard AND key = CAST(:key AS uuid)"),
        {"shard": shard, "key": key},
    )
    if decided is None:
        # It waits or is parked: it is looked at again.
        return
    became = await stands(connection, paper.id)
    if became == "unknown":
        # The id is another thing's: there is no such document.
        await connection.execute(text("DELETE FROM private.paper WHERE id = CAST(:id AS uuid)"), {"id": paper.id})
        return
    if type_ == DISCARDED and became == "discarded":
        await connection.execute(text("DELETE FROM private.paper_part WHERE id = CAST(:id AS uuid)"), {"id": paper.id})
    await connection.execute(
        text(
            "UPDATE private.paper SET wants = '', name = CASE WHEN :gone THEN '' ELSE name END, discarded = :gone"
            " WHERE id = CAST(:id AS uuid)"
        ),
        {"id": paper.id, "gone": became == "discarded"},
    )


async def sandbox_time(connection: AsyncConnection, shard: str) -> int | None:
    """A sandbox's clock, in milliseconds: as far as time has passed here."""
    passed = await connection.scalar(
        text("SELECT passed_until FROM engine.writer WHERE shard = :shard"), {"shard": shard}
    )
    return int(passed.timestamp() * 1000) if passed else None


# The proof of the private table


def evidence(said: Callable[[Event], Iterable[str]]) -> Evidence:
    """Holds what is stored, hashed anew, against what the events say (`Service.evidence[papers.TABLE]`)."""
    return Evidence(said, _stored)


def line(id_: str, sha256: str) -> str:
    """A document that was received, whose bytes have this hash."""
    return f"{id_} {sha256}"


def discarded_line(id_: str) -> str:
    """A document that has no bytes any more."""
    return f"{id_} discarded"


async def _stored(connection: AsyncConnection) -> Sequence[str]:
    rows = (
        await connection.execute(
            text("SELECT id::text, sha256, discarded FROM private.paper WHERE wants <> 'receive' ORDER BY id")
        )
    ).all()
    found: list[str] = []
    for row in rows:
        if row.discarded:
            found += [line(row.id, row.sha256), discarded_line(row.id)]
            continue
        digest = hashlib.sha256()
        numbers = await connection.scalars(
            text("SELECT number FROM private.paper_part WHERE id = CAST(:id AS uuid) ORDER BY number"), {"id": row.id}
        )
        for number in numbers:
            part = await connection.scalar(
                text("SELECT bytes FROM private.paper_part WHERE id = CAST(:id AS uuid) AND number = :number"),
                {"id": row.id, "number": number},
            )
            digest.update(part)
        found.append(line(row.id, digest.hexdigest()))
    return found


async def own_state(connection: AsyncConnection, kind: Any, id_: str) -> Any:
    """An own document as it is stored now, for `StandsOf` and whoever judges who may read."""
    await connection.execute(text("SELECT 1"))
    found = await chassis_store.load(connection, kind, id_)
    return found.state if found else None
