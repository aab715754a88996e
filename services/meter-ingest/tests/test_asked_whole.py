"""A day that came whole, once or more often, is dealt with as a whole: held against the way for parts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.values import make_gsrn
from meter_ingest.domain import asked, days, values
from meter_ingest.domain.values import Version

pytestmark = pytest.mark.unit

DAY = days.day(date(2026, 10, 25))
BEGAN = datetime(2026, 11, 1, tzinfo=UTC)


@st.composite
def corrected(draw: st.DrawFn, minutes: int) -> list[Version]:
    """Versions of one day in one resolution, each with all of it, in any order."""
    count = DAY.quarters * 15 // minutes
    wh = draw(st.lists(st.sampled_from((0, 4, 5, 7, 2**31 - 1)), min_size=count, max_size=count))
    made: list[Version] = []
    for number in range(draw(st.integers(1, 5))):
        for place in draw(st.lists(st.integers(0, count - 1), max_size=3)):
            wh[place] = draw(st.sampled_from((0, 4, 6, 2**33)))
        width, encoded = values.encode(wh)
        made.append(
            Version(
                metering_point_id=make_gsrn(1),
                line="consumption",
                day=DAY.date,
                registered_at=BEGAN + timedelta(hours=draw(st.integers(0, 2))),
                received_at=BEGAN + timedelta(hours=draw(st.integers(4, 5))),
                partition=0,
                offset=0,
                series=number,
                shard="0",
                position=number,
                minutes=minutes,
                first=0,
                status=draw(st.sampled_from(("metered", "metered", "metered", "estimated"))),
                width=width,
                wh=encoded,
                salt=b"salt",
                hourly=minutes == 15 and draw(st.integers(0, 4)) == 0,
                mark=draw(st.sampled_from((0, 0, 0, values.mark(3, drifted=False)))),
            )
        )
    return draw(st.permutations(made))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from((15, 60)).flatmap(corrected), st.integers(0, 30), st.integers(0, 30))
def test_a_day_as_a_whole_is_what_it_is_in_parts(versions: list[Version], skip: int, cut: int) -> None:
    minutes = versions[0].minutes
    resolution = "PT15M" if minutes == 15 else "PT60M"
    count = DAY.quarters * 15 // minutes
    first, last = min(skip, count // 4), count - min(cut, count // 4)
    whole, from_ = asked.came_whole(versions, resolution, first, last)
    plain, parts = asked.came_in_parts(versions, resolution, first, last)
    assert whole == plain
    assert [[one.name for one in some] for some in from_] == [[one.name for one in some] for some in parts]
