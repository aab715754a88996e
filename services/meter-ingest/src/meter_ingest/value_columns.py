"""The store of values, written by column: the rows of a binary COPY made for many series at once.

PostgreSQL's binary COPY is the same bytes whoever makes them. Of series that have all but point and values in common,
every row has the same length, so that numpy fills them as one array; a driver would make each by itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.columns import Whole
from meter_ingest import value_rows, value_store
from meter_ingest.domain import columns, days, lines
from meter_ingest.domain.columns import LineDay, Met, Together
from meter_ingest.domain.reading import STATUSES
from meter_ingest.domain.retention import ORDINARY
from meter_ingest.domain.series import Record

_PIECE: Final = 512 * 1024
_DAY_0: Final = date(2000, 1, 1)
"""What PostgreSQL counts from."""

_TAKEN = text(
    "SELECT DISTINCT metering_point_id FROM private.value_version"
    " WHERE metering_point_id = ANY(CAST(CAST(:points AS text) AS bigint[])) AND line = :line AND day = :day"
)
"""Numbers as one text: the driver looks at each element of a list."""


async def taken(connection: AsyncConnection, wanted: Mapping[LineDay, Whole]) -> Met:
    """The points, of these, that anything has come of for a day before, by line and day."""
    found: Met = {}
    for (line, day), points in wanted.items():
        some = {"points": f"{{{','.join(map(str, points.tolist()))}}}", "line": lines.code(line), "day": day}
        found[line, day] = set(await connection.scalars(_TAKEN, some))
    return found


async def append(connection: AsyncConnection, parts: Iterable[tuple[Record, Together]]) -> None:
    """Write what is accepted together in the connection's transaction, which must have begun."""
    some = list(parts)
    if not some:
        return
    raw: Any = (await connection.get_raw_connection()).driver_connection
    assert raw.is_in_transaction()
    await raw.copy_to_table(
        "value_version", schema_name="private", columns=value_store.COLUMNS, source=_copied(some), format="binary"
    )


async def _copied(parts: Iterable[tuple[Record, Together]]) -> AsyncIterator[bytes | memoryview]:
    """The rows as they are sent: a piece is made while the server takes the one before."""
    yield value_rows.HEAD
    for record, part in parts:
        at = 0
        for day, first, count in part.parts:
            rows = _rows(record, part, day, first, part.wh[:, at : at + count]).data.cast("B")
            for begin in range(0, len(rows), _PIECE):
                yield rows[begin : begin + _PIECE]
            at += count
    yield value_rows.END


def _rows(record: Record, part: Together, day: days.Day, first: int, wh: NDArray[Any]) -> NDArray[Any]:
    """One day of every series: a row each, as it stands in a COPY."""
    salt = columns.own_salt(record.salt, part.number)
    width = wh.shape[1] * columns.WIDTH
    fields: dict[str, tuple[str, Any]] = {
        "keep_years": (">i2", ORDINARY),
        "metering_point_id": (">i8", part.points),
        "line": (">i2", lines.code(part.line)),
        "day": (">i4", (day.date - _DAY_0).days),
        "shard": (">i2", int(record.shard)),
        "position": (">i8", record.position),
        "series": (">i2", part.rows),
        "registered_at": (">i8", value_rows.microseconds(part.common.registered_at)),
        "received_at": (">i8", value_rows.microseconds(record.received_at)),
        "part": (">i4", record.partition),
        "off": (">i8", record.offset),
        "minutes": (">i2", part.minutes),
        "first": (">i2", first),
        "status": (">i2", STATUSES.index(part.common.status)),
        "width": (">i2", columns.WIDTH),
        "wh": (f"V{width}", np.ascontiguousarray(wh).view(f"V{width}").reshape(-1)),
        "salt": (f"S{len(salt)}", salt),
    }
    types: list[tuple[str, str]] = [("", ">i2")]
    for name in value_store.COLUMNS:
        types += [(f"|{name}|", ">i4"), (name, fields[name][0])]
    made = np.zeros(len(part.rows), np.dtype([(name or "columns", type_) for name, type_ in types]))
    made["columns"] = len(value_store.COLUMNS)
    for name in value_store.COLUMNS:
        made[f"|{name}|"] = made.dtype[name].itemsize
        made[name] = fields[name][1]
    return made
