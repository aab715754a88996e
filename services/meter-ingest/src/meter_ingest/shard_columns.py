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

    `apart`: the points that are never taken together: what is together is proved together, and has to go together.
    """
    never = frozenset(map(int, apart))
    sifted = {
        record.position: columns.alone(
            columns.sift(
                record,
                record.columns,
                points=points,
                channels=channels,
                oldest=oldest(record.received_at),
                plan=plan(record.received_at),
            ),
            never,
        )
        for record in records
        if record.columns is not None
    }
    met = await value_columns.taken(connection, columns.by_day(sifted.values()))
    checked: list[Checked] = []
    for record in records:
        one = sifted.get(record.position)
        if one is not None:
            # In the order of records, as if each were a batch: a second run has other batches.
            one = sifted[record.position] = columns.less(one, met)
        checked.append(check(one.one_by_one() if one else record))
        columns.meet(met, (one,) if one else (), series.wanted(checked[-1:]))
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
