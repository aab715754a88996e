"""Profiles of a grid area, and the annual volumes that are estimated."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, Part, everyone, party
from contracts.meter_ingest.v1.lines import EnergyDirection
from contracts.values import Role

ProfileKind = Literal["jip", "fppc"]
"""The adjusted infeed of a grid area, by which hours become quarters (6015); or its profiled consumption's shape."""


AnnualMethod = Literal["year", "shape", "days"]
"""From a whole year of values, or a part scaled up: by a published shape of the year, or by its days."""


class PublishProfile(Command):
    """The datahub publishes a profile of a grid area for some whole hours. Subject: the grid area's EIC.

    What was published before stays as it is: this is the next version.
    """

    senders: ClassVar = frozenset({Role.DATAHUB})
    subject_is: ClassVar = values.EicY

    kind: ProfileKind
    start: values.UtcTime
    weights: tuple[values.StrictInt, ...] = Field(min_length=1, max_length=4000)
    """One a quarter from `start`: energies or shares, in whatever unit, as only their proportions count."""


class ProfilePublished(Event):
    """A version of a grid area's profile, for some whole hours."""

    home: ClassVar = "profile"
    audience: ClassVar[tuple[Audience, ...]] = (everyone(Role.DSO), everyone(Role.TSO), everyone(Role.DATAHUB))

    profile: str
    """`<kind>|<grid area>`"""
    kind: ProfileKind
    grid_area: values.EicY
    version: int
    """Given by the register, one after the other."""
    start: values.UtcTime
    weights: tuple[int, ...]
    published_at: values.UtcTime


class AnnualVolume(Part):
    """The estimated annual volume of one metering point and direction."""

    metering_point_id: values.Gsrn
    direction: EnergyDirection
    wh: int
    method: AnnualMethod
    days: int
    """From how many whole days of values."""


class AnnualVolumeEstimated(Event):
    """The monthly estimate of up to a hundred neighbouring metering points of one DSO: what has moved."""

    home: ClassVar = "block"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"),)

    block: str
    """`<the first fifteen digits of the points>|<dso>`"""
    dso: values.Gln
    as_of: values.LocalDate
    """From the values of the days before it."""
    change_pct: int
    """An estimate is said again when it has moved by so much (`annual-volume.change-pct`)."""
    volumes: tuple[AnnualVolume, ...]
    """Those that are new or have moved; of the others, what was said last stands."""
    looked_at: int
    """Points and directions with a channel that is open."""
    without: int
    """Of these, those with too few values to estimate anything from."""
