"""What other services (and the value shards) have said, as far as decisions here need it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from contracts.calendar import Resolution
from contracts.meter_ingest.v1 import ValuesAccepted
from contracts.prequal.v1 import BiddableChanged, GridAssessed, GridAssessmentReleased, GridAssessmentRequested
from contracts.registry.v1 import (
    GroupFormed,
    GroupPassed,
    MemberJoined,
    MemberPowerChanged,
    MemberRelocated,
    MembershipEndAnnounced,
    MembershipEndCancelled,
    MembershipEnded,
    MeteringPointRecorded,
    ResourceRegistered,
    SettlementMethod,
    WhyEnd,
)
from meter_ingest.domain import blocks
from meter_ingest.domain.received import Received as Received  # noqa: PLC0414 - handed on
from meter_ingest.domain.received import evolve_received as evolve_received  # noqa: PLC0414
from meter_ingest.domain.received import received as received  # noqa: PLC0414

# From registry, what metering points are, by block


@dataclass(frozen=True, slots=True)
class PointVersion:
    """What a metering point is from a moment on. Without a known grid area it has no DSO."""

    valid_from: datetime
    dso: str | None
    agreed_power_w: int
    grid_area: str | None = None
    resolution: Resolution | None = None
    settlement: SettlementMethod | None = None
    active: bool = True
    fuse_w: int | None = None
    """What its main fuse lets through."""


@dataclass(frozen=True, slots=True)
class Points:
    """Up to a hundred metering points, by place, versions by time."""

    places: dict[str, tuple[PointVersion, ...]]


def evolve_points(state: Points | None, event: MeteringPointRecorded) -> Points:
    """A fact takes its place in time, whenever it comes; one for the same moment replaces."""
    places = state.places if state else {}
    place = blocks.place_of(event.metering_point_id)
    version = PointVersion(
        event.valid_from,
        event.dso,
        event.agreed_power_w,
        grid_area=event.grid_area,
        resolution=event.resolution,
        settlement=event.settlement_method,
        active=event.active,
        fuse_w=_fuse_w(event),
    )
    others = (one for one in places.get(place, ()) if one.valid_from != event.valid_from)
    return Points({**places, place: tuple(sorted((*others, version), key=lambda one: one.valid_from))})


def versions_of(points: Mapping[str, Points | None], point: str) -> tuple[PointVersion, ...]:
    """All that a metering point was, is and will be, in time; nothing of one that is not known."""
    block = points.get(blocks.block_of(point))
    return block.places.get(blocks.place_of(point), ()) if block else ()


def _fuse_w(event: MeteringPointRecorded) -> int | None:
    """√3 · U · I, as if it had three phases, of 400 V where none is known: never less than the fuse lets through."""
    if event.fuse_a is None:
        return None
    return event.fuse_a * (event.voltage_level_v or 400) * 1_732_051 // 1_000_000


def version_at(points: Points | None, place: str, moment: datetime) -> PointVersion | None:
    """What a metering point of the block is at a moment."""
    found: PointVersion | None = None
    for version in points.places.get(place, ()) if points else ():
        if version.valid_from > moment:
            break
        found = version
    return found


def point_at(points: Mapping[str, Points | None], point: str, moment: datetime) -> PointVersion | None:
    """What a metering point is at a moment."""
    return version_at(points.get(blocks.block_of(point)), blocks.place_of(point), moment)


@dataclass(frozen=True, slots=True)
class Resource:
    """The metering point that a resource stands behind, and whose it is."""

    metering_point_id: str
    bsp: str = ""


def evolve_resource(_: Resource | None, event: ResourceRegistered) -> Resource:
    """A resource stays behind its point."""
    return Resource(event.metering_point_id, event.bsp)


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
    ends: dict[WhyEnd, datetime] = field(default_factory=dict["WhyEnd", datetime])
    """What is to end the membership, each announced and taken back by itself."""
    was_to: datetime | None = None
    """Until when it was before its end was last said otherwise."""


@dataclass(frozen=True, slots=True)
class Group:
    """A flexibility group and every membership it has had, by metering point."""

    bsp: str
    members: dict[str, tuple[Stay, ...]] = field(default_factory=dict)


OfGroup = (
    GroupFormed
    | GroupPassed
    | MemberJoined
    | MemberPowerChanged
    | MemberRelocated
    | MembershipEndAnnounced
    | MembershipEndCancelled
    | MembershipEnded
)

OfMember = (
    MemberJoined
    | MemberPowerChanged
    | MemberRelocated
    | MembershipEndAnnounced
    | MembershipEndCancelled
    | MembershipEnded
)


def evolve_group(state: Group | None, event: OfGroup) -> Group:
    """A join replaces what stood from its start on; an end cuts the last membership, other changes divide it."""
    state = state or Group(event.bsp)
    if isinstance(event, GroupFormed):
        return state
    if isinstance(event, GroupPassed):
        return replace(state, bsp=event.successor)
    stays = state.members.get(event.metering_point_id, ())
    if isinstance(event, MemberJoined):
        stay = Stay(
            event.grid_area,
            event.dso,
            event.substation,
            event.up_w,
            event.down_w,
            event.valid_from,
            event.valid_to,
            {"switch": event.valid_to} if event.valid_to else {},
        )
        stays = (*(one for one in stays if one.valid_from < event.valid_from), stay)
    elif not stays:
        return state
    elif isinstance(event, MemberPowerChanged):
        before, since = replace(stays[-1], valid_to=event.valid_from), event.valid_from
        stays = (*stays[:-1], before, replace(stays[-1], up_w=event.up_w, down_w=event.down_w, valid_from=since))
    elif isinstance(event, MemberRelocated):
        stays = tuple(part for one in stays for part in _elsewhere(one, event))
    elif isinstance(event, MembershipEnded):
        stays = tuple(_cut(one, event.valid_to) for one in stays if one.valid_from < event.valid_to)
    else:
        stays = (*stays[:-1], _ending(stays[-1], event))
    return replace(state, members={**state.members, event.metering_point_id: stays})


def _elsewhere(one: Stay, event: MemberRelocated) -> Iterator[Stay]:
    """A stay as far as it was before the member lay elsewhere, and the rest of it there."""
    if one.valid_from < event.valid_from:
        yield _cut(one, event.valid_from)
    if one.valid_to is None or event.valid_from < one.valid_to:
        since = max(one.valid_from, event.valid_from)
        yield replace(one, grid_area=event.grid_area, dso=event.dso, substation=event.substation, valid_from=since)


def _cut(one: Stay, end: datetime) -> Stay:
    return one if one.valid_to is not None and one.valid_to <= end else replace(one, valid_to=end)


def _ending(one: Stay, event: MembershipEndAnnounced | MembershipEndCancelled) -> Stay:
    ends = {why: end for why, end in one.ends.items() if why != event.because}
    if isinstance(event, MembershipEndCancelled):
        return replace(one, valid_to=event.valid_to, ends=ends, was_to=one.valid_to)
    ends[event.because] = event.valid_to
    return replace(one, valid_to=min(ends.values()), ends=ends, was_to=one.valid_to)


@dataclass(frozen=True, slots=True)
class Memberships:
    """The groups of a block's points: each group as far as it has members in the block."""

    groups: dict[str, Group] = field(default_factory=dict[str, "Group"])


