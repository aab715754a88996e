"""Who may read which values, asked of what the register knows; and the log of what was read, kept for the end user.

    found = await permission.readable(connection, Reader(party, Role.DSO), points, at=at)
    spans = reach.spans(found[point], line, start=start, end=end)

The policy is `domain.reach`. A party that is not known, not active or not in the role it reads in may read nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from meter_ingest import queries, store
from meter_ingest.domain import blocks, reach
from meter_ingest.domain.reach import Readable as Readable  # noqa: PLC0414 - handed on
from meter_ingest.domain.reach import Reader as Reader  # noqa: PLC0414


@dataclass(frozen=True, slots=True)
class Read:
    """What was read: a line of a point, half-open, on a ground."""

    point: str
    line: str
    start: datetime
    end: datetime
    ground: reach.Ground


async def readable(
    connection: AsyncConnection, reader: Reader, points: Sequence[str], *, at: datetime
) -> dict[str, tuple[Readable, ...]]:
    """Which values of each point a reader may read at a moment; of one that is not known, none."""
    party = await queries.document(connection, store.PARTY, reader.party)
    if party is None or not party.may_be(reader.role):
        return dict.fromkeys(points, ())
    named = list(blocks.by_block(points))
    given = reach.Known(
        points=await queries.documents_of(connection, store.POINTS, named),
        controls=await queries.documents_of(connection, store.CONTROL, named),
        accesses=await queries.documents_of(connection, store.ACCESS, named),
        memberships=await queries.documents_of(connection, store.MEMBERSHIPS, named),
    )
    return {point: reach.readable(given, reader, point, at=at) for point in points}


async def noted(connection: AsyncConnection, reader: Reader, reads: Iterable[Read], *, at: datetime) -> None:
    """Write down, for the end user, what was read. The caller commits. Not kept yet."""
