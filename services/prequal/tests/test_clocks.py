"""Time limits of the law: Oslo's days, also where the clocks are moved."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from contracts import calendar
from prequal.domain import clocks

pytestmark = pytest.mark.unit


def local(year: int, month: int, day: int, clock: str = "00:00") -> Any:
    return calendar.at_local(date(year, month, day), clock)


@pytest.mark.parametrize(
    ("amount", "unit", "began", "ends"),
    [
        (8, "weeks", local(2026, 1, 6, "09:00"), local(2026, 3, 4)),
        # The last second of a day and the first of the next are a day apart.
        (8, "weeks", local(2026, 1, 6, "23:59"), local(2026, 3, 4)),
        (8, "weeks", local(2026, 1, 7), local(2026, 3, 5)),
        # Over the last Sunday of March: the same local midnight, one hour less.
        (4, "weeks", local(2026, 3, 20, "09:00"), local(2026, 4, 18)),
        (3, "months", local(2026, 1, 6, "09:00"), local(2026, 4, 7)),
        # There is no 31 April.
        (3, "months", local(2026, 1, 31, "09:00"), local(2026, 5, 1)),
        (1, "months", local(2028, 1, 31), local(2028, 3, 1)),
        (3, "months", local(2026, 11, 30), local(2027, 3, 1)),
        (28, "days", local(2026, 10, 20, "23:30"), local(2026, 11, 18)),
    ],
)
def test_a_limit_ends_with_its_last_local_day(amount: int, unit: Any, began: Any, ends: Any) -> None:
    assert clocks.deadline(began, amount, unit) == ends


def test_a_reminder_comes_so_many_local_days_before_and_only_where_there_is_time_for_it() -> None:
    began, due_at = local(2026, 3, 1, "12:00"), local(2026, 4, 2)
    assert clocks.reminder(due_at, 7, since=began) == local(2026, 3, 26)
    assert clocks.reminder(due_at, 32, since=began) is None
    assert clocks.reminder(due_at, 31, since=began) == local(2026, 3, 2)
    assert clocks.reminder(due_at, 0, since=began) is None
    assert clocks.reminder(due_at, 7, since=local(2026, 3, 26)) is None


def test_a_clock_reminds_once_and_runs_out_once() -> None:
    due_at = local(2026, 4, 2)
    clock = clocks.Clock("decision", due_at, due_at - timedelta(days=7))
    assert [which for _, which in clock.moments] == ["reminder", "due"]
    assert clock.after_reminder().moments == ((due_at, "due"),)
    assert clock.after_reminder().after_due().moments == ()
    assert clock.after_due().moments == ()
