"""Values that stay bytes until one looks at them are what a tuple of the same would be."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meter_ingest.domain import compact
from meter_ingest.domain.compact import Compact

pytestmark = pytest.mark.unit

WH = st.lists(st.integers(-(2**31), 2**31 - 1), max_size=20)
BOUND = st.integers(-25, 25) | st.none()


def packed(wh: Sequence[int]) -> Compact:
    return Compact(struct.pack(f"<{len(wh)}i", *wh))


@given(WH, st.builds(slice, BOUND, BOUND, st.sampled_from((None, 1, 2, -1))))
def test_it_is_what_a_tuple_is(wh: list[int], some: slice) -> None:
    one, plain = packed(wh), tuple(wh)
    assert one == plain == tuple(one)
    assert (len(one), hash(one), repr(one)) == (len(plain), hash(plain), repr(plain))
    assert one[some] == plain[some]
    assert list(reversed(one)) == wh[::-1]
    assert None not in one
    assert all(energy in one for energy in wh)
    assert [one[place] for place in range(len(wh))] == wh
    assert one == packed(wh)
    assert one != (*wh, 1)
    assert one != packed([*wh, 1])
    assert one != wh


@given(st.integers(0, 6).flatmap(lambda count: st.lists(st.tuples(st.booleans(), _rows(count)), max_size=5)))
def test_added_up_is_the_same_whether_they_are_bytes_or_not(rows: list[tuple[bool, list[int | None]]]) -> None:
    plain = [tuple(row) for _, row in rows]
    some = [packed([one for one in row if one is not None]) if is_ and None not in row else row for is_, row in rows]
    sums = [None if None in step else sum(one for one in step if one is not None) for step in zip(*plain, strict=True)]
    assert compact.total(some) == tuple(sums)


def _rows(count: int) -> st.SearchStrategy[list[int | None]]:
    return st.lists(st.integers(-(2**31), 2**31 - 1) | st.none(), min_size=count, max_size=count)
