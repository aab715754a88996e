"""What a group is called for on a local day: of these quarters no baseline of another activation may be made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.meter_ingest.v1 import ActivationAmended, ActivationCancelled, ActivationOrdered
from contracts.values import Period
from meter_ingest.domain import baselines, blocks, control, days
from meter_ingest.domain.activation import Activation

Part = tuple[str, Period | None]
"""An activation, and its period; None: not any more."""
OfCalled = ActivationOrdered | ActivationAmended | ActivationCancelled


@dataclass(frozen=True, slots=True)
class Called:
    """The periods of a group's activations that touch a day."""

    periods: dict[str, tuple[datetime, datetime]]


@dataclass(frozen=True, slots=True)
class Last:
    """Until when a group was ever called for."""

    end: datetime


def evolve_last(state: Last | None, event: ActivationOrdered | ActivationAmended) -> Last:
    """The latest end there was."""
    return Last(max(event.period.end, state.end) if state else event.period.end)


def evolve(state: Called | None, part: Part) -> Called:
    """The later word of each stands."""
    activation_id, period = part
    others = {id_: was for id_, was in (state.periods if state else {}).items() if id_ != activation_id}
    return Called({**others, activation_id: (period.start, period.end)} if period else others)


def parts(event: OfCalled) -> dict[str, Part]:
    """By `group|date`."""
    match event:
        case ActivationOrdered():
            gone, now = None, event.period
        case ActivationAmended():
            gone, now = event.former_period, event.period
        case ActivationCancelled():
            gone, now = event.period, None
    found: dict[str, Part] = dict.fromkeys(_names(event.group_id, gone), (event.activation_id, None)) if gone else {}
    if now:
        found |= dict.fromkeys(_names(event.group_id, now), (event.activation_id, now))
    return found


def names(state: Activation) -> list[str]:
    """The days on which an activation's baselines may be made."""
    back = timedelta(days=baselines.DAYS_BACK) if "sliding-window" in state.methods else timedelta()
    reach = (baselines.LOOKED_AT + 2 * baselines.NEIGHBOURS) * days.QUARTER
    return _names(state.group_id, Period(start=state.start - back - reach, end=state.end + reach))


def since(group_id: str, moment: datetime, last: Last) -> list[str]:
    """The days on which a group was, or is to be, called for from a moment on."""
    return _names(group_id, Period(start=moment, end=last.end)) if moment < last.end else []


def later(state: Activation) -> list[str]:
    """The days whose activations may have a baseline from this one's quarters."""
    reach = (baselines.LOOKED_AT + 2 * baselines.NEIGHBOURS) * days.QUARTER
    end = state.end + timedelta(days=baselines.DAYS_BACK) + reach
    return _names(state.group_id, Period(start=state.start - reach, end=end))


def covered(state: Activation, found: Iterable[Called | None]) -> frozenset[datetime]:
    """The quarters that other activations of the group touch."""
    others = {period for one in found if one for id_, period in one.periods.items() if id_ != state.activation_id}
    return frozenset(quarter for start, end in others for quarter in control.quarters_of(start, end))


def near(state: Activation, found: Iterable[Called | None]) -> list[str]:
    """The group's other activations that may reach into this one's quarters, or those beside them."""
    reach = 3 * days.QUARTER
    periods = {id_: period for one in found if one for id_, period in one.periods.items() if id_ != state.activation_id}
    return [id_ for id_, (start, end) in periods.items() if start < state.end + reach and state.start < end + reach]


def _names(group_id: str, period: Period) -> list[str]:
    return [blocks.key(group_id, day.date) for day in days.days(period.start, period.end)]
