"""A month of many points as segments: runs of steps with one status and origin, their values the bytes of the store.

Mostly a segment is many days of a point just as they came, each once and whole: these are found by column, without a
look at each. What came twice or in parts, is cut by what may be read, or is spread from a period's volume is laid out
as everywhere (`delivering`), and made segments of again.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Final, NamedTuple

import numpy as np
from sqlalchemy.ext.asyncio import AsyncConnection

from meter_ingest import delivering
from meter_ingest.domain import asked, days, lines, values
from meter_ingest.domain.asked import Delivered
from meter_ingest.domain.counting import Settled
from meter_ingest.domain.reading import STATUSES
from meter_ingest.out.jobs import Job, Right

AT_ONCE: Final = 256
"""Points in a chunk. Part of the form of files: another number makes other bytes of the same values."""
_OF: Final = (
    "SELECT metering_point_id, day, minutes, first, status, width, wh, registered_at, received_at, part, off, series,"
    " v.shard, position FROM private.value_version v"
    " JOIN unnest($5::smallint[], $6::bigint[]) AS h(shard, upto) ON v.shard = h.shard AND v.position <= h.upto"
    " WHERE metering_point_id = ANY($1::bigint[]) AND line = $2 AND day BETWEEN $3 AND $4"
)
_BY: Final = "day, registered_at, received_at, part, off, series, first"
"""In the order in which versions of a point count: of a day the last."""
_HEADS: Final = (
    "SELECT metering_point_id, string_agg(int2send((day - $3::date)::smallint)"  # noqa: S608 - named here
    " || int2send((CASE WHEN first = 0 AND width = 4 THEN minutes ELSE 0 END)::smallint) || int2send(status)"
    f" || int4send(length(wh)), ''::bytea ORDER BY {_BY}), string_agg(wh, ''::bytea ORDER BY {_BY})"
    " FROM private.value_version v"
    " JOIN unnest($5::smallint[], $6::bigint[]) AS h(shard, upto) ON v.shard = h.shard AND v.position <= h.upto"
    " WHERE metering_point_id = ANY($1::bigint[]) AND line = $2 AND day BETWEEN $3 AND $4"
    " GROUP BY metering_point_id ORDER BY metering_point_id"
)
_HEAD: Final = np.dtype([("day", ">i2"), ("minutes", ">i2"), ("status", ">i2"), ("bytes", ">i4")])
"""Of each version of a point: its day, its step (0: not the whole day, or not so wide), its status, its length."""
_OUT, _APART = -1, -2
"""Of a day: it may not be read; it is to be laid out by itself."""
_ORDER: Final = f" ORDER BY metering_point_id, {_BY}"
_AMONG: Final = " AND (metering_point_id, day) IN (SELECT * FROM unnest($7::bigint[], $8::date[]))"
_VERSIONS: Final = _OF + _AMONG + _ORDER
_RECEIVED: Final = f"{_OF} AND received_at >= $7 AND received_at < $8{_ORDER}"


class Segment(NamedTuple):
    """Steps of a point in a row. `point` is its place in the chunk; `version` its name, where all versions are told."""

    point: int
    start: int
    """Of the first step, in seconds since 1970."""
    minutes: int
    status: str
    origin: str
    width: int
    wh: bytes | memoryview
    version: str = ""
    received: int = 0
    registered: int = 0
    """In microseconds since 1970."""


@dataclass
class Chunk:
    """Some points of one line, in order, and all of their segments, in order."""

    line: str
    points: list[str]
    segments: list[Segment] = field(default_factory=list[Segment])


async def of_month(connection: AsyncConnection, job: Job, some: Sequence[Right], first: date, last: date) -> Chunk:
    """What counts of some points of a line on the local days [first, last)."""
    line = lines.of_code(some[0].line)
    touched = days.days(days.day(first).start, days.day(last).start)
    points = [one.point for one in some]
    settled = await delivering.settled(connection, points, line, touched, as_of=job.as_of)
    chunk = Chunk(line, points)
    kinds = {point: _kinds(is_) for point, is_ in settled.items()}
    volumes = {point for point, each in kinds.items() if any(one.settlement == "profiled" for one in each)}
    others = [(place, one) for place, one in enumerate(some) if one.point not in volumes]
    heads = await _rows(connection, _HEADS, job, [one for _, one in others], first, last) if others else ()
    places = {int(one.point): place for place, one in others}
    wanted = np.zeros((len(some), len(touched)), np.int16)
    for place, one in others:
        wanted[place] = _wanted(one, settled[one.point], kinds[one.point], touched)
    chunk.segments, apart = _whole(heads, places, wanted, touched) if heads else ([], [])
    if apart:
        which = [int(points[place]) for place, _ in apart], [touched[day].date for _, day in apart]
        rows = await _rows(connection, _VERSIONS, job, [one for _, one in others], first, last, *which)
        for (point, local), of in groupby(rows, key=lambda row: (row[0], row[1])):
            place = places[point]
            chunk.segments += _day(place, some[place], line, list(of), settled[some[place].point], days.day(local))
    spread = await _spread(connection, job, [one for one in points if one in volumes], line, touched)
    for place, one in enumerate(some):
        for day in spread.get(one.point, ()):
            chunk.segments += _steps(place, asked.within(day, one.spans))
    if apart or spread:
        chunk.segments.sort(key=lambda one: (one.point, one.start))
    return chunk


async def received(connection: AsyncConnection, job: Job, some: Sequence[Right], first: date, last: date) -> Chunk:
    """All that was received of some points of a line on the local days [first, last), whether it counts or not."""
    start, end = days.day(first).start, days.day(last).start
    chunk = Chunk(lines.of_code(some[0].line), [one.point for one in some])
    earliest, latest = min(one.spans[0][0] for one in some), max(one.spans[-1][1] for one in some)
    rows = await _rows(
        connection, _RECEIVED, job, some, earliest.date(), (latest + timedelta(days=1)).date(), start, end
    )
    places = {int(one.point): place for place, one in enumerate(some)}
    for row in rows:
        place = places[row[0]]
        version = _version(chunk.line, row)
        began = days.day(version.day).start + timedelta(minutes=version.minutes * version.first)
        for at, wh in _inside(version, began, some[place].spans):
            origin = "flat" if version.minutes == 15 and version.hourly else version.status
            chunk.segments.append(
                Segment(
                    place, _seconds(at), version.minutes, version.status, origin, version.width, wh,
                    version.name, _micros(version.received_at), _micros(version.registered_at),
                )
            )  # fmt: skip
    return chunk


def _kinds(is_: delivering.OfPoint) -> list[Settled]:
    """How a point's days are settled: mostly alike, and then one and the same object."""
    return list({id(one): one for one in is_.days.values()}.values())


