"""Who may read which values of a metering point, of which period: one policy, and nothing that it does not say.

A party reads in one role at a time, on a ground, and the ground says which lines:

- a DSO what was metered while the point lay in its own grid; all lines of the settlement meter;
- a BSP what `access` says of its control and consents; the same lines;
- a supplier what was metered while it supplied the point, a BRP while the point was in its balance; active energy, of a
  BRP that which it answers for;
- a third party what the end user has granted it (`grants`), while the grant holds; active energy;
- the TSO what was metered while the point was a member of a group, which it may activate and has to verify; active
  energy;
- the datahub, which hands values on, all of the settlement meter;
- who serves an end user, for that one: what was metered while it stood behind the point, own meters with it.

What ended is read afterwards, too, for as long as values are kept; but not on a grant, which is the end user's to end.
Own meters are the BSP's whose they were then, and the TSO's, of members. A virtual channel is of many points: it is
read by the DSOs whose points it rests on, and by the datahub.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final, Literal

from contracts.values import Role
from meter_ingest.domain import access, blocks, control, granted, known, lines, own_meters, supplied
from meter_ingest.domain.granted import Granted
from meter_ingest.domain.grants import DataAccess
from meter_ingest.domain.spans import Span, joined

Ground = Literal[
    "own-grid", "control", "supply", "balance", "grant", "verification", "register", "end-user", "own-meter"
]
Level = Literal["limited", "full"]
"""What goes with the values: the least that they cannot be read without, or the facts of the point, too."""
Scope = Literal["settlement", "active", "consumption", "production", "own"]
"""Which lines: all of the settlement meter, its active energy, one way of that; or an own meter's."""

SERVING: Final = frozenset({Role.DATAHUB, Role.TSO})
"""Who serves end users."""
ALWAYS: Final = datetime(1900, 1, 1, tzinfo=UTC)
"""The beginning of what has none."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A party, in the role in which it reads."""

    party: str
    role: Role
    end_user: str = ""
    """Whom it serves: then it reads for that end user, and nothing of its own."""


@dataclass(frozen=True, slots=True)
class Readable:
    """Values that may be read: half-open, without an end while nothing ends it; which lines, and on what ground."""

    start: datetime
    end: datetime | None
    ground: Ground
    scope: Scope = "settlement"
    level: Level = "limited"
    about: str = ""
    """The access by its id, where it is granted."""

    def has(self, line: str) -> bool:
        """Whether a line is among those."""
        direction, product, meter = lines.parts(line)
        if self.scope == "own" or meter:
            return self.scope == "own" and meter > 0
        return self.scope == "settlement" or (product == "active" and self.scope in {"active", direction})


@dataclass(frozen=True, slots=True)
class Known:
    """What it is decided by, of at least the blocks of the points that are asked for."""

    points: Mapping[str, known.Points | None] = field(default_factory=dict[str, "known.Points | None"])
    controls: Mapping[str, control.Control | None] = field(default_factory=dict[str, "control.Control | None"])
    accesses: Mapping[str, access.Access | None] = field(default_factory=dict[str, "access.Access | None"])
    memberships: Mapping[str, known.Memberships | None] = field(default_factory=dict[str, "known.Memberships | None"])
    supplies: Mapping[str, supplied.Supplies | None] = field(default_factory=dict[str, "supplied.Supplies | None"])
    granted: Mapping[str, Granted | None] = field(default_factory=dict[str, "Granted | None"])
    grants: Mapping[str, DataAccess | None] = field(default_factory=dict[str, "DataAccess | None"])
    """By id, of at least those that are granted of the points."""


def readable(given: Known, reader: Reader, point: str, *, at: datetime) -> tuple[Readable, ...]:
    """Which values of a point a reader may read at a moment, in order; of the unknown none, like of another's."""
    found = _for_end_user if reader.end_user else _BY_ROLE.get(reader.role, _nothing)
    return tuple(sorted(found(given, reader, point, at), key=lambda one: (one.start, one.scope, one.about)))


def of_own_meter(
    given: Known, reader: Reader, meters: own_meters.OwnMeters, line: str, *, at: datetime
) -> tuple[Readable, ...]:
    """Which values of a line of a resource's own meter a reader may read at a moment, in order."""
    point = meters.metering_point_id
    if reader.end_user:
        return tuple(one for one in readable(given, reader, point, at=at) if one.scope == "own")
    if reader.role == Role.TSO:
        return tuple(replace(one, scope="own") for one in readable(given, reader, point, at=at))
    if reader.role != Role.BSP:
        return ()
    held = given.controls.get(blocks.block_of(point))
    stretches = own_meters.own_stretches(meters, held, bsp=reader.party, line=line)
    return tuple(Readable(start, end, "own-meter", "own") for start, end in stretches if start <= at)


