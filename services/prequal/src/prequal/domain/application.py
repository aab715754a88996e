"""A group's application for prequalification: its states, and how a BSP applies (R42, SOGL art. 159 and 182).

received ──► assessed ──► approved ──► admitted ──► ended
│            │   ▲
▼            ▼   │ room in the zone
rejected      queued ──► lapsed
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from contracts import calendar, values
from contracts.message import Event
from contracts.policies import Policies
from contracts.prequal import v1
from prequal.domain import known, rules
from prequal.domain.power import NONE, Power

Status = Literal["received", "assessed", "approved", "rejected", "queued", "admitted", "lapsed", "ended"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A DSO that is asked for its own points, and its answer."""

    due_at: datetime
    points: dict[str, Power]
    """What each of its points was declared with when it was asked."""
    answer: Literal["none", "approved", "limited", "rejected"] = "none"
    late: bool = False
    """It did not answer in time; it still may (D11)."""
    limits: dict[str, Power] = field(default_factory=dict[str, Power])

    @property
    def is_waited_for(self) -> bool:
        """Neither answered nor late."""
        return self.answer == "none" and not self.late

    def allows(self, point: str) -> Power:
        """What this DSO lets one of its points deliver; silence is never approval (D11)."""
        if self.answer in {"none", "rejected"}:
            return NONE
        return self.limits.get(point, self.points[point])


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
    asked: dict[str, Asked] = field(default_factory=dict[str, Asked])
    allowed: dict[str, Power] = field(default_factory=dict[str, Power])
    """What each point may deliver by all answers of all DSOs asked for it, the smallest counts; not named: 0 W."""
    approved: Power = NONE
    lapses_at: datetime | None = None
    """When it leaves the queue, if what it can deliver stays as announced (D6)."""

    @property
    def dsos(self) -> tuple[str, ...]:
        """The DSOs concerned, in order of GLN."""
        return tuple(sorted(self.asked))

    @property
    def waited_for(self) -> tuple[str, ...]:
        """The DSOs that are neither late nor have answered."""
        return tuple(dso for dso in self.dsos if self.asked[dso].is_waited_for)


def evolve(state: Application | None, event: object) -> Application | None:  # noqa: C901, PLR0911 - one arm per event
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
        )
    if state is None:
        return None
    match event:
        case v1.GridAssessmentRequested():
            points = {point.metering_point_id: Power(point.up_w, point.down_w) for point in event.points}
            return replace(state, asked={**state.asked, event.dso: Asked(due_at=event.due_at, points=points)})
        case v1.GridAssessed():
            return answered(state, event)
        case v1.GridAssessmentOverdue():
            return _with(state, event.dso, replace(state.asked[event.dso], late=True))
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
        case v1.ApprovalEnded():
            return replace(state, status="ended")
        case _:
            return state


def answered(state: Application, answer: v1.GridAssessed | v1.AssessGrid, *, dso: str = "") -> Application:
    """The application with a DSO's answer in it."""
    dso = answer.dso if isinstance(answer, v1.GridAssessed) else dso
    limits: dict[str, Power] = {}
    for limit in answer.limits:
        power = Power(limit.up_w, limit.down_w)
        before = limits.get(limit.metering_point_id)
        limits[limit.metering_point_id] = before.at_most(power) if before else power
    state = _with(state, dso, replace(state.asked[dso], answer=answer.decision, limits=limits))
    return replace(state, allowed=_allowed(state.asked.values()))


def _with(state: Application, dso: str, asked: Asked) -> Application:
    """With this DSO's part changed; when nobody is waited for any more, it is assessed."""
    state = replace(state, asked={**state.asked, dso: asked})
    return replace(state, status="assessed") if state.status == "received" and not state.waited_for else state


def _allowed(everyone_asked: Iterable[Asked]) -> dict[str, Power]:
    """The smallest that any DSO asked for a point allows it, in each direction (D12, R38)."""
    allowed: dict[str, Power] = {}
    for asked in everyone_asked:
        for point in asked.points:
            power = asked.allows(point)
            before = allowed.get(point)
            allowed[point] = before.at_most(power) if before else power
    return {point: power for point, power in allowed.items() if power != NONE}


def decide_apply(
    command: v1.ApplyForPrequalification,
    *,
    application_id: str,
    bsp: str,
    taken: bool,
    qualified: Iterable[str],
    group: known.Group | None,
    has_application: bool,
    areas: Mapping[str, known.GridArea],
    policies: Policies,
    at: datetime,
    position: int,
) -> list[Event]:
    """A BSP applies for its group; the DSOs concerned are asked, each for its own points, with a due date.

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
    if has_application:
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
    )
    due_at = calendar.after_days(at, policies.whole("dso.answer-days", at=at))
    requests = [
        v1.GridAssessmentRequested(
            application_id=application_id,
            group_id=command.group_id,
            bsp=bsp,
            dso=dso,
            points=tuple(_asked_point(point, stay) for point, stay in own.items()),
            due_at=due_at,
        )
        for dso, own in known.concerned(points, areas, at=at).items()
    ]
    return [received, *requests]


def _asked_point(point: str, stay: known.Membership) -> v1.AskedPoint:
    return v1.AskedPoint(
        metering_point_id=point,
        grid_area=stay.grid_area,
        substation=stay.substation,
        up_w=stay.power.up_w,
        down_w=stay.power.down_w,
    )
