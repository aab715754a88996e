"""Messages of `meter-ingest`, version 1: channels, values, completeness, activations, verifications."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, Part, ReceiptData, everyone, party
from contracts.registry.v1 import SettlementMethod
from contracts.values import Role

EnergyDirection = Literal["consumption", "production"]
Product = Literal["active", "reactive", "capacitive", "inductive"]
"""What is measured: energy in Wh, or the other three in varh."""
ValueStatus = Literal["metered", "estimated", "final-estimated", "temporary"]
ProfileKind = Literal["jip", "fppc"]
"""The adjusted infeed of a grid area, by which hours become quarters (6015); or its profiled consumption's shape."""
TransformMethod = Literal["none", "sum", "flat", "profile-6015", "fppc"]
"""How values come to quarters; `none`: they are quarters already."""
AnnualMethod = Literal["year", "shape", "days"]
"""From a whole year of values, or a part scaled up: by a published shape of the year, or by its days."""

KeepYears = Literal[3, 10]
"""The two classes that values are kept in, by the years that they began with; policies say how many they are now."""

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


class SetValueRetention(Command):
    """How long values of these points are kept: as others' (3), or longer (10). Subject: a new UUID. A list command."""

    senders: ClassVar = frozenset({Role.DSO, Role.TSO})
    subject_is: ClassVar = values.Uuid
    listed: ClassVar = "metering_points"

    metering_points: tuple[values.Gsrn, ...] = Field(min_length=1, max_length=2000)
    keep_years: KeepYears
    reason: values.NameText
    mode: Literal["all", "each"] = "all"


class OrderActivation(Command):
    """The TSO's fact: a group is to deliver this much in this period. Always accepted. Subject: a new UUID."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    group_id: values.Uuid
    direction: Literal["up", "down"]
    power_w: values.Watt
    period: values.Period


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


class DeclareDelay(Command):
    """A DSO's values are late for a known reason: reminders are held back. Subject: the DSO's GLN.

    Said by the TSO, or by the DSO of itself. Said again, it stands as said last.
    """

    senders: ClassVar = frozenset({Role.TSO, Role.DSO})
    subject_is: ClassVar = values.Gln

    since: values.LocalDate
    """The first local day whose values are late."""
    expected_by: values.UtcTime
    """When all is expected to have come; reminders begin again then."""
    reason: values.ShortText


class LiftDelay(Command):
    """The delay is over before its term. Subject: the DSO's GLN."""

    senders: ClassVar = frozenset({Role.TSO, Role.DSO})
    subject_is: ClassVar = values.Gln


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


class CountingDays(Part):
    """Local days on which it is the same how a channel is settled, half-open; without an end, from then on."""

    valid_from: values.UtcTime
    valid_to: values.UtcTime | None = None
    settlement: SettlementMethod | None
    """None: nobody has said; it is then settled as interval."""
    resolution: values.Resolution | None
    """What values of these days are in, whenever they are sent."""
    counts: bool
    """Whether the balance is settled on this channel."""
    method: TransformMethod | None
    """How its values come to quarters; None where they do not count."""


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
    counting: tuple[CountingDays, ...] = ()
    """On which days the balance is settled on it, as far as is known."""


class ChannelClosed(Event):
    """Values of a point are expected no longer from a midnight on."""

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"),)

    metering_point_id: values.Gsrn
    dso: values.Gln
    direction: EnergyDirection
    product: Product = "active"
    valid_to: values.UtcTime


class CountingChannelChanged(Event):
    """What a metering point is was said otherwise: on these days, another channel counts, or in another way."""

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO))

    metering_point_id: values.Gsrn
    dso: values.Gln
    """Whose channel it is."""
    direction: EnergyDirection
    product: Product = "active"
    days: tuple[CountingDays, ...]
    """The days on which it is not as it was said before, and how it is now."""


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
    """Of values that came by column, those that nothing had come of before."""
    refused: int
    decided_at_case_position: int
    received_at: values.UtcTime | None = None
    """When the record came: whether its values were on time. Not said by records of old."""
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


class ValueRetentionSet(Event):
    """A point's values are kept so from now on."""

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO))

    metering_point_id: values.Gsrn
    dso: values.Gln | None
    keep_years: KeepYears
    kept_from: values.LocalDate | None
    """Values of days before this are gone already; None: none are."""
    reason: str


