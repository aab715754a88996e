"""Policies that were changed by command."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from chassis.service import SUBJECT, Deadline, Kind
from contracts import policies
from contracts.registry import v1
from registry.domain import policy as changing
from registry.domain import policy_round

POLICY_REACHES = "policy-reaches"
"""The deadline of a round: the next groups are held against a policy."""


def _all(_event: v1.PolicySet) -> str:
    return policies.ID


POLICY = Kind("policy", policies.Said, changing.evolve, {v1.PolicySet: SUBJECT})
"""By key: what it was first, and its changes in the order in which they were said."""

CHANGED_POLICIES = Kind("changed-policies", policies.Said, policies.evolve, {v1.PolicySet: _all}, shared=True)
"""All changes in one document, which decisions read beside `POLICIES`."""


def _round_deadlines(state: policy_round.Round) -> Iterator[Deadline]:
    yield Deadline(state.next_at, POLICY_REACHES)


POLICY_ROUND = Kind(
    "policy-round", policy_round.Round, policy_round.evolve, {v1.GroupsReached: SUBJECT}, deadlines=_round_deadlines
)
"""By change: apart from the policies, so that nothing waits for a step that is due."""

STANDING = Kind(
    "standing",
    policy_round.Standing,
    policy_round.evolve_standing,
    dict.fromkeys(get_args(policy_round.OfStanding), policy_round.shares),
    shared=True,
    remembered=False,
)
"""By the last digit of the id: all groups and regulation objects that have not ended."""

KINDS = (POLICY, CHANGED_POLICIES, POLICY_ROUND, STANDING)
