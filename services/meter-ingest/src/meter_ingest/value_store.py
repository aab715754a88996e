"""Where values are: versions of a point's day, appended by binary COPY and never changed (schema `private`).

They lie by how long they are kept, then by month (`partitions`).

One row per point, line and day that a record brought anything of, whatever the number of values: about five
bytes a value with its index, and one COPY a batch (`performance.md` §2).
"""

from __future__ import annotations

import asyncio
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, Date, DateTime, Integer, LargeBinary, MetaData, SmallInteger, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis import store as documents
from chassis.service import Evidence
from contracts.message import Event
from contracts.meter_ingest.v1 import ValuesAccepted
from meter_ingest import store, value_reading, value_rows
from meter_ingest.domain import blocks, days, erasing, lines, retention, values
from meter_ingest.domain.erasing import Kept
from meter_ingest.domain.laid import Alike, Windows
from meter_ingest.domain.reading import STATUSES
from meter_ingest.domain.readings import Readings
from meter_ingest.domain.retention import Expiry
from meter_ingest.domain.series import SeriesDay
from meter_ingest.domain.values import Version
from meter_ingest.value_reading import Asked, Begun

_TOGETHER = "*"
"""Stands before the points of series that were accepted together."""
SALT = 16
"""The length of a record's salt. Series that are accepted together share one of their own, which is longer."""
METADATA = MetaData(schema="private")

VALUE_VERSION = Table(
    "value_version",
    METADATA,
    Column("keep_years", SmallInteger, primary_key=True),
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
    postgresql_partition_by="LIST (keep_years)",
)

COLUMNS = tuple(column.name for column in VALUE_VERSION.columns)
SELECTED = ", ".join(f"v.{name}" for name in COLUMNS)
"""Of `v`, what `version_of` reads."""

_STANDING = text(
    f"SELECT {SELECTED} FROM private.value_version v"  # noqa: S608 - declared names
    " JOIN unnest(CAST(:points AS bigint[]), CAST(:lines AS smallint[]), CAST(:days AS date[]))"
    " AS k(point, line, day)"
    " ON v.metering_point_id = k.point AND v.line = k.line AND v.day = k.day"
    " WHERE v.day BETWEEN :first AND :last"
)
"""Of one month: the others are left out when it is planned, or they would all be looked into."""
_READ = text(
    f"SELECT {SELECTED} FROM private.value_version v"  # noqa: S608 - declared names
    " JOIN unnest(CAST(:shards AS smallint[]), CAST(:positions AS bigint[])) AS h(shard, upto)"
    " ON v.shard = h.shard AND v.position <= h.upto"
    " WHERE v.metering_point_id = ANY(CAST(:points AS bigint[])) AND v.line = :line"
    " AND v.day = ANY(CAST(:days AS date[])) AND v.day BETWEEN :first AND :last"
)

_KEPT = text(
    f"SELECT {SELECTED} FROM private.value_version v"  # noqa: S608 - declared names
    " JOIN unnest(CAST(:shards AS smallint[]), CAST(:positions AS bigint[])) AS h(shard, upto)"
    " ON v.shard = h.shard AND v.position <= h.upto"
    " WHERE v.metering_point_id = :point AND v.day BETWEEN :first AND :last"
)

_READ_DAYS = (
    "SELECT v.metering_point_id, v.day, v.minutes, v.first, v.width, v.wh,"
    " v.registered_at, v.received_at, v.part, v.off, v.series FROM private.value_version v"
    " JOIN unnest($5::smallint[], $6::bigint[]) AS h(shard, upto) ON v.shard = h.shard AND v.position <= h.upto"
    " WHERE v.metering_point_id = ANY($1::bigint[]) AND v.line = $2 AND v.day >= $3 AND v.day < $4"
)
"""On the driver's connection: a block's year has forty thousand rows. To add the values up here costs PostgreSQL more
than to send them."""

_ALL = text(
    f"SELECT {SELECTED} FROM private.value_version v"  # noqa: S608 - declared names
    " WHERE v.shard = :shard ORDER BY v.position, v.salt, v.series, v.day, v.first"
)


