"""Test activations, and approvals for a time."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from contracts.prequal import v1
from contracts.registry import v1 as registry
from prequal import store

pytestmark = pytest.mark.unit


@pytest.fixture
def application(world: Any) -> str:
    """1,200 kW up and 600 kW down, assessed."""
    group = world.group(world.id(1), points=range(3), up_w=500_000, down_w=200_000)
    world.cap(9_000_000)
    world.apply(world.id(2), group, 1_200_000, 600_000)
    world.assess(world.id(2), world.DSO_1)
    return world.id(2)


def order(world: Any, test: int, direction: str = "up", power_w: int = 1_000_000, **over: Any) -> Any:
    """The TSO orders a test for 12 January, on the 10th."""
    fields = {"moment": world.oslo(1, 12, 10), **over}
    command = v1.OrderTestActivation(test_id=world.id(test), direction=direction, power_w=power_w, **fields)
    return world.tso(world.id(2), command)


def result(world: Any, test: int, *, passed: bool, at: Any = None) -> Any:
    """The TSO records it."""
    command = v1.RecordTestResult(test_id=world.id(test), delivered_w=990_000, passed=passed, text="Seen.")
    return world.tso(world.id(2), command, at=at or world.oslo(1, 12, 11))


@pytest.mark.rule("TEST_ABOVE_APPLIED")
@pytest.mark.rule("TEST_MOMENT_PAST")
@pytest.mark.rule("TEST_ID_TAKEN")
def test_a_test_is_ordered_within_what_is_applied_for_and_ahead(world: Any, application: str) -> None:
    order(world, 50, "down", 600_001).refused("TEST_ABOVE_APPLIED", limit=600_000, actual=600_001, path="/power_w")
    order(world, 50, moment=world.oslo(1, 10, 9)).refused("TEST_MOMENT_PAST")
    (ordered,) = order(world, 50).then_only(v1.TestActivationOrdered)
    assert (ordered.application_id, ordered.dsos, ordered.power_w) == (application, (world.DSO_1,), 1_000_000)
    order(world, 50).refused("TEST_ID_TAKEN")


@pytest.mark.rule("TEST_UNKNOWN")
@pytest.mark.rule("TEST_NOT_YET")
@pytest.mark.rule("TEST_ALREADY_RECORDED")
def test_a_result_is_recorded_once_and_not_before(world: Any, application: str) -> None:
    result(world, 50, passed=True).refused("TEST_UNKNOWN")
    order(world, 50)
    result(world, 50, passed=True, at=world.oslo(1, 12, 9, 59)).refused("TEST_NOT_YET")
    (recorded,) = result(world, 50, passed=False).then_only(v1.TestResultRecorded)
    assert (recorded.ordered_w, recorded.delivered_w, recorded.passed, recorded.moment) == (
        1_000_000, 990_000, False, world.oslo(1, 12, 10),
    )  # fmt: skip
    result(world, 50, passed=True).refused("TEST_ALREADY_RECORDED")


@pytest.mark.rule("TEST_NOT_PASSED")
def test_an_approval_for_good_does_not_pass_over_a_test(world: Any, application: str) -> None:
    order(world, 50)
    world.decide(application, up_w=1_200_000).refused("TEST_NOT_PASSED", path="/up_w", retryable=True)
    result(world, 50, passed=False)
    world.decide(application, up_w=1_200_000).refused("TEST_NOT_PASSED")
    order(world, 51)
    result(world, 51, passed=True)
    world.decide(application, up_w=1_200_000, down_w=600_000).then_only(
        v1.PrequalificationDecided, v1.VolumeReserved, v1.BiddableChanged
    )


@pytest.mark.rule("TEST_NOT_PASSED")
def test_where_the_policy_asks_for_a_test_each_direction_has_one(world: Any, application: str) -> None:
    world.scenario.given(
        registry.PolicySet(key="prequalification.test", value="required", unit=None, valid_from=world.oslo(1, 7),
                           source="SOGL art. 159(2)", reason="x", owner="prequal", former="optional")
    )  # fmt: skip
    order(world, 50)
    result(world, 50, passed=True)
    world.decide(application, up_w=1_000_000, down_w=600_000).refused("TEST_NOT_PASSED", actual="down")
    world.decide(application, up_w=1_000_000, down_w=0).then_only(
        v1.PrequalificationDecided, v1.VolumeReserved, v1.BiddableChanged
    )


@pytest.mark.rule("REJECTION_REASON_REQUIRED")
def test_a_rejection_says_why_from_the_list(world: Any, application: str) -> None:
    world.decide(application, "rejected", reason_codes=()).refused("REJECTION_REASON_REQUIRED", path="/reason_codes")
    (decided,) = world.decide(application, "rejected", reason_codes=("test-failed",)).then_only(
        v1.PrequalificationDecided
    )
    assert decided.reason_codes == ("test-failed",)


def test_what_is_approved_for_a_time_ends_with_its_last_day_unless_verified(world: Any, application: str) -> None:
    decided, *_ = world.decide(
        application, up_w=1_200_000, temporary_until=date(2026, 3, 28), conditions=("Log every activation.",)
    ).events
    assert (decided.temporary_until, decided.conditions) == (world.oslo(3, 29), ("Log every activation.",))
    soon, overdue, ended, nothing = world.scenario.until(world.oslo(3, 29)).then_only(
        v1.ApplicationReminded, v1.ApplicationOverdue, v1.ApprovalEnded, v1.BiddableChanged
    )
    assert (soon.clock, overdue.clock, ended.because, ended.released_w) == (
        "verification", "verification", "not-verified", 1_200_000,
    )  # fmt: skip
    assert (nothing.up_w, nothing.valid_from) == (0, world.oslo(3, 29))
    assert world.scenario.state(store.ZONE, world.ZONE).used_w == 0
    world.scenario.until(world.oslo(12, 31)).then()


@pytest.mark.rule("APPROVAL_NOT_TEMPORARY")
@pytest.mark.rule("DUE_DATE_PAST")
def test_what_is_verified_stands(world: Any, application: str) -> None:
    world.decide(application, up_w=1_200_000, temporary_until=date(2026, 1, 26)).refused(
        "DUE_DATE_PAST", path="/temporary_until"
    )
    world.decide(application, up_w=1_200_000, temporary_until=date(2026, 3, 28))
    seen = v1.VerifyApproval(text="Delivered.")
    verified, _ = world.tso(application, seen, at=world.oslo(2, 20)).then_only(v1.ApprovalVerified, v1.BiddableChanged)
    assert [one.clock for one in verified.clocks] == ["reassessment"]
    world.scenario.until(world.oslo(12, 31)).then()
    world.tso(application, seen, at=world.oslo(12, 31)).refused("APPROVAL_NOT_TEMPORARY")


@pytest.mark.rule("TEST_NOT_PASSED")
def test_what_is_verified_has_passed_the_test_that_was_ordered(world: Any, application: str) -> None:
    order(world, 50)
    world.decide(application, up_w=1_200_000, temporary_until=date(2026, 3, 28))
    seen = v1.VerifyApproval(text="Delivered.")
    world.tso(application, seen, at=world.oslo(2, 20)).refused("TEST_NOT_PASSED")
    result(world, 50, passed=True, at=world.oslo(2, 21))
    world.tso(application, seen, at=world.oslo(2, 22)).then_only(v1.ApprovalVerified, v1.BiddableChanged)


def test_what_may_be_bid_ends_with_what_is_approved_for_a_time_and_that_is_told_ahead(
    world: Any, application: str
) -> None:
    *_, now, then = world.decide(application, up_w=1_200_000, temporary_until=date(2026, 3, 28)).then_only(
        v1.PrequalificationDecided, v1.VolumeReserved, v1.BiddableChanged, v1.BiddableChanged
    )
    end = world.oslo(3, 29)
    assert (now.up_w, then.valid_from, then.up_w, then.approved_up_w) == (1_000_000, end, 0, 1_200_000)
    (why,) = then.lowered
    assert (why.kind, why.reason_code, why.by) == ("temporary-approval", "not-verified", world.BSP_A)
    assert then.approval_ends_at is None, "it ends by its own clock, without a grace period"
    assert sum(one.up_w for one in then.reasons) == then.declared_up_w
    assert {one.why for one in then.reasons} == {"temporary-approval"}


def test_where_it_lies_is_foreseen_to_end_too_and_both_are_taken_back_when_verified(
    world: Any, application: str
) -> None:
    end = world.oslo(3, 29)

    def told(events: list[Any]) -> list[tuple[Any, int]]:
        (where,) = (event for event in events if isinstance(event, v1.LocationReadinessChanged))
        return [(step.valid_from, step.up_w) for step in where.steps]

    began = told(world.decide(application, up_w=1_200_000, temporary_until=date(2026, 3, 28)).beside)
    assert [each for each in began if each[0] >= end] == [(end, 0)]

    verified = world.tso(application, v1.VerifyApproval(text="Delivered."), at=world.oslo(2, 20))
    _, again = verified.then_only(v1.ApprovalVerified, v1.BiddableChanged)
    assert (again.valid_from, again.up_w, again.lowered) == (end, 1_000_000, ())
    assert told(verified.beside) == [(world.oslo(2, 20), 1_000_000)]


def test_what_is_not_verified_before_there_is_room_lapses(world: Any, application: str) -> None:
    world.cap(0)
    world.decide(application, up_w=1_200_000, temporary_until=date(2026, 3, 28))
    *_, lapsed = world.scenario.until(world.oslo(3, 29)).then_only(
        v1.ApplicationReminded, v1.ApplicationOverdue, v1.ApplicationLapsed
    )
    assert lapsed.because == "not-verified"
    assert world.scenario.state(store.ZONE, world.ZONE).waiting == ()
