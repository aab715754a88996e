"""A BSP applies for its group."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.prequal import v1
from contracts.registry import v1 as registry
from prequal import store

pytestmark = pytest.mark.unit


@pytest.fixture
def group(world: Any) -> str:
    """1,500 kW up and 600 kW down."""
    return world.group(world.id(1), points=range(3), up_w=500_000, down_w=200_000)


@pytest.mark.rule("BSP_NOT_QUALIFIED")
def test_only_a_qualified_bsp_applies(another_world: Any) -> None:
    world = another_world()
    group = world.group(world.id(1), points=range(3), up_w=500_000)
    world.apply(world.id(2), group, 1_000_000).refused("BSP_NOT_QUALIFIED", actual="mFRR", path="/product")


@pytest.mark.rule("GROUP_NOT_YOURS")
def test_an_unknown_group_and_another_ones_get_the_same_answer(world: Any, group: str) -> None:
    others = world.apply(world.id(2), group, 1_000_000, bsp=world.BSP_B).refused("GROUP_NOT_YOURS")
    unknown = world.apply(world.id(2), world.id(8), 1_000_000).refused("GROUP_NOT_YOURS")
    assert others.text_nb == unknown.text_nb


@pytest.mark.rule("APPLIED_BELOW_MINIMUM")
def test_the_minimum_is_allowed_and_a_watt_less_is_not(world: Any, group: str) -> None:
    world.apply(world.id(2), group, 999_999, 600_000).refused(
        "APPLIED_BELOW_MINIMUM", limit=1_000_000, actual=999_999, unit="W", rule="R9", path="/up_w"
    )
    world.apply(world.id(2), group, 1_000_000).then_only(v1.ApplicationReceived, v1.GridAssessmentRequested)


@pytest.mark.rule("APPLIED_ABOVE_DECLARED")
def test_each_direction_is_bounded_by_what_the_members_declare(world: Any, group: str) -> None:
    world.apply(world.id(2), group, 1_500_001).refused(
        "APPLIED_ABOVE_DECLARED", limit=1_500_000, actual=1_500_001, path="/up_w"
    )
    world.apply(world.id(2), group, 1_500_000, 600_001).refused(
        "APPLIED_ABOVE_DECLARED", limit=600_000, actual=600_001, path="/down_w"
    )
    world.apply(world.id(2), group, 1_500_000, 600_000).then_only(v1.ApplicationReceived, v1.GridAssessmentRequested)


@pytest.mark.rule("APPLICATION_UNDER_WAY")
def test_one_application_at_a_time(world: Any, group: str) -> None:
    world.apply(world.id(2), group, 1_000_000)
    world.apply(world.id(3), group, 1_000_000).refused("APPLICATION_UNDER_WAY")


@pytest.mark.rule("ID_NOT_AVAILABLE")
def test_an_id_is_taken_by_an_application_a_qualification_or_a_group(world: Any, group: str) -> None:
    world.apply(world.id(2), group, 1_000_000)
    other = world.group(world.id(5), points=range(10, 13), up_w=500_000)
    for taken in (world.id(2), world.id(900), group):
        world.apply(taken, other, 1_000_000).refused("ID_NOT_AVAILABLE")


def test_every_dso_above_is_asked_for_its_own_points_once(world: Any) -> None:
    world.scenario.given(
        world.area(world.AREA_1, world.DSO_1, parent=world.AREA_ABOVE),
        world.area(world.AREA_ABOVE, world.DSO_ABOVE, parent=world.AREA_1),  # a ring must not go on for ever
    )
    group = world.group(world.id(1), points=range(2), up_w=500_000)
    world.join(group, 2, area=world.AREA_2, dso=world.DSO_2, up_w=500_000)
    _, *asked = world.apply(world.id(2), group, 1_500_000).then_only(
        v1.ApplicationReceived, *[v1.GridAssessmentRequested] * 3
    )
    assert {one.dso: [point.metering_point_id for point in one.points] for one in asked} == {
        world.DSO_1: [world.point(0), world.point(1)],
        world.DSO_2: [world.point(2)],
        world.DSO_ABOVE: [world.point(0), world.point(1)],
    }


def test_the_smallest_answer_of_all_dsos_asked_for_a_point_counts(world: Any) -> None:
    world.scenario.given(
        world.area(world.AREA_1, world.DSO_1, parent=world.AREA_ABOVE), world.area(world.AREA_ABOVE, world.DSO_ABOVE)
    )
    group = world.group(world.id(1), points=range(3), up_w=500_000)
    world.apply(world.id(2), group, 1_500_000)
    (first,) = world.assess(
        world.id(2), world.DSO_1, "limited", limits=[world.limit(0, 300_000), world.limit(1, 100_000)]
    ).then_only(v1.GridAssessed)
    assert first.deliverable_up_w == 0
    (second,) = world.assess(
        world.id(2), world.DSO_ABOVE, "limited", limits=[world.limit(0, 100_000), world.limit(1, 300_000)]
    ).then_only(v1.GridAssessed)
    assert second.deliverable_up_w == 700_000


def test_what_joins_or_leaves_before_the_decision_is_counted_then(world: Any, group: str) -> None:
    world.apply(world.id(2), group, 1_000_000)
    world.join(group, 3, up_w=500_000)  # not asked about: counts 0 W (D29)
    world.scenario.given(world.leaves(group, 0, world.oslo(1, 10)))
    asked = [world.point(n) for n in range(3)]
    (assessed,) = world.assess(world.id(2), world.DSO_1, points=asked, at=world.oslo(1, 10)).then_only(v1.GridAssessed)
    assert (assessed.deliverable_up_w, assessed.deliverable_down_w) == (1_000_000, 400_000)
    assert assessed.still_asked == (world.DSO_1,)


def test_a_point_whose_stay_is_over_is_not_asked_about(world: Any, group: str) -> None:
    world.scenario.given(world.left(group, 0, world.oslo(1, 6)))
    _, asked = world.apply(world.id(2), group, 1_000_000).then_only(v1.ApplicationReceived, v1.GridAssessmentRequested)
    assert [point.metering_point_id for point in asked.points] == [world.point(1), world.point(2)]
    assert world.scenario.state(store.GROUP, group).members.keys() == {world.point(1), world.point(2)}


def changed(key: str, value: int, valid_from: Any) -> registry.PolicySet:
    """A policy was changed."""
    return registry.PolicySet(
        key=key, value=value, unit=None, valid_from=valid_from, source="D11", reason="x", owner="prequal", former=28
    )


def test_a_dso_is_given_the_days_that_hold_when_it_is_asked(world: Any, group: str) -> None:
    other = world.group(world.id(3), points=range(10, 13), up_w=500_000)
    world.scenario.given(changed("dso.answer-days", 14, world.oslo(2, 1)))

    _, before = world.apply(world.id(2), group, 1_000_000, at=world.oslo(1, 31, 9)).events
    _, after = world.apply(world.id(4), other, 1_000_000, at=world.oslo(2, 1, 9)).events
    assert (before.due_at, after.due_at) == (world.oslo(3, 1), world.oslo(2, 16))


@pytest.mark.rule("APPLIED_BELOW_MINIMUM")
def test_a_policy_of_registry_that_is_changed_is_followed_here(world: Any, group: str) -> None:
    world.scenario.given(changed("group.min-kw", 1_200, world.oslo(2, 1)))

    world.apply(world.id(2), group, 1_000_000, at=world.oslo(2, 1)).refused("APPLIED_BELOW_MINIMUM", limit=1_200_000)
    world.apply(world.id(2), group, 1_000_000, at=world.oslo(1, 31)).then_only(
        v1.ApplicationReceived, v1.GridAssessmentRequested
    )
