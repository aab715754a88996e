"""The value shard: where the other services decide, it has a pipeline.

A batch of records is checked series by series, held against what stands, written by one COPY, and each record says
what it meant in one event and one receipt; never one event per value.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.service import Decision, Incoming, Kind
from chassis.work import Work
from contracts.meter_ingest.v1 import SendMeterValues
from meter_ingest import aside, handlers, owning, partitions, store, value_store
from meter_ingest.domain import blocks, erasing, lines, own_series, quarantine, retention, series, validation
from meter_ingest.domain.checks import Plans
from meter_ingest.domain.series import Checked, Decided, Record

if TYPE_CHECKING:
    from contracts.columns import Columns

MANY = 32
"""So many series of a record, alike in all but point and values, are looked at as a whole: of fewer, numpy costs more
than it saves."""
_NOTHING = SendMeterValues.model_construct(series=())

Fetch = Callable[[Kind[Any], Iterable[str]], Awaitable[Mapping[str, Any]]]
"""Documents of the case shard by kind and ids, as states; what does not exist may be left out or None."""
Salt = Callable[[int], bytes]
"""The salt of the record at a position: 16 random bytes. An input, like a clock, and kept with what it salts."""


async def handle_batch(
    connection: AsyncConnection,
    records: Sequence[Record],
    *,
    fetch: Fetch,
    case_position: int,
    oldest: Callable[[datetime], datetime],
    lapses_at: Callable[[datetime], datetime] = lambda at: quarantine.lapses_at(at, 30),
) -> list[Decided]:
    """Check, decide and write a batch in the connection's transaction. Publishes nothing: the events are in the result.

    `case_position`: the case shard's position that the fetched documents stand at. `oldest`: the earliest start of a
    series that is received at a moment. `lapses_at`: until when what is kept aside then is waited for.
    """
    if any(len(record.data.series) >= MANY for record in records):
        # What looks at many series at once (numpy) is large, and needed only where so many are sent.
        from meter_ingest.domain import gathered  # noqa: PLC0415

        records = [gathered.gathered(record, least=MANY) for record in records]
    named = {
        (blocks.block_of(one.metering_point_id), lines.line(one.direction, one.product))
        for record in records
        for one in record.data.series
        if _is_id(one.metering_point_id)
    }
    if any(record.columns is not None for record in records):
        # What reads columns is large, and needed only where they are sent.
        from meter_ingest import shard_columns  # noqa: PLC0415

        named |= shard_columns.named(records)
    else:
        shard_columns = None
    points = await fetch(store.POINTS, sorted({block for block, _ in named}))
    channels = await fetch(store.BLOCK, sorted(blocks.key(*name) for name in named))
    own = await owning.standing(records, fetch)
    own_blocks = own.held.keys() if own else set[str]()
    marked = retention.marked(await fetch(store.RETENTION, sorted({block for block, _ in named} | own_blocks)))
    erased = await fetch(store.ERASED, sorted({block for block, _ in named}))
    plans = Plans((await fetch(store.VALIDATION, (validation.ID,))).get(validation.ID))

    def check(record: Record) -> Checked:
        checked = series.check(
            record,
            points=points,
            channels=channels,
            oldest=oldest(record.received_at),
            plan=plans.at(record.received_at),
            lapses_at=lapses_at(record.received_at),
            erased=erased,
        )
        if own:
            own_series.check(checked, own, oldest=oldest(record.received_at))
        return checked

    if shard_columns is None:
        checked, together = [check(record) for record in records], {}
    else:
        checked, together = await shard_columns.take(
            connection,
            records,
            check=check,
            points=points,
            channels=channels,
            oldest=oldest,
            apart=marked | erasing.points(erased),
            plan=plans.at,
        )
    wanted = series.wanted(checked)
    await partitions.ensure_months(connection.engine, (day for _, _, day in wanted))
    standing = await value_store.standing(connection, wanted)
    decided = [
        series.decide(one, standing, case_position=case_position, together=together.get(one.record.position, ()))
        for one in checked
    ]
    await value_store.append(connection, (version for one in decided for version in one.versions), marked)
    await aside.append(connection, (version for one in decided for version in one.aside))
    return decided


async def take(
    connection: AsyncConnection,
    work: Work,
    incoming: Sequence[Incoming[SendMeterValues | Columns]],
    *,
    salt: Salt,
    case_position: int,
) -> list[Decision]:
    """`handle_batch` as the door calls it."""
    in_force = await handlers.policies_in_force(work)
    decided = await handle_batch(
        connection,
        [record_of(one, shard=work.service.shard, salt=salt(one.position)) for one in incoming],
        fetch=work.load_many,
        case_position=case_position,
        oldest=lambda at: series.oldest_start(at, in_force.whole("values.max-age-years", at=at)),
        lapses_at=lambda at: quarantine.lapses_at(at, in_force.whole("values.quarantine-days", at=at)),
    )
    return [
        Decision(
            events=tuple(event for event in (one.event, one.quarantined) if event is not None),
            reasons=one.reasons,
            rows=one.rows,
            rejected=one.status == "rejected",
        )
        for one in decided
    ]


def random_salt(_position: int) -> bytes:
    """A new salt."""
    return os.urandom(16)


async def case_position(connection: AsyncConnection) -> int:
    """What the case shard has decided. Until this transaction ends it decides no more: all that is read is of there."""
    row = text("SELECT position FROM engine.writer WHERE shard = 'case' FOR SHARE")
    return await connection.scalar(row) or 0


def record_of(incoming: Incoming[SendMeterValues | Columns], *, shard: str, salt: bytes) -> Record:
    """A record with its place; an ingress position is `topic/partition/offset`."""
    partition, offset = incoming.ingressposition.split("/")[1:3]
    data: Any = incoming.data
    by_series = isinstance(data, SendMeterValues)
    return Record(
        sender=incoming.sender,
        partition=int(partition),
        offset=int(offset),
        received_at=incoming.at,
        position=incoming.position,
        shard=shard,
        ingressposition=incoming.ingressposition,
        id=incoming.id,
        salt=salt,
        data=data if by_series else _NOTHING,
        columns=None if by_series else data,
    )


def _is_id(point: str) -> bool:
    """Whether it is worth looking up: what came in is any text."""
    return len(point) == 18 and point.isascii() and point.isdigit()
