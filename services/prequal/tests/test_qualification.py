"""Qualification of a BSP: completeness and its time limits, decision, expiry, loss."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from prequal_qualifying import FACTS, Case

from contracts.message import everyone, party
from contracts.prequal import v1
from contracts.values import Role
from prequal import store
from prequal.domain import bsp as bsps

pytestmark = pytest.mark.unit

SECOND = timedelta(seconds=1)
REVOKE = v1.RevokeQualification(reasons="It does not answer.")


@pytest.fixture
def case(another_world: Any) -> Case:
    """Nobody has applied yet."""
    return Case(another_world())


def ended(name: str, *, since: Any, due_at: Any, at: Any, **over: str) -> v1.StoppedClock:
    """A time limit that has ended; the TSO's and kept, if nothing else is said."""
    said = {"owed_by": "tso", "outcome": "kept"} | over
    return v1.StoppedClock(clock=name, since=since, due_at=due_at, stopped_at=at, **said)


def test_a_bsp_applies_and_is_qualified(case: Case) -> None:
    world = case.world
    case.apply(world.oslo(1, 6, 9)).then(
        v1.QualificationRequested(
            qualification_id=case.id,
            bsp=case.bsp,
            product="mFRR",
            contact_email="vakt@bsp.example",
            contract_reference="K-1",
            facts=FACTS,
            confirm_by=world.oslo(3, 4),
            remind_at=world.oslo(2, 25),
            since=world.oslo(1, 6, 9),
        )
    )
    case.confirm(world.oslo(1, 12, 9)).then(
        v1.QualificationConfirmed(
            qualification_id=case.id,
            bsp=case.bsp,
            product="mFRR",
            decide_by=world.oslo(4, 13),
            remind_at=world.oslo(4, 6),
            since=world.oslo(1, 12, 9),
            stopped=(
                ended("completeness", since=world.oslo(1, 6, 9), due_at=world.oslo(3, 4), at=world.oslo(1, 12, 9)),
            ),
        )
    )
    case.test(world.oslo(1, 13, 9))
    at = world.oslo(1, 14, 9)
    case.decide(at).then(
        v1.QualificationDecided(
            qualification_id=case.id,
            bsp=case.bsp,
            product="mFRR",
            decision="qualified",
            reasons="In order.",
            valid_from=at,
            stopped=(ended("decision", since=world.oslo(1, 12, 9), due_at=world.oslo(4, 13), at=at),),
        ),
        v1.QualifiedBspsListed(product="mFRR", bsps=(v1.QualifiedBsp(bsp=case.bsp, valid_from=at),)),
    )
    assert not case.of_bsp.qualified_at("mFRR", at - SECOND)
    assert case.of_bsp.qualified_at("mFRR", at)
    assert case.of_bsp.qualified_for(at) == ("mFRR",)
    assert not case.of_bsp.qualified_at("mFRR-D", at)
    world.scenario.until(world.oslo(12, 31)).then()


def test_only_the_bsp_and_the_tso_are_told_of_a_case(case: Case) -> None:
    folded = {event for event in store.QUALIFICATION.folds if event is not v1.CommunicationTestStarted}
    assert {event.audience for event in folded} == {(party("bsp"), everyone(Role.TSO))}


@pytest.mark.rule("ID_NOT_AVAILABLE")
def test_an_id_is_given_once(case: Case) -> None:
    case.apply(case.world.oslo(1, 6))
    Case(case.world, bsp=case.world.BSP_B).apply(case.world.oslo(1, 6)).refused("ID_NOT_AVAILABLE")


@pytest.mark.rule("QUALIFICATION_UNDER_WAY")
def test_one_application_at_a_time_for_a_product(case: Case) -> None:
    at = case.world.oslo(1, 6)
    case.apply(at)
    again = Case(case.world, 2)
    again.apply(at).refused("QUALIFICATION_UNDER_WAY", actual=case.id, path="/product")
    Case(case.world, 3, product="mFRR-D").apply(at).then_only(v1.QualificationRequested)
    Case(case.world, 4, bsp=case.world.BSP_B).apply(at).then_only(v1.QualificationRequested)
    case.from_bsp(v1.WithdrawQualification(reasons="Later."), at).then(
        v1.QualificationWithdrawn(
            qualification_id=case.id,
            bsp=case.bsp,
            product="mFRR",
            because="taken-back",
            reasons="Later.",
            stopped=(ended("completeness", since=at, due_at=case.world.oslo(3, 4), at=at, outcome="void"),),
        )
    )
    again.apply(at).then_only(v1.QualificationRequested)


# Completeness


