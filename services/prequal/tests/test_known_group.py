"""What is known of a group and its members, whose stays end for several reasons or go on in other groups."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.prequal import v1
from contracts.registry import v1 as registry
from prequal import store

pytestmark = pytest.mark.unit


@pytest.fixture
def group(world: Any) -> str:
    """Approved for 3,000 kW up: six points of 500 kW."""
    world.cap(10_000_000)
    group = world.group(world.id(1), points=range(6), up_w=500_000)
    world.apply(world.id(2), group, 3_000_000)
    world.assess(world.id(2), world.DSO_1)
    world.decide(world.id(2), up_w=3_000_000)
    return group


def stays(world: Any, group: str, n: int) -> Any:
    return world.scenario.state(store.GROUP, group).members.get(world.point(n), ())


def over(world: Any, group: str, n: int, at: Any, because: str) -> registry.MembershipEnded:
    return world.left(group, n, at).model_copy(update={"because": because})


def announced(world: Any, group: str, n: int, at: Any, because: str) -> registry.MembershipEndAnnounced:
    return world.leaves(group, n, at).model_copy(update={"because": because})


def cancelled(world: Any, group: str, n: int, because: str, valid_to: Any) -> registry.MembershipEndCancelled:
    return registry.MembershipEndCancelled(
        group_id=group,
        metering_point_id=world.point(n),
        bsp=world.BSP_A,
        dso=world.DSO_1,
        because=because,
        valid_to=valid_to,
    )


def test_every_event_of_members_is_known_but_for_the_brps() -> None:
    of_member = {
        event
        for event in vars(registry).values()
        if isinstance(event, type) and issubclass(event, registry.Event) and event.__name__.startswith("Member")
    }
    assert of_member - set(store.GROUP.folds) == {registry.MemberBrpChanged}


@pytest.mark.parametrize("because", ["moved", "split", "merged"])
def test_a_member_that_goes_on_in_another_group_counts_in_this_one_no_more(
    world: Any, group: str, because: str
) -> None:
    at = world.oslo(2, 1, 12)
    other = world.group(world.id(5))

    told = world.scenario.when(over(world, group, 0, at, because), at=at).events
    assert [(event.valid_from, event.up_w, event.deliverable_up_w) for event in told] == [(at, 2_000_000, 2_500_000)]
    world.scenario.when(world.joined(other, 0, up_w=500_000, valid_from=at), at=at).then()

    assert stays(world, group, 0) == ()
    (stay,) = stays(world, other, 0)
    assert (stay.valid_from, stay.valid_to) == (at, None)
    assert world.point(0) in world.scenario.state(store.GROUP, other).points(at=at)


def test_who_moves_with_an_end_announced_leaves_nothing_of_it_behind(world: Any, group: str) -> None:
    at, start = world.oslo(2, 1, 12), world.oslo(3, 1)
    world.scenario.given(world.leaves(group, 0, start), at=at)
    told = world.scenario.when(over(world, group, 0, at, "moved"), at=at).events
    assert [(event.valid_from, event.deliverable_up_w) for event in told] == [(at, 2_500_000)]
    assert stays(world, group, 0) == ()


def test_who_is_moved_on_in_the_moment_of_joining_was_never_there(world: Any, group: str) -> None:
    at = world.oslo(2, 1, 12)
    world.join(group, 9, valid_from=at)
    world.scenario.given(over(world, group, 9, at, "moved"), at=at)
    assert stays(world, group, 9) == ()


def test_of_several_ends_the_first_counts_whichever_is_told_last(world: Any, group: str) -> None:
    early, late = world.oslo(3, 1), world.oslo(3, 20)
    world.scenario.given(announced(world, group, 0, early, "switch"), at=world.oslo(2, 1))

    world.scenario.when(announced(world, group, 0, late, "left"), at=world.oslo(2, 2)).then()
    assert stays(world, group, 0)[0].valid_to == early
    told = world.scenario.when(cancelled(world, group, 0, "switch", late), at=world.oslo(2, 3)).events
    assert [(event.valid_from, event.deliverable_up_w) for event in told] == [(early, 3_000_000), (late, 2_500_000)]
    (stay,) = stays(world, group, 0)
    assert (stay.valid_to, stay.ends) == (late, {"left": late})


@pytest.mark.rule("GROUP_NOT_ACTIVE")
def test_only_an_active_group_is_applied_for(world: Any) -> None:
    group = world.id(1)
    formed = registry.GroupFormed(
        group_id=group, bsp=world.BSP_A, name="", zone=world.ZONE, brp_consumption=None, brp_production=None,
        status="forming",
    )  # fmt: skip
    world.scenario.given(formed)
    for n in range(3):
        world.join(group, n, up_w=500_000)

    world.apply(world.id(2), group, 1_000_000).refused("GROUP_NOT_ACTIVE", path="/group_id")
    own = {"group_id": group, "bsp": world.BSP_A, "zone": world.ZONE}
    world.scenario.given(registry.GroupActivated(**own, members=3, min_members=2))
    ending = registry.GroupEndAnnounced(**own, valid_to=world.oslo(2, 1))
    world.scenario.given(ending)
    world.apply(world.id(2), group, 1_000_000).refused("GROUP_NOT_ACTIVE")
    world.scenario.given(registry.GroupEnded(**own, valid_to=world.oslo(2, 1), because="left"))
    world.apply(world.id(2), group, 1_000_000).refused("GROUP_NOT_ACTIVE")
    assert world.scenario.state(store.GROUP, group).status == "ended"


def test_an_activated_draft_is_applied_for(world: Any) -> None:
    group = world.id(1)
    formed = registry.GroupFormed(
        group_id=group, bsp=world.BSP_A, name="", zone=world.ZONE, brp_consumption=None, brp_production=None,
        status="forming",
    )  # fmt: skip
    world.scenario.given(formed)
    for n in range(3):
        world.join(group, n, up_w=500_000)
    activated = registry.GroupActivated(group_id=group, bsp=world.BSP_A, zone=world.ZONE, members=3, min_members=2)
    world.scenario.given(activated)
    world.apply(world.id(2), group, 1_000_000).then_only(v1.ApplicationReceived, v1.GridAssessmentRequested)


def test_control_that_ends_ends_the_stay_then_and_what_is_taken_back_restores_it(world: Any, group: str) -> None:
    at, end, start = world.oslo(2, 1, 12), world.oslo(3, 1), world.oslo(4, 1)
    world.scenario.given(announced(world, group, 0, start, "switch"), at=at)
    told = world.scenario.when(announced(world, group, 0, end, "control-ended"), at=at).events
    assert (end, 2_500_000) in [(event.valid_from, event.deliverable_up_w) for event in told]

    world.scenario.given(cancelled(world, group, 0, "control-ended", start), at=at)
    assert stays(world, group, 0)[-1].valid_to == start
    world.scenario.given(cancelled(world, group, 0, "switch", None), at=at)
    assert stays(world, group, 0)[-1].valid_to is None


def test_control_that_was_over_before_it_was_told_is_no_stay_from_now_on(world: Any, group: str) -> None:
    at, truly = world.oslo(2, 1, 12), world.oslo(1, 25)
    world.scenario.given(announced(world, group, 0, truly, "control-ended"), at=at)
    world.scenario.given(over(world, group, 0, truly, "control-ended"), at=at)

    assert stays(world, group, 0) == ()
    assert world.point(0) not in world.scenario.state(store.GROUP, group).points(at=at)
