"""Activations: what was ordered as it stands now, the verification that counts, and which values it is made from.

What is decided about an order is in `ordering`. The points that are verified are those that are members in any quarter
of it, whoever has them now, and stand in the event (R47); what is said of a membership later changes them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

from contracts.meter_ingest.v1 import (
    RAMP_S,
    ActivationAmended,
    ActivationCancelled,
    ActivationMemberChanged,
    ActivationOrdered,
    ActivationType,
    ActivationVerified,
    ExpectedEffect,
    LaterEffect,
    Purpose,
    SubstationEffect,
    VerificationAnnulled,
)
from meter_ingest.domain import baselines, blocks, control, days
from meter_ingest.domain.baseline_series import Ordered

Watch = tuple[str, datetime, datetime]
"""An activation, and what of a day it may look at."""


@dataclass(frozen=True, slots=True)
class Run:
    """The current verification."""

    number: int
    result: str
    revisions_sha256: str
    complete: bool
    """Whether all that was expected had come by this or an earlier run."""
    points: int = 0
    """How many its BSP held."""


@dataclass(frozen=True, slots=True)
class Activation:
    """What was ordered, and the verification that counts now."""

    activation_id: str
    group_id: str
    bsp: str | None
    direction: Literal["up", "down"]
    power_w: int
    start: datetime
    end: datetime
    points: tuple[str, ...]
    """Sorted."""
    run: Run | None = None
    purpose: Purpose | None = None
    activation_type: ActivationType | None = None
    ramp_s: int = RAMP_S
    version: int = 1
    cancelled: bool = False
    runs: int = 0
    """How many there have been, those that were annulled too."""
    told: tuple[str, ...] = ()
    """The DSOs that expect an effect."""
    effects: dict[str, tuple[SubstationEffect, ...]] = field(default_factory=dict[str, "tuple[SubstationEffect, ...]"])
    """What each was told last, of the quarters in which there is an effect in its grid first."""
    by_quarter: dict[str, tuple[str, tuple[LaterEffect, ...]]] = field(
        default_factory=dict[str, "tuple[str, tuple[LaterEffect, ...]]"]
    )
    """In which quarters that holds, and what in others: of each that was not told the same of all of them."""
    methods: tuple[baselines.Method, ...] = ("meter-before",)
    """The primary one, and what is shown beside it."""
    source_wrong: bool = False
    """Its runs were annulled because of what they read: it is not verified again before that may have changed."""
    ordered_at: datetime | None = None
    """When its period was said: what is submitted later is a correction."""
    told_at: datetime | None = None
    """When it was last ordered or amended: its deadline may have passed by then."""
    ordered: tuple[Ordered, ...] = ()
    """The periods that were said of it, the first first."""
    partly: dict[str, str] = field(default_factory=dict[str, str])
    """In which quarters points are members (`0110`) that are not throughout."""


@dataclass(frozen=True, slots=True)
class Watched:
    """Activations that the values of a block of points on a day may touch: the window of each."""

    windows: dict[str, tuple[datetime, datetime]]


OfActivation = (
    ActivationOrdered
    | ActivationAmended
    | ActivationCancelled
    | ActivationMemberChanged
    | ExpectedEffect
    | ActivationVerified
    | VerificationAnnulled
)


def evolve(state: Activation | None, event: OfActivation) -> Activation:
    """The later word of what is ordered stands; each verification replaces the one before as the current one."""
    if isinstance(event, ActivationOrdered):
        return _ordered(event)
    assert state is not None
    match event:
        case ActivationAmended():
            now = _ordered(event)
            return replace(
                now,
                version=event.version,
                run=state.run,
                runs=state.runs,
                told=state.told,
                effects=state.effects,
                by_quarter=state.by_quarter,
                ordered=tuple(dict.fromkeys((*state.ordered, *now.ordered))),
            )
        case ActivationCancelled():
            return replace(state, version=event.version, cancelled=True)
        case ActivationMemberChanged():
            return _member_changed(state, event)
        case ExpectedEffect():
            return _told(state, event)
        case VerificationAnnulled() | ActivationVerified():
            return _run(state, event)


def _told(state: Activation, event: ExpectedEffect) -> Activation:
    others = {dso for dso in state.told if dso != event.dso}
    told = tuple(sorted(others | ({event.dso} if event.substations else set())))
    by_quarter = {dso: said for dso, said in state.by_quarter.items() if dso != event.dso}
    if event.quarters is not None:
        by_quarter[event.dso] = event.quarters, event.later
    return replace(state, told=told, effects={**state.effects, event.dso: event.substations}, by_quarter=by_quarter)


def has_told(state: Activation, effect: ExpectedEffect) -> bool:
    """Whether a DSO was told just that last."""
    return _told(state, effect) == state


def _run(state: Activation, event: VerificationAnnulled | ActivationVerified) -> Activation:
    if isinstance(event, VerificationAnnulled):
        return replace(state, run=None, source_wrong=event.because == "source-wrong")
    was_whole = state.run is not None and state.run.complete
    whole = was_whole or event.because == "complete" or not event.missing_points
    now = Run(event.run, event.result, event.revisions_sha256, whole, event.points)
    return replace(state, run=now, runs=event.run, source_wrong=False)


def _ordered(event: ActivationOrdered | ActivationAmended) -> Activation:
    at = event.ordered_at or event.period.start
    return Activation(
        event.activation_id,
        event.group_id,
        event.bsp,
        event.direction,
        event.power_w,
        event.period.start,
        event.period.end,
        event.metering_points,
        purpose=event.purpose,
        activation_type=event.activation_type,
        ramp_s=event.ramp_s,
        methods=event.baseline_methods,
        ordered_at=event.ordered_at,
        told_at=(event.at if isinstance(event, ActivationAmended) else None) or event.ordered_at,
        ordered=(Ordered(event.period.start, event.period.end, at, event.baseline_versions),),
        partly={point: some.quarters for some in event.partly for point in some.metering_points},
    )


def _member_changed(state: Activation, event: ActivationMemberChanged) -> Activation:
    point, quarters = event.metering_point_id, event.quarters
    points = {*state.points, point} if "1" in quarters else {*state.points} - {point}
    partly = {one: some for one, some in state.partly.items() if one != point}
    if "1" in quarters and "0" in quarters:
        partly[point] = quarters
    return replace(state, version=event.version, points=tuple(sorted(points)), partly=partly)


def quarters_of_member(state: Activation, point: str) -> str:
    """In which of the activation's quarters a point is a member, as bits: as was said last."""
    count = len(control.quarters_of(state.start, state.end))
    return state.partly.get(point, "1" * count) if point in state.points else "0" * count


