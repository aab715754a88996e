from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flexreg import clock

pytestmark = pytest.mark.unit

NOW = datetime(2026, 1, 5, tzinfo=UTC)
DAY = timedelta(days=1)


def shard(name: str = "", **said: Any) -> dict[str, Any]:
    return {
        "shard": name,
        "position": 3,
        "ledger_position": 5,
        "published_to": 5,
        "lag": 0,
        "busy": False,
        "passed_until": NOW.isoformat(),
        "next_deadline": None,
        **said,
    }


def process(name: str = "registry", *shards: dict[str, Any], ready: bool = True) -> dict[str, Any]:
    return {"name": name, "ready": ready, "shards": list(shards) or [shard()]}


def test_a_step_goes_to_the_earliest_deadline_of_any_service() -> None:
    found = [
        process("registry", shard(next_deadline=(NOW + 3 * DAY).isoformat())),
        process("prequal", shard(next_deadline="2026-01-07T01:00:00+01:00")),
    ]
    assert clock.next_step(found, now=NOW, to=NOW + 9 * DAY) == NOW + 2 * DAY
    assert clock.next_step(found, now=NOW, to=NOW + DAY) == NOW + DAY


def test_a_deadline_that_is_past_already_does_not_hold_the_clock_up() -> None:
    found = [process("registry", shard(next_deadline=(NOW - DAY).isoformat()), shard(next_deadline=NOW.isoformat()))]
    assert clock.next_step(found, now=NOW, to=NOW + DAY) == NOW + DAY


@pytest.mark.parametrize(
    ("moving", "why"),
    [
        (process(ready=False), "not ready"),
        (process("registry", shard(lag=2)), "2 messages behind"),
        (process("registry", shard(published_to=4)), "1 not published"),
        (process("registry", shard(busy=True)), "is deciding"),
        (process("registry", shard(trouble="away")), "away"),
        (process("registry", shard(reads=0)), "has not been given"),
    ],
)
def test_what_still_moves_is_named(moving: dict[str, Any], why: str) -> None:
    assert clock.unsettled([process()]) == []
    [said] = clock.unsettled([process(), moving])
    assert why in said


def test_a_move_waits_for_every_shard_that_decides_and_for_no_other() -> None:
    target = NOW + DAY
    found = [
        process("gateway", shard(passed_until=None)),
        process("meter-ingest", shard("case"), shard("0", passed_until=None)),
        process("registry", shard(passed_until=target.isoformat())),
        process("prequal", shard(passed_until=None)),
    ]
    assert clock.unsettled(found, passed=target) == [
        "meter-ingest/case: time has not passed there",
        "prequal: time has not passed there",
    ]


def test_two_pictures_differ_when_anything_was_decided_or_published_in_between() -> None:
    before = clock.picture([process()])
    assert clock.picture([process()]) == before
    for moved in ({"position": 4}, {"ledger_position": 6}, {"published_to": 6}):
        assert clock.picture([process("registry", shard(**moved))]) != before
