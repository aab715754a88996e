"""What a change does to the groups that it has not reached yet; and policies that what may be bid rests on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chassis.service import Due, Incoming, On
from chassis.work import Work
from contracts.message import Event
from contracts.registry import v1 as registry
from contracts.values import BiddingZone
from prequal import store
from prequal.domain import spreading
from prequal.handlers import following, hierarchy, restrictions
from prequal.handlers.loading import there
from prequal.handlers.spreading import spread


async def goes_on(work: Work, due: Due) -> None:
    """The next groups are told."""
    went = there(await work.load(store.SPREADING, due.id))
    sort, _, of = due.id.partition("/")
    if sort == restrictions.RESTRICTION:
        await restrictions.go_on(work, of, went, at=due.at)
    elif sort == "bsp":
        await following.qualification_changed(work, of, at=due.at, after=went.after)
    elif sort == "substation":
        await hierarchy.go_on(work, of, at=due.at, after=went.after)
    else:
        await _recompute(work, due.id, at=due.at, after=went.after)


async def policy_set(work: Work, incoming: Incoming[registry.PolicySet]) -> None:
    """What may be bid follows from the moment at which the policy is valid."""
    event = incoming.data
    if event.key not in spreading.FEEDS:
        return
    if event.valid_from > incoming.at:
        await work.append(spreading.decide_ahead(event.key, valid_from=event.valid_from))
    else:
        await _recompute(work, spreading.of_policy(event.key, event.valid_from), at=incoming.at)


async def _recompute(work: Work, change: str, *, at: datetime, after: str = "") -> None:
    found = await work.load_many(store.APPROVED_IN, BiddingZone)
    groups = [group for ids in found.values() if ids for group in ids.ids]

    async def tell(told: Sequence[str]) -> None:
        await following.deliverable_changed(work, *told, at=at)

    await spread(work, change, "readiness", groups, tell, at=at, after=after)


REACTIONS: dict[type[Event], On] = {registry.PolicySet: On(policy_set)}
DEADLINES = {store.CHANGE_SPREADS: goes_on}