def _wanted(right: Right, is_: delivering.OfPoint, kinds: Sequence[Settled], touched: Sequence[days.Day]) -> Any:
    """In steps of how many minutes each day counts, 0: as it came; or that it is out, or to be laid out by itself."""
    each = [days.MINUTES[one.resolution] if one.resolution else 0 for one in kinds]
    if len(each) > 1:
        each = [days.MINUTES[one] if (one := is_.days[day.date].resolution) else 0 for day in touched]
    wanted = np.full(len(touched), each, np.int16)
    start, end = touched[0].start, touched[-1].end
    if right.spans[0][0] <= start and end <= right.spans[0][1]:
        return wanted
    for at, day in enumerate(touched):
        if not any(first <= day.start and day.end <= last for first, last in right.spans):
            is_in = any(first < day.end and day.start < last for first, last in right.spans)
            wanted[at] = _APART if is_in else _OUT
    return wanted


def _whole(
    rows: Sequence[Any], places: Mapping[int, int], wanted: Any, touched: Sequence[days.Day]
) -> tuple[list[Segment], list[tuple[int, int]]]:
    """The points' days whose last version is whole, in runs of those that are alike; places and days of the others."""
    head: Any = np.frombuffer(b"".join([one for _, one, _ in rows]), _HEAD)
    place = np.repeat([places[point] for point, _, _ in rows], [len(one) // _HEAD.itemsize for _, one, _ in rows])
    counts = np.ones(len(head), bool)
    counts[:-1] = (head["day"][1:] != head["day"][:-1]) | (place[1:] != place[:-1])
    wh = _without(b"".join([one for _, _, one in rows]), head["bytes"], ~counts)
    head, place = head[counts], place[counts]
    day, minutes, status = head["day"], head["minutes"], head["status"]
    of, ends = wanted[place, day], np.cumsum(head["bytes"], dtype=np.int64)
    quarters = np.fromiter((one.quarters for one in touched), np.int32, len(touched))
    good = (minutes > 0) & (head["bytes"] * minutes == 60 * quarters[day]) & ((of == 0) | (of == minutes))
    # A run ends where the next day is another's sort, or is not the next.
    alike = good[1:] & good[:-1] & (place[1:] == place[:-1]) & (day[1:] == day[:-1] + 1)
    alike &= (status[1:] == status[:-1]) & (minutes[1:] == minutes[:-1])
    runs = np.flatnonzero(np.concatenate(([True], ~alike, [True])))
    begins, segments = ends - head["bytes"], list[Segment]()
    for first, after in zip(runs[:-1].tolist(), runs[1:].tolist(), strict=True):
        if good[first]:
            some = wh[int(begins[first]) : int(ends[after - 1])]
            of_place, step, stored = int(place[first]), int(minutes[first]), int(status[first])
            segments.append(_segment(of_place, touched[day[first]], step, stored, 4, some))
    others = ~good & (of != _OUT)
    return segments, list(zip(place[others].tolist(), day[others].tolist(), strict=True))


def _without(wh: bytes, lengths: Any, others: Any) -> memoryview:
    """The bytes of versions, one behind the other, but for some of them: mostly few."""
    view, ends = memoryview(wh), np.cumsum(lengths, dtype=np.int64)
    which: Any = np.flatnonzero(others)
    if not len(which):
        return view
    begins = [0, *ends[which].tolist()]
    stops = [*(ends[which] - lengths[which]).tolist(), len(wh)]
    return memoryview(b"".join([view[begin:stop] for begin, stop in zip(begins, stops, strict=True)]))


def _day(
    place: int, right: Right, line: str, rows: Sequence[Any], is_: delivering.OfPoint, day: days.Day
) -> Iterator[Segment]:
    """A day of several versions, or a part: the last, if it is all of the day; else as everywhere."""
    wanted = is_.days[day.date].resolution
    minutes = days.MINUTES[wanted] if wanted else 60 if rows[-1][2] == 60 else 15
    last = next((row for row in reversed(rows) if row[2] == minutes), None)
    inside = any(first <= day.start and day.end <= end for first, end in right.spans)
    if last is not None and inside and not last[3] and len(last[6]) * minutes == 15 * last[5] * day.quarters:
        yield _segment(place, day, minutes, last[4], last[5], last[6])
        return
    versions = {day.date: [_version(line, row) for row in rows]}
    (one,) = asked.own(versions, start=day.start, end=day.end, settled=is_.days)
    yield from _steps(place, asked.within(one, right.spans))


def _segment(place: int, day: days.Day, minutes: int, stored: int, width: int, wh: bytes | memoryview) -> Segment:
    """From the beginning of a day on; with the status as the store has it."""
    status = STATUSES[stored % values.HOURLY]
    origin = "flat" if stored & values.HOURLY and minutes == 15 else status
    return Segment(place, _seconds(day.start), minutes, status, origin, width, wh)


def _steps(place: int, one: Delivered) -> Iterator[Segment]:
    """A day step by step, in runs of what is there and was made alike."""
    minutes = days.MINUTES[one.values.resolution]
    at, begin = 0, _seconds(one.start)
    each = zip(one.values.wh, one.values.status, one.values.origin, strict=True)
    for (is_there, status, origin), some in groupby(each, key=lambda each: (each[0] is not None, each[1], each[2])):
        wh = [value for value, _, _ in some]
        if is_there:
            yield Segment(
                place,
                begin + at * minutes * 60,
                minutes,
                status or "",
                origin or "",
                8,
                struct.pack(f"<{len(wh)}q", *wh),
            )
        at += len(wh)


def _inside(version: values.Version, began: datetime, spans: Sequence[tuple[datetime, datetime]]) -> Iterator[Any]:
    """What of a version lies in what may be read: from when, and its bytes."""
    step, count = timedelta(minutes=version.minutes), len(version.wh) // version.width
    for first, last in spans:
        begin = max(0, -(-(first - began) // step))
        end = min(count, (last - began) // step)
        if begin < end:
            yield began + begin * step, version.wh[begin * version.width : end * version.width]


async def _spread(
    connection: AsyncConnection, job: Job, points: Sequence[str], line: str, touched: Sequence[days.Day]
) -> Mapping[str, Sequence[Delivered]]:
    if not points:
        return {}
    return await delivering.of_points(
        connection,
        points,
        start=touched[0].start,
        end=touched[-1].end,
        line=line,
        as_of=job.as_of,
        positions=job.positions,
    )


async def _rows(
    connection: AsyncConnection, query: str, job: Job, some: Sequence[Right], first: date, last: date, *more: Any
) -> Sequence[Any]:
    raw: Any = (await connection.get_raw_connection()).driver_connection
    points, until = [int(one.point) for one in some], last - timedelta(days=1)
    shards, upto = [int(shard) for shard in job.positions], list(job.positions.values())
    return await raw.fetch(query, points, some[0].line, first, until, shards, upto, *more)


def _version(line: str, row: Any) -> values.Version:
    point, day, minutes, first, status, width, wh, registered, received_, part, off, series, shard, position = row
    return values.Version(
        str(point), line, day, registered, received_, part, off, series, str(shard), position, minutes, first,
        STATUSES[status % values.HOURLY], width, wh, b"", bool(status & values.HOURLY), values.mark_of(status),
    )  # fmt: skip


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _micros(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)
