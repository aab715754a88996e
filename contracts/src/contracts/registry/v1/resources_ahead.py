"""What the BSP that gets a point at a midnight to come says before of the resources behind it (D26)."""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Event, Part, Scalar, everyone, party
from contracts.registry.v1.resources import (
    ActivateResource,
    ChangeDevices,
    PauseResource,
    RegisterResource,
    TerminateResource,
    UpdateResource,
)
from contracts.values import Role


class ResourceWish(Part):
    """A command about a resource, as it was sent: exactly one of these."""

    register_resource: RegisterResource | None = None
    update_resource: UpdateResource | None = None
    change_devices: ChangeDevices | None = None
    activate_resource: ActivateResource | None = None
    pause_resource: PauseResource | None = None
    terminate_resource: TerminateResource | None = None


class ResourceCommandAnnounced(Event):
    """A command about a resource takes effect at the midnight from which its BSP holds the point, if it may then.

    Until then it changes nothing. At the midnight those of a point are decided in their order: each takes effect,
    `ResourceCommandTookEffect` behind what then happens to the resource, or not, `ResourceCommandLapsed`.
    """

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), everyone(Role.TSO))

    metering_point_id: values.Gsrn
    resource_id: values.Uuid
    bsp: values.Gln
    dso: values.Gln | None
    valid_from: values.UtcTime
    """The foreign fact it was decided on: since when the BSP will hold the point."""
    wish: ResourceWish
    behind_up_w: int
    """What would stand behind the point then, by all that is known now."""
    behind_down_w: int


class ResourceCommandTookEffect(Event):
    """What was announced has been decided, as if it had been sent at the midnight; `codes` are its notices."""

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), everyone(Role.TSO))

    metering_point_id: values.Gsrn
    resource_id: values.Uuid
    bsp: values.Gln
    dso: values.Gln | None
    valid_from: values.UtcTime
    codes: tuple[str, ...] = ()


class ResourceCommandLapsed(Event):
    """What was announced comes to nothing: the BSP does not get the point (`control`), or a rule refuses it then."""

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), party("dso"), everyone(Role.TSO))

    metering_point_id: values.Gsrn
    resource_id: values.Uuid
    bsp: values.Gln
    dso: values.Gln | None
    valid_from: values.UtcTime
    because: Literal["control", "refused"]
    code: str | None = None
    """The rule that it breaks, with the figures, where it is refused."""
    limit: Scalar = None
    actual: Scalar = None
    unit: str | None = None
