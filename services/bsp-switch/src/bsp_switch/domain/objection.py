"""Objections to a switch: told at once, decided by the TSO, and no reason for the clock to stop (R43).

One that is undecided at the midnight stays open: the switch has taken effect, and whoever upholds it then corrects what
followed by commands of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from bsp_switch.domain import rows, rules, switch, switching
from bsp_switch.domain.standing import Standing
from bsp_switch.domain.switch import Switch
from contracts.bsp_switch import v1
from contracts.message import Event
from contracts.values import Role

About = v1.SwitchDisputed | v1.ObjectionResolved | v1.SwitchMoved


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection, and what came of it."""

    state: Literal["open", "upheld", "dismissed"]
    switch_id: str
    by: str
    metering_points: tuple[str, ...]
    ground: v1.ObjectionGround
    start: datetime
    """The midnight of the switch; after it was decided about, that of then."""


def evolve(state: Objection | None, event: About) -> Objection:
    """The objection after an event."""
    if isinstance(event, v1.SwitchDisputed):
        return Objection(
            state="open",
            switch_id=event.switch_id,
            by=event.by,
            metering_points=event.metering_points,
            ground=event.ground,
            start=event.start,
        )
    assert state is not None
    if isinstance(event, v1.SwitchMoved):
        return replace(state, start=event.start)
    return replace(state, state=event.outcome)


def decide_object(
    state: Objection | None,
    of: Switch | None,
    command: v1.ObjectToSwitch,
    *,
    objection_id: str,
    sender: str,
    role: str,
    at: datetime,
) -> rows.Rows[v1.SwitchDisputed]:
    """Object to the switch of points: as who gives them up, or, the TSO, for the end user. Also of what may come back.

    Raises: ID_NOT_AVAILABLE; SWITCH_UNKNOWN, the same to a BSP that gives up nothing in it; SWITCH_NOT_ANNOUNCED; with
    rows METERING_POINT_REPEATED, METERING_POINT_NOT_IN_SWITCH, OBJECTION_STANDS.
    """
    if state is not None:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    for_end_user = role == Role.TSO
    if of is None or not (for_end_user or sender in of.disputable.values()):
        raise rules.SWITCH_UNKNOWN.refused(path="/switch_id")
    switch.to_come(of, at=at, path="/switch_id")
    points = of.disputable
    disputed = {point for points in of.disputed.values() for point in points}

    def dispute(metering_point_id: str) -> str:
        outgoing = points.get(metering_point_id)
        if outgoing is None or not (for_end_user or outgoing == sender):
            raise rules.METERING_POINT_NOT_IN_SWITCH.refused()
        if metering_point_id in disputed:
            raise rules.OBJECTION_STANDS.refused()
        return metering_point_id

    found = rows.decide(command.metering_points, dispute, mode=command.mode)
    event = v1.SwitchDisputed(
        objection_id=objection_id,
        switch_id=command.switch_id,
        metering_points=found.decided,
        by=sender,
        for_end_user=for_end_user,
        incoming=of.incoming,
        start=of.start,
        ground=command.ground,
        text=command.text,
    )
    return rows.Rows((event,), found.reasons, found.refused)


def open_one(state: Objection | None) -> Objection:
    """An objection that can be decided.

    Raises: OBJECTION_UNKNOWN, OBJECTION_RESOLVED.
    """
    if state is None:
        raise rules.OBJECTION_UNKNOWN.refused(path="/subject")
    if state.state != "open":
        raise rules.OBJECTION_RESOLVED.refused(path="/subject", actual=state.state)
    return state


def decide_resolve(
    state: Objection,
    of: Switch,
    command: v1.ResolveObjection,
    *,
    objection_id: str,
    standings: Mapping[str, Standing],
) -> list[Event]:
    """Decide about an objection. What is upheld before the midnight does not pass."""
    too_late = of.state == "effective"
    resolved = v1.ObjectionResolved(
        objection_id=objection_id,
        switch_id=state.switch_id,
        metering_points=state.metering_points,
        by=state.by,
        incoming=of.incoming,
        outcome=command.outcome,
        too_late=too_late,
        reason=command.reason,
    )
    if command.outcome == "dismissed" or of.state not in {"announced", "waiting"}:
        return [resolved]
    return [
        resolved,
        *(
            switching.cancelled(standings[point], switch_id=state.switch_id, because="objection", reason=command.reason)
            for point in state.metering_points
            if point in of.concerned
        ),
    ]
