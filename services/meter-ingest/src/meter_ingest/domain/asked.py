"""Values as a recipient asks for them: in its resolution, each saying where it comes from (seed 004, `metering.md` §5).

Of a day only the channel counts whose resolution the point has on it: what came in another one stays and is not
delivered, until the fact is corrected again; `sources` has it as it came. A profiled point's day is what its period's
volume is there. What nobody measured is None, unless it is asked to be filled (`filling`, between `own` and
`in_resolution`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any, cast

from contracts.calendar import Resolution
from contracts.meter_ingest.v1 import ValueStatus
from meter_ingest.domain import days, profiles, spread, transform, values
from meter_ingest.domain.compact import Compact
from meter_ingest.domain.counting import Settled
from meter_ingest.domain.gaps import Basis
from meter_ingest.domain.spans import Span
from meter_ingest.domain.spread import Spread
from meter_ingest.domain.transform import Derived, Origin
from meter_ingest.domain.values import Version
from meter_ingest.domain.volumes import Volume

_PER_HOUR = 4


Source = Version | Volume
"""What a value is made from: each came in a message."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """One local day, or the part of it that was asked for; a step is 15 or 60 minutes (`values.resolution`)."""

    date: date
    start: datetime
    """When the first step begins."""
    settled: Settled
    """What the point is that day, which channel counts, and how its values come to quarters."""
    values: Derived
    """Per step: Wh, how it was made, how certain it is, and by which version of which profile (`jip|area|7`)."""
    sources: tuple[tuple[Source, ...], ...]
    """Per step: all that the value is made from, the newest last; nothing where nobody sent any."""
    basis: tuple[Basis | None, ...] = ()
    """Per step: what a value rests on that the register itself estimated (`filling.filled`); empty where none is."""

    @property
    def step(self) -> timedelta:
        """The length of one."""
        return timedelta(minutes=days.MINUTES[self.values.resolution])

    @property
    def revisions(self) -> tuple[str | None, ...]:
        """Per step: the name of the newest thing that the value is made from."""
        names = {id(some): some[-1].name if some else None for some in self.sources}
        return tuple(names[id(some)] for some in self.sources)


def needed(settled: Mapping[date, Settled], wanted: Resolution | None, *, volumes: Sequence[Volume] = ()) -> list[str]:
    """The ids of the profile documents (`store.PROFILE`) that `delivered` looks at."""
    jip = [
        profiles.key("jip", one.grid_area, local)
        for local, one in settled.items()
        if wanted == "PT15M" and one.method == "profile-6015" and one.grid_area
    ]
    return [*jip, *spread.needed(volumes, settled)]


def delivered(
    versions: Mapping[date, Sequence[Version]],
    *,
    start: datetime,
    end: datetime,
    settled: Mapping[date, Settled],
    wanted: Resolution | None = None,
    known: profiles.Known | None = None,
    volumes: Sequence[Volume] = (),
    as_of: datetime | None = None,
) -> list[Delivered]:
    """What counts of one point and line in a window of whole hours, day by day.

    `versions`: all of that line, by local day, in any order. `settled`: per local day, `counting.settled_on`, of the
    volumes' days too. `wanted`: None gives each day in its own resolution. `known`: profiles, by `needed`. `volumes`:
    what stands of periods (`volumes.standing`). `as_of`: what had come, and what had been published, by that moment;
    what the point is, is as it is known now. Raises `transform.NotInWholeHours`.
    """
    own_ = own(versions, start=start, end=end, settled=settled, known=known, volumes=volumes, as_of=as_of)
    return [in_resolution(one, wanted, known=known, as_of=as_of) for one in own_]


def own(
    versions: Mapping[date, Sequence[Version]],
    *,
    start: datetime,
    end: datetime,
    settled: Mapping[date, Settled],
    known: profiles.Known | None = None,
    volumes: Sequence[Volume] = (),
    as_of: datetime | None = None,
) -> list[Delivered]:
    """The same, each day in its own resolution."""
    _in_whole_hours(start, end)
    spread_ = spread.by_day(volumes, settled, known or {}, as_of=as_of) if volumes else {}
    found: list[Delivered] = []
    for day in days.days(start, end):
        is_ = settled.get(day.date, Settled())
        if volume := spread_.get(day.date):
            found.append(_profiled(day, volume, start, end, is_))
            continue
        came_by = _by(versions.get(day.date, ()), as_of)
        found.append(_of(day, came_by, is_.resolution or said(came_by), start, end, is_))
    return found


def sources(
    versions: Mapping[date, Sequence[Version]],
    *,
    start: datetime,
    end: datetime,
    settled: Mapping[date, Settled],
    as_of: datetime | None = None,
) -> list[Delivered]:
    """All that came, just as it came, whether it counts or not: a day in each resolution that it came in."""
    _in_whole_hours(start, end)
    found: list[Delivered] = []
    for day in days.days(start, end):
        came_by = _by(versions.get(day.date, ()), as_of)
        for minutes in sorted({one.minutes for one in came_by}):
            resolution: Resolution = "PT60M" if minutes == 60 else "PT15M"
            found.append(_of(day, came_by, resolution, start, end, settled.get(day.date, Settled())))
    return found


def in_resolution(
    day: Delivered, wanted: Resolution | None, *, known: profiles.Known | None = None, as_of: datetime | None = None
) -> Delivered:
    """A day in whole hours in the resolution that was asked for."""
    if wanted is None or wanted == day.values.resolution:
        return day
    basis = day.basis
    basis_: tuple[Basis | None, ...]
    if wanted == "PT60M":
        found = transform.to_hours(day.values, start=day.start)
        from_ = _sources_of_hours(day.sources)
        if None in found.wh:
            # An hour that is not there is not made from what of it is.
            from_ = tuple(some if wh is not None else () for some, wh in zip(from_, found.wh, strict=True))
        hours = (basis[at : at + _PER_HOUR] for at in range(0, len(basis), _PER_HOUR))
        basis_ = tuple(next((one for one in hour if one), None) for hour in hours)
    else:
        found = _quarters(day, known or {}, as_of)
        from_ = tuple(some for some in day.sources for _ in range(_PER_HOUR))
        basis_ = tuple(one for one in basis for _ in range(_PER_HOUR))
    return Delivered(day.date, day.start, day.settled, found, from_, basis_)


def within(day: Delivered, spans: Iterable[Span]) -> Delivered:
    """A day in some parts of its period alone: elsewhere it is None."""
    count = len(day.values.wh)
    there = [False] * count
    for first, last in spans:
        begin = max(0, (first - day.start) // day.step)
        end = min(count, -(-(last - day.start) // day.step))
        if begin < end:
            there[begin:end] = [True] * (end - begin)
    if all(there):
        return day

    def cut(some: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(one if is_ else None for one, is_ in zip(some, there, strict=True))

    was = day.values
    values_ = Derived(was.resolution, cut(was.wh), cut(was.origin), cut(was.status), cut(was.profile))
    from_ = tuple(some if is_ else () for some, is_ in zip(day.sources, there, strict=True))
    return replace(day, values=values_, sources=from_, basis=cut(day.basis) if day.basis else ())


def part(day: Delivered, start: datetime, end: datetime) -> Delivered:
    """What of a day lies in a window of whole steps."""
    if start <= day.start and days.day(day.date).end <= end:
        return day
    first = max(0, (start - day.start) // day.step)
    last = min(len(day.values.wh), (end - day.start) // day.step)
    if (first, last) == (0, len(day.values.wh)):
        return day
    here = slice(first, last)
    return replace(
        day,
        start=day.start + first * day.step,
        values=transform.part(day.values, here),
        sources=day.sources[here],
        basis=day.basis[here],
    )


def _in_whole_hours(start: datetime, end: datetime) -> None:
    if days.hour_floor(start) != start or days.hour_floor(end) != end:
        raise transform.NotInWholeHours(start, end)


def _of(
    day: days.Day,
    came_by: Sequence[Version],
    resolution: Resolution,
    start: datetime,
    end: datetime,
    is_: Settled,
) -> Delivered:
    """What of a day came in one resolution."""
    minutes = days.MINUTES[resolution]
    first, last = _quarters_of(day, start, end)
    some = [one for one in came_by if one.minutes == minutes]
    came, by = _came(some, resolution, 15 * first // minutes, 15 * last // minutes)
    return Delivered(day.date, max(start, day.start), is_, came, by)


def _profiled(day: days.Day, volume: Spread, start: datetime, end: datetime, is_: Settled) -> Delivered:
    """What of a day its period's volume is."""
    first, last = _quarters_of(day, start, end)
    is_ = replace(is_, method="fppc")
    if volume.values is None:
        nothing = transform.as_they_came("PT15M", (None,) * (last - first), (None,) * (last - first))
        return Delivered(day.date, max(start, day.start), is_, nothing, ((),) * (last - first))
    found = transform.part(volume.values, slice(first, last))
    return Delivered(day.date, max(start, day.start), is_, found, ((volume.volume,),) * (last - first))


