"""Working days: weekends and Norwegian holidays are none."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from contracts import calendar, working_days

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "sunday", ["2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28", "2038-04-25", "2000-04-23", "1961-04-02"]
)
def test_easter(sunday: str) -> None:
    assert working_days.easter(int(sunday[:4])) == date.fromisoformat(sunday)


def test_the_holidays_of_a_year() -> None:
    assert sorted(working_days.holidays(2026)) == [
        date.fromisoformat(f"2026-{day}")
        for day in (
            "01-01 04-02 04-03 04-05 04-06 05-01 05-14 05-17 05-24 05-25 12-25 12-26".split()  # noqa: SIM905
        )
    ]


@pytest.mark.parametrize(
    ("asked", "last"),
    [
        ("2026-01-07T10:00:00+00:00", "2026-01-12"),  # a Wednesday: Thursday, Friday, Monday
        ("2026-01-09T23:30:00+00:00", "2026-01-14"),  # a Saturday in Oslo already
        ("2026-04-01T10:00:00+00:00", "2026-04-09"),  # the Wednesday before Easter
        ("2026-12-23T10:00:00+00:00", "2026-12-29"),  # Christmas Eve is a working day
        ("2026-05-13T10:00:00+00:00", "2026-05-19"),  # before Ascension; 17 May is a Sunday
    ],
)
def test_three_working_days_end_with_the_third(asked: str, last: str) -> None:
    at = datetime.fromisoformat(asked).astimezone(UTC)
    assert working_days.after_working_days(at, 3) == calendar.end_of_local_day(date.fromisoformat(last))
