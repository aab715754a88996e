"""The public count of who kept the clocks."""

from __future__ import annotations

from typing import Any

import pytest

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
