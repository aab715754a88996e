"""Values as they are sent, and what of them is accepted."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, Part
from contracts.meter_ingest.v1.lines import EnergyDirection, Product
from contracts.meter_ingest.v1.own_meters import AcceptedOwnSeries, OwnMeter
from contracts.values import Role

ValueStatus = Literal["metered", "estimated", "final-estimated", "temporary"]
KeptStatus = Literal["metered", "estimated", "final-estimated", "temporary", "partly-metered"]
"""What is kept: of an own meter, a quarter that misses some samples is only partly metered."""
SentResolution = Literal["PT1M", "PT5M", "PT15M", "PT60M"]
"""The steps that values are sent in; those of less than a quarter only of own meters."""


class StatusRun(Part):
    """So many values in a row have this status."""

    status: ValueStatus
    count: int = Field(strict=True, ge=1, le=9999)


class Series(Part):
    """Values of one point, direction and product, one figure (Wh, varh) per resolution step of a half-open period.

    Of the point's settlement meter, or of an own meter, where it names one; the point may be left out then.
    """

    metering_point_id: str = ""
    direction: EnergyDirection = "consumption"
    product: Product = "active"
    resolution: SentResolution
    start: values.UtcTime
    end: values.UtcTime
    values_wh: tuple[values.StrictInt, ...] = Field(max_length=9999)
    status: ValueStatus = "metered"
    statuses: tuple[StatusRun, ...] = Field(default=(), max_length=9999)
    """Run by run, where the values do not all have the same status; `status` is then not looked at."""
    registered_at: values.UtcTime
    confirmed: bool = Field(default=False, strict=True)
    """The sender has looked, and stands by the values: what would be kept aside counts, with a notice."""
    own: OwnMeter | None = None
    """A BSP's own meter, at one of its resources, that the values are of."""


class SendMeterValues(Command):
    """Values, on the sender's own `ingress.<gln>.meter-values.v1`; accepted or refused per series. Subject: free text.

    The point's id is checked per series, so that one bad series does not sink the others.
    """

    senders: ClassVar = frozenset({Role.DSO, Role.BSP})
    subject_is: ClassVar = values.ShortText
    listed: ClassVar = "series"

    series: tuple[Series, ...] = Field(min_length=1, max_length=1000)


class AcceptedSeries(Part):
    """What was accepted of one series: how many values, their sum, and a salted hash; never the values."""

    metering_point_id: values.Gsrn
    direction: EnergyDirection
    product: Product = "active"
    start: values.UtcTime
    end: values.UtcTime
    resolution: values.Resolution
    status: ValueStatus
    """Where they differ, the first value's."""
    statuses: tuple[StatusRun, ...] = ()
    """Run by run, where they differ."""
    registered_at: values.UtcTime
    count: int
    sum_wh: int
    changed: bool
    """False where all of it was known already."""
    salted_sha256: str


class AcceptedTogether(Part):
    """What was accepted of many series at once, which have all but point and values in common; all of it is new."""

    direction: EnergyDirection
    product: Product = "active"
    start: values.UtcTime
    end: values.UtcTime
    resolution: values.Resolution
    status: ValueStatus
    registered_at: values.UtcTime
    count: int
    """Of the values of each."""
    metering_points: tuple[str, ...]
    sums_wh: tuple[int, ...]
    """Of each, in the same order."""
    salted_sha256: str
    """Over all of them."""


class RuleCount(Part):
    """How many series of a record a validation rule found."""

    rule: values.PolicyKey
    series: int


class ConfirmedSeries(Part):
    """A series that counts because its sender confirmed it: these validation rules would have kept it aside."""

    metering_point_id: values.Gsrn
    direction: EnergyDirection
    product: Product = "active"
    start: values.UtcTime
    end: values.UtcTime
    rules: tuple[values.PolicyKey, ...]


class ValuesAccepted(Event):
    """What one record of values meant, from a value shard."""

    home: ClassVar = "record"
    audience: ClassVar[tuple[Audience, ...]] = ()

    record: str
    """The ingress position."""
    shard: str
    """The value shard that decided, and its position of the record: who has heard this may read values up to there."""
    position: int
    sender: values.Gln
    series: tuple[AcceptedSeries, ...]
    together: tuple[AcceptedTogether, ...] = ()
    """Of values that are looked at by column, those that nothing had come of before."""
    refused: int
    decided_at_case_position: int
    received_at: values.UtcTime | None = None
    """When the record came: whether its values were on time. Not said by records of old."""
    quarantined: int = 0
    """How many series of the record are kept aside: they are in `values-quarantined`."""
    warnings: tuple[RuleCount, ...] = ()
    """Of the accepted series, by validation rule, in order of their keys."""
    confirmed: tuple[ConfirmedSeries, ...] = ()
    own: tuple[AcceptedOwnSeries, ...] = ()
    """Of own meters: they count in no balance and in nobody's completeness."""
