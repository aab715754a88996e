"""What may be activated at most at each substation and in each grid area, with all below it, for each DSO (R29).

A group's part in a location is what its members there can deliver within all limits, if no others do; never more than
may be bid for the group, so nothing while it may not be bid. A location's figure is the sum of the groups' parts. The
sum is kept without its parts, and each group keeps its own: when a group changes, what it had is taken out and what it
has is put in, and no other group is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from contracts.message import Event
from contracts.prequal import v1
from prequal.domain import known, readiness
from prequal.domain.grid import Grid
from prequal.domain.limits import Within
from prequal.domain.power import NONE, Power

MOST_GROUPS = 1000
"""So many groups' parts one event carries; where more are new at once, the rest follow in the next."""


class Slice(NamedTuple):
    """So much from a moment on, until the next slice; before the first: nothing."""

    valid_from: datetime
    power: Power


Slices = tuple[Slice, ...]
"""In order of time, each different from the one before."""


class Location(NamedTuple):
    """The members that concern a DSO at a substation or in a grid area, those below it too.

    A substation that is only a name is one in its grid area: another area may have its own by that name.
    """

    dso: str
    substation: str | None
    grid_area: str | None

    @property
    def id(self) -> str:
        """As its document is named."""
        return "/".join(each for each in self if each)


Alike = tuple[str | None, str, tuple[str, ...]]
"""Members at the same substation, in the same grid area, that concern the same DSOs."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What is known of where the members of a group lie."""

    stations: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """By substation: itself and those above it; of one that is only a name: not there."""
    stand_in: Mapping[str, str] = field(default_factory=dict[str, str])
    """By substation: the grid area that it stands in."""
    areas: Mapping[str, known.GridArea] = field(default_factory=dict[str, known.GridArea])
    _found: dict[tuple[Alike, datetime], tuple[Location, ...]] = field(
        default_factory=dict["tuple[Alike, datetime]", tuple[Location, ...]], repr=False, compare=False
    )

    def locations(self, alike: Alike, *, at: datetime) -> tuple[Location, ...]:
        """Where members count: what lies above them is for those of the DSOs alone whose it is."""
        found = self._found.get((alike, at))
        if found is None:
            found = self._found[alike, at] = tuple(self._locations(*alike, at=at))
        return found

    def _locations(
        self, substation: str | None, grid_area: str, dsos: Iterable[str], *, at: datetime
    ) -> Iterable[Location]:
        line = self.stations.get(substation or "", ())
        above = [(place, None, self.stand_in.get(place)) for place in line[1:]]
        above += [(None, area, area) for area in known.line_of(grid_area, self.areas, at=at)[1:]]
        own: list[tuple[str | None, str | None]] = [(None, grid_area)]
        if substation:
            own.append((substation, None if line else grid_area))
        for dso in dsos:
            yield from (Location(dso, *place) for place in own)
            for station, area, of in above:
                if of and dso in known.dsos_above(of, self.areas, at=at):
                    yield Location(dso, station, area)


@dataclass(frozen=True, slots=True)
class Readiness:
    """What may be activated at a location, as published."""

    slices: Slices = ()


@dataclass(frozen=True, slots=True)
class Own:
    """A group's part in a location."""

    location: Location
    slices: Slices


@dataclass(frozen=True, slots=True)
class OfGroup:
    """A group's parts, by location id."""

    own: dict[str, Own] = field(default_factory=dict[str, Own])


class Part(NamedTuple):
    """What an event says of one group."""

    location: Location
    said: v1.GroupAtLocation


def evolve(_state: Readiness | None, event: v1.LocationReadinessChanged) -> Readiness:
    """Fold an own event: it says all from its moment on, and nothing is asked of what was before."""
    return Readiness(_slices(event.steps))


def parts(event: v1.LocationReadinessChanged) -> dict[str, Part]:
    """By group: its part of an event."""
    location = Location(event.dso, event.substation, event.grid_area)
    return {said.group_id: Part(location, said) for said in event.groups}


def evolve_of_group(state: OfGroup | None, part: Part) -> OfGroup:
    """Fold a group's part of an own event."""
    own = state.own.copy() if state else {}
    own.pop(part.location.id, None)
    if part.said.steps:
        own[part.location.id] = Own(part.location, _slices(part.said.steps))
    return OfGroup(own)


def _slices(steps: Iterable[v1.LocationStep]) -> Slices:
    return tuple(Slice(step.valid_from, Power(step.up_w, step.down_w)) for step in steps)


