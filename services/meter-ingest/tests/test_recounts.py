"""A point's resolution is corrected back in time: by that alone exactly what had read its values is verified anew."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from contracts.meter_ingest import v1
from meter_ingest import store
from meter_ingest.domain import recounted

pytestmark = pytest.mark.unit

EARLIER, DAY, NEXT = "2026-03-28", "2026-03-30", "2026-03-31"
MUCH_LATER = "2029-03-20"
ONE, OF_THE_DAY, OTHERS = 70, 71, 72


class Told:
    """Two groups; the first is called for on two days, the second on the later one. All was measured, and verified."""

    def __init__(self, world: Any, day_series: Any) -> None:
        self.world, self.series = world, day_series
        self.points = world.points(1, 2, 3)
        world.open(self.points)
        for number, some in ((1, self.points[:2]), (2, self.points[2:])):
            world.formed(world.uuid(number))
            for point in some:
                world.joined(point, group=world.uuid(number))
        for number, group, day in ((ONE, 1, EARLIER), (OF_THE_DAY, 1, DAY), (OTHERS, 2, DAY)):
            start = world.local(day, "10:00")
            end = start + timedelta(minutes=30)
            at = start - timedelta(minutes=15)
            world.order(4000, start, end, at=at, group=world.uuid(group), activation=world.uuid(number))
        for day in (EARLIER, DAY):
            at = world.local(day, "06:00") + timedelta(days=1)
            world.send(*(day_series(point, day, range(96)) for point in self.points), at=at)
        world.scenario.until(world.local(NEXT, "11:00"))

    def is_(self, resolution: str, at: datetime) -> list[Any]:
        """What the first point was on the day, and on that alone; and what comes of it within five minutes."""
        self.world.fact(self.points[0], resolution="PT15M", valid_from=self.world.local(NEXT), at=at)
        outcome = self.world.fact(self.points[0], resolution=resolution, valid_from=self.world.local(DAY), at=at)
        more = self.world.scenario.until(at + timedelta(minutes=5))
        return [*outcome.events, *outcome.beside, *more.events, *more.beside]

    def run(self, number: int) -> Any:
        return self.world.scenario.state(store.ACTIVATION, self.world.uuid(number)).run


def verified(events: list[Any]) -> list[v1.ActivationVerified]:
    return [one for one in events if isinstance(one, v1.ActivationVerified)]


def steps(events: list[Any]) -> list[v1.PointRecounted]:
    return [one for one in events if isinstance(one, v1.PointRecounted)]


@pytest.fixture
def told(world: Any, day_series: Any) -> Told:
    return Told(world, day_series)


def test_it_is_verified_anew_by_the_fact_alone_and_again_when_that_is_taken_back(told: Told, world: Any) -> None:
    first = told.run(OF_THE_DAY)
    (run,) = verified(told.is_("PT60M", world.local("2026-04-01", "08:00")))
    assert (run.activation_id, run.because, run.result) == (world.uuid(OF_THE_DAY), "revision", "incomplete")
    assert [(one.date, one.resolution, one.metering_points) for one in run.read_as] == [
        (date(2026, 3, 30), "PT60M", (told.points[0],))
    ]
    (run,) = verified(told.is_("PT15M", world.local("2026-04-01", "09:00")))
    assert (run.run, run.result, run.revisions_sha256) == (3, "verified", first.revisions_sha256)


@pytest.mark.parametrize("at", ["2026-04-01", MUCH_LATER])
def test_however_far_back_exactly_what_depended_on_it_is_opened_again(told: Told, world: Any, at: str) -> None:
    said = told.is_("PT60M", world.local(at, "11:00"))
    assert [one.activation_id for one in verified(said)] == [world.uuid(OF_THE_DAY)]
    found = steps(said)
    assert found[-1].next_at is None
    assert (found[-1].first, found[-1].last, found[-1].looked_at) == (date(2026, 3, 30), date(2026, 3, 30), 2)
    name = f"dso/{world.dso}/{DAY}"
    changed = [one for one in said if isinstance(one, v1.CompletenessChanged) and one.completeness_id == name]
    assert [(one.expected_series, one.complete_series) for one in changed] == [(3, 2)], "whole no longer"
    days_later = world.local(at, "11:00") + timedelta(days=20)
    adjusted = [one for one in world.scenario.until(days_later).events if isinstance(one, v1.ImbalanceAdjusted)]
    again = {one.local_date.isoformat() for one in adjusted if world.uuid(OF_THE_DAY) in str(one.activations)}
    assert (EARLIER in {one.local_date.isoformat() for one in adjusted}) == (at != MUCH_LATER), "as it was due"
    assert again == {DAY}


def test_a_long_time_is_looked_at_in_steps_the_latest_days_first(told: Told, world: Any) -> None:
    at = world.local(MUCH_LATER, "11:00")
    world.fact(told.points[0], resolution="PT60M", valid_from=world.local(EARLIER), at=at)
    more = world.scenario.until(at + timedelta(minutes=5))
    found = steps([*more.events, *more.beside])
    assert len(found) == 1 + (date(2029, 3, 20) - date(2026, 3, 28)).days // recounted.DAYS_A_STEP - 1
    assert [one.last_day for one in found] == sorted((one.last_day for one in found), reverse=True)
    assert found[-1].last_day == date(2026, 3, 28)
    assert found[-1].next_at is None
    assert {one.activation_id for one in verified(list(more.events))} == {world.uuid(ONE), world.uuid(OF_THE_DAY)}
    assert len(verified(list(more.events))) == 2, "each once"


def test_a_step_takes_few_activations_and_the_next_goes_on_behind_the_last(
    told: Told, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recounted, "ACTIVATIONS_A_STEP", 1)
    at = world.local("2026-04-01", "08:00")
    outcome = world.fact(told.points[0], resolution="PT60M", valid_from=world.local(EARLIER), at=at)
    more = world.scenario.until(at + timedelta(minutes=5))
    said = [*outcome.events, *outcome.beside, *more.events, *more.beside]
    assert [one.activation_id for one in verified(said)] == [world.uuid(OF_THE_DAY), world.uuid(ONE)]
    assert {one.looked_at for one in steps(said)} >= {1, 2}


def test_what_waits_is_verified_when_what_had_come_counts_again(told: Told, world: Any) -> None:
    start = world.local("2026-04-01", "10:00")
    day, at = "2026-04-01", world.local("2026-04-02", "06:00")
    world.order(4000, start, start + timedelta(minutes=30), at=start, group=world.uuid(2), activation=world.uuid(73))
    world.fact(told.points[2], resolution="PT60M", valid_from=world.local(day), at=at)
    world.fact(told.points[2], resolution="PT15M", valid_from=world.local(day), at=at)
    world.fact(told.points[2], resolution="PT60M", valid_from=world.local("2026-04-02"), at=at)
    outcome = world.send(told.series(told.points[2], day, 25), at=at + timedelta(minutes=1))[1]
    assert [one.because for one in verified(outcome.events)] == ["complete"]
    outcome = world.fact(told.points[2], resolution="PT60M", valid_from=world.local(day), at=at + timedelta(minutes=2))
    (run,) = verified(outcome.events)
    assert (run.activation_id, run.because, run.result) == (world.uuid(73), "revision", "incomplete")


def test_an_activation_that_has_no_run_yet_is_verified_by_the_fact_that_all_counts(told: Told, world: Any) -> None:
    day, at = "2026-04-01", world.local("2026-04-02", "06:00")
    start = world.local(day, "10:00")
    world.order(4000, start, start + timedelta(minutes=30), at=start, group=world.uuid(1), activation=world.uuid(73))
    world.send(told.series(told.points[0], day, 25), at=at)
    world.fact(told.points[0], resolution="PT60M", valid_from=world.local(day), at=at)
    waits = world.send(told.series(told.points[1], day, 25), at=at + timedelta(minutes=1))[1]
    assert not verified(waits.events), "the first came by the quarter"
    outcome = world.fact(told.points[0], resolution="PT15M", valid_from=world.local(day), at=at + timedelta(minutes=2))
    (run,) = verified(outcome.events)
    assert (run.activation_id, run.because, run.result) == (world.uuid(73), "complete", "verified")


def test_of_what_is_kept_no_longer_what_was_published_stands(told: Told, world: Any) -> None:
    at = world.local("2029-04-01", "10:00")
    world.scenario.until(at)
    assert world.scenario.state(store.EXPIRY, "3").through == date(2026, 3, 1)
    said = told.is_("PT60M", at)
    assert [one.looked_at for one in steps(said)] == [2]
    assert not verified(said)
    assert {one.because for one in said if isinstance(one, v1.VerificationNotRenewed)} == {"values-expired"}
