"""What is counted of a local day (MV-25): by scope, in series and in steps, with bits and never by the value.

A scope is a text: `dso/<gln>` (who owes), `grid-area/<area>/<dso>`, `group/<id>`, `bsp/<gln>`. A point counts under
those that it was with at the day's start.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from contracts.calendar import Resolution
from contracts.meter_ingest.v1 import SeriesCounts
from meter_ingest.domain import blocks, channel, control, counting, days, known

Expected = dict[str, dict[date, tuple[int, int]]]
"""By scope and day: how many more series are expected from then on, per quarter and per hour."""


class Counts(NamedTuple):
    """Counts of a day, or by how much they change."""

    complete_series: int = 0
    received_values: int = 0
    on_time_values: int = 0
    estimated_values: int = 0
    changed_series: int = 0
    changed_later_series: int = 0

    def plus(self, other: Counts) -> Counts:
        """The sum."""
        return Counts(*(one + another for one, another in zip(self, other, strict=True)))

    def less(self, other: Counts) -> Counts:
        """The difference."""
        return Counts(*(one - another for one, another in zip(self, other, strict=True)))

    def said(self) -> SeriesCounts:
        """As an event says it."""
        return SeriesCounts(**self._asdict())


NOTHING = Counts()


def heard(said: SeriesCounts) -> Counts:
    """As an event said it."""
    return Counts(
        said.complete_series,
        said.received_values,
        said.on_time_values,
        said.estimated_values,
        said.changed_series,
        said.changed_later_series,
    )


Quarters = tuple[int, int, int, int, int, int]
"""Of a series: those that came, late, later, estimated, revised, revised later. Nearly all of a block have the same."""

APART = -1
"""Of a point that is looked at by itself (`Where.kin`)."""
Under = tuple[str, str | None, str | None, str | None]
"""What a point counts under at a moment: DSO, grid area, group, BSP."""


class Where(NamedTuple):
    """What is known of the points of a block: where they lie, who holds them, which group they are in."""

    block: str
    points: known.Points | None
    controls: control.Control | None
    memberships: known.Memberships | None

    def scopes(self, place: str, moment: datetime, dso: str) -> tuple[str, ...]:
        """The scopes that a point counts under at a moment."""
        return _scopes(self.under(place, moment, dso))

    def under(self, place: str, moment: datetime, dso: str) -> Under:
        """What makes them. Where nothing is said of who holds it: its group's BSP."""
        version = known.version_at(self.points, place, moment)
        said = self.controls is not None and place in self.controls.places
        bsp = control.holder(self.controls, place, moment) if said else None
        if self.memberships is not None:
            for group_id, group in self._groups(place):
                if any(_covers(stay, moment) for stay in group.members.get(self.block + place, ())):
                    return dso, version.grid_area if version else None, group_id, bsp if said else group.bsp
        return dso, version.grid_area if version else None, None, bsp

    def kin(self, place: str) -> int:
        """The same of points of which the same is known, and nothing by themselves: whose, or of which group."""
        if self.memberships is not None or (self.controls is not None and place in self.controls.places):
            return APART
        return id(self.points.places.get(place)) if self.points else 0

    def owed_on(self, place: str, of_channel: str, line: str, local: date) -> counting.Owed:
        """What is expected of a point with an open channel on a local day."""
        facts = self.points.places.get(place, ()) if self.points else ()
        return counting.owed_on(facts, of_channel, line, local)

    def boundaries(self, place: str) -> Iterator[datetime]:
        """The moments at which that may change."""
        for version in self.points.places.get(place, ()) if self.points else ():
            yield version.valid_from
        yield from control.boundaries(self.controls, place)
        for _, group in self._groups(place):
            for stay in group.members.get(self.block + place, ()):
                yield stay.valid_from
                if stay.valid_to is not None:
                    yield stay.valid_to

    def _groups(self, place: str) -> Iterable[tuple[str, known.Group]]:
        groups = self.memberships.groups if self.memberships else {}
        return ((id_, group) for id_, group in groups.items() if self.block + place in group.members)


@lru_cache(maxsize=4096)
def _scopes(under: Under) -> tuple[str, ...]:
    dso, area, group, bsp = under
    found = [blocks.scope("dso", dso)]
    if area:
        found.append(blocks.scope("grid-area", area, dso))
    if group is not None:
        found.append(blocks.scope("group", group))
    if bsp is not None:
        found.append(blocks.scope("bsp", bsp))
    return tuple(found)


