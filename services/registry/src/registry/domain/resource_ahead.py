"""What the BSP that gets a point says before its midnight of the resources behind it: kept until then (D26).

It is held against what will be then, as far as is known now, with all that it has said before, so that what cannot be
is refused at once. It is decided at the midnight, anew, on what is then: what the present BSP still changes stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from contracts import values
from contracts.message import Event, Reason, Refused
from contracts.registry import v1
from registry.domain import device, lifecycle, metering_point, registering, resource, rules
from registry.domain.coming import Coming
from registry.domain.device import RegisteredDevice
from registry.domain.holder import Control, Holder
from registry.domain.lifecycle import Decided
from registry.domain.metering_point import MeteringPoint
from registry.domain.resource import Resource
from registry.domain.terms import Terms

MOST = 100
"""So many commands may wait behind one point."""

Wish: TypeAlias = (
    v1.RegisterResource
    | v1.UpdateResource
    | v1.ChangeDevices
    | v1.ActivateResource
    | v1.PauseResource
    | v1.TerminateResource
)


def wrapped(wish: Wish) -> v1.ResourceWish:
    """The command, named."""
    match wish:
        case v1.RegisterResource():
            return v1.ResourceWish(register_resource=wish)
        case v1.UpdateResource():
            return v1.ResourceWish(update_resource=wish)
        case v1.ChangeDevices():
            return v1.ResourceWish(change_devices=wish)
        case v1.ActivateResource():
            return v1.ResourceWish(activate_resource=wish)
        case v1.PauseResource():
            return v1.ResourceWish(pause_resource=wish)
        case v1.TerminateResource():
            return v1.ResourceWish(terminate_resource=wish)


def unwrapped(wish: v1.ResourceWish) -> Wish:
    """The command that it is."""
    found = (
        wish.register_resource,
        wish.update_resource,
        wish.change_devices,
        wish.activate_resource,
        wish.pause_resource,
        wish.terminate_resource,
    )
    return next(each for each in found if each is not None)


@dataclass(slots=True)
class Expected:
    """A point, and what is behind it, as they will be at a midnight by all that its coming BSP has said so far."""

    control: Control
    """Of the coming BSP."""
    holder: Holder
    terms: Terms
    point: MeteringPoint
    resources: dict[str, Resource | None]
    registered: dict[str, RegisteredDevice | None] = field(default_factory=dict[str, RegisteredDevice | None])

    def follow(self) -> None:
        """Go through what was said, as it will be done; what could not be done is left out."""
        for each in self.point.coming:
            if (each.bsp, each.valid_from) == (self.control.bsp, self.control.valid_from):
                try:
                    self.decide(each.resource_id, unwrapped(each.wish))
                except Refused:
                    continue

    def decide(self, resource_id: str, wish: Wish) -> Decided | None:
        """What it will lead to; it is so from here on. Raises where it is refused."""
        decided = self._decided(resource_id, wish)
        if decided is not None:
            event = decided.event
            self.resources[resource_id] = resource.evolve(self.resources.get(resource_id), event)
            if isinstance(event, metering_point.OfResource):
                self.point = metering_point.evolve(self.point, event)
            if isinstance(event, device.OfDevices):
                self.registered |= device.places(event)
        return decided

    def _decided(self, resource_id: str, wish: Wish) -> Decided | None:
        bsp, at = self.control.bsp, self.control.valid_from
        state = self.resources.get(resource_id)
        if isinstance(wish, v1.RegisterResource):
            if state is not None:
                raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
            return registering.decide_register(
                resource_id=resource_id,
                bsp=bsp,
                wish=wish,
                point=self.point,
                holder=self.holder,
                registered=self.registered,
                serials={},
                terms=self.terms,
                at=at,
            )
        one = lifecycle.held(state, resource_id=resource_id, bsp=bsp, point=self.point, holder=self.holder, at=at)
        match wish:
            case v1.UpdateResource():
                return lifecycle.decide_update(one, wish, terms=self.terms)
            case v1.ChangeDevices():
                return lifecycle.decide_devices(one, wish, registered=self.registered, serials={})
            case v1.ActivateResource():
                return lifecycle.decide_activate(one)
            case v1.PauseResource():
                return lifecycle.decide_pause(one, wish)
            case v1.TerminateResource():
                return lifecycle.decide_terminate(one, wish)


def decide_announce(expected: Expected, *, resource_id: str, wish: Wish) -> tuple[list[Event], tuple[Reason, ...]]:
    """It waits for the midnight, and its BSP is told so. What is said already, or changes nothing, is not said again.

    What is behind the point now is another BSP's, so nothing is told of it but why the wish cannot be.
    """
    control = expected.control
    expected.follow()
    state = expected.resources.get(resource_id)
    if isinstance(wish, v1.RegisterResource) and state is not None:
        again = registering.decide_again(
            state, bsp=control.bsp, wish=wish, holder=expected.holder, at=control.valid_from
        )
        return [], again
    waiting = sum(each.bsp == control.bsp for each in expected.point.coming)
    if waiting >= MOST:
        raise rules.RESOURCE_COMMANDS_WAIT.refused(limit=MOST, actual=waiting)
    decided = expected.decide(resource_id, wish)
    if decided is None:
        return [], ()
    fact = expected.point.fact(control.valid_from)
    announced = v1.ResourceCommandAnnounced(
        metering_point_id=decided.event.metering_point_id,
        resource_id=resource_id,
        bsp=control.bsp,
        dso=fact.dso if fact else None,
        valid_from=control.valid_from,
        wish=wrapped(wish),
        behind_up_w=decided.behind.up_w,
        behind_down_w=decided.behind.down_w,
    )
    return [announced], (rules.RESOURCE_COMMAND_LATER.reason(limit=values.time_text(control.valid_from)),)


def decide_control(point: MeteringPoint, *, metering_point_id: str, holder: Holder) -> list[Event]:
    """Where a BSP does not get the point at the midnight that it was to, what it has said lapses."""
    return [
        lapse(point, each, metering_point_id)
        for each in point.coming
        if holder.by(holder.now(each.bsp, each.valid_from), each.valid_from) is None
    ]


def lapse(
    point: MeteringPoint, coming: Coming, metering_point_id: str, *, why: Reason | None = None
) -> v1.ResourceCommandLapsed:
    """What was announced comes to nothing: by a rule, or because its BSP does not get the point."""
    return v1.ResourceCommandLapsed(
        metering_point_id=metering_point_id,
        resource_id=coming.resource_id,
        bsp=coming.bsp,
        dso=_dso(point, coming.valid_from),
        valid_from=coming.valid_from,
        because="refused" if why else "control",
        code=why.code if why else None,
        limit=why.limit if why else None,
        actual=why.actual if why else None,
        unit=why.unit if why else None,
    )


def took_effect(
    point: MeteringPoint, coming: Coming, metering_point_id: str, *, notices: tuple[Reason, ...]
) -> v1.ResourceCommandTookEffect:
    """It is decided."""
    return v1.ResourceCommandTookEffect(
        metering_point_id=metering_point_id,
        resource_id=coming.resource_id,
        bsp=coming.bsp,
        dso=_dso(point, coming.valid_from),
        valid_from=coming.valid_from,
        codes=tuple(dict.fromkeys(each.code for each in notices)),
    )


def devices_of(coming: Sequence[Coming], wish: Wish) -> list[v1.Nameplate]:
    """All devices that are named, to be looked up."""
    found: list[v1.Nameplate] = []
    wishes = [wish, *(unwrapped(each.wish) for each in coming)]
    for each in wishes:
        if isinstance(each, v1.RegisterResource):
            found += each.devices
        elif isinstance(each, v1.ChangeDevices):
            found += each.add
    return found


def _dso(point: MeteringPoint, at: datetime) -> str | None:
    fact = point.fact(at)
    return fact.dso if fact else None
