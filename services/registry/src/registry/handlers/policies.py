"""Policies: what is in force, and how it is changed. Load, decide, append."""

from __future__ import annotations

from typing import Final

from chassis.service import Incoming, On
from chassis.work import Work
from contracts import policies
from contracts.policies import Policies
from contracts.registry import v1
from registry import store
from registry.domain import policy
from registry.handlers.needs import Wanted

NEEDED: Final = (
    (store.POLICIES, (store.POLICIES_ID,)),
    (store.CHANGED_POLICIES, (store.POLICIES_ID,)),
)
"""What `in_force` loads."""


async def in_force(work: Work) -> Policies:
    """The policies, as they are known now. Every decision that rests on a policy gets it from here."""
    return policies.known(
        await work.load(store.POLICIES, store.POLICIES_ID), await work.load(store.CHANGED_POLICIES, store.POLICIES_ID)
    )


async def set_policy(work: Work, message: Incoming[v1.SetPolicy]) -> None:
    """Give a policy another value from a moment to come."""
    await work.append(policy.decide_set(await in_force(work), key=message.subject, wish=message.data, at=message.at))


def needs_set_policy(message: Incoming[v1.SetPolicy]) -> Wanted:
    """All policies, and the document that counts the changes of this one."""
    yield store.POLICY, (message.subject,)
    yield from NEEDED


COMMANDS = {v1.SetPolicy: On(set_policy, needs_set_policy)}
