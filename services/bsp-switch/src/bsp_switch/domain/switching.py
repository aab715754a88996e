"""Announcing a switch, moving it, and taking points out of it before its midnight (R43, D13, E12, E13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bsp_switch.domain import control, course, entitlement, rows, rules
from bsp_switch.domain.standing import Standing
from bsp_switch.domain.switch import Switch
from contracts import calendar
from contracts.bsp_switch import v1
from contracts.bsp_switch.v1 import WhySwitchCancelled
from contracts.message import Event


@dataclass(frozen=True, slots=True)
class Notice:
    """The days of notice that a switch is given, and the least that are allowed (D13)."""

    days: int
    min_days: int


def notice(*, start: datetime, at: datetime, min_days: int, max_days: int) -> Notice:
    """The notice that a switch at `start` is given now, at least `min_days` and less than `max_days`.

    Raises: SWITCH_NOTICE.
    """
    days = calendar.days_between(calendar.local_date(at), calendar.local_date(start))
    if not min_days <= days < max_days:
        limit = min_days if days < min_days else max_days
        raise rules.SWITCH_NOTICE.refused(path="/start", limit=limit, actual=days, unit="days")
    return Notice(days=days, min_days=min_days)


def decide_request(
    state: Switch | None,
    command: v1.RequestSwitch,
    *,
    switch_id: str,
    incoming: str,
    grounds: Mapping[str, entitlement.Grounds],
    at: datetime,
    min_days: int,
    max_days: int,
) -> rows.Rows[Event]:
    """Announce the switch of every point of the list that it can be done for; in mode "all", of all of them or none.

    Raises: ID_NOT_AVAILABLE; SWITCH_NOTICE; with rows METERING_POINT_REPEATED, what `entitlement.consent` raises,
    SWITCH_PENDING, METERING_POINT_NOT_HELD, METERING_POINT_ALREADY_YOURS.
    """
    if state is not None:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    given = notice(start=command.start, at=at, min_days=min_days, max_days=max_days)

    def announce(metering_point_id: str) -> v1.SwitchAnnounced:
        return _announce(grounds[metering_point_id], switch_id=switch_id, start=command.start, at=at, given=given)

    found = rows.decide(command.metering_points, announce, mode=command.mode)
    requested = v1.SwitchRequested(
        switch_id=switch_id, incoming=incoming, start=command.start, points=len(found.decided)
    )
    return rows.Rows((requested, *found.decided), found.reasons, found.refused)


def decide_move(
    state: Switch,
    command: v1.MoveSwitch,
    *,
    switch_id: str,
    grounds: Mapping[str, entitlement.Grounds],
    at: datetime,
    min_days: int,
    max_days: int,
) -> list[Event]:
    """Announce all points of a switch anew, for another midnight: all that holds for a new one holds.

    Raises: SWITCH_UNCHANGED; what `decide_request` raises, `row` being the place of the point in the switch.
    """
    if command.start == state.start:
        raise rules.SWITCH_UNCHANGED.refused(path="/start", actual=calendar.local_date(state.start).isoformat())
    given = notice(start=command.start, at=at, min_days=min_days, max_days=max_days)

    def move(metering_point_id: str) -> list[Event]:
        ground = grounds[metering_point_id]
        cancelled = ground.standing.switch_cancelled(ground.standing.passing(switch_id), "moved")
        standing = ground.standing.after(cancelled)
        # What ends the outgoing BSP's control after the former midnight matters from now on.
        follows = course.decide(standing, at=at)
        ground = replace(ground, standing=standing.after(*follows))
        return [cancelled, *follows, _announce(ground, switch_id=switch_id, start=command.start, at=at, given=given)]

    found = rows.decide(tuple(state.points), move)
    moved = v1.SwitchMoved(
        switch_id=switch_id,
        incoming=state.incoming,
        former_start=state.start,
        start=command.start,
        points=len(state.points),
    )
    return [moved, *(event for events in found.decided for event in events)]


def decide_cancel(
    state: Switch,
    command: v1.CancelSwitch | v1.CancelSwitchByOperator,
    *,
    switch_id: str,
    standings: Mapping[str, Standing],
) -> rows.Rows[v1.SwitchCancelled]:
    """Take points out of an announced switch: what the outgoing BSP had is as it was.

    Raises, with rows: METERING_POINT_REPEATED, METERING_POINT_NOT_IN_SWITCH.
    """
    because: WhySwitchCancelled = "incoming" if isinstance(command, v1.CancelSwitch) else "operator"
    reason = None if isinstance(command, v1.CancelSwitch) else command.reason

    def cancel(metering_point_id: str) -> v1.SwitchCancelled:
        if metering_point_id not in state.points:
            raise rules.METERING_POINT_NOT_IN_SWITCH.refused()
        return cancelled(standings[metering_point_id], switch_id=switch_id, because=because, reason=reason)

    return rows.decide(named(state, command.metering_points), cancel, mode=command.mode)


def named(state: Switch, points: Sequence[str]) -> Sequence[str]:
    """The points of a switch that are meant: all of them, where none is named."""
    return points or tuple(state.points)


def cancelled(
    standing: Standing, *, switch_id: str, because: WhySwitchCancelled, reason: str | None = None
) -> v1.SwitchCancelled:
    """A point does not pass."""
    return standing.switch_cancelled(standing.passing(switch_id), because, reason=reason)


def _announce(
    grounds: entitlement.Grounds, *, switch_id: str, start: datetime, at: datetime, given: Notice
) -> v1.SwitchAnnounced:
    standing = grounds.standing
    rests_on = entitlement.consent(grounds, start=start, at=at)
    control.refuse_pending(standing.point.holdings, bsp=grounds.bsp, at=at)
    outgoing = control.outgoing(standing.point.holdings, incoming=grounds.bsp, start=start)
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
    )
