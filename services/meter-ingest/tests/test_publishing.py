"""The energy of a day as it is said to everybody: when, of whom, and only once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from contracts.meter_ingest.v1 import AggregatePublished, EnergySummed, PublicFigure
from meter_ingest import store
from meter_ingest.domain import public_days

pytestmark = pytest.mark.unit

DAY = "2026-03-28"
SAID = ("2026-04-03", "04:00")
"""After the fifth day."""


@pytest.fixture
def many(world: Any) -> list[str]:
    """Five households and four offices in one grid area, one of each in another."""
    there = world.points(1, 2, 3, 101, 102, 201, 202, 203, 204)
    away = world.points(301, 302, area=world.other_area)
    for point in (*there, *away):
        world.fact(point, consumption_type="A15" if point in (*there[5:], away[1]) else "A04")
    world.open([*there, *away])
    return [*there, *away]


def comes(world: Any, day_series: Any, points: list[str], wh: int = 10, *, day: str = DAY, **changes: Any) -> None:
    at = changes.pop("at", world.local(day, "00:00") + timedelta(hours=30))
    world.send(*(day_series(point, day, wh, **changes) for point in points), at=at)


def said(world: Any, day: str = SAID[0], clock: str = SAID[1]) -> list[AggregatePublished]:
    """What was said since it was last asked."""
    beside = world.scenario.until(world.local(day, clock)).beside
    return [one for one in beside if isinstance(one, AggregatePublished)]


def by_key(event: AggregatePublished) -> dict[tuple[str, str | None], PublicFigure]:
    return {(one.dimension, one.key): one for one in event.figures}


def test_a_day_is_said_to_everybody_when_its_fifth_day_is_over(world: Any, many: list[str], day_series: Any) -> None:
    comes(world, day_series, many)
    assert said(world, "2026-04-03", "03:59") == []
    (event,) = said(world)
    found = by_key(event)
    assert (event.subject, event.date) == (f"energy/{DAY}", date(2026, 3, 28))
    whole = found["zone", "NO3"]
    assert (whole.points, whole.wh, whole.line) == (11, 11 * 960, "consumption")
    assert {key: one.points for (of, key), one in found.items() if of == "consumption-type"} == {"A04": 6, "A15": 5}
    assert found["grid-area", None].points == 11, "neither of the grid areas is large enough"


def test_a_point_whose_day_is_not_whole_is_missing_and_one_that_is_estimated_is_counted(
    world: Any, many: list[str], day_series: Any
) -> None:
    comes(world, day_series, many[:1], status="estimated")
    comes(world, day_series, many[1:9])
    (event,) = said(world)
    whole = by_key(event)["zone", "NO3"] if event.figures else None
    assert whole is None, "all that came lies in one small grid area"
    comes(world, day_series, many[:1], status="estimated", day="2026-03-29")
    comes(world, day_series, many[2:], day="2026-03-29")
    (event,) = said(world, "2026-04-04")
    whole = by_key(event)["zone", "NO3"]
    assert (whole.points, whole.estimated_points, whole.missing_points, whole.wh) == (10, 1, 1, 10 * 920)


def test_a_day_is_said_once_whatever_is_corrected_or_comes_later(world: Any, many: list[str], day_series: Any) -> None:
    """Said again after one point's correction, or when one more had come, the difference would be that point's."""
    comes(world, day_series, many[:9])
    comes(world, day_series, many[9:], at=world.local("2026-04-02", "12:00"))
    (event,) = said(world, SAID[0], "09:00")
    assert by_key(event)["zone", "NO3"].points == 11, "what came within five days is in it"
    late = world.local("2026-04-03", "09:00")
    comes(world, day_series, many[:1], 11, at=late, registered_at=late)
    world.open(world.points(4), valid_from=world.local("2026-04-05"), at=late)
    assert [one.date for one in said(world, "2026-06-01") if str(one.date) <= DAY] == []
    assert world.scenario.state(store.AGGREGATE, event.aggregate_id).figures == event.figures


def test_each_day_is_said_in_turn_as_long_as_values_are_owed(world: Any, many: list[str], day_series: Any) -> None:
    world.close(many)
    assert [str(one.date) for one in said(world, "2026-06-01")] == ["2026-03-28", "2026-03-29"]
    assert said(world, "2026-12-31") == []


def test_a_day_added_up_in_steps_is_the_same_day(
    world: Any, many: list[str], day_series: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.points(401, dso=world.other_dso, area=world.other_area)
    theirs = [world.gsrn(401)]
    world.open(theirs, sender=world.other_dso)
    for day in (DAY, "2026-03-29"):
        comes(world, day_series, many, day=day)
        world.send(day_series(theirs[0], day, 10), sender=world.other_dso, at=world.local("2026-03-30", "06:00"))
    (at_once,) = said(world)
    monkeypatch.setattr(public_days, "AT_ONCE", 2)
    beside = world.scenario.until(world.local("2026-04-04", "05:00")).beside
    steps = [one for one in beside if isinstance(one, EnergySummed)]
    (in_steps,) = [one for one in beside if isinstance(one, AggregatePublished)]
    assert [one.cause for one in steps] == [f"2026-03-29/{number}" for number in range(len(steps))]
    assert len(steps) >= 2
    assert [(one.points, one.wh * 96) for one in in_steps.figures] == [
        (one.points, one.wh * 92) for one in at_once.figures
    ]
    assert by_key(in_steps)["zone", "NO3"].points == 12
    assert world.scenario.state(store.PUBLIC, public_days.ID).sums == {}


def test_steps_are_apart_so_that_nobody_waits_for_a_whole_day(
    world: Any, many: list[str], day_series: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_days, "AT_ONCE", 1)
    comes(world, day_series, many)
    assert said(world) == []
    assert len(said(world, SAID[0], "04:02")) == 1


def test_points_on_paper_and_of_no_known_zone_are_in_no_sum(world: Any, many: list[str], day_series: Any) -> None:
    world.fact(many[0], virtual=True)
    world.fact(many[1], zone=None)
    comes(world, day_series, many)
    (event,) = said(world)
    assert by_key(event)["zone", "NO3"].points == 9


def test_what_a_point_is_counts_from_its_midnight_on(world: Any, many: list[str], day_series: Any) -> None:
    for point in many:
        world.fact(point, consumption_type="A07", valid_from=world.local("2026-03-29"))
    for day in (DAY, "2026-03-29"):
        comes(world, day_series, many, day=day)
    first, second = said(world, "2026-04-04")
    assert ("consumption-type", "A07") not in by_key(first)
    assert by_key(second)["consumption-type", "A07"].points == 11
