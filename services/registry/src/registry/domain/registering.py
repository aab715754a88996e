"""Registering a resource behind a metering point that the sender holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from contracts.registry import v1
from registry.domain import consistency, device, rules
from registry.domain.commanding import not_held
from registry.domain.device import RegisteredDevice, Serial
from registry.domain.holder import Holder
from registry.domain.lifecycle import Decided
from registry.domain.metering_point import MeteringPoint
from registry.domain.resource import Resource
from registry.domain.terms import Terms


def decide_register(
    state: Resource | None,
    *,
    resource_id: str,
    bsp: str,
    wish: v1.RegisterResource,
    point: MeteringPoint | None,
    holder: Holder | None,
    registered: Mapping[str, RegisteredDevice | None],
    serials: Mapping[str, Serial | None],
    terms: Terms,
    at: datetime,
) -> Decided:
    """Register a resource; its size is never refused (D1). `registered`: the devices that are taken already, by key."""
    if state is not None:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    hold = holder.by(bsp, at) if holder else None
    if point is None or hold is None:
        raise not_held(holder, bsp, at, path="/metering_point_id")
    fact = point.fact(at)
    if fact is None or fact.dso is None:
        raise rules.METERING_POINT_INCOMPLETE.refused(path="/metering_point_id")
    device.check(wish.devices, path="/devices", registered=registered)
    made = Resource(
        metering_point_id=wish.metering_point_id,
        name=wish.name,
        technology=wish.technology,
        up_w=wish.up_w,
        down_w=wish.down_w,
        devices=wish.devices,
        ramp_w_per_min=wish.ramp_w_per_min,
        status="new",
    )
    consistency.check_rating(made)
    lacking = consistency.lacking(made, devices="/devices", power=consistency.larger(made)) if wish.activate else ()
    if wish.activate and not lacking:
        made = replace(made, status="active")
    behind = point.behind + made.counted
    event = v1.ResourceRegistered(
        resource_id=resource_id,
        metering_point_id=made.metering_point_id,
        bsp=bsp,
        dso=fact.dso,
        name=made.name,
        technology=made.technology,
        up_w=made.up_w,
        down_w=made.down_w,
        devices=made.devices,
        behind_up_w=behind.up_w,
        behind_down_w=behind.down_w,
        held_from=hold.valid_from,
        status=made.status,
        category=made.category,
        ramp_w_per_min=made.ramp_w_per_min,
        small=consistency.is_small(made, terms),
        small_limit_w=terms.small_limit_w,
    )
    seen = device.suspicions(wish.devices, path="/devices", serials=serials)
    return Decided(event, behind, (*lacking, *seen, *consistency.above_agreed(fact, point.behind, behind)))
