"""Parties. Load, decide, append."""

from __future__ import annotations

from chassis.service import Incoming, On
from chassis.work import Work
from contracts.registry import v1
from registry import store
from registry.domain import party
from registry.handlers.needs import Wanted


async def onboard_party(work: Work, message: Incoming[v1.OnboardParty]) -> None:
    """Admit a party."""
    state = await work.load(store.PARTY, message.subject)
    await work.append(*party.decide_onboard(state, party=message.subject, wish=message.data))


def needs_onboard_party(message: Incoming[v1.OnboardParty]) -> Wanted:
    """The party."""
    yield store.PARTY, (message.subject,)


COMMANDS = {v1.OnboardParty: On(onboard_party, needs_onboard_party)}
