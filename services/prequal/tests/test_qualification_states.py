"""Every command in every state: allowed where the table says so, and refused everywhere else."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product
from typing import Any, get_args

import pytest
from prequal_qualifying import Case

from contracts.message import Command
from contracts.prequal import v1
from prequal.domain import qualification

pytestmark = pytest.mark.unit

STATES = get_args(qualification.Status)
COMPLETE = v1.CompleteQualification(facts=v1.BspFacts(trading_licence="RME-1"))
COMMANDS: dict[str, tuple[str, Command]] = {
    "complete": ("bsp", COMPLETE),
    "request-missing": ("tso", v1.RequestMissing(missing=("trading-licence",))),
    "confirm": ("tso", v1.ConfirmQualification()),
    "start-test": ("tso", v1.StartCommunicationTest()),
    "answer-test": ("bsp", v1.AnswerCommunicationTest(nonce="00000000-0000-7000-8000-000000000000")),
    "qualify": ("tso", v1.DecideQualification(decision="qualified", reasons="In order.")),
    "refuse": ("tso", v1.DecideQualification(decision="not-qualified", reasons="Not in order.")),
    "withdraw": ("bsp", v1.WithdrawQualification()),
    "revoke": ("tso", v1.RevokeQualification(reasons="It does not answer.")),
    "settle": ("tso", v1.SettleCondition(condition=0, outcome="met")),
}
BECOMES = {
    ("requested", "complete"): "requested",
    ("requested", "request-missing"): "incomplete",
    ("requested", "confirm"): "complete",
    ("requested", "start-test"): "requested",
    ("requested", "answer-test"): "requested",
    ("requested", "withdraw"): "withdrawn",
    ("incomplete", "complete"): "requested",
    ("incomplete", "confirm"): "complete",
    ("incomplete", "start-test"): "incomplete",
    ("incomplete", "answer-test"): "incomplete",
    ("incomplete", "withdraw"): "withdrawn",
    ("complete", "start-test"): "complete",
    ("complete", "answer-test"): "complete",
    ("complete", "qualify"): "qualified",
    ("complete", "refuse"): "not-qualified",
    ("complete", "withdraw"): "withdrawn",
    ("qualified", "start-test"): "qualified",
    ("qualified", "answer-test"): "qualified",
    ("qualified", "withdraw"): "given-up",
    ("qualified", "revoke"): "revoked",
    ("qualified", "settle"): "qualified",
}
"""The table again, by hand; what is not here is refused."""


def brought_to(world: Any, state: str) -> tuple[Case, datetime]:
    """A case in this state, by nothing but commands and time; and a moment after."""
    case, at = Case(world), world.oslo(1, 6)
    case.apply(at)
    match state:
        case "requested":
            pass
        case "incomplete":
            case.ask(at)
        case "withdrawn":
            case.from_bsp(v1.WithdrawQualification(), at)
        case "complete":
            case.confirm(at)
        case _:
            case.confirm(at)
            case.test(at)
            at += timedelta(minutes=1)
            said: dict[str, Any] = {"conditions": (v1.Condition(text="Two contacts."),)}
            if state == "expired":
                said["last_day"] = "2026-01-31"
            case.decide(at, "not-qualified" if state == "not-qualified" else "qualified", **said)
    match state:
        case "given-up":
            case.from_bsp(v1.WithdrawQualification(), at)
        case "revoked":
            case.from_tso(v1.RevokeQualification(reasons="It does not answer."), at)
        case "expired":
            at = world.oslo(2, 1)
            world.scenario.until(at)
        case "replaced":
            Case(world, 2).qualify(at)
        case _:
            pass
    assert case.state.status == state
    return case, at + timedelta(minutes=2)


@pytest.mark.rule("QUALIFICATION_NOT_THERE")
@pytest.mark.rule("QUALIFICATION_ALREADY_DECIDED")
@pytest.mark.parametrize(("state", "name"), list(product(STATES, COMMANDS)), ids="-".join)
def test_every_command_in_every_state(another_world: Any, state: str, name: str) -> None:
    case, at = brought_to(another_world(), state)
    role, command = COMMANDS[name]
    if (state, name) in BECOMES:
        # What the command itself asks for, so that only the state can refuse it.
        if name == "answer-test":
            case.start_test(at)
        if name == "qualify":
            case.test(at - timedelta(seconds=30))
        (case.from_bsp if role == "bsp" else case.from_tso)(command, at)
        assert case.state.status == BECOMES[state, name]
        return
    outcome = (case.from_bsp if role == "bsp" else case.from_tso)(command, at)
    decided = name in {"qualify", "refuse"} and state not in {"requested", "incomplete", "withdrawn"}
    outcome.refused("QUALIFICATION_ALREADY_DECIDED" if decided else "QUALIFICATION_NOT_THERE", actual=state)
    assert case.state.status == state


def test_the_table_is_the_one_that_is_obeyed() -> None:
    by_hand = {
        type(command): tuple(state for state in STATES if (state, name) in BECOMES)
        for name, (_, command) in COMMANDS.items()
    }
    assert by_hand == {command: tuple(states) for command, states in qualification.MAY.items()}


@pytest.mark.parametrize("name", [name for name, (role, _) in COMMANDS.items() if role == "bsp"])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.rule("QUALIFICATION_UNKNOWN")
def test_another_bsp_is_never_told_that_there_is_a_case(another_world: Any, state: str, name: str) -> None:
    case, at = brought_to(another_world(), state)
    case.from_bsp(COMMANDS[name][1], at, sender=case.world.BSP_B).refused("QUALIFICATION_UNKNOWN")


@pytest.mark.rule("QUALIFICATION_UNKNOWN")
@pytest.mark.parametrize("name", COMMANDS)
def test_where_there_is_none(another_world: Any, name: str) -> None:
    case = Case(another_world())
    role, command = COMMANDS[name]
    sent = (case.from_bsp if role == "bsp" else case.from_tso)(command, case.world.oslo(1, 6))
    sent.refused("QUALIFICATION_UNKNOWN", path="/subject")