async def standing(connection: AsyncConnection, keys: Sequence[SeriesDay]) -> dict[SeriesDay, list[Version]]:
    """All versions of these days; a day that has none is not among them."""
    found: dict[SeriesDay, list[Version]] = {}
    months: dict[tuple[int, int], list[SeriesDay]] = {}
    for key in keys:
        months.setdefault((key[2].year, key[2].month), []).append(key)
    for some in months.values():
        local = [day for _, _, day in some]
        rows = await connection.execute(
            _STANDING,
            {
                "points": [int(point) for point, _, _ in some],
                "lines": [lines.code(line) for _, line, _ in some],
                "days": local,
                "first": min(local),
                "last": max(local),
            },
        )
        for version in map(version_of, rows):
            found.setdefault((version.metering_point_id, version.line, version.day), []).append(version)
    return found


async def append(
    connection: AsyncConnection,
    versions: Iterable[Version],
    marked: Container[str] = (),
    *,
    table: str = VALUE_VERSION.name,
) -> None:
    """Write versions in the connection's transaction, which must have begun: a raw connection would not begin one.

    `marked`: the points whose values are kept longer. The months must be there (`partitions.ensure_months`). `table`:
    another one of the same columns.
    """
    raw: Any = (await connection.get_raw_connection()).driver_connection
    if copied := value_rows.copied(versions, marked):
        assert raw.is_in_transaction()
        await raw.copy_to_table(
            table, schema_name="private", columns=COLUMNS, source=value_rows.pieces(copied), format="binary"
        )


# What proves it


def said(event: Event) -> Iterable[str]:
    """A line for every series that an event says was taken in, one for all that were together."""
    if isinstance(event, ValuesAccepted):
        for one in event.series:
            yield _proof(
                event.position,
                one.metering_point_id,
                lines.line(one.direction, one.product),
                one.start,
                one.end,
                one.count,
                one.sum_wh,
                one.salted_sha256,
            )
        for one in event.own:
            yield _proof(
                event.position,
                one.metering_point_id,
                lines.line(one.direction, one.product, one.meter),
                one.start,
                one.end,
                one.count,
                one.sum_wh,
                one.salted_sha256,
            )
        for many in event.together:
            yield _proof(
                event.position,
                _TOGETHER + ",".join(many.metering_points),
                lines.line(many.direction, many.product),
                many.start,
                many.end,
                many.count * len(many.metering_points),
                sum(many.sums_wh),
                many.salted_sha256,
            )


def evidence(shard: str) -> Evidence:
    """The values of a shard are those that its events give count, sum and salted hash of."""

    async def stored(connection: AsyncConnection) -> list[str]:
        rows = await connection.stream(_ALL, {"shard": int(shard)})
        lines: list[str] = []
        series: list[Version] = []
        async for row in rows:
            version = version_of(row)
            if series and _one(series[0]) != _one(version):
                lines.append(_stored_line(series))
                series = []
            series.append(version)
        return [*lines, *([_stored_line(series)] if series else ())]

    return Evidence(said, stored, _asked)


def _one(version: Version) -> tuple[int, bytes, int]:
    """What versions have in common of which an event has one line: their series, or that they came together."""
    return (version.position, version.salt, -1 if _together(version) else version.series)


def _together(version: Version) -> bool:
    return len(version.salt) > SALT


