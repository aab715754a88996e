"""What follows when members of groups change: figures, warnings, flags. Once for each decision, behind its events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from chassis.work import Work
from contracts.message import Event
from contracts.registry import v1
from registry import store
from registry.domain import concentration, evasion, regulation_object, warning
from registry.handlers.loading import group_of, terms_at


async def members_changed(work: Work, *groups: str, points: Iterable[str], at: datetime) -> None:
    """Groups have other members, or members that count otherwise; `points` came into a group or left the groups."""
    for group_id in dict.fromkeys(groups):
        group = await group_of(work, group_id)
        await work.append(
            concentration.decide_measured(group, group_id=group_id, at=at),
            *concentration.decide_totalled(group, group_id=group_id, at=at),
        )
        await ends_changed(work, group_id, at=at)
    await end_users_changed(work, points, at=at)


async def ends_changed(work: Work, *groups: str, at: datetime) -> None:
    """Who will leave when is announced otherwise."""
    for group_id in dict.fromkeys(groups):
        group = await group_of(work, group_id)
        terms = await terms_at(work, at)
        await work.append(*warning.decide_warnings(group, group_id=group_id, terms=terms, at=at))


async def behind_changed(work: Work, metering_point_id: str, told: Sequence[Event], *, at: datetime) -> None:
    """Something else stands behind a point; `told` is what that meant to its group."""
    point = await work.load(store.METERING_POINT, metering_point_id)
    if point is None:
        return
    if point.membership is not None:
        group_id = point.membership.group_id
        if any(isinstance(event, v1.MemberPowerChanged) for event in told):
            await members_changed(work, group_id, points=(metering_point_id,), at=at)
            return
        await ends_changed(work, group_id, at=at)
        await end_users_changed(work, (metering_point_id,), at=at)
    if point.regulation_object is not None:
        object_id = point.regulation_object
        state = await work.load(store.REGULATION_OBJECT, object_id)
        if state is not None:
            terms = await terms_at(work, at)
            await work.append(
                *regulation_object.decide_behind(state, object_id=object_id, power=point.behind, terms=terms, at=at)
            )


async def end_users_changed(work: Work, points: Iterable[str], *, at: datetime, also: Iterable[str] = ()) -> None:
    """The end users of these points, and `also` these, may have more or less in groups than before (R48)."""
    supplies = await work.load_many(store.SUPPLY, points)
    now = [supply.at(at) for supply in supplies.values() if supply is not None]
    users = dict.fromkeys((*also, *(delivery.end_user for delivery in now if delivery is not None)))
    found = await work.load_many(store.END_USER, users)
    several = {user: one.metering_points for user, one in found.items() if one and len(one.metering_points) > 1}
    if not several:
        return
    theirs = [each for some in several.values() for each in some]
    at_points = await work.load_many(store.METERING_POINT, theirs)
    at_supplies = await work.load_many(store.SUPPLY, theirs)
    flags = await work.load_many(store.POSSIBLE_EVASION, several)
    terms = await terms_at(work, at)
    for user, some in several.items():
        events = evasion.decide(
            flags[user],
            end_user=user,
            metering_points=some,
            points=at_points,
            supplies=at_supplies,
            terms=terms,
            at=at,
        )
        await work.append(*events)
