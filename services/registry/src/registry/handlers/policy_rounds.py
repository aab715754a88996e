"""A policy is set, and those who take part are held against it from its moment. Load, decide, append."""

from __future__ import annotations

from datetime import datetime

from chassis.service import Due, Incoming, On
from chassis.work import Work
from contracts.registry import v1
from registry import store
from registry.domain import balance, growth, membership, policy, policy_round
from registry.handlers import policies
from registry.handlers.following import behind_changed, end_users_changed, ends_changed, members_changed
from registry.handlers.loading import group_of, terms_at
from registry.handlers.members import rebalance
from registry.handlers.midnight import out
from registry.handlers.needs import Wanted


async def set_policy(work: Work, message: Incoming[v1.SetPolicy]) -> None:
    """Give a policy another value from a moment to come."""
    event = policy.decide_set(await policies.in_force(work), key=message.subject, wish=message.data, at=message.at)
    await work.append(event)
    if event.key not in policy_round.HELD:
        return
    if event.valid_from > message.at:
        await work.append(policy_round.decide_ahead(event))
    else:
        await _step(work, policy_round.name(event.key, event.valid_from), after="", at=message.at)


def needs_set_policy(message: Incoming[v1.SetPolicy]) -> Wanted:
    """All policies, the changes of this one, and whom a round of it would go along."""
    yield store.POLICY, (message.subject,)
    if message.subject in policy_round.HELD:
        yield store.POLICY_ROUND, (policy_round.name(message.subject, message.data.valid_from),)
        yield store.STANDING, policy_round.SHARES
    yield from policies.NEEDED


async def goes_on(work: Work, due: Due) -> None:
    """The value is in force now, or the next ones' turn has come."""
    went = await work.load(store.POLICY_ROUND, due.id)
    if went is not None:
        await _step(work, due.id, after=went.after, at=due.at)


async def _step(work: Work, change: str, *, after: str, at: datetime) -> None:
    found = await work.load_many(store.STANDING, policy_round.SHARES)
    ids, more = policy_round.turn((each for share in found.values() if share for each in share.ids), after=after)
    groups = await work.load_many(store.GROUP, ids)
    held = policy_round.part({each: len(group.members) if group else 1 for each, group in groups.items()})
    for each in held:
        if groups[each] is not None:
            await _hold_group(work, each, at=at)
        elif (state := await work.load(store.REGULATION_OBJECT, each)) is not None:
            await behind_changed(work, state.metering_point_id, (), at=at)
    others_follow = more or len(held) < len(ids)
    await work.append(policy_round.decide_step(change, held, others_follow=others_follow, at=at))


async def _hold_group(work: Work, group_id: str, *, at: datetime) -> None:
    """Hold members against the limit of a point and the group's BRPs, as if these were what has changed."""
    # Who leaves at this very moment is not told to leave.
    over = membership.decide_end(await group_of(work, group_id), group_id=group_id, at=at)
    await work.append(*over)
    terms = await terms_at(work, at)
    group = await group_of(work, group_id)
    doubtful = growth.doubtful(group, terms)
    points = await work.load_many(store.METERING_POINT, doubtful)
    supplies = await work.load_many(store.SUPPLY, doubtful)
    counts = bool(over)
    for metering_point_id, point in points.items():
        if point is None:
            continue
        events = growth.decide_limit(
            await group_of(work, group_id),
            group_id=group_id,
            metering_point_id=metering_point_id,
            behind=point.behind,
            supply=supplies[metering_point_id],
            terms=terms,
            at=at,
        )
        await work.append(*events)
        counts = counts or any(isinstance(event, v1.MemberPowerChanged) for event in events)
    for metering_point_id in balance.doubtful(group, terms):
        await rebalance(work, group_id, metering_point_id, at=at)
    if counts:
        await members_changed(work, group_id, points=(*group.members, *out(over)), at=at)
    else:
        await ends_changed(work, group_id, at=at)
        await end_users_changed(work, group.members, at=at)


COMMANDS = {v1.SetPolicy: On(set_policy, needs_set_policy)}
DEADLINES = {store.POLICY_REACHES: goes_on}
