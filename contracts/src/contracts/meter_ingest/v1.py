"""Messages of `meter-ingest`, version 1: channels, values, completeness, activations, verifications."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, Part, ReceiptData, everyone, party
from contracts.values import Role

EnergyDirection = Literal["consumption", "production"]
Product = Literal["active", "reactive", "capacitive", "inductive"]
"""What is measured: energy in Wh, or the other three in varh."""
ValueStatus = Literal["metered", "estimated", "final-estimated", "temporary"]
SettlementMethod = Literal["profiled", "interval", "not-settled"]
Check = Literal["agreed-power", "fuse", "spike", "zero-run", "flat-quarters", "negative", "decimals"]
"""What a validation rule looks for."""
Consequence = Literal["warn", "quarantine", "reject", "off"]
"""What becomes of a series that a validation rule finds: from the mildest on; `off` looks for nothing."""

# Commands


class OpenChannels(Command):
    """A DSO will send values of these points from a midnight on. Subject: a new UUID. A list command."""

    senders: ClassVar = frozenset({Role.DSO})
    subject_is: ClassVar = values.Uuid
    listed: ClassVar = "metering_points"

    metering_points: tuple[values.Gsrn, ...] = Field(min_length=1, max_length=2000)
    direction: EnergyDirection = "consumption"
    product: Product = "active"
    resolution: values.Resolution
    valid_from: values.Midnight
    mode: Literal["all", "each"] = "all"


class CloseChannels(Command):
    """A DSO sends no values of these points from a midnight on. Subject: a new UUID. A list command."""

    senders: ClassVar = frozenset({Role.DSO})
    subject_is: ClassVar = values.Uuid
    listed: ClassVar = "metering_points"

    metering_points: tuple[values.Gsrn, ...] = Field(min_length=1, max_length=2000)
    direction: EnergyDirection = "consumption"
    product: Product = "active"
    valid_to: values.Midnight
    mode: Literal["all", "each"] = "all"


class OrderActivation(Command):
    """The TSO's fact: a group is to deliver this much in this period. Always accepted. Subject: a new UUID."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    group_id: values.Uuid
    direction: Literal["up", "down"]
    power_w: values.Watt
    period: values.Period


class StatusRun(Part):
    """So many values in a row have this status."""

    status: ValueStatus
    count: int = Field(strict=True, ge=1, le=9999)


class Series(Part):
    """Values of one point, direction and product, one figure (Wh, varh) per resolution step of a half-open period."""

    metering_point_id: str
    direction: EnergyDirection = "consumption"
    product: Product = "active"
    resolution: values.Resolution
    start: values.UtcTime
    end: values.UtcTime
    values_wh: tuple[values.StrictInt, ...] = Field(max_length=9999)
    status: ValueStatus = "metered"
    statuses: tuple[StatusRun, ...] = Field(default=(), max_length=9999)
    """Run by run, where the values do not all have the same status; `status` is then not looked at."""
    registered_at: values.UtcTime
    confirmed: bool = Field(default=False, strict=True)
    """The sender has looked, and stands by the values: what would be kept aside counts, with a notice."""


class SendMeterValues(Command):
    """Values, on the sender's own `ingress.<gln>.meter-values.v1`; accepted or refused per series. Subject: free text.

    The point's id is checked per series, so that one bad series does not sink the others.
    """

    senders: ClassVar = frozenset({Role.DSO})
    subject_is: ClassVar = values.ShortText
    listed: ClassVar = "series"

    series: tuple[Series, ...] = Field(min_length=1, max_length=1000)


class Threshold(Part):
    """One figure of a validation rule: `percent`, `hours` …, as its check names it."""

    name: values.PolicyKey
    value: values.StrictInt


class SetValidationRule(Command):
    """How a validation rule shall be from a moment to come, all of it. Subject: the rule's key; a new one adds a rule.

    Without directions, products, resolutions or settlement methods it is for all of them.
    """

    senders: ClassVar = frozenset({Role.TSO, Role.OPERATOR})
    subject_is: ClassVar = values.PolicyKey

    check: Check
    consequence: Consequence
    thresholds: tuple[Threshold, ...] = Field(default=(), max_length=10)
    directions: tuple[EnergyDirection, ...] = Field(default=(), max_length=2)
    products: tuple[Product, ...] = Field(default=(), max_length=4)
    resolutions: tuple[values.Resolution, ...] = Field(default=(), max_length=2)
    settlement_methods: tuple[SettlementMethod, ...] = Field(default=(), max_length=3)
    valid_from: values.UtcTime
    reason: values.NameText


# Events


class ChannelOpened(Event):
    """Values of a point are expected from a midnight on."""

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"),)

    metering_point_id: values.Gsrn
    dso: values.Gln
    direction: EnergyDirection
    product: Product = "active"
    resolution: values.Resolution
    valid_from: values.UtcTime


class ChannelClosed(Event):
    """Values of a point are expected no longer from a midnight on."""

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"),)

    metering_point_id: values.Gsrn
    dso: values.Gln
    direction: EnergyDirection
    product: Product = "active"
    valid_to: values.UtcTime


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
    refused: int
    decided_at_case_position: int
    quarantined: int = 0
    """How many series of the record are kept aside: they are in `values-quarantined`."""
    warnings: tuple[RuleCount, ...] = ()
    """Of the accepted series, by validation rule, in order of their keys."""
    confirmed: tuple[ConfirmedSeries, ...] = ()


