"""What several orders of a group ask for together, and which part of what was delivered is for which of them.

Orders add up: where one follows another, the ramps at their border add up to what lies between the two powers, and to
no ramp where these are the same. A quarter belongs to the orders of which the period touches it; one that none touches,
to those of which a ramp reaches into it. What is delivered more or less than all together ask for is for these, in
proportion to what each asks for there, by largest remainder, ties to the one that began first. A ramp in a quarter that
belongs to others is as it was asked for: what is short or over there is theirs. So a perfect delivery is a perfect one
of each, nothing is counted twice, and no order answers for a quarter that only another touches.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.meter_ingest.v1 import OrderBeside
from contracts.values import Period
from meter_ingest.domain import ramps
from meter_ingest.domain.activation import Activation
from meter_ingest.domain.shares import split_exactly


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a quarter by several orders, in the direction of one of them."""

    together_wh: int
    own_wh: int
    parts: tuple[int, ...]
    """What each of the orders asks for that it belongs to, whatever the direction."""
    place: int | None
    """Which of them is the one; None: it belongs to others."""

    def share(self, delivered_wh: int) -> int:
        """What of a delivery is for this one."""
        if self.place is None:
            return self.own_wh
        off = delivered_wh - self.together_wh
        part = split_exactly(abs(off), self.parts)[self.place]
        return self.own_wh + (part if off > 0 else -part)


def beside(state: Activation, others: Iterable[Activation]) -> tuple[OrderBeside, ...]:
    """Those of the group's other orders that reach into an activation's quarters or its neighbours."""
    own = set(_Order.of(_named(state)).starts)
    found = [_named(one) for one in others if one.activation_id != state.activation_id and not one.cancelled]
    return tuple(sorted((one for one in found if own.intersection(_Order.of(one).reached())), key=_began))


def asked(state: Activation, others: Sequence[OrderBeside]) -> tuple[Asked | None, ...]:
    """By quarter, beginning with the neighbour before; None where no other order reaches in."""
    own = _Order.of(_named(state))
    if not others:
        return (None,) * len(own.starts)
    orders = [
        own if one.activation_id == state.activation_id else _Order.of(one)
        for one in sorted((_named(state), *others), key=_began)
    ]
    return tuple(_of_quarter(start, own, orders) for start in own.starts)


@dataclass(frozen=True, slots=True, eq=False)
class _Order:
    direction: str
    starts: tuple[datetime, ...]
    expected: dict[datetime, int]
    touched: frozenset[datetime]

    @classmethod
    def of(cls, one: OrderBeside) -> _Order:
        found = ramps.ordered(one.power_w, one.period.start, one.period.end, one.ramp_s)
        expected = dict(zip(found.starts, found.ramped, strict=True))
        return cls(one.direction, found.starts, expected, frozenset(found.starts[1:-1]))

    def reached(self) -> list[datetime]:
        return [start for start, wh in self.expected.items() if wh or start in self.touched]


def _of_quarter(start: datetime, own: _Order, orders: Iterable[_Order]) -> Asked | None:
    reaching = [one for one in orders if one.expected.get(start) or start in one.touched]
    if all(one is own for one in reaching):
        return None
    its = [one for one in reaching if start in one.touched] or reaching
    return Asked(
        together_wh=sum(one.expected[start] * (1 if one.direction == own.direction else -1) for one in reaching),
        own_wh=own.expected[start],
        parts=tuple(one.expected[start] for one in its),
        place=its.index(own) if own in its else None,
    )


def _named(state: Activation) -> OrderBeside:
    return OrderBeside(
        activation_id=state.activation_id,
        direction=state.direction,
        power_w=state.power_w,
        period=Period(start=state.start, end=state.end),
        ramp_s=state.ramp_s,
    )


def _began(one: OrderBeside) -> tuple[datetime, str]:
    return one.period.start, one.activation_id