@pytest.mark.rule("QUALIFICATION_NOTHING_ADDED")
def test_what_is_missing_is_asked_for_and_sent_part_by_part(case: Case) -> None:
    world = case.world
    case.apply(world.oslo(1, 6), facts=v1.BspFacts())
    (asked,) = case.ask(world.oslo(1, 20, 9), "operations-contact", "contract-reference").then_only(
        v1.MissingFactsRequested
    )
    assert (asked.answer_by, asked.remind_at) == (world.oslo(2, 18), world.oslo(2, 11))
    case.from_bsp(v1.CompleteQualification(), world.oslo(1, 21)).refused("QUALIFICATION_NOTHING_ADDED")
    part = v1.CompleteQualification(facts=v1.BspFacts(operations_contact="24/7", user_agreement="U-1"))
    (added,) = case.from_bsp(part, world.oslo(1, 22)).then_only(v1.QualificationFactsAdded)
    assert (added.missing, added.confirm_by) == (("contract-reference",), None)
    assert added.facts == v1.BspFacts(operations_contact="24/7", user_agreement="U-1")
    assert (case.state.status, case.state.clock.due_at) == ("incomplete", world.oslo(2, 18))
    rest = v1.CompleteQualification(contract_reference="K-2")
    (added,) = case.from_bsp(rest, world.oslo(2, 2, 9)).then_only(v1.QualificationFactsAdded)
    assert (added.missing, added.confirm_by, added.remind_at) == ((), world.oslo(3, 31), world.oslo(3, 24))
    assert (added.contact_email, added.contract_reference) == ("vakt@bsp.example", "K-2")
    assert case.state.status == "requested"


def test_what_is_added_unasked_does_not_move_the_tsos_limit(case: Case) -> None:
    world = case.world
    case.apply(world.oslo(1, 6))
    more = v1.CompleteQualification(facts=v1.BspFacts(trading_licence="RME-1"))
    case.from_bsp(more, world.oslo(1, 20)).then_only(v1.QualificationFactsAdded)
    assert case.state.clock.due_at == world.oslo(3, 4)
    assert case.state.given.more == FACTS.model_copy(update={"trading_licence": "RME-1"})


def test_who_does_not_send_what_is_missing_in_four_weeks_has_withdrawn(case: Case) -> None:
    world = case.world
    case.apply(world.oslo(1, 6))
    case.ask(world.oslo(1, 20, 9))
    world.scenario.until(world.oslo(2, 11)).then(
        v1.QualificationReminded(
            qualification_id=case.id, bsp=case.bsp, product="mFRR", clock="answer", due_at=world.oslo(2, 18)
        )
    )
    world.scenario.until(world.oslo(2, 18) - SECOND).then()
    world.scenario.until(world.oslo(2, 18)).then(
        v1.QualificationWithdrawn(
            qualification_id=case.id,
            bsp=case.bsp,
            product="mFRR",
            because="no-answer",
            stopped=(
                ended(
                    "missing-part",
                    owed_by="bsp",
                    since=world.oslo(1, 20, 9),
                    due_at=world.oslo(2, 18),
                    at=world.oslo(2, 18),
                    outcome="missed",
                ),
            ),
        )
    )
    world.scenario.until(world.oslo(12, 31)).then()
    Case(world, 2).apply(world.oslo(2, 18)).then_only(v1.QualificationRequested)


def test_a_tso_that_is_late_is_reminded_once_and_told_once(case: Case) -> None:
    world = case.world
    case.apply(world.oslo(1, 6))
    about = {"qualification_id": case.id, "bsp": case.bsp, "product": "mFRR"}
    world.scenario.until(world.oslo(3, 20)).then(
        v1.QualificationReminded(**about, clock="completeness", due_at=world.oslo(3, 4)),
        v1.QualificationOverdue(**about, clock="completeness", due_at=world.oslo(3, 4)),
    )
    assert case.state.status == "requested"
    case.confirm(world.oslo(3, 20, 9))
    world.scenario.until(world.oslo(12, 31)).then(
        v1.QualificationReminded(**about, clock="decision", due_at=world.oslo(6, 21)),
        v1.QualificationOverdue(**about, clock="decision", due_at=world.oslo(6, 21)),
    )
    assert case.state.status == "complete"
    case.test(world.oslo(12, 31))
    case.decide(world.oslo(12, 31, 1)).then_only(v1.QualificationDecided, v1.QualifiedBspsListed)


# Decision, conditions, expiry, loss


