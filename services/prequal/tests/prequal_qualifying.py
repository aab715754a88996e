"""A BSP and the TSO on the way to a qualification, in few words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from chassis.testing import Outcome
from contracts.message import Command
from contracts.prequal import v1
from prequal import store
from prequal.domain.bsp import Bsp
from prequal.domain.qualification import Qualification

FACTS = v1.BspFacts(
    operations_contact="Driftssentralen, hele døgnet",
    settlement_agreement="AVR-1",
    balance_responsibility="BA-1",
)
WRONG_NONCE = "00000000-0000-7000-8000-000000000000"


class Case:
    """One application of BSP A, unless said otherwise."""

    def __init__(self, world: Any, n: int = 1, *, bsp: str = "", product: str = "mFRR") -> None:
        self.world = world
        self.id = world.id(n)
        self.bsp = bsp or world.BSP_A
        self.product = product

    @property
    def state(self) -> Qualification:
        """The qualification as it is now."""
        state = self.world.scenario.state(store.QUALIFICATION, self.id)
        assert state is not None
        return state

    @property
    def of_bsp(self) -> Bsp:
        """What its BSP is qualified for."""
        return self.world.scenario.state(store.BSP, self.bsp)

    def from_bsp(self, command: Command, at: datetime, *, sender: str = "") -> Outcome:
        """The BSP (or another one) sends this."""
        return self.world.scenario.when(command, subject=self.id, sender=sender or self.bsp, role="bsp", at=at)

    def from_tso(self, command: Command, at: datetime) -> Outcome:
        """The TSO sends this."""
        return self.world.scenario.when(command, subject=self.id, sender=self.world.TSO, role="tso", at=at)

    def apply(self, at: datetime, *, facts: v1.BspFacts = FACTS) -> Outcome:
        """It applies."""
        command = v1.ApplyForQualification(
            product=self.product, contact_email="vakt@bsp.example", contract_reference="K-1", facts=facts
        )
        return self.from_bsp(command, at)

    def ask(self, at: datetime, *missing: v1.BspFact) -> Outcome:
        """The TSO asks for what is missing."""
        return self.from_tso(v1.RequestMissing(missing=missing or ("trading-licence",), text="Send it."), at)

    def confirm(self, at: datetime) -> Outcome:
        """The TSO finds it complete."""
        return self.from_tso(v1.ConfirmQualification(), at)

    def start_test(self, at: datetime) -> v1.CommunicationTestStarted:
        """The TSO asks for a test; what the BSP was sent."""
        (started,) = self.from_tso(v1.StartCommunicationTest(), at).then_only(v1.CommunicationTestStarted)
        return started

    def answer(self, nonce: str, at: datetime) -> Outcome:
        """The BSP's system answers."""
        return self.from_bsp(v1.AnswerCommunicationTest(nonce=nonce), at)

    def test(self, at: datetime) -> None:
        """A test is asked for and passed."""
        self.answer(self.start_test(at).nonce, at + timedelta(seconds=1)).then_only(v1.CommunicationTested)

    def decide(self, at: datetime, decision: str = "qualified", **over: Any) -> Outcome:
        """The TSO decides."""
        return self.from_tso(v1.DecideQualification(decision=decision, **({"reasons": "In order."} | over)), at)

    def qualify(self, at: datetime, **over: Any) -> Outcome:
        """All the way within some seconds."""
        self.apply(at)
        self.confirm(at)
        self.test(at)
        return self.decide(at + timedelta(seconds=2), **over)
