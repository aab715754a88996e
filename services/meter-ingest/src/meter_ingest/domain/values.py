"""Values as they are kept: versions of a point's day, appended and never changed, and what counts among them.

A version is a run of steps of one local day of one point and line, as one record brought it: `first` and the
number of steps say which (the received map), `wh` is them as little-endian integers of `width` bytes. Which of two
versions counts for a quarter never depends on the order of processing: the greatest (registered at, received at,
partition, offset, series).
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

from meter_ingest.domain import days

Quality = Literal["measured", "estimated", "derived", "missing"]
"""Evidence for one quarter (MV-23): metered per quarter; estimated or temporary; derived from an hour; nothing."""

HOURLY = 8
"""Added to the number that a status is stored as: the quarters look as if hours had been divided (`Version.hourly`)."""
PARTLY_METERED = "partly-metered"
"""The status of an own meter's quarter that misses some samples."""
_SAMPLES = 16
_DRIFTED = 512
_NOTHING: Quality = "missing"
_BILLED_AFTER = timedelta(days=5)
"""D+5 (`metering.md` §4.4), counted to the end of that day (D24)."""


class Version(NamedTuple):
    """Some steps of one day of one series. A tuple, because a batch makes tens of thousands of them."""

    metering_point_id: str
    line: str
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
    hourly: bool = False
    """Its quarters look as if hours had been divided: whatever its status, they are no evidence for a quarter."""
    mark: int = 0
    """Of an own meter: how many samples each quarter has, where they are not all, and whether its clock was wrong.

    It is a part of the number that a status is stored as (`mark`, `samples`, `drifted`).
    """

    @property
    def order(self) -> tuple[datetime, datetime, int, int, int]:
        """The greatest counts."""
        return (self.registered_at, self.received_at, self.partition, self.offset, self.series)

    @property
    def name(self) -> str:
        """What a verification calls it by."""
        return f"{self.metering_point_id}|{self.line}|{self.day}|{self.shard}/{self.position}|{self.series}"


@dataclass(frozen=True, slots=True)
class Counted:
    """What counts, per quarter: Wh (None: nothing came), quality, status, and the version it is from."""

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
    salts: tuple[bytes, ...] = ()
    """Of the versions used, sorted: they are gone when the values are."""


Minutes = Callable[[str, date], int | None]
"""By point and local day: the length of the steps that count (`counting.counts_in`); None: whatever came."""


Steps = Mapping[str, Mapping[date, int | None]]
"""The same, written down for some days; points that are alike share one."""


def whatever_came(_point: str, _local: date) -> None:
    """Where the point's resolution makes no difference: what counts is what came last."""


def in_steps(versions: Iterable[Version], minutes: int | None) -> list[Version]:
    """The versions of a day that are in the resolution that counts on it. Only among these does the order decide."""
    return [one for one in versions if minutes is None or one.minutes == minutes]


def encode(values: Sequence[int]) -> tuple[int, bytes]:
    """Values (≥ 0) as little-endian integers, and how many bytes each takes."""
    try:
        return 4, _struct(4, len(values)).pack(*values)
    except struct.error:
        return 8, _struct(8, len(values)).pack(*values)


def mark(samples: int, *, drifted: bool) -> int:
    """What is kept with quarters of an own meter: the number of samples, 0 where none is missing, and a wrong clock."""
    return samples * _SAMPLES + drifted * _DRIFTED


def samples(mark: int) -> int | None:
    """How many samples each quarter has; None where none is missing."""
    return mark % _DRIFTED // _SAMPLES or None


def drifted(mark: int) -> bool:
    """Whether the meter's clock was wrong."""
    return mark >= _DRIFTED


def mark_of(stored: int) -> int:
    """The mark in a status as it is stored."""
    return stored // _SAMPLES * _SAMPLES


def any_negative(values: Sequence[int]) -> bool:
    """Whether one of them is below zero: what has room in unsigned integers is not, which is seen in one step."""
    try:
        _unsigned(len(values)).pack(*values)
    except struct.error:
        return True
    return False


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


def quality(minutes: int, status: str, *, hourly: bool = False) -> Quality:
    """What a value is evidence of. An hour never is for a quarter, whatever its status (D19), divided or not."""
    if minutes != 15 or hourly:
        return "derived"
    return "measured" if status == "metered" else "estimated"


