"""What other services (and the value shards) have said, as far as decisions here need it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from contracts.meter_ingest.v1 import ValuesAccepted
from contracts.prequal.v1 import BiddableChanged, GridAssessed
from contracts.registry.v1 import (
    GroupFormed,
    MemberJoined,
    MemberPowerChanged,
    MembershipEndAnnounced,
    MembershipEndCancelled,
    MembershipEnded,
    MeteringPointRecorded,
    PartyOnboarded,
)
from contracts.values import Role
from meter_ingest.domain import blocks, days

# From registry, the parties


@dataclass(frozen=True, slots=True)
class Party:
    """A party, with the roles it may act in."""

    roles: tuple[Role, ...]


def evolve_party(_state: Party | None, event: PartyOnboarded) -> Party:
    """Fold what `registry` says of a party."""
    return Party(event.roles)


# From registry, what metering points are, by block


@dataclass(frozen=True, slots=True)
class PointVersion:
    """What a metering point is from a moment on. Without a known grid area it has no DSO."""

    valid_from: datetime
    dso: str | None
    agreed_power_w: int


@dataclass(frozen=True, slots=True)
class Points:
    """Up to a hundred metering points, by place, versions by time."""

    places: dict[str, tuple[PointVersion, ...]]


def evolve_points(state: Points | None, event: MeteringPointRecorded) -> Points:
    """A fact takes its place in time, whenever it comes; one for the same moment replaces."""
    places = state.places if state else {}
    place = blocks.place_of(event.metering_point_id)
    version = PointVersion(event.valid_from, event.dso, event.agreed_power_w)
    others = (one for one in places.get(place, ()) if one.valid_from != event.valid_from)
    return Points({**places, place: tuple(sorted((*others, version), key=lambda one: one.valid_from))})


def point_at(points: Mapping[str, Points | None], point: str, moment: datetime) -> PointVersion | None:
    """What a metering point is at a moment."""
    block = points.get(blocks.block_of(point))
    if block is None:
        return None
    found: PointVersion | None = None
    for version in block.places.get(blocks.place_of(point), ()):
        if version.valid_from > moment:
            break
        found = version
    return found


# From registry, groups


@dataclass(frozen=True, slots=True)
class Stay:
    """One membership of one point, half-open."""

    grid_area: str
    dso: str
    substation: str | None
    up_w: int
    down_w: int
    valid_from: datetime
    valid_to: datetime | None
    ends: dict[str, datetime] = field(default_factory=dict)
    """When it is announced to end, by what ends it; `valid_to` is the first of them, or when it was over."""

    def until(self, because: str, valid_to: datetime | None) -> Stay:
        """It ends by this then, or (None) by this no more."""
        ends = {why: end for why, end in self.ends.items() if why != because}
        if valid_to is not None:
            ends[because] = valid_to
        return replace(self, ends=ends, valid_to=min(ends.values(), default=None))


@dataclass(frozen=True, slots=True)
class Group:
    """A flexibility group and every membership it has had, by metering point."""

    bsp: str
    members: dict[str, tuple[Stay, ...]] = field(default_factory=dict)


OfGroup = (
    GroupFormed | MemberJoined | MemberPowerChanged | MembershipEndAnnounced | MembershipEndCancelled | MembershipEnded
)


def evolve_group(state: Group | None, event: OfGroup) -> Group:
    """A join replaces what stood from its start on; an end cuts the last membership, a change of power divides it."""
    state = state or Group(event.bsp)
    if isinstance(event, GroupFormed):
        return state
    stays = state.members.get(event.metering_point_id, ())
    if isinstance(event, MemberJoined):
        stay = Stay(
            event.grid_area,
            event.dso,
            event.substation,
            event.up_w,
            event.down_w,
            event.valid_from,
            None,
        ).until("switch", event.valid_to)
        stays = (*(one for one in stays if one.valid_from < event.valid_from), stay)
    elif stays and isinstance(event, MemberPowerChanged):
        before, since = replace(stays[-1], valid_to=event.valid_from), event.valid_from
        stays = (*stays[:-1], before, replace(stays[-1], up_w=event.up_w, down_w=event.down_w, valid_from=since))
    elif stays and isinstance(event, MembershipEndAnnounced):
        stays = (*stays[:-1], stays[-1].until(event.because, event.valid_to))
    elif stays and isinstance(event, MembershipEndCancelled):
        stays = (*stays[:-1], stays[-1].until(event.because, None))
    elif stays:
        stays = (*stays[:-1], replace(stays[-1], valid_to=event.valid_to))
    return replace(state, members={**state.members, event.metering_point_id: stays})


def members_at(group: Group, moment: datetime) -> dict[str, Stay]:
    """The members at a moment, in the order of their ids."""
    found: dict[str, Stay] = {}
    for point in sorted(group.members):
        for stay in group.members[point]:
            if stay.valid_from <= moment and (stay.valid_to is None or moment < stay.valid_to):
                found[point] = stay
    return found


# From prequal, what the DSOs allow and what may be bid


@dataclass(frozen=True, slots=True)
class Answered:
    """A DSO's latest answer: its limits by metering point as (up, down) in W."""

    rejected: bool
    limits: dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Biddable:
    """What may be bid from a moment on."""

    valid_from: datetime
    up_w: int
    down_w: int


