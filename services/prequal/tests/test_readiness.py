"""Why less may be bid than is declared, and the warning before a whole step is lost."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.prequal import v1
from prequal import store

pytestmark = pytest.mark.unit


@pytest.fixture
def group(world: Any) -> str:
    """Approved for 2,000 kW up of 2,500 declared: five points of 500 kW, one of them limited to 400 kW."""
    world.cap(9_000_000)
    group = world.group(world.id(1), points=range(5), up_w=500_000)
    world.apply(world.id(2), group, 2_000_000)
    world.assess(world.id(2), world.DSO_1, "limited", limits=[world.limit(0, 400_000)])
    world.decide(world.id(2), up_w=2_000_000)
    return group


def reasons(told: Any) -> dict[str, int]:
    """They take all that is declared, but what may be bid."""
    assert told.declared_up_w - sum(one.up_w for one in told.reasons) == told.up_w
    assert told.declared_down_w - sum(one.down_w for one in told.reasons) == told.down_w
    return {one.why: one.up_w for one in told.reasons}


def last(world: Any) -> v1.BiddableChanged:
    return [event for event in world.scenario.log if isinstance(event, v1.BiddableChanged)][-1]


def test_every_reason_says_what_it_takes(world: Any, group: str) -> None:
    assert reasons(last(world)) == {"assessment": 100_000, "approved": 400_000}
    world.scenario.given(world.joined(group, 9, up_w=700_000), at=world.oslo(2, 1))
    world.limit_for_a_time(world.id(50), scope="part", group_id=group, up_w=1_300_000, valid_from=None)
    told = [event for event in world.scenario.log if isinstance(event, v1.BiddableChanged)][-2]
    assert (told.unassessed_up_w, told.declared_up_w) == (700_000, 3_200_000)
    assert reasons(told) == {
        "unassessed": 700_000, "assessment": 100_000, "temporary-limit": 1_100_000, "whole-steps": 300_000,
    }  # fmt: skip
    world.assess(world.id(2), world.DSO_1, "rejected", text="Line.", at=world.oslo(2, 3))
    assert last(world).unassessed_up_w == 0


def test_below_the_minimum_it_is_all_that_is_left(world: Any, group: str) -> None:
    for n in range(1, 5):
        world.scenario.given(world.leaves(group, n, world.oslo(3, 1)), at=world.oslo(2, 1))
    told = last(world)
    assert (told.below_minimum, told.declared_up_w) == (True, 500_000)
    assert reasons(told) == {"assessment": 100_000, "below-minimum": 400_000}
    *_, ended = world.scenario.until(world.oslo(3, 29)).then_only(v1.ApprovalEnded, v1.BiddableChanged)
    assert reasons(ended) == {"assessment": 100_000, "approved": 400_000}


def risks(beside: list[Any]) -> list[Any]:
    return [event for event in beside if not isinstance(event, v1.LocationReadinessChanged | v1.MegawattStepLookSet)]


def test_a_step_near_to_being_lost_is_told_once_until_it_is_safe_again(world: Any, group: str) -> None:
    (risk,) = risks(world.scenario.when(world.counts(group, 1, up_w=170_000), at=world.oslo(2, 1)).beside)
    assert (risk.direction, risk.biddable_w, risk.margin_w, risk.lost_at) == ("up", 2_000_000, 70_000, None)
    assert risk.warn_margin_w == 100_000
    assert risks(world.scenario.when(world.counts(group, 1, up_w=150_000), at=world.oslo(2, 2)).beside) == []
    (over,) = risks(world.scenario.when(world.counts(group, 1, up_w=300_000), at=world.oslo(2, 3)).beside)
    assert (over.because, over.biddable_w) == ("recovered", 2_000_000)
    world.scenario.when(world.counts(group, 1, up_w=100_000), at=world.oslo(2, 4))
    (over,) = risks(world.scenario.when(world.counts(group, 1, up_w=50_000), at=world.oslo(2, 5)).beside)
    assert (type(over), over.because, over.biddable_w) == (v1.MegawattStepWarningCleared, "lost", 1_000_000)


def test_a_step_that_is_lost_much_later_is_told_when_that_is_near(world: Any, group: str) -> None:
    scenario = world.scenario
    ahead = scenario.when(world.leaves(group, 1, world.oslo(9, 1)), at=world.oslo(2, 1))
    assert risks(ahead.beside) == []
    assert risks(scenario.until(world.oslo(8, 3, 23)).beside) == []
    (risk,) = risks(scenario.until(world.oslo(8, 4)).beside)
    assert (risk.lost_at, risk.then_w) == (world.oslo(9, 1), 1_000_000)
    assert risks(scenario.until(world.oslo(8, 31)).beside) == [], "once"
    assert scenario.state(store.APPROVAL, group).look_at is None


def test_what_is_taken_back_before_it_is_near_is_never_told(world: Any, group: str) -> None:
    world.scenario.when(world.leaves(group, 1, world.oslo(9, 1)), at=world.oslo(2, 1))
    world.scenario.when(world.stays(group, 1), at=world.oslo(2, 3))
    assert risks(world.scenario.until(world.oslo(9, 2)).beside) == []


def test_a_coming_step_that_is_lost_is_told_with_its_date(world: Any, group: str) -> None:
    (risk,) = risks(world.scenario.when(world.leaves(group, 1, world.oslo(3, 1)), at=world.oslo(2, 1)).beside)
    assert (risk.margin_w, risk.lost_at, risk.then_w) == (400_000, world.oslo(3, 1), 1_000_000)
    (again,) = risks(world.scenario.when(world.leaves(group, 2, world.oslo(2, 20)), at=world.oslo(2, 2)).beside)
    assert again.lost_at == world.oslo(2, 20)
    assert risks(world.scenario.when(world.stays(group, 1), at=world.oslo(2, 3)).beside) == []
    (over,) = risks(world.scenario.when(world.stays(group, 2), at=world.oslo(2, 4)).beside)
    assert over.because == "recovered"


def test_the_margin_is_policy(world: Any, group: str) -> None:
    from contracts.registry import v1 as registry

    world.scenario.given(
        registry.PolicySet(
            key="readiness.warn-margin-kw", value=10, unit="kW", valid_from=world.oslo(1, 30), source="R12",
            owner="prequal", reason="A try.", by=world.TSO, former=100,
        )
    )  # fmt: skip
    assert risks(world.scenario.when(world.counts(group, 1, up_w=170_000), at=world.oslo(2, 1)).beside) == []


def test_a_step_that_a_limit_takes_is_safe_again_when_it_is_over(world: Any, group: str) -> None:
    (risk,) = risks(world.limit_for_a_time(world.id(50), scope="part", group_id=group, up_w=0).beside)
    assert (risk.lost_at, risk.then_w) == (world.oslo(2, 10, 6), 0)
    (over,) = risks(world.scenario.until(world.oslo(2, 10, 10)).beside)
    assert (over.because, over.biddable_w) == ("recovered", 2_000_000)
