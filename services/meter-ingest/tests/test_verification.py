"""What an activation delivered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts.meter_ingest.v1 import ActivationVerified
from meter_ingest import store

pytestmark = pytest.mark.unit

DAY = "2026-03-28"


def profile(world: Any, before: int, during: int, *, quarters: range = range(40, 42)) -> list[int]:
    """A day of 96 quarters, 10:00 to 10:30 different from the rest."""
    return [during if quarter in quarters else before for quarter in range(96)]


def ordered(world: Any, power_w: int, points: list[str], *, direction: str = "up", clock: str = "10:00") -> None:
    world.formed()
    for point in points:
        world.joined(point)
    start = world.local(DAY, clock)
    world.order(power_w, start, start + timedelta(minutes=30), at=start - timedelta(minutes=15), direction=direction)


def verified(outcome: Any) -> ActivationVerified:
    (event,) = outcome.then_only(ActivationVerified)
    return event


@pytest.mark.parametrize(
    ("channel", "direction", "power_w", "before", "during", "delivered", "basis_points"),
    [
        ("consumption", "up", 2_000_000, 812_500, 331_250, 481_250, 9625),
        ("consumption", "down", 1_000_000, 300_000, 520_000, 220_000, 8800),
        ("production", "up", 1_000_000, 100_000, 340_000, 240_000, 9600),
        ("consumption", "up", 2_000_000, 900_000, 340_000, 560_000, 11200),
        ("consumption", "up", 1_000_000, 400_000, 450_000, -50_000, -2000),
        ("production", "down", 1_000_000, 500_000, 262_500, 237_500, 9500),
    ],
)
def test_delivered_is_baseline_less_metered(
    world: Any,
    day_series: Any,
    channel: str,
    direction: str,
    power_w: int,
    before: int,
    during: int,
    delivered: int,
    basis_points: int,
) -> None:
    """MV-22."""
    points = world.points(1)
    world.open(points, direction=channel)
    ordered(world, power_w, points, direction=direction)
    series = day_series(points[0], DAY, profile(world, before, during), direction=channel)
    event = verified(world.send(series, at=world.local("2026-03-29", "06:30"))[1])
    assert (event.because, event.result, event.run, event.measured_points) == ("complete", "verified", 1, 1)
    for quarter in event.quarters:
        assert (quarter.ordered_wh, quarter.delivered_wh) == (power_w // 4, delivered)
        assert quarter.delivered_basis_points == basis_points
        sign = 1 if channel == "consumption" else -1
        assert (quarter.baseline_wh, quarter.metered_wh) == (sign * before, sign * during)
    assert event.within_tolerance == (9000 <= basis_points <= 12000)
    assert world.scenario.until(world.local("2026-03-29", "12:00")).events[-1].__class__ is not ActivationVerified


def test_evidence_is_as_good_as_its_worst_quarter_and_missing_is_never_zero(world: Any, day_series: Any) -> None:
    """MV-23: measured, hourly, estimated, and one whose activation quarters are missing."""
    measured, hourly, estimated, missing = points = world.points(1, 2, 3, 4)
    world.open([measured, estimated, missing])
    world.open([hourly], resolution="PT60M")
    ordered(world, 1_000_000, points)
    hours = [480 if hour in (9, 10) else 100 for hour in range(24)]
    whole = day_series(missing, DAY, profile(world, 20, 0))
    half = whole.model_copy(
        update={"end": world.local(DAY, "10:00"), "values_wh": whole.values_wh[:40], "registered_at": whole.end}
    )
    at = world.local("2026-03-29", "06:30")
    world.send(
        day_series(measured, DAY, profile(world, 300, 120)),
        day_series(hourly, DAY, hours, resolution="PT60M"),
        day_series(estimated, DAY, profile(world, 60, 60), status="estimated"),
        half,
        at=at,
    )
    assert world.scenario.until(world.local("2026-03-29", "08:59")).events[-1].__class__ is not ActivationVerified
    event = verified(world.scenario.until(world.local("2026-03-29", "09:00")))
    assert (event.because, event.result) == ("deadline", "incomplete")
    assert (event.measured_points, event.derived_points, event.estimated_points, event.missing_points) == (1, 1, 1, 1)
    assert event.quarters[0].baseline_wh == 300 + 120 + 60
    assert event.quarters[0].metered_wh == 120 + 120 + 60
    assert event.derived_basis_points == 2400, (
        "120 of 500: what is known of the missing one's baseline counts in the share"
    )


def test_the_missing_one_comes_late_then_a_correction_then_nothing_new(world: Any, day_series: Any) -> None:
    points = world.points(1, 2)
    world.open(points)
    ordered(world, 4_000, points)
    first = day_series(points[0], DAY, profile(world, 2000, 1000))
    world.send(first, at=world.local("2026-03-29", "06:30"))
    events = world.scenario.until(world.local("2026-03-29", "09:00")).events
    runs = [one for one in events if isinstance(one, ActivationVerified)]
    assert [(one.run, one.because, one.result) for one in runs] == [(1, "deadline", "incomplete")]

    late = day_series(points[1], DAY, profile(world, 1000, 0))
    event = verified(world.send(late, at=world.local("2026-03-31", "10:00"))[1])
    assert (event.run, event.because, event.result) == (2, "complete", "verified")
    assert [one.delivered_wh for one in event.quarters] == [2000, 2000]

    correction = first.model_copy(
        update={"values_wh": tuple(profile(world, 2000, 900)), "registered_at": world.local("2026-03-31", "09:00")}
    )
    event = verified(world.send(correction, at=world.local("2026-03-31", "11:00"))[1])
    assert (event.run, event.because, event.quarters[0].delivered_wh) == (3, "revision", 2100)

    decided, outcome = world.send(correction, at=world.local("2026-03-31", "12:00"))
    assert [one.changed for one in decided.event.series] == [False]
    assert outcome.events == [], "the same again is no revision"
    older = first.model_copy(update={"values_wh": tuple(profile(world, 1, 1))})
    older = older.model_copy(update={"registered_at": first.registered_at - timedelta(hours=1)})
    _, outcome = world.send(older, at=world.local("2026-03-31", "13:00"))
    assert outcome.events == [], "an older registration does not count"
    assert world.scenario.state(store.ACTIVATION, world.uuid(70)).run.revisions_sha256 == event.revisions_sha256


def test_values_outside_the_window_touch_nothing(world: Any, day_series: Any) -> None:
    points = world.points(1)
    world.open(points)
    ordered(world, 4_000, points)
    whole = day_series(points[0], DAY, profile(world, 2000, 1000))
    at = world.local("2026-03-29", "06:30")
    before = whole.model_copy(update={"end": world.local(DAY, "09:00"), "values_wh": whole.values_wh[:36]})
    assert world.send(before, at=at)[1].events == []
    hour = whole.model_copy(
        update={"start": world.local(DAY, "09:00"), "end": world.local(DAY, "10:00"), "values_wh": (2000,) * 4}
    )
    assert world.send(hour, at=at)[1].events == []
    last = whole.model_copy(
        update={"start": world.local(DAY, "10:00"), "end": world.local(DAY, "10:45"), "values_wh": (1000, 1000, 2000)}
    )
    assert verified(world.send(last, at=at)[1]).because == "complete", (
        "with the quarter that the ramp down reaches into"
    )
    rest = whole.model_copy(update={"start": world.local(DAY, "10:45"), "values_wh": (5000,) * 53})
    assert world.send(rest, at=at)[1].events == []


def test_a_window_over_midnight_needs_both_days(world: Any, day_series: Any) -> None:
    points = world.points(1)
    world.open(points)
    world.formed()
    world.joined(points[0])
    start = world.local("2026-03-29")
    world.order(1000, start, start + timedelta(minutes=15), at=start)
    at = world.local("2026-03-30", "06:00")
    assert world.send(day_series(points[0], "2026-03-29", 100), at=at)[1].events == []
    event = verified(world.send(day_series(points[0], "2026-03-28", 350), at=at)[1])
    assert [one.delivered_wh for one in event.quarters] == [250]
    assert event.quarters[0].delivered_basis_points == 10000


def test_remainders_go_to_the_earliest_quarters(world: Any, day_series: Any) -> None:
    """Baseline (1 + 2 + 3 + 5) · 2 / 4 = 5.5 → 5 → 3 + 2; ordered 1,001 W for 1,200 s → 333 Wh over 900 and 300 s."""
    points = world.points(1)
    world.open(points)
    world.formed()
    world.joined(points[0])
    start = world.local(DAY, "10:00")
    world.order(1001, start, start + timedelta(minutes=20), at=start)
    figures = [0] * 96
    figures[36:40] = [1, 2, 3, 5]
    event = verified(world.send(day_series(points[0], DAY, figures), at=world.local("2026-03-29", "06:30"))[1])
    assert [one.baseline_wh for one in event.quarters] == [3, 2]
    assert [one.ordered_wh for one in event.quarters] == [250, 83]


def test_a_point_without_a_channel_is_missing(world: Any, day_series: Any) -> None:
    points = world.points(1, 2)
    world.open(points[:1])
    ordered(world, 4_000, points)
    event = verified(world.send(day_series(points[0], DAY, 100), at=world.local("2026-03-29", "06:30"))[1])
    assert (event.because, event.result, event.missing_points) == ("complete", "incomplete", 1)


def test_a_decision_reads_no_further_than_it_has_heard(world: Any, day_series: Any) -> None:
    """The value shard is ahead: what it already has of a correction does not count before its event has been heard."""
    points = world.points(1, 2)
    world.open(points)
    ordered(world, 4_000, points)
    at = world.local("2026-03-29", "06:30")
    first = world.decide(world.record(day_series(points[0], DAY, profile(world, 2000, 1000)), at=at))
    second = world.decide(world.record(day_series(points[1], DAY, profile(world, 2000, 1000)), at=at))
    later = day_series(points[0], DAY, profile(world, 2000, 0), registered_at=world.local("2026-03-29", "06:00"))
    third = world.decide(world.record(later, at=at))
    assert world.scenario.when(first.event, at=at).events == []
    assert verified(world.scenario.when(second.event, at=at)).quarters[0].delivered_wh == 2000
    assert verified(world.scenario.when(third.event, at=at)).quarters[0].delivered_wh == 3000
