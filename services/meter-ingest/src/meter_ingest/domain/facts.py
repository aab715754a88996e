"""What a metering point is, as far as one may know who reads its values with the facts of the point (level `full`).

Only in the periods of the right: what it was before, and what it is behind them, is another's to know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.calendar import Resolution
from contracts.registry.v1 import SettlementMethod
from meter_ingest.domain import annual, blocks, days, lines, virtual, yearly
from meter_ingest.domain.channel import Periods
from meter_ingest.domain.grants import Span
from meter_ingest.domain.known import PointVersion
from meter_ingest.domain.reach import Readable
from meter_ingest.domain.traits import Trait


@dataclass(frozen=True, slots=True)
class Fact:
    """What it is in a period; without an end while nothing ends it."""

    start: datetime
    end: datetime | None
    active: bool
    dso: str | None
    grid_area: str | None
    zone: str | None
    resolution: Resolution | None
    settlement_method: SettlementMethod | None
    consumption_type: str | None
    production_type: str | None
    agreed_power_w: int


@dataclass(frozen=True, slots=True)
class Channel:
    """What values are sent of, and by whom."""

    line: str
    product_code: str
    start: datetime
    end: datetime | None
    resolution: str
    dso: str


@dataclass(frozen=True, slots=True)
class Annual:
    """A line's energy in a year, as it was estimated last, of the values of a period."""

    line: str
    wh: int
    start: datetime
    end: datetime


def full(some: Iterable[Readable]) -> list[Span]:
    """The periods of which the facts may be known: in order, apart from each other."""
    made: list[Span] = []
    for one in sorted((one for one in some if one.level == "full"), key=lambda one: one.start):
        if made and (made[-1][1] is None or one.start <= made[-1][1]):
            first, last = made[-1]
            made[-1] = (first, None if last is None or one.end is None else max(last, one.end))
        else:
            made.append((one.start, one.end))
    return made


def facts(versions: Sequence[PointVersion], traits: Sequence[Trait], spans: Sequence[Span]) -> list[Fact]:
    """What the point is in these periods, in order."""
    traits_from = {one.valid_from: one for one in traits}
    ends = [*(one.valid_from for one in versions[1:]), None]
    return [
        Fact(
            start,
            end,
            version.active,
            version.dso,
            version.grid_area,
            trait.zone if trait else None,
            version.resolution,
            version.settlement,
            trait.consumption_type if trait else None,
            trait.production_type if trait else None,
            version.agreed_power_w,
        )
        for version, until in zip(versions, ends, strict=False)
        for trait in (traits_from.get(version.valid_from),)
        for start, end in _cut(version.valid_from, until, spans)
    ]


def channels(open_: Mapping[str, Periods], some: Sequence[Readable]) -> list[Channel]:
    """The channels of the lines that may be read, while they may; with the code of their product."""
    return [
        Channel(line, virtual.PRODUCT_CODES[lines.parts(line)[1]], start, end, one.resolution, one.dso)
        for line, periods in sorted(open_.items())
        for spans in (full(each for each in some if each.has(line)),)
        for one in periods
        for start, end in _cut(one.valid_from, one.valid_to, spans)
    ]


def annuals(
    point: str, told: Mapping[str, yearly.Yearly | None], open_: Mapping[str, Periods], some: Sequence[Readable]
) -> list[Annual]:
    """Estimated annual volumes of lines all of whose values that they are of may be read; `told` by block and DSO.

    An estimate is a sum: of who has a part of its values only, it would say what the others are.
    """
    found: list[Annual] = []
    for line, periods in sorted(open_.items()):
        spans = full(each for each in some if each.has(line))
        of = told.get(blocks.key(blocks.block_of(point), periods[-1].dso)) if periods else None
        estimated = of.points.get(blocks.key(blocks.place_of(point), line)) if of else None
        if of is None or estimated is None or estimated.wh is None:
            continue
        year = days.day(of.through - timedelta(days=annual.YEAR_DAYS)).start
        start, end = max(year, periods[0].valid_from), days.day(of.through).start
        if any(first <= start and (last is None or end <= last) for first, last in spans):
            found.append(Annual(line, estimated.wh, start, end))
    return found


def _cut(start: datetime, end: datetime | None, spans: Iterable[Span]) -> Iterator[Span]:
    for first, last in spans:
        begin = max(start, first)
        until = min((each for each in (end, last) if each is not None), default=None)
        if until is None or begin < until:
            yield begin, until
