"""The documents of `registry`, and the tables whose rows follow from them: what must be unique, what is looked up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import BigInteger, Column, DateTime, Index, MetaData, Table, Text, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from chassis.service import SUBJECT, Deadline, Kind
from contracts import policies
from contracts.bsp_switch import v1 as bsp_switch
from contracts.gateway import v1 as gateway
from contracts.registry import v1
from registry.domain import grid_area, group, known, metering_point, party, resource

METADATA = MetaData()
TIME = DateTime(timezone=True)

METERING_POINT_ROWS = Table(
    "metering_point",
    METADATA,
    Column("metering_point_id", Text, primary_key=True),
    Column("valid_from", TIME, primary_key=True),
    Column("grid_area", Text, nullable=False),
    Column("zone", Text),
    Column("dso", Text),
    Column("substation", Text),
    Index("metering_point_by_dso", "dso"),
    schema="own",
)
"""What a point is from a moment; without a zone and a DSO it is incomplete."""

RESOURCE_ROWS = Table(
    "resource",
    METADATA,
    Column("resource_id", Text, primary_key=True),
    Column("metering_point_id", Text, nullable=False),
    Column("up_w", BigInteger, nullable=False),
    Column("down_w", BigInteger, nullable=False),
    Index("resource_by_metering_point", "metering_point_id"),
    schema="own",
)

DEVICE_ROWS = Table(
    "device",
    METADATA,
    Column("resource_id", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("make", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("serial", Text, nullable=False),
    UniqueConstraint("key", name="device_once"),
    schema="own",
)
"""`key` is make, model and serial as a device is recognised by: without case and outer space."""

GROUP_ROWS = Table(
    "flexibility_group",
    METADATA,
    Column("group_id", Text, primary_key=True),
    Column("bsp", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Index("flexibility_group_by_bsp", "bsp"),
    schema="own",
)

MEMBERSHIP_ROWS = Table(
    "membership",
    METADATA,
    Column("metering_point_id", Text, primary_key=True),
    Column("group_id", Text, primary_key=True),
    Column("valid_from", TIME, primary_key=True),
    Column("valid_to", TIME),
    Index("membership_by_group", "group_id"),
    schema="own",
)
"""Who is or was in which group when; one group at a time per metering point (D10)."""
MEMBERSHIP_ROWS.append_constraint(
    ExcludeConstraint(
        (MEMBERSHIP_ROWS.c.metering_point_id, "="),
        (func.tstzrange(MEMBERSHIP_ROWS.c.valid_from, MEMBERSHIP_ROWS.c.valid_to), "&&"),
        using="gist",
        name="membership_in_one_group_at_a_time",
    )
)

MEMBERSHIPS_END = "memberships-end"
"""The deadline of a group: members whose last moment has come."""


def _point(event: v1.ResourceRegistered | group.OfMember) -> str:
    return event.metering_point_id


def _area_if_incomplete(event: v1.MeteringPointRecorded) -> tuple[str, ...]:
    return () if event.zone is not None else (event.grid_area,)


def _bsp(event: v1.GroupFormed) -> str:
    return event.bsp


def _policies(_event: gateway.RegisterOpened | gateway.PoliciesAdded) -> str:
    return POLICIES_ID


def _metering_point_rows(
    key: str, state: metering_point.MeteringPoint
) -> Iterator[tuple[str, datetime, str, str | None, str | None, str | None]]:
    for fact in state.facts:
        yield key, fact.valid_from, fact.grid_area, fact.zone, fact.dso, fact.substation


def _membership_rows(
    key: str, state: metering_point.MeteringPoint
) -> Iterator[tuple[str, str, datetime, datetime | None]]:
    current = (state.membership,) if state.membership else ()
    for membership in (*state.past, *current):
        yield key, membership.group_id, membership.valid_from, membership.valid_to


def _resource_rows(key: str, state: resource.Resource) -> Iterator[tuple[str, str, int, int]]:
    yield key, state.metering_point_id, state.up_w, state.down_w


def _device_rows(key: str, state: resource.Resource) -> Iterator[tuple[str, str, str, str, str]]:
    for device in state.devices:
        yield key, resource.device_key(device), device.make, device.model, device.serial


def _group_rows(key: str, state: group.Group) -> Iterator[tuple[str, str, str]]:
    yield key, state.bsp, state.zone


def _group_deadlines(state: group.Group) -> Iterator[Deadline]:
    for end in state.ends:
        yield Deadline(end, MEMBERSHIPS_END)


# Own

PARTY = Kind("party", party.Party, party.evolve, {v1.PartyOnboarded: SUBJECT})

GRID_AREA = Kind("grid-area", grid_area.GridArea, grid_area.evolve, {v1.GridAreaDefined: SUBJECT})

AWAITED_GRID_AREA = Kind(
    "awaited-grid-area",
    grid_area.Awaited,
    grid_area.evolve_awaited,
    {v1.MeteringPointRecorded: _area_if_incomplete, v1.GridAreaDefined: lambda event: event.grid_area},
)
"""By grid area: the points that wait for it to be defined."""

METERING_POINT = Kind(
    "metering-point",
    metering_point.MeteringPoint,
    metering_point.evolve,
    {
        v1.MeteringPointRecorded: SUBJECT,
        v1.ResourceRegistered: _point,
        v1.MemberJoined: _point,
        v1.MembershipEndAnnounced: _point,
        v1.MemberMustLeave: _point,
        v1.MemberMayStay: _point,
        v1.MembershipEnded: _point,
    },
    rows={METERING_POINT_ROWS: _metering_point_rows, MEMBERSHIP_ROWS: _membership_rows},
)

RESOURCE = Kind(
    "resource",
    resource.Resource,
    resource.evolve,
    {v1.ResourceRegistered: SUBJECT},
    rows={RESOURCE_ROWS: _resource_rows, DEVICE_ROWS: _device_rows},
)

DEVICE = Kind(
    "device", resource.RegisteredDevice, resource.evolve_device, {v1.ResourceRegistered: resource.device_keys}
)
"""By `make|model|serial`, in lower case: the resource that a device is in."""

GROUP = Kind(
    "group",
    group.Group,
    group.evolve,
    {
        v1.GroupFormed: SUBJECT,
        v1.MemberJoined: SUBJECT,
        v1.MemberPowerChanged: SUBJECT,
        v1.MembershipEndAnnounced: SUBJECT,
        v1.MemberMustLeave: SUBJECT,
        v1.MemberMayStay: SUBJECT,
        v1.MembershipEnded: SUBJECT,
    },
    rows={GROUP_ROWS: _group_rows},
    deadlines=_group_deadlines,
)

GROUPS_OF_BSP = Kind("groups-of-bsp", group.GroupsOfBsp, group.evolve_of_bsp, {v1.GroupFormed: _bsp})
"""By BSP: its groups, for the proposal of another one."""

# Known

HOLDER = Kind(
    "holder",
    known.Holder,
    known.evolve_holder,
    {bsp_switch.ControlClaimed: SUBJECT, bsp_switch.SwitchAnnounced: SUBJECT},
    of="bsp-switch",
)
"""By metering point: which BSP holds it, in time."""

SUPPLY = Kind("supply", known.Supply, known.evolve_supply, {bsp_switch.SupplyRecorded: SUBJECT}, of="bsp-switch")
"""By metering point: its BRPs, in time."""

POLICIES_ID = "policies"
POLICIES = Kind(
    "policies",
    policies.Policies,
    policies.evolve,
    {gateway.RegisterOpened: _policies, gateway.PoliciesAdded: _policies},
    of="gateway",
)

KINDS = (
    PARTY,
    GRID_AREA,
    AWAITED_GRID_AREA,
    METERING_POINT,
    RESOURCE,
    DEVICE,
    GROUP,
    GROUPS_OF_BSP,
    HOLDER,
    SUPPLY,
    POLICIES,
)
