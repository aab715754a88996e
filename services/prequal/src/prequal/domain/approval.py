"""What stands for a group: the application it has, and what may be bid from when on (R9, R12, D3, D4, D8, D26, D29)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from contracts import calendar
from contracts.message import Event
from contracts.policies import Policies
from contracts.prequal import v1
from prequal.domain import known
from prequal.domain.application import Application
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


@dataclass(frozen=True, slots=True)
class GroupApproval:
    """One per group that ever applied. `steps` in order of `valid_from`, as published, also those dated ahead."""

    application_id: str | None = None
    """The application under way or approved; at most one."""
    steps: tuple[Step, ...] = ()

    @property
    def ends_at(self) -> datetime | None:
        """When the approval ends, because the group will have been below the minimum for the grace period by then."""
        ends_at: datetime | None = None
        for step in self.steps:
            if ends_at is not None and step.valid_from > ends_at:
                break
            ends_at = step.approval_ends_at
        return ends_at if self.application_id else None


def in_force(steps: Sequence[Step], at: datetime) -> Step | None:
    """The last step that begins at or before a moment."""
    return next((step for step in reversed(steps) if step.valid_from <= at), None)


def _replaced(steps: tuple[Step, ...], step: Step) -> tuple[Step, ...]:
    others = [other for other in steps if other.valid_from != step.valid_from]
    return tuple(sorted((*others, step), key=lambda one: one.valid_from))


def evolve(state: GroupApproval | None, event: object) -> GroupApproval | None:
    """Fold an own event."""
    state = state or GroupApproval()
    match event:
        case v1.ApplicationReceived():
            return replace(state, application_id=event.application_id)
        case v1.PrequalificationDecided():
            return state if event.decision == "approved" else replace(state, application_id=None)
        case v1.ApplicationLapsed() | v1.ApprovalEnded():
            return replace(state, application_id=None)
        case v1.BiddableChanged():
            step = Step(
                valid_from=event.valid_from,
                biddable=Power(event.up_w, event.down_w),
                approved=Power(event.approved_up_w, event.approved_down_w),
                deliverable=Power(event.deliverable_up_w, event.deliverable_down_w),
                below_minimum=event.below_minimum,
                approval_ends_at=event.approval_ends_at,
            )
            return replace(state, steps=_replaced(state.steps, step))
        case _:
            return state


def decide_entry(
    state: GroupApproval,
    *,
    application: Application,
    group: known.Group,
    zone: Zone,
    policies: Policies,
    at: datetime,
) -> list[Event]:
    """There is room: the approved volume is reserved, and may be bid as far as it can be delivered."""
    size_w = application.approved.size_w
    used_w = zone.used_w + size_w
    reserved = v1.VolumeReserved(
        application_id=application.application_id,
        group_id=application.group_id,
        bsp=application.bsp,
        dsos=application.dsos,
        zone=application.zone,
        approved_up_w=application.approved.up_w,
        approved_down_w=application.approved.down_w,
        reserved_w=size_w,
        cap_w=zone.cap_w,
        used_w=used_w,
        free_w=zone.cap_w - used_w,
    )
    return [reserved, *decide_biddable(state, application=application, group=group, policies=policies, at=at)]


def decide_biddable(
    state: GroupApproval, *, application: Application, group: known.Group, policies: Policies, at: datetime
) -> list[Event]:
    """What may be bid from now on and from every announced moment, wherever it differs from what was published.

    A group that can offer less than the minimum may bid nothing; its approval ends when the grace period, counted from
    the next midnight, is over (D8).
    """
    minimum_w, step_w = _minimum_w(policies, at), policies.whole("bid.step-kw", at=at) * 1000
    grace_days = policies.whole("group.below-min.grace-days", at=at)
    events: list[Event] = []
    published = state.steps
    ahead = dict(known.deliverable_from(group, application.allowed, at=at))
    ends_at = before.approval_ends_at if (before := in_force(published, at)) else None
    power = NONE
    for moment in sorted({*ahead, *(step.valid_from for step in published if step.valid_from > at)}):
        power = ahead.get(moment, power)
        offered = application.approved.at_most(power)
        below = offered.size_w < minimum_w
        ends_at = (ends_at or _grace(moment, days=grace_days)) if below else None
        step = Step(
            valid_from=moment,
            biddable=NONE if below else offered.in_steps_of(step_w=step_w),
            approved=application.approved,
            deliverable=power,
            below_minimum=below,
            approval_ends_at=ends_at,
        )
        standing = in_force(published, moment)
        if standing is None or replace(standing, valid_from=moment) != step:
            published = _replaced(published, step)
            events.append(_changed(application, step, minimum_w=minimum_w, step_w=step_w))
    return events


def decide_end(
    state: GroupApproval, *, application: Application, group: known.Group, policies: Policies, at: datetime
) -> list[Event]:
    """The grace period is over: the approval ends and its volume is free; nothing may be bid from now on (D8)."""
    minimum_w, step_w = _minimum_w(policies, at), policies.whole("bid.step-kw", at=at) * 1000
    ended = v1.ApprovalEnded(
        group_id=application.group_id,
        application_id=application.application_id,
        bsp=application.bsp,
        dsos=application.dsos,
        zone=application.zone,
        released_w=application.approved.size_w,
    )
    ahead = dict(known.deliverable_from(group, application.allowed, at=at))
    power = NONE
    events: list[Event] = [ended]
    for moment in sorted({at, *(step.valid_from for step in state.steps if step.valid_from > at)}):
        power = ahead.get(moment, power)
        step = Step(moment, NONE, NONE, power, below_minimum=True, approval_ends_at=None)
        events.append(_changed(application, step, minimum_w=minimum_w, step_w=step_w))
    return events


def decide_queued(
    application: Application,
    *,
    place: int,
    waiting: Waiting,
    group: known.Group,
    zone: Zone,
    policies: Policies,
    at: datetime,
) -> list[Event]:
    """It waits at this place, with the figures that say why."""
    return [
        v1.ApplicationQueued(
            application_id=application.application_id,
            group_id=application.group_id,
            bsp=application.bsp,
            dsos=application.dsos,
            zone=zone.zone,
            place=place,
            complete_at=waiting.complete_at,
            position=waiting.position,
            requested_w=waiting.requested_w,
            cap_w=zone.cap_w,
            used_w=zone.used_w,
            free_w=zone.free_w,
            lapses_at=_falls_at(application, group, policies=policies, at=at),
        )
    ]


def decide_while_queued(
    application: Application, *, group: known.Group, zone: Zone, policies: Policies, at: datetime
) -> list[Event]:
    """What it can deliver has changed while it waits: under the minimum it leaves the queue at that moment (D6)."""
    falls_at = _falls_at(application, group, policies=policies, at=at)
    if falls_at is not None and falls_at <= at:
        power = known.deliverable(group, application.allowed, at=at)
        return [
            v1.ApplicationLapsed(
                application_id=application.application_id,
                group_id=application.group_id,
                bsp=application.bsp,
                dsos=application.dsos,
                zone=application.zone,
                deliverable_up_w=power.up_w,
                deliverable_down_w=power.down_w,
                minimum_w=_minimum_w(policies, at),
            )
        ]
    if falls_at == application.lapses_at:
        return []
    place, waiting = next(
        (place, one) for place, one in enumerate(zone.waiting, 1) if one.application_id == application.application_id
    )
    return decide_queued(application, place=place, waiting=waiting, group=group, zone=zone, policies=policies, at=at)


def _falls_at(application: Application, group: known.Group, *, policies: Policies, at: datetime) -> datetime | None:
    """The first moment from `at` on at which it can offer less than the minimum."""
    minimum_w = _minimum_w(policies, at)
    return next(
        (
            moment
            for moment, power in known.deliverable_from(group, application.allowed, at=at)
            if application.approved.at_most(power).size_w < minimum_w
        ),
        None,
    )


def _minimum_w(policies: Policies, at: datetime) -> int:
    return policies.whole("group.min-kw", at=at) * 1000


def _grace(moment: datetime, *, days: int) -> datetime:
    """`days` local days after the first midnight at or after a moment."""
    start = moment if calendar.is_midnight(moment) else calendar.next_midnight(moment)
    return calendar.add_local_days(start, days)


def _changed(application: Application, step: Step, *, minimum_w: int, step_w: int) -> v1.BiddableChanged:
    return v1.BiddableChanged(
        group_id=application.group_id,
        bsp=application.bsp,
        dsos=application.dsos,
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
        minimum_w=minimum_w,
        step_w=step_w,
    )
