"""Flexibility groups."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Column, Index, Table, Text

from chassis.service import SUBJECT, Deadline, Kind
from contracts.registry import v1
from registry.domain import group, group_course
from registry.store.metadata import METADATA

GROUP_ROWS = Table(
    "flexibility_group",
    METADATA,
    Column("group_id", Text, primary_key=True),
    Column("bsp", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Index("flexibility_group_by_bsp", "bsp"),
    schema="own",
)

MEMBERSHIPS_END = "memberships-end"
"""The deadline of a group: members whose last moment has come."""


def _bsp(event: v1.GroupFormed) -> str:
    return event.bsp


def _group_rows(key: str, state: group.Group) -> Iterator[tuple[str, str, str]]:
    yield key, state.bsp, state.zone


def _group_deadlines(state: group.Group) -> Iterator[Deadline]:
    for end in state.ends:
        yield Deadline(end, MEMBERSHIPS_END)


GROUP = Kind(
    "group",
    group.Group,
    group.evolve,
    {
        v1.GroupFormed: SUBJECT,
        v1.MemberJoined: SUBJECT,
        v1.MemberPowerChanged: SUBJECT,
        v1.MemberRelocated: SUBJECT,
        v1.MembershipEndAnnounced: SUBJECT,
        v1.MembershipEndCancelled: SUBJECT,
        v1.MemberMustLeave: SUBJECT,
        v1.MemberMayStay: SUBJECT,
        v1.MembershipEnded: SUBJECT,
    },
    rows={GROUP_ROWS: _group_rows},
    deadlines=_group_deadlines,
    valid=group_course.valid,
    course=group_course.evolve,
)

GROUPS_OF_BSP = Kind("groups-of-bsp", group.GroupsOfBsp, group.evolve_of_bsp, {v1.GroupFormed: _bsp})
"""By BSP: its groups, for the proposal of another one."""

KINDS = (GROUP, GROUPS_OF_BSP)
