"""What was left out of what was read, said by stretches: it is read the same by them, and they are few."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.values import make_gsrn
from meter_ingest.domain import left_out

pytestmark = pytest.mark.unit

LOCAL = [date(2026, 3, 1) + timedelta(days=number) for number in range(29)]
POINTS = [make_gsrn(number) for number in range(1, 6)]


@given(
    st.lists(st.sampled_from(LOCAL), min_size=1, unique=True).map(sorted),
    st.sampled_from(LOCAL),
    st.sets(st.tuples(st.sampled_from(POINTS), st.sampled_from(LOCAL))),
)
def test_by_stretches_the_same_is_left_out(read: list[date], turned: date, came: set[tuple[str, date]]) -> None:
    def minutes(point: str, local: date) -> int | None:
        return None if point == POINTS[0] else 60 if (local < turned) == (point < POINTS[3]) else 15

    others = {(point, local) for point, local in came if local in read}
    found = left_out.stretches(others, read, minutes)
    steps = left_out.steps(left_out.said({"consumption": found}))
    for point in POINTS:
        for local in read:
            said = steps.get((point, "consumption", local))
            assert said in (None, minutes(point, local)), "nothing else is read otherwise"
            if (point, local) in others and minutes(point, local) is not None:
                assert said is not None


def test_what_is_said_of_a_point_does_not_grow_with_the_days_read() -> None:
    def said(read: list[date]) -> int:
        found = left_out.stretches(((point, local) for point in POINTS for local in read), read, lambda *_: 60)
        (one,) = left_out.said({"consumption": found})
        assert one.metering_points == tuple(POINTS)
        return len(one.model_dump_json())

    assert said(LOCAL) == said(LOCAL[:2])
