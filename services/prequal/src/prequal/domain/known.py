"""What `prequal` knows from `registry`: groups with their members, single points, the hierarchy of grid areas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from contracts import values
from contracts.prequal import v1
from contracts.registry import v1 as registry
from prequal.domain.power import Power


@dataclass(frozen=True, slots=True)
class Membership:
    """A metering point's stay in a group: half-open, `valid_to` None while no end is announced."""

    grid_area: str
    dso: str
    substation: str | None
    power: Power
    valid_from: datetime
    valid_to: datetime | None = None
    leave_by: datetime | None = None
    """It must leave by then; until it ends it counts (D9)."""
    ends: dict[registry.WhyEnd, datetime] = field(default_factory=dict["registry.WhyEnd", datetime])
    """What is to end it, each announced and taken back by itself; `valid_to` is the first."""
    moved_from: str | None = None
    """Of one that was found to lie elsewhere: the substation that it had until then, if one was known."""


@dataclass(frozen=True, slots=True)
class Succession:
    """Another BSP is to take a group over, from a midnight on."""

    successor: str
    start: datetime


@dataclass(frozen=True, slots=True)
class Group:
    """A flexibility group of `registry`.

    A point that leaves and joins again has a membership for each stay; those that are over are dropped, because nothing
    is decided about the past here.
    """

    bsp: str
    zone: values.BiddingZone
    members: dict[str, tuple[Membership, ...]] = field(default_factory=dict[str, tuple[Membership, ...]])
    status: Literal["forming", "active", "ending", "ended"] = "active"
    """Only an active one is applied for. What becomes of the approval of one that ends follows from its members."""
    kind: v1.ObjectKind = "flexibility-group"
    """A regulation object of one point is held as a group of one: the same rules are for both (R8)."""
    succession: Succession | None = None
    """Its BSP is to be taken over, if that is announced."""

    def points(self, *, at: datetime) -> dict[str, Membership]:
        """The last stay of every point that is a member at `at` or later, by metering point."""
        return {point: stay for point in sorted(self.members) if (stay := self.stay(point, at=at))}

    def stay(self, point: str, *, at: datetime) -> Membership | None:
        """The last stay of a point, if it is a member at `at` or later."""
        stays = self.members.get(point)
        if not stays or ((valid_to := stays[-1].valid_to) is not None and valid_to <= at):
            return None
        return stays[-1]


OfMember = (
    registry.MemberJoined
    | registry.MemberPowerChanged
    | registry.MemberRelocated
    | registry.MembershipEndAnnounced
    | registry.MembershipEndCancelled
    | registry.MemberMustLeave
    | registry.MemberMayStay
    | registry.MembershipEnded
)
OfGroup = (
    registry.GroupFormed
    | registry.GroupActivated
    | registry.GroupEndAnnounced
    | registry.GroupEndCancelled
    | registry.GroupEnded
    | registry.GroupSuccessionAnnounced
    | registry.GroupSuccessionCancelled
    | registry.GroupPassed
)
OfObject = (
    registry.RegulationObjectFormed
    | registry.RegulationObjectEndAnnounced
    | registry.RegulationObjectEndCancelled
    | registry.RegulationObjectEnded
    | registry.RegulationObjectPowerChanged
    | registry.RegulationObjectRelocated
)
Lying = (
    registry.MemberJoined
    | registry.MemberRelocated
    | registry.RegulationObjectFormed
    | registry.RegulationObjectRelocated
)
"""What tells where a point lies that takes part."""


