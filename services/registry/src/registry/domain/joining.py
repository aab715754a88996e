"""Forming groups, and letting metering points join them. What a point must be stands in `intake`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from contracts.message import Event
from contracts.registry import v1
from registry.domain import group as groups
from registry.domain import rules
from registry.domain.group import Group
from registry.domain.group_life import formed, open_and_yours
from registry.domain.holder import Holder
from registry.domain.intake import Candidate, Intake
from registry.domain.power import Power
from registry.domain.rows import Fault, Listed
from registry.domain.terms import Terms


def decide_form(
    *,
    group_id: str,
    bsp: str,
    taken: bool,
    wish: v1.FormGroup,
    candidates: Sequence[Candidate],
    terms: Terms,
    at: datetime,
) -> Listed:
    """Form a group of several points, or a draft of any number. Its BRPs are those of its first member (D9)."""
    if taken:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    intake = Intake(
        bsp=bsp,
        zone=wish.zone,
        brps=None,
        power=Power(),
        terms=terms,
        at=at,
        mode=wish.mode,
        category=wish.category,
    )
    intake.take(enumerate(candidates))
    # Who joins later does not make it a group yet.
    points = len(intake.joiners) if wish.mode == "each" else len(set(wish.metering_points)) - len(intake.ahead)
    if wish.activate and points < terms.min_members:
        few = rules.GROUP_NEEDS_SEVERAL_POINTS.reason(path="/metering_points", limit=terms.min_members, actual=points)
        raise intake.rows.refusal(few)
    intake.check()
    first = formed(
        group_id=group_id,
        bsp=bsp,
        name=wish.name,
        zone=wish.zone,
        brps=intake.brps,
        terms=terms,
        status="active" if wish.activate else "forming",
        category=wish.category,
        dsos=(joiner.dso for joiner in intake.joiners),
    )
    events: list[Event] = [first, *intake.events(group_id, groups.evolve(None, first))]
    return Listed(events, intake.rows)


def decide_add(
    state: Group | None,
    *,
    group_id: str,
    bsp: str,
    mode: v1.Mode,
    candidates: Sequence[Candidate],
    terms: Terms,
    at: datetime,
) -> Listed:
    """Let points join a group of the sender's. A group that has become empty takes the BRPs of the first (D9)."""
    state = open_and_yours(state, bsp)
    intake = into(state, terms=terms, at=at, mode=mode)
    intake.take(enumerate(candidates))
    intake.check()
    return Listed(intake.events(group_id, state), intake.rows)


def into(state: Group, *, terms: Terms, at: datetime, mode: v1.Mode = "all") -> Intake:
    """What takes points into a group that there is."""
    brps = state.brps if state.members else None
    promised = Power()
    for waiting in state.joining.values():
        promised += waiting.power
    return Intake(
        bsp=state.bsp,
        zone=state.zone,
        brps=brps,
        power=state.power,
        promised=promised,
        category=state.category,
        terms=terms,
        at=at,
        mode=mode,
    )


def decide_due(
    state: Group, *, group_id: str, candidates: Sequence[Candidate], terms: Terms, at: datetime
) -> list[Event]:
    """The midnight has come of points that were to join: who fits is a member now, who does not is told why.

    What each must be is asked anew, in the order in which they were announced.
    """
    intake = into(replace(state, joining={}), terms=terms, at=at, mode="each")
    lapsed: list[Event] = []
    for row, candidate in enumerate(candidates):
        fault = intake.take_one(row, candidate) if state.is_open else Fault(rules.GROUP_ENDED)
        if fault is not None:
            lapsed.append(lapse(state, group_id, candidate.metering_point_id, because="no-fit", fault=fault))
    return [*lapsed, *intake.events(group_id, state)]


def decide_control(state: Group, *, group_id: str, metering_point_id: str, holder: Holder) -> list[Event]:
    """Where the BSP does not get the point at the midnight at which it was to join, the joining lapses."""
    waiting = state.joining.get(metering_point_id)
    if waiting is None or holder.by(holder.now(state.bsp, waiting.valid_from), waiting.valid_from) is not None:
        return []
    return [lapse(state, group_id, metering_point_id, because="control")]


def lapse(
    state: Group, group_id: str, metering_point_id: str, *, because: v1.WhyLapsed, fault: Fault | None = None
) -> v1.JoinLapsed:
    """A joining that was announced comes to nothing."""
    waiting = state.joining[metering_point_id]
    return v1.JoinLapsed(
        group_id=group_id,
        metering_point_id=metering_point_id,
        bsp=state.bsp,
        dso=waiting.dso,
        valid_from=waiting.valid_from,
        because=because,
        code=fault.rule.key if fault else None,
        limit=fault.limit if fault else None,
        actual=fault.actual if fault else None,
        unit=fault.unit if fault else None,
    )
