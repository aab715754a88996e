"""The documents of the case shard.

The value shard reads `BLOCK`, `POINTS`, `RETENTION`, `VALIDATION`, `OWN_METERS`, `CONTROL` and `PARTY`, and writes
`value_store` and `aside`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar, get_args

from sqlalchemy import BigInteger, Column, Date, MetaData, SmallInteger, Table

from chassis.service import SUBJECT, Deadline, Kind
from contracts import parties, policies
from contracts.bsp_switch.v1 import MeterAccessChanged
from contracts.gateway.v1 import PoliciesAdded, RegisterOpened
from contracts.meter_ingest.v1 import (
    ActivationOrdered,
    ActivationVerified,
    AnnualVolumeEstimated,
    ChannelClosed,
    ChannelOpened,
    CompletenessChanged,
    CompletenessCounted,
    CountingChannelChanged,
    EnergyCounted,
    GridAreaBalanced,
    NetLossChecked,
    OwnMeterClosed,
    OwnMeterOpened,
    PeriodVolumeRecorded,
    PeriodVolumeWithdrawn,
    ProfilePublished,
    ValidationRuleSet,
    ValueRetentionSet,
    ValuesAccepted,
    ValuesExpired,
)
from contracts.prequal.v1 import BiddableChanged
from contracts.registry.v1 import (
    GridAreaChanged,
    GridAreaDefined,
    MeteringPointRecorded,
    PolicySet,
    ResourceRegistered,
)
from meter_ingest import block_reader
from meter_ingest.domain import (
    access,
    activation,
    areas,
    blocks,
    channel,
    completeness,
    control,
    counting,
    delivery,
    known,
    lines,
    net_loss,
    owed,
    own_meters,
    profiles,
    retention,
    validation,
    virtual,
    volumes,
    yearly,
)
from meter_ingest.domain import received as arrived

VALUE_SHARD = "meter-ingest/0"
COMPLETENESS_DUE = "completeness"
VERIFICATION_DUE = "verification"
DAY_DUE = "day"
REMINDER_DUE = "reminder"
DELAY_DUE = "delay"
ANNUAL_DUE = "annual-volume"
EXPIRY_DUE = "expiry"
SUM_DUE = "sum"
SUM_AGAIN_DUE = "sum-again"
EXPIRIES = tuple(retention.NAMED)
"""The ids of the documents `EXPIRY`."""

METADATA = MetaData()
RETENTION_ROWS = Table(
    "value_retention",
    METADATA,
    Column("metering_point_id", BigInteger, primary_key=True),
    Column("keep_years", SmallInteger, nullable=False),
    Column("kept_from", Date),
    schema="own",
)
"""The points that were ever said to be of a class: `keeping` moves what lies elsewhere."""

State = TypeVar("State")


def _block(event: ChannelOpened | ChannelClosed) -> str:
    return blocks.key(blocks.block_of(event.metering_point_id), lines.line(event.direction, event.product))


def _group(event: Any) -> str:
    return event.group_id


def _subject(event: Any) -> str:
    return event.subject


def _point(event: OwnMeterOpened) -> str:
    return event.metering_point_id


def _dso(event: ChannelOpened | ChannelClosed) -> str:
    return event.dso


def _completeness_deadlines(state: completeness.Completeness) -> Iterable[Deadline]:
    due = completeness.due_at(state)
    return () if due is None else (Deadline(due, COMPLETENESS_DUE),)


def _owed_deadlines(state: owed.Owed) -> Iterable[Deadline]:
    due = owed.due_at(state)
    return () if due is None else (Deadline(due, DAY_DUE),)


def _delivery_deadlines(state: delivery.Delivery) -> Iterable[Deadline]:
    if state.delay is not None:
        yield Deadline(state.delay.expected_by, DELAY_DUE)
    due = delivery.reminder_at(state)
    if due is not None:
        yield Deadline(due, REMINDER_DUE)


def _verification_deadlines(state: activation.Activation) -> Iterable[Deadline]:
    due = activation.due_at(state)
    return () if due is None else (Deadline(due, VERIFICATION_DUE),)


def _virtual_deadlines(state: virtual.Virtual) -> Iterable[Deadline]:
    for final, name in ((False, SUM_DUE), (True, SUM_AGAIN_DUE)):
        local = virtual.next_look(state, final=final)
        if local is not None:
            yield Deadline(virtual.look_at(local, final=final), name)


def _annual(event: ChannelOpened | ChannelClosed) -> tuple[str, ...]:
    settled = counting.is_settled(lines.line(event.direction, event.product))
    return (blocks.key(blocks.block_of(event.metering_point_id), event.dso),) if settled else ()


def _annual_deadlines(state: yearly.Yearly) -> Iterable[Deadline]:
    due = yearly.due_at(state)
    return () if due is None else (Deadline(due, ANNUAL_DUE),)


def _retention_rows(block: str, state: retention.Retention) -> Iterable[tuple[Any, ...]]:
    return ((int(block + place), kept.keep_years, kept.kept_from) for place, kept in state.places.items())


CHANNEL = Kind(
    "channel",
    channel.Channel,
    channel.evolve,
    {ChannelOpened: SUBJECT, ChannelClosed: SUBJECT, CountingChannelChanged: SUBJECT, ValueRetentionSet: SUBJECT},
)
"""By metering point."""

BLOCK = Kind(
    "block",
    channel.Block,
    channel.evolve_block,
    {ChannelOpened: _block, ChannelClosed: _block},
    read=block_reader.of(channel.Block, channel.Periods),
)
"""The channels of a hundred points, by `block|line`."""

OWN_METERS = Kind(
    "own-meters", own_meters.OwnMeters, own_meters.evolve, {OwnMeterOpened: SUBJECT, OwnMeterClosed: SUBJECT}
)
"""By resource."""
NUMBERED = Kind("own-meters-numbered", own_meters.Numbered, own_meters.evolve_numbered, {OwnMeterOpened: _point})
"""By metering point: the last number that an own meter got."""

COMPLETENESS = Kind(
    "completeness",
    completeness.Completeness,
    completeness.evolve,
    {**dict.fromkeys(get_args(delivery.OfDelivery), SUBJECT), ChannelOpened: _dso, ChannelClosed: _dso},
    deadlines=_completeness_deadlines,
)
"""By DSO."""

DELIVERY = Kind(
    "delivery",
    delivery.Delivery,
    delivery.evolve,
    dict.fromkeys(get_args(delivery.OfDelivery), _subject),
    deadlines=_delivery_deadlines,
)
"""By DSO: the days that it still owes something of, when it is reminded again, and whether a delay was declared."""

LINES = Kind(
    "lines",
    owed.Lines,
    owed.evolve_lines,
    {ChannelOpened: lambda event: blocks.block_of(event.metering_point_id)},
    remembered=False,
)
"""By block: the lines in which it has channels."""

COUNTED = Kind(
    "counted", owed.Counted, owed.evolve_counted, {CompletenessCounted: owed.counted_blocks}, remembered=False
)
"""By `date|block|line`: what it has been counted with."""

EXPECTED = Kind(
    "expected", owed.ExpectedOf, owed.evolve_expected_of, {CompletenessCounted: owed.expected_blocks}, remembered=False
)
"""By `block|line`: what it is expected to bring."""

OWED = Kind(
    "owed",
    owed.Owed,
    owed.evolve_owed,
    {CompletenessCounted: owed.owed_parts, CompletenessChanged: owed.passed},
    deadlines=_owed_deadlines,
    remembered=False,
)
"""By scope (`dso/<gln>`, `grid-area/<area>/<dso>`, `group/<id>`, `bsp/<gln>`): how many series are expected, by day."""

SCOPE_DAY = Kind(
    "scope-day",
    owed.ScopeDay,
    owed.evolve_scope_day,
    {CompletenessCounted: owed.scope_days, CompletenessChanged: SUBJECT},
    remembered=False,
)
"""By `scope/date`: what has come, and what was said of it last."""

DEADLINE = Kind("deadline", owed.Deadline, owed.evolve_deadline, {CompletenessChanged: owed.of_dso})
"""By date: how every DSO stands with it."""

ACTIVATION = Kind(
    "activation",
    activation.Activation,
    activation.evolve,
    {ActivationOrdered: SUBJECT, ActivationVerified: SUBJECT},
    deadlines=_verification_deadlines,
)
"""By activation."""

WATCHED = Kind("watched", activation.Watched, activation.evolve_watched, {ActivationOrdered: activation.watched})
"""Which activations values may touch, by `date|block`."""

PROFILE_VERSIONS = Kind("profile-versions", profiles.Numbered, profiles.evolve_numbered, {ProfilePublished: SUBJECT})
"""By `kind|grid area`."""

PROFILE = Kind("profile", profiles.OfDay, profiles.evolve_day, {ProfilePublished: profiles.by_day}, remembered=False)
"""By `kind|grid area|date`: all that is needed to spread an hour of that day."""

VOLUMES = Kind(
    "period-volumes",
    volumes.Volumes,
    volumes.evolve,
    {PeriodVolumeRecorded: SUBJECT, PeriodVolumeWithdrawn: SUBJECT},
)
"""By `metering point|direction`: the volumes of whole periods."""

ANNUAL = Kind(
    "annual",
    yearly.Yearly,
    yearly.evolve,
    {AnnualVolumeEstimated: SUBJECT, ChannelOpened: _annual, ChannelClosed: _annual},
    deadlines=_annual_deadlines,
)
"""By `block|DSO`: the estimated annual volumes of its points."""
RETENTION = Kind(
    "retention",
    retention.Retention,
    retention.evolve,
    {ValueRetentionSet: lambda event: blocks.block_of(event.metering_point_id)},
    rows={RETENTION_ROWS: _retention_rows},
)
"""By block: how long values are kept, where it was ever said."""

EXPIRY = Kind(
    "expiry",
    retention.Expiry,
    retention.evolve_expiry,
    {ChannelOpened: retention.opened, OwnMeterOpened: retention.opened, ValuesExpired: SUBJECT},
    deadlines=lambda state: (Deadline(retention.due_at(state), EXPIRY_DUE),),
    shared=True,
    remembered=False,
)
"""By class (`3`, `10`): which months are kept no longer."""

VIRTUAL = Kind(
    "virtual",
    virtual.Virtual,
    virtual.evolve,
    dict.fromkeys(get_args(virtual.OfVirtual), SUBJECT),
    deadlines=_virtual_deadlines,
)
"""By its id: how a virtual channel is computed, and all that was ever said of that."""

FOLLOWED = Kind(
    "followed",
    net_loss.Followed,
    net_loss.evolve_followed,
    {GridAreaBalanced: lambda _: net_loss.ID},
    shared=True,
    remembered=False,
)
"""Which grid areas' net losses are followed: one document, `areas`."""

