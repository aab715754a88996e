"""Public aggregates: how much energy was used and made, by zone, grid area and type, said once of each local day."""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Event, Part, everyone
from contracts.meter_ingest.v1.lines import EnergyDirection
from contracts.values import Role

Dimension = Literal["zone", "grid-area", "consumption-type", "production-type"]


class SummedCell(Part):
    """What a step of adding up has of points that are alike."""

    cell: str
    """`line|zone|grid area|type`."""
    points: int
    wh: int
    estimated_points: int
    missing_points: int


class EnergySummed(Event):
    """A step of adding a day up: the points of some blocks. The service's own book, told to nobody."""

    home: ClassVar = "cause"
    audience: ClassVar[tuple[Audience, ...]] = ()

    cause: str
    """`<date>/<step>`."""
    date: values.LocalDate
    dso: values.Gln
    block: str
    """`block|line`: up to here, of this DSO's, it is added up."""
    cells: tuple[SummedCell, ...]


class PublicFigure(Part):
    """The energy of at least five points on a local day."""

    zone: values.BiddingZone
    line: EnergyDirection
    dimension: Dimension
    key: str | None
    """Zone, grid area or type (`unstated`: the register has none); None: what has no figure of its own, together."""
    points: int
    """Whose whole day is in it."""
    wh: int
    estimated_points: int
    """Of these: of which something is not metered."""
    missing_points: int
    """Whose day is not whole: they are not in it, and nothing stands for them."""


class AggregatePublished(Event):
    """The energy of a local day, as it stood after its fifth day. Said once: what comes later changes nothing in it."""

    home: ClassVar = "aggregate_id"
    audience: ClassVar[tuple[Audience, ...]] = tuple(everyone(role) for role in Role)

    aggregate_id: str
    """`energy/<date>`."""
    date: values.LocalDate
    figures: tuple[PublicFigure, ...]
