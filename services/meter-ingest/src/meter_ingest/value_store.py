"""Where values are: versions of a point's day, appended by binary COPY and never changed (schema `private`).

One row per point, line and day that a record brought anything of, whatever the number of values: about five
bytes a value with its index, and one COPY a batch (`performance.md` §2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, Date, DateTime, Integer, LargeBinary, MetaData, SmallInteger, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.service import Evidence
from contracts.message import Event
from contracts.meter_ingest.v1 import ValuesAccepted
from meter_ingest.domain import days, lines, values
from meter_ingest.domain.series import SeriesDay
from meter_ingest.domain.values import Reading, Version

METADATA = MetaData(schema="private")

VALUE_VERSION = Table(
    "value_version",
    METADATA,
    Column("metering_point_id", BigInteger, primary_key=True),
    Column("line", SmallInteger, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("shard", SmallInteger, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("series", SmallInteger, primary_key=True),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("part", Integer, nullable=False),
    Column("off", BigInteger, nullable=False),
    Column("minutes", SmallInteger, nullable=False),
    Column("first", SmallInteger, primary_key=True),
    Column("status", SmallInteger, nullable=False),
    Column("width", SmallInteger, nullable=False),
    Column("wh", LargeBinary, nullable=False),
    Column("salt", LargeBinary, nullable=False),
)

_STATUSES = ("metered", "estimated", "final-estimated", "temporary")
_STATUS = {name: number for number, name in enumerate(_STATUSES)}
_HOURLY = 8
"""Added to the status of quarters that look like divided hours."""
_COLUMNS = tuple(column.name for column in VALUE_VERSION.columns)
SELECTED = ", ".join(f"v.{name}" for name in _COLUMNS)
"""Of `v`, what `version_of` reads."""

_STANDING = text(
    f"SELECT {SELECTED} FROM private.value_version v"  # noqa: S608 - declared names
    " JOIN unnest(CAST(:points AS bigint[]), CAST(:lines AS smallint[]), CAST(:days AS date[]))"
    " AS k(point, line, day)"
    " ON v.metering_point_id = k.point AND v.line = k.line AND v.day = k.day"
)
_READ = text(
    f"SELECT {SELECTED} FROM private.value_version v"  # noqa: S608 - declared names
    " JOIN unnest(CAST(:shards AS smallint[]), CAST(:positions AS bigint[])) AS h(shard, upto)"
    " ON v.shard = h.shard AND v.position <= h.upto"
    " WHERE v.metering_point_id = ANY(CAST(:points AS bigint[])) AND v.line = :line"
    " AND v.day = ANY(CAST(:days AS date[]))"
)

_ALL = text(
    f"SELECT {SELECTED} FROM private.value_version v"  # noqa: S608 - declared names
    " WHERE v.shard = :shard ORDER BY v.position, v.series, v.day, v.first"
)


async def standing(connection: AsyncConnection, keys: Sequence[SeriesDay]) -> dict[SeriesDay, list[Version]]:
    """All versions of these days; a day that has none is not among them."""
    found: dict[SeriesDay, list[Version]] = {}
    if keys:
        rows = await connection.execute(
            _STANDING,
            {
                "points": [int(point) for point, _, _ in keys],
                "lines": [lines.code(line) for _, line, _ in keys],
                "days": [day for _, _, day in keys],
            },
        )
        for version in map(version_of, rows):
            found.setdefault((version.metering_point_id, version.line, version.day), []).append(version)
    return found


async def append(connection: AsyncConnection, versions: Iterable[Version], *, table: str = VALUE_VERSION.name) -> None:
    """Write versions in the connection's transaction, which must have begun: a raw connection would not begin one."""
    rows = [
        (
            int(point),
            lines.code(line),
            day,
            int(shard),
            position,
            series,
            registered_at,
            received_at,
            partition,
            offset,
            minutes,
            first,
            _STATUS[status] + _HOURLY * hourly,
            width,
            wh,
            salt,
        )
        for (
            point,
            line,
            day,
            registered_at,
            received_at,
            partition,
            offset,
            series,
            shard,
            position,
            minutes,
            first,
            status,
            width,
            wh,
            salt,
            hourly,
        ) in versions
    ]
    if rows:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        assert raw.is_in_transaction()
        await raw.copy_records_to_table(table, schema_name="private", columns=_COLUMNS, records=rows)


