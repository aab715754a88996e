"""A change that reaches many groups goes along them, some at a time, and comes to the same as at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts.prequal import v1
from contracts.registry import v1 as registry
from prequal import store
from prequal.domain import spreading

pytestmark = pytest.mark.unit

PLACE = "0190aaaa-0000-7000-8000-000000000000"


@pytest.fixture
def some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreading, "GROUPS_A_STEP", 2)


def approved(world: Any, count: int = 5) -> list[str]:
    """Groups of two points of 600 kW at one substation, each approved for 1,200 kW."""
    world.scenario.given(world.substation(PLACE))
    world.cap(20_000_000)
    groups = [world.group(world.id(n + 1)) for n in range(count)]
    for n, group in enumerate(groups):
        for m in (0, 1):
            world.join(group, 10 * n + m, up_w=600_000, substation=PLACE)
        world.apply(world.id(100 + n), group, 1_200_000)
        world.assess(world.id(100 + n), world.DSO_1)
        world.decide(world.id(100 + n), up_w=1_200_000)
    return groups


def told(events: list[Any], type_: type[Any] = v1.BiddableChanged) -> list[str]:
    return list(dict.fromkeys(event.group_id for event in events if type(event) is type_))


def now(world: Any, **over: Any) -> Any:
    """A limit to nothing from this moment on, for two hours."""
    at = world.oslo(2, 1)
    return world.limit_for_a_time(
        world.id(50), PLACE, up_w=0, valid_from=at, valid_to=at + timedelta(hours=2), at=at, **over
    )


def at_the_place(world: Any) -> list[tuple[Any, int]]:
    """What may be activated at the substation from 2 February on."""
    slices = world.scenario.state(store.LOCATION, f"{world.DSO_1}/{PLACE}").slices
    return [(one.valid_from, one.power.up_w) for one in slices if one.valid_from > world.oslo(2, 2)]


@pytest.mark.usefixtures("some_at_a_time")
def test_a_limit_reaches_its_groups_in_order_a_second_apart(world: Any) -> None:
    groups = approved(world)
    first = now(world).events
    assert told(first) == groups[:2]
    assert (first[-1].change, first[-1].groups, first[-1].last) == (f"restriction/{world.id(50)}", 2, groups[1])
    assert first[-1].next_at == world.oslo(2, 1) + timedelta(seconds=1)
    assert world.biddable(groups[4], world.oslo(2, 1)).biddable.up_w == 1_000_000
    rest = world.scenario.until(world.oslo(2, 1, 1)).events
    assert told(rest) == groups[2:]
    assert [event.next_at is None for event in rest if type(event) is v1.GroupsReached] == [False, True]
    assert not any(world.biddable(group, world.oslo(2, 1, 1)).biddable.up_w for group in groups)
    ended = world.scenario.until(world.oslo(2, 2)).events
    assert told(ended, v1.GroupRestrictionEnded) == groups
    assert world.scenario.state(store.SPREADING, f"restriction/{world.id(50)}") is None


def test_it_comes_to_the_same_as_at_once(world: Any, another_world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    other = another_world()
    other.qualified(other.BSP_A, other.BSP_B)
    for one, most in ((world, 50), (other, 2)):
        monkeypatch.setattr(spreading, "GROUPS_A_STEP", most)
        groups = approved(one)
        one.limit_for_a_time(one.id(50), PLACE, up_w=0)
        one.scenario.until(one.oslo(2, 2))
    at = world.oslo(2, 10, 7)
    assert [world.biddable(group, at).reasons for group in groups] == [
        other.biddable(group, at).reasons for group in groups
    ]
    assert at_the_place(world) == at_the_place(other) == [(world.oslo(2, 10, 6), 0), (world.oslo(2, 10, 10), 5_000_000)]


def test_a_step_takes_fewer_of_larger_groups(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreading, "MEMBERS_A_STEP", 5)
    groups = approved(world)
    assert told(now(world).events) == groups[:3]
    monkeypatch.setattr(spreading, "MEMBERS_A_STEP", 1)
    assert told(world.scenario.until(world.oslo(2, 1) + timedelta(seconds=1)).events) == groups[3:4]


@pytest.mark.usefixtures("some_at_a_time")
def test_what_is_lifted_on_the_way_goes_no_further(world: Any) -> None:
    groups = approved(world)
    now(world)
    at = world.oslo(2, 1) + timedelta(milliseconds=500)
    lifted = world.restrict(v1.LiftTemporaryLimit(text="Over."), world.id(50), at=at).events
    assert told(lifted, v1.GroupRestrictionEnded) == groups[:2]
    assert lifted[-1].next_at is None
    assert world.scenario.until(world.oslo(2, 2)).events == []
    assert all(world.biddable(group, world.oslo(2, 2)).biddable.up_w == 1_000_000 for group in groups)


@pytest.mark.usefixtures("some_at_a_time")
def test_who_joins_a_group_that_is_not_reached_yet_is_under_it_at_once(world: Any) -> None:
    groups = approved(world)
    now(world)
    hit = world.scenario.when(world.joined(groups[4], 99, substation=PLACE), at=world.oslo(2, 1)).events
    assert told(hit, v1.GroupRestricted) == [groups[4]]
    assert world.biddable(groups[4], world.oslo(2, 1)).biddable.up_w == 0


@pytest.mark.usefixtures("some_at_a_time")
def test_a_bsp_that_is_not_qualified_any_more_loses_all_its_groups(world: Any) -> None:
    groups = approved(world)
    revoked = v1.RevokeQualification(reasons="No contract any more.")
    first = world.scenario.when(revoked, subject=world.id(900), sender=world.TSO, at=world.oslo(2, 1)).events
    assert told(first) == groups[:2]
    assert told(world.scenario.until(world.oslo(2, 2)).events) == groups[2:]


def policy(key: str, value: int, valid_from: Any) -> registry.PolicySet:
    return registry.PolicySet(
        key=key, value=value, unit="kW", valid_from=valid_from, source="D3", reason="So.", owner="prequal", former=1000
    )


def test_what_may_be_bid_follows_a_policy_from_its_moment_on(world: Any) -> None:
    [group, *_] = approved(world, 2)
    moment = world.oslo(3, 1)
    [ahead] = world.scenario.when(policy("bid.step-kw", 100, moment), at=world.oslo(2, 1)).then_only(v1.GroupsReached)
    assert (ahead.next_at, ahead.groups) == (moment, 0)
    assert world.scenario.until(moment - timedelta(seconds=1)).events == []
    found = world.scenario.until(moment).events
    [changed] = [event for event in found if type(event) is v1.BiddableChanged and event.group_id == group]
    assert (changed.valid_from, changed.up_w, changed.step_w) == (moment, 1_200_000, 100_000)
    assert world.scenario.until(world.oslo(4, 1)).events == []


def test_a_policy_that_holds_now_is_followed_now_and_others_change_nothing(world: Any) -> None:
    groups = approved(world, 2)
    at = world.oslo(2, 1)
    events = world.scenario.when(policy("group.min-kw", 1_300, at), at=at).events
    assert told(events) == groups
    assert all(event.below_minimum for event in events if type(event) is v1.BiddableChanged)
    assert world.scenario.when(policy("dso.answer-days", 14, at), at=at).events == []


def test_who_waits_leaves_the_queue_when_a_policy_asks_for_more_than_it_can_deliver(world: Any) -> None:
    approved(world, 1)
    world.cap(1_200_000, at=world.oslo(1, 28))
    group = world.group(world.id(9), points=(91, 92), up_w=600_000)
    world.apply(world.id(109), group, 1_200_000, at=world.oslo(1, 28, 9))
    world.assess(world.id(109), world.DSO_1, at=world.oslo(1, 29, 9))
    world.decide(world.id(109), up_w=1_200_000, at=world.oslo(1, 30, 9))
    at = world.oslo(2, 1)
    events = world.scenario.when(policy("group.min-kw", 1_300, at), at=at).events
    assert [event.application_id for event in events if type(event) is v1.ApplicationLapsed] == [world.id(109)]
