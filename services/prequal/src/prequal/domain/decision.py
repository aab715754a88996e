"""The TSO's decision on an application (R17, R42, D2, D4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from contracts import calendar
from contracts.message import Event
from contracts.prequal import v1
from prequal.domain import activation_tests, increase, known, limits, reassessment, rules
from prequal.domain import application_clocks as clocks
from prequal.domain.application import MAY, Application
from prequal.domain.application_completeness import refuse_incomplete
from prequal.domain.applying import Terms
from prequal.domain.grid import Figures, Grid
from prequal.domain.power import NONE, Power
from prequal.domain.product import offered
from prequal.domain.zone import Zone


def decide(
    state: Application | None,
    command: v1.DecidePrequalification,
    *,
    grid: Grid | None,
    group: known.Group | None,
    zone: Zone | None,
    spread: v1.Spread | None,
    lines: Mapping[str, Sequence[str]],
    terms: Terms,
) -> list[Event]:
    """The TSO approves so much, or rejects, once every DSO has answered or is late. `lines`: see `limits.standing`.

    Where it has not said that the application is complete, the decision says so. Refuses with APPLICATION_UNKNOWN,
    NOT_UNDER_DECISION, DECISION_REASONS_MISSING, SPLIT_OUTSTANDING, DSO_ANSWER_MISSING, REJECTION_REASON_REQUIRED,
    APPROVED_ABOVE_APPLIED, APPROVED_ABOVE_DELIVERABLE, APPROVED_ABOVE_ANSWERED, APPROVED_BELOW_MINIMUM,
    APPROVED_ABOVE_MAXIMUM, ZONE_CAP_MISSING, DUE_DATE_PAST, TEST_NOT_PASSED, PRODUCT_ASKS_FOR, PRODUCT_NOT_OFFERED.
    """
    if state is None or grid is None or group is None:
        raise rules.APPLICATION_UNKNOWN.refused()
    if state.status not in MAY[v1.DecidePrequalification]:
        raise rules.NOT_UNDER_DECISION.refused(actual=state.status)
    if not command.reasons.strip():
        raise rules.DECISION_REASONS_MISSING.refused(path="/reasons")
    if state.status == "split-required" and command.decision == "approved":
        raise rules.SPLIT_OUTSTANDING.refused()
    if grid.waited_for:
        raise rules.DSO_ANSWER_MISSING.refused(actual=", ".join(grid.waited_for))
    held = limits.standing(grid, lines)
    deliverable = limits.deliverable(group, grid, held, at=terms.at)
    if command.decision == "approved":
        approved = Power(command.up_w, command.down_w)
        until = _until(command, at=terms.at)
        _check_approval(
            state, approved, deliverable=deliverable, zone=zone, is_temporary=until is not None, terms=terms
        )
        wanted = Figures(approved, state.ramp_w_per_minute, state.product)
        most = increase.answered_on(wanted, grid, group=group, held=held, deliverable=deliverable, at=terms.at)
        rules.refuse_above(rules.APPROVED_ABOVE_ANSWERED, approved, limit=most)
        running = (reassessment.begin(terms), *([reassessment.begin_verification(until, terms)] if until else []))
    elif not command.reason_codes:
        raise rules.REJECTION_REASON_REQUIRED.refused(path="/reason_codes")
    else:
        approved, until, running = NONE, None, ()
    return [
        v1.PrequalificationDecided(
            application_id=state.application_id,
            extends=state.extends,
            group_id=state.group_id,
            bsp=state.bsp,
            dsos=grid.dsos,
            decision=command.decision,
            up_w=approved.up_w,
            down_w=approved.down_w,
            reasons=command.reasons,
            deliverable_up_w=deliverable.up_w,
            deliverable_down_w=deliverable.down_w,
            minimum_w=terms.minimum_w,
            maximum_w=terms.whole("group.max-kw") * 1000,
            reason_codes=command.reason_codes if command.decision == "rejected" else (),
            conditions=command.conditions,
            temporary_until=until,
            # The DSOs are told the decision: how even the spread is, but not where in other grids the group lies.
            spread=spread and spread.model_copy(update={"substation_largest": None, "grid_area_largest": None}),
            clocks=running,
            stopped=_stopped(state, at=terms.at),
        )
    ]


def _stopped(state: Application, *, at: datetime) -> tuple[v1.StoppedClock, ...]:
    """A decision does all that the TSO owed; what the BSP owed is owed no more."""
    split = state.clock("split")
    owed = (*state.clocks, *clocks.resumed(state.paused, since=split.clock.since if split else at, at=at))
    return (
        *clocks.done(owed, "completeness", "decision", at=at),
        *clocks.over((one for one in owed if one.clock.clock == "split"), at=at),
    )


def _until(command: v1.DecidePrequalification, *, at: datetime) -> datetime | None:
    """The end of the last day of a temporary qualification."""
    if command.temporary_until is None:
        return None
    until = calendar.end_of_local_day(command.temporary_until)
    rules.refuse_past(until, path="/temporary_until", at=at)
    return until


def _check_approval(
    state: Application,
    approved: Power,
    *,
    deliverable: Power,
    zone: Zone | None,
    is_temporary: bool,
    terms: Terms,
) -> None:
    """Approved ≤ applied and deliverable, between the limits of a group's size (a point's has none above)."""
    minimum_w = terms.minimum_w
    maximum_w = terms.whole("group.max-kw") * 1000
    offered(terms.product, state.product, path="")
    refuse_incomplete(state, terms=terms)
    rules.refuse_above(rules.APPROVED_ABOVE_APPLIED, approved, limit=state.applied)
    rules.refuse_above(rules.APPROVED_ABOVE_DELIVERABLE, approved, limit=deliverable)
    path, size_w = rules.larger(approved), approved.size_w
    if size_w < minimum_w:
        raise rules.APPROVED_BELOW_MINIMUM.refused(path=path, limit=minimum_w, actual=size_w, unit="W")
    if state.kind == "flexibility-group":
        if size_w > maximum_w:
            raise rules.APPROVED_ABOVE_MAXIMUM.refused(path=path, limit=maximum_w, actual=size_w, unit="W")
        if zone is None or zone.cap is None:
            raise rules.ZONE_CAP_MISSING.refused(actual=state.zone)
    if not is_temporary:
        activation_tests.check(
            state, approved, asked_for=terms.asks_for("test-activation"), policies=terms.policies, at=terms.at
        )
