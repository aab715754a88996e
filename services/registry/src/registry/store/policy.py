"""Policies that were changed by command."""

from __future__ import annotations

from chassis.service import SUBJECT, Kind
from contracts import policies
from contracts.registry import v1


def _all(_event: v1.PolicySet) -> str:
    return policies.ID


POLICY = Kind("policy", policies.Said, policies.evolve, {v1.PolicySet: SUBJECT})
"""By key: its changes in the order in which they were said."""

CHANGED_POLICIES = Kind("changed-policies", policies.Said, policies.evolve, {v1.PolicySet: _all}, shared=True)
"""All changes in one document, which decisions read beside `POLICIES`."""

KINDS = (POLICY, CHANGED_POLICIES)
