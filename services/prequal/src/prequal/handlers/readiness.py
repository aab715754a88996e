"""What may be bid, and what follows when it changes."""

from __future__ import annotations

from typing import get_args

from chassis.service import Due, Incoming, On
from chassis.work import Work
from contracts.message import Event
from contracts.registry import v1 as registry
from prequal import store
from prequal.domain import approval
from prequal.handlers.following import deliverable_changed, serve
from prequal.handlers.loading import POLICIES_NEEDED, Needs, policies_at, there


def needs_member(incoming: Incoming[MembershipEvent]) -> Needs:
    """The group, and what stands for it."""
    yield store.GROUP, (incoming.data.group_id,)
    yield store.APPROVAL, (incoming.data.group_id,)
    yield from POLICIES_NEEDED


MembershipEvent = (
    registry.MemberJoined
    | registry.MemberPowerChanged
    | registry.MembershipEndAnnounced
    | registry.MembershipEndCancelled
    | registry.MembershipEnded
)


async def membership_changed(work: Work, incoming: Incoming[MembershipEvent]) -> None:
    """A member joined, leaves at a midnight to come, or has left."""
    await deliverable_changed(work, incoming.data.group_id, only_of=incoming.data.metering_point_id, at=incoming.at)


async def grace_is_over(work: Work, due: Due) -> None:
    """A group has been below the minimum for the grace period: its volume becomes free, and who waits is served."""
    state = there(await work.load(store.APPROVAL, due.id))
    approved = there(await work.load(store.APPLICATION, state.application_id or ""))
    await work.append(
        *approval.decide_end(
            state,
            application=approved,
            group=there(await work.load(store.GROUP, due.id)),
            policies=await policies_at(work),
            at=due.at,
        )
    )
    await serve(work, approved.zone, at=due.at)


REACTIONS: dict[type[Event], On] = dict.fromkeys(get_args(MembershipEvent), On(membership_changed, needs_member))
DEADLINES = {store.APPROVAL_END: grace_is_over}
