"""Activations: what the TSO ordered, what it will do in each DSO's grid, and which values it is verified with.

An order is a fact: it is always accepted, and what is wrong with it is a finding. The points that are verified are the
members as of the period's start, and stand in the event (R47).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contracts.message import Event, Reason
from contracts.meter_ingest.v1 import (
    ActivationOrdered,
    ActivationVerified,
    ExpectedEffect,
    OrderActivation,
    SubstationEffect,
)
from meter_ingest.domain import blocks, days, known, rules
from meter_ingest.domain.shares import split_exactly

BASELINE_QUARTERS = 4
"""*Meter before*: the last four complete quarters before the activation (D20)."""


@dataclass(frozen=True, slots=True)
class Run:
    """The current verification."""

    number: int
    result: str
    revisions_sha256: str
    complete: bool
    """Whether all that was expected had come by this or an earlier run."""


@dataclass(frozen=True, slots=True)
class Activation:
    """What was ordered, and the verification that counts now."""

    activation_id: str
    group_id: str
    bsp: str | None
    direction: str
    power_w: int
    start: datetime
    end: datetime
    points: tuple[str, ...]
    """Sorted."""
    run: Run | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """Activations that the values of a block of points on a day may touch: the window of each."""

    windows: dict[str, tuple[datetime, datetime]]


def evolve(state: Activation | None, event: ActivationOrdered | ActivationVerified) -> Activation:
    """An order stands as it is; each verification replaces the one before as the current one."""
    if isinstance(event, ActivationOrdered):
        return Activation(
            event.activation_id,
            event.group_id,
            event.bsp,
            event.direction,
            event.power_w,
            event.period.start,
            event.period.end,
            event.metering_points,
        )
    assert state is not None
    whole = (state.run is not None and state.run.complete) or event.because == "complete" or not event.missing_points
    return replace(state, run=Run(event.run, event.result, event.revisions_sha256, whole))


def evolve_watched(state: Watched | None, event: ActivationOrdered) -> Watched:
    """The same entry in every block and day that the activation touches."""
    window = window_of(event.period.start, event.period.end)
    return Watched({**(state.windows if state else {}), event.activation_id: window})


def watched(event: ActivationOrdered) -> list[str]:
    """The `date|block` of every day and block that the activation touches."""
    touched = days.days(*window_of(event.period.start, event.period.end))
    names = blocks.by_block(event.metering_points)
    return [blocks.key(day.date, block) for day in touched for block in names]


def window_of(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """What values are needed of: the baseline's quarters and every quarter that the period touches."""
    return days.quarter_floor(start) - BASELINE_QUARTERS * days.QUARTER, days.quarter_ceil(end)


def due_at(state: Activation) -> datetime | None:
    """09:00 on the day after the activation, as long as it has not been verified; what has no known group never is."""
    if state.bsp is None or state.run is not None:
        return None
    return days.verify_by(days.day_at(state.end - timedelta(microseconds=1)).date)


def decide_ordered(
    state: Activation | None,
    command: OrderActivation,
    *,
    activation_id: str,
    group: known.Group | None,
    approval: known.Approval | None,
    at: datetime,
) -> tuple[list[Event], tuple[Reason, ...]]:
    """The activation, and its expected effect for each DSO concerned; the findings are notices to the TSO, too.

    The same order again changes nothing; another one under the same id is refused.
    """
    if state is not None:
        if _same(state, command):
            return [], ()
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    biddable = known.biddable_at(approval, command.period.start, command.direction)
    notices: list[Reason] = []
    if group is None:
        notices.append(rules.GROUP_UNKNOWN.reason(path="/group_id", actual=command.group_id))
    if command.power_w > biddable:
        notices.append(rules.ABOVE_BIDDABLE.reason(path="/power_w", limit=biddable, actual=command.power_w, unit="W"))
    if at >= command.period.start:
        notices.append(rules.AFTER_START.reason(path="/period/start", actual=command.period.start.isoformat()))
    members = known.members_at(group, command.period.start) if group else {}
    ordered = ActivationOrdered.model_validate(
        {
            "activation_id": activation_id,
            "group_id": command.group_id,
            "bsp": group.bsp if group else None,
            "direction": command.direction,
            "power_w": command.power_w,
            "period": command.period,
            "biddable_w": biddable,
            "metering_points": tuple(members),
            "findings": tuple(notice.code for notice in notices),
        }
    )
    return [ordered, *_effects(ordered, members, approval)], tuple(notices)


def _effects(
    ordered: ActivationOrdered, members: dict[str, known.Stay], approval: known.Approval | None
) -> Iterator[ExpectedEffect]:
    """The power split over the members in proportion to what each may deliver, to the watt, then summed per substation.

    A member that may deliver nothing has no part in it. Where none may, they count with their declared power instead,
    and where that is nothing too, equally: an order has an effect even when it should not have been given.
    """
    weights = {point: known.deliverable(approval, point, stay, ordered.direction) for point, stay in members.items()}
    if not any(weights.values()):
        weights = {point: stay.up_w if ordered.direction == "up" else stay.down_w for point, stay in members.items()}
    if not any(weights.values()):
        weights = dict.fromkeys(members, 1)
    taking_part = {point: weight for point, weight in weights.items() if weight}
    shares = split_exactly(ordered.power_w, list(taking_part.values()))
    sums: dict[str, dict[tuple[str, str], tuple[int, int]]] = {}
    for point, share in zip(taking_part, shares, strict=True):
        stay = members[point]
        where = sums.setdefault(stay.dso, {})
        count, power = where.get((stay.grid_area, stay.substation or ""), (0, 0))
        where[stay.grid_area, stay.substation or ""] = (count + 1, power + share)
    for dso in sorted(sums):
        yield ExpectedEffect(
            effect_id=f"{ordered.activation_id}/{dso}",
            activation_id=ordered.activation_id,
            group_id=ordered.group_id,
            dso=dso,
            direction=ordered.direction,
            period=ordered.period,
            substations=tuple(
                SubstationEffect(grid_area=area, substation=substation or None, points=count, power_w=power)
                for (area, substation), (count, power) in sorted(sums[dso].items())
            ),
        )


def _same(state: Activation, command: OrderActivation) -> bool:
    return (state.group_id, state.direction, state.power_w, state.start, state.end) == (
        command.group_id,
        command.direction,
        command.power_w,
        command.period.start,
        command.period.end,
    )