BALANCE = Kind("balance", net_loss.Followed, net_loss.evolve_followed, {GridAreaBalanced: SUBJECT})
"""By grid area: the same of one."""

EXCHANGE = Kind(
    "exchange",
    net_loss.Exchange,
    net_loss.evolve_exchange,
    {GridAreaBalanced: net_loss.exchange_blocks},
    remembered=False,
)
"""By block: of which other areas its points measure the exchange."""

ENERGY = Kind(
    "energy", net_loss.Energy, net_loss.evolve_energy, {EnergyCounted: net_loss.energy_blocks}, remembered=False
)
"""By `date|block|line`: what it has been counted with, where a grid area is followed."""

AREA_DAY = Kind(
    "net-loss",
    net_loss.AreaDay,
    net_loss.evolve_area_day,
    {EnergyCounted: net_loss.area_days, NetLossChecked: SUBJECT},
    remembered=False,
)
"""By `grid area/date`: what came in and was taken out, and what was said of it last."""

VALIDATION = Kind(
    "validation",
    validation.Validation,
    validation.evolve,
    {ValidationRuleSet: lambda _: validation.ID},
)
"""What was set of validation rules: one document, `rules`."""

POLICIES = Kind(
    "policies",
    policies.Said,
    policies.evolve,
    {RegisterOpened: lambda _: policies.ID, PoliciesAdded: lambda _: policies.ID},
    of="gateway",
)

