"""What a limit on a place leaves each group there, when it is set or changed (ADR 0021)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chassis.work import Work
from prequal import store
from prequal.domain import sharing, spreading
from prequal.domain.power import Power
from prequal.domain.restriction import Restriction
from prequal.domain.spreading import Spreading
from prequal.handlers.loading import basis_of, foresee, there
from prequal.handlers.spreading import turn


async def share(
    work: Work,
    state: Restriction,
    limit_id: str,
    groups: Sequence[str],
    places: frozenset[str],
    *,
    change: str,
    at: datetime,
    went: Spreading | None,
) -> bool:
    """Share what a limit allows among the groups that may lie there, when it is known of all of them what they could.

    Where they are many, that is reckoned of some at a time; whether the limit is shared, so that they may be told.
    """
    if not sharing.is_needed(state):
        return True
    some, others_follow = await turn(work, groups, after=went.after if went else "")
    could_be = await _could_be(work, state, limit_id, some, places, at=at)
    if others_follow or went:
        last = some[-1] if some else ""
        await work.append(spreading.decide_reckoned(change, could_be, last=last, others_follow=others_follow, at=at))
        state = there(await work.load(store.RESTRICTION, limit_id))
        could_be = state.could
    if others_follow:
        return False
    await work.append(*sharing.decide(state, could_be, limit_id=limit_id))
    return went is None


async def _could_be(
    work: Work, state: Restriction, limit_id: str, groups: Sequence[str], places: frozenset[str], *, at: datetime
) -> dict[str, Power]:
    await foresee(work, groups)
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
    return could_be
