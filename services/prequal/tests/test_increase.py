"""More power, or a higher ramp, than the DSOs have answered on: they are asked, and only the increase waits (D29)."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.prequal import v1
from prequal import store

pytestmark = pytest.mark.unit

ASKED = v1.GridAssessmentRequested


@pytest.fixture
def group(world: Any) -> str:
    """Three points of 1,000 kW, one of them in the grid of DSO 2; approved for 1,000 kW of 3,000 kW, at 200 kW/min."""
    world.cap(5_000_000)
    group = world.group(world.id(1), points=range(3), in_area_2=(2,), up_w=1_000_000, down_w=1_000_000)
    world.apply(world.id(2), group, 1_000_000)
    for dso in (world.DSO_1, world.DSO_2):
        world.assess(world.id(2), dso)
    world.decide(world.id(2), up_w=1_000_000)
    return group


def more(world: Any, up_w: int = 2_000_000, down_w: int = 0, **over: Any) -> list[Any]:
    """An application for more; what comes of it behind its receipt."""
    over.setdefault("at", world.oslo(2, 1))
    return world.apply(world.id(3), world.id(1), up_w, down_w, **over).events[1:]


def answers(world: Any, dso: str, decision: str = "approved", **over: Any) -> Any:
    over.setdefault("at", world.oslo(2, 2))
    return world.assess(world.id(3), dso, decision, **over)


def decide(world: Any, up_w: int, **over: Any) -> Any:
    return world.decide(world.id(3), up_w=up_w, **{"at": world.oslo(2, 3)} | over)


def biddable(world: Any) -> int:
    return world.scenario.state(store.APPROVAL, world.id(1)).steps[-1].biddable.up_w


@pytest.mark.parametrize(
    "figures",
    [{"up_w": 2_000_000}, {"up_w": 1_000_000, "down_w": 1_000_000}, {"up_w": 1_000_000, "ramp_w_per_minute": 200_001}],
)
def test_each_dso_is_asked_about_more_in_a_direction_or_a_higher_ramp(
    world: Any, group: str, figures: dict[str, int]
) -> None:
    asked = more(world, **figures)
    assert [(type(one), one.dso, one.points, one.more_power, one.because) for one in asked] == [
        (ASKED, dso, (), True, "grown") for dso in (world.DSO_1, world.DSO_2)
    ]
    told = {"up_w": 1_000_000, "down_w": 0, "ramp_w_per_minute": 200_000} | figures
    assert (asked[0].applied_up_w, asked[0].applied_down_w, asked[0].ramp_w_per_minute) == tuple(told.values())
    assert asked[0].due_at == world.oslo(3, 2)


def test_no_more_than_was_answered_on_asks_nobody(world: Any, group: str) -> None:
    assert more(world, 1_000_000, ramp_w_per_minute=100_000) == []


@pytest.mark.rule("DSO_ANSWER_MISSING")
def test_only_the_increase_waits_for_the_answers(world: Any, group: str) -> None:
    more(world)
    assert biddable(world) == 1_000_000
    decide(world, 2_000_000).refused("DSO_ANSWER_MISSING", actual=f"{world.DSO_1}, {world.DSO_2}")
    (first,) = answers(world, world.DSO_1).then_only(v1.GridAssessed)
    assert (first.more_power, first.still_asked, first.deliverable_up_w) == (True, (world.DSO_2,), 3_000_000)
    answers(world, world.DSO_2).then_only(v1.GridAssessed)
    answers(world, world.DSO_2).refused("DSO_ALREADY_ANSWERED")
    decide(world, 2_000_000)
    assert biddable(world) == 2_000_000


def test_it_is_asked_once_for_the_same(world: Any, group: str) -> None:
    more(world)
    amended = v1.AmendApplication(up_w=1_500_000)
    world.bsp(world.id(3), amended, at=world.oslo(2, 1, 9)).then_only(v1.ApplicationAmended)
    amended = v1.AmendApplication(up_w=2_000_000, ramp_w_per_minute=900_000)
    events = world.bsp(world.id(3), amended, at=world.oslo(2, 1, 10)).events
    assert [type(one) for one in events] == [v1.ApplicationAmended, ASKED, ASKED]


def test_who_has_answered_nothing_is_asked_about_its_points_with_the_new_figures(world: Any) -> None:
    group = world.group(world.id(1), points=range(3), up_w=1_000_000)
    world.apply(world.id(3), group, 1_000_000)
    _, again = world.bsp(world.id(3), v1.AmendApplication(up_w=2_000_000)).then_only(v1.ApplicationAmended, ASKED)
    assert (len(again.points), again.applied_up_w, again.more_power) == (3, 2_000_000, False)
    (answer,) = answers(world, world.DSO_1).then_only(v1.GridAssessed)
    assert (answer.more_power, answer.deliverable_up_w) == (False, 3_000_000)


def test_a_ramp_that_comes_with_what_was_missing_is_asked_about(world: Any, group: str) -> None:
    more(world, 1_000_000)
    request = v1.RequestMissingPart(missing=("rate-of-change",), text="?")
    world.tso(world.id(3), request, at=world.oslo(2, 1, 9))
    completed = v1.CompleteApplication(evidence=(), ramp_w_per_minute=900_000, text="Here.")
    events = world.bsp(world.id(3), completed, at=world.oslo(2, 1, 10)).events
    assert [type(one) for one in events] == [v1.ApplicationCompleted, ASKED, ASKED]


@pytest.mark.rule("APPROVED_ABOVE_ANSWERED")
@pytest.mark.rule("LIMITS_CONTRADICT_DECISION")
def test_who_rejects_more_has_its_answers_stand_and_no_more_comes_from_its_points(world: Any, group: str) -> None:
    more(world, 3_000_000)
    limit = world.limit(2, 0)
    answers(world, world.DSO_2, "rejected", limits=[limit]).refused("LIMITS_CONTRADICT_DECISION", path="/limits")
    answers(world, world.DSO_2, "rejected", text="The line is full.").then_only(v1.GridAssessed)
    answers(world, world.DSO_1)
    # 2,000 kW lie with DSO 1 alone.
    decide(world, 2_000_001).refused("APPROVED_ABOVE_ANSWERED", limit=2_000_000, actual=2_000_001, path="/up_w")
    decide(world, 2_000_000)
    assert biddable(world) == 2_000_000


@pytest.mark.rule("APPROVED_ABOVE_ANSWERED")
def test_who_is_late_has_not_agreed(world: Any, group: str) -> None:
    more(world, 3_000_000)
    answers(world, world.DSO_2)
    (overdue,) = world.scenario.until(world.oslo(3, 2)).then_only(v1.GridAssessmentOverdue)
    assert (overdue.dso, overdue.still_asked) == (world.DSO_1, ())
    late = world.oslo(3, 3)
    decide(world, 1_000_001, at=late).refused("APPROVED_ABOVE_ANSWERED", limit=1_000_000)
    (answer,) = answers(world, world.DSO_1, at=late).then_only(v1.GridAssessed)
    assert (answer.late, answer.more_power) == (True, True)
    decide(world, 3_000_000, at=late)
    assert biddable(world) == 3_000_000


@pytest.mark.rule("APPROVED_ABOVE_ANSWERED")
def test_a_ramp_that_is_rejected_lets_nothing_come_from_those_points(world: Any, group: str) -> None:
    more(world, 1_000_000, ramp_w_per_minute=900_000)
    answers(world, world.DSO_2)
    answers(world, world.DSO_1, "rejected", text="Too fast.")
    # DSO 2 has agreed, and 1,000 kW lie there.
    decide(world, 1_000_000)
    assert world.scenario.state(store.APPROVAL, world.id(1)).admitted == world.id(3)


def test_what_was_rejected_by_mistake_is_corrected(world: Any, group: str) -> None:
    more(world, 3_000_000)
    answers(world, world.DSO_1, "rejected", text="Too much.")
    answers(world, world.DSO_2)
    revised = v1.ReviseAssessment(decision="approved")
    world.scenario.when(revised, subject=world.id(3), sender=world.DSO_1, at=world.oslo(2, 3))
    decide(world, 3_000_000)
    assert biddable(world) == 3_000_000


def test_an_answer_on_more_may_limit_what_was_answered_before(world: Any, group: str) -> None:
    more(world, 3_000_000)
    limit = world.limit(2, 400_000, 0)
    (answer,) = answers(world, world.DSO_2, "limited", limits=[limit]).events[:1]
    assert (answer.points, answer.deliverable_up_w) == ((), 2_400_000)
    answers(world, world.DSO_1)
    decide(world, 2_400_001).refused("APPROVED_ABOVE_DELIVERABLE", limit=2_400_000)
    decide(world, 2_400_000)


@pytest.mark.rule("ANSWER_WHICH_POINTS")
@pytest.mark.rule("DSO_ALREADY_ANSWERED")
def test_beside_new_points_it_is_answered_by_name(world: Any, group: str) -> None:
    world.join(group, 7, up_w=500_000)
    more(world)
    answers(world, world.DSO_1).refused("ANSWER_WHICH_POINTS", actual=2)
    one = answers(world, world.DSO_1, more_power=True).events[0]
    assert (one.more_power, one.still_asked) == (True, (world.DSO_1, world.DSO_2))
    answers(world, world.DSO_1, more_power=True).refused("DSO_ALREADY_ANSWERED")
    answers(world, world.DSO_1).then_only(v1.GridAssessed, v1.BiddableChanged)
    assert not world.scenario.state(store.GRID, group).parts[world.DSO_1].open


def test_an_application_that_is_withdrawn_asks_nobody_any_more(world: Any, group: str) -> None:
    more(world)
    answers(world, world.DSO_1)
    withdrawn = world.bsp(world.id(3), v1.WithdrawApplication(), at=world.oslo(2, 3))
    released, _ = withdrawn.then_only(v1.GridAssessmentReleased, v1.ApplicationWithdrawn)
    assert (released.dso, released.more_power, released.concerned, released.still_asked) == (
        world.DSO_2, True, True, (),
    )  # fmt: skip
    tasks = [document.state for (kind, _), document in world.scenario.documents.items() if kind == store.TASK.name]
    assert not [one for one in tasks if one and one.what == "answer-grid-assessment"]
    world.scenario.until(world.oslo(12, 31)).then()
