"""Virtual channels: values that nobody sends, computed from those of others; and sums held against a main meter."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, Part, everyone, party
from contracts.meter_ingest.v1.lines import EnergyDirection, Product
from contracts.values import Role

VirtualMethod = Literal["copy", "sum", "net", "share"]
"""`net`: terms with signs; `share`: production of one point, divided among recipients (BRS-NO-701)."""

Sharing = Literal["manual", "equal", "consumption-based"]
"""How production is shared: in fixed shares, equally, or by what each recipient consumes in the quarter."""


class VirtualTerm(Part):
    """One source: a line of a metering point, or another virtual channel (of a share: one recipient's part)."""

    metering_point_id: values.Gsrn | None = None
    virtual_id: values.Uuid | None = None
    recipient: values.Gsrn | None = None
    direction: EnergyDirection = "consumption"
    """Of a metering point, as is the product."""
    product: Product = "active"
    minus: bool = Field(default=False, strict=True)


class ShareRecipient(Part):
    """A point that shares in the production; its share, where shares are fixed, in millionths."""

    metering_point_id: values.Gsrn
    share_ppm: int | None = Field(default=None, strict=True, ge=0, le=1_000_000)


class SumCheck(Part):
    """A meter whose day the sum shall be, within the greater of two tolerances; the second is of the meter's day."""

    metering_point_id: values.Gsrn
    direction: EnergyDirection = "consumption"
    tolerance_wh: int = Field(default=0, strict=True, ge=0, le=10**12)
    tolerance_basis_points: int = Field(default=0, strict=True, ge=0, le=10_000)


class DefineVirtualChannel(Command):
    """How a virtual channel is computed from a midnight on, until another, or for good. Subject: its UUID.

    Said again, it is a new version, which replaces what was said of that midnight and all that follows. A DSO says so
    of its own points only; the datahub of any. A copy, sum or net lies in a virtual grid area and is never settled;
    a share lies where its points do.
    """

    senders: ClassVar = frozenset({Role.DSO, Role.DATAHUB})
    subject_is: ClassVar = values.Uuid

    method: VirtualMethod
    grid_area: values.EicY | None = None
    direction: EnergyDirection = "consumption"
    """What a positive value is."""
    terms: tuple[VirtualTerm, ...] = Field(min_length=1, max_length=1000)
    """Of a share: the one point whose production it is."""
    sharing: Sharing | None = None
    recipients: tuple[ShareRecipient, ...] = Field(default=(), max_length=1000)
    check: SumCheck | None = None
    valid_from: values.Midnight
    valid_to: values.Midnight | None = None
    reason: values.NameText


class EndVirtualChannel(Command):
    """A virtual channel has no values from a midnight on. Subject: its UUID."""

    senders: ClassVar = frozenset({Role.DSO, Role.DATAHUB})
    subject_is: ClassVar = values.Uuid

    valid_to: values.Midnight
    reason: values.NameText


_TOLD: tuple[Audience, ...] = (party("dsos"), everyone(Role.DATAHUB), everyone(Role.TSO))


class VirtualChannelDefined(Event):
    """A version of how a virtual channel is computed; its values are computed when they are asked for."""

    home: ClassVar = "virtual_id"
    audience: ClassVar[tuple[Audience, ...]] = _TOLD

    virtual_id: values.Uuid
    version: int
    by: values.Gln
    dsos: tuple[values.Gln, ...]
    """Whose grid area it lies in, and whose points it is made of."""
    method: VirtualMethod
    grid_area: values.EicY | None
    direction: EnergyDirection
    product: Product
    product_code: str
    """In Elhub's product codes: what the values are on the wire."""
    terms: tuple[VirtualTerm, ...]
    sharing: Sharing | None
    recipients: tuple[ShareRecipient, ...]
    check: SumCheck | None
    valid_from: values.UtcTime
    valid_to: values.UtcTime | None
    said_at: values.UtcTime
    reason: str


class VirtualChannelEnded(Event):
    """A virtual channel has no values from a midnight on."""

    home: ClassVar = "virtual_id"
    audience: ClassVar[tuple[Audience, ...]] = _TOLD

    virtual_id: values.Uuid
    by: values.Gln
    dsos: tuple[values.Gln, ...]
    valid_to: values.UtcTime
    said_at: values.UtcTime
    reason: str


class SumChecked(Event):
    """How a day's sum stands against its main meter: said where they differ by more than was allowed.

    Looked at when the day's values are due, and at the end of the fifth day; said then only if it is otherwise, also
    where it has become right. As long as values of a source or of the main meter are missing nothing is found.
    """

    home: ClassVar = "virtual_id"
    audience: ClassVar[tuple[Audience, ...]] = _TOLD

    virtual_id: values.Uuid
    version: int
    dsos: tuple[values.Gln, ...]
    date: values.LocalDate
    metering_point_id: values.Gsrn
    """The main meter."""
    sum_wh: int
    main_wh: int
    tolerance_wh: int
    differs: bool
    final: bool
    """Whether it is the day's second look, after which it is not looked at again."""


class SumDayPassed(Event):
    """A day was held against its main meter, whatever came of it: the next one follows. Told to nobody."""

    home: ClassVar = "virtual_id"
    audience: ClassVar[tuple[Audience, ...]] = ()

    virtual_id: values.Uuid
    date: values.LocalDate
    final: bool
