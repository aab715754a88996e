"""The story's activations, exact to the watt-hour: A is verified per quarter, B first incomplete, then provisional."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.meter_ingest.v1 import (
    ActivationOrdered,
    ActivationVerified,
    CompletenessPublished,
    ExpectedEffect,
    ImbalanceAdjusted,
    PartyAdjusted,
    ValuesReminded,
    VolumeAdjusted,
)

pytestmark = pytest.mark.unit

HOURLY = 20
"""Of B's points."""


def figures(steps: int, before: int, during: int, first: int, last: int) -> list[int]:
    """A day of a point that goes down from `first` until `last` (steps)."""
    return [during if first <= step < last else before for step in range(steps)]


def test_the_story(  # noqa: PLR0915 - one story
    world: Any, day_series: Any
) -> None:
    local = world.local
    a_group, b_group = world.uuid(1), world.uuid(2)
    a_run, b_run = world.uuid(71), world.uuid(72)
    # A: 300 points of DSO 1, 120 of DSO 2, 30 of them limited to 3 kW and 4 rejected: 2,020 kW
    a_one = world.points(*range(1000, 1300))
    a_two = world.points(*range(2000, 2120), dso=world.other_dso, area=world.other_area)
    b = world.points(*range(5000, 5320))
    world.formed(a_group)
    world.formed(b_group)
    world.grown(a_one, group=a_group, substations=("T0", "T1", "T2"))
    world.grown(a_two, group=a_group, substations=("S1",), dso=world.other_dso)
    world.grown(b, group=b_group, substations=("T1",))
    world.assessed(group=a_group)
    limits = [(point, 3000) for point in a_two[:30]] + [(point, 0) for point in a_two[30:34]]
    world.assessed(*limits, dso=world.other_dso, group=a_group)
    world.assessed(group=b_group)
    world.biddable(2_000_000, group=a_group)
    world.biddable(1_000_000, group=b_group)

    # 03-27: channels
    hourly, quarterly = b[:HOURLY], b[HOURLY:]
    for points in (a_one, quarterly):
        world.open(points)
        world.close(points)
    world.open(hourly, resolution="PT60M")
    world.close(hourly)
    world.open(a_two, sender=world.other_dso)
    world.close(a_two, sender=world.other_dso)

    # 03-29, the 23-hour day: 06:30 the values of 03-28, 07:00 complete
    morning = local("2026-03-29", "06:30")
    world.send(*(day_series(point, "2026-03-28", 1500) for point in [*a_one, *quarterly]), at=morning)
    world.send(*(day_series(point, "2026-03-28", 6000, resolution="PT60M") for point in hourly), at=morning)
    world.send(*(day_series(point, "2026-03-28", 1500) for point in a_two), sender=world.other_dso, at=morning)
    published = world.scenario.until(local("2026-03-29", "07:00")).then_only(
        CompletenessPublished, CompletenessPublished
    )
    assert {(one.expected_series, one.complete_series) for one in published} == {(620, 620), (120, 120)}

    # 09:45 the orders, and what they will do
    ordered = local("2026-03-29", "09:45")
    a_order = world.order(
        2_000_000,
        local("2026-03-29", "10:00"),
        local("2026-03-29", "10:30"),
        at=ordered,
        group=a_group,
        activation=a_run,
    ).then_only(ActivationOrdered, ExpectedEffect, ExpectedEffect)
    assert a_order[0].findings == ()
    effects = [(one.substation, one.points, one.power_w) for effect in a_order[1:] for one in effect.substations]
    # 2,000,000 W · 5/2,020 a point of DSO 1 is 4,950.495 W; the watts over go to the largest remainders
    assert [(substation, points) for substation, points, _ in effects] == [
        ("T0", 100),
        ("T1", 100),
        ("T2", 100),
        ("S1", 116),
    ]
    assert sum(power for _, _, power in effects) == 2_000_000
    for (_, _, power), share in zip(effects, (500, 500, 500, 520), strict=True):
        assert abs(power - 2_000_000 * share / 2020) < 100
    world.order(
        1_000_000,
        local("2026-03-29", "12:00"),
        local("2026-03-29", "12:30"),
        at=ordered,
        group=b_group,
        activation=b_run,
    ).then_only(ActivationOrdered, ExpectedEffect)

    # 03-30, 06:30: the values of 03-29. 10:00 is step 36 of its quarters, 12:00 step 44, and step 11 of its hours
    morning = local("2026-03-30", "06:30")
    a_day = figures(92, 1500, 310, 36, 38)
    b_day = figures(92, 1500, 700, 44, 46)
    b_hours = figures(23, 6000, 4400, 11, 12)
    _, outcome = world.send(*(day_series(point, "2026-03-29", a_day) for point in a_one), at=morning)
    assert outcome.events == [], "the other DSO's are awaited"
    assert world.values.reads == 0, "and until they come, nothing is read"
    _, outcome = world.send(
        *(day_series(point, "2026-03-29", a_day) for point in a_two), sender=world.other_dso, at=morning
    )
    (verified,) = outcome.then_only(ActivationVerified)
    assert (verified.because, verified.result, verified.points, verified.measured_points) == (
        "complete",
        "verified",
        420,
        420,
    )
    for quarter in verified.quarters:
        assert (quarter.ordered_wh, quarter.baseline_wh, quarter.metered_wh) == (500_000, 630_000, 130_200)
        assert (quarter.delivered_wh, quarter.delivered_basis_points) == (499_800, 9996)
    assert verified.within_tolerance

    refused, missing, corrected = hourly[3], quarterly[7], quarterly[8]
    some = [day_series(point, "2026-03-29", b_day) for point in quarterly if point != missing]
    some += [
        day_series(point, "2026-03-29", b_hours if point != refused else [6000] * 24, resolution="PT60M")
        for point in hourly
    ]
    decided, outcome = world.send(*some, at=morning)
    assert [row.code for row in decided.rows] == ["SERIES_COUNT_WRONG"]
    assert (decided.reasons[0].limit, decided.reasons[0].actual) == (23, 24)
    assert outcome.events == []
    events = world.scenario.until(local("2026-03-30", "07:00")).events
    assert len(events) == 3, "two DSOs' completeness, and one reminder"
    (reminded,) = [one for one in events if isinstance(one, ValuesReminded)]
    assert set(reminded.metering_points) == {refused, missing}
    (one,) = [one for one in events if isinstance(one, CompletenessPublished) and one.dso == world.dso]
    assert (one.expected_series, one.complete_series) == (620, 618)
    assert one.expected_values - one.received_values == 92 + 23

    # 09:00: with what there is
    assert world.scenario.until(local("2026-03-30", "08:59")).events == []
    (verified,) = world.scenario.until(local("2026-03-30", "09:00")).then_only(ActivationVerified)
    assert (verified.activation_id, verified.because, verified.result) == (b_run, "deadline", "incomplete")
    assert (verified.measured_points, verified.derived_points, verified.missing_points) == (299, 19, 2)
    # 299 points measured; 19 with a flat 1,100 Wh a quarter
    for quarter in verified.quarters:
        assert (quarter.baseline_wh, quarter.metered_wh) == (318 * 1500, 299 * 700 + 19 * 1100)
        assert (quarter.ordered_wh, quarter.delivered_wh) == (250_000, 299 * 800 + 19 * 400)

    # 03-31, after 09:00: the missing one, the refused one, and a correction
    late = local("2026-03-31", "10:00")
    _, outcome = world.send(day_series(missing, "2026-03-29", b_day), at=late)
    (verified,) = outcome.then_only(ActivationVerified)
    assert (verified.run, verified.because, verified.result) == (2, "revision", "incomplete")
    _, outcome = world.send(day_series(refused, "2026-03-29", b_hours, resolution="PT60M"), at=late)
    (verified,) = outcome.then_only(ActivationVerified)
    assert (verified.run, verified.because, verified.result) == (3, "complete", "provisional")
    correction = day_series(corrected, "2026-03-29", figures(92, 1500, 0, 44, 46), registered_at=late)
    _, outcome = world.send(correction, at=late)
    (verified,) = outcome.then_only(ActivationVerified)
    assert (verified.run, verified.because, verified.result) == (4, "revision", "provisional")
    assert (verified.measured_points, verified.derived_points, verified.missing_points) == (300, 20, 0)
    assert verified.derived_basis_points == 625, "20 of 320"
    for quarter in verified.quarters:
        assert (quarter.baseline_wh, quarter.metered_wh) == (480_000, 299 * 700 + 20 * 1100)
        assert (quarter.delivered_wh, quarter.delivered_basis_points) == (248_700, 9948)
    later = world.scenario.until(local("2026-12-31")).events
    assert [one.version for one in later if isinstance(one, ImbalanceAdjusted)] == ["D+5", "D+13"]
    assert all(isinstance(one, ImbalanceAdjusted | PartyAdjusted | VolumeAdjusted) for one in later), (
        "nothing else falls due later"
    )
