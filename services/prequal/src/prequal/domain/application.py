"""A group's application for prequalification: its states, and how a BSP applies (R42, SOGL art. 159 and 182).

received ──► assessed ──► approved ──► admitted ──► ended
│            │   ▲
▼            ▼   │ room in the zone
rejected      queued ──► lapsed        an application for more: admitted ──► replaced
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from contracts import calendar, values
from contracts.message import Event
from contracts.policies import Policies
from contracts.prequal import v1
from prequal.domain import known, rules
from prequal.domain.power import NONE, Power

Status = Literal["received", "assessed", "approved", "rejected", "queued", "admitted", "lapsed", "ended", "replaced"]


@dataclass(frozen=True, slots=True)
class Application:
    """An application and all that has been said about it."""

    application_id: str
    group_id: str
    bsp: str
    zone: values.BiddingZone
    product: v1.Product
    applied: Power
    ramp_w_per_minute: int
    declared: Power
    complete_at: datetime
    position: int
    decide_by: datetime
    status: Status = "received"
    overdue: bool = False
    """The TSO did not decide by `decide_by`."""
    approved: Power = NONE
    lapses_at: datetime | None = None
    """When it leaves the queue, if what it can deliver stays as announced (D6)."""
    extends: str | None = None
    """The application by which the group is approved already."""


def evolve(state: Application | None, event: object) -> Application | None:  # noqa: C901, PLR0911, PLR0912 - one arm per event
    """Fold an own event."""
    if isinstance(event, v1.ApplicationReceived):
        return Application(
            application_id=event.application_id,
            group_id=event.group_id,
            bsp=event.bsp,
            zone=event.zone,
            product=event.product,
            applied=Power(event.up_w, event.down_w),
            ramp_w_per_minute=event.ramp_w_per_minute,
            declared=Power(event.declared_up_w, event.declared_down_w),
            complete_at=event.complete_at,
            position=event.position,
            decide_by=event.decide_by,
            extends=event.extends,
        )
    if state is None:
        return None
    match event:
        case v1.GridAssessmentRequested() if state.status == "assessed":
            return replace(state, status="received")
        case v1.GridAssessed() | v1.GridAssessmentOverdue() | v1.GridAssessmentReleased():
            assessed = state.status == "received" and not event.still_asked
            return replace(state, status="assessed") if assessed else state
        case v1.PrequalificationOverdue():
            return replace(state, overdue=True)
        case v1.PrequalificationDecided():
            return replace(state, status=event.decision, approved=Power(event.up_w, event.down_w))
        case v1.ApplicationQueued():
            return replace(state, status="queued", lapses_at=event.lapses_at)
        case v1.VolumeReserved():
            return replace(state, status="admitted", lapses_at=None)
        case v1.ApplicationLapsed():
            return replace(state, status="lapsed", lapses_at=None)
        case v1.ApprovalReduced():
            return replace(state, approved=Power(event.approved_up_w, event.approved_down_w))
        case v1.ApprovalEnded():
            return replace(state, status="ended")
        case v1.ApplicationReplaced():
            return replace(state, status="replaced")
        case _:
            return state


def decide_apply(
    command: v1.ApplyForPrequalification,
    *,
    application_id: str,
    bsp: str,
    taken: bool,
    qualified: Iterable[str],
    group: known.Group | None,
    under_way: bool,
    extends: str | None,
    policies: Policies,
    at: datetime,
    position: int,
) -> list[Event]:
    """A BSP applies for its group, or for more than it is approved for.

    Refuses with ID_NOT_AVAILABLE, GROUP_NOT_YOURS, GROUP_NOT_ACTIVE, BSP_NOT_QUALIFIED, APPLICATION_UNDER_WAY,
    APPLIED_BELOW_MINIMUM, APPLIED_ABOVE_DECLARED.
    """
    if taken:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    if group is None or group.bsp != bsp:
        raise rules.GROUP_NOT_YOURS.refused(path="/group_id", actual=command.group_id)
    if group.status != "active":
        raise rules.GROUP_NOT_ACTIVE.refused(path="/group_id", actual=command.group_id)
    if command.product not in qualified:
        raise rules.BSP_NOT_QUALIFIED.refused(path="/product", actual=command.product)
    if under_way:
        raise rules.APPLICATION_UNDER_WAY.refused(path="/group_id", actual=command.group_id)
    minimum_w = policies.whole("group.min-kw", at=at) * 1000
    applied = Power(command.up_w, command.down_w)
    if applied.size_w < minimum_w:
        raise rules.APPLIED_BELOW_MINIMUM.refused(
            path=rules.larger(applied),
            limit=minimum_w,
            actual=applied.size_w,
            unit="W",
        )
    points = group.points(at=at)
    declared = known.total(stay.power for stay in points.values())
    rules.refuse_above(rules.APPLIED_ABOVE_DECLARED, applied, limit=declared)
    received = v1.ApplicationReceived(
        application_id=application_id,
        group_id=command.group_id,
        bsp=bsp,
        zone=group.zone,
        product=command.product,
        up_w=applied.up_w,
        down_w=applied.down_w,
        ramp_w_per_minute=command.ramp_w_per_minute,
        declared_up_w=declared.up_w,
        declared_down_w=declared.down_w,
        complete_at=at,
        position=position,
        decide_by=calendar.after_months(at, policies.whole("prequalification.decide-months", at=at)),
        minimum_w=minimum_w,
        extends=extends,
    )
    return [received]
