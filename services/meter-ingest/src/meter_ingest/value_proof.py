"""What proves the values: their events say enough of each series to be held against what is stored.

Of series that were accepted together the event has each one's sum and a hash over all of them. Where values of one were
erased, the others are held against their counts and sums: what the hash is over is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import store as documents
from chassis.service import Evidence
from contracts.message import Event, Reason
from contracts.meter_ingest.v1 import ValuesAccepted
from meter_ingest import store, value_store
from meter_ingest.domain import blocks, days, erasing_rules, lines, retention, values
from meter_ingest.domain.retention import Expiry
from meter_ingest.domain.values import Version

_TOGETHER = "*"
"""Stands before the points of series that were accepted together."""

_ALL = text(
    f"SELECT {value_store.SELECTED} FROM private.value_version v"  # noqa: S608 - declared names
    " WHERE v.shard = :shard ORDER BY v.position, v.salt, v.series, v.day, v.first"
)


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
                ",".join(map(str, many.sums_wh)),
                many.salted_sha256,
            )


def evidence(shard: str) -> Evidence:
    """The values of a shard are those that its events give count, sum and salted hash of."""

    async def stored(connection: AsyncConnection) -> list[str]:
        rows = await connection.stream(_ALL, {"shard": int(shard)})
        lines: list[str] = []
        series: list[Version] = []
        async for row in rows:
            version = value_store.version_of(row)
            if series and _one(series[0]) != _one(version):
                lines += _stored_lines(series)
                series = []
            series.append(version)
        return [*lines, *(_stored_lines(series) if series else ())]

    return Evidence(said, stored, _asked)


def _one(version: Version) -> tuple[int, bytes, int]:
    """What versions have in common of which an event has one line: their series, or that they came together."""
    return (version.position, version.salt, -1 if _together(version) else version.series)


def _together(version: Version) -> bool:
    return len(version.salt) > value_store.SALT


def _stored_lines(series: Sequence[Version]) -> Iterator[str]:
    """A series over several days, or with several statuses, is as many versions, in order.

    Those that were accepted together have one line, unless something of one of them is gone: then each has its own.
    """
    first = series[0]
    if not _together(first):
        yield _line(series, first.metering_point_id)
        return
    by_series: dict[int, list[Version]] = {}
    for version in series:
        by_series.setdefault(version.series, []).append(version)
    shapes = {(some[0].day, some[0].first, sum(len(one.wh) for one in some)) for some in by_series.values()}
    points = [some[0].metering_point_id for some in by_series.values()]
    if len(shapes) > 1:
        for point, some in zip(points, by_series.values(), strict=True):
            yield _line(some, _TOGETHER + point)
        return
    encoded = b"".join(version.wh for version in series)
    salted = values.salted_together(
        first.salt, encoded, points=points, line=first.line, start=start_of(first), minutes=first.minutes
    )
    sums = [_sum(some) for some in by_series.values()]
    count = len(encoded) // first.width
    end = start_of(first) + timedelta(minutes=first.minutes * count // len(points))
    named, total = _TOGETHER + ",".join(points), ",".join(map(str, sums))
    yield _proof(first.position, named, first.line, start_of(first), end, count, total, salted)


def _line(series: Sequence[Version], name: str) -> str:
    first = series[0]
    encoded = b"".join(version.wh for version in series)
    point, line, start = first.metering_point_id, first.line, start_of(first)
    salted = values.salted(first.salt, encoded, point=point, line=line, start=start, minutes=first.minutes)
    count = len(encoded) // first.width
    end = start + timedelta(minutes=first.minutes * count)
    return _proof(first.position, name, line, start, end, count, _sum(series), salted)


def _sum(series: Iterable[Version]) -> int:
    return sum(sum(values.decode(one.width, one.wh)) for one in series)


def start_of(version: Version) -> datetime:
    """When its first step begins."""
    return days.day(version.day).start + timedelta(minutes=version.minutes * version.first)


def _proof(
    position: int, point: str, line: str, start: datetime, end: datetime, count: int, total: int | str, salted: str
) -> str:
    return f"{position}|{point}|{line}|{end.timestamp():.0f}|{start.timestamp():.0f}|{count}|{total}|{salted}"


async def _asked(
    connection: AsyncConnection, said: Sequence[str], stored: Sequence[str]
) -> tuple[Sequence[str], Sequence[str], Sequence[Reason]]:
    """Without the series of which a month is gone, or a day was erased, as was decided: what is left proves nothing.

    Months go from the oldest, so that what is left of a series ends where it ended.
    """
    said, stored, remarks = await less_erased(connection, said, stored)
    load = documents.loader(connection)
    found = await load([(store.EXPIRY, store.EXPIRIES)])
    expired: dict[int, Expiry | None] = {int(id_): document.state for (_, id_), document in found.items()}
    if all(state is None or state.through is None for state in expired.values()):
        return said, stored, remarks
    named = sorted({blocks.block_of(line.split("|")[1]) for line in said if _TOGETHER not in line})
    kept = {id_: document.state for (_, id_), document in (await load([(store.RETENTION, named)])).items()}
    gone: set[tuple[str, ...]] = set()
    for line in said:
        _, point, _, _, start = line.split("|")[:5]
        block = kept.get(blocks.block_of(point))
        floor = retention.floor(block.places.get(blocks.place_of(point)) if block else None, expired)
        if floor is not None and datetime.fromtimestamp(int(start), UTC) < days.day(floor).start:
            gone.add(_series(line))
    left = [[line for line in some if _series(line) not in gone] for some in (said, stored)]
    return left[0], left[1], remarks


_ERASED = text("SELECT metering_point_id, first_day, last_day FROM own.value_erased")


_Name = tuple[str, str, str]
"""Record, point and line."""


class Left(NamedTuple):
    """What is held against each other, and what cannot be, and why."""

    said: Sequence[str]
    stored: Sequence[str]
    remarks: Sequence[Reason] = ()


async def less_erased(connection: AsyncConnection, said: Sequence[str], stored: Sequence[str]) -> Left:
    """Without the series of which a day was erased.

    What came together with one is held against its own count and sum: the hash is over what is gone, too.
    """
    gone: dict[str, list[tuple[float, float]]] = {}
    for point, first, last in await connection.execute(_ERASED):
        gone.setdefault(str(point), []).append((days.day(first).start.timestamp(), days.day(last).end.timestamp()))
    # Of one that was erased in part something else is stored than was said: it is known by its record, point and line.
    lost = {one for line in said for one in _lost(line, gone)} if gone else set[_Name]()
    if not lost:
        return Left(said, stored)
    broken = {_place(line) for line in said if _TOGETHER in line and not lost.isdisjoint(_names(line))}

    def left(some: Iterable[str]) -> list[str]:
        found: list[str] = []
        for line in some:
            is_broken = _TOGETHER in line and (_place(line) in broken or not lost.isdisjoint(_names(line)))
            found += [one for one in (_each(line) if is_broken else (line,)) if lost.isdisjoint(_names(one))]
        return found

    held = left(said)
    by_sum = sum(line.endswith("|") for line in held)
    return Left(held, left(stored), (erasing_rules.VALUES_NOT_PROVED.reason(actual=len(lost), limit=by_sum),))


def _lost(line: str, gone: Mapping[str, Sequence[tuple[float, float]]]) -> Iterator[_Name]:
    position, named, line_, end, start = line.split("|")[:5]
    for point in gone.keys() & named.removeprefix(_TOGETHER).split(","):
        if any(first < float(end) and float(start) < last for first, last in gone[point]):
            yield position, point, line_


def _names(line: str) -> Iterator[_Name]:
    position, named, line_ = line.split("|")[:3]
    return ((position, point, line_) for point in named.removeprefix(_TOGETHER).split(","))


def _place(line: str) -> tuple[str, ...]:
    """What those of one record that were accepted together have in common."""
    position, _, line_, end, start = line.split("|")[:5]
    return position, line_, end, start


def _each(line: str) -> Iterator[str]:
    """Of series that were accepted together, a line for each, without the hash over all of them."""
    position, named, line_, end, start, count, sums, _ = line.split("|")
    points = named.removeprefix(_TOGETHER).split(",")
    for point, total in zip(points, sums.split(","), strict=True):
        yield f"{position}|{_TOGETHER}{point}|{line_}|{end}|{start}|{int(count) // len(points)}|{total}|"


def _series(line: str) -> tuple[str, ...]:
    position, point, line_, end = line.split("|")[:4]
    return (position, _TOGETHER if point.startswith(_TOGETHER) else point, line_, end)
