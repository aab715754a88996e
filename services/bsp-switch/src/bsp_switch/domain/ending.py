"""Control that is given up, and taken back: by the BSP itself for a midnight to come, by the operator for any (D14)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bsp_switch.domain import control, rows, rules
from bsp_switch.domain.control import Holding
from bsp_switch.domain.standing import Standing
from contracts import calendar
from contracts.bsp_switch import v1

Standings = Mapping[str, Standing]


def decide_end(standings: Standings, command: v1.EndControl, *, bsp: str, at: datetime) -> rows.Rows[v1.Event]:
    """Give up points at a midnight to come; said again, the midnight moves.

    Raises: CONTROL_END_PAST; with rows METERING_POINT_REPEATED, METERING_POINT_NOT_YOURS, SWITCH_PENDING,
    CONTROL_END_STANDS.
    """
    tomorrow = calendar.next_midnight(at)
    end = command.end or tomorrow
    if end < tomorrow:
        raise rules.CONTROL_END_PAST.refused(
            path="/end", limit=calendar.local_date(tomorrow).isoformat(), actual=calendar.local_date(end).isoformat()
        )

    def give_up(metering_point_id: str) -> v1.Event:
        standing = standings[metering_point_id]
        holding = _own(standing, bsp=bsp, end=end, at=at)
        waits = standing.point.waiting is not None
        if waits or holding.passes_at is not None or _followed(standing, holding):
            # No gap at a switch, and none before what was claimed to begin where this one ends.
            raise rules.SWITCH_PENDING.refused()
        rest = holding.without("own").valid_to
        if holding.ends.get("own") == end or (rest is not None and rest <= end):
            raise rules.CONTROL_END_STANDS.refused(actual=_day(holding.valid_to))
        return standing.end_announced(holding, "own", end, at=at)

    return rows.decide(command.metering_points, give_up, mode=command.mode)


def decide_keep(standings: Standings, command: v1.KeepControl, *, bsp: str, at: datetime) -> rows.Rows[v1.Event]:
    """Keep points that were to be given up, before that comes.

    Raises, with rows: METERING_POINT_REPEATED, METERING_POINT_NOT_YOURS, CONTROL_NOT_GIVEN_UP, SWITCH_PENDING.
    """

    def keep(metering_point_id: str) -> v1.Event:
        standing = standings[metering_point_id]
        mine = [each for each in standing.point.holdings if each.held_by(at) == bsp]
        holding = next((each for each in reversed(mine) if each.ends.get("own", at) > at), None)
        if holding is None:
            if any(not each.over(at) for each in mine):
                raise rules.CONTROL_NOT_GIVEN_UP.refused()
            raise rules.METERING_POINT_NOT_YOURS.refused()
        if control.reaches(holding.without("own"), control.room(standing.point.holdings, holding)):
            raise rules.SWITCH_PENDING.refused()
        return standing.end_cancelled(holding, "own", at=at)

    return rows.decide(command.metering_points, keep, mode=command.mode)


def decide_end_by_operator(standing: Standing, command: v1.EndControlByOperator, *, at: datetime) -> v1.Event:
    """End the control that stands at a midnight, past or to come; an announced switch that begins there is cancelled.

    Raises: METERING_POINT_NOT_HELD.
    """
    alive = control.living(standing.point.holdings)
    holding = next((each for each in alive if each.covers(command.end)), None)
    if holding is None:
        raise rules.METERING_POINT_NOT_HELD.refused(path="/end", limit=_day(command.end))
    if holding.switch_id is not None and holding.valid_from > at and command.end == holding.valid_from:
        return standing.switch_cancelled(holding, "operator", reason=command.reason)
    return standing.end_announced(holding, "operator", command.end, at=at, reason=command.reason)


def decide_keep_by_operator(standing: Standing, command: v1.KeepControlByOperator, *, at: datetime) -> v1.Event:
    """Take back the end that the operator had set at a midnight.

    Raises: CONTROL_END_UNKNOWN; METERING_POINT_HELD_BY_OTHER where another has come to hold the point since.
    """
    holdings = standing.point.holdings
    holding = next((each for each in reversed(holdings) if each.ends.get("operator") == command.end), None)
    if holding is None:
        raise rules.CONTROL_END_UNKNOWN.refused(path="/end", actual=_day(command.end))
    if control.reaches(holding.without("operator"), control.room(holdings, holding)):
        raise rules.METERING_POINT_HELD_BY_OTHER.refused(path="/end")
    return standing.end_cancelled(holding, "operator", at=at, reason=command.reason)


def _own(standing: Standing, *, bsp: str, end: datetime, at: datetime) -> Holding:
    """The BSP's own holding that could end at a midnight. One that a switch is to begin is not given up, but cancelled.

    Raises: METERING_POINT_NOT_YOURS, the same for what it never held and for what nobody knows.
    """
    for each in reversed(control.living(standing.point.holdings)):
        begins = each.valid_from < end or (each.switch_id is None and each.valid_from == end)
        if each.held_by(at) == bsp and begins and not each.over(at):
            return each
    raise rules.METERING_POINT_NOT_YOURS.refused()


def _followed(standing: Standing, holding: Holding) -> bool:
    return any(each.valid_from > holding.valid_from for each in control.living(standing.point.holdings))


def _day(at: datetime | None) -> str | None:
    return calendar.local_date(at).isoformat() if at else None
