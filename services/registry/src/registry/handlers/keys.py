"""The keys that parties sign with. Load, decide, append."""

from __future__ import annotations

from chassis.service import Answer, Incoming, On
from chassis.work import Work
from contracts.message import Command
from contracts.registry import v1
from registry import store
from registry.domain import rules, signing
from registry.handlers.needs import Wanted


async def register_key(work: Work, message: Incoming[v1.RegisterPartyKey]) -> Answer:
    """Let a party sign with a key."""
    events = signing.decide_register(
        await work.load(store.PARTY, message.subject),
        party=message.subject,
        wish=message.data,
        sender=message.sender,
        sender_role=message.sender_role,
        known=await work.load(store.PARTY_KEY, message.data.key.thumbprint),
        has=await work.load(store.KEYS_OF_PARTY, message.subject),
    )
    await work.append(*events)
    return Answer() if events else Answer((rules.PARTY_UNCHANGED.reason(),))


async def revoke_key(work: Work, message: Incoming[v1.RevokePartyKey]) -> None:
    """Let nothing more be signed with a key."""
    events = signing.decide_revoke(
        await work.load(store.PARTY, message.subject),
        party=message.subject,
        wish=message.data,
        sender=message.sender,
        sender_role=message.sender_role,
        known=await work.load(store.PARTY_KEY, message.data.key_id),
    )
    await work.append(*events)


def needs_new_key(message: Incoming[v1.RegisterPartyKey]) -> Wanted:
    """The party, its keys, and whoever has this one."""
    yield store.PARTY, (message.subject,)
    yield store.PARTY_KEY, (message.data.key.thumbprint,)
    yield store.KEYS_OF_PARTY, (message.subject,)


def needs_key(message: Incoming[v1.RevokePartyKey]) -> Wanted:
    """The party, its keys, and the one that is meant."""
    yield store.PARTY, (message.subject,)
    yield store.PARTY_KEY, (message.data.key_id,)
    yield store.KEYS_OF_PARTY, (message.subject,)


COMMANDS: dict[type[Command], On] = {
    v1.RegisterPartyKey: On(register_key, needs_new_key),
    v1.RevokePartyKey: On(revoke_key, needs_key),
}
