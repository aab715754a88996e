"""Where values are that are kept aside: as `value_store` has those that count, in a table of their own.

What was kept aside is never changed. It no longer waits when a later version of the same steps counts, or when it has
lapsed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.service import Evidence
from contracts.message import Event, Reason
from contracts.meter_ingest.v1 import ValuesQuarantined
from meter_ingest import value_proof, value_store
from meter_ingest.domain import lines, values
from meter_ingest.domain.values import Version

QUARANTINED_VERSION = value_store.VALUE_VERSION.to_metadata(value_store.METADATA, name="quarantined_version")

_ALL = text(
    f"SELECT {value_store.SELECTED} FROM private.quarantined_version v"  # noqa: S608 - declared names
    " WHERE v.shard = :shard ORDER BY v.position, v.series, v.day, v.first"
)


async def append(connection: AsyncConnection, versions: Iterable[Version]) -> None:
    """Write versions in the connection's transaction, which must have begun."""
    await value_store.append(connection, versions, table=QUARANTINED_VERSION.name)


def said(event: Event) -> Iterable[str]:
    """A line for every series that an event says is kept aside."""
    if isinstance(event, ValuesQuarantined):
        for one in event.series:
            line = lines.line(one.direction, one.product)
            period = int(one.end.timestamp()), int(one.start.timestamp())
            yield _proof(event.position, one.metering_point_id, line, period, one.count, one.salted_sha256)


def evidence(shard: str) -> Evidence:
    """What a shard keeps aside is that which its events give count and salted hash of."""

    async def stored(connection: AsyncConnection) -> list[str]:
        rows = await connection.stream(_ALL, {"shard": int(shard)})
        found: list[str] = []
        series: list[Version] = []
        async for row in rows:
            version = value_store.version_of(row)
            if series and (series[0].position, series[0].series) != (version.position, version.series):
                found.append(_stored_line(series))
                series = []
            series.append(version)
        return [*found, *([_stored_line(series)] if series else ())]

    return Evidence(said, stored, _asked)


async def _asked(
    connection: AsyncConnection, said: Sequence[str], stored: Sequence[str]
) -> tuple[Sequence[str], Sequence[str], Sequence[Reason]]:
    left = await value_proof.less_erased(connection, said, stored)
    return left.said, left.stored, left.remarks


def _stored_line(series: Sequence[Version]) -> str:
    first = series[0]
    encoded = b"".join(version.wh for version in series)
    point, line, start = first.metering_point_id, first.line, value_proof.start_of(first)
    salted = values.salted(first.salt, encoded, point=point, line=line, start=start, minutes=first.minutes)
    count = len(encoded) // first.width
    period = int(start.timestamp()) + 60 * first.minutes * count, int(start.timestamp())
    return _proof(first.position, point, line, period, count, salted)


def _proof(position: int, point: str, line: str, period: tuple[int, int], count: int, salted: str) -> str:
    end, start = period
    return f"{position}|{point}|{line}|{end}|{start}|{count}|{salted}"
