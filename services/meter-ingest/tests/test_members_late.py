"""What is said of members after the order: an activation has those that really were, in each of its quarters (R47)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.meter_ingest.v1 import (
    ActivationMemberChanged,
    ActivationOrdered,
    ActivationVerified,
    AmendActivation,
    AnnulVerification,
    ExpectedEffect,
)
from contracts.registry import v1 as registry
from contracts.values import Period, make_gln
from meter_ingest import store
from meter_ingest.domain import documented

pytestmark = pytest.mark.unit

DAY, NEXT = "2026-03-28", "2026-03-29"
LATE = "2026-04-10"
FIGURES = [2000] * 40 + [1000] * 2 + [2000] * 54


def ended(world: Any, point: str, at: datetime, *, dso: str = "") -> registry.MembershipEnded:
    return registry.MembershipEnded(
        group_id=world.group,
        metering_point_id=point,
        bsp=world.bsp,
        dso=dso or world.dso,
        valid_to=at,
        because="control-ended",
        declared_up_w=0,
        declared_down_w=0,
    )


def announced(world: Any, point: str, at: datetime) -> registry.MembershipEndAnnounced:
    return registry.MembershipEndAnnounced(
        group_id=world.group,
        metering_point_id=point,
        bsp=world.bsp,
        dso=world.dso,
        valid_to=at,
        because="control-ended",
        declared_up_w=0,
        declared_down_w=0,
    )


def kept(world: Any, point: str) -> registry.MembershipEndCancelled:
    return registry.MembershipEndCancelled(
        group_id=world.group,
        metering_point_id=point,
        bsp=world.bsp,
        dso=world.dso,
        because="control-ended",
    )


def relocated(world: Any, point: str, since: datetime) -> registry.MemberRelocated:
    return registry.MemberRelocated(
        group_id=world.group,
        metering_point_id=point,
        bsp=world.bsp,
        dso=world.other_dso,
        former_dso=world.dso,
        grid_area=world.other_area,
        substation="T9",
        valid_from=since,
    )


def order(world: Any, points: list[str], *, clock: str = "10:00", minutes: int = 30) -> Any:
    world.open(points)
    world.formed()
    for point in points:
        world.joined(point)
    start = world.local(DAY, clock)
    return world.order(4000, start, start + timedelta(minutes=minutes), at=start - timedelta(minutes=15))


def verified(world: Any, day_series: Any, points: list[str]) -> ActivationVerified:
    at = world.local(NEXT, "06:30")
    outcome = world.send(*(day_series(point, DAY, FIGURES) for point in points), at=at)[1]
    (event,) = outcome.then_only(ActivationVerified)
    return event


def hears(world: Any, event: Any, at: datetime | None = None) -> Any:
    return world.scenario.when(event, at=at or world.local(LATE))


def test_who_had_left_before_counts_no_more_and_who_had_come_counts(world: Any, day_series: Any) -> None:
    points = world.points(1, 2, 3)
    order(world, points[:2])
    world.open(points[2:])
    world.send(day_series(points[2], DAY, FIGURES), at=world.local(NEXT, "06:00"))
    assert verified(world, day_series, points[:2]).points == 2

    changed, run = hears(world, ended(world, points[1], world.local(DAY))).then_only(
        ActivationMemberChanged, ActivationVerified
    )
    assert (changed.metering_point_id, changed.quarters, changed.because) == (points[1], "00", "membership")
    assert (run.run, run.because, run.version, run.points) == (2, "revision", 2, 1)
    assert [one.delivered_wh for one in run.quarters] == [1000, 1000]
    assert hears(world, ended(world, points[1], world.local(DAY))).events == [], "said twice"

    world.joined(points[2], valid_from=world.local("2026-03-27"))
    assert [one.because for one in world.scenario.log if isinstance(one, ActivationMemberChanged)] == ["membership"] * 2
    run = [one for one in world.scenario.log if isinstance(one, ActivationVerified)][-1]
    assert (run.run, run.points, run.result) == (3, 2, "verified")
    assert [one.delivered_wh for one in run.quarters] == [2000, 2000]
    corrected = day_series(points[2], DAY, [one * 2 for one in FIGURES], registered_at=world.local(LATE))
    (run,) = world.send(corrected, at=world.local(LATE, "12:00"))[1].then_only(ActivationVerified)
    assert [one.delivered_wh for one in run.quarters] == [3000, 3000], "its values are waited for and watched"


def test_what_is_said_of_later_or_of_another_group_touches_nothing(world: Any, day_series: Any) -> None:
    points = world.points(1, 2)
    order(world, points)
    verified(world, day_series, points)
    assert hears(world, ended(world, points[1], world.local(DAY, "10:30"))).events == []
    other = ended(world, points[0], world.local(DAY)).model_copy(update={"group_id": world.uuid(2)})
    assert hears(world, other).events == []


def test_who_leaves_at_the_midnight_counts_until_then(world: Any, day_series: Any) -> None:
    """However it is known: from before the order, or said afterwards, and later than it was first."""
    points = world.points(1, 2)
    order(world, points, clock="23:45")
    at = world.local("2026-03-30", "06:00")
    for day, wh in ((DAY, [100] * 95 + [40]), (NEXT, [40] + [100] * 91)):
        outcome = world.send(*(day_series(point, day, wh) for point in points), at=at)[1]
    assert [one.baseline_wh for one in outcome.events[-1].quarters] == [200, 200]
    changed, run = hears(world, announced(world, points[1], world.local(NEXT))).events
    assert (changed.quarters, run.run) == ("10", 2)
    assert [(one.baseline_wh, one.metered_wh) for one in run.quarters] == [(200, 80), (100, 40)]
    changed, run = hears(world, announced(world, points[1], world.local("2026-04-20"))).events
    assert (changed.quarters, run.run) == ("11", 3)
    hears(world, announced(world, points[1], world.local(DAY)))
    assert world.scenario.state(store.ACTIVATION, world.uuid(70)).points == (points[0],)
    changed, run = hears(world, kept(world, points[1])).events
    assert (changed.quarters, run.points) == ("11", 2)

    hears(world, announced(world, points[1], world.local(NEXT)))
    start = world.local(DAY, "23:45")
    command = AmendActivation(direction="up", power_w=1, period=Period(start=start, end=start + timedelta(minutes=30)))
    amended, *_ = world.scenario.when(command, subject=world.uuid(70), sender=world.tso, at=at).events
    assert (amended.metering_points, [one.quarters for one in amended.partly]) == (tuple(points), ["10"])


def test_evidence_has_who_came_later_in_it_as_what_it_was_then(world: Any) -> None:
    points = world.points(1, 2)
    world.formed()
    world.joined(points[0])
    world.joined(points[1], valid_from=world.local(NEXT), dso=world.other_dso)
    start = world.local(DAY, "23:45")
    ordered, *_ = world.order(4000, start, start + timedelta(minutes=30), at=start).events
    assert [(one.quarters, one.metering_points) for one in ordered.partly] == [("01", (points[1],))]
    state = world.scenario.state(store.ACTIVATION, world.uuid(70))
    found = documented.members(state, world.scenario.state(store.GROUP, world.group))
    assert {one.dso: one.metering_points for one in found} == {
        world.dso: (points[0],),
        world.other_dso: (points[1],),
    }


def test_whoever_has_them_now_members_are_those_of_the_quarter(world: Any, day_series: Any) -> None:
    """The point has passed to another group, and the group to another BSP: what was, was."""
    points = world.points(1, 2)
    order(world, points)
    first = verified(world, day_series, points)
    assert hears(world, ended(world, points[1], world.local(LATE))).events == []
    world.formed(world.uuid(2))
    world.joined(points[1], group=world.uuid(2), valid_from=world.local(LATE))
    passed = registry.GroupPassed(
        merger_id=world.uuid(9),
        group_id=world.group,
        bsp=world.bsp,
        successor=make_gln(12),
        start=world.local(LATE),
    )
    assert hears(world, passed).events == []
    at = world.local(LATE, "12:00")
    corrected = day_series(points[1], DAY, [one * 2 for one in FIGURES], registered_at=world.local(LATE))
    (run,) = world.send(corrected, at=at)[1].then_only(ActivationVerified)
    assert (run.bsp, run.points, run.points) == (first.bsp, 2, first.points)


def test_who_is_missing_still_is_waited_for_no_more_when_it_was_no_member(world: Any, day_series: Any) -> None:
    points = world.points(1, 2)
    order(world, points)
    at = world.local(NEXT, "06:30")
    assert world.send(day_series(points[0], DAY, FIGURES), at=at)[1].events == []
    changed, run = hears(world, ended(world, points[1], world.local(DAY)), at).events
    assert (changed.version, run.run, run.because, run.result) == (2, 1, "complete", "verified")


def test_a_member_of_which_nothing_came_is_no_member_of_the_next_run(world: Any, day_series: Any) -> None:
    points = world.points(1, 2)
    order(world, points)
    world.send(day_series(points[0], DAY, FIGURES), at=world.local(NEXT, "06:30"))
    run = next(
        one for one in world.scenario.until(world.local(NEXT, "09:00")).events if isinstance(one, ActivationVerified)
    )
    assert (run.result, run.points) == ("incomplete", 2)
    _, run = hears(world, ended(world, points[1], world.local(DAY))).events
    assert (run.result, run.points) == ("verified", 1)


def test_of_a_source_that_was_wrong_a_late_member_starts_no_run(world: Any, day_series: Any) -> None:
    points = world.points(1, 2)
    order(world, points)
    verified(world, day_series, points)
    world.scenario.when(AnnulVerification(), subject=world.uuid(70), sender=world.tso, at=world.local(NEXT, "10:00"))
    hears(world, ended(world, points[1], world.local(DAY))).then_only(ActivationMemberChanged)


def test_where_a_member_lies_and_what_it_counts_is_told_anew_until_it_is_over(world: Any) -> None:
    points = world.points(1, 2)
    before = order(world, points).then_only(ActivationOrdered, ExpectedEffect)[1]
    assert (before.dso, before.substations[0].power_w) == (world.dso, 4000)
    since, at = world.local(DAY), world.local(DAY, "09:50")
    changed, own, other = hears(world, relocated(world, points[1], since), at).then_only(
        ActivationMemberChanged, ExpectedEffect, ExpectedEffect
    )
    assert (changed.version, changed.quarters, changed.because) == (2, "11", "place")
    assert {(one.dso, one.version, one.substations[0].power_w) for one in (own, other)} == {
        (world.dso, 2, 2000),
        (world.other_dso, 2, 2000),
    }
    assert hears(world, relocated(world, points[1], since), at).events == [], "said twice"
    grown = registry.MemberPowerChanged(
        group_id=world.group,
        metering_point_id=points[1],
        bsp=world.bsp,
        dso=world.other_dso,
        valid_from=since,
        up_w=15_000,
        down_w=0,
        declared_up_w=0,
        declared_down_w=0,
        group_max_w=5_000_000,
        point_limit_w=1_000_000,
    )
    changed, *told = hears(world, grown, at).events
    assert changed.because == "power"
    assert {one.dso: one.substations[0].power_w for one in told} == {world.dso: 1000, world.other_dso: 3000}
    changed, own, gone = hears(world, ended(world, points[1], since, dso=world.other_dso), at).events
    assert (changed.because, changed.quarters) == ("membership", "00")
    assert (own.dso, own.substations[0].power_w) == (world.dso, 4000)
    assert (gone.dso, gone.substations, gone.version) == (world.other_dso, (), 4)
    over = world.local(DAY, "10:30")
    assert hears(world, relocated(world, points[0], since), over).events == [], "nothing is expected any more"
