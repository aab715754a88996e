"""Virtual channels: how one is computed from when to when, said by whom and when, and what that rests on.

What is said last stands from its midnight on, and replaces all that was said of it and later; before it the former
versions stay. `as_of` gives what had been said by a moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final, NamedTuple

from contracts.calendar import DAY
from contracts.meter_ingest.v1 import (
    EnergyDirection,
    Product,
    Sharing,
    SumChecked,
    SumDayPassed,
    VirtualChannelDefined,
    VirtualChannelEnded,
    VirtualMethod,
)
from meter_ingest.domain import days
from meter_ingest.domain.lines import line

MOST_SOURCES: Final = 2000
"""Lines of points that one channel may rest on, through others too."""
WHOLE_PPM: Final = 1_000_000
_FAR: Final = datetime(9000, 1, 1)  # noqa: DTZ001 - given the zone of what it is held against

PRODUCT_CODES: Final[dict[Product, str]] = {
    "active": "8716867000030",
    "reactive": "8716867000047",
    "capacitive": "8716867000139",
    "inductive": "8716867000146",
}
_CODES: Final[dict[VirtualMethod, str]] = {"share": "4700000000301", "sum": "4700000000302", "net": "4700000000303"}


def product_code(method: VirtualMethod, product: Product) -> str:
    """Elhub's code: virtual distributed, gross, net; a copy is still what was measured."""
    return _CODES.get(method) or PRODUCT_CODES[product]


class Source(NamedTuple):
    """A line of a metering point."""

    point: str
    line: str


class Part(NamedTuple):
    """A virtual channel as a source; of a share, one recipient's part."""

    id: str
    recipient: str | None


@dataclass(frozen=True, slots=True)
class Term:
    """What is added, or subtracted: a line of a point, or another virtual channel."""

    point: str | None = None
    line: str = "consumption"
    virtual: str | None = None
    recipient: str | None = None
    minus: bool = False

    @property
    def of(self) -> Source | Part:
        """What it names."""
        return Source(self.point, self.line) if self.point else Part(self.virtual or "", self.recipient)


@dataclass(frozen=True, slots=True)
class Check:
    """The meter whose day the sum shall be."""

    point: str
    line: str
    tolerance_wh: int
    tolerance_basis_points: int


@dataclass(frozen=True, slots=True)
class Definition:
    """One version."""

    version: int
    by: str
    dsos: tuple[str, ...]
    method: VirtualMethod
    direction: EnergyDirection
    product: Product
    product_code: str
    grid_area: str | None
    terms: tuple[Term, ...]
    sharing: Sharing | None
    recipients: tuple[str, ...]
    shares_ppm: tuple[int, ...]
    check: Check | None

    def sources(self) -> Iterator[Source | Part]:
        """All that its values depend on."""
        for term in self.terms:
            yield term.of
        if self.sharing == "consumption-based":
            yield from (Source(point, "consumption") for point in self.recipients)


@dataclass(frozen=True, slots=True)
class Said:
    """From a midnight to another, or for good, this is how it is computed; without a definition: not at all."""

    said_at: datetime
    valid_from: datetime
    valid_to: datetime | None
    definition: Definition | None


@dataclass(frozen=True, slots=True)
class Virtual:
    """All that was said of one virtual channel, in order, and what was found of its days."""

    said: tuple[Said, ...]
    looked_at: tuple[date, date]
    """The last days that were held against a main meter, for the first and for the second time, or need not be."""
    differing: dict[date, int] = field(default_factory=dict[date, int])
    """The days of which was said that they differ, and by how much."""

    @property
    def versions(self) -> int:
        """How many there are."""
        return sum(one.definition is not None for one in self.said)

    @property
    def last(self) -> Definition:
        """What was said last of how it is computed."""
        return next(one.definition for one in reversed(self.said) if one.definition is not None)


class Stretch(NamedTuple):
    """A part of a period in which one definition holds."""

    start: datetime
    end: datetime
    definition: Definition


OfVirtual = VirtualChannelDefined | VirtualChannelEnded | SumChecked | SumDayPassed


def evolve(state: Virtual | None, event: OfVirtual) -> Virtual:
    """Nothing that was said is forgotten."""
    if isinstance(event, SumDayPassed):
        assert state is not None
        first, second = state.looked_at
        if not event.final:
            return replace(state, looked_at=(event.date, second))
        differing = {local: by for local, by in state.differing.items() if local != event.date}
        return replace(state, looked_at=(first, event.date), differing=differing)
    if isinstance(event, SumChecked):
        assert state is not None
        return replace(state, differing={**state.differing, event.date: event.sum_wh - event.main_wh})
    if isinstance(event, VirtualChannelEnded):
        assert state is not None
        return replace(state, said=(*state.said, Said(event.said_at, event.valid_to, None, None)))
    said = Said(event.said_at, event.valid_from, event.valid_to, _definition(event))
    if state:
        return replace(state, said=(*state.said, said))
    before = days.day_at(event.said_at).date - DAY
    return Virtual((said,), (before, before))


