"""The value shard's way for records looked at by column: the unremarkable is written at once, the rest as ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.meter_ingest.v1 import AcceptedTogether
from meter_ingest import partitions, value_columns
from meter_ingest.domain import columns, series
from meter_ingest.domain.checks import Plan
from meter_ingest.domain.series import Channels, Checked, Points, Record


def named(records: Iterable[Record]) -> set[tuple[str, str]]:
    """The blocks and lines that the records by column are about."""
    return {name for record in records if record.columns is not None for name in columns.named(record.columns)}


async def take(
    connection: AsyncConnection,
    records: Sequence[Record],
    *,
    check: Callable[[Record], Checked],
    points: Points,
    channels: Channels,
    oldest: Callable[[datetime], datetime],
    apart: Iterable[str],
    plan: Callable[[datetime], Plan],
) -> tuple[list[Checked], dict[int, tuple[AcceptedTogether, ...]]]:
    """Write what is accepted together; give what is to be decided one by one, and by position what was written.

    `apart`: the points that are never taken together.
    """
    sifted = {
        record.position: columns.sift(
            record,
            record.columns,
            points=points,
            channels=channels,
            oldest=oldest(record.received_at),
            plan=plan(record.received_at),
        )
        for record in records
        if record.columns is not None
    }
    ordinary = {record.position: check(record) for record in records if record.columns is None}
    # A day of a series that comes twice in the batch, or has come before, is looked at one by one; and so is what is
    # kept longer or was erased in part: what is together is proved together, and has to go together.
    others = [*series.wanted(ordinary.values()), *columns.days_apart(sifted.values())]
    standing = columns.met_before(sifted.values(), others)
    always = columns.numbers(apart)
    standing = {key: columns.union(points, always) for key, points in standing.items()}
    sifted = {position: columns.less(one, standing) for position, one in sifted.items()}
    standing = await value_columns.taken(connection, columns.by_day(sifted.values()))
    sifted = {position: columns.less(one, standing) for position, one in sifted.items()}
    checked = [ordinary.get(one.position) or check(sifted[one.position].one_by_one()) for one in records]
    await partitions.ensure_months(connection.engine, (day for _, day in columns.by_day(sifted.values())))
    together = [(one.record, part) for one in sifted.values() for part in one.together]
    # Hashing lets go of Python's lock: it is done while the database takes the rows.
    _, accepted = await asyncio.gather(
        value_columns.append(connection, together), asyncio.to_thread(_accepted, list(sifted.values()))
    )
    return checked, accepted


def _accepted(sifted: Iterable[columns.Sifted]) -> dict[int, tuple[AcceptedTogether, ...]]:
    return {
        one.record.position: tuple(columns.accepted(part, one.record.salt) for part in one.together) for one in sifted
    }
