"""Whether all has come: counted by block, said by scope."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from chassis.service import SUBJECT, Deadline, Kind
from contracts.meter_ingest.v1 import ChannelClosed, ChannelOpened, CompletenessChanged, CompletenessCounted
from meter_ingest.domain import blocks, completeness, delivery, owed

COMPLETENESS_DUE = "completeness"

DAY_DUE = "day"

REMINDER_DUE = "reminder"

DELAY_DUE = "delay"


def _subject(event: Any) -> str:
    return event.subject


def _dso(event: ChannelOpened | ChannelClosed) -> str:
    return event.dso


def _completeness_deadlines(state: completeness.Completeness) -> Iterable[Deadline]:
    due = completeness.due_at(state)
    return () if due is None else (Deadline(due, COMPLETENESS_DUE),)


def _owed_deadlines(state: owed.Owed) -> Iterable[Deadline]:
    due = owed.due_at(state)
    return () if due is None else (Deadline(due, DAY_DUE),)


def _delivery_deadlines(state: delivery.Delivery) -> Iterable[Deadline]:
    if state.delay is not None:
        yield Deadline(state.delay.expected_by, DELAY_DUE)
    due = delivery.reminder_at(state)
    if due is not None:
        yield Deadline(due, REMINDER_DUE)


COMPLETENESS = Kind(
    "completeness",
    completeness.Completeness,
    completeness.evolve,
    {**dict.fromkeys(get_args(delivery.OfDelivery), SUBJECT), ChannelOpened: _dso, ChannelClosed: _dso},
    deadlines=_completeness_deadlines,
)
"""By DSO."""

DELIVERY = Kind(
    "delivery",
    delivery.Delivery,
    delivery.evolve,
    dict.fromkeys(get_args(delivery.OfDelivery), _subject),
    deadlines=_delivery_deadlines,
)
"""By DSO: the days that it still owes something of, when it is reminded again, and whether a delay was declared."""

LINES = Kind(
    "lines",
    owed.Lines,
    owed.evolve_lines,
    {ChannelOpened: lambda event: blocks.block_of(event.metering_point_id)},
    remembered=False,
)
"""By block: the lines in which it has channels."""

COUNTED = Kind(
    "counted", owed.Counted, owed.evolve_counted, {CompletenessCounted: owed.counted_blocks}, remembered=False
)
"""By `date|block|line`: what it has been counted with."""

EXPECTED = Kind(
    "expected", owed.ExpectedOf, owed.evolve_expected_of, {CompletenessCounted: owed.expected_blocks}, remembered=False
)
"""By `block|line`: what it is expected to bring."""

OWED = Kind(
    "owed",
    owed.Owed,
    owed.evolve_owed,
    {CompletenessCounted: owed.owed_parts, CompletenessChanged: owed.passed},
    deadlines=_owed_deadlines,
    remembered=False,
)
"""By scope (`dso/<gln>`, `grid-area/<area>/<dso>`, `group/<id>`, `bsp/<gln>`): how many series are expected, by day."""

SCOPE_DAY = Kind(
    "scope-day",
    owed.ScopeDay,
    owed.evolve_scope_day,
    {CompletenessCounted: owed.scope_days, CompletenessChanged: SUBJECT},
    remembered=False,
)
"""By `scope/date`: what has come, and what was said of it last."""

DEADLINE = Kind("deadline", owed.Deadline, owed.evolve_deadline, {CompletenessChanged: owed.of_dso})
"""By date: how every DSO stands with it."""

KINDS = (COMPLETENESS, DELIVERY, LINES, COUNTED, EXPECTED, OWED, SCOPE_DAY, DEADLINE)
