"""A change goes along the groups that it reaches, some at a time: other messages are decided in between."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime

from chassis.work import Work
from contracts.prequal import v1
from prequal import store
from prequal.domain import spreading
from prequal.handlers.loading import foresee


async def spread(
    work: Work,
    change: str,
    what: v1.WhatSpreads,
    groups: Iterable[str],
    tell: Callable[[Sequence[str]], Awaitable[None]],
    *,
    at: datetime,
    after: str = "",
) -> None:
    """Tell those whose turn it is; the others follow. What the same change did before and had not ended is replaced."""
    told, others_follow = spreading.step(groups, after=after)
    await foresee(work, told)
    await tell(told)
    if others_follow or await work.load(store.SPREADING, change) is not None:
        await work.append(spreading.decide_step(change, what, told, others_follow=others_follow, at=at))
