"""Values as a recipient asks for them: in its resolution, each saying where it comes from (seed 004, `metering.md` §5).

Of a day only the channel counts whose resolution the point has on it: what came in another one stays and is not
delivered, until the fact is corrected again. What nobody measured is None, unless it is asked to be filled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import cast

from contracts.calendar import Resolution
from contracts.meter_ingest.v1 import ValueStatus
from meter_ingest.domain import days, profiles, transform, values
from meter_ingest.domain.counting import Settled
from meter_ingest.domain.gaps import Basis
from meter_ingest.domain.transform import Derived, Origin
from meter_ingest.domain.values import Version

_PER_HOUR = 4


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
    revisions: tuple[str | None, ...]
    """Per step: the newest version (`Version.name`) that the value is made from; None where nobody sent any."""
    basis: Basis | None = None
    """What the values rest on that the register itself estimated (`filling.filled`): those without a revision."""


def needed(settled: Mapping[date, Settled], wanted: Resolution | None) -> list[str]:
    """The ids of the profile documents (`store.PROFILE`) that `delivered` looks at."""
    return [
        profiles.key("jip", one.grid_area, local)
        for local, one in settled.items()
        if wanted == "PT15M" and one.method == "profile-6015" and one.grid_area
    ]


def delivered(
    versions: Mapping[date, Sequence[Version]],
    *,
    start: datetime,
    end: datetime,
    settled: Mapping[date, Settled],
    wanted: Resolution | None = None,
    known: profiles.Known | None = None,
    as_of: datetime | None = None,
) -> list[Delivered]:
    """What counts of one point and line in a window of whole hours, day by day.

    `versions`: all of that line, by local day, in any order. `settled`: per local day, `counting.settled_on`. `wanted`:
    None gives each day in its own resolution. `known`: profiles, by `needed`. `as_of`: what had come, and what had been
    published, by that moment; what the point is, is as it is known now. Raises `transform.NotInWholeHours`.
    """
    if days.hour_floor(start) != start or days.hour_floor(end) != end:
        raise transform.NotInWholeHours(start, end)
    return [_day(day, versions, start, end, settled, wanted, known or {}, as_of) for day in days.days(start, end)]


def _day(
    day: days.Day,
    versions: Mapping[date, Sequence[Version]],
    start: datetime,
    end: datetime,
    settled: Mapping[date, Settled],
    wanted: Resolution | None,
    known: profiles.Known,
    as_of: datetime | None,
) -> Delivered:
    is_ = settled.get(day.date, Settled())
    first = max(0, (start - day.start) // days.QUARTER)
    last = min(day.quarters, (end - day.start) // days.QUARTER)
    of_day = versions.get(day.date, ())
    came_by = of_day if as_of is None else values.as_of(of_day, as_of)
    resolution = is_.resolution or _said(came_by)
    step = days.MINUTES[resolution] // 15
    at = max(start, day.start)
    came, by = _came([one for one in came_by if one.minutes == step * 15], resolution, first // step, last // step)
    if wanted is None or wanted == resolution:
        found = came
    elif wanted == "PT60M":
        by = [_newest(by[index : index + _PER_HOUR]) for index in range(0, len(by), _PER_HOUR)]
        found = transform.to_hours(came, start=at)
    else:
        by = [one for one in by for _ in range(_PER_HOUR)]
        found = _quarters(came, at, is_, known, day, as_of)
    names = {id(one): one.name if one else None for one in {id(one): one for one in by}.values()}
    return Delivered(day.date, at, is_, found, tuple(names[id(one)] for one in by))


def _came(
    versions: Sequence[Version], resolution: Resolution, first: int, last: int
) -> tuple[Derived, Sequence[Version | None]]:
    """What counts of the steps [first, last) of a day, and the newest version of each; all are of one resolution."""
    count = last - first
    if len(versions) == 1:
        # Mostly: one record has brought the day, and nothing was corrected.
        (one,) = versions
        if one.first <= first and last <= one.first + len(one.wh) // one.width:
            wh = values.decode(one.width, one.wh)[first - one.first : last - one.first]
            status = (cast("ValueStatus", one.status),) * count
            origin: tuple[Origin, ...] = ("flat",) * count if _as_hours(one, resolution) else status
            return Derived(resolution, wh, origin, status, (None,) * count), (one,) * count
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
    return came, [_newest(counted.by[part]) for part in parts]


def _quarters(
    came: Derived, start: datetime, is_: Settled, known: profiles.Known, day: days.Day, as_of: datetime | None
) -> Derived:
    """Hours as quarters: by the profile of the grid area where that is the method and it says anything, else flat."""
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
    return Derived(
        "PT15M",
        tuple(one for part in parts for one in part.wh),
        tuple(one for part in parts for one in part.origin),
        tuple(one for part in parts for one in part.status),
        tuple(one for part in parts for one in part.profile),
    )


def _said(versions: Sequence[Version]) -> Resolution:
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
