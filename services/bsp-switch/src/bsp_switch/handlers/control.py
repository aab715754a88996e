"""Control of points: claimed, given up, kept; and what the operator says of it."""

from __future__ import annotations

from bsp_switch.domain import claim, ending, merger
from bsp_switch.handlers.following import settle
from bsp_switch.handlers.loading import POLICIES, Wanted, grounds, in_force, needs_points, standings, successions
from chassis.service import Answer, Incoming, On
from chassis.work import Work
from contracts.bsp_switch import v1


async def claim_control(work: Work, command: Incoming[v1.ClaimControl]) -> None:
    """Give it the point if nobody holds it."""
    start, at = command.data.start, command.at
    policies = await in_force(work)
    merger.refuse_merged(await successions(work, (command.sender,)), bsp=command.sender, at=at)
    found = await grounds(work, (command.subject,), bsp=command.sender, start=start)
    events = claim.decide(
        found[command.subject],
        start=start,
        at=at,
        back_days=policies.whole("claim.back-days", at=at),
        ahead_days=policies.whole("claim.ahead-days", at=at),
    )
    await work.append(*events)
    await settle(work, (command.subject,), at=at)


def needs_claim(command: Incoming[v1.ClaimControl]) -> Wanted:
    """All about the point that its id alone tells."""
    yield from needs_points((command.subject,), bsp=command.sender)
    yield from POLICIES


async def claim_by_operator(work: Work, command: Incoming[v1.ClaimControlByOperator]) -> None:
    """Give a BSP the point if nobody holds it, from whatever midnight."""
    data, at = command.data, command.at
    merger.refuse_merged(await successions(work, (data.bsp,)), bsp=data.bsp, at=data.start)
    found = await grounds(work, (command.subject,), bsp=data.bsp, start=data.start)
    await work.append(*claim.decide_by_operator(found[command.subject], start=data.start, at=at, reason=data.reason))
    await settle(work, (command.subject,), at=at)


def needs_claim_by_operator(command: Incoming[v1.ClaimControlByOperator]) -> Wanted:
    """All about the point that its id and the BSP tell."""
    return needs_points((command.subject,), bsp=command.data.bsp)


async def end_control(work: Work, command: Incoming[v1.EndControl]) -> Answer:
    """Let the BSP give its points up."""
    found = await standings(work, command.data.metering_points)
    ended = ending.decide_end(found, command.data, bsp=command.sender, at=command.at)
    await work.append(*ended.decided)
    return Answer(ended.reasons, ended.refused)


async def keep_control(work: Work, command: Incoming[v1.KeepControl]) -> Answer:
    """Let the BSP keep what it was to give up; what else ends it is said."""
    found = await standings(work, command.data.metering_points)
    kept = ending.decide_keep(found, command.data, bsp=command.sender, at=command.at)
    await work.append(*kept.decided)
    await settle(work, (event.subject for event in kept.decided), at=command.at)
    return Answer(kept.reasons, kept.refused)


def needs_listed(command: Incoming[v1.EndControl | v1.KeepControl]) -> Wanted:
    """The points, and the BSP's consents for them."""
    return needs_points(command.data.metering_points, bsp=command.sender)


async def end_by_operator(work: Work, command: Incoming[v1.EndControlByOperator]) -> None:
    """End control wherever the operator says."""
    found = await standings(work, (command.subject,))
    await work.append(ending.decide_end_by_operator(found[command.subject], command.data, at=command.at))
    await settle(work, (command.subject,), at=command.at)


async def keep_by_operator(work: Work, command: Incoming[v1.KeepControlByOperator]) -> None:
    """Take that back."""
    found = await standings(work, (command.subject,))
    await work.append(ending.decide_keep_by_operator(found[command.subject], command.data, at=command.at))
    await settle(work, (command.subject,), at=command.at)


def needs_point(command: Incoming[v1.EndControlByOperator | v1.KeepControlByOperator]) -> Wanted:
    """The point."""
    return needs_points((command.subject,))


COMMANDS = {
    v1.ClaimControl: On(claim_control, needs_claim),
    v1.ClaimControlByOperator: On(claim_by_operator, needs_claim_by_operator),
    v1.EndControl: On(end_control, needs_listed),
    v1.KeepControl: On(keep_control, needs_listed),
    v1.EndControlByOperator: On(end_by_operator, needs_point),
    v1.KeepControlByOperator: On(keep_by_operator, needs_point),
}
