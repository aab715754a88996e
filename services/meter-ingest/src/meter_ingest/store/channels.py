"""Channels, own meters, and what is looked for in their values."""

from __future__ import annotations

from chassis.service import SUBJECT, Kind
from contracts.meter_ingest.v1 import (
    ChannelClosed,
    ChannelOpened,
    CountingChannelChanged,
    OwnMeterClosed,
    OwnMeterOpened,
    ValidationRuleSet,
    ValueRetentionSet,
    ValuesErased,
)
from meter_ingest import block_reader
from meter_ingest.domain import blocks, channel, lines, own_meters, validation


def _block(event: ChannelOpened | ChannelClosed) -> str:
    return blocks.key(blocks.block_of(event.metering_point_id), lines.line(event.direction, event.product))


def _point(event: OwnMeterOpened) -> str:
    return event.metering_point_id


CHANNEL = Kind(
    "channel",
    channel.Channel,
    channel.evolve,
    dict.fromkeys((ChannelOpened, ChannelClosed, CountingChannelChanged, ValueRetentionSet, ValuesErased), SUBJECT),
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

VALIDATION = Kind(
    "validation",
    validation.Validation,
    validation.evolve,
    {ValidationRuleSet: lambda _: validation.ID},
)
"""What was set of validation rules: one document, `rules`."""

KINDS = (CHANNEL, BLOCK, OWN_METERS, NUMBERED, VALIDATION)
