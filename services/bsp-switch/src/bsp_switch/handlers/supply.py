"""Who stands behind a point, and what a point is: facts, and what they do to control."""

from __future__ import annotations

from bsp_switch import store
from bsp_switch.domain import awaited, derived, supply, telling
from bsp_switch.domain.point import Point
from bsp_switch.handlers import responsibility
from bsp_switch.handlers.following import end_consents, settle
from bsp_switch.handlers.loading import Wanted, needs_points
from chassis.service import Answer, Incoming, On
from chassis.work import Work
from contracts import parties
from contracts.bsp_switch import v1
from contracts.message import Event
from contracts.registry import v1 as registry
from contracts.values import Role


async def record_supply(work: Work, command: Incoming[v1.RecordSupply]) -> Answer:
    """Put the fact in its place. Control follows the end user alone, not the supplier or the BRPs."""
    point = await work.load(store.POINT, command.subject) or Point()
    fact = supply.stated(command.data)
    fact = derived.derive(fact, await responsibility.behind(work, command.subject, (fact,)))
    parties = await responsibility.parties_of(work, (fact,))
    events, notices = supply.decide_record(point.supplies, fact, metering_point_id=command.subject, parties=parties)
    await work.append(*events)
    await responsibility.follow(work, (command.subject,))
    now = await work.load(store.POINT, command.subject) or Point()
    another = supply.end_users(point.supplies) != supply.end_users(now.supplies)
    if point.supplies and another:
        await end_consents(work, (command.subject,), at=command.at)
    if (point.holdings and another) or telling.under_way(now, at=command.at):
        await settle(work, (command.subject,), at=command.at)
    return Answer(reasons=notices)


def needs_supply(command: Incoming[v1.RecordSupply]) -> Wanted:
    """The point and the parties; where a BRP is left out, what it is derived from begins with the point's place."""
    fact = supply.stated(command.data)
    yield store.POINT, (command.subject,)
    yield store.PARTY, fact.glns()
    if fact.derived:
        yield store.METERING_POINT, (command.subject,)


async def point_recorded(work: Work, message: Incoming[registry.MeteringPointRecorded]) -> None:
    """A point that is closed is held by nobody (E20); one that lies elsewhere may be in another BRP's balance."""
    await responsibility.follow(work, (message.subject,))
    await settle(work, (message.subject,), at=message.at)


def needs_recorded(message: Incoming[registry.MeteringPointRecorded]) -> Wanted:
    """The point."""
    yield from needs_points((message.subject,))


async def party_heard(work: Work, message: Incoming[parties.Standing]) -> None:
    """A party that becomes known may be what switches wait for (D15)."""
    party = parties.evolve(None, message.data)
    if not (party.may_be(Role.SUPPLIER) or party.may_be(Role.BRP)):
        return
    waiting = await work.load(store.WAITING, awaited.ID)
    switches = await work.load_many(store.SWITCH, waiting.switches if waiting else ())
    points = [point for state in switches.values() if state is not None for point in state.waiting]
    await settle(work, points, at=message.at)


def needs_party(_message: Incoming[parties.Standing]) -> Wanted:
    """Which switches wait; they say for which points."""
    yield store.WAITING, (awaited.ID,)


COMMANDS = {v1.RecordSupply: On(record_supply, needs_supply)}
REACTIONS: dict[type[Event], On] = {
    registry.MeteringPointRecorded: On(point_recorded, needs_recorded),
    **dict.fromkeys(parties.STANDING, On(party_heard, needs_party)),
}
