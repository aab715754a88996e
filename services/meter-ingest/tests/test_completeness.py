"""Completeness per DSO and local day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from contracts.meter_ingest.v1 import CompletenessPublished, ValuesReminded
from meter_ingest import store
from meter_ingest.domain import channel, completeness, control, counts, known

pytestmark = pytest.mark.unit


def test_a_day_is_published_at_seven_the_next_morning_and_only_days_that_are_owed(world: Any, day_series: Any) -> None:
    points = world.points(1, 2, 3)
    world.open(points[:2])
    world.open(points[2:], resolution="PT60M")
    world.close(points)
    world.send(
        day_series(points[0], "2026-03-28", 1),
        day_series(points[2], "2026-03-28", 4, resolution="PT60M"),
        at=world.local("2026-03-29", "06:30"),
    )
    assert world.scenario.until(world.local("2026-03-29", "06:59")).events == []
    published, reminded = world.scenario.until(world.local("2026-03-29", "07:00")).then_only(
        CompletenessPublished, ValuesReminded
    )
    assert (published.expected_series, published.complete_series) == (3, 2)
    assert (published.expected_values, published.received_values) == (96 + 96 + 24, 96 + 24)
    assert reminded.metering_points == (points[1],)

    world.send(day_series(points[1], "2026-03-28", 1), at=world.local("2026-03-29", "08:00"))
    for point in points[:2]:
        world.send(day_series(point, "2026-03-29", 1), at=world.local("2026-03-30", "06:30"))
    world.send(day_series(points[2], "2026-03-29", 1, resolution="PT60M"), at=world.local("2026-03-30", "06:30"))
    (published,) = world.scenario.until(world.local("2026-03-31", "12:00")).then_only(CompletenessPublished)
    assert str(published.date) == "2026-03-29"
    assert (published.expected_values, published.received_values) == (92 + 92 + 23, 92 + 92 + 23)
    assert world.scenario.until(world.local("2026-12-31")).events == [], "the channels are closed: nothing is owed"


def test_a_day_in_blocks_is_complete_when_no_quarter_is_missing(world: Any, day_series: Any) -> None:
    """MV-12: option B, 1-20, 25-40, 41-96, then 21-24."""
    (point,) = world.points(1)
    world.open([point])
    whole = day_series(point, "2026-03-28", 7)

    def block(first: int, last: int) -> Any:
        step = (whole.end - whole.start) / 96
        changes = {"start": whole.start + (first - 1) * step, "end": whole.start + last * step}
        return whole.model_copy(update={**changes, "values_wh": (7,) * (last - first + 1)})

    at = world.local("2026-03-29", "01:00")
    world.send(block(1, 20), block(25, 40), block(41, 96), at=at)
    (document,) = [found.state for (kind, _), found in world.scenario.documents.items() if kind == "received"]
    (quarters,) = document.places.values()
    assert [bit + 1 for bit in range(96) if not quarters >> bit & 1] == [21, 22, 23, 24]
    world.send(block(21, 24), at=at)
    world.scenario.until(world.local("2026-03-29", "07:00")).then_only(CompletenessPublished)


def test_a_channel_opened_back_in_time_owes_its_days_at_once(world: Any) -> None:
    points = world.points(1)
    world.open(points, valid_from=world.local("2026-03-25"), at=world.local("2026-03-27", "12:00"))
    days = [event.date.day for event in world.scenario.until(world.local("2026-03-27", "12:00")).events[::2]]
    assert days == [25, 26]
    assert completeness.next_day(world.scenario.state(store.COMPLETENESS, world.dso)).day == 27


def test_days_without_an_open_channel_are_passed_over(world: Any) -> None:
    points = world.points(1)
    world.open(points)
    world.close(points, valid_to=world.local("2026-03-29"))
    world.open(points, valid_from=world.local("2026-04-02"))
    events = world.scenario.until(world.local("2026-04-04", "07:00")).events
    days = [str(event.date) for event in events if isinstance(event, CompletenessPublished)]
    assert days == ["2026-03-28", "2026-04-02", "2026-04-03"]


def test_each_dso_has_its_own(world: Any) -> None:
    world.open(world.points(1))
    world.open(world.points(2, dso=world.other_dso), sender=world.other_dso)
    events = world.scenario.until(world.local("2026-03-29", "07:00")).events
    assert {(event.dso, type(event).__name__) for event in events} == {
        (dso, name) for dso in (world.dso, world.other_dso) for name in ("CompletenessPublished", "ValuesReminded")
    }


def test_points_of_which_the_same_is_known_count_as_each_by_itself(world: Any) -> None:
    """What is read from the store is one object for all that are alike; of some, more is known beside it."""
    since = world.local("2026-01-01")
    channels = (channel.Period(world.dso, "PT15M", since),)
    versions = (known.PointVersion(since, world.dso, 0, grid_area=world.area),)
    other = (known.PointVersion(since, world.dso, 0, grid_area=world.other_area),)
    places = ("001", "002", "003", "004", "005")
    stay = known.Stay(world.area, world.dso, None, 0, 0, since, None)
    member = known.Memberships({world.group: known.Group("b", {"707057500000000004": (stay,)})})
    held = control.Control({"002": (control.Hold(world.bsp, since),)})
    block = channel.Block(dict.fromkeys(places[:4], channels))
    points = known.Points({**dict.fromkeys(places, versions), "003": other})
    arrived = known.Received(dict.fromkeys(places, 2**96 - 1))
    for controls, memberships in ((None, None), (held, None), (None, member), (held, member)):
        where = counts.Where("707057500000000", points, controls, memberships)
        day = date(2026, 3, 28)
        found = counts.of_block(day, "consumption", block, arrived, where)
        alone = [
            counts.of_block(day, "consumption", block, known.Received({place: 2**96 - 1}), where) for place in places
        ]
        every = {scope: counts.NOTHING for one in alone for scope in one}
        for one in alone:
            every |= {scope: every[scope].plus(said) for scope, said in one.items()}
        assert found == every
        assert found[f"dso/{world.dso}"].complete_series == 4
        assert (f"bsp/{world.bsp}" in found) == (controls is not None)