CHANGED_POLICIES = Kind(
    "changed-policies", policies.Said, policies.evolve, {PolicySet: lambda _: policies.ID}, of="registry"
)

PARTY = Kind("party", parties.Party, parties.evolve, dict.fromkeys(parties.STANDING, SUBJECT), of="registry")

POINTS = Kind(
    "points",
    known.Points,
    known.evolve_points,
    {MeteringPointRecorded: lambda event: blocks.block_of(event.metering_point_id)},
    of="registry",
    read=block_reader.of(known.Points, tuple[known.PointVersion, ...]),
)
"""By block."""

GRID_AREA = Kind(
    "grid-area",
    areas.GridArea,
    areas.evolve,
    dict.fromkeys((GridAreaDefined, GridAreaChanged), SUBJECT),
    of="registry",
)

RESOURCE = Kind(
    "resource",
    known.Resource,
    known.evolve_resource,
    {ResourceRegistered: lambda event: event.resource_id},
    of="registry",
)

GROUP = Kind(
    "group",
    known.Group,
    known.evolve_group,
    dict.fromkeys(get_args(known.OfGroup), _group),
    of="registry",
)

CONTROL = Kind(
    "control",
    control.Control,
    control.evolve,
    dict.fromkeys(get_args(control.OfControl), lambda event: blocks.block_of(event.metering_point_id)),
    of="bsp-switch",
)
"""By block: who holds each point when."""

