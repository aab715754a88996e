"""Who may read which values of a metering point, of which period: one policy, and nothing that it does not say.

A party reads in one role at a time, on a ground: a DSO while the point lies in its own grid, a BSP in its control and
as far back as consents go, the TSO while the point is a member of a group that it may activate and has to verify, the
datahub what it hands on. The ground says which lines. Own meters are asked for by their resource (`of_own_meter`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal

from contracts.values import Role
from meter_ingest.domain import access, blocks, control, known, lines

Ground = Literal["own-grid", "control", "verification", "register"]
Level = Literal["limited", "full"]
"""What goes with the values: the least that they cannot be read without, or the facts of the point, too."""
Scope = Literal["settlement", "active", "consumption", "production", "own"]
"""Which lines: all of the settlement meter, its active energy, one way of that; or an own meter's."""

ALWAYS: Final = datetime(1900, 1, 1, tzinfo=UTC)
"""The beginning of what has none."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A party, in the role in which it reads."""

    party: str
    role: Role


@dataclass(frozen=True, slots=True)
class Readable:
    """Values that may be read: half-open, without an end while nothing ends it; which lines, and on what ground."""

    start: datetime
    end: datetime | None
    ground: Ground
    scope: Scope = "settlement"
    level: Level = "limited"

    def has(self, line: str) -> bool:
        """Whether a line is among those."""
        direction, product, meter = lines.parts(line)
        if meter or self.scope == "own":
            return bool(meter) and self.scope == "own"
        return self.scope == "settlement" or (product == "active" and self.scope in {"active", direction})


@dataclass(frozen=True, slots=True)
class Known:
    """What it is decided by, of at least the blocks of the points that are asked for."""

    points: Mapping[str, known.Points | None] = field(default_factory=dict[str, "known.Points | None"])
    controls: Mapping[str, control.Control | None] = field(default_factory=dict[str, "control.Control | None"])
    accesses: Mapping[str, access.Access | None] = field(default_factory=dict[str, "access.Access | None"])
    memberships: Mapping[str, known.Memberships | None] = field(default_factory=dict[str, "known.Memberships | None"])


def readable(given: Known, reader: Reader, point: str, *, at: datetime) -> tuple[Readable, ...]:
    """Which values of a point a reader may read at a moment, in order; of the unknown none, like of another's."""
    found = _BY_ROLE.get(reader.role, _nothing)
    return tuple(sorted(found(given, reader, point, at), key=lambda one: (one.start, one.scope)))


def spans(some: tuple[Readable, ...], line: str, *, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The parts of a period in which a line may be read: half-open, in order, apart from each other."""
    cut = sorted((max(one.start, start), min(one.end or end, end)) for one in some if one.has(line))
    made: list[tuple[datetime, datetime]] = []
    for first, last in cut:
        if first >= last:
            continue
        if made and made[-1][1] >= first:
            made[-1] = (made[-1][0], max(made[-1][1], last))
        else:
            made.append((first, last))
    return made


_Found = Callable[[Known, Reader, str, datetime], Iterator[Readable]]


def _nothing(_given: Known, _reader: Reader, _point: str, _at: datetime) -> Iterator[Readable]:
    yield from ()


def _in_own_grid(given: Known, reader: Reader, point: str, _at: datetime) -> Iterator[Readable]:
    versions = known.versions_of(given.points, point)
    since: datetime | None = None
    for version in versions:
        own = version.dso == reader.party
        if own and since is None:
            since = version.valid_from
        elif not own and since is not None:
            yield Readable(since, version.valid_from, "own-grid", level="full")
            since = None
    if since is not None:
        yield Readable(since, None, "own-grid", level="full")


def _controlled(given: Known, reader: Reader, point: str, at: datetime) -> Iterator[Readable]:
    for start, end in access.readable(given.controls, given.accesses, bsp=reader.party, point=point, at=at):
        yield Readable(start, end, "control")


def _to_verify(given: Known, _reader: Reader, point: str, at: datetime) -> Iterator[Readable]:
    block = given.memberships.get(blocks.block_of(point))
    for group in block.groups.values() if block else ():
        for stay in group.members.get(point, ()):
            if stay.valid_from <= at and (stay.valid_to is None or stay.valid_from < stay.valid_to):
                yield Readable(stay.valid_from, stay.valid_to, "verification")


def _registered(given: Known, _reader: Reader, point: str, _at: datetime) -> Iterator[Readable]:
    if known.versions_of(given.points, point):
        yield Readable(ALWAYS, None, "register", level="full")


_BY_ROLE: Final[Mapping[Role, _Found]] = {
    Role.DSO: _in_own_grid,
    Role.BSP: _controlled,
    Role.TSO: _to_verify,
    Role.DATAHUB: _registered,
}
