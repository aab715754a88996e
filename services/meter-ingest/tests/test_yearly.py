"""Estimated annual volumes, once a month and block."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from contracts import calendar
from contracts.meter_ingest.v1 import AnnualVolumeEstimated
from contracts.registry.v1 import PolicySet
from meter_ingest import store
from meter_ingest.domain import blocks, days, values, yearly

pytestmark = pytest.mark.unit


def estimates(world: Any, until: str) -> list[AnnualVolumeEstimated]:
    events = world.scenario.until(world.local(until)).events
    return [event for event in events if isinstance(event, AnnualVolumeEstimated)]


def sent(world: Any, day_series: Any, point: str, first: str, count: int, wh: int, **more: Any) -> None:
    for number in range(count):
        local = date.fromisoformat(first) + timedelta(days=number)
        series = day_series(point, local.isoformat(), wh, resolution="PT60M", **more)
        world.send(series, at=days.day(local).end + timedelta(hours=6))


def test_a_block_is_estimated_monthly_and_tells_what_has_moved(world: Any, day_series: Any) -> None:
    points = world.points(1, 2)
    world.open(points, resolution="PT60M")
    sent(world, day_series, points[0], "2026-03-30", 30, 1000)
    first, second = estimates(world, "2026-05-29")
    day_of_month = 1 + int(points[0][:15]) % 28
    assert {first.as_of.day, second.as_of.day} == {day_of_month}
    assert (first.dso, first.block, first.change_pct) == (world.dso, f"{points[0][:15]}|{world.dso}", 5)
    assert (first.looked_at, first.without, first.volumes) == (2, 2, ()), "with less than 30 days nothing is estimated"
    (volume,) = second.volumes
    assert (volume.metering_point_id, volume.direction, volume.wh) == (points[0], "consumption", 24 * 1000 * 365)
    assert (volume.method, volume.days) == ("days", 30)
    sent(world, day_series, points[0], "2026-05-29", 3, 1400)
    (third,) = estimates(world, "2026-06-29")
    assert (third.looked_at, third.without, third.volumes) == (2, 1, ()), "it has moved by less than five per cent"


def test_an_estimate_is_told_again_when_it_has_moved_by_the_policys_share(world: Any, day_series: Any) -> None:
    (point,) = world.points(1)
    world.open([point], resolution="PT60M")
    sent(world, day_series, point, "2026-04-01", 50, 1000)
    told = [volume.wh for event in estimates(world, "2026-05-29") for volume in event.volumes]
    assert told == [24 * 1000 * 365]
    sent(world, day_series, point, "2026-06-01", 10, 1240)
    world.scenario.given(
        PolicySet(
            key="annual-volume.change-pct", value=4, unit="%", valid_from=world.local("2026-06-01"),
            source="t", owner="meter-ingest", reason="t", former=5,
        )
    )  # fmt: skip
    (event,) = estimates(world, "2026-06-29")
    assert (event.change_pct, [volume.wh for volume in event.volumes]) == (4, [24 * 1040 * 365])


def test_each_dso_hears_of_its_own_points_and_closed_channels_are_left(world: Any) -> None:
    world.open(world.points(1))
    world.open(world.points(2, dso=world.other_dso), sender=world.other_dso)
    world.open([world.gsrn(1)], product="reactive")
    world.close([world.gsrn(1)], valid_to=world.local("2026-05-01"))
    events = estimates(world, "2026-06-29")
    assert {(event.dso, event.looked_at) for event in events} == {(world.dso, 1), (world.other_dso, 1)}
    by_dso = [event.dso for event in events]
    assert by_dso.count(world.other_dso) == 3
    assert by_dso.count(world.dso) == 1, "of a day after it is closed nothing is estimated"
    assert world.scenario.state(store.ANNUAL, f"{world.gsrn(1)[:15]}|{world.dso}").through < date(2026, 5, 1)


def test_blocks_have_their_day_and_minute_after_noon(world: Any) -> None:
    moments = set()
    for number in range(1000):
        block = f"{707057500000000 + number:015}"
        state = yearly.Yearly(block, world.dso, date(2026, 1, 31), {"001|consumption": yearly.Estimated()})
        due = yearly.due_at(state)
        assert due is not None
        assert date(2026, 2, 1) <= calendar.local_date(due) <= date(2026, 2, 28)
        assert calendar.at_local(calendar.local_date(due), "12:00") <= due
        moments.add(due)
    assert len(moments) > 900, "they are spread"


def test_what_is_estimated_rests_on_what_was_heard(world: Any, day_series: Any) -> None:
    """Values that the case shard has not heard of are not looked at: taken again, the decision is the same."""
    (point,) = world.points(1)
    world.open([point], resolution="PT60M")
    sent(world, day_series, point, "2026-03-28", 40, 1000)
    for number in range(40):
        local = date(2026, 3, 28) + timedelta(days=number)
        late = day_series(point, local.isoformat(), 9000, resolution="PT60M", registered_at=world.local("2026-05-10"))
        world.decide(world.record(late, at=world.local("2026-05-10")))
    told = [volume.wh for event in estimates(world, "2026-06-10") for volume in event.volumes]
    assert told[0] == 24 * 1000 * 365 - 1000 * 365 // 40


def test_a_day_with_a_hole_has_no_energy_to_go_by(world: Any, day_series: Any) -> None:
    (point,) = world.points(1)
    world.open([point])
    at = world.local("2026-03-30")
    whole = day_series(point, "2026-03-29", 10)
    part = whole.model_copy(update={"end": whole.end - days.QUARTER, "values_wh": (10,) * 91})
    again = whole.model_copy(update={"start": whole.end - days.QUARTER, "values_wh": (17,)})
    local = date(2026, 3, 29)
    key = (point, "consumption", local)
    world.send(part, at=at)
    assert values.energy_of(world.values.days[key], local) is None
    world.send(again, at=at)
    assert values.energy_of(world.values.days[key], local) == 91 * 10 + 17
    world.send(whole, at=at)
    assert values.energy_of(world.values.days[key], local) == 92 * 10
    assert values.energy_of([], local) is None


def test_a_channel_opened_again_keeps_what_was_told(world: Any, day_series: Any) -> None:
    (point,) = world.points(1)
    world.open([point], resolution="PT60M")
    sent(world, day_series, point, "2026-03-28", 60, 1000)
    assert [len(event.volumes) for event in estimates(world, "2026-05-29")][-1:] in ([0], [1])
    name = blocks.key(point[:15], world.dso)
    before = world.scenario.state(store.ANNUAL, name).points
    world.close([point], valid_to=world.local("2026-05-29"), at=world.local("2026-05-29"))
    world.open([point], resolution="PT60M", valid_from=world.local("2026-05-29"), at=world.local("2026-05-29"))
    assert world.scenario.state(store.ANNUAL, name).points == before