def evolve_memberships(state: Memberships | None, event: OfMember) -> Memberships:
    """As the group itself is folded."""
    groups = state.groups if state else {}
    return Memberships({**groups, event.group_id: evolve_group(groups.get(event.group_id), event)})


def members_at(group: Group, moment: datetime) -> dict[str, Stay]:
    """The members at a moment, in the order of their ids."""
    found: dict[str, Stay] = {}
    for point in sorted(group.members):
        for stay in group.members[point]:
            if stay.valid_from <= moment and (stay.valid_to is None or moment < stay.valid_to):
                found[point] = stay
    return found


def members_in(group: Group, moments: Sequence[datetime]) -> dict[str, str]:
    """Who is a member at any of some moments, in the order of their ids, and at which: `0110`."""
    found = {point: quarters_of(group, point, moments) for point in sorted(group.members)}
    return {point: quarters for point, quarters in found.items() if "1" in quarters}


def quarters_of(group: Group, point: str, moments: Sequence[datetime]) -> str:
    """At which of some moments a point is a member: `0110`."""
    stays = group.members.get(point, ())
    return "".join(
        "01"[any(one.valid_from <= moment and (one.valid_to is None or moment < one.valid_to) for one in stays)]
        for moment in moments
    )


def since(event: OfMember, group: Group | None) -> datetime | None:
    """From when on it makes a difference what was said of a member; None: it makes none. `group`: as it is since."""
    match event:
        case MemberJoined() | MemberPowerChanged() | MemberRelocated():
            return event.valid_from
        case MembershipEnded():
            return event.valid_to
        case MembershipEndAnnounced() | MembershipEndCancelled():
            stays = group.members.get(event.metering_point_id) if group else None
            ends = {stays[-1].valid_to, stays[-1].was_to} if stays else set[datetime | None]()
            return min((end for end in ends if end), default=None) if len(ends) > 1 else None


