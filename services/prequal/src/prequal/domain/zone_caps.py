"""The caps of a zone in time: which holds when, and how the TSO sets one and takes one back (R20, R21, R23, D7).

Of the caps that cover a moment the one that began last holds. One with an end is temporary: behind it the one that
holds beside it holds again, so there must be one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from contracts import calendar, values
from contracts.message import Event
from contracts.prequal import v1
from prequal.domain import rules

ALWAYS = datetime(1, 1, 1, tzinfo=UTC)
"""Since when a cap holds that was said without a date, and how far a zone's caps are decided that has none."""


@dataclass(frozen=True, slots=True)
class Cap:
    """How much a zone takes, half-open in time, with the reasons."""

    cap_w: int
    reasons: tuple[v1.CapReason, ...]
    assessment: str
    link: str
    valid_from: datetime
    valid_to: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """Whether it could hold at a moment."""
        return self.valid_from <= at and (self.valid_to is None or at < self.valid_to)


Caps = tuple[Cap, ...]


def in_force(caps: Sequence[Cap], at: datetime) -> Cap | None:
    """The cap that holds at a moment."""
    return max((cap for cap in caps if cap.covers(at)), key=lambda cap: cap.valid_from, default=None)


def next_change(caps: Sequence[Cap], after: datetime) -> tuple[datetime, Cap] | None:
    """When another cap than at a moment holds for the first time behind it, and which."""
    now = in_force(caps, after)
    for moment in sorted(moment for moment in _edges(caps) if moment > after):
        cap = in_force(caps, moment)
        if cap is not None and cap is not now:
            return moment, cap
    return None


def put(caps: Caps, cap: Cap) -> Caps:
    """With this one; of two that begin at the same moment, the one that was said last counts."""
    others = (other for other in caps if other.valid_from != cap.valid_from)
    return tuple(sorted((*others, cap), key=lambda one: one.valid_from))


def without(caps: Caps, valid_from: datetime) -> Caps:
    """Without the one that begins then."""
    return tuple(cap for cap in caps if cap.valid_from != valid_from)


def from_now(caps: Caps, since: datetime) -> Caps:
    """Those that hold at a moment or at some moment behind it."""
    moments = (since, *(moment for moment in _edges(caps) if moment > since))
    holding = {id(cap) for moment in moments if (cap := in_force(caps, moment))}
    return tuple(cap for cap in caps if id(cap) in holding)


def _edges(caps: Sequence[Cap]) -> set[datetime]:
    return {edge for cap in caps for edge in (cap.valid_from, cap.valid_to) if edge is not None}


def _check_no_gap(caps: Caps, since: datetime) -> None:
    """A zone that has a cap always has one: when a temporary one ends, another must hold."""
    for end in sorted(cap.valid_to for cap in caps if cap.valid_to is not None and cap.valid_to > since):
        if in_force(caps, end) is None:
            raise rules.CAP_END_LEAVES_NONE.refused(path="/valid_to", actual=values.time_text(end))


def _check_period(command: v1.SetZoneCap, *, at: datetime) -> None:
    for name, moment in (("valid_from", command.valid_from), ("valid_to", command.valid_to)):
        if moment is not None and not calendar.is_quarter(moment):
            raise rules.CAP_PERIOD_INVALID.refused(path=f"/{name}", actual=values.time_text(moment))
    begins = command.valid_from or at
    if begins < at:
        raise rules.CAP_PERIOD_INVALID.refused(
            path="/valid_from", limit=values.time_text(at), actual=values.time_text(begins)
        )
    if command.valid_to is not None and command.valid_to <= begins:
        raise rules.CAP_PERIOD_INVALID.refused(
            path="/valid_to", limit=values.time_text(begins), actual=values.time_text(command.valid_to)
        )


def decide(
    caps: Caps,
    command: v1.SetZoneCap,
    *,
    zone: values.BiddingZone,
    used_w: int,
    waiting: int,
    since: datetime,
    at: datetime,
) -> list[Event]:
    """The TSO sets a cap, with its reasons; who waits is served afterwards. `since`: how far the caps are decided.

    Refuses with CAP_REASON_MISSING (R21), CAP_LINK_INVALID (R24), CAP_PERIOD_INVALID, CAP_END_LEAVES_NONE.
    """
    if not command.reasons:
        raise rules.CAP_REASON_MISSING.refused(path="/reasons")
    if not command.assessment.strip():
        raise rules.CAP_REASON_MISSING.refused(path="/assessment")
    if command.link and not _is_https(command.link):
        raise rules.CAP_LINK_INVALID.refused(path="/link", actual=command.link)
    _check_period(command, at=at)
    cap = Cap(
        cap_w=command.cap_w,
        reasons=command.reasons,
        assessment=command.assessment,
        link=command.link,
        valid_from=command.valid_from or at,
        valid_to=command.valid_to,
    )
    _check_no_gap(put(caps, cap), since)
    return [
        v1.ZoneCapSet(
            zone=zone,
            cap_w=cap.cap_w,
            reasons=cap.reasons,
            assessment=cap.assessment,
            link=cap.link,
            used_w=used_w,
            free_w=max(0, cap.cap_w - used_w),
            deficit_w=max(0, used_w - cap.cap_w),
            waiting=waiting,
            valid_from=cap.valid_from,
            valid_to=cap.valid_to,
            coming=cap.valid_from > at,
        )
    ]


def _is_https(link: str) -> bool:
    host = link.removeprefix("https://").partition("/")[0]
    return link.startswith("https://") and "." in host and not any(sign in link for sign in ' <>"@\\')


def decide_withdraw(
    caps: Caps, command: v1.WithdrawZoneCap, *, zone: values.BiddingZone, since: datetime, at: datetime
) -> list[Event]:
    """The TSO takes back a cap that has not begun.

    Refuses with CAP_REASON_MISSING, CAP_NOT_TO_COME, CAP_END_LEAVES_NONE.
    """
    if not command.reasons.strip():
        raise rules.CAP_REASON_MISSING.refused(path="/reasons")
    cap = next((cap for cap in caps if cap.valid_from == command.valid_from), None)
    if cap is None or cap.valid_from <= at:
        raise rules.CAP_NOT_TO_COME.refused(path="/valid_from", actual=values.time_text(command.valid_from))
    _check_no_gap(without(caps, cap.valid_from), since)
    return [v1.ZoneCapWithdrawn(zone=zone, valid_from=cap.valid_from, cap_w=cap.cap_w, reasons=command.reasons)]
