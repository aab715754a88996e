"""Values in another resolution: by which method, exactly, and never without saying how."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meter_ingest.domain import days, gaps, transform
from meter_ingest.domain.transform import Derived, Profile

pytestmark = pytest.mark.unit

START = datetime(2026, 10, 24, 22, tzinfo=UTC)
"""Of the day with 25 hours."""
WH = st.integers(0, 10**9)
HOURS = st.lists(st.one_of(st.none(), WH), min_size=1, max_size=25)
WEIGHTS = st.lists(st.integers(-5, 10**6), min_size=100, max_size=100)


def settled(hours: list[int | None], *, profile: Profile | None = None, direction: Any = "consumption") -> Derived:
    found = transform.settled(
        hours,
        ["metered"] * len(hours),
        start=START,
        resolution="PT60M",
        settlement="interval",
        direction=direction,
        profile=profile,
    )
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("balance", "settlement", "resolution", "consumption", "production"),
    [
        ("PT60M", "profiled", "PT60M", "fppc", None),
        ("PT60M", "interval", "PT60M", "none", "none"),
        ("PT60M", "interval", "PT15M", "sum", "sum"),
        ("PT15M", "profiled", "PT60M", "fppc", None),
        ("PT15M", "interval", "PT60M", "profile-6015", "flat"),
        ("PT15M", "interval", "PT15M", "none", "none"),
        ("PT60M", "not-settled", "PT15M", None, None),
        ("PT15M", "not-settled", "PT60M", None, None),
    ],
)
def test_the_method_follows_from_settlement_resolution_and_direction(
    balance: Any, settlement: Any, resolution: Any, consumption: str | None, production: str | None
) -> None:
    """Seed 004's tables, cell by cell."""
    for direction, expected in (("consumption", consumption), ("production", production)):
        found = transform.method_of(balance=balance, settlement=settlement, resolution=resolution, direction=direction)
        assert found == expected, direction


def test_the_channel_that_counts_has_the_points_resolution() -> None:
    def counts(channel: Any, **changes: Any) -> bool:
        is_ = {"settlement": "interval", "resolution": "PT60M", "direction": "consumption"} | changes
        return transform.counts(channel, **is_)

    assert counts("PT60M")
    assert not counts("PT15M")
    assert counts("PT15M", resolution="PT15M")
    assert not counts("PT60M", settlement="not-settled")
    assert not counts("PT60M", settlement="profiled")


@settings(deadline=None)
@given(HOURS, WEIGHTS, st.integers(-8, 104))
def test_the_quarters_of_every_hour_are_the_hour(hours: list[int | None], weights: list[int], shift: int) -> None:
    """Whatever the profile says, and however far it reaches."""
    profile = Profile("jip", "area", 1, START + shift * timedelta(hours=1), tuple(weights))
    found = settled(hours, profile=profile)
    assert len(found.wh) == 4 * len(hours)
    for number, hour in enumerate(hours):
        here = slice(4 * number, 4 * number + 4)
        quarters = [one for one in found.wh[here] if one is not None]
        assert (len(quarters), sum(quarters) if quarters else None) == ((0, None) if hour is None else (4, hour))
        assert all(one >= 0 for one in quarters)
        (origin,) = set(found.origin[here])
        (by,) = set(found.profile[here])
        assert origin in ({None} if hour is None else {"flat", "profile-6015"})
        assert by == (profile.name if origin == "profile-6015" else None)
    assert transform.to_hours(found, start=START).wh == tuple(hours)


@settings(deadline=None)
@given(WH, st.lists(st.integers(0, 10**6), min_size=4, max_size=4).filter(any))
def test_a_6015_quarter_is_its_share_to_within_a_watt_hour(hour: int, weights: list[int]) -> None:
    quarters = transform.profile_6015(hour, weights)
    assert quarters is not None
    for quarter, weight in zip(quarters, weights, strict=True):
        assert abs(quarter * sum(weights) - hour * weight) < sum(weights)


def test_production_is_flat_whatever_the_grid_area_took_in() -> None:
    profile = Profile("jip", "area", 1, START, (4, 3, 2, 1))
    assert settled([10], profile=profile, direction="production").wh == (3, 3, 2, 2)
    assert settled([10], profile=profile).wh == (4, 3, 2, 1)


@pytest.mark.parametrize("weights", [(0, 0, 0, 0), (-4, 1, 1, 1), (9, 9, 9, -1)])
def test_an_hour_without_a_shape_to_go_by_is_flat_and_says_so(weights: tuple[int, ...]) -> None:
    found = settled([10], profile=Profile("jip", "area", 1, START, weights))
    assert (found.wh, found.origin[0], found.profile[0]) == ((3, 3, 2, 2), "flat", None)


def test_a_derived_value_names_the_version_of_its_profile() -> None:
    first = Profile("jip", "10YNO-3--------J", 1, START, (1,) * 4)
    second = Profile("jip", "10YNO-3--------J", 2, START, (1,) * 4)
    assert {settled([8], profile=one).profile for one in (first, second)} == {
        ("jip|10YNO-3--------J|1",) * 4,
        ("jip|10YNO-3--------J|2",) * 4,
    }