def stretches(state: Virtual | None, start: datetime, end: datetime, as_of: datetime | None = None) -> list[Stretch]:
    """How it is computed in a period, in order; what is not said is a gap."""
    found: list[Said] = []
    for one in state.said if state else ():
        if as_of is not None and one.said_at > as_of:
            continue
        cut = (replace(old, valid_to=min(one.valid_from, old.valid_to or one.valid_from)) for old in found)
        found = [old for old in cut if old.valid_to is None or old.valid_from < old.valid_to]
        if one.definition is not None:
            found.append(one)
    return [
        Stretch(max(start, one.valid_from), min(end, one.valid_to or end), one.definition)
        for one in found
        if one.definition is not None and one.valid_from < end and (one.valid_to is None or start < one.valid_to)
    ]


class Rests(NamedTuple):
    """What a virtual channel rests on in a period."""

    sources: tuple[Source, ...]
    channels: tuple[str, ...]
    unknown: tuple[str, ...]
    """Virtual channels that were not given: load them, and ask again."""


def rests_on(
    roots: Iterable[Source | Part],
    channels: Mapping[str, Virtual | None],
    start: datetime,
    end: datetime,
    as_of: datetime | None = None,
) -> Rests:
    """Follow sources down to points, each in the whole period: what is found may be more than is needed."""
    points: dict[Source, None] = {}
    met: dict[str, None] = {}
    waiting = list(roots)
    while waiting:
        one = waiting.pop()
        if isinstance(one, Source):
            points[one] = None
        elif one.id not in met:
            met[one.id] = None
            waiting += (
                found
                for stretch in stretches(channels.get(one.id), start, end, as_of)
                for found in stretch.definition.sources()
            )
    return Rests(tuple(sorted(points)), tuple(sorted(met)), tuple(one for one in sorted(met) if one not in channels))


def is_circular(
    id_: str, definition: Definition, channels: Mapping[str, Virtual | None], start: datetime, end: datetime | None
) -> bool:
    """Whether a channel that is computed so in a period would rest on itself at any moment of it."""
    far = end or _FAR.replace(tzinfo=start.tzinfo)
    waiting = [(one.id, start, far) for one in definition.sources() if isinstance(one, Part)]
    met: set[tuple[str, datetime, datetime]] = set()
    while waiting:
        found = waiting.pop()
        name, first, last = found
        if name == id_:
            return True
        if found in met:
            continue
        met.add(found)
        for stretch in stretches(channels.get(name), first, last):
            below = (one.id for one in stretch.definition.sources() if isinstance(one, Part))
            waiting += ((one, stretch.start, stretch.end) for one in below)
    return False


# Days that are held against a main meter


def check_of(state: Virtual, local: date) -> Definition | None:
    """What a day is held against its main meter by; None: by nothing."""
    day = days.day(local)
    found = stretches(state, day.start, day.end)
    return found[0].definition if found and found[0].definition.check else None


def next_look(state: Virtual, *, final: bool) -> date | None:
    """The next local day that is held against a main meter."""
    floor = state.looked_at[final] + DAY
    start = days.day(floor).start
    for stretch in stretches(state, start, _FAR.replace(tzinfo=start.tzinfo)):
        if stretch.definition.check:
            return days.day_at(stretch.start).date
    return None


def look_at(local: date, *, final: bool) -> datetime:
    """When all values of a day are due; when values count as ready for billing: after the fifth day."""
    return days.day(local + 6 * DAY).start if final else days.complete_by(local)


def _definition(event: VirtualChannelDefined) -> Definition:
    check = event.check
    return Definition(
        version=event.version,
        by=event.by,
        dsos=event.dsos,
        method=event.method,
        direction=event.direction,
        product=event.product,
        product_code=event.product_code,
        grid_area=event.grid_area,
        terms=tuple(
            Term(
                point=term.metering_point_id,
                line=line(term.direction, term.product),
                virtual=term.virtual_id,
                recipient=term.recipient,
                minus=term.minus,
            )
            for term in event.terms
        ),
        sharing=event.sharing,
        recipients=tuple(one.metering_point_id for one in event.recipients),
        shares_ppm=tuple(one.share_ppm or 0 for one in event.recipients),
        check=Check(
            check.metering_point_id,
            line(check.direction),
            check.tolerance_wh,
            check.tolerance_basis_points,
        )
        if check
        else None,
    )