@pytest.mark.rule("QUALIFICATION_REASONS_MISSING")
def test_decisions_have_reasons(case: Case) -> None:
    at = case.world.oslo(1, 6)
    case.apply(at)
    case.confirm(at)
    case.test(at)
    case.decide(at, reasons=" \n").refused("QUALIFICATION_REASONS_MISSING", path="/reasons")
    case.decide(at + SECOND)
    case.from_tso(v1.RevokeQualification(reasons=""), at + SECOND).refused("QUALIFICATION_REASONS_MISSING")


@pytest.mark.rule("QUALIFICATION_LAST_DAY_PAST")
def test_a_qualification_with_conditions_and_a_last_day_ends_with_that_day(case: Case) -> None:
    world = case.world
    at = world.oslo(1, 6)
    case.qualify(at, last_day="2026-01-05").refused(
        "QUALIFICATION_LAST_DAY_PAST", path="/last_day", limit="2026-01-06", actual="2026-01-05"
    )
    conditions = (v1.Condition(text="A new duty roster.", due_on="2026-03-31"), v1.Condition(text="Two contacts."))
    decided, listed = case.decide(at + 2 * SECOND, last_day="2026-10-24", conditions=conditions).then_only(
        v1.QualificationDecided, v1.QualifiedBspsListed
    )
    end = world.oslo(10, 25)
    # 180 days before, over both changes of the clocks.
    assert (decided.conditions, decided.expires_at, decided.remind_at) == (conditions, end, world.oslo(4, 28))
    assert [one.valid_to for one in listed.bsps] == [end]
    assert case.state.conditions == conditions
    assert case.of_bsp.qualified_at("mFRR", end - SECOND)
    # Known before it comes: nothing waits for that midnight.
    assert not case.of_bsp.qualified_at("mFRR", end)
    of_condition, _, reminded, ended, now = world.scenario.until(end).then_only(
        v1.QualificationConditionReminded, v1.QualificationConditionOverdue, v1.QualificationReminded,
        v1.QualificationEnded, v1.QualifiedBspsListed,
    )  # fmt: skip
    assert (of_condition.condition, of_condition.text) == (0, "A new duty roster.")
    assert of_condition.due_at == world.oslo(4, 1)
    assert (reminded.clock, reminded.due_at) == ("expiry", end)
    assert (ended.because, ended.ended_at, now.bsps) == ("expired", end, ())
    Case(world, 2).qualify(end).then_only(v1.QualificationDecided, v1.QualifiedBspsListed)
    assert case.of_bsp.qualified_at("mFRR", end + timedelta(days=1000))


def conditional(case: Case) -> Any:
    """Qualified on 6 January with two conditions that have dates, and one that has none."""
    dated = (("A new duty roster.", "2026-03-31"), ("Two contacts.", None), ("A drill.", "2026-02-28"))
    return case.qualify(
        case.world.oslo(1, 6), conditions=tuple(v1.Condition(text=text, due_on=day) for text, day in dated)
    )


def tasks_of(case: Case) -> dict[str, Any]:
    """Who has to do something about conditions, and by when."""
    names = {"bsp": f"meet-conditions/{case.id}/{case.bsp}", "tso": f"settle-conditions/{case.id}/tso"}
    found = {who: case.world.scenario.state(store.TASK, name) for who, name in names.items()}
    return {who: task.due_at for who, task in found.items() if task is not None}


def settle(case: Case, condition: int, at: Any, outcome: str = "met", **over: Any) -> Any:
    return case.from_tso(v1.SettleCondition(condition=condition, outcome=outcome, **over), at)


def test_conditions_are_a_task_until_the_tso_has_settled_those_with_a_date(case: Case) -> None:
    world = case.world
    conditional(case)
    assert tasks_of(case) == dict.fromkeys(("bsp", "tso"), world.oslo(3, 1))
    (settled,) = settle(case, 2, world.oslo(2, 1)).then_only(v1.QualificationConditionSettled)
    assert (settled.bsp, settled.text, settled.outcome) == (case.bsp, "A drill.", "met")
    assert settled.next_due_at == world.oslo(4, 1)
    assert tasks_of(case) == dict.fromkeys(("bsp", "tso"), world.oslo(4, 1))
    # It is neither reminded of nor overdue any more.
    assert world.scenario.until(world.oslo(3, 20)).events == []
    settle(case, 0, world.oslo(3, 20), "waived", reasons="Not needed.").then_only(v1.QualificationConditionSettled)
    assert tasks_of(case) == {}
    assert world.scenario.until(world.oslo(12, 1)).events == []


