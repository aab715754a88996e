"""A party is sent again what it was sent: how often, and how much at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from contracts import calendar
from contracts.registry import v1
from registry.domain import rules
from registry.domain.access import own
from registry.domain.party import Party
from registry.domain.standing import refuse_terminated

LONGEST_DAYS: Final = 35
"""Of one period: as much as a topic keeps."""
MOST_A_DAY: Final = 5
"""Of one party, by local days: each is a walk through all that the gateway ever sent."""


@dataclass(frozen=True, slots=True)
class Resends:
    """How often a party asked on the last day on which it did."""

    day: date
    count: int


def decide_request(
    state: Party | None,
    before: Resends | None,
    *,
    party: str,
    resend_id: str,
    wish: v1.RequestResend,
    sender: str,
    sender_role: str,
    at: datetime,
) -> v1.ResendRequested:
    """Have the party sent again what it was sent of a period.

    Refuses with NO_SUCH_PARTY, PARTY_IS_TERMINATED, RESEND_PERIOD_EMPTY, RESEND_NOT_PAST, RESEND_TOO_LONG,
    RESEND_TOO_OFTEN.
    """
    refuse_terminated(own(state, party=party, sender=sender, sender_role=sender_role))
    if wish.end <= wish.start:
        raise rules.RESEND_PERIOD_EMPTY.refused(
            path="/end", limit=calendar.local_text(wish.start), actual=calendar.local_text(wish.end)
        )
    if wish.end > at:
        raise rules.RESEND_NOT_PAST.refused(
            path="/end", limit=calendar.local_text(at), actual=calendar.local_text(wish.end)
        )
    if wish.end - wish.start > timedelta(days=LONGEST_DAYS):
        raise rules.RESEND_TOO_LONG.refused(path="/end", limit=LONGEST_DAYS, actual=(wish.end - wish.start).days)
    count = before.count if before and before.day == calendar.local_date(at) else 0
    if count >= MOST_A_DAY:
        raise rules.RESEND_TOO_OFTEN.refused(path="/subject", limit=MOST_A_DAY, actual=count)
    return v1.ResendRequested(party=party, resend_id=resend_id, start=wish.start, end=wish.end, requested_at=at)


def evolve(state: Resends | None, event: v1.ResendRequested) -> Resends:
    """It was asked for once more."""
    day = calendar.local_date(event.requested_at)
    return Resends(day, state.count + 1 if state and state.day == day else 1)
