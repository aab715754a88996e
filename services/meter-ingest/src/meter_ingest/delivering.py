"""What counts of points, in the resolution that one chooses, read from the store: `asked`, with all that it needs.

    async with queries.reading_only(engine) as connection:
        found = await delivering.of_points(connection, [point], start=start, end=end, resolution="PT60M")

Each value says how it was made, and from what; `messages` says in which messages that came. Reads only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import loading
from chassis import store as documents
from chassis.service import Kind, State
from chassis.work import Document, Key
from contracts.calendar import DAY, Resolution
from contracts.values import Role
from meter_ingest import queries, store, version_rows
from meter_ingest.domain import (
    asked,
    blocks,
    channel,
    counting,
    days,
    filling,
    known,
    lines,
    reading,
    spread,
    values,
    volumes,
)
from meter_ingest.domain.asked import Delivered, Source
from meter_ingest.domain.counting import Settled
from meter_ingest.domain.profiles import OfDay
from meter_ingest.domain.spans import Span
from meter_ingest.domain.volumes import Volume
from meter_ingest.permission import Reader, Rights

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Message:
    """What a value comes from: who sent it, in which record (`topic/partition/offset`), when."""

    name: str
    """Of the version, as verifications have it, or of the revision of a period's volume."""
    sender: str
    record: str
    received_at: datetime
    registered_at: datetime


@dataclass(slots=True)
class _About:
    """What is known of one point."""

    facts: Sequence[known.PointVersion]
    periods: Sequence[channel.Period]
    volumes: Sequence[Volume] = ()
    annual_wh: int | None = None
    readable: Sequence[Span] | None = None
    """Where who asks may read its values; None: everywhere."""
    settled: dict[date, Settled] = field(default_factory=dict[date, Settled])
    by_day: dict[date, list[values.Version]] = field(default_factory=dict[date, list[values.Version]])


async def of_points(
    connection: AsyncConnection,
    points: Sequence[str],
    *,
    start: datetime,
    end: datetime,
    line: str = queries.DEFAULT_LINE,
    resolution: Resolution | None = None,
    as_of: datetime | None = None,
    positions: Mapping[str, int] | None = None,
    fill: bool = False,
    may: Rights | None = None,
) -> dict[str, list[Delivered]]:
    """What counts of points, by point, day by day; without a resolution each day in its own. Raises `UnableToRead`.

    `positions`: what the value shards had taken up to there, of what had come by `as_of`.

    `fill`: with what nobody sent estimated, and marked, as far as there is anything to go by. `may`: what who asks may
    read, so that it is estimated by that alone; of the values themselves the caller cuts away the rest.
    """
    first, last = _in_hours(start, end, resolution)
    touched = days.days(first, last)
    abouts = await _about(connection, points, line, touched, as_of=as_of, fill=fill, may=may)
    spread_ = [day for about in abouts.values() for day in spread.touched(about.volumes)]
    began = min((touched[0].date, *spread_)) - (max(filling.LIKE) * DAY if fill else timedelta())
    around = days.days(days.day(began).start, days.day(max((touched[-1].date, *spread_))).end)
    await _values(connection, abouts, line, around if fill else touched, as_of, positions)
    for about in abouts.values():
        _settle(about, line, around)
    ids = {id_ for about in abouts.values() for id_ in asked.needed(about.settled, resolution, volumes=about.volumes)}
    profiles: dict[str, OfDay | None] = await _states(connection, store.PROFILE, sorted(ids))
    over = (as_of or await queries.now(connection)) if fill else last
    found: dict[str, list[Delivered]] = {}
    for point, about in abouts.items():
        if fill:
            own = _filled(about, touched, profiles, as_of=as_of, over=over)
        else:
            own = asked.own(
                about.by_day,
                start=first,
                end=last,
                settled=about.settled,
                known=profiles,
                volumes=about.volumes,
                as_of=as_of,
            )
        inside = (asked.part(one, first, last) for one in own)
        made = (asked.in_resolution(one, resolution, known=profiles, as_of=as_of) for one in inside)
        found[point] = [_cut(one, start, end) for one in made]
    return found


async def sources(
    connection: AsyncConnection,
    points: Sequence[str],
    *,
    start: datetime,
    end: datetime,
    line: str = queries.DEFAULT_LINE,
    as_of: datetime | None = None,
) -> dict[str, list[Delivered]]:
    """All that came of points, by point, just as it came, in each resolution, whether it counts or not."""
    first, last = _in_hours(start, end, None)
    touched = days.days(first, last)
    abouts = await _about(connection, points, line, touched, as_of=as_of)
    await _values(connection, abouts, line, touched, as_of)
    found: dict[str, list[Delivered]] = {}
    for point, about in abouts.items():
        _settle(about, line, touched)
        some = asked.sources(about.by_day, start=first, end=last, settled=about.settled, as_of=as_of)
        found[point] = [_cut(one, start, end) for one in some]
    return found


