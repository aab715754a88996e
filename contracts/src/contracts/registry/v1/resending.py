"""What a party was sent before is sent to it again."""

from __future__ import annotations

from typing import ClassVar

from contracts import values
from contracts.message import Audience, Command, Event, everyone, party
from contracts.values import Role


class RequestResend(Command):
    """Send a party again what it was sent of a period. Subject: its GLN. It asks itself, or the operator for it."""

    senders: ClassVar = frozenset(Role)
    subject_is: ClassVar = values.Gln

    start: values.UtcTime
    end: values.UtcTime
    """Of the messages' `time`; the end is not part of it."""


class ResendRequested(Event):
    """The gateway sends the party again what it sent it of this period, as it was; `deliveries-repeated` ends it."""

    home: ClassVar = "party"
    audience: ClassVar[tuple[Audience, ...]] = (party("party"), everyone(Role.OPERATOR))

    party: values.Gln
    resend_id: values.Uuid
    """The command's id."""
    start: values.UtcTime
    end: values.UtcTime
    requested_at: values.UtcTime
