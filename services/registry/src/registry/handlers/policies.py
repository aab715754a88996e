"""Policies: what is in force."""

from __future__ import annotations

from typing import Final

from chassis.work import Work
from contracts import policies
from contracts.policies import Policies
from registry import store

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
