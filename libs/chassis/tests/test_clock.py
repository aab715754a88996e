"""The sandbox's clock: what is received is received at the value that stood when the broker appended it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chassis import clock
from chassis.record import Record

pytestmark = pytest.mark.unit

REAL = datetime(2026, 11, 1, 12, tzinfo=UTC)
SHOWN = datetime(2026, 1, 5, tzinfo=UTC)


def moved(*moves: tuple[int, int]) -> clock.Clock | None:
    """Moves as (real seconds, shown hours)."""
    state = None
    for seconds, hours in moves:
        move = clock.Move(REAL + timedelta(seconds=seconds), SHOWN + timedelta(hours=hours))
        state = clock.moved(state, move)
    return state


def test_without_a_sandbox_the_brokers_time_counts() -> None:
    assert clock.value_at(None, REAL) == REAL


def test_it_stands_still_between_moves() -> None:
    state = moved((0, 0), (10, 5))
    assert clock.value_at(state, REAL + timedelta(seconds=9)) == SHOWN
    assert clock.value_at(state, REAL + timedelta(seconds=10)) == SHOWN + timedelta(hours=5)
    assert clock.value_at(state, REAL + timedelta(days=1)) == SHOWN + timedelta(hours=5)


def test_it_never_goes_back() -> None:
    assert moved((0, 5), (10, 1)) == moved((0, 5))


def test_a_tick_and_nonsense_move_nothing() -> None:
    for value in (b'{"tick": true}', b"nonsense", b"[]", b'{"now": 7}', b'{"now": "yesterday"}'):
        assert list(clock.opened(Record(clock.TOPIC, 0, 0, 0, value))) == []
