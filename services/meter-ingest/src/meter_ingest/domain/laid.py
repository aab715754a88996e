"""Versions of many points laid over each other at once: what counts of each quarter, and by which version.

As `values.merge` has it of one point's day, for all that a verification reads: by column, layer upon layer. Nearly
every day came once, or was corrected as a whole, so there are few layers, and few rows in any but the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from meter_ingest.domain import days, left_out, values
from meter_ingest.domain.left_out import LeftOut
from meter_ingest.domain.readings import RANK, Ints, Lined, Used, ordered

FIELDS: Final = (
    "metering_point_id",
    "day",
    "shard",
    "position",
    "series",
    "registered_at",
    "received_at",
    "part",
    "off",
    "first",
    "status",
)
_ORDER: Final = ("registered_at", "received_at", "part", "off", "series")
_SAME_STEPS: Final = 15
_QUALITY: Final = 4
"""Codes of what counts begin with the quality: the others are the status and the mark."""
_STATUSES: Final = values.HOURLY
Windows = Sequence[tuple[datetime, datetime]]


@dataclass(frozen=True, slots=True, eq=False)
class Alike:
    """Versions of one line that have steps of one length, and as many."""

    rows: Mapping[str, NDArray[Any]] | NDArray[Any]
    """By `FIELDS`; days and moments as whole numbers, from any one on."""
    minutes: int
    wh: NDArray[Any]
    """A row each, a column per step."""
    salts: NDArray[Any]
    """As bytes of one length, or of any, as objects."""


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """What is read of local days that are alike and follow each other: which quarters, and in which columns."""

    quarters: Ints
    columns: slice
    first: int
    """Place of its first day."""
    count: int
    """So many days."""


@dataclass(frozen=True, slots=True, eq=False)
class _Said:
    """What some versions say of the quarters of their days, a version a row, of as many points' days."""

    row: Ints
    """Of which point."""
    day: Ints
    """Of which of the part's."""
    version: Ints
    wh: Ints
    code: Ints
    covers: NDArray[np.bool_] | None
    """None: all."""


class _Layers:
    """What counts so far: by point and quarter."""

    def __init__(self, points: int, quarters: int) -> None:
        self.wh = np.zeros((points, quarters), np.int64)
        self.code = np.zeros((points, quarters), np.int64)
        self.by = np.full((points, quarters), -1, np.int64)

    def put(self, part: _Part, said: _Said, *, lowest: bool) -> None:
        """One more layer. What says again what counts already is no new revision (MV-13)."""
        shape = len(self.wh), part.count, len(part.quarters)
        wh, codes, by = (each[:, part.columns].reshape(shape) for each in (self.wh, self.code, self.by))
        at, code, version = (said.row, said.day), said.code[:, None], said.version[:, None]
        if lowest and said.covers is None:
            # Nearly all there is: put into its order a row at a time, and written once.
            which = np.full(shape[:2], -1, np.int64)
            which[at] = np.arange(len(said.row))
            there = (which >= 0)[:, :, None]
            where = True if there.all() else there
            for all_, found in ((wh, said.wh), (codes, code), (by, version)):
                np.copyto(all_, found.take(which, axis=0), where=where)
            return
        new = (codes[at] != code) | (wh[at] != said.wh)
        if said.covers is not None:
            new &= said.covers
        for all_, found in ((wh, said.wh), (codes, code), (by, version)):
            all_[at] = np.where(new, found, all_[at])


def laid(
    line: str, points: Sequence[str], windows: Windows, some: Sequence[Alike], *, day_0: date, steps: values.Steps
) -> Lined:
    """What counts of points in windows, of these versions in any order. `day_0`: where the rows' days are counted from.

    Versions of a point's day count in the order of `Version.order`, but those in other steps than count then.
    """
    local, parts = _parts(windows)
    some, left = _that_count(points, local, some, steps, day_0)
    layers = _Layers(len(points), parts[-1].columns.stop if parts else 0)
    columns = {name: np.concatenate([_NONE, *(one.rows[name] for one in some)]) for name in FIELDS}
    numbers = np.array([(one - day_0).days for one in local], np.int64)
    row, day = _rows(points, columns["metering_point_id"]), np.searchsorted(numbers, columns["day"])
    begins = np.cumsum([0, *(len(one.salts) for one in some)])
    which = np.repeat(np.arange(len(some)), np.diff(begins))
    layer = _layer(columns, row * len(local) + day)
    of_day = np.repeat(np.arange(len(parts)), [part.count for part in parts])[day] if len(day) else day
    for here in _alike((layer * len(some) + which) * len(parts) + of_day):
        form = int(which[here[0]])
        alike, part = some[form], parts[int(of_day[here[0]])]
        first = columns["first"][here] * alike.minutes // _SAME_STEPS
        wh, covers = _steps(alike, here - begins[form], first, part.quarters)
        code = _code(alike.minutes, columns["status"][here])
        said = _Said(row[here], day[here] - part.first, here, wh, code, covers)
        layers.put(part, said, lowest=not layer[here[0]])
    there = np.zeros(len(row), bool)
    there[layers.by[layers.by >= 0]] = True
    used = np.flatnonzero(there)
    # Of one length they stay what they are: of tens of thousands few are different.
    alike_salts = len({one.salts.dtype for one in some}) == 1
    salts = np.concatenate([one.salts if alike_salts else one.salts.astype(object) for one in some] or [_NO_SALT])
    return Lined(
        line,
        tuple(points),
        layers.wh,
        (layers.code % _QUALITY).astype(np.int8),
        Used(
            row[used],
            day[used],
            tuple(one.isoformat() for one in local),
            columns["shard"][used],
            columns["position"][used],
            columns["series"][used],
            salts[used],
        ),
        left,
    )


