"""What is known of other services, and what value shards have said."""

from __future__ import annotations

from typing import Any, get_args

from chassis.service import SUBJECT, Kind
from contracts import parties, party_keys, policies
from contracts.bsp_switch.v1 import MeterAccessChanged, SupplyRecorded
from contracts.gateway.v1 import PoliciesAdded, RegisterOpened
from contracts.meter_ingest.v1 import ValuesAccepted
from contracts.prequal.v1 import BiddableChanged, DocumentReferred
from contracts.registry.v1 import GridAreaChanged, GridAreaDefined, MeteringPointRecorded, PolicySet, ResourceRegistered
from meter_ingest import block_reader
from meter_ingest.domain import access, areas, blocks, control, erasing, evidence_answer, known, supplied
from meter_ingest.domain import received as arrived

VALUE_SHARD = "meter-ingest/0"


def _group(event: Any) -> str:
    return event.group_id


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

PARTY_KEY = Kind(
    "party-key",
    party_keys.PartyKey,
    party_keys.evolve,
    dict.fromkeys(party_keys.KEYED, lambda event: event.key_id),
    of="registry",
)
"""By thumbprint: who signs at the door."""

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

SUPPLY = Kind(
    "supply",
    supplied.Supplies,
    supplied.evolve,
    {SupplyRecorded: lambda event: blocks.block_of(event.metering_point_id)},
    of="bsp-switch",
)
"""By block: who stands behind each point when."""

BEHIND = Kind(
    "stood-behind",
    erasing.Behind,
    erasing.evolve_behind,
    {SupplyRecorded: lambda event: event.end_user},
    of="bsp-switch",
    remembered=False,
)
"""By end user: the points that it was ever said to stand behind."""

APPROVAL = Kind(
    "approval",
    known.Approval,
    known.evolve_approval,
    dict.fromkeys((*get_args(known.Assessing), BiddableChanged), _group),
    of="prequal",
)
"""By group."""

DOCUMENT = Kind(
    "document",
    evidence_answer.Document,
    evidence_answer.evolve_document,
    {DocumentReferred: lambda event: event.document_id},
    of="prequal",
    remembered=False,
)
"""By document: whose it is, and its hash, of those that the TSO can read."""

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

KINDS = (
    POLICIES,
    CHANGED_POLICIES,
    PARTY,
    PARTY_KEY,
    POINTS,
    GRID_AREA,
    RESOURCE,
    GROUP,
    CONTROL,
    ACCESS,
    SUPPLY,
    BEHIND,
    APPROVAL,
    DOCUMENT,
    MEMBERSHIPS,
    RECEIVED,
    HEARD,
)
