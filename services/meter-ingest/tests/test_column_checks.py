"""By column as much is found as series by series: no row in which a rule finds something is let through."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import numpy as np
import pytest

from contracts.meter_ingest.v1 import Check
from meter_ingest.domain import checks, column_checks, days, known
from meter_ingest.domain.validation import DEFAULTS, ValidationRule

pytestmark = pytest.mark.unit

START = days.day(date(2026, 3, 28)).start


def rule(key: str, check: Check, **thresholds: int) -> ValidationRule:
    return ValidationRule(key=key, check=check, consequence="warn", thresholds=thresholds)


def figures(count: int, chance: random.Random) -> list[int]:
    """Zeros, divided hours and noise, in pieces."""
    made: list[int] = []
    while len(made) < count:
        steps = 4 * chance.randrange(1, 26) + chance.choice([0, 0, 0, 1])
        way, spread = chance.randrange(4), chance.choice([1, 2, 3])
        for place in range(steps):
            flat = 2 + 11 * (len(made) // 4 % 7) + chance.randrange(spread)
            made.append((0, flat, chance.randrange(4000), chance.choice([0, 0, 1]))[way] if place or way else 0)
    return made[:count]


def both(limits: checks.Limits, seed: int) -> tuple[Any, list[bool]]:
    """Which rows are plain by column, and of which nothing is found series by series."""
    chance = random.Random(seed)
    # Over the day that is an hour short, and from within an hour of the first one.
    first = chance.randrange(8)
    whole = [days.day(date(2026, 3, number)) for number in (28, 29, 30)][: chance.randrange(1, 4)]
    parts = [(day, 0 if place else first, day.quarters - (0 if place else first)) for place, day in enumerate(whole)]
    rows = [figures(sum(count for _, _, count in parts), chance) for _ in range(60)]
    most = limits.most(15, POINT)
    wh = np.array(rows, np.int32)
    plain = column_checks.plain(limits, wh, 15, parts)
    if most is not None:
        plain &= wh.max(axis=1) <= most
    return plain.tolist(), [limits.verdict(row, 15, parts, POINT) is checks.NOTHING for row in rows]


POINT = known.PointVersion(START, None, 12_000, fuse_w=15_000)


@pytest.mark.parametrize("seed", range(40))
def test_runs_of_zeros_and_divided_hours_are_the_same_ones(seed: int) -> None:
    chance = random.Random(-seed)
    some = [
        rule("zero", "zero-run", hours=chance.choice([1, 3, 12, 24, 30])),
        rule("zero-too", "zero-run", hours=chance.choice([24, 48])),
        *(
            rule(
                key,
                "flat-quarters",
                **{
                    "share-basis-points": chance.choice([5000, 7777, 9000, 10_000]),
                    "hours": chance.randrange(1, 26),
                    "same-wh": chance.randrange(4),
                    "levels": chance.randrange(1, 8),
                },
            )
            for key in ("flat", "flat-too")
        ),
    ]
    chosen = chance.sample(some, chance.randrange(1, 5))
    by_column, by_series = both(checks.Plan(chosen).limits("consumption", "active", "PT15M", None), seed)
    assert by_column == by_series


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_let_through_that_a_shipped_rule_finds(seed: int) -> None:
    by_column, by_series = both(checks.Plan(DEFAULTS).limits("consumption", "active", "PT15M", None), seed)
    assert all(by_series[row] for row, plain in enumerate(by_column) if plain)


def test_some_of_it_is_plain_and_some_is_not() -> None:
    limits = checks.Plan(DEFAULTS).limits("consumption", "active", "PT15M", None)
    assert {plain for seed in range(20) for plain in both(limits, seed)[0]} == {True, False}


@pytest.mark.parametrize(
    ("agreed", "fuse", "most"),
    [(12_000, None, 3000), (0, 15_000, 3750), (12_000, 8000, 2000), (0, None, None), (12_001, 99_999, 3000)],
)
def test_a_value_may_be_what_the_lowest_limit_says(agreed: int, fuse: int | None, most: int | None) -> None:
    limits = checks.Plan(DEFAULTS).limits("consumption", "active", "PT15M", None)
    point = known.PointVersion(START, None, agreed, fuse_w=fuse)
    assert limits.most(15, point) == most
    if most is not None:
        parts = [(days.day(date(2026, 3, 28)), 0, 2)]
        assert limits.verdict([most, most], 15, parts, point) is checks.NOTHING
        assert limits.verdict([most + 1, most], 15, parts, point) is not checks.NOTHING
    assert limits.most(15, None) is None


def test_a_check_that_is_not_known_by_column_is_left_to_the_other_way() -> None:
    assert column_checks.knows(checks.Plan(DEFAULTS))
    new: Any = "harmonics"
    assert not column_checks.knows(checks.Plan([*DEFAULTS, rule("new", new)]))
