"""What facts make of control: how long each holding can last, and what is to be said when that changes.

Three facts end a holding by themselves: the end user whose consent it rests on stands behind the point no longer, or
is no more (both move-out, E15), its consents end (E16, D26), the point is closed (E20). All are read off the timelines
as they are now, so that whatever comes late, twice or is corrected leads to the same; only what differs from what was
said is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from bsp_switch.domain import consent, consent_ending, control, point, supply
from bsp_switch.domain.consent import Consents
from bsp_switch.domain.control import Holding
from bsp_switch.domain.standing import Standing
from contracts import calendar
from contracts.bsp_switch import v1

Fact = Literal["move-out", "consent", "point-closed"]
FACTS: Final[tuple[Fact, ...]] = ("move-out", "consent", "point-closed")


@dataclass(frozen=True, slots=True)
class Bounds:
    """When facts end a holding, by fact; and the consent it rests on."""

    ends: dict[Fact, datetime]
    rests_on: str | None = None
    """The consent; None where it is unknown to this service."""


def bounds(standing: Standing, holding: Holding, *, at: datetime) -> Bounds:
    """How long facts let a holding last, as they stand now.

    The end of a consent counts from its last day on: until then another may be recorded. That of one that does not even
    reach the start counts at once.
    """
    ends: dict[Fact, datetime] = {}
    if closed := _closed(standing, holding):
        ends["point-closed"] = closed
    consents = standing.consents.get(holding.bsp) or Consents(())
    mine = consents.named(holding.consent_id)
    if mine is None:
        return Bounds(ends)
    if moved := _moved_out(standing, holding, mine.end_user):
        ends["move-out"] = moved
    still = consent_ending.unbroken(consents, standing.point.supplies, by=holding.valid_from)
    if mine not in still.consents and still.longest(end_user=mine.end_user, at=holding.valid_from) is None:
        # It moved out before, and has consented to nothing since it came back.
        ends["move-out"] = holding.valid_from
        still = consents
    rests_on, until = _chain(still, mine, start=holding.valid_from, at=at)
    if until is not None and until <= max(calendar.next_midnight(at), holding.valid_from):
        ends["consent"] = until
    return Bounds(ends, rests_on)


def gone(found: Bounds, *, by: datetime) -> Fact | None:
    """The fact that leaves nothing of what was to begin at a moment."""
    return next((fact for fact in FACTS if fact in found.ends and found.ends[fact] <= by), None)


def _closed(standing: Standing, holding: Holding) -> datetime | None:
    if standing.registered is None:
        return None
    closed = standing.registered.closed(since=holding.valid_from)
    return max(closed, holding.valid_from) if closed else None


def _moved_out(standing: Standing, holding: Holding, end_user: str) -> datetime | None:
    left, ended = _left(standing, holding, end_user), standing.ended.get(end_user)
    if ended is None:
        return left
    ended = max(ended, holding.valid_from)
    return min(left, ended) if left else ended


def _left(standing: Standing, holding: Holding, end_user: str) -> datetime | None:
    supplies = standing.point.supplies
    behind = supply.in_force(supplies, at=holding.valid_from)
    if behind is not None and behind.end_user != end_user:
        return holding.valid_from
    later = (each for each in supplies if each.valid_from > holding.valid_from)
    return next((each.valid_from for each in later if each.end_user != end_user), None)


def _chain(consents: Consents, mine: consent.Consent, *, start: datetime, at: datetime) -> tuple[str, datetime | None]:
    """The consent that a holding rests on, and the midnight at which consents of that end user carry it no further.

    One after the other: a holding goes on where another consent is valid at the midnight at which the one before ends.
    `mine` may be none of `consents`: the end user had moved out before the start.
    """
    tomorrow = max(calendar.next_midnight(at), start)
    reached: datetime | None = start
    is_one = mine in consents.consents
    link = mine if is_one and mine.covers(end_user=mine.end_user, at=start) else None
    rests_on = mine
    while reached is not None and reached <= tomorrow:
        link = link or consents.longest(end_user=mine.end_user, at=reached)
        if link is None:
            break
        reached, rests_on, link = link.ends_at, link, None
    # It is not let go of for another while it lasts itself.
    still = mine.covers(end_user=mine.end_user, at=max(at, start)) and (mine.ends_at is None or mine.ends_at > tomorrow)
    return (mine if is_one and still else rests_on).consent_id, reached


def decide(standing: Standing, *, at: datetime) -> list[point.Event]:
    """Say what facts have changed in the control of a point.

    First what ends, then what is restored, so that nobody ever hears of two who hold it at once.
    """
    said: list[point.Event] = []

    def say(step: Callable[[Standing, datetime], Iterable[point.Event]]) -> bool:
        nonlocal standing
        events = list(step(standing, at))
        standing = standing.after(*events)
        said.extend(events)
        return bool(events)

    say(_cancelled)
    say(_shortened)
    # To look twice for nothing costs most of what deciding about a portfolio does.
    if say(_restored):
        say(_shortened)
    if standing.point.lost is not None and say(_regained):
        say(_shortened)
    say(_resting)
    return said


def _cancelled(standing: Standing, at: datetime) -> list[point.Event]:
    """The switch that is announced, where its consent, its end user or its point is gone by its start."""
    coming = control.pending(standing.point.holdings, at=at)
    if coming is None or coming.switch_id is None:
        return []
    because = gone(bounds(standing, coming, at=at), by=coming.valid_from)
    return [standing.switch_cancelled(coming, because)] if because else []


def _regained(standing: Standing, at: datetime) -> list[point.Event]:
    """The switch that facts had cancelled, where they leave it what it rests on after all, before its midnight.

    On the consent it was announced on; not where its place is taken, or the BSP that was to give the point up has
    given it up before.
    """
    lost = standing.point.lost
    if lost is None or lost.start <= at or not standing.regains:
        return []
    outgoing = next((each for each in standing.point.holdings if each.key == lost.outgoing), None)
    if outgoing is None or outgoing.ends.get("own", lost.start) < lost.start:
        return []
    others = (each for each in control.living(standing.point.holdings) if each.key != lost.outgoing)
    if any(each.valid_from > outgoing.valid_from or each.covers(lost.start) for each in others):
        return []
    found = bounds(standing, Holding(lost.incoming, lost.start, lost.consent_id), at=at)
    if found.rests_on != lost.consent_id or gone(found, by=lost.start):
        return []
    if not standing.is_bsp(lost.incoming, lost.start):
        return [standing.switch_abandoned(lost, "not-bsp")]
    return [standing.switch_restored(lost)]


def _shortened(standing: Standing, at: datetime) -> list[point.Event]:
    return [
        _end_announced(standing, holding, fact, end, at=at)
        for holding in standing.point.holdings
        for fact, end in bounds(standing, holding, at=at).ends.items()
        if _shortens(holding, fact, end)
    ]


def _shortens(holding: Holding, fact: Fact, end: datetime) -> bool:
    said = holding.ends.get(fact)
    if said is not None:
        return end < said
    return holding.valid_to is None or end < holding.valid_to


def _restored(standing: Standing, at: datetime) -> Iterator[point.Event]:
    """What was to end and does not: never further than to where another BSP has come to hold the point since.

    Nor to who is a BSP no more: its control stays ended where it was, for that reason.
    """
    for was in reversed(standing.point.holdings):
        if not was.ends.keys() & set(FACTS):
            continue
        found = bounds(standing, was, at=at).ends
        for fact in FACTS:
            holding = next(each for each in standing.point.holdings if each.key == was.key)
            said, end = holding.ends.get(fact), found.get(fact)
            # A consent that comes afterwards does not give back what is past (D14).
            if said is None or said == end or (fact == "consent" and said <= at):
                continue
            event = _lengthened(standing, holding, fact, end, at=at)
            if event is None:
                continue
            if stays := _stays_ended(standing, holding, event, at=at):
                yield stays
                standing = standing.after(stays)
                holding = next(each for each in standing.point.holdings if each.key == was.key)
                event = _lengthened(standing, holding, fact, end, at=at)
                assert event is not None
            standing = standing.after(event)
            yield event


def _stays_ended(
    standing: Standing, holding: Holding, event: point.Event, *, at: datetime
) -> v1.ControlEndAnnounced | None:
    """What is said first where an event would give control back to who is a BSP no more."""
    assert holding.valid_to is not None
    if standing.is_bsp(holding.bsp, at):
        return None
    then = next(each for each in standing.after(event).point.holdings if each.key == holding.key).valid_to
    if then is not None and then <= holding.valid_to:
        return None
    return standing.end_announced(holding, "not-bsp", holding.valid_to, at=at)


def _lengthened(
    standing: Standing, holding: Holding, fact: Fact, end: datetime | None, *, at: datetime
) -> point.Event | None:
    cap = control.room(standing.point.holdings, holding)
    free = holding.without(fact)
    if control.reaches(free, cap) and (end is None or (cap is not None and end > cap)):
        end = cap
    if end == holding.ends[fact]:
        return None
    if end is None:
        return standing.end_cancelled(holding, fact, at=at)
    return _end_announced(standing, holding, fact, end, at=at)


def _end_announced(
    standing: Standing, holding: Holding, fact: Fact, end: datetime, *, at: datetime
) -> v1.ControlEndAnnounced:
    rests_on = holding.consent_id if fact == "consent" else None
    return standing.end_announced(holding, fact, end, at=at, consent_id=rests_on)


def _resting(standing: Standing, at: datetime) -> list[point.Event]:
    """What goes on, but on another consent."""
    return [
        v1.ControlConsentChanged(
            metering_point_id=standing.metering_point_id,
            bsp=holding.bsp,
            valid_from=holding.valid_from,
            consent_id=rests_on,
            successor=holding.successor(at),
        )
        for holding in standing.point.holdings
        if not holding.over(at)
        and (rests_on := bounds(standing, holding, at=at).rests_on) is not None
        and rests_on != holding.consent_id
    ]
