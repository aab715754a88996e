"""What a group is made of, as its BSP declares, held against what the resources behind its members' points are.

No source asks for groups of one category: aggregation of demand, storage and generation must be allowed (EBGL art.
18(4)(b)), so a group that is `mixed`, or that declares nothing, takes all. But who declares one category means it:
the TSO and the DSOs read it. So no point with another joins. What comes behind a member's point later is a fact of that
point and never refused for it; its BSP is told.
"""

from __future__ import annotations

from collections.abc import Collection

from contracts.message import Reason
from contracts.registry import v1
from registry.domain import rules


def differing(declared: v1.GroupCategory | None, found: Collection[v1.Category]) -> v1.Category | None:
    """The first category that is not the one declared. What a technology does not say differs from nothing."""
    if declared is None or declared == "mixed":
        return None
    return next((each for each in sorted(found) if each != declared), None)


def notices(
    declared: v1.GroupCategory | None, before: Collection[v1.Category], after: Collection[v1.Category]
) -> tuple[Reason, ...]:
    """What the BSP is told when another category has come behind a member's point."""
    other = differing(declared, set(after).difference(before))
    if other is None:
        return ()
    return (rules.MEMBER_CATEGORY_DIFFERENT.reason(limit=declared, actual=other),)
