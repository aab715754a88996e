"""Whether an application is complete, whose turn it is, and until when (SOGL art. 159(3) and (4), 182(3), E21, D6)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from contracts import calendar
from contracts.prequal import v1
from prequal import store

pytestmark = pytest.mark.unit

MISSING = v1.RequestMissingPart(missing=("test-result", "communication"), text="A test not older than a year.")


@pytest.fixture
def application(world: Any) -> str:
    """1,500 kW up, received on 6 January at 9."""
    world.group(world.id(1), points=range(3), up_w=500_000)
    world.apply(world.id(2), world.id(1), 1_200_000)
    return world.id(2)


def due(world: Any, application: str) -> dict[str, Any]:
    """When the clocks that run will have run out."""
    return {one.clock.clock: one.clock.due_at for one in world.scenario.state(store.APPLICATION, application).clocks}


def test_eight_weeks_for_the_word_and_three_months_for_the_decision(world: Any, application: str) -> None:
    assert due(world, application) == {"completeness": world.oslo(3, 4), "decision": world.oslo(4, 7)}
    # Summer time has begun in between: both end at a midnight in Oslo, an hour apart in UTC.
    assert [moment.hour for moment in due(world, application).values()] == [23, 22]


def test_the_word_ends_its_clock_and_the_decisions_goes_on_from_the_receipt(world: Any, application: str) -> None:
    (said,) = world.tso(application, v1.ConfirmCompleteness()).then_only(v1.CompletenessConfirmed)
    assert (said.complete_at, [one.clock for one in said.clocks]) == (world.oslo(1, 6, 9), ["decision"])
    assert [(one.clock, one.outcome) for one in said.stopped] == [("completeness", "kept")]
    assert due(world, application) == {"decision": world.oslo(4, 7)}


def test_reminders_and_what_is_told_when_time_is_up_come_once_each_at_their_moments(
    world: Any, application: str
) -> None:
    world.assess(application, world.DSO_1)
    told = []
    for day in (world.oslo(2, 24), world.oslo(2, 25), world.oslo(3, 3, 23, 59), world.oslo(3, 4), world.oslo(12, 31)):
        events = world.scenario.until(day).events
        told.append([(type(event).__name__, getattr(event, "clock", "decision")) for event in events])
    assert told == [
        [],
        [("ApplicationReminded", "completeness")],
        [],
        [("ApplicationOverdue", "completeness")],
        [("ApplicationReminded", "decision"), ("PrequalificationOverdue", "decision")],
    ]
    assert world.scenario.state(store.APPLICATION, application).status == "received"


def test_while_something_is_missing_only_the_bsps_four_weeks_run(world: Any, application: str) -> None:
    world.scenario.until(world.oslo(3, 2, 23))
    (asked,) = world.tso(application, MISSING, at=world.oslo(3, 2, 23)).then_only(v1.MissingPartRequested)
    # Four weeks over the night in which the clocks are moved.
    assert asked.due_at == world.oslo(3, 31)
    assert due(world, application) == {"missing-part": world.oslo(3, 31)}
    (soon,) = world.scenario.until(world.oslo(3, 30)).then_only(v1.ApplicationReminded)
    assert (soon.clock, soon.owed_by, soon.due_at) == ("missing-part", "bsp", world.oslo(3, 31))


def test_without_an_answer_it_counts_as_withdrawn_and_the_group_may_apply_again(world: Any, application: str) -> None:
    world.tso(application, MISSING, at=world.oslo(1, 12, 9))
    soon, withdrawn = [
        event
        for event in world.scenario.until(world.oslo(2, 10)).events
        if not isinstance(event, v1.GridAssessmentOverdue)
    ]
    assert isinstance(soon, v1.ApplicationReminded)
    assert (withdrawn.because, withdrawn.dsos) == ("missing-not-supplied", (world.DSO_1,))
    assert [(one.clock, one.outcome) for one in withdrawn.stopped] == [("missing-part", "missed")]
    assert not world.scenario.state(store.GRID, world.id(1)).open
    world.assess(application, world.DSO_1, at=world.oslo(2, 10)).refused("NOT_UNDER_DECISION", actual="withdrawn")
    world.apply(world.id(3), world.id(1), 1_000_000, at=world.oslo(2, 10)).then_only(
        v1.ApplicationReceived, v1.GridAssessmentRequested
    )


def test_an_answer_in_the_last_second_is_in_time(world: Any, application: str) -> None:
    world.assess(application, world.DSO_1)
    world.tso(application, MISSING, at=world.oslo(1, 12, 9))
    at = world.oslo(2, 9, 23, 59)
    world.scenario.until(at).then_only(v1.ApplicationReminded)
    world.bsp(application, v1.CompleteApplication(text="Here."), at=at).then_only(v1.ApplicationCompleted)
    assert due(world, application) == {"completeness": world.oslo(4, 7), "decision": world.oslo(5, 10)}


def test_the_message_that_completes_gives_the_place_in_the_queue(world: Any, application: str) -> None:
    world.cap(0)
    other = world.group(world.id(5), bsp=world.BSP_B, points=range(10, 13), up_w=500_000)
    world.apply(world.id(6), other, 1_000_000, bsp=world.BSP_B, at=world.oslo(1, 8))
    world.tso(application, MISSING, at=world.oslo(1, 12))
    (completed,) = world.bsp(application, v1.CompleteApplication(), at=world.oslo(1, 14, 9)).then_only(
        v1.ApplicationCompleted
    )
    assert completed.complete_at == world.oslo(1, 14, 9)
    for one in (application, world.id(6)):
        world.assess(one, world.DSO_1)
    world.decide(application, up_w=1_200_000)
    world.decide(world.id(6), up_w=1_000_000)
    waiting = world.scenario.state(store.ZONE, world.ZONE).waiting
    assert [one.application_id for one in waiting] == [world.id(6), application]
    assert waiting[1].complete_at == world.oslo(1, 14, 9)
    assert waiting[1].position == completed.position


def test_a_word_that_takes_the_request_back_leaves_it_complete_from_its_receipt(world: Any, application: str) -> None:
    world.tso(application, MISSING)
    (said,) = world.tso(application, v1.ConfirmCompleteness(), at=world.oslo(1, 20)).then_only(v1.CompletenessConfirmed)
    assert said.complete_at == world.oslo(1, 6, 9)
    assert due(world, application) == {"decision": world.oslo(4, 7)}
    assert world.scenario.state(store.APPLICATION, application).missing == ()


def test_a_request_that_is_taken_back_late_leaves_the_rest_of_the_day(world: Any, application: str) -> None:
    world.assess(application, world.DSO_1)
    world.scenario.until(world.oslo(3, 30))
    world.tso(application, MISSING, at=world.oslo(3, 30, 9))
    world.scenario.until(world.oslo(4, 20))
    world.tso(application, v1.ConfirmCompleteness(), at=world.oslo(4, 20, 9))
    assert due(world, application) == {"decision": world.oslo(4, 21)}
    world.scenario.until(world.oslo(5, 1)).then_only(v1.PrequalificationOverdue)


def test_a_decision_says_that_it_was_complete(world: Any, application: str) -> None:
    world.cap(5_000_000)
    world.assess(application, world.DSO_1)
    decided, *_ = world.decide(application, up_w=1_200_000).events
    assert [(one.clock, one.outcome) for one in decided.stopped] == [("completeness", "kept"), ("decision", "kept")]
    assert set(due(world, application)) == {"reassessment"}


@pytest.mark.rule("NOTHING_TO_AMEND")
def test_less_power_keeps_the_place_and_more_is_complete_anew(world: Any, application: str) -> None:
    world.bsp(application, v1.AmendApplication()).refused("NOTHING_TO_AMEND")
    less = v1.AmendApplication(up_w=1_000_000, ramp_w_per_minute=5)
    (kept,) = world.bsp(application, less, at=world.oslo(1, 8)).then_only(v1.ApplicationAmended)
    assert (kept.kept_place, kept.complete_at, kept.up_w, kept.ramp_w_per_minute) == (
        True, world.oslo(1, 6, 9), 1_000_000, 5,
    )  # fmt: skip
    more = v1.AmendApplication(up_w=1_000_001)
    (renewed,) = world.bsp(application, more, at=world.oslo(1, 9)).then_only(v1.ApplicationAmended)
    assert (renewed.kept_place, renewed.complete_at) == (False, world.oslo(1, 9))
    assert renewed.position > kept.position
    assert due(world, application) == {"completeness": world.oslo(3, 7), "decision": world.oslo(4, 10)}
    assert world.scenario.state(store.APPLICATION, application).applied.up_w == 1_000_001


@pytest.mark.rule("APPLIED_BELOW_MINIMUM")
@pytest.mark.rule("APPLIED_ABOVE_DECLARED")
@pytest.mark.rule("RAMP_REQUIRED")
def test_an_amendment_keeps_to_the_rules_of_an_application(world: Any, application: str) -> None:
    world.bsp(application, v1.AmendApplication(up_w=999_999)).refused("APPLIED_BELOW_MINIMUM")
    world.bsp(application, v1.AmendApplication(up_w=1_500_001)).refused("APPLIED_ABOVE_DECLARED", limit=1_500_000)
    world.bsp(application, v1.AmendApplication(ramp_w_per_minute=0)).refused("RAMP_REQUIRED")
    world.apply(world.id(9), world.group(world.id(8), points=range(20, 23), up_w=500_000), 1_000_000,
                ramp_w_per_minute=0).refused("RAMP_REQUIRED", path="/ramp_w_per_minute")  # fmt: skip


def test_while_something_is_missing_an_amendment_completes_nothing(world: Any, application: str) -> None:
    world.tso(application, MISSING, at=world.oslo(1, 12))
    world.bsp(application, v1.AmendApplication(up_w=1_500_000), at=world.oslo(1, 13))
    assert due(world, application) == {"missing-part": world.oslo(2, 10)}


def test_one_that_withdraws_from_the_queue_lets_the_next_one_up(world: Any, application: str) -> None:
    world.cap(1_000_000)
    other = world.group(world.id(5), bsp=world.BSP_B, points=range(10, 13), up_w=500_000)
    world.apply(world.id(6), other, 1_000_000, bsp=world.BSP_B, at=world.oslo(1, 8))
    for one, up_w in ((application, 1_200_000), (world.id(6), 1_000_000)):
        world.assess(one, world.DSO_1)
        world.decide(one, up_w=up_w)
    withdrawn, entered, _ = world.bsp(application, v1.WithdrawApplication(text="Sold."), at=world.oslo(2, 1)).then_only(
        v1.ApplicationWithdrawn, v1.VolumeReserved, v1.BiddableChanged
    )
    assert (withdrawn.because, withdrawn.text, withdrawn.zone) == ("withdrawn", "Sold.", world.ZONE)
    assert entered.application_id == world.id(6)
    assert world.scenario.state(store.APPROVAL, world.id(1)).under_way is None


def test_months_end_with_the_last_day_of_a_shorter_one(another_world: Any) -> None:
    world = another_world()
    world.qualified(world.BSP_A)
    group = world.group(world.id(1), points=range(3), up_w=500_000)
    at = calendar.at_local(date(2026, 11, 30), "23:30")
    received, *_ = world.apply(world.id(2), group, 1_000_000, at=at).events
    assert received.decide_by == calendar.midnight(date(2027, 3, 1))
    # Eight weeks over a year's end.
    assert received.clocks[0].due_at == calendar.midnight(date(2027, 1, 26))


def lived(another_world: Any) -> Any:
    """A world in which most clocks of two applications have been told of."""
    world = another_world()
    world.qualified(world.BSP_A)
    world.cap(9_000_000)
    world.group(world.id(1), points=range(3), up_w=500_000)
    world.apply(world.id(2), world.id(1), 1_200_000)
    world.scenario.until(world.oslo(3, 20))
    world.tso(world.id(2), MISSING, at=world.oslo(3, 20, 9))
    world.scenario.until(world.oslo(5, 1))
    world.apply(world.id(3), world.id(1), 1_200_000, at=world.oslo(5, 2, 9))
    world.tso(world.id(3), v1.RequireSplit(reason="?", due_on=date(2026, 5, 20)), at=world.oslo(5, 4, 9))
    world.scenario.until(world.oslo(5, 22))
    world.tso(world.id(3), v1.LiftSplitDemand(reason="!"), at=world.oslo(5, 22, 9))
    world.scenario.until(world.oslo(6, 1))
    world.decide(world.id(3), up_w=0, decision="rejected", at=world.oslo(6, 1, 9))
    world.apply(world.id(4), world.id(1), 1_200_000, at=world.oslo(6, 2, 9))
    world.scenario.until(world.oslo(12, 31))
    return world


def test_a_rerun_says_the_same_and_what_was_said_leaves_nothing_to_say_again(another_world: Any) -> None:
    first, again = lived(another_world), lived(another_world)
    assert [event.model_dump_json() for event in again.scenario.log] == [
        event.model_dump_json() for event in first.scenario.log
    ]
    told = [
        (event.application_id, event.clock, event.due_at, type(event))
        for event in first.scenario.log
        if isinstance(event, (v1.ApplicationReminded, v1.ApplicationOverdue))
    ]
    assert len(told) == len(set(told)) >= 6

    rebuilt = another_world()
    rebuilt.scenario.given(*first.scenario.log)
    for kind in (store.APPLICATION, store.CLOCK_STATISTIC, store.GRID, store.APPROVAL):
        found = {key: one.state for key, one in first.scenario.documents.items() if key[0] == kind.name and one.state}
        assert found
        assert {key: rebuilt.scenario.documents[key].state for key in found} == found
    outcome = rebuilt.scenario.until(rebuilt.oslo(12, 31))
    assert (outcome.events, outcome.beside) == ([], [])
