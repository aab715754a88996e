"""What a version says that counts already: told by the newest alone, where that has all of it, as by all together."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from meter_ingest.domain import values
from meter_ingest.domain.values import Version

DAY = date(2026, 3, 28)
AT = datetime(2026, 3, 29, 5, tzinfo=UTC)


def version(chance: random.Random, offset: int) -> Version:
    minutes = chance.choice([15, 15, 15, 60])
    steps = 96 * 15 // minutes
    first = chance.choice([0, 0, 0, chance.randrange(steps)])
    count = steps - first if chance.random() < 0.7 else chance.randrange(1, steps - first + 1)
    width, wh = values.encode([chance.choice([4, 4, 4, 8, 2**33])] * count)
    return Version(
        "707057500000000001",
        "consumption",
        DAY,
        AT + timedelta(hours=chance.randrange(3)),
        AT,
        0,
        offset,
        0,
        "0",
        offset,
        minutes,
        first,
        chance.choice(["metered", "metered", "estimated"]),
        width,
        wh,
        b"",
        hourly=chance.random() < 0.1,
        mark=chance.choice([0, 0, 0, values.mark(14, drifted=False)]),
    )


def counts_already(before: Sequence[Version], one: Version) -> bool:
    """Quarter by quarter."""
    first = one.first * one.minutes // 15
    figures = values.quarters(one.minutes, values.decode(one.width, one.wh))
    counted = values.merge(before, first, first + len(figures))
    is_ = values.quality(one.minutes, one.status, hourly=one.hourly)
    return all(
        by is not None and (wh, quality, status, by.mark) == (figure, is_, one.status, one.mark)
        for wh, quality, status, by, figure in zip(
            counted.wh, counted.quality, counted.status, counted.by, figures, strict=True
        )
    )


def test_what_says_the_same_is_told_by_the_newest_as_by_all() -> None:
    chance = random.Random(7)
    told: list[tuple[bool, bool]] = []
    for _ in range(4000):
        before = [version(chance, offset) for offset in range(chance.choice([1, 1, 2, 3]))]
        one = version(chance, 9)
        if chance.random() < 0.4:
            other = chance.choice(before)
            one = other._replace(offset=9, registered_at=one.registered_at)
        same = values.says_the_same(before, one)
        assert same == counts_already(before, one)
        told.append((same, len(before) > 1))
    assert min(map(told.count, {(same, many) for same in (True, False) for many in (True, False)})) > 100
