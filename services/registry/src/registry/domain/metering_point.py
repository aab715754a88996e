"""Metering points: what they are, and where; what stands behind them; which group they are in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, TypeAlias

from contracts import technologies
from contracts.registry import v1
from registry.domain import coming, facts, location, timeline
from registry.domain.coming import Coming
from registry.domain.facts import Fact
from registry.domain.location import Statement
from registry.domain.power import Power


@dataclass(frozen=True, slots=True)
class Place:
    """Where a point that takes part lies from a moment on, as its group or regulation object was told."""

    grid_area: str
    dso: str
    substation: str | None
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

    def covers(self, at: datetime) -> bool:
        """Whether the point is a member at a moment, as far as is known: one that must leave has left by then."""
        ends = [*self.leave_by.values(), *((self.valid_to,) if self.valid_to is not None else ())]
        return self.valid_from <= at and all(at < end for end in ends)


@dataclass(frozen=True, slots=True)
class Joining:
    """The point is to join a group at a midnight to come, when that group's BSP will hold it."""

    group_id: str
    valid_from: datetime


@dataclass(frozen=True, slots=True)
class Asleep:
    """Nobody holds the point, or it is closed, half-open: the resources behind it count nowhere (D30, E20)."""

    valid_from: datetime
    valid_to: datetime | None
    because: Literal["nobody", "closed"] = "nobody"

    def covers(self, at: datetime) -> bool:
        """Whether it is so at a moment."""
        return self.valid_from <= at and (self.valid_to is None or at < self.valid_to)


@dataclass(frozen=True, slots=True)
class MeteringPoint:
    """A metering point. It is in one group at a time (D10), or takes part alone; `past` memberships are over.

    `resources` has the active ones behind it, with what they can regulate.
    """

    facts: tuple[Fact, ...]
    resources: dict[str, Power] = field(default_factory=dict)
    membership: Membership | None = None
    past: tuple[Membership, ...] = ()
    statements: tuple[Statement, ...] = ()
    """What was said of where it lies, in the order in which it was."""
    places: tuple[Place, ...] = ()
    """Where its present group, or the regulation object that it is, was told it lies, since it takes part."""
    nace_given: dict[str, str] = field(default_factory=dict)
    """What persons said of its code of SN2007: that of SN2025."""
    regulation_object: str | None = None
    """The regulation object that it is by itself (R8)."""
    joining: Joining | None = None
    asleep: tuple[Asleep, ...] = ()
    """When its resources sleep, as they were told last."""
    categories: dict[str, tuple[v1.Category, ...]] = field(default_factory=dict)
    """What each resource behind it is to the power system, active or not; empty where its technology does not say."""
    coming: tuple[Coming, ...] = ()
    """What the BSP that gets it at a midnight to come has said of the resources behind it."""

    def fact(self, at: datetime) -> Fact | None:
        """What it is at a moment."""
        return timeline.at(self.facts, at)

    def saying(self, statement: Statement) -> MeteringPoint:
        """The same, with one more statement of where it lies."""
        return replace(self, statements=(*self.statements, statement))

    def expected(self, bsp: str, since: datetime) -> Power:
        """What will stand behind it when this BSP gets it, by what it has said, as far as is known."""
        said = [each.behind for each in self.coming if (each.bsp, each.valid_from) == (bsp, since)]
        return said[-1] if said else self.behind

    @property
    def behind(self) -> Power:
        """The sum of all active resources behind it (R2, seed 000 §1.1.1)."""
        power = Power()
        for resource in self.resources.values():
            power += resource
        return power

    @property
    def category(self) -> tuple[v1.Category, ...]:
        """What the active resources behind it are to the power system, each once."""
        found: dict[v1.Category, None] = {each: None for id_ in self.resources for each in self.categories.get(id_, ())}
        return tuple(found)


@dataclass(frozen=True, slots=True)
class PointAt:
    """A metering point at a moment. What its resources can regulate is not dated: it is all that are active.

    Those that sleep then are left out.
    """

    fact: Fact | None
    membership: Membership | None
    resources: dict[str, Power]


def valid(state: MeteringPoint, at: datetime) -> PointAt:
    """The fact in force at a moment, and the membership that covers it."""
    memberships = (*state.past, *((state.membership,) if state.membership else ()))
    awake = not any(each.covers(at) for each in state.asleep)
    covering = next((one for one in memberships if one.covers(at)), None)
    return PointAt(state.fact(at), covering, state.resources if awake else {})


