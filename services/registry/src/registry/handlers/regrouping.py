"""Members that go from group to group: moves, splits, mergers, and proposals of splits. Load, decide, append."""

from __future__ import annotations

from chassis.service import Answer, Incoming, On
from chassis.work import Work
from contracts.registry import v1
from contracts.values import Role
from registry import store
from registry.domain import regrouping, split_proposal
from registry.handlers import policies
from registry.handlers.fit import refit
from registry.handlers.following import members_changed
from registry.handlers.group_successions import succeed
from registry.handlers.groups import answer
from registry.handlers.loading import candidates, is_taken, terms_at
from registry.handlers.needs import Wanted

# Who goes from group to group is in one before and after: no end user has more or less in groups.


async def move_members(work: Work, message: Incoming[v1.MoveMembers]) -> Answer:
    """Let members go over to another group."""
    wish = message.data
    moved = regrouping.decide_move(
        await work.load(store.GROUP, message.subject),
        await work.load(store.GROUP, wish.from_group),
        group_id=message.subject,
        bsp=message.sender,
        wish=wish,
        candidates=await candidates(work, wish.metering_points, at=message.at),
        terms=await terms_at(work, message.at),
        at=message.at,
    )
    await work.append(*moved.events)
    await refit(work, wish.metering_points, at=message.at)
    await members_changed(work, wish.from_group, message.subject, points=(), at=message.at)
    return answer(moved)


def needs_move_members(message: Incoming[v1.MoveMembers]) -> Wanted:
    """Both groups, and all that is known of the points."""
    points = message.data.metering_points
    yield store.GROUP, (message.subject, message.data.from_group)
    yield store.GROUPS_OF_BSP, (message.sender,)
    yield store.METERING_POINT, points
    yield store.HOLDER, points
    yield store.SUPPLY, points
    yield from policies.NEEDED


async def split_group(work: Work, message: Incoming[v1.SplitGroup]) -> Answer:
    """Form new groups of a group's members."""
    parts = message.data.into
    new_ids = [part.group_id for part in parts]
    named = [each for part in parts for each in part.metering_points]
    split = regrouping.decide_split(
        await work.load(store.GROUP, message.subject),
        group_id=message.subject,
        bsp=message.sender,
        wish=message.data,
        taken={new_id: await is_taken(work, new_id) for new_id in new_ids},
        candidates={one.metering_point_id: one for one in await candidates(work, named, at=message.at)},
        terms=await terms_at(work, message.at),
        at=message.at,
    )
    await work.append(*split.events)
    await succeed(work, new_ids, bsp=message.sender)
    await refit(work, named, at=message.at)
    await members_changed(work, message.subject, *new_ids, points=(), at=message.at)
    return answer(split)


def needs_split_group(message: Incoming[v1.SplitGroup]) -> Wanted:
    """The group, the ids of the new ones, and all that is known of the points."""
    new_ids = [part.group_id for part in message.data.into]
    points = [each for part in message.data.into for each in part.metering_points]
    yield store.GROUP, (message.subject, *new_ids)
    yield store.REGULATION_OBJECT, new_ids
    yield store.GROUPS_OF_BSP, (message.sender,)
    yield store.MERGER, (message.sender,)
    yield store.METERING_POINT, points
    yield store.HOLDER, points
    yield store.SUPPLY, points
    yield from policies.NEEDED


async def merge_groups(work: Work, message: Incoming[v1.MergeGroups]) -> Answer:
    """Let all members of other groups go over to one."""
    groups = message.data.groups
    others = await work.load_many(store.GROUP, groups)
    # Another BSP's members are none of the sender's business: the decision refuses before it looks at them.
    own = [group for group in others.values() if group is not None and group.bsp == message.sender]
    named = [each for group in own for each in group.members]
    merged = regrouping.decide_merge(
        await work.load(store.GROUP, message.subject),
        group_id=message.subject,
        bsp=message.sender,
        wish=message.data,
        others=others,
        candidates={one.metering_point_id: one for one in await candidates(work, named, at=message.at)},
        terms=await terms_at(work, message.at),
        at=message.at,
    )
    await work.append(*merged.events)
    await refit(work, named, at=message.at)
    await members_changed(work, *groups, message.subject, points=(), at=message.at)
    return answer(merged)


def needs_merge_groups(message: Incoming[v1.MergeGroups]) -> Wanted:
    """The groups; whose members they are is known when they are."""
    yield store.GROUP, (message.subject, *message.data.groups)
    yield store.GROUPS_OF_BSP, (message.sender,)
    yield from policies.NEEDED


async def propose_split(work: Work, message: Incoming[v1.ProposeSplit]) -> None:
    """Say how a group could be split."""
    group = await work.load(store.GROUP, message.subject)
    any_group = message.sender_role == Role.TSO
    # Another BSP's members are none of the sender's business: the decision refuses before it looks at them.
    theirs = group is not None and (any_group or group.bsp == message.sender)
    await work.append(
        split_proposal.decide_propose(
            group,
            group_id=message.subject,
            asks=message.sender,
            any_group=any_group,
            parts=message.data.parts,
            candidates=await candidates(work, list(group.members), at=message.at) if group and theirs else (),
            terms=await terms_at(work, message.at),
            at=message.at,
        )
    )


def needs_propose_split(message: Incoming[v1.ProposeSplit]) -> Wanted:
    """The group; whose members they are is known when it is."""
    yield store.GROUP, (message.subject,)
    yield from policies.NEEDED


COMMANDS = {
    v1.MoveMembers: On(move_members, needs_move_members),
    v1.SplitGroup: On(split_group, needs_split_group),
    v1.MergeGroups: On(merge_groups, needs_merge_groups),
    v1.ProposeSplit: On(propose_split, needs_propose_split),
}
