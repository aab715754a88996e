"""Switches of BSP, and objections to them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, Index, Table, Text

from bsp_switch.domain import awaited, objection, switch
from bsp_switch.store.metadata import METADATA, TIME
from chassis.service import SUBJECT, Deadline, Kind
from contracts.bsp_switch import v1

SWITCH_MIDNIGHT = "switch-midnight"
"""The deadline of a switch: its midnight."""
SWITCH_LAPSE = "switch-lapse"
"""The deadline of a switch: what still waits for a late fact lapses."""
OBJECTIONS_DUE = "objections-due"
"""The deadline of a switch: the TSO is to be reminded of objections that it has not decided."""

OBJECTION_ROWS = Table(
    "objection",
    METADATA,
    Column("objection_id", Text, primary_key=True),
    Column("switch_id", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("start", TIME, nullable=False),
    Index("objection_by_state", "state", "start"),
    schema="own",
)
"""Objections; those that are `open` are the TSO's tasks."""


def _rows(id: str, state: objection.Objection) -> Iterable[tuple[Any, ...]]:  # noqa: A002 - the field's word
    yield id, state.switch_id, state.by, state.state, state.start


def _deadlines(state: switch.Switch) -> Iterable[Deadline]:
    if state.state == "announced":
        yield Deadline(due_at=state.start, name=SWITCH_MIDNIGHT)
    if state.waiting and state.lapses_at is not None:
        yield Deadline(due_at=state.lapses_at, name=SWITCH_LAPSE)
    if state.remind_at is not None:
        yield Deadline(due_at=state.remind_at, name=OBJECTIONS_DUE)


def _of_switch(
    event: v1.SwitchAnnounced
    | v1.SwitchStalled
    | v1.SwitchLapsed
    | v1.SwitchCancelled
    | v1.SwitchAbandoned
    | v1.SwitchDisputed
    | v1.ObjectionResolved,
) -> str:
    return event.switch_id


def _objections(event: v1.SwitchMoved) -> tuple[str, ...]:
    return event.disputed


def _if_it_waited(event: v1.SwitchAnnounced) -> tuple[str, ...]:
    return (awaited.ID,) if event.waited else ()


SWITCH = Kind(
    name="switch",
    state=switch.Switch,
    evolve=switch.evolve,
    folds={
        v1.SwitchRequested: SUBJECT,
        v1.SwitchExtended: SUBJECT,
        v1.SwitchMoved: SUBJECT,
        v1.SwitchAnnounced: _of_switch,
        v1.SwitchStalled: _of_switch,
        v1.SwitchLapsed: _of_switch,
        v1.SwitchCancelled: _of_switch,
        v1.SwitchAbandoned: _of_switch,
        v1.SwitchTookEffect: SUBJECT,
        v1.SwitchDisputed: _of_switch,
        v1.ObjectionResolved: _of_switch,
        v1.ObjectionsReminded: SUBJECT,
        v1.SwitchIncomingSuspended: SUBJECT,
    },
    deadlines=_deadlines,
)
OBJECTION = Kind(
    name="objection",
    state=objection.Objection,
    evolve=objection.evolve,
    folds={v1.SwitchDisputed: SUBJECT, v1.ObjectionResolved: SUBJECT, v1.SwitchMoved: _objections},
    rows={OBJECTION_ROWS: _rows},
    finds={"state": (OBJECTION_ROWS.c.objection_id, OBJECTION_ROWS.c.state)},
)

WAITING = Kind(
    name="waiting-switches",
    state=awaited.Awaited,
    evolve=awaited.evolve,
    folds={
        v1.SwitchStalled: lambda _: awaited.ID,
        v1.SwitchLapsed: lambda _: awaited.ID,
        v1.SwitchAnnounced: _if_it_waited,
    },
    remembered=False,
)

KINDS = (SWITCH, OBJECTION, WAITING)
