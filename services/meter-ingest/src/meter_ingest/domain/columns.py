"""Values by column: what is unremarkable of them is dealt with as a whole, all else series by series.

Unremarkable is a row that nothing at all would be said of: its channel covers the period, the sender and the resolution
are the channel's, all values are there, none is negative, no validation rule in force would find anything
(`column_checks`), and nothing has come of its days before. Every other row is made a `Series` and goes the ordinary way
(`series`): so there is one truth about what is refused, and by column it cannot become another. What has come before is
what was accepted of earlier records, whether they stand in the store or in the same batch: how records are batched
changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from contracts.columns import Columns, Common, Group, Whole
from contracts.meter_ingest.v1 import AcceptedTogether, SendMeterValues
from meter_ingest.domain import blocks, column_checks, days, known, lines, refusals, series, values
from meter_ingest.domain.channel import Periods, covering
from meter_ingest.domain.checks import Limits, Plan
from meter_ingest.domain.series import Channels, Points, Record, SeriesDay

WIDTH: Final = 4
_INT32: Final = 2**31 - 1
_PLACES: Final = tuple(f"{number:03}" for number in range(1000))
_A_BLOCK: Final = len(_PLACES)
_LONGEST: Final = timedelta(hours=9999)
"""No series that has all its values is longer."""

LineDay = tuple[str, date]
Met = dict[LineDay, set[int]]
"""The points of which anything is accepted already, by line and day."""


@dataclass(frozen=True, slots=True, eq=False)
class Together:
    """Rows of one record that are accepted together: alike in all but point and values."""

    common: Common
    line: str
    minutes: int
    parts: tuple[tuple[days.Day, int, int], ...]
    """Of each row: day, first step, number of steps (`series.Shape`)."""
    number: int
    """Among those of its record."""
    rows: Whole
    points: Whole
    wh: NDArray[Any]
    """Little-endian 32-bit integers, a row a series."""

    @property
    def days(self) -> Iterator[LineDay]:
        """What its rows are kept under."""
        return ((self.line, day.date) for day, _, _ in self.parts)

    def without(self, points: Whole) -> tuple[Together, Whole]:
        """What is left when some points are taken out, and the rows of these."""
        out = np.isin(self.points, points)
        keep = ~out
        return replace(
            self, rows=self.rows[keep], points=self.points[keep], wh=np.ascontiguousarray(self.wh[keep])
        ), self.rows[out]


@dataclass(frozen=True, slots=True, eq=False)
class Sifted:
    """The rows of a record: those to accept together, and those to look at one by one."""

    record: Record
    together: tuple[Together, ...]
    apart: Whole
    columns: Columns

    def one_by_one(self) -> Record:
        """The record with the others as series, which keep their numbers."""
        common = {
            row: group.common
            for group in self.columns.groups
            for row in np.intersect1d(group.rows, self.apart, assume_unique=True).tolist()
        }
        rows = sorted(common)
        made = tuple(self.columns.series(row, common[row]) for row in rows)
        return replace(self.record, data=SendMeterValues.model_construct(series=made), rows=tuple(rows))


def named(columns: Columns) -> set[tuple[str, str]]:
    """The blocks and lines that a record is about."""
    return {
        (f"{block:0{15}}", lines.line(group.common.direction, group.common.product))
        for group in columns.groups
        for block in np.unique(columns.points[group.rows] // _A_BLOCK).tolist()
        if block
    }


def sift(
    record: Record, columns: Columns, *, points: Points, channels: Channels, oldest: datetime, plan: Plan
) -> Sifted:
    """The unremarkable rows of a record, as far as it alone tells, and the others."""
    together: list[Together] = []
    apart: list[Whole] = []
    for number, group in enumerate(columns.groups):
        found = _together(record, columns, group, number, points=points, channels=channels, oldest=oldest, plan=plan)
        if found is None:
            apart.append(group.rows)
            continue
        if len(found.rows):
            together.append(found)
        apart.append(np.setdiff1d(group.rows, found.rows, assume_unique=True))
    return Sifted(record, tuple(together), np.concatenate(apart), columns)


def alone(one: Sifted, kept_longer: frozenset[int]) -> Sifted:
    """Without the rows whose days the record itself brings more than once, and those of points that are kept longer.

    What is together is proved together, and has to go together.
    """
    met: dict[LineDay, set[int]] = {}
    for key, points in _days_apart(one):
        met.setdefault(key, set()).update(points)
    for key, points in by_day((one,)).items():
        counted = Counter(points.tolist())
        out = counted.keys() & kept_longer
        if len(counted) < len(points):
            out |= {point for point, count in counted.items() if count > 1}
        met.setdefault(key, set()).update(out)
    return less(one, met)


def _days_apart(one: Sifted) -> Iterator[tuple[LineDay, list[int]]]:
    """The points that are looked at one by one, by the days that they may be accepted of."""
    if not len(one.apart):
        return
    for group in one.columns.groups:
        common = group.common
        rows = np.intersect1d(group.rows, one.apart)
        if not len(rows) or not timedelta(0) < common.end - common.start <= _LONGEST:
            continue
        points, line = one.columns.points[rows].tolist(), lines.line(common.direction, common.product)
        for day in days.days(common.start, common.end):
            yield (line, day.date), points


def by_day(sifted: Iterable[Sifted]) -> dict[LineDay, Whole]:
    """The points whose rows would be accepted together, by line and day."""
    found: dict[LineDay, list[Whole]] = {}
    for one in sifted:
        for part in one.together:
            for key in part.days:
                found.setdefault(key, []).append(part.points)
    return {key: np.concatenate(points) for key, points in found.items()}


def less(one: Sifted, met: Met) -> Sifted:
    """Without the rows of which a day has been met: they are looked at one by one."""
    together: list[Together] = []
    apart = [one.apart]
    for part in one.together:
        left, points = part, part.points.tolist()
        if out := {point for key in part.days if key in met for point in met[key].intersection(points)}:
            left, rows = part.without(np.array(sorted(out), np.int64))
            apart.append(rows)
        if len(left.rows):
            together.append(left)
    return replace(one, together=tuple(together), apart=np.concatenate(apart))


def meet(met: Met, together: Iterable[Sifted], others: Iterable[SeriesDay]) -> None:
    """Note what is accepted of a record, for the records after it. `others`: the days of series accepted one by one."""
    for key, points in by_day(together).items():
        met.setdefault(key, set()).update(points.tolist())
    for point, line, day in others:
        met.setdefault((line, day), set()).add(int(point))


def accepted(part: Together, salt: bytes) -> AcceptedTogether:
    """What an event says of it. `salt`: the record's."""
    common = part.common
    points = tuple(map(text, part.points.tolist()))
    return AcceptedTogether.model_construct(
        direction=common.direction,
        product=common.product,
        start=common.start,
        end=common.end,
        resolution=common.resolution,
        status=common.status,
        registered_at=common.registered_at,
        count=part.wh.shape[1],
        metering_points=points,
        sums_wh=tuple(part.wh.sum(axis=1, dtype=np.int64).tolist()),
        salted_sha256=values.salted_together(
            own_salt(salt, part.number),
            part.wh.data,
            points=points,
            line=part.line,
            start=common.start,
            minutes=part.minutes,
        ),
    )


