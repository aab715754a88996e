"""All versions of points' days as rows, asked for when they are needed or beforehand, with other things.

    ahead = asked(points, line, first, last, as_of)
    connection, _ = await loading.alone(engine, documents, ahead)
    for row in await rows(connection, points, line, first, last, as_of):
        ...

Beforehand, they come with the records that they came in. Reads only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import loading
from meter_ingest import queries

_CAME: Final = "came"
_VERSIONS = (
    "SELECT metering_point_id, day, registered_at, received_at, part, off, series, shard, position, minutes, first,"
    " status, width, wh FROM private.value_version"
    " WHERE metering_point_id = ANY($1::bigint[]) AND line = $2 AND day BETWEEN $3 AND $4"
    " AND ($5::timestamptz IS NULL OR received_at <= $5)"
)
_WITH_RECORDS = (
    f"SELECT v.*, i.topic, i.part AS partition, i.off AS place FROM ({_VERSIONS} OFFSET 0) AS v"  # noqa: S608 - own
    " LEFT JOIN LATERAL (SELECT topic, part, off FROM engine.inbox"
    " WHERE shard = v.shard::text AND position = v.position OFFSET 0) AS i ON true"
)


def asked(points: list[int], line: int, first: date, last: date, as_of: datetime | None) -> dict[str, loading.Asked]:
    """What `rows` and `sent` answer from then: all that is asked of that connection is to be of these."""
    return {_CAME: (_WITH_RECORDS, points, line, first, last, as_of)}


async def rows(
    connection: AsyncConnection, points: list[int], line: int, first: date, last: date, as_of: datetime | None
) -> Sequence[Any]:
    """Of each version its columns, in the order of `values.Version`, and perhaps more."""
    came = loading.held(connection, _CAME)
    if came is None:
        return await loading.rows(connection, _VERSIONS, points, line, first, last, as_of)
    return came


async def sent(connection: AsyncConnection, wanted: set[tuple[str, int]]) -> dict[tuple[str, int], tuple[str, str]]:
    """Of shards' positions: who sent the record there, and where it stands."""
    came = loading.held(connection, _CAME)
    if came is None:
        return await queries.records(connection, wanted)
    return {
        (str(shard), position): queries.record(topic, part, off)
        for *_, shard, position, _, _, _, _, _, topic, part, off in came
        if topic is not None
    }
