"""A DSO's answer for its own points."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.prequal import v1
from prequal import store

pytestmark = pytest.mark.unit


@pytest.fixture
def application(world: Any) -> str:
    """Two DSOs are asked: DSO 1 for three points of 500 kW, DSO 2 for one of 500 kW."""
    group = world.group(world.id(1), points=range(3), up_w=500_000, down_w=100_000)
    world.join(group, 3, up_w=500_000, area=world.AREA_2, dso=world.DSO_2)
    world.cap(5_000_000)
    world.apply(world.id(2), group, 1_500_000, 100_000)
    return world.id(2)


@pytest.mark.rule("DSO_NOT_ASKED")
def test_who_is_not_asked_is_not_told_whether_there_is_anything(world: Any, application: str) -> None:
    not_asked = world.assess(application, world.DSO_ABOVE).refused("DSO_NOT_ASKED")
    unknown = world.assess(world.id(9), world.DSO_ABOVE).refused("DSO_NOT_ASKED")
    assert not_asked == unknown


@pytest.mark.rule("DSO_ALREADY_ANSWERED")
def test_a_dso_answers_once(world: Any, application: str) -> None:
    world.assess(application, world.DSO_1)
    world.assess(application, world.DSO_1, "rejected", text="Line").refused("DSO_ALREADY_ANSWERED", actual=3)


@pytest.mark.rule("LIMIT_NOT_YOUR_POINT")
@pytest.mark.rule("LIMIT_ABOVE_DECLARED")
def test_all_wrong_rows_are_told_at_once(world: Any, application: str) -> None:
    limits = [
        world.limit(0, 100_000),
        world.limit(3, 100_000),
        world.limit(77, 0),
        world.limit(1, 500_001),
        world.limit(2, 500_000, 100_001),
    ]
    outcome = world.assess(application, world.DSO_1, "limited", limits=limits)
    outcome.refused("LIMIT_NOT_YOUR_POINT", path="/limits/1/metering_point_id", actual=world.point(3))
    outcome.refused("LIMIT_ABOVE_DECLARED", path="/limits/3/up_w", limit=500_000, actual=500_001, unit="W")
    outcome.refused_rows(
        (1, "LIMIT_NOT_YOUR_POINT"),
        (2, "LIMIT_NOT_YOUR_POINT"),
        (3, "LIMIT_ABOVE_DECLARED"),
        (4, "LIMIT_ABOVE_DECLARED"),
    )


@pytest.mark.rule("LIMIT_REASON_REQUIRED")
@pytest.mark.parametrize(
    ("decision", "other", "path"),
    [("limited", False, "/limits"), ("rejected", False, "/text"), ("limited", True, "/limits/0/text")],
)
def test_a_limit_has_a_technical_reason(world: Any, application: str, decision: str, other: bool, path: str) -> None:
    limits = [world.limit(0, 0, reason_code="other")] if other else []
    world.assess(application, world.DSO_1, decision, limits=limits).refused("LIMIT_REASON_REQUIRED", path=path)


@pytest.mark.rule("LIMITS_CONTRADICT_DECISION")
@pytest.mark.parametrize("decision", ["approved", "rejected"])
def test_limits_that_say_something_else_than_the_decision(world: Any, application: str, decision: str) -> None:
    world.assess(application, world.DSO_1, decision, limits=[world.limit(0, 100_000)]).refused(
        "LIMITS_CONTRADICT_DECISION", actual=decision
    )


def test_a_rejection_counts_nothing_for_all_its_points(world: Any, application: str) -> None:
    world.assess(application, world.DSO_2)
    (assessed,) = world.assess(application, world.DSO_1, "rejected", text="Transformer is full").then_only(
        v1.GridAssessed
    )
    assert (assessed.deliverable_up_w, assessed.deliverable_down_w) == (500_000, 0)
    assert world.scenario.state(store.APPLICATION, application).assessed


def test_of_two_limits_for_one_point_the_smaller_counts(world: Any, application: str) -> None:
    limits = [world.limit(0, 100_000, 0), world.limit(0, 200_000, 0)]
    (assessed,) = world.assess(application, world.DSO_1, "limited", limits=limits).then_only(v1.GridAssessed)
    assert assessed.deliverable_up_w == 1_100_000


def test_a_dso_is_reminded_once_before_its_time_is_up_and_not_when_it_has_answered(world: Any) -> None:
    group = world.group(world.id(1), points=range(4), in_area_2=(3,), up_w=500_000)
    events = world.apply(world.id(2), group, 1_500_000).events
    asked = {event.dso: event for event in events if type(event) is v1.GridAssessmentRequested}
    due_at = asked[world.DSO_1].due_at
    assert (due_at, asked[world.DSO_1].remind_at) == (world.oslo(2, 4), world.oslo(1, 28))
    world.assess(world.id(2), world.DSO_2)
    beside = world.scenario.until(world.oslo(2, 3)).beside
    [reminded] = [event for event in beside if type(event) is v1.GridAssessmentReminded]
    assert reminded == v1.GridAssessmentReminded(
        application_id=world.id(2), group_id=group, dso=world.DSO_1, due_at=due_at, points=3
    )
    late = world.scenario.until(due_at)
    assert v1.GridAssessmentReminded not in map(type, late.beside)


def test_who_is_asked_about_more_is_reminded_of_that_too(world: Any) -> None:
    group = world.group(world.id(1), points=range(4), up_w=500_000)
    world.apply(world.id(2), group, 1_500_000)
    world.scenario.when(world.joined(group, 9, up_w=500_000), at=world.oslo(1, 10))
    found = [one for one in world.scenario.until(world.oslo(2, 20)).beside if type(one) is v1.GridAssessmentReminded]
    assert [(one.points, one.due_at) for one in found] == [(4, world.oslo(2, 4)), (1, world.oslo(2, 8))]


def test_a_silent_dso_is_late_its_points_count_nothing_and_the_tso_goes_on(world: Any, application: str) -> None:
    due_at = world.oslo(2, 4)
    world.assess(application, world.DSO_1)
    (overdue,) = world.scenario.until(due_at).then_only(v1.GridAssessmentOverdue)
    assert (overdue.dso, overdue.due_at) == (world.DSO_2, due_at)
    world.decide(application, up_w=1_500_000, down_w=100_000, at=world.oslo(2, 5)).then_only(
        v1.PrequalificationDecided, v1.VolumeReserved, v1.BiddableChanged
    )


def test_a_late_dso_may_still_answer_and_what_may_be_bid_follows(world: Any, application: str) -> None:
    world.assess(application, world.DSO_2, at=world.oslo(1, 20))
    world.scenario.until(world.oslo(2, 4)).then_only(v1.GridAssessmentOverdue)
    world.decide(application, up_w=500_000, at=world.oslo(2, 5)).refused("APPROVED_BELOW_MINIMUM")
    late, *_ = world.assess(application, world.DSO_1, at=world.oslo(2, 6)).then_only(v1.GridAssessed)
    assert late.late
    assert late.deliverable_up_w == 2_000_000


def test_a_late_answer_after_the_decision_raises_what_may_be_bid(world: Any, application: str) -> None:
    world.assess(application, world.DSO_1, at=world.oslo(1, 20))
    world.scenario.until(world.oslo(2, 4))
    world.decide(application, up_w=1_500_000, at=world.oslo(2, 5))
    world.scenario.given(world.leaves(world.id(1), 0, world.oslo(3, 1)), at=world.oslo(2, 10))
    _, now, then = world.assess(application, world.DSO_2, at=world.oslo(2, 20)).then_only(
        v1.GridAssessed, v1.BiddableChanged, v1.BiddableChanged
    )
    assert (now.valid_from, now.deliverable_up_w, now.up_w) == (world.oslo(2, 20), 2_000_000, 1_000_000)
    assert (then.valid_from, then.deliverable_up_w, then.up_w) == (world.oslo(3, 1), 1_500_000, 1_000_000)


@pytest.mark.rule("NOT_UNDER_DECISION")
def test_after_a_rejection_nobody_is_asked_any_more(world: Any, application: str) -> None:
    world.assess(application, world.DSO_1, at=world.oslo(1, 20))
    world.scenario.until(world.oslo(2, 4))
    world.decide(application, "rejected", at=world.oslo(2, 5)).then_only(v1.PrequalificationDecided)
    world.assess(application, world.DSO_2, at=world.oslo(2, 6)).refused("NOT_UNDER_DECISION", actual="rejected")


@pytest.mark.rule("LIMIT_PERIOD_INVALID")
def test_a_limit_that_is_over_already_limits_nothing_and_is_refused(world: Any, application: str) -> None:
    def limited(valid_to: Any) -> v1.GridLimit:
        return v1.GridLimit(scope="part", up_w=1_000, reason_code="line", valid_to=valid_to)

    at = world.oslo(1, 20, 9)
    world.assess(application, world.DSO_1, "limited", limits=[limited(at)]).refused(
        "LIMIT_PERIOD_INVALID", path="/limits/0/valid_to", limit="2026-01-20T08:00:00Z"
    )
    world.assess(application, world.DSO_1, "limited", limits=[limited(world.oslo(1, 20, 10))]).then_only(
        v1.GridAssessed
    )


def test_a_dso_is_told_what_is_applied_for(world: Any, application: str) -> None:
    """SOGL art. 182(2)."""
    asked = [event for event in world.scenario.log if isinstance(event, v1.GridAssessmentRequested)]
    for one in asked:
        assert (one.product, one.applied_up_w, one.applied_down_w) == ("mFRR", 1_500_000, 100_000)
        assert one.ramp_w_per_minute == 200_000


def test_what_the_others_have_not_answered_is_no_false_alarm(world: Any, application: str) -> None:
    (first,) = world.assess(application, world.DSO_2).then_only(v1.GridAssessed)
    assert (first.deliverable_up_w, first.below_minimum) == (500_000, True)
    assert (first.answered_up_w, first.answered_down_w) == (2_000_000, 300_000)
    assert first.answered_below_minimum is False
    limits = [world.limit(n, 100_000) for n in range(3)]
    (last,) = world.assess(application, world.DSO_1, "limited", limits=limits).then_only(v1.GridAssessed)
    assert (last.deliverable_up_w, last.answered_up_w) == (800_000, 800_000)
    assert (last.below_minimum, last.answered_below_minimum) == (True, True)


@pytest.mark.rule("LIMIT_NOT_YOUR_SUBSTATION")
def test_a_dso_above_limits_by_its_own_substation_that_feeds_those_of_the_members(world: Any) -> None:
    top, low, other = world.id(70), world.id(71), world.id(72)
    world.scenario.given(
        world.area(world.AREA_1, world.DSO_1, parent=world.AREA_ABOVE),
        world.area(world.AREA_ABOVE, world.DSO_ABOVE),
        world.substation(top).model_copy(update={"grid_area": world.AREA_ABOVE, "dso": world.DSO_ABOVE}),
        world.substation(low, parent=top),
        world.substation(other, parent=top),
    )
    group = world.group(world.id(1))
    for n, place in ((1, low), (2, other), (3, None)):
        world.join(group, n, up_w=600_000, substation=place)
    world.cap(5_000_000)
    world.apply(world.id(2), group, 1_000_000)
    limit = v1.GridLimit(scope="substation", substation=top, up_w=500_000, reason_code="line")

    world.assess(world.id(2), world.DSO_1, "limited", limits=[limit]).refused(
        "LIMIT_NOT_YOUR_SUBSTATION", path="/limits/0/substation", actual=top
    )
    (above,) = world.assess(world.id(2), world.DSO_ABOVE, "limited", limits=[limit]).then_only(v1.GridAssessed)
    assert above.answered_up_w == 1_100_000, "600 kW of the point that lies elsewhere, 500 kW of the two together"
    world.assess(world.id(2), world.DSO_1)
    world.decide(world.id(2), up_w=1_100_000).refused("APPROVED_ABOVE_APPLIED")
    world.decide(world.id(2), up_w=1_000_000)
    told = world.biddable(group, world.oslo(2, 1))
    assert (told.deliverable.up_w, told.biddable.up_w) == (1_100_000, 1_000_000)
    (taken,) = told.lowered
    assert (taken.scope, taken.by, taken.up_w) == ("substation", world.DSO_ABOVE, 700_000)
