"""Groups: who joins, who is to leave, whether a group stands. Load, decide, append."""

from __future__ import annotations

from datetime import datetime

from chassis.service import Answer, Incoming, On
from chassis.work import Work
from contracts.registry import v1
from registry import store
from registry.domain import concentration, group_life, joining, leaving
from registry.domain.rows import Listed
from registry.handlers import policies
from registry.handlers.fit import refit
from registry.handlers.following import ends_changed, members_changed
from registry.handlers.group_successions import succeed
from registry.handlers.loading import candidates, group_of, is_taken, points_of, terms_at
from registry.handlers.needs import Wanted


async def form_group(work: Work, message: Incoming[v1.FormGroup]) -> Answer:
    """Form a group of metering points, or a draft."""
    joined = joining.decide_form(
        group_id=message.subject,
        bsp=message.sender,
        taken=await is_taken(work, message.subject),
        wish=message.data,
        candidates=await candidates(work, message.data.metering_points, at=message.at),
        terms=await terms_at(work, message.at),
        at=message.at,
    )
    await work.append(*joined.events)
    await succeed(work, (message.subject,), bsp=message.sender)
    await refit(work, message.data.metering_points, at=message.at)
    await members_changed(work, message.subject, points=message.data.metering_points, at=message.at)
    return answer(joined)


async def add_members(work: Work, message: Incoming[v1.AddMembers]) -> Answer:
    """Let metering points join a group."""
    joined = joining.decide_add(
        await work.load(store.GROUP, message.subject),
        group_id=message.subject,
        bsp=message.sender,
        mode=message.data.mode,
        candidates=await candidates(work, message.data.metering_points, at=message.at),
        terms=await terms_at(work, message.at),
        at=message.at,
    )
    await work.append(*joined.events)
    await refit(work, message.data.metering_points, at=message.at)
    if any(isinstance(event, v1.MemberJoined) for event in joined.events):
        await members_changed(work, message.subject, points=message.data.metering_points, at=message.at)
    return answer(joined)


def needs_members(message: Incoming[v1.FormGroup | v1.AddMembers]) -> Wanted:
    """The group, and all that is known of the points."""
    points = message.data.metering_points
    yield store.GROUP, (message.subject,)
    yield store.REGULATION_OBJECT, (message.subject,)
    yield store.GROUPS_OF_BSP, (message.sender,)
    yield store.STANDING, (message.subject[-1:],)
    yield store.MERGER, (message.sender,)
    yield store.METERING_POINT, points
    yield store.HOLDER, points
    yield store.SUPPLY, points
    yield from policies.NEEDED


async def remove_members(work: Work, message: Incoming[v1.RemoveMembers]) -> Answer:
    """Let members leave at a midnight."""
    left = leaving.decide_remove(
        await work.load(store.GROUP, message.subject),
        group_id=message.subject,
        bsp=message.sender,
        wish=message.data,
        at=message.at,
    )
    await work.append(*left.events)
    await ends_changed(work, message.subject, at=message.at)
    return answer(left)


async def keep_members(work: Work, message: Incoming[v1.KeepMembers]) -> Answer:
    """Let members stay that were to leave."""
    kept = leaving.decide_keep(
        await work.load(store.GROUP, message.subject),
        group_id=message.subject,
        bsp=message.sender,
        wish=message.data,
    )
    await work.append(*kept.events)
    await ends_changed(work, message.subject, at=message.at)
    return answer(kept)


def needs_those_who_leave(message: Incoming[v1.RemoveMembers | v1.KeepMembers]) -> Wanted:
    """The group and the points: their memberships."""
    yield store.GROUP, (message.subject,)
    yield store.METERING_POINT, message.data.metering_points
    yield from policies.NEEDED


async def activate_group(work: Work, message: Incoming[v1.ActivateGroup]) -> None:
    """Make a draft a group."""
    events = group_life.decide_activate(
        await work.load(store.GROUP, message.subject),
        group_id=message.subject,
        bsp=message.sender,
        terms=await terms_at(work, message.at),
    )
    await work.append(*events)
    await _totalled(work, message.subject, at=message.at)
    await ends_changed(work, message.subject, at=message.at)


async def rename_group(work: Work, message: Incoming[v1.RenameGroup]) -> None:
    """Give a group another name."""
    group = await work.load(store.GROUP, message.subject)
    events = group_life.decide_rename(group, group_id=message.subject, bsp=message.sender, name=message.data.name)
    await work.append(*events)
    if events:
        await _totalled(work, message.subject, at=message.at)


async def end_group(work: Work, message: Incoming[v1.EndGroup]) -> None:
    """End a group, with its memberships."""
    group = await work.load(store.GROUP, message.subject)
    events = group_life.decide_end(
        group, group_id=message.subject, bsp=message.sender, valid_to=message.data.valid_to, at=message.at
    )
    await points_of(work, group.members if group else ())
    await work.append(*events)
    await _totalled(work, message.subject, at=message.at)
    await ends_changed(work, message.subject, at=message.at)


async def keep_group(work: Work, message: Incoming[v1.KeepGroup]) -> None:
    """Let a group go on that was to end."""
    group = await work.load(store.GROUP, message.subject)
    events = group_life.decide_keep(group, group_id=message.subject, bsp=message.sender)
    await points_of(work, group.members if group else ())
    await work.append(*events)
    await _totalled(work, message.subject, at=message.at)
    await ends_changed(work, message.subject, at=message.at)


def needs_group(message: Incoming[v1.ActivateGroup | v1.RenameGroup | v1.EndGroup | v1.KeepGroup]) -> Wanted:
    """The group, and its BSP's others."""
    yield store.GROUP, (message.subject,)
    yield store.GROUPS_OF_BSP, (message.sender,)
    yield from policies.NEEDED


async def _totalled(work: Work, group_id: str, *, at: datetime) -> None:
    """The DSOs concerned are told that the group is to end, has ended, goes on, is a draft no more, or is renamed."""
    group = await group_of(work, group_id)
    await work.append(*concentration.decide_totalled(group, group_id=group_id, at=at))


def answer(listed: Listed) -> Answer:
    """What the receipt says of the rows."""
    return Answer(listed.rows.reasons(), tuple(listed.rows.refused))


COMMANDS = {
    v1.FormGroup: On(form_group, needs_members),
    v1.AddMembers: On(add_members, needs_members),
    v1.RemoveMembers: On(remove_members, needs_those_who_leave),
    v1.KeepMembers: On(keep_members, needs_those_who_leave),
    v1.ActivateGroup: On(activate_group, needs_group),
    v1.RenameGroup: On(rename_group, needs_group),
    v1.EndGroup: On(end_group, needs_group),
    v1.KeepGroup: On(keep_group, needs_group),
}
