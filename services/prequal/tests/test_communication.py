"""The test of communication: a round trip over the BSP's own topics, measured."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from prequal_qualifying import WRONG_NONCE, Case

from contracts.message import party
from contracts.prequal import v1

pytestmark = pytest.mark.unit

MS = timedelta(milliseconds=1)


@pytest.fixture
def case(another_world: Any) -> Case:
    """A complete application."""
    world = another_world()
    case = Case(world)
    case.apply(world.oslo(1, 6))
    case.confirm(world.oslo(1, 7))
    return case


def test_the_bsp_alone_is_sent_a_nonce_and_its_answer_is_measured(case: Case) -> None:
    at = case.world.oslo(1, 7, 9)
    started = case.start_test(at)
    assert v1.CommunicationTestStarted.audience == (party("bsp"),)
    assert (started.bsp, started.asked_at, started.limit_ms) == (case.bsp, at, 60_000)
    assert started.due_at == at + timedelta(hours=1)
    case.answer(started.nonce, at + 412 * MS).then(
        v1.CommunicationTested(
            qualification_id=case.id,
            bsp=case.bsp,
            result="passed",
            because="answered",
            tested_at=at + 412 * MS,
            measured_ms=412,
            limit_ms=60_000,
        )
    )
    case.decide(at + timedelta(hours=1)).then_only(v1.QualificationDecided, v1.QualifiedBspsListed)


def test_the_bsp_may_ask_for_it_too_but_nobody_else(case: Case) -> None:
    at = case.world.oslo(1, 7, 9)
    start = v1.StartCommunicationTest()
    case.from_bsp(start, at, sender=case.world.BSP_B).refused("QUALIFICATION_UNKNOWN")
    case.from_bsp(start, at).then_only(v1.CommunicationTestStarted)
    nonce = case.state.test.nonce
    answer = v1.AnswerCommunicationTest(nonce=nonce)
    case.from_bsp(answer, at, sender=case.world.BSP_B).refused("QUALIFICATION_UNKNOWN")


def test_the_nonce_is_the_same_in_every_replay_and_another_for_every_test(another_world: Any) -> None:
    def nonces() -> list[str]:
        case = Case(another_world())
        case.apply(case.world.oslo(1, 6))
        found: list[str] = []
        for _ in range(3):
            started = case.start_test(case.world.oslo(1, 7))
            case.answer(WRONG_NONCE, case.world.oslo(1, 7))
            found.append(started.nonce)
        return found

    assert nonces() == nonces()
    assert len(set(nonces())) == 3


@pytest.mark.parametrize(("after_ms", "because"), [(60_000, "answered"), (60_001, "late"), (3_599_999, "late")])
def test_an_answer_after_the_limit_is_told_as_late(case: Case, after_ms: int, because: str) -> None:
    at = case.world.oslo(1, 7, 9)
    started = case.start_test(at)
    (tested,) = case.answer(started.nonce, at + after_ms * MS).then_only(v1.CommunicationTested)
    assert (tested.because, tested.measured_ms) == (because, after_ms)
    assert tested.result == ("passed" if because == "answered" else "failed")


@pytest.mark.rule("COMMUNICATION_TEST_MISSING")
def test_a_wrong_answer_fails_and_the_test_can_be_repeated(case: Case) -> None:
    at = case.world.oslo(1, 7, 9)
    case.decide(at).refused("COMMUNICATION_TEST_MISSING", actual="none", limit=90, unit="days")
    first = case.start_test(at)
    case.decide(at).refused("COMMUNICATION_TEST_MISSING", actual="waiting")
    (tested,) = case.answer(WRONG_NONCE, at).then_only(v1.CommunicationTested)
    assert (tested.result, tested.because) == ("failed", "wrong-nonce")
    case.decide(at).refused("COMMUNICATION_TEST_MISSING", actual="wrong-nonce")
    second = case.start_test(at)
    (tested,) = case.answer(first.nonce, at).then_only(v1.CommunicationTested)
    assert tested.because == "wrong-nonce"
    third = case.start_test(at)
    assert third.nonce not in {first.nonce, second.nonce}
    case.answer(third.nonce, at)
    case.decide(at).then_only(v1.QualificationDecided, v1.QualifiedBspsListed)


def test_to_refuse_a_bsp_no_test_is_needed(case: Case) -> None:
    case.decide(case.world.oslo(1, 8), "not-qualified").then_only(v1.QualificationDecided)


@pytest.mark.rule("COMMUNICATION_TEST_NOT_WAITING")
def test_without_an_answer_it_has_failed_and_a_later_answer_is_refused(case: Case) -> None:
    at = case.world.oslo(1, 7, 9)
    case.answer(WRONG_NONCE, at).refused("COMMUNICATION_TEST_NOT_WAITING", actual="none")
    started = case.start_test(at)
    case.world.scenario.until(started.due_at - MS).then()
    (tested,) = case.world.scenario.until(started.due_at).then_only(v1.CommunicationTested)
    assert (tested.result, tested.because, tested.measured_ms) == ("failed", "no-answer", None)
    assert tested.tested_at == started.due_at
    case.answer(started.nonce, started.due_at).refused("COMMUNICATION_TEST_NOT_WAITING", actual="no-answer")


@pytest.mark.rule("COMMUNICATION_TEST_UNDER_WAY")
def test_one_test_at_a_time(case: Case) -> None:
    case.start_test(case.world.oslo(1, 7))
    case.from_tso(v1.StartCommunicationTest(), case.world.oslo(1, 7)).refused("COMMUNICATION_TEST_UNDER_WAY")


@pytest.mark.rule("COMMUNICATION_TEST_MISSING")
def test_a_test_grows_old(another_world: Any) -> None:
    world = another_world()
    case = Case(world)
    case.apply(world.oslo(1, 6))
    case.test(world.oslo(1, 7, 12))
    world.scenario.until(world.oslo(3, 3))
    case.confirm(world.oslo(3, 3))
    # 90 days end with the day of 7 April.
    last = world.oslo(4, 8) - MS
    world.scenario.until(last)
    case.decide(world.oslo(4, 8)).refused("COMMUNICATION_TEST_MISSING", actual="too old")
    case.decide(last).then_only(v1.QualificationDecided, v1.QualifiedBspsListed)


def test_nobody_waits_for_an_answer_in_a_case_that_is_over(case: Case) -> None:
    at = case.world.oslo(1, 7, 9)
    started = case.start_test(at)
    case.from_bsp(v1.WithdrawQualification(), at).then_only(v1.QualificationWithdrawn)
    case.world.scenario.until(started.due_at).then()
