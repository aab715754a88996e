"""Switches of BSP: one case of many points, all from the same midnight (R43, E12, E13).

announced ──► effective, of the points that are left
 │  │  └─ moved: still announced, for another midnight
 │  └─────► cancelled, when none is left
waiting, while all that are left wait for late facts (D15): each is announced or lapses before the midnight
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, assert_never

from bsp_switch.domain import merger, rules
from bsp_switch.domain.lost import BY_FACTS
from bsp_switch.domain.merger import Successions
from contracts import calendar
from contracts.bsp_switch import v1
from contracts.parties import Party

About = (
    v1.SwitchRequested
    | v1.SwitchExtended
    | v1.SwitchMoved
    | v1.SwitchStalled
    | v1.SwitchLapsed
    | v1.SwitchAnnounced
    | v1.SwitchCancelled
    | v1.SwitchAbandoned
    | v1.SwitchTookEffect
    | v1.SwitchDisputed
    | v1.ObjectionResolved
    | v1.ObjectionsReminded
    | v1.SwitchIncomingSuspended
)


@dataclass(frozen=True, slots=True)
class Switch:
    """A switch, and where it stands."""

    state: Literal["announced", "waiting", "effective", "cancelled"]
    incoming: str
    start: datetime
    points: dict[str, str] = field(default_factory=dict[str, str])
    """The points that pass, or have passed, in their order: who gives up each."""
    waiting: dict[str, str] = field(default_factory=dict[str, str])
    """Those that wait for a late fact, likewise."""
    lapses_at: datetime | None = None
    """Until when they wait."""
    cancelled: int = 0
    """How many points it has lost."""
    disputed: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """The objections that nobody has decided about: by id, the points."""
    lost: dict[str, str] = field(default_factory=dict[str, str])
    """Those of the points that it has lost to facts, likewise: they come back if the facts are corrected before its
    midnight."""
    reminded_of: datetime | None = None
    """The midnight before which the TSO was reminded of them."""

    @property
    def remind_at(self) -> datetime | None:
        """When the TSO is to be reminded of objections: a day before the midnight, wherever that has moved to."""
        if self.state not in {"announced", "waiting"} or not self.disputed or self.reminded_of == self.start:
            return None
        return calendar.add_local_days(self.start, -1)

    def awaits(self, metering_point_id: str, *, start: datetime) -> bool:
        """Whether a point that a fact has cancelled may still come back: nobody has called it off or moved it."""
        return metering_point_id in self.lost and self.start == start and self.state != "effective"

    @property
    def concerned(self) -> dict[str, str]:
        """All its points: those that are to pass, then those that wait."""
        return {**self.points, **self.waiting} if self.waiting else self.points

    @property
    def disputable(self) -> dict[str, str]:
        """All its points, and those that may come back."""
        return {**self.concerned, **self.lost} if self.lost else self.concerned

    @property
    def parties(self) -> tuple[str, ...]:
        """The BSPs of it, each once."""
        return tuple(dict.fromkeys((self.incoming, *self.disputable.values())))

    @property
    def outgoing(self) -> tuple[str, ...]:
        """Who gives up points, each once, in the order of the points."""
        return tuple(dict.fromkeys(self.concerned.values()))


def evolve(state: Switch | None, event: About) -> Switch:
    """The switch after an event."""
    if isinstance(event, v1.SwitchRequested):
        return Switch(state="announced", incoming=event.incoming, start=event.start)
    assert state is not None
    if isinstance(event, v1.ObjectionsReminded):
        return replace(state, reminded_of=event.start)
    match event:
        case v1.SwitchExtended() | v1.SwitchIncomingSuspended():
            changed = state
        case v1.SwitchMoved():
            changed = replace(state, start=event.start, lapses_at=None, lost={})
        case v1.SwitchAnnounced() | v1.SwitchStalled():
            changed = _with(state, event)
        case v1.SwitchCancelled() | v1.SwitchLapsed() | v1.SwitchAbandoned():
            changed = _without(state, event)
        case v1.SwitchTookEffect():
            changed = replace(state, state="effective", lost={})
        case v1.SwitchDisputed():
            changed = replace(state, disputed={**state.disputed, event.objection_id: event.metering_points})
        case v1.ObjectionResolved():
            undecided = {key: points for key, points in state.disputed.items() if key != event.objection_id}
            upheld = event.metering_points if event.outcome == "upheld" else ()
            lost = {point: outgoing for point, outgoing in state.lost.items() if point not in upheld}
            changed = replace(state, disputed=undecided, lost=lost)
        case _:
            assert_never(event)
    return changed


def _with(state: Switch, event: v1.SwitchAnnounced | v1.SwitchStalled) -> Switch:
    point, lapses_at = event.metering_point_id, state.lapses_at
    if isinstance(event, v1.SwitchAnnounced):
        points, waiting = _put(state.points, point, event.outgoing), _dropped(state.waiting, point)
    else:
        points, waiting = _dropped(state.points, point), _put(state.waiting, point, event.outgoing)
        lapses_at = event.lapses_at
    restored = isinstance(event, v1.SwitchAnnounced) and event.restored
    return replace(
        state,
        state="announced" if points else "waiting",
        points=points,
        waiting=waiting,
        lapses_at=lapses_at,
        cancelled=state.cancelled - restored,
        lost=_dropped(state.lost, point),
    )


def _without(state: Switch, event: v1.SwitchCancelled | v1.SwitchLapsed | v1.SwitchAbandoned) -> Switch:
    point = event.metering_point_id
    if isinstance(event, v1.SwitchAbandoned):
        return replace(state, lost=_dropped(state.lost, point))
    if event.because == "moved":
        # It follows what becomes of it.
        return state
    points, waiting = _dropped(state.points, point), _dropped(state.waiting, point)
    stage = "announced" if points else "waiting" if waiting else "cancelled"
    lost = state.lost
    if isinstance(event, v1.SwitchCancelled) and event.because in BY_FACTS:
        lost = _put(lost, point, event.outgoing)
    return replace(state, state=stage, points=points, waiting=waiting, cancelled=state.cancelled + 1, lost=lost)


def _put(points: dict[str, str], point: str, outgoing: str) -> dict[str, str]:
    # A plain copy: for thousands of points it costs a fraction of going through them.
    changed = points.copy()
    changed[point] = outgoing
    return changed


def _dropped(points: dict[str, str], point: str) -> dict[str, str]:
    if point not in points:
        return points
    changed = points.copy()
    del changed[point]
    return changed


def as_of(state: Switch, successions: Successions, *, at: datetime) -> Switch:
    """The switch with who its BSPs are at a moment: those that have been taken over are their successors."""
    who = {each: merger.now(successions, each, at=at) for each in state.parties}
    if all(each == heir for each, heir in who.items()):
        return state
    return replace(
        state,
        incoming=who[state.incoming],
        points={point: who[each] for point, each in state.points.items()},
        waiting={point: who[each] for point, each in state.waiting.items()},
        lost={point: who[each] for point, each in state.lost.items()},
    )


def own(state: Switch | None, *, sender: str, incoming: str | None) -> Switch:
    """A BSP's own switch. `incoming`: whose it is now.

    Raises: SWITCH_UNKNOWN, the same for another's.
    """
    if state is None or sender != incoming:
        raise rules.SWITCH_UNKNOWN.refused(path="/subject")
    return state


def to_come(state: Switch | None, *, at: datetime, path: str = "/subject") -> Switch:
    """A switch whose midnight has not come, or that facts alone have cancelled, and that may come back before it.

    Raises: SWITCH_UNKNOWN, SWITCH_NOT_ANNOUNCED.
    """
    if state is not None and state.state == "cancelled" and state.lost and at < state.start:
        return state
    return announced(state, path=path)


def announced(state: Switch | None, *, path: str = "/subject") -> Switch:
    """A switch whose midnight has not come.

    Raises: SWITCH_UNKNOWN, SWITCH_NOT_ANNOUNCED.
    """
    if state is None:
        raise rules.SWITCH_UNKNOWN.refused(path=path)
    if state.state not in {"announced", "waiting"}:
        raise rules.SWITCH_NOT_ANNOUNCED.refused(path=path, actual=state.state)
    return state


def decide_effect(
    state: Switch, *, switch_id: str, incoming: Party | None = None
) -> list[v1.SwitchTookEffect | v1.SwitchIncomingSuspended]:
    """The midnight has come. Control passed by its date; this says so once for the whole switch.

    `incoming`: the BSP as it is known. That it may not act stops nothing, for the end user has chosen it; but whoever
    can do something about it is told.
    """
    points = len(state.points)
    effect = v1.SwitchTookEffect(
        switch_id=switch_id, incoming=state.incoming, outgoing=state.outgoing, start=state.start, points=points
    )
    if incoming is None or incoming.is_active:
        return [effect]
    inactive = v1.SwitchIncomingSuspended(
        switch_id=switch_id, incoming=state.incoming, start=state.start, points=points
    )
    return [effect, inactive]


def decide_reminder(state: Switch, *, switch_id: str) -> list[v1.ObjectionsReminded]:
    """A day is left to decide about its objections."""
    return [v1.ObjectionsReminded(switch_id=switch_id, start=state.start, objections=tuple(state.disputed))]
