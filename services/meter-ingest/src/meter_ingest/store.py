"""The documents of the case shard.

The value shard reads `BLOCK`, `POINTS`, `VALIDATION` and `PARTY`, and writes `value_store` and `aside`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar, get_args

from chassis.service import SUBJECT, Deadline, Kind
from contracts import parties, policies
from contracts.gateway.v1 import PoliciesAdded, RegisterOpened
from contracts.meter_ingest.v1 import (
    ActivationOrdered,
    ActivationVerified,
    ChannelClosed,
    ChannelOpened,
    CompletenessPublished,
    ValidationRuleSet,
    ValuesAccepted,
    ValuesReminded,
)
from contracts.prequal.v1 import BiddableChanged
from contracts.registry.v1 import (
    MeteringPointRecorded,
    PolicySet,
)
from meter_ingest.domain import activation, blocks, channel, completeness, control, known, lines, validation

VALUE_SHARD = "meter-ingest/0"
COMPLETENESS_DUE = "completeness"
VERIFICATION_DUE = "verification"

State = TypeVar("State")


def _block(event: ChannelOpened | ChannelClosed) -> str:
    return blocks.key(blocks.block_of(event.metering_point_id), lines.line(event.direction, event.product))


def _group(event: Any) -> str:
    return event.group_id


def _dso(event: ChannelOpened | ChannelClosed) -> str:
    return event.dso


def _completeness_deadlines(state: completeness.Completeness) -> Iterable[Deadline]:
    due = completeness.due_at(state)
    return () if due is None else (Deadline(due, COMPLETENESS_DUE),)


def _verification_deadlines(state: activation.Activation) -> Iterable[Deadline]:
    due = activation.due_at(state)
    return () if due is None else (Deadline(due, VERIFICATION_DUE),)


CHANNEL = Kind(
    "channel",
    channel.Channel,
    channel.evolve,
    {ChannelOpened: SUBJECT, ChannelClosed: SUBJECT},
)
"""By metering point."""

BLOCK = Kind(
    "block",
    channel.Block,
    channel.evolve_block,
    {ChannelOpened: _block, ChannelClosed: _block},
)
"""The channels of a hundred points, by `block|line`."""

COMPLETENESS = Kind(
    "completeness",
    completeness.Completeness,
    completeness.evolve,
    {CompletenessPublished: SUBJECT, ValuesReminded: SUBJECT, ChannelOpened: _dso, ChannelClosed: _dso},
    deadlines=_completeness_deadlines,
)
"""By DSO."""

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
)
"""By block."""

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

APPROVAL = Kind(
    "approval",
    known.Approval,
    known.evolve_approval,
    dict.fromkeys((*get_args(known.Assessing), BiddableChanged), _group),
    of="prequal",
)
"""By group."""


RECEIVED = Kind("received", known.Received, known.evolve_received, {ValuesAccepted: known.received}, of=VALUE_SHARD)
"""What has come, by `date|block|line`."""

HEARD = Kind("heard", known.Heard, known.evolve_heard, {ValuesAccepted: lambda _: "values"}, of=VALUE_SHARD)
"""How far the value shards have been heard: one document, `values`."""

OWN = (CHANNEL, BLOCK, COMPLETENESS, ACTIVATION, WATCHED, VALIDATION)
KNOWN = (POLICIES, CHANGED_POLICIES, PARTY, POINTS, GROUP, CONTROL, APPROVAL, RECEIVED, HEARD)
KINDS = (*OWN, *KNOWN)
