"""A warning before a step of what may be bid is lost, and when a coming change loses one (R12, E7).

Of a change that is announced long before, nothing is told until it is near (`readiness.warn-ahead-days`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Final, Literal

from contracts import calendar
from contracts.message import Event
from contracts.prequal import v1
from prequal.domain.power import Power
from prequal.domain.readiness import Step, in_force

Direction = Literal["up", "down"]
_DIRECTIONS: Final[tuple[Direction, Direction]] = ("up", "down")


@dataclass(frozen=True, slots=True)
class AtRisk:
    """What was told of a direction: which step, and when it is lost, if that is known."""

    biddable_w: int
    lost_at: datetime | None


Risks = Mapping[Direction, AtRisk]


def evolve(state: Risks, event: v1.MegawattStepWarned | v1.MegawattStepWarningCleared) -> dict[Direction, AtRisk]:
    """Fold an own event."""
    others: dict[Direction, AtRisk] = {
        direction: told for direction, told in state.items() if direction != event.direction
    }
    if isinstance(event, v1.MegawattStepWarningCleared):
        return others
    return {**others, event.direction: AtRisk(event.biddable_w, event.lost_at)}


def look_at(steps: Sequence[Step], *, ahead_days: int, at: datetime) -> datetime | None:
    """When a step that is to be lost later will be near enough to be told of, and is not told of before."""
    falls = (
        max(calendar.add_local_days(after.valid_from, -ahead_days), before.valid_from)
        for before, after in pairwise(steps)
        if any(_of(after.biddable, one) < _of(before.biddable, one) for one in _DIRECTIONS)
    )
    return min((each for each in falls if each > at), default=None)


def decide(
    told: Risks, steps: Sequence[Step], *, warn_margin_w: int, ahead_days: int, at: datetime, of: Mapping[str, Any]
) -> list[Event]:
    """What is at risk that was not told so, and what is over. `of`: the group's fields in the events."""
    now = in_force(steps, at)
    near = [one for one in steps if at < one.valid_from <= calendar.add_local_days(at, ahead_days)]
    return [event for one in _DIRECTIONS for event in _decide(one, told.get(one), now, near, warn_margin_w, of)]


def _decide(
    direction: Direction,
    told: AtRisk | None,
    now: Step | None,
    near: Sequence[Step],
    warn_margin_w: int,
    of: Mapping[str, Any],
) -> Iterable[Event]:
    biddable_w = _of(now.biddable, direction) if now else 0
    margin_w = _of(now.deliverable, direction) - biddable_w if now else 0
    lost = next((one for one in near if _of(one.biddable, direction) < biddable_w), None)
    if biddable_w and (lost or margin_w < warn_margin_w):
        if told != AtRisk(biddable_w, lost.valid_from if lost else None):
            yield v1.MegawattStepWarned(
                **of,
                direction=direction,
                biddable_w=biddable_w,
                margin_w=margin_w,
                lost_at=lost.valid_from if lost else None,
                then_w=_of(lost.biddable, direction) if lost else None,
                warn_margin_w=warn_margin_w,
            )
    elif told:
        because: Literal["recovered", "lost"] = "lost" if biddable_w < told.biddable_w else "recovered"
        yield v1.MegawattStepWarningCleared(**of, direction=direction, because=because, biddable_w=biddable_w)


def _of(power: Power, direction: Direction) -> int:
    return power.up_w if direction == "up" else power.down_w
