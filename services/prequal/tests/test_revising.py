"""A DSO's answer corrected, and reopened by the TSO (SOGL art. 182(4) and (5))."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.testing import Outcome
from contracts.prequal import v1
from prequal import store
from prequal.domain import tasks

pytestmark = pytest.mark.unit


@pytest.fixture
def application(world: Any) -> str:
    """DSO 1 has let three points of 500 kW through, one of them with 300 kW; 1,200 kW are applied for."""
    group = world.group(world.id(1), points=range(3), up_w=500_000)
    world.cap(5_000_000)
    world.apply(world.id(2), group, 1_200_000)
    world.assess(world.id(2), world.DSO_1, "limited", limits=[world.limit(0, 300_000)])
    return world.id(2)


@pytest.fixture
def approved(world: Any, application: str) -> str:
    """1,200 kW of the 1,300 are approved."""
    world.decide(application, up_w=1_200_000)
    return application


def revise(
    world: Any, application: str, *limits: v1.GridLimit, dso: str = "", decision: str = "limited", day: int = 3
) -> Outcome:
    command = v1.ReviseAssessment(decision=decision, limits=limits)
    at = world.oslo(2, day, 9)
    return world.scenario.when(command, subject=application, sender=dso or world.DSO_1, at=at)


def reopen(world: Any, application: str, dso: str = "", *, at: Any = None) -> Outcome:
    command = v1.ReopenAssessment(dso=dso or world.DSO_1, reasons="The transformer is another one now.")
    return world.tso(application, command, at=at or world.oslo(2, 2))


@pytest.mark.rule("DSO_ALREADY_ANSWERED")
def test_what_is_undecided_is_corrected_freely_and_the_refusal_says_how(world: Any, application: str) -> None:
    outcome = world.assess(application, world.DSO_1)
    outcome.refused("DSO_ALREADY_ANSWERED")
    assert all("revise-assessment" in reason.fix_en for reason in outcome.reasons)

    (less,) = revise(world, application, world.limit(0, 100_000), world.limit(1, 0)).then_only(v1.GridAssessed)
    assert (less.revised, less.decision, less.deliverable_up_w, less.late) == (True, "limited", 600_000, False)
    (more,) = revise(world, application, decision="approved").then_only(v1.GridAssessed)
    assert (more.deliverable_up_w, more.still_asked, more.asked_at) == (1_500_000, (), None)


def test_what_it_said_of_more_than_a_point_before_is_gone(world: Any, application: str) -> None:
    part = v1.GridLimit(scope="part", up_w=700_000, reason_code="line")
    (held,) = revise(world, application, part).then_only(v1.GridAssessed)
    assert held.deliverable_up_w == 700_000
    (free,) = revise(world, application, decision="approved").then_only(v1.GridAssessed)
    assert free.deliverable_up_w == 1_500_000


def test_a_correction_counts_in_no_statistic_and_what_it_is_asked_beside_stays_open(
    world: Any, application: str
) -> None:
    world.scenario.given(world.joined(world.id(1), 9, up_w=400_000), at=world.oslo(2, 1))
    before = world.scenario.state(store.CLOCK_STATISTIC, f"dso-answer.{world.DSO_1}")
    (answer,) = revise(world, application, decision="approved").then_only(v1.GridAssessed)
    assert (answer.points, answer.still_asked) == (tuple(world.point(n) for n in range(3)), (world.DSO_1,))
    assert (answer.deliverable_up_w, answer.answered_up_w) == (1_500_000, 1_900_000)
    assert world.scenario.state(store.CLOCK_STATISTIC, f"dso-answer.{world.DSO_1}") == before


def test_more_is_allowed_after_the_approval_too_and_may_be_bid_up_to_what_is_approved(
    world: Any, approved: str
) -> None:
    world.scenario.given(world.leaves(world.id(1), 2, world.oslo(6, 1)), at=world.oslo(2, 1))
    assert world.biddable(world.id(1), world.oslo(6, 2)).deliverable.up_w == 800_000
    revise(world, approved, decision="approved")
    assert world.biddable(world.id(1), world.oslo(6, 2)).deliverable.up_w == 1_000_000
    assert world.biddable(world.id(1), world.oslo(6, 2)).biddable.up_w == 1_000_000
    assert world.biddable(world.id(1), world.oslo(3, 1)).biddable.up_w == 1_000_000


@pytest.mark.rule("ANSWER_TIGHTENS_APPROVED")
@pytest.mark.parametrize(
    "limits",
    [
        [{"metering_point_id": 0, "up_w": 299_999}],
        [{"metering_point_id": 0, "up_w": 300_000}, {"metering_point_id": 1, "up_w": 499_999}],
        [{"scope": "part", "up_w": 9_000_000}],
        [{"scope": "part", "down_w": 0}],
    ],
)
def test_less_than_is_approved_needs_the_tso(world: Any, approved: str, limits: list[dict[str, Any]]) -> None:
    rows = [
        v1.GridLimit(
            reason_code="line",
            **{name: world.point(value) if name == "metering_point_id" else value for name, value in row.items()},
        )
        for row in limits
    ]
    revise(world, approved, *rows).refused("ANSWER_TIGHTENS_APPROVED", path="/limits")


def test_a_limit_on_several_points_is_raised_and_not_lowered(world: Any, application: str) -> None:
    def part(up_w: int | None, **over: Any) -> v1.GridLimit:
        return v1.GridLimit(scope="part", up_w=up_w, reason_code="line", **over)

    revise(world, application, part(1_250_000))
    world.decide(application, up_w=1_200_000, at=world.oslo(2, 4))
    revise(world, application, part(1_249_999), day=5).refused("ANSWER_TIGHTENS_APPROVED")
    revise(world, application, part(1_250_000, down_w=0), day=5).refused("ANSWER_TIGHTENS_APPROVED")
    raised = part(1_300_000, valid_to=world.oslo(9, 1))
    revise(world, application, raised, day=5).then_only(v1.GridAssessed, v1.BiddableChanged, v1.BiddableChanged)
    revise(world, application, part(1_300_000), day=6).refused("ANSWER_TIGHTENS_APPROVED")


def test_what_the_tso_has_reopened_may_be_less_once(world: Any, approved: str) -> None:
    (told,) = reopen(world, approved).then_only(v1.GridAssessmentReopened)
    assert (told.dso, told.application_id, told.group_id) == (world.DSO_1, approved, world.id(1))
    reopen(world, approved).then()
    assert tasks.changes(told)[f"revise-assessment/{world.id(1)}/{world.DSO_1}"][1]

    answer, below = revise(world, approved, world.limit(0, 0), world.limit(1, 0)).then_only(
        v1.GridAssessed, v1.BiddableChanged
    )
    assert (answer.deliverable_up_w, answer.below_minimum, below.up_w) == (500_000, True, 0)
    assert not tasks.changes(answer)[f"revise-assessment/{world.id(1)}/{world.DSO_1}"][1]
    revise(world, approved, *[world.limit(n, 0) for n in range(3)], day=4).refused("ANSWER_TIGHTENS_APPROVED")


@pytest.mark.rule("DSO_NOT_ANSWERED")
@pytest.mark.rule("DSO_NOT_ASKED")
@pytest.mark.rule("NOT_UNDER_DECISION")
@pytest.mark.rule("APPLICATION_UNKNOWN")
@pytest.mark.rule("LIMIT_ABOVE_DECLARED")
def test_who_corrects_what_and_when(world: Any, application: str) -> None:
    unknown = revise(world, world.id(99), decision="approved").refused("DSO_NOT_ASKED")
    assert revise(world, application, decision="approved", dso=world.DSO_2).refused("DSO_NOT_ASKED") == unknown
    reopen(world, world.id(99)).refused("APPLICATION_UNKNOWN")
    reopen(world, application, world.DSO_2).refused("DSO_NOT_ANSWERED", path="/dso", actual=world.DSO_2)
    revise(world, application, world.limit(0, 500_001)).refused("LIMIT_ABOVE_DECLARED", limit=500_000)
    other = world.group(world.id(5), points=range(20, 23), up_w=500_000)
    world.apply(world.id(6), other, 1_000_000)
    revise(world, world.id(6), decision="approved").refused("DSO_NOT_ANSWERED")
    world.bsp(application, v1.WithdrawApplication(), at=world.oslo(2, 5))
    revise(world, application, decision="approved", day=6).refused("NOT_UNDER_DECISION")
    reopen(world, application, at=world.oslo(2, 6)).refused("NOT_UNDER_DECISION")
