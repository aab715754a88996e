"""What a limit on a place leaves each group there, when it is set or changed (ADR 0021)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chassis.work import Work
from prequal import store
from prequal.domain import sharing
from prequal.domain.power import Power
from prequal.domain.restriction import Restriction
from prequal.handlers.loading import basis_of, there


async def share(
    work: Work, state: Restriction, limit_id: str, groups: Sequence[str], places: frozenset[str], *, at: datetime
) -> None:
    """Share what a limit allows among the groups that may lie there: all at once, because each share needs the sum."""
    if not sharing.is_needed(state):
        return
    could_be: dict[str, Power] = {}
    begins, ends = max(state.valid_from, at), there(state.limit.valid_to)
    for group_id, standing in (await work.load_many(store.APPROVAL, groups)).items():
        if standing is None or standing.admitted is None:
            continue
        admitted = there(await work.load(store.APPLICATION, standing.admitted))
        under = sharing.members_under(state, there(await work.load(store.GROUP, group_id)), places)
        if under:
            basis = (await basis_of(work, group_id, at=at)).approved_for_a_time(admitted)
            basis = sharing.without(basis, limit_id)
            could_be[group_id] = sharing.could(basis, admitted, under, begins=begins, ends=ends)
    await work.append(*sharing.decide(state, could_be, limit_id=limit_id))