# What proves it


def said(event: Event) -> Iterable[str]:
    """A line for every series that an event says was taken in."""
    if isinstance(event, ValuesAccepted):
        for one in event.series:
            yield _proof(
                event.position,
                one.metering_point_id,
                lines.line(one.direction, one.product),
                one.start,
                one.count,
                one.sum_wh,
                one.salted_sha256,
            )


def evidence(shard: str) -> Evidence:
    """The values of a shard are those that its events give count, sum and salted hash of."""

    async def stored(connection: AsyncConnection) -> list[str]:
        rows = await connection.stream(_ALL, {"shard": int(shard)})
        lines: list[str] = []
        series: list[Version] = []
        async for row in rows:
            version = version_of(row)
            if series and (series[0].position, series[0].series) != (version.position, version.series):
                lines.append(_stored_line(series))
                series = []
            series.append(version)
        return [*lines, *([_stored_line(series)] if series else ())]

    return Evidence(said, stored)


def _stored_line(series: Sequence[Version]) -> str:
    """A series over several days, or with several statuses, is as many versions, in order."""
    first = series[0]
    start = start_of(first)
    encoded = b"".join(version.wh for version in series)
    wh = values.decode(first.width, encoded)
    point, line = first.metering_point_id, first.line
    salted = values.salted(first.salt, encoded, point=point, line=line, start=start, minutes=first.minutes)
    return _proof(first.position, point, line, start, len(wh), sum(wh), salted)


def start_of(version: Version) -> datetime:
    """When its first step begins."""
    return days.day(version.day).start + timedelta(minutes=version.minutes * version.first)


def _proof(position: int, point: str, line: str, start: datetime, count: int, total: int, salted: str) -> str:
    return f"{position}|{point}|{line}|{start.timestamp():.0f}|{count}|{total}|{salted}"


class StoredValues:
    """Reads values for the case shard, on its own connections: what it may see was committed before it was heard of."""

    def __init__(self, engine: AsyncEngine | None = None) -> None:
        self.engine = engine
        """Set when the process starts."""

    async def read(
        self, points: Sequence[str], line: str, start: datetime, end: datetime, *, as_of: Mapping[str, int]
    ) -> dict[str, Reading]:
        """What counts in a window of whole quarters, by point; a point that nothing came of is left out."""
        assert self.engine is not None
        touched = days.days(start, end)
        async with self.engine.connect() as connection:
            rows = (
                await connection.execute(
                    _READ,
                    {
                        "points": [int(point) for point in points],
                        "line": lines.code(line),
                        "days": [day.date for day in touched],
                        "shards": [int(shard) for shard in as_of],
                        "positions": list(as_of.values()),
                    },
                )
            ).all()
        return readings(map(version_of, rows), start, end)


def readings(versions: Iterable[Version], start: datetime, end: datetime) -> dict[str, Reading]:
    """What counts among versions of one line, by point."""
    found: dict[str, dict[date, list[Version]]] = {}
    for version in versions:
        found.setdefault(version.metering_point_id, {}).setdefault(version.day, []).append(version)
    return {point: values.read(by_day, start, end) for point, by_day in found.items()}


def version_of(row: Any) -> Version:
    """A row of the table, or of one like it."""
    return Version(
        metering_point_id=str(row.metering_point_id),
        line=lines.of_code(row.line),
        day=row.day,
        registered_at=row.registered_at,
        received_at=row.received_at,
        partition=row.part,
        offset=row.off,
        series=row.series,
        shard=str(row.shard),
        position=row.position,
        minutes=row.minutes,
        first=row.first,
        status=_STATUSES[row.status % _HOURLY],
        width=row.width,
        wh=row.wh,
        salt=row.salt,
        hourly=row.status >= _HOURLY,
    )
