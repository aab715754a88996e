"""Regulation objects that are one large metering point (R3 to R5, R8, D1)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from contracts.message import Event
from contracts.registry import v1
from registry.domain import location, rules
from registry.domain.commanding import not_held
from registry.domain.group_life import leave_date
from registry.domain.holder import Holder
from registry.domain.membership import CONTROL
from registry.domain.metering_point import MeteringPoint
from registry.domain.power import Power
from registry.domain.terms import Terms


@dataclass(frozen=True, slots=True)
class RegulationObject:
    """A metering point that takes part individually, with all that is behind it; half-open."""

    name: str
    metering_point_id: str
    bsp: str
    dso: str
    valid_from: datetime
    ends: dict[v1.WhyEnd, datetime] = field(default_factory=dict)
    """When it ends, by what ends it, as for a member of a group."""
    ended_at: datetime | None = None
    warned: bool = False
    """What is behind the point is under the limit now."""
    power: Power | None = None
    """What was last said to be behind the point."""

    @property
    def over(self) -> tuple[datetime, v1.WhyEnd] | None:
        """When it is over, as far as is known, and why."""
        ends: list[tuple[datetime, v1.WhyEnd]] = [(end, why) for why, end in self.ends.items()]
        return min(ends, key=lambda end: end[0], default=None)


OfObject: TypeAlias = (
    v1.RegulationObjectFormed
    | v1.RegulationObjectEndAnnounced
    | v1.RegulationObjectEndCancelled
    | v1.RegulationObjectEnded
    | v1.RegulationObjectPowerChanged
    | v1.RegulationObjectRelocated
    | v1.RegulationObjectWarned
    | v1.RegulationObjectWarningCleared
)


def evolve(state: RegulationObject | None, event: OfObject) -> RegulationObject:  # noqa: PLR0911 - one arm per event
    """What happened to it."""
    if isinstance(event, v1.RegulationObjectFormed):
        ends: dict[v1.WhyEnd, datetime] = {"switch": event.valid_to} if event.valid_to is not None else {}
        power = Power(event.up_w, event.down_w)
        return RegulationObject(
            event.name, event.metering_point_id, event.bsp, event.dso, event.valid_from, ends, power=power
        )
    if state is None:
        message = f"{event.type} of a regulation object that was never formed"
        raise LookupError(message)
    match event:
        case v1.RegulationObjectEndAnnounced():
            return replace(state, ends={**state.ends, event.because: event.valid_to})
        case v1.RegulationObjectEndCancelled():
            return replace(state, ends={why: end for why, end in state.ends.items() if why != event.because})
        case v1.RegulationObjectEnded():
            return replace(state, ends={}, ended_at=event.valid_to)
        case v1.RegulationObjectPowerChanged():
            return replace(state, power=Power(event.up_w, event.down_w))
        case v1.RegulationObjectRelocated():
            return replace(state, dso=event.dso)
        case v1.RegulationObjectWarned():
            return replace(state, warned=True)
        case v1.RegulationObjectWarningCleared():
            return replace(state, warned=False)


def decide_form(
    *,
    object_id: str,
    bsp: str,
    taken: bool,
    wish: v1.FormRegulationObject,
    point: MeteringPoint | None,
    holder: Holder | None,
    terms: Terms,
    at: datetime,
) -> list[Event]:
    """Let a point take part individually: what is behind it is at the limit or above (D1), and it is in no group."""
    path = "/metering_point_id"
    if taken:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    hold = holder.by(bsp, at) if holder else None
    if point is None or holder is None or hold is None:
        raise not_held(holder, bsp, at, path=path)
    fact = point.fact(at)
    if fact is None or fact.zone is None or fact.dso is None:
        raise rules.METERING_POINT_INCOMPLETE.refused(path=path)
    if not point.resources:
        raise rules.METERING_POINT_HAS_NO_RESOURCE.refused(path=path)
    power = point.behind
    if power.size_w < terms.point_limit_w:
        raise rules.METERING_POINT_TOO_SMALL_ALONE.refused(
            path=path, limit=terms.point_limit_w, actual=power.size_w, unit="W"
        )
    if point.regulation_object is not None:
        raise rules.METERING_POINT_TAKES_PART_ALONE.refused(path=path)
    if point.membership is not None:
        raise rules.METERING_POINT_ALREADY_IN_GROUP.refused(path=path)
    ends = holder.ends_of(bsp, at)
    formed = v1.RegulationObjectFormed(
        object_id=object_id,
        name=wish.name,
        metering_point_id=wish.metering_point_id,
        bsp=bsp,
        dso=fact.dso,
        zone=fact.zone,
        grid_area=fact.grid_area,
        substation=location.location_of(point, at=at),
        station_group=object_id,
        up_w=power.up_w,
        down_w=power.down_w,
        valid_from=at,
        valid_to=ends.get("switch"),
        held_from=hold.valid_from,
        point_limit_w=terms.point_limit_w,
    )
    return [formed, *decide_control(evolve(None, formed), object_id=object_id, holder=holder)]


def decide_end(
    state: RegulationObject | None, *, object_id: str, bsp: str, valid_to: datetime | None, at: datetime
) -> list[Event]:
    """Its BSP ends it at a midnight. Said again it moves the date."""
    if state is None or state.bsp != bsp or state.ended_at is not None:
        raise rules.REGULATION_OBJECT_NOT_YOURS.refused()
    last = leave_date(valid_to, at)
    return [] if state.ends.get("left") == last else [announce(state, object_id, because="left", valid_to=last)]


def decide_control(state: RegulationObject, *, object_id: str, holder: Holder) -> list[Event]:
    """It ends where its BSP's control of the point does (D26, D30): announce it, move it, take it back."""
    ends = holder.ends_of(state.bsp, state.valid_from)
    events: list[Event] = [
        announce(state, object_id, because=because, valid_to=end)
        for because, end in ends.items()
        if state.ends.get(because) != end
    ]
    after = {why: end for why, end in state.ends.items() if why not in CONTROL} | ends
    events += [
        v1.RegulationObjectEndCancelled(
            object_id=object_id,
            metering_point_id=state.metering_point_id,
            bsp=state.bsp,
            dso=state.dso,
            because=because,
            valid_to=min(after.values(), default=None),
        )
        for because in CONTROL
        if because in state.ends and because not in ends
    ]
    return events


