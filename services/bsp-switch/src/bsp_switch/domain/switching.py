"""Announcing a switch, extending it, moving it, taking points out of it before its midnight (R43, D13, E12, E13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from bsp_switch.domain import control, course, entitlement, rows, rules, waiting
from bsp_switch.domain.standing import Standing
from bsp_switch.domain.switch import Switch
from contracts import calendar
from contracts.bsp_switch import v1
from contracts.bsp_switch.v1 import WhySwitchCancelled
from contracts.message import Event, Reason


@dataclass(frozen=True, slots=True)
class Terms:
    """The policies of switches: local days of notice, at least and less than (D13), and before which one lapses."""

    min_days: int
    max_days: int
    lapse_days: int


@dataclass(frozen=True, slots=True)
class Notice:
    """The days of notice that a switch is given, the least that are allowed (D13), and until when it may wait (D15)."""

    days: int
    min_days: int
    lapses_at: datetime


Asked = v1.SwitchAnnounced | v1.SwitchStalled
"""What becomes of a point that is asked for."""


Cancelled = v1.SwitchCancelled | v1.SwitchLapsed
"""What becomes of one that is taken out."""

Out = Cancelled | v1.SwitchAbandoned
"""The same, where it may be one that facts had cancelled already."""


def notice(*, start: datetime, at: datetime, terms: Terms) -> Notice:
    """The notice that a switch at `start` is given now.

    Raises: SWITCH_NOTICE.
    """
    days = calendar.days_between(calendar.local_date(at), calendar.local_date(start))
    if not terms.min_days <= days < terms.max_days:
        limit = terms.min_days if days < terms.min_days else terms.max_days
        raise rules.SWITCH_NOTICE.refused(path="/start", limit=limit, actual=days, unit="days")
    return Notice(days=days, min_days=terms.min_days, lapses_at=calendar.add_local_days(start, -terms.lapse_days))


def decide_request(
    state: Switch | None,
    command: v1.RequestSwitch,
    *,
    switch_id: str,
    incoming: str,
    grounds: Mapping[str, entitlement.Grounds],
    at: datetime,
    terms: Terms,
) -> rows.Rows[Event]:
    """Announce the switch of every point of the list that it can be done for; in mode "all", of all of them or none.

    Raises: ID_NOT_AVAILABLE; SWITCH_NOTICE; with rows METERING_POINT_REPEATED, what `entitlement.right` raises,
    SUPPLY_INCOMPLETE where it is too late to wait, SWITCH_PENDING, METERING_POINT_NOT_HELD,
    METERING_POINT_ALREADY_YOURS.
    """
    if state is not None:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    given = notice(start=command.start, at=at, terms=terms)

    def ask(metering_point_id: str) -> Asked:
        return _ask(grounds[metering_point_id], switch_id=switch_id, start=command.start, at=at, given=given)

    found = rows.decide(command.metering_points, ask, mode=command.mode)
    requested = v1.SwitchRequested(
        switch_id=switch_id,
        incoming=incoming,
        start=command.start,
        points=len(found.decided),
        waiting=_waiting(found.decided),
    )
    return rows.Rows((requested, *found.decided), found.reasons, found.refused)


def decide_extend(
    state: Switch,
    command: v1.ExtendSwitch,
    *,
    switch_id: str,
    incoming: str,
    grounds: Mapping[str, entitlement.Grounds],
    at: datetime,
    terms: Terms,
) -> rows.Rows[Event]:
    """Announce further points of a switch: all that holds for a new one holds for them.

    Raises: SWITCH_FULL; what `decide_request` raises.
    """
    points = len(state.concerned) + len(command.metering_points)
    if points > v1.MOST_POINTS:
        raise rules.SWITCH_FULL.refused(path="/metering_points", limit=v1.MOST_POINTS, actual=points)
    given = notice(start=state.start, at=at, terms=terms)
    # All that wait for one switch wait until one moment.
    given = replace(given, lapses_at=state.lapses_at or given.lapses_at)

    def ask(metering_point_id: str) -> Asked:
        return _ask(grounds[metering_point_id], switch_id=switch_id, start=state.start, at=at, given=given)

    found = rows.decide(command.metering_points, ask, mode=command.mode)
    extended = v1.SwitchExtended(
        switch_id=switch_id,
        incoming=incoming,
        start=state.start,
        points=len(found.decided),
        waiting=_waiting(found.decided),
        in_all=len(state.concerned) + len(found.decided),
    )
    return rows.Rows((extended, *found.decided), found.reasons, found.refused)


def decide_move(
    state: Switch,
    command: v1.MoveSwitch,
    *,
    switch_id: str,
    incoming: str,
    grounds: Mapping[str, entitlement.Grounds],
    at: datetime,
    terms: Terms,
) -> list[Event]:
    """Announce all points of a switch anew, for another midnight: all that holds for a new one holds.

    Raises: SWITCH_UNCHANGED; what `decide_request` raises, `row` being the place of the point in the switch.
    """
    if command.start == state.start:
        raise rules.SWITCH_UNCHANGED.refused(path="/start", actual=calendar.local_date(state.start).isoformat())
    given = notice(start=command.start, at=at, terms=terms)

    def move(metering_point_id: str) -> list[Event]:
        ground = grounds[metering_point_id]
        gone = cancelled(ground.standing, switch_id=switch_id, because="moved")
        standing = ground.standing.after(gone)
        # What ends the outgoing BSP's control after the former midnight matters from now on.
        follows = course.decide(standing, at=at)
        ground = replace(ground, standing=standing.after(*follows))
        return [gone, *follows, _ask(ground, switch_id=switch_id, start=command.start, at=at, given=given)]

    found = rows.decide(tuple(state.concerned), move)
    moved = v1.SwitchMoved(
        switch_id=switch_id,
        incoming=incoming,
        former_start=state.start,
        start=command.start,
        points=len(state.concerned),
        disputed=tuple(state.disputed),
    )
    return [moved, *(event for events in found.decided for event in events)]


def decide_cancel(
    state: Switch,
    command: v1.CancelSwitch | v1.CancelSwitchByOperator,
    *,
    switch_id: str,
    standings: Mapping[str, Standing],
) -> rows.Rows[Out]:
    """Take points out of a switch: what the outgoing BSP had is as it was. What facts had cancelled stays so.

    Raises, with rows: METERING_POINT_REPEATED, METERING_POINT_NOT_IN_SWITCH.
    """
    because: Literal["incoming", "operator"] = "incoming" if isinstance(command, v1.CancelSwitch) else "operator"
    reason = None if isinstance(command, v1.CancelSwitch) else command.reason

    def cancel(metering_point_id: str) -> Out:
        standing = standings[metering_point_id]
        if metering_point_id in state.concerned:
            return cancelled(standing, switch_id=switch_id, because=because, reason=reason)
        lost = standing.lost_by(switch_id) if metering_point_id in state.lost else None
        if lost is None:
            raise rules.METERING_POINT_NOT_IN_SWITCH.refused()
        return standing.switch_abandoned(lost, because, reason=reason)

    # Another claim or switch may have taken the place of what was lost.
    meant = command.metering_points or [
        each for each in state.disputable if each in state.concerned or standings[each].lost_by(switch_id)
    ]
    return rows.decide(meant, cancel, mode=command.mode)


def named(state: Switch, points: Sequence[str]) -> Sequence[str]:
    """The points of a switch that may be meant: all of them, and those that may come back, where none is named."""
    return points or tuple(state.disputable)


def cancelled(
    standing: Standing, *, switch_id: str, because: WhySwitchCancelled, reason: str | None = None
) -> Cancelled:
    """A point does not pass, be it announced or waiting."""
    if standing.waits_for(switch_id):
        return standing.switch_lapsed(because, reason=reason)
    return standing.switch_cancelled(standing.passing(switch_id), because, reason=reason)


def waits(asked: Iterable[Event]) -> tuple[Reason, ...]:
    """The notice that some of the points wait."""
    stalled = [each for each in asked if isinstance(each, v1.SwitchStalled)]
    if not stalled:
        return ()
    day = calendar.local_date(stalled[0].lapses_at).isoformat()
    return (rules.SWITCH_WAITS.reason(path="/metering_points", limit=day, actual=len(stalled)),)


def _waiting(asked: Iterable[Asked]) -> int:
    return sum(isinstance(each, v1.SwitchStalled) for each in asked)


def _ask(grounds: entitlement.Grounds, *, switch_id: str, start: datetime, at: datetime, given: Notice) -> Asked:
    """Announce the switch of a point, or let it wait if nothing but a fact about its supply is late."""
    standing = grounds.standing
    rests_on = entitlement.right(grounds, start=start, at=at)
    control.refuse_pending(standing.point.holdings, bsp=grounds.bsp, at=at)
    waiting.refuse(standing.point.waiting)
    missing = entitlement.missing(grounds, start=start)
    if missing and given.lapses_at <= at:
        raise entitlement.incomplete(missing, start=start)
    outgoing = control.outgoing(standing.point.holdings, incoming=grounds.bsp, start=start)
    if missing:
        return v1.SwitchStalled(
            switch_id=switch_id,
            metering_point_id=standing.metering_point_id,
            outgoing=outgoing.bsp,
            incoming=grounds.bsp,
            dso=standing.dso(start),
            start=start,
            consent_id=rests_on.consent_id,
            missing=missing,
            lapses_at=given.lapses_at,
            notice_days=given.days,
            notice_min_days=given.min_days,
            brps=standing.brps(start),
            outgoing_successor=outgoing.successor(start),
            incoming_successor=standing.successor(grounds.bsp, start),
        )
    return v1.SwitchAnnounced(
        switch_id=switch_id,
        metering_point_id=standing.metering_point_id,
        outgoing=outgoing.bsp,
        incoming=grounds.bsp,
        dso=standing.dso(start),
        start=start,
        consent_id=rests_on.consent_id,
        notice_days=given.days,
        notice_min_days=given.min_days,
        brps=standing.brps(start),
        outgoing_successor=outgoing.successor(start),
        incoming_successor=standing.successor(grounds.bsp, start),
    )
