"""A profiled point's volumes of whole periods, spread over their quarters by its grid area's profile (FPPC, seed 004).

A period is spread as a whole, so that its quarters add up to its volume; while an hour of it has no profile yet, or the
point is not profiled on one of its days, none of it is. By which version, each quarter says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from meter_ingest.domain import days, profiles, transform
from meter_ingest.domain.counting import Settled
from meter_ingest.domain.transform import Derived, Profile
from meter_ingest.domain.volumes import Volume

_PER_HOUR = 4


@dataclass(frozen=True, slots=True)
class Spread:
    """What of a volume falls on one local day: its quarters; None where it cannot be spread yet."""

    volume: Volume
    values: Derived | None


def touched(volumes: Iterable[Volume]) -> list[date]:
    """The local days of volumes: what is to be known of them for `by_day`."""
    return [day.date for one in volumes for day in days.days(one.start, one.end)]


def needed(volumes: Iterable[Volume], settled: Mapping[date, Settled]) -> list[str]:
    """The ids of the profile documents (`store.PROFILE`) that `by_day` looks at."""
    return [
        profiles.key("fppc", area, local)
        for one in volumes
        if is_profiled(one, settled)
        for local in touched([one])
        if (area := settled[local].grid_area)
    ]


def is_profiled(volume: Volume, settled: Mapping[date, Settled]) -> bool:
    """Whether the point is profiled on all days of a volume, so that this is what it is settled on."""
    return all(settled[local].settlement == "profiled" for local in touched([volume]))


def by_day(
    volumes: Sequence[Volume],
    settled: Mapping[date, Settled],
    known: profiles.Known,
    *,
    as_of: datetime | None = None,
) -> dict[date, Spread]:
    """What of volumes falls on each of their days. `settled`: of all of them (`touched`); `known`: by `needed`."""
    found: dict[date, Spread] = {}
    for one in volumes:
        if not is_profiled(one, settled):
            continue
        whole = _values(one, settled, known, as_of)
        first = 0
        for day in days.days(one.start, one.end):
            here = slice(first, first + day.quarters)
            found[day.date] = Spread(one, transform.part(whole, here) if whole else None)
            first += day.quarters
    return found


def _values(
    volume: Volume, settled: Mapping[date, Settled], known: profiles.Known, as_of: datetime | None
) -> Derived | None:
    by_hour: list[Profile | None] = []
    for day in days.days(volume.start, volume.end):
        area = settled[day.date].grid_area
        of_day = known.get(profiles.key("fppc", area, day.date)) if area else None
        by_hour += profiles.of_hours(of_day, day.start, day.quarters // _PER_HOUR, as_of=as_of)
    assert volume.wh is not None
    try:
        return transform.profiled(volume.wh, by_hour, start=volume.start, end=volume.end, status=volume.status)
    except transform.OutsideProfile:
        return None
