"""What is done of many series at once is what would be done of each."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from contracts.meter_ingest.v1 import ValuesAccepted
from contracts.values import make_gsrn
from meter_ingest.domain import days, reading, received, values
from meter_ingest.domain.arrived import arrived
from meter_ingest.domain.reading import Came

pytestmark = pytest.mark.unit

DAY = days.day(date(2026, 3, 29))
POINTS = [make_gsrn(serial) for serial in range(250)]


def said(point: str, **other: Any) -> dict[str, Any]:
    return {
        "metering_point_id": point,
        "direction": "consumption",
        "start": DAY.start,
        "end": DAY.end,
        "resolution": "PT15M",
        "status": "metered",
        "registered_at": DAY.end,
        "count": DAY.quarters,
        "sum_wh": 1,
        "changed": True,
        "salted_sha256": "0",
        **other,
    }


def accepted(series: list[dict[str, Any]]) -> ValuesAccepted:
    return ValuesAccepted.model_validate(
        {
            "record": "ingress/0/1",
            "shard": "0",
            "position": 7,
            "sender": "7080000000012",
            "series": series,
            "refused": 0,
            "decided_at_case_position": 1,
            "received_at": DAY.end + timedelta(hours=2),
        }
    )


def test_neighbouring_series_that_differ_in_their_points_only_arrive_as_one() -> None:
    event = accepted([said(point, direction="production" if number == 150 else "consumption")
                      for number, point in enumerate(POINTS)])  # fmt: skip
    found = arrived(event)
    assert [one.line for one in found] == ["consumption", "production", "consumption"]
    assert [block + place for one in found for block, some in one.places.items() for place in some] == POINTS
    assert arrived(event) is found
    assert [one.places for one in arrived(accepted([said(POINTS[0])]))] == [{POINTS[0][:15]: [POINTS[0][15:]]}]


@pytest.mark.parametrize("seed", range(20))
def test_series_that_are_alike_are_added_as_one_by_one(seed: int) -> None:
    """Whole days and parts, in time and late, again and changed: the same is known as if each had come alone."""
    chance = random.Random(seed)
    together: received.Received | None = None
    alone: received.Received | None = None
    places = [f"{number:03}" for number in range(6)]
    for position in range(12):
        at = DAY.end + timedelta(hours=chance.choice((2, 20, 200)))
        entries = [
            received.Entry(
                chance.choices(places, k=3),
                chance.choice((received.WHOLE, received.WHOLE, 0b1111, 0b110000)),
                chance.randrange(3),
                chance.random() < 0.7,
                chance.choice((0, 0, received.WHOLE, 0b11)),
                chance.random() < 0.2,
            )
            for _ in range(2)
        ]
        together = received.evolve_received(together, received.Came(DAY.date, at, position, entries))
        # Twice the same place is never all at once.
        apart = [entry._replace(places=(place, place)) for entry in entries for place in entry.places]
        alone = received.evolve_received(alone, received.Came(DAY.date, at, position, apart))
    assert together is not None
    assert alone is not None
    assert replace(together, hourly=tuple(sorted(together.hourly))) == replace(
        alone, hourly=tuple(sorted(alone.hourly))
    )


@pytest.mark.parametrize("seed", range(20))
def test_what_was_said_last_of_whole_days_counts_as_if_all_were_laid_over_each_other(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    start = datetime(2026, 3, 27, 23, tzinfo=UTC)
    window = reading.window(start, start + timedelta(days=3) - timedelta(hours=1))
    came: list[Came] = []
    for number, day in enumerate(window.touched):
        for _ in range(chance.randrange(1, 4)):
            whole = chance.random() < 0.8
            wh = [chance.randrange(-5, 70_000) for _ in range(day.quarters if whole else 8)]
            encoded = values.encode([*wh, 100_000])[1][: 4 * len(wh)]
            came.append(Came(number, 15, 0 if whole else 4, chance.choice((0, 0, 0, 1)), 4, encoded))
    found = reading.counted(window, came)
    monkeypatch.setattr(reading, "_latest", lambda *_: None)
    assert found == reading.counted(window, came)