class ValuesExpired(Event):
    """Values of a class are kept no longer, of this month and all before it."""

    home: ClassVar = "keep_years"
    audience: ClassVar[tuple[Audience, ...]] = (everyone(Role.TSO),)

    keep_years: KeepYears
    month: values.LocalDate
    """Its first day."""
    years: int
    """The policy in force."""
    decided_at: values.UtcTime


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
    again_at: values.UtcTime | None = None
    """When the DSO is reminded again of what is missing then; None: not again."""


class OwedEnded(Event):
    """A DSO that was to be reminded of a day's values owes them no longer: its task ends."""

    home: ClassVar = "dso"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO))

    dso: values.Gln
    date: values.LocalDate
    because: Literal["arrived", "not-owed"]


class DelayDeclared(Event):
    """A DSO's values of days from `since` on are late: it is not reminded of them until `expected_by`."""

    home: ClassVar = "dso"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO))

    dso: values.Gln
    since: values.LocalDate
    expected_by: values.UtcTime
    reason: str
    declared_by: values.Gln


class DelayLifted(Event):
    """A delay is over: by command, because every day that was due has come, or because its term is over."""

    home: ClassVar = "dso"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO))

    dso: values.Gln
    since: values.LocalDate
    ended_at: values.UtcTime
    """From then on the DSO is reminded again."""
    because: Literal["lifted", "recovered", "term-over"]
    missing_dates: tuple[values.LocalDate, ...]
    """The days of which values are still missing."""


CompletenessScope = Literal["dso", "grid-area", "group", "bsp"]


class CompletenessChanged(Event):
    """How complete a local day is for a DSO, a grid area, a group or a BSP; replaces what was said of it before.

    A point counts where it was at the day's start, once for each series (a line of a point) that is expected of it.
    Values are counted in steps of each series' own resolution.
    """

    home: ClassVar = "completeness_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), party("bsp"), everyone(Role.TSO))

    completeness_id: str
    """`<scope>/<id>/<date>`, of a grid area `grid-area/<area>/<dso>/<date>`."""
    scope: CompletenessScope
    date: values.LocalDate
    dso: values.Gln | None = None
    """Who owes the values, of a DSO or a grid area."""
    grid_area: values.EicY | None = None
    group_id: values.Uuid | None = None
    bsp: values.Gln | None = None
    """Who holds the points, of a BSP or a group."""
    because: Literal["whole", "deadline", "change"]
    provisional: bool
    """Until the day is closed by a complete set, or at its deadline."""
    delayed: bool
    """Whether a delay of the DSO was declared that covers the day."""
    expected_series: int
    complete_series: int
    expected_values: int
    received_values: int
    on_time_values: int
    """Those that had come by 07:00 the next day."""
    estimated_values: int
    """Those of which what counts now is not metered."""
    changed_series: int
    """Series of which something that had come by 07:00 was said otherwise after it."""
    changed_later_series: int
    """The same after the fifth day."""


class SeriesCounts(Part):
    """Counts of one day, in series and in steps of their resolution; or by how much they change."""

    complete_series: int = 0
    received_values: int = 0
    on_time_values: int = 0
    estimated_values: int = 0
    changed_series: int = 0
    changed_later_series: int = 0


class CountedScope(Part):
    """What one scope has of a block's day, or by how much a scope's day changes."""

    scope: str
    """`dso/<gln>`, `grid-area/<area>/<dso>`, `group/<id>`, `bsp/<gln>`."""
    counts: SeriesCounts


class CountedBlock(Part):
    """What has been counted of a block of points in one line on one day, by scope; it replaces what was."""

    block: str
    """`block|line`."""
    date: values.LocalDate
    scopes: tuple[CountedScope, ...]


class CountedDay(Part):
    """By how much a scope's day changes."""

    scope: str
    date: values.LocalDate
    change: SeriesCounts


class ExpectedSince(Part):
    """From a day on, so many more series are expected of a scope."""

    scope: str
    date: values.LocalDate
    quarterly: int
    hourly: int


class ExpectedBlock(Part):
    """What is expected of a block of points in one line; it replaces what was."""

    block: str
    changes: tuple[ExpectedSince, ...]


class CompletenessCounted(Event):
    """What one input changed in the counts of completeness: the service's own book, told to nobody."""

    home: ClassVar = "cause"
    audience: ClassVar[tuple[Audience, ...]] = ()

    cause: str
    """The input's id."""
    blocks: tuple[CountedBlock, ...] = ()
    days: tuple[CountedDay, ...] = ()
    expected_blocks: tuple[ExpectedBlock, ...] = ()
    expected: tuple[ExpectedSince, ...] = ()
    """By how much what is expected of scopes changes."""


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
