"""An open register with a TSO, a BSP and a DSO whose topics are ready; and what they send."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic_core import from_json

from chassis.record import Record, inputs
from chassis.testing import Outcome, Scenario
from contracts import values

OPERATOR = "7080000000012"
TSO, BSP, DSO = (values.make_gln(number) for number in (1, 2, 3))
ID = "0190a5c0-0000-7000-8000-{:012d}"


@dataclass
class Gate:
    """The gateway's handlers on documents in memory."""

    scenario: Scenario
    sent: int = 0

    def receive(self, gln: str, value: bytes | dict[str, Any] | list[Any]) -> list[Outcome]:
        """A record comes in on a party's topic; an outcome per message in it."""
        raw = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.sent += 1
        at = datetime(2026, 1, 5, 8, tzinfo=UTC)
        record = Record(f"ingress.{gln}.v1", 0, self.sent, int(at.timestamp() * 1000), raw)
        return [
            self.scenario.give(
                one.type,
                one.data,
                id=one.id,
                source=one.source,
                subject=one.subject,
                sender=one.sender,
                case=one.case,
                ingressposition=one.ingressposition,
                traceparent=one.traceparent,
                at=one.at,
            )
            for one in (item.incoming for item in inputs(self.scenario.service, record))
        ]

    def refused(self, gln: str, value: Any) -> str:
        """The code that a record with one message is refused with: one receipt, nothing forwarded."""
        (outcome,) = self.receive(gln, value)
        assert outcome.sent == []
        (receipt,) = outcome.events
        assert receipt.status == "rejected"
        for reason in receipt.reasons:
            assert reason.text_nb
            assert reason.fix_en
        return receipt.reasons[0].code


def body(outcome: Outcome) -> dict[str, Any]:
    """The one message that was passed on."""
    (sent,) = outcome.sent
    return from_json(sent.body)