@lru_cache(maxsize=1024)
def _quarters_of(day: days.Day, start: datetime, end: datetime) -> tuple[int, int]:
    return max(0, (start - day.start) // days.QUARTER), min(day.quarters, (end - day.start) // days.QUARTER)


def _by(versions: Sequence[Version], as_of: datetime | None) -> Sequence[Version]:
    return versions if as_of is None else values.as_of(versions, as_of)


def _came(
    versions: Sequence[Version], resolution: Resolution, first: int, last: int
) -> tuple[Derived, tuple[tuple[Version, ...], ...]]:
    """What counts of the steps [first, last) of a day, and what each is from; all are of one resolution."""
    if versions and all(one.first <= first and last <= one.first + len(one.wh) // one.width for one in versions):
        # Mostly: one record has brought the day, and nothing was corrected, or all of it.
        return came_whole(versions, resolution, first, last)
    return came_in_parts(versions, resolution, first, last)


def came_in_parts(
    versions: Sequence[Version], resolution: Resolution, first: int, last: int
) -> tuple[Derived, tuple[tuple[Version, ...], ...]]:
    """What counts of the steps [first, last) of a day, and what each is from, whatever parts of it came."""
    count = last - first
    step = days.MINUTES[resolution] // 15
    counted = values.merge(versions, first * step, last * step)
    parts = [slice(index, index + step) for index in range(0, count * step, step)]
    came = transform.as_they_came(
        resolution,
        [_whole(counted.wh[part]) for part in parts],
        [_status(counted.status[part.start]) for part in parts],
    )
    if any(_as_hours(one, resolution) for one in versions):
        by = (counted.by[part.start] for part in parts)
        made = zip(came.origin, by, strict=True)
        came = replace(came, origin=tuple("flat" if _as_hours(one, resolution) else origin for origin, one in made))
    alone = {id(one): (one,) for one in versions}
    return came, tuple(alone.get(id(_newest(counted.by[part])), ()) for part in parts)


def came_whole(
    versions: Sequence[Version], resolution: Resolution, first: int, last: int
) -> tuple[Derived, tuple[tuple[Version, ...], ...]]:
    """The same where every version has all of the steps: the newest counts, but of each step the first that said so."""
    count = last - first
    versions = sorted(versions, key=lambda one: one.order) if len(versions) > 1 else versions
    newest, alone = versions[0], (versions[0],)
    wh, from_ = _window(newest, first, last), (alone,) * count
    for one in versions[1:]:
        now, alone = _window(one, first, last), (one,)
        if (one.status, one.hourly, one.mark) != (newest.status, newest.hourly, newest.mark):
            from_ = (alone,) * count
        elif now != wh:
            from_ = tuple(was if old == new else alone for old, new, was in zip(wh, now, from_, strict=True))
        newest, wh = one, now
    status = _alike(cast("ValueStatus", newest.status), count)
    origin: tuple[Origin, ...] = _FLAT[:count] if _as_hours(newest, resolution) else status
    return Derived(resolution, wh, origin, status, _NOTHING[:count]), from_


def _window(version: Version, first: int, last: int) -> Sequence[int]:
    """Some steps of a version."""
    begin, end = (version.width * (step - version.first) for step in (first, last))
    raw = version.wh if end - begin == len(version.wh) else version.wh[begin:end]
    return Compact(raw) if version.width == 4 else values.decode(version.width, raw)


@lru_cache(maxsize=1024)
def _alike(status: ValueStatus, count: int) -> tuple[ValueStatus, ...]:
    return (status,) * count


_FLAT: tuple[Origin, ...] = ("flat",) * 100
_NOTHING: tuple[None, ...] = (None,) * 100
"""A day has a hundred quarters at most."""


def _quarters(day: Delivered, known: profiles.Known, as_of: datetime | None) -> Derived:
    """Hours as quarters: by the profile of the grid area where that is the method and it says anything, else flat."""
    is_, came, start = day.settled, day.values, day.start
    shaped = is_.method == "profile-6015" and is_.grid_area is not None
    of_day = known.get(profiles.key("jip", is_.grid_area, day.date)) if shaped and is_.grid_area else None
    by_hour = profiles.of_hours(of_day, start, len(came.wh), as_of=as_of)
    parts: list[Derived] = []
    for _, some in groupby(range(len(by_hour)), key=lambda hour: id(by_hour[hour])):
        numbers = list(some)
        here = slice(numbers[0], numbers[-1] + 1)
        parts.append(
            transform.to_quarters(
                came.wh[here],
                came.status[here],
                start=start + numbers[0] * _PER_HOUR * days.QUARTER,
                method="profile-6015" if shaped else "flat",
                profile=by_hour[numbers[0]],
            )
        )
    made: tuple[Origin | None, ...] = tuple(one for part in parts for one in part.origin)
    if "filled" in came.origin:
        # What nobody sent does not become what came as an hour by being divided.
        made = tuple("filled" if came.origin[index // _PER_HOUR] == "filled" else one for index, one in enumerate(made))
    return Derived(
        "PT15M",
        tuple(one for part in parts for one in part.wh),
        made,
        tuple(one for part in parts for one in part.status),
        tuple(one for part in parts for one in part.profile),
    )


def said(versions: Sequence[Version]) -> Resolution:
    """Where nothing is known of the day: the resolution of what counts last."""
    newest = max(versions, key=lambda one: one.order, default=None)
    return "PT60M" if newest is not None and newest.minutes == 60 else "PT15M"


def _whole(quarters: Sequence[int | None]) -> int | None:
    there = [one for one in quarters if one is not None]
    return sum(there) if len(there) == len(quarters) else None


def _as_hours(version: Version | None, resolution: Resolution) -> bool:
    """Whether quarters look like divided hours: of each they say no more than an hour does."""
    return version is not None and version.hourly and resolution == "PT15M"


def _status(text: str) -> ValueStatus | None:
    return cast("ValueStatus", text) if text else None


def _newest(versions: Sequence[Version | None]) -> Version | None:
    first = versions[0]
    if all(one is first for one in versions):
        return first
    return max((one for one in versions if one is not None), key=lambda one: one.order, default=None)


def _sources_of_hours(some: tuple[tuple[Source, ...], ...]) -> tuple[tuple[Source, ...], ...]:
    if some and some.count(some[0]) == len(some):
        return some[: len(some) // _PER_HOUR]
    return tuple(_together(some[at : at + _PER_HOUR]) for at in range(0, len(some), _PER_HOUR))


def _together(some: Sequence[tuple[Source, ...]]) -> tuple[Source, ...]:
    """What steps are made from, together, the newest last."""
    first = some[0]
    if all(one is first for one in some):
        return first
    found = {one.name: one for each in some for one in each}
    return tuple(sorted(found.values(), key=_order))


def _order(one: Source) -> tuple[Any, ...]:
    """Versions among themselves: a value is never made from both kinds."""
    return one.order