def _stored_line(series: Sequence[Version]) -> str:
    """A series over several days, or with several statuses, is as many versions, in order."""
    first = series[0]
    start = start_of(first)
    encoded = b"".join(version.wh for version in series)
    wh = values.decode(first.width, encoded)
    if _together(first):
        points = [*dict.fromkeys((version.series, version.metering_point_id) for version in series)]
        named = [point for _, point in points]
        salted = values.salted_together(
            first.salt, encoded, points=named, line=first.line, start=start, minutes=first.minutes
        )
        end = start + timedelta(minutes=first.minutes * len(wh) // len(named))
        return _proof(first.position, _TOGETHER + ",".join(named), first.line, start, end, len(wh), sum(wh), salted)
    point, line = first.metering_point_id, first.line
    salted = values.salted(first.salt, encoded, point=point, line=line, start=start, minutes=first.minutes)
    end = start + timedelta(minutes=first.minutes * len(wh))
    return _proof(first.position, point, line, start, end, len(wh), sum(wh), salted)


def start_of(version: Version) -> datetime:
    """When its first step begins."""
    return days.day(version.day).start + timedelta(minutes=version.minutes * version.first)


def _proof(
    position: int, point: str, line: str, start: datetime, end: datetime, count: int, total: int, salted: str
) -> str:
    return f"{position}|{point}|{line}|{end.timestamp():.0f}|{start.timestamp():.0f}|{count}|{total}|{salted}"


async def _asked(
    connection: AsyncConnection, said: Sequence[str], stored: Sequence[str]
) -> tuple[Sequence[str], Sequence[str]]:
    """Without the series of which a month is gone, or a day was erased, as was decided: what is left proves nothing.

    Months go from the oldest, so that what is left of a series ends where it ended.
    """
    said, stored = await less_erased(connection, said, stored)
    load = documents.loader(connection)
    found = await load([(store.EXPIRY, store.EXPIRIES)])
    expired: dict[int, Expiry | None] = {int(id_): document.state for (_, id_), document in found.items()}
    if all(state is None or state.through is None for state in expired.values()):
        return said, stored
    named = sorted({blocks.block_of(line.split("|")[1]) for line in said if _TOGETHER not in line})
    kept = {id_: document.state for (_, id_), document in (await load([(store.RETENTION, named)])).items()}
    gone: set[tuple[str, ...]] = set()
    for line in said:
        _, point, _, _, start = line.split("|")[:5]
        block = kept.get(blocks.block_of(point))
        floor = retention.floor(block.places.get(blocks.place_of(point)) if block else None, expired)
        if floor is not None and datetime.fromtimestamp(int(start), UTC) < days.day(floor).start:
            gone.add(_series(line))
    return [line for line in said if _series(line) not in gone], [line for line in stored if _series(line) not in gone]


_ERASED = text("SELECT metering_point_id, first_day, last_day FROM own.value_erased")


async def less_erased(
    connection: AsyncConnection, said: Sequence[str], stored: Sequence[str]
) -> tuple[Sequence[str], Sequence[str]]:
    """Without the series of which a day was erased; what came together with one is proved no more either."""
    gone: dict[str, list[tuple[float, float]]] = {}
    for point, first, last in await connection.execute(_ERASED):
        gone.setdefault(str(point), []).append((days.day(first).start.timestamp(), days.day(last).end.timestamp()))
    if not gone:
        return said, stored

    def is_gone(line: str) -> bool:
        _, named, _, end, start = line.split("|")[:5]
        return any(
            first < float(end) and float(start) < last
            for point in named.removeprefix(_TOGETHER).split(",")
            for first, last in gone.get(point, ())
        )

    # Of one that was erased in part something else is stored than was said: it is known by its record, point and line.
    lost = {_whose(line) for line in said if is_gone(line)}
    return [line for line in said if _whose(line) not in lost], [line for line in stored if _whose(line) not in lost]


def _whose(line: str) -> tuple[str, ...]:
    position, point, line_ = line.split("|")[:3]
    return (position, _TOGETHER if point.startswith(_TOGETHER) else point, line_)


def _series(line: str) -> tuple[str, ...]:
    position, point, line_, end = line.split("|")[:4]
    return (position, _TOGETHER if point.startswith(_TOGETHER) else point, line_, end)


class StoredValues:
    """Reads values for the case shard, on its own connections: what it may see was committed before it was heard of."""

    def __init__(self, engine: AsyncEngine | None = None) -> None:
        self.engine = engine
        """Set when the process starts."""

    async def read(
        self,
        by_line: Mapping[str, Sequence[str]],
        windows: Windows,
        *,
        as_of: Mapping[str, int],
        steps: Mapping[str, values.Steps] | None = None,
        begun: Begun | None = None,
    ) -> Readings:
        """What counts of points, by line, in windows of whole quarters, which are in order and apart.

        `steps`: by line. `begun`: of the same points, lines, windows and positions; of others it is not used.
        """
        asked = Asked.of(by_line, windows, as_of)
        found = await (begun.task if begun is not None and begun.asked == asked else self._fetched(asked))
        return Readings(
            value_reading.laid_over(points, line, windows, some, steps=steps.get(line) if steps else None)
            for (line, points), some in zip(asked.by_line, found, strict=True)
        )

    async def begin(self, by_line: Mapping[str, Sequence[str]], windows: Windows, *, as_of: Mapping[str, int]) -> Begun:
        """Let what will be read be fetched meanwhile: what `read` is then given."""
        asked = Asked.of(by_line, windows, as_of)
        task = asyncio.create_task(self._fetched(asked))
        # Nobody may come for it; who does is told.
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        # So that it is asked for at once: what is computed next lets nothing else happen here.
        await asyncio.sleep(0)
        return Begun(asked, task)

    async def _fetched(self, asked: Asked) -> list[list[Alike]]:
        assert self.engine is not None
        async with self.engine.connect() as connection:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            return [
                await value_reading.fetched(raw, points, line, asked.windows, as_of=asked.as_of)
                for line, points in asked.by_line
            ]

    async def energies(
        self,
        points: Sequence[str],
        line: str,
        first: date,
        last: date,
        *,
        as_of: Mapping[str, int],
        minutes: values.Minutes,
    ) -> dict[str, dict[date, int]]:
        """What counts of each whole local day in [first, last), in Wh, by point; a day with a hole is left out."""
        assert self.engine is not None
        shards, positions = [int(shard) for shard in as_of], list(as_of.values())
        asked = ([int(point) for point in points], lines.code(line), first, last, shards, positions)
        newest: dict[tuple[int, date], tuple[Any, ...]] = {}
        async with self.engine.connect() as connection:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            for point, day, steps, begins, width, wh, *order in await raw.fetch(_READ_DAYS, *asked):
                if minutes(str(point), day) not in (None, steps):
                    continue
                other = newest.get((point, day))
                if other is None or other[-1] < order:
                    newest[point, day] = steps, begins, width, wh, order
            found: dict[str, dict[date, int]] = {}
            in_parts: list[tuple[int, date]] = []
            for (point, day), (steps, begins, width, wh, _) in newest.items():
                if (energy := values.energy_of_whole(day, steps, begins, width, wh)) is None:
                    in_parts.append((point, day))
                else:
                    found.setdefault(str(point), {})[day] = energy
            if in_parts:
                local = sorted({day for _, day in in_parts})
                some = {"points": list({point for point, _ in in_parts}), "line": lines.code(line), "days": local}
                upto = {"shards": shards, "positions": positions, "first": local[0], "last": local[-1]}
                rows = (await connection.execute(_READ, {**some, **upto})).all()
                wanted = set(in_parts)
                these = (version_of(row) for row in rows if (row.metering_point_id, row.day) in wanted)
                laid = energies(these, minutes)
                for point, by_day in laid.items():
                    found.setdefault(point, {}).update(by_day)
        return found

    async def versions(self, keys: Sequence[SeriesDay], *, as_of: Mapping[str, int]) -> list[Version]:
        """All versions of some days."""
        assert self.engine is not None
        async with self.engine.connect() as connection:
            found = await standing(connection, keys)
        return [one for some in found.values() for one in some if one.position <= as_of.get(one.shard, 0)]

    async def kept(self, point: str, first: date, last: date, *, as_of: Mapping[str, int]) -> Kept:
        """How much there is of all lines of a point on the days from one to another."""
        assert self.engine is not None
        upto = {"shards": [int(shard) for shard in as_of], "positions": list(as_of.values())}
        async with self.engine.connect() as connection:
            rows = await connection.execute(_KEPT, {"point": int(point), "first": first, "last": last, **upto})
            return erasing.kept(map(version_of, rows))


def energies(versions: Iterable[Version], minutes: values.Minutes = values.whatever_came) -> dict[str, dict[date, int]]:
    """What counts of each whole day among versions of one line, by point."""
    by_day: dict[tuple[str, date], list[Version]] = {}
    for version in versions:
        by_day.setdefault((version.metering_point_id, version.day), []).append(version)
    found: dict[str, dict[date, int]] = {}
    for (point, local), of_day in by_day.items():
        if (energy := values.energy_of(values.in_steps(of_day, minutes(point, local)), local)) is not None:
            found.setdefault(point, {})[local] = energy
    return found


def version_of(row: Any) -> Version:
    """A row of `COLUMNS`, of this table or of one like it; more may stand behind them."""
    # Taken apart at once: a row's attributes are looked up one by one, by name.
    _, point, line, day, shard, position, series, registered_at, received_at, *others = row[: len(COLUMNS)]
    partition, offset, minutes, first, status, width, wh, salt = others
    return Version(
        str(point),
        lines.of_code(line),
        day,
        registered_at,
        received_at,
        partition,
        offset,
        series,
        str(shard),
        position,
        minutes,
        first,
        STATUSES[status % values.HOURLY],
        width,
        wh,
        salt,
        bool(status & values.HOURLY),
        values.mark_of(status),
    )