def test_a_sum_is_as_certain_as_its_least_certain_quarter_and_missing_where_one_is() -> None:
    came = transform.as_they_came(
        "PT15M",
        [1, 2, 3, 4, 5, None, 7, 8],
        ["metered", "estimated", "metered", "metered", "metered", None, "metered", "metered"],
    )
    found = transform.to_hours(came, start=START)
    assert (found.wh, found.status, found.origin) == ((10, None), ("estimated", None), ("sum", None))


@pytest.mark.parametrize(("minutes", "count"), [(15, 4), (0, 3)])
def test_quarters_that_fill_no_whole_hour_are_not_summed(minutes: int, count: int) -> None:
    came = transform.as_they_came("PT15M", [1] * count, ["metered"] * count)
    with pytest.raises(transform.NotInWholeHours):
        transform.to_hours(came, start=START + timedelta(minutes=minutes))


@settings(deadline=None)
@given(WH, st.integers(1, 25), st.lists(st.integers(0, 1000), min_size=100, max_size=100).filter(lambda one: one[0]))
def test_a_profiled_volume_is_spread_without_loss_and_its_hours_are_its_quarters(
    volume: int, hours: int, weights: list[int]
) -> None:
    profile = Profile("fppc", "area", 7, START, tuple(weights))
    quarters = transform.profiled(volume, [profile] * hours, start=START, end=START + hours * timedelta(hours=1))
    assert sum(one for one in quarters.wh if one is not None) == volume
    by_hour = transform.to_hours(quarters, start=START)
    assert sum(one for one in by_hour.wh if one is not None) == volume
    assert set(quarters.origin) == set(by_hour.origin) == {"fppc"}
    assert set(quarters.profile) == set(by_hour.profile) == {"fppc|area|7"}


def test_a_volume_is_not_spread_where_its_profile_does_not_reach() -> None:
    profile = Profile("fppc", "area", 7, START, (1,) * 8)
    for start in (START - days.QUARTER, START + 5 * days.QUARTER):
        with pytest.raises(transform.OutsideProfile):
            transform.profiled(10, [profile], start=start, end=start + 4 * days.QUARTER)
    for some in ([profile, None], [profile]):
        with pytest.raises(transform.OutsideProfile):
            transform.profiled(10, some, start=START, end=START + 8 * days.QUARTER)


def test_a_profiled_or_not_settled_points_own_values_do_not_count() -> None:
    for settlement in ("profiled", "not-settled"):
        found = transform.settled(
            [1], ["metered"], start=START, resolution="PT60M", settlement=settlement, direction="consumption"
        )
        assert found is None


# Gaps


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), WH), min_size=1, max_size=100), WH, st.data())
def test_what_is_put_into_gaps_adds_up_to_the_difference_of_the_stands(
    some: list[int | None], left: int, data: st.DataObject
) -> None:
    missing = None in some
    history = data.draw(st.none() | st.lists(WH, min_size=len(some), max_size=len(some)))
    total = sum(one for one in some if one is not None) + (left if missing else 0)
    found, filled = gaps.fill(some, stands_wh=(500, 500 + total), history_wh=history)
    assert sum(filled) == total
    assert sum(found.wh) == (left if missing else 0)
    assert all(now == before for now, before in zip(filled, some, strict=True) if before is not None)
    assert all(one >= 0 for one in found.wh)


def test_an_estimate_says_what_it_rests_on() -> None:
    found = gaps.estimate(3, stands_wh=(100, 112), history_wh=[1, 2, 1])
    assert (found.wh, found.basis, gaps.CODE[found.basis]) == ((3, 6, 3), "stands-and-history", "E001")
    found = gaps.estimate(3, stands_wh=(100, 110), history_wh=[0, 0, 0])
    assert (found.wh, found.basis) == ((4, 3, 3), "stands")
    found = gaps.estimate(3, history_wh=[5, 0, 6])
    assert (found.wh, found.basis) == ((5, 0, 6), "history")
    found = gaps.estimate(24, annual_wh=8_760_000, steps_of_year=8760)
    assert (found.wh, found.basis) == ((1000,) * 24, "annual-volume")


@pytest.mark.parametrize(
    "given_",
    [
        {},
        {"stands_wh": (10, 9)},
        {"history_wh": [1, 2]},
        {"history_wh": [1, -2, 3], "stands_wh": (0, 9)},
    ],
)
def test_where_there_is_nothing_to_go_by_nothing_is_made_up(given_: dict[str, Any]) -> None:
    with pytest.raises(gaps.UnableToEstimate):
        gaps.estimate(3, **given_)


def test_a_gap_is_not_filled_where_more_was_measured_than_the_stands_allow() -> None:
    with pytest.raises(gaps.UnableToEstimate):
        gaps.fill([5, None], stands_wh=(0, 4))
    with pytest.raises(gaps.UnableToEstimate):
        gaps.fill([5], stands_wh=(0, 6))
