"""Registering a resource behind a metering point that the sender holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from contracts.message import Reason
from contracts.registry import v1
from registry.domain import consistency, device, rules
from registry.domain.commanding import not_held
from registry.domain.device import RegisteredDevice, Serial
from registry.domain.holder import Holder
from registry.domain.lifecycle import Decided
from registry.domain.metering_point import MeteringPoint
from registry.domain.resource import Resource
from registry.domain.terms import Terms


def decide_again(
    state: Resource, *, bsp: str, wish: v1.RegisterResource, holder: Holder | None, at: datetime
) -> tuple[Reason, ...]:
    """A resource with this id is there. Said again just as it stands, nothing happens and a notice says so.

    So a portfolio can be sent again after some rows of it were mended. To whoever does not hold its point the id is
    only not available.
    """
    if holder is None or holder.by(bsp, at) is None or state.metering_point_id != wish.metering_point_id:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    if state.status == "terminated":
        raise rules.RESOURCE_IS_TERMINATED.refused(path="/subject")
    for name in ("technology", "up_w", "down_w", "ramp_w_per_min", "name"):
        stands, said = getattr(state, name), getattr(wish, name)
        if stands != said:
            raise rules.RESOURCE_REGISTERED_OTHERWISE.refused(
                path=f"/{name}", limit=stands, actual=said, unit="W" if name in {"up_w", "down_w"} else None
            )
    if sorted(map(device.key, state.devices)) != sorted(map(device.key, wish.devices)):
        raise rules.RESOURCE_REGISTERED_OTHERWISE.refused(
            path="/devices", limit=len(state.devices), actual=len(wish.devices), unit="devices"
        )
    return (rules.RESOURCE_ALREADY_REGISTERED.reason(path="/subject", actual=state.status),)


def decide_register(
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
    hold = holder.by(bsp, at) if holder else None
    if point is None or hold is None:
        raise not_held(holder, bsp, at, path="/metering_point_id")
    fact = point.fact(at)
    if fact is None or fact.dso is None:
        raise rules.METERING_POINT_INCOMPLETE.refused(path="/metering_point_id")
    if not fact.active:
        raise rules.METERING_POINT_INACTIVE.refused(path="/metering_point_id")
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