def test_a_condition_whose_date_has_come_is_told_once_and_stays_to_be_done(case: Case) -> None:
    world = case.world
    conditional(case)
    _, overdue = world.scenario.until(world.oslo(3, 1)).then_only(
        v1.QualificationConditionReminded, v1.QualificationConditionOverdue
    )
    assert (overdue.condition, overdue.text, overdue.due_at) == (2, "A drill.", world.oslo(3, 1))
    assert world.scenario.until(world.oslo(3, 20)).events == []
    assert case.of_bsp.qualified_at("mFRR", world.oslo(3, 20))
    assert tasks_of(case) == dict.fromkeys(("bsp", "tso"), world.oslo(3, 1))
    settle(case, 2, world.oslo(3, 20)).then_only(v1.QualificationConditionSettled)
    assert tasks_of(case) == dict.fromkeys(("bsp", "tso"), world.oslo(4, 1))


def test_with_the_qualification_its_conditions_are_over(case: Case) -> None:
    conditional(case)
    case.from_tso(v1.RevokeQualification(reasons="No contract."), case.world.oslo(2, 1))
    assert tasks_of(case) == {}
    assert case.world.scenario.until(case.world.oslo(12, 1)).events == []
    settle(case, 0, case.world.oslo(12, 1)).refused("QUALIFICATION_NOT_THERE", actual="revoked")


@pytest.mark.rule("CONDITION_UNKNOWN")
@pytest.mark.rule("CONDITION_SETTLED")
@pytest.mark.rule("CONDITION_WAIVED_WHY")
def test_each_condition_is_settled_once_and_waived_with_reasons(case: Case) -> None:
    at = case.world.oslo(2, 1)
    conditional(case)
    settle(case, 3, at).refused("CONDITION_UNKNOWN", path="/condition", limit=3, actual=3)
    settle(case, 1, at, "waived", reasons=" ").refused("CONDITION_WAIVED_WHY", path="/reasons")
    settle(case, 1, at).then_only(v1.QualificationConditionSettled)
    settle(case, 1, at).refused("CONDITION_SETTLED", actual=1)


def test_a_condition_is_reminded_of_a_week_before_its_date_and_not_of_what_is_over(case: Case) -> None:
    world = case.world
    at = world.oslo(1, 6)
    soon = v1.Condition(text="Too near to be reminded of.", due_on="2026-01-08")
    dated = v1.Condition(text="A new duty roster.", due_on="2026-03-31")
    decided, _ = case.qualify(at, conditions=(soon, dated)).events
    assert [(one.condition, one.remind_at) for one in decided.condition_reminders] == [(1, world.oslo(3, 25))]
    world.scenario.until(world.oslo(3, 1)).then_only(v1.QualificationConditionOverdue)
    case.from_tso(v1.RevokeQualification(reasons="No contract."), world.oslo(3, 1))
    assert world.scenario.until(world.oslo(12, 1)).events == []


@pytest.mark.rule("DUE_DATE_PAST")
def test_a_condition_falls_due_in_time_to_come(case: Case) -> None:
    at = case.world.oslo(1, 6, 9)
    today, past = (v1.Condition(text="A new duty roster.", due_on=day) for day in ("2026-01-06", "2026-01-05"))
    case.qualify(at, conditions=(today, past)).refused(
        "DUE_DATE_PAST", path="/conditions/1/due_on", actual="2026-01-05T23:00:00Z"
    )
    case.decide(at, conditions=(today,)).then_only(v1.QualificationDecided, v1.QualifiedBspsListed)


def test_the_last_day_may_be_today(case: Case) -> None:
    world = case.world
    case.qualify(world.oslo(1, 6), last_day="2026-01-06").then_only(v1.QualificationDecided, v1.QualifiedBspsListed)
    assert case.of_bsp.qualified_at("mFRR", world.oslo(1, 6, 23, 59))


@pytest.mark.rule("QUALIFICATION_LAST_DAY_PAST")
def test_at_midnight_the_day_before_is_over(case: Case) -> None:
    midnight = case.world.oslo(1, 7)
    case.apply(midnight - SECOND)
    case.confirm(midnight - SECOND)
    case.test(midnight - SECOND)
    case.decide(midnight, last_day="2026-01-06").refused("QUALIFICATION_LAST_DAY_PAST", limit="2026-01-07")
    case.decide(midnight - SECOND, last_day="2026-01-06")
    assert case.state.qualified_from == midnight - SECOND


