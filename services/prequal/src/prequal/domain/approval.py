"""What stands for a group: the applications it has, and what may be bid when (R9, R12, D3, D4, D8, D26, D29)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from contracts import calendar
from contracts.message import Event
from contracts.policies import Policies
from contracts.prequal import v1
from prequal.domain import known, limits
from prequal.domain.application import Application
from prequal.domain.grid import Grid
from prequal.domain.limits import Limit, Stage
from prequal.domain.power import NONE, Power
from prequal.domain.zone import Waiting, Zone


@dataclass(frozen=True, slots=True)
class Step:
    """What may be bid from a moment on, until the next step."""

    valid_from: datetime
    biddable: Power
    approved: Power
    deliverable: Power
    below_minimum: bool
    approval_ends_at: datetime | None
    lowered: tuple[v1.Lowered, ...] = ()
    """What limits take from what the members could deliver."""


@dataclass(frozen=True, slots=True)
class GroupApproval:
    """One per group that ever applied. `steps` in order of `valid_from`, as published, also those dated ahead."""

    under_way: str | None = None
    """The application that is being handled or waits for room; at most one."""
    admitted: str | None = None
    """The application by which the group is approved; one for more extends it and replaces it when it enters."""
    steps: tuple[Step, ...] = ()

    @property
    def case(self) -> str | None:
        """The application that a DSO is asked in."""
        return self.under_way or self.admitted

    @property
    def ends_at(self) -> datetime | None:
        """When the approval ends, because the group will have been below the minimum for the grace period by then."""
        ends_at: datetime | None = None
        for step in self.steps:
            if ends_at is not None and step.valid_from > ends_at:
                break
            ends_at = step.approval_ends_at
        return ends_at if self.admitted else None


@dataclass(frozen=True, slots=True)
class Basis:
    """All that what may be bid for a group rests on, but its approval."""

    group: known.Group
    grid: Grid
    limits: tuple[Limit, ...]
    """Wherever they come from, also those to come."""
    policies: Policies
    at: datetime

    @property
    def minimum_w(self) -> int:
        """The least that may be bid."""
        return self.policies.whole("group.min-kw", at=self.at) * 1000

    @property
    def step_w(self) -> int:
        """What is bid is a multiple of this."""
        return self.policies.whole("bid.step-kw", at=self.at) * 1000

    def stages(self) -> list[Stage]:
        """What the group can deliver now, and from every announced moment on."""
        return limits.deliverable_from(self.group, self.grid, self.limits, at=self.at)


def in_force(steps: Sequence[Step], at: datetime) -> Step | None:
    """The last step that begins at or before a moment."""
    return next((step for step in reversed(steps) if step.valid_from <= at), None)


def _replaced(steps: tuple[Step, ...], step: Step) -> tuple[Step, ...]:
    others = [other for other in steps if other.valid_from != step.valid_from]
    return tuple(sorted((*others, step), key=lambda one: one.valid_from))


def evolve(state: GroupApproval | None, event: object) -> GroupApproval | None:  # noqa: PLR0911 - one arm per event
    """Fold an own event."""
    state = state or GroupApproval()
    match event:
        case v1.ApplicationReceived():
            return replace(state, under_way=event.application_id)
        case v1.PrequalificationDecided():
            return state if event.decision == "approved" else replace(state, under_way=None)
        case v1.ApplicationLapsed() | v1.ApplicationWithdrawn():
            return replace(state, under_way=None)
        case v1.VolumeReserved() | v1.SinglePointAdmitted():
            return replace(state, under_way=None, admitted=event.application_id)
        case v1.ApprovalEnded():
            return replace(state, admitted=None)
        case v1.BiddableChanged():
            step = Step(
                valid_from=event.valid_from,
                biddable=Power(event.up_w, event.down_w),
                approved=Power(event.approved_up_w, event.approved_down_w),
                deliverable=Power(event.deliverable_up_w, event.deliverable_down_w),
                below_minimum=event.below_minimum,
                approval_ends_at=event.approval_ends_at,
                lowered=event.lowered,
            )
            return replace(state, steps=_replaced(state.steps, step))
        case _:
            return state


def decide_entry(
    state: GroupApproval, *, application: Application, former: Application | None, zone: Zone | None, basis: Basis
) -> list[Event]:
    """There is room: the approved volume is reserved, and may be bid as far as it can be delivered.

    Where the group was approved already, by the application `former`, that one is replaced. A single point has no
    `zone`: the cap is for groups (R20).
    """
    events: list[Event] = [_entered(application, zone, basis)]
    if former is not None:
        events.append(
            v1.ApplicationReplaced(
                application_id=former.application_id,
                group_id=former.group_id,
                bsp=former.bsp,
                replaced_by=application.application_id,
            )
        )
    return [*events, *decide_biddable(state, application=application, basis=basis)]


def _entered(application: Application, zone: Zone | None, basis: Basis) -> v1.VolumeReserved | v1.SinglePointAdmitted:
    said = {
        "application_id": application.application_id,
        "group_id": application.group_id,
        "bsp": application.bsp,
        "dsos": basis.grid.dsos,
        "zone": application.zone,
        "approved_up_w": application.approved.up_w,
        "approved_down_w": application.approved.down_w,
    }
    if zone is None:
        return v1.SinglePointAdmitted.model_validate(said)
    size_w = application.approved.size_w
    used_w = zone.used_w - zone.reserved.get(application.group_id, 0) + size_w
    room = {"reserved_w": size_w, "cap_w": zone.cap_w, "used_w": used_w, "free_w": zone.cap_w - used_w}
    return v1.VolumeReserved.model_validate({**said, **room})


def decide_biddable(state: GroupApproval, *, application: Application, basis: Basis) -> list[Event]:
    """What may be bid from now on and from every announced moment, wherever it differs from what was published.

    A group that can offer less than the minimum may bid nothing; its approval ends when the grace period, counted from
    the next midnight, is over (D8).
    """
    at = basis.at
    grace_days = basis.policies.whole("group.below-min.grace-days", at=at)
    events: list[Event] = []
    published = state.steps
    ahead = {stage.moment: stage for stage in basis.stages()}
    ends_at = before.approval_ends_at if (before := in_force(published, at)) else None
    stage = Stage(at, NONE)
    for moment in sorted({*ahead, *(step.valid_from for step in published if step.valid_from > at)}):
        stage = ahead.get(moment, stage)
        offered = application.approved.at_most(stage.power)
        below = offered.size_w < basis.minimum_w
        ends_at = (ends_at or _grace(moment, days=grace_days)) if below else None
        step = Step(
            valid_from=moment,
            biddable=NONE if below else offered.in_steps_of(step_w=basis.step_w),
            approved=application.approved,
            deliverable=stage.power,
            below_minimum=below,
            approval_ends_at=ends_at,
            lowered=tuple(_lowered(taken) for taken in stage.taken),
        )
        standing = in_force(published, moment)
        if standing is None or replace(standing, valid_from=moment) != step:
            published = _replaced(published, step)
            events.append(_changed(application, step, basis=basis))
    return events


def _lowered(taken: limits.Taken) -> v1.Lowered:
    limit, power = taken
    return v1.Lowered(
        kind=limit.kind,
        scope=limit.scope,
        key=limit.key,
        by=limit.by,
        reason_code=limit.reason_code,
        limit_id=limit.limit_id,
        up_w=power.up_w,
        down_w=power.down_w,
    )


def decide_end(
    state: GroupApproval,
    *,
    application: Application,
    basis: Basis,
    because: v1.WhyApprovalEnds = "below-minimum",
    by: str | None = None,
    reasons: str = "",
) -> list[Event]:
    """The approval ends and its volume is free; nothing may be bid from now on (D8)."""
    ended = v1.ApprovalEnded(
        group_id=application.group_id,
        application_id=application.application_id,
        bsp=application.bsp,
        dsos=basis.grid.dsos,
        zone=application.zone,
        released_w=application.approved.size_w if application.kind == "flexibility-group" else 0,
        because=because,
        by=by,
        reasons=reasons,
    )
    ahead = {stage.moment: stage.power for stage in basis.stages()}
    power = NONE
    events: list[Event] = [ended]
    for moment in sorted({basis.at, *(step.valid_from for step in state.steps if step.valid_from > basis.at)}):
        power = ahead.get(moment, power)
        step = Step(moment, NONE, NONE, power, below_minimum=True, approval_ends_at=None)
        events.append(_changed(application, step, basis=basis))
    return events


def decide_queued(application: Application, *, place: int, waiting: Waiting, zone: Zone, basis: Basis) -> list[Event]:
    """It waits at this place, with the figures that say why."""
    return [
        v1.ApplicationQueued(
            application_id=application.application_id,
            group_id=application.group_id,
            bsp=application.bsp,
            dsos=basis.grid.dsos,
            zone=zone.zone,
            place=place,
            complete_at=waiting.complete_at,
            position=waiting.position,
            requested_w=waiting.requested_w,
            size_w=waiting.size_w,
            cap_w=zone.cap_w,
            used_w=zone.used_w,
            free_w=zone.free_w,
            lapses_at=_falls_at(application, basis),
        )
    ]


def decide_lapse(
    application: Application, *, because: v1.WhyLapsed, into: tuple[str, ...] = (), basis: Basis
) -> v1.ApplicationLapsed:
    """An application that was not decided on, or waited for room, is over."""
    power = basis.stages()[0].power
    return v1.ApplicationLapsed(
        application_id=application.application_id,
        group_id=application.group_id,
        bsp=application.bsp,
        dsos=basis.grid.dsos,
        zone=application.zone,
        deliverable_up_w=power.up_w,
        deliverable_down_w=power.down_w,
        minimum_w=basis.minimum_w,
        because=because,
        into=into,
    )


def decide_while_queued(application: Application, *, zone: Zone, basis: Basis) -> list[Event]:
    """What it can deliver has changed while it waits: under the minimum it leaves the queue at that moment (D6)."""
    if fallen := decide_fall(application, basis=basis):
        return fallen
    falls_at = _falls_at(application, basis)
    if falls_at == application.lapses_at:
        return []
    place, waiting = next(
        (place, one) for place, one in enumerate(zone.waiting, 1) if one.application_id == application.application_id
    )
    return decide_queued(application, place=place, waiting=waiting, zone=zone, basis=basis)


def decide_fall(application: Application, *, basis: Basis) -> list[Event]:
    """It leaves the queue if it can deliver less than the minimum now (D6)."""
    if application.approved.at_most(basis.stages()[0].power).size_w >= basis.minimum_w:
        return []
    return [decide_lapse(application, because="below-minimum", basis=basis)]


def _falls_at(application: Application, basis: Basis) -> datetime | None:
    """The first moment from `at` on at which it can offer less than the minimum."""
    return next(
        (
            stage.moment
            for stage in basis.stages()
            if application.approved.at_most(stage.power).size_w < basis.minimum_w
        ),
        None,
    )


def _grace(moment: datetime, *, days: int) -> datetime:
    """`days` local days after the first midnight at or after a moment."""
    start = moment if calendar.is_midnight(moment) else calendar.next_midnight(moment)
    return calendar.add_local_days(start, days)


def _changed(application: Application, step: Step, *, basis: Basis) -> v1.BiddableChanged:
    return v1.BiddableChanged(
        group_id=application.group_id,
        bsp=application.bsp,
        dsos=basis.grid.dsos,
        zone=application.zone,
        valid_from=step.valid_from,
        up_w=step.biddable.up_w,
        down_w=step.biddable.down_w,
        approved_up_w=step.approved.up_w,
        approved_down_w=step.approved.down_w,
        deliverable_up_w=step.deliverable.up_w,
        deliverable_down_w=step.deliverable.down_w,
        below_minimum=step.below_minimum,
        approval_ends_at=step.approval_ends_at,
        minimum_w=basis.minimum_w,
        step_w=basis.step_w,
        lowered=step.lowered,
    )