OfResource: TypeAlias = (
    v1.ResourceRegistered | v1.ResourceUpdated | v1.ResourceActivated | v1.ResourcePaused | v1.ResourceTerminated
)
OfMembership: TypeAlias = (
    v1.MembershipEndAnnounced | v1.MembershipEndCancelled | v1.MemberMustLeave | v1.MemberMayStay | v1.MembershipEnded
)
OfPlace: TypeAlias = (
    v1.LocationRecorded
    | v1.MemberJoined
    | v1.MemberRelocated
    | v1.RegulationObjectFormed
    | v1.RegulationObjectRelocated
    | v1.RegulationObjectEnded
)
OfControl: TypeAlias = v1.JoinAnnounced | v1.JoinLapsed | v1.ResourceSleepChanged
OfPoint: TypeAlias = v1.MeteringPointRecorded | OfResource | OfMembership | OfPlace | OfControl | coming.OfComing


def evolve(state: MeteringPoint | None, event: OfPoint) -> MeteringPoint:
    """What happened to a metering point."""
    if isinstance(event, v1.MeteringPointRecorded):
        return _recorded(state, event)
    if state is None:
        message = f"{event.type} of a metering point that was never recorded"
        raise LookupError(message)
    if isinstance(event, OfResource):
        return replace(
            state, resources=_resources(state.resources, event), categories=_categories(state.categories, event)
        )
    if isinstance(event, OfMembership):
        return _of_membership(state, event)
    if isinstance(event, coming.OfComing):
        return replace(state, coming=coming.evolve(state.coming, event))
    return _of_control(state, event) if isinstance(event, OfControl) else _of_place(state, event)


def _of_control(state: MeteringPoint, event: OfControl) -> MeteringPoint:
    match event:
        case v1.JoinAnnounced():
            return replace(state, joining=Joining(event.group_id, event.valid_from))
        case v1.JoinLapsed():
            return replace(state, joining=None)
        case v1.ResourceSleepChanged():
            return replace(
                state, asleep=tuple(Asleep(each.valid_from, each.valid_to, each.because) for each in event.periods)
            )


def _of_place(state: MeteringPoint, event: OfPlace) -> MeteringPoint:
    match event:
        case v1.LocationRecorded():
            return state.saying(location.of_event(event))
        case v1.MemberJoined():
            joined = _ending(Membership(event.group_id, event.valid_from), "switch", event.valid_to)
            waits = state.joining is not None and event.valid_from < state.joining.valid_from
            return replace(state, membership=joined, places=(_place(event),), joining=state.joining if waits else None)
        case v1.MemberRelocated() | v1.RegulationObjectRelocated():
            before = (each for each in state.places if each.valid_from < event.valid_from)
            return replace(state, places=(*before, _place(event)))
        case v1.RegulationObjectFormed():
            return replace(state, regulation_object=event.object_id, places=(_place(event),))
        case v1.RegulationObjectEnded():
            return replace(state, regulation_object=None, places=())


def _recorded(state: MeteringPoint | None, event: v1.MeteringPointRecorded) -> MeteringPoint:
    fact = facts.of_event(event)
    if state is None:
        return MeteringPoint((fact,), nace_given=facts.nace_given(event))
    given = {**state.nace_given, **facts.nace_given(event)}
    return replace(state, facts=timeline.put(state.facts, fact), nace_given=given)


def _place(
    event: v1.MemberJoined | v1.MemberRelocated | v1.RegulationObjectFormed | v1.RegulationObjectRelocated,
) -> Place:
    return Place(event.grid_area, event.dso, event.substation, event.valid_from)


def _resources(resources: dict[str, Power], event: OfResource) -> dict[str, Power]:
    """The active ones after it."""
    match event:
        case v1.ResourceRegistered():
            power = Power(event.up_w, event.down_w) if event.status == "active" else None
        case v1.ResourceActivated():
            power = Power(event.up_w, event.down_w)
        case v1.ResourceUpdated(after=after):
            power = Power(after.up_w, after.down_w) if event.resource_id in resources else None
        case v1.ResourcePaused() | v1.ResourceTerminated():
            power = None
    rest = {id_: each for id_, each in resources.items() if id_ != event.resource_id}
    return rest if power is None else {**rest, event.resource_id: power}


def _categories(
    categories: dict[str, tuple[v1.Category, ...]], event: OfResource
) -> dict[str, tuple[v1.Category, ...]]:
    match event:
        case v1.ResourceRegistered():
            return {**categories, event.resource_id: technologies.categories(event.technology)}
        case v1.ResourceUpdated(after=after):
            return {**categories, event.resource_id: technologies.categories(after.technology)}
        case v1.ResourceTerminated():
            return {id_: each for id_, each in categories.items() if id_ != event.resource_id}
        case v1.ResourceActivated() | v1.ResourcePaused():
            return categories


def _of_membership(
    state: MeteringPoint,
    event: OfMembership,
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