def evolve_group(state: Group | None, event: OfGroup | OfMember | OfObject) -> Group | None:
    """Fold an event of `registry`."""
    if isinstance(event, registry.GroupFormed):
        return Group(bsp=event.bsp, zone=event.zone, status=event.status)
    if isinstance(event, OfObject):
        return _object(state, event)
    if state is None:
        return None
    match event:
        case registry.GroupActivated():
            state = replace(state, status="active")
        case registry.GroupEndAnnounced():
            state = replace(state, status="ending")
        case registry.GroupEndCancelled():
            state = replace(state, status=event.status)
        case registry.GroupEnded():
            state = replace(state, status="ended")
        case registry.GroupSuccessionAnnounced():
            state = replace(state, succession=Succession(event.successor, event.start))
        case registry.GroupSuccessionCancelled() | registry.GroupPassed():
            has_passed = isinstance(event, registry.GroupPassed)
            state = replace(state, bsp=event.successor if has_passed else state.bsp, succession=None)
        case _:
            return _with(state, event.metering_point_id, _stays(state, event))
    return state


def _object(state: Group | None, event: OfObject) -> Group | None:
    """A regulation object of one point, as a group that it is the only member of."""
    if isinstance(event, registry.RegulationObjectFormed):
        stay = Membership(
            grid_area=event.grid_area,
            dso=event.dso,
            substation=event.substation,
            power=Power(event.up_w, event.down_w),
            valid_from=event.valid_from,
            valid_to=event.valid_to,
            ends={"switch": event.valid_to} if event.valid_to else {},
        )
        return Group(event.bsp, event.zone, {event.metering_point_id: (stay,)}, kind="single-point")
    if state is None:
        return None
    stays = state.members.get(event.metering_point_id, ())
    match event:
        case registry.RegulationObjectEndAnnounced():
            ends = {**(stays[-1].ends if stays else {}), event.because: event.valid_to}
            stays = _last(stays, valid_to=min(ends.values()), ends=ends)
            return replace(_with(state, event.metering_point_id, stays), status="ending")
        case registry.RegulationObjectEndCancelled():
            ends = {why: end for why, end in (stays[-1].ends if stays else {}).items() if why != event.because}
            stays = _last(stays, valid_to=event.valid_to, ends=ends)
            status = "ending" if event.valid_to else "active"
            return replace(_with(state, event.metering_point_id, stays), status=status)
        case registry.RegulationObjectEnded():
            return replace(_with(state, event.metering_point_id, ()), status="ended")
        case registry.RegulationObjectPowerChanged():
            stays = _last(stays, power=Power(event.up_w, event.down_w))
        case registry.RegulationObjectRelocated():
            stays = _moved(stays, event)
    return _with(state, event.metering_point_id, stays)


def _stays(state: Group, event: OfMember) -> tuple[Membership, ...]:
    """The stays of the point that an event is about, after it. What changes a member changes its last stay."""
    stays = state.members.get(event.metering_point_id, ())
    match event:
        case registry.MemberJoined():
            stay = Membership(
                grid_area=event.grid_area,
                dso=event.dso,
                substation=event.substation,
                power=Power(event.up_w, event.down_w),
                valid_from=event.valid_from,
                valid_to=event.valid_to,
                ends={"switch": event.valid_to} if event.valid_to else {},
            )
            stays = (*(old for old in stays if old.valid_from < stay.valid_from), stay)
        case registry.MemberPowerChanged():
            stays = _last(stays, power=Power(event.up_w, event.down_w))
        case registry.MemberRelocated():
            stays = _moved(stays, event)
        case registry.MembershipEndAnnounced():
            ends = {**(stays[-1].ends if stays else {}), event.because: event.valid_to}
            stays = _last(_ended(stays, min(ends.values())), ends=ends)
        case registry.MembershipEndCancelled():
            ends = {why: end for why, end in (stays[-1].ends if stays else {}).items() if why != event.because}
            stays = _last(stays, valid_to=event.valid_to, ends=ends)
        case registry.MemberMustLeave():
            stays = _last(stays, leave_by=event.leave_by)
        case registry.MemberMayStay():
            stays = _last(stays, leave_by=None)
        case registry.MembershipEnded():
            if event.because in {"moved", "split", "merged"}:
                # At once, perhaps in the very moment of joining: nothing dated ahead stands behind it.
                return stays[:-1]
            ended = _ended(stays, event.valid_to)
            stays = tuple(stay for stay in ended if stay.valid_to is None or stay.valid_to > event.valid_to)
    return stays


