"""Opening and closing channels."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.meter_ingest.v1 import ChannelClosed, ChannelOpened
from contracts.registry.v1 import PolicySet
from meter_ingest import store

pytestmark = pytest.mark.unit


def test_a_dso_opens_channels_for_its_points(world: Any) -> None:
    points = world.points(1, 2)
    opened = world.open(points).then_only(ChannelOpened, ChannelOpened)
    assert [event.metering_point_id for event in opened] == points
    assert opened[0].valid_from == world.local("2026-03-28")
    channel = world.scenario.state(store.CHANNEL, points[0])
    assert channel.lines["consumption"][0].dso == world.dso
    (block,) = [state.state for (kind, _), state in world.scenario.documents.items() if kind == "block"]
    assert len(block.places) == 2


@pytest.mark.rule("CHANNEL_NOT_YOUR_POINT")
def test_an_unknown_point_and_anothers_are_refused_alike(world: Any) -> None:
    world.points(1, dso=world.other_dso)
    theirs = world.open([world.gsrn(1)]).refused("CHANNEL_NOT_YOUR_POINT")
    unknown = world.open([world.gsrn(2)]).refused("CHANNEL_NOT_YOUR_POINT")
    assert theirs == unknown
    world.close([world.gsrn(2)]).refused("CHANNEL_NOT_YOUR_POINT")


@pytest.mark.rule("CHANNEL_ALREADY_OPEN")
def test_a_channel_is_open_once(world: Any) -> None:
    points = world.points(1)
    world.open(points)
    world.open(points).refused("CHANNEL_ALREADY_OPEN", actual="2026-03-28")
    world.open(points, direction="production").then_only(ChannelOpened)


def test_a_closed_channel_opens_again_from_the_day_it_was_closed(world: Any) -> None:
    points = world.points(1)
    world.open(points)
    world.close(points)
    world.open(points, valid_from=world.local("2026-03-29")).refused("CHANNEL_ALREADY_OPEN")
    world.open(points, valid_from=world.local("2026-03-30"), resolution="PT60M").then_only(ChannelOpened)
    first, second = world.scenario.state(store.CHANNEL, points[0]).lines["consumption"]
    assert (first.valid_to, first.resolution, second.resolution) == (second.valid_from, "PT15M", "PT60M")


@pytest.mark.rule("CHANNEL_NOT_OPEN")
def test_what_is_not_open_cannot_be_closed(world: Any) -> None:
    points = world.points(1)
    world.close(points).refused("CHANNEL_NOT_OPEN")
    world.open(points)
    world.close(points).then_only(ChannelClosed)
    world.close(points).refused("CHANNEL_NOT_OPEN")


@pytest.mark.rule("METERING_POINT_REPEATED")
def test_a_point_stands_once_in_a_list(world: Any) -> None:
    (point,) = world.points(1)
    world.open([point, point]).refused_rows((1, "METERING_POINT_REPEATED")).refused("METERING_POINT_REPEATED")


@pytest.mark.rule("CHANNEL_PERIOD_INVALID")
def test_periods_are_not_empty_and_not_of_the_frozen_past(world: Any) -> None:
    points = world.points(1)
    early = {"valid_from": world.local("2026-03-12")}
    world.open(points, **early).refused("CHANNEL_PERIOD_INVALID", limit="2026-03-13", actual="2026-03-12")
    world.open(points, valid_from=world.local("2026-03-13"))
    world.scenario.until(world.local("2026-03-27", "11:00"))
    world.close(points, valid_to=world.local("2026-03-13")).refused("CHANNEL_PERIOD_INVALID", limit="2026-03-14")
    world.close(points, valid_to=world.local("2026-03-14")).then_only(ChannelClosed)


@pytest.mark.rule("CHANNEL_PERIOD_INVALID")
def test_a_policy_that_was_changed_is_followed_from_its_moment(world: Any) -> None:
    world.scenario.given(
        PolicySet(
            key="timeline.freeze-days",
            value=10,
            unit="days",
            valid_from=world.local("2026-03-27", "10:00"),
            source="D14",
            reason="x",
            owner="registry",
            former=14,
        )
    )
    start, before = world.local("2026-03-16"), world.local("2026-03-27", "09:59")
    world.open(world.points(1), valid_from=start).refused("CHANNEL_PERIOD_INVALID", limit="2026-03-17")
    world.open(world.points(1), valid_from=start, at=before).then_only(ChannelOpened)


def test_each_opens_the_good_ones_and_all_opens_none(world: Any) -> None:
    points = [*world.points(1, 2), world.gsrn(3), world.gsrn(4)]
    outcome = world.open(points, mode="each")
    assert len(outcome.then_only(ChannelOpened, ChannelOpened)) == 2
    outcome.refused_rows((2, "CHANNEL_NOT_YOUR_POINT"), (3, "CHANNEL_NOT_YOUR_POINT"))
    assert [reason.code for reason in outcome.reasons] == ["CHANNEL_NOT_YOUR_POINT"]
    world.open(points).refused("CHANNEL_ALREADY_OPEN")
    world.open(points[2:], mode="each").refused("CHANNEL_NOT_YOUR_POINT")
