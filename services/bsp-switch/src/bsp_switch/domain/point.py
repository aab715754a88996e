"""What this service holds about one metering point: who stands behind it and who holds it.

Both are one document because the events about a point are one stream.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from bsp_switch.domain import control, lost, supply, waiting
from bsp_switch.domain.lost import Lost, Notice
from bsp_switch.domain.merger import Link
from bsp_switch.domain.waiting import Waiting
from contracts.bsp_switch import v1

Succession = v1.ControlSuccessionAnnounced | v1.ControlSuccessionCancelled
Event = (
    v1.SupplyRecorded
    | control.Event
    | waiting.Event
    | v1.SwitchNotified
    | v1.SwitchAbandoned
    | Succession
    | v1.MeterAccessChanged
)


@dataclass(frozen=True, slots=True)
class Point:
    """The two timelines of a metering point, and the switch that waits to be announced."""

    supplies: tuple[supply.Supply, ...] = ()
    holdings: control.Timeline = ()
    waiting: Waiting | None = None
    successions: dict[str, Link] = field(default_factory=dict[str, Link])
    """By BSP, in the order said: who takes over whatever it holds of the point."""
    earlier: dict[str, tuple[v1.EarlierValues, ...]] = field(default_factory=dict[str, tuple[v1.EarlierValues, ...]])
    """By BSP: what was said that it may read of the values from before its control."""
    told: tuple[str, ...] = ()
    """The DSOs and BRPs that were told of the switch that is under way."""
    notice: Notice | None = None
    """That of the switch that was announced last."""
    lost: Lost | None = None
    """The switch that facts have cancelled, until another takes its place."""


def evolve(state: Point | None, event: Event) -> Point:
    """The point after an event."""
    state = state or Point()
    if isinstance(event, v1.SupplyRecorded):
        return replace(state, supplies=supply.evolve(state.supplies, event))
    if isinstance(event, v1.MeterAccessChanged):
        others = {bsp: some for bsp, some in state.earlier.items() if bsp != event.bsp}
        return replace(state, earlier={**others, event.bsp: event.earlier} if event.earlier else others)
    if isinstance(event, _TELLS):
        state = replace(state, told=_told(state, event))
    state = _losing(state, event)
    if isinstance(event, v1.SwitchNotified | v1.SwitchAbandoned):
        return state
    if isinstance(event, waiting.Event):
        return replace(state, waiting=waiting.evolve(state.waiting, event))
    if isinstance(event, v1.SwitchAnnounced):
        # What waited, waited for this.
        state = replace(state, waiting=None)
    if isinstance(event, Succession):
        others = {bsp: link for bsp, link in state.successions.items() if bsp != event.bsp}
        if isinstance(event, v1.ControlSuccessionAnnounced):
            others[event.bsp] = Link(event.merger_id, event.start, event.successor)
        return _inherited(replace(state, successions=others))
    return _inherited(replace(state, holdings=control.evolve(state.holdings, event)))


def _losing(state: Point, event: Event) -> Point:
    gone = lost.evolve(state.lost, event, before=state.holdings, notice=state.notice)
    if isinstance(event, v1.SwitchAnnounced):
        return replace(state, lost=gone, notice=(event.notice_days, event.notice_min_days))
    return replace(state, lost=gone) if gone is not state.lost else state


_TELLS = (v1.SwitchAnnounced, v1.SwitchStalled, v1.SwitchNotified, v1.SwitchCancelled, v1.SwitchLapsed)


def _told(state: Point, event: Event) -> tuple[str, ...]:
    """Who knows of the switch that is under way, after an event about it."""
    match event:
        case v1.SwitchNotified() | v1.SwitchAnnounced(waited=True):
            before = state.told
        case v1.SwitchAnnounced() | v1.SwitchStalled():
            before = ()
        case _:
            return ()
    dso = (event.dso,) if event.dso else ()
    return tuple(dict.fromkeys((*before, *dso, *event.brps)))


def _inherited(state: Point) -> Point:
    """With the heirs of each holding, as far as is said here."""
    if not state.successions and not any(each.heirs for each in state.holdings):
        return state
    return replace(
        state, holdings=tuple(replace(each, heirs=_heirs(each.bsp, state.successions)) for each in state.holdings)
    )


def _heirs(bsp: str, successions: dict[str, Link]) -> tuple[control.Heir, ...]:
    found: list[control.Heir] = []
    while link := successions.get(bsp):
        bsp = link.other
        found.append(control.Heir(link.start, bsp))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Held:
    """Who holds it at a moment, from when to when, and what is to end that."""

    bsp: str
    valid_from: datetime
    valid_to: datetime | None
    consent_id: str
    switch_id: str | None
    ends: dict[v1.WhyControlEnds, datetime]


@dataclass(frozen=True, slots=True)
class PointAt:
    """A metering point at a moment: at most one of each."""

    supplies: tuple[supply.Supply, ...]
    holdings: tuple[Held, ...]


def valid(state: Point, at: datetime) -> PointAt:
    """How a point is at a moment."""
    behind = supply.in_force(state.supplies, at=at)
    return PointAt(
        supplies=(behind,) if behind else (),
        holdings=tuple(
            Held(bsp, start, end, each.consent_id, each.switch_id, each.ends)
            for each in state.holdings
            for bsp, start, end in each.periods()
            if each.covers(at) and start <= at and (end is None or at < end)
        ),
    )
