"""What stands for a group: the applications it has, and what may be bid when (R9, R12, D3, D4, D8, D26, D29)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from contracts.message import Event
from contracts.policies import Policies
from contracts.prequal import v1
from prequal.domain import clocks, known, limits, readiness, restriction, risk, unqualified
from prequal.domain.application import Application
from prequal.domain.grid import Grid
from prequal.domain.limits import Limit, Stage
from prequal.domain.power import NONE, Power
from prequal.domain.readiness import Step, in_force
from prequal.domain.zone import Waiting, Zone


@dataclass(frozen=True, slots=True)
class GroupApproval:
    """One per group that ever applied or was restricted. `steps` as published, also those dated ahead."""

    under_way: str | None = None
    """The application that is being handled or waits for room; at most one."""
    admitted: str | None = None
    """The application by which the group is approved; one for more extends it and replaces it when it enters."""
    steps: readiness.Steps = ()
    restrictions: dict[str, Limit] = field(default_factory=dict[str, Limit])
    """The temporary limits and suspensions that hit the group, now or later, by id."""
    unqualified_until: datetime | None = None
    """When it ends because its BSP is not qualified, if that stays so."""
    at_risk: dict[risk.Direction, risk.AtRisk] = field(default_factory=dict[risk.Direction, risk.AtRisk])
    look_at: datetime | None = None
    """When it is looked at next whether a step that is to be lost is near."""

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

    def step(self, stage: Stage, moment: datetime, approved: Power, *, otherwise: Power | None = None) -> Step:
        """What may be bid of what can be delivered from a moment on; `otherwise`: if nothing of it were forbidden."""
        return readiness.step(
            stage, moment, approved, minimum_w=self.minimum_w, step_w=self.step_w, otherwise=otherwise
        )

    def unforbidden(self, stages: list[Stage], product: v1.Product) -> list[Stage]:
        """`stages`, without what forbids to bid at all: suspensions, no qualification, an approval that is over."""
        forbidding = {"suspension", "qualification", "temporary-approval"}
        limits = tuple(limit for limit in self.limits if limit.kind not in forbidding)
        return stages if len(limits) == len(self.limits) else replace(self, limits=limits).stages(product)

    def within(self, product: v1.Product | None = None) -> limits.Within:
        """All limits, of those on a product only this one's."""
        held = (limit for limit in self.limits if product is None or limit.product in {None, product})
        return limits.Within(self.grid, held, at=self.at)

    def stages(self, product: v1.Product | None = None) -> list[Stage]:
        """What the group can deliver now, and from every announced moment on."""
        return self.within(product).stages(self.group.members)

    def approved_for_a_time(self, application: Application) -> Basis:
        """The same with the end of what was approved for a time, as long as that is not verified."""
        ends = restriction.unverified(application)
        return replace(self, limits=(*self.limits, *ends)) if ends else self

    @property
    def is_restricted(self) -> bool:
        """Whether anything but the DSOs' answers keeps it from being bid, now or later."""
        return any(limit.kind != "assessment" for limit in self.limits)

    def lasting(self) -> list[Stage]:
        """The same as far as it is the group's own, and for good.

        Without temporary limits, suspensions, loss of qualification and the end of what was approved for a time.

        What those keep from being bid does not end an approval, nor a place in the queue (E17).
        """
        held = [limit for limit in self.limits if limit.kind == "assessment"]
        return limits.deliverable_from(self.group, self.grid, held, at=self.at)


def restricted(event: v1.GroupRestricted) -> Limit:
    """What a temporary limit or a suspension is for one group."""
    return Limit(
        kind=event.kind,
        scope=event.scope,
        key=event.key,
        by=event.by,
        reason_code=event.reason_code,
        up_w=event.up_w,
        down_w=event.down_w,
        valid_from=event.valid_from,
        valid_to=event.valid_to,
        limit_id=event.restriction_id,
        places=event.places,
        product=event.product,
    )


