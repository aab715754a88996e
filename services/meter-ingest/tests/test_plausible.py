"""Meters that look like hourly ones, and what a year will be."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meter_ingest.domain import annual, plausible, values
from meter_ingest.domain.annual import AnnualVolume, Shape

pytestmark = pytest.mark.unit

AS_OF = date(2026, 7, 1)


def day(hours: list[int]) -> list[int | None]:
    return [quarter for hour in hours for quarter in values.flat(hour)]


@settings(deadline=None)
@given(st.lists(st.integers(4, 10**6), min_size=23, max_size=25))
def test_hours_that_were_divided_are_found_whatever_their_remainder(hours: list[int]) -> None:
    found = plausible.flatness(day(hours))
    assert (found.hours, found.flat, found.suspect) == (len(hours), len(hours), True)


def test_nine_in_ten_flat_hours_are_suspect_and_fewer_are_not() -> None:
    whole = day([4000] * 20)
    two = [900, 1100, 1000, 1000, *[800, 1200, 1000, 1000], *whole[8:]]
    three = [*two[:8], 700, 1300, 1000, 1000, *two[12:]]
    found = [plausible.flatness(one) for one in (two, three)]
    assert [(one.basis_points, one.suspect) for one in found] == [(9000, True), (8500, False)]


def test_hours_without_energy_or_with_a_hole_say_nothing() -> None:
    found = plausible.flatness([*day([0] * 10), *day([3] * 4), *day([4000] * 5), None, 1, 1, 1])
    assert (found.hours, found.flat, found.suspect) == (5, 5, False)


def test_an_equal_load_of_a_watt_hour_more_or_less_is_flat_and_two_are_not() -> None:
    assert plausible.flatness([10, 10, 11, 10]).flat == 1
    assert plausible.flatness([10, 10, 12, 10]).flat == 0


# Annual volume


def back(days: int, wh: int = 1000) -> dict[date, int]:
    return {AS_OF - timedelta(days=ago): wh for ago in range(1, days + 1)}


def test_a_whole_year_is_its_own_estimate() -> None:
    found = annual.estimate({**back(365), AS_OF: 9**9, AS_OF - timedelta(days=366): 9**9}, as_of=AS_OF)
    assert found == AnnualVolume(365_000, "year", AS_OF, 365)


def test_a_part_of_a_year_is_scaled_by_its_days_and_a_hole_is_not_zero() -> None:
    some = back(100)
    del some[AS_OF - timedelta(days=50)]
    assert annual.estimate(some, as_of=AS_OF) == AnnualVolume(365_000, "days", AS_OF, 99)


def test_too_few_days_give_nothing() -> None:
    assert annual.estimate(back(29), as_of=AS_OF) is None
    assert annual.estimate(back(30), as_of=AS_OF) is not None


def test_days_before_a_move_or_a_statement_do_not_count() -> None:
    since = AS_OF - timedelta(days=40)
    found = annual.estimate({**back(365, 10**6), **back(40)}, as_of=AS_OF, since=since)
    assert found == AnnualVolume(365_000, "days", AS_OF, 40)


def test_summer_is_little_of_a_year_where_a_shape_says_so() -> None:
    shape = Shape("NO3-2026-1", (15, 13, 12, 8, 6, 4, 3, 4, 6, 8, 10, 11))
    june = {AS_OF - timedelta(days=ago): 4000 for ago in range(1, 31)}
    assert annual.estimate(june, as_of=AS_OF, shape=shape) == AnnualVolume(3_000_000, "shape", AS_OF, 30, "NO3-2026-1")
    assert annual.estimate(june, as_of=AS_OF, shape=Shape("nothing in June", (1, 0, 0, 0, 0, 0) * 2)) == AnnualVolume(
        1_460_000, "days", AS_OF, 30
    )


@settings(deadline=None)
@given(st.dictionaries(st.integers(1, 365), st.integers(0, 10**6), min_size=30))
def test_an_estimate_lies_between_its_smallest_and_its_largest_day(some: dict[int, int]) -> None:
    found = annual.estimate({AS_OF - timedelta(days=ago): wh for ago, wh in some.items()}, as_of=AS_OF)
    assert found is not None
    assert 365 * min(some.values()) <= found.wh <= 365 * max(some.values())


@pytest.mark.parametrize(
    ("before", "now", "moves"),
    [(None, 0, True), (1000, 1049, False), (1000, 1050, True), (1000, 950, True), (0, 0, False), (0, 1, True)],
)
def test_what_moves_by_five_percent_is_published(before: int | None, now: int, *, moves: bool) -> None:
    assert annual.moved(before, now) is moves
