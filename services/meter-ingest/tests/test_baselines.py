"""Baselines: what holds of every method, whatever was metered; the worked examples are `test_baselines_worked`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meter_ingest.domain.baselines import METHODS, Given, Lacking, Method, beside, compute, required, windows

pytestmark = pytest.mark.unit

QUARTER = timedelta(minutes=15)
METERED: tuple[Method, ...] = ("meter-before", "meter-before-and-after", "sliding-window")
START = datetime(2026, 3, 24, 10, tzinfo=UTC)


class Everywhere(dict[datetime, int | None]):
    """A value for every quarter, by how it is computed; notes what is read."""

    def __init__(self, value: Callable[[datetime], int | None]) -> None:
        self.value = value
        self.read: set[datetime] = set()

    def get(self, quarter: datetime, default: object = None) -> int | None:
        self.read.add(quarter)
        return self.value(quarter)

    def __getitem__(self, quarter: datetime) -> int | None:
        return self.get(quarter)


def _shaped(seed: int) -> Callable[[datetime], int]:
    """Some load that differs from quarter to quarter."""
    return lambda quarter: (int(quarter.timestamp()) // 900 * (2 * seed + 1) * 2654435761 >> 7) % 5000


def _flat(level: int) -> Everywhere:
    return Everywhere(lambda _: level)


def _all(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += QUARTER


starts = st.integers(0, 4 * 366 * 96).map(lambda index: datetime(2025, 1, 1, tzinfo=UTC) + index * QUARTER)
lengths = st.one_of(st.integers(1, 12), st.integers(90, 200))
around = st.sets(st.integers(-40 * 96, 40), max_size=30)


@given(method=st.sampled_from(METERED), start=starts, length=lengths, level=st.integers(0, 10**9), of=st.booleans())
def test_a_flat_load_is_its_own_baseline(method: Method, start: datetime, length: int, level: int, of: bool) -> None:
    both = Given(start, start + length * QUARTER, _flat(level), _flat(level // 3) if of else None)
    found = compute(method, both)
    if length >= 90 and method == "sliding-window" and isinstance(found, Lacking):
        # A long activation reaches into the like days before its later ones.
        assert found.why == "too-few-days"
        return
    assert found == (level - (level // 3 if of else 0),) * length


@given(
    method=st.sampled_from(METERED), start=starts, length=st.integers(1, 12), covered=around, seed=st.integers(0, 99)
)
def test_production_alone_mirrors_consumption(
    method: Method, start: datetime, length: int, covered: set[int], seed: int
) -> None:
    end, others = start + length * QUARTER, {start + index * QUARTER for index in covered}
    used = compute(method, Given(start, end, Everywhere(_shaped(seed)), covered=others))
    made = compute(method, Given(start, end, production=Everywhere(_shaped(seed)), covered=others))
    if isinstance(used, Lacking):
        assert made == used
    else:
        assert made == tuple(-wh for wh in used)


@given(method=st.sampled_from(METERED), start=starts, length=st.integers(1, 12), one=st.integers(), other=st.integers())
def test_the_baseline_of_two_sets_is_that_of_their_sum_to_a_watt_hour_per_quarter(
    method: Method, start: datetime, length: int, one: int, other: int
) -> None:
    first, second = _shaped(one), _shaped(other)
    end = start + length * QUARTER
    apart = [compute(method, Given(start, end, Everywhere(each))) for each in (first, second)]
    together = compute(method, Given(start, end, Everywhere(lambda quarter: first(quarter) + second(quarter))))
    assert not isinstance(together, Lacking)
    sums = [sum(column) for column in zip(*(each for each in apart if not isinstance(each, Lacking)), strict=True)]
    assert all(0 <= abs(whole - parts) <= 1 for whole, parts in zip(together, sums, strict=True))
    assert 0 <= sum(together) - sum(sums) <= (1 if method != "sliding-window" else length), "what is rounded is lost"


@settings(max_examples=200)
@given(method=st.sampled_from(METHODS), start=starts, length=lengths, covered=around, seed=st.integers(0, 99))
def test_no_method_reads_a_quarter_of_the_activation_or_one_that_windows_does_not_name(
    method: Method, start: datetime, length: int, covered: set[int], seed: int
) -> None:
    end, others = start + length * QUARTER, {start + index * QUARTER for index in covered}
    sums = Everywhere(_shaped(seed))
    submitted = dict.fromkeys(_all(start - QUARTER, end + QUARTER), 0)
    given = Given(start, end, sums, sums, submitted, submitted, others)
    compute(method, given)
    own = set(_all(start, end))
    assert not sums.read & own
    assert not sums.read & others, "nor one of another activation"
    beside(method, given)
    assert not sums.read & own
    named = {quarter for window in windows([method], start, end, covered=others) for quarter in _all(*window)}
    assert sums.read <= named
    assert set(required(method, start, end, covered=others)) <= named


@given(start=starts, length=st.integers(1, 8), seed=st.integers(0, 99))
def test_what_is_read_by_method_is_rounded_as_before(start: datetime, length: int, seed: int) -> None:
    """D20: the last four complete quarters; the whole sum rounded down once, the remainder to the earliest."""
    wh = _shaped(seed)
    whole = sum(wh(start - back * QUARTER) for back in range(1, 5)) * length // 4
    found = compute("meter-before", Given(start, start + length * QUARTER, Everywhere(wh)))
    assert found == tuple(whole // length + (index < whole % length) for index in range(length))
