"""The net loss of a grid area: what flows in, less what is taken out, by local day."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, Part, everyone, party
from contracts.values import Role


class BalanceGridArea(Command):
    """From a midnight to come, a grid area's net loss is followed, or no longer. Subject: its EIC-Y.

    Whoever says so vouches that all exchange with other areas is measured: by points of the area itself, which count
    like all its points, or by these, which lie in another area: what they take out there comes in here. A DSO names
    its own points only.
    """

    senders: ClassVar = frozenset({Role.DSO, Role.DATAHUB})
    subject_is: ClassVar = values.EicY

    exchange: tuple[values.Gsrn, ...] = Field(default=(), max_length=500)
    followed: bool = Field(default=True, strict=True)
    valid_from: values.Midnight
    reason: values.NameText


class GridAreaBalanced(Event):
    """Since when a grid area's net loss is followed, or no longer, and by which points of other areas."""

    home: ClassVar = "grid_area"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO), everyone(Role.DATAHUB))

    grid_area: values.EicY
    dso: values.Gln
    by: values.Gln
    exchange: tuple[values.Gsrn, ...]
    dropped: tuple[values.Gsrn, ...]
    """Points that were named before, and are no longer."""
    followed: bool
    valid_from: values.UtcTime
    reason: str


class EnergyOfBlock(Part):
    """What whole days of points of a block are counted with, in Wh, in the same order; all for the same scopes."""

    block: str
    """`block|line`."""
    date: values.LocalDate
    scopes: tuple[str, ...]
    """`<grid area>/own`, `<grid area>/exchange`."""
    places: tuple[str, ...]
    wh: tuple[int, ...]


class EnergyOfDay(Part):
    """By how much the sums of a grid area's day change."""

    grid_area: values.EicY
    date: values.LocalDate
    produced_wh: int = 0
    consumed_wh: int = 0
    imported_wh: int = 0
    exported_wh: int = 0
    exchange: tuple[values.Gsrn, ...] = ()
    """Points of other areas of which something counts for the first time."""


class EnergyCounted(Event):
    """What an input changed in the sums of grid areas that are followed. Told to nobody."""

    home: ClassVar = "cause"
    audience: ClassVar[tuple[Audience, ...]] = ()

    cause: str
    """`energy/<the input's id>`, and `/<part>` behind it from the second on."""
    blocks: tuple[EnergyOfBlock, ...]
    days: tuple[EnergyOfDay, ...]


class NetLossChecked(Event):
    """A whole day of a grid area has less coming in than is taken out; said again when that changes or is no longer."""

    home: ClassVar = "area_day"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO))

    area_day: str
    """`<grid area>/<date>`."""
    grid_area: values.EicY
    dso: values.Gln
    date: values.LocalDate
    produced_wh: int
    consumed_wh: int
    imported_wh: int
    exported_wh: int
    net_loss_wh: int
    limit_wh: int
    """The least that nothing is said of, ≤ 0."""
    rule: values.PolicyKey
    """The validation rule that it was held against."""
    negative: bool