def evolve_watched(state: Watched | None, part: Watch) -> Watched:
    """One more in a block and day that an activation may look at; where it did before, it is looked at still."""
    activation_id, start, end = part
    return Watched({**(state.windows if state else {}), activation_id: (start, end)})


def watched(event: ActivationOrdered | ActivationAmended | ActivationMemberChanged) -> dict[str, Watch]:
    """By `date|block`, for every day and block that the activation may look at: what of them is said.

    What a flat baseline reads depends on what else the group was called for: all that it may read is watched.
    """
    first, last = days.quarter_floor(event.period.start), days.quarter_ceil(event.period.end)
    methods = event.baseline_methods
    reach = baselines.LOOKED_AT + 2 * baselines.NEIGHBOURS
    after = reach if "meter-before-and-after" in methods else baselines.NEIGHBOURS
    whole = (first - reach * days.QUARTER, last + after * days.QUARTER)
    by_day: dict[days.Day, tuple[datetime, datetime]] = {}
    for start, end in (whole, *baselines.windows(methods, first, last)):
        for day in days.days(start, end):
            here = max(start, day.start), min(end, day.end)
            other = by_day.get(day, here)
            by_day[day] = min(here[0], other[0]), max(here[1], other[1])
    is_one = isinstance(event, ActivationMemberChanged)
    named = blocks.by_block((event.metering_point_id,) if is_one else event.metering_points)
    return {
        blocks.key(day.date, block): (event.activation_id, *window) for day, window in by_day.items() for block in named
    }


def windows_of(state: Activation, covered: Collection[datetime]) -> tuple[baselines.Window, ...]:
    """What values are needed of, in order: the baselines' quarters, every quarter of the period and one on either side.

    By *meter before*, too, where the group's baseline says nothing of single points. `covered`: the quarters that other
    activations of the group touch.
    """
    return _windows(state.methods, state.start, state.end, frozenset(covered))


@lru_cache(maxsize=512)
def _windows(
    methods: tuple[baselines.Method, ...], start: datetime, end: datetime, covered: frozenset[datetime]
) -> tuple[baselines.Window, ...]:
    """Kept: a whole evening's activations ask for few, each several times."""
    first, last = days.quarter_floor(start), days.quarter_ceil(end)
    found = list(baselines.windows((*methods, "meter-before"), first, last, covered=covered))
    found.append((first - days.QUARTER, last + days.QUARTER))
    joined: list[baselines.Window] = []
    for begin, until in sorted(found):
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(until, joined[-1][1])
        else:
            joined.append((begin, until))
    return tuple(joined)


def due_at(state: Activation) -> datetime | None:
    """09:00 on the day after the activation, as long as it has not been verified; what has no known group never is.

    When it is told, where that is later: a run is never dated to when nobody knew of what it is a run of.
    """
    if state.bsp is None or state.cancelled or state.source_wrong or state.run is not None:
        return None
    due = days.verify_by(days.day_at(state.end - timedelta(microseconds=1)).date)
    return max(due, state.told_at) if state.told_at else due
