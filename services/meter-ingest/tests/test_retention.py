"""How long values are kept: what is decided."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from contracts.meter_ingest.v1 import SetValueRetention, ValueRetentionSet, ValuesExpired
from contracts.registry.v1 import PolicySet
from contracts.values import Role
from meter_ingest import store
from meter_ingest.domain import retention

pytestmark = pytest.mark.unit


def keep(
    world: Any, points: list[str], years: int = 10, *, sender: str = "", at: str = "2026-03-27", **more: Any
) -> Any:
    command = SetValueRetention(metering_points=tuple(points), keep_years=years, reason="Exchange", **more)
    sender = sender or world.dso
    role = Role.TSO if sender == world.tso else Role.DSO
    return world.scenario.when(command, subject=world.uuid(950), sender=sender, role=role, at=world.local(at, "10:00"))


def kept(world: Any, point: str) -> retention.Kept | None:
    state = world.scenario.state(store.RETENTION, point[:15])
    return state.places.get(point[15:]) if state else None


def test_a_dso_keeps_values_of_its_points_longer_and_no_longer_again(world: Any) -> None:
    points = world.points(1, 2)
    one, two = keep(world, points).then_only(ValueRetentionSet, ValueRetentionSet)
    assert (one.metering_point_id, one.dso, one.keep_years, one.kept_from) == (points[0], world.dso, 10, None)
    block = world.scenario.state(store.RETENTION, points[0][:15])
    assert retention.marked({points[0][:15]: block}) == set(points)
    keep(world, points[1:], 3).then_only(ValueRetentionSet)
    block = world.scenario.state(store.RETENTION, points[0][:15])
    assert retention.marked({points[0][:15]: block}) == {points[0]}
    assert two.reason == "Exchange"


@pytest.mark.rule("RETENTION_NOT_YOUR_POINT")
def test_a_dso_says_so_of_its_own_points_alone_and_the_tso_of_any(world: Any) -> None:
    points = world.points(1)
    anothers = keep(world, points, sender=world.other_dso).refused("RETENTION_NOT_YOUR_POINT")
    assert anothers == keep(world, [world.gsrn(77)], sender=world.other_dso).refused("RETENTION_NOT_YOUR_POINT")
    keep(world, [world.gsrn(77)], sender=world.tso).refused("RETENTION_NOT_YOUR_POINT")
    keep(world, points, sender=world.tso).then_only(ValueRetentionSet)


@pytest.mark.rule("RETENTION_UNCHANGED")
def test_what_is_so_already_is_not_said_again(world: Any) -> None:
    points = world.points(1, 2)
    keep(world, points, 3).refused("RETENTION_UNCHANGED", actual=3)
    keep(world, points[:1])
    outcome = keep(world, points, mode="each").refused_rows((0, "RETENTION_UNCHANGED"))
    assert [event.metering_point_id for event in outcome.events] == points[1:]


def test_a_month_goes_when_all_of_it_is_three_years_old_and_then_one_a_month(world: Any) -> None:
    world.open(world.points(1))  # from 2026-03-28
    assert not [event for event in world.scenario.until(world.local("2029-03-31", "23:59")).events if expired(event)]
    (event,) = filter(expired, world.scenario.until(world.local("2029-04-01")).events)
    assert (event.keep_years, event.month, event.years) == (3, date(2026, 3, 1), 3)
    assert event.decided_at == world.local("2029-04-01")
    found = [event for event in world.scenario.until(world.local("2029-06-01")).events if expired(event)]
    assert [event.month for event in found] == [date(2026, 4, 1), date(2026, 5, 1)]


def test_an_earlier_channel_begins_it_earlier(world: Any) -> None:
    world.open(world.points(1))
    world.open(world.points(2), valid_from=world.local("2026-02-27"), at=world.local("2026-03-05"))
    (event,) = filter(expired, world.scenario.until(world.local("2029-03-01")).events)
    assert event.month == date(2026, 2, 1)


def test_the_policy_in_force_says_how_many_years_and_no_month_comes_back(world: Any) -> None:
    world.open(world.points(1))
    world.scenario.until(world.local("2029-04-01"))
    world.scenario.given(
        PolicySet(
            key="retention.values-years",
            value=5,
            unit="years",
            valid_from=world.local("2029-04-02"),
            source="test",
            reason="test",
            owner="meter-ingest",
            former=3,
        )
    )
    (event,) = filter(expired, world.scenario.until(world.local("2029-05-01")).events)
    assert (event.years, event.month) == (5, date(2026, 3, 1)), "what is gone stays gone"
    found = [event.month for event in world.scenario.until(world.local("2031-05-01")).events if expired(event)]
    assert found[-1] == date(2026, 4, 1)


def test_what_was_gone_when_a_point_was_marked_is_not_asked_for(world: Any) -> None:
    points = world.points(1, 2)
    world.open(points)
    keep(world, points[:1])
    world.scenario.until(world.local("2029-04-01"))
    (event,) = keep(world, points[1:], at="2029-04-10").then_only(ValueRetentionSet)
    assert event.kept_from == date(2026, 4, 1)
    expired = {3: retention.Expiry(date(2029, 5, 1), date(2026, 3, 1)), 10: None}
    assert retention.floor(kept(world, points[0]), expired) is None, "it was marked in time"
    assert retention.floor(kept(world, points[1]), expired) == date(2026, 4, 1)
    assert retention.floor(None, expired) == date(2026, 4, 1)
    keep(world, points[:1], 3, at="2029-04-11").then_only(ValueRetentionSet)
    assert retention.floor(kept(world, points[0]), expired) == date(2026, 4, 1)


def expired(event: object) -> bool:
    return isinstance(event, ValuesExpired)