def own_salt(salt: bytes, number: int) -> bytes:
    """The salt of the series that are accepted together as the nth of their record."""
    return salt + number.to_bytes(2, "big")


def text(point: int) -> str:
    """A metering point's id from its number."""
    return f"{point:018}"


def _together(
    record: Record,
    columns: Columns,
    group: Group,
    number: int,
    *,
    points: Points,
    channels: Channels,
    oldest: datetime,
    plan: Plan,
) -> Together | None:
    if not column_checks.knows(plan):
        return None
    common = group.common
    if common.end <= common.start or common.end > record.received_at or common.start < oldest:
        return None
    if common.registered_at > record.received_at + refusals.AHEAD:
        return None
    minutes = days.MINUTES[common.resolution]
    shape = series.shape(common.start, common.end, minutes)
    if not shape.aligned:
        return None
    line = lines.line(common.direction, common.product)
    rows = group.rows
    if columns.own:
        rows = np.setdiff1d(rows, np.fromiter(columns.own, np.int64), assume_unique=True)
    if columns.statuses:
        rows = np.setdiff1d(rows, np.fromiter(columns.statuses, np.int64), assume_unique=True)
    rows = rows[(columns.offsets[rows + 1] - columns.offsets[rows]) == shape.steps]
    if not len(rows):
        return None
    ids = columns.points[rows]
    limited = _limited(record.sender, common, line, ids.tolist(), points, channels, plan)
    wh = _matrix(columns, rows, shape.steps)
    fine = (wh.min(axis=1) >= 0) & (wh.max(axis=1) <= np.array(limited.most, np.int64))
    which = np.array(limited.which, np.int64)
    for place, limits in enumerate(limited.each):
        here = fine & (which == place)
        some = wh if here.all() else wh[here]
        fine[here] = column_checks.plain(limits, some, minutes, shape.parts)
    if not fine.all():
        rows, ids, wh = rows[fine], ids[fine], wh[fine]
    encoded = np.ascontiguousarray(wh, "<i4")
    return Together(common, line, minutes, shape.parts, number, rows, ids, encoded)


