from __future__ import annotations

from datetime import UTC, datetime

import pytest

from flexreg import moments

pytestmark = pytest.mark.unit

NOW = datetime(2026, 3, 28, 8, 30, tzinfo=UTC)  # 09:30 in Oslo, the day before the clocks go forward


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-20", "2026-01-19T23:00:00+00:00"),
        ("2026-01-20 09:00", "2026-01-20T08:00:00+00:00"),
        ("2026-07-01T09:00:30", "2026-07-01T07:00:30+00:00"),
        ("2026-01-20T09:00:00Z", "2026-01-20T09:00:00+00:00"),
        ("2026-01-20T09:00:00+05:00", "2026-01-20T04:00:00+00:00"),
        ("+PT1H", "2026-03-28T09:30:00+00:00"),
        ("+P1D", "2026-03-29T07:30:00+00:00"),  # 09:30 in Oslo again, 23 hours later
        ("+P2W", "2026-04-11T07:30:00+00:00"),
        ("+P1DT30M", "2026-03-29T08:00:00+00:00"),
        ("+P3M", "2026-06-28T07:30:00+00:00"),
        ("+P1Y", "2027-03-28T07:30:00+00:00"),
        ("2026-10-25 02:30", "2026-10-25T00:30:00+00:00"),  # there are two: the first
    ],
)
def test_times_as_people_give_them(text: str, moment: str) -> None:
    assert moments.parse(text, now=NOW) == datetime.fromisoformat(moment)


def test_a_month_from_its_last_day_is_the_last_day_of_the_next() -> None:
    now = datetime(2026, 1, 31, 8, tzinfo=UTC)
    assert moments.parse("+P1M", now=now) == datetime(2026, 2, 28, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "soon", "+P", "+PT", "+1D", "-P1D", "2026-13-01", "2026-03-29 02:30", "12:00", "+P99999Y"]
)
def test_what_is_no_time_is_said(text: str) -> None:
    with pytest.raises(moments.NoSuchTime):
        moments.parse(text, now=NOW)


def test_people_read_oslo_time() -> None:
    assert moments.local(NOW) == "2026-03-28 09:30"
