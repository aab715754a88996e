"""The TSO demands that a group be split (R17 to R19)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from contracts.prequal import v1
from contracts.registry import v1 as registry
from prequal import store

pytestmark = pytest.mark.unit


@pytest.fixture
def application(world: Any) -> str:
    """1,500 kW up, all at one substation."""
    group = world.group(world.id(1), points=range(3), up_w=500_000)
    world.cap(9_000_000)
    world.scenario.given(
        registry.GroupMeasured(
            group_id=group, bsp=world.BSP_A, zone=world.ZONE, at=world.oslo(1, 5), members=3,
            declared_up_w=1_500_000, declared_down_w=0, substations=1, substation_hhi_ppm=1_000_000,
            substation_largest_ppm=1_000_000, substation_largest=world.id(70), substation_unknown_ppm=0, grid_areas=1,
            grid_area_hhi_ppm=1_000_000, grid_area_largest_ppm=1_000_000, grid_area_largest=world.AREA_1,
        )
    )  # fmt: skip
    world.apply(world.id(2), group, 1_200_000)
    world.assess(world.id(2), world.DSO_1)
    return world.id(2)


def require(world: Any, application: str, **over: Any) -> Any:
    """The TSO demands it on 10 January."""
    return world.tso(
        application, v1.RequireSplit(reason="All behind one transformer.", due_on=date(2026, 2, 10), **over)
    )


def split(world: Any, *, rest: int) -> registry.GroupSplit:
    """The BSP has split it."""
    part = registry.FormedPart(group_id=world.id(30), members=2, up_w=1_000_000, down_w=0)
    return registry.GroupSplit(group_id=world.id(1), bsp=world.BSP_A, zone=world.ZONE, into=(part,), rest=rest)


def due(world: Any, application: str) -> dict[str, Any]:
    """When the clocks that run will have run out."""
    return {one.clock.clock: one.clock.due_at for one in world.scenario.state(store.APPLICATION, application).clocks}


@pytest.mark.rule("SPLIT_OUTSTANDING")
def test_the_demand_shows_the_figures_and_the_application_waits(world: Any, application: str) -> None:
    (required,) = require(world, application).then_only(v1.SplitRequired)
    assert (required.due_at, required.spread.substation_largest_ppm, required.spread.substations) == (
        world.oslo(2, 11), 1_000_000, 1,
    )  # fmt: skip
    assert due(world, application) == {"split": world.oslo(2, 11)}
    world.decide(application, up_w=1_200_000).refused("SPLIT_OUTSTANDING", retryable=True)


def test_the_tsos_clocks_go_on_later_by_the_days_that_the_split_took(world: Any, application: str) -> None:
    require(world, application)
    (settled,) = world.scenario.when(split(world, rest=1), at=world.oslo(1, 25, 14)).then_only(v1.SplitSettled)
    assert (settled.because, settled.into) == ("split", (world.id(30),))
    assert [(one.clock, one.outcome) for one in settled.stopped] == [("split", "kept")]
    # 15 days later than 4 March and 7 April.
    assert due(world, application) == {"completeness": world.oslo(3, 19), "decision": world.oslo(4, 22)}
    assert {one.paused_days for one in settled.clocks} == {15}
    assert world.scenario.state(store.APPLICATION, application).status == "received"
    decided, *_ = world.decide(application, up_w=1_200_000).events
    assert decided.spread.substation_hhi_ppm == 1_000_000
    assert (decided.spread.substation_largest, decided.spread.grid_area_largest) == (None, None)


def test_a_clock_that_had_run_out_is_not_told_of_again_after_a_pause(world: Any, application: str) -> None:
    world.scenario.until(world.oslo(5, 1))
    (required,) = world.tso(
        application, v1.RequireSplit(reason="Late.", due_on=date(2026, 6, 1)), at=world.oslo(5, 2)
    ).then_only(v1.SplitRequired)
    assert [one.clock for one in required.clocks] == ["split"]
    world.tso(application, v1.LiftSplitDemand(reason="No use."), at=world.oslo(5, 12)).then_only(v1.SplitSettled)
    world.scenario.until(world.oslo(12, 1)).then()


def test_what_was_reminded_of_before_a_pause_is_not_again(world: Any, application: str) -> None:
    world.scenario.until(world.oslo(2, 26)).then_only(v1.ApplicationReminded)
    demand = v1.RequireSplit(reason="Late.", due_on=date(2026, 6, 1))
    world.tso(application, demand, at=world.oslo(2, 26, 9))
    world.tso(application, v1.LiftSplitDemand(reason="No use."), at=world.oslo(3, 26, 9))
    (overdue,) = world.scenario.until(world.oslo(4, 20)).then_only(v1.ApplicationOverdue)
    assert (overdue.clock, overdue.due_at) == ("completeness", world.oslo(4, 1))
    (soon,) = world.scenario.until(world.oslo(5, 1)).then_only(v1.ApplicationReminded)
    # 28 days later than 31 March.
    assert (soon.clock, soon.due_at) == ("decision", world.oslo(5, 5))


def test_a_group_that_is_split_up_wholly_ends_its_application(world: Any, application: str) -> None:
    require(world, application)
    world.scenario.when(split(world, rest=0), at=world.oslo(1, 25)).then()
    ended = registry.GroupEnded(
        group_id=world.id(1), bsp=world.BSP_A, zone=world.ZONE, valid_to=world.oslo(1, 25), because="split",
        into=(world.id(30), world.id(31)),
    )  # fmt: skip
    (lapsed,) = world.scenario.when(ended, at=world.oslo(1, 25)).then_only(v1.ApplicationLapsed)
    assert (lapsed.because, lapsed.into) == ("group-split", (world.id(30), world.id(31)))
    assert world.scenario.state(store.APPROVAL, world.id(1)).under_way is None
    world.scenario.until(world.oslo(12, 31)).then()


def test_a_group_that_ends_while_it_waits_leaves_its_place(world: Any, application: str) -> None:
    world.cap(1_100_000)
    world.decide(application, up_w=1_200_000).then_only(v1.PrequalificationDecided, v1.ApplicationQueued)
    other = world.group(world.id(5), points=range(10, 13), up_w=500_000)
    world.apply(world.id(6), other, 1_000_000)
    world.assess(world.id(6), world.DSO_1)
    world.decide(world.id(6), up_w=1_000_000).then_only(v1.PrequalificationDecided, v1.ApplicationQueued)
    ended = registry.GroupEnded(
        group_id=world.id(1), bsp=world.BSP_A, zone=world.ZONE, valid_to=world.oslo(2, 1), because="left"
    )
    lapsed, entered, _ = world.scenario.when(ended, at=world.oslo(2, 1)).then_only(
        v1.ApplicationLapsed, v1.VolumeReserved, v1.BiddableChanged
    )
    assert (lapsed.because, entered.application_id) == ("group-ended", world.id(6))


def test_a_split_that_is_not_made_is_told_and_the_tso_may_reject(world: Any, application: str) -> None:
    require(world, application)
    soon, overdue = world.scenario.until(world.oslo(2, 11)).then_only(v1.ApplicationReminded, v1.ApplicationOverdue)
    assert (soon.clock, overdue.clock, overdue.owed_by) == ("split", "split", "bsp")
    (decided,) = world.decide(application, "rejected", reason_codes=("too-concentrated",)).then_only(
        v1.PrequalificationDecided
    )
    assert decided.reason_codes == ("too-concentrated",)
    stopped = {one.clock: (one.outcome, one.paused_days) for one in decided.stopped}
    # Decided on 27 January: said after the due date here, but the pause is from the demand to the decision.
    assert stopped["decision"] == ("kept", 17)
    assert stopped["split"] == ("void", 0)


@pytest.mark.rule("DUE_DATE_PAST")
def test_the_due_date_is_to_come(world: Any, application: str) -> None:
    command = v1.RequireSplit(reason="?", due_on=date(2026, 1, 9))
    world.tso(application, command).refused("DUE_DATE_PAST", path="/due_on")
    today = v1.RequireSplit(reason="?", due_on=date(2026, 1, 10))
    world.tso(application, today).then_only(v1.SplitRequired)


def found(world: Any) -> list[v1.ConcentrationFlagged]:
    return [event for event in world.scenario.log if isinstance(event, v1.ConcentrationFlagged)]


def test_too_much_at_one_place_is_told_and_decides_nothing(world: Any, application: str) -> None:
    (one,) = found(world)
    assert (one.application_id, one.group_id, one.bsp, one.limit_pct) == (application, world.id(1), world.BSP_A, 50)
    assert (one.spread.substation_largest_ppm, one.spread.substation_largest) == (1_000_000, world.id(70))
    world.decide(application, up_w=1_200_000).then_only(
        v1.PrequalificationDecided, v1.VolumeReserved, v1.BiddableChanged
    )


@pytest.mark.parametrize(("largest_ppm", "is_told"), [(500_000, False), (500_001, True)])
def test_more_than_the_policys_share_is_too_much(world: Any, largest_ppm: int, is_told: bool) -> None:
    group = world.group(world.id(1), points=range(3), up_w=500_000)
    world.scenario.given(
        registry.GroupMeasured(
            group_id=group, bsp=world.BSP_A, zone=world.ZONE, at=world.oslo(1, 5), members=3,
            declared_up_w=1_500_000, declared_down_w=0, substations=2, substation_hhi_ppm=500_000,
            substation_largest_ppm=largest_ppm, substation_largest=world.id(70), substation_unknown_ppm=0,
            grid_areas=1, grid_area_hhi_ppm=1_000_000, grid_area_largest_ppm=1_000_000,
            grid_area_largest=world.AREA_1,
        )
    )  # fmt: skip
    world.apply(world.id(2), group, 1_200_000)
    assert bool(found(world)) is is_told
