"""What a BSP may see of a metering point: its own periods, and nothing of who came before or after (R13, R30).

A period is shown as it was known while it lasted, and changes afterwards only with what is said of it itself: who has
lost a point is not told what is learnt of it later. Which meter values it may read is in `access`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from bsp_switch.domain import control, point, supply
from bsp_switch.domain.control import Holding
from bsp_switch.domain.point import Point
from contracts.bsp_switch import v1
from contracts.bsp_switch.v1 import WhyControlEnds


@dataclass(frozen=True, slots=True)
class BehindThen:
    """Who stood behind the point in a part of a period."""

    valid_from: datetime
    valid_to: datetime | None
    supplier: str
    brp_consumption: str | None
    brp_production: str | None
    end_user: str | None
    """The one whose consent the BSP has; None where it is another."""


@dataclass(frozen=True, slots=True)
class Period:
    """A BSP's control of a point, with who stood behind it, cut to its bounds."""

    valid_from: datetime
    valid_to: datetime | None
    consent_id: str
    switch_id: str | None
    ends: dict[WhyControlEnds, datetime]
    behind: tuple[BehindThen, ...]
    known_at: datetime
    """When the last of it was known."""


@dataclass(frozen=True, slots=True)
class Seen:
    """All that a BSP may see of a point."""

    bsp: str
    periods: tuple[Period, ...]


def seen(history: Iterable[tuple[datetime, point.Event]], bsp: str) -> Seen | None:
    """What a BSP may see, from all that was said of a point and when; None where it never was to hold it."""
    state: Point | None = None
    periods: dict[datetime, tuple[Holding, Period]] = {}
    for at, event in history:
        if isinstance(event, v1.MeterAccessChanged):
            # It changes no period; that there is one for another is nothing to be seen.
            continue
        state = point.evolve(state, event)
        own = {each.valid_from: each for each in _own(state.holdings, bsp)}
        periods = {
            start: periods[start]
            if start in periods and _is_past(*periods[start], holding, at=at)
            else (holding, _period(state, holding, known_at=at))
            for start, holding in own.items()
        }
    return Seen(bsp, tuple(period for _, period in periods.values())) if periods else None


def _own(timeline: control.Timeline, bsp: str) -> Iterator[Holding]:
    """What of the holdings is this BSP's: cut where it takes over another, or is taken over itself (ADR 0022)."""
    for each in control.living(timeline):
        for holder, start, end in each.periods():
            if holder == bsp:
                yield replace(each, valid_from=start, passes_at=end, heirs=()) if each.heirs else each


def _is_past(before: Holding, shown: Period, now: Holding, *, at: datetime) -> bool:
    return before == now and shown.valid_to is not None and shown.valid_to <= at


def _period(state: Point, holding: Holding, *, known_at: datetime) -> Period:
    return Period(
        valid_from=holding.valid_from,
        valid_to=holding.valid_to,
        consent_id=holding.consent_id,
        switch_id=holding.switch_id,
        ends=holding.ends,
        behind=tuple(_behind(state.supplies, holding)),
        known_at=known_at,
    )


def _behind(timeline: tuple[supply.Supply, ...], holding: Holding) -> Iterator[BehindThen]:
    consents = supply.in_force(timeline, at=holding.valid_from)
    for place, fact in enumerate(timeline):
        following = timeline[place + 1].valid_from if place + 1 < len(timeline) else None
        start = max(fact.valid_from, holding.valid_from)
        end = min((each for each in (following, holding.valid_to) if each is not None), default=None)
        if end is None or start < end:
            its_own = consents is not None and fact.end_user == consents.end_user
            yield BehindThen(
                valid_from=start,
                valid_to=end,
                supplier=fact.supplier,
                brp_consumption=fact.brp_consumption,
                brp_production=fact.brp_production,
                end_user=fact.end_user if its_own else None,
            )
