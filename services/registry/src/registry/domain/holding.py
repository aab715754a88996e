"""How many metering points a BSP holds: they keep it in its role.

A BSP may hold a million points, and tens of thousands of them may be about to pass on. So they are counted, only those
whose end is known stand by themselves, and each BSP has a hundred documents, by two digits of the point's id.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from contracts.bsp_switch import v1 as bsp_switch
from registry.domain.holder import OfControl

_FORGOTTEN: Final = timedelta(days=366)
"""Nobody speaks any more of control that ended so long before another has."""

Why: TypeAlias = bsp_switch.WhyControlEnds | Literal["switch"]


@dataclass(frozen=True, slots=True)
class Watched:
    """A point whose end is, or once was, known: when the BSP's control ends, by what ends it."""

    ends: dict[Why, datetime] = field(default_factory=dict)
    valid_from: datetime | None = None
    """Since when, where the BSP has claimed it again: what is said of its former control is of no interest."""


@dataclass(frozen=True, slots=True)
class PointsOfBsp:
    """The points of a BSP that no end was said of are counted, the others watched, by metering point."""

    kept: int = 0
    watched: dict[str, Watched] = field(default_factory=dict)

    def at(self, moment: datetime) -> int:
        """How many it holds, or will hold from an announced midnight."""
        return self.kept + sum(all(moment < end for end in point.ends.values()) for point in self.watched.values())


@dataclass(frozen=True, slots=True)
class Gained:
    """A point comes to a BSP at a midnight."""

    metering_point_id: str
    valid_from: datetime


@dataclass(frozen=True, slots=True)
class Lost:
    """It does not come to it after all."""

    metering_point_id: str
    valid_from: datetime


@dataclass(frozen=True, slots=True)
class Ends:
    """Control of a point ends at a midnight, or for this cause not (None). A switch does not say since when it was."""

    metering_point_id: str
    because: Why
    valid_to: datetime | None
    valid_from: datetime | None = None


Part: TypeAlias = Gained | Lost | Ends


def document(bsp: str, metering_point_id: str) -> str:
    """Where a point of a BSP is counted. The last digit of its id is a check digit."""
    return f"{bsp}|{metering_point_id[-3:-1]}"


def documents(bsp: str) -> Iterator[str]:
    """Where the points of a BSP are counted."""
    return (f"{bsp}|{number:02}" for number in range(100))


def parts(event: OfControl) -> dict[str, Part]:
    """What a change of control means to each BSP concerned."""
    point = event.metering_point_id
    match event:
        case bsp_switch.ControlClaimed():
            said: list[tuple[str, Part]] = [(event.bsp, Gained(point, event.valid_from))]
        case bsp_switch.SwitchAnnounced():
            said = [
                (event.outgoing, Ends(point, "switch", event.start)),
                (event.incoming, Gained(point, event.start)),
            ]
        case bsp_switch.SwitchCancelled():
            said = [(event.outgoing, Ends(point, "switch", None)), (event.incoming, Lost(point, event.start))]
        case bsp_switch.ControlEndAnnounced():
            said = [(event.bsp, Ends(point, event.because, event.valid_to, event.valid_from))]
        case bsp_switch.ControlEndCancelled():
            said = [(event.bsp, Ends(point, event.because, None, event.valid_from))]
        case bsp_switch.ControlSuccessionAnnounced() | bsp_switch.ControlSuccessionCancelled():
            # It stays counted where its control began: that keeps a BSP that is taken over in its role.
            said = []
    return {document(bsp, point): part for bsp, part in said}


def evolve(state: PointsOfBsp | None, part: Part) -> PointsOfBsp:
    """One point more or less, or one that will be gone."""
    state = state or PointsOfBsp()
    point = state.watched.get(part.metering_point_id)
    match part:
        case Gained():
            if point is None:
                return replace(state, kept=state.kept + 1)
            return _watch(state, part.metering_point_id, Watched(valid_from=part.valid_from))
        case Lost():
            if point is None:
                return replace(state, kept=state.kept - 1)
            return _watch(state, part.metering_point_id, None)
        case Ends():
            return _ending(state, point, part)


def _ending(state: PointsOfBsp, point: Watched | None, part: Ends) -> PointsOfBsp:
    if point is None:
        if part.valid_to is None:
            return state
        state = replace(state, kept=state.kept - 1)
    elif part.valid_from is not None and point.valid_from is not None and part.valid_from < point.valid_from:
        return state
    ends: dict[Why, datetime] = dict(point.ends) if point else {}
    ends.pop(part.because, None)
    if part.valid_to is not None:
        ends[part.because] = part.valid_to
    if not ends and (point is None or point.valid_from is None):
        return _watch(replace(state, kept=state.kept + 1), part.metering_point_id, None)
    return _watch(state, part.metering_point_id, Watched(ends, point.valid_from if point else None))


def _watch(state: PointsOfBsp, metering_point_id: str, point: Watched | None) -> PointsOfBsp:
    watched = {id_: each for id_, each in state.watched.items() if id_ != metering_point_id}
    if point is not None:
        latest = max(point.ends.values(), default=None)
        if latest is not None:
            watched = {
                id_: each
                for id_, each in watched.items()
                if not each.ends or latest - min(each.ends.values()) <= _FORGOTTEN
            }
        watched[metering_point_id] = point
    return replace(state, watched=watched)