def merge(versions: Iterable[Version], first: int, last: int) -> Counted:
    """What counts of the quarters [first, last) of one day of one series, whatever order its versions come in.

    A version that says again what counts already is no new revision (MV-13): the one that said it first stays named.
    """
    count = last - first
    counted = Counted([None] * count, [_NOTHING] * count, [""] * count, [None] * count)
    for version in sorted(versions, key=lambda one: one.order):
        begin = version.first * version.minutes // 15
        end = begin + len(version.wh) // version.width * version.minutes // 15
        here = slice(max(first, begin) - first, min(last, end) - first)
        if here.start >= here.stop:
            continue
        found = _window(version, max(first, begin) - begin, min(last, end) - begin)
        is_ = quality(version.minutes, version.status, hourly=version.hourly)
        for index, wh in enumerate(found, here.start):
            if (counted.wh[index], counted.quality[index], counted.status[index]) != (wh, is_, version.status) or (
                (by := counted.by[index]) is not None and by.mark != version.mark
            ):
                counted.wh[index] = wh
                counted.quality[index] = is_
                counted.status[index] = version.status
                counted.by[index] = version
    return counted


class Came(NamedTuple):
    """A version as it came: per quarter that it says, what counted before it and counts with it; and what it says."""

    version: Version
    counts: bool
    """Whether it changed anything: else it was registered before what counts, or is in another resolution."""
    quarters: tuple[tuple[int, int | None, int | None, int], ...]
    """(quarter, before, after, said), of those that it changed; of a version that changed none, all that it says."""
    other: bool = False
    """Whether it is in another resolution than the one that counts on its day."""


def revisions(versions: Iterable[Version], first: int, last: int, minutes: int | None = None) -> list[Came]:
    """Versions in the order in which they came, with what they changed in the quarters [first, last).

    What says again what counts already is none of them (MV-13). `minutes`: of the steps that count on the day.
    """
    found: list[Came] = []
    so_far: list[Version] = []
    before = merge((), first, last)
    for version in sorted(
        versions, key=lambda one: (one.received_at, one.partition, one.offset, one.series, one.first)
    ):
        alike = in_steps(so_far, version.minutes)
        known = bool(alike) and says_the_same(alike if minutes is not None else so_far, version)
        so_far.append(version)
        after, own = merge(in_steps(so_far, minutes), first, last), merge([version], first, last)
        if not known:
            said = [(place, wh) for place, wh in enumerate(own.wh) if wh is not None]
            changed = [one for one in said if after.by[one[0]] is version]
            told = tuple((first + at, before.wh[at], after.wh[at], wh) for at, wh in changed or said)
            if told:
                found.append(Came(version, bool(changed), told, minutes not in (None, version.minutes)))
        before = after
    return found


def as_of(versions: Iterable[Version], moment: datetime) -> list[Version]:
    """The versions that had come by a moment: what counted then is what counts of these (MV-14)."""
    return [version for version in versions if version.received_at <= moment]


def billing_ready(status: str, local: date, at: datetime) -> bool:
    """Whether a value of a local day may be billed at a moment (MV-15).

    Measured and finally estimated values at once, estimated ones five days later, temporary ones never.
    """
    if status == "estimated":
        return at >= days.day(local + _BILLED_AFTER).end
    return status in {"metered", "final-estimated"}