def announce(
    state: RegulationObject, object_id: str, *, because: v1.WhyEnd, valid_to: datetime
) -> v1.RegulationObjectEndAnnounced:
    """It is to end."""
    return v1.RegulationObjectEndAnnounced(
        object_id=object_id,
        metering_point_id=state.metering_point_id,
        bsp=state.bsp,
        dso=state.dso,
        valid_to=valid_to,
        because=because,
    )


def decide_over(state: RegulationObject, *, object_id: str) -> list[Event]:
    """The moment has come."""
    if state.over is None:
        return []
    valid_to, because = state.over
    return [
        v1.RegulationObjectEnded(
            object_id=object_id,
            metering_point_id=state.metering_point_id,
            bsp=state.bsp,
            dso=state.dso,
            valid_to=valid_to,
            because=because,
        )
    ]


def decide_behind(state: RegulationObject, *, object_id: str, power: Power, terms: Terms, at: datetime) -> list[Event]:
    """What is behind the point has changed: under the limit it is warned of, once, and cleared when it is above."""
    told = {
        "object_id": object_id,
        "metering_point_id": state.metering_point_id,
        "bsp": state.bsp,
        "up_w": power.up_w,
        "down_w": power.down_w,
        "since": at,
    }
    limit = {"point_limit_w": terms.point_limit_w}
    events: list[Event] = []
    if power != state.power:
        events.append(v1.RegulationObjectPowerChanged.model_validate({**told, **limit, "dso": state.dso}))
    small = power.size_w < terms.point_limit_w
    if small and not state.warned:
        events.append(v1.RegulationObjectWarned.model_validate({**told, **limit}))
    if state.warned and not small:
        events.append(v1.RegulationObjectWarningCleared.model_validate(told))
    return events