def _moved(
    stays: tuple[Membership, ...], event: registry.MemberRelocated | registry.RegulationObjectRelocated
) -> tuple[Membership, ...]:
    former = stays[-1].substation if stays else None
    return _last(stays, grid_area=event.grid_area, dso=event.dso, substation=event.substation, moved_from=former)


def _last(stays: tuple[Membership, ...], **changed: Any) -> tuple[Membership, ...]:
    return (*stays[:-1], *(replace(stay, **changed) for stay in stays[-1:]))


def _ended(stays: tuple[Membership, ...], valid_to: datetime) -> tuple[Membership, ...]:
    """The stays, the one that had begun by `valid_to` ended there."""
    begun = max((stay.valid_from for stay in stays if stay.valid_from <= valid_to), default=None)
    return tuple(replace(stay, valid_to=valid_to) if stay.valid_from == begun else stay for stay in stays)


def _with(state: Group, point: str, stays: tuple[Membership, ...]) -> Group:
    members = state.members.copy()
    if stays:
        members[point] = stays
    else:
        members.pop(point, None)
    return replace(state, members=members)


ALWAYS = datetime(1, 1, 1, tzinfo=UTC)
"""Since when an area is what it is, if nobody has said since when."""


@dataclass(frozen=True, slots=True)
class AreaVersion:
    """A metering grid area's DSO and the area above it, from a moment on."""

    dso: str
    parent: str | None
    valid_from: datetime


@dataclass(frozen=True, slots=True)
class GridArea:
    """A metering grid area in time, in order of `valid_from`."""

    versions: tuple[AreaVersion, ...]

    def at(self, moment: datetime) -> AreaVersion | None:
        """What it is at a moment."""
        return next((each for each in reversed(self.versions) if each.valid_from <= moment), None)

    @property
    def parents(self) -> set[str]:
        """Every area that stands, stood or will stand right above it."""
        return {each.parent for each in self.versions if each.parent}


def evolve_grid_area(state: GridArea | None, event: registry.GridAreaDefined | registry.GridAreaChanged) -> GridArea:
    """What was said last of a moment counts; a change that comes late finds its place."""
    version = AreaVersion(event.dso, event.parent, event.valid_from or ALWAYS)
    others = (each for each in (state.versions if state else ()) if each.valid_from != version.valid_from)
    return GridArea(tuple(sorted((*others, version), key=lambda each: each.valid_from)))


@dataclass(frozen=True, slots=True)
class Ids:
    """What an index finds, in the order it was learned."""

    ids: tuple[str, ...] = ()

    def add(self, id: str) -> Ids:  # noqa: A002 - the field's word
        """With one more."""
        return self if id in self.ids else Ids((*self.ids, id))


OfBsp = registry.GroupFormed | registry.GroupSuccessionAnnounced | registry.GroupPassed
"""What says whose a group is, or will be."""


def evolve_groups_in_area(state: Ids | None, event: OfBsp | Lying) -> Ids:
    """A group has a member in an area (or what else it is found by), or a regulation object lies there."""
    return (state or Ids()).add(group_of(event))


def group_of(event: OfBsp | Lying) -> str:
    """Which group, or regulation object, an event is of."""
    of_object = isinstance(event, registry.RegulationObjectFormed | registry.RegulationObjectRelocated)
    return event.object_id if of_object else event.group_id


def group_with(event: OfBsp | Lying) -> tuple[str, ...]:
    """What a group is found by: its BSP, who is to be, its members, the substations they lie at."""
    if isinstance(event, registry.GroupFormed):
        return (f"bsp|{event.bsp}",)
    if isinstance(event, registry.GroupPassed):
        return (f"bsp|{event.successor}",)
    if isinstance(event, registry.GroupSuccessionAnnounced):
        return (f"successor|{event.successor}",)
    bsp = (f"bsp|{event.bsp}",) if isinstance(event, registry.RegulationObjectFormed) else ()
    substation = (f"substation|{event.substation}",) if event.substation else ()
    return (*bsp, f"metering_point_id|{event.metering_point_id}", *substation)


