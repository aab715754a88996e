"""What counts of a point in a window, fast: versions laid over each other whole, not quarter by quarter.

`values.merge` says for each quarter by which version it counts, for verifications; where only the values are asked for,
a day that came once is a copy of bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from contracts.calendar import Resolution
from contracts.meter_ingest.v1 import KeptStatus
from meter_ingest.domain import days, values
from meter_ingest.domain.compact import Compact
from meter_ingest.domain.transform import Derived, Origin


class Came(NamedTuple):
    """A version as far as its values need it; `day` counts from the window's first local day."""

    day: int
    minutes: int
    first: int
    status: int
    """As the store has it: a place in `STATUSES`, and `values.HOURLY` more where the quarters are no evidence."""
    width: int
    wh: bytes


STATUSES: tuple[KeptStatus, ...] = ("metered", "estimated", "final-estimated", "temporary", "partly-metered")
"""By the number that the store has."""


_WIDTH = 4


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open period of whole quarters, and where in it each local day begins."""

    start: datetime
    end: datetime
    touched: tuple[days.Day, ...]
    begins: tuple[int, ...]
    """Per day, and at the end of the last one: quarters since the first day's start."""
    skip: int
    count: int

    @property
    def quarters(self) -> int:
        """Of all the days."""
        return self.begins[-1]

    @property
    def in_hours(self) -> bool:
        """Whether it begins and ends with an hour."""
        return self.skip % 4 == 0 and self.count % 4 == 0


@lru_cache(maxsize=256)
def window(start: datetime, end: datetime) -> Window:
    """The window of a period, which must have whole quarters."""
    touched = tuple(days.days(start, end))
    begins = [0]
    for day in touched:
        begins.append(begins[-1] + day.quarters)
    skip = (start - touched[0].start) // days.QUARTER
    return Window(start, end, touched, tuple(begins), skip, (end - start) // days.QUARTER)


def counted(window: Window, came: Sequence[Came]) -> Derived:
    """What counts of one point and line; `came` in the order in which versions count (`Version.order`) within a day.

    Hours where all came as hours, quarters otherwise: an hour among quarters is flat.
    """
    if (latest := _latest(window, came)) is not None:
        return whole(window, *latest)
    minutes = 60 if window.in_hours and came and all(one.minutes == 60 for one in came) else 15
    per_step = minutes // 15
    wh: list[int | None] = [None] * (window.quarters // per_step)
    status: list[KeptStatus | None] = [None] * len(wh)
    origin: list[Origin | None] = [None] * len(wh)
    for one in came:
        found = values.decode(one.width, one.wh)
        is_: KeptStatus = STATUSES[one.status % values.HOURLY]
        # What looks like divided hours says of its quarters no more than an hour does.
        made: Origin = "flat" if one.minutes == 15 and one.status & values.HOURLY else is_
        steps: Sequence[int] = found
        if one.minutes != minutes:
            steps, made = values.quarters(one.minutes, found), "flat"
        begin = window.begins[one.day] // per_step + one.first * one.minutes // minutes
        here = slice(begin, begin + len(steps))
        wh[here] = steps
        status[here] = _alike(is_, len(steps))
        origin[here] = _made(made, len(steps))
    cut = slice(window.skip // per_step, (window.skip + window.count) // per_step)
    resolution: Resolution = "PT60M" if minutes == 60 else "PT15M"
    return Derived(resolution, tuple(wh[cut]), tuple(origin[cut]), tuple(status[cut]), (None,) * len(wh[cut]))


def _latest(window: Window, came: Sequence[Came]) -> tuple[int, bytes] | None:
    """Status and all days' bytes, as `whole` has them, where every day's last version is all of it and they are alike.

    What came before such a version counts nowhere: a day that was corrected as a whole costs no more than another.
    """
    last = {one.day: one for one in came}
    if len(last) != len(window.touched):
        return None
    status, begins = came[-1].status, window.begins
    for day, minutes, first, is_, width, wh in last.values():
        if minutes != 15 or first or is_ != status or width != _WIDTH:
            return None
        if len(wh) != _WIDTH * (begins[day + 1] - begins[day]):
            return None
    return status, b"".join([one.wh for one in last.values()])


def whole(window: Window, status: int, wh: bytes) -> Derived:
    """The same where every day came once, whole, in quarters of four bytes and with one status: all days' bytes."""
    first, count = window.skip, window.count
    cut = wh if count == window.quarters else wh[_WIDTH * first : _WIDTH * (first + count)]
    return Derived("PT15M", Compact(cut), *_as_whole(status, count))


@lru_cache(maxsize=1024)
def _as_whole(status: int, count: int) -> tuple[tuple[Origin, ...], tuple[KeptStatus, ...], tuple[None, ...]]:
    found = _alike(STATUSES[status % values.HOURLY], count)
    return _made("flat", count) if status & values.HOURLY else found, found, _nothing(count)


@lru_cache(maxsize=1024)
def _alike(status: KeptStatus, count: int) -> tuple[KeptStatus, ...]:
    return (status,) * count


@lru_cache(maxsize=1024)
def _made(origin: Origin, count: int) -> tuple[Origin, ...]:
    return (origin,) * count


@lru_cache(maxsize=1024)
def _nothing(count: int) -> tuple[None, ...]:
    return (None,) * count