def evolve(  # noqa: C901, PLR0911, PLR0912 - one arm per event
    state: GroupApproval | None, event: object
) -> GroupApproval | None:
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
            return replace(state, admitted=None, unqualified_until=None)
        case v1.ApprovalEndAnnounced():
            return replace(state, unqualified_until=event.ends_at)
        case v1.ApprovalEndCancelled():
            return replace(state, unqualified_until=None)
        case v1.BiddableChanged():
            step = Step(
                valid_from=event.valid_from,
                biddable=Power(event.up_w, event.down_w),
                approved=Power(event.approved_up_w, event.approved_down_w),
                deliverable=Power(event.deliverable_up_w, event.deliverable_down_w),
                below_minimum=event.below_minimum,
                approval_ends_at=event.approval_ends_at,
                lowered=event.lowered,
                declared=Power(event.declared_up_w, event.declared_down_w),
                unassessed=Power(event.unassessed_up_w, event.unassessed_down_w),
                reasons=event.reasons,
            )
            return replace(state, steps=readiness.replaced(state.steps, step))
        case v1.GroupRestricted():
            return replace(state, restrictions={**state.restrictions, event.restriction_id: restricted(event)})
        case v1.GroupRestrictionEnded():
            others = {one: limit for one, limit in state.restrictions.items() if one != event.restriction_id}
            return replace(state, restrictions=others)
        case v1.MegawattStepWarned() | v1.MegawattStepWarningCleared():
            return replace(state, at_risk=risk.evolve(state.at_risk, event))
        case v1.MegawattStepLookSet():
            return replace(state, look_at=event.look_at)
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
    the next midnight, is over (D8). What temporary limits and suspensions keep from being bid does not end it (E17).
    From the end of what was approved for a time nothing may be bid, until it is verified.
    """
    basis = basis.approved_for_a_time(application)
    at = basis.at
    grace_days = basis.policies.whole("group.below-min.grace-days", at=at)
    events: list[Event] = []
    published = state.steps
    stages = basis.stages(application.product)
    ahead = {stage.moment: stage for stage in stages}
    lasting = {stage.moment: stage.power for stage in (basis.lasting() if basis.is_restricted else stages)}
    unforbidden = {stage.moment: stage.power for stage in basis.unforbidden(stages, application.product)}
    ends_at = before.approval_ends_at if (before := in_force(published, at)) else None
    stage, lasts, otherwise = Stage(at, NONE), NONE, NONE
    for moment in sorted(
        {*ahead, *lasting, *unforbidden, *(step.valid_from for step in published if step.valid_from > at)}
    ):
        stage, lasts = ahead.get(moment, stage), lasting.get(moment, lasts)
        otherwise = unforbidden.get(moment, otherwise)
        fits = application.approved.at_most(lasts).size_w >= basis.minimum_w
        ends_at = None if fits else ends_at or clocks.grace(moment, days=grace_days)
        step = replace(basis.step(stage, moment, application.approved, otherwise=otherwise), approval_ends_at=ends_at)
        standing = in_force(published, moment)
        if standing is None or replace(standing, valid_from=moment) != step:
            published = readiness.replaced(published, step)
            events.append(_changed(application, step, basis=basis))
    return [*events, *_risks(state, published, application, basis), *_held(state, application, basis)]


def _held(state: GroupApproval, application: Application, basis: Basis) -> list[Event]:
    days = basis.policies.whole("approval.unqualified-days", at=basis.at)
    until = state.unqualified_until
    return unqualified.decide(until, application, basis.limits, dsos=basis.grid.dsos, days=days, at=basis.at)


def _risks(state: GroupApproval, steps: readiness.Steps, application: Application, basis: Basis) -> list[Event]:
    margin_w = basis.policies.whole("readiness.warn-margin-kw", at=basis.at) * 1000
    of: dict[str, Any] = {
        "group_id": application.group_id,
        "bsp": application.bsp,
        "dsos": basis.grid.dsos,
        "zone": application.zone,
    }
    ahead_days = basis.policies.whole("readiness.warn-ahead-days", at=basis.at)
    told = risk.decide(state.at_risk, steps, warn_margin_w=margin_w, ahead_days=ahead_days, at=basis.at, of=of)
    look_at = risk.look_at(steps, ahead_days=ahead_days, at=basis.at)
    if look_at == state.look_at:
        return told
    return [*told, v1.MegawattStepLookSet(group_id=application.group_id, look_at=look_at)]


def decide_near(state: GroupApproval, *, application: Application, basis: Basis) -> list[Event]:
    """A step that is to be lost has come near."""
    return _risks(state, state.steps, application, basis)


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
    ahead = {stage.moment: stage for stage in basis.stages(application.product)}
    stage = Stage(basis.at, NONE)
    events: list[Event] = [ended]
    steps = state.steps
    for moment in sorted({basis.at, *(step.valid_from for step in steps if step.valid_from > basis.at)}):
        stage = ahead.get(moment, stage)
        step = basis.step(stage, moment, NONE)
        steps = readiness.replaced(steps, step)
        events.append(_changed(application, step, basis=basis))
    return [*events, *_risks(state, steps, application, basis)]


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
            free_w=max(0, zone.free_w),
            deficit_w=max(0, -zone.free_w),
            lapses_at=_falls_at(application, basis),
        )
    ]


def decide_lapse(
    application: Application, *, because: v1.WhyLapsed, into: tuple[str, ...] = (), basis: Basis
) -> v1.ApplicationLapsed:
    """An application that was not decided on, or waited for room, is over."""
    power = basis.lasting()[0].power
    return v1.ApplicationLapsed(
        application_id=application.application_id,
        extends=application.extends,
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
    if application.approved.at_most(basis.lasting()[0].power).size_w >= basis.minimum_w:
        return []
    return [decide_lapse(application, because="below-minimum", basis=basis)]


def _falls_at(application: Application, basis: Basis) -> datetime | None:
    """The first moment from `at` on at which it can offer less than the minimum."""
    return next(
        (
            stage.moment
            for stage in basis.lasting()
            if application.approved.at_most(stage.power).size_w < basis.minimum_w
        ),
        None,
    )


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
        declared_up_w=step.declared.up_w,
        declared_down_w=step.declared.down_w,
        unassessed_up_w=step.unassessed.up_w,
        unassessed_down_w=step.unassessed.down_w,
        reasons=step.reasons,
    )