def test_the_tso_takes_a_qualification_away(case: Case) -> None:
    world = case.world
    case.qualify(world.oslo(1, 6))
    at = world.oslo(5, 4, 13)
    case.from_tso(REVOKE, at).then(
        v1.QualificationEnded(
            qualification_id=case.id,
            bsp=case.bsp,
            product="mFRR",
            because="revoked",
            reasons="It does not answer.",
            ended_at=at,
        ),
        v1.QualifiedBspsListed(product="mFRR", bsps=()),
    )
    assert case.of_bsp.qualified_at("mFRR", at - SECOND)
    assert not case.of_bsp.qualified_at("mFRR", at)
    (period,) = case.of_bsp.periods["mFRR"]
    assert (period.valid_from, period.valid_to, period.because) == (world.oslo(1, 6) + 2 * SECOND, at, "revoked")
    world.scenario.until(world.oslo(12, 31)).then()


def test_a_bsp_gives_its_qualification_up(case: Case) -> None:
    case.qualify(case.world.oslo(1, 6), last_day="2026-12-30")
    ended, _ = case.from_bsp(v1.WithdrawQualification(reasons="We stop."), case.world.oslo(2, 1)).then_only(
        v1.QualificationEnded, v1.QualifiedBspsListed
    )
    assert (ended.because, ended.reasons) == ("given-up", "We stop.")
    case.world.scenario.until(case.world.oslo(12, 31)).then()


@pytest.mark.parametrize("decision", ["qualified", "not-qualified"])
def test_the_last_decision_counts_and_the_one_before_says_that_it_is_replaced(case: Case, decision: str) -> None:
    world = case.world
    case.qualify(world.oslo(1, 6), last_day="2026-06-30")
    again = Case(world, 2)
    at = world.oslo(3, 2)
    world.scenario.until(at)
    ended, decided, listed = again.qualify(at, decision=decision).then_only(
        v1.QualificationEnded, v1.QualificationDecided, v1.QualifiedBspsListed
    )
    assert (ended.qualification_id, ended.because) == (case.id, "replaced")
    assert ended.ended_at == decided.valid_from
    held = decision == "qualified"
    # On the public list it is qualified without a break.
    assert [one.valid_from for one in listed.bsps] == ([world.oslo(1, 6) + 2 * SECOND] if held else [])
    assert case.of_bsp.qualified_at("mFRR", decided.valid_from) is held
    assert case.of_bsp.qualified_at("mFRR", decided.valid_from - SECOND)
    # Its old last day ends nothing any more.
    world.scenario.until(world.oslo(7, 2)).then()
    assert case.of_bsp.qualified_at("mFRR", world.oslo(7, 2)) is held
    if held:
        # How the first one ended stays known when the second ends.
        again.from_tso(REVOKE, world.oslo(7, 3))
        ends = [(one.because, one.valid_to) for one in case.of_bsp.periods["mFRR"]]
        assert ends == [("replaced", decided.valid_from), ("revoked", world.oslo(7, 3))]


@pytest.mark.rule("BSP_NOT_QUALIFIED")
def test_who_is_no_longer_qualified_applies_for_no_group(case: Case) -> None:
    world = case.world
    world.group(world.id(50), points=range(250))
    world.apply(world.id(51), world.id(50), 1_000_000).refused("BSP_NOT_QUALIFIED", actual="mFRR")
    case.qualify(world.oslo(1, 6), last_day="2026-01-31")
    # At the very midnight, whether its end has been told yet or not.
    world.apply(world.id(51), world.id(50), 1_000_000, at=world.oslo(2, 1)).refused("BSP_NOT_QUALIFIED")
    world.apply(world.id(51), world.id(50), 1_000_000, at=world.oslo(1, 31, 23, 59))
    assert world.scenario.state(store.APPLICATION, world.id(51)) is not None


def test_decisions_of_before_there_were_periods_are_still_understood(world: Any) -> None:
    state = world.scenario.state(store.BSP, world.BSP_A)
    assert bsps.is_qualified(state, "mFRR", at=world.oslo(1, 1))
    world.scenario.given(
        v1.QualificationDecided(
            qualification_id=world.id(900),
            bsp=world.BSP_A,
            product="mFRR",
            decision="not-qualified",
            reasons="The contract has ended.",
        )
    )
    assert not bsps.is_qualified(world.scenario.state(store.BSP, world.BSP_A), "mFRR", at=world.oslo(1, 1))
    assert not bsps.is_qualified(None, "mFRR", at=world.oslo(1, 1))


@pytest.mark.parametrize("email", ["not-an-email", "a@b", "a b@c.no", "@c.no", "a@.no", ""])
def test_where_a_bsp_is_written_to_looks_like_an_address(email: str) -> None:
    with pytest.raises(ValueError, match="contact_email"):
        v1.ApplyForQualification(contact_email=email, contract_reference="K-1")


def test_what_is_not_added_stays_empty() -> None:
    assert not v1.CompleteQualification().contact_email
    assert v1.CompleteQualification(contact_email="vakt+mfrr@bsp.example.no").contact_email