async def messages(connection: AsyncConnection, found: Iterable[Delivered]) -> dict[str, Message]:
    """In which messages what values are made from came, by its name."""
    from_: dict[str, Source] = {}
    for day in found:
        for some in {id(some): some for some in day.sources}.values():
            from_ |= {one.name: one for one in some}
    versions = [one for one in from_.values() if isinstance(one, values.Version)]
    sent = await version_rows.sent(connection, {(one.shard, one.position) for one in versions})
    told: dict[str, Message] = {}
    for name, one in from_.items():
        if isinstance(one, values.Version):
            sender, record = sent.get((one.shard, one.position), ("", ""))
            told[name] = Message(name, sender, record, one.received_at, one.registered_at)
        else:
            told[name] = Message(name, one.dso, one.record, one.recorded_at, one.registered_at)
    return told


@dataclass(frozen=True, slots=True)
class OfPoint:
    """How a line of a point is settled day by day, and what was said of its periods' volumes."""

    days: Mapping[date, Settled]
    volumes: Sequence[Volume]


async def settled(
    connection: AsyncConnection,
    points: Sequence[str],
    line: str,
    touched: Sequence[days.Day],
    *,
    as_of: datetime | None = None,
) -> dict[str, OfPoint]:
    """What decides which values of points count, by point, without the values."""
    abouts = await _about(connection, points, line, touched, as_of=as_of)
    for about in abouts.values():
        _settle(about, line, touched)
    return {point: OfPoint(about.settled, about.volumes) for point, about in abouts.items()}


async def versions(
    connection: AsyncConnection,
    point: str,
    line: str,
    touched: Sequence[days.Day],
    *,
    as_of: datetime | None = None,
) -> Mapping[date, Sequence[values.Version]]:
    """All that came of a point, by local day."""
    about = _About((), ())
    await _values(connection, {point: about}, line, touched, as_of)
    return about.by_day


def _in_hours(start: datetime, end: datetime, resolution: Resolution | None) -> tuple[datetime, datetime]:
    """The whole hours of a window."""
    if end <= start:
        raise queries.UnableToRead("the end is behind the start")
    if days.quarter_floor(start) != start or days.quarter_floor(end) != end:
        raise queries.UnableToRead("a period begins and ends with a quarter of an hour")
    first, last = days.hour_floor(start), days.hour_floor(end)
    last = last if last == end else last + _HOUR
    if resolution == "PT60M" and (first, last) != (start, end):
        raise queries.UnableToRead("hours begin and end with an hour")
    return first, last


def _cut(one: Delivered, start: datetime, end: datetime) -> Delivered:
    """Quarters of the window alone; an hour that any of lies in it stays."""
    return asked.part(one, start, end) if one.values.resolution == "PT15M" else one


def _filled(
    about: _About,
    touched: Sequence[days.Day],
    profiles: Mapping[str, OfDay | None],
    *,
    as_of: datetime | None,
    over: datetime,
) -> list[Delivered]:
    """The window's days, filled."""
    all_ = asked.own(
        about.by_day,
        start=days.day(min(about.settled)).start,
        end=days.day(max(about.settled)).end,
        settled=about.settled,
        known=profiles,
        volumes=about.volumes,
        as_of=as_of,
    )
    readable = about.readable
    usable = [
        one
        for one in about.volumes
        if readable is None or any(first <= one.start and one.end <= last for first, last in readable)
    ]
    wanted = {day.date for day in touched} | set(spread.touched(usable))
    some = [one for one in all_ if one.date in wanted]
    start, end = some[0].start, days.day(some[-1].date).end
    own = {one.date: one.values.resolution for one in some}
    came = asked.sources(about.by_day, start=start, end=end, settled=about.settled, as_of=as_of)
    by = filling.Known(
        other={
            one.date: _seen(one, readable)
            for one in came
            if one.date in wanted and one.values.resolution != own[one.date]
        },
        volumes=usable,
        history={one.date: _seen(one, readable) for one in all_},
        annual_wh=about.annual_wh,
    )
    in_window = {day.date for day in touched}
    return [one for one in filling.filled(some, by, until=over) if one.date in in_window]


def _seen(one: Delivered, readable: Sequence[Span] | None) -> Delivered:
    return one if readable is None else asked.within(one, readable)


def ahead(
    point: str, line: str, start: datetime, end: datetime, resolution: Resolution | None, as_of: datetime | None
) -> dict[str, loading.Asked]:
    """What `of_points` and `messages` read of a point, to be asked with other things (`loading.alone`)."""
    touched = days.days(*_in_hours(start, end, resolution))
    return version_rows.asked([int(point)], lines.code(line), touched[0].date, touched[-1].date, as_of)


def settled_by(points: Sequence[str], line: str) -> list[tuple[Kind[Any], Sequence[str]]]:
    """The documents that all reading of points' values begins with."""
    named = list(blocks.by_block(points))
    return [(store.POINTS, named), (store.BLOCK, [blocks.key(block, line) for block in named])]


