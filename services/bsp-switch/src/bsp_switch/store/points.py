"""Metering points: who holds them, and who stands behind them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any, get_args

from sqlalchemy import Column, Index, Table, Text, column, func
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from bsp_switch.domain import control, history, point
from bsp_switch.store.metadata import METADATA, TIME
from chassis.service import SUBJECT, Kind


def _no_overlap(name: str) -> ExcludeConstraint:
    # Needs the extension btree_gist.
    return ExcludeConstraint(
        (column("metering_point_id"), "="),
        (func.tstzrange(column("valid_from"), column("valid_to")), "&&"),
        name=name,
        using="gist",
    )


HOLDING_ROWS = Table(
    "holding",
    METADATA,
    Column("metering_point_id", Text, primary_key=True),
    Column("valid_from", TIME, primary_key=True),
    Column("valid_to", TIME),
    Column("bsp", Text, nullable=False),
    Index("holding_by_bsp", "bsp"),
    _no_overlap("holding_one_bsp_at_a_time"),
    schema="own",
)
"""Which BSP holds a metering point from when to when; one at a time (R13)."""

CONTROL_END_ROWS = Table(
    "control_end",
    METADATA,
    Column("metering_point_id", Text, primary_key=True),
    Column("bsp", Text, primary_key=True),
    Column("valid_from", TIME, primary_key=True),
    Column("because", Text, primary_key=True),
    Column("valid_to", TIME, nullable=False),
    Index("control_end_by_bsp", "bsp", "valid_to"),
    schema="own",
)
"""What ends a holding, by cause; also of one that never was because of it."""

SUPPLY_ROWS = Table(
    "supply",
    METADATA,
    Column("metering_point_id", Text, primary_key=True),
    Column("valid_from", TIME, primary_key=True),
    Column("valid_to", TIME),
    Column("supplier", Text, nullable=False),
    Column("brp_consumption", Text),
    Column("brp_production", Text),
    Column("end_user", Text, nullable=False),
    Index("supply_by_end_user", "end_user", "metering_point_id"),
    _no_overlap("supply_one_at_a_time"),
    schema="own",
)
"""Who stands behind a metering point from when to when."""


def _holding_rows(id: str, state: point.Point) -> Iterable[tuple[Any, ...]]:  # noqa: A002 - the field's word
    return ((id, start, end, bsp) for each in control.living(state.holdings) for bsp, start, end in each.periods())


def _control_end_rows(id: str, state: point.Point) -> Iterable[tuple[Any, ...]]:  # noqa: A002 - the field's word
    return (
        (id, each.bsp, each.valid_from, because, end)
        for each in state.holdings
        for because, end in sorted(each.ends.items())
    )


def _supply_rows(id: str, state: point.Point) -> Iterable[tuple[Any, ...]]:  # noqa: A002 - the field's word
    return (
        (
            id,
            supply.valid_from,
            following.valid_from if following else None,
            supply.supplier,
            supply.brp_consumption,
            supply.brp_production,
            supply.end_user,
        )
        for supply, following in pairwise((*state.supplies, None))
        if supply
    )


POINT = Kind(
    name="point",
    state=point.Point,
    evolve=point.evolve,
    folds=dict.fromkeys(get_args(point.Event), SUBJECT),
    rows={HOLDING_ROWS: _holding_rows, CONTROL_END_ROWS: _control_end_rows, SUPPLY_ROWS: _supply_rows},
    valid=point.valid,
    seen=history.seen,
)

KINDS = (POINT,)
