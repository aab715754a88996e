"""A party is sent again what it was sent. Load, decide, append; the gateway does it."""

from __future__ import annotations

from chassis.service import Incoming, On
from chassis.work import Work
from contracts.message import Command
from contracts.registry import v1
from registry import store
from registry.domain import resend
from registry.handlers.needs import Wanted


async def request_resend(work: Work, message: Incoming[v1.RequestResend]) -> None:
    """Have a party sent again what it was sent of a period."""
    event = resend.decide_request(
        await work.load(store.PARTY, message.subject),
        await work.load(store.RESENDS, message.subject),
        party=message.subject,
        resend_id=message.id,
        wish=message.data,
        sender=message.sender,
        sender_role=message.sender_role,
        at=message.at,
    )
    await work.append(event)


def needs_resend(message: Incoming[v1.RequestResend]) -> Wanted:
    """The party, and how often it asked."""
    yield store.PARTY, (message.subject,)
    yield store.RESENDS, (message.subject,)


COMMANDS: dict[type[Command], On] = {v1.RequestResend: On(request_resend, needs_resend)}
