"""Switches of BSP: one case of many points, all from the same midnight (R43, E12, E13)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never

from bsp_switch.domain import control, entitlement, known, rules
from contracts import calendar
from contracts.bsp_switch import v1
from contracts.message import Event, Reason, Refused, RefusedRow


@dataclass(frozen=True, slots=True)
class Switch:
    """A switch: announced until its midnight, then effective."""

    state: Literal["announced", "effective"]
    incoming: str
    start: datetime
    points: int
    outgoing: tuple[str, ...] = ()
    """Who gives up points, each once, in the order of the points."""


@dataclass(frozen=True, slots=True)
class Notice:
    """The days of notice that a switch is given, and the least and (excluded) most that are allowed (D13)."""

    days: int
    min_days: int
    max_days: int


def evolve(state: Switch | None, event: v1.SwitchRequested | v1.SwitchAnnounced | v1.SwitchTookEffect) -> Switch:
    """The switch after an event."""
    match event:
        case v1.SwitchRequested():
            return Switch(state="announced", incoming=event.incoming, start=event.start, points=event.points)
        case v1.SwitchAnnounced():
            assert state is not None
            if event.outgoing in state.outgoing:
                return state
            return replace(state, outgoing=(*state.outgoing, event.outgoing))
        case v1.SwitchTookEffect():
            assert state is not None
            return replace(state, state="effective")
        case _:
            assert_never(event)


def decide_request(
    state: Switch | None,
    command: v1.RequestSwitch,
    *,
    switch_id: str,
    incoming: str,
    grounds: Mapping[str, entitlement.Grounds],
    areas: Mapping[str, known.GridArea | None],
    at: datetime,
    min_days: int,
    max_days: int,
) -> tuple[list[Event], tuple[Reason, ...], tuple[RefusedRow, ...]]:
    """Announce the switch of every point of the list that it can be done for; in mode "all", of all of them or none.

    Raises: ID_NOT_AVAILABLE; SWITCH_NOTICE; with rows METERING_POINT_REPEATED, what `entitlement.consent` raises,
    SWITCH_PENDING, METERING_POINT_NOT_HELD, METERING_POINT_ALREADY_YOURS.
    """
    if state is not None:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    days = calendar.days_between(calendar.local_date(at), calendar.local_date(command.start))
    notice = Notice(days=days, min_days=min_days, max_days=max_days)
    if not notice.min_days <= notice.days < notice.max_days:
        limit = notice.min_days if notice.days < notice.min_days else notice.max_days
        raise rules.SWITCH_NOTICE.refused(path="/start", limit=limit, actual=notice.days, unit="days")
    seen: set[str] = set()

    def announce(metering_point_id: str) -> v1.SwitchAnnounced:
        if metering_point_id in seen:
            raise rules.METERING_POINT_REPEATED.refused()
        seen.add(metering_point_id)
        return _announce(
            grounds[metering_point_id], switch_id=switch_id, start=command.start, at=at, areas=areas, notice=notice
        )

    announced, reasons, rows = _each(command.metering_points, announce)
    if rows and (command.mode == "all" or not announced):
        raise Refused(*reasons, rows=rows)
    requested = v1.SwitchRequested(switch_id=switch_id, incoming=incoming, start=command.start, points=len(announced))
    return [requested, *announced], reasons, rows


def decide_effect(state: Switch, *, switch_id: str) -> list[v1.SwitchTookEffect]:
    """The midnight has come. Control passed by its date; this says so once for the whole switch."""
    return [
        v1.SwitchTookEffect(
            switch_id=switch_id,
            incoming=state.incoming,
            outgoing=state.outgoing,
            start=state.start,
            points=state.points,
        )
    ]


def _announce(
    grounds: entitlement.Grounds,
    *,
    switch_id: str,
    start: datetime,
    at: datetime,
    areas: Mapping[str, known.GridArea | None],
    notice: Notice,
) -> v1.SwitchAnnounced:
    given = entitlement.consent(grounds, start=start, at=at)
    control.refuse_pending(grounds.point.holdings, bsp=grounds.bsp, at=at)
    outgoing = control.outgoing(grounds.point.holdings, incoming=grounds.bsp, start=start)
    return v1.SwitchAnnounced(
        switch_id=switch_id,
        metering_point_id=grounds.metering_point_id,
        outgoing=outgoing.bsp,
        incoming=grounds.bsp,
        dso=known.dso(grounds.registered, areas, at=start) if grounds.registered else None,
        start=start,
        consent_id=given.consent_id,
        notice_days=notice.days,
        notice_min_days=notice.min_days,
    )


def _each(
    points: Sequence[str], announce: Callable[[str], v1.SwitchAnnounced]
) -> tuple[list[v1.SwitchAnnounced], tuple[Reason, ...], tuple[RefusedRow, ...]]:
    """Decide row by row. A reason stands once, without figures of its own; each row has its figure."""
    announced: list[v1.SwitchAnnounced] = []
    reasons: dict[str, Reason] = {}
    rows: list[RefusedRow] = []
    for row, metering_point_id in enumerate(points):
        try:
            announced.append(announce(metering_point_id))
        except Refused as refused:
            reason = refused.reasons[0]
            rows.append(RefusedRow(row=row, code=reason.code, actual=reason.actual))
            if reason.code not in reasons:
                reasons[reason.code] = reason.model_copy(update={"path": "/metering_points", "actual": None})
    return announced, tuple(reasons.values()), tuple(rows)
