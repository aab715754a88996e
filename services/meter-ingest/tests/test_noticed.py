"""What the sender of a series is told though it is accepted, and what is told of it later."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from meter_ingest.domain import values

pytestmark = pytest.mark.unit

DAY = "2026-03-28"


@pytest.fixture
def at(world: Any) -> datetime:
    return world.local("2026-03-29", "06:30")


@pytest.fixture
def point(world: Any) -> str:
    (point,) = world.points(1)
    world.open([point])
    return point


@pytest.mark.rule("SERIES_OLDER_THAN_COUNTS")
def test_who_sends_what_does_not_count_is_told_so(world: Any, at: datetime, point: str, day_series: Any) -> None:
    world.send(day_series(point, DAY, 3, registered_at=at), at=at)
    older = day_series(point, DAY, 4, registered_at=at - timedelta(hours=1))
    decided, _ = world.send(older, at=at + timedelta(hours=1))
    (reason,) = decided.reasons
    assert (decided.status, reason.code, reason.path) == (
        "accepted",
        "SERIES_OLDER_THAN_COUNTS",
        "/series/0/registered_at",
    )
    assert (reason.limit, reason.actual) == ("2026-03-29T06:30:00+02:00", "2026-03-29T05:30:00+02:00")
    again, _ = world.send(day_series(point, DAY, 3, registered_at=at - timedelta(hours=2)), at=at + timedelta(hours=2))
    assert again.reasons == (), "what says the same counts as well"


def test_of_what_counts_in_part_nothing_is_said(world: Any, at: datetime, point: str, day_series: Any) -> None:
    whole = day_series(point, DAY, 3, registered_at=at)
    half = whole.model_copy(update={"end": whole.start + timedelta(hours=12), "values_wh": (3,) * 48})
    world.send(half, at=at)
    decided, _ = world.send(day_series(point, DAY, 4, registered_at=at - timedelta(hours=1)), at=at)
    assert decided.reasons == ()


def test_revisions_are_told_in_the_order_in_which_they_came(
    world: Any, at: datetime, point: str, day_series: Any
) -> None:
    """Each with what counted before and after it; one that never counted, as that."""
    for wh, registered, received in ((3, 0, 0), (4, -1, 1), (3, -2, 2), (5, 3, 3)):
        one = day_series(point, DAY, wh, registered_at=at + timedelta(hours=registered))
        world.send(one, at=at + timedelta(hours=received))
    versions = world.values.days[point, "consumption", date(2026, 3, 28)]
    told = values.revisions(reversed(versions), 0, 96)
    assert [(one.counts, len(one.quarters), one.quarters[7]) for one in told] == [
        (True, 96, (7, None, 3, 3)),
        (False, 96, (7, 3, 3, 4)),
        (True, 96, (7, 3, 5, 5)),
    ]


@pytest.mark.rule("SERIES_PROFILED")
def test_values_of_a_day_on_which_the_point_is_profiled_are_kept_with_a_notice(
    world: Any, at: datetime, day_series: Any
) -> None:
    one, other = world.points(1, 2)
    world.open([one, other])
    world.fact(one, settlement_method="profiled", valid_from=world.local(DAY))
    decided, _ = world.send(day_series(one, DAY, 1), day_series(other, DAY, 1), at=at)
    (reason,) = decided.reasons
    assert (decided.status, len(decided.versions)) == ("accepted", 2)
    assert (reason.code, reason.path) == ("SERIES_PROFILED", "/series/0/metering_point_id")
    assert reason.actual == f"{DAY}, {one}"
    before = world.local("2026-03-29")
    world.fact(one, settlement_method="interval", valid_from=before)
    next_day = at + timedelta(days=1)
    decided, _ = world.send(day_series(one, "2026-03-29", 1), at=next_day)
    assert decided.reasons == ()


def test_each_series_is_told_its_own_figures(world: Any, at: datetime, point: str, day_series: Any) -> None:
    some = [day_series(point, DAY, 1).model_copy(update={"values_wh": (1,) * count}) for count in (90, 91, 90)]
    decided = world.decide(world.record(*some, at=at))
    assert [(one.path, one.actual) for one in decided.reasons] == [
        ("/series/0/values_wh", 90),
        ("/series/1/values_wh", 91),
    ]
    assert [row.actual for row in decided.rows] == [90, 91, 90]
