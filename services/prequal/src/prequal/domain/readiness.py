"""What may be bid from a moment on, and every reason why it is less than the members declare (R9, R12, D3, D4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import get_args

from contracts import calendar
from contracts.prequal import v1
from prequal.domain.limits import Stage, Taken
from prequal.domain.power import NONE, Power


@dataclass(frozen=True, slots=True)
class Step:
    """What may be bid from a moment on, until the next step."""

    valid_from: datetime
    biddable: Power
    approved: Power
    deliverable: Power
    below_minimum: bool
    approval_ends_at: datetime | None
    lowered: tuple[v1.Lowered, ...] = ()
    """What limits take from what the members could deliver."""
    declared: Power = NONE
    unassessed: Power = NONE
    reasons: tuple[v1.Less, ...] = ()
    """From `declared` to `biddable`."""


Steps = tuple[Step, ...]
"""In order of `valid_from`."""


def in_force(steps: Sequence[Step], at: datetime) -> Step | None:
    """The last step that begins at or before a moment."""
    return next((step for step in reversed(steps) if step.valid_from <= at), None)


def replaced(steps: Steps, step: Step) -> Steps:
    """With a step in its place, instead of the one that began at the same moment."""
    others = [other for other in steps if other.valid_from != step.valid_from]
    return tuple(sorted((*others, step), key=lambda one: one.valid_from))


def step(
    stage: Stage, moment: datetime, approved: Power, *, minimum_w: int, step_w: int, otherwise: Power | None = None
) -> Step:
    """What may be bid of what can be delivered from a moment on. Less than the minimum is nothing (R9).

    `otherwise`: what could be delivered if nobody had forbidden it. What is forbidden is not below the minimum by that.
    """
    offered = approved.at_most(stage.power)
    below = offered.size_w < minimum_w
    biddable = NONE if below else offered.in_steps_of(step_w=step_w)
    return Step(
        valid_from=moment,
        biddable=biddable,
        approved=approved,
        deliverable=stage.power,
        below_minimum=below if otherwise is None else approved.at_most(otherwise).size_w < minimum_w,
        approval_ends_at=None,
        lowered=tuple(_lowered(taken) for taken in stage.taken),
        declared=stage.declared,
        unassessed=stage.unassessed,
        reasons=_reasons(stage, offered, biddable, below=below),
    )


def _reasons(stage: Stage, offered: Power, biddable: Power, *, below: bool) -> tuple[v1.Less, ...]:
    takes = dict.fromkeys(get_args(v1.WhyLess), NONE)
    takes["unassessed"] = stage.unassessed
    for limit, power in stage.taken:
        takes[limit.kind] += power
    by_limits = sum((power for _, power in stage.taken), NONE)
    takes["assessment"] += stage.declared - stage.unassessed - by_limits - stage.power
    takes["approved"] = stage.power - offered
    takes["below-minimum" if below else "whole-steps"] = offered - biddable
    return tuple(
        v1.Less(why=why, up_w=power.up_w, down_w=power.down_w) for why, power in takes.items() if power != NONE
    )


def _lowered(taken: Taken) -> v1.Lowered:
    limit, power = taken
    # Where it is, not every DSO of the group may know (R28); its own and the BSP know it by the limit.
    return v1.Lowered(
        kind=limit.kind,
        scope=limit.scope,
        by=limit.by,
        reason_code=limit.reason_code,
        limit_id=limit.limit_id,
        up_w=power.up_w,
        down_w=power.down_w,
    )


def unavailable_days(steps: Sequence[Step], at: datetime) -> int:
    """Local days of this year up to a moment on which, for some time, an approved group could not be bid (R39)."""
    last = calendar.local_date(at)
    first = last.replace(month=1, day=1)
    ends = [*(step.valid_from for step in steps[1:]), at]
    days: set[date] = set()
    for step, end in zip(steps, ends, strict=False):
        if step.biddable != NONE or step.approved == NONE or step.valid_from >= min(end, at):
            continue
        day = max(first, calendar.local_date(step.valid_from))
        # The end is exclusive: what is over at midnight does not count for the day that begins.
        until = calendar.local_date(min(end, at) - timedelta(microseconds=1))
        while day <= until:
            days.add(day)
            day = calendar.add_local_days(day, 1)
    return len(days)
