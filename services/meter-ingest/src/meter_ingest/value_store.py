"""Where values are: versions of a point's day, appended by binary COPY and never changed (schema `private`).

They lie by how long they are kept, then by month (`partitions`).

One row per point, line and day that a record brought anything of, whatever the number of values: about five
bytes a value with its index, and one COPY a batch (`performance.md` §2).
"""

from __future__ import annotations

import asyncio
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Column, Date, DateTime, Integer, LargeBinary, MetaData, SmallInteger, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from meter_ingest import value_reading, value_rows
from meter_ingest.domain import erasing, lines, values
from meter_ingest.domain.erasing import Kept
from meter_ingest.domain.laid import Alike, Windows
from meter_ingest.domain.reading import STATUSES
from meter_ingest.domain.readings import Readings
from meter_ingest.domain.series import SeriesDay
from meter_ingest.domain.values import Version
from meter_ingest.value_reading import Asked, Begun

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
