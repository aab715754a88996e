"""Every command in every state of an application: who has a turn, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest

from contracts.message import Command
from contracts.prequal import v1
from prequal import store
from prequal.domain import application

pytestmark = pytest.mark.unit

ID, GROUP = 2, 1
TEST, ORDERED = 50, 51

Say = Callable[[Any, Any], Command]

COMMANDS: dict[type[Command], Say] = {
    v1.ConfirmCompleteness: lambda _, __: v1.ConfirmCompleteness(),
    v1.RequestMissingPart: lambda _, __: v1.RequestMissingPart(missing=("test-result",), text="Which test?"),
    v1.CompleteApplication: lambda _, __: v1.CompleteApplication(text="Here."),
    v1.AmendApplication: lambda _, __: v1.AmendApplication(up_w=1_100_000),
    v1.WithdrawApplication: lambda _, __: v1.WithdrawApplication(),
    v1.RequireSplit: lambda _, at: v1.RequireSplit(reason="One substation.", due_on=at.date().replace(year=2027)),
    v1.LiftSplitDemand: lambda _, __: v1.LiftSplitDemand(reason="It would not help."),
    v1.OrderTestActivation: lambda world, at: v1.OrderTestActivation(
        test_id=world.id(TEST), direction="up", power_w=1_000_000, moment=at.replace(year=2027)
    ),
    v1.RecordTestResult: lambda world, _: v1.RecordTestResult(
        test_id=world.id(ORDERED), delivered_w=1_000_000, passed=True
    ),
    v1.DecidePrequalification: lambda _, __: v1.DecidePrequalification(
        decision="rejected", reasons="No.", reason_codes=("other",)
    ),
    v1.VerifyApproval: lambda _, __: v1.VerifyApproval(text="Seen."),
    v1.RequireReassessment: lambda _, at: v1.RequireReassessment(
        because="equipment", text="New meters.", due_on=at.date().replace(year=2027)
    ),
    v1.ReassessApproval: lambda _, __: v1.ReassessApproval(outcome="ended", text="It fails."),
}

RECEIVED = {
    v1.ConfirmCompleteness: "complete",
    v1.RequestMissingPart: "incomplete",
    v1.AmendApplication: "received",
    v1.WithdrawApplication: "withdrawn",
    v1.RequireSplit: "split-required",
    v1.OrderTestActivation: "received",
    v1.RecordTestResult: "received",
    v1.DecidePrequalification: "rejected",
}
FINAL: dict[type[Command], str] = {}
EXPECTED: dict[str, dict[type[Command], str]] = {
    "received": RECEIVED,
    "incomplete": {
        v1.ConfirmCompleteness: "complete",
        v1.CompleteApplication: "received",
        v1.AmendApplication: "incomplete",
        v1.WithdrawApplication: "withdrawn",
        v1.RecordTestResult: "incomplete",
    },
    "complete": {
        v1.WithdrawApplication: "withdrawn",
        v1.RequireSplit: "split-required",
        v1.OrderTestActivation: "complete",
        v1.RecordTestResult: "complete",
        v1.DecidePrequalification: "rejected",
    },
    "split-required": {
        v1.WithdrawApplication: "withdrawn",
        v1.LiftSplitDemand: "complete",
        v1.OrderTestActivation: "split-required",
        v1.RecordTestResult: "split-required",
        v1.DecidePrequalification: "rejected",
    },
    "approved": {
        v1.WithdrawApplication: "withdrawn",
        v1.OrderTestActivation: "approved",
        v1.RecordTestResult: "approved",
        v1.VerifyApproval: "approved",
        v1.RequireReassessment: "approved",
    },
    "queued": {
        v1.WithdrawApplication: "withdrawn",
        v1.OrderTestActivation: "queued",
        v1.RecordTestResult: "queued",
        v1.VerifyApproval: "queued",
        v1.RequireReassessment: "queued",
    },
    "admitted": {
        v1.OrderTestActivation: "admitted",
        v1.RecordTestResult: "admitted",
        v1.VerifyApproval: "admitted",
        v1.RequireReassessment: "admitted",
        v1.ReassessApproval: "ended",
    },
    **dict.fromkeys(("rejected", "withdrawn", "lapsed", "ended", "replaced"), FINAL),
}


def reach(world: Any, status: str) -> Any:  # noqa: C901 - one arm per state
    """An application in this state, with a test ordered; when it is there."""
    oslo, id_ = world.oslo, world.id(ID)
    group = world.group(world.id(GROUP), points=range(3), up_w=500_000)
    world.cap(0 if status in {"queued", "lapsed"} else 9_000_000)
    world.apply(id_, group, 1_200_000)
    order = v1.OrderTestActivation(test_id=world.id(ORDERED), direction="up", power_w=1_000_000, moment=oslo(1, 9, 12))
    world.tso(id_, order, at=oslo(1, 8)).then_only(v1.TestActivationOrdered)
    if status == "incomplete":
        world.tso(id_, COMMANDS[v1.RequestMissingPart](world, oslo(1, 10)))
    elif status in {"complete", "split-required"}:
        world.tso(id_, v1.ConfirmCompleteness())
        if status == "split-required":
            world.tso(id_, COMMANDS[v1.RequireSplit](world, oslo(1, 10)))
    elif status == "withdrawn":
        world.bsp(id_, v1.WithdrawApplication())
    elif status == "rejected":
        world.assess(id_, world.DSO_1)
        world.decide(id_, "rejected")
    elif status == "approved":
        world.scenario.given(approved(world))
    elif status != "received":
        world.assess(id_, world.DSO_1)
        world.decide(id_, up_w=1_200_000, temporary_until=oslo(12, 1).date())
        if status == "lapsed":
            for n in range(2):
                world.scenario.when(world.leaves(group, n, oslo(1, 28)), at=oslo(1, 28))
        elif status == "ended":
            world.tso(id_, COMMANDS[v1.ReassessApproval](world, oslo(1, 28)), at=oslo(1, 28))
        elif status == "replaced":
            world.apply(world.id(3), group, 1_300_000, at=oslo(1, 28))
            world.assess(world.id(3), world.DSO_1, at=oslo(1, 28))
            world.decide(world.id(3), up_w=1_300_000, temporary_until=oslo(12, 1).date(), at=oslo(1, 28))
    assert world.scenario.state(store.APPLICATION, id_).status == status
    return oslo(1, 29, 9)


def approved(world: Any) -> v1.PrequalificationDecided:
    """What no input ends with: an approval that has neither entered nor been queued."""
    until = world.oslo(12, 2)
    verification = v1.Clock(clock="verification", owed_by="tso", since=world.oslo(1, 10), due_at=until)
    return v1.PrequalificationDecided(
        application_id=world.id(ID), group_id=world.id(GROUP), bsp=world.BSP_A, dsos=(), decision="approved",
        up_w=1_200_000, down_w=0, reasons="", deliverable_up_w=0, deliverable_down_w=0, minimum_w=0, maximum_w=0,
        temporary_until=until, clocks=(verification,),
    )  # fmt: skip


@pytest.mark.rule("NOT_IN_THIS_STATE")
@pytest.mark.rule("NOT_UNDER_DECISION")
@pytest.mark.parametrize("status", get_args(application.Status))
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_its_turn_or_is_refused(world: Any, status: str, command: type[Command]) -> None:
    at = reach(world, status)
    if command is v1.DecidePrequalification and status in {"received", "complete", "split-required"}:
        world.assess(world.id(ID), world.DSO_1, at=at)
    if command is v1.VerifyApproval and status in {"approved", "queued", "admitted"}:
        world.tso(world.id(ID), COMMANDS[v1.RecordTestResult](world, at), at=at)
    say = COMMANDS[command](world, at)
    outcome = (world.bsp if command.senders == {"bsp"} else world.tso)(world.id(ID), say, at=at)
    expected = EXPECTED[status].get(command)
    if expected is None:
        code = "NOT_UNDER_DECISION" if command is v1.DecidePrequalification else "NOT_IN_THIS_STATE"
        outcome.refused(code, actual=status)
    else:
        assert not outcome.rejected, outcome.reasons
    assert world.scenario.state(store.APPLICATION, world.id(ID)).status == (expected or status)


def test_the_table_is_of_every_command_and_state() -> None:
    assert COMMANDS.keys() == application.MAY.keys()
    assert EXPECTED.keys() == set(get_args(application.Status))
    found = {command: {status for status in EXPECTED if command in EXPECTED[status]} for command in COMMANDS}
    assert found == application.MAY


@pytest.mark.rule("APPLICATION_UNKNOWN")
def test_another_bsps_application_is_unknown(world: Any) -> None:
    reach(world, "received")
    for command, of in COMMANDS.items():
        if command.senders == {"bsp"}:
            say = of(world, world.oslo(1, 10))
            world.bsp(world.id(ID), say, bsp=world.BSP_B).refused("APPLICATION_UNKNOWN")
            world.bsp(world.id(99), say).refused("APPLICATION_UNKNOWN")