def of_group(
    group: known.Group,
    grid: Grid,
    within: Within,
    steps: Sequence[readiness.Step],
    ground: Ground,
    *,
    at: datetime,
) -> dict[str, Own]:
    """A group's part in each of its locations, from a moment on; locations with nothing ever are left out."""
    biddable = _from((Slice(step.valid_from, step.biddable) for step in steps), at)
    found: dict[str, Own] = {}
    if not biddable:
        return found
    alike = {one: within.sums(stays) for one, stays in _alike(group, grid).items()}
    which: dict[Location, list[Alike]] = {}
    for one in alike:
        for location in ground.locations(one, at=at):
            which.setdefault(location, []).append(one)
    known_as: dict[tuple[Alike, ...], Slices] = {}
    for location, ones in which.items():
        # The DSOs of a location mostly have the same members there, and often a place above has them, too.
        slices = known_as.get(together := tuple(ones))
        if slices is None:
            slices = known_as[together] = at_most(within.powers([alike[one] for one in together]), biddable)
        if slices:
            found[location.id] = Own(location, slices)
    return found


def _alike(group: known.Group, grid: Grid) -> dict[Alike, list[tuple[str, known.Membership]]]:
    """The members that are counted, each with its stays."""
    dsos: dict[str, tuple[str, ...]] = {}
    for dso in grid.dsos:
        for point in grid.parts[dso].points:
            dsos[point] = (*dsos.get(point, ()), dso)
    alike: dict[Alike, list[tuple[str, known.Membership]]] = {}
    for point in grid.allowed:
        for stay in group.members.get(point, ()):
            alike.setdefault((stay.substation, stay.grid_area, dsos.get(point, ())), []).append((point, stay))
    return alike


def decide(
    location: Location,
    state: Readiness | None,
    changed: Mapping[str, tuple[Slices, Slices]],
    *,
    at: datetime,
) -> list[Event]:
    """The location's sum with what some groups have now instead of what they had: `{group: (before, now)}`."""
    total = _added(
        [
            (state.slices if state else (), 1),
            *((before, -1) for before, _ in changed.values()),
            *((now, 1) for _, now in changed.values()),
        ],
        at,
    )
    groups = sorted(changed.items())
    return [
        v1.LocationReadinessChanged(
            location=location.id,
            dso=location.dso,
            substation=location.substation,
            grid_area=location.grid_area,
            # The first says what is now, also where it is nothing.
            steps=_steps(total if total and total[0].valid_from == at else (Slice(at, NONE), *total)),
            groups=tuple(
                v1.GroupAtLocation(group_id=group_id, steps=_steps(now))
                for group_id, (_, now) in groups[n : n + MOST_GROUPS]
            ),
        )
        for n in range(0, len(groups), MOST_GROUPS)
    ]


def is_same(before: Slices, now: Slices, *, at: datetime) -> bool:
    """Whether both are the same from a moment on."""
    return before == now or _from(before, at) == _from(now, at)


def _steps(slices: Slices) -> tuple[v1.LocationStep, ...]:
    return tuple(v1.LocationStep(valid_from=moment, up_w=power.up_w, down_w=power.down_w) for moment, power in slices)


def _from(slices: Iterable[Slice], at: datetime) -> Slices:
    """From a moment on, without what says the same as the one before it."""
    now = NONE
    later: list[Slice] = []
    for one in slices:
        if one.valid_from <= at:
            now = one.power
        else:
            later.append(one)
    return _compressed([Slice(at, now), *later])


def _compressed(slices: Iterable[Slice]) -> Slices:
    found: list[Slice] = []
    last = NONE
    for one in slices:
        if one.power != last:
            found.append(one)
            last = one.power
    return tuple(found)


def at_most(there: Iterable[tuple[datetime, Power]], biddable: Iterable[tuple[datetime, Power]]) -> Slices:
    """The smaller of the two at every moment, each in order of time."""
    one, other = dict(there), dict(biddable)
    up_w = down_w = bid_up_w = bid_down_w = 0
    last = (0, 0)
    found: list[Slice] = []
    for moment in sorted({*one, *other}):
        if (power := one.get(moment)) is not None:
            up_w, down_w = power.up_w, power.down_w
        if (power := other.get(moment)) is not None:
            bid_up_w, bid_down_w = power.up_w, power.down_w
        # No objects in between: this runs for each place of each group that a limit reaches.
        now = (up_w if up_w < bid_up_w else bid_up_w, down_w if down_w < bid_down_w else bid_down_w)  # noqa: FURB136
        if now != last:
            found.append(Slice(moment, Power(*now)))
            last = now
    return tuple(found)


def _added(terms: Iterable[tuple[Slices, int]], at: datetime) -> Slices:
    """The sum from a moment on."""
    changes: dict[datetime, list[int]] = {}
    for slices, sign in terms:
        last = NONE
        for moment, power in slices:
            change = changes.setdefault(max(moment, at), [0, 0])
            change[0] += sign * (power.up_w - last.up_w)
            change[1] += sign * (power.down_w - last.down_w)
            last = power
    up_w = down_w = 0
    found: list[Slice] = []
    for moment in sorted(changes):
        up_w += changes[moment][0]
        down_w += changes[moment][1]
        found.append(Slice(moment, Power(up_w, down_w)))
    return _compressed(found)
