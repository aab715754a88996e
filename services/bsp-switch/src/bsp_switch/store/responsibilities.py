"""Who is balance responsible for a supplier's points in a grid area, and which points follow that."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any, get_args

from sqlalchemy import Column, Index, Table, Text, column, func
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from bsp_switch.domain import point_tree, responsibility
from bsp_switch.store.metadata import METADATA, TIME
from chassis.service import SUBJECT, Deadline, Kind
from contracts.bsp_switch import v1

POINTS_OF_RESPONSIBILITY = "points-of-responsibility"
"""The deadline of a round: the next points learn who is responsible for them."""

RESPONSIBILITY_ROWS = Table(
    "responsibility",
    METADATA,
    Column("supplier", Text, primary_key=True),
    Column("grid_area", Text, primary_key=True),
    Column("direction", Text, primary_key=True),
    Column("valid_from", TIME, primary_key=True),
    Column("valid_to", TIME),
    Column("brp", Text, nullable=False),
    Index("responsibility_by_brp", "brp"),
    # Needs the extension btree_gist.
    ExcludeConstraint(
        (column("supplier"), "="),
        (column("grid_area"), "="),
        (column("direction"), "="),
        (func.tstzrange(column("valid_from"), column("valid_to")), "&&"),
        name="responsibility_one_at_a_time",
        using="gist",
    ),
    schema="own",
)
"""Which BRP is responsible for a supplier in a grid area from when to when; one at a time in each direction."""


def _rows(id: str, state: responsibility.Responsibility) -> Iterable[tuple[Any, ...]]:  # noqa: A002 - the field's word
    supplier, _, grid_area = id.partition("|")
    return (
        (supplier, grid_area, direction, one.valid_from, following.valid_from if following else None, one.brp)
        for direction in get_args(v1.BalanceDirection)
        for one, following in pairwise((*state.of(direction), None))
        if one
    )


def _round_deadlines(state: point_tree.Round) -> Iterable[Deadline]:
    if state.next_at is not None:
        yield Deadline(state.next_at, POINTS_OF_RESPONSIBILITY)


RESPONSIBILITY = Kind(
    name="responsibility",
    state=responsibility.Responsibility,
    evolve=responsibility.evolve,
    folds=dict.fromkeys(get_args(responsibility.About), SUBJECT),
    rows={RESPONSIBILITY_ROWS: _rows},
)
"""By `supplier|grid area`."""

RESPONSIBILITY_ROUND = Kind(
    name="responsibility-round",
    state=point_tree.Round,
    evolve=point_tree.evolve_round,
    folds={v1.PointsOfResponsibilityUpdated: lambda event: event.responsibility_id},
    deadlines=_round_deadlines,
)
"""Apart from the responsibility itself, so that facts about points do not wait for a round."""

DERIVED_POINTS = Kind(
    name="derived-points",
    state=point_tree.Branch,
    evolve=point_tree.evolve,
    folds={v1.SupplyRecorded: responsibility.branches},
    remembered=False,
)
"""By `supplier|grid area`, and that with a beginning: how the ids of the points that follow it go on."""

KINDS = (RESPONSIBILITY, RESPONSIBILITY_ROUND, DERIVED_POINTS)
