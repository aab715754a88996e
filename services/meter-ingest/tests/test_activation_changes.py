"""Activations that are amended and cancelled: who is told what, and what was verified of them before."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.meter_ingest.v1 import (
    ActivationAmended,
    ActivationCancelled,
    ActivationOrdered,
    ActivationVerified,
    AmendActivation,
    AnnulVerification,
    CancelActivation,
    ExpectedEffect,
    OrderActivation,
    VerificationAnnulled,
    VerifyAgain,
)
from contracts.prequal import v1 as prequal
from contracts.values import Period
from meter_ingest import store

pytestmark = pytest.mark.unit

DAY = "2026-03-28"


@pytest.fixture
def ordered(world: Any) -> Any:
    """Two points, each of a DSO of its own, the second until noon; 10:00 to 10:30 was ordered of them."""
    points = world.points(1) + world.points(11, dso=world.other_dso)
    world.open(points[:1])
    world.open(points[1:], sender=world.other_dso)
    world.formed()
    world.joined(points[0])
    world.joined(points[1], dso=world.other_dso, valid_to=world.local(DAY, "12:00"))
    world.biddable(10_000)
    return world.order(4000, at_(world, "10:00"), at_(world, "10:30"), at=at_(world, "09:45"))


def at_(world: Any, clock: str) -> datetime:
    return world.local(DAY, clock)


def amend(world: Any, clock: str, at: datetime, **changes: Any) -> Any:
    start = at_(world, clock)
    given = {"direction": "up", "power_w": 4000, "period": Period(start=start, end=start + timedelta(minutes=30))}
    command = AmendActivation.model_validate({**given, **changes})
    return world.scenario.when(command, subject=world.uuid(70), sender=world.tso, at=at)


def cancel(world: Any, at: datetime) -> Any:
    return world.scenario.when(CancelActivation(), subject=world.uuid(70), sender=world.tso, at=at)


def verified(world: Any, day_series: Any) -> ActivationVerified:
    figures = [1000 if 40 <= quarter < 42 else 2000 for quarter in range(96)]
    first, second = world.gsrn(1), world.gsrn(11)
    at = world.local("2026-03-29", "06:30")
    world.send(day_series(first, DAY, figures), at=at)
    outcome = world.send(day_series(second, DAY, figures), sender=world.other_dso, at=at)[1]
    (event,) = outcome.then_only(ActivationVerified)
    return event


def test_an_order_says_why_and_how_fast(world: Any) -> None:
    command = OrderActivation(
        group_id=world.group,
        direction="up",
        power_w=1000,
        period=Period(start=at_(world, "10:00"), end=at_(world, "10:15")),
        purpose="balancing",
        activation_type="faster-activation",
        ramp_s=300,
    )
    world.formed()
    ordered = world.scenario.when(command, subject=world.uuid(70), sender=world.tso, at=at_(world, "09:45")).events[0]
    assert (ordered.esett_codes, ordered.ramp_s, ordered.activation_type) == (("Z31", "Z60"), 300, "faster-activation")
    again = command.model_copy(update={"ramp_s": 600})
    outcome = world.scenario.when(again, subject=world.uuid(70), sender=world.tso, at=at_(world, "09:50"))
    outcome.refused("ID_NOT_AVAILABLE")


def test_what_is_amended_is_told_anew_and_a_dso_that_falls_out_is_told_nothing(world: Any, ordered: Any) -> None:
    _, *before = ordered.then_only(ActivationOrdered, ExpectedEffect, ExpectedEffect)
    assert {one.dso: [place.power_w for place in one.substations] for one in before} == {
        world.dso: [2000],
        world.other_dso: [2000],
    }
    outcome = amend(world, "12:00", at_(world, "09:50"), power_w=3000, activation_type="period-shift")
    amended, now, gone = outcome.then_only(ActivationAmended, ExpectedEffect, ExpectedEffect)
    assert (amended.version, amended.power_w, amended.metering_points) == (2, 3000, (world.gsrn(1),))
    assert (amended.findings, amended.esett_codes) == ((), ("Z63",))
    assert (now.dso, now.version, [one.power_w for one in now.substations]) == (world.dso, 2, [3000])
    assert (gone.dso, gone.version, gone.substations) == (world.other_dso, 2, ())
    assert gone.effect_id == before[1].effect_id
    same = amend(world, "12:00", at_(world, "09:51"), power_w=3000, activation_type="period-shift")
    assert same.events == []
    back = amend(world, "10:00", at_(world, "09:52"))
    assert [type(one) for one in back.events] == [ActivationAmended, ExpectedEffect, ExpectedEffect]
    assert world.scenario.state(store.ACTIVATION, world.uuid(70)).told == (world.dso, world.other_dso)


def test_a_dso_above_is_told_too(world: Any, ordered: Any) -> None:
    """It was asked about the point without being the one that the point is connected to (D12)."""
    world.assessed()
    above = world.gsrn(1)
    upper = "7080000000999"
    world.scenario.given(
        prequal.GridAssessmentRequested(
            application_id=world.uuid(50),
            group_id=world.group,
            bsp=world.bsp,
            dso=upper,
            points=(
                prequal.AskedPoint(
                    metering_point_id=above, grid_area=world.area, substation="T1", up_w=5000, down_w=5000
                ),
            ),
            due_at=world.local("2026-02-01"),
        )
    )
    effects = [one for one in amend(world, "10:15", at_(world, "09:50")).events if isinstance(one, ExpectedEffect)]
    told = {one.dso: [(place.above, place.points) for place in one.substations] for one in effects}
    assert told == {world.dso: [(False, 1)], world.other_dso: [(False, 1)], upper: [(True, 1)]}


@pytest.mark.rule("AFTER_START")
def test_what_is_cancelled_is_not_expected_waited_for_or_verified(world: Any, ordered: Any, day_series: Any) -> None:
    cancelled, *gone = cancel(world, at_(world, "10:05")).then_only(ActivationCancelled, ExpectedEffect, ExpectedEffect)
    assert (cancelled.version, cancelled.findings) == (2, ("AFTER_START",))
    assert {one.dso: one.substations for one in gone} == {world.dso: (), world.other_dso: ()}
    assert cancel(world, at_(world, "10:06")).events == []
    figures = [2000] * 96
    at = world.local("2026-03-29", "06:30")
    world.send(day_series(world.gsrn(1), DAY, figures), at=at)
    assert world.send(day_series(world.gsrn(11), DAY, figures), sender=world.other_dso, at=at)[1].events == []
    assert not any(
        isinstance(one, ActivationVerified) for one in world.scenario.until(world.local("2026-03-29", "12:00")).events
    )


def test_what_was_verified_of_it_counts_no_more(world: Any, ordered: Any, day_series: Any) -> None:
    assert verified(world, day_series).run == 1
    _, *rest = cancel(world, world.local("2026-03-29", "10:00")).events
    (annulled,) = [one for one in rest if isinstance(one, VerificationAnnulled)]
    assert (annulled.run, annulled.because) == (1, "cancelled")
    state = world.scenario.state(store.ACTIVATION, world.uuid(70))
    assert (state.run, state.runs) == (None, 1)


@pytest.mark.rule("WAS_CANCELLED")
def test_the_later_word_counts_and_is_verified_at_once_where_all_has_come(
    world: Any, ordered: Any, day_series: Any
) -> None:
    first = verified(world, day_series)
    assert [one.ordered_wh for one in first.quarters] == [1000, 1000]
    at = world.local("2026-03-29", "10:00")
    cancel(world, at)
    outcome = amend(world, "10:00", at, power_w=8000)
    amended, second = outcome.events[0], outcome.events[-1]
    assert amended.findings == ("AFTER_START", "WAS_CANCELLED")
    assert [reason.code for reason in outcome.reasons] == list(amended.findings)
    assert isinstance(second, ActivationVerified)
    assert (second.run, second.version, second.because) == (2, 3, "complete")
    assert [one.ordered_wh for one in second.quarters] == [2000, 2000]
    assert [one.delivered_wh for one in second.quarters] == [2000, 2000]
    third = amend(world, "10:00", at, power_w=4000)
    kinds = [type(one) for one in third.events]
    assert kinds == [ActivationAmended, VerificationAnnulled, ActivationVerified], "nothing is expected any more"
    assert (third.events[-2].run, third.events[-1].run) == (2, 3)


def test_of_what_is_over_when_it_is_told_no_dso_expects_anything(world: Any, ordered: Any) -> None:
    """What is told in its last minute is expected; an amendment to what is over takes back only what was ahead."""
    start, end = at_(world, "12:00"), at_(world, "12:15")
    late = world.order(4000, start, end, at=end, activation=world.uuid(71))
    assert [type(one) for one in late.events] == [ActivationOrdered]
    just = world.order(4000, start, end, at=end - timedelta(minutes=1), activation=world.uuid(72))
    assert ExpectedEffect in [type(one) for one in just.events]
    back = Period(start=at_(world, "09:00"), end=at_(world, "09:15"))
    gone = list(amend(world, "09:00", at_(world, "09:50"), period=back).events[1:])
    assert [(type(one), one.substations) for one in gone] == 2 * [(ExpectedEffect, ())]
    assert [type(one) for one in amend(world, "09:00", at_(world, "11:00")).events] == [ActivationAmended]


def test_values_are_watched_where_the_activation_is_now(world: Any, ordered: Any, day_series: Any) -> None:
    """It is moved to the next day; the values of the day it was ordered for first change nothing."""
    start = world.local("2026-03-29", "10:00")
    amend(world, "10:00", at_(world, "09:50"), period=Period(start=start, end=start + timedelta(minutes=15)))
    at = world.local("2026-03-30", "06:30")
    assert world.send(day_series(world.gsrn(1), DAY, 2000), at=at)[1].events == []
    (event,) = world.send(day_series(world.gsrn(1), "2026-03-29", 2000), at=at)[1].then_only(ActivationVerified)
    assert [one.start for one in event.quarters] == [start]
    assert event.points == 1, "the other one's membership had ended"


@pytest.mark.rule("ACTIVATION_UNKNOWN")
def test_what_was_never_ordered_is_neither_amended_nor_cancelled(world: Any) -> None:
    amend(world, "10:00", at_(world, "09:50")).refused("ACTIVATION_UNKNOWN")
    cancel(world, at_(world, "09:50")).refused("ACTIVATION_UNKNOWN")


@pytest.mark.rule("VERIFY_NOT_OVER")
def test_runs_that_read_what_was_wrong_are_annulled_and_made_again_when_asked(
    world: Any, ordered: Any, day_series: Any
) -> None:
    def tell(command: Any, at: datetime) -> Any:
        return world.scenario.when(command, subject=world.uuid(70), sender=world.tso, at=at)

    tell(VerifyAgain(), at_(world, "10:29")).refused("VERIFY_NOT_OVER")
    first = verified(world, day_series)
    at = world.local("2026-03-29", "10:00")
    (annulled,) = tell(AnnulVerification(), at).then_only(VerificationAnnulled)
    assert (annulled.run, annulled.because) == (1, "source-wrong")
    assert tell(AnnulVerification(), at).events == []
    later = world.scenario.until(world.local("2026-03-30", "12:00")).events
    assert not any(isinstance(one, ActivationVerified) for one in later), "what it read is as it was"
    (again,) = tell(VerifyAgain(), world.local("2026-03-31", "12:00")).then_only(ActivationVerified)
    assert again == first.model_copy(update={"run": 2, "because": "asked", "at": again.at})
    tell(AnnulVerification(), at)
    right = day_series(world.gsrn(1), DAY, 1500, registered_at=world.local("2026-03-29", "08:00"))
    (third,) = world.send(right, at=world.local("2026-04-01", "08:00"))[1].then_only(ActivationVerified)
    assert (third.run, third.because) == (3, "complete")
