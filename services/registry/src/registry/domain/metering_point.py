"""Metering points: what they are, as facts in time; what stands behind them; which group they are in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

from contracts import values
from contracts.message import Event
from contracts.registry import v1
from registry.domain import timeline
from registry.domain.power import Power

if TYPE_CHECKING:
    from registry.domain.grid_area import GridArea


@dataclass(frozen=True, slots=True)
class Fact:
    """What a metering point is from a moment on. With an unknown grid area it has neither zone nor DSO (D27)."""

    grid_area: str
    zone: values.BiddingZone | None
    dso: str | None
    substation: str | None
    resolution: values.Resolution
    agreed_power_w: int
    valid_from: datetime


@dataclass(frozen=True, slots=True)
class Membership:
    """The point is a member of a group, half-open; `leave_by`: by when it must leave, and why.

    `valid_to` is the earliest of what ends it, or when it was over.
    """

    group_id: str
    valid_from: datetime
    valid_to: datetime | None = None
    ends: dict[v1.WhyEnd, datetime] = field(default_factory=dict)
    leave_by: dict[Literal["brp", "size"], datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MeteringPoint:
    """A metering point. It is in one group at a time (D10), or takes part alone; `past` memberships are over."""

    facts: tuple[Fact, ...]
    resources: dict[str, Power] = field(default_factory=dict)
    membership: Membership | None = None
    past: tuple[Membership, ...] = ()
    regulation_object: str | None = None
    """The regulation object that it is by itself (R8)."""

    def fact(self, at: datetime) -> Fact | None:
        """What it is at a moment."""
        return timeline.at(self.facts, at)

    @property
    def behind(self) -> Power:
        """The sum of all resources behind it (R2, seed 000 §1.1.1)."""
        power = Power()
        for resource in self.resources.values():
            power += resource
        return power


OfPoint: TypeAlias = (
    v1.MeteringPointRecorded
    | v1.ResourceRegistered
    | v1.MemberJoined
    | v1.MembershipEndAnnounced
    | v1.MembershipEndCancelled
    | v1.MemberMustLeave
    | v1.MemberMayStay
    | v1.MembershipEnded
    | v1.RegulationObjectFormed
    | v1.RegulationObjectEnded
)


def evolve(state: MeteringPoint | None, event: OfPoint) -> MeteringPoint:
    """What happened to a metering point."""
    if isinstance(event, v1.MeteringPointRecorded):
        return _recorded(state, event)
    if state is None:
        message = f"{event.type} of a metering point that was never recorded"
        raise LookupError(message)
    match event:
        case v1.ResourceRegistered():
            return replace(state, resources={**state.resources, event.resource_id: Power(event.up_w, event.down_w)})
        case v1.MemberJoined():
            joined = _ending(Membership(event.group_id, event.valid_from), "switch", event.valid_to)
            return replace(state, membership=joined)
        case v1.RegulationObjectFormed():
            return replace(state, regulation_object=event.object_id)
        case v1.RegulationObjectEnded():
            return replace(state, regulation_object=None)
        case _:
            return _of_membership(state, event)


def _recorded(state: MeteringPoint | None, event: v1.MeteringPointRecorded) -> MeteringPoint:
    fact = Fact(
        grid_area=event.grid_area,
        zone=event.zone,
        dso=event.dso,
        substation=event.substation,
        resolution=event.resolution,
        agreed_power_w=event.agreed_power_w,
        valid_from=event.valid_from,
    )
    return replace(state, facts=timeline.put(state.facts, fact)) if state else MeteringPoint((fact,))


def _of_membership(
    state: MeteringPoint,
    event: v1.MembershipEndAnnounced
    | v1.MembershipEndCancelled
    | v1.MemberMustLeave
    | v1.MemberMayStay
    | v1.MembershipEnded,
) -> MeteringPoint:
    membership = state.membership
    if membership is None or membership.group_id != event.group_id:
        message = f"{event.type} of a metering point that is not in the group {event.group_id}"
        raise LookupError(message)
    match event:
        case v1.MembershipEndAnnounced():
            return replace(state, membership=_ending(membership, event.because, event.valid_to))
        case v1.MembershipEndCancelled():
            return replace(state, membership=_ending(membership, event.because, None))
        case v1.MemberMustLeave():
            leave_by = {**membership.leave_by, event.because: event.leave_by}
            return replace(state, membership=replace(membership, leave_by=leave_by))
        case v1.MemberMayStay():
            leave_by = {why: by for why, by in membership.leave_by.items() if why != event.because}
            return replace(state, membership=replace(membership, leave_by=leave_by))
        case v1.MembershipEnded():
            over = replace(membership, valid_to=event.valid_to)
            # Who is moved on in the moment of joining was never there.
            past = (*state.past, over) if over.valid_from < event.valid_to else state.past
            return replace(state, membership=None, past=past)


def _ending(membership: Membership, because: v1.WhyEnd, valid_to: datetime | None) -> Membership:
    ends = {why: end for why, end in membership.ends.items() if why != because}
    if valid_to is not None:
        ends[because] = valid_to
    return replace(membership, ends=ends, valid_to=min(ends.values(), default=None))


def decide_record(
    state: MeteringPoint | None, *, metering_point_id: str, wish: v1.RecordMeteringPoint, area: GridArea | None
) -> list[Event]:
    """A fact, always accepted: complete if its grid area is known (D27). What is known already is not said again."""
    fact = Fact(
        grid_area=wish.grid_area,
        zone=area.zone if area else None,
        dso=area.dso if area else None,
        substation=wish.substation,
        resolution=wish.resolution,
        agreed_power_w=wish.agreed_power_w,
        valid_from=wish.valid_from,
    )
    if state is not None and fact in state.facts:
        return []
    return [_event(metering_point_id, fact)]


def decide_complete(state: MeteringPoint, *, metering_point_id: str, grid_area: str, area: GridArea) -> list[Event]:
    """The grid area that a point waited for is defined: its facts are complete from when they were valid."""
    return [
        _event(metering_point_id, replace(fact, zone=area.zone, dso=area.dso))
        for fact in state.facts
        if fact.grid_area == grid_area and fact.zone is None
    ]


def _event(metering_point_id: str, fact: Fact) -> v1.MeteringPointRecorded:
    return v1.MeteringPointRecorded(
        metering_point_id=metering_point_id,
        grid_area=fact.grid_area,
        zone=fact.zone,
        dso=fact.dso,
        substation=fact.substation,
        resolution=fact.resolution,
        agreed_power_w=fact.agreed_power_w,
        valid_from=fact.valid_from,
    )
