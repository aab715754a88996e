"""Published profiles by local day: which version says what of which hours (`metering.md` §5).

A version is never changed; what replaces it for some hours is the next one. All of them stay, so that a value that was
derived with one can be derived again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from contracts.calendar import local_text
from contracts.meter_ingest.v1 import ProfileKind, ProfilePublished, PublishProfile
from meter_ingest.domain import blocks, days, profile_rules
from meter_ingest.domain.transform import Profile

_HOUR = timedelta(hours=1)
_PER_HOUR = 4
_MOST_QUARTERS = 31 * 96 + _PER_HOUR
"""Of the longest month: October, with its day of 25 hours."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """How many versions of one kind and grid area there are."""

    last: int


@dataclass(frozen=True, slots=True)
class Published:
    """What one version says of a local day: quarters from a whole hour."""

    version: int
    published_at: datetime
    start: datetime
    weights: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OfDay:
    """All versions of one kind, grid area and local day, the oldest first."""

    kind: ProfileKind
    grid_area: str
    versions: tuple[Published, ...]


Known = Mapping[str, OfDay | None]
"""By `key`; what is not there, or None, is not published."""


def key(kind: ProfileKind, grid_area: str, local: date) -> str:
    """The id of a day's document."""
    return blocks.key(kind, grid_area, local)


def of_hours(
    known: OfDay | None, start: datetime, count: int, *, as_of: datetime | None = None
) -> list[Profile | None]:
    """For so many hours the newest version that says anything of each, of those published by a moment."""
    found: list[Profile | None] = [None] * count
    for one in known.versions if known else ():
        if as_of is None or one.published_at <= as_of:
            profile = Profile(known.kind, known.grid_area, one.version, one.start, one.weights) if known else None
            first = (one.start - start) // _HOUR
            here = range(max(0, first), min(count, first + len(one.weights) // _PER_HOUR))
            for hour in here:
                found[hour] = profile
    return found


def name(kind: ProfileKind, grid_area: str) -> str:
    """What its versions are numbered by."""
    return blocks.key(kind, grid_area)


def decide_published(
    state: Numbered | None, command: PublishProfile, *, grid_area: str, at: datetime
) -> ProfilePublished:
    """The next version of a grid area's profile, of hours that are over."""
    count = len(command.weights)
    end = command.start + count * days.QUARTER
    if days.hour_floor(command.start) != command.start or count % _PER_HOUR:
        said = f"{local_text(command.start)}/{local_text(end)}"
        raise profile_rules.PROFILE_NOT_WHOLE_HOURS.refused(path="/start", actual=said)
    if count > _MOST_QUARTERS:
        raise profile_rules.PROFILE_TOO_LONG.refused(path="/weights", limit=_MOST_QUARTERS, actual=count)
    if end > at:
        raise profile_rules.PROFILE_NOT_OVER.refused(path="/weights", limit=local_text(at), actual=local_text(end))
    least = min(command.weights)
    if command.kind == "fppc" and (least < 0 or not any(command.weights)):
        raise profile_rules.PROFILE_WITHOUT_SHAPE.refused(path="/weights", actual=least)
    return ProfilePublished(
        profile=name(command.kind, grid_area),
        kind=command.kind,
        grid_area=grid_area,
        version=(state.last if state else 0) + 1,
        start=command.start,
        weights=command.weights,
        published_at=at,
    )


def evolve_numbered(_state: Numbered | None, event: ProfilePublished) -> Numbered:
    """Count the versions."""
    return Numbered(event.version)


def by_day(event: ProfilePublished) -> dict[str, OfDay]:
    """What each day's document gets of a version."""
    end = event.start + len(event.weights) * days.QUARTER
    found: dict[str, OfDay] = {}
    for day in days.days(event.start, end):
        start = max(event.start, day.start)
        first, last = (start - event.start) // days.QUARTER, (min(end, day.end) - event.start) // days.QUARTER
        part = Published(event.version, event.published_at, start, event.weights[first:last])
        found[key(event.kind, event.grid_area, day.date)] = OfDay(event.kind, event.grid_area, (part,))
    return found


def evolve_day(state: OfDay | None, part: OfDay) -> OfDay:
    """A version stands beside those before it."""
    return part if state is None else OfDay(part.kind, part.grid_area, (*state.versions, *part.versions))