def of_virtual(reader: Reader, dsos: Collection[str]) -> bool:
    """Whether a reader may read a stretch of a virtual channel, by the DSOs whose points it rests on."""
    if reader.end_user:
        return False
    return reader.role == Role.DATAHUB or (reader.role == Role.DSO and reader.party in dsos)


def spans(some: tuple[Readable, ...], line: str, *, start: datetime, end: datetime) -> list[Span]:
    """The parts of a period in which a line may be read: half-open, in order, apart from each other."""
    return joined(sorted((max(one.start, start), min(one.end or end, end)) for one in some if one.has(line)))


def without(span: Span, others: Iterable[Span]) -> list[Span]:
    """What is left of a period, in order; nothing of an empty one."""
    left = [span]
    for first, last in others:
        left = [
            part
            for since, until in left
            for part in ((since, min(until, first)), (max(since, last), until))
            if part[0] < part[1]
        ]
    return [(first, last) for first, last in left if first < last]


_Found = Callable[[Known, Reader, str, datetime], Iterator[Readable]]


def _nothing(_given: Known, _reader: Reader, _point: str, _at: datetime) -> Iterator[Readable]:
    yield from ()


def _in_own_grid(given: Known, reader: Reader, point: str, at: datetime) -> Iterator[Readable]:
    since: datetime | None = None
    for version in known.versions_of(given.points, point):
        own = version.dso == reader.party
        if own and since is None:
            since = version.valid_from
        elif not own and since is not None:
            yield from _of_grid(since, version.valid_from, at)
            since = None
    if since is not None:
        yield from _of_grid(since, None, at)


def _of_grid(start: datetime, end: datetime | None, at: datetime) -> Iterator[Readable]:
    if start <= at:
        yield Readable(start, end, "own-grid", level="full")


def _controlled(given: Known, reader: Reader, point: str, at: datetime) -> Iterator[Readable]:
    for start, end in access.readable(given.controls, given.accesses, bsp=reader.party, point=point, at=at):
        yield Readable(start, end, "control")


def _supplied(given: Known, reader: Reader, point: str, at: datetime) -> Iterator[Readable]:
    for supplier, start, end in supplied.spells(supplied.of_point(given.supplies, point), lambda one: one.supplier):
        if supplier == reader.party and start <= at:
            yield Readable(start, end, "supply", "active", "full")


def _in_balance(given: Known, reader: Reader, point: str, at: datetime) -> Iterator[Readable]:
    timeline = supplied.of_point(given.supplies, point)
    for brp, start, end in supplied.spells(timeline, lambda one: one.brp_consumption):
        if brp == reader.party and start <= at:
            yield Readable(start, end, "balance", "consumption")
    for brp, start, end in supplied.spells(timeline, lambda one: one.brp_production):
        if brp == reader.party and start <= at:
            yield Readable(start, end, "balance", "production")


def _granted(given: Known, reader: Reader, point: str, at: datetime) -> Iterator[Readable]:
    for id_, periods in granted.of_point(given.granted, point).items():
        grant = given.grants.get(id_)
        if grant is None or grant.third_party != reader.party or not grant.holds(at):
            continue
        for start, end in periods:
            if end is not None and end <= at:
                # The end user has left the point: there the grant is over.
                continue
            last = min((each for each in (end, grant.until) if each is not None), default=None)
            if last is None or start < last:
                yield Readable(start, last, "grant", "active", grant.level, id_)


def _for_end_user(given: Known, reader: Reader, point: str, at: datetime) -> Iterator[Readable]:
    if reader.role not in SERVING:
        return
    for who, start, end in supplied.spells(supplied.of_point(given.supplies, point), supplied.end_user):
        if who == reader.end_user and start <= at:
            yield Readable(start, end, "end-user", "settlement", "full")
            yield Readable(start, end, "end-user", "own", "full")


def _to_verify(given: Known, _reader: Reader, point: str, at: datetime) -> Iterator[Readable]:
    block = given.memberships.get(blocks.block_of(point))
    for group in block.groups.values() if block else ():
        for stay in group.members.get(point, ()):
            if stay.valid_from <= at and (stay.valid_to is None or stay.valid_from < stay.valid_to):
                yield Readable(stay.valid_from, stay.valid_to, "verification", "active")


def _registered(given: Known, _reader: Reader, point: str, _at: datetime) -> Iterator[Readable]:
    if known.versions_of(given.points, point):
        yield Readable(ALWAYS, None, "register", level="full")


_BY_ROLE: Final[Mapping[Role, _Found]] = {
    Role.DSO: _in_own_grid,
    Role.BSP: _controlled,
    Role.SUPPLIER: _supplied,
    Role.BRP: _in_balance,
    Role.THIRD_PARTY: _granted,
    Role.TSO: _to_verify,
    Role.DATAHUB: _registered,
}
