"""What a metering point is, and where in the grid it lies."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from contracts import values
from contracts.message import Audience, Command, Event, Part, everyone, party
from contracts.registry.v1.grid import Flag, Position, Volt
from contracts.values import Role

SettlementMethod = Literal["profiled", "interval", "not-settled"]
"""`not-settled`: Elhub's `Z01`."""

ProductionType = Annotated[str, Field(strict=True, pattern="^(B(0[1-9]|1[0-9]|20|25)|Z0[456])$")]
"""What produces behind the point, as in Elhub's EI-1250: `B16` solar, `B19` wind onshore, `B25` energy storage …"""

ConsumptionType = Literal["A04", "A07", "A15", "B25", "B27"]
"""What consumes behind the point, as in Elhub's EI-1250. The codes are passed on, not interpreted."""

NaceMapping = Literal["mapped", "waiting", "given"]
"""How a point's code in SN2025 was found: from the one in SN2007 by the table; not yet; by whoever gave it."""

LocationQuality = Literal["confirmed", "guessed"]

LocationSource = Literal["grid-model", "connecting-dso", "metering-point", "other-dso", "system"]
"""Who says where a point lies, the strongest first. `metering-point`: the substation in what the point is."""


NaceCode = Annotated[str, Field(strict=True, pattern=r"^[0-9]{2}\.[0-9]{3}$")]


class Nace(Part):
    """A code of the Norwegian standard for industrial classification, in one of its editions."""

    code: NaceCode
    standard: Literal["SN2007", "SN2025"]


class Norgespris(Part):
    """When the end user has the fixed price *Norgespris*, half-open."""

    valid_from: values.UtcTime
    valid_to: values.UtcTime | None = None

    @model_validator(mode="after")
    def _end_after_start(self) -> Self:
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            raise PydanticCustomError("period_order", "a period ends after it starts")
        return self


# Commands


class RecordMeteringPoint(Command):
    """The datahub's or the grid company's fact: what a metering point is. Subject: its GSRN.

    Always accepted from the datahub, and from the grid company whose point it is, or will be when it is unknown so far.
    """

    senders: ClassVar = frozenset({Role.DATAHUB, Role.DSO})
    subject_is: ClassVar = values.Gsrn

    grid_area: values.EicY
    substation: values.ShortText | None = None
    resolution: values.Resolution
    agreed_power_w: values.Watt
    valid_from: values.UtcTime
    active: Flag = True
    settlement_method: SettlementMethod | None = None
    production_type: ProductionType | None = None
    consumption_type: ConsumptionType | None = None
    voltage_level_v: Volt | None = None
    fuse_a: int | None = Field(default=None, strict=True, ge=1, le=100_000)
    """What the fuse carries, in amperes; the agreed power is another thing."""
    nace: Nace | None = None
    shared_production: Flag = False
    """It shares in what is produced behind another point."""
    norgespris: Norgespris | None = None
    """Only the datahub knows: from anyone else it is left aside, with a notice."""


class DecideNace(Command):
    """Say which code of SN2025 a point's code of SN2007 became, where the table does not. Subject: the point's GSRN."""

    senders: ClassVar = frozenset({Role.DSO, Role.OPERATOR})
    subject_is: ClassVar = values.Gsrn

    sn2007: NaceCode
    sn2025: NaceCode


class RecordLocation(Command):
    """Say where in the grid a metering point lies. What counts is what the strongest source says. Subject: its GSRN."""

    senders: ClassVar = frozenset({Role.TSO, Role.DSO, Role.OPERATOR})
    subject_is: ClassVar = values.Gsrn

    substation_id: values.Uuid | None = None
    substation_name: values.NameText | None = None
    nominal_voltage_v: Volt
    position: Position | None = None
    quality: LocationQuality

    @model_validator(mode="after")
    def _substation(self) -> Self:
        if self.substation_id is None and self.substation_name is None:
            raise PydanticCustomError("substation_missing", "a location names its substation, by id or by name")
        return self


# Events


class MeteringPointRecorded(Event):
    """What a metering point is, from a moment. Without a known grid area it is incomplete: no zone and no DSO."""

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"),)

    metering_point_id: values.Gsrn
    grid_area: values.EicY
    zone: values.BiddingZone | None
    dso: values.Gln | None
    substation: str | None
    resolution: values.Resolution
    agreed_power_w: int
    valid_from: values.UtcTime
    active: bool = True
    settlement_method: SettlementMethod | None = None
    production_type: str | None = None
    consumption_type: str | None = None
    voltage_level_v: int | None = None
    fuse_a: int | None = None
    nace: Nace | None = None
    nace_sn2025: str | None = None
    nace_mapping: NaceMapping | None = None
    shared_production: bool = False
    norgespris: Norgespris | None = None
    virtual: bool = False
    """Its grid area exists on paper only."""
    carried: bool = False
    """Nobody said it: the fact before goes on, and only what its grid area is has changed."""


class LocationRecorded(Event):
    """A party said where a metering point lies, and what counts since then."""

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("by"), party("dso"), everyone(Role.TSO))

    metering_point_id: values.Gsrn
    by: values.Gln
    source: LocationSource
    """What the sender was to the point then: `connecting-dso` or `other-dso` follow the point's DSO."""
    dso: values.Gln | None
    substation_id: values.Uuid | None = None
    substation_name: str | None = None
    nominal_voltage_v: int
    position: Position | None = None
    quality: LocationQuality
    valid_from: values.UtcTime
    effective: bool
    """Whether this is what counts."""
    effective_source: LocationSource
    effective_substation: str | None
    """The substation that counts, its id or else its name; None: not known well enough, which is the worst case."""
