"""A change goes along the groups that it reaches, some at a time: other messages are decided in between."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime

from chassis.work import Work
from contracts.prequal import v1
from prequal import store
from prequal.domain import spreading
from prequal.handlers.loading import foresee

AT_ONCE = 10
"""So many groups are looked up together to see how many fit into a step."""


async def spread(
    work: Work,
    change: str,
    what: v1.WhatSpreads,
    groups: Iterable[str],
    tell: Callable[[Sequence[str]], Awaitable[None]],
    *,
    at: datetime,
    after: str = "",
) -> bool:
    """Tell those whose turn it is; the others follow. What the same change did before and had not ended is replaced.

    Whether others follow.
    """
    told, others_follow = await turn(work, groups, after=after)
    await foresee(work, told)
    await tell(told)
    if others_follow or await work.load(store.SPREADING, change) is not None:
        await work.append(spreading.decide_step(change, what, told, others_follow=others_follow, at=at))
    return others_follow


async def turn(work: Work, groups: Iterable[str], *, after: str = "") -> tuple[list[str], bool]:
    """Whose turn it is now, and whether others follow."""
    left = spreading.left(groups, after=after)
    members = 0
    for taken, group_id in enumerate(left):
        if not spreading.fits(taken, members):
            return left[:taken], True
        if taken % AT_ONCE == 0:
            await work.prefetch([(store.GROUP, left[taken : taken + AT_ONCE])])
        group = await work.load(store.GROUP, group_id)
        members += len(group.members) if group else 0
    return left, False
