"""What a party asked to be sent again, in the order in which it was asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from contracts.registry.v1 import ResendRequested


@dataclass(frozen=True, slots=True)
class Order:
    """Everything that a party was sent whose `time` is in a period, the end not part of it."""

    resend_id: str
    party: str
    start: datetime
    end: datetime

    def wants(self, at: datetime) -> bool:
        """Whether a message of this `time` is sent again."""
        return self.start <= at < self.end


@dataclass(frozen=True, slots=True)
class Waiting:
    """The orders that are not done, the first one under way."""

    orders: tuple[Order, ...] = ()


def asked(state: Waiting | None, event: ResendRequested) -> Waiting:
    """One more, behind the others."""
    order = Order(event.resend_id, event.party, event.start, event.end)
    return Waiting((*(state.orders if state else ()), order))


def done(state: Waiting, resend_id: str) -> Waiting | None:
    """One fewer; None where none is left."""
    left = tuple(order for order in state.orders if order.resend_id != resend_id)
    return replace(state, orders=left) if left else None