@dataclass(frozen=True, slots=True)
class Approval:
    """A group as `prequal` sees it: the DSOs' answers, and the timeline of what may be bid."""

    answers: dict[str, Answered] = field(default_factory=dict)
    biddable: tuple[Biddable, ...] = ()


def evolve_approval(state: Approval | None, event: GridAssessed | BiddableChanged) -> Approval:
    """The newest answer of a DSO replaces its former one; what may be bid takes its place in time."""
    state = state or Approval()
    if isinstance(event, GridAssessed):
        limits = {limit.metering_point_id: (limit.up_w, limit.down_w) for limit in event.limits}
        return replace(state, answers={**state.answers, event.dso: Answered(event.decision == "rejected", limits)})
    biddable = Biddable(event.valid_from, event.up_w, event.down_w)
    others = (one for one in state.biddable if one.valid_from != event.valid_from)
    return replace(state, biddable=tuple(sorted((*others, biddable), key=lambda one: one.valid_from)))


def biddable_at(approval: Approval | None, moment: datetime, direction: str) -> int:
    """What may be bid at a moment, in W."""
    found = 0
    for one in approval.biddable if approval else ():
        if one.valid_from <= moment:
            found = one.up_w if direction == "up" else one.down_w
    return found


def deliverable(approval: Approval | None, point: str, stay: Stay, direction: str) -> int:
    """What a member may deliver, in W: its declared power under the DSOs' limits; not yet assessed is 0 (D11, D29)."""
    answers = approval.answers if approval else {}
    own = answers.get(stay.dso)
    if own is None or own.rejected:
        return 0
    side = 0 if direction == "up" else 1
    limits = (answer.limits[point][side] for answer in answers.values() if point in answer.limits)
    return min(stay.up_w if direction == "up" else stay.down_w, *limits, 10**12)


# From the value shards, what has come


WHOLE = -1
"""Every quarter of a day, whether it has 92, 96 or 100: all bits are set."""


@dataclass(frozen=True, slots=True)
class Received:
    """Which quarters of one local day have come in one direction, for up to a hundred points: bits by place."""

    places: dict[str, int]


@dataclass(frozen=True, slots=True)
class Heard:
    """How far each value shard has been heard: values are read up to here, so that a decision can be taken again."""

    positions: dict[str, int]


def received(event: ValuesAccepted) -> dict[str, list[tuple[str, int]]]:
    """What each `Received` document gets of a record: (place, quarters), by `date|block|direction`."""
    parts: dict[str, list[tuple[str, int]]] = {}
    for series in event.series:
        first = days.day_at(series.start)
        touched: Iterable[days.Day] = (first,) if series.end <= first.end else days.days(series.start, series.end)
        for day in touched:
            whole = series.start <= day.start and day.end <= series.end
            quarters = WHOLE if whole else days.mask(day, series.start, series.end)
            key = blocks.key(day.date, blocks.block_of(series.metering_point_id), series.direction)
            parts.setdefault(key, []).append((blocks.place_of(series.metering_point_id), quarters))
    return parts


def evolve_received(state: Received | None, part: list[tuple[str, int]]) -> Received:
    """Add what has come."""
    places = dict(state.places) if state else {}
    for place, quarters in part:
        places[place] = places.get(place, 0) | quarters
    return Received(places)


def evolve_heard(state: Heard | None, event: ValuesAccepted) -> Heard:
    """A shard's events come in the order of its positions."""
    return Heard({**(state.positions if state else {}), event.shard: event.position})