def _matrix(columns: Columns, rows: Whole, steps: int) -> NDArray[Any]:
    """The values of some rows that have as many, a row each."""
    first = columns.offsets[rows]
    if (np.diff(first) == steps).all():
        return columns.values[first[0] : first[0] + len(rows) * steps].reshape(len(rows), steps)
    return columns.values[first[:, None] + np.arange(steps)]


@dataclass(slots=True)
class _Limited:
    """What each row is held against, by the points' own facts; a list has one for each."""

    most: list[int] = field(default_factory=list[int])
    """The greatest that a value may be without a word; -1 where the channel is not as the series are."""
    which: list[int] = field(default_factory=list[int])
    """By which of the limits it is looked at."""
    each: list[Limits] = field(default_factory=list[Limits])

    def place(self, limits: Limits) -> int:
        if limits not in self.each:
            self.each.append(limits)
        return self.each.index(limits)


def _limited(
    sender: str, common: Common, line: str, ids: list[int], points: Points, channels: Channels, plan: Plan
) -> _Limited:
    found = _Limited()
    # Points that are alike share what they are (`block_reader`): each of these is looked at once.
    met: dict[tuple[int, int], tuple[int, int]] = {}
    last = -1
    periods: Mapping[str, Periods] = {}
    facts: Mapping[str, tuple[known.PointVersion, ...]] = {}
    for id_ in ids:
        number, at = divmod(id_, _A_BLOCK)
        if number != last:
            last = number
            name = f"{number:015}"
            block = channels.get(blocks.key(name, line))
            periods = block.places if block else {}
            of = points.get(name)
            facts = of.places if of else {}
        place = _PLACES[at]
        channel, versions = periods.get(place, ()), facts.get(place, ())
        key = (id(channel), id(versions))
        limit = met.get(key)
        if limit is None:
            limit = met[key] = _limit(found, sender, common, channel, versions, plan)
        found.most.append(limit[0])
        found.which.append(limit[1])
    return found


def _limit(
    found: _Limited, sender: str, common: Common, periods: Periods, versions: Sequence[known.PointVersion], plan: Plan
) -> tuple[int, int]:
    """The most that a value of a point may be, and by which of the limits it is looked at."""
    fact = next((version for version in reversed(versions) if version.valid_from <= common.start), None)
    limits = plan.limits(common.direction, common.product, common.resolution, fact.settlement if fact else None)
    which = found.place(limits)
    standing = covering(periods, common.start, common.end)
    if (
        standing is None
        or standing.dso != sender
        or standing.resolution != common.resolution
        or not _registered_so(versions, common.resolution)
        or any(version.settlement == "profiled" for version in versions)
    ):
        return -1, which
    minutes = days.MINUTES[common.resolution]
    # What is more than any point can have, or wider than what is written together, is looked at one by one.
    most, widest = limits.most(minutes, fact), min(_INT32, refusals.most_wh(minutes))
    return widest if most is None else min(most, widest), which


def _registered_so(versions: Iterable[known.PointVersion], resolution: str) -> bool:
    return all(version.resolution in (None, resolution) for version in versions)
