"""Regulation objects that are one large metering point."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import get_args

from sqlalchemy import Column, Index, Table, Text, func
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from chassis.service import SUBJECT, Deadline, Kind
from registry.domain import regulation_object
from registry.store.metadata import METADATA, TIME

REGULATION_OBJECT_ROWS = Table(
    "regulation_object",
    METADATA,
    Column("object_id", Text, primary_key=True),
    Column("metering_point_id", Text, nullable=False),
    Column("bsp", Text, nullable=False),
    Column("valid_from", TIME, nullable=False),
    Column("valid_to", TIME),
    Index("regulation_object_by_bsp", "bsp"),
    schema="own",
)
"""Which metering point takes part individually when; one object at a time per point."""
REGULATION_OBJECT_ROWS.append_constraint(
    ExcludeConstraint(
        (REGULATION_OBJECT_ROWS.c.metering_point_id, "="),
        (func.tstzrange(REGULATION_OBJECT_ROWS.c.valid_from, REGULATION_OBJECT_ROWS.c.valid_to), "&&"),
        using="gist",
        name="regulation_object_one_at_a_time",
    )
)

OBJECT_ENDS = "object-ends"
"""The deadline of a regulation object: its last moment has come."""


def _rows(
    key: str, state: regulation_object.RegulationObject
) -> Iterator[tuple[str, str, str, datetime, datetime | None]]:
    valid_to = state.ended_at or (state.over[0] if state.over else None)
    yield key, state.metering_point_id, state.bsp, state.valid_from, valid_to


def _deadlines(state: regulation_object.RegulationObject) -> Iterator[Deadline]:
    if state.over is not None:
        yield Deadline(state.over[0], OBJECT_ENDS)


REGULATION_OBJECT = Kind(
    "regulation-object",
    regulation_object.RegulationObject,
    regulation_object.evolve,
    dict.fromkeys(get_args(regulation_object.OfObject), SUBJECT),
    rows={REGULATION_OBJECT_ROWS: _rows},
    deadlines=_deadlines,
)

KINDS = (REGULATION_OBJECT,)
