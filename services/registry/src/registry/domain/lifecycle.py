"""The life of a registered resource: changed, active, paused, terminated; by the BSP that holds its point now.

| Command | new | active | paused | terminated |
|---|---|---|---|---|
| update, change devices | new | active | paused | refused |
| activate | active | refused | active | refused |
| pause | refused | paused | refused | refused |
| terminate | terminated | terminated | terminated | refused |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypedDict

from contracts.message import Reason
from contracts.registry import v1
from registry.domain import consistency, device, rules
from registry.domain.commanding import not_held
from registry.domain.device import RegisteredDevice, Serial
from registry.domain.facts import Fact
from registry.domain.holder import Control, Holder
from registry.domain.metering_point import MeteringPoint
from registry.domain.power import Power
from registry.domain.resource import OfResource, Resource
from registry.domain.terms import Terms


@dataclass(frozen=True, slots=True)
class Held:
    """A resource, and the point behind which the sender commands it."""

    resource_id: str
    state: Resource
    point: MeteringPoint
    fact: Fact | None
    bsp: str
    hold: Control

    @property
    def dso(self) -> str | None:
        """The point's DSO, if its grid area is known."""
        return self.fact.dso if self.fact else None

    @property
    def said(self) -> _Said:
        """What every event about it says."""
        return {
            "resource_id": self.resource_id,
            "metering_point_id": self.state.metering_point_id,
            "bsp": self.bsp,
            "held_from": self.hold.valid_from,
        }

    def behind(self, after: Resource) -> Power:
        """What stands behind the point when the resource is like this."""
        return self.point.behind - self.state.counted + after.counted


@dataclass(frozen=True, slots=True)
class Decided:
    """What happened to a resource, and what stands behind its point afterwards."""

    event: OfResource
    behind: Power
    notices: tuple[Reason, ...] = ()


class _Said(TypedDict):
    resource_id: str
    metering_point_id: str
    bsp: str
    held_from: datetime


def held(
    state: Resource | None,
    *,
    resource_id: str,
    bsp: str,
    point: MeteringPoint | None,
    holder: Holder | None,
    at: datetime,
) -> Held:
    """The resource, if the sender holds its point now; whoever registered it. Otherwise it is answered like unknown."""
    hold = holder.by(bsp, at) if holder else None
    if state is None or point is None or hold is None:
        raise not_held(holder, bsp, at, otherwise=rules.RESOURCE_NOT_YOURS)
    return Held(resource_id, state, point, point.fact(at), bsp, hold)


def decide_update(one: Held, wish: v1.UpdateResource, *, terms: Terms) -> Decided | None:
    """Change what is stated of it. Nothing new is no change."""
    _check_status(one, "new", "active", "paused")
    state = one.state
    after = replace(
        state,
        name=state.name if wish.name is None else wish.name,
        technology=wish.technology or state.technology,
        up_w=state.up_w if wish.up_w is None else wish.up_w,
        down_w=state.down_w if wish.down_w is None else wish.down_w,
        ramp_w_per_min=wish.ramp_w_per_min or state.ramp_w_per_min,
    )
    if after == state:
        return None
    after = replace(after, small=consistency.is_small(after, terms))
    consistency.check_rating(after)
    consistency.check_active(after, power=consistency.larger(after))
    behind = one.behind(after)
    event = v1.ResourceUpdated(
        **one.said,
        dso=one.dso,
        before=_particulars(state),
        after=_particulars(after),
        behind_up_w=behind.up_w,
        behind_down_w=behind.down_w,
        small_limit_w=terms.small_limit_w,
    )
    return Decided(event, behind, consistency.above_agreed(one.fact, one.point.behind, behind))


def decide_devices(
    one: Held,
    wish: v1.ChangeDevices,
    *,
    registered: Mapping[str, RegisteredDevice | None],
    serials: Mapping[str, Serial | None],
) -> Decided | None:
    """Take devices out and put others in; one that stands in both is replaced. Nothing new is no change."""
    _check_status(one, "new", "active", "paused")
    here = {device.key(each): each for each in one.state.devices}
    removed: dict[str, v1.Device] = {}
    for index, plate in enumerate(wish.remove):
        name = device.key(plate)
        if name not in here or name in removed:
            raise rules.DEVICE_NOT_IN_RESOURCE.refused(path=f"/remove/{index}", actual=plate.serial)
        removed[name] = here[name]
    device.check(wish.add, path="/add", registered=registered, leaving=removed)
    kept = tuple(each for name, each in here.items() if name not in removed)
    after = replace(one.state, devices=(*kept, *wish.add))
    if after == one.state:
        return None
    if len(after.devices) > v1.MAX_DEVICES:
        raise rules.RESOURCE_HAS_TOO_MANY_DEVICES.refused(
            path="/add", limit=v1.MAX_DEVICES, actual=len(after.devices), unit="devices"
        )
    consistency.check_rating(after, path="")
    consistency.check_active(after, devices="/remove")
    event = v1.DevicesChanged(
        **one.said, dso=one.dso, added=wish.add, removed=tuple(removed.values()), devices=after.devices
    )
    seen = device.suspicions(wish.add, path="/add", serials=serials, leaving=removed.values())
    return Decided(event, one.point.behind, seen)


def decide_activate(one: Held) -> Decided:
    """Let it count. Behind a point whose grid area is unknown nothing begins to count (D27)."""
    _check_status(one, "new", "paused")
    if one.dso is None:
        raise rules.METERING_POINT_INCOMPLETE.refused()
    after = replace(one.state, status="active")
    consistency.check_active(after)
    behind = one.behind(after)
    event = v1.ResourceActivated(
        **one.said,
        dso=one.dso,
        up_w=after.up_w,
        down_w=after.down_w,
        behind_up_w=behind.up_w,
        behind_down_w=behind.down_w,
    )
    return Decided(event, behind, consistency.above_agreed(one.fact, one.point.behind, behind))


def decide_pause(one: Held, wish: v1.PauseResource) -> Decided:
    """Let it count nowhere until it is activated again."""
    _check_status(one, "active")
    behind = one.behind(replace(one.state, status="paused"))
    event = v1.ResourcePaused(
        **one.said, dso=one.dso, reason=wish.reason, behind_up_w=behind.up_w, behind_down_w=behind.down_w
    )
    return Decided(event, behind)


def decide_terminate(one: Held, wish: v1.TerminateResource) -> Decided:
    """It is no more, and its devices are free."""
    _check_status(one, "new", "active", "paused")
    behind = one.behind(replace(one.state, status="terminated"))
    event = v1.ResourceTerminated(
        **one.said,
        dso=one.dso,
        reason=wish.reason,
        devices=one.state.devices,
        behind_up_w=behind.up_w,
        behind_down_w=behind.down_w,
    )
    return Decided(event, behind)


def _check_status(one: Held, *allowed: v1.ResourceStatus) -> None:
    if one.state.status not in allowed:
        raise rules.RESOURCE_STATUS_DIFFERENT.refused(limit=", ".join(allowed), actual=one.state.status)


def _particulars(state: Resource) -> v1.Particulars:
    return v1.Particulars(
        name=state.name,
        technology=state.technology,
        category=state.category,
        up_w=state.up_w,
        down_w=state.down_w,
        ramp_w_per_min=state.ramp_w_per_min,
        small=state.small,
    )
