"""What parties have to do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Column, DateTime, Index, MetaData, Table, Text

from chassis.service import Kind
from prequal.domain.tasks import Task, changes, events, evolve

TASK_ROWS = Table(
    "task",
    MetaData(),
    Column("task_id", Text, primary_key=True),
    Column("party", Text, nullable=False),
    Column("due_at", DateTime(timezone=True)),
    Index("task_by_party", "party", "task_id"),
    schema="own",
)


def _rows(task_id: str, task: Task) -> Iterator[tuple[str, str, datetime | None]]:
    yield task_id, task.party, task.due_at


TASK = Kind(
    name="task",
    state=Task,
    evolve=evolve,
    folds=dict.fromkeys(events(), changes),
    rows={TASK_ROWS: _rows},
    finds={"party": (TASK_ROWS.c.task_id, TASK_ROWS.c.party)},
)
"""By `what/subject/party`; there as long as it is to be done."""

KINDS = (TASK,)