# From prequal, what the DSOs allow and what may be bid


Watts = tuple[int, int]
"""Up and down, in W."""


@dataclass(frozen=True, slots=True)
class Part:
    """A DSO's own part of a group, by metering point."""

    asked: dict[str, Watts] = field(default_factory=dict)
    """What it is asked about and has not answered: what was declared then."""
    allowed: dict[str, Watts] = field(default_factory=dict)
    """What it allows single points; what else it limits is in what may be bid."""


@dataclass(frozen=True, slots=True)
class Biddable:
    """What may be bid from a moment on."""

    valid_from: datetime
    up_w: int
    down_w: int
    approved_up_w: int | None = None
    """None: it was heard of before this was noted."""
    approved_down_w: int | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """A group as `prequal` sees it: the DSOs' parts by GLN, and the timeline of what may be bid."""

    parts: dict[str, Part] = field(default_factory=dict)
    biddable: tuple[Biddable, ...] = ()


Assessing = GridAssessmentRequested | GridAssessed | GridAssessmentReleased


def evolve_approval(state: Approval | None, event: Assessing | BiddableChanged) -> Approval:
    """What a DSO is asked and answers stands beside its former answers; what may be bid takes its place in time."""
    state = state or Approval()
    if not isinstance(event, BiddableChanged):
        part = _assessed(state.parts.get(event.dso, Part()), event)
        return replace(state, parts={**state.parts, event.dso: part})
    biddable = Biddable(event.valid_from, event.up_w, event.down_w, event.approved_up_w, event.approved_down_w)
    others = (one for one in state.biddable if one.valid_from != event.valid_from)
    return replace(state, biddable=tuple(sorted((*others, biddable), key=lambda one: one.valid_from)))


def _assessed(part: Part, event: Assessing) -> Part:
    if isinstance(event, GridAssessmentRequested):
        asked = {point.metering_point_id: (point.up_w, point.down_w) for point in event.points}
        return replace(part, asked={**part.asked, **asked})
    # In an order that is the event's, and no process' own: it is stored.
    points = dict.fromkeys(event.points or part.asked)
    asked = {point: power for point, power in part.asked.items() if point not in points}
    if isinstance(event, GridAssessmentReleased):
        allowed = {point: power for point, power in part.allowed.items() if point not in points}
        return Part(asked, allowed)
    answered = {
        point: (0, 0) if event.decision == "rejected" else part.asked[point] for point in points if point in part.asked
    }
    for limit in event.limits:
        power = answered.get(limit.metering_point_id or "")
        if power is not None and limit.metering_point_id and limit.valid_from is None and limit.valid_to is None:
            up, down = power
            answered[limit.metering_point_id] = (
                up if limit.up_w is None else min(up, limit.up_w),
                down if limit.down_w is None else min(down, limit.down_w),
            )
    return Part(asked, {**part.allowed, **answered})


def biddable_at(approval: Approval | None, moment: datetime, direction: str) -> int:
    """What may be bid at a moment, in W."""
    found = 0
    for one in approval.biddable if approval else ():
        if one.valid_from <= moment:
            found = one.up_w if direction == "up" else one.down_w
    return found


def deliverable(approval: Approval | None, point: str, stay: Stay, direction: str) -> int:
    """What a member may deliver, in W: its declared power under the DSOs' limits; not yet assessed is 0 (D11, D29)."""
    side = 0 if direction == "up" else 1
    parts = (
        [part for part in approval.parts.values() if point in part.asked or point in part.allowed] if approval else []
    )
    if not parts:
        return 0
    allowed = (part.allowed.get(point, (0, 0))[side] for part in parts)
    return min(stay.up_w if direction == "up" else stay.down_w, *allowed)


def assessing(approval: Approval | None, point: str, *, but: str) -> list[str]:
    """The other DSOs that were asked about a point, sorted: their grid lies above the one it is connected to (D12)."""
    parts = approval.parts.items() if approval else ()
    return sorted(dso for dso, part in parts if dso != but and (point in part.asked or point in part.allowed))


# From the value shards, what has come


@dataclass(frozen=True, slots=True)
class Heard:
    """How far each value shard has been heard: values are read up to here, so that a decision can be taken again."""

    positions: dict[str, int]


def evolve_heard(state: Heard | None, event: ValuesAccepted) -> Heard:
    """A shard's events come in the order of its positions."""
    return Heard({**(state.positions if state else {}), event.shard: event.position})
