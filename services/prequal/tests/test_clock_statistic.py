"""The public count of who kept the clocks."""

from __future__ import annotations

from typing import Any

import pytest
from prequal_qualifying import Case

from contracts.prequal import v1
from contracts.values import Role
from prequal import store

pytestmark = pytest.mark.unit


def published(events: list[Any]) -> list[tuple[str, int, int, int, int | None, int | None]]:
    """What was published, in order."""
    return [
        (one.statistic, one.due, one.kept, one.missed, one.median_days, one.longest_days)
        for one in events
        if isinstance(one, v1.ClockStatisticPublished)
    ]


def test_what_was_kept_is_counted_by_clock_and_party_and_published_at_midnight(world: Any) -> None:
    world.cap(9_000_000)
    for n, day in enumerate((20, 24, 30)):
        group = world.group(world.id(100 + n), points=range(10 * n, 10 * n + 3), up_w=500_000)
        world.apply(world.id(200 + n), group, 1_000_000)
        world.assess(world.id(200 + n), world.DSO_1, at=world.oslo(1, day, 9))
    assert world.scenario.state(store.CLOCK_STATISTIC, f"dso-answer.{world.DSO_1}").days == {14: 1, 18: 1, 24: 1}
    world.decide(world.id(200), up_w=1_000_000, at=world.oslo(1, 30, 12))
    outcome = world.scenario.until(world.oslo(1, 31))
    outcome.then()
    assert sorted(published(outcome.beside)) == [
        ("completeness.tso", 1, 1, 0, 24, 24),
        ("decision.tso", 1, 1, 0, 24, 24),
        (f"dso-answer.{world.DSO_1}", 3, 3, 0, 18, 24),
    ]
    assert published(world.scenario.until(world.oslo(2, 3)).beside) == [], "nothing changed"


def test_what_ran_out_is_missed_once_and_late_work_only_adds_its_days(world: Any) -> None:
    group = world.group(world.id(1), points=range(3), up_w=500_000)
    world.apply(world.id(2), group, 1_000_000)
    world.scenario.until(world.oslo(3, 10))
    world.assess(world.id(2), world.DSO_1, at=world.oslo(3, 10, 9))
    world.tso(world.id(2), v1.RequestMissingPart(missing=("other",), text="?"), at=world.oslo(3, 12, 9))
    world.scenario.until(world.oslo(5, 1))
    assert world.scenario.state(store.APPLICATION, world.id(2)).status == "withdrawn"
    last = {one[0]: one[1:] for one in published(world.scenario.log)}
    assert last == {
        "completeness.tso": (1, 0, 1, 65, 65),
        f"dso-answer.{world.DSO_1}": (1, 0, 1, 63, 63),
        "missing-part.bsp": (1, 0, 1, None, None),
    }


def test_the_days_of_a_split_do_not_count(world: Any) -> None:
    world.cap(9_000_000)
    group = world.group(world.id(1), points=range(3), up_w=500_000)
    world.apply(world.id(2), group, 1_000_000)
    world.assess(world.id(2), world.DSO_1)
    world.tso(world.id(2), v1.RequireSplit(reason="?", due_on=world.oslo(3, 1).date()), at=world.oslo(1, 20))
    world.tso(world.id(2), v1.LiftSplitDemand(reason="!"), at=world.oslo(1, 26))
    world.decide(world.id(2), up_w=1_000_000, at=world.oslo(1, 30))
    found = world.scenario.state(store.CLOCK_STATISTIC, "decision.tso")
    assert (found.kept, found.days, found.median_days) == (1, {18: 1}, 18)


def test_what_becomes_void_counts_nowhere(world: Any) -> None:
    group = world.group(world.id(1), points=range(3), up_w=500_000)
    world.apply(world.id(2), group, 1_000_000)
    world.bsp(world.id(2), v1.WithdrawApplication())
    assert world.scenario.state(store.CLOCK_STATISTIC, "decision.tso") is None


def test_everyone_is_sent_it() -> None:
    assert {audience.role for audience in v1.ClockStatisticPublished.audience} == set(Role)


def counted(world: Any) -> dict[str, tuple[int, int, list[int]]]:
    """Of the qualifications' time limits: kept, missed and the days that were taken."""
    names = ("completeness.tso", "missing-part.bsp", "decision.tso")
    states = {name: world.scenario.state(store.CLOCK_STATISTIC, f"qualification-{name}") for name in names}
    return {name: (one.kept, one.missed, sorted(one.days)) for name, one in states.items() if one}


def test_a_qualifications_time_limits_are_counted_beside_those_of_applications(world: Any) -> None:
    case = Case(world, 50)
    case.apply(world.oslo(1, 6))
    case.ask(world.oslo(1, 16))
    assert counted(world) == {"completeness.tso": (1, 0, [10])}
    case.from_bsp(v1.CompleteQualification(facts=v1.BspFacts(trading_licence="L-1")), world.oslo(1, 20))
    case.confirm(world.oslo(1, 22))
    case.test(world.oslo(1, 23))
    case.decide(world.oslo(2, 1))
    assert counted(world) == {
        "completeness.tso": (2, 0, [2, 10]),
        "missing-part.bsp": (1, 0, [4]),
        "decision.tso": (1, 0, [10]),
    }
    outcome = world.scenario.until(world.oslo(2, 2))
    assert {one[0] for one in published(outcome.beside)} >= {"qualification-decision.tso"}


def test_what_is_late_or_not_answered_in_a_qualification_is_missed_once(world: Any) -> None:
    late, silent, taken_back = Case(world, 50), Case(world, 51, product="mFRR-D"), Case(world, 52, bsp=world.BSP_B)
    for case in (late, silent, taken_back):
        case.apply(world.oslo(1, 6))
    silent.ask(world.oslo(1, 10))
    taken_back.from_bsp(v1.WithdrawQualification(), world.oslo(1, 11))
    world.scenario.until(world.oslo(4, 1))
    assert counted(world) == {"completeness.tso": (1, 1, [4]), "missing-part.bsp": (0, 1, [])}
    late.confirm(world.oslo(4, 1))
    assert counted(world)["completeness.tso"] == (1, 1, [4, 85])