def _that_count(
    points: Sequence[str], local: Sequence[date], some: Sequence[Alike], steps: values.Steps, day_0: date
) -> tuple[Sequence[Alike], tuple[LeftOut, ...]]:
    """The versions that are in the steps that count on their day; and of which days there were others."""
    by_days = [steps.get(point, _WHATEVER) for point in points]
    kinds = {id(by_day): by_day for by_day in by_days}
    of_kind = [[by_day.get(one) or 0 for one in local] for by_day in kinds.values()]
    # Mostly all is in quarters, and quarters count.
    came = {one.minutes for one in some}
    if all(one == 0 or came == {one} for one in {one for row in of_kind for one in row}):
        return some, ()
    number = {kind: at for at, kind in enumerate(kinds)}
    wanted, of_point = np.array(of_kind, np.int64), np.array([number[id(by_day)] for by_day in by_days], np.int64)
    numbers = np.array([(one - day_0).days for one in local], np.int64)
    found: list[Alike] = []
    left: set[tuple[str, date]] = set()
    for alike in some:
        row = _rows(points, np.asarray(alike.rows["metering_point_id"]).astype(np.int64))
        day = np.searchsorted(numbers, np.asarray(alike.rows["day"]).astype(np.int64))
        counted = wanted[of_point[row], day]
        counts = (counted == 0) | (counted == alike.minutes)
        for at in np.flatnonzero(~counts).tolist():
            left.add((points[int(row[at])], local[int(day[at])]))
        if counts.all():
            found.append(alike)
        elif counts.any():
            rows = {name: alike.rows[name][counts] for name in FIELDS}
            found.append(Alike(rows, alike.minutes, alike.wh[counts], alike.salts[counts]))
    return found, left_out.stretches(left, local, lambda point, one: steps.get(point, _WHATEVER).get(one))


_WHATEVER: Final[Mapping[date, int | None]] = {}
_NONE: Final = np.zeros(0, np.int64)
_NO_SALT: Final = np.zeros(0, object)


def _parts(windows: Windows) -> tuple[list[date], list[_Part]]:
    """The days and what is read of them, in order: so are the windows, so that a day's quarters stand together."""
    found: dict[date, list[int]] = {}
    for start, end in windows:
        for day in days.days(start, end):
            first, last = (start - day.start) // days.QUARTER, (end - day.start) // days.QUARTER
            found.setdefault(day.date, []).extend(range(max(0, first), min(day.quarters, last)))
    parts: list[_Part] = []
    day = at = 0
    for quarters, some in groupby(found.values()):
        count = len(list(some))
        end = at + count * len(quarters)
        parts.append(_Part(np.array(quarters, np.int64), slice(at, end), day, count))
        day, at = day + count, end
    return list(found), parts


def _rows(points: Sequence[str], found: Ints) -> Ints:
    numbers = np.array([int(point) for point in points], np.int64)
    order = np.argsort(numbers, kind="stable")
    return order[np.searchsorted(numbers[order], found)]


def _layer(columns: Mapping[str, Ints], cell: Ints) -> Ints:
    """How many versions of the same point and day, its cell, are below each."""
    layer = np.zeros(len(cell), np.int64)
    several = np.flatnonzero(np.bincount(cell)[cell] > 1) if len(cell) else cell
    if len(several):
        order = several[np.lexsort((*(columns[name][several] for name in reversed(_ORDER)), cell[several]))]
        same = np.concatenate(([False], cell[order][1:] == cell[order][:-1]))
        place = np.arange(len(order))
        layer[order] = place - np.maximum.accumulate(np.where(same, 0, place))
    return layer


def _alike(key: Ints) -> Iterator[Ints]:
    """The places of what has the same key, the least key first."""
    if not len(key):
        return
    order = ordered(key)
    yield from np.split(order, np.flatnonzero(np.diff(key[order])) + 1)


def _steps(alike: Alike, rows: Ints, first: Ints, quarters: Ints) -> tuple[Ints, NDArray[np.bool_] | None]:
    """What versions say of quarters of their day, and of which they say anything; an hour is four that add up to it."""
    count = alike.wh.shape[1] * alike.minutes // _SAME_STEPS
    if alike.minutes == _SAME_STEPS and not (first != first[0]).any():
        columns = quarters - first[0]
        if columns[0] >= 0 and columns[-1] < count:
            whole = np.array_equal(columns, np.arange(count))
            return (alike.wh if whole else alike.wh[:, columns]).take(rows, axis=0), None
    place = quarters - first[:, None]
    there = (place >= 0) & (place < count)
    covers = None if there.all() else there
    if covers is not None:
        place = np.clip(place, 0, count - 1)
    if alike.minutes == _SAME_STEPS:
        return alike.wh[rows[:, None], place].astype(np.int64), covers
    part, left = np.divmod(alike.wh[rows[:, None], place // 4].astype(np.int64), 4)
    return part + (place % 4 < left), covers


def _code(minutes: int, status: Ints) -> Ints:
    """What tells apart what counts, beside the energy: quality, status and mark."""
    said = status % _STATUSES
    quality = np.where(said == 0, RANK["measured"], RANK["estimated"])
    if minutes != _SAME_STEPS:
        quality[:] = RANK["derived"]
    quality[status // values.HOURLY % 2 == 1] = RANK["derived"]
    return quality + _QUALITY * (said + _STATUSES * (status // (2 * values.HOURLY)))
