"""Lets go of values that were erased: rows, what was kept aside, and files of exports that could have any of them.

It decides nothing: it does, after the commit, what the case shard has decided. What has been done stands beside the
values, so that an old copy of both that is put back loses them again.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from meter_ingest import partitions
from meter_ingest.domain import days
from meter_ingest.domain.erasing import Span
from meter_ingest.out import jobs

_AT_ONCE: Final = 20
_TABLES: Final = ("value_version", "quarantined_version")

_LEFT = text(
    "SELECT e.metering_point_id, e.first_day, e.last_day FROM own.value_erased e"
    " LEFT JOIN private.value_wiped w USING (metering_point_id, first_day, last_day)"
    " WHERE w.metering_point_id IS NULL ORDER BY 1, 2, 3 LIMIT :most"
)
_EXPORTS = text(
    "SELECT DISTINCT j.id FROM private.export_job j JOIN private.export_point p ON p.job = j.id"
    " WHERE j.state <> 'revoked' AND p.metering_point_id = :point"
    " AND p.starts[1] < :end AND p.ends[array_length(p.ends, 1)] > :start"
)
_WIPED = text("INSERT INTO private.value_wiped VALUES (:point, :first, :last) ON CONFLICT DO NOTHING")


async def wipe(engine: AsyncEngine) -> int:
    """All that is to go and has not gone yet; how many stretches that were."""
    count = 0
    while True:
        async with engine.begin() as connection:
            # As one that makes months or moves points: a row that is moved meanwhile would not be found.
            await connection.execute(partitions.LOCK)
            left = (await connection.execute(_LEFT, {"most": _AT_ONCE})).all()
            for row in left:
                await _let_go(connection, row.metering_point_id, Span(row.first_day, row.last_day))
        count += len(left)
        if len(left) < _AT_ONCE:
            return count


async def _let_go(connection: AsyncConnection, point: int, span: Span) -> None:
    some: dict[str, Any] = {"point": point, "first": span.first, "last": span.last}
    for table in _TABLES:
        await connection.execute(
            text(
                f"DELETE FROM private.{table}"  # noqa: S608 - named here
                " WHERE metering_point_id = :point AND day BETWEEN :first AND :last"
            ),
            some,
        )
    period = {"start": days.day(span.first).start, "end": days.day(span.last).end}
    for id_ in (await connection.scalars(_EXPORTS, {"point": point, **period})).all():
        await jobs.said(connection, str(id_), "revoked")
    await connection.execute(_WIPED, some)
