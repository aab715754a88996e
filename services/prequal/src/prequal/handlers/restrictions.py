"""Temporary limits and suspensions, and the groups that they hit.

Each group keeps the restrictions that hit it with its approval: what may be bid for it follows without looking at any
place. When one is set, the groups under it are found by indexes over `registry`'s events and told one by one; when a
member joins or moves, what stands on it, on the places it lies under, and on its BSP is looked up (a handful of
documents), and the group is told what is new.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal

from chassis.service import Due, Incoming, On
from chassis.work import Work
from contracts.message import Command
from contracts.prequal import v1
from contracts.values import Role
from prequal import store
from prequal.domain import reach, restricting, restriction, spreading
from prequal.domain.spreading import Spreading
from prequal.handlers.following import deliverable_changed
from prequal.handlers.loading import POLICIES_NEEDED, Needs, is_taken, policies_at, there
from prequal.handlers.reach import dsos_of, hits_of, reached
from prequal.handlers.sharing import share
from prequal.handlers.spreading import spread, turn

RESTRICTION: Final = "restriction"
"""What changes of theirs are named by (`GroupsReached.change`)."""


def needs_set(incoming: Incoming[v1.SetTemporaryLimit | v1.SetSuspension]) -> Needs:
    """Whatever may have this id."""
    yield store.RESTRICTION, (incoming.subject,)
    yield store.QUALIFICATION, (incoming.subject,)
    yield store.APPLICATION, (incoming.subject,)
    yield store.GROUP, (incoming.subject,)
    yield from POLICIES_NEEDED


def needs_one(incoming: Incoming[Any]) -> Needs:
    """The restriction."""
    yield store.RESTRICTION, (incoming.subject,)
    yield from POLICIES_NEEDED


async def set_temporary_limit(work: Work, incoming: Incoming[v1.SetTemporaryLimit]) -> None:
    """A DSO or the TSO limits for a time; every group under it follows at once."""
    command = incoming.data
    key = restricting.named(command)
    await work.append(
        *restricting.decide_set(
            command,
            limit_id=incoming.subject,
            by=incoming.sender,
            by_tso=incoming.sender_role == Role.TSO,
            taken=await is_taken(work, incoming.subject),
            dsos=await dsos_of(work, command.scope, key, at=incoming.at) if key else None,
            policies=await policies_at(work),
            at=incoming.at,
        )
    )
    await _spread(work, incoming.subject, at=incoming.at)


async def change_temporary_limit(work: Work, incoming: Incoming[v1.ChangeTemporaryLimit]) -> None:
    """Who set it says what it is now."""
    state = await work.load(store.RESTRICTION, incoming.subject)
    await work.append(
        *restricting.decide_change(
            state,
            incoming.data,
            limit_id=incoming.subject,
            by=incoming.sender,
            policies=await policies_at(work),
            at=incoming.at,
        )
    )
    await _spread(work, incoming.subject, at=incoming.at)


async def suspend(work: Work, incoming: Incoming[v1.SetSuspension]) -> None:
    """The entitled party suspends; nothing of it may be bid from now on."""
    command = incoming.data
    key = restricting.named(command)
    on = await work.load(store.RESTRICTIONS_ON, restriction.of(command.target, key)) if key else None
    group = await work.load(store.GROUP, command.group_id) if command.group_id else None
    await work.append(
        *restricting.decide_suspend(
            command,
            suspension_id=incoming.subject,
            by=incoming.sender,
            by_tso=incoming.sender_role == Role.TSO,
            taken=await is_taken(work, incoming.subject),
            dsos=await dsos_of(work, command.target, key, at=incoming.at) if key else None,
            bsp=group.bsp if group else command.bsp,
            others=await work.load_many(store.RESTRICTION, on.ids if on else ()),
            at=incoming.at,
        )
    )
    await _spread(work, incoming.subject, at=incoming.at)


async def lift(work: Work, incoming: Incoming[v1.LiftTemporaryLimit | v1.LiftSuspension]) -> None:
    """Who set it ends it now; what may be bid follows at once."""
    state = await work.load(store.RESTRICTION, incoming.subject)
    await work.append(
        *restricting.decide_lift(
            state, incoming.data, restriction_id=incoming.subject, by=incoming.sender, at=incoming.at
        )
    )
    await _release(work, incoming.subject, because="lifted", at=incoming.at)


async def end_has_come(work: Work, due: Due) -> None:
    """It is over. What may be bid from now on was told ahead; only a step at risk may be safe again."""
    state = there(await work.load(store.RESTRICTION, due.id))
    await work.append(*restricting.decide_end(state, restriction_id=due.id))
    await _release(work, due.id, because="ended", at=due.at)


async def go_on(work: Work, restriction_id: str, went: Spreading, *, at: datetime) -> None:
    """Those that have not been told yet."""
    if went.what == "loosened":
        await _loosen(work, restriction_id, at=at, after=went.after)
    elif went.what in {"reckoned", "restricted"}:
        await _spread(work, restriction_id, at=at, went=went)
    else:
        await _release(
            work, restriction_id, because="lifted" if went.what == "lifted" else "ended", at=at, after=went.after
        )


async def _spread(work: Work, restriction_id: str, *, at: datetime, went: Spreading | None = None) -> None:
    """Tell the groups that it hits, and those that it has hit, and what may be bid for them now.

    A limit that they share is shared before. Where they are told some at a time, nobody is left more than before until
    all that have less now have been told.
    """
    state = there(await work.load(store.RESTRICTION, restriction_id))
    groups, places = await reached(work, state, at=at)
    change = _change(restriction_id)
    if went is None or went.what == "reckoned":
        if not await share(work, state, restriction_id, groups, places, change=change, at=at, went=went):
            return
        state = there(await work.load(store.RESTRICTION, restriction_id))
        went = None
    after = went.after if went else ""
    alone = went is None and not (await turn(work, groups))[1]

    async def tell(told: Sequence[str]) -> None:
        hits = await hits_of(work, state, told, places, at=at)
        standing = await work.load_many(store.APPROVAL, () if alone or not state.is_shared else hits)
        for group_id, hit in hits.items():
            bsp = there(await work.load(store.GROUP, group_id)).bsp
            had = one.restrictions.get(restriction_id) if (one := standing.get(group_id)) else None
            await work.append(
                reach.restrict(state, hit, restriction_id=restriction_id, group_id=group_id, bsp=bsp, former=had)
            )
        await deliverable_changed(work, *hits, at=at)

    others_follow = await spread(work, change, "restricted", groups, tell, at=at, after=after)
    if not others_follow and there(await work.load(store.RESTRICTION, restriction_id)).held_back:
        await work.append(spreading.decide_loosen(change, at=at))


async def _loosen(work: Work, restriction_id: str, *, at: datetime, after: str) -> None:
    """Tell the groups that have more now than before: what makes it up has been taken from the others."""
    state = there(await work.load(store.RESTRICTION, restriction_id))
    _, places = await reached(work, state, at=at)

    async def tell(told: Sequence[str]) -> None:
        for group_id, hit in (await hits_of(work, state, told, places, at=at)).items():
            bsp = there(await work.load(store.GROUP, group_id)).bsp
            await work.append(reach.restrict(state, hit, restriction_id=restriction_id, group_id=group_id, bsp=bsp))
        await deliverable_changed(work, *told, at=at)

    await spread(work, _change(restriction_id), "loosened", state.held_back, tell, at=at, after=after)


def _change(restriction_id: str) -> str:
    return f"{RESTRICTION}/{restriction_id}"


async def _release(
    work: Work, restriction_id: str, *, because: Literal["lifted", "ended"], at: datetime, after: str = ""
) -> None:
    """Tell the groups that it has hit that it is over."""
    state = there(await work.load(store.RESTRICTION, restriction_id))

    async def tell(told: Sequence[str]) -> None:
        for group_id in told:
            standing = there(await work.load(store.APPROVAL, group_id))
            bsp = there(await work.load(store.GROUP, group_id)).bsp
            await work.append(
                reach.release(
                    standing,
                    state,
                    restriction_id=restriction_id,
                    group_id=group_id,
                    bsp=bsp,
                    because=because,
                    at=at,
                )
            )
        standing = await work.load_many(store.APPROVAL, told)
        # What may be bid from its end on was told ahead; only a step at risk may be safe again.
        changed = told if because == "lifted" else [id_ for id_, one in standing.items() if one and one.at_risk]
        await deliverable_changed(work, *changed, at=at)

    await spread(work, _change(restriction_id), because, state.groups, tell, at=at, after=after)


COMMANDS: dict[type[Command], On] = {
    v1.SetTemporaryLimit: On(set_temporary_limit, needs_set),
    v1.ChangeTemporaryLimit: On(change_temporary_limit, needs_one),
    v1.LiftTemporaryLimit: On(lift, needs_one),
    v1.SetSuspension: On(suspend, needs_set),
    v1.LiftSuspension: On(lift, needs_one),
}
DEADLINES = {store.RESTRICTION_END: end_has_come}
