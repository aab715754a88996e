"""The grid: metering grid areas, and the substations in them."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, Part, everyone, party
from contracts.values import Role

Volt = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
"""Nominal voltage in V."""

Flag = Annotated[bool, Field(strict=True)]
"""True or false, and nothing that could be taken for it."""


class Position(Part):
    """Where something stands: WGS 84, in millionths of a degree, on the Norwegian mainland."""

    latitude_microdeg: int = Field(strict=True, ge=57_900_000, le=71_400_000)
    longitude_microdeg: int = Field(strict=True, ge=4_000_000, le=31_600_000)


# Commands


class DefineGridArea(Command):
    """Say what a metering grid area is. Subject: its EIC-Y."""

    senders: ClassVar = frozenset({Role.OPERATOR, Role.TSO})
    subject_is: ClassVar = values.EicY

    name: values.ShortText
    zone: values.BiddingZone
    dso: values.Gln
    parent: values.EicY | None = None
    virtual: Flag = False
    """An area that exists on paper only, for values that grid companies share: its points are in no group."""
    valid_from: values.Midnight | None = None
    """Left out: always."""


class ChangeGridArea(Command):
    """Say what becomes of a metering grid area at a midnight; what is left out stays. Subject: its EIC-Y."""

    senders: ClassVar = frozenset({Role.OPERATOR, Role.TSO})
    subject_is: ClassVar = values.EicY

    valid_from: values.Midnight
    name: values.ShortText | None = None
    zone: values.BiddingZone | None = None
    dso: values.Gln | None = None
    parent: values.EicY | None = None
    no_parent: Flag = False
    """It stands under no area any more."""
    reason: values.ShortText = ""
    """Why a past that is closed to others is changed: with it the operator may (D14)."""


class DefineSubstation(Command):
    """Say what a substation is, within one's own grid. Subject: a UUID, the grid model's where it has one."""

    senders: ClassVar = frozenset({Role.TSO, Role.DSO})
    subject_is: ClassVar = values.Uuid

    name: values.NameText
    voltage_v: Volt
    grid_area: values.EicY
    position: Position | None = None
    parent: values.Uuid | None = None
    """The substation that feeds it."""


class ChangeSubstation(Command):
    """Correct what a substation is; what is left out stays. Subject: the substation."""

    senders: ClassVar = frozenset({Role.TSO, Role.DSO})
    subject_is: ClassVar = values.Uuid

    name: values.NameText | None = None
    voltage_v: Volt | None = None
    grid_area: values.EicY | None = None
    position: Position | None = None
    parent: values.Uuid | None = None


# Events


class GridAreaDefined(Event):
    """A metering grid area lies in this zone and belongs to this DSO."""

    home: ClassVar = "grid_area"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO), everyone(Role.OPERATOR))

    grid_area: values.EicY
    name: str
    zone: values.BiddingZone
    dso: values.Gln
    parent: values.EicY | None = None
    virtual: bool = False
    valid_from: values.UtcTime | None = None
    """None: always."""


class GridAreaChanged(Event):
    """What a metering grid area is from a midnight on, as far as the next change that is known."""

    home: ClassVar = "grid_area"
    audience: ClassVar[tuple[Audience, ...]] = (
        party("dso"),
        party("former_dso"),
        everyone(Role.TSO),
        everyone(Role.OPERATOR),
    )

    grid_area: values.EicY
    name: str
    zone: values.BiddingZone
    dso: values.Gln
    former_dso: values.Gln | None = None
    """Whose it was until then, where that is another."""
    parent: values.EicY | None = None
    valid_from: values.UtcTime
    reason: str = ""
    freeze_days: int
    """The policy it was decided with."""


class PointsOfAreaUpdated(Event):
    """So many of an area's metering points now have what it is, in order of their ids; a change begins at the first."""

    home: ClassVar = "grid_area"
    audience: ClassVar[tuple[Audience, ...]] = (everyone(Role.OPERATOR),)

    grid_area: values.EicY
    points: int
    last: values.Gsrn | None
    """The last one; None if none was left."""
    next_at: values.UtcTime | None
    """When the next ones follow; None: all have it."""


class SubstationDefined(Event):
    """A substation stands in this grid area, and belongs to its DSO."""

    home: ClassVar = "substation_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO), everyone(Role.OPERATOR))

    substation_id: values.Uuid
    name: str
    voltage_v: int
    grid_area: values.EicY
    dso: values.Gln
    position: Position | None = None
    parent: values.Uuid | None = None


class SubstationChanged(Event):
    """What a substation is now."""

    home: ClassVar = "substation_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO), everyone(Role.OPERATOR))

    substation_id: values.Uuid
    name: str
    voltage_v: int
    grid_area: values.EicY
    dso: values.Gln
    position: Position | None = None
    parent: values.Uuid | None = None
