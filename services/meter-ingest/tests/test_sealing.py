"""Values that are kept no longer, or that documentation of capacity needs: what was published of them stands."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from evidence_given import of, required
from test_capacity_evidence import ask, days_of, grouped
from test_erasing import erase, moved
from test_verification_runs import DAY, MORNING, order, prepared, runs

from contracts.meter_ingest.v1 import (
    ActivationVerified,
    CapacityEvidencePrepared,
    ChooseBaseline,
    ErasureRecorded,
    ImbalanceAdjusted,
    PartyAdjusted,
    RequestEvidence,
    ValuesErased,
    ValuesExpired,
    VerificationNotRenewed,
    VerifyAgain,
    VolumeAdjusted,
)
from meter_ingest.domain import erasing

pytestmark = pytest.mark.unit

FIGURES = [2000] * 40 + [1000] * 56
THEN, LATER = "2029-06-01", "2029-06-02"


def expire(world: Any, until: datetime) -> None:
    """Time passes, and what is kept no longer is gone."""
    world.scenario.until(until)
    through = max(one.month for one in world.scenario.log if isinstance(one, ValuesExpired) and one.keep_years == 3)
    for key in list(world.values.days):
        if key[2] < (through + timedelta(days=31)).replace(day=1):
            del world.values.days[key]


def verified(world: Any, day_series: Any) -> ActivationVerified:
    (point,) = prepared(world)
    order(world, 4000, "10:00")
    (run,) = runs(world.send(day_series(point, DAY, FIGURES), at=world.local("2026-03-29", MORNING))[1])
    assert run.result == "verified"
    return run


def called(world: Any) -> None:
    """An activation that is verified by a sliding window."""
    chosen = ChooseBaseline(primary="sliding-window", others=(), reason="x")
    world.scenario.when(chosen, subject=world.group, sender=world.tso, at=world.local("2026-03-01"))
    start = world.local("2026-04-10", "10:00")
    world.order(4000, start, start + timedelta(minutes=15), at=start - timedelta(minutes=15))


@pytest.mark.rule("VALUES_EXPIRED")
def test_a_verification_of_values_that_are_kept_no_longer_stands(world: Any, day_series: Any) -> None:
    run = verified(world, day_series)
    required(world)
    expire(world, world.local(THEN))
    assert not world.values.days
    again = world.scenario.when(
        VerifyAgain(), subject=world.uuid(70), sender=world.tso, role="tso", at=world.local(LATER)
    )
    again.refused("VALUES_EXPIRED", actual=f"{world.uuid(70)}, run 1: {run.result}")
    later = world.scenario.until(world.local("2029-07-01"))
    assert not of(ImbalanceAdjusted, later)
    assert not of(PartyAdjusted, later) + of(VolumeAdjusted, later), "what a party was told stands"
    wanted = RequestEvidence(activation_id=world.uuid(70), due_at=world.local("2029-07-10"))
    asked = world.scenario.when(
        wanted, subject=world.uuid(90), sender=world.tso, role="tso", at=world.local("2029-07-02")
    )
    asked.refused("VALUES_EXPIRED")


def test_a_correction_whose_baseline_reaches_into_what_is_gone_is_told_that_the_run_stands(
    world: Any, day_series: Any
) -> None:
    """The activation's own day is kept still; the like days that a sliding window looks at are not."""
    (point,) = world.points(1)
    world.open([point], valid_from=world.local("2026-02-01"), at=world.local("2026-02-01"))
    world.formed()
    world.joined(point, valid_from=world.local("2026-02-01"))
    called(world)
    found: list[ActivationVerified] = []
    for number in range(32):
        day = str(date(2026, 3, 10) + timedelta(days=number))
        at = world.local(str(date(2026, 3, 11) + timedelta(days=number)), "06:30")
        figures = [2000] * world.steps(day)
        figures[40] = 1000 if day == "2026-04-10" else 2000
        _, outcome = world.send(day_series(point, day, figures, registered_at=at), at=at)
        found += runs(outcome) if outcome else []
    assert [one.result for one in found] == ["verified"]
    expire(world, world.local("2029-04-05"))
    assert {key[2].month for key in world.values.days} == {4}
    at = world.local("2029-04-08", "06:30")
    figures = [2000] * 96
    figures[40], figures[41] = 1000, 1999
    _, outcome = world.send(day_series(point, "2026-04-10", figures, registered_at=at), at=at)
    assert not runs(outcome)
    (told,) = of(VerificationNotRenewed, outcome)
    assert (told.because, told.run, told.sender) == ("values-expired", 1, world.dso)


def test_a_correction_is_verified_where_there_was_no_channel_in_the_months_that_are_gone(
    world: Any, day_series: Any
) -> None:
    """A sliding window looks at days before the point was measured at all: nothing of it is gone."""
    (old, point) = world.points(1, 2)
    world.open([old])
    world.open([point], valid_from=world.local("2026-04-01"))
    world.formed()
    world.joined(point, valid_from=world.local("2026-04-01"))
    called(world)
    at = world.local("2026-04-11", "06:30")
    _, outcome = world.send(day_series(point, "2026-04-10", FIGURES, registered_at=at), at=at)
    world.scenario.until(world.local("2026-04-11", "10:00"))
    expire(world, world.local("2029-04-05"))
    at = world.local("2029-04-08", "06:30")
    figures = [2000] * 96
    _, outcome = world.send(day_series(point, "2026-04-10", figures, registered_at=at), at=at)
    assert [one.run for one in runs(outcome)] == [2]


# Documentation of capacity


def test_erasure_waits_for_documentation_of_capacity(world: Any, day_series: Any) -> None:
    points = grouped(world)
    end_user = moved(world, points[0])
    world.send(*days_of(day_series, points)[1:], at=world.local("2026-03-30", "06:30"))
    due = world.local("2026-05-10", "12:00")
    assert not ask(world, world.local("2026-04-20"), due).rejected
    outcome = erase(world, end_user)
    assert not [one for one in of(ValuesErased, outcome) if one.metering_point_id == points[0] and one.count]
    (noted,) = of(ErasureRecorded, outcome)
    assert ("evidence-asked", due + erasing.FETCHED + timedelta(seconds=1)) in [
        (one.because, one.until) for one in noted.held
    ]
    outcome = world.scenario.until(due + erasing.FETCHED + timedelta(minutes=1))
    assert of(CapacityEvidencePrepared, outcome)
    assert [one.metering_point_id for one in of(ValuesErased, outcome)] == [points[0]]


@pytest.mark.rule("VALUES_ERASED")
def test_no_capacity_is_documented_of_values_that_are_erased(world: Any, day_series: Any) -> None:
    points = grouped(world)
    end_user = moved(world, points[0])
    world.send(*days_of(day_series, points), at=world.local("2026-03-30", "06:30"))
    world.scenario.until(world.local("2026-04-20"))
    erase(world, end_user)
    ask(world, world.local("2026-05-02"), world.local("2026-05-10", "12:00")).refused("VALUES_ERASED", path="/period")


@pytest.mark.rule("VALUES_EXPIRED")
def test_no_capacity_is_documented_of_values_that_are_kept_no_longer(world: Any, day_series: Any) -> None:
    points = grouped(world)
    world.send(*days_of(day_series, points), at=world.local("2026-03-30", "06:30"))
    expire(world, world.local(THEN))
    ask(world, world.local(LATER), world.local("2029-06-10", "12:00")).refused("VALUES_EXPIRED", path="/period")
