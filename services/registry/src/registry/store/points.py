"""Metering points, and whose group they are in when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Boolean, Column, Index, Table, Text, func
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from chassis.service import SUBJECT, Deadline, Kind
from contracts.registry import v1
from registry.domain import fit, group, metering_point, regulation_object
from registry.store.metadata import METADATA, TIME

METERING_POINT_ROWS = Table(
    "metering_point",
    METADATA,
    Column("metering_point_id", Text, primary_key=True),
    Column("valid_from", TIME, primary_key=True),
    Column("grid_area", Text, nullable=False),
    Column("zone", Text),
    Column("dso", Text),
    Column("substation", Text),
    Column("active", Boolean, nullable=False),
    Index("metering_point_by_dso", "dso", "metering_point_id"),
    Index("metering_point_by_grid_area", "grid_area", "metering_point_id"),
    schema="own",
)
"""What a point is from a moment; without a zone and a DSO it is incomplete."""

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

MEMBER_RELOCATES = "member-relocates"
"""The deadline of a member's point: from then on it lies elsewhere than its group was told."""


RESOURCES_DUE = "resources-due"
"""The deadline of a point: its BSP holds it now, and what it has said before of its resources takes effect."""


def _point(
    event: metering_point.OfResource | metering_point.OfControl | group.OfMember | regulation_object.OfObject,
) -> str:
    return event.metering_point_id


def _metering_point_rows(
    key: str, state: metering_point.MeteringPoint
) -> Iterator[tuple[str, datetime, str, str | None, str | None, str | None, bool]]:
    for fact in state.facts:
        yield key, fact.valid_from, fact.grid_area, fact.zone, fact.dso, fact.substation, fact.active


def _membership_rows(
    key: str, state: metering_point.MeteringPoint
) -> Iterator[tuple[str, str, datetime, datetime | None]]:
    current = (state.membership,) if state.membership else ()
    for membership in (*state.past, *current):
        if membership.valid_from == membership.valid_to:
            # By a late fact it never was one: it keeps nobody from joining at the same moment.
            continue
        yield key, membership.group_id, membership.valid_from, membership.valid_to


def _deadlines(state: metering_point.MeteringPoint) -> Iterator[Deadline]:
    if (at := fit.next_relocation(state)) is not None:
        yield Deadline(at, MEMBER_RELOCATES)
    for moment in sorted({each.valid_from for each in state.coming}):
        yield Deadline(moment, RESOURCES_DUE)


METERING_POINT = Kind(
    "metering-point",
    metering_point.MeteringPoint,
    metering_point.evolve,
    {
        v1.MeteringPointRecorded: SUBJECT,
        v1.LocationRecorded: SUBJECT,
        v1.ResourceRegistered: _point,
        v1.ResourceUpdated: _point,
        v1.ResourceActivated: _point,
        v1.ResourcePaused: _point,
        v1.ResourceTerminated: _point,
        v1.MemberJoined: _point,
        v1.MemberRelocated: _point,
        v1.MembershipEndAnnounced: _point,
        v1.MembershipEndCancelled: _point,
        v1.MemberMustLeave: _point,
        v1.MemberMayStay: _point,
        v1.MembershipEnded: _point,
        v1.RegulationObjectFormed: _point,
        v1.RegulationObjectRelocated: _point,
        v1.RegulationObjectEnded: _point,
        v1.JoinAnnounced: _point,
        v1.JoinLapsed: _point,
        v1.ResourceSleepChanged: _point,
        v1.ResourceCommandAnnounced: SUBJECT,
        v1.ResourceCommandTookEffect: SUBJECT,
        v1.ResourceCommandLapsed: SUBJECT,
    },
    rows={METERING_POINT_ROWS: _metering_point_rows, MEMBERSHIP_ROWS: _membership_rows},
    valid=metering_point.valid,
    finds={
        f"fact.{name}": (METERING_POINT_ROWS.c.metering_point_id, METERING_POINT_ROWS.c[name])
        for name in ("dso", "grid_area", "active")
    },
    since=lambda state: min((fact.valid_from for fact in state.facts), default=None),
    deadlines=_deadlines,
)

KINDS = (METERING_POINT,)