def says_the_same(before: Sequence[Version], version: Version) -> bool:
    """Whether all that a version says (value, step, status) counts already. `before`: at least one, in any order."""
    first = version.first * version.minutes // 15
    found = _window(version, 0, len(version.wh) // version.width * version.minutes // 15)
    is_ = quality(version.minutes, version.status, hourly=version.hourly)
    newest = max(before, key=lambda one: one.order)
    begin = newest.first * newest.minutes // 15
    end = begin + len(newest.wh) // newest.width * newest.minutes // 15
    if begin <= first and first + len(found) <= end:
        # What the newest has counts, whatever was before it; mostly it has all of it.
        return (
            (newest.status, newest.mark) == (version.status, version.mark)
            and quality(newest.minutes, newest.status, hourly=newest.hourly) == is_
            and _window(newest, first - begin, first - begin + len(found)) == found
        )
    counted = merge(before, first, first + len(found))
    return (
        counted.wh == found
        and all(one == is_ for one in counted.quality)
        and all(one == version.status for one in counted.status)
        and all(one is not None and one.mark == version.mark for one in counted.by)
    )


def downgrades(before: Sequence[Version], version: Version) -> bool:
    """Whether what is not metered counts from now on for a step that a metered value counted for."""
    if version.status == "metered" or all(one.status != "metered" for one in before):
        return False
    first = version.first * version.minutes // 15
    last = first + len(version.wh) // version.width * version.minutes // 15
    counted = merge(before, first, last)
    return any(
        by is not None and status == "metered" and by.order < version.order
        for by, status in zip(counted.by, counted.status, strict=True)
    )


class Older(NamedTuple):
    """A version of which nothing counts, because of the other one, which was registered later."""

    version: Version
    by: Version


def older(before: Sequence[Version], version: Version) -> Older | None:
    """Whether a version that comes says something of which nothing counts."""
    if all(one.order < version.order for one in before) or says_the_same(before, version):
        return None
    first = version.first * version.minutes // 15
    last = first + len(version.wh) // version.width * version.minutes // 15
    counted = merge((*before, version), first, last).by
    by = counted[0]
    return None if by is None or any(one is version for one in counted) else Older(version, by)


class Joined(NamedTuple):
    """What became of versions that were put to those that stand."""

    changed: bool
    """Whether anything of them was not known already."""
    downgrade: Version | None
    """The last of them that is not metered and counts in place of what was."""
    older: Older | None = None
    """The first of them of which nothing counts."""


def joins(standing: dict[tuple[str, str, date], list[Version]], versions: Iterable[Version]) -> Joined:
    """Put versions to those that stand (by point, line, day).

    What is accepted is in the resolution that the day has: what stands in another one does not count.
    """
    changed, downgrade, late = False, None, None
    for version in versions:
        key = (version.metering_point_id, version.line, version.day)
        stands = standing.setdefault(key, [])
        before = in_steps(stands, version.minutes)
        if not before:
            changed = True
        else:
            changed = changed or not says_the_same(before, version)
            downgrade = version if downgrades(before, version) else downgrade
            late = late or older(before, version)
        stands.append(version)
    return Joined(changed, downgrade, late)


def energy_of(versions: Sequence[Version], local: date) -> int | None:
    """What counts of a whole local day, summed; nothing where a quarter is missing. Mostly one version has it all."""
    whole = days.day(local).quarters
    newest = max(versions, key=lambda one: one.order, default=None)
    if newest is None:
        return None
    energy = energy_of_whole(local, newest.minutes, newest.first, newest.width, newest.wh)
    if energy is not None:
        return energy
    there = [one for one in merge(versions, 0, whole).wh if one is not None]
    return sum(there) if len(there) == whole else None


def energy_of_whole(local: date, minutes: int, first: int, width: int, wh: bytes) -> int | None:
    """The sum of a version that has all of a local day; nothing where it has not."""
    is_whole = not first and len(wh) // width * minutes // 15 == days.day(local).quarters
    return sum(decode(width, wh)) if is_whole else None


def salted(salt: bytes, values: bytes, *, point: str, line: str, start: datetime, minutes: int) -> str:
    """The hash of a series in an event: it proves the stored values later, and tells nobody what they are."""
    head = f"{point}|{line}|{_iso(start)}|{minutes}|".encode()
    return hashlib.sha256(salt + head + values).hexdigest()


def salted_together(
    salt: bytes, values: bytes | memoryview, *, points: Iterable[str], line: str, start: datetime, minutes: int
) -> str:
    """The hash of series that were accepted together: over their points, and then all their values, in their order."""
    found = hashlib.sha256(salt + f"{line}|{start.isoformat()}|{minutes}|{','.join(points)}|".encode())
    found.update(values)
    return found.hexdigest()


def _window(version: Version, first: int, last: int) -> list[int]:
    """Some quarters of a version, counted from its own first."""
    if version.minutes == 15:
        return list(_struct(version.width, last - first).unpack_from(version.wh, first * version.width))
    hours = decode(version.width, version.wh)[first // 4 : -(-last // 4)]
    skip = first % 4
    return quarters(version.minutes, hours)[skip : skip + last - first]


@lru_cache(maxsize=1024)
def _unsigned(count: int) -> struct.Struct:
    return struct.Struct(f"<{count}Q")


_iso = lru_cache(maxsize=8192)(datetime.isoformat)
"""Of moments in UTC: another zone would have another text for what is equal."""


@lru_cache(maxsize=1024)
def _struct(width: int, count: int) -> struct.Struct:
    return struct.Struct(f"<{count}{'i' if width == 4 else 'q'}")
