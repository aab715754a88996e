"""Days, midnights and deadlines against the vectors MV-06 to MV-10 of the metering domain, and as properties."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import calendar
from contracts.values import parse_time, time_text

pytestmark = pytest.mark.unit

DATES = st.dates(date(1990, 1, 1), date(2100, 1, 1))
MOMENTS = st.datetimes(datetime(1990, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - with a zone


@pytest.mark.parametrize(
    ("day", "start", "end", "hours"),
    [
        ("2026-03-28", "2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z", 24),
        ("2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", 23),
        ("2026-03-30", "2026-03-29T22:00:00Z", "2026-03-30T22:00:00Z", 24),
        ("2026-10-24", "2026-10-23T22:00:00Z", "2026-10-24T22:00:00Z", 24),
        ("2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", 25),
        ("2026-10-26", "2026-10-25T23:00:00Z", "2026-10-26T23:00:00Z", 24),
        ("2027-03-28", "2027-03-27T23:00:00Z", "2027-03-28T22:00:00Z", 23),
        ("2027-10-31", "2027-10-30T22:00:00Z", "2027-10-31T23:00:00Z", 25),
    ],
)
def test_usage_days(day: str, start: str, end: str, hours: int):
    found = calendar.usage_day(date.fromisoformat(day))
    assert [time_text(at) for at in found] == [start, end]
    assert calendar.steps(*found, "PT60M") == hours
    assert calendar.steps(*found, "PT15M") == 4 * hours
    assert len(calendar.quarter_starts(date.fromisoformat(day))) == 4 * hours


@pytest.mark.parametrize(
    ("day", "sequence", "start"),
    [
        ("2026-03-29", 1, "2026-03-29T00:00:00+01:00"),
        ("2026-03-29", 8, "2026-03-29T01:45:00+01:00"),
        ("2026-03-29", 9, "2026-03-29T03:00:00+02:00"),
        ("2026-03-29", 92, "2026-03-29T23:45:00+02:00"),
        ("2026-10-25", 9, "2026-10-25T02:00:00+02:00"),
        ("2026-10-25", 12, "2026-10-25T02:45:00+02:00"),
        ("2026-10-25", 13, "2026-10-25T02:00:00+01:00"),
        ("2026-10-25", 17, "2026-10-25T03:00:00+01:00"),
        ("2026-10-25", 100, "2026-10-25T23:45:00+01:00"),
    ],
)
def test_quarters_of_the_days_on_which_the_clocks_are_moved(day: str, sequence: int, start: str):
    found = calendar.quarter_starts(date.fromisoformat(day))[sequence - 1]
    assert found.astimezone(calendar.OSLO).isoformat() == start


@pytest.mark.parametrize(
    ("day", "deadline"),
    [
        ("2026-03-28", "2026-03-29T05:00:00Z"),
        ("2026-03-29", "2026-03-30T05:00:00Z"),
        ("2026-10-24", "2026-10-25T06:00:00Z"),
        ("2026-10-25", "2026-10-26T06:00:00Z"),
        ("2026-06-10", "2026-06-11T05:00:00Z"),
    ],
)
def test_seven_in_the_morning_of_the_day_after(day: str, deadline: str):
    after = date.fromisoformat(day) + calendar.DAY
    assert time_text(calendar.at_local(after, "07:00")) == deadline


@pytest.mark.parametrize(
    ("resolution", "start", "end", "count"),
    [
        ("PT15M", "2026-01-14T23:00:00Z", "2026-01-15T23:00:00Z", 96),
        ("PT15M", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", 92),
        ("PT60M", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", 25),
        ("PT15M", "2026-01-15T08:00:00Z", "2026-01-15T09:00:00Z", 4),
    ],
)
def test_steps(resolution: calendar.Resolution, start: str, end: str, count: int):
    assert calendar.steps(parse_time(start), parse_time(end), resolution) == count


def test_a_period_of_no_whole_steps_has_no_number_of_them():
    start = calendar.midnight(date(2026, 1, 15))
    for minutes in (0, -60, 30, 61):
        with pytest.raises(ValueError, match="no whole number"):
            calendar.steps(start, start + timedelta(minutes=minutes), "PT60M")


def test_the_skipped_hour_does_not_exist_and_the_repeated_one_is_the_first_or_the_second():
    with pytest.raises(ValueError, match="does not exist"):
        calendar.at_local(date(2026, 3, 29), "02:30")
    assert time_text(calendar.at_local(date(2026, 10, 25), "02:30")) == "2026-10-25T00:30:00Z"
    assert time_text(calendar.at_local(date(2026, 10, 25), "02:30", second=True)) == "2026-10-25T01:30:00Z"
    assert time_text(calendar.at_local(date(2026, 3, 29), "09:45")) == "2026-03-29T07:45:00Z"


@pytest.mark.parametrize(
    ("at", "months", "last_day"),
    [
        ("2026-01-06T08:00:00Z", 3, "2026-04-06"),
        ("2026-01-31T12:00:00Z", 1, "2026-02-28"),
        ("2027-12-31T12:00:00Z", 2, "2028-02-29"),
        ("2026-01-31T23:30:00Z", 1, "2026-03-01"),  # already 1 February in Oslo
        ("2026-11-15T12:00:00Z", 2, "2027-01-15"),
        ("2026-03-31T12:00:00Z", -1, "2026-02-28"),
    ],
)
def test_months_end_at_the_end_of_the_last_local_day(at: str, months: int, last_day: str):
    assert calendar.after_months(parse_time(at), months) == calendar.end_of_local_day(date.fromisoformat(last_day))


def test_four_weeks_over_the_night_that_the_clocks_are_moved():
    found = calendar.after_weeks(parse_time("2026-03-10T12:00:00Z"), 4)
    assert time_text(found) == "2026-04-07T22:00:00Z"
    assert calendar.after_days(parse_time("2026-03-10T12:00:00Z"), 28) == found


def test_local_days_keep_the_time_of_day():
    at = calendar.at_local(date(2026, 3, 28), "12:00")
    assert calendar.add_local_days(at, 1) == calendar.at_local(date(2026, 3, 29), "12:00")
    assert calendar.add_local_days(date(2026, 3, 28), 1) == date(2026, 3, 29)
    # 02:30 is skipped on the 29th: as much later as the clocks are moved.
    skipped = calendar.add_local_days(calendar.at_local(date(2026, 3, 28), "02:30"), 1)
    assert skipped == calendar.at_local(date(2026, 3, 29), "03:30")


def test_days_are_counted_between_dates_only():
    assert calendar.days_between(date(2026, 4, 1), date(2026, 4, 14)) == 13
    assert calendar.days_between(date(2026, 4, 14), date(2026, 4, 1)) == -13
    with pytest.raises(TypeError):
        calendar.days_between(datetime(2026, 4, 1, tzinfo=UTC), date(2026, 4, 14))


def test_a_moment_without_an_offset_is_none():
    with pytest.raises(ValueError, match="needs its offset"):
        calendar.local_date(datetime(2026, 1, 1))  # noqa: DTZ001 - what is tested


@given(DATES)
def test_days_follow_on_each_other_without_gap_or_overlap(day: date):
    start, end = calendar.usage_day(day)
    assert end == calendar.usage_day(day + calendar.DAY)[0] == calendar.next_midnight(start)
    assert calendar.is_midnight(start)
    assert calendar.local_date(start) == day
    assert calendar.local_date(end - timedelta(microseconds=1)) == day
    assert end - start in {timedelta(hours=hours) for hours in (23, 24, 25)}
    assert start.tzinfo is UTC


@given(MOMENTS)
def test_the_next_midnight_is_strictly_after_and_within_25_hours(at: datetime):
    found = calendar.next_midnight(at)
    assert timedelta(0) < found - at <= timedelta(hours=25)
    assert calendar.is_midnight(found)
    assert calendar.is_midnight(at) == (calendar.midnight(calendar.local_date(at)) == at)


@given(DATES, st.integers(-400, 400))
def test_from_midnight_to_midnight(day: date, days: int):
    found = calendar.add_local_days(calendar.midnight(day), days)
    assert found == calendar.midnight(day + timedelta(days=days))


@given(MOMENTS, st.integers(0, 60))
def test_a_deadline_is_a_midnight_and_never_earlier_than_asked(at: datetime, count: int):
    for found in (calendar.after_days(at, count), calendar.after_months(at, count)):
        assert calendar.is_midnight(found)
        assert found > at
    assert calendar.after_days(at, count) >= at + timedelta(days=count) - timedelta(hours=1)


@given(DATES)
def test_quarters_are_a_quarter_of_an_hour_apart_in_utc(day: date):
    found = calendar.quarter_starts(day)
    assert found[0] == calendar.midnight(day)
    assert {later - earlier for earlier, later in pairwise(found)} == {timedelta(minutes=15)}