class QuarantinedSeries(Part):
    """What is kept aside of one series: how many values and a salted hash; never the values, nor their sum."""

    metering_point_id: values.Gsrn
    direction: EnergyDirection
    product: Product = "active"
    start: values.UtcTime
    end: values.UtcTime
    resolution: values.Resolution
    registered_at: values.UtcTime
    count: int
    salted_sha256: str
    rules: tuple[values.PolicyKey, ...]
    """The validation rules that found it."""


class ValuesQuarantined(Event):
    """Series of one record that are kept aside: they count nowhere, until the sender confirms them or they lapse."""

    home: ClassVar = "quarantine"
    audience: ClassVar[tuple[Audience, ...]] = (party("sender"),)

    quarantine: str
    """`<record>/quarantine`."""
    record: str
    """The ingress position."""
    shard: str
    position: int
    sender: values.Gln
    series: tuple[QuarantinedSeries, ...]
    lapses_at: values.UtcTime
    """What is not confirmed or corrected by then is no longer waited for."""
    decided_at_case_position: int


class ValidationRuleSet(Event):
    """A validation rule is like this from a moment on, until what is valid later; of two for one moment, the last."""

    home: ClassVar = "key"
    audience: ClassVar[tuple[Audience, ...]] = (everyone(Role.TSO), everyone(Role.DSO), everyone(Role.OPERATOR))

    key: values.PolicyKey
    check: Check
    consequence: Consequence
    thresholds: tuple[Threshold, ...]
    directions: tuple[EnergyDirection, ...]
    products: tuple[Product, ...]
    resolutions: tuple[values.Resolution, ...]
    settlement_methods: tuple[SettlementMethod, ...]
    valid_from: values.UtcTime
    by: values.Gln
    reason: str
    former: Consequence | None
    """What the rule would have done from that moment; None: there was no such rule."""
    former_thresholds: tuple[Threshold, ...]


class CompletenessPublished(Event):
    """How complete a DSO's values of a local day are, in series and values."""

    home: ClassVar = "dso"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO))

    dso: values.Gln
    date: values.LocalDate
    expected_series: int
    complete_series: int
    expected_values: int
    received_values: int


class ValuesReminded(Event):
    """The one who owes values is reminded, with the points that are missing or have holes."""

    home: ClassVar = "dso"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"),)

    dso: values.Gln
    date: values.LocalDate
    metering_points: tuple[values.Gsrn, ...]


class ActivationOrdered(Event):
    """An activation, with a finding where it exceeds what may be bid."""

    home: ClassVar = "activation_id"
    case: ClassVar = "activation_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    activation_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln | None
    direction: Literal["up", "down"]
    power_w: int
    period: values.Period
    biddable_w: int
    metering_points: tuple[values.Gsrn, ...]
    """The members as of the period's start: what is verified."""
    findings: tuple[Literal["GROUP_UNKNOWN", "ABOVE_BIDDABLE", "AFTER_START"], ...] = ()


class SubstationEffect(Part):
    """The expected effect at one substation (or, where it is unknown, in the grid area)."""

    grid_area: values.EicY
    substation: str | None
    points: int
    power_w: int


class ExpectedEffect(Event):
    """What an activation will do in one DSO's grid; on the DSO's activation topic."""

    home: ClassVar = "effect_id"
    case: ClassVar = "activation_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO))

    effect_id: str
    """`<activation>/<dso>`: the key that compaction keeps the latest of."""
    activation_id: values.Uuid
    group_id: values.Uuid
    dso: values.Gln
    direction: Literal["up", "down"]
    period: values.Period
    substations: tuple[SubstationEffect, ...]


class VerifiedQuarter(Part):
    """One quarter of an activation, of the points of which everything is there.

    Energies in Wh of consumption, production counting negative.
    """

    start: values.UtcTime
    ordered_wh: int
    baseline_wh: int
    metered_wh: int
    delivered_wh: int
    delivered_basis_points: int
    """Delivered / ordered in 1/100 of a percent, not clipped."""


class ActivationVerified(Event):
    """A verification run. Every later run replaces the one before as the current one; all are kept."""

    home: ClassVar = "activation_id"
    case: ClassVar = "activation_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    activation_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    run: int
    because: Literal["complete", "deadline", "revision"]
    result: Literal["verified", "provisional", "incomplete"]
    baseline_method: Literal["meter-before"]
    quarters: tuple[VerifiedQuarter, ...]
    points: int
    measured_points: int
    derived_points: int
    """Points with hourly values only."""
    estimated_points: int
    missing_points: int
    derived_basis_points: int
    """Share of the baseline energy that rests on hourly values."""
    tolerance_pct: str
    """The policy it was held against (D19)."""
    within_tolerance: bool
    """Whether every quarter is; reported, without consequence by itself."""
    revisions_sha256: str
    """Over the exact revisions used."""


class Acknowledgement(Part):
    """What Elhub's EMIF says of one payload of an XML document, or of the document as a whole."""

    payload: str = ""
    """The payload's identification; empty: the document's."""
    status: Literal["39", "41"]
    """39 accepted, 41 rejected."""
    reasons: tuple[str, ...] = ()
    """Elhub's codes."""


class Receipt(ReceiptData):
    """The answer of `meter-ingest` to a command or a record of values."""

    audience: ClassVar[tuple[Audience, ...]] = (party("sender"),)

    contenthash: str = ""
    """Of a record of values, so that its id cannot be used again for something else."""
    acknowledgements: tuple[Acknowledgement, ...] = ()
    """Of values that came as EMIF XML, one a payload: what `flexreg meter send` writes as EMIF Acknowledgements."""
