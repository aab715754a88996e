"""Values as they are kept: versions of a point's day, appended and never changed, and what counts among them.

A version is a run of steps of one local day of one point and direction, as one record brought it: `first` and the
number of steps say which (the received map), `wh` is them as little-endian integers of `width` bytes. Which of two
versions counts for a quarter never depends on the order of processing: the greatest (registered at, received at,
partition, offset, series).
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Literal, NamedTuple, cast

from meter_ingest.domain import days

Quality = Literal["measured", "estimated", "derived", "missing"]
"""Evidence for one quarter (MV-23): metered per quarter; estimated or temporary; derived from an hour; nothing."""

_INT32 = 2**31 - 1


class Version(NamedTuple):
    """Some steps of one day of one series. A tuple, because a batch makes tens of thousands of them."""

    metering_point_id: str
    direction: str
    day: date
    registered_at: datetime
    received_at: datetime
    partition: int
    offset: int
    series: int
    """Its place in the record."""
    shard: str
    position: int
    """The value shard that took the record, and its position of it."""
    minutes: int
    """The length of a step."""
    first: int
    """The first step, counted from the day's start."""
    status: str
    width: int
    wh: bytes
    salt: bytes
    """Of the record: what the hash in its event was made with."""

    @property
    def order(self) -> tuple[datetime, datetime, int, int, int]:
        """The greatest counts."""
        return (self.registered_at, self.received_at, self.partition, self.offset, self.series)

    @property
    def name(self) -> str:
        """What a verification calls it by."""
        return f"{self.metering_point_id}|{self.direction}|{self.day}|{self.shard}/{self.position}|{self.series}"


@dataclass(frozen=True, slots=True)
class DayValues:
    """What counts on one day, per quarter: Wh (None: nothing came), quality, status, and the version it is from."""

    wh: list[int | None]
    quality: list[Quality]
    status: list[str]
    by: list[Version | None]


@dataclass(frozen=True, slots=True)
class Reading:
    """What counts in a window, per quarter, and the names of the versions used, sorted."""

    wh: tuple[int | None, ...]
    quality: tuple[Quality, ...]
    revisions: tuple[str, ...]


def encode(values: Sequence[int]) -> tuple[int, bytes]:
    """Values (≥ 0) as little-endian integers, and how many bytes each takes."""
    width = 4 if max(values) <= _INT32 else 8
    return width, _struct(width, len(values)).pack(*values)


def decode(width: int, wh: bytes) -> tuple[int, ...]:
    """The values again."""
    return _struct(width, len(wh) // width).unpack(wh)


def flat(hour: int) -> list[int]:
    """An hour as four quarters that add up to it exactly; the remainder goes to the earliest (MV-16)."""
    part, left = divmod(hour, 4)
    return [part + (index < left) for index in range(4)]


def quarters(minutes: int, values: Sequence[int]) -> list[int]:
    """Values of any step as quarters."""
    return list(values) if minutes == 15 else [quarter for hour in values for quarter in flat(hour)]


def quality(minutes: int, status: str) -> Quality:
    """What a value is evidence of. An hour never is for a quarter, whatever its status (D19)."""
    if minutes != 15:
        return "derived"
    return "measured" if status == "metered" else "estimated"


def merge(day: days.Day, versions: Iterable[Version]) -> DayValues:
    """What counts of one day of one series, whatever order its versions come in.

    A version that says again what counts already is no new revision (MV-13): the one that said it first stays named.
    """
    counted = DayValues([None] * day.quarters, ["missing"] * day.quarters, [""] * day.quarters, [None] * day.quarters)
    for version in sorted(versions, key=lambda one: one.order):
        is_ = quality(version.minutes, version.status)
        found, first = _quarters_of(version), _first_quarter(version)
        last = first + len(found)
        if not any(counted.by[first:last]):
            counted.wh[first:last] = found
            counted.quality[first:last] = cast("list[Quality]", [is_] * len(found))
            counted.status[first:last] = [version.status] * len(found)
            counted.by[first:last] = [version] * len(found)
            continue
        for index, wh in enumerate(found, first):
            if (counted.wh[index], counted.quality[index], counted.status[index]) != (wh, is_, version.status):
                counted.wh[index] = wh
                counted.quality[index] = is_
                counted.status[index] = version.status
                counted.by[index] = version
    return counted


def says_the_same(counted: DayValues, version: Version) -> bool:
    """Whether all that a version says (value, step, status) counts already."""
    found = _quarters_of(version)
    first = _first_quarter(version)
    last = first + len(found)
    is_ = quality(version.minutes, version.status)
    return (
        counted.wh[first:last] == found
        and counted.quality[first:last] == [is_] * len(found)
        and counted.status[first:last] == [version.status] * len(found)
    )


def read(merged: dict[date, DayValues], start: datetime, end: datetime) -> Reading:
    """The window of whole quarters out of the days that it touches; a day that is not there is missing."""
    wh: list[int | None] = []
    kinds: list[Quality] = []
    nothing: Quality = "missing"
    used: set[str] = set()
    for day in days.days(start, end):
        first = max(0, (start - day.start) // days.QUARTER)
        last = min(day.quarters, (end - day.start) // days.QUARTER)
        counted = merged.get(day.date)
        if counted is None:
            wh += [None] * (last - first)
            kinds.extend(nothing for _ in range(last - first))
            continue
        wh += counted.wh[first:last]
        kinds += counted.quality[first:last]
        used.update(version.name for version in counted.by[first:last] if version is not None)
    return Reading(tuple(wh), tuple(kinds), tuple(sorted(used)))


def salted(salt: bytes, values: bytes, *, point: str, direction: str, start: datetime, minutes: int) -> str:
    """The hash of a series in an event: it proves the stored values later, and tells nobody what they are."""
    head = f"{point}|{direction}|{start.isoformat()}|{minutes}|".encode()
    return hashlib.sha256(salt + head + values).hexdigest()


def _quarters_of(version: Version) -> list[int]:
    return quarters(version.minutes, decode(version.width, version.wh))


def _first_quarter(version: Version) -> int:
    return version.first * version.minutes // 15


@lru_cache(maxsize=1024)
def _struct(width: int, count: int) -> struct.Struct:
    return struct.Struct(f"<{count}{'i' if width == 4 else 'q'}")
