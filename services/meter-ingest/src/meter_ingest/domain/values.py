"""Values as they are kept: versions of a point's day, appended and never changed, and what counts among them.

A version is a run of steps of one local day of one point and direction, as one record brought it: `first` and the number of
steps say which (the received map), `wh` is them as little-endian integers of `width` bytes. Which of two versions counts for
a quarter never depends on the order of processing: the greatest (registered at, received at, partition, offset, series).
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Literal, NamedTuple

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
    """What counts on one day, per quarter: Wh (None: nothing has come), quality and status, and the version it is from."""

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
    """What counts of one day of one series, whatever order its versions come in."""
    counted = DayValues(
        [None] * day.quarters, ["missing"] * day.quarters, [""] * day.quarters, [None] * day.quarters
    )
    for version in sorted(versions, key=lambda one: one.order):
        put(counted, version)
    return counted


def put(counted: DayValues, version: Version) -> None:
    """Let a version count for its quarters, where no greater one does already."""
    found = quarters(version.minutes, decode(version.width, version.wh))
    first = version.first * version.minutes // 15
    is_ = quality(version.minutes, version.status)
    for index, wh in enumerate(found, first):
        standing = counted.by[index]
        if standing is None or standing.order <= version.order:
            counted.wh[index] = wh
            counted.quality[index] = is_
            counted.status[index] = version.status
            counted.by[index] = version


def says_the_same(counted: DayValues, version: Version) -> bool:
    """Whether all that a version says (value, status, step) counts already."""
    found = quarters(version.minutes, decode(version.width, version.wh))
    first = version.first * version.minutes // 15
    last = first + len(found)
    is_ = quality(version.minutes, version.status)
    return (
        counted.wh[first:last] == found
        and all(one == version.status for one in counted.status[first:last])
        and all((one == "derived") == (is_ == "derived") for one in counted.quality[first:last])
    )


def read(merged: dict[date, DayValues], start: datetime, end: datetime) -> Reading:
    """The window of whole quarters out of the days that it touches; a day that is not there is missing."""
    wh: list[int | None] = []
    kinds: list[Quality] = []
    used: set[str] = set()
    for day in days.days(start, end):
        first = max(0, (start - day.start) // days.QUARTER)
        last = min(day.quarters, (end - day.start) // days.QUARTER)
        counted = merged.get(day.date)
        if counted is None:
            wh += [None] * (last - first)
            kinds += ["missing"] * (last - first)
            continue
        wh += counted.wh[first:last]
        kinds += counted.quality[first:last]
        used.update(version.name for version in counted.by[first:last] if version is not None)
    return Reading(tuple(wh), tuple(kinds), tuple(sorted(used)))


def salted(salt: bytes, point: str, direction: str, start: datetime, minutes: int, values: bytes) -> str:
    """The hash of a series in an event: it proves the stored values later, and tells nobody what they are."""
    head = f"{point}|{direction}|{start.isoformat()}|{minutes}|".encode()
    return hashlib.sha256(salt + head + values).hexdigest()


@lru_cache(maxsize=1024)
def _struct(width: int, count: int) -> struct.Struct:
    return struct.Struct(f"<{count}{'i' if width == 4 else 'q'}")
