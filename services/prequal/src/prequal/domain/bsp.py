"""What a BSP is qualified for, and when: what readiness and applications ask."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from contracts.prequal import v1

OfQualification = (
    v1.QualificationRequested | v1.QualificationWithdrawn | v1.QualificationDecided | v1.QualificationEnded
)


@dataclass(frozen=True, slots=True)
class QualifiedPeriod:
    """Qualified for a product by one decision, in `[valid_from, valid_to)`. None: since ever, until further notice."""

    qualification_id: str
    valid_from: datetime | None
    valid_to: datetime | None
    because: str = ""
    """Why it has ended, where it has."""

    def covers(self, at: datetime) -> bool:
        """Whether it is qualified by this decision at a moment."""
        return (self.valid_from is None or self.valid_from <= at) and (self.valid_to is None or at < self.valid_to)


@dataclass(frozen=True, slots=True)
class Bsp:
    """A BSP, by product: the periods in which it is or was qualified, in order, and the application that is handled."""

    periods: dict[str, tuple[QualifiedPeriod, ...]] = field(default_factory=dict[str, tuple[QualifiedPeriod, ...]])
    under_way: dict[str, str] = field(default_factory=dict[str, str])

    def qualified_at(self, product: str, at: datetime) -> bool:
        """Whether it is qualified for a product at a moment, as far as is known now: also of moments to come."""
        return any(period.covers(at) for period in self.periods.get(product, ()))

    def gaps(self, product: str, at: datetime) -> list[tuple[datetime | None, datetime | None]]:
        """When it is not qualified for a product, from a moment on. None: since ever, until further notice."""
        found: list[tuple[datetime | None, datetime | None]] = []
        since: datetime | None = None
        for period in self.periods.get(product, ()):
            if period.valid_to is not None and period.valid_to <= at:
                continue
            if period.valid_from is not None and period.valid_from > (since or at):
                found.append((since, period.valid_from))
            if period.valid_to is None:
                return found
            since = period.valid_to
        return [*found, (since, None)]

    def qualified_for(self, at: datetime) -> tuple[str, ...]:
        """All products that it is qualified for at a moment, by code."""
        return tuple(product for product in sorted(self.periods) if self.qualified_at(product, at))

    def standing(self, product: str) -> QualifiedPeriod | None:
        """The latest period, unless it has been ended; also one whose last day has come, until that is told."""
        latest = self.periods.get(product, ())[-1:]
        return latest[0] if latest and not latest[0].because else None


def is_qualified(state: Bsp | None, product: str, *, at: datetime) -> bool:
    """Whether a BSP, of which perhaps nothing is known, is qualified for a product at a moment (R41)."""
    return state is not None and state.qualified_at(product, at)


def evolve(state: Bsp | None, event: OfQualification) -> Bsp:
    """Fold what is said of its applications."""
    state = state or Bsp()
    match event:
        case v1.QualificationRequested():
            return replace(state, under_way={**state.under_way, event.product: event.qualification_id})
        case v1.QualificationWithdrawn():
            return _handled(state, event)
        case v1.QualificationDecided():
            return _with(_handled(state, event), event.product, _decided(state, event))
        case v1.QualificationEnded():
            return _with(state, event.product, tuple(_ended(one, event) for one in state.periods[event.product]))


def _handled(state: Bsp, event: v1.QualificationWithdrawn | v1.QualificationDecided) -> Bsp:
    others = {product: id_ for product, id_ in state.under_way.items() if id_ != event.qualification_id}
    return replace(state, under_way=others)


def _with(state: Bsp, product: str, periods: tuple[QualifiedPeriod, ...]) -> Bsp:
    return replace(state, periods={**state.periods, product: periods})


def _decided(state: Bsp, event: v1.QualificationDecided) -> tuple[QualifiedPeriod, ...]:
    # Decisions of before there were periods say no moment, and nothing ended the one before: the last one counts.
    before = tuple(one for one in state.periods.get(event.product, ()) if one.because)
    if event.decision == "not-qualified":
        return before
    return (*before, QualifiedPeriod(event.qualification_id, event.valid_from, event.expires_at))


def _ended(period: QualifiedPeriod, event: v1.QualificationEnded) -> QualifiedPeriod:
    if period.qualification_id != event.qualification_id:
        return period
    return replace(period, valid_to=event.ended_at, because=event.because)
