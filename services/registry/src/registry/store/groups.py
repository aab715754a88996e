"""Flexibility groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from sqlalchemy import Column, Index, Table, Text

from chassis.service import SUBJECT, Deadline, Kind
from contracts.registry import v1
from registry.domain import evasion, group, group_course
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


JOINS_DUE = "joins-due"
"""The deadline of a group: points that are to join, now that its BSP holds them."""

GROUP_PASSES = "group-passes"
"""The deadline of a group: its BSP is taken over at this midnight."""


def _group_rows(key: str, state: group.Group) -> Iterator[tuple[str, str, str]]:
    yield key, state.bsp, state.zone


def _group_deadlines(state: group.Group) -> Iterator[Deadline]:
    for end in state.ends:
        yield Deadline(end, MEMBERSHIPS_END)
    for moment in sorted({joining.valid_from for joining in state.joining.values()}):
        yield Deadline(moment, JOINS_DUE)
    if state.succession is not None:
        yield Deadline(state.succession.start, GROUP_PASSES)


GROUP = Kind(
    "group",
    group.Group,
    group.evolve,
    dict.fromkeys((v1.GroupFormed, *get_args(group.OfGroup), *get_args(group.OfMember)), SUBJECT),
    rows={GROUP_ROWS: _group_rows},
    deadlines=_group_deadlines,
    since="recorded",
    valid=group_course.valid,
    course=group_course.evolve,
)

GROUPS_OF_BSP = Kind(
    "groups-of-bsp",
    group.GroupsOfBsp,
    group.evolve_of_bsp,
    dict.fromkeys((v1.GroupFormed, v1.GroupEnded, v1.GroupPassed), group.of_bsp),
)
"""By BSP: its groups that have not ended, for the proposal of another one."""

POSSIBLE_EVASION = Kind(
    "possible-evasion",
    evasion.PossibleEvasion,
    evasion.evolve,
    {v1.PossibleEvasionFlagged: SUBJECT, v1.PossibleEvasionCleared: SUBJECT},
)
"""By end user: what the TSO was told to look at."""

KINDS = (GROUP, GROUPS_OF_BSP, POSSIBLE_EVASION)
