"""How often somebody may ask, and how many are remembered who did."""

from __future__ import annotations

import pytest

from chassis.door import pace
from chassis.door.pace import Pace
from chassis.door.rules import Turned

pytestmark = pytest.mark.unit


def test_a_bucket_holds_a_minutes_requests_and_fills_evenly() -> None:
    one = Pace()
    for _ in range(3):
        one.take("a", a_minute=3, now=0)
    one.take("b", a_minute=3, now=0)
    with pytest.raises(Turned) as turned:
        one.take("a", a_minute=3, now=19)
    assert (turned.value.status, turned.value.reason.code) == (429, "TOO_MANY_REQUESTS")
    one.take("a", a_minute=3, now=20)


def test_who_has_asked_nothing_for_a_minute_is_forgotten_when_there_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "_MANY", 3)
    one = Pace()
    for number in range(3):
        one.take(str(number), a_minute=1, now=number * 30)
    one.take("new", a_minute=1, now=61)
    assert sorted(one._left) == ["1", "2", "new"]
    with pytest.raises(Turned):
        one.take("2", a_minute=1, now=61)