def of_block(
    local: date, line: str, standing: channel.Block | None, arrived: known.Received | None, where: Where
) -> dict[str, Counts]:
    """The counts of a block's points in one line on a day, by scope, of the values that are expected."""
    if standing is None or arrived is None:
        return {}
    day = days.day(local)
    found: dict[tuple[Under, str, Quarters], int] = {}
    every = (1 << day.quarters) - 1
    punctual = every, 0, 0, 0, 0, 0
    for resolution in _RESOLUTIONS:
        of_it = arrived.of(resolution)
        if of_it is None:
            continue
        apart = of_it.late.keys() | of_it.estimated.keys() | of_it.revised.keys()
        # Points that are alike share what they are (`block_reader`): what they count under is looked up once.
        met: dict[tuple[int, int], tuple[Under, str] | None] = {}
        for place, came in of_it.places.items():
            periods = standing.places.get(place, ())
            alike = id(periods), where.kin(place)
            if alike not in met or alike[1] == APART:
                met[alike] = _under(place, periods, day, line, where)
            under = met[alike]
            if under is not None and under[1] == resolution:
                quarters = _quarters(place, of_it, every) if place in apart or came & every != every else punctual
                key = *under, quarters
                found[key] = found.get(key, 0) + 1
    sums: dict[str, Counts] = {}
    for (under, resolution, quarters), times in found.items():
        counts = _of_series(quarters, every, days.MINUTES[resolution] // 15)
        together = Counts(*(times * one for one in counts))
        for scope in _scopes(under):
            sums[scope] = sums.get(scope, NOTHING).plus(together)
    return {scope: sums[scope] for scope in sorted(sums)}


_RESOLUTIONS: tuple[Resolution, ...] = ("PT15M", "PT60M")


def _under(place: str, periods: channel.Periods, day: days.Day, line: str, where: Where) -> tuple[Under, str] | None:
    """What a point counts under on a day, and in which resolution; nothing where none of its values are owed then."""
    for period in periods:
        if period.overlaps(day.start, day.end):
            is_ = where.owed_on(place, period.resolution, line, day.date)
            return (where.under(place, day.start, period.dso), is_.resolution) if is_.owed else None
    return None


def _quarters(place: str, arrived: known.Received, every: int) -> Quarters:
    return (
        arrived.places[place] & every,
        arrived.late.get(place, 0),
        arrived.later.get(place, 0),
        arrived.estimated.get(place, 0),
        arrived.revised.get(place, 0),
        arrived.revised_later.get(place, 0),
    )


@lru_cache(maxsize=4096)
def _of_series(quarters: Quarters, every: int, a_step: int) -> Counts:
    came, late, later, estimated, revised, revised_later = quarters
    return Counts(
        int(came == every),
        came.bit_count() // a_step,
        (came & ~late).bit_count() // a_step,
        (estimated & came).bit_count() // a_step,
        int(bool(revised & came & ~late)),
        int(bool(revised_later & came & ~later)),
    )


def expected_of_block(line: str, standing: channel.Block | None, where: Where) -> Expected:
    """What is expected of a block's points in one line, by scope: how it changes, day by day."""
    found: Expected = {}

    def add(scope: str, local: date, by: int, resolution: str) -> None:
        changes = found.setdefault(scope, {})
        quarterly, hourly = changes.get(local, (0, 0))
        changes[local] = (quarterly + by, hourly) if resolution == "PT15M" else (quarterly, hourly + by)

    for place, periods in standing.places.items() if standing else ():
        # Where a point is, is looked at when the day begins; what it is, holds from its first day on.
        moments = list(where.boundaries(place))
        boundaries = {*map(_first_day, moments), *(days.day_at(moment).date for moment in moments)}
        for period in periods:
            first = days.day_at(period.valid_from).date
            last = days.day_at(period.valid_to).date if period.valid_to else date.max
            starts = sorted({first, *(one for one in boundaries if first < one < last)}) if first < last else []
            for start, end in zip(starts, [*starts[1:], last], strict=False):
                is_ = where.owed_on(place, period.resolution, line, start)
                if not is_.owed:
                    continue
                for scope in where.scopes(place, days.day(start).start, period.dso):
                    add(scope, start, 1, is_.resolution)
                    if end != date.max:
                        add(scope, end, -1, is_.resolution)
    return _without_nothing(found)


def difference(now: Expected, before: Expected) -> Expected:
    """By how much what is expected changes."""
    found: Expected = {}
    for scope in sorted(now.keys() | before.keys()):
        new, old = now.get(scope, {}), before.get(scope, {})
        found[scope] = {}
        for local in sorted(new.keys() | old.keys()):
            quarterly, hourly = new.get(local, (0, 0))
            less_quarterly, less_hourly = old.get(local, (0, 0))
            found[scope][local] = (quarterly - less_quarterly, hourly - less_hourly)
    return _without_nothing(found)


def together(some: Iterable[Mapping[str, Mapping[date, tuple[int, int]]]]) -> Expected:
    """The sums."""
    found: Expected = {}
    for one in some:
        for scope, changes in one.items():
            into = found.setdefault(scope, {})
            for local, (quarterly, hourly) in changes.items():
                before = into.get(local, (0, 0))
                into[local] = (before[0] + quarterly, before[1] + hourly)
    return _without_nothing(found)


def _without_nothing(found: Expected) -> Expected:
    kept = {
        scope: {local: found[scope][local] for local in sorted(found[scope]) if any(found[scope][local])}
        for scope in sorted(found)
    }
    return {scope: changes for scope, changes in kept.items() if changes}


def _first_day(moment: datetime) -> date:
    """The first day at whose start a moment has been."""
    day = days.day_at(moment)
    return day.date if moment == day.start else days.day_at(day.end).date


def _covers(stay: known.Stay, moment: datetime) -> bool:
    return stay.valid_from <= moment and (stay.valid_to is None or moment < stay.valid_to)