async def _about(
    connection: AsyncConnection,
    points: Sequence[str],
    line: str,
    touched: Sequence[days.Day],
    *,
    as_of: datetime | None,
    fill: bool = False,
    may: Rights | None = None,
) -> dict[str, _About]:
    """What is known of points, but for their values."""
    loaded = await documents.loader(connection)(settled_by(points, line))
    facts, channels = _of(loaded, store.POINTS), _of(loaded, store.BLOCK)
    found: dict[str, _About] = {}
    for point in points:
        block = channels.get(blocks.key(blocks.block_of(point), line))
        periods = block.places.get(blocks.place_of(point), ()) if block else ()
        found[point] = _About(known.versions_of(facts, point), periods)
    if not counting.is_settled(line):
        return found
    direction, _, _ = lines.parts(line)
    profiled = direction == "consumption"
    asked_of = [
        point
        for point, about in found.items()
        if fill or (profiled and any(one.settlement == "profiled" for one in about.facts))
    ]
    said = await _states(connection, store.VOLUMES, [volumes.key(point, direction) for point in asked_of])
    for point in asked_of:
        standing = volumes.standing(said.get(volumes.key(point, direction)), as_of=as_of)
        found[point].volumes = volumes.within(standing, touched[0].start, touched[-1].end)
    if fill:
        await _estimates(connection, found, line, touched, as_of=as_of, may=may)
    return found


async def _estimates(
    connection: AsyncConnection,
    abouts: Mapping[str, _About],
    line: str,
    touched: Sequence[days.Day],
    *,
    as_of: datetime | None,
    may: Rights | None,
) -> None:
    """What gaps may be filled by, and what of it may be read."""
    if may is not None:
        reach = [one for about in abouts.values() for one in about.volumes]
        start = min((touched[0].start, *(one.start for one in reach))) - (max(filling.LIKE) + 1) * DAY
        end = max((touched[-1].end, *(one.end for one in reach)))
        for point, about in abouts.items():
            about.readable = may.spans(point, line, start, end)
    if as_of is not None:
        # What was told of a year is of now: it may rest on what came after the moment that is asked about.
        return
    dsos = {point: about.periods[-1].dso for point, about in abouts.items() if about.periods}
    ids = {
        point: blocks.key(blocks.block_of(point), dso)
        for point, dso in dsos.items()
        if may is None or Reader(dso, Role.DSO) in may.by_role
    }
    told = await _states(connection, store.ANNUAL, sorted(set(ids.values())))
    for point, id_ in ids.items():
        state = told.get(id_)
        estimated = state.points.get(blocks.key(blocks.place_of(point), line)) if state else None
        abouts[point].annual_wh = estimated.wh if estimated else None


async def _values(
    connection: AsyncConnection,
    abouts: Mapping[str, _About],
    line: str,
    touched: Sequence[days.Day],
    as_of: datetime | None,
    positions: Mapping[str, int] | None = None,
) -> None:
    """All versions of the points' days."""
    ids = [int(point) for point in abouts]
    for row in await version_rows.rows(connection, ids, lines.code(line), touched[0].date, touched[-1].date, as_of):
        point, day, registered, received, part, off, series, shard, position, minutes, first, status, width, wh, *_ = (
            row
        )
        if positions is not None and position > positions.get(str(shard), 0):
            continue
        wording, is_hourly = reading.STATUSES[status % values.HOURLY], bool(status & values.HOURLY)
        abouts[str(point)].by_day.setdefault(day, []).append(
            values.Version(
                str(point), line, day, registered, received, part, off, series, str(shard), position, minutes, first,
                wording, width, wh, b"", is_hourly, values.mark_of(status),
            )
        )  # fmt: skip


def _settle(about: _About, line: str, touched: Sequence[days.Day]) -> None:
    """How the line is settled on each day: mostly alike on all."""
    start, end = touched[0].start, touched[-1].end
    changes = [one.valid_from for one in about.facts if start <= one.valid_from < end]
    for one in about.periods:
        changes += [at for at in (one.valid_from, one.valid_to) if at is not None and start < at < end]
    if changes:
        about.settled = {day.date: counting.settled_on(about.facts, about.periods, line, day.date) for day in touched}
    else:
        alike = counting.settled_on(about.facts, about.periods, line, touched[0].date)
        about.settled = dict.fromkeys((day.date for day in touched), alike)


async def _states(connection: AsyncConnection, kind: Kind[State], ids: Sequence[str]) -> dict[str, State | None]:
    if not ids:
        return {}
    return _of(await documents.loader(connection)([(kind, ids)]), kind)


def _of(found: Mapping[Key, Document], kind: Kind[State]) -> dict[str, State | None]:
    return {id_: cast("State | None", one.state) for (name, id_), one in found.items() if name == kind.name}
