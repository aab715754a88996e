"""Load, decide, append: one function per command and deadline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from bsp_switch import store
from bsp_switch.domain import claim, consent, supply, switch
from bsp_switch.domain.consent import Consents
from bsp_switch.domain.entitlement import Grounds
from bsp_switch.domain.point import Point
from chassis.service import Answer, Due, Incoming, Kind
from chassis.work import Work
from contracts import policies
from contracts.bsp_switch import v1
from contracts.policies import Policies

Needs = Iterable[tuple[Kind[Any], Iterable[str]]]


def supply_needs(command: Incoming[v1.RecordSupply]) -> Needs:
    """The point and the parties."""
    return (store.POINT, (command.subject,)), (store.PARTY, _named(command.data))


async def record_supply(work: Work, command: Incoming[v1.RecordSupply]) -> Answer:
    """Put the fact in its place."""
    point = await work.load(store.POINT, command.subject) or Point()
    parties = await work.load_many(store.PARTY, _named(command.data))
    events, notices = supply.decide_record(
        point.supplies, command.data, metering_point_id=command.subject, parties=parties
    )
    await work.append(*events)
    return Answer(reasons=notices)


def consent_needs(command: Incoming[v1.RecordConsent]) -> Needs:
    """The consent, and the BSP's consents for that point."""
    key = consent.key(metering_point_id=command.data.metering_point_id, bsp=command.sender)
    return (store.CONSENT, (command.subject,)), (store.CONSENTS, (key,))


async def record_consent(work: Work, command: Incoming[v1.RecordConsent]) -> None:
    """Take the consent as it is given."""
    state = await work.load(store.CONSENT, command.subject)
    await work.append(*consent.decide_record(state, command.data, consent_id=command.subject, bsp=command.sender))


def claim_needs(command: Incoming[v1.ClaimControl]) -> Needs:
    """All about the point that its id alone tells."""
    return _control_needs((command.subject,), bsp=command.sender)


async def claim_control(work: Work, command: Incoming[v1.ClaimControl]) -> None:
    """Give it the point if nobody holds it."""
    start, at = command.data.start, command.at
    in_force = await _policies(work)
    grounds = await _grounds(work, (command.subject,), bsp=command.sender, start=start)
    await work.append(
        *claim.decide(
            grounds[command.subject],
            start=start,
            at=at,
            back_days=in_force.whole("claim.back-days", at=at),
            ahead_days=in_force.whole("claim.ahead-days", at=at),
        )
    )


def switch_needs(command: Incoming[v1.RequestSwitch]) -> Needs:
    """The switch, and all about the points that their ids alone tell."""
    return (store.SWITCH, (command.subject,)), *_control_needs(command.data.metering_points, bsp=command.sender)


async def request_switch(work: Work, command: Incoming[v1.RequestSwitch]) -> Answer:
    """Announce the switch of what can be switched."""
    data, at = command.data, command.at
    state = await work.load(store.SWITCH, command.subject)
    in_force = await _policies(work)
    grounds = await _grounds(work, data.metering_points, bsp=command.sender, start=data.start)
    registered = [each.registered for each in grounds.values() if each.registered]
    areas = await work.load_many(store.GRID_AREA, (each.location(at=data.start).grid_area for each in registered))
    events, reasons, rows = switch.decide_request(
        state,
        data,
        switch_id=command.subject,
        incoming=command.sender,
        grounds=grounds,
        areas=areas,
        at=at,
        min_days=in_force.whole("switch.notice-min-days", at=at),
        max_days=in_force.whole("switch.notice-max-days", at=at),
    )
    await work.append(*events)
    return Answer(reasons=reasons, rows=rows)


async def switch_midnight(work: Work, due: Due) -> None:
    """Say that the switch has taken effect."""
    state = await work.load(store.SWITCH, due.id)
    assert state is not None
    await work.append(*switch.decide_effect(state, switch_id=due.id))


def _named(data: v1.RecordSupply) -> tuple[str, ...]:
    return data.supplier, data.brp_consumption, data.brp_production


def _control_needs(points: Sequence[str], *, bsp: str) -> Needs:
    return (
        (store.POINT, points),
        (store.CONSENTS, [consent.key(metering_point_id=point, bsp=bsp) for point in points]),
        (store.METERING_POINT, points),
        (store.POLICIES, (policies.ID,)),
        (store.CHANGED_POLICIES, (policies.ID,)),
    )


async def _policies(work: Work) -> Policies:
    """The policies, as they are known now: what the register opened with, and what was changed since."""
    return policies.known(
        await work.load(store.POLICIES, policies.ID), await work.load(store.CHANGED_POLICIES, policies.ID)
    )


async def _grounds(work: Work, asked: Sequence[str], *, bsp: str, start: datetime) -> dict[str, Grounds]:
    """What a decision about control of these points rests on."""
    keys = {each: consent.key(metering_point_id=each, bsp=bsp) for each in asked}
    points = {each: state or Point() for each, state in (await work.load_many(store.POINT, keys)).items()}
    consents = await work.load_many(store.CONSENTS, keys.values())
    registered = await work.load_many(store.METERING_POINT, keys)
    behind = [fact for point in points.values() if (fact := supply.in_force(point.supplies, at=start))]
    parties = await work.load_many(store.PARTY, (gln for fact in behind for _, gln, _ in fact.named()))
    # A switch whose midnight has come is decided before what follows it: loading it lets the chassis see to that.
    holdings = [point.holdings[-1] for point in points.values() if point.holdings]
    await work.load_many(store.SWITCH, (holding.switch_id for holding in holdings if holding.switch_id))
    return {
        each: Grounds(
            metering_point_id=each,
            bsp=bsp,
            point=points[each],
            consents=consents[key] or Consents(()),
            registered=registered[each],
            parties=parties,
        )
        for each, key in keys.items()
    }