@dataclass(frozen=True, slots=True)
class Substation:
    """A substation: the grid area that it stands in, and the substation that feeds it; and what both were before."""

    grid_area: str
    parent: str | None
    former_area: str | None = None
    former_parent: str | None = None
    """What fed it until it was changed last, the same as now where that changed something else."""

    @property
    def lies_elsewhere(self) -> bool:
        """Whether the last change has put it below others."""
        return (self.grid_area, self.parent) != (self.former_area, self.former_parent)


def evolve_substation(
    state: Substation | None, event: registry.SubstationDefined | registry.SubstationChanged
) -> Substation:
    """What a substation is now."""
    if state is None:
        return Substation(event.grid_area, event.parent, event.grid_area, event.parent)
    return Substation(event.grid_area, event.parent, state.grid_area, state.parent)


def evolve_substations_below(state: Ids | None, event: registry.SubstationDefined | registry.SubstationChanged) -> Ids:
    """A substation is fed by another."""
    return (state or Ids()).add(event.substation_id)


def evolve_areas_below(state: Ids | None, event: registry.GridAreaDefined | registry.GridAreaChanged) -> Ids:
    """An area lies below another."""
    return (state or Ids()).add(event.grid_area)


def line_of(area_id: str, areas: Mapping[str, GridArea], *, at: datetime) -> list[str]:
    """A grid area and those above it, nearest first."""
    found: dict[str, None] = {}
    following: str | None = area_id
    while following is not None and following not in found:
        found[following] = None
        version = area.at(at) if (area := areas.get(following)) else None
        following = version.parent if version else None
    return list(found)


def dsos_above(area_id: str, areas: Mapping[str, GridArea], *, at: datetime) -> list[str]:
    """The connecting DSO of a grid area and every DSO above it, nearest first (D12, SOGL art. 182(2))."""
    found: dict[str, None] = {}
    seen: set[str] = set()
    following: str | None = area_id
    while following is not None and following not in seen and (area := areas.get(following)):
        seen.add(following)
        version = area.at(at)
        if version is None:
            break
        found[version.dso] = None
        following = version.parent
    return list(found)


def concerned(
    points: Mapping[str, Membership], areas: Mapping[str, GridArea], *, at: datetime
) -> dict[str, dict[str, Membership]]:
    """Which DSO is concerned by which of the points: `{dso: {metering point: membership}}`, in order of GLN."""
    chains = {area: dsos_above(area, areas, at=at) for area in {stay.grid_area for stay in points.values()}}
    found: dict[str, dict[str, Membership]] = {}
    for point, stay in points.items():
        for dso in chains[stay.grid_area] or [stay.dso]:
            found.setdefault(dso, {})[point] = stay
    return {dso: found[dso] for dso in sorted(found)}


def total(powers: Iterable[Power]) -> Power:
    """The sum in each direction."""
    up_w = down_w = 0
    for power in powers:
        up_w += power.up_w
        down_w += power.down_w
    return Power(up_w, down_w)


def evolve_spread(_: v1.Spread | None, event: registry.GroupMeasured) -> v1.Spread:
    """The last measurement counts."""
    return v1.Spread(
        measured_at=event.at,
        declared_up_w=event.declared_up_w,
        declared_down_w=event.declared_down_w,
        members=event.members,
        substations=event.substations,
        substation_hhi_ppm=event.substation_hhi_ppm,
        substation_largest_ppm=event.substation_largest_ppm,
        substation_largest=event.substation_largest,
        substation_unknown_ppm=event.substation_unknown_ppm,
        grid_areas=event.grid_areas,
        grid_area_hhi_ppm=event.grid_area_hhi_ppm,
        grid_area_largest_ppm=event.grid_area_largest_ppm,
        grid_area_largest=event.grid_area_largest,
    )