ACCESS = Kind(
    "access",
    access.Access,
    access.evolve,
    {MeterAccessChanged: lambda event: blocks.block_of(event.metering_point_id)},
    of="bsp-switch",
)
"""By block: what BSPs may read from before their control. Who may read what, `access.readable` says from both."""

APPROVAL = Kind(
    "approval",
    known.Approval,
    known.evolve_approval,
    dict.fromkeys((*get_args(known.Assessing), BiddableChanged), _group),
    of="prequal",
)
"""By group."""


MEMBERSHIPS = Kind(
    "memberships",
    known.Memberships,
    known.evolve_memberships,
    dict.fromkeys(get_args(known.OfMember), lambda event: blocks.block_of(event.metering_point_id)),
    of="registry",
    remembered=False,
)
"""By block: which groups its points are in when."""

RECEIVED = Kind(
    "received",
    known.Received,
    known.evolve_received,
    {ValuesAccepted: known.received},
    of=VALUE_SHARD,
    valid=arrived.valid,
)
"""What has come, by `date|block|line`."""

HEARD = Kind("heard", known.Heard, known.evolve_heard, {ValuesAccepted: lambda _: "values"}, of=VALUE_SHARD)
"""How far the value shards have been heard: one document, `values`."""

OWN = (
    CHANNEL,
    BLOCK,
    OWN_METERS,
    NUMBERED,
    COMPLETENESS,
    DELIVERY,
    LINES,
    COUNTED,
    EXPECTED,
    OWED,
    SCOPE_DAY,
    DEADLINE,
    ACTIVATION,
    WATCHED,
    PROFILE_VERSIONS,
    PROFILE,
    VOLUMES,
    ANNUAL,
    RETENTION,
    EXPIRY,
    VALIDATION,
    VIRTUAL,
    FOLLOWED,
    BALANCE,
    EXCHANGE,
    ENERGY,
    AREA_DAY,
)
KNOWN = (
    POLICIES,
    CHANGED_POLICIES,
    PARTY,
    POINTS,
    GRID_AREA,
    RESOURCE,
    GROUP,
    MEMBERSHIPS,
    CONTROL,
    ACCESS,
    APPROVAL,
    RECEIVED,
    HEARD,
)
KINDS = (*OWN, *KNOWN)
